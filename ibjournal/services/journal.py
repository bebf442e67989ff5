"""The journal: list trades, show one with its executions, keep notes."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from ibjournal.domain.depot import AccountId
from ibjournal.domain.errors import StoreError
from ibjournal.domain.execution import Execution, ExecutionId, ExecutionStatus
from ibjournal.domain.filters import TradeFilter, TradeState
from ibjournal.domain.instrument import AssetClass, Instrument, InstrumentId
from ibjournal.domain.journal import Note
from ibjournal.domain.lots import LotMatch
from ibjournal.domain.trade import Piece, Role, Trade, TradeKey, TradeStatus
from ibjournal.services.changes import Changes
from ibjournal.services.late_notes import LateNote, LateNotes
from ibjournal.services.stray_notes import pieces_of, stray_notes, stray_notes_on
from ibjournal.services.trade_story import TradeStory, trade_story
from ibjournal.store.database import Connection, Database
from ibjournal.store.depots import accounts_of, base_currencies, list_depots
from ibjournal.store.executions import distinct, executions_of, report_of
from ibjournal.store.instruments import all_instruments, get_instrument
from ibjournal.store.journal import Anchor, all_notes, notes_of, write_note
from ibjournal.store.trades import get_trade, list_trades, matches_of_trade


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeRow:
    """One line of the journal table."""

    trade: Trade
    instrument: Instrument
    depot_name: str
    base_currency: str
    """The account's base currency, empty where no report names it."""
    has_note: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeList:
    """The journal's rows, newest first, with the counts for the filter bar.

    ``total`` counts the trades of the depot and period before the state and text filters.
    ``currency`` is the base currency that the sums are in, empty where the rows' base currencies differ.
    """

    rows: tuple[TradeRow, ...]
    total: int
    open: int
    closed: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """An execution as a part of a trade, with the report that it came in."""

    execution: Execution
    piece: Piece
    report_file: str
    """Name of the archived report that last told of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeDetail:
    """Everything the detail pane shows of one trade. ``fills`` and ``matches`` are in order of time."""

    row: TradeRow
    fills: tuple[Fill, ...]
    matches: tuple[LotMatch, ...]
    note: Note | None
    ibkr_realized: Decimal | None
    """Sum of IBKR's own realised figures over the closing fills, None where a report gives none."""


_AT_ONCE = 0.2
"""Seconds that a window may wait which is about to close."""


