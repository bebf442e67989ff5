"""One event: what it did at each place, why it could not be applied, and the form for what units had cost."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from ibjournal.gui.check.amounts import parse_amount
from ibjournal.gui.errors import describe_warning
from ibjournal.gui.event_words import kind_word, state_of, type_word
from ibjournal.gui.theme import Space, Type
from ibjournal.gui.widgets import figures, formats
from ibjournal.gui.widgets.date_field import DateField
from ibjournal.gui.widgets.labels import ElidedLabel, button, hairline, icon_label, label, repolish
from ibjournal.gui.widgets.panel import Chip, EmptyState
from ibjournal.services.events import EventLegRow, EventRow, EventState

_RIGHT = Qt.AlignmentFlag.AlignRight
_KINDS = {"warning": "warning", "positive": "positive"}


class EventPane(QFrame):
    """Shows an `EventRow`."""

    basis_told = Signal(str, object, object, str, object)
    """Id of the event, `Place`, cost, currency, day of opening."""
    basis_forgotten = Signal(str, object)
    """Id of the event, `Place`."""
    rows_wanted = Signal(object)
    """The `EventRow` whose rows are to be shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.event_row: EventRow | None = None
        self.forms: list[BasisForm] = []
        self._masked = False
        self._empty = EmptyState(
            self.tr("No event selected"), self.tr("Splits, mergers, transfers and the like stand here with what they did.")
        )
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(1, 1, 1, 1)
        outer.addWidget(self._empty)
        outer.addWidget(self._scroll)
        self.show_event(None)

    def show_event(self, row: EventRow | None) -> None:
        """Show an event; what is typed into the form of the same one stays."""
        if row is not None and row == self.event_row and self.forms and any(form.touched for form in self.forms):
            return
        self.event_row = row
        self.forms = []
        self._empty.setVisible(row is None)
        self._scroll.setVisible(row is not None)
        if row is not None:
            self._scroll.setWidget(self._page(row))

    def set_masked(self, masked: bool) -> None:  # noqa: FBT001 - the slot of a toggle
        """Hide or show money."""
        self._masked = masked
        row, self.event_row = self.event_row, None
        self.show_event(row)

    def _page(self, row: EventRow) -> QWidget:
        page = QWidget()
        page.setObjectName("scrolled")
        column = QVBoxLayout(page)
        column.setContentsMargins(Space.PADDING, 10, Space.PADDING, 12)
        column.setSpacing(8)
        state = state_of(row.state.value)
        head = QHBoxLayout()
        head.setSpacing(Space.ICON_GAP)
        head.addWidget(icon_label(state.icon, color=state.tone))
        head.addWidget(ElidedLabel(type_word(row.type), role=Type.STRONG, tone="strong"), 1)
        head.addWidget(Chip(state.word, kind=_KINDS.get(state.tone, "")))
        column.addLayout(head)
        column.addWidget(ElidedLabel(f"{formats.full_day(row.day)} · {', '.join(row.accounts)}", role=Type.SECONDARY, tone="muted"))
        if row.state is not EventState.NO_EFFECT:
            column.addWidget(label(self._effect(row), wrap=True))
        values = dict(row.values)
        if values.get("code"):
            column.addWidget(_box(describe_warning(values["code"], values)))
        if row.description:
            column.addWidget(label(self.tr("IBKR’s words"), role=Type.SECONDARY_STRONG, tone="strong"))
            column.addWidget(label(row.description, role=Type.SECONDARY, wrap=True, selectable=True))
        column.addWidget(label(self.tr("What it did"), role=Type.SECONDARY_STRONG, tone="strong"))
        for leg in row.legs:
            column.addWidget(hairline())
            column.addWidget(_LegBox(leg, masked=self._masked))
            if leg.asks_basis:
                form = BasisForm(row, leg, masked=self._masked)
                form.told.connect(self._on_told)
                form.forgotten.connect(self._on_forgotten)
                self.forms.append(form)
                column.addWidget(form)
        column.addWidget(hairline())
        foot = QHBoxLayout()
        self.rows = button(self.tr("Show the rows"), icon="file-code", small=True)
        self.rows.setEnabled(bool(row.rows))
        self.rows.clicked.connect(self._on_rows)
        foot.addWidget(self.rows)
        foot.addStretch(1)
        column.addLayout(foot)
        column.addStretch(1)
        return page

    def _effect(self, row: EventRow) -> str:
        words = kind_word(row.kind.value)
        if row.ratio is not None:
            return self.tr("{what}: {ratio} new for one old.").format(what=words, ratio=formats.quantity(row.ratio))
        return f"{words}."

    def _on_told(self, form: BasisForm, cost: Decimal) -> None:
        self.basis_told.emit(form.event_id, form.leg.place, cost, form.currency.text().strip().upper(), form.day.day())

    def _on_forgotten(self, form: BasisForm) -> None:
        self.basis_forgotten.emit(form.event_id, form.leg.place)

    def _on_rows(self) -> None:
        if self.event_row is not None and self.event_row.rows:
            self.rows_wanted.emit(self.event_row)


