"""Where the rows prove that something was held before they begin, and at which of them it is met."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ibjournal.domain.unseen import Step, positions_before

D = Decimal


def fill(quantity: int, *, explained: bool = False) -> Step:
    return Step(quantity=D(quantity), explained=explained)


def close(quantity: int, *, explained: bool = False) -> Step:
    return Step(quantity=D(quantity), closes=True, explained=explained)


def held(quantity: int) -> Step:
    return Step(quantity=D(quantity), held=True)


def split(quantity: int = 0, *, ratio: int | None = None, shrinks: bool = False) -> Step:
    return Step(quantity=D(quantity), split=True, ratio=None if ratio is None else D(ratio), shrinks=shrinks)


@pytest.mark.parametrize(
    ("steps", "found"),
    [
        ([fill(10), close(-10)], {}),
        ([close(-10)], {0: 10}),
        ([close(10)], {0: -10}),
        ([fill(10), close(-10), close(-10)], {0: 10}),
        ([fill(5), held(12)], {0: 7}),
        ([fill(-5), held(-12)], {0: -7}),
        ([fill(5), held(-12)], {}),
        # what IBKR explains by our lots shows that nothing was held until then
        ([fill(10), close(-10, explained=True), close(-3)], {2: 3}),
        ([fill(10), fill(10), close(-20, explained=True), fill(5), close(-9)], {3: 4}),
        # a position that turned was all there was
        ([fill(-10), fill(20), close(-15)], {2: 5}),
        ([fill(-10), fill(10), fill(5), close(-9)], {2: 4}),
        ([fill(10), fill(-30), close(21)], {2: -1}),
        # a close of the other side begins anew
        ([close(-10), close(4)], {0: 10, 1: -4}),
        ([fill(3), close(-5), close(4)], {0: 2, 2: -4}),
        # in the units of the start
        ([fill(10), split(ratio=2), split(ratio=3), close(-66)], {0: 1}),
        ([fill(10), split(10), close(-20), close(-8)], {0: 8}),
        ([split(30), close(-30)], {}),
    ],
)
def test_what_was_held(steps: list[Step], found: dict[int, int]) -> None:
    assert positions_before(steps) == found


def test_what_a_reverse_split_took_was_there_once_a_close_proves_it() -> None:
    assert positions_before([fill(10), split(-45, shrinks=True), close(-5)]) == {0: 40}
    assert positions_before([fill(10), split(-45, shrinks=True)]) == {}
