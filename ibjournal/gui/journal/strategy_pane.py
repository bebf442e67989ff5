"""The pane of a strategy: what it is and why, its legs, what it can bring, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import partial

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from ibjournal.domain.strategy import Confidence, Roll, Strategy, StrategyKey
from ibjournal.domain.strategy_payoff import Payoff
from ibjournal.gui.journal.leg_table import LegTable
from ibjournal.gui.journal.pane_foot import PaneFoot
from ibjournal.gui.journal.pane_head import PaneHead
from ibjournal.gui.journal.part import TRADES
from ibjournal.gui.journal.section import Amount, PaneScroll, Section, SumTable, link
from ibjournal.gui.journal.strategy_table import result_of
from ibjournal.gui.journal.strategy_words import (
    confidence_word,
    premium_word,
    reason_sentences,
    structure_word,
    terms_of,
    title_of,
    units,
)
from ibjournal.gui.theme import Type
from ibjournal.gui.widgets import figures, formats
from ibjournal.gui.widgets.labels import button, hairline, label
from ibjournal.gui.widgets.pairs import Pair, PairGrid
from ibjournal.gui.widgets.panel import Chip, EmptyState
from ibjournal.services.strategies import StrategyDetail, StrategyRow

_TONES = {1: "positive", -1: "negative", 0: "muted"}


class StrategyPane(QWidget):
    """Shows one strategy: its head and legs at once from the table's row, the rest when it has been read."""

    close_wanted = Signal()
    step_wanted = Signal(int)
    goto_wanted = Signal(str, object)
    origin_wanted = Signal()
    action_wanted = Signal(str)
    """``confirm``, ``split`` or ``rename``."""
    structure_wanted = Signal(object)
    """It is this `Structure`."""

    def __init__(self, parent: QWidget | None = None, *, today: Callable[[], date] = date.today) -> None:
        super().__init__(parent)
        self._today = today
        self._masked = False
        self._row: StrategyRow | None = None
        self._detail: StrategyDetail | None = None
        self.setObjectName("surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.head = PaneHead(back=self.tr("Previous strategy"), forth=self.tr("Next strategy"))
        self.head.close_wanted.connect(self.close_wanted)
        self.head.step_wanted.connect(self.step_wanted)
        self.review = ReviewBox()
        self.review.action_wanted.connect(self.action_wanted)
        self.review.structure_wanted.connect(self.structure_wanted)
        self.legs = LegTable(today=today)
        self.legs.trade_wanted.connect(lambda key: self.goto_wanted.emit(TRADES, key))
        self.facts = PairGrid(1)
        self.result = SumTable()
        self.around = Section(self.tr("Belongs to it"))
        scroll = PaneScroll()
        scroll.add(self.review)
        scroll.add(self.legs, wide=True)
        scroll.add(self.facts)
        scroll.add(self.result)
        scroll.add(self.around)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addWidget(hairline())
        column.addWidget(scroll, 1)
        column.addWidget(hairline())
        self._foot = PaneFoot("layers")
        self._foot.origin_wanted.connect(self.origin_wanted)
        column.addWidget(self._foot)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(
            EmptyState(self.tr("No strategy selected"), self.tr("Choose a strategy to see its legs and what came of it."))
        )
        self._stack.addWidget(content)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._stack)

    @property
    def key(self) -> StrategyKey | None:
        """The strategy that is shown."""
        return self._row.strategy.key if self._row else None

    def show_row(self, row: StrategyRow | None) -> None:
        """Show what the table knows of a strategy."""
        if row is None or row.strategy.key != self.key:
            self._detail = None
        self._row = row
        self._stack.setCurrentIndex(1 if row is not None else 0)
        if row is not None:
            self._show()

    def show_detail(self, detail: StrategyDetail) -> None:
        """Show all of the strategy whose head is shown; another one's is let go."""
        if detail.row.strategy.key == self.key:
            self._row, self._detail = detail.row, detail
            self._show()

    def set_masked(self, *, masked: bool) -> None:
        """Hide or show money."""
        self._masked = masked
        self.legs.set_masked(masked)
        if self._row is not None:
            self._show()

    def _show(self) -> None:
        row, masked, today = self._row, self._masked, self._today()
        if row is None:
            return
        strategy = row.strategy
        value, currency = result_of(row)
        count = units(strategy)
        opened = self.tr("{count} ×").format(count=formats.quantity(count)) if count else ""
        self.head.set_words(
            strategy.symbol,
            title_of(strategy),
            (terms_of(strategy, today, with_year=True), opened, row.depot_name, strategy.account),
        )
        note = self.tr("net, after fees") if currency == strategy.currency else self.tr("net, at the rates of closing")
        if value is None:
            note = self.tr("nothing closed yet")
        self.head.set_figure(value, currency, note, masked=masked)
        self.head.set_chips(self._chips(strategy))
        self.review.show_strategy(strategy)
        self.legs.show_legs(strategy)
        self.facts.set_pairs(strategy_facts(strategy, self._detail.payoff if self._detail else None, masked=masked, today=today))
        self._show_result(row)
        self._show_around(strategy)
        legs = self.tr("1 leg") if len(strategy.legs) == 1 else self.tr("%n legs", "", len(strategy.legs))
        self._foot.words.setText(f"{legs}, {confidence_word(strategy.confidence)}")

    def _chips(self, strategy: Strategy) -> list[Chip]:
        chips = [Chip(premium_word(strategy.premium))]
        if strategy.is_open:
            chips.append(Chip(self.tr("open"), kind="accent"))
        if not strategy.certain:
            chips.append(Chip(self.tr("to review"), icon="flag", kind="warning"))
        if strategy.confidence is Confidence.USER:
            chips.append(Chip(self.tr("by you"), icon="check"))
        return chips

    def _show_result(self, row: StrategyRow) -> None:
        strategy, base = row.strategy, row.base_currency
        self.result.setVisible(result_of(row)[0] is not None)
        net = strategy.net
        gross = None if net is None else net - strategy.fees
        lines = [
            self._amount(self.tr("Gross, {currency}").format(currency=strategy.currency), gross, strategy.currency),
            self._amount(self.tr("Fees, {currency}").format(currency=strategy.currency), strategy.fees, strategy.currency),
            self._amount(self.tr("Net, {currency}").format(currency=strategy.currency), net, strategy.currency, total=True),
        ]
        if base and base != strategy.currency:
            both = (
                None
                if strategy.net_base is None or strategy.currency_effect is None
                else strategy.net_base + strategy.currency_effect
            )
            lines += [
                self._amount(self.tr("Price effect, {currency}").format(currency=base), strategy.net_base, base),
                self._amount(self.tr("Currency effect, {currency}").format(currency=base), strategy.currency_effect, base),
                self._amount(self.tr("Result, {currency}").format(currency=base), both, base, total=True),
            ]
        self.result.show_amounts(lines)

    def _amount(self, name: str, value: Decimal | None, _currency: str, *, total: bool = False) -> Amount:
        masked = self._masked
        tone = "muted" if masked else _TONES[formats.sign_of(value)] if total else "strong"
        return Amount(name=name, values=(figures.change(value, masked=masked),), tones=(tone,), total=total)

    def _show_around(self, strategy: Strategy) -> None:
        """Show what covers it, and the rolls that opened or closed it."""
        self.around.clear()
        detail = self._detail
        covers = [(each, key) for each in strategy.referenced for key in each.trades] if detail else []
        for each, key in covers:
            words = self.tr("Covered by {quantity} {symbol}").format(
                quantity=formats.quantity(abs(each.quantity)), symbol=strategy.symbol
            )
            if detail is not None and any(trade.key == key for trade in detail.trades):
                self.around.body.addWidget(link(words, partial(self.goto_wanted.emit, TRADES, key)), 0, Qt.AlignmentFlag.AlignLeft)
        for roll in detail.rolls if detail else ():
            self.around.body.addWidget(label(self._roll_words(strategy, roll), role=Type.SECONDARY, wrap=True))
        self.around.setVisible(self.around.body.count() > 0)

    def _roll_words(self, strategy: Strategy, roll: Roll) -> str:
        day = figures.day(roll.at.astimezone(figures.NEW_YORK).date(), self._today())
        opened_by_it = not set(strategy.openings).isdisjoint(roll.opened)
        words = self.tr("{day}: opened by a roll") if opened_by_it else self.tr("{day}: rolled on into another contract")
        return words.format(day=day)


