"""The base of every table model here: a tuple of frozen rows, and for each cell what to show and what to export."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import IntEnum
from typing import Any, Generic, TypeAlias, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from ibjournal.gui.theme import Type

Index: TypeAlias = QModelIndex | QPersistentModelIndex
Raw: TypeAlias = Decimal | date | datetime | int | str | None
"""What a cell holds for copying and export."""

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CENTER = Qt.AlignmentFlag.AlignCenter


class RowRole(IntEnum):
    """Roles beyond Qt's own."""

    CELL = Qt.ItemDataRole.UserRole + 1
    """The `Cell`: everything the delegate paints."""
    OBJECT = Qt.ItemDataRole.UserRole + 2
    """The row's object."""
    KIND = Qt.ItemDataRole.UserRole + 3
    """The row's `Kind`."""


class Kind(IntEnum):
    """What a row is."""

    ROW = 0
    GROUP = 1
    SUM = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What the delegate paints. Colours are names of tokens.

    ``tail`` is secondary text behind ``text``; it elides first. ``bar`` is a signed share of the largest in view,
    painted on a common zero axis left of the number; ``note`` stands there instead. ``ground`` fills the cell (heat).
    """

    text: str = ""
    tail: str = ""
    tone: str = "text"
    type: Type = Type.TEXT
    icon: str = ""
    icon_tone: str = "text_muted"
    bar: float | None = None
    note: str = ""
    ground: str = ""
    tip: str = ""
    middle: bool = False
    """Elide in the middle (ids), not at the end."""

    @property
    def whole(self) -> str:
        """Text and tail as one, for screen readers and tooltips."""
        return " ".join(part for part in (self.text, self.tail) if part) or self.tip


EMPTY = Cell()
R = TypeVar("R")


class RowModel(QAbstractTableModel, Generic[R]):
    """A table of frozen rows. A subclass says what the heads are (`heads`), how they align, and what a cell shows.

    No database and no service stands behind it; `set_rows` replaces everything at once.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[R, ...] = ()

    # what a subclass answers

    def heads(self) -> tuple[str, ...]:
        """Return the columns' heads."""
        raise NotImplementedError

    def alignment(self, column: int) -> Qt.AlignmentFlag:
        """Return how a column and its head are aligned."""
        return LEFT if column == 0 else RIGHT

    def cell(self, row: R, column: int) -> Cell:
        """Return what a cell shows."""
        raise NotImplementedError

    def raw(self, row: R, column: int) -> Raw:
        """Return what a cell exports; by default the text it shows."""
        return self.cell(row, column).whole

    def kind(self, row: R) -> Kind:
        """Return what a row is."""
        del row
        return Kind.ROW

    def head_tip(self, column: int) -> str:
        """Return the tooltip of a head."""
        del column
        return ""

    # what a view asks

    def set_rows(self, rows: tuple[R, ...]) -> None:
        """Show these rows."""
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def row_at(self, index: Index) -> R | None:
        """Return the row's object, None for an invalid index."""
        return self.rows[index.row()] if index.isValid() and index.row() < len(self.rows) else None

    def repaint_all(self) -> None:
        """Say that every cell may read differently (mask, look)."""
        if self.rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.rows) - 1, self.columnCount() - 1))
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, self.columnCount() - 1)

    # Qt

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature; never changed
        """Return the number of rows; none below a row."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature; never changed
        """Return the number of columns; none below a row."""
        return 0 if parent.isValid() else len(self.heads())

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what Qt and our delegate ask for."""
        row = self.row_at(index)
        if row is None:
            return None
        if role == RowRole.OBJECT:
            return row
        if role == RowRole.KIND:
            return int(self.kind(row))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(self.alignment(index.column()))
        if role in _CELL_ROLES:
            cell = self.cell(row, index.column())
            return cell if role == RowRole.CELL else cell.whole if role != Qt.ItemDataRole.ToolTipRole else cell.tip or None
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the heads, their alignment and tooltips."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.heads()):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.heads()[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(self.alignment(section))
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.head_tip(section) or None
        return None


_CELL_ROLES = frozenset(
    {RowRole.CELL, Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole}
)
