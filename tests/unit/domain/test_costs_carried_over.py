"""Costs of what was cancelled: which cancel belongs to which fill, which booking takes the costs over, what is told of the rest."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from ibjournal.domain.execution import Execution, ExecutionStatus
from ibjournal.domain.fill import FillFacts
from ibjournal.domain.matching import match_instrument
from tests.fakes.builders import make_execution

D = Decimal
GONE: dict[str, Any] = {"status": ExecutionStatus.CANCELLED}
BACK: dict[str, Any] = {"status": ExecutionStatus.CANCEL, "trade_id": "", "exec_id": ""}


def told(rows: list[Execution]) -> list[tuple[str | None, dict[str, object]]]:
    return [(each.execution, dict(each.values)) for each in match_instrument(rows).problems]


def fees(rows: list[Execution]) -> dict[str, Decimal]:
    pieces = [piece for trade in match_instrument(rows).trades for piece in trade.pieces]
    return {piece.execution: piece.fees for piece in pieces}


def test_a_cancel_belongs_to_the_fill_of_its_price() -> None:
    """Two fills of one size were cancelled; each cancel gives something of its own back."""
    rows = [
        make_execution(1, 10, 20, commission=-3, **GONE),
        make_execution(2, 10, 21, commission=-3, **GONE),
        make_execution(3, -10, 21, commission=2, **BACK),
        make_execution(4, -10, 20, commission=1, **BACK),
    ]
    assert told(rows) == [("E1", {"amount": D(-2), "currency": "USD"}), ("E2", {"amount": D(-1), "currency": "USD"})]


def test_a_cancel_at_another_price_belongs_to_the_fill_of_its_size() -> None:
    rows = [make_execution(1, 10, 20, commission=-3, **GONE), make_execution(2, -10, 0, commission=3, **BACK)]
    assert told(rows) == []
    rows = [make_execution(1, 10, 20, commission=-3, **GONE), make_execution(2, -7, 20, commission=3, **BACK)]
    assert [execution for execution, _values in told(rows)] == ["E1", "E2"]


@pytest.mark.parametrize("stored", [False, True])
def test_taxes_are_carried_over_too_and_what_was_not_told_stays_untold(*, stored: bool) -> None:
    rows = [
        make_execution(1, 10, 20, trade_id="7", commission=0, taxes=-4, **GONE),
        make_execution(2, 10, 20, trade_id="7", commission=-1, taxes=-2),
        make_execution(3, 10, 20, trade_id="8", commission=-1),
    ]
    facts = [FillFacts._make(getattr(row, name) for name in FillFacts._fields) for row in rows]
    pieces = match_instrument(facts if stored else rows).trades[0].pieces
    assert [piece.fees for piece in pieces] == [-7, -1]
    missing = [
        make_execution(1, 10, 20, trade_id="7", commission=0, taxes=-4, **GONE),
        make_execution(2, 10, 20, trade_id="7", commission=None),
    ]
    assert [problem.code for problem in match_instrument(missing).problems] == ["commission_missing"]


def test_the_latest_revision_takes_the_costs_over() -> None:
    fill = "0001938c.6a59af42.01"
    rows = [
        make_execution(1, 10, 20, exec_id=f"{fill}.01", trade_id="7", commission=-3, **GONE),
        make_execution(2, 10, 20, exec_id=f"{fill}.03", trade_id="", commission=0),
        make_execution(3, 10, 20, exec_id=f"{fill}.02", trade_id="", commission=0),
        make_execution(4, 10, 20, exec_id="0001938c.6a59af42.02.09", trade_id="", commission=0),
    ]
    assert fees(rows) == {"E2": -3, "E3": 0, "E4": 0}


def test_a_booking_without_a_revision_comes_before_one_that_has_one() -> None:
    rows = [
        make_execution(1, 10, 20, trade_id="7", commission=-3, **GONE),
        make_execution(2, 10, 20, trade_id="7", exec_id="0001938c.6a59af42.01.02", commission=0),
        make_execution(3, 10, 20, trade_id="7", exec_id="", commission=0),
    ]
    assert fees(rows) == {"E2": -3, "E3": 0}


@pytest.mark.parametrize("ids", [("custom", "other"), ("a.b.01", "a.b.02"), ("a.b.c.d.01", "a.b.c.d.02")])
def test_ids_of_another_shape_name_no_fill(ids: tuple[str, str]) -> None:
    rows = [
        make_execution(1, 10, 20, exec_id=ids[0], trade_id="", commission=-3, **GONE),
        make_execution(2, 10, 20, exec_id=ids[1], trade_id="", commission=0),
    ]
    assert fees(rows) == {"E2": 0}
    assert told(rows) == [("E1", {"amount": D(-3), "currency": "USD"})]


def test_the_currency_of_taxes_alone_is_the_fills() -> None:
    assert told([make_execution(1, 10, 20, commission=0, taxes=-4, **GONE)]) == [
        ("E1", {"amount": D(0), "currency": "USD", "taxes": D(-4), "taxes_currency": "USD"})
    ]
