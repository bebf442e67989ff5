"""A table whose rows have keys: selection, cursor and scroll position stay with them when the rows are read again."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

from PySide6.QtCore import QItemSelectionModel, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QWidget

from ibjournal.gui.widgets.roles import Role
from ibjournal.gui.widgets.table_view import TableView


class KeyedTable(TableView):
    """``key_of`` names a row by what it shows; where the chosen row is gone, the one that followed it is chosen."""

    chosen = Signal(object)
    """The row under the cursor, or None."""

    def __init__(self, key_of: Callable[[object], Hashable], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._key_of = key_of
        self._settling = False
        self.selection_changed.connect(self._on_selection)

    def current_object(self) -> object | None:
        """Return the row under the cursor."""
        index = self.currentIndex()
        found: object | None = index.siblingAtColumn(0).data(Role.OBJECT) if index.isValid() else None
        return found

    def select_key(self, key: Hashable) -> bool:
        """Make a row current and visible; return whether it is shown."""
        row = self._row_of(key)
        if row is None:
            return False
        self._make_current(row)
        self.scrollTo(self.model().index(row, 0), QAbstractItemView.ScrollHint.EnsureVisible)
        return True

    def step(self, distance: int) -> None:
        """Go to the next (1) or previous (-1) row."""
        row = self.currentIndex().row() + distance
        if 0 <= row < self.model().rowCount():
            self._make_current(row)
            self.scrollTo(self.model().index(row, 0), QAbstractItemView.ScrollHint.EnsureVisible)

    def keeping_place(self, change: Callable[[], object]) -> None:
        """Run a change that resets the model, then put selection, cursor and scroll position back."""
        selected = [self._key_of(item) for item in self.selected_objects()]
        before = self._keys()
        at = self.currentIndex().row()
        scrolled = self.verticalScrollBar().value()
        self._settling = True
        try:
            change()
            rows = {key: row for row, key in reversed([*enumerate(self._keys())])}
            current = _nearest(before, at, rows)
            if current is not None:
                self._make_current(current)
            flags = QItemSelectionModel.SelectionFlag
            for key in selected:
                if key in rows:
                    self.selectionModel().select(self.model().index(rows[key], 0), flags.Select | flags.Rows)
            self.verticalScrollBar().setValue(scrolled)
        finally:
            self._settling = False
        self._on_selection()

    def _keys(self) -> list[Hashable]:
        model = self.model()
        return [self._key_of(model.index(row, 0).data(Role.OBJECT)) for row in range(model.rowCount())] if model else []

    def _row_of(self, key: Hashable) -> int | None:
        return next((row for row, each in enumerate(self._keys()) if each == key), None)

    def _make_current(self, row: int) -> None:
        flags = QItemSelectionModel.SelectionFlag
        column = next((each for each in range(1, self.model().columnCount()) if not self.isColumnHidden(each)), 0)
        self.selectionModel().setCurrentIndex(self.model().index(row, column), flags.ClearAndSelect | flags.Rows)

    def _on_selection(self) -> None:
        if not self._settling:
            self.chosen.emit(self.current_object())

    def sort_head(self, column: int, order: Qt.SortOrder) -> None:
        """Show a mark in a head without sorting."""
        head = self.horizontalHeader()
        head.blockSignals(True)
        head.setSortIndicatorShown(True)
        head.setSortIndicator(column, order)
        head.blockSignals(False)


def _nearest(before: Sequence[Hashable], at: int, rows: dict[Hashable, int]) -> int | None:
    """Return where the row at ``at`` stands now, or the next that is left, or the last before it."""
    if at < 0:
        return None
    for key in [*before[at:], *reversed(before[:at])]:
        if key in rows:
            return rows[key]
    return None
