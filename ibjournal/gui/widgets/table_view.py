"""The table of every screen: row heights, heads, hover, selection, keyboard, copying, and the sum row below it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from PySide6.QtCore import QAbstractItemModel, QByteArray, QEvent, QModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from ibjournal.gui import theme
from ibjournal.gui.theme import Space, Type
from ibjournal.gui.widgets.delegates import CellDelegate, ProfitDelegate
from ibjournal.gui.widgets.formats import MASK
from ibjournal.gui.widgets.roles import Role


class HeadView(QHeaderView):
    """Column heads: small, muted, aligned with their column; the sorted one in ink with ▾ or ▴ behind the word."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setFixedHeight(Space.COLUMN_HEAD)
        self.setSectionsMovable(True)
        self.setMinimumSectionSize(24)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:  # noqa: N803 - Qt's name
        """Paint one head."""
        look = theme.current()
        painter.save()
        painter.fillRect(rect, look.color("surface"))
        painter.setPen(QPen(look.color("border"), 1))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        model = self.model()
        text = str(model.headerData(logicalIndex, Qt.Orientation.Horizontal, Qt.ItemDataRole.DisplayRole) or "")
        given = model.headerData(logicalIndex, Qt.Orientation.Horizontal, Qt.ItemDataRole.TextAlignmentRole)
        align = Qt.AlignmentFlag(int(given)) if given is not None else Qt.AlignmentFlag.AlignLeft
        sorted_by = self.isSortIndicatorShown() and self.sortIndicatorSection() == logicalIndex
        if sorted_by and text:
            text += " ▾" if self.sortIndicatorOrder() == Qt.SortOrder.DescendingOrder else " ▴"
        font = look.font(Type.SMALL)
        painter.setFont(font)
        painter.setPen(look.color("text_strong" if sorted_by else "text_muted"))
        inner = rect.adjusted(Space.CELL, 0, -Space.CELL, -1)
        shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, inner.width())
        horizontal = align & Qt.AlignmentFlag.AlignHorizontal_Mask
        painter.drawText(inner, int(horizontal | Qt.AlignmentFlag.AlignVCenter), shown)
        painter.restore()

    def sectionSizeFromContents(self, logicalIndex: int) -> QSize:  # noqa: N803 - Qt's name
        """Return the width of a head with room for the sort mark."""
        text = str(self.model().headerData(logicalIndex, Qt.Orientation.Horizontal, Qt.ItemDataRole.DisplayRole) or "")
        width = QFontMetrics(theme.current().font(Type.SMALL)).horizontalAdvance(text + " ▾")
        return QSize(width + 2 * Space.CELL, Space.COLUMN_HEAD)


