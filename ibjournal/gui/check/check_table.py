"""The table of checks: ours, IBKR's, the difference, what came of it and why."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from enum import IntEnum
from typing import Any, TypeAlias

from PySide6.QtCore import (
    QAbstractTableModel,
    QCoreApplication,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import QGuiApplication, QKeyEvent, QMouseEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QHeaderView, QWidget

from ibjournal.analytics.reconciliation import HALF_A_CENT, Check, CheckStatus
from ibjournal.gui import icons
from ibjournal.gui.check.lines import Line, is_open, shown_lines
from ibjournal.gui.check_texts import describe_reason, is_money, mark_of, short_reason
from ibjournal.gui.theme import Space, Theme
from ibjournal.gui.widgets import formats
from ibjournal.gui.widgets.delegates import CellDelegate, MoneyDelegate
from ibjournal.gui.widgets.roles import Role
from ibjournal.gui.widgets.table_view import TableView

Index: TypeAlias = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_STEP = 16
_CHEVRON = 14
_LEVEL = int(Role.SORT) + 1
_FOLD = int(Role.SORT) + 2
_LEAST = {1: 88, 2: 88, 3: 84, 4: 116}


class Column(IntEnum):
    """The columns."""

    FIGURE = 0
    OURS = 1
    IBKR = 2
    DIFFERENCE = 3
    RESULT = 4
    REASON = 5


class CheckModel(QAbstractTableModel):
    """Lines in view; folding and filtering change which."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.sections: tuple[Line, ...] = ()
        self.lines: tuple[Line, ...] = ()
        self.folding: dict[str, bool] = {}
        self.only: CheckStatus | None = None
        self.masked = False

    def set_sections(self, sections: Sequence[Line]) -> None:
        """Show these sections."""
        self.sections = tuple(sections)
        self.show_again()

    def set_only(self, status: CheckStatus | None) -> None:
        """Show checks with one result alone, or all."""
        self.only = status
        self.folding = {key: value for key, value in self.folding.items() if key.startswith("section/")}
        self.show_again()

    def fold(self, line: Line, *, opened: bool) -> None:
        """Open or fold a line."""
        self.folding[line.key] = opened
        self.show_again()

    def show_again(self) -> None:
        """Work out anew which lines are in view."""
        self.beginResetModel()
        self.lines = shown_lines(self.sections, self.folding, self.only)
        self.endResetModel()

    def opened(self, line: Line) -> bool:
        """Whether a line shows its parts."""
        return is_open(line, self.folding, self.only)

    def row_of(self, key: str) -> int | None:
        """Return where a line is in view."""
        return next((row for row, line in enumerate(self.lines) if line.key == key), None)

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Return the number of lines."""
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: Index = _ROOT) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(Column)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the heads."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(Column):
            return None
        translate = QCoreApplication.translate
        if role == Qt.ItemDataRole.DisplayRole:
            return {
                Column.FIGURE: translate("Check", "Figure"),
                Column.OURS: translate("Check", "Ours"),
                Column.IBKR: translate("Check", "IBKR"),
                Column.DIFFERENCE: translate("Check", "Difference"),
                Column.RESULT: translate("Check", "Result"),
                Column.REASON: translate("Check", "Reason"),
            }[Column(section)]
        return _alignment(Column(section)) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a role asks of a cell."""
        if not index.isValid() or index.row() >= len(self.lines):
            return None
        line, column = self.lines[index.row()], Column(index.column())
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Role.KIND:
            return "group" if line.section else None
        if role == _LEVEL:
            return line.level
        if role == _FOLD:
            return None if not line.parts else "open" if self.opened(line) else "folded"
        if role == Role.OBJECT:
            return line.check
        if column is Column.FIGURE:
            return _figure(line, role)
        return None if line.section else _cell(line, column, role, masked=self.masked)