class ReviewBox(QFrame):
    """Why the legs are taken to belong together; where that is not certain, what the user can say."""

    action_wanted = Signal(str)
    structure_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sunkenBox")
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(6)
        self.guess = label(role=Type.STRONG, tone="strong", wrap=True)
        self.reasons = label(role=Type.SECONDARY, wrap=True)
        self._others = QVBoxLayout()
        self._others.setSpacing(2)
        self.confirm = button(self.tr("Confirm"), icon="check", small=True)
        self.split = button(self.tr("Split"), small=True)
        self.rename = button(self.tr("Rename…"), small=True)
        actions = QHBoxLayout()
        actions.setSpacing(6)
        for name, made in (("confirm", self.confirm), ("split", self.split), ("rename", self.rename)):
            made.clicked.connect(partial(self.action_wanted.emit, name))
            actions.addWidget(made)
        actions.addStretch(1)
        for part in (self.guess, self.reasons):
            column.addWidget(part)
        column.addLayout(self._others)
        column.addLayout(actions)

    def show_strategy(self, strategy: Strategy) -> None:
        """Show the guess, what speaks for it, and what else it may be."""
        name = structure_word(strategy.structure)
        self.guess.setText(name if strategy.certain else self.tr("{structure}?").format(structure=name))
        self.reasons.setText("\n".join(reason_sentences(strategy)))
        while (item := self._others.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for each in strategy.alternatives:
            words = self.tr("Or is it: {structure}?")
            made = link(words.format(structure=structure_word(each)), partial(self.structure_wanted.emit, each))
            self._others.addWidget(made, 0, Qt.AlignmentFlag.AlignLeft)
        self.confirm.setVisible(not strategy.certain)
        self.split.setEnabled(len(strategy.legs) > 1)


def strategy_facts(strategy: Strategy, payoff: Payoff | None, *, masked: bool, today: date) -> tuple[Pair | None, ...]:
    """Return when it was opened and closed, what opening brought, and what it is worth at expiry."""
    translate = QCoreApplication.translate
    opened = formats.moment(strategy.opened_at, today=today)
    closed = formats.moment(strategy.closed_at, today=today) if strategy.closed_at else translate("StrategyPane", "still open")
    pairs: list[Pair | None] = [
        Pair(name=translate("StrategyPane", "Opened"), value=opened),
        Pair(name=translate("StrategyPane", "Closed"), value=closed),
        Pair(
            name=f"{premium_word(strategy.premium)}, {strategy.currency}",
            value=figures.change(strategy.opening_cash, masked=masked),
            tip=translate("StrategyPane", "What opening it brought (+) or cost (−), without fees"),
        ),
    ]
    if payoff is None:
        return tuple(pairs)
    unlimited = translate("StrategyPane", "unlimited")
    most, least = payoff.max_profit, payoff.max_loss
    pairs += [
        Pair(
            name=translate("StrategyPane", "Maximum profit, {currency}").format(currency=strategy.currency),
            value=unlimited if most is None else figures.change(most, masked=masked),
        ),
        Pair(
            name=translate("StrategyPane", "Maximum loss, {currency}").format(currency=strategy.currency),
            value=unlimited if least is None else figures.change(least, masked=masked),
        ),
        Pair(
            name=translate("StrategyPane", "Break-even at expiry"),
            value=" / ".join(figures.price(each) for each in payoff.break_evens) or formats.DASH,
        ),
    ]
    return tuple(pairs)