class _LegBox(QWidget):
    """What an event did at one place: account and symbol, the units, the money."""

    def __init__(self, row: EventLegRow, *, masked: bool) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 2, 0, 2)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(0)
        leg = row.leg
        grid.addWidget(ElidedLabel(row.symbol, role=Type.SECONDARY_STRONG, tone="strong"), 0, 0)
        grid.addWidget(label(formats.quantity(leg.quantity, signed=True), role=Type.SECONDARY_STRONG, tone="strong"), 0, 1, _RIGHT)
        grid.addWidget(ElidedLabel(row.description or str(leg.place.account), role=Type.SECONDARY, tone="muted"), 1, 0)
        grid.addWidget(label(self._money(row, masked=masked), role=Type.SECONDARY, tone="muted"), 1, 1, _RIGHT)
        grid.setColumnStretch(0, 1)

    def _money(self, row: EventLegRow, *, masked: bool) -> str:
        leg = row.leg
        for words, value in (
            (self.tr("received {amount}"), leg.proceeds),
            (self.tr("cost {amount}"), leg.cost),
            (self.tr("worth {amount}"), leg.value),
        ):
            if value:
                return words.format(amount=figures.with_currency(figures.amount(value, masked=masked), leg.currency))
        return ""


class BasisForm(QFrame):
    """Asks what units had cost that came from elsewhere; IBKR's own figure is one click away where it tells one."""

    told = Signal(object, object)
    """This form and the cost."""
    forgotten = Signal(object)

    def __init__(self, row: EventRow, leg: EventLegRow, *, masked: bool) -> None:
        super().__init__()
        self.setObjectName("sunkenBox")
        self.event_id, self.leg = row.id, leg
        self.touched = False
        known = leg.told
        self.cost = QLineEdit("" if known is None or masked else formats.number(known.cost))
        self.cost.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.cost.setEnabled(not masked)
        self.cost.setAccessibleName(self.tr("Cost in all, fees included"))
        self.currency = QLineEdit(known.currency if known is not None else leg.leg.currency)
        self.currency.setMaxLength(3)
        self.currency.setFixedWidth(60)
        self.currency.setAccessibleName(self.tr("Currency"))
        self.day = DateField(known.opened_on if known is not None and known.opened_on is not None else row.day)
        self.fault = label(role=Type.SECONDARY, tone="negative", wrap=True)
        self.fault.hide()
        self.suggest = button("", small=True)
        self.save = button(self.tr("Save the cost"), small=True)
        self.forget = button(self.tr("Forget it"), small=True)
        self.forget.setVisible(known is not None)
        self._build(masked=masked)
        self.cost.textEdited.connect(self._on_touched)
        self.currency.textEdited.connect(self._on_touched)
        self.cost.returnPressed.connect(self._on_save)
        self.save.clicked.connect(self._on_save)
        self.forget.clicked.connect(lambda: self.forgotten.emit(self))
        self.suggest.clicked.connect(self._on_suggest)

    def _build(self, *, masked: bool) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(12, 10, 12, 10)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(6)
        units = formats.quantity(self.leg.leg.quantity)
        words = self.tr("What had these {quantity} units cost, fees included?").format(quantity=units)
        grid.addWidget(label(words, role=Type.SECONDARY_STRONG, tone="strong", wrap=True), 0, 0, 1, 3)
        grid.addWidget(label(self.tr("Cost in all"), role=Type.SECONDARY), 1, 0)
        grid.addWidget(self.cost, 1, 1)
        grid.addWidget(self.currency, 1, 2)
        grid.addWidget(label(self.tr("Bought on"), role=Type.SECONDARY), 2, 0)
        grid.addWidget(self.day, 2, 1, 1, 2)
        grid.addWidget(self.fault, 3, 0, 1, 3)
        suggestion = self.leg.suggestion
        self.suggest.setVisible(suggestion is not None)
        if suggestion is not None:
            amount = figures.with_currency(figures.amount(suggestion.cost, masked=masked), suggestion.currency)
            self.suggest.setText(self.tr("Take IBKR’s {amount}").format(amount=amount))
            self.suggest.setToolTip(
                self.tr("What IBKR gives as the cost in its report of {day}").format(day=formats.full_day(suggestion.day))
            )
            self.suggest.setEnabled(not masked)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.save)
        row.addWidget(self.forget)
        row.addWidget(self.suggest)
        row.addStretch(1)
        grid.addLayout(row, 4, 0, 1, 3)
        grid.setColumnStretch(1, 1)
        self.save.setEnabled(not masked)

    def _on_touched(self) -> None:
        self.touched = True
        self._say("")

    def _on_suggest(self) -> None:
        suggestion = self.leg.suggestion
        if suggestion is not None:
            self.cost.setText(formats.number(suggestion.cost))
            self.currency.setText(suggestion.currency)
            self._on_touched()
            self.cost.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_save(self) -> None:
        cost, currency = parse_amount(self.cost.text()), self.currency.text().strip()
        if cost is None:
            self._say(self.tr("Enter an amount, such as {example}.").format(example=formats.number(Decimal("1234.50"))))
            self.cost.setFocus(Qt.FocusReason.OtherFocusReason)
        elif len(currency) != 3 or not currency.isalpha():  # noqa: PLR2004 - a code of three letters
            self._say(self.tr("Enter the currency’s three letters, such as USD."))
            self.currency.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.touched = False
            signed = -abs(cost) if self.leg.leg.quantity < 0 else abs(cost)
            self.told.emit(self, signed)

    def _say(self, words: str) -> None:
        self.fault.setText(words)
        self.fault.setVisible(bool(words))
        self.cost.setProperty("fault", bool(words))
        repolish(self.cost)


def _box(words: str) -> QFrame:
    box = QFrame()
    box.setObjectName("warningBox")
    row = QHBoxLayout(box)
    row.setContentsMargins(12, 8, 12, 8)
    row.addWidget(label(words, tone="warning", wrap=True), 1)
    return box
