"""What the engine meets seldom: other multipliers, units without a history where an event brings more, futures, contradictions."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ibjournal.domain.execution import Execution
from ibjournal.domain.fifo import Lot, scale
from ibjournal.domain.fill import MatchingProblem, Pricing
from ibjournal.domain.instrument import AssetClass, InstrumentId
from ibjournal.domain.ledger import Ledger
from ibjournal.domain.matching import match_group
from ibjournal.domain.position_event import EventKind, ExerciseLink, HeldPosition, Place
from ibjournal.domain.trade import Side
from tests.fakes.builders import ACCOUNT, at, make_execution
from tests.fakes.positions import NEW, OLD, OTHER, codes, event, facts, group, in_place, leg

D = Decimal


def option(number: int, quantity: int, price: int | str, *, multiplier: int) -> Execution:
    return make_execution(number, quantity, price, asset_class=AssetClass.OPT, multiplier=multiplier)


def test_a_trade_that_goes_on_under_another_multiplier_keeps_its_money() -> None:
    """Three contracts of 100 at 2.00 become two of 150: 600 are 600."""
    rows = {OLD: [option(1, 4, 2, multiplier=100), option(2, -1, 3, multiplier=100)], NEW: [option(60, -2, 3, multiplier=150)]}
    found = group(rows, event(EventKind.EXCHANGE, leg(OLD, -3), leg(NEW, 2)))
    (trade,) = found[NEW].trades
    assert trade.net == D(100) + D(300)
    assert trade.entry_price == D(2)
    assert trade.exit_price is not None
    # the contract that was sold before is two thirds of a new one, at the same price
    money = (trade.quantity * trade.entry_price * 150, (trade.exit_price - trade.entry_price) * trade.quantity * 150)
    assert [round(each, 6) for each in money] == [D(800), D(400)]
    assert codes(found) == []


def test_units_that_come_to_units_without_a_history_join_their_trade() -> None:
    """Eighty are sold as a close, though an issue brought fifty: thirty were there before it, and the trade is theirs."""
    sold = make_execution(90, -80, 5, open_close="C", realized=300)
    found = group({OLD: [sold]}, event(EventKind.ISSUE, leg(OLD, 50, cost=100)))
    (trade,) = found[OLD].trades
    assert (trade.quantity, trade.entry_known, trade.side) == (D(80), False, Side.LONG)
    assert [(match.opening, match.quantity) for match in found[OLD].matches] == [(None, D(30)), ("event:V50", D(50))]
    assert sum((match.net or D(0) for match in found[OLD].matches), D(0)) == D(300)


def test_an_event_that_nobody_knows_is_told_where_it_moves_units() -> None:
    found = group({OLD: [make_execution(1)]}, event(EventKind.UNKNOWN, leg(OLD, 0), leg(NEW, 5)))
    assert [(problem.code, dict(problem.values)["quantity"]) for problem in found[NEW].problems] == [("unknown_event", D(5))]
    assert codes(found, OLD) == []
    # an exchange of which one side moves nothing is none, and is told at the side that does
    half = group({OLD: [make_execution(1)]}, event(EventKind.EXCHANGE, leg(OLD, -100), leg(NEW, 0)))
    assert (codes(half, OLD), codes(half, NEW)) == (["unknown_event"], [])
    assert [lot.quantity for lot in half[OLD].open_lots] == [D(100)]


def test_an_exchange_with_a_leg_that_does_not_fit_is_told_at_the_legs_that_move() -> None:
    rows = {OLD: [make_execution(1, 100)], NEW: [make_execution(2, -10)]}
    found = group(rows, event(EventKind.EXCHANGE, leg(OLD, -100), leg(NEW, 50)))
    assert codes(found) == ["event_against_position"]
    assert [lot.quantity for lot in found[OLD].open_lots] == [D(100)]


def test_cash_with_an_exchange_of_futures_has_no_effect_of_currencies() -> None:
    """A future holds no invested money: what it earned is worth what it is on the day, whatever the rate was before."""
    bought = make_execution(1, 2, 50, asset_class=AssetClass.FUT, multiplier=10, fx_rate_to_base="0.5")
    rows = {OLD: [bought], NEW: [make_execution(90, -2, 60, asset_class=AssetClass.FUT, multiplier=10, fx_rate_to_base=2)]}
    rates = {"base_currency": {ACCOUNT: "EUR"}, "rate_to_base": {ACCOUNT: lambda _currency, _day: D(1)}}
    found = group(rows, event(EventKind.EXCHANGE, leg(OLD, -2, proceeds=40, realized=30), leg(NEW, 2)), **rates)
    (trade,) = found[NEW].trades
    assert (trade.net, trade.currency_effect) == (D(1200) - D(1000) + D(40), D(0))


def test_a_spin_off_of_two_parents_takes_the_cost_of_the_one_that_has_any() -> None:
    """The other's units are those that a close will prove: their cost nobody knows, so the child's has none of it."""
    rows = {OLD: [make_execution(1, 100, 10)], OTHER: [make_execution(90, -100, 20, open_close="C")]}
    found = group(rows, event(EventKind.SPIN_OFF, leg(OLD, 0), leg(OTHER, 0), leg(NEW, 20, cost=200)))
    assert facts(found[OLD].open_lots) == [("E1", D(100), D(9), D(900), at(1))]
    children = {(lot.quantity, lot.cost, lot.basis_known) for lot in found[NEW].open_lots}
    assert children == {(D(10), D(100), True), (D(10), D(0), False)}


def test_what_a_close_beyond_all_lots_earned_is_not_known_where_the_others_earned_what_nobody_knows() -> None:
    problems: list[MatchingProblem] = []
    books = Ledger(Pricing(base_currency="", rate_to_base=None, problems=problems), problems, with_matches=True)
    books.receive(D(40))
    books.add(make_execution(1, -100, 10, open_close="C"))
    assert [(match.opening, match.quantity, match.net) for match in books.matches] == [(None, D(40), None), (None, D(60), None)]
    assert {trade.net for trade in books.trades()} == {None}


def test_what_rounding_leaves_of_a_lot_has_no_price() -> None:
    """A reverse split of a hundred trillion for one: the last lot takes what is left of a unit, and nothing divides by nothing."""
    lots = [Lot(None, D(1), D(5)), Lot(None, D(10) ** 15, D(5))]
    scale(lots, before=D(10) ** 15 + 1, after=D(10))
    assert (lots[0].quantity, lots[0].price) == (D(0), D(5))
    assert lots[1].quantity == D(10)
    assert sum((lot.quantity * lot.price for lot in lots), D(0)) == D(5) * D(10) ** 15


def test_a_report_that_contradicts_itself_proves_nothing_of_what_was_held_before() -> None:
    """Another number of units at just the cost of ours: nothing is left that others could have cost."""
    told = HeldPosition(place=OLD, as_of=at(100), quantity=D(150), cost=D(1000), currency="USD")
    later = make_execution(200, -160, 12, open_close="C", realized=400)
    found = match_group({OLD: in_place(OLD, [make_execution(1, 100, 10), later])}, held=[told])
    assert "position_contradicts" in codes(found)
    assert [(match.opening, match.quantity) for match in found[OLD].matches] == [(None, D(60)), ("E1", D(100))]


def test_what_one_option_delivers_comes_before_what_another_takes_in_the_same_instant() -> None:
    """A call spread in the money: sold by its first row, bought by its last. Between them another share comes."""
    options = [option(1, 1, 2, multiplier=100), option(2, -1, 0, multiplier=100)]
    short, long, third = (
        in_place(place, options) for place in (Place(ACCOUNT, InstrumentId(name)) for name in ("C55", "C50", "C9"))
    )
    came: dict[str, Any] = {"executed_at": options[1].executed_at, "open_close": "O"}
    taken = make_execution(5, -100, 55, **came | {"open_close": "C"})
    other, bought = make_execution(6, 100, 9, **came), make_execution(7, 100, 50, **came)
    places = [Place(ACCOUNT, InstrumentId(name)) for name in ("C55", "C50", "C9")]
    links = [
        ExerciseLink(option=(place, options[1].id), underlying=(to, row.id))
        for place, to, row in zip(places, (OLD, OLD, NEW), (taken, bought, other), strict=True)
    ]
    rows = {places[0]: short, places[1]: long, places[2]: third, OLD: in_place(OLD, [taken, bought]), NEW: in_place(NEW, [other])}
    found = match_group(rows, links=links)
    assert [(match.opening, match.closing, match.quantity) for match in found[OLD].matches] == [("E7", "E5", D(100))]
    # where shares were there before, those go, and what comes stays: no row is moved
    before = match_group(rows, [event(EventKind.ISSUE, leg(OLD, 100, cost=4000), minutes=0)], links=links)
    assert [(match.opening, match.closing) for match in before[OLD].matches] == [("event:V0", "E5")]
    assert [lot.opening for lot in before[OLD].open_lots] == ["E7"]
