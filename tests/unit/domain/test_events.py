"""Events: lots are exchanged, spun off, issued, removed and transferred; what cannot be applied is told and bends nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from ibjournal.domain.instrument import AssetClass
from ibjournal.domain.position_event import EventKind, ToldBasis
from ibjournal.domain.trade import Role, Side, TradeStatus
from tests.fakes.builders import ACCOUNT, at, make_execution
from tests.fakes.positions import ELSEWHERE, NEW, OLD, OTHER, codes, event, facts, group, leg

D = Decimal
BUY = make_execution(1, 100, 10, commission=-1)
BUY_MORE = make_execution(2, 50, 12)


def test_an_exchange_keeps_cost_dates_and_the_trade() -> None:
    found = group({OLD: [BUY, BUY_MORE], NEW: []}, event(EventKind.EXCHANGE, leg(OLD, -150), leg(NEW, 75)))
    assert found[OLD].trades == ()
    assert found[OLD].open_lots == ()
    assert facts(found[NEW].open_lots) == [("E1", D(50), D(20), D(1001), at(1)), ("E2", D(25), D(24), D(600), at(2))]
    (trade,) = found[NEW].trades
    assert (trade.key, trade.instrument, trade.status) == (f"{ACCOUNT}/OLD/E1", "NEW", TradeStatus.OPEN)
    assert (trade.quantity, trade.open_quantity, trade.entry_price) == (D(75), D(75), D("21.3333333333"))
    assert [(piece.execution, piece.account, piece.instrument) for piece in trade.pieces] == [
        ("E1", ACCOUNT, "OLD"),
        ("E2", ACCOUNT, "OLD"),
    ]
    assert codes(found) == []


def test_what_comes_of_an_exchange_is_sold_at_the_old_cost() -> None:
    sold = make_execution(60, -75, 30, commission=-2)
    found = group({OLD: [BUY, BUY_MORE], NEW: [sold]}, event(EventKind.EXCHANGE, leg(OLD, -150), leg(NEW, 75)))
    (trade,) = found[NEW].trades
    assert (trade.net, trade.status, trade.closed_at) == (D(75 * 30 - 1600 - 3), TradeStatus.CLOSED, at(60))
    assert [match.opening for match in found[NEW].matches] == ["E1", "E2"]
    assert {match.trade for match in found[NEW].matches} == {trade.key}


def test_a_short_position_is_exchanged_too() -> None:
    found = group({OLD: [make_execution(1, -100, 10, commission=-1)]}, event(EventKind.EXCHANGE, leg(OLD, 100), leg(NEW, -10)))
    assert facts(found[NEW].open_lots) == [("E1", D(-10), D(100), D(-999), at(1))]
    assert found[NEW].trades[0].side is Side.SHORT


def test_a_move_there_and_back_changes_nothing() -> None:
    there = event(EventKind.EXCHANGE, leg(OLD, -150), leg(ELSEWHERE, 150), minutes=10)
    back = event(EventKind.EXCHANGE, leg(ELSEWHERE, -150), leg(OLD, 150), minutes=20)
    moved = group({OLD: [BUY, BUY_MORE]}, there, back)
    stayed = group({OLD: [BUY, BUY_MORE]})
    assert moved[OLD] == stayed[OLD]
    assert moved[ELSEWHERE].trades == ()


def test_two_positions_of_one_direction_become_one_trade() -> None:
    own = make_execution(3, 20, 30)
    sold = make_execution(60, -170, 20)
    rows = {OLD: [BUY, BUY_MORE, make_execution(4, -50, 11)], NEW: [own, sold]}
    found = group(rows, event(EventKind.EXCHANGE, leg(OLD, -100), leg(NEW, 150)))
    (trade,) = found[NEW].trades
    assert trade.key == f"{ACCOUNT}/OLD/E1"
    assert [(match.opening, match.quantity) for match in found[NEW].matches] == [("E1", D(75)), ("E2", D(75)), ("E3", D(20))]
    assert trade.net == D(50) - D("0.5") + D(3400) - D(500) - D("0.5") - D(600) - D(600)
    assert {match.trade for each in found.values() for match in each.matches} == {trade.key}
    assert [piece.instrument for piece in trade.pieces] == ["OLD", "OLD", "OLD", None, None]


def test_the_other_direction_is_not_netted() -> None:
    found = group({OLD: [BUY], NEW: [make_execution(2, -10, 30)]}, event(EventKind.EXCHANGE, leg(OLD, -100), leg(NEW, 50)))
    assert codes(found) == ["event_against_position"]
    assert [lot.quantity for lot in found[OLD].open_lots] == [D(100)]
    assert [lot.quantity for lot in found[NEW].open_lots] == [D(-10)]


def test_a_part_that_moves_is_a_trade_of_its_own_with_the_old_dates() -> None:
    found = group({OLD: [BUY]}, event(EventKind.EXCHANGE, leg(OLD, -40), leg(ELSEWHERE, 40), type="INTERNAL"))
    (stays,) = found[OLD].trades
    (moved,) = found[ELSEWHERE].trades
    assert (stays.quantity, stays.open_quantity, stays.net, stays.status) == (D(100), D(60), D(0), TradeStatus.OPEN)
    assert (moved.key, moved.opened_at, moved.entry_price) == ("U1000002/OLD/event:V50", at(1), D(10))
    assert facts(found[ELSEWHERE].open_lots) == [("E1", D(40), D(10), D("400.4"), at(1))]
    assert found[OLD].open_lots[0].cost == D("600.6")


def test_units_that_leave_unseen_were_held_before() -> None:
    """The leg that leaves proves them, as a close would; IBKR's figure decides when they are sold."""
    rows = {OLD: [BUY], NEW: [make_execution(60, -300, 10, realized=800, open_close="C")]}
    found = group(rows, event(EventKind.EXCHANGE, leg(OLD, -150), leg(NEW, 300)))
    (trade,) = found[NEW].trades
    assert [(match.opening, match.quantity, match.net) for match in found[NEW].matches] == [
        (None, D(100), D(-199)),
        ("E1", D(200), D(999)),
    ]
    assert (trade.entry_known, trade.net, trade.open_quantity) == (False, D(800), D(0))
    assert codes(found) == ["entry_unknown"]


