"""Services for screens under test: they answer at once from rows that a test gives, and remember what they were asked."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from ibjournal.domain.errors import JournalError
from ibjournal.domain.execution import ReportType
from ibjournal.domain.filters import TradeFilter, TradeState
from ibjournal.domain.instrument import AssetClass, Instrument, InstrumentId
from ibjournal.domain.journal import Note
from ibjournal.domain.lots import LotMatch
from ibjournal.domain.trade import Piece, Role, Side, TradeKey, TradeStatus
from ibjournal.services.changes import Changes
from ibjournal.services.journal import Fill, JournalService, TradeDetail, TradeList, TradeRow
from ibjournal.services.trade_story import TradeStory
from tests.fakes.builders import make_execution, make_trade

T = TypeVar("T")
TODAY = date(2026, 11, 19)


class InlineExecutor(Executor):
    """Runs what it is given at once, on the calling thread."""

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        future: Future[T] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


class HeldExecutor(Executor):
    """Keeps work until a test lets it run, in any order."""

    def __init__(self) -> None:
        self.held: list[Callable[[], object]] = []

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        self.held.append(lambda: fn(*args, **kwargs))
        return Future()

    def run(self, position: int = 0) -> None:
        """Run one piece of work."""
        self.held.pop(position)()


def make_row(number: int, closed_on: date | None = TODAY, net: str | None = "100", **fields: Any) -> TradeRow:
    """Return a journal row: a share trade in USD with base EUR at 0.5, unless ``fields`` say otherwise.

    ``fields`` go to the trade; those named ``instrument__…`` and ``row__…`` go to the instrument and the row.
    """
    result = None if net is None else Decimal(net)
    opened_on = fields.pop("opened_on", date(2026, 11, 2))
    trade_fields = {name: value for name, value in fields.items() if "__" not in name}
    values: dict[str, Any] = {
        "key": TradeKey(f"U1/{number}/E{number}"),
        "opened_on": opened_on,
        "opened_at": datetime(opened_on.year, opened_on.month, opened_on.day, 15, 30, tzinfo=UTC),
        "closed_on": closed_on,
        "closed_at": None if closed_on is None else datetime(closed_on.year, closed_on.month, closed_on.day, 19, tzinfo=UTC),
        "status": TradeStatus.OPEN if closed_on is None else TradeStatus.CLOSED,
        "open_quantity": Decimal(100) if closed_on is None else Decimal(0),
        "net_base": None if result is None else result / 2,
        "fees": Decimal(-2),
    }
    trade = make_trade(1, result, **(values | trade_fields))
    instrument_fields: dict[str, Any] = {"symbol": f"SYM{number}", "exchange": "NYSE", "description": f"SYMBOL {number} INC"}
    instrument_fields |= {name[12:]: value for name, value in fields.items() if name.startswith("instrument__")}
    instrument = Instrument(
        id=InstrumentId(str(number)),
        **({"asset_class": AssetClass.STK, "category": "STK", "currency": trade.currency} | instrument_fields),
    )
    row_values: dict[str, Any] = {"trade": trade, "instrument": instrument, "depot_name": "Income", "base_currency": "EUR"}
    return TradeRow(**(row_values | {name[5:]: value for name, value in fields.items() if name.startswith("row__")}))


class FakeJournal(JournalService):
    """Answers from ``rows``; keeps notes in a dict; fails with ``failure`` where that is set."""

    def __init__(self, rows: tuple[TradeRow, ...] = (), *, currency: str = "EUR") -> None:
        self.rows = rows
        self.currency = currency
        self.notes: dict[TradeKey, Note] = {}
        self.stories: dict[TradeKey, TradeStory] = {}
        self.asked: list[TradeFilter] = []
        self.written: list[tuple[TradeKey, str]] = []
        self.failure: JournalError | None = None

    def list_trades(self, where: TradeFilter) -> TradeList:
        self.asked.append(where)
        opened = sum(row.trade.status is TradeStatus.OPEN for row in self.rows)
        shown = [
            row
            for row in self.rows
            if where.state in {TradeState.ALL, TradeState(row.trade.status.value)}
            and where.text.casefold() in row.instrument.symbol.casefold()
        ]
        return TradeList(
            rows=tuple(shown), total=len(self.rows), open=opened, closed=len(self.rows) - opened, currency=self.currency
        )

    def trade_detail(self, key: TradeKey) -> TradeDetail | None:
        row = next((row for row in self.rows if row.trade.key == key), None)
        if row is None:
            return None
        sign = -1 if row.trade.side is Side.SHORT else 1
        source = ReportType.CONFIRMATION if row.trade.provisional else ReportType.ACTIVITY
        opening = make_execution(1, 100 * sign, 10, executed_at=row.trade.opened_at, exchange="NYSE", order_type="LMT")
        fills = [_fill(opening, Role.OPENING)]
        matches: tuple[LotMatch, ...] = ()
        if row.trade.closed_at is not None:
            closing = make_execution(2, -100 * sign, 11, executed_at=row.trade.closed_at, source=source, realized=row.trade.net)
            fills.append(_fill(closing, Role.CLOSING))
            matches = (
                LotMatch(
                    opening=opening.id,
                    closing=closing.id,
                    direction=sign,
                    quantity=Decimal(100),
                    open_price=Decimal(10),
                    close_price=Decimal(11),
                    opened_at=row.trade.opened_at,
                    closed_at=row.trade.closed_at,
                    gross=row.trade.gross,
                    fees=row.trade.fees,
                    net=row.trade.net,
                ),
            )
        theirs = row.trade.net if row.trade.closed_at else None
        return TradeDetail(row=row, fills=tuple(fills), matches=matches, note=self.notes.get(key), ibkr_realized=theirs)

    def trade_story(self, key: TradeKey) -> TradeStory | None:
        return self.stories.get(key, TradeStory())

    def write_note(self, key: TradeKey, text: str) -> Changes:
        if self.failure is not None:
            raise self.failure
        self.written.append((key, text))
        self.notes[key] = Note(trade=key, text=text, changed_at=datetime(2026, 11, 19, 15, tzinfo=UTC))
        return Changes(journal=True)

    def write_note_at_once(self, key: TradeKey, text: str) -> Changes:
        return self.write_note(key, text)

    def write_late_notes(self, *, patience: float | None = None) -> Changes:
        del patience
        return Changes()


def _fill(execution: Any, role: Role) -> Fill:
    piece = Piece(execution=execution.id, role=role, quantity=execution.quantity, fees=Decimal(-1))
    return Fill(execution=execution, piece=piece, report_file="20261119-081203-1f2e3d4c.xml.gz")
