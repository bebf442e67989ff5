"""The first report of open positions: what we do not know of was held before, at IBKR's cost; a contradiction proves nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibjournal.domain.execution import Execution
from ibjournal.domain.instrument import AssetClass, Instrument
from ibjournal.domain.matching import Matching, match_group
from ibjournal.domain.position_event import EventKind, HeldLot, HeldPosition
from ibjournal.domain.trade import Side, TradeStatus
from tests.fakes.builders import ACCOUNT, at, dec, make_execution
from tests.fakes.positions import NEW, OLD, codes, event, facts, in_place, leg

D = Decimal


def held(quantity: int | str, cost: int | str | None, **fields: Any) -> HeldPosition:
    values: dict[str, Any] = {
        "place": OLD,
        "as_of": at(100),
        "quantity": dec(quantity),
        "cost": None if cost is None else dec(cost),
        "currency": "USD",
    }
    return HeldPosition(**(values | fields))


def matched(rows: list[Execution], told: HeldPosition, **options: Any) -> Matching:
    return match_group({OLD: in_place(OLD, rows)}, held=[told], **options)[OLD]


def test_a_position_that_nobody_traded_is_open_at_ibkrs_cost() -> None:
    result = matched([], held(100, 1234))
    assert facts(result.open_lots) == [("event:held", D(100), D("12.34"), D(1234), at(100))]
    (trade,) = result.trades
    assert (trade.key, trade.side, trade.status) == (f"{ACCOUNT}/OLD/event:held", Side.LONG, TradeStatus.OPEN)
    assert (trade.quantity, trade.entry_price, trade.entry_known, trade.net) == (D(100), D("12.34"), False, D(0))
    assert result.problems == ()


def test_it_is_sold_later_at_that_cost() -> None:
    result = matched([make_execution(200, -40, 20, commission=-1, realized=308)], held(100, 1200))
    (match,) = result.matches
    assert (match.opening, match.net, match.open_price) == ("event:held", D(319), D(12))
    assert result.trades[0].net == D(319)


def test_only_what_our_lots_do_not_explain_was_held_before() -> None:
    result = matched([make_execution(1, 50, 20, commission=-1)], held(150, "2001"))
    assert facts(result.open_lots) == [
        ("event:held", D(100), D(10), D(1000), at(1)),
        ("E1", D(50), D(20), D(1001), at(1)),
    ]
    (trade,) = result.trades
    assert (trade.key, trade.quantity, trade.entry_known) == (f"{ACCOUNT}/OLD/E1", D(150), False)


def test_what_was_closed_before_the_report_was_held_first() -> None:
    """Sold before our own lots: at IBKR's figure; what then is left has IBKR's cost less ours."""
    rows = [
        make_execution(1, 50, 20),
        make_execution(2, -30, 25, realized=450, open_close="C"),
        make_execution(200, -80, 30),
    ]
    result = matched(rows, held(120, 1700))
    assert [(match.opening, match.closing, match.quantity, match.net) for match in result.matches] == [
        (None, "E2", D(30), D(450)),
        ("event:held", "E200", D(70), D(1400)),
        ("E1", "E200", D(10), D(100)),
    ]
    assert result.open_lots[0].cost == D(800)
    assert [problem.code for problem in result.problems] == ["entry_unknown"]


def test_a_short_option_position() -> None:
    option = Instrument(
        id=OLD.instrument, asset_class=AssetClass.OPT, category="OPT", symbol="ACME", currency="USD", multiplier=D(100)
    )
    result = matched([], held(-2, "-598"), instruments={OLD.instrument: option})
    assert facts(result.open_lots) == [("event:held", D(-2), D("2.99"), D(-598), at(100))]


def test_a_bond_is_quoted_in_percent_of_par() -> None:
    bond = {"asset_class": AssetClass.BOND}
    result = matched([make_execution(200, -5000, 101, **bond)], held(5000, 4950))
    assert (result.matches[0].open_price, result.matches[0].net) == (D(99), D(100))


@pytest.mark.parametrize("asset_class", [AssetClass.FUT, AssetClass.CFD])
def test_of_what_has_no_cost_the_quantity_alone_is_proved(asset_class: AssetClass) -> None:
    sold = make_execution(200, -1, 4510, asset_class=asset_class, multiplier=50, realized=480)
    result = matched([sold], held(2, 450000))
    assert [(lot.opening, lot.quantity, lot.basis_known) for lot in result.open_lots] == [("event:held", D(1), False)]
    assert (result.trades[0].net, result.trades[0].entry_price) == (D(480), None)


def test_ibkrs_own_lots_tell_dates_and_costs() -> None:
    long_ago, later = datetime(2019, 3, 4, 15, tzinfo=UTC), datetime(2021, 7, 1, 15, tzinfo=UTC)
    lots = (
        HeldLot(quantity=D(60), cost=D(900), opened_at=later),
        HeldLot(quantity=D(40), cost=D(400), opened_at=long_ago),
        HeldLot(quantity=D(10), cost=D(300), opened_at=at(1)),
    )
    result = matched([make_execution(1, 10, 30)], held(110, 1600, lots=lots))
    assert facts(result.open_lots) == [
        ("event:held", D(40), D(10), D(400), long_ago),
        ("event:held", D(60), D(15), D(900), later),
        ("E1", D(10), D(30), D(300), at(1)),
    ]
    alone = matched([], held(110, 1600, lots=lots))
    assert (alone.trades[0].opened_at, alone.trades[0].entry_price) == (long_ago, D("14.5454545455"))


def test_the_rate_of_the_day_it_was_opened() -> None:
    opened = datetime(2019, 3, 4, 15, tzinfo=UTC)
    rates = {ACCOUNT: lambda _currency, day: D("0.9") if day == date(2019, 3, 4) else None}
    sold = make_execution(200, -100, 20, fx_rate_to_base="0.8")
    known = matched([sold], held(100, 1000, opened_at=opened), base_currency={ACCOUNT: "EUR"}, rate_to_base=rates)
    assert known.trades[0].currency_effect == D(-100)
    unknown = matched([sold], held(100, 1000), base_currency={ACCOUNT: "EUR"}, rate_to_base=rates)
    assert (unknown.trades[0].net_base, unknown.trades[0].currency_effect) == (D(800), None)


@pytest.mark.parametrize(("reported", "cost"), [(50, 500), (-50, -500), (0, 0)])
def test_a_contradiction_is_told_and_proves_nothing(reported: int, cost: int) -> None:
    result = matched([make_execution(1, 100, 10)], held(reported, cost))
    assert [problem.code for problem in result.problems] == ["position_contradicts"]
    assert dict(result.problems[0].values) == {"reported": D(reported), "quantity": D(100), "as_of": date(2026, 3, 2)}
    assert [(lot.opening, lot.quantity) for lot in result.open_lots] == [("E1", D(100))]


def test_a_cost_of_the_wrong_sign_prices_nothing() -> None:
    result = matched([make_execution(1, 50, 20)], held(150, 900))
    assert [(lot.quantity, lot.basis_known) for lot in result.open_lots] == [(D(100), False), (D(50), True)]
    assert result.trades[0].entry_price is None


@pytest.mark.parametrize("cost", [0, None])
def test_a_cost_that_the_report_does_not_state_is_not_known(cost: int | None) -> None:
    result = matched([], held(100, cost))
    assert [(lot.quantity, lot.basis_known) for lot in result.open_lots] == [(D(100), False)]


def test_lots_that_say_too_little_leave_the_cost_of_the_whole() -> None:
    for lots in ((HeldLot(quantity=D(100), cost=None, opened_at=at(1)),), (HeldLot(quantity=D(99), cost=D(9), opened_at=at(1)),)):
        (lot,) = matched([], held(100, 1200, lots=lots)).open_lots
        assert (lot.quantity, lot.cost) == (D(100), D(1200))


def test_an_event_in_between_moves_what_was_held() -> None:
    rows = {OLD: in_place(OLD, [make_execution(1, 10, 30)])}
    told = held(55, 1300, place=NEW)
    found = match_group(rows, [event(EventKind.EXCHANGE, leg(OLD, -110), leg(NEW, 55))], held=[told])
    assert [(lot.quantity, lot.cost, lot.opening) for lot in found[NEW].open_lots] == [
        (D(50), D(1000), "event:held"),
        (D(5), D(300), "E1"),
    ]
    assert codes(found) == []


def test_a_split_in_between() -> None:
    rows = {OLD: in_place(OLD, [make_execution(1, 10, 30)])}
    found = match_group(rows, [event(EventKind.SPLIT, leg(OLD, 110), type="FS")], held=[held(220, 1300)])
    assert [(lot.quantity, lot.cost, lot.price) for lot in found[OLD].open_lots] == [
        (D(200), D(1000), D(5)),
        (D(20), D(300), D(15)),
    ]


fills = st.tuples(st.integers(-30, 30).filter(bool), st.decimals(min_value="0.01", max_value="999.99", places=2))


@given(st.lists(fills, max_size=12), st.integers(1, 400), st.integers(0, 12))
def test_a_later_start_finds_the_same_position_open(rows: list[tuple[int, Decimal]], first: int, cut: int) -> None:
    """Where all stays on one side, what came before the cut is found again from a report that comes after: units and cost."""
    history = [make_execution(0, 1000 + first, 10), *(make_execution(n, q, price) for n, (q, price) in enumerate(rows, 1))]
    whole = match_group({OLD: in_place(OLD, history)})[OLD]
    position = sum((lot.quantity for lot in whole.open_lots), D(0))
    cost = sum((lot.cost for lot in whole.open_lots), D(0))
    realized = {match.closing: D(0) for match in whole.matches}
    for match in whole.matches:
        realized[match.closing] += match.net or D(0)
    late = [
        make_execution(n, row.quantity, row.price, realized=realized.get(row.id, 0), open_close="O" if row.quantity > 0 else "C")
        for n, row in enumerate(history)
        if n > cut
    ]
    result = matched(late, held(str(position), str(cost)))
    assert sum((lot.quantity for lot in result.open_lots), D(0)) == position
    assert sum((lot.cost for lot in result.open_lots), D(0)) == cost
    assert sum((match.net or D(0) for match in result.matches), D(0)) == sum((realized.get(row.id, D(0)) for row in late), D(0))
