"""The journal as campaigns: trades that are one story, and the links that wait for the user."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from ibjournal.domain.campaign import CampaignKey, Link
from ibjournal.domain.filters import TradeFilter, TradeState
from ibjournal.domain.period import ALL_TIME
from ibjournal.gui.journal.action_strip import ActionStrip
from ibjournal.gui.journal.campaign_pane import CampaignPane
from ibjournal.gui.journal.campaign_table import CampaignTable, Item, Place, key_of
from ibjournal.gui.journal.name_dialog import NameDialog
from ibjournal.gui.journal.part import CAMPAIGNS, REVIEW, TRADES, Hint, JournalPart
from ibjournal.gui.provenance.asked import OfTrade
from ibjournal.gui.screen import StatusPart
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.widgets import figures
from ibjournal.gui.widgets.table_view import SumRow
from ibjournal.services.campaigns import CampaignDetail, CampaignRow, CampaignService, CampaignSuggestion


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedCampaigns:
    """The campaigns of depot and period, and the links that wait."""

    rows: tuple[CampaignRow, ...] = ()
    waiting: tuple[CampaignSuggestion, ...] = ()


class CampaignsPart(JournalPart):
    """Lists campaigns and tells each one's story; links, unlinks and names them."""

    name = CAMPAIGNS
    file_name = "campaigns.csv"
    fixed_columns = frozenset({int(Place.STATE), int(Place.WHAT), int(Place.NET)})

    def __init__(
        self, service: CampaignService, tasks: TaskRunner, parent: QWidget | None = None, *, today: Callable[[], date] = date.today
    ) -> None:
        self.list = CampaignTable(today=today)
        self.detail = CampaignPane(today=today)
        super().__init__(self.list, self.detail, tasks, parent)
        self._service = service
        self._loaded = LoadedCampaigns()
        self.strip = ActionStrip()
        self.sums = SumRow(self.list)
        self.column.insertWidget(0, self.strip)
        self.column.addWidget(self.sums)
        actions: tuple[tuple[str, str, str, str, Callable[[], None]], ...] = (
            ("link", self.tr("Link"), self.tr("They belong together"), "Ctrl+G", self.link),
            ("apart", self.tr("Keep apart"), self.tr("They do not belong together"), "Ctrl+Shift+G", self.keep_apart),
            ("rename", self.tr("Rename…"), self.tr("Give the campaign a name"), "F2", self.rename),
        )
        for name, words, tip, keys, action in actions:
            self.strip.add(name, words, tip, keys, action)
            self.strip.bind(name, keys, self)
        self.list.chosen.connect(self._on_chosen)
        self.list.selection_changed.connect(self._on_selection)
        self.list.opened.connect(lambda _index: self._open())
        pane = self.detail
        pane.close_wanted.connect(lambda: self.pane_wanted.emit(False))
        pane.step_wanted.connect(self.list.step)
        pane.goto_wanted.connect(self.goto_wanted)
        pane.origin_wanted.connect(self.ask_origin)
        pane.action_wanted.connect(self.strip.trigger)

    # what the screen asks

    def ask(self, number: int) -> None:
        """Read the campaigns and what waits, and the pane's campaign again."""
        self.tasks.run(load_campaigns, self._service, self.wanted.where, owner=self, done=partial(self._on_list, number))
        if self.detail.key is not None:
            self._read_detail(self.detail.key)

    def show_list(self, loaded: LoadedCampaigns) -> None:
        """Show what the filter bar asks for."""
        self._loaded = loaded
        rows, waiting = loaded.rows, loaded.waiting
        opened = sum(row.campaign.closed_on is None for row in rows)
        self.counted.emit({"all": len(rows), "open": opened, "closed": len(rows) - opened, REVIEW: len(waiting)})
        state = self.wanted.where.state
        shown = [row for row in rows if state is TradeState.ALL or (row.campaign.closed_on is None) == (state is TradeState.OPEN)]
        items: tuple[Item, ...] = (*waiting, *(() if self.wanted.review else shown))
        if state is not TradeState.ALL:
            items = tuple(shown)
        self.list.show_items(items)
        self.sums.setVisible(bool(self.list.rows()))
        self.strip.words.setText(self._waiting_words(len(waiting)))
        self.show_hint(None if items else self._hint())
        self._show_sums()
        self._on_selection()

    def set_masked(self, *, masked: bool) -> None:
        """Hide or show money."""
        super().set_masked(masked=masked)
        self.detail.set_masked(masked=masked)
        self._show_sums()
        self.show_status()

    def select(self, key: object) -> bool:
        """Choose a campaign."""
        return self.list.select_key(CampaignKey(str(key)))

    def first(self) -> None:
        """Choose the first row where none is chosen."""
        if self.list.current_item() is None:
            self.list.step(1)

    def ask_origin(self) -> None:
        """Ask where the result comes from: the last trade that was closed."""
        item = self.list.current_item()
        if isinstance(item, CampaignRow) and item.campaign.chain.trades:
            self.origin_wanted.emit(OfTrade(item.campaign.chain.trades[-1], item.symbol))

    def context_menu(self) -> QMenu:
        """Return the menu for the row under the cursor."""
        menu = super().context_menu()
        item = self.list.current_item()
        if item is not None:
            for name, made in self.strip.buttons.items():
                action = menu.addAction(made.text())
                action.setEnabled(made.isEnabled())
                action.triggered.connect(partial(self.strip.trigger, name))
            menu.addSeparator()
        if isinstance(item, CampaignRow):
            self._add_trades(menu)
            menu.addAction(self.tr("Where does this number come from?"), QKeySequence("Ctrl+E"), self.ask_origin)
            menu.addSeparator()
        menu.addAction(self.tr("Save as CSV…")).triggered.connect(self.export)
        return menu

    def show_status(self) -> None:
        """Tell the status bar what is shown and selected."""
        parts = []
        waiting = len(self._loaded.waiting)
        if waiting:
            parts.append(StatusPart(self.tr("{count} to review").format(count=waiting), "flag", "warning"))
        chosen = [item for item in self.list.selected_objects() if isinstance(item, CampaignRow)]
        right = ""
        if chosen:
            words = self.tr("{count} selected").format(count=len(chosen))
            right = " · ".join([words, *self._sums_of(chosen)])
        self.status_changed.emit(parts, right)

    # what the user says

    def link(self) -> None:
        """Say that two trades, or the trades of several campaigns, belong together."""
        links = self._suggested()
        if links:
            for each in links:
                self.run(self._service.link, (each.earlier, each.later))
            return
        chosen = self._campaigns()
        if len(chosen) > 1:
            self.run(self._service.link, tuple(key for row in chosen for key in row.campaign.chain.trades))

    def keep_apart(self) -> None:
        """Say that two trades do not belong together."""
        for each in self._suggested():
            self.run(self._service.keep_apart, each.earlier, each.later)

    def rename(self) -> None:
        """Ask for a name."""
        item = self.list.current_item()
        if not isinstance(item, CampaignRow):
            return
        chain = item.campaign.chain

        def save(name: str, _choice: str) -> None:
            self.run(self._service.rename, chain.key, name)

        dialog = NameDialog(title=self.tr("Name the campaign"), name=chain.name, then=save, parent=self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    # inside

    def _suggested(self) -> list[Link]:
        return [item.link for item in self.list.selected_objects() if isinstance(item, CampaignSuggestion)]

    def _campaigns(self) -> list[CampaignRow]:
        return [item for item in self.list.selected_objects() if isinstance(item, CampaignRow)]

    def _add_trades(self, menu: QMenu) -> None:
        """Offer each trade of the campaign: to be shown, or to be taken out of it."""
        detail = self.detail.shown
        if detail is None:
            return
        show, out = menu.addMenu(self.tr("Show a trade")), menu.addMenu(self.tr("Take a trade out"))
        for key in detail.row.campaign.chain.trades:
            trade = detail.trades.get(key)
            instrument = detail.instruments.get(trade.instrument) if trade is not None else None
            words = " ".join((instrument.symbol if instrument else str(key)).split())
            show.addAction(words).triggered.connect(partial(self.goto_wanted.emit, TRADES, key))
            out.addAction(words).triggered.connect(partial(self.run, self._service.unlink, key))

    def _on_list(self, number: int, loaded: LoadedCampaigns) -> None:
        if self.answered(number):
            self.show_list(loaded)
            self.loaded.emit()

    def _on_selection(self) -> None:
        links, chosen = self._suggested(), self._campaigns()
        same = len({(row.campaign.chain.account, row.campaign.chain.underlying, row.campaign.currency) for row in chosen}) == 1
        self.strip.enable(link=bool(links) or (len(chosen) > 1 and same), apart=bool(links), rename=len(chosen) == 1 and not links)
        self.show_status()

    def _on_chosen(self, item: object) -> None:
        known = self.detail.key
        self.detail.show_item(item if isinstance(item, (CampaignRow, CampaignSuggestion)) else None)
        if isinstance(item, CampaignRow) and key_of(item) != known:
            self._read_detail(item.campaign.chain.key)

    def _read_detail(self, key: CampaignKey) -> None:
        self.tasks.run(self._service.detail, key, owner=self, done=self._on_detail)

    def _on_detail(self, detail: CampaignDetail | None) -> None:
        if detail is not None:
            self.detail.show_detail(detail)

    def _open(self) -> None:
        self.pane_wanted.emit(True)

    def _waiting_words(self, waiting: int) -> str:
        if not waiting:
            return self.tr("Rolls, assignments and covered calls are linked by themselves; select trades to link more.")
        return self.tr("1 link waits for you") if waiting == 1 else self.tr("%Ln links wait for you", "", waiting)

    def _hint(self) -> Hint:
        text = self.tr("Rolls, assignments, covered calls and the wheel stand here as one story each.")
        if self.wanted.review:
            return Hint(
                title=self.tr("Nothing to review"),
                text=self.tr("No link waits for you."),
                action=self.tr("Show all"),
                then=self.clear_wanted.emit,
            )
        count = len(self._loaded.rows)
        hidden = self.tr("1 campaign in this period.") if count == 1 else self.tr("%Ln campaigns in this period.", "", count)
        if not count:  # the search alone has left nothing
            hidden = self.tr("No campaign of this period fits the search.")
        title = self.tr("No campaigns") if self.period == ALL_TIME else self.tr("No campaigns in this period")
        return self.hint_of_empty(hidden=hidden, nothing=Hint(title=title, text=text))

    def _show_sums(self) -> None:
        rows = self.list.rows()
        count = self.tr("1 campaign") if len(rows) == 1 else self.tr("%Ln campaigns", "", len(rows))
        cells = {int(Place.NET): " · ".join(self._sums_of(rows, bare=self.list.campaigns.currency))}
        self.sums.set_content(count, "", cells, first_column=Place.SINCE)

    def _sums_of(self, rows: tuple[CampaignRow, ...] | list[CampaignRow], *, bare: str = "") -> list[str]:
        sums: dict[str, Decimal] = {}
        for row in rows:
            net = row.campaign.net
            if net is not None:
                sums[row.campaign.currency] = sums.get(row.campaign.currency, Decimal(0)) + net
        return [
            figures.with_currency(figures.change(value, masked=self.masked), "" if currency == bare else currency)
            for currency, value in sums.items()
        ]


def load_campaigns(service: CampaignService, where: TradeFilter) -> LoadedCampaigns:
    """Read the campaigns of depot, period and text in every state, and the links that wait; belongs into the background."""
    everything = TradeFilter(depot=where.depot, account=where.account, period=where.period, text=where.text)
    return LoadedCampaigns(rows=service.list(everything), waiting=service.suggestions(everything))
