"""Syncing several depots from the window: in turn where they share a token, else in parallel; progress, cancel, resuming."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal

from ibjournal.domain.depot import Depot, DepotId
from ibjournal.domain.errors import FlexError
from ibjournal.gui.bundle import Services
from ibjournal.gui.errors import RENEWABLE
from ibjournal.gui.progress_texts import progress_text
from ibjournal.gui.tasks import TaskRunner
from ibjournal.services.depots import DepotState
from ibjournal.services.jobs import CancelToken, Progress
from ibjournal.services.sync import SyncReport
from ibjournal.services.sync_order import PARALLEL, chains
from ibjournal.services.sync_report import ends_token

__all__ = ["SyncControl", "chains", "progress_text"]

_SECOND_MS = 1000


class SyncControl(QObject):
    """Runs syncs through the `TaskRunner`. Lives on the GUI thread and touches no service itself."""

    running_changed = Signal(bool)
    progressed = Signal(object, object)
    """A depot's `DepotId` and its `Progress`."""
    depot_done = Signal(object)
    """The `SyncReport` of one depot."""
    finished = Signal(list)
    """The reports of a whole sync, in the order they ended."""
    failed = Signal(object)
    """A `JournalError` that kept a depot from being synced at all."""
    nothing_to_do = Signal()
    """No depot is set up for fetching."""

    def __init__(self, services: Services, tasks: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._tasks = tasks
        self._waiting: list[list[Depot]] = []
        self._active = 0
        self._reports: list[SyncReport] = []
        self._cancel: CancelToken | None = None
        self._todo: frozenset[DepotId] | None = frozenset()
        self._preparing: object | None = None
        self._running = False
        self._blocked: dict[DepotId, Depot] = {}
        self._later: set[DepotId] = set()
        self._waits: dict[DepotId, Progress] = {}
        self._seconds = QTimer(self)
        self._seconds.setInterval(_SECOND_MS)
        self._seconds.timeout.connect(self._count_down)

    @property
    def running(self) -> bool:
        """Whether a sync is under way."""
        return self._running

    @property
    def unfinished(self) -> frozenset[DepotId] | None:
        """The depots that are still to be fetched; None while that is all of them, whichever they are."""
        return self._todo if self._todo is None else self._todo | self._later

    @property
    def blocked(self) -> tuple[DepotId, ...]:
        """Depots whose last sync waits for a new token."""
        return tuple(self._blocked)

    def start(self, only: Iterable[DepotId] | None = None) -> bool:
        """Sync all depots that are set up for it, or only some; return False when a sync is already under way."""
        if self._running:
            return False
        self._running = True
        self._reports = []
        self._cancel = CancelToken()
        self.running_changed.emit(True)
        wanted = self._todo = None if only is None else frozenset(only)
        this = self._preparing = object()
        self._tasks.run(
            self._services.depots.depot_states,
            owner=self,
            done=lambda states: self._begin(this, states, wanted),
            failed=lambda error: self._give_up(this, error),
        )
        return True

    def fetch(self, depot: DepotId) -> None:
        """Sync one depot now, or once the running sync ends."""
        if not self.start([depot]):
            self._later.add(depot)

    def resume(self, depots: Iterable[DepotId], stopped: Container[DepotId] = ()) -> tuple[DepotId, ...]:
        """Go on with the fetches that a token had stopped, now or once the running sync ends; return whose they are.

        Args:
            depots: those that have a new token.
            stopped: those of which the journal tells that a token had stopped them, before this window was there.
        """
        ready = tuple(depot for depot in depots if depot in self._blocked or depot in stopped)
        if ready and not self.start(ready):
            self._later |= set(ready)
        return ready

    def cancel(self) -> None:
        """End the sync within a moment; what arrived is kept."""
        self._waiting = []
        self._later = set()
        if self._cancel is not None:
            self._cancel.cancel()
        if self._preparing is not None:  # nothing was begun yet: a slow keyring need not be waited for
            self._preparing = None
            self._end_if_done()

    def _begin(self, this: object, states: tuple[DepotState, ...], wanted: frozenset[DepotId] | None) -> None:
        if this is not self._preparing:
            return
        self._preparing = None
        self._waiting = chains(states, wanted)
        self._todo = frozenset(depot.id for chain in self._waiting for depot in chain)
        if not self._waiting:
            self.nothing_to_do.emit()
            self._end_if_done()
            return
        while self._waiting and self._active < PARALLEL:
            self._next_chain()

    def _next_chain(self) -> None:
        chain = self._waiting.pop(0)
        self._active += 1
        self._sync_first(chain)

    def _sync_first(self, chain: list[Depot]) -> None:
        if not chain or self._cancel is None or self._cancel.cancelled:
            self._active -= 1
            if self._waiting and self._active < PARALLEL:
                self._next_chain()
            self._end_if_done()
            return
        depot, rest = chain[0], chain[1:]

        def told(progress: Progress) -> None:
            self._tasks.call(self._tell, depot.id, progress)

        def done(report: SyncReport) -> None:
            self._take(depot, report)
            code = report.error.code if report.error is not None else ""
            # the depots behind it hold the same token: asking again would only make it worse
            if code in RENEWABLE or ends_token(report) is not None:
                if code in RENEWABLE:
                    self._blocked |= {other.id: other for other in rest}
                if isinstance(report.error, FlexError):
                    self._pass_over(rest, report.error)
                self._sync_first([])
            else:
                self._sync_first(rest)

        def failed(error: Exception) -> None:
            self.failed.emit(error)
            self._sync_first(rest)

        self._tasks.run(
            self._services.sync.sync_depot,
            depot.id,
            cancel=self._cancel,
            progress=told,
            owner=self,
            done=done,
            failed=failed,
            token=self._cancel,
        )

    def _pass_over(self, depots: list[Depot], error: FlexError) -> None:
        """Put on record that depots were not asked for; otherwise they would be, by themselves, half a minute later."""
        for depot in depots:
            self._tasks.run(self._services.sync.not_asked, depot.id, error, owner=self)

    def _tell(self, depot: DepotId, progress: Progress) -> None:
        if progress.wait > 1:
            self._waits[depot] = progress
            self._seconds.start()
        else:
            self._waits.pop(depot, None)
        self.progressed.emit(depot, progress)

    def _count_down(self) -> None:
        """Tell again what waits, with a second less to wait."""
        for depot, progress in list(self._waits.items()):
            shorter = replace(progress, wait=progress.wait - 1)
            if shorter.wait > 0:
                self._waits[depot] = shorter
                self.progressed.emit(depot, shorter)
            else:
                del self._waits[depot]
        if not self._waits:
            self._seconds.stop()

    def _take(self, depot: Depot, report: SyncReport) -> None:
        self._waits.pop(depot.id, None)
        self._todo = (self._todo or frozenset()) - {depot.id}
        self._reports.append(report)
        if report.error is not None and report.error.code in RENEWABLE:
            self._blocked[depot.id] = depot
        else:
            self._blocked.pop(depot.id, None)
        self.depot_done.emit(report)

    def _give_up(self, this: object, error: Exception) -> None:
        if this is not self._preparing:
            return
        self._preparing = None
        self._waiting = []
        self.failed.emit(error)
        self._end_if_done()

    def _end_if_done(self) -> None:
        if self._running and not self._waiting and self._active == 0:
            self._running = False
            self._cancel = None
            self._waits = {}
            self._seconds.stop()
            self.running_changed.emit(False)
            self.finished.emit(list(self._reports))
            if self._later:
                later, self._later = self._later, set()
                self.start(later)
