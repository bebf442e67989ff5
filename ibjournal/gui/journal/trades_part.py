"""The journal as trades: the table with its sum row, and the pane of the chosen trade with its note."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from ibjournal.domain.filters import TradeFilter
from ibjournal.domain.period import ALL_TIME
from ibjournal.domain.trade import TradeKey
from ibjournal.gui.journal.detail import FILLS, NOTE, SUMMARY, TradePane
from ibjournal.gui.journal.journal_table import JournalTable
from ibjournal.gui.journal.note_keeper import NoteKeeper
from ibjournal.gui.journal.part import REVIEW, STRATEGIES, TRADES, Hint, JournalPart
from ibjournal.gui.journal.trade_links import TradeLinks, links_of
from ibjournal.gui.journal.trade_table import Column
from ibjournal.gui.journal.trade_totals import TradeTotals, total
from ibjournal.gui.screen import Known, StatusPart
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.widgets import figures, formats
from ibjournal.gui.widgets.table_view import SumRow
from ibjournal.services.campaigns import CampaignService
from ibjournal.services.journal import JournalService, TradeDetail, TradeList, TradeRow
from ibjournal.services.strategies import StrategyRow, StrategyService


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedTrades:
    """The trades of the filter, and the strategy that each was opened in."""

    found: TradeList
    strategies: Mapping[TradeKey, StrategyRow] = field(default_factory=dict)


class TradesPart(JournalPart):
    """Shows the trades of the filter and what belongs to the chosen one; keeps the user's notes."""

    name = TRADES
    file_name = "trades.csv"

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
        self.keeper = NoteKeeper(journal.write_note, tasks, at_once=journal.write_note_at_once)
        self.trades_table = JournalTable(today=today)
        self.trade_pane = TradePane(self.keeper, today=today)
        super().__init__(self.trades_table, self.trade_pane, tasks, parent)
        self.keeper.setParent(self)
        self._journal, self._strategies, self._campaigns = journal, strategies, campaigns
        self._loaded: LoadedTrades | None = None
        self._to_first = False
        self.sums = SumRow(self.table)
        self.column.addWidget(self.sums)
        self._connect()

    def ask(self, number: int) -> None:
        """Read the trades of the filter, and the pane's trade again."""
        self.tasks.run(
            load_trades, self._journal, self._strategies, self.wanted.where, owner=self, done=partial(self._on_list, number)
        )
        if self.trade_pane.key is not None:
            self.read_detail(self.trade_pane.key)

    def show_list(self, loaded: LoadedTrades) -> None:
        """Show these trades, their sums and counts."""
        found = loaded.found
        rows = found.rows
        waiting = [row for row in rows if _waits(loaded.strategies.get(row.trade.key))]
        self._loaded = loaded
        self.counted.emit({"all": found.total, "open": found.open, "closed": found.closed, REVIEW: len(waiting)})
        self.trades_table.show_trades(tuple(waiting) if self.wanted.review else rows, found.currency, loaded.strategies)
        self._show_empty(loaded)
        self._show_sums()
        self.show_status()

    def set_masked(self, *, masked: bool) -> None:
        """Hide or show money in table, sums, pane and status."""
        super().set_masked(masked=masked)
        self.trade_pane.set_masked(masked)
        self._show_sums()
        self.show_status()

    def set_known(self, known: Known) -> None:
        """Say in an empty table what to do next."""
        super().set_known(known)
        if self._loaded is not None:
            self._show_empty(self._loaded)

    def select(self, key: object) -> bool:
        """Choose a trade."""
        return self.trades_table.select_trade(TradeKey(str(key)))

    def first(self) -> None:
        """Choose the first trade once the list that is on its way has come."""
        self._to_first = True

    def ask_origin(self) -> None:
        """Ask where the result of the trade comes from, or the fill that has the keyboard."""
        self.trade_pane.ask_origin()

    def leave(self) -> None:
        """Save what was typed."""
        self.trade_pane.note.flush()

    def finish(self) -> None:
        """Save what was typed and wait until it is on disk."""
        self.trade_pane.note.finish()

    def context_menu(self) -> QMenu:
        """Return the menu for the trade under the cursor."""
        menu = super().context_menu()
        if self.trades_table.current_trade() is not None or self.trades_table.selected_trades():
            for words, tab in ((self.tr("Show summary"), SUMMARY), (self.tr("Show fills"), FILLS), (self.tr("Write a note"), NOTE)):
                menu.addAction(words).triggered.connect(partial(self._open_tab, tab))
            menu.addAction(self.tr("Where does this number come from?"), QKeySequence("Ctrl+E"), self.ask_origin)
            menu.addSeparator()
            self._add_grouping(menu)
            menu.addAction(self.tr("Copy")).triggered.connect(self.trades_table.copy_selection)
        menu.addAction(self.tr("Save as CSV…")).triggered.connect(self.export)
        return menu

    def column_menu(self, parent: QWidget) -> QMenu:
        """Return a menu that shows and hides columns."""
        return self.trades_table.column_menu(parent)

    def show_status(self) -> None:
        """Tell the status bar what is shown and selected."""
        parts: list[StatusPart] = []
        sums = self.trades_table.trades.totals
        if sums.provisional:
            parts.append(StatusPart(self.tr("{count} provisional").format(count=sums.provisional), "circle-dashed", "info"))
        if sums.entry_unknown:
            words = self.tr("{count} opened before the reports begin").format(count=sums.entry_unknown)
            parts.append(StatusPart(words, "info", "info"))
        if sums.open:
            parts.append(StatusPart(self.tr("{count} open").format(count=formats.quantity(Decimal(sums.open)))))
        self.status_changed.emit(parts, self._selection_words())

    def _connect(self) -> None:
        self.trade_pane.origin_wanted.connect(self.origin_wanted)
        self.trade_pane.close_wanted.connect(lambda: self.pane_wanted.emit(False))
        self.trade_pane.step_wanted.connect(self.trades_table.step)
        self.trade_pane.goto_wanted.connect(self.goto_wanted)
        self.trade_pane.basis_wanted.connect(lambda: self.screen_wanted.emit("check", "events"))
        self.trades_table.chosen.connect(self._on_chosen)
        self.trades_table.selection_changed.connect(self.show_status)
        self.trades_table.trade_opened.connect(self._on_opened)
        self.keeper.saved.connect(lambda _key, changes: self.changed.emit(changes))
        self.keeper.failed.connect(lambda _key, error: self.tasks.error.emit(error))

    def _add_grouping(self, menu: QMenu) -> None:
        """Offer to put the selected trades together, and to show what the trade belongs to."""
        chosen = [row.trade.key for row in self.trades_table.selected_trades()]
        current = self.trades_table.current_trade()
        strategy = self._loaded.strategies.get(current.trade.key) if self._loaded and current else None
        if strategy is not None:
            goto = partial(self.goto_wanted.emit, STRATEGIES, strategy.strategy.key)
            menu.addAction(self.tr("Show the strategy")).triggered.connect(goto)
        if len(chosen) > 1 and self._strategies is not None:
            group = partial(self._strategies.group, trades=chosen)
            menu.addAction(self.tr("Make one strategy of these")).triggered.connect(lambda: self.run(group))
        if len(chosen) > 1 and self._campaigns is not None:
            link = partial(self._campaigns.link, chosen)
            menu.addAction(self.tr("Make one campaign of these")).triggered.connect(lambda: self.run(link))
        menu.addSeparator()

    def _on_list(self, number: int, loaded: LoadedTrades) -> None:
        if not self.answered(number):
            return
        self.show_list(loaded)
        if self._to_first:
            self._to_first = False
            if self.trades_table.current_trade() is None:
                self.trades_table.step(1)
        self.loaded.emit()

    def _on_chosen(self, row: TradeRow | None) -> None:
        pane = self.trade_pane
        known = pane.key
        if row is None and known is not None and self.trades_table.trades.row_of(known) is None and pane.note.editor.hasFocus():
            return  # the trade was filtered away while its note is being written
        pane.show_row(row)
        if row is not None and (row.trade.key != known or not pane.isVisible()):
            self.read_detail(row.trade.key)

    def read_detail(self, key: TradeKey) -> None:
        """Read a trade whole, for the pane."""
        version = self.trade_pane.note.version()
        self.tasks.run(self._journal.trade_detail, key, owner=self, done=partial(self._on_detail, version))
        self.tasks.run(
            links_of,
            self._journal,
            self._strategies,
            self._campaigns,
            key,
            owner=self,
            done=partial(self._on_links, key),
        )

    def _on_detail(self, version: int | None, detail: TradeDetail | None) -> None:
        if detail is not None:
            note = self.trade_pane.note
            self.trade_pane.show_detail(detail, with_note=version is not None and version == note.version())

    def _on_links(self, key: TradeKey, links: TradeLinks) -> None:
        self.trade_pane.show_links(key, links)

    def _on_opened(self, _row: TradeRow) -> None:
        self.pane_wanted.emit(True)
        self.trade_pane.tabs.setFocus(Qt.FocusReason.OtherFocusReason)

    def _open_tab(self, tab: int) -> None:
        self.pane_wanted.emit(True)
        self.trade_pane.open_tab(tab)

    def _show_empty(self, loaded: LoadedTrades) -> None:
        rows = self.trades_table.trades.totals.count
        self.sums.setVisible(bool(rows))
        self.show_hint(None if rows else self._hint(loaded.found))

    def _hint(self, found: TradeList) -> Hint:
        if found.total:
            hidden = (
                self.tr("1 trade in this period.") if found.total == 1 else self.tr("%Ln trades in this period.", "", found.total)
            )
            return Hint(title=self.tr("No trades match"), text=hidden, action=self.tr("Clear filters"), then=self.clear_wanted.emit)
        if not self.known.depots:
            return Hint(
                title=self.tr("Your trades will stand here"),
                text=self.tr("Set up a depot and its reports are fetched from IBKR, or import Flex files you already have."),
                action=self.tr("Set up a depot"),
                then=lambda: self.settings_wanted.emit("new_depot"),
            )
        nothing = Hint(title=self.tr("No trades"), text=self.tr("The reports here hold no trades."))
        if self.period != ALL_TIME:
            text = self.tr("Neither was one closed in it, nor is one open.")
            nothing = Hint(title=self.tr("No trades in this period"), text=text)
        return self.hint_of_empty(hidden="", nothing=nothing)

    def _show_sums(self) -> None:
        sums = self.trades_table.trades.totals
        count = self.tr("1 trade") if sums.count == 1 else self.tr("%Ln trades", "", sums.count)
        cells = {int(Column.NET): self.trades_table.trades.sums(sums.net, masked=self.masked)}
        self.sums.set_content(count, self._sum_words(sums), cells, first_column=Column.CLOSED)

    def _sum_words(self, sums: TradeTotals) -> str:
        parts = []
        decided = sums.wins + sums.losses
        if decided:
            wins = self.tr("1 win") if sums.wins == 1 else self.tr("%Ln wins", "", sums.wins)
            losses = self.tr("1 loss") if sums.losses == 1 else self.tr("%Ln losses", "", sums.losses)
            share = f"{100 * sums.wins / decided:.0f}"
            parts.append(self.tr("{wins}, {losses} ({share}%)").format(wins=wins, losses=losses, share=share))
        if len(sums.fees) == 1:
            ((currency, fees),) = sums.fees
            amount = figures.with_currency(figures.change(fees, masked=self.masked), currency)
            parts.append(self.tr("fees {amount}").format(amount=amount))
        if sums.provisional_net:
            amount = self.trades_table.trades.sums(sums.provisional_net, masked=self.masked)
            parts.append(self.tr("{amount} of it provisional").format(amount=amount))
        return " · ".join(parts)

    def _selection_words(self) -> str:
        chosen = self.trades_table.selected_trades()
        if not chosen:
            return ""
        sums = total(chosen)
        amounts = [figures.with_currency(figures.change(value, masked=self.masked), currency) for currency, value in sums.net]
        return " · ".join([self.tr("{count} selected").format(count=len(chosen)), *amounts])


def load_trades(journal: JournalService, strategies: StrategyService | None, where: TradeFilter) -> LoadedTrades:
    """Read the trades of a filter, and which strategy each was opened in; belongs into the background."""
    found = journal.list_trades(where)
    if strategies is None:
        return LoadedTrades(found=found)
    everything = TradeFilter(depot=where.depot, account=where.account)
    by_trade: dict[TradeKey, StrategyRow] = {}
    for row in strategies.list(everything):
        for leg in row.strategy.legs:
            for key in leg.trades:
                by_trade.setdefault(key, row)
    return LoadedTrades(found=found, strategies=by_trade)


def _waits(row: StrategyRow | None) -> bool:
    return row is not None and not row.strategy.certain