@pytest.mark.parametrize(
    ("legs", "cost", "result", "told"),
    [
        ((leg(OLD, -100, proceeds=300, realized=50), leg(NEW, 50)), D(751), D(50), []),
        ((leg(OLD, -100, proceeds=300), leg(NEW, 50, value=900)), D("750.75"), D("49.75"), []),
        ((leg(OLD, -100, proceeds=300), leg(NEW, 50)), D(701), D(0), ["exchange_cash_unclear"]),
        ((leg(OLD, -100, proceeds=-300), leg(NEW, 50)), D(1301), D(0), []),
    ],
    ids=["ibkr's result", "value of the rest", "unclear", "paid"],
)
def test_cash_with_an_exchange(legs: tuple[object, ...], cost: Decimal, result: Decimal, told: list[str]) -> None:
    found = group({OLD: [BUY]}, event(EventKind.EXCHANGE, *legs))  # type: ignore[arg-type]
    (lot,) = found[NEW].open_lots
    assert lot.cost == cost
    assert found[NEW].trades[0].net == result
    assert sum(match.net or 0 for match in found[OLD].matches) == result
    assert codes(found) == told
    assert found[NEW].trades[0].entry_price == (lot.cost - 1) / 50


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ({"cost": 250}, {"cost": 750}, [D("250.25"), D("750.75")]),
        ({"value": 900}, {"value": 100}, [D("900.9"), D("100.1")]),
    ],
)
def test_basis_is_divided_by_what_the_report_states(first: dict[str, int], second: dict[str, int], expected: list[Decimal]) -> None:
    found = group({OLD: [BUY]}, event(EventKind.EXCHANGE, leg(OLD, -100), leg(NEW, 50, **first), leg(OTHER, 10, **second)))
    assert [found[place].open_lots[0].cost for place in (NEW, OTHER)] == expected
    keys = {found[place].trades[0].key for place in (NEW, OTHER)}
    assert f"{ACCOUNT}/OLD/E1" in keys
    assert len(keys) == 2
    assert codes(found) == []


