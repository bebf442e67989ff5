"""The bar above the journal: what it is looked at as, search, state, columns, export."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from ibjournal.domain.filters import TradeState
from ibjournal.gui.journal.part import CAMPAIGNS, REVIEW, STRATEGIES, TRADES
from ibjournal.gui.widgets.labels import tool_button
from ibjournal.gui.widgets.panel import FilterBar, SearchField
from ibjournal.gui.widgets.segmented import SegmentedControl

PAUSE = 200
"""Milliseconds without typing after which a search begins."""
_SEARCH_WIDTHS = (168, 132, 96)
"""The search field gives way in these steps, then the counts of the states go."""


class JournalFilterBar(FilterBar):
    """Tells when other rows are wanted; asks for the column menu and for export."""

    changed = Signal()
    part_changed = Signal(str)
    columns_wanted = Signal()
    export_wanted = Signal()

    def __init__(self, parts: Sequence[str] = (TRADES,), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        words = {TRADES: self.tr("Trades"), STRATEGIES: self.tr("Strategies"), CAMPAIGNS: self.tr("Campaigns")}
        self.parts = SegmentedControl([(part, words[part]) for part in parts], name=self.tr("Look at the journal as"))
        self.parts.setToolTip(self.tr("Trades, strategies or campaigns (Ctrl+Tab)"))
        if len(parts) == 1:  # only ever hidden: what is shown before it has its place is a window of its own for a moment
            self.parts.hide()
        self.search = SearchField(self.tr("Search"))
        self.search.setToolTip(self.tr("Symbol, description or note; several words must all be found (Ctrl+F)"))
        states = [
            (TradeState.ALL.value, self.tr("All")),
            (TradeState.OPEN.value, self.tr("Open")),
            (TradeState.CLOSED.value, self.tr("Closed")),
        ]
        if len(parts) > 1:
            states.append((REVIEW, self.tr("To review")))
        self._states = tuple(key for key, _words in states)
        self._counts: Mapping[str, int] = {}
        self.states = SegmentedControl(states, name=self.tr("State of the trades"))
        self.columns = tool_button("columns-3", self.tr("Columns"))
        self.export = tool_button("download", self.tr("Save as CSV"))
        self.row.addWidget(self.parts)
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
        self.parts.changed.connect(self.part_changed)
        self.columns.clicked.connect(self.columns_wanted)
        self.export.clicked.connect(self.export_wanted)

    @property
    def part(self) -> str:
        """What the journal is looked at as."""
        return self.parts.current

    @property
    def state(self) -> TradeState:
        """The chosen state; what is to be reviewed may be open or closed."""
        current = self.states.current
        return TradeState.ALL if current in {"", REVIEW} else TradeState(current)

    @property
    def review(self) -> bool:
        """Whether only what waits for the user is wanted."""
        return self.states.current == REVIEW

    @property
    def text(self) -> str:
        """The words searched for."""
        return self.search.text().strip()

    def is_narrowed(self) -> bool:
        """Return whether the bar hides any row."""
        return bool(self.text) or self.review or self.state is not TradeState.ALL

    def set_part(self, part: str) -> None:
        """Show which part is in front; its counts are not known yet."""
        if part != self.part:
            self.parts.set_current(part)
            self.show_counts({})

    def reset(self) -> None:
        """Take all filters back without telling anybody."""
        self.search.blockSignals(True)
        self.search.clear()
        self.search.blockSignals(False)
        self.states.set_current(TradeState.ALL.value)
        self._timer.stop()

    def clear(self) -> None:
        """Show all rows again."""
        self.reset()
        self.changed.emit()

    def show_counts(self, counts: Mapping[str, int]) -> None:
        """Show how many rows each state holds, where there is room."""
        self._counts = counts
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give way in narrow windows: the search field first, then the counts."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self._set_counts(shown=True)
        around = self.row.contentsMargins().left() + self.row.contentsMargins().right() + 5 * self.row.spacing()
        fixed = around + sum(each.minimumSizeHint().width() for each in (self.columns, self.export))
        fixed += self.parts.minimumSizeHint().width() if len(self.parts.keys) > 1 else 0
        for width in _SEARCH_WIDTHS:
            rest = self.width() - fixed - self.states.minimumSizeHint().width()
            if width <= rest:
                self.search.setFixedWidth(min(_SEARCH_WIDTHS[0], rest))
                return
        self._set_counts(shown=False)
        rest = self.width() - fixed - self.states.minimumSizeHint().width()
        self.search.setFixedWidth(max(_SEARCH_WIDTHS[-1], min(_SEARCH_WIDTHS[0], rest)))

    def _set_counts(self, *, shown: bool) -> None:
        for state in self._states:
            self.states.set_count(state, self._counts.get(state) if shown else None)

    def _on_return(self) -> None:
        self._timer.stop()
        self.changed.emit()
