"""Accounts that got a new number: which look like it, and what the old one held when the new one began."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from ibjournal.domain.depot import AccountId
from ibjournal.domain.instrument import InstrumentId
from ibjournal.domain.position_event import EventKind, Place, PositionEvent
from ibjournal.domain.trade import Role, Side
from ibjournal.domain.transfer import Renumbering
from ibjournal.store.database import Connection
from ibjournal.store.depots import accounts_of
from ibjournal.store.executions import currencies_of, fill_times, open_quantities
from ibjournal.store.held_positions import first_day_empty, first_day_worth, first_positions
from ibjournal.store.position_facts import all_events
from ibjournal.store.trades import list_trades, open_lots_of
from ibjournal.store.user_events import account_links

_MOMENT = timedelta(seconds=1)
_NEW_YORK = ZoneInfo("America/New_York")


def renumbering_of(db: Connection, old: AccountId, new: AccountId, events: Iterable[PositionEvent]) -> Renumbering | None:
    """Return what an account held when it went on under a new number, None where it never traded.

    That is on the first day that shows it: the new one trades, is worth something or holds positions, or the old one holds nothing
    by a report. It is never before the old one's last fill.

    Args:
        db: a connection.
        old: the account that ends.
        new: its new number.
        events: what changed positions without a fill.
    """
    last, first = fill_times(db, old), fill_times(db, new)
    if last is None:
        return None
    since = last[1].astimezone(_NEW_YORK).date()
    days = [held.day for held in first_positions(db) if held.account == new]
    days += [day for day in (first_day_empty(db, old, since), first_day_worth(db, new, since)) if day is not None]
    begins = [datetime.combine(day, time(0), _NEW_YORK).astimezone(UTC) for day in days]
    begins += [first[0] - _MOMENT] if first is not None else []
    at = max(last[1] + _MOMENT, min(begins, default=last[1]))
    units = {Place(old, instrument): quantity for instrument, quantity in open_quantities(db, old).items()}
    for event in events:
        for leg in event.legs:
            if leg.place.account == old and event.effective_at <= at and leg.quantity:
                units[leg.place] = units.get(leg.place, Decimal(0)) + leg.quantity
    currencies = currencies_of(db, old)
    held = {place: (quantity, currencies[place.instrument]) for place, quantity in units.items() if place.instrument in currencies}
    return Renumbering(old=old, new=new, at=at, units=held)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSuggestion:
    """An account that looks like an older one under a new number, and the positions by which it does."""

    old: AccountId
    new: AccountId
    instruments: tuple[InstrumentId, ...]


def link_suggestions(db: Connection) -> tuple[LinkSuggestion, ...]:
    """Return pairs of accounts of which the older stops where the newer begins, and whose positions fit.

    The newer one closes what it never opened, or its first report of positions tells of more than it bought; in each instrument
    that is exactly what the older one held when it stopped, and nothing contradicts.
    """
    accounts = accounts_of(db, None)
    linked = account_links(db)
    moved = {leg.place.account for event in all_events(db) if event.kind is EventKind.EXCHANGE for leg in event.legs}
    times = {account: when for account in accounts if (when := fill_times(db, account)) is not None}
    missing = {account: _missing(db, account) for account in times}
    found: list[LinkSuggestion] = []
    for new in times:
        for old in times:
            unlinked = old not in linked and new not in linked.values() and not {old, new} <= moved
            if old == new or not missing[new] or times[old][1] >= times[new][0] or not unlinked:
                continue
            held = {instrument: quantity for instrument, quantity in _open(db, old).items() if quantity}
            common = sorted(held.keys() & missing[new].keys())
            if common and all(held[each] == missing[new][each] for each in common):
                found.append(LinkSuggestion(old=old, new=new, instruments=tuple(common)))
    return tuple(found)


def _open(db: Connection, account: AccountId) -> dict[InstrumentId, Decimal]:
    units: dict[InstrumentId, Decimal] = {}
    for _account, instrument, lot in open_lots_of(db, (account,)):
        units[instrument] = units.get(instrument, Decimal(0)) + lot.quantity
    return units


def _missing(db: Connection, account: AccountId) -> dict[InstrumentId, Decimal]:
    """Return what an account held before its first fill, as the trades say whose entry nobody saw."""
    units: dict[InstrumentId, Decimal] = {}
    for trade in list_trades(db, (account,)):
        if not trade.entry_known:
            opened = sum((abs(piece.quantity) for piece in trade.pieces if piece.role is Role.OPENING), Decimal(0))
            sign = 1 if trade.side is Side.LONG else -1
            units[trade.instrument] = units.get(trade.instrument, Decimal(0)) + sign * (trade.quantity - opened)
    return units
