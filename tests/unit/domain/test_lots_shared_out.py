"""Amounts that are shared out add up to the whole, to the last place, and lots keep what they had cost when their units change."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ibjournal.domain.execution import ExecutionId
from ibjournal.domain.fifo import Lot, scale, share, shares

D = Decimal
THIRD = D("3.3333333333")


def decimals(*numbers: object) -> list[Decimal]:
    return [D(str(number)) for number in numbers]


def test_the_last_part_is_all_there_is_in_any_number_of_places() -> None:
    exact = D("1.000000000001")
    assert share(exact, D(3), D(3)) == exact
    assert share(D(10), D(1), D(3)) == THIRD
    assert share(D(0), D(1), D(3)) == 0


@pytest.mark.parametrize(
    ("weights", "parts"),
    [
        ((1, 1, 1), (THIRD, THIRD, "3.3333333334")),
        ((1, 1, 1, 0), (THIRD, THIRD, "3.3333333334", 0)),
        ((0, 1, 0, 3), (0, "2.5", 0, "7.5")),
        ((0, 0), (0, 10)),
        ((0,), (10,)),
    ],
)
def test_shares(weights: tuple[int, ...], parts: tuple[object, ...]) -> None:
    """The last that weighs anything takes what rounding leaves; where nothing weighs anything the last takes all."""
    found = shares(D(10), decimals(*weights))
    assert found == decimals(*parts)
    assert sum(found) == 10


def test_nothing_is_shared_among_nobody() -> None:
    assert shares(D(10), []) == []


def test_units_and_points_that_change_leave_value_and_fees() -> None:
    """A split of a contract: twice the units, and a point of price means half as much money."""
    lots = [Lot(ExecutionId("E1"), D(3), D(10), D(300), D(-1)), Lot(ExecutionId("E2"), D(1), D(8), D(80), D(0))]
    scale(lots, before=D(4), after=D(8), points=D(2))
    assert [[lot.quantity, lot.price, lot.value, lot.fees] for lot in lots] == [decimals(6, 10, 300, -1), decimals(2, 8, 80, 0)]
