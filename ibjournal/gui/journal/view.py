"""The journal screen: filter bar, table with its sum row, and the pane of the chosen trade."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QHideEvent, QKeyEvent, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QMenu, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from ibjournal.domain.filters import TradeFilter
from ibjournal.domain.period import ALL_TIME
from ibjournal.domain.trade import TradeKey
from ibjournal.gui.journal.detail import FILLS, NOTE, SUMMARY, WIDTH, TradePane
from ibjournal.gui.journal.filter_bar import JournalFilterBar
from ibjournal.gui.journal.journal_table import JournalTable
from ibjournal.gui.journal.note_keeper import NoteKeeper
from ibjournal.gui.journal.trade_table import Column
from ibjournal.gui.journal.trade_totals import TradeTotals, total
from ibjournal.gui.screen import Screen, StatusPart
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.widgets import figures, formats
from ibjournal.gui.widgets.labels import repolish
from ibjournal.gui.widgets.panel import EmptyState
from ibjournal.gui.widgets.table_export import ask_where_to_save, csv_pattern, table_as_csv, write_text
from ibjournal.gui.widgets.table_view import SumRow
from ibjournal.services.changes import Changes
from ibjournal.services.journal import JournalService, TradeDetail, TradeList, TradeRow

_DRAWER = 1080
"""Width of the screen below which the pane lies over the table as a drawer."""


class JournalScreen(Screen):
    """Shows the trades of the filter and what belongs to the chosen one; keeps the user's notes."""

    name = "journal"
    icon = "notebook-pen"
    reload_on = Changes(trades=True, depots=True, journal=True, reports=True)

    def __init__(
        self, journal: JournalService, tasks: TaskRunner, parent: QWidget | None = None, *, today: Callable[[], date] = date.today
    ) -> None:
        super().__init__(tasks, parent)
        self.title = self.tr("Journal")
        self._journal = journal
        self._asked = 0
        self._list: TradeList | None = None
        self._to_first = False
        self._window: QWidget | None = None
        self._drawer = False
        self.keeper = NoteKeeper(journal.write_note, tasks, self)
        self.bar = JournalFilterBar()
        self.table = JournalTable(today=today)
        self.sums = SumRow(self.table)
        self.pane = TradePane(self.keeper, today=today)
        self._empty = EmptyState()
        self._empty_action: Callable[[], object] = self.bar.clear
        self._build()
        self._connect()

    def load(self) -> None:
        """Read the trades of the filter in the background."""
        self._asked += 1
        where = TradeFilter(depot=self.depot, period=self.period, state=self.bar.state, text=self.bar.text)
        self.tasks.run(self._journal.list_trades, where, owner=self, done=partial(self._on_list, self._asked))
        if self.pane.key is not None:
            self._read_detail(self.pane.key)

    def show_list(self, found: TradeList) -> None:
        """Show these trades, their sums and counts."""
        self._list = found
        self.bar.show_counts(total=found.total, opened=found.open, closed=found.closed)
        self.table.show_trades(found.rows, found.currency)
        self._show_empty(found)
        self._show_sums()
        self._show_status()

    def paint_mask(self) -> None:
        """Hide or show money in table, sums, pane and status."""
        self.table.set_masked(self.masked)
        self.pane.set_masked(self.masked)
        self._show_sums()
        self._show_status()

    def paint_known(self) -> None:
        """Say in an empty table what to do next."""
        if self._list is not None:
            self._show_empty(self._list)

    def focus_search(self) -> bool:
        """Put the cursor into the search field."""
        self.bar.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.bar.search.selectAll()
        return True

    def open_trade(self, key: TradeKey) -> bool:
        """Choose a trade and show its pane; return whether it is among those shown."""
        self._show_pane(shown=True)
        return self.table.select_trade(key)

    def finish(self) -> None:
        """Save what was typed and wait until it is on disk."""
        self.pane.note.finish()

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
            self.pane.setGeometry(self.width() - WIDTH, 0, WIDTH, self.height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes the drawer."""
        if event.key() == Qt.Key.Key_Escape and self._drawer and self.pane.isVisible():
            self._show_pane(shown=False)
            event.accept()
        else:
            super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Save what was typed when another screen is shown."""
        self.pane.note.flush()
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
        self._stack = QStackedWidget()
        self._stack.setObjectName("surface")
        self._stack.addWidget(self.table)
        self._stack.addWidget(self._empty)
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self._stack, 1)
        column.addWidget(self.sums)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setHandleWidth(1)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(side)
        self.splitter.addWidget(self.pane)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setStretchFactor(1, 0)
        self.splitter.setSizes([10_000, WIDTH])
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.splitter)
        self.setFocusProxy(self.table)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)

    def _connect(self) -> None:
        export = QShortcut(QKeySequence("Ctrl+Shift+E"), self)
        export.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        export.activated.connect(self.export)
        origin = QShortcut(QKeySequence("Ctrl+E"), self)
        origin.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        origin.activated.connect(self.pane.ask_origin)
        self.pane.origin_wanted.connect(self.origin_wanted)
        self.bar.changed.connect(self.mark_dirty)
        self.bar.columns_wanted.connect(self._on_columns)
        self.bar.export_wanted.connect(self.export)
        self.bar.search.returnPressed.connect(self._on_searched)
        self._empty.clicked.connect(self._on_empty_action)
        self.table.chosen.connect(self._on_chosen)
        self.table.selection_changed.connect(self._show_status)
        self.table.trade_opened.connect(self._on_opened)
        self.table.customContextMenuRequested.connect(self._on_menu)
        self.pane.close_wanted.connect(lambda: self._show_pane(shown=False))
        self.pane.step_wanted.connect(self.table.step)
        self.keeper.saved.connect(self._on_note_saved)
        self.keeper.failed.connect(lambda _key, error: self.tasks.error.emit(error))

    def export(self) -> None:
        """Ask where to, and save the table as CSV."""
        text = table_as_csv(self.table)

        def save(path: Path) -> None:
            self.tasks.run(write_text, path, text, owner=self)

        ask_where_to_save(self, title=self.tr("Save trades as CSV"), name="trades.csv", patterns=csv_pattern(), then=save)

    def _on_list(self, asked: int, found: TradeList) -> None:
        if asked == self._asked:
            self.show_list(found)
            if self._to_first:
                self._to_first = False
                if self.table.current_trade() is None:
                    self.table.step(1)
            self.loaded.emit()

    def _on_chosen(self, row: TradeRow | None) -> None:
        known = self.pane.key
        if row is None and known is not None and self.table.trades.row_of(known) is None and self.pane.note.editor.hasFocus():
            return  # the trade was filtered away while its note is being written
        self.pane.show_row(row)
        if row is not None and (row.trade.key != known or not self.pane.isVisible()):
            self._read_detail(row.trade.key)

    def _on_searched(self) -> None:
        """Go on to what was found: Return in the search leads to the first trade of the list that is on its way."""
        self._to_first = True
        self.table.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _read_detail(self, key: TradeKey) -> None:
        version = self.pane.note.version()
        self.tasks.run(self._journal.trade_detail, key, owner=self, done=partial(self._on_detail, version))

    def _on_detail(self, version: int | None, detail: TradeDetail | None) -> None:
        if detail is not None:
            self.pane.show_detail(detail, with_note=version is not None and version == self.pane.note.version())

    def _on_opened(self, _row: TradeRow) -> None:
        self._show_pane(shown=True)
        self.pane.tabs.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_note_saved(self, _key: TradeKey, changes: Changes) -> None:
        self.refresh(changes)

    def _on_empty_action(self) -> None:
        self._empty_action()

    def _on_columns(self) -> None:
        menu = self.table.column_menu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.bar.columns.mapToGlobal(self.bar.columns.rect().bottomLeft()))

    def context_menu(self) -> QMenu:
        """Return the menu for the trade under the cursor."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if self.table.current_trade() is not None:
            for words, tab in ((self.tr("Show summary"), SUMMARY), (self.tr("Show fills"), FILLS), (self.tr("Write a note"), NOTE)):
                menu.addAction(words).triggered.connect(partial(self._open_tab, tab))
            menu.addAction(self.tr("Where does this number come from?"), QKeySequence("Ctrl+E"), self.pane.ask_origin)
            menu.addSeparator()
            menu.addAction(self.tr("Copy")).triggered.connect(self.table.copy_selection)
        menu.addAction(self.tr("Save as CSV …")).triggered.connect(self.export)
        return menu

    def _on_menu(self, place: QPoint) -> None:
        self.context_menu().popup(self.table.viewport().mapToGlobal(place))

    def _open_tab(self, tab: int) -> None:
        self._show_pane(shown=True)
        self.pane.open_tab(tab)

    def _set_drawer(self, *, drawer: bool) -> None:
        self._drawer = drawer
        self.pane.setObjectName("pane" if drawer else "surface")  # a drawer draws its own edge, the splitter draws it else
        repolish(self.pane)
        if drawer:
            self.pane.setParent(self)
            self.pane.hide()
        else:
            self.splitter.addWidget(self.pane)
            self.splitter.setSizes([max(1, self.width() - WIDTH), WIDTH])
            self.pane.show()

    def _show_pane(self, *, shown: bool) -> None:
        self.pane.setVisible(shown)
        if shown:
            self.pane.raise_()
        else:
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_empty(self, found: TradeList) -> None:
        self._stack.setCurrentIndex(0 if found.rows else 1)
        self.sums.setVisible(bool(found.rows))
        if found.rows:
            return
        if found.total:
            hidden = (
                self.tr("1 trade in this period.") if found.total == 1 else self.tr("%n trades in this period.", "", found.total)
            )
            self._empty.set_words(self.tr("No trades match"), hidden, self.tr("Clear filters"))
            self._empty_action = self.bar.clear
        elif self.known.depots and not self.known.reports:
            self._empty.set_words(
                self.tr("Nothing fetched yet"),
                self.tr("Your trades will stand here once the first reports have come from IBKR."),
                self.tr("Fetch reports"),
            )
            self._empty_action = self.sync_wanted.emit
        elif self.period != ALL_TIME:
            self._empty.set_words(
                self.tr("No trades in this period"),
                self.tr("Neither was one closed in it, nor is one open."),
                self.tr("Show all periods"),
            )
            self._empty_action = self.all_time_wanted.emit
        elif self.known.depots:
            self._empty.set_words(self.tr("No trades"), self.tr("The reports here hold no trades."))
        else:
            self._empty.set_words(
                self.tr("Your trades will stand here"),
                self.tr("Set up a depot and its reports are fetched from IBKR, or import Flex files you already have."),
                self.tr("Set up a depot"),
            )
            self._empty_action = lambda: self.settings_wanted.emit("new_depot")

    def _show_sums(self) -> None:
        sums = self.table.trades.totals
        count = self.tr("1 trade") if sums.count == 1 else self.tr("%n trades", "", sums.count)
        cells = {int(Column.NET): self.table.trades.sums(sums.net, masked=self.masked)}
        self.sums.set_content(count, self._sum_words(sums), cells, first_column=Column.CLOSED)

    def _sum_words(self, sums: TradeTotals) -> str:
        parts = []
        decided = sums.wins + sums.losses
        if decided:
            wins = self.tr("1 win") if sums.wins == 1 else self.tr("%n wins", "", sums.wins)
            losses = self.tr("1 loss") if sums.losses == 1 else self.tr("%n losses", "", sums.losses)
            share = f"{100 * sums.wins / decided:.0f}"
            parts.append(self.tr("{wins}, {losses} ({share}%)").format(wins=wins, losses=losses, share=share))
        if len(sums.fees) == 1:
            ((currency, fees),) = sums.fees
            amount = figures.with_currency(figures.change(fees, masked=self.masked), currency)
            parts.append(self.tr("fees {amount}").format(amount=amount))
        if sums.provisional_net:
            amount = self.table.trades.sums(sums.provisional_net, masked=self.masked)
            parts.append(self.tr("{amount} of it provisional").format(amount=amount))
        return " · ".join(parts)

    def _show_status(self) -> None:
        parts: list[StatusPart] = []
        sums = self.table.trades.totals
        if sums.provisional:
            parts.append(StatusPart(self.tr("{count} provisional").format(count=sums.provisional), "circle-dashed", "info"))
        if sums.entry_unknown:
            words = self.tr("{count} opened before the reports begin").format(count=sums.entry_unknown)
            parts.append(StatusPart(words, "info", "info"))
        if sums.open:
            parts.append(StatusPart(self.tr("{count} open").format(count=formats.quantity(Decimal(sums.open)))))
        self.status_changed.emit(parts, self._selection_words())

    def _selection_words(self) -> str:
        chosen = self.table.selected_trades()
        if not chosen:
            return ""
        sums = total(chosen)
        amounts = [figures.with_currency(figures.change(value, masked=self.masked), currency) for currency, value in sums.net]
        return " · ".join([self.tr("{count} selected").format(count=len(chosen)), *amounts])
