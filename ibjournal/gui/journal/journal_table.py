"""The journal's table: groups that fold, sorting by heads, columns to choose, a selection that survives a refresh."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QWidget

from ibjournal.domain.trade import TradeKey
from ibjournal.gui.journal.column_fit import FITTED, needed_width
from ibjournal.gui.journal.trade_table import HIDDEN, NARROW_WIDTHS, WIDTHS, Column, Group, TradeTableModel
from ibjournal.gui.widgets.delegates import MoneyDelegate, ProfitDelegate, StateIconDelegate
from ibjournal.gui.widgets.table_view import TableView
from ibjournal.services.journal import TradeRow
from ibjournal.services.strategies import StrategyRow

_NARROW = 960
"""Width below which the columns give way."""
_TIGHT = 800
"""Width below which there is no room for the strategy beside the description."""
_SPARING = frozenset({Column.QUANTITY, Column.ENTRY, Column.EXIT})
"""Columns that take no more than they need in a narrow table."""
_ALWAYS = frozenset({Column.STATE, Column.SYMBOL, Column.NET})
"""Columns that cannot be hidden: without them a row says nothing."""


class JournalTable(TableView):
    """Shows a `TradeTableModel`. ``chosen`` carries the current trade's row, or None."""

    chosen = Signal(object)
    trade_opened = Signal(object)
    """Enter or a double click on a trade: its `TradeRow`."""

    def __init__(self, parent: QWidget | None = None, *, today: Callable[[], date] = date.today) -> None:
        super().__init__(parent)
        self.trades = TradeTableModel(self, today=today)
        self._settling = False
        self.setAccessibleName(self.tr("Trades"))
        self.setModel(self.trades)
        self.set_delegate(Column.STATE, StateIconDelegate())
        self.set_delegate(Column.NET, ProfitDelegate())
        for column in (Column.NET_TRADE, Column.FEES):
            self.set_delegate(column, MoneyDelegate())
        head = self.horizontalHeader()
        self._narrow = False
        self._tight = False
        self._apply_widths(WIDTHS)
        for column in HIDDEN:
            self.hideColumn(column)
        head.setSectionResizeMode(Column.STATE, QHeaderView.ResizeMode.Fixed)
        head.setSectionResizeMode(Column.WHAT, QHeaderView.ResizeMode.Stretch)
        with QSignalBlocker(head):
            head.setSortIndicatorShown(True)
            head.setSortIndicator(Column.CLOSED, Qt.SortOrder.DescendingOrder)
        head.sortIndicatorChanged.connect(self._on_sort)
        head.sectionMoved.connect(lambda *_: self._span_groups())
        self.selection_changed.connect(self._on_selection)
        self.opened.connect(self._on_opened)

    def show_trades(
        self, rows: tuple[TradeRow, ...], currency: str, strategies: Mapping[TradeKey, StrategyRow] | None = None
    ) -> None:
        """Show these trades; selection, current row and scroll position stay where they are."""
        self._keeping_place(lambda: self.trades.set_trades(rows, currency, strategies))
        self._widen()

    def current_trade(self) -> TradeRow | None:
        """Return the trade under the cursor."""
        index = self.currentIndex()
        line = self.trades.lines[index.row()] if index.isValid() and index.row() < len(self.trades.lines) else None
        return line if isinstance(line, TradeRow) else None

    def selected_trades(self) -> tuple[TradeRow, ...]:
        """Return the selected trades, top down."""
        return tuple(row for row in self.selected_objects() if isinstance(row, TradeRow))

    def select_trade(self, key: TradeKey) -> bool:
        """Make a trade current and visible; return whether it is shown."""
        row = self.trades.row_of(key)
        if row is None:
            return False
        self._make_current(row)
        self.scrollTo(self.trades.index(row, 0), QAbstractItemView.ScrollHint.EnsureVisible)
        return True

    def step(self, distance: int) -> None:
        """Go to the next (1) or previous (-1) trade, over group rows."""
        row = self.currentIndex().row() + distance
        while 0 <= row < len(self.trades.lines):
            line = self.trades.lines[row]
            if isinstance(line, TradeRow):
                self.select_trade(line.trade.key)
                return
            row += distance

    def copy_selection(self) -> None:
        """Put heads and selected rows on the clipboard, separated by tabs."""
        QGuiApplication.clipboard().setText(self.selection_as_text())

    def column_menu(self, parent: QWidget) -> QMenu:
        """Return a menu that shows and hides columns."""
        menu = QMenu(parent)
        for column in Column:
            if column not in _ALWAYS:
                action = QAction(self.trades.heads()[column], menu)
                action.setCheckable(True)
                action.setChecked(not self.isColumnHidden(column))
                action.toggled.connect(lambda on, column=column: self.setColumnHidden(column, not on))
                menu.addAction(action)
        return menu

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take narrower columns where the description would lose its terms, and the wider ones back."""
        super().resizeEvent(event)
        narrow = self.width() < _NARROW
        if narrow != self._narrow:
            self._narrow = narrow
            self._apply_widths(NARROW_WIDTHS if narrow else WIDTHS)
            self._widen()
        tight = self.width() < _TIGHT
        if tight != self._tight:
            self._tight = tight
            self.setColumnHidden(Column.STRATEGY, tight)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left folds a group, Right opens it."""
        index = self.currentIndex()
        group = self._group_at(index)
        if group is not None and event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Return, Qt.Key.Key_Space):
            wanted = event.key() == Qt.Key.Key_Left if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right) else not group.folded
            self._fold(index.row(), folded=wanted)
            event.accept()
            return
        super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on a group row folds or opens it."""
        index = self.indexAt(event.position().toPoint())
        group = self._group_at(index)
        if group is not None and event.button() is Qt.MouseButton.LeftButton:
            self._fold(index.row(), folded=not group.folded)
            event.accept()
            return
        super().mousePressEvent(event)

    def _apply_widths(self, widths: dict[Column, int]) -> None:
        for column, width in widths.items():
            self.horizontalHeader().resizeSection(column, width)

    def _widen(self) -> None:
        """Give columns of dates and numbers what they need; a width that the user gave is never taken back."""
        head = self.horizontalHeader()
        for column in FITTED:
            if self.isColumnHidden(column):
                continue
            needed, now = needed_width(self.trades, column), self.columnWidth(column)
            spare = self._narrow and column in _SPARING and now == NARROW_WIDTHS[column]  # the description needs it more
            head.resizeSection(column, needed if spare else max(now, needed))

    def _measure_bars(self) -> None:
        """Take the largest result from the model's totals: asking every cell would take a second for 20 000 trades."""
        delegate = self.itemDelegateForColumn(Column.NET)
        if isinstance(delegate, ProfitDelegate):
            delegate.largest = self.trades.totals.largest

    def _fold(self, row: int, *, folded: bool) -> None:
        group = self.trades.lines[row]
        self._keeping_place(lambda: self.trades.fold(row, folded=folded))
        if isinstance(group, Group):
            place = next((i for i, line in enumerate(self.trades.lines) if isinstance(line, Group) and line.key == group.key), -1)
            if place >= 0:
                flags = QItemSelectionModel.SelectionFlag
                self.selectionModel().setCurrentIndex(self.trades.index(place, Column.CLOSED), flags.NoUpdate)

    def _group_at(self, index: QModelIndex) -> Group | None:
        line = self.trades.lines[index.row()] if index.isValid() else None
        return line if isinstance(line, Group) else None

    def _keeping_place(self, change: Callable[[], None]) -> None:
        """Run a change that resets the model, then put selection, cursor and scroll position back."""
        selected = [row.trade.key for row in self.selected_trades()]
        current = self.current_trade()
        key = current.trade.key if current else None
        scrolled = self.verticalScrollBar().value()
        self._settling = True
        try:
            change()
            self._span_groups()
            places = [place for k in selected if (place := self.trades.row_of(k)) is not None]
            row = self.trades.row_of(key) if key is not None else None
            if row is not None:
                self._make_current(row)
            flags = QItemSelectionModel.SelectionFlag
            for place in places:
                self.selectionModel().select(self.trades.index(place, 0), flags.Select | flags.Rows)
            self.verticalScrollBar().setValue(scrolled)
        finally:
            self._settling = False
        self._on_selection()

    def _make_current(self, row: int) -> None:
        flags = QItemSelectionModel.SelectionFlag
        self.selectionModel().setCurrentIndex(self.trades.index(row, Column.CLOSED), flags.ClearAndSelect | flags.Rows)

    def _span_groups(self) -> None:
        """Let a group's words run up to its sum; not where the user put the columns into another order."""
        self.clearSpans()
        head = self.horizontalHeader()
        if any(head.visualIndex(column) != column for column in Column):
            return
        for row, line in enumerate(self.trades.lines):
            if isinstance(line, Group):
                self.setSpan(row, Column.CLOSED, 1, Column.NET - Column.CLOSED)

    def _on_sort(self, column: int, order: Qt.SortOrder) -> None:
        self._keeping_place(lambda: self.trades.sort(column, order))

    def _on_selection(self) -> None:
        if not self._settling:
            self.chosen.emit(self.current_trade())

    def _on_opened(self, index: QModelIndex) -> None:
        line = self.trades.lines[index.row()] if index.isValid() else None
        if isinstance(line, TradeRow):
            self.trade_opened.emit(line)