def test_basis_that_nobody_states_is_asked_for() -> None:
    change = event(EventKind.EXCHANGE, leg(OLD, -100), leg(NEW, 50), leg(OTHER, 10))
    found = group({OLD: [BUY]}, change)
    assert codes(found) == ["basis_asked", "basis_asked"]
    assert [(lot.basis_known, lot.cost) for place in (NEW, OTHER) for lot in found[place].open_lots] == [(False, D(0))] * 2
    told = {(change.id, place): ToldBasis(event=change.id, place=place, cost=D(1), currency="USD") for place in (NEW, OTHER)}
    answered = group({OLD: [BUY]}, change, told=told)
    assert codes(answered) == []
    assert [answered[place].open_lots[0].cost for place in (NEW, OTHER)] == [D("500.5"), D("500.5")]


def test_a_spin_off_takes_its_cost_from_the_parent() -> None:
    """Of its cost with fees each lot gives up the same part."""
    rows = [make_execution(1, 100, "9.9", commission=-10), BUY_MORE]
    found = group({OLD: rows}, event(EventKind.SPIN_OFF, leg(OLD, 0), leg(NEW, 30, cost=320), type="SO"))
    assert facts(found[OLD].open_lots) == [("E1", D(100), D("7.9"), D(800), at(1)), ("E2", D(50), D("9.6"), D(480), at(2))]
    assert facts(found[NEW].open_lots) == [
        ("event:V50", D(20), D(10), D(200), at(1)),
        ("event:V50", D(10), D(12), D(120), at(2)),
    ]
    (child,) = found[NEW].trades
    assert (child.key, child.opened_at, child.quantity) == (f"{ACCOUNT}/NEW/event:V50", at(1), D(30))
    assert [(piece.execution, piece.role, piece.quantity) for piece in child.pieces] == [("event:V50", Role.OPENING, D(30))]
    assert found[OLD].trades[0].entry_price == D("8.4666666667")


def test_a_spin_off_of_unknown_cost_is_asked_for_until_it_is_told() -> None:
    change = event(EventKind.SPIN_OFF, leg(OLD, 0), leg(NEW, 30), type="SO")
    rows = {OLD: [BUY], NEW: [make_execution(60, -30, 5, realized=40, open_close="C")]}
    found = group(rows, change)
    assert codes(found, NEW) == ["basis_asked", "entry_unknown"]
    assert found[NEW].problems[0].values == (("type", "SO"), ("quantity", D(30)), ("event", "V50"))
    assert (found[NEW].trades[0].net, found[OLD].open_lots[0].cost) == (D(40), D(1001))
    told = {("V50", NEW): ToldBasis(event="V50", place=NEW, cost=D(101), currency="USD")}
    answered = group(rows, change, told=told)
    assert (answered[NEW].trades[0].net, answered[OLD].open_lots[0].cost) == (D(49), D(900))
    assert codes(answered) == []


def test_an_issue_opens_a_lot_of_the_stated_cost() -> None:
    found = group({OLD: [BUY]}, event(EventKind.ISSUE, leg(NEW, 100, cost=0), type="RI"))
    assert facts(found[NEW].open_lots) == [("event:V50", D(100), D(0), D(0), at(50))]
    assert found[NEW].trades[0].currency == "USD"
    more = group({OLD: [BUY]}, event(EventKind.ISSUE, leg(OLD, 100, cost=500), type="PI"))
    assert [lot.cost for lot in more[OLD].open_lots] == [D(1001), D(500)]
    assert more[OLD].trades[0].entry_price == D("7.5")


