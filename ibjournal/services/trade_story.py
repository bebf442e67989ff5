"""What befell a trade beside its fills: both views of an exercise, events that moved its lots, fills that changed when final."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from ibjournal.domain.depot import AccountId
from ibjournal.domain.execution import ExecutionId
from ibjournal.domain.instrument import Instrument, InstrumentId
from ibjournal.domain.lots import OpenLot
from ibjournal.domain.position_event import ExerciseLink, Place, PositionEvent
from ibjournal.domain.trade import Trade, TradeKey
from ibjournal.store.campaigns import trade_keys, trades_by_key
from ibjournal.store.database import Connection
from ibjournal.store.fill_changes import FillChange, changes_of
from ibjournal.store.instruments import get_instrument
from ibjournal.store.position_facts import known_facts
from ibjournal.store.trades import open_lots_of

_NEW_YORK = ZoneInfo("America/New_York")
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewLine:
    """One trade of an exercise in both views, in its currency; None where a result is not known.

    ``earned_cost`` and ``booked_cost`` are what its open lots had cost, signed as IBKR's ``costBasisMoney``; 0 when it is closed.
    """

    trade: Trade
    instrument: Instrument
    earned: Decimal | None
    booked: Decimal | None
    earned_cost: Decimal = _ZERO
    booked_cost: Decimal = _ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """An event that changed the trade's lots without a fill. ``kind`` and ``type`` as `PositionEvent`."""

    event: str
    kind: str
    type: str
    day: date
    """IBKR's report day, else the day in New York."""
    quantity: Decimal
    """The change at the trade's own place."""
    symbol: str = ""
    """Where the lots came from or went to, where that is another instrument."""
    account: AccountId | None = None
    """The same, where it is another account."""
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeStory:
    """What is to be told of a trade beside its fills and lots."""

    views: tuple[ViewLine, ...] = ()
    """The trades that one exercise or several tie together, where the two views of one of them differ. Both sums, results less the
    cost of what is open, are the same."""
    moves: tuple[Move, ...] = ()
    changes: tuple[FillChange, ...] = ()
    """What changed in its fills when a later report told them otherwise, the earliest first."""
    basis_asked: bool = False
    """Whether units of it came from elsewhere and nobody has said what they had cost."""


def trade_story(db: Connection, trade: Trade) -> TradeStory:
    """Read what befell a trade."""
    facts, _places = known_facts(db, Place(trade.account, trade.instrument))
    family = _family(db, trade, facts.links)
    places = {(each.account, each.instrument) for each in family} | set(_places_of(trade))
    lots = _lots(db, {account for account, _instrument in places})
    wanted = {each.instrument for each in family} | _instruments_in(facts.events)
    instruments = {each: found for each in wanted if (found := get_instrument(db, each)) is not None}
    mine = lots.get(trade.key, [])
    return TradeStory(
        views=_views(family, lots, instruments),
        moves=_moves(trade, facts.events, instruments),
        changes=_changes(db, trade),
        basis_asked=any(not lot.basis_known for lot in mine),
    )


def _places_of(trade: Trade) -> Iterable[Place]:
    for piece in trade.pieces:
        yield Place(piece.account or trade.account, piece.instrument or trade.instrument)


def _family(db: Connection, trade: Trade, links: Iterable[ExerciseLink]) -> tuple[Trade, ...]:
    """Return the trades that exercises tie to this one, itself among them, in order of their opening."""
    by_end: dict[tuple[Place, ExecutionId], list[tuple[Place, ExecutionId]]] = {}
    for link in links:
        by_end.setdefault(link.option, []).append(link.underlying)
        by_end.setdefault(link.underlying, []).append(link.option)
    if not by_end:
        return (trade,)
    accounts = {end[0].account for end in by_end}
    keys = {account: trade_keys(db, account) for account in accounts}
    found = {trade.key: trade}
    waiting = [trade]
    at: dict[Place, tuple[Trade, ...]] = {}
    while waiting:
        each = waiting.pop()
        ends = [
            (Place(piece.account or each.account, piece.instrument or each.instrument), _plain(piece.execution))
            for piece in each.pieces
        ]
        for place, execution in (other for end in ends for other in by_end.get(end, ())):
            if place not in at:
                at[place] = trades_by_key(db, keys.get(place.account, {}).get(place.instrument, ()))
            for other in at[place]:
                if other.key not in found and any(_plain(piece.execution) == execution for piece in other.pieces):
                    found[other.key] = other
                    waiting.append(other)
    return tuple(sorted(found.values(), key=lambda each: (each.opened_at, each.key)))


