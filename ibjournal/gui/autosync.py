"""Fetches by itself: looks at the clock on the wall every half minute, and asks the service what is due.

A timer alone would not do: it stands still while the computer sleeps. After a wake, and after a clock was set, it waits for the
network before it asks anybody.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from PySide6.QtCore import QObject, QTimer

from ibjournal.domain.depot import DepotId
from ibjournal.gui.bundle import Services
from ibjournal.gui.sync_control import SyncControl
from ibjournal.gui.tasks import TaskRunner

LOOK_EVERY = timedelta(seconds=30)
AFTER_START = timedelta(seconds=3)
AFTER_WAKE = timedelta(seconds=20)
"""For the network to come back."""

_JUMP = timedelta(seconds=30)


def _wall() -> datetime:
    return datetime.now(UTC)


class AutoSync(QObject):
    """Starts syncs of what is due, through the `SyncControl` of the window that is there by then.

    Args:
        services: decide what is due.
        tasks: runs what touches the database.
        control: returns the control of the present window.
        wall: tells the time of day, for tests.
    """

    def __init__(
        self,
        services: Services,
        tasks: TaskRunner,
        control: Callable[[], SyncControl],
        *,
        wall: Callable[[], datetime] = _wall,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._services, self._tasks, self._control, self._wall = services, tasks, control, wall
        self._starting = True
        self._asking = False
        self._last = wall()
        self._not_before = self._last
        self._timer = QTimer(self)
        self._timer.setInterval(int(LOOK_EVERY.total_seconds() * 1000))
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        """Begin; the first look comes once the window has settled."""
        self._last = self._wall()
        self._timer.start()
        QTimer.singleShot(int(AFTER_START.total_seconds() * 1000), self, self.look)

    def stop(self) -> None:
        """Look no more."""
        self._timer.stop()

    def look(self) -> None:
        """Ask what is due and fetch it, unless something is being fetched already."""
        now = self._wall()
        passed = now - self._last
        self._last = now
        if passed > LOOK_EVERY + _JUMP or passed < -_JUMP:
            self._not_before = now + AFTER_WAKE
            QTimer.singleShot(int(AFTER_WAKE.total_seconds() * 1000) + 100, self, self.look)
        if now < self._not_before and self._not_before - now <= AFTER_WAKE:
            return
        if self._asking or self._control().running:
            return
        self._asking = True
        self._tasks.run(self._services.autosync.due, starting=self._starting, owner=self, done=self._fetch, failed=self._later)

    def _fetch(self, depots: tuple[DepotId, ...]) -> None:
        self._asking = False
        self._starting = False
        control = self._control()
        if depots and not control.start(depots):  # somebody pressed the button in this very moment
            for depot in depots:
                control.fetch(depot)

    def _later(self, _error: Exception) -> None:
        """Ask again at the next look: the database is busy, or its trouble is told by whoever uses it."""
        self._asking = False
