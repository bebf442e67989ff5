"""The engine: executions and events become lot matches, open lots and trades.

First in, first out, and from flat to flat. Pure: the same rows give the same result in whatever order they come, and a
rebuild starts from nothing. What the engine cannot know stands in `Matching.problems`; it never bends a number.

Where the rows prove that something was held before our history starts, the engine runs a second time with that at the head of
the lots; the fills that close it earn what IBKR says.

An option that was assigned or exercised closes at its price of 0, so its trade shows what was earned, and the stock's fill counts
at the strike. IBKR's booked view (0 on the option, its premium in the stock) is kept beside it; over both, the sums are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from types import MappingProxyType

from ibjournal.domain.checkpoint import checkpoint
from ibjournal.domain.corporate_action import CorporateAction
from ibjournal.domain.depot import AccountId
from ibjournal.domain.execution import ExecutionId, ExecutionStatus
from ibjournal.domain.fill import Matchable, MatchingProblem, Pricing, RateLookup, Terms, settled_in_cash
from ibjournal.domain.instrument import Instrument, InstrumentId
from ibjournal.domain.ledger import Ledger
from ibjournal.domain.lots import LotMatch, OpenLot
from ibjournal.domain.position_event import EventKind, EventLeg, ExerciseLink, HeldPosition, Place, PositionEvent, ToldBasis
from ibjournal.domain.rebooking import with_cancelled_costs
from ibjournal.domain.stream import Stream, execution_order, put_in_order, step_of
from ibjournal.domain.trade import Trade, TradeKey
from ibjournal.domain.unseen import positions_before

__all__ = ["Matching", "MatchingProblem", "RateLookup", "execution_order", "match_group", "match_instrument"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Matching:
    """All that follows from the executions and events of one account and instrument, each in order of time.

    A trade stands where its lots stand at last; a match where its closing execution stands.
    """

    trades: tuple[Trade, ...] = ()
    matches: tuple[LotMatch, ...] = ()
    open_lots: tuple[OpenLot, ...] = ()
    problems: tuple[MatchingProblem, ...] = ()


def match_instrument(
    executions: Sequence[Matchable],
    actions: Sequence[CorporateAction] = (),
    *,
    base_currency: str = "",
    rate_to_base: RateLookup | None = None,
    with_matches: bool = True,
) -> Matching:
    """Match the executions of one account and instrument that no event ties to another.

    Only active executions count. The caller leaves out what makes no trades (`is_trade_instrument`).

    Args:
        executions: in any order.
        actions: corporate actions of the same account and instrument, in any order: splits are applied, others told.
        base_currency: the account's, empty where it is not known.
        rate_to_base: asked where a row carries no rate of its own, and for commissions in a third currency.
        with_matches: False leaves `Matching.matches` empty, which is quicker when only the trades are wanted.

    Raises:
        ValueError: the rows belong to more than one account or instrument.
    """
    places = {(row.account, row.instrument) for row in executions} | {(row.account, row.instrument) for row in actions}
    if len(places) > 1:
        raise ValueError("one account and instrument at a time")
    if not places:
        return Matching()
    place = Place(*places.pop())
    group = match_group(
        {place: executions},
        [_as_event(action) for action in actions],
        base_currency={place.account: base_currency},
        rate_to_base={} if rate_to_base is None else {place.account: rate_to_base},
        with_matches=with_matches,
    )
    return group[place]


def match_group(
    fills: Mapping[Place, Sequence[Matchable]],
    events: Sequence[PositionEvent] = (),
    *,
    base_currency: Mapping[AccountId, str] = MappingProxyType({}),
    rate_to_base: Mapping[AccountId, RateLookup] = MappingProxyType({}),
    settlements: Mapping[tuple[Place, ExecutionId], Decimal] = MappingProxyType({}),
    told: Mapping[tuple[str, Place], ToldBasis] = MappingProxyType({}),
    links: Sequence[ExerciseLink] = (),
    held: Sequence[HeldPosition] = (),
    instruments: Mapping[InstrumentId, Instrument] = MappingProxyType({}),
    with_matches: bool = True,
) -> dict[Place, Matching]:
    """Match the places that events and exercises tie together, in order of time, with one book of lots for each.

    Events that bring units, or restate them, come before the fills of their instant (cash for a fraction is booked in the instant
    of the split that made it), those that take units away come after them.

    Args:
        fills: all rows of each place, in any order; a place without fills may be left out where an event names it.
        events: each whole, with all its legs, in any order.
        base_currency: of each account, left out where it is not known.
        rate_to_base: asked for each account where a row carries no rate of its own.
        settlements: cash of an exercise, assignment or expiry that was settled in cash: by the option's closing fill, in its
            currency, received positive.
        told: what the user says that units had cost which came from elsewhere, by event and place.
        links: which fill of an underlying came of which fill of an option.
        held: what the first report of open positions says, place by place.
        instruments: terms of instruments, needed where units are held of which there is no fill.
        with_matches: False leaves `Matching.matches` empty, which is quicker when only the trades are wanted.

    Returns:
        What follows for each place that ``fills``, ``events`` or ``held`` name.
    """
    lost: dict[Place, list[MatchingProblem]] = {}
    active: dict[Place, list[Matchable]] = {}
    for place, rows in fills.items():
        found = [row for row in rows if row.status is ExecutionStatus.ACTIVE]
        if len(found) < len(rows):
            lost[place] = []
            found = with_cancelled_costs(rows, found, lost[place])
        put_in_order(found)
        active[place] = found
    for place, execution in settlements:
        rows = active.get(place, [])
        active[place] = [settled_in_cash(row, settlements[place, execution]) if row.id == execution else row for row in rows]
    places = {*fills, *(leg.place for event in events for leg in event.legs), *(each.place for each in held)}

    def ledger(place: Place) -> Ledger:
        problems = list(lost.get(place, ()))
        base, lookup = base_currency.get(place.account, ""), rate_to_base.get(place.account)
        return Ledger(Pricing(base_currency=base, rate_to_base=lookup, problems=problems), problems, with_matches=with_matches)

    if not events and not held and not links:
        return {place: _alone(partial(ledger, place), active[place]) for place in sorted(places)}
    terms = {place: _terms(active.get(place, ()), instruments.get(place.instrument)) for place in places}
    stream = Stream(active, events, links=links, held=held, told=told, terms={place: each for place, each in terms.items() if each})
    books, aliases = stream.run(lambda: {place: ledger(place) for place in sorted(places)})
    return {place: _matching(book, aliases) for place, book in books.items()}


def _alone(ledger_of: Callable[[], Ledger], fills: Sequence[Matchable]) -> Matching:
    """Match one place that nothing ties to another: the quick way, and nearly every instrument's."""
    ledger = ledger_of()
    for fill in fills:
        checkpoint()
        ledger.add(fill)
    if ledger.unseen:
        before = positions_before(step_of(fill, ledger) for fill in fills)
        if before:
            ledger = ledger_of()
            for index, fill in enumerate(fills):
                checkpoint()
                if index in before:
                    ledger.receive(before[index])
                ledger.add(fill)
    return _matching(ledger, {})


