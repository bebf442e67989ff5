"""Commission and taxes of a fill that was cancelled and booked anew."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ibjournal.domain.execution import Execution, ExecutionStatus
from ibjournal.domain.fill import FillFacts
from ibjournal.domain.instrument import AssetClass
from ibjournal.domain.matching import Matching, match_instrument
from tests.fakes.builders import make_execution

D = Decimal
CANCELLED = {"status": ExecutionStatus.CANCELLED}
CANCEL = {"status": ExecutionStatus.CANCEL, "trade_id": "", "exec_id": ""}
OPTION = {"asset_class": AssetClass.OPT, "multiplier": 100}


def facts(execution: Execution) -> FillFacts:
    return FillFacts._make(getattr(execution, name) for name in FillFacts._fields)


def told(matching: Matching) -> list[tuple[str, str | None, dict[str, object]]]:
    return [(problem.code, problem.execution, dict(problem.values)) for problem in matching.problems]


def corrected(**fields: object) -> list[Execution]:
    """Two contracts bought, cancelled, one booked anew under the same trade id with a part of the commission given back."""
    return [
        make_execution(1, 2, "0.73", trade_id="77", commission="-1.3666", **OPTION, **CANCELLED),
        make_execution(2, -2, "0.73", commission=0, **OPTION, **CANCEL),
        make_execution(3, 1, "0.73", **({"trade_id": "77", "commission": "0.3333"} | OPTION | fields)),
        make_execution(4, 1, "0.73", commission="-0.3333", **OPTION),
    ]


@pytest.mark.parametrize("stored", [False, True])
def test_the_re_booking_takes_over_what_the_original_had_cost(*, stored: bool) -> None:
    rows = corrected()
    result = match_instrument([facts(row) for row in rows] if stored else rows)
    assert sum(lot.cost for lot in result.open_lots) == D("147.3666")
    assert sum(piece.fees for piece in result.trades[0].pieces) == D("-1.3666")
    assert [piece.execution for piece in result.trades[0].pieces] == ["E3", "E4"]
    assert result.problems == ()


def test_the_re_booking_is_found_by_its_execution_id_too() -> None:
    rows = corrected(trade_id="78", exec_id="0001938c.6a59af42.01.02")
    rows[0] = make_execution(
        1, 2, "0.73", trade_id="", exec_id="0001938c.6a59af42.01.01", commission="-1.3666", **OPTION, **CANCELLED
    )
    assert sum(lot.cost for lot in match_instrument(rows).open_lots) == D("147.3666")


def test_another_leg_is_no_re_booking() -> None:
    rows = corrected(trade_id="78", exec_id="0001938c.6a59af42.02.01")
    rows[0] = make_execution(
        1, 2, "0.73", trade_id="", exec_id="0001938c.6a59af42.01.01", commission="-1.3666", **OPTION, **CANCELLED
    )
    assert sum(lot.cost for lot in match_instrument(rows).open_lots) == D("146")
    assert [code for code, *_ in told(match_instrument(rows))] == ["cancelled_fill_cost"]


def test_what_a_cancel_gives_back_counts_too() -> None:
    rows = corrected(commission="-0.7")
    rows[1] = make_execution(2, -2, "0.73", commission="1.3666", taxes="0.5", **OPTION, **CANCEL)
    rows[0] = make_execution(1, 2, "0.73", trade_id="77", commission="-1.3666", taxes="-0.5", **OPTION, **CANCELLED)
    assert sum(piece.fees for piece in match_instrument(rows).trades[0].pieces) == D("-1.0333")


def test_taxes_are_taken_over() -> None:
    rows = [
        make_execution(1, 2, 10, trade_id="77", taxes=-3, **CANCELLED),
        make_execution(3, 1, 10, trade_id="77", taxes=-1),
    ]
    assert match_instrument(rows).trades[0].pieces[0].fees == D(-4)


def test_the_last_of_several_re_bookings_takes_all() -> None:
    ids = [f"0001938c.6a59af42.01.0{n}" for n in (1, 2, 3)]
    rows = [
        make_execution(1, 3, 10, exec_id=ids[0], trade_id="7", commission=-3, **CANCELLED),
        make_execution(2, 2, 10, exec_id=ids[1], trade_id="7", commission=-2, **CANCELLED),
        make_execution(3, 1, 10, exec_id=ids[2], trade_id="7", commission=-1),
    ]
    for order in (rows, rows[::-1]):
        assert match_instrument(order).trades[0].pieces[0].fees == D(-6)


def test_without_a_re_booking_the_cost_is_told_and_in_no_trade() -> None:
    rows = [
        make_execution(1, 2, 10, commission="-1.5", taxes="-0.2", commission_currency="EUR", **CANCELLED),
        make_execution(2, -2, 10, commission="0.5", commission_currency="EUR", **CANCEL),
        make_execution(3, 1, 10, commission=-1),
    ]
    result = match_instrument(rows)
    assert told(result) == [
        ("cancelled_fill_cost", "E1", {"amount": D("-1.0"), "currency": "EUR", "taxes": D("-0.2"), "taxes_currency": "USD"})
    ]
    assert result.trades[0].pieces[0].fees == D(-1)


def test_a_cancel_that_gives_all_back_leaves_nothing_to_tell() -> None:
    rows = [make_execution(1, 2, 10, commission=-1, **CANCELLED), make_execution(2, -2, 10, commission=1, **CANCEL)]
    assert match_instrument(rows) == Matching()


def test_a_cancel_without_its_original_tells_what_it_gave_back() -> None:
    assert told(match_instrument([make_execution(2, -2, 10, commission=1, **CANCEL)])) == [
        ("cancelled_fill_cost", "E2", {"amount": D(1), "currency": "USD"})
    ]


def test_costs_in_two_currencies_are_not_added() -> None:
    rows = corrected(commission_currency="EUR", fx_rate_to_base=D(1))
    rows[0] = make_execution(1, 2, "0.73", trade_id="77", commission="-1.3666", commission_currency="USD", **OPTION, **CANCELLED)
    result = match_instrument(rows, base_currency="EUR")
    assert told(result) == [("cancelled_fill_cost", "E1", {"amount": D("-1.3666"), "currency": "USD"})]


def test_an_older_revision_that_no_cancel_names_costs_nothing() -> None:
    """The newer revision states the whole commission."""
    rows = [
        make_execution(1, 2, 10, trade_id="77", commission=-2, status=ExecutionStatus.SUPERSEDED),
        make_execution(2, 1, 10, trade_id="77", commission=-1),
    ]
    assert match_instrument(rows).trades[0].pieces[0].fees == D(-1)
