"""The summary of a trade: when, at what price, what it cost, what came of it, and what IBKR says."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import partial

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from ibjournal.domain.trade import TradeStatus
from ibjournal.gui.journal.campaign_table import title_of as campaign_title
from ibjournal.gui.journal.fills_table import LotsTable
from ibjournal.gui.journal.part import CAMPAIGNS, STRATEGIES
from ibjournal.gui.journal.section import Section, link
from ibjournal.gui.journal.strategy_words import terms_of as strategy_terms
from ibjournal.gui.journal.strategy_words import title_of as strategy_title
from ibjournal.gui.journal.trade_links import TradeLinks
from ibjournal.gui.journal.trade_words import ended_word, holding_days
from ibjournal.gui.theme import Space, Type
from ibjournal.gui.widgets import figures, formats
from ibjournal.gui.widgets.labels import icon_label, label, set_tone
from ibjournal.gui.widgets.pairs import Pair, PairGrid
from ibjournal.services.journal import TradeDetail

_EXERCISED = frozenset({"A", "Ex"})
"""IBKR's note codes of assignment and exercise."""
_TONES = {1: "positive", -1: "negative", 0: "muted"}


class TradeSummary(QScrollArea):
    """Shows one `TradeDetail` as figures, a comparison with IBKR's own result, lots, and what the trade belongs to."""

    goto_wanted = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.pairs = PairGrid(2)
        self._ibkr = QFrame()
        self._ibkr.setObjectName("sunkenBox")
        self._mark = icon_label("scale", size=14)
        self._words = label(role=Type.SECONDARY, wrap=True)
        box = QHBoxLayout(self._ibkr)
        box.setContentsMargins(12, 8, 12, 8)
        box.setSpacing(8)
        box.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        box.addWidget(self._words, 1)
        self.lots = LotsTable()
        inner = QWidget()
        inner.setObjectName("surface")
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 10, 0, Space.PADDING)
        column.setSpacing(Space.GAP)
        for part in (self.pairs, self._ibkr):
            row = QHBoxLayout()
            row.setContentsMargins(Space.PADDING, 0, Space.PADDING, 0)
            row.addWidget(part)
            column.addLayout(row)
        line = QHBoxLayout()
        line.setContentsMargins(Space.CELL, 0, Space.CELL, 0)
        line.addWidget(self.lots)
        column.addLayout(line)
        self.links = Section(QCoreApplication.translate("TradeSummary", "Belongs to"))
        self.links.hide()
        below = QHBoxLayout()
        below.setContentsMargins(Space.PADDING, 0, Space.PADDING, 0)
        below.addWidget(self.links)
        column.addLayout(below)
        column.addStretch(1)
        self.setWidget(inner)

    def show_detail(self, detail: TradeDetail, *, masked: bool, today: date) -> None:
        """Show a trade."""
        self.pairs.set_pairs(summary_pairs(detail, masked=masked, today=today))
        words, tone = ibkr_words(detail, masked=masked)
        self._ibkr.setVisible(bool(words))
        self._words.setText(words)
        set_tone(self._words, tone)
        self.lots.setVisible(bool(detail.matches))
        self.lots.set_masked(masked)
        self.lots.show_lots(detail.matches, detail.row.trade.currency)

    def show_links(self, links: TradeLinks) -> None:
        """Show the strategies and the campaign that the trade belongs to."""
        self.links.clear()
        left = Qt.AlignmentFlag.AlignLeft
        for row in links.strategies:
            words = " · ".join(part for part in (strategy_title(row.strategy), strategy_terms(row.strategy, date.today())) if part)  # noqa: DTZ011
            self.links.body.addWidget(link(words, partial(self.goto_wanted.emit, STRATEGIES, row.strategy.key)), 0, left)
        if links.campaign is not None:
            row_of_campaign = links.campaign.row
            words = QCoreApplication.translate("TradeSummary", "{campaign}, {count} steps").format(
                campaign=campaign_title(row_of_campaign), count=len(row_of_campaign.campaign.steps)
            )
            key = row_of_campaign.campaign.chain.key
            self.links.body.addWidget(link(words, partial(self.goto_wanted.emit, CAMPAIGNS, key)), 0, left)
        self.links.setVisible(self.links.body.count() > 0)