class CheckTable(TableView):
    """Shows a `CheckModel`; ``chosen`` carries the current `Line` or None. Left folds, Right opens."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.checks = CheckModel(self)
        self._settling = False
        self.setAccessibleName(QCoreApplication.translate("Check", "Checks"))
        self.setModel(self.checks)
        self.setSelectionMode(TableView.SelectionMode.SingleSelection)
        self.set_delegate(Column.FIGURE, FigureDelegate())
        for column in (Column.OURS, Column.IBKR, Column.DIFFERENCE):
            self.set_delegate(column, MoneyDelegate(signed=False))
        head = self.horizontalHeader()
        head.setSectionsClickable(False)
        head.setSectionsMovable(False)
        head.setStretchLastSection(True)
        head.setSectionResizeMode(Column.FIGURE, QHeaderView.ResizeMode.Interactive)
        self.selection_changed.connect(self._on_selection)

    def show_sections(self, sections: Sequence[Line]) -> None:
        """Show these; the chosen line stays chosen where it is still there, else the first that needs the user is."""
        self._keeping_place(lambda: self.checks.set_sections(sections))
        self.grow_columns(_LEAST)
        self._share_room()

    def set_masked(self, masked: bool) -> None:  # noqa: FBT001 - the slot of a toggle
        """Hide or show money, in tooltips too."""
        self.checks.masked = masked
        super().set_masked(masked)

    def set_only(self, status: CheckStatus | None) -> None:
        """Show checks with one result alone, or all."""
        self._keeping_place(lambda: self.checks.set_only(status))

    def current_line(self) -> Line | None:
        """Return the chosen line."""
        index = self.currentIndex()
        return self.checks.lines[index.row()] if index.isValid() and index.row() < len(self.checks.lines) else None

    def choose(self, key: str) -> bool:
        """Make a line current; return whether it is in view."""
        row = self.checks.row_of(key)
        if row is None:
            return False
        flags = QItemSelectionModel.SelectionFlag
        self.selectionModel().setCurrentIndex(self.checks.index(row, 0), flags.ClearAndSelect | flags.Rows)
        self.scrollTo(self.checks.index(row, 0))
        return True

    def copy_selection(self) -> None:
        """Put heads and the chosen line on the clipboard, separated by tabs."""
        QGuiApplication.clipboard().setText(self.selection_as_text())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left folds a line or goes up, Right opens one, Space does either."""
        line = self.current_line()
        key = event.key()
        if line is not None and key in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Space):
            opened = self.checks.opened(line)
            if line.parts and (key == Qt.Key.Key_Space or opened == (key == Qt.Key.Key_Left)):
                self._fold(line, opened=not opened)
            elif key == Qt.Key.Key_Left:
                self._go_up(line)
            event.accept()
            return
        super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on a section or on the mark before a line folds or opens it."""
        super().mousePressEvent(event)
        index = self.indexAt(event.position().toPoint())
        if not index.isValid() or event.button() is not Qt.MouseButton.LeftButton:
            return
        line = self.checks.lines[index.row()]
        left = event.position().x() - self.columnViewportPosition(0)
        if line.parts and (line.section or (index.column() == 0 and left < Space.CELL + line.level * _STEP + _CHEVRON)):
            self._fold(line, opened=not self.checks.opened(line))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the room between names and reasons."""
        super().resizeEvent(event)
        self._share_room()

    def _share_room(self) -> None:
        fixed = sum(self.columnWidth(column) for column in (Column.OURS, Column.IBKR, Column.DIFFERENCE, Column.RESULT))
        room = self.viewport().width() - fixed
        self.setColumnWidth(Column.FIGURE, max(170, min(380, room * 11 // 20)))

    def _fold(self, line: Line, *, opened: bool) -> None:
        self._keeping_place(lambda: self.checks.fold(line, opened=opened))
        self.choose(line.key)

    def _go_up(self, line: Line) -> None:
        row = self.checks.row_of(line.key) or 0
        above = next((each for each in reversed(self.checks.lines[:row]) if each.level < line.level), None)
        if above is not None:
            self.choose(above.key)

    def _keeping_place(self, change: Any) -> None:
        current = self.current_line()
        scrolled = self.verticalScrollBar().value()
        self._settling = True
        try:
            change()
            self.clearSpans()
            for place, line in enumerate(self.checks.lines):
                if line.section:
                    self.setSpan(place, 0, 1, len(Column))
            kept = self.checks.row_of(current.key) if current is not None else None
            row = kept if kept is not None else _first(self.checks.lines)
            if row is not None:
                flags = QItemSelectionModel.SelectionFlag
                self.selectionModel().setCurrentIndex(self.checks.index(row, 0), flags.ClearAndSelect | flags.Rows)
            self.verticalScrollBar().setValue(scrolled)
            if kept is None and row is not None:
                self.scrollTo(self.checks.index(row, 0), TableView.ScrollHint.PositionAtCenter)
        finally:
            self._settling = False
        self._on_selection()

    def _on_selection(self) -> None:
        if not self._settling:
            self.chosen.emit(self.current_line())


class FigureDelegate(CellDelegate):
    """Paints the name of a line behind its mark, further in the deeper it stands."""

    def paint_content(self, painter: QPainter, rect: QRect, index: Index, look: Theme) -> None:
        """Paint mark and words."""
        level = int(index.data(_LEVEL) or 0)
        fold = index.data(_FOLD)
        left = rect.left() + max(0, level - 1) * _STEP
        if fold:
            name = "chevron-down" if fold == "open" else "chevron-right"
            pix = icons.pixmap(name, size=_CHEVRON, color="text_muted", dpr=painter.device().devicePixelRatioF())
            painter.drawPixmap(left, rect.center().y() - _CHEVRON // 2 + 1, pix)
        self.paint_text(painter, rect.adjusted(left - rect.left() + _CHEVRON + 4, 0, 0, 0), index, look)


def _first(lines: Sequence[Line]) -> int | None:
    """Return the first line that needs the user, else the first that is no section."""
    wanted = (CheckStatus.DIFFERS, CheckStatus.EXPLAINED)
    for status in wanted:
        found = [row for row, line in enumerate(lines) if line.check is not None and line.check.status is status]
        if found:
            return found[0]
    return next((row for row, line in enumerate(lines) if line.check is not None), None)


def _figure(line: Line, role: int) -> Any:
    if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
        return line.title
    if role == Role.TAIL:
        return f"· {line.tail}" if line.tail else None
    if role == Role.WEIGHT:
        return "strong" if line.section or line.strong else None
    if role == Qt.ItemDataRole.ToolTipRole:
        return line.title
    return None


def _cell(line: Line, column: Column, role: int, *, masked: bool) -> Any:
    if column in (Column.OURS, Column.IBKR, Column.DIFFERENCE):
        return _money_cell(line, column, role)
    mark = mark_of(line.status)
    if column is Column.RESULT:
        if role == Qt.ItemDataRole.DisplayRole:
            number = line.counts[line.status]
            counted = line.check is None and number > 1 and line.status in {CheckStatus.DIFFERS, CheckStatus.EXPLAINED}
            return f"{mark.word} ({number})" if counted else mark.word
        if role == Role.ICON:
            return (mark.icon, mark.tone)
        if role == Role.TONE:
            return mark.tone
        if role == Role.WEIGHT:
            return "strong" if line.status is CheckStatus.DIFFERS else None
        return None
    if line.check is None:
        return None
    if role == Qt.ItemDataRole.DisplayRole:
        return short_reason(line.check)
    if role == Qt.ItemDataRole.ToolTipRole:
        return describe_reason(line.check, masked=masked) or None
    if role == Role.TONE:
        return {CheckStatus.DIFFERS: "warning", CheckStatus.NOT_IN_REPORT: "text_muted"}.get(line.status)
    return None


def _money_cell(line: Line, column: Column, role: int) -> Any:
    value = {Column.OURS: line.ours, Column.IBKR: line.ibkr, Column.DIFFERENCE: line.difference}[column]
    if role == Qt.ItemDataRole.DisplayRole:
        if line.check is None and value is None:
            return ""
        return write(value, line.check, quantity=line.quantity, signed=line.signed or column is Column.DIFFERENCE)
    if role == Role.VALUE:
        return None if line.quantity or (line.check is not None and not is_money(line.check)) else value
    large = value is not None and abs(value) > HALF_A_CENT
    if role == Role.TONE:
        if value is None or (column is Column.DIFFERENCE and not large):
            return "text_muted"
        return "warning" if column is Column.DIFFERENCE and line.status is CheckStatus.DIFFERS else None
    if role == Role.WEIGHT:
        return "strong" if (large if column is Column.DIFFERENCE else line.strong) else None
    return None


def write(value: Decimal | None, check: Check | None, *, quantity: bool, signed: bool) -> str:
    """Write a figure of a check: units with their digits, money and percent with two decimals."""
    if quantity or (check is not None and check.check == "positions"):
        return formats.quantity(value, signed=signed and value is not None and value < 0)
    return formats.number(value, 2, signed=signed)


def _alignment(column: Column) -> int:
    right = column in (Column.OURS, Column.IBKR, Column.DIFFERENCE)
    return int((Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft) | Qt.AlignmentFlag.AlignVCenter)