def _matching(ledger: Ledger, aliases: Mapping[TradeKey, TradeKey]) -> Matching:
    missing = ledger.pricing.without_commission
    if missing:
        ledger.problems.append(MatchingProblem(code="commission_missing", execution=missing[0], values=(("n", len(missing)),)))
    matches = ledger.matches
    if aliases:
        matches = [replace(match, trade=_final(match.trade, aliases)) for match in matches]
    return Matching(
        trades=ledger.trades(),
        matches=tuple(matches),
        open_lots=tuple(ledger.open_lots()),
        problems=tuple(ledger.problems),
    )


def _final(key: TradeKey, aliases: Mapping[TradeKey, TradeKey]) -> TradeKey:
    while key in aliases:
        key = aliases[key]
    return key


def _terms(fills: Sequence[Matchable], instrument: Instrument | None) -> Terms | None:
    if fills:
        return Terms(fills[0].asset_class, fills[0].multiplier, fills[0].currency)
    return None if instrument is None else Terms(instrument.asset_class, instrument.multiplier, instrument.currency)


def _as_event(action: CorporateAction) -> PositionEvent:
    kind = EventKind.SPLIT if action.is_split else EventKind.UNKNOWN
    leg = EventLeg(place=Place(action.account, action.instrument), quantity=action.quantity)
    return PositionEvent(
        id=action.action_id or action.id,
        kind=kind,
        type=action.type,
        effective_at=action.effective_at,
        legs=(leg,),
        ratio=action.ratio,
    )