def summary_pairs(detail: TradeDetail, *, masked: bool, today: date) -> tuple[Pair | None, ...]:
    """Return the summary's names and values, two to a line."""
    translate = QCoreApplication.translate
    row, trade = detail.row, detail.row.trade
    currency, base = trade.currency, row.base_currency
    days = holding_days(trade, today)
    closing = ended_word(trade)
    closed = formats.moment(trade.closed_at, today=today) if trade.closed_at else translate("TradeSummary", "still open")
    opened = formats.moment(trade.opened_at, today=today) if trade.entry_known else formats.DASH
    net = trade.net
    pairs: list[Pair | None] = [
        Pair(
            name=translate("TradeSummary", "Opened"),
            value=opened,
        ),
        Pair(name=closing.capitalize() or translate("TradeSummary", "Closed"), value=closed),
        Pair(name=translate("TradeSummary", "Entry"), value=figures.price(trade.entry_price)),
        Pair(name=translate("TradeSummary", "Exit"), value=figures.price(trade.exit_price)),
        Pair(name=translate("TradeSummary", "Quantity"), value=formats.quantity(trade.quantity)),
        Pair(name=translate("TradeSummary", "Days held"), value=formats.DASH if days is None else str(days))
        if trade.status is TradeStatus.CLOSED or not trade.open_quantity
        else Pair(name=translate("TradeSummary", "Still open"), value=formats.quantity(trade.open_quantity)),
        Pair(
            name=translate("TradeSummary", "Gross, {currency}").format(currency=currency),
            value=figures.change(trade.gross, masked=masked),
        ),
        Pair(
            name=translate("TradeSummary", "Fees, {currency}").format(currency=currency),
            value=figures.change(trade.fees, masked=masked),
        ),
        Pair(
            name=translate("TradeSummary", "Net, {currency}").format(currency=currency),
            value=figures.change(net, masked=masked),
            strong=True,
            tone="strong" if base and base != currency else _tone(net, masked=masked),
        ),
    ]
    if base and base != currency:
        tip = "" if trade.net_base is not None else translate("TradeSummary", "No exchange rate is known for the day of closing.")
        pairs.append(
            Pair(
                name=translate("TradeSummary", "Net, {currency}").format(currency=base),
                value=figures.change(trade.net_base, masked=masked),
                strong=True,
                tone=_tone(trade.net_base, masked=masked),
                tip=tip,
            )
        )
    return tuple(pairs)


def ibkr_words(detail: TradeDetail, *, masked: bool) -> tuple[str, str]:
    """Say what IBKR gives as realised beside our figure, and the tone to say it in; nothing before anything was closed."""
    translate = QCoreApplication.translate
    trade, theirs = detail.row.trade, detail.ibkr_realized
    if trade.net is None and theirs is None:
        return "", "muted"
    if not detail.matches and theirs is None:
        return "", "muted"
    if theirs is None:
        return translate("TradeSummary", "IBKR gives no realised figure for these fills yet."), "muted"
    amount = figures.with_currency(figures.change(theirs, masked=masked), trade.currency)
    if not trade.entry_known:
        return translate("TradeSummary", "The entry is older than the reports here; {amount} is IBKR’s own result.").format(
            amount=amount
        ), "info"
    difference = (trade.net or Decimal(0)) - theirs
    if abs(difference) < Decimal("0.005"):
        return translate("TradeSummary", "IBKR’s realised result is the same: {amount}.").format(amount=amount), "muted"
    words = translate("TradeSummary", "IBKR’s realised result is {amount}; ours differs by {difference}.").format(
        amount=amount, difference=figures.with_currency(figures.change(difference, masked=masked), trade.currency)
    )
    if _moved_premium(detail):
        reason = translate(
            "TradeSummary",
            "IBKR books the premium of an exercised or assigned option with the shares; here it stays with the option.",
        )
        return f"{words} {reason}", "info"
    return words, "warning"


def _moved_premium(detail: TradeDetail) -> bool:
    """Whether an option was exercised or assigned in this trade, as the option or as the shares it became."""
    return any(_EXERCISED & set(fill.execution.codes) for fill in detail.fills)


def _tone(value: Decimal | None, *, masked: bool) -> str:
    return "muted" if masked else _TONES[formats.sign_of(value)]
