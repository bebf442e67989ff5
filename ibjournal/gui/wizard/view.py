"""The wizard in the main window: five pages, steps at the left, buttons at the foot."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from ibjournal.gui import i18n, token_calendar
from ibjournal.gui.bundle import Services
from ibjournal.gui.preferences import Preferences
from ibjournal.gui.sync_control import SyncControl
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.widgets.notice import Notice
from ibjournal.gui.wizard.access import AccessPage
from ibjournal.gui.wizard.demo_start import start_demo
from ibjournal.gui.wizard.done import DonePage
from ibjournal.gui.wizard.fetch import FetchPage
from ibjournal.gui.wizard.frame import FOLD_BELOW, Foot, StepsSide, WizardPage
from ibjournal.gui.wizard.queries import QueriesPage
from ibjournal.gui.wizard.state import Feed, Step, WizardState
from ibjournal.gui.wizard.welcome import WelcomePage
from ibjournal.services.changes import Changes
from ibjournal.services.credentials import has_keyring


class Wizard(QWidget):
    """Walks through the pages. It keeps nothing itself: what was typed is in the `WizardState` that the window holds."""

    closed = Signal(bool)
    """True when it was finished, False for "later"."""
    changed = Signal(object)
    """`Changes`: a depot was saved, files were taken in."""
    language_changed = Signal()
    look_changed = Signal()
    files_wanted = Signal()
    another_wanted = Signal()
    edited = Signal()
    """Something was typed or chosen, or another page is in front."""
    renewal_wanted = Signal(object)
    """The `DepotId` whose token the new depot shares needs a new one."""
    restart_wanted = Signal()
    """What was begun is to be forgotten."""

    def __init__(
        self,
        services: Services,
        tasks: TaskRunner,
        preferences: Preferences,
        sync: SyncControl,
        state: WizardState,
        *,
        today: Callable[[], date] = date.today,
        keyring: Callable[[], bool] = has_keyring,
        demo: Callable[[str], bool] | None = start_demo,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.state = state
        self._tasks = tasks
        self._demo = demo
        self.setObjectName("wizard")
        self.side = StepsSide(
            [
                (self.tr("Welcome"), self.tr("Language and where things lie")),
                (self.tr("Flex queries"), self.tr("Two lists at IBKR")),
                (self.tr("Token and query ids"), self.tr("Enter and test")),
                (self.tr("First fetch"), self.tr("Up to five years back")),
                (self.tr("Done"), self.tr("Open the journal")),
            ]
        )
        self.welcome = WelcomePage(state, preferences, tasks, keyring, demo=demo is not None)
        self.queries = QueriesPage(state)
        self.access = AccessPage(state, services, tasks, today=today)
        self.fetch = FetchPage(state, services, tasks, sync, today=today)
        self.done = DonePage(state)
        self.pages: tuple[WizardPage, ...] = (self.welcome, self.queries, self.access, self.fetch, self.done)
        self.stack = QStackedWidget()
        for page in self.pages:
            self.stack.addWidget(page)
        self.foot = Foot()
        self.resumed = Notice(self, kind="info")
        self.resumed.acted.connect(self.restart_wanted)
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.stack, 1)
        column.addWidget(self.foot)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.side)
        row.addLayout(column, 1)
        self._connect()
        self._show(state.step)

    @property
    def page(self) -> WizardPage:
        """The page in front."""
        return self.pages[self.state.step]

    def go_next(self) -> None:
        """Go on, if the page lets one; the third page saves the depot first."""
        if self.state.step is Step.DONE:
            self.closed.emit(True)
        elif self.page.check():
            if self.state.step is Step.ACCESS:
                self.access.save()
            else:
                self.go_to(Step(self.state.step + 1))

    def go_back(self) -> None:
        """Go to the page before; nothing is lost."""
        if self.state.step > Step.WELCOME:
            self.go_to(Step(self.state.step - 1))

    def go_to(self, step: Step) -> None:
        """Bring a page to the front."""
        self.page.leave()
        self.resumed.say("")
        self._show(step)
        self.edited.emit()

    def say_resumed(self, *, token_lost: bool) -> None:
        """Say that this goes on where it was left, and offer to begin anew; ``token_lost``: the token is to be pasted again."""
        words = self.tr("You go on where you stopped; nothing of it has been saved as a depot yet.")
        if token_lost:
            words = self.tr("You go on where you stopped. The token is never written into a file: please paste it again.")
        self.page.form.insertWidget(0, self.resumed)
        self.resumed.say(words, self.tr("Start &over"))

    def later(self) -> None:
        """Close the wizard; it opens where it was left."""
        self.page.leave()
        self.closed.emit(False)

    def _connect(self) -> None:
        self.foot.next.clicked.connect(self.go_next)
        self.foot.back.clicked.connect(self.go_back)
        self.foot.later.clicked.connect(self.later)
        for page in self.pages:
            page.told.connect(partial(self._on_told, page))
            page.next_wanted.connect(self.go_next)
            page.edited.connect(self.edited)
        self.queries.edited.connect(self._name_steps)
        self.welcome.language_changed.connect(self.language_changed)
        self.welcome.look_changed.connect(self.look_changed)
        self.welcome.files_wanted.connect(self.files_wanted)
        self.welcome.demo_wanted.connect(self._on_demo)
        self.access.saved.connect(self._on_saved)
        self.access.renewal_wanted.connect(self.renewal_wanted)
        self.fetch.changed.connect(self.changed)
        self.fetch.ended.connect(self.foot.next.setFocus)
        self.fetch.mend_wanted.connect(lambda: self.go_to(Step.ACCESS))
        self.done.another_wanted.connect(self.another_wanted)
        self.done.calendar_wanted.connect(self._on_calendar)

    def _show(self, step: Step) -> None:
        self.state.step = step
        self._name_steps()
        self.side.show_step(step)
        self.stack.setCurrentWidget(self.page)
        foot = self.foot
        foot.back.setVisible(step > Step.WELCOME)
        foot.later.setVisible(step < Step.DONE)
        saved = self.state.depot is not None
        foot.later.setText(self.tr("&Close") if saved else self.tr("&Set up later"))
        foot.next.setText(self.tr("Open the &journal") if step is Step.DONE else self.tr("&Next"))
        if self.isVisible():
            self._enter()
        else:
            QTimer.singleShot(0, self, self._enter)  # once it is in its window

    def _name_steps(self) -> None:
        """Call the steps what they are: a depot that is fed by files asks for neither token nor ids."""
        if self.state.feed is Feed.FILES:
            self.side.rename(Step.ACCESS, self.tr("Name and colour"), self.tr("Of the depot"))
            self.side.rename(Step.FETCH, self.tr("Files"), self.tr("Now or later"))
        else:
            self.side.rename(Step.ACCESS, self.tr("Token and query ids"), self.tr("Enter and test"))
            self.side.rename(Step.FETCH, self.tr("First fetch"), self.tr("Up to five years back"))

    def _on_told(self, page: WizardPage, words: str) -> None:
        """Show what the page in front says; others hear of things, too, and have nothing to say at the foot."""
        if page is self.page:
            self.foot.note.setText(words)

    def _enter(self) -> None:
        self.page.enter()
        fetching = self.state.step is Step.FETCH and self.state.feed is Feed.FETCH
        if fetching or self.state.step is Step.DONE:
            self.foot.next.setFocus()

    def _on_saved(self, changes: Changes) -> None:
        self.changed.emit(changes)
        self.go_to(Step.FETCH)
        self.fetch.start()

    def _on_calendar(self) -> None:
        if self.state.expires is not None:
            self.saving = token_calendar.ask_where([self.state.name.strip()], self.state.expires, self._tasks, self)

    def _on_demo(self) -> None:
        if self._demo is not None:
            started = self._demo(i18n.spoken())
            words = self.tr("The demo opens in a window of its own. That takes some seconds.")
            self.foot.note.setText(words if started else self.tr("The demo could not be started."))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the button that has the focus, else goes on; Esc closes for later."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            focus = self.focusWidget()
            if isinstance(focus, QPushButton) and not focus.isCheckable():
                focus.click()
            else:
                self.go_next()
        elif event.key() == Qt.Key.Key_Escape:
            self.later()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fold the help below the form in small windows."""
        super().resizeEvent(event)
        for page in self.pages:
            page.set_folded(folded=self.width() < FOLD_BELOW)
