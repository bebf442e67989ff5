"""A table model that formats a tuple of frozen rows; it sorts itself and knows no service."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from ibjournal.gui.widgets.roles import Role

R = TypeVar("R")
Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


@dataclass(frozen=True, slots=True, kw_only=True)
class Column(Generic[R]):
    """How one column shows a row. ``title`` and ``hint`` are translated words; only ``text`` is needed.

    ``sort`` returns what the column is ordered by; None sorts last in both directions.
    """

    key: str
    title: str
    text: Callable[[R], str]
    hint: str = ""
    right: bool = False
    width: int = 100
    value: Callable[[R], Decimal | None] | None = None
    tail: Callable[[R], str] | None = None
    tone: Callable[[R], str] | None = None
    icon: Callable[[R], tuple[str, str] | None] | None = None
    tooltip: Callable[[R], str] | None = None
    sort: Callable[[R], Any] | None = None
    weight: str = ""


class RowsModel(QAbstractTableModel, Generic[R]):
    """Rows under columns. `set_rows` replaces all; `sort` keeps the selection."""

    def __init__(self, columns: Sequence[Column[R]], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self._rows: tuple[R, ...] = ()
        self._sorted_by: tuple[int, Qt.SortOrder] | None = None

    @property
    def rows(self) -> tuple[R, ...]:
        """The rows in the order shown."""
        return self._rows

    def set_rows(self, rows: Iterable[R]) -> None:
        """Show these rows, in the order of the last `sort`."""
        self.beginResetModel()
        self._rows = tuple(rows)
        if self._sorted_by is not None:
            self._rows = tuple(self._rows[position] for position in self._order(*self._sorted_by))
        self.endResetModel()

    def row_of(self, matches: Callable[[R], bool]) -> int:
        """Return the first row that matches, -1 when there is none."""
        return next((position for position, row in enumerate(self._rows) if matches(row)), -1)

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Return the number of rows."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a role asks of a cell."""
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row, column = self._rows[index.row()], self.columns[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(row)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(
                (Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft) | Qt.AlignmentFlag.AlignVCenter
            )
        if role == Role.OBJECT:
            return row
        if role == Role.WEIGHT:
            return column.weight or None
        asked = {
            int(Role.VALUE): column.value,
            int(Role.TAIL): column.tail,
            int(Role.TONE): column.tone,
            int(Role.ICON): column.icon,
            int(Role.SORT): column.sort,
            int(Qt.ItemDataRole.ToolTipRole): column.tooltip,
        }.get(int(role))
        return (asked(row) or None) if asked is not None and role != Role.VALUE else asked(row) if asked is not None else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the words, the hint or the alignment of a head."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return column.hint or None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(
                (Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft) | Qt.AlignmentFlag.AlignVCenter
            )
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Order the rows by a column; persistent indexes and with them the selection move along."""
        if not 0 <= column < len(self.columns):
            self._sorted_by = None
            return
        self._sorted_by = (column, order)
        self.layoutAboutToBeChanged.emit()
        positions = self._order(column, order)
        moved = {old: new for new, old in enumerate(positions)}
        before = self.persistentIndexList()
        self._rows = tuple(self._rows[position] for position in positions)
        self.changePersistentIndexList(before, [self.index(moved[index.row()], index.column()) for index in before])
        self.layoutChanged.emit()

    def _order(self, column: int, order: Qt.SortOrder) -> list[int]:
        spec = self.columns[column]
        key: Callable[[R], Any] = spec.sort or spec.value or spec.text
        keys: list[Any] = [key(row) for row in self._rows]
        known = [position for position, value in enumerate(keys) if value is not None]
        unknown = [position for position, value in enumerate(keys) if value is None]
        known.sort(key=lambda position: keys[position], reverse=order == Qt.SortOrder.DescendingOrder)
        return known + unknown
