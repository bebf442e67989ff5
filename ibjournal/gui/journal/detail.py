"""The pane beside the table: one trade with its figures, fills and note."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from ibjournal.domain.trade import TradeKey
from ibjournal.gui.journal.fills_table import FillsPage
from ibjournal.gui.journal.note_editor import NoteEditor
from ibjournal.gui.journal.note_keeper import NoteKeeper
from ibjournal.gui.journal.pane_foot import PaneFoot
from ibjournal.gui.journal.pane_head import PaneHead
from ibjournal.gui.journal.summary import TradeSummary
from ibjournal.gui.journal.trade_links import TradeLinks
from ibjournal.gui.journal.trade_words import mark_of, result_of, side_word, symbol_of, terms_of, title_of
from ibjournal.gui.provenance.asked import OfTrade
from ibjournal.gui.widgets.labels import hairline
from ibjournal.gui.widgets.panel import Chip, EmptyState
from ibjournal.services.journal import TradeDetail, TradeRow

MIN_WIDTH, WIDTH, MAX_WIDTH = 340, 376, 480
SUMMARY, FILLS, NOTE = range(3)


class TradePane(QWidget):
    """Shows one trade: its head at once from the table's row, the rest when it has been read."""

    close_wanted = Signal()
    origin_wanted = Signal(object)
    """Where does this result come from? An `OfTrade`, or an `OfExecution` of one of its fills."""
    step_wanted = Signal(int)
    """To the next (1) or previous (-1) trade of the table."""
    goto_wanted = Signal(str, object)
    """Show a strategy, a campaign or another trade: the part's name and the key."""
    basis_wanted = Signal()
    """The user wants to say what units had cost."""

    def __init__(self, keeper: NoteKeeper, parent: QWidget | None = None, *, today: Callable[[], date] = date.today) -> None:
        super().__init__(parent)
        self._today = today
        self._masked = False
        self._row: TradeRow | None = None
        self._detail: TradeDetail | None = None
        self.setObjectName("surface")  # the splitter draws the line
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumWidth(MIN_WIDTH)
        self.setMaximumWidth(MAX_WIDTH)
        self.summary = TradeSummary()
        self.summary.goto_wanted.connect(self.goto_wanted)
        self.summary.basis_wanted.connect(self.basis_wanted)
        self.fills = FillsPage()
        self.note = NoteEditor(keeper)
        self.tabs = QTabBar()
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setUsesScrollButtons(False)  # the bold name is wider than its size hint: no name may give way to arrows
        self._pages = QStackedWidget()
        self._pages.setObjectName("surface")
        for name, page in ((self.tr("Summary"), self.summary), (self.tr("Fills"), self.fills), (self.tr("Note"), self.note)):
            self.tabs.addTab(name)
            self._pages.addWidget(page)
        self.tabs.currentChanged.connect(self._pages.setCurrentIndex)
        self._empty = EmptyState(self.tr("No trade selected"), self.tr("Choose a trade to see its fills, fees and note."))
        self.head = PaneHead(back=self.tr("Previous trade"), forth=self.tr("Next trade"))
        self.head.close_wanted.connect(self.close_wanted)
        self.head.step_wanted.connect(self.step_wanted)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._build())
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._stack)

    @property
    def key(self) -> TradeKey | None:
        """The trade that is shown."""
        return self._row.trade.key if self._row else None

    def show_row(self, row: TradeRow | None) -> None:
        """Show the head of a trade; what belongs to another trade is taken away."""
        other = row is None or self.key != row.trade.key
        if other:
            self.note.flush()
            self._detail = None
        self._row = row
        self._stack.setCurrentIndex(1 if row is not None else 0)
        if row is None:
            return
        self._show_head(row)
        if other:
            self._pages.setEnabled(False)
            self._foot.words.setText("")

    def show_detail(self, detail: TradeDetail, *, with_note: bool = True) -> None:
        """Show everything of the trade whose head is shown; another trade's is let go.

        Without ``with_note`` the editor keeps its text: the detail may be older than what was typed.
        """
        if detail.row.trade.key != self.key:
            return
        self._row, self._detail = detail.row, detail
        self._pages.setEnabled(True)
        self._show_head(detail.row)
        self.summary.show_detail(detail, masked=self._masked, today=self._today())
        self.fills.show_fills(detail.fills, masked=self._masked)
        note = detail.note
        if with_note or self.note.key != detail.row.trade.key:
            self.note.show_note(detail.row.trade.key, note.text if note else "", note.changed_at if note else None)
        self._show_foot(detail)

    def show_links(self, key: TradeKey, links: TradeLinks) -> None:
        """Show what the trade belongs to; what belongs to another trade is let go."""
        if key == self.key:
            self.summary.show_links(key, links)
            self.fills.show_changes(links.story.changes)

    def set_masked(self, masked: bool) -> None:  # noqa: FBT001 - the slot of a toggle
        """Hide or show money."""
        self._masked = masked
        if self._row is not None:
            self._show_head(self._row)
        if self._detail is not None:
            self.show_detail(self._detail, with_note=False)

    def ask_origin(self) -> None:
        """Ask where the result of the trade comes from, or the fill that has the keyboard."""
        if self.fills.table.hasFocus():
            self.fills.ask_origin()
        elif self._row is not None:
            self.origin_wanted.emit(OfTrade(self._row.trade.key, f"{symbol_of(self._row.instrument)} · {title_of(self._row)}"))

    def open_tab(self, tab: int) -> None:
        """Go to `SUMMARY`, `FILLS` or `NOTE`."""
        self.tabs.setCurrentIndex(tab)
        if tab == NOTE:
            self.note.editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def _build(self) -> QWidget:
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        bar = QHBoxLayout()
        bar.setContentsMargins(8, 0, 8, 0)
        bar.addWidget(self.tabs, 1)
        column.addLayout(bar)
        column.addWidget(hairline())
        column.addWidget(self._pages, 1)
        column.addWidget(hairline())
        self.fills.origin_wanted.connect(self.origin_wanted)
        self._foot = PaneFoot("file-text")
        self._foot.origin_wanted.connect(self.ask_origin)
        self.origin = self._foot.origin
        column.addWidget(self._foot)
        return content

    def _show_head(self, row: TradeRow) -> None:
        terms = terms_of(row, self._today())
        told = "" if row.instrument.strike is not None else row.instrument.description  # an option's repeats its terms
        if told in terms:
            told = ""
        self.head.set_words(symbol_of(row.instrument), title_of(row), (terms, told, row.depot_name, row.trade.account))
        result = result_of(row)
        note = self.tr("net, after fees")
        if result.value is None:
            note = self.tr("nothing closed yet")
        elif row.base_currency and result.currency != row.trade.currency:
            note = self.tr("net, at the rates of closing")
        self.head.set_figure(result.value, result.currency, note, masked=self._masked)
        self._show_chips(row)

    def _show_chips(self, row: TradeRow) -> None:
        chips = [Chip(side_word(row.trade.side))]
        if row.trade.closed_on is None:
            chips.append(Chip(self.tr("open"), kind="accent"))
        mark = mark_of(row)
        if row.trade.provisional:
            chips.append(_told(Chip(self.tr("provisional"), icon="circle-dashed", kind="info"), mark.text if mark else ""))
        if not row.trade.entry_known:
            chips.append(Chip(self.tr("entry not known"), icon="info", kind="info"))
        self.head.set_chips(chips)

    def _show_foot(self, detail: TradeDetail) -> None:
        count = len(detail.fills)
        waiting = sum(fill.execution.provisional for fill in detail.fills)
        fills = self.tr("1 fill") if count == 1 else self.tr("%Ln fills", "", count)
        if waiting:
            words = self.tr("{fills}, {count} not confirmed by Activity yet").format(fills=fills, count=waiting)
        else:
            words = self.tr("{fills}, all confirmed by Activity").format(fills=fills)
        self._foot.words.setText(words)


def _told(chip: Chip, tip: str) -> Chip:
    chip.setToolTip(tip)
    return chip
