"""One depot on the settings' page: name, accounts, queries, how long its token still lives, and what can be done."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QProgressBar, QVBoxLayout, QWidget

from ibjournal.domain.depot import DepotId
from ibjournal.domain.errors import JournalError
from ibjournal.gui import errors
from ibjournal.gui.depots.query_result import QueryResult
from ibjournal.gui.theme import Space, Type
from ibjournal.gui.widgets import formats
from ibjournal.gui.widgets.labels import ElidedLabel, button, icon_label, label, tool_button
from ibjournal.gui.widgets.panel import Chip
from ibjournal.services.depots import DepotState

_SOON = 30
_LONGEST = 365


class DepotCard(QFrame):
    """Shows a `DepotState` and tells what the user wants done with it; does nothing itself."""

    edit_wanted = Signal(object)
    test_wanted = Signal(object)
    renewal_wanted = Signal(object)
    pause_wanted = Signal(object, bool)
    remove_wanted = Signal(object)
    move_wanted = Signal(object, int)
    """The depot, and -1 for up or 1 for down."""

    def __init__(
        self, state: DepotState, *, today: date, first: bool = False, last: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.state = state
        self.depot: DepotId = state.depot.id
        self.setObjectName("card")
        self.setAccessibleName(state.depot.name)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.PADDING, 12, 12, 12)
        column.setSpacing(8)
        column.addLayout(self._head(first=first, last=last))
        self.accounts = label(", ".join(state.depot.accounts) or self.tr("no account known yet"), role=Type.SECONDARY, tone="muted")
        column.addWidget(self.accounts)
        column.addWidget(ElidedLabel(self._queries(), role=Type.SECONDARY))
        column.addLayout(self._token(today))
        if state.has_token and not state.token_kept:
            words = self.tr("This system has no keyring: the token is kept until you quit and has to be entered again after that.")
            column.addWidget(label(words, role=Type.SECONDARY, tone="warning", wrap=True))
        column.addLayout(self._buttons())
        self.result = QueryResult()
        self.result.hide()
        column.addWidget(self.result)
        self.fault = label("", tone="negative", wrap=True)
        self.fault.hide()
        column.addWidget(self.fault)

    def show_error(self, error: JournalError) -> None:
        """Say below the buttons why something did not work."""
        words = errors.describe(error, depot=self.state.depot.name)
        self.fault.setText(f"{words.title} {words.explanation} {words.action}")
        self.fault.show()

    def token_words(self, today: date) -> tuple[str, str]:
        """Return what is to be said about the token, and its colour."""
        state = self.state
        if not state.has_token:
            return (self.tr("fed by files, no token"), "muted") if state.depot.from_files else (self.tr("no token"), "warning")
        if state.last_error in errors.RENEWABLE:
            return errors.describe_code(state.last_error, {"depot": state.depot.name}).title.rstrip("."), "warning"
        expires = state.depot.token_expires
        if expires is None:
            return self.tr("token on file, date of expiry not known"), "muted"
        days = (expires - today).days
        if days < 0:
            return self.tr("token expired on {day}").format(day=formats.full_day(expires)), "warning"
        left = self.tr("1 day left") if days == 1 else self.tr("%n days left", "", days)
        text = self.tr("token valid until {day}, {left}").format(day=formats.full_day(expires), left=left)
        return text, "warning" if days <= _SOON else "muted"

    def _head(self, *, first: bool, last: bool) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(label(self.state.depot.name, role=Type.SUBHEAD, tone="strong"))
        if self.state.depot.paused:
            row.addWidget(Chip(self.tr("paused"), icon="circle-pause"))
        if self.state.shares_token_with:
            row.addWidget(Chip(self.tr("shared token"), icon="key-round"))
        row.addStretch(1)
        self.up = tool_button("chevron-up", self.tr("Move up"))
        self.down = tool_button("chevron-down", self.tr("Move down"))
        self.up.setEnabled(not first)
        self.down.setEnabled(not last)
        self.up.clicked.connect(lambda: self.move_wanted.emit(self.depot, -1))
        self.down.clicked.connect(lambda: self.move_wanted.emit(self.depot, 1))
        row.addWidget(self.up)
        row.addWidget(self.down)
        return row

    def _queries(self) -> str:
        depot = self.state.depot
        none = self.tr("none")
        return self.tr("Activity query {activity} · Trade Confirmation query {confirmation}").format(
            activity=depot.activity_query or none, confirmation=depot.confirmation_query or none
        )

    def _token(self, today: date) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        text, tone = self.token_words(today)
        color = tone if tone != "muted" else "text_muted"
        row.addWidget(icon_label("key-round", size=14, color=color))
        row.addWidget(label(text, role=Type.SECONDARY, tone=tone))
        expires = self.state.depot.token_expires
        if self.state.has_token and expires is not None:
            life = QProgressBar()
            life.setRange(0, _LONGEST)
            life.setValue(max(0, min(_LONGEST, (expires - today).days)))
            life.setTextVisible(False)
            life.setFixedWidth(120)
            life.setAccessibleName(text)
            row.addWidget(life)
        row.addStretch(1)
        return row

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        self.edit = button(self.tr("Edit"), icon="pencil", small=True)
        self.test = button(self.tr("Test"), icon="shield-check", small=True)
        self.renew = button(self.tr("Renew token"), icon="key-round", small=True)
        more = button(self.tr("More"), icon="chevron-down", small=True)
        more.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the chevron behind the word
        self.menu = QMenu(self)
        paused = self.state.depot.paused
        words = self.tr("Resume fetching") if paused else self.tr("Pause fetching")
        self.menu.addAction(words).triggered.connect(lambda: self.pause_wanted.emit(self.depot, not paused))
        self.menu.addAction(self.tr("Remove …")).triggered.connect(lambda: self.remove_wanted.emit(self.depot))
        more.setMenu(self.menu)
        self.edit.clicked.connect(lambda: self.edit_wanted.emit(self.depot))
        self.test.clicked.connect(lambda: self.test_wanted.emit(self.depot))
        self.renew.clicked.connect(lambda: self.renewal_wanted.emit(self.depot))
        for part in (self.edit, self.test, self.renew, more):
            row.addWidget(part)
        row.addStretch(1)
        return row
