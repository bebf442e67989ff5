"""The journal screen: filter bar, and the journal as trades, as strategies or as campaigns, each with a pane."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QHideEvent, QKeyEvent, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QMenu, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from ibjournal.domain.filters import TradeFilter
from ibjournal.domain.trade import TradeKey
from ibjournal.gui.journal.campaigns_part import CampaignsPart
from ibjournal.gui.journal.detail import MAX_WIDTH, MIN_WIDTH, WIDTH
from ibjournal.gui.journal.filter_bar import JournalFilterBar
from ibjournal.gui.journal.part import TRADES, JournalPart, Wanted
from ibjournal.gui.journal.strategies_part import StrategiesPart
from ibjournal.gui.journal.trades_part import TradesPart
from ibjournal.gui.screen import Screen, StatusPart
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.widgets.labels import repolish
from ibjournal.services.campaigns import CampaignService
from ibjournal.services.changes import Changes
from ibjournal.services.journal import JournalService
from ibjournal.services.strategies import StrategyService

_DRAWER = 1080
"""Width of the screen below which the pane lies over the table as a drawer."""


class JournalScreen(Screen):
    """Shows one of its parts at a time; they share the filter bar and the place at the right.

    Without ``strategies`` or ``campaigns`` these parts are not offered.
    """

    name = "journal"
    icon = "notebook-pen"
    reload_on = Changes(trades=True, depots=True, journal=True, reports=True)

    def __init__(
        self,
        journal: JournalService,
        tasks: TaskRunner,
        parent: QWidget | None = None,
        *,
        strategies: StrategyService | None = None,
        campaigns: CampaignService | None = None,
        today: Callable[[], date] = date.today,
    ) -> None:
        super().__init__(tasks, parent)
        self.title = self.tr("Journal")
        self._strategies = strategies
        self._status: dict[str, tuple[list[StatusPart], str]] = {}
        self._wanted_key: tuple[str, object] | None = None
        self._window: QWidget | None = None
        self._drawer = False
        self.trades = TradesPart(journal, tasks, strategies=strategies, campaigns=campaigns, today=today)
        self.parts: dict[str, JournalPart] = {TRADES: self.trades}
        if strategies is not None:
            self.strategies = StrategiesPart(strategies, tasks, today=today)
            self.parts[self.strategies.name] = self.strategies
        if campaigns is not None:
            self.campaigns = CampaignsPart(campaigns, tasks, today=today)
            self.parts[self.campaigns.name] = self.campaigns
        self.bar = JournalFilterBar(tuple(self.parts))
        self.keeper = self.trades.keeper
        self.sums = self.trades.sums
        self.table = self.trades.trades_table
        """The trades: the main table, whose columns the window remembers."""
        self.pane = self.trades.trade_pane
        self._build()
        self._connect()

    @property
    def part(self) -> JournalPart:
        """The part that is shown."""
        return self.parts[self.bar.part]

    def load(self) -> None:
        """Read what the filter asks for in the background."""
        where = TradeFilter(depot=self.depot, period=self.period, state=self.bar.state, text=self.bar.text)
        self.part.load(Wanted(where=where, review=self.bar.review))
        self._count_reviews()

    def refresh(self, changes: Changes) -> None:
        """Load again, now or when shown; the count beside the screen's name is right even while it is hidden."""
        super().refresh(changes)
        if not self.isVisible() and (changes.trades or changes.depots):
            self._count_reviews()

    def paint_mask(self) -> None:
        """Hide or show money everywhere."""
        for part in self.parts.values():
            part.set_masked(masked=self.masked)

    def paint_known(self) -> None:
        """Let empty lists say what to do next."""
        for part in self.parts.values():
            part.set_known(self.known)

    def focus_search(self) -> bool:
        """Put the cursor into the search field."""
        self.bar.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.bar.search.selectAll()
        return True

    def main_table(self) -> QWidget | None:
        """Return the table of the part in front."""
        return self.part.table

    def show_part(self, part: str) -> None:
        """Show trades, strategies or campaigns."""
        if part not in self.parts:
            return
        self.part.leave()
        self.bar.set_part(part)
        self._lists.setCurrentWidget(self.part)
        self._panes.setCurrentWidget(self.part.pane)
        self._show_status()
        self.mark_dirty()

    def goto(self, name: str, key: object) -> None:
        """Show something in a part, as soon as that part has read it; filters that hide it are cleared."""
        self._show_pane(shown=True)
        if name == self.bar.part and self.part.select(key):
            return
        self._wanted_key = (name, key)
        self.bar.reset()
        self.show_part(name)

    def open_trade(self, key: TradeKey) -> bool:
        """Choose a trade and show its pane; return whether it is among those shown."""
        if self.bar.part != TRADES:
            self.show_part(TRADES)
        self._show_pane(shown=True)
        return self.trades.select(key)

    def finish(self) -> None:
        """Save what was typed and wait until it is on disk."""
        self.trades.finish()

    def export(self) -> None:
        """Ask where to, and save the table as CSV."""
        self.part.export()

    def context_menu(self) -> QMenu:
        """Return the menu for what is under the cursor."""
        return self.part.context_menu()

    def showEvent(self, event: QShowEvent) -> None:
        """Watch the window, so that no note is lost when it closes."""
        super().showEvent(event)
        window = self.window()
        if window is not self._window:
            self._window = window
            window.installEventFilter(self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Beside the table while there is room for both, over it where there is not."""
        super().resizeEvent(event)
        drawer = self.width() < _DRAWER
        if drawer != self._drawer:
            self._set_drawer(drawer=drawer)
        if self._drawer:
            self._panes.setGeometry(self.width() - WIDTH, 0, WIDTH, self.height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes the drawer."""
        if event.key() == Qt.Key.Key_Escape and self._drawer and self._panes.isVisible():
            self._show_pane(shown=False)
            event.accept()
        else:
            super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Save what was typed when another screen is shown."""
        self.part.leave()
        super().hideEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Save and wait before the window closes: after that there may be no thread left to write with."""
        if watched is self._window and event.type() == QEvent.Type.Close:
            self.finish()
        return super().eventFilter(watched, event)

    def _build(self) -> None:
        side = QWidget()
        side.setObjectName("surface")
        side.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._lists = QStackedWidget()
        self._panes = QStackedWidget()
        self._panes.setObjectName("surface")
        self._panes.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._panes.setMinimumWidth(MIN_WIDTH)
        self._panes.setMaximumWidth(MAX_WIDTH)
        for part in self.parts.values():
            self._lists.addWidget(part)
            self._panes.addWidget(part.pane)
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self._lists, 1)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setHandleWidth(1)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(side)
        self.splitter.addWidget(self._panes)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setStretchFactor(1, 0)
        self.splitter.setSizes([10_000, WIDTH])
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.splitter)

    def _connect(self) -> None:
        keys: dict[str, Callable[[], object]] = {
            "Ctrl+Shift+E": self.export,
            "Ctrl+E": lambda: self.part.ask_origin(),  # noqa: PLW0108 - the part that is shown then
            "Ctrl+Tab": partial(self._step_part, 1),
            "Ctrl+Shift+Tab": partial(self._step_part, -1),
        }
        for words, action in keys.items():
            shortcut = QShortcut(QKeySequence(words), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(action)
        self.bar.changed.connect(self.mark_dirty)
        self.bar.part_changed.connect(self.show_part)
        self.bar.columns_wanted.connect(self._on_columns)
        self.bar.export_wanted.connect(self.export)
        self.bar.search.returnPressed.connect(self._on_searched)
        for name, part in self.parts.items():
            part.status_changed.connect(partial(self._on_status, name))
            part.loaded.connect(partial(self._on_loaded, name))
            part.counted.connect(partial(self._on_counted, name))
            part.changed.connect(self._on_changed)
            part.origin_wanted.connect(self.origin_wanted)
            part.pane_wanted.connect(lambda shown: self._show_pane(shown=shown))
            part.goto_wanted.connect(self.goto)
            part.clear_wanted.connect(self.bar.clear)
            part.screen_wanted.connect(self.screen_wanted)
            part.sync_wanted.connect(self.sync_wanted)
            part.all_time_wanted.connect(self.all_time_wanted)
            part.settings_wanted.connect(self.settings_wanted)

    def _step_part(self, distance: int) -> None:
        names = list(self.parts)
        self.show_part(names[(names.index(self.bar.part) + distance) % len(names)])
        self.part.table.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _on_searched(self) -> None:
        """Go on to what was found: Return in the search leads to the first row of the list that is on its way."""
        self.part.first()
        self.part.table.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _on_columns(self) -> None:
        menu = self.part.column_menu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.bar.columns.mapToGlobal(self.bar.columns.rect().bottomLeft()))

    def _on_status(self, name: str, parts: list[StatusPart], right: str) -> None:
        self._status[name] = (parts, right)
        if name == self.bar.part:
            self._show_status()

    def _show_status(self) -> None:
        self.status_changed.emit(*self._status.get(self.bar.part, ([], "")))

    def _on_loaded(self, name: str) -> None:
        if self._wanted_key is not None and self._wanted_key[0] == name:
            key, self._wanted_key = self._wanted_key[1], None
            self.part.select(key)
        self.loaded.emit()

    def _on_counted(self, name: str, counts: Mapping[str, int]) -> None:
        if name == self.bar.part:
            self.bar.show_counts(counts)

    def _on_changed(self, changes: Changes) -> None:
        """Let every screen know what the user altered; this one hears of it in the same way."""
        if changes:
            self.changed.emit(changes)

    def _count_reviews(self) -> None:
        if self._strategies is not None:
            everything = TradeFilter(depot=self.depot)
            self.tasks.run(self._strategies.to_review, everything, owner=self, done=self._on_reviews)

    def _on_reviews(self, waiting: tuple[object, ...]) -> None:
        self.badge_changed.emit(str(len(waiting)) if waiting else "", "")

    def _set_drawer(self, *, drawer: bool) -> None:
        self._drawer = drawer
        self._panes.setObjectName("pane" if drawer else "surface")  # a drawer draws its own edge, the splitter draws it else
        repolish(self._panes)
        if drawer:
            self._panes.setParent(self)
            self._panes.hide()
        else:
            self.splitter.addWidget(self._panes)
            self.splitter.setSizes([max(1, self.width() - WIDTH), WIDTH])
            self._panes.show()

    def _show_pane(self, *, shown: bool) -> None:
        self._panes.setVisible(shown)
        if shown:
            self._panes.raise_()
        else:
            self.part.table.setFocus(Qt.FocusReason.OtherFocusReason)
