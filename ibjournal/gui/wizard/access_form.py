"""The form of the third page: name and colour, whose token, the token and its last day, the ids, the panel of the test."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from ibjournal.flex.query_guide import query_guide
from ibjournal.gui.doctor_texts import ibkr_name
from ibjournal.gui.portal import click_list, depot_steps, id_steps, older_pages, open_portal
from ibjournal.gui.theme import Type
from ibjournal.gui.widgets.depot_dot import COLORS, ColorChoice
from ibjournal.gui.widgets.expiry_field import ExpiryField
from ibjournal.gui.widgets.id_field import IdField
from ibjournal.gui.widgets.labels import button, label, rich_label
from ibjournal.gui.widgets.mixups import Mixups
from ibjournal.gui.widgets.token_field import TokenField
from ibjournal.gui.wizard.frame import WizardPage, help_column, note_box
from ibjournal.gui.wizard.live_test import LiveTest
from ibjournal.gui.wizard.state import Step, WizardState


class AccessForm(WizardPage):
    """What the page is made of; what it does is in `ibjournal.gui.wizard.access`."""

    step = Step.ACCESS

    def __init__(self, state: WizardState, *, today: Callable[[], date] = date.today) -> None:
        super().__init__(state, "", "")
        self.set_head(*self.head())
        self.name = QLineEdit(state.name)
        self.name.setMaxLength(80)
        self.colors = ColorChoice(COLORS, name=self.tr("Colour"), current=state.color)
        self.whose = QComboBox()
        self.token = TokenField()
        self.expiry = ExpiryField(today=today)
        self.ids = {"activity": IdField(state.activity), "confirmation": IdField(state.confirmation)}
        self.notice = Mixups(self.token, self.ids)
        self.fault = label("", tone="negative", wrap=True)
        self.boxes: dict[QWidget, QVBoxLayout] = {}
        self.test_button = button(self.tr("&Test now"), icon="shield-check", small=True)
        self.result = LiveTest()
        self._build()

    def head(self) -> tuple[str, str]:
        """Return what stands above the form of a depot that is fetched: title and lead."""
        lead = self.tr(
            "Copy the Current Token and the numbers of your two Flex queries from the client portal. They are tested as soon as"
            " all of them are there."
        )
        return self.tr("Enter the token and the query ids"), lead

    def _build(self) -> None:
        top = QGridLayout()
        top.setHorizontalSpacing(12)
        name_box, _ = self._above(self.tr("Name of the depot"), self.name)
        color_box, _ = self._above(self.tr("Colour"), self.colors)
        top.addLayout(name_box, 0, 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(color_box, 0, 1, Qt.AlignmentFlag.AlignTop)
        top.setColumnStretch(0, 1)
        top.setColumnStretch(1, 1)
        self.form.addLayout(top)
        self._flex = QWidget()
        column = QVBoxLayout(self._flex)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        self._whose_part = QWidget()
        whose = QVBoxLayout(self._whose_part)
        whose.setContentsMargins(0, 0, 0, 0)
        box, _ = self._above(
            self.tr("Whose token"),
            self.whose,
            self.tr("Accounts under one login at IBKR share one token: use the one that is there."),
        )
        whose.addLayout(box)
        self._whose_part.hide()
        column.addWidget(self._whose_part)
        self._token_part = QWidget()
        own = QVBoxLayout(self._token_part)
        own.setContentsMargins(0, 0, 0, 0)
        own.setSpacing(8)
        box, caption = self._above(self.tr("Current Token (Flex Web Service)"), self.token)
        caption.setBuddy(self.token.line)
        self.token.line.setAccessibleName(self.tr("Current Token (Flex Web Service)"))
        own.addLayout(box)
        hint = self.tr(
            "IBKR proposes 6 hours; choose 1 year there. IBKR does not tell the date, so we remind you 30 days, 7 days and"
            " 1 day before."
        )
        box, caption = self._above(self.tr("Valid until"), self.expiry, hint)
        caption.setBuddy(self.expiry.field)
        self.expiry.field.setAccessibleName(self.tr("Valid until"))
        own.addLayout(box)
        column.addWidget(self._token_part)
        pair = QGridLayout()
        pair.setHorizontalSpacing(12)
        pair.setVerticalSpacing(4)
        below = {"activity": self.tr("All bookings, once a day"), "confirmation": self.tr("Today's fills")}
        for place, (slot, kind) in enumerate((("activity", "AF"), ("confirmation", "TCF"))):
            words = self.tr("Query ID: {query}").format(query=ibkr_name(query_guide(kind).name))
            caption = self._caption(words, self.ids[slot])
            pair.addWidget(caption, 0, place, Qt.AlignmentFlag.AlignBottom)  # so that the fields stand in one line
            pair.addLayout(self._box(self.ids[slot], below[slot]), 1, place, Qt.AlignmentFlag.AlignTop)
            pair.setColumnStretch(place, 1)
        column.addLayout(pair)
        column.addWidget(self.notice)
        row = QHBoxLayout()
        row.addWidget(self.test_button)
        row.addStretch(1)
        column.addLayout(row)
        column.addWidget(self.result)
        self.result.hide()
        self.form.addWidget(self._flex)
        self._files = note_box(
            "file-code",
            self.tr("Fed by files"),
            self.tr(
                "This depot needs no token and no ids. The next page takes the files; a token can be added later in the settings."
            ),
        )
        self.form.addWidget(self._files)
        self.form.addWidget(self.fault)
        self.fault.hide()
        self.finish_form(self._help_part())

    def _above(self, words: str, field: QWidget, below: str = "") -> tuple[QVBoxLayout, QLabel]:
        caption = self._caption(words, field)
        box = self._box(field, below)
        box.insertWidget(0, caption)
        return box, caption

    def _caption(self, words: str, field: QWidget) -> QLabel:
        caption = label(words, role=Type.SYMBOL, tone="strong", wrap=True)
        caption.setBuddy(field)
        if not field.accessibleName():
            field.setAccessibleName(words)
        return caption

    def _box(self, field: QWidget, below: str) -> QVBoxLayout:
        """Return a field with what is said below it; a fault finds its place in it."""
        box = QVBoxLayout()
        box.setSpacing(4)
        box.addWidget(field)
        self.boxes[field] = box
        if below:
            box.addWidget(label(below, role=Type.SECONDARY, tone="muted", wrap=True))
            field.setAccessibleDescription(below)
        return box

    def _help_part(self) -> QWidget:
        widget, column = help_column()
        self._flex_help = QWidget()
        inner = QVBoxLayout(self._flex_help)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(12)
        inner.addWidget(label(self.tr("Where to find this at IBKR"), role=Type.SUBHEAD, tone="strong"))
        own, shared = click_list(depot_steps()), click_list(id_steps())
        older = rich_label(older_pages())
        for part in (own, older, shared):
            inner.addWidget(part)
        self.portal = button(self.tr("&Open client portal"), icon="external-link")
        self.portal.clicked.connect(open_portal)
        row = QHBoxLayout()
        row.addWidget(self.portal)
        row.addStretch(1)
        inner.addLayout(row)
        inner.addSpacing(4)
        text = self.tr(
            "Then enter it here. A new token makes the old one void at once, in other programs too. Depots under one login share"
            " one token."
        )
        have = note_box("info", self.tr("Do you have a token already?"), text)
        text = self.tr("This depot uses the one that is there. Generating another would make it void at once, for both.")
        enough = note_box("info", self.tr("No new token is needed"), text)
        inner.addWidget(have)
        inner.addWidget(enough)
        self._clicks = {False: (own, older, have), True: (shared, enough)}
        self.show_clicks(shared=self.state.token_of is not None)
        column.addWidget(self._flex_help)
        return widget

    def show_clicks(self, *, shared: bool) -> None:
        """Show the way to a token and the ids, or to the ids alone where the token of another depot is ``shared``."""
        for mine, parts in self._clicks.items():
            for part in parts:
                part.setVisible(mine == shared)