class JournalService:
    """Lists trades and keeps what the user writes about them. Thread-safe.

    A note hangs on the opening execution of its trade. When history that comes later makes a trade begin earlier, the
    note's execution is still one of the trade's, so the note is found again.
    """

    def __init__(
        self, *, database: Database, late: LateNotes | None = None, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._late = late or LateNotes()
        self._now = now
        self._numbers = itertools.count()
        self._order = threading.Lock()
        self._latest: dict[TradeKey, int] = {}
        """The number of the write that a trade's note comes from: one that began earlier must not land after it."""

    def list_trades(self, where: TradeFilter) -> TradeList:
        """Return the trades that pass ``where``: open ones first, then by day of closing, the newest first."""
        with self._database.reading() as db:
            accounts = [where.account] if where.account is not None else list(accounts_of(db, where.depot))
            trades = list_trades(db, accounts)
            instruments = all_instruments(db)
            bases = base_currencies(db)
            names = {account: depot.name for depot in list_depots(db) for account in depot.accounts}
            notes = all_notes(db)
            adrift = notes.keys() - {anchor_of(trade.key) for trade in trades}
            strays = stray_notes(db, adrift, trades)
        rows = []
        total = open_ = closed = 0
        words = where.text.casefold().split()
        for trade in trades:
            if not _in_period(trade, where):
                continue
            total += 1
            is_open = trade.status is TradeStatus.OPEN
            open_ += is_open
            closed += not is_open
            if where.state is not TradeState.ALL and is_open != (where.state is TradeState.OPEN):
                continue
            instrument = instruments.get(trade.instrument) or _unknown(trade.instrument)
            found = {anchor_of(trade.key)} & notes.keys() | pieces_of(trade) & adrift
            found |= {anchor for anchor, key in strays.items() if key == trade.key}
            if words and not _matches(words, instrument, " ".join(notes[key] for key in found)):
                continue
            rows.append(
                TradeRow(
                    trade=trade,
                    instrument=instrument,
                    depot_name=names.get(trade.account, ""),
                    base_currency=bases.get(trade.account, ""),
                    has_note=bool(found),
                )
            )
        rows.sort(key=_newest_first, reverse=True)
        currencies = {row.base_currency for row in rows}
        currency = currencies.pop() if len(currencies) == 1 else ""
        return TradeList(rows=tuple(rows), total=total, open=open_, closed=closed, currency=currency)

    def trade_detail(self, key: TradeKey) -> TradeDetail | None:
        """Return one trade with its executions, None when it no longer exists."""
        with self._database.reading() as db:
            trade = get_trade(db, key)
            if trade is None:
                return None
            executions: dict[Anchor, Execution] = {}
            files: dict[Anchor, str] = {}
            for place in sorted({anchor[:2] for anchor in pieces_of(trade)}):
                known = distinct(executions_of(db, *place))
                executions |= {(*place, each.id): each for each in known if each.status is ExecutionStatus.ACTIVE}
                files |= {(*place, number): file for number, file in report_of(db, *place).items()}
            matches = matches_of_trade(db, trade)
            instrument = get_instrument(db, trade.instrument) or _unknown(trade.instrument)
            notes = _notes_on(db, trade)
            base = base_currencies(db).get(trade.account, "")
            name = next((depot.name for depot in list_depots(db) if trade.account in depot.accounts), "")
        fills = tuple(
            Fill(
                execution=executions[anchor],
                piece=piece,
                report_file=files.get((*anchor[:2], ExecutionId(piece.execution.split("~")[0])), ""),
            )
            for piece in trade.pieces
            if (anchor := _anchor(trade, piece)) in executions
        )
        note = _note(trade, notes)
        waiting = self._late.all().get(key)
        if waiting is not None:
            note = Note(trade=key, text=waiting.text, changed_at=waiting.typed_at) if waiting.text else None
        return TradeDetail(
            row=TradeRow(trade=trade, instrument=instrument, depot_name=name, base_currency=base, has_note=note is not None),
            fills=tuple(sorted(fills, key=lambda fill: fill.execution.executed_at)),
            matches=matches,
            note=note,
            ibkr_realized=_booked([fill for fill in fills if fill.piece.role is Role.CLOSING]),
        )

    def trade_story(self, key: TradeKey) -> TradeStory | None:
        """Return what befell a trade beside its fills: both views, events, changes; None when it no longer exists."""
        with self._database.reading() as db:
            trade = get_trade(db, key)
            return None if trade is None else trade_story(db, trade)

    def write_note(self, key: TradeKey, text: str) -> Changes:
        """Keep the user's note on a trade; an empty text removes it.

        A note is kept even when its trade was rebuilt away meanwhile: it is found again as soon as its execution is.
        """
        self._write_as(next(self._numbers), key, LateNote(text=text, typed_at=self._now()))
        return Changes(journal=True)

    def write_note_at_once(self, key: TradeKey, text: str) -> Changes:
        """Keep the user's note where nobody can wait: if the database cannot take it now, a file beside it does.

        Raises:
            StoreError: neither of them can be written.
        """
        number, note = next(self._numbers), LateNote(text=text, typed_at=self._now())
        try:
            self._write_as(number, key, note, patience=_AT_ONCE)
        except StoreError as error:
            if error.code == "journal_moved":
                raise
            with self._order:
                self._late.keep(key, note)
                self._latest[key] = number
        return Changes(journal=True)

    def write_late_notes(self, *, patience: float | None = None) -> Changes:
        """Write the notes that the database could not take before; those that it cannot take now go on waiting.

        Args:
            patience: seconds to wait for other writers; by default as long as any note is waited for.
        """
        changes = Changes()
        number = next(self._numbers)  # before they are read: what is typed from now on is newer
        for key, note in self._late.all().items():
            try:
                self._write_as(number, key, note, patience=patience)
            except StoreError:
                break
            changes |= Changes(journal=True)
        return changes

    def _write_as(self, number: int, key: TradeKey, note: LateNote, *, patience: float | None = None) -> None:
        with self._database.transaction(patience=patience) as db:
            if self._latest.get(key, -1) > number:
                return
            trade = get_trade(db, key)
            if trade is None:
                write_note(db, anchor_of(key), note.text, note.typed_at)
            else:
                self._write(db, trade, note.text, note.typed_at)
        with self._order:
            if self._latest.get(key, -1) <= number:
                self._latest[key] = number
                self._late.drop(key)

    def _write(self, db: Connection, trade: Trade, text: str, now: datetime) -> None:
        opening = anchor_of(trade.key)
        # several notes can meet in one trade after older history came; what the user sees and saves is all of them
        for anchor in _notes_on(db, trade):
            if anchor != opening:
                write_note(db, anchor, "", now)
        write_note(db, opening, text, now)


def anchor_of(key: TradeKey) -> Anchor:
    """Return account, instrument and opening execution of a trade's key."""
    account, instrument, execution = key.split("/", 2)
    return AccountId(account), InstrumentId(instrument), ExecutionId(execution)


def _anchor(trade: Trade, piece: Piece) -> Anchor:
    """Return where an execution of a trade stands: its lots may have moved since."""
    return piece.account or trade.account, piece.instrument or trade.instrument, piece.execution


def _notes_on(db: Connection, trade: Trade) -> dict[Anchor, tuple[str, datetime]]:
    """Return the notes of a trade: on its opening execution, and on others of its executions that open no trade (any more).

    A fill that flips a position closes one trade and opens the next, whose note it carries.
    """
    opening = anchor_of(trade.key)
    mine = pieces_of(trade)
    places = sorted({anchor[:2] for anchor in (*mine, opening)})
    notes = {(*place, execution): note for place in places for execution, note in notes_of(db, *place).items()}
    strays = stray_notes_on(db, trade, notes)
    return {
        anchor: note
        for anchor, note in notes.items()
        if anchor == opening or anchor in strays or (anchor in mine and get_trade(db, TradeKey("/".join(anchor))) is None)
    }


def _note(trade: Trade, notes: dict[Anchor, tuple[str, datetime]]) -> Note | None:
    if not notes:
        return None
    mine = sorted(notes.values(), key=lambda note: note[1])
    return Note(trade=trade.key, text="\n\n".join(text for text, _changed in mine), changed_at=mine[-1][1])


def _booked(closing: list[Fill]) -> Decimal | None:
    if not closing or any(fill.execution.realized is None for fill in closing):
        return None
    return sum((fill.execution.realized or Decimal(0) for fill in closing), Decimal(0))


def _in_period(trade: Trade, where: TradeFilter) -> bool:
    if trade.status is TradeStatus.OPEN:
        return where.period.end is None or trade.opened_on <= where.period.end
    return (trade.closed_on or trade.opened_on) in where.period


def _newest_first(row: TradeRow) -> tuple[bool, date, datetime, str]:
    trade = row.trade
    is_open = trade.status is TradeStatus.OPEN
    return is_open, trade.closed_on or trade.opened_on, trade.closed_at or trade.opened_at, trade.key


def _matches(words: list[str], instrument: Instrument, note: str) -> bool:
    text = f"{instrument.symbol} {instrument.description} {instrument.underlying_symbol} {instrument.isin} {note}".casefold()
    return all(word in text for word in words)


def _unknown(instrument: InstrumentId) -> Instrument:
    return Instrument(id=instrument, asset_class=AssetClass.OTHER, category="", symbol=str(instrument))