@pytest.mark.parametrize(
    ("kind", "proceeds", "ended_by"),
    [("TC", 1500, "merged"), ("TO", 1500, "tendered"), ("TM", 1500, "matured"), ("DW", 0, "worthless"), ("CT", 1500, "removed")],
)
def test_a_removal_closes_for_what_was_paid(kind: str, proceeds: int, ended_by: str) -> None:
    change = event(EventKind.REMOVAL, leg(OLD, -100, proceeds=proceeds), type=kind, report_date=date(2026, 3, 5))
    (trade,) = group({OLD: [BUY]}, change)[OLD].trades
    assert (trade.net, trade.ended_by, trade.status) == (D(proceeds - 1001), ended_by, TradeStatus.CLOSED)
    assert (trade.closed_at, trade.closed_on, trade.exit_price) == (at(50), date(2026, 3, 5), D(proceeds) / 100)
    assert trade.pieces[-1].execution == "event:V50"


def test_a_removal_of_a_short_position_is_paid_for() -> None:
    (trade,) = group({OLD: [make_execution(1, -100, 10)]}, event(EventKind.REMOVAL, leg(OLD, 100, proceeds=-1500)))[OLD].trades
    assert trade.net == D(-500)


def test_what_a_removal_takes_beyond_our_lots_was_held_before() -> None:
    found = group({OLD: [BUY]}, event(EventKind.REMOVAL, leg(OLD, -300, proceeds=6000, realized=3000)))
    assert [(match.opening, match.quantity, match.net) for match in found[OLD].matches] == [
        (None, D(200), D(2001)),
        ("E1", D(100), D(999)),
    ]
    (trade,) = found[OLD].trades
    assert (trade.net, trade.ended_by) == (D(3000), "merged")


def test_money_in_another_currency_needs_a_rate() -> None:
    change = event(EventKind.REMOVAL, leg(OLD, -100, proceeds=1000, currency="EUR"))
    found = group({OLD: [BUY]}, change)
    assert codes(found) == ["event_currency"]
    assert found[OLD].open_lots[0].quantity == D(100)
    rates = {ACCOUNT: lambda currency, _day: {"USD": D("0.5"), "EUR": D(1)}[currency]}
    (trade,) = group({OLD: [BUY]}, change, base_currency={ACCOUNT: "EUR"}, rate_to_base=rates)[OLD].trades
    assert trade.net == D(2000 - 1001)


def test_a_removal_without_money_is_not_applied() -> None:
    found = group({OLD: [BUY]}, event(EventKind.REMOVAL, leg(OLD, -100)))
    assert codes(found) == ["unknown_event"]
    assert found[OLD].open_lots[0].quantity == D(100)


def test_units_from_elsewhere_have_no_cost_until_it_is_told() -> None:
    change = event(EventKind.TRANSFER_IN, leg(OLD, 100, value=1500), type="ACATS")
    sold = make_execution(60, -100, 12, commission=-1, realized=300, open_close="C")
    found = group({OLD: [sold]}, change)
    (trade,) = found[OLD].trades
    assert codes(found) == ["basis_asked", "entry_unknown"]
    assert (trade.net, trade.entry_known, trade.key) == (D(300), False, f"{ACCOUNT}/OLD/event:V50")
    assert [(match.opening, match.opened_at) for match in found[OLD].matches] == [("event:V50", at(50))]
    basis = ToldBasis(event="V50", place=OLD, cost=D(1000), currency="USD", opened_on=date(2020, 5, 4))
    answered = group({OLD: [sold]}, change, told={("V50", OLD): basis})
    (trade,) = answered[OLD].trades
    assert codes(answered) == []
    assert (trade.net, trade.entry_known, trade.entry_price) == (D(199), True, D(10))
    assert trade.opened_at == datetime(2020, 5, 4, tzinfo=UTC)


def test_without_ibkrs_figure_units_of_unknown_cost_have_no_result() -> None:
    found = group({OLD: [make_execution(60, -100, 12)]}, event(EventKind.TRANSFER_IN, leg(OLD, 100)))
    assert found[OLD].trades[0].net is None
    assert codes(found) == ["basis_asked", "basis_unknown"]


