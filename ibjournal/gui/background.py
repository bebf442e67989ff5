"""What goes on beside the window: fetching by itself, the tray, and whether closing the window ends the program."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

from ibjournal.domain.depot import DepotId
from ibjournal.domain.errors import JournalError
from ibjournal.gui import errors, messages
from ibjournal.gui.autosync import AutoSync
from ibjournal.gui.bundle import Services
from ibjournal.gui.main_window import MainWindow
from ibjournal.gui.preferences import Preferences
from ibjournal.gui.reminders import notify
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.tray import Tray, TrayState
from ibjournal.gui.windows import bring_forward
from ibjournal.services.autosync import USER_CODES
from ibjournal.services.reports import Run
from ibjournal.services.sync import SyncReport

_LOOK_FOR_TRAY = (5, 15, 30, 60)
"""Seconds after the start: a session that has just begun may have no tray yet."""
_LOOK_BACK = 20
"""Runs among which the last fetch is looked for: files may have been imported since."""


class Background(QObject):
    """Ties the window that is there by then to the tray and to what is fetched by itself.

    Args:
        services: the services.
        tasks: runs what touches the database.
        preferences: whether there is a tray, and whether closing goes on in it.
        window: returns the present window; it may be built anew.
    """

    def __init__(self, services: Services, tasks: TaskRunner, preferences: Preferences, window: Callable[[], MainWindow]) -> None:
        super().__init__()
        self._services, self._tasks, self._preferences, self._window = services, tasks, preferences, window
        self._waiting: set[DepotId] = set()
        self._stale = self._stopped = self._ending = False
        self._words = ""
        self.tray = Tray(self)
        self.autosync = AutoSync(services, tasks, lambda: self._window().sync, parent=self)
        self.tray.open_wanted.connect(lambda: bring_forward(self._window()))
        self.tray.fetch_wanted.connect(lambda: self._window().start_sync())
        self.tray.cancel_wanted.connect(lambda: self._window().sync.cancel())  # noqa: PLW0108 - the window may be another one by then
        self.tray.quit_wanted.connect(lambda: self._window().quit())

    def start(self) -> None:
        """Begin to look what is due, and show the tray."""
        self.adopt(self._window())
        self.autosync.start()
        for seconds in _LOOK_FOR_TRAY:
            QTimer.singleShot(seconds * 1000, self, self.apply)
        self.remind()

    def remind(self) -> None:
        """Say in the window that is there what waits for the user; one that was just built says nothing yet."""
        self._tasks.run(self._services.autosync.needing_user, owner=self, done=self._know_waiting)

    def adopt(self, window: MainWindow) -> None:
        """Listen to a window that was just built."""
        window.keep_running = self._stays
        window.background_changed.connect(self.apply)
        window.sync.running_changed.connect(self._draw)
        window.sync.depot_done.connect(self._on_depot_done)
        window.freshness.overall.connect(self._on_freshness)
        window.reminders.notified.connect(self._notify)
        self.apply()

    def apply(self) -> None:
        """Do what the preferences say."""
        if self._stopped:
            return
        self.tray.set_wanted(wanted=self._preferences.tray)
        QApplication.setQuitOnLastWindowClosed(not self.keeps_running())
        self._draw()

    def keeps_running(self) -> bool:
        """Whether the program goes on when its window is closed."""
        return self._preferences.close_to_tray and self.tray.shown and not self._ending

    def let_end(self) -> None:
        """Keep nothing running when windows are closed: the user's session ends."""
        self._ending = True
        self.apply()

    def _stays(self) -> bool:
        stays = self.keeps_running()  # the tray may have come or gone meanwhile
        QApplication.setQuitOnLastWindowClosed(not stays)
        return stays

    def stop(self) -> None:
        """End it all."""
        self._stopped = True
        self.autosync.stop()
        self.tray.close()

    def _know_waiting(self, depots: tuple[DepotId, ...]) -> None:
        self._waiting |= set(depots)
        self._draw()
        if depots:
            self._tasks.run(self._last_fetches, depots, owner=self, done=self._remind)

    def _last_fetches(self, depots: Iterable[DepotId]) -> tuple[Run, ...]:
        logs = [self._services.reports.list_runs(depot=depot, limit=_LOOK_BACK) for depot in depots]
        return tuple(run for log in logs for run in [run for run in log if run.kind == "sync"][:1])

    def _remind(self, runs: tuple[Run, ...]) -> None:
        """Say in the window what was left to the user: nothing is asked by itself, so nothing would say it again."""
        for run in runs:
            message = messages.of_run(run)
            asked = run.error is None or dict(run.error.values).get("asked", True)
            told = run.depot is None or self._window().wizards.tells(run.depot)
            if message is not None and asked and run.depot in self._waiting and not told:
                self._window().errors.show_message(message)

    def _on_depot_done(self, report: SyncReport) -> None:
        if report.error is not None and report.error.code in USER_CODES:
            if report.depot not in self._waiting and report.error.values.get("asked", True):
                self._tell_of(report.error, report.depot_name)
            self._waiting.add(report.depot)
        elif not report.cancelled:
            self._waiting.discard(report.depot)
        self._draw()

    def _tell_of(self, error: JournalError, depot: str) -> None:
        """Tell of what nobody mends but the user, where no window is on view that says it."""
        if not self._window().isVisible() or self._window().isMinimized():
            words = errors.describe(error, depot=depot)
            self._notify(words.title, words.explanation)

    def _on_freshness(self, words: str, stale: bool) -> None:  # noqa: FBT001 - a signal's bool
        self._words, self._stale = words, stale
        self._draw()

    def _notify(self, title: str, text: str) -> None:
        if self.tray.shown:
            self.tray.tell(title, text)
        else:
            notify(title, text)

    def _draw(self, _running: object = None) -> None:
        if self._stopped:
            return
        if self._window().sync.running:
            state = TrayState.SYNCING
        elif self._waiting:
            state = TrayState.NEEDS_USER
        else:
            state = TrayState.STALE if self._stale else TrayState.IDLE
        self.tray.show_state(state, self._words)