def _plain(execution: ExecutionId) -> ExecutionId:
    """Return a fill's own id: a fill that was split into parts marks them behind a tilde."""
    return ExecutionId(execution.split("~")[0])


def _lots(db: Connection, accounts: Iterable[AccountId]) -> dict[TradeKey, list[OpenLot]]:
    found: dict[TradeKey, list[OpenLot]] = {}
    for _account, _instrument, lot in open_lots_of(db, sorted(accounts)):
        found.setdefault(lot.trade, []).append(lot)
    return found


def _views(
    family: Iterable[Trade], lots: Mapping[TradeKey, list[OpenLot]], instruments: Mapping[InstrumentId, Instrument]
) -> tuple[ViewLine, ...]:
    lines = []
    for trade in family:
        instrument = instruments.get(trade.instrument)
        if instrument is None:
            continue
        mine = lots.get(trade.key, []) if trade.open_quantity else []
        lines.append(
            ViewLine(
                trade=trade,
                instrument=instrument,
                earned=trade.net,
                booked=trade.net if trade.booked is None else trade.booked,
                earned_cost=sum((lot.cost for lot in mine), _ZERO),
                booked_cost=sum((lot.cost if lot.booked_cost is None else lot.booked_cost for lot in mine), _ZERO),
            )
        )
    differ = any(line.earned != line.booked or line.earned_cost != line.booked_cost for line in lines)
    return tuple(lines) if differ and len(lines) > 1 else ()


def _instruments_in(events: Mapping[str, PositionEvent]) -> set[InstrumentId]:
    return {leg.place.instrument for event in events.values() for leg in event.legs}


def _moves(trade: Trade, events: Mapping[str, PositionEvent], instruments: Mapping[InstrumentId, Instrument]) -> tuple[Move, ...]:
    places = {Place(trade.account, trade.instrument), *_places_of(trade)}
    found = []
    for event in sorted(events.values(), key=lambda event: (event.effective_at, event.id)):
        if not _during(trade, event.effective_at):
            continue
        here = [leg for leg in event.legs if leg.place in places]
        others = [leg for leg in event.legs if leg.place not in places or leg.place != Place(trade.account, trade.instrument)]
        if not here:
            continue
        other = next((leg for leg in others if leg.place != here[-1].place), None)
        symbol = instruments.get(other.place.instrument) if other is not None else None
        same = other is not None and other.place.instrument == trade.instrument
        elsewhere = other is not None and other.place.account != trade.account
        found.append(
            Move(
                event=event.id,
                kind=event.kind.value,
                type=event.type,
                day=event.report_date or event.effective_at.astimezone(_NEW_YORK).date(),
                quantity=here[-1].quantity,
                symbol="" if symbol is None or same else symbol.symbol,
                account=other.place.account if other is not None and elsewhere else None,
                description=event.description,
            )
        )
    return tuple(found)


def _during(trade: Trade, at: datetime) -> bool:
    return trade.opened_at <= at and (trade.closed_at is None or at <= trade.closed_at)


def _changes(db: Connection, trade: Trade) -> tuple[FillChange, ...]:
    executions = {_plain(piece.execution) for piece in trade.pieces}
    places = dict.fromkeys(_places_of(trade))
    return tuple(change for place in places for change in changes_of(db, *place) if _plain(change.execution) in executions)
