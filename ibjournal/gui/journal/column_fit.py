"""How wide the journal's columns must be at least, so that no number and no date is cut.

Asking each of 20 000 rows for its text takes too long. The widest text is that of the largest value or of the one with the
most digits; of days one row each is measured.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics

from ibjournal.domain.trade import Trade
from ibjournal.gui import theme
from ibjournal.gui.journal.trade_table import Column, TradeTableModel
from ibjournal.gui.theme import Space, Type
from ibjournal.services.journal import TradeRow

_DAYS = 500
"""Days whose words are measured, the oldest first."""
_SLACK = 2
"""An advance is rounded down: without it a text that just fits is cut."""
_VALUES: Mapping[Column, Callable[[Trade], Decimal | None]] = {
    Column.QUANTITY: lambda trade: trade.quantity,
    Column.ENTRY: lambda trade: trade.entry_price,
    Column.EXIT: lambda trade: trade.exit_price,
    Column.FEES: lambda trade: trade.fees,
    Column.NET_TRADE: lambda trade: trade.net,
    Column.NET: lambda trade: trade.net,
}
FITTED = (Column.CLOSED, Column.OPENED, Column.DAYS, *_VALUES)
"""Columns of dates and numbers: they never end in an ellipsis."""


def needed_width(model: TradeTableModel, column: Column) -> int:
    """Return the pixels that the widest text and the head of a column take, with the edges of the cell."""
    look = theme.current()
    metrics, small = QFontMetrics(look.font()), QFontMetrics(look.font(Type.SMALL))
    head = model.heads()[column] + (" ▾" if column is model.sorted_by else "")
    texts = (str(model.index(row, column).data(Qt.ItemDataRole.DisplayRole) or "") for row in _candidates(model, column))
    widest = max((metrics.horizontalAdvance(text) for text in texts), default=0)
    return max(widest, small.horizontalAdvance(head)) + 2 * Space.CELL + _SLACK


def _candidates(model: TradeTableModel, column: Column) -> Iterable[int]:
    """Return the rows whose text can be the widest."""
    value = _VALUES.get(column)
    if value is not None:
        return _extremes(model, value)
    if column is Column.DAYS:
        return _longest_held(model)
    return _days(model, opened=column is Column.OPENED)


def _trades(model: TradeTableModel) -> Iterator[tuple[int, Trade]]:
    for number, line in enumerate(model.lines):
        if isinstance(line, TradeRow):
            yield number, line.trade


def _extremes(model: TradeTableModel, value: Callable[[Trade], Decimal | None]) -> set[int]:
    """Return the row with the largest value, and the one with the most digits."""
    largest, most = Decimal(-1), 0
    found = [0, 0]
    for number, trade in _trades(model):
        known = value(trade)
        if known is None:
            continue
        if (size := abs(known)) > largest:
            largest, found[0] = size, number
        if (length := len(str(known))) > most:
            most, found[1] = length, number
    return set(found) if most else set()


def _longest_held(model: TradeTableModel) -> set[int]:
    """Return the oldest trade, which may be open still, and the closed one that was held the longest."""
    oldest, longest = date.max, timedelta(-1)
    found = [0, 0]
    some = False
    for number, trade in _trades(model):
        some = True
        if trade.opened_on < oldest:
            oldest, found[0] = trade.opened_on, number
        if trade.closed_on is not None and (held := trade.closed_on - trade.opened_on) > longest:
            longest, found[1] = held, number
    return set(found) if some else set()


def _days(model: TradeTableModel, *, opened: bool) -> list[int]:
    """Return a row for each day: names of months differ in width, and the oldest days have their year."""
    days: dict[tuple[date, bool], int] = {}
    for number, trade in _trades(model):
        day = trade.opened_on if opened or trade.closed_on is None else trade.closed_on
        days.setdefault((day, trade.closed_on is None), number)
    return [days[key] for key in sorted(days)[:_DAYS]]
