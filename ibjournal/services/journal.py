"""The journal: list trades, show one with its executions, keep notes."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ibjournal.domain.execution import Execution
from ibjournal.domain.filters import TradeFilter
from ibjournal.domain.instrument import Instrument
from ibjournal.domain.journal import Note
from ibjournal.domain.lots import LotMatch
from ibjournal.domain.trade import Piece, Trade, TradeKey
from ibjournal.services.changes import Changes


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


class JournalService:
    """Signatures the screens may rely on; the implementation follows."""

    def list_trades(self, where: TradeFilter) -> TradeList:
        """Return the trades that pass ``where``."""
        raise NotImplementedError

    def trade_detail(self, key: TradeKey) -> TradeDetail | None:
        """Return one trade with its executions, None when it no longer exists."""
        raise NotImplementedError

    def write_note(self, key: TradeKey, text: str) -> Changes:
        """Keep the user's note on a trade; an empty text removes it."""
        raise NotImplementedError
