"""The pane of a campaign: its one result with the parts that make it, what a share really costs, and the thread of its steps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from ibjournal.domain.campaign import Campaign, CampaignKey, CampaignState
from ibjournal.gui.journal.campaign_table import suggestion_terms, suggestion_title, title_of
from ibjournal.gui.journal.campaign_thread import CampaignThread
from ibjournal.gui.journal.campaign_words import kind_word, reason_words, state_word
from ibjournal.gui.journal.pane_foot import PaneFoot
from ibjournal.gui.journal.pane_head import PaneHead
from ibjournal.gui.journal.part import TRADES
from ibjournal.gui.journal.section import Amount, PaneScroll, Section, SumTable
from ibjournal.gui.theme import Type
from ibjournal.gui.widgets import figures, formats
from ibjournal.gui.widgets.labels import button, hairline, label
from ibjournal.gui.widgets.pairs import Pair, PairGrid
from ibjournal.gui.widgets.panel import Chip, EmptyState
from ibjournal.services.campaigns import CampaignDetail, CampaignRow, CampaignSuggestion

_TONES = {1: "positive", -1: "negative", 0: "muted"}


class CampaignPane(QWidget):
    """Shows a campaign, or a link that waits for the user."""

    close_wanted = Signal()
    step_wanted = Signal(int)
    goto_wanted = Signal(str, object)
    origin_wanted = Signal()
    action_wanted = Signal(str)
    """``link`` or ``apart``."""

    def __init__(self, parent: QWidget | None = None, *, today: Callable[[], date] = date.today) -> None:
        super().__init__(parent)
        self._today = today
        self._masked = False
        self._row: CampaignRow | None = None
        self._detail: CampaignDetail | None = None
        self.setObjectName("surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.head = PaneHead(back=self.tr("Previous campaign"), forth=self.tr("Next campaign"))
        self.head.close_wanted.connect(self.close_wanted)
        self.head.step_wanted.connect(self.step_wanted)
        self.question = LinkBox()
        self.question.action_wanted.connect(self.action_wanted)
        self.parts = SumTable()
        self.basis = PairGrid(1)
        self.story = Section(self.tr("The story"))
        self.thread_view = CampaignThread(today=today)
        self.thread_view.trade_wanted.connect(lambda key: self.goto_wanted.emit(TRADES, key))
        self.story.body.addWidget(self.thread_view)
        scroll = PaneScroll()
        for part in (self.question, self.parts, self.basis, self.story):
            scroll.add(part)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addWidget(hairline())
        column.addWidget(scroll, 1)
        column.addWidget(hairline())
        self._foot = PaneFoot("repeat")
        self._foot.origin_wanted.connect(self.origin_wanted)
        column.addWidget(self._foot)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(
            EmptyState(self.tr("No campaign selected"), self.tr("Choose a campaign to read its story, step by step."))
        )
        self._stack.addWidget(content)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._stack)

    @property
    def key(self) -> CampaignKey | None:
        """The campaign that is shown."""
        return self._row.campaign.chain.key if self._row else None

    @property
    def shown(self) -> CampaignDetail | None:
        """The campaign as it went, once it has been read."""
        return self._detail

    def show_item(self, item: CampaignRow | CampaignSuggestion | None) -> None:
        """Show what the table knows; the steps of another campaign are taken away."""
        if isinstance(item, CampaignSuggestion):
            self._row, self._detail = None, None
            self._show_suggestion(item)
        else:
            if item is None or item.campaign.chain.key != self.key:
                self._detail = None
            self._row = item
        self._stack.setCurrentIndex(0 if item is None else 1)
        if self._row is not None:
            self._show()

    def show_detail(self, detail: CampaignDetail) -> None:
        """Show the campaign whose head is shown as it went; another one's is let go."""
        if detail.row.campaign.chain.key == self.key:
            self._row, self._detail = detail.row, detail
            self.thread_view.show_campaign(detail)
            self._show()

    def set_masked(self, *, masked: bool) -> None:
        """Hide or show money."""
        self._masked = masked
        self.thread_view.set_masked(masked=masked)
        if self._row is not None:
            self._show()

    def _show(self) -> None:
        row, masked, today = self._row, self._masked, self._today()
        if row is None:
            return
        campaign = row.campaign
        until = formats.full_day(campaign.closed_on) if campaign.closed_on else self.tr("today")
        span = self.tr("{since} – {until}").format(since=formats.full_day(campaign.opened_on), until=until)
        named = kind_word(campaign.chain.kind) if campaign.chain.name else ""
        self.head.set_words(row.symbol, title_of(row), (named, span, row.depot_name, campaign.chain.account))
        self.head.set_figure(campaign.net, campaign.currency, self.tr("realised, all parts together"), masked=masked)
        self.head.set_chips(self._chips(campaign))
        self.question.hide()
        self.parts.show()
        self.parts.show_amounts(self._amounts(row))
        facts = self._basis(campaign)
        self.basis.set_pairs(facts)
        self.basis.setVisible(bool(facts))
        self.story.setVisible(self._detail is not None)
        days = campaign.days(today)
        lasted = self.tr("1 day") if days == 1 else self.tr("%Ln days", "", days)
        trades = len(campaign.chain.trades)
        count = self.tr("1 trade") if trades == 1 else self.tr("%Ln trades", "", trades)
        self._foot.words.setText(f"{count}, {lasted}")
        self.story.aside.setText(self._steps_words())

    def _show_suggestion(self, item: CampaignSuggestion) -> None:
        first = item.instruments[0]
        self.head.set_words(
            first.underlying_symbol or first.symbol,
            suggestion_title(item),
            (suggestion_terms(item, self._today()), item.account),
        )
        self.head.set_figure(None, "", self.tr("waits for you"), masked=self._masked)
        self.head.set_chips([Chip(self.tr("to review"), icon="flag", kind="warning")])
        self.question.show_suggestion(item, self._today())
        self.question.show()
        for part in (self.parts, self.basis, self.story):
            part.hide()
        self._foot.words.setText(self.tr("2 trades"))

    def _steps_words(self) -> str:
        steps = len(self._detail.row.campaign.steps) if self._detail is not None else 0
        count = self.tr("1 step") if steps == 1 else self.tr("%n steps", "", steps)
        return self.tr("{steps} · paid, and below it realised").format(steps=count)

    def _chips(self, campaign: Campaign) -> list[Chip]:
        kind = "" if campaign.state is CampaignState.FLAT else "accent"
        chips = [Chip(state_word(campaign.state), kind=kind)]
        if campaign.provisional:
            chips.append(Chip(self.tr("provisional"), icon="circle-dashed", kind="info"))
        if not campaign.entry_known:
            chips.append(Chip(self.tr("entry not known"), icon="info", kind="info"))
        return chips

    def _amounts(self, row: CampaignRow) -> list[Amount]:
        """Return the parts with their sum, and in another base currency price and currency effect with theirs."""
        campaign, parts = row.campaign, row.campaign.parts
        shown = [
            (self.tr("Premium"), parts.premium),
            (self.tr("Shares"), parts.stock),
            (self.tr("Dividends"), parts.dividends),
            (self.tr("Withholding tax"), parts.withholding_tax),
            (self.tr("Fees"), parts.fees),
        ]
        lines = [self._amount(name, value) for name, value in shown if value is None or value]
        total = self.tr("Realised, {currency}").format(currency=campaign.currency)
        lines.append(self._amount(total, campaign.net, total=True))
        base = row.base_currency
        if base and base != campaign.currency:
            price, effect = campaign.net_base, campaign.currency_effect
            both = None if price is None or effect is None else price + effect
            lines += [
                self._amount(self.tr("Price effect, {currency}").format(currency=base), price),
                self._amount(self.tr("Currency effect, {currency}").format(currency=base), effect),
                self._amount(self.tr("Result, {currency}").format(currency=base), both, total=True),
            ]
        return lines

    def _amount(self, name: str, value: Decimal | None, *, total: bool = False) -> Amount:
        masked = self._masked
        tone = "muted" if masked else _TONES[formats.sign_of(value)] if total else "strong"
        return Amount(name=name, values=(figures.change(value, masked=masked),), tones=(tone,), total=total)

    def _basis(self, campaign: Campaign) -> tuple[Pair, ...]:
        masked, currency = self._masked, campaign.currency
        pairs = []
        if campaign.shares:
            pairs.append(Pair(name=self.tr("Units held"), value=formats.quantity(campaign.shares)))
        if campaign.open_premium:
            pairs.append(
                Pair(
                    name=self.tr("Premium of open options, {currency}").format(currency=currency),
                    value=figures.change(campaign.open_premium, masked=masked),
                    tip=self.tr("Received, and not realised before the option is closed or expires"),
                )
            )
        told = (
            (self.tr("Adjusted basis, {currency}"), campaign.basis),
            (self.tr("Adjusted basis with dividends, {currency}"), campaign.basis_with_dividends),
            (self.tr("Break-even of the whole, {currency}"), campaign.break_even),
        )
        pairs += [
            Pair(
                name=name.format(currency=currency),
                value=formats.MASK if masked else figures.price(value),
                strong=name == told[0][0],
            )
            for name, value in told
            if value is not None
        ]
        return tuple(pairs)


class LinkBox(QFrame):
    """Asks whether two trades belong together, and says what speaks for it."""

    action_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sunkenBox")
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(6)
        self.words = label(role=Type.STRONG, tone="strong", wrap=True)
        self.reason = label(role=Type.SECONDARY, wrap=True)
        self.link = button(self.tr("Link"), icon="check", small=True)
        self.apart = button(self.tr("Keep apart"), small=True)
        actions = QHBoxLayout()
        actions.setSpacing(6)
        for name, made in (("link", self.link), ("apart", self.apart)):
            made.clicked.connect(lambda _checked=False, name=name: self.action_wanted.emit(name))
            actions.addWidget(made)
        actions.addStretch(1)
        column.addWidget(self.words)
        column.addWidget(self.reason)
        column.addLayout(actions)

    def show_suggestion(self, item: CampaignSuggestion, today: date) -> None:
        """Show the question."""
        self.words.setText(suggestion_terms(item, today))
        days = figures.day(item.later.opened_on, today)
        self.reason.setText(self.tr("{reason} ({day})").format(reason=reason_words(item.link), day=days))
