"""Notes on trades that an event opened, or a report of positions proved, and that begin otherwise by now.

An execution stays, so a note that hangs on one is found again. An event can go, and a position that was only proved gives way to
the fills of an older report: then its note belongs to the trade that held those units.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from ibjournal.domain.position_event import EVENT, Place
from ibjournal.domain.trade import Trade, TradeKey
from ibjournal.store.database import Connection
from ibjournal.store.depots import accounts_of
from ibjournal.store.instruments import get_instrument
from ibjournal.store.journal import Anchor, all_notes
from ibjournal.store.position_facts import held_day
from ibjournal.store.trades import list_trades


def pieces_of(trade: Trade) -> set[Anchor]:
    """Return where the executions of a trade stand: its lots may have moved since."""
    return {(piece.account or trade.account, piece.instrument or trade.instrument, piece.execution) for piece in trade.pieces}


def stray_notes(db: Connection, adrift: Iterable[Anchor], trades: Iterable[Trade]) -> dict[Anchor, TradeKey]:
    """Return, for notes on events that open no trade and are part of none, the trade that they belong to.

    Args:
        db: a connection.
        adrift: notes that open no trade (any more).
        trades: all trades of their accounts.
    """
    events = {anchor for anchor in adrift if anchor[2].startswith(EVENT)}
    if not events:
        return {}
    by_place: dict[Place, list[Trade]] = {}
    for trade in sorted(trades, key=lambda each: (each.opened_at, each.key)):
        pieces = pieces_of(trade)
        events -= pieces
        for place in {Place(*anchor[:2]) for anchor in pieces} | {Place(trade.account, trade.instrument)}:
            by_place.setdefault(place, []).append(trade)
    found = {}
    for anchor in events:
        place = Place(*anchor[:2])
        if candidates := by_place.get(place):
            found[anchor] = _holder(candidates, held_day(db, place)).key
    return found


def stray_notes_on(db: Connection, trade: Trade, notes: Iterable[Anchor]) -> set[Anchor]:
    """Return which of some notes at the places of a trade belong to it, though no execution of it carries them."""
    events = {anchor for anchor in notes if anchor[2].startswith(EVENT)}
    if not events:
        return set()
    trades = list_trades(db, sorted({anchor[0] for anchor in events} | {trade.account}))
    adrift = {anchor for anchor in events if TradeKey("/".join(anchor)) not in {each.key for each in trades}}
    return {anchor for anchor, key in stray_notes(db, adrift, trades).items() if key == trade.key}


def _holder(trades: list[Trade], day: date | None) -> Trade:
    """Return the trade that was open at the close of a day, else the first."""
    if day is not None:
        for trade in trades:
            if trade.opened_on <= day and (trade.closed_on is None or trade.closed_on > day):
                return trade
    return trades[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class LostNote:
    """A note that no trade shows: its reports are not there, or tell otherwise by now. It is kept."""

    anchor: Anchor
    symbol: str
    text: str


def lost_notes(db: Connection) -> tuple[LostNote, ...]:
    """Return the notes whose trade is not in the journal, in order of where they hang."""
    notes = all_notes(db)
    if not notes:
        return ()
    trades = list_trades(db, sorted({anchor[0] for anchor in notes} | set(accounts_of(db, None))))
    shown = {anchor for trade in trades for anchor in pieces_of(trade)}
    keys = {trade.key for trade in trades}
    adrift = {anchor for anchor in notes if anchor not in shown and TradeKey("/".join(anchor)) not in keys}
    adrift -= stray_notes(db, adrift, trades).keys()
    found = []
    for anchor in sorted(adrift):
        instrument = get_instrument(db, anchor[1])
        symbol = instrument.symbol if instrument is not None else str(anchor[1])
        found.append(LostNote(anchor=anchor, symbol=symbol, text=notes[anchor]))
    return tuple(found)
