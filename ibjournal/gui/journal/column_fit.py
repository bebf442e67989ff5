"""How wide the journal's columns must be at least, so that no number and no date is cut.

Asking each of 20 000 rows for its text takes too long. The widest text is that of the largest value, of the one with the
most digits, or of the oldest day: only those are measured.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics

from ibjournal.domain.trade import Trade
from ibjournal.gui import theme
from ibjournal.gui.journal.trade_table import Column, TradeTableModel
from ibjournal.gui.theme import Space, Type
from ibjournal.services.journal import TradeRow

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


def _candidates(model: TradeTableModel, column: Column) -> Iterator[int]:
    """Yield the rows whose text can be the widest."""
    rows = [(number, line.trade) for number, line in enumerate(model.lines) if isinstance(line, TradeRow)]
    if not rows:
        return
    value = _VALUES.get(column)
    if value is not None:
        known = [(number, found) for number, trade in rows if (found := value(trade)) is not None]
        if known:
            yield max(known, key=lambda item: abs(item[1]))[0]
            yield max(known, key=lambda item: len(str(item[1])))[0]
            yield min(known, key=lambda item: item[1])[0]
        return
    yield min(rows, key=lambda item: item[1].opened_on)[0]
    for some in ([item for item in rows if item[1].closed_on is None], [item for item in rows if item[1].closed_on is not None]):
        if some:
            yield min(some, key=lambda item: item[1].opened_on)[0]
            yield min(some, key=lambda item: item[1].closed_on or item[1].opened_on)[0]
            yield max(some, key=lambda item: (item[1].closed_on or item[1].opened_on) - item[1].opened_on)[0]
