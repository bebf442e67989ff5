"""One depot on the settings' page: name, accounts, queries, how long its token still lives, and what can be done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QProgressBar, QVBoxLayout, QWidget

from ibjournal.domain.depot import DepotId
from ibjournal.domain.errors import JournalError
from ibjournal.gui import errors, icons
from ibjournal.gui.depots.findings import FindingsPanel, pressing
from ibjournal.gui.depots.query_result import QueryResult
from ibjournal.gui.depots.uses_table import UsesTable
from ibjournal.gui.theme import Space, Type
from ibjournal.gui.widgets import formats
from ibjournal.gui.widgets.depot_dot import depot_dot
from ibjournal.gui.widgets.labels import ElidedLabel, button, icon_label, label, tool_button
from ibjournal.gui.widgets.panel import Chip, Panel
from ibjournal.services.depots import DepotState
from ibjournal.services.doctor import QueryFindings
from ibjournal.services.token_log import TokenUse

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
    leak_wanted = Signal(object)
    """The token may be in somebody else's hands."""
    forget_wanted = Signal(object)
    calendar_wanted = Signal(object)
    uses_wanted = Signal(object)
    """The user wants to see what the token was used for."""
    reload_wanted = Signal()
    """The keyring shall be asked once more."""

    def __init__(
        self,
        state: DepotState,
        *,
        today: date,
        keyring: str = "",
        first: bool = False,
        last: bool = False,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        parent: QWidget | None = None,
    ) -> None:
        """``keyring`` is the code of what is wrong with the keyring, empty where all is well."""
        super().__init__(parent)
        self.state = state
        self._now = now
        self.depot: DepotId = state.depot.id
        self.setObjectName("card")
        self.setAccessibleName(state.depot.name)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.PADDING, 12, 12, 12)
        column.setSpacing(8)
        column.addLayout(self._head(first=first, last=last))
        self.accounts = label(", ".join(state.depot.accounts) or self.tr("no account known yet"), role=Type.SECONDARY, tone="muted")
        column.addWidget(self.accounts)
        queries = ElidedLabel(self._queries(), role=Type.SECONDARY)
        column.addWidget(queries)
        queries.setVisible(self._fetched)
        column.addLayout(self._token(today))
        self.keyring = label(self._keyring_words(keyring), role=Type.SECONDARY, tone="warning", wrap=True)
        self.keyring.setVisible(bool(self.keyring.text()))
        column.addWidget(self.keyring)
        column.addLayout(self._buttons())
        self.doctor = FindingsPanel()
        self.doctor.edit_wanted.connect(self.edit_wanted)
        self.doctor_button.toggled.connect(self.doctor.setVisible)
        column.addWidget(self.doctor)
        self.uses = UsesTable()
        self.uses_panel = Panel(self.tr("Use of the token"))
        self.uses_panel.body.setContentsMargins(1, 0, 1, 6)
        self.uses_panel.set_content(self.uses)
        self.uses_panel.hide()
        column.addWidget(self.uses_panel)
        self.result = QueryResult()
        self.result.mend_wanted.connect(self._on_mend)
        self.result.hide()
        column.addWidget(self.result)
        self.fault = label("", tone="negative", wrap=True)
        self.fault.hide()
        column.addWidget(self.fault)

    @property
    def _fetched(self) -> bool:
        """Whether this depot has queries to fetch; without any it is fed by files, and lacks nothing."""
        depot = self.state.depot
        return bool(depot.activity_query or depot.confirmation_query) and not depot.from_files

    def _on_mend(self, _slot: str, mends: errors.Button) -> None:
        if mends is errors.Button.RENEW:
            self.renewal_wanted.emit(self.depot)
        elif mends is errors.Button.EDIT_DEPOT:
            self.edit_wanted.emit(self.depot)
        else:
            self.test_wanted.emit(self.depot)

    def show_error(self, error: JournalError) -> None:
        """Say below the buttons why something did not work."""
        words = errors.describe(error, depot=self.state.depot.name)
        self.fault.setText(f"{words.title} {words.explanation} {words.action}")
        self.fault.show()

    def show_findings(self, queries: Sequence[QueryFindings]) -> None:
        """Offer what the query doctor found in the last reports; it is on show only when it was asked for."""
        shown = self.doctor_button.isChecked()
        self.doctor.show_findings(queries)
        count = len(self.doctor.lines)
        self.doctor_button.setVisible(count > 0)
        self.doctor_button.setText(self.tr("Query doctor: {count}").format(count=count))
        icons.set_icon(self.doctor_button, "stethoscope", size=14, color="warning" if pressing(queries) else "text_muted")
        self.doctor.setVisible(shown and count > 0)

    def show_uses(self, uses: tuple[TokenUse, ...]) -> None:
        """Show what the token was used for."""
        self.uses.show_uses(uses)
        self.uses.setVisible(bool(uses))
        self.uses_panel.set_subtitle("" if uses else self.tr("not used yet"))
        self.uses_panel.show()

    def token_words(self, today: date) -> tuple[str, str]:
        """Return what is to be said about the token, and its colour."""
        state = self.state
        if state.credential_error is not None:
            return errors.describe(state.credential_error).title.rstrip("."), "warning"
        if not state.has_token:
            return (self.tr("no token"), "warning") if self._fetched else (self.tr("fed by files, no token"), "muted")
        if state.last_error in errors.RENEWABLE:
            return errors.describe_code(state.last_error, {"depot": state.depot.name}).title.rstrip("."), "warning"
        expires = state.depot.token_expires
        if expires is None:
            return self.tr("token on file, date of expiry not known"), "muted"
        if state.token_ends is not None:
            over = self._now() >= state.token_ends
            words = self.tr("token expired on {time}") if over else self.tr("token valid until {time}")
            return words.format(time=formats.moment(state.token_ends)), "warning"
        days = (expires - today).days
        if days < 0:
            return self.tr("token expired on {day}").format(day=formats.full_day(expires)), "warning"
        left = self.tr("1 day left") if days == 1 else self.tr("%n days left", "", days)
        text = self.tr("token valid until {day}, {left}").format(day=formats.full_day(expires), left=left)
        return text, "warning" if days <= _SOON else "muted"

    def _keyring_words(self, trouble: str) -> str:
        state = self.state
        if state.credential_error is not None:
            words = errors.describe(state.credential_error)
            return f"{words.explanation} {words.action}"
        if not state.has_token or state.token_kept:
            return ""
        if trouble == "keyring_refused":
            return self.tr(
                "The keyring that is set up would write the token into a file, so it gets none:"
                " the token is kept until you quit and has to be entered again after that."
            )
        if trouble == "keyring_forgets":
            return self.tr(
                "The keyring accepted the token and did not give it back:"
                " it is kept until you quit and has to be entered again after that."
            )
        return self.tr("This system has no keyring: the token is kept until you quit and has to be entered again after that.")

    def _head(self, *, first: bool, last: bool) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        if self.state.depot.color:
            dot = QLabel()
            dot.setPixmap(depot_dot(self.state.depot.color).pixmap(10, 10))
            row.addWidget(dot)
        row.addWidget(ElidedLabel(self.state.depot.name, role=Type.SUBHEAD, tone="strong"))
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
        lives = self.state.has_token and self.state.credential_error is None and self.state.last_error not in errors.RENEWABLE
        if lives and expires is not None:  # a bar of a year to go beside "has expired" would contradict it
            life = QProgressBar()
            life.setRange(0, _LONGEST)
            life.setValue(max(0, min(_LONGEST, (expires - today).days)))
            life.setTextVisible(False)
            life.setFixedWidth(120)
            life.setAccessibleName(text)
            row.addWidget(life)
        row.addStretch(1)
        self.again = button(self.tr("Ask the keyring again"), icon="refresh-cw", small=True)
        self.again.setVisible(self.state.credential_error is not None)
        self.again.clicked.connect(self.reload_wanted)
        row.addWidget(self.again)
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
        self.menu.addSeparator()
        has_token = self.state.has_token
        self.entry = self.menu.addAction(self.tr("Calendar entry for the expiry…"))
        self.entry.setEnabled(has_token and self.state.depot.token_expires is not None)
        self.entry.triggered.connect(lambda: self.calendar_wanted.emit(self.depot))
        self.menu.addAction(self.tr("Use of the token")).triggered.connect(lambda: self.uses_wanted.emit(self.depot))
        self.leak = self.menu.addAction(self.tr("My token may have leaked…"))
        self.leak.setEnabled(has_token)
        self.leak.triggered.connect(lambda: self.leak_wanted.emit(self.depot))
        self.forget = self.menu.addAction(self.tr("Forget token…"))
        self.forget.setEnabled(has_token)
        self.forget.triggered.connect(lambda: self.forget_wanted.emit(self.depot))
        self.menu.addSeparator()
        self.menu.addAction(self.tr("Remove…")).triggered.connect(lambda: self.remove_wanted.emit(self.depot))
        more.setMenu(self.menu)
        self.edit.clicked.connect(lambda: self.edit_wanted.emit(self.depot))
        self.test.clicked.connect(lambda: self.test_wanted.emit(self.depot))
        self.renew.clicked.connect(lambda: self.renewal_wanted.emit(self.depot))
        self.doctor_button = button("", icon="stethoscope", small=True)
        self.doctor_button.setCheckable(True)
        self.doctor_button.hide()
        for part in (self.edit, self.test, self.renew, more):
            row.addWidget(part)
        if not self._fetched:  # never shown here: they have no parent yet, and would be windows
            self.test.hide()
            if not has_token:
                self.renew.hide()
        row.addStretch(1)
        row.addWidget(self.doctor_button)
        return row
