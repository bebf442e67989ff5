"""Everything a sync needs, for tests: a journal, the loopback service, tokens in memory, an importer that only looks."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from ibjournal.demo.flex_service import FlexService
from ibjournal.domain.depot import AccountId, Depot, DepotId
from ibjournal.domain.errors import JournalError, ReportError
from ibjournal.domain.execution import ReportType
from ibjournal.flex.client import FlexClient
from ibjournal.flex.pacing import Limits, Pacing
from ibjournal.flex.secret import Secret
from ibjournal.services.changes import Changes
from ibjournal.services.credentials import CredentialStore, MemoryCredentials
from ibjournal.services.depots import DepotService
from ibjournal.services.importing import ImportedFile
from ibjournal.services.jobs import CancelToken, Progress, ProgressSink
from ibjournal.services.sync import SyncReport, SyncService
from ibjournal.store.database import Database
from ibjournal.store.depots import insert_depot
from ibjournal.store.sync_runs import RunId
from tests.fakes.clock import FakeClock
from tests.fakes.patience import TIMEOUTS
from tests.unit.flex.flex_source import PLAIN_TOKEN

_HEAD = re.compile(rb'<FlexStatement accountId="(\w+)" fromDate="(\d{8})" toDate="(\d{8})"')


def _day(text: bytes) -> date:
    digits = text.decode()
    return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))


@dataclass
class LookingImporter:
    """Reads the heads of a report and stores nothing."""

    taken: list[tuple[str, int]] = field(default_factory=list)
    raises: JournalError | None = None
    cancel_after: int | None = None
    """Cancel the sync while this many files have been taken in."""

    def import_report(
        self,
        path: Path,
        *,
        name: str,
        depot: Depot | None,
        expected: ReportType | None,
        cancel: CancelToken | None,
        progress: ProgressSink,
        run: RunId | None,
    ) -> ImportedFile:
        assert depot is not None
        assert run is not None
        assert cancel is not None
        if self.raises is not None:
            raise self.raises
        for step in ("archiving", "reading", "storing", "matching"):
            progress(Progress(step))
        content = path.read_bytes()
        kind = ReportType.ACTIVITY if b'type="AF"' in content else ReportType.CONFIRMATION
        heads = _HEAD.findall(content)
        self.taken.append((name, depot.id))
        if self.cancel_after == len(self.taken):
            cancel.cancel()
        fits = kind is expected
        return ImportedFile(
            file=name,
            type=kind,
            accounts=tuple(AccountId(account.decode()) for account, _from, _to in heads),
            from_date=min(_day(start) for _account, start, _end in heads),
            to_date=max(_day(end) for _account, _start, end in heads),
            error=None if fits else ReportError("wrong_report_type", expected=expected, found=kind),
            changes=Changes(trades=fits),
        )


@dataclass
class Desk:
    """A journal with the service it asks."""

    service: FlexService
    folder: Path
    clock: FakeClock = field(default_factory=FakeClock)
    credentials: CredentialStore = field(default_factory=MemoryCredentials)
    importer: LookingImporter = field(default_factory=LookingImporter)
    steps: list[Progress] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.database = Database(self.folder / "journal.db")
        self.client = FlexClient(
            base_url=self.service.url,
            clock=self.clock,
            pacing=Pacing(clock=self.clock, limits=Limits(spacing=0, per_minute=100_000)),
            timeouts=TIMEOUTS,
        )
        self.sync_service = SyncService(
            database=self.database,
            credentials=self.credentials,
            client=self.client,
            importer=self.importer,
            folder=self.folder / "fetching",
            clock=self.clock,
        )
        self.depots = DepotService(
            database=self.database,
            credentials=self.credentials,
            client=self.client,
            folder=self.folder / "fetching",
            clock=self.clock,
        )

    def add(self, name: str = "Plain", *, activity: str = "1001", confirmation: str = "1002", token: str = PLAIN_TOKEN) -> DepotId:
        with self.database.transaction() as db:
            depot = insert_depot(db, name=name, activity_query=activity, confirmation_query=confirmation)
        if token:
            self.credentials.set(depot, Secret(token))
        return depot

    def sync(self, depot: DepotId, *, cancel: CancelToken | None = None) -> SyncReport:
        report = self.sync_service.sync_depot(depot, cancel=cancel, progress=self.steps.append)
        assert not list((self.folder / "fetching").glob("*")), "fetched reports do not stay behind"
        return report

    def asked(self) -> list[tuple[str, str, str]]:
        """Return the SendRequests so far: query, first and last day."""
        return [
            (request.params["q"], request.params.get("fd", ""), request.params.get("td", ""))
            for request in self.service.requests
            if request.action == "SendRequest"
        ]
