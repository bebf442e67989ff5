"""The bar above the journal's table: search, state, columns, export."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from ibjournal.domain.filters import TradeState
from ibjournal.gui.widgets.labels import tool_button
from ibjournal.gui.widgets.panel import FilterBar, SearchField
from ibjournal.gui.widgets.segmented import SegmentedControl

PAUSE = 200
"""Milliseconds without typing after which a search begins."""


class JournalFilterBar(FilterBar):
    """Tells when the wanted trades change; asks for the column menu and for export."""

    changed = Signal()
    columns_wanted = Signal()
    export_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.search = SearchField(self.tr("Search"))
        self.search.setToolTip(self.tr("Symbol, description or note; several words must all be found (Ctrl+F)"))
        self.states = SegmentedControl(
            (
                (TradeState.ALL.value, self.tr("All")),
                (TradeState.OPEN.value, self.tr("Open")),
                (TradeState.CLOSED.value, self.tr("Closed")),
            ),
            name=self.tr("State of the trades"),
        )
        self.columns = tool_button("columns-3", self.tr("Columns"))
        self.export = tool_button("download", self.tr("Save as CSV"))
        self.row.addWidget(self.search)
        self.row.addWidget(self.states)
        self.row.addStretch(1)
        self.row.addWidget(self.columns)
        self.row.addWidget(self.export)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PAUSE)
        self._timer.timeout.connect(self.changed)
        self.search.searched.connect(lambda _text: self._timer.start())
        self.search.returnPressed.connect(self._on_return)
        self.states.changed.connect(lambda _key: self.changed.emit())
        self.columns.clicked.connect(self.columns_wanted)
        self.export.clicked.connect(self.export_wanted)

    @property
    def state(self) -> TradeState:
        """The chosen state."""
        return TradeState(self.states.current or TradeState.ALL.value)

    @property
    def text(self) -> str:
        """The words searched for."""
        return self.search.text().strip()

    def is_narrowed(self) -> bool:
        """Return whether the bar hides any trade."""
        return bool(self.text) or self.state is not TradeState.ALL

    def clear(self) -> None:
        """Show all trades again."""
        self.search.blockSignals(True)
        self.search.clear()
        self.search.blockSignals(False)
        self.states.set_current(TradeState.ALL.value)
        self._timer.stop()
        self.changed.emit()

    def show_counts(self, *, total: int, opened: int, closed: int) -> None:
        """Show how many trades each state holds."""
        for state, count in ((TradeState.ALL, total), (TradeState.OPEN, opened), (TradeState.CLOSED, closed)):
            self.states.set_count(state.value, count)

    def _on_return(self) -> None:
        self._timer.stop()
        self.changed.emit()
