"""Puts the wizard into the main window and takes it out again; holds what was typed in between, also over a restart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from ibjournal.domain.depot import Depot, DepotId
from ibjournal.gui.bundle import Services
from ibjournal.gui.preferences import Preferences
from ibjournal.gui.sync_control import SyncControl
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.widgets.depot_dot import COLORS
from ibjournal.gui.wizard import draft
from ibjournal.gui.wizard.state import Step, WizardState
from ibjournal.gui.wizard.view import Wizard

_SEEN = "seen"
_DRAFT = "wizard_draft"


class WizardHost(QObject):
    """Shows the wizard in place of the screens. One wizard at a time; "later" keeps what was typed, all but the token on disk."""

    changed = Signal(object)
    """`Changes` to tell the screens."""
    language_changed = Signal()
    look_changed = Signal()
    files_wanted = Signal()
    """Reports are to be imported without setting up a depot."""
    renewal_wanted = Signal(object)
    """The token of this `DepotId` is to be renewed."""
    finished = Signal()
    """The wizard came to its end: show the journal."""

    def __init__(
        self,
        services: Services,
        tasks: TaskRunner,
        preferences: Preferences,
        sync: SyncControl,
        *,
        today: Callable[[], date] = date.today,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._services, self._tasks, self._preferences, self._sync = services, tasks, preferences, sync
        self.today = today
        self.stack = QStackedWidget()
        self.wizard: Wizard | None = None
        self._draft = draft.from_text(preferences.text(_DRAFT))
        """What the program before this one left; None once it was taken up."""
        self.state = self._draft.state if self._draft is not None else WizardState()
        self.starts_by_itself = False
        """Whether a journal without any depot opens the wizard, until the user put it off or went through it once."""
        self._depots: tuple[Depot, ...] | None = None

    def wrap(self, screens: QWidget) -> QWidget:
        """Return a widget that shows either the screens or the wizard."""
        self.stack.addWidget(screens)
        return self.stack

    def open(self, state: WizardState | None = None) -> Wizard:
        """Show the wizard where it was left, or with what a window before this one handed over."""
        if state is not None:
            self.state = state
        elif self.state.depot is not None:  # that depot is set up
            self.state = WizardState()
        resumed = state is None and draft.is_begun(self.state)
        if state is None and not resumed:
            self.state.color = self._free_color()
        token_lost = resumed and self._draft is not None and self._draft.token_lost
        self._draft = None
        if self._depots and self.state.step is Step.WELCOME and state is None:
            self.state.step = Step.QUERIES
        self.close()
        made = Wizard(self._services, self._tasks, self._preferences, self._sync, self.state, today=self.today)
        made.closed.connect(self._on_closed)
        made.changed.connect(self.changed)
        made.language_changed.connect(self.language_changed)
        made.look_changed.connect(self.look_changed)
        made.files_wanted.connect(self._on_files)
        made.another_wanted.connect(self._on_another)
        made.renewal_wanted.connect(self.renewal_wanted)
        made.edited.connect(self._keep)
        made.restart_wanted.connect(self._on_restart)
        if resumed:
            made.say_resumed(token_lost=token_lost)
        self.wizard = made
        self._keep()
        self.stack.addWidget(made)
        self.stack.setCurrentWidget(made)
        return made

    def close(self) -> None:
        """Take the wizard out; a fetch goes on."""
        if self.wizard is not None:
            self.stack.removeWidget(self.wizard)
            self.wizard.hide()
            self.wizard.deleteLater()
            self.wizard = None

    def hand_over(self) -> WizardState | None:
        """Return what a new window should go on with; None while no wizard is open."""
        return self.state if self.wizard is not None else None

    def take_over(self, state: WizardState | None) -> None:
        """Go on with what the window before this one had; its fetch ended with it, so it is begun again where it stopped."""
        if state is not None:
            self.open(state).fetch.go_on()

    def note_depots(self, depots: Sequence[Depot]) -> None:
        """Hear which depots there are; the first time there are none at all, the wizard opens."""
        first = self._depots is None
        self._depots = tuple(depots)
        if self.wizard is not None:
            self.wizard.access.refresh()
        if not (first and self.starts_by_itself and self.wizard is None):
            return
        self._check_draft()
        interrupted = self._draft is not None and self._draft.opened
        if interrupted and self.state.depot is not None:  # the first fetch was under way
            self.take_over(self.state)
        elif interrupted or (not depots and self._preferences.text("wizard") != _SEEN):
            self.open()

    def _check_draft(self) -> None:
        """Let go of a depot that is set up and fetched, or that is not there any more."""
        if self.state.depot is not None and not self.state.fetching:
            self.state, self._draft = WizardState(), None
        if self.state.depot is not None and self.state.depot not in {depot.id for depot in self._depots or ()}:
            self.state.depot = None
            self.state.fetching = False
            self.state.step = min(self.state.step, Step.ACCESS)

    def _free_color(self) -> str:
        """Return the first colour that no depot has."""
        taken = {depot.color for depot in self._depots or ()}
        return next((color for color in COLORS if color not in taken), COLORS[0])

    def _keep(self) -> None:
        """Write down what was typed, never the token, so that it outlives the program."""
        self._preferences.set_text(_DRAFT, draft.to_text(self.state, opened=self.wizard is not None))

    def tells(self, depot: DepotId) -> bool:
        """Whether the wizard is open and says itself how this depot's fetch goes."""
        return self.wizard is not None and self.state.depot == depot

    def _on_closed(self, finished: bool) -> None:  # noqa: FBT001 - a signal's bool
        self.close()
        self._preferences.set_text("wizard", _SEEN)
        if finished or self.state.depot is not None:
            self.state = WizardState()
        self._keep()
        if finished:
            self.finished.emit()

    def _on_files(self) -> None:
        self._on_closed(False)
        self.files_wanted.emit()

    def _on_restart(self) -> None:
        self.open(WizardState(step=Step.QUERIES if self._depots else Step.WELCOME, color=self._free_color()))

    def _on_another(self) -> None:
        self._preferences.set_text("wizard", _SEEN)
        self.open(WizardState(step=Step.QUERIES, color=self._free_color()))
