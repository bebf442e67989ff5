"""A real journal beside a service with faults, on a clock that a test moves: what a fetch left behind, and what was said."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path

from ibjournal import bootstrap
from ibjournal.domain.depot import DepotId
from ibjournal.domain.errors import FlexError
from ibjournal.domain.filters import TradeFilter
from ibjournal.domain.trade import TradeKey
from ibjournal.flex.secret import Secret
from ibjournal.log import start_logging, stop_logging
from ibjournal.paths import Paths
from ibjournal.services.credentials import KeyringCredentials, MemoryCredentials
from ibjournal.services.depots import DepotDraft
from ibjournal.services.jobs import CancelToken, Progress
from ibjournal.services.reports import Run
from ibjournal.services.sync import SyncReport
from ibjournal.services.sync_all import sync_depots
from ibjournal.services.sync_order import chains
from tests.fakes import token_watch
from tests.fakes.clock import FakeClock
from tests.fakes.handed_out import handed_out
from tests.fakes.planted_token import PLANTED, leaks
from tests.fakes.standing_faults import GET, SEND, FaultyService

EXPIRES = date(2027, 9, 28)
NOTE = "Sold too early. Größer wäre besser gewesen ☂"
_MINUTE = 60.0
_PER_MINUTE = 10


@dataclass
class FaultDesk:
    """A journal with all its services on ``data``; the waits, the pace and the guard are the program's own."""

    service: FaultyService
    data: Path
    clock: FakeClock
    credentials: MemoryCredentials | KeyringCredentials = field(default_factory=lambda: MemoryCredentials(kept=True))
    told: list[Progress] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    """Everything that was said to the user or handed out, to be searched for the token."""
    on_progress: Callable[[Progress], None] = lambda _progress: None
    """What happens while a fetch is at work, in its thread."""

    def __post_init__(self) -> None:
        token_watch.current().journal(self.data)
        self.start()

    def start(self) -> None:
        """Begin as after a restart: nothing is known but what the data folder and the keyring hold."""
        self.paths = Paths(self.data)
        self.services = bootstrap.build(self.paths, credentials=self.credentials, flex_url=self.service.url, clock=self.clock)

    def add(self, name: str = "Plain", *, activity: str = "1001", confirmation: str = "1002", token: str = PLANTED) -> DepotId:
        """Set a depot up, with the planted token."""
        draft = DepotDraft(name=name, activity_query=activity, confirmation_query=confirmation, token=token, token_expires=EXPIRES)
        return self.services.depots.add(draft)[0]

    def hold(self, depot: DepotId) -> None:
        """Put the planted token into the keyring, for a journal that was made elsewhere."""
        self.credentials.set(depot, Secret(PLANTED))

    def sync(self) -> list[SyncReport]:
        """Sync all depots as the program does, in order and with its log; what was fetched does not stay behind."""
        handler = start_logging(self.paths.logs)
        try:
            groups = chains(self.services.depots.depot_states())
            reports = sync_depots(self.services.sync, groups, cancel=CancelToken(), progress=self._hear)
        finally:
            stop_logging(handler)
        assert not list((self.data / "fetching").glob("*")), "fetched reports do not stay behind"
        self.said += [repr(report) for report in reports]
        self.said += [f"{report.error} {report.error.values}" for report in reports if report.error is not None]
        for text in (*self.said, *(repr(each) for each in self.told)):
            token_watch.current().hear("words of a sync", text)
        return reports

    def _hear(self, progress: Progress) -> None:
        self.told.append(progress)
        self.on_progress(progress)

    def sync_one(self) -> SyncReport:
        """Sync the only depot."""
        (report,) = self.sync()
        return report

    def runs(self) -> tuple[Run, ...]:
        """Return what the log of runs says, newest first."""
        return self.services.reports.list_runs()

    def reports(self) -> list[str]:
        """Return the reports that the journal holds: type, first and last day, the oldest first."""
        return sorted(f"{entry.type} {entry.from_date} {entry.to_date}" for run in self.runs() for entry in run.reports)

    def closed_trade(self) -> TradeKey:
        """Return the key of the trade of March."""
        rows = self.services.journal.list_trades(TradeFilter()).rows
        return next(row.trade.key for row in rows if row.trade.closed_at is not None)

    def kept(self) -> tuple[int, str]:
        """Return how many fills the journal holds, and what the user wrote."""
        detail = self.services.journal.trade_detail(self.closed_trade())
        assert detail is not None
        assert detail.note is not None
        return len(self.services.export.rows("executions")), detail.note.text

    def first_time_by_itself(self, *, longest: float, step: float) -> float:
        """Return after how many seconds the program would fetch by itself again, ``longest`` when not until then."""
        waited = 0.0
        while waited < longest and not self.services.autosync.due():
            self.clock.advance(step)
            waited += step
        return waited

    def found(self, *texts: str) -> list[str]:
        """Return where the planted token stands: folder, log, a backup, exports, a diagnosis, and everything that was said."""
        given = handed_out(self.services, self.paths)
        return leaks(self.data, *given, *self.said, *(repr(each) for each in self.told), *texts)


def calls(service: FaultyService, *, since: int = 0) -> tuple[int, int]:
    """Return how many SendRequests and how many GetStatements came."""
    actions = [request.action for request in service.requests[since:]]
    return actions.count(SEND), actions.count(GET)


def keeps_pace(service: FaultyService, *, token: str = "") -> bool:
    """Tell whether no token asked more than once a second, nor more than ten times in any minute."""
    for each in {request.params["t"] for request in service.requests if token in {"", request.params["t"]}}:
        times = [request.at for request in service.requests if request.params["t"] == each]
        if any(later - earlier < 1.0 for earlier, later in pairwise(times)):
            return False
        if any(sum(start <= other < start + _MINUTE for other in times) > _PER_MINUTE for start in times):
            return False
    return True


def synced_journal(folder: Path, depots: Sequence[tuple[str, str, str]], service: Callable[[FakeClock], FaultyService]) -> datetime:
    """Make a journal that was fetched in full; return the instant at which that ended.

    Args:
        folder: the data folder to make.
        depots: name, Activity query and confirmation query of each.
        service: makes the service.
    """
    clock = FakeClock()
    with service(clock) as running:
        desk = FaultDesk(running, folder, clock)
        for name, activity, confirmation in depots:
            desk.add(name, activity=activity, confirmation=confirmation)
        reports = desk.sync()
        assert [report.error for report in reports] == [None] * len(depots)
        desk.services.journal.write_note(desk.closed_trade(), NOTE)
        desk.services.maintenance.close()
    shutil.rmtree(folder / "logs", ignore_errors=True)
    return clock.now()


def failure(report: SyncReport) -> FlexError:
    """Return what a sync failed with; it must be IBKR's doing."""
    assert isinstance(report.error, FlexError), report.error
    return report.error