def test_units_that_leave_for_elsewhere_earn_nothing() -> None:
    rows = [BUY, BUY_MORE, make_execution(3, -30, 11)]
    found = group({OLD: rows}, event(EventKind.TRANSFER_OUT, leg(OLD, -120), type="ACATS"))
    (trade,) = found[OLD].trades
    assert (trade.status, trade.ended_by, trade.closed_at) == (TradeStatus.CLOSED, "transferred", at(50))
    assert (trade.net, trade.exit_price, trade.open_quantity) == (D("29.7"), D(11), D(0))
    assert found[OLD].open_lots == ()
    part = group({OLD: rows}, event(EventKind.TRANSFER_OUT, leg(OLD, -20)))
    assert [(lot.opening, lot.quantity) for lot in part[OLD].open_lots] == [("E1", D(50)), ("E2", D(50))]
    assert part[OLD].trades[0].open_quantity == D(100)


@pytest.mark.parametrize("kind", [EventKind.TRANSFER_OUT, EventKind.REMOVAL])
def test_nothing_is_taken_from_the_other_side(kind: EventKind) -> None:
    found = group({OLD: [make_execution(1, -100, 10)]}, event(kind, leg(OLD, -50, proceeds=0)))
    assert codes(found) == ["event_against_position"]
    assert found[OLD].open_lots[0].quantity == D(-100)


def test_an_unknown_event_is_told_and_bends_nothing() -> None:
    found = group({OLD: [BUY]}, event(EventKind.UNKNOWN, leg(OLD, -100), leg(NEW, 3), type="XX"))
    assert codes(found) == ["unknown_event", "unknown_event"]
    assert found[OLD].open_lots[0].quantity == D(100)


def test_an_option_is_split_where_it_stands() -> None:
    option = {"asset_class": AssetClass.OPT, "multiplier": 100}
    found = group({OLD: [make_execution(1, -1, 4, **option)]}, event(EventKind.SPLIT, leg(OLD, -1), type="FS"))
    assert facts(found[OLD].open_lots) == [("E1", D(-2), D(2), D(-400), at(1))]


def test_cash_for_a_fraction_is_booked_in_the_instant_of_the_exchange() -> None:
    fraction = make_execution(50, "-0.5", 20, kind="FracShare")
    found = group({OLD: [BUY], NEW: [fraction]}, event(EventKind.EXCHANGE, leg(OLD, -100), leg(NEW, "33.5")))
    assert found[NEW].open_lots[0].quantity == D(33)
    assert codes(found) == []


def test_an_exchange_that_is_not_applied_proves_nothing() -> None:
    """More would leave than there is; but nothing leaves, so nothing was there before."""
    rows = {OLD: [BUY, make_execution(60, -100, 12)], NEW: [make_execution(2, -10, 30)]}
    found = group(rows, event(EventKind.EXCHANGE, leg(OLD, -150), leg(NEW, 75)))
    assert codes(found) == ["event_against_position"]
    assert [(match.opening, match.quantity) for match in found[OLD].matches] == [("E1", D(100))]


def test_currencies_without_a_rate_keep_an_exchange_apart() -> None:
    rows = {OLD: [BUY], NEW: [make_execution(60, -75, 30, currency="EUR", open_close="C", realized=1)]}
    found = group(rows, event(EventKind.EXCHANGE, leg(OLD, -150), leg(NEW, 75)))
    assert codes(found, NEW) == ["event_currency", "entry_unknown"]
    assert found[OLD].open_lots[0].quantity == D(100)


def test_a_basis_told_in_a_currency_without_a_rate_is_not_known() -> None:
    told = {("V50", OLD): ToldBasis(event="V50", place=OLD, cost=D(1000), currency="CHF")}
    rows = {OLD: [make_execution(60, -100, 12, realized=7)]}
    found = group(rows, event(EventKind.TRANSFER_IN, leg(OLD, 100)), told=told)
    assert codes(found) == ["event_currency", "entry_unknown"]
    assert [match.opening for match in found[OLD].matches] == ["event:V50"]


def test_units_that_leave_and_were_never_seen_were_held_before() -> None:
    rows = {OLD: [BUY]}
    found = group(rows, event(EventKind.TRANSFER_OUT, leg(OLD, -300)))
    (trade,) = found[OLD].trades
    assert (trade.quantity, trade.entry_known, trade.ended_by, trade.net) == (D(300), False, "transferred", D(0))
    alone = group({}, event(EventKind.TRANSFER_OUT, leg(OLD, -300)))
    assert [(each.quantity, each.ended_by) for each in alone[OLD].trades] == [(D(300), "transferred")]
    assert codes(alone) == []


