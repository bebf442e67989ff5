"""The table view every screen uses: rows of one height, hover, copy as TSV, fold, selection kept over a refresh."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal

from PySide6.QtCore import QEvent, QItemSelectionModel, QLocale, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QWidget

from ibjournal.gui import theme
from ibjournal.gui.theme import Space, Type
from ibjournal.gui.widgets.cell_delegate import CellDelegate
from ibjournal.gui.widgets.row_model import Kind, Raw, RowModel, RowRole


class RowTable(QTableView):
    """A quiet table over a `RowModel`: no grid, no row heads, whole rows selected, per-pixel scrolling."""

    row_activated = Signal(object)
    """Enter or a double click: the row's object."""
    fold_wanted = Signal(int, bool)
    """A group row is to be folded (True) or opened: its row."""

    def __init__(
        self, parent: QWidget | None = None, *, edge: int = Space.CELL, selectable: bool = True, lines: bool = True
    ) -> None:
        super().__init__(parent)
        self.cells = CellDelegate(self, edge=edge, lines=lines)
        self.setItemDelegate(self.cells)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setMouseTracking(True)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        selection = QAbstractItemView.SelectionMode
        self.setSelectionMode(selection.ExtendedSelection if selectable else selection.NoSelection)
        if not selectable:
            self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head = self.horizontalHeader()
        head.setHighlightSections(False)
        head.setSectionsClickable(False)
        head.setMinimumSectionSize(24)
        head.setFixedHeight(Space.COLUMN_HEAD)
        self._copy = QAction(self.tr("Copy"), self)
        self._copy.setShortcut(QKeySequence.StandardKey.Copy)
        self._copy.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self._copy.triggered.connect(self.copy_selection)
        self.addAction(self._copy)
        theme.notifier().changed.connect(self._take_look)
        self._take_look()

    def set_widths(self, widths: Sequence[int], *, stretch: int | None = None) -> None:
        """Set the columns' widths in pixels; ``stretch`` names the column that takes the rest."""
        head = self.horizontalHeader()
        for column, width in enumerate(widths):
            head.resizeSection(column, width)
        if stretch is not None:
            head.setSectionResizeMode(stretch, QHeaderView.ResizeMode.Stretch)

    def selected_objects(self) -> tuple[object, ...]:
        """Return the objects of the selected rows, top down, without group rows."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows()) if self.selectionModel() else []
        model = self._rows()
        return tuple(model.rows[row] for row in rows if model.kind(model.rows[row]) is Kind.ROW)

    def select_rows(self, rows: Sequence[int], *, scroll: bool = False) -> None:
        """Select these rows, the first of them current, without moving the view unless ``scroll``."""
        if not rows:
            return
        model = self._rows()
        flags = QItemSelectionModel.SelectionFlag
        self.selectionModel().setCurrentIndex(model.index(rows[0], 0), flags.ClearAndSelect | flags.Rows)
        for row in rows[1:]:
            self.selectionModel().select(model.index(row, 0), flags.Select | flags.Rows)
        if scroll:
            self.scrollTo(model.index(rows[0], 0), QAbstractItemView.ScrollHint.EnsureVisible)

    def copy_selection(self) -> None:
        """Copy the selected rows, or all where none is selected, as tab-separated text with heads."""
        rows = [o for o in self.selected_objects()] or None  # noqa: C416 - an empty tuple means all
        QGuiApplication.clipboard().setText(tab_separated(self._rows(), self.visible_columns(), rows))

    def visible_columns(self) -> tuple[int, ...]:
        """Return the columns that can be seen, in their order on screen."""
        head = self.horizontalHeader()
        shown = (head.logicalIndex(place) for place in range(head.count()))
        return tuple(column for column in shown if not head.isSectionHidden(column))

    def span_groups(self, first: int, last: int) -> None:
        """Let the text of group rows run from column ``first`` to ``last``."""
        self.clearSpans()
        model = self._rows()
        for row, item in enumerate(model.rows):
            if model.kind(item) is Kind.GROUP:
                self.setSpan(row, first, 1, last - first + 1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens, Left and Right fold a group."""
        index = self.currentIndex()
        model = self._rows()
        row = model.row_at(index)
        if row is not None and event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and model.kind(row) is Kind.ROW:
            self.row_activated.emit(row)
            return
        if row is not None and event.key() in {Qt.Key.Key_Left, Qt.Key.Key_Right} and not event.modifiers():
            if model.kind(row) is Kind.GROUP:
                self.fold_wanted.emit(index.row(), event.key() == Qt.Key.Key_Left)
            return
        super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Remember the row under the pointer."""
        self._hover(self.indexAt(event.position().toPoint()).row())
        super().mouseMoveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on a group row folds or opens it."""
        index = self.indexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and index.isValid() and index.data(RowRole.KIND) == Kind.GROUP:
            self.setCurrentIndex(index)
            self.fold_wanted.emit(index.row(), not self._folded(index))
            return
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A double click opens a row."""
        row = self._rows().row_at(self.indexAt(event.position().toPoint()))
        if row is not None and self._rows().kind(row) is Kind.ROW:
            self.row_activated.emit(row)
        super().mouseDoubleClickEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Forget the row under the pointer."""
        self._hover(-1)
        super().leaveEvent(event)

    def show_menu(self, position: QPoint, menu: QMenu) -> None:
        """Open a context menu at a point of the viewport."""
        menu.popup(self.viewport().mapToGlobal(position))

    def _folded(self, index: QModelIndex) -> bool:
        return bool(getattr(index.data(RowRole.OBJECT), "folded", False))

    def _rows(self) -> RowModel[object]:
        model = self.model()
        assert isinstance(model, RowModel)  # noqa: S101 - this view shows nothing else
        return model

    def _hover(self, row: int) -> None:
        if row != self.cells.hovered:
            self.cells.hovered = row
            self.viewport().update()

    def _take_look(self) -> None:
        look = theme.current()
        self.verticalHeader().setDefaultSectionSize(int(look.row_height))
        self.horizontalHeader().setFont(look.font(Type.SMALL))
        self.viewport().update()


