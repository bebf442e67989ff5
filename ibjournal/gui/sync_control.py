"""Syncing several depots from the window: in turn where they share a token, else in parallel; progress, cancel, resuming."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QCoreApplication, QObject, Signal

from ibjournal.domain.depot import Depot, DepotId
from ibjournal.gui.bundle import Services
from ibjournal.gui.errors import RENEWABLE
from ibjournal.gui.tasks import TaskRunner
from ibjournal.services.depots import DepotState
from ibjournal.services.jobs import CancelToken, Progress
from ibjournal.services.sync import SyncReport

PARALLEL = 3
"""Depots with tokens of their own that are fetched at once."""


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
        self._running = False
        self._blocked: dict[DepotId, Depot] = {}
        self._later: set[DepotId] = set()

    @property
    def running(self) -> bool:
        """Whether a sync is under way."""
        return self._running

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
        wanted = None if only is None else frozenset(only)
        self._tasks.run(
            self._services.depots.depot_states,
            owner=self,
            done=lambda states: self._begin(states, wanted),
            failed=self._give_up,
        )
        return True

    def fetch(self, depot: DepotId) -> None:
        """Sync one depot now, or once the running sync ends."""
        if not self.start([depot]):
            self._later.add(depot)

    def resume(self, depots: Iterable[DepotId]) -> bool:
        """Go on with the fetches that a token had stopped, now or once the running sync ends; return whether there are any."""
        ready = [depot for depot in depots if depot in self._blocked]
        if ready and not self.start(ready):
            self._later |= set(ready)
        return bool(ready)

    def cancel(self) -> None:
        """End the sync within a moment; what arrived is kept."""
        self._waiting = []
        self._later = set()
        if self._cancel is not None:
            self._cancel.cancel()

    def _begin(self, states: tuple[DepotState, ...], wanted: frozenset[DepotId] | None) -> None:
        self._waiting = chains(states, wanted)
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
            self._tasks.call(self.progressed.emit, depot.id, progress)

        def done(report: SyncReport) -> None:
            self._take(depot, report)
            code = report.error.code if report.error is not None else ""
            if code in RENEWABLE:  # the depots behind it hold the same token: asking again would only count as failures
                self._blocked |= {other.id: other for other in rest}
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

    def _take(self, depot: Depot, report: SyncReport) -> None:
        self._reports.append(report)
        if report.error is not None and report.error.code in RENEWABLE:
            self._blocked[depot.id] = depot
        else:
            self._blocked.pop(depot.id, None)
        self.depot_done.emit(report)

    def _give_up(self, error: Exception) -> None:
        self._waiting = []
        self.failed.emit(error)
        self._end_if_done()

    def _end_if_done(self) -> None:
        if self._running and not self._waiting and self._active == 0:
            self._running = False
            self._cancel = None
            self.running_changed.emit(False)
            self.finished.emit(list(self._reports))
            if self._later:
                later, self._later = self._later, set()
                self.start(later)


def chains(states: Iterable[DepotState], wanted: frozenset[DepotId] | None = None) -> list[list[Depot]]:
    """Return the depots to fetch, grouped so that each group shares one token."""
    ready = [
        state
        for state in states
        if (state.depot.activity_query or state.depot.confirmation_query)
        and not state.depot.paused
        and (wanted is None or state.depot.id in wanted)
    ]
    result: list[list[Depot]] = []
    taken: set[DepotId] = set()
    for state in ready:
        if state.depot.id not in taken:
            family = {state.depot.id, *state.shares_token_with}
            group = [other.depot for other in ready if other.depot.id in family and other.depot.id not in taken]
            taken |= {depot.id for depot in group}
            result.append(group)
    return result


def progress_text(progress: Progress) -> str:
    """Return a step of a fetch in words."""
    translate = QCoreApplication.translate
    words = {
        "waiting_for_token": translate("Progress", "waiting for another depot with the same token"),
        "pacing": translate("Progress", "keeping IBKR's pace"),
        "requesting": translate("Progress", "asking IBKR"),
        "generating": translate("Progress", "IBKR is making the report"),
        "downloading": translate("Progress", "downloading"),
        "archiving": translate("Progress", "archiving"),
        "reading": translate("Progress", "reading"),
        "storing": translate("Progress", "storing"),
        "matching": translate("Progress", "matching trades"),
    }
    text = words.get(progress.step, translate("Progress", "working"))
    if progress.total > 1 and 0 < progress.done <= progress.total:
        text += " " + translate("Progress", "({done} of {total})").format(done=progress.done, total=progress.total)
    return text