def test_a_reverse_split_of_units_that_were_held_before() -> None:
    sold = make_execution(60, -20, 90, realized=300, open_close="C")
    split = event(EventKind.SPLIT, leg(OLD, -180), type="CC", ratio=D("0.1"))
    found = group({OLD: [BUY, sold]}, split)
    assert [(match.opening, match.quantity, match.net) for match in found[OLD].matches] == [
        (None, D(10), D(401)),
        ("E1", D(10), D(-101)),
    ]


def test_a_child_of_which_there_is_no_fill_is_like_its_parent() -> None:
    found = group({OLD: [BUY]}, event(EventKind.SPIN_OFF, leg(OLD, 0, currency=""), leg(NEW, 10, cost=200, currency="")))
    assert (found[NEW].trades[0].currency, found[NEW].open_lots[0].price) == ("USD", D(20))


def test_a_child_does_not_meet_the_other_side() -> None:
    rows = {OLD: [BUY], NEW: [make_execution(2, -5, 30)]}
    found = group(rows, event(EventKind.SPIN_OFF, leg(OLD, 0), leg(NEW, 10, cost=200)))
    assert codes(found) == ["event_against_position"]
    assert (found[OLD].open_lots[0].cost, found[NEW].open_lots[0].quantity) == (D(1001), D(-5))


def test_a_child_of_lots_that_were_held_before_has_no_cost_of_its_own() -> None:
    """The cost that is stated is shared by quantity first: what is known of the parent gives up its own part alone."""
    rows = {OLD: [BUY, make_execution(60, -400, 12, realized=9, open_close="C")]}
    found = group(rows, event(EventKind.SPIN_OFF, leg(OLD, 0), leg(NEW, 40, cost=200)))
    assert [(lot.quantity, lot.cost, lot.basis_known) for lot in found[NEW].open_lots] == [
        (D(30), D(0), False),
        (D(10), D(50), True),
    ]
    assert found[OLD].trades[0].net == D(9)


def test_a_basis_that_is_stated_in_part_is_asked_for() -> None:
    legs = leg(OLD, -100), leg(NEW, 50, cost=10), leg(OTHER, 10)
    found = group({OLD: [BUY]}, event(EventKind.EXCHANGE, *legs))
    assert codes(found) == ["basis_asked", "basis_asked"]
    assert [found[place].trades[0].entry_known for place in (NEW, OTHER)] == [False, False]
    worthless = group({OLD: [BUY]}, event(EventKind.EXCHANGE, leg(OLD, -100), leg(NEW, 50, value=0), leg(OTHER, 10, value=0)))
    assert codes(worthless) == ["basis_asked", "basis_asked"]


@pytest.mark.parametrize(("realized", "net", "told"), [(50, D(50), []), (None, D(0), ["exchange_cash_unclear"])])
def test_cash_for_units_of_unknown_cost_earned_what_ibkr_says(realized: int | None, net: Decimal, told: list[str]) -> None:
    arrival = event(EventKind.TRANSFER_IN, leg(OLD, 100), minutes=10)
    found = group({}, arrival, event(EventKind.EXCHANGE, leg(OLD, -100, proceeds=300, realized=realized), leg(NEW, 50)))
    assert sorted(codes(found)) == ["basis_asked", *told]
    assert (found[NEW].trades[0].net, found[NEW].open_lots[0].basis_known) == (net, False)
    assert found[NEW].open_lots[0].cost == 0


def test_a_removal_that_is_not_applied_proves_nothing() -> None:
    rows = {OLD: [BUY, make_execution(60, -150, 12, realized=1, open_close="C")]}
    found = group(rows, event(EventKind.REMOVAL, leg(OLD, -300)))
    assert [(match.opening, match.quantity) for match in found[OLD].matches] == [(None, D(50)), ("E1", D(100))]
