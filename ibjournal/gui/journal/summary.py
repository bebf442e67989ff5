"""The summary of a trade: when, at what price, what came of it, what IBKR says, and what else befell it."""

from __future__ import annotations

from datetime import date
from functools import partial

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from ibjournal.domain.trade import TradeKey
from ibjournal.gui.journal.campaign_table import title_of as campaign_title
from ibjournal.gui.journal.fills_table import LotsTable
from ibjournal.gui.journal.part import CAMPAIGNS, STRATEGIES, TRADES
from ibjournal.gui.journal.section import PaneScroll, Section, SumTable, link
from ibjournal.gui.journal.story_words import move_words, view_amounts
from ibjournal.gui.journal.strategy_words import terms_of as strategy_terms
from ibjournal.gui.journal.strategy_words import title_of as strategy_title
from ibjournal.gui.journal.summary_words import ibkr_words, notes_on_kind, result_amounts, summary_pairs
from ibjournal.gui.journal.trade_links import TradeLinks
from ibjournal.gui.theme import Type
from ibjournal.gui.widgets import figures
from ibjournal.gui.widgets.labels import button, icon_label, label, set_tone
from ibjournal.gui.widgets.pairs import PairGrid
from ibjournal.services.journal import TradeDetail


class TradeSummary(PaneScroll):
    """Shows one `TradeDetail`, and from its `TradeLinks` both views of an exercise, events, strategy and campaign."""

    goto_wanted = Signal(str, object)
    basis_wanted = Signal()
    """The user wants to say what units had cost."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        translate = QCoreApplication.translate
        self.pairs = PairGrid(2)
        self.result = SumTable()
        self._kind = label(role=Type.SECONDARY, tone="muted", wrap=True)
        self._words = label(role=Type.SECONDARY, wrap=True)
        self._ibkr = _box(self._words)
        self.basis = _BasisBox()
        self.basis.clicked.connect(self.basis_wanted)
        self.views = Section(translate("TradeSummary", "Both views of the exercise"))
        self.view_sums = SumTable()
        self.views.body.addWidget(self.view_sums)
        equal = label(
            translate(
                "TradeSummary", "Both come to the same: IBKR moves the premium into the shares, we leave it with the option."
            ),
            role=Type.SECONDARY,
            tone="muted",
            wrap=True,
        )
        self.views.body.addWidget(equal)
        self.moves = Section(translate("TradeSummary", "What happened to it"))
        self.lots = LotsTable()
        self.links = Section(translate("TradeSummary", "Belongs to"))
        for part in (self.pairs, self.result, self._kind, self.basis, self._ibkr, self.views, self.moves):
            self.add(part)
        self.add(self.lots, wide=True)
        self.add(self.links)
        self._links = TradeLinks()
        self._key: TradeKey | None = None
        self._masked = False
        self._today = date.min
        self._show_links()

    def show_detail(self, detail: TradeDetail, *, masked: bool, today: date) -> None:
        """Show a trade; what is told of another one by `show_links` is taken away."""
        trade = detail.row.trade
        self._masked, self._today = masked, today
        if trade.key != self._key:
            self._key, self._links = trade.key, TradeLinks()
        self.pairs.set_pairs(summary_pairs(detail, today=today))
        amounts = result_amounts(detail, masked=masked)
        self.result.setVisible(bool(amounts))
        self.result.show_amounts(amounts)
        self._kind.setText(notes_on_kind(detail))
        self._kind.setVisible(bool(self._kind.text()))
        words, tone = ibkr_words(detail, masked=masked)
        self._ibkr.setVisible(bool(words))
        self._words.setText(words)
        set_tone(self._words, tone)
        self.lots.setVisible(bool(detail.matches))
        self.lots.set_masked(masked)
        self.lots.show_lots(detail.matches, trade.currency)
        self._show_links()

    def show_links(self, key: TradeKey, links: TradeLinks) -> None:
        """Show what else is known of the trade, as soon as it is shown itself."""
        self._key, self._links = key, links
        self._show_links()

    def _show_links(self) -> None:
        links = self._links
        translate = QCoreApplication.translate
        self.basis.setVisible(links.story.basis_asked)
        goto_trade = partial(self.goto_wanted.emit, TRADES)
        amounts = view_amounts(links.story.views, self._key, goto_trade, today=self._today, masked=self._masked)
        self.views.setVisible(bool(amounts))
        heads = (translate("TradeSummary", "as earned"), translate("TradeSummary", "as IBKR books it"))
        self.view_sums.show_amounts(amounts, heads)
        self.moves.clear()
        for move in links.story.moves:
            self.moves.body.addWidget(label(move_words(move, self._today), role=Type.SECONDARY, wrap=True))
        self.moves.setVisible(bool(links.story.moves))
        self.links.clear()
        left = Qt.AlignmentFlag.AlignLeft
        for row in links.strategies:
            words = " · ".join(part for part in (strategy_title(row.strategy), strategy_terms(row.strategy, self._today)) if part)
            goto = partial(self.goto_wanted.emit, STRATEGIES, row.strategy.key)
            self.links.body.addWidget(link(words, goto), 0, left)
        if links.campaign is not None:
            campaign = links.campaign.row.campaign
            words = translate("TradeSummary", "{campaign} since {day}, {count} steps").format(
                campaign=campaign_title(links.campaign.row),
                day=figures.day(campaign.opened_on, self._today),
                count=len(campaign.steps),
            )
            self.links.body.addWidget(link(words, partial(self.goto_wanted.emit, CAMPAIGNS, campaign.chain.key)), 0, left)
        self.links.setVisible(self.links.body.count() > 0)


class _BasisBox(QFrame):
    """Says that the cost of units is not known, and leads to where it can be told."""

    clicked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        translate = QCoreApplication.translate
        self.setObjectName("warningBox")
        words = label(
            translate("TradeSummary", "Cost unknown: units came from elsewhere, and no report says what they had cost."),
            role=Type.SECONDARY,
            wrap=True,
        )
        tell = button(translate("TradeSummary", "Tell it…"), small=True)
        tell.clicked.connect(self.clicked)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(6)
        column.addWidget(words)
        column.addWidget(tell, 0, Qt.AlignmentFlag.AlignLeft)


def _box(words: QWidget) -> QFrame:
    frame = QFrame()
    frame.setObjectName("sunkenBox")
    box = QHBoxLayout(frame)
    box.setContentsMargins(12, 8, 12, 8)
    box.setSpacing(8)
    box.addWidget(icon_label("scale", size=14), 0, Qt.AlignmentFlag.AlignTop)
    box.addWidget(words, 1)
    return frame
