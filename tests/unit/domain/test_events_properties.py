"""What holds for any history with events: units and money are conserved, in both views and in the base currency."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from ibjournal.domain.execution import Execution
from ibjournal.domain.matching import Matching, match_group
from ibjournal.domain.money import plain
from ibjournal.domain.position_event import EventKind, Place, PositionEvent
from tests.fakes.builders import ACCOUNT, at, make_execution
from tests.fakes.positions import ELSEWHERE, NEW, OLD, OTHER, all_lots, all_matches, event, in_place, leg

D = Decimal
PLACES = (OLD, NEW, OTHER, ELSEWHERE)
NOTHING = D(0)
EVENING = D("0.9")
"""The rate of the day, for events."""


@dataclass
class History:
    """Fills and events, and what must come of them: units by place, money in all and in the base currency."""

    fills: dict[Place, list[Execution]] = field(default_factory=lambda: {place: [] for place in PLACES})
    events: list[PositionEvent] = field(default_factory=list)
    held: dict[Place, Decimal] = field(default_factory=lambda: dict.fromkeys(PLACES, D(0)))
    cash: Decimal = NOTHING
    cash_in_base: Decimal = NOTHING

    def pay(self, amount: Decimal, rate: Decimal) -> None:
        self.cash += amount
        self.cash_in_base += amount * rate

    def match(self) -> dict[Place, Matching]:
        return matched(self.fills, self.events)


def matched(fills: dict[Place, list[Execution]], events: list[PositionEvent]) -> dict[Place, Matching]:
    accounts = {place.account for place in PLACES}
    return match_group(
        fills,
        events,
        base_currency=dict.fromkeys(accounts, "EUR"),
        rate_to_base=dict.fromkeys(accounts, lambda _currency, _day: EVENING),
    )


quantities = st.integers(-30, 30).filter(bool).map(D)
prices = st.decimals(min_value="0.01", max_value="999.99", places=2)
fees = st.decimals(min_value="-9.99", max_value="0.5", places=2)
rates = st.decimals(min_value="0.5", max_value="1.5", places=5)
money = st.decimals(min_value="-500", max_value="500", places=2)
moves = st.sampled_from(("fill", "fill", "fill", "exchange", "split", "spin_off", "issue", "removal", "merge", "two"))


@st.composite
def histories(draw: st.DrawFn) -> History:
    history = History()
    for number in range(1, draw(st.integers(1, 14)) + 1):
        place = draw(st.sampled_from(PLACES))
        move = draw(moves)
        position = history.held[place]
        if move == "fill" or not position:
            _fill(draw, history, place, number)
        elif move == "split":
            history.events.append(event(EventKind.SPLIT, leg(place, position * 2), minutes=number))
            history.held[place] *= 3
        elif move == "issue":
            _issue(draw, history, place, number)
        elif move == "removal":
            _remove(draw, history, place, number)
        elif move == "spin_off":
            _spin_off(draw, history, place, number)
        else:
            _exchange(draw, history, place, number, legs=2 if move == "two" else 1)
    return history


def _fill(draw: st.DrawFn, history: History, place: Place, number: int) -> None:
    quantity, price, fee, rate = draw(quantities), draw(prices), draw(fees), draw(rates)
    row = make_execution(number, quantity, price, commission=fee, fx_rate_to_base=rate)
    history.fills[place] += in_place(place, [row])
    history.held[place] += quantity
    history.pay(-quantity * price + fee, rate)


def _issue(draw: st.DrawFn, history: History, place: Place, number: int) -> None:
    cost = draw(money)
    quantity = D(draw(st.integers(1, 9))).copy_sign(history.held[place])
    history.events.append(event(EventKind.ISSUE, leg(place, quantity, cost=cost), minutes=number))
    history.held[place] += quantity
    history.pay(-cost, EVENING)


def _remove(draw: st.DrawFn, history: History, place: Place, number: int) -> None:
    paid = draw(money)
    part = D(draw(st.integers(1, max(1, int(abs(history.held[place])))))).copy_sign(history.held[place])
    if abs(part) > abs(history.held[place]):
        return
    history.events.append(event(EventKind.REMOVAL, leg(place, -part, proceeds=paid), minutes=number))
    history.held[place] -= part
    history.pay(paid, EVENING)


def _free(history: History, place: Place, *, account: bool = False) -> list[Place]:
    """Return the places that can take in what stands in another."""
    side = history.held[place]
    return [
        each
        for each in PLACES
        if each != place and history.held[each] * side >= 0 and (not account or each.account == place.account)
    ]


def _spin_off(draw: st.DrawFn, history: History, place: Place, number: int) -> None:
    targets = _free(history, place)
    if not targets:
        return
    child = draw(st.sampled_from(targets))
    quantity = D(draw(st.integers(1, 9))).copy_sign(history.held[place])
    legs = leg(place, 0), leg(child, quantity, cost=draw(money))
    history.events.append(event(EventKind.SPIN_OFF, *legs, minutes=number, type="SO"))
    history.held[child] += quantity


def _exchange(draw: st.DrawFn, history: History, place: Place, number: int, *, legs: int) -> None:
    targets = draw(st.lists(st.sampled_from(_free(history, place) or [place]), min_size=1, max_size=legs, unique=True))
    if place in targets:
        return
    whole = abs(history.held[place])
    part = whole if draw(st.booleans()) else min(whole, D(draw(st.integers(1, 30))))
    part = part.copy_sign(history.held[place])
    cash = draw(st.none() | money)
    leaving = leg(place, -part, proceeds=cash, realized=draw(st.none() | money) if cash is not None else None)
    value = draw(st.none() | st.just(D(500)))
    coming = []
    for target in targets:
        quantity = D(draw(st.integers(1, 40))).copy_sign(part)
        coming.append(leg(target, quantity, value=value if len(targets) == 1 else D(draw(st.integers(1, 9)))))
        history.held[target] += quantity
    history.events.append(event(EventKind.EXCHANGE, leaving, *coming, minutes=number))
    history.held[place] -= part
    history.pay(cash or D(0), EVENING)


@given(histories())
def test_units_are_conserved(history: History) -> None:
    found = history.match()
    for place, position in history.held.items():
        lots = found[place].open_lots if place in found else ()
        assert sum((lot.quantity for lot in lots), D(0)) == position
        assert len({lot.quantity > 0 for lot in lots}) <= 1
        trades = found[place].trades if place in found else ()
        assert sum(trade.open_quantity for trade in trades) == abs(position)
    assert {problem.code for each in found.values() for problem in each.problems} <= {"exchange_cash_unclear"}


@given(histories())
def test_cash_plus_open_cost_is_realised(history: History) -> None:
    found = history.match()
    realised = sum((match.net or D(0) for match in all_matches(found)), D(0))
    assert history.cash + sum((lot.cost for lot in all_lots(found)), D(0)) == realised
    booked = sum((match.net if match.booked is None else match.booked) or D(0) for match in all_matches(found))
    open_cost = sum((lot.cost if lot.booked_cost is None else lot.booked_cost) for lot in all_lots(found))
    assert history.cash + open_cost == booked


@given(histories())
def test_price_effect_and_currency_effect_are_the_result_in_base(history: History) -> None:
    """Nothing is lost to rounding: each amount counts at the rate of its own day."""
    found = history.match()
    matches = all_matches(found)
    price_effect = sum((match.net or D(0)) * (match.close_rate or D(0)) for match in matches)
    currency_effect = sum((match.currency_effect or D(0) for match in matches), D(0))
    open_cost = sum(lot.cost * (lot.rate or D(0)) for lot in all_lots(found))
    assert price_effect + currency_effect == history.cash_in_base + open_cost
    trades = [trade for each in found.values() for trade in each.trades]
    assert sum(trade.net_base or D(0) for trade in trades) == price_effect
    assert sum(trade.currency_effect or D(0) for trade in trades) == currency_effect


@given(histories())
def test_trades_add_up_to_their_matches_wherever_they_stand(history: History) -> None:
    found = history.match()
    trades = {trade.key: trade for each in found.values() for trade in each.trades}
    assert len(trades) == sum(len(each.trades) for each in found.values())
    for key, trade in trades.items():
        own = [match for match in all_matches(found) if match.trade == key]
        assert trade.net == sum((match.net or D(0) for match in own), D(0))
        assert trade.currency_effect == sum((match.currency_effect or D(0) for match in own), D(0))
    assert {match.trade for match in all_matches(found)} | {lot.trade for lot in all_lots(found)} <= trades.keys()


@given(histories(), st.randoms(use_true_random=False))
def test_order_does_not_matter(history: History, dice: object) -> None:
    whole = history.match()
    for rows in (*history.fills.values(), history.events):
        dice.shuffle(rows)  # type: ignore[attr-defined]
    again = matched({place: history.fills[place] for place in reversed(PLACES)}, history.events)
    assert again == whole


@given(histories())
def test_a_move_there_and_back_changes_nothing(history: History) -> None:
    """At the end every place's lots visit a place that is free, and return."""
    moved = [place for place, position in history.held.items() if position]
    if not moved:
        return
    guest = Place(ACCOUNT, type(OLD.instrument)("GUEST"))
    place, position = moved[0], history.held[moved[0]]
    there = event(EventKind.EXCHANGE, leg(place, -position), leg(guest, position), minutes=200)
    back = event(EventKind.EXCHANGE, leg(guest, -position), leg(place, position), minutes=300)
    before, after = history.match(), matched(history.fills, [*history.events, there, back])
    after.pop(guest)
    assert {each: as_told(before[each]) for each in before} == {each: as_told(after[each]) for each in before}


def as_told(found: Matching) -> tuple[object, ...]:
    """Return a matching with its prices as far as they can be told: what has no end is cut where it is moved."""
    lots = [(lot.opening, lot.quantity, plain(lot.price), lot.cost, lot.opened_at, lot.trade) for lot in found.open_lots]
    return found.trades, found.matches, lots


@settings(max_examples=30)
@given(histories(), st.integers(1, 13))
def test_what_was_before_history_does_not_move_what_comes_later(history: History, cut: int) -> None:
    """Without the rows before a cut no number of what was opened later changes: what is missing is told, or earns IBKR's figure."""
    fills = {place: [row for row in rows if row.executed_at > at(cut)] for place, rows in history.fills.items()}
    found = matched(fills, [each for each in history.events if each.effective_at > at(cut)])
    for match in all_matches(found):
        assert match.opening is not None or match.net is None or not match.quantity