class TableView(QTableView):
    """A table that looks and behaves as every table of the program.

    The model sorts itself and formats its rows; delegates paint. ``opened`` fires on Enter and double click.
    """

    opened = Signal(QModelIndex)
    selection_changed = Signal()
    """The set of selected rows or the current row changed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.hovered_row = -1
        self.keyboard = False
        """Whether focus came by the keyboard: only then is a ring drawn."""
        self.masked = False
        self.setHorizontalHeader(HeadView(self))
        self.setItemDelegate(CellDelegate(self))
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.set_row_height()
        theme.notifier().changed.connect(self.set_row_height)
        self.doubleClicked.connect(self.opened)

    def set_row_height(self) -> None:
        """Take the row height of the look in force."""
        height = int(theme.current().row_height)
        self.verticalHeader().setMinimumSectionSize(height)
        self.verticalHeader().setDefaultSectionSize(height)

    def setModel(self, model: QAbstractItemModel | None) -> None:
        """Show a model and follow its changes for the bars."""
        super().setModel(model)
        if model is not None:
            model.modelReset.connect(self._measure_bars)
            model.dataChanged.connect(self._measure_bars)
            model.rowsInserted.connect(self._measure_bars)
            self.selectionModel().selectionChanged.connect(lambda *_: self.selection_changed.emit())
            self.selectionModel().currentRowChanged.connect(lambda *_: self.selection_changed.emit())
            self._measure_bars()

    def set_delegate(self, column: int, delegate: CellDelegate) -> None:
        """Paint a column with ``delegate``, which this view keeps."""
        delegate.setParent(self)
        self.setItemDelegateForColumn(column, delegate)
        self._measure_bars()

    def set_masked(self, masked: bool) -> None:  # noqa: FBT001 - the slot of a toggle
        """Hide or show money."""
        self.masked = masked
        self.viewport().update()

    def grow_columns(self, least: Mapping[int, int]) -> None:
        """Make these columns as wide as their widest text and their head, and no narrower than ``least``: no number is cut."""
        header = self.horizontalHeader()
        metrics = QFontMetrics(theme.current().font(Type.SMALL))
        mark = " ▾" if header.isSortIndicatorShown() else ""
        for column, width in least.items():
            words = str(self.model().headerData(column, Qt.Orientation.Horizontal) or "")
            head = metrics.horizontalAdvance(words + mark) + 2 * Space.CELL + 2
            header.resizeSection(column, max(width, self.sizeHintForColumn(column), head))

    def selected_objects(self) -> list[object]:
        """Return the row objects of the selection, in the order of the rows; group rows have none."""
        model = self.selectionModel()
        rows = sorted(index.row() for index in model.selectedRows()) if model is not None else []
        found = (self.model().index(row, 0).data(Role.OBJECT) for row in rows)
        return [item for item in found if item is not None]

    def selection_as_text(self) -> str:
        """Return heads and selected rows as tab-separated text; masked money stays masked."""
        header = self.horizontalHeader()
        columns = [header.logicalIndex(visual) for visual in range(header.count())]
        columns = [column for column in columns if not self.isColumnHidden(column)]
        model = self.model()
        lines = ["\t".join(str(model.headerData(column, Qt.Orientation.Horizontal) or "") for column in columns)]
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        lines += ["\t".join(self._cell_text(row, column) for column in columns) for row in rows]
        return "\n".join(lines)

    def column_state(self) -> QByteArray:
        """Return widths, order, visibility and sorting of the columns, to be kept."""
        return self.horizontalHeader().saveState()

    def restore_column_state(self, state: QByteArray) -> bool:
        """Take up what `column_state` returned; return whether it fitted."""
        return not state.isEmpty() and self.horizontalHeader().restoreState(state)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy, open; everything else is Qt's."""
        self.keyboard = True
        if event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(self.selection_as_text())
            event.accept()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.opened.emit(self.currentIndex())
            event.accept()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Drop the focus ring: the pointer is in use."""
        self.keyboard = False
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the row under the pointer."""
        self._hover(self.rowAt(int(event.position().y())))
        super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Forget the row under the pointer."""
        self._hover(-1)
        super().leaveEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Tell focus by keyboard from focus by pointer."""
        self.keyboard = event.reason() in (
            Qt.FocusReason.TabFocusReason,
            Qt.FocusReason.BacktabFocusReason,
            Qt.FocusReason.ShortcutFocusReason,
        )
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Draw the selection as inactive."""
        super().focusOutEvent(event)
        self.viewport().update()

    def _cell_text(self, row: int, column: int) -> str:
        index = self.model().index(row, column)
        delegate = self.itemDelegateForColumn(column)
        if self.masked and isinstance(delegate, CellDelegate) and delegate.money and index.data(Role.VALUE) is not None:
            return MASK
        text = str(index.data(Qt.ItemDataRole.DisplayRole) or "")
        tail = index.data(Role.TAIL)
        return f"{text} {tail}" if tail else text

    def _hover(self, row: int) -> None:
        if row != self.hovered_row:
            for changed in (self.hovered_row, row):
                if changed >= 0:
                    top = self.rowViewportPosition(changed)
                    self.viewport().update(0, top, self.viewport().width(), self.rowHeight(changed))
            self.hovered_row = row

    def _measure_bars(self) -> None:
        model: QAbstractItemModel | None = self.model()
        if model is None:
            return
        for column in range(model.columnCount()):
            delegate = self.itemDelegateForColumn(column)
            if isinstance(delegate, ProfitDelegate):
                cells = (model.index(row, column) for row in range(model.rowCount()))
                values = (cell.data(Role.VALUE) for cell in cells if cell.data(Role.KIND) != "group")
                delegate.largest = max((abs(value) for value in values if isinstance(value, Decimal)), default=Decimal(0))


class SumRow(QWidget):
    """The row of 32 pixels below a table: bold words at the left, sums under their columns; follows the column widths."""

    def __init__(self, table: TableView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._table = table
        self._lead = ""
        self._rest = ""
        self._cells: dict[int, str] = {}
        self._first_column = 0
        self.setFixedHeight(Space.SUM_ROW)
        header = table.horizontalHeader()
        header.sectionResized.connect(lambda *_: self.update())
        header.sectionMoved.connect(lambda *_: self.update())
        header.geometriesChanged.connect(self.update)
        table.horizontalScrollBar().valueChanged.connect(lambda _: self.update())

    def set_content(self, lead: str, rest: str = "", cells: dict[int, str] | None = None, *, first_column: int = 0) -> None:
        """Show bold ``lead``, muted ``rest`` from ``first_column`` on, and texts under the columns of ``cells``."""
        self._lead, self._rest, self._cells, self._first_column = lead, rest, dict(cells or {}), first_column
        self.setAccessibleName(" ".join(part for part in (lead, rest, *self._cells.values()) if part))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the row."""
        look = theme.current()
        painter = QPainter(self)
        painter.fillRect(self.rect(), look.color("sunken"))
        painter.setPen(QPen(look.color("border_strong"), 1))
        painter.drawLine(0, 0, self.width(), 0)
        table = self._table
        strong = look.font(Type.STRONG)
        left_edge = table.columnViewportPosition(self._first_column) + Space.CELL
        right_edge = self.width() - Space.CELL
        painter.setFont(strong)
        for column, text in self._cells.items():
            right = table.columnViewportPosition(column) + table.columnWidth(column) - Space.CELL
            width = QFontMetrics(strong).horizontalAdvance(text)
            painter.setPen(look.color("text_strong"))
            painter.drawText(QRect(right - width, 1, width, self.height() - 1), int(Qt.AlignmentFlag.AlignVCenter), text)
            right_edge = min(right_edge, right - width - Space.CELL)
        painter.setPen(look.color("text_strong"))
        used = QFontMetrics(strong).horizontalAdvance(self._lead)
        painter.drawText(QRect(left_edge, 1, used, self.height() - 1), int(Qt.AlignmentFlag.AlignVCenter), self._lead)
        plain = look.font(Type.TEXT)
        room = QRect(left_edge + used, 1, max(0, right_edge - left_edge - used), self.height() - 1)
        painter.setFont(plain)
        painter.setPen(look.color("text_muted"))
        rest = f" · {self._rest}" if self._rest and self._lead else self._rest
        shown = QFontMetrics(plain).elidedText(rest, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), shown)
        painter.end()