def tab_separated(model: RowModel[object], columns: Sequence[int], rows: Sequence[object] | None = None) -> str:
    """Return rows as tab-separated text with heads, numbers in the locale's decimal point, for pasting into a sheet."""
    point = QLocale().decimalPoint()
    return _table(
        model, columns, rows, lambda raw: plain(raw).replace(".", point) if isinstance(raw, Decimal) else plain(raw), "\t"
    )


def comma_separated(model: RowModel[object], columns: Sequence[int]) -> str:
    """Return all rows as CSV: decimals with a point, days and times in ISO 8601."""
    return _table(model, columns, None, _quoted, ",")


def plain(raw: Raw) -> str:
    """Write a raw value without a locale."""
    if raw is None:
        return ""
    if isinstance(raw, Decimal):
        return f"{raw:f}"
    if isinstance(raw, (date, datetime)):
        return raw.isoformat()
    return str(raw).replace("\t", " ").replace("\n", " ")


def _table(
    model: RowModel[object], columns: Sequence[int], rows: Sequence[object] | None, write: Callable[[Raw], str], mark: str
) -> str:
    heads = model.heads()
    lines = [mark.join(write(_without_mark(heads[column])) for column in columns if heads[column])]
    lines.extend(
        mark.join(write(model.raw(row, column)) for column in columns if heads[column])
        for row in (model.rows if rows is None else rows)
        if model.kind(row) is Kind.ROW
    )
    return "\n".join(lines) + "\n"


def _without_mark(head: str) -> str:
    return head.removesuffix(" ▾").removesuffix(" ▴")


def _quoted(raw: Raw) -> str:
    text = plain(raw)
    if isinstance(raw, str) and text[:1] in {"=", "@", "+", "-"}:
        text = "'" + text  # a sheet would take it for a formula
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"\n') else text
