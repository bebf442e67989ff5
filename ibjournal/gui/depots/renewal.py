"""The window that takes a new token: beside the content, never in the way, checked with IBKR before anything is kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QShowEvent
from PySide6.QtWidgets import QCheckBox, QDialog, QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from ibjournal.domain.depot import DepotId
from ibjournal.domain.errors import FlexError, JournalError
from ibjournal.gui import errors, icons, token_calendar, token_texts
from ibjournal.gui.bundle import Services
from ibjournal.gui.depots.also_for import AlsoFor
from ibjournal.gui.depots.renewal_reasons import LEAKED, RenewalReason, renewal_reason
from ibjournal.gui.portal import StepList
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.theme import Type
from ibjournal.gui.widgets.expiry_field import ExpiryField
from ibjournal.gui.widgets.labels import button, icon_label, label, repolish, set_tone
from ibjournal.gui.widgets.token_field import TokenField
from ibjournal.services.changes import Changes
from ibjournal.services.depots import DepotState
from ibjournal.services.jobs import CancelToken
from ibjournal.services.sync_order import can_be_fetched
from ibjournal.services.tokens import leaves_open

_WIDTH = 606
_LABEL_WIDTH = 124
_TITLE_BAR = 40
"""Room that is left above for the frame that the system draws."""


class RenewalWindow(QDialog):
    """Asks for the new token of one depot and of those that held the same one. Non-modal; keeps what was typed until closed."""

    renewed = Signal(object, object)
    """The depots that have the new token (tuple of `DepotId`), and the `Changes`."""
    loaded = Signal()
    """The depots are on show."""

    def __init__(
        self,
        services: Services,
        tasks: TaskRunner,
        depot: DepotId,
        *,
        error: JournalError | None = None,
        leaked: bool = False,
        today: Callable[[], date] = date.today,
        parent: QWidget | None = None,
    ) -> None:
        """``leaked``: the user fears that somebody else has the token; ``error`` is what stopped the last fetch."""
        super().__init__(parent)
        self._services, self._tasks, self.depot, self.error, self.leaked = services, tasks, depot, error, leaked
        self._cancel: CancelToken | None = None
        self._states: tuple[DepotState, ...] = ()
        self._code = error.code if error is not None else ""
        """Of the error that stopped the last fetch, empty where none did."""
        self.saved = False
        """Whether the token is kept and only the fetch is still awaited."""
        self._ticked: tuple[DepotId, ...] | None = None
        """The depots that were chosen in a window before this one."""
        self._placed = False
        self.setWindowTitle(self.tr("My token may have leaked") if leaked else self.tr("Renew token"))
        self.setModal(False)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._build(today)
        self._tasks.run(self._ask, owner=self, done=self._show_states)

    def _ask(self) -> tuple[tuple[DepotState, ...], datetime | None]:
        services = self._services
        return services.depots.depot_states(), services.tokens.locked_until(self.depot)

    def covers(self, depot: DepotId) -> bool:
        """Whether this window is about to give ``depot`` the new token, too."""
        return depot in self.chosen()

    def chosen(self) -> tuple[DepotId, ...]:
        """Return the depots that shall have the new token."""
        return (self.depot, *self.also.chosen())

    @property
    def stopped(self) -> frozenset[DepotId]:
        """The depots whose last fetch was stopped by their token, also before the program was started."""
        fetched = [state for state in self._states if can_be_fetched(state.depot) and not state.depot.paused]
        return frozenset(state.depot.id for state in fetched if state.last_error in errors.RENEWABLE)

    def go_on_from(self, before: RenewalWindow) -> None:
        """Take over what was typed and chosen in a window before this one, in another language, and end that one."""
        self.token.line.set_token(before.token.token)
        self.expiry.set_day(before.expiry.day(), before.expiry.ends())
        self.entry.setChecked(before.entry.isChecked())
        self._ticked = before.chosen() if before.also.boxes else None
        before.close()

    # --- construction

    def _build(self, today: Callable[[], date]) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        content = QVBoxLayout()
        content.setContentsMargins(24, 18, 24, 20)
        content.setSpacing(14)
        content.addLayout(self._head())
        self._steps = QVBoxLayout()
        content.addLayout(self._steps)
        self.hint = label("", role=Type.SECONDARY, tone="muted", wrap=True)
        self.hint.hide()
        content.addWidget(self.hint)
        content.addLayout(self._form(today))
        content.addWidget(self._note_box())
        content.addStretch(1)
        column.addLayout(content, 1)
        column.addWidget(self._foot())

    def _head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(icon_label("key-round", size=22, color="warning"), 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(2)
        self._title = label(" ", role=Type.TITLE, tone="strong", wrap=True)
        self._reason = label(" ", wrap=True)
        words.addWidget(self._title)
        words.addWidget(self._reason)
        row.addLayout(words, 1)
        return row

    def _form(self, today: Callable[[], date]) -> QGridLayout:
        grid = QGridLayout()
        grid.setColumnMinimumWidth(0, _LABEL_WIDTH)
        grid.setHorizontalSpacing(0)
        grid.setVerticalSpacing(10)
        self.token = TokenField()
        self.expiry = ExpiryField(today=today)
        self.also = AlsoFor()
        self.entry = QCheckBox(self.tr("Save a calendar entry for the expiry (.ics)"))
        self.entry.setChecked(True)
        self._also_label = label(self.tr("Also for"), role=Type.SYMBOL, tone="strong")
        top = Qt.AlignmentFlag.AlignTop
        token_label = label(self.tr("Token"), role=Type.SYMBOL, tone="strong")
        token_label.setBuddy(self.token.line)
        token_label.setContentsMargins(0, 6, 0, 0)
        expiry_label = label(self.tr("Valid until"), role=Type.SYMBOL, tone="strong")
        expiry_label.setBuddy(self.expiry.field)
        grid.addWidget(token_label, 0, 0, top)
        grid.addWidget(self.token, 0, 1)
        expiry_label.setContentsMargins(0, 6, 0, 0)
        grid.addWidget(expiry_label, 1, 0, top)
        grid.addWidget(self.expiry, 1, 1)
        grid.addWidget(self.entry, 2, 1)  # it is about the day above it
        grid.addWidget(self._also_label, 3, 0, top)
        grid.addWidget(self.also, 3, 1)
        grid.setColumnStretch(1, 1)
        self._also_label.hide()
        self.token.edited.connect(self._clear_fault)
        self.expiry.edited.connect(self._on_expiry)
        return grid

    def _on_expiry(self) -> None:
        self.entry.setChecked(not self.expiry.short)  # nobody needs a calendar for what ends this week
        self._fit_soon()

    def _note_box(self) -> QFrame:
        self._box = QFrame()
        self._box.setObjectName("infoBox")
        row = QHBoxLayout(self._box)
        row.setContentsMargins(14, 8, 14, 8)
        row.setSpacing(8)
        self._box_icon = icon_label("shield-check", color="info")
        self._note = label(self._promise(), role=Type.SECONDARY, wrap=True)
        self.unchecked = button(self.tr("Save unchecked"), small=True)
        self.unchecked.hide()
        self.unchecked.clicked.connect(lambda: self.check_and_save(check=False))
        words = QVBoxLayout()
        words.setSpacing(6)
        words.addWidget(self._note)
        words.addWidget(self.unchecked, 0, Qt.AlignmentFlag.AlignLeft)
        row.addWidget(self._box_icon)
        row.addLayout(words, 1)
        return self._box

    def _promise(self) -> str:
        if any(state.has_token and not state.token_kept for state in self._states):
            words = self.tr("The token is first checked with IBKR. This system has no keyring: the token is kept until you quit.")
        else:
            words = self.tr("The token is first checked with IBKR and only then kept in the keyring.")
        if self._code in errors.RENEWABLE:
            words += " " + self.tr("After that ibjournal makes up for the fetch that failed.")
        return words

    def _foot(self) -> QWidget:
        foot = QWidget()
        foot.setObjectName("dialogFoot")
        foot.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(foot)
        row.setContentsMargins(24, 13, 24, 13)
        row.setSpacing(10)
        self._state = label("", role=Type.SECONDARY, tone="muted")
        self.later = button(self.tr("Remind me later"))
        self.save = button(self.tr("Check and save"), primary=True)
        self.save.setDefault(True)
        row.addWidget(self._state, 1)
        row.addWidget(self.later)
        row.addWidget(self.save)
        self.later.clicked.connect(self._on_later)
        self.save.clicked.connect(self.check_and_save)
        return foot

    # --- what happens

    def check_and_save(self, *, check: bool = True) -> None:
        """Check the token with IBKR and keep it; the window says how far it is.

        Args:
            check: ask IBKR first; else the user knows that nobody did, since IBKR could not be asked.
        """
        if self._cancel is not None:
            return
        if not self.token.token:
            self.token.show_fault(self.tr("Paste the new token here: IBKR shows it after Generate New Token."))
            self.token.line.setProperty("fault", True)
            repolish(self.token.line)
            self.token.line.setFocus()
            return
        self._cancel = CancelToken()
        depots = self.chosen()
        self._set_running(running=True, check=check)
        self._tasks.run(
            self._services.depots.renew,
            depots,
            self.token.token,
            self.expiry.day(),
            ends=self.expiry.ends(),
            check=check,
            cancel=self._cancel,
            token=self._cancel,
            owner=self,
            done=lambda changes: self._on_saved(depots, changes),
            failed=self._on_refused,
        )

    def _on_saved(self, depots: tuple[DepotId, ...], changes: Changes) -> None:
        self._cancel = None
        self.token.clear()
        self.save.setEnabled(False)
        self.unchecked.hide()
        self.saved = True
        self.later.setText(self.tr("Close"))
        self._say(self.tr("Saved; the fetch goes on.") if self._code in errors.RENEWABLE else self.tr("Saved."), "positive")
        if self.entry.isChecked():
            names = [state.depot.name for state in self._states if state.depot.id in depots]
            self.saving = token_calendar.ask_where(names, self.expiry.day(), self._tasks, self.parentWidget())
        self.renewed.emit(depots, changes)

    def finish(self, error: JournalError | None = None) -> None:
        """Close, now that the fetch has gone on; stay and say why if it has failed for the token again."""
        if error is not None and error.code in errors.RENEWABLE:
            self.saved = False
            self._on_refused(error)
            self._say(self.tr("It was kept, but IBKR refuses it."), "negative")
        else:
            self.accept()

    def _on_refused(self, error: Exception) -> None:
        self._cancel = None
        self._set_running(running=False)
        if isinstance(error, JournalError):
            words = errors.describe(error, depot=self._name())
            self._box.setObjectName("negativeBox")
            repolish(self._box)
            icons.set_icon(self._box_icon, "circle-alert", color="negative")
            told = [words.title, words.explanation, words.action]
            if isinstance(error, FlexError) and leaves_open(error) and self.token.token:
                told.append(token_texts.may_be_kept())
                self.unchecked.show()
            self._note.setText(" ".join(each for each in told if each))
            self._say(self.tr("Nothing was kept."), "negative")
            self._fit_soon()
            if error.code in errors.RENEWABLE:  # what is typed next takes its place
                self.token.line.setFocus()
                self.token.line.selectAll()
            else:
                self.save.setFocus()

    def _set_running(self, *, running: bool, check: bool = True) -> None:
        self.save.setEnabled(not running)
        self.unchecked.hide()
        self.token.setEnabled(not running)
        self.expiry.setEnabled(not running)
        self.later.setText(self.tr("Cancel") if running else self.tr("Remind me later"))
        self._say(self.tr("Checking with IBKR…") if running and check else "", "muted")
        if running:
            self._box.setObjectName("infoBox")
            repolish(self._box)
            icons.set_icon(self._box_icon, "shield-check", color="info")
            self._note.setText(self._promise())

    def _on_later(self) -> None:
        if self._cancel is not None:
            self._cancel.cancel()
            self._cancel = None
            self._set_running(running=False)
        else:
            self.reject()

    def _clear_fault(self) -> None:
        self.unchecked.hide()  # it was about another token
        if self.token.line.property("fault"):
            self.token.line.setProperty("fault", False)
            repolish(self.token.line)

    def _say(self, text: str, tone: str) -> None:
        self._state.setText(text)
        set_tone(self._state, tone)

    def _name(self) -> str:
        return next((state.depot.name for state in self._states if state.depot.id == self.depot), "")

    def _show_states(self, found: tuple[tuple[DepotState, ...], datetime | None]) -> None:
        states, locked_until = found
        self._states = states
        own = next((state for state in states if state.depot.id == self.depot), None)
        if own is None:
            self.reject()
            return
        self._code = self.error.code if self.error is not None else own.last_error
        code = LEAKED if self.leaked else self._code
        self._note.setText(self._promise())
        self._show_reason(renewal_reason(code, own.depot, locked_until=locked_until))
        self.also.show_states(own, states)
        if self._ticked is not None:
            self.also.choose(self._ticked)
        self._also_label.setVisible(bool(self.also.boxes))
        self.also.setVisible(bool(self.also.boxes))
        self.token.line.setFocus()
        self._fit_soon()
        self.loaded.emit()

    def _show_reason(self, reason: RenewalReason) -> None:
        self._title.setText(reason.head)
        self._reason.setText(reason.words)
        steps = StepList(self.tr("This is how it goes at IBKR"), reason.steps)
        self._steps.addWidget(steps)
        steps.show()  # a layout counts only what is visible, and would wait for the next turn with it
        self.hint.setText(reason.hint)
        self.hint.setVisible(bool(reason.hint))

    def showEvent(self, event: QShowEvent) -> None:
        """Take the right height now that fonts and styles are settled."""
        super().showEvent(event)
        self._fit()
        parent = self.parentWidget()
        if parent is not None and not event.spontaneous() and not self._placed:
            self._placed = True  # only once: the user may have moved it
            place = parent.mapToGlobal(parent.rect().center()) - self.rect().center()
            self.move(max(0, place.x()), max(_TITLE_BAR, place.y()))

    def _fit_soon(self) -> None:
        self._fit()
        QTimer.singleShot(0, self, self._fit)  # once all the new words are laid out

    def _fit(self) -> None:
        """Take the height that the words need at the width of the design."""
        layout = self.layout()
        if layout is not None:
            layout.activate()
            self.setFixedWidth(_WIDTH)
            self.resize(_WIDTH, layout.totalHeightForWidth(_WIDTH))
        room, frame = self.screen().availableGeometry(), self.frameGeometry()
        if self._placed and frame.bottom() > room.bottom():  # what grows does not push its buttons off the screen
            self.move(frame.x(), max(room.top(), room.bottom() - frame.height() + 1))

    def closeEvent(self, event: QCloseEvent) -> None:
        """End a check that is under way; forget what was typed."""
        if self._cancel is not None:
            self._cancel.cancel()
        self.token.clear()
        super().closeEvent(event)
