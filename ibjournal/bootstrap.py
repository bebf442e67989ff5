"""Composition root: from a data folder to the services that the window and the command line use. No Qt."""

from __future__ import annotations

import contextlib
import logging
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from ibjournal import __version__
from ibjournal.demo.depots import DEMO_DEPOTS, DemoDepot
from ibjournal.demo.flex_service import FlexService
from ibjournal.domain.depot import Depot
from ibjournal.domain.errors import StoreError, UsageError
from ibjournal.domain.execution import ReportType
from ibjournal.domain.file_errors import file_error
from ibjournal.flex.client import BASE_URL, FlexClient, Patience
from ibjournal.flex.pacing import Clock, Limits, Pacing, SystemClock
from ibjournal.paths import Paths
from ibjournal.services.autosync import AutosyncService
from ibjournal.services.backups import BackupService
from ibjournal.services.campaigns import CampaignService
from ibjournal.services.credentials import CredentialStore, KeyringCredentials, MemoryCredentials, SessionFallback, journal_id
from ibjournal.services.depots import DepotDraft, DepotService
from ibjournal.services.diagnosis import DiagnosisService
from ibjournal.services.doctor import DoctorService
from ibjournal.services.events import EventsService
from ibjournal.services.export import ExportService
from ibjournal.services.importing import ImportService
from ibjournal.services.jobs import Progress, ProgressSink, no_progress
from ibjournal.services.journal import JournalService
from ibjournal.services.late_notes import LateNotes
from ibjournal.services.maintenance import MaintenanceService
from ibjournal.services.moving import MovingService
from ibjournal.services.pace_memory import PaceMemory
from ibjournal.services.performance import PerformanceService
from ibjournal.services.provenance import ProvenanceService
from ibjournal.services.reconciliation.service import ReconciliationService
from ibjournal.services.recovery import RecoveryService
from ibjournal.services.reminders import ReminderService
from ibjournal.services.removal import RemovalService
from ibjournal.services.reports import ReportsService
from ibjournal.services.strategies import StrategyService
from ibjournal.services.sync import SyncService
from ibjournal.services.tokens import TokenService
from ibjournal.store.archive import Archive
from ibjournal.store.database import Database
from ibjournal.store.sync_runs import end_run, start_run

NEW_YORK = ZoneInfo("America/New_York")
_logger = logging.getLogger(__name__)
_DEMO_MARK = "demo.txt"
_DEMO_DAYS_TO_FETCH = 5
_DEMO_TIME = time(16, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything a user can do, on one journal."""

    importing: ImportService
    journal: JournalService
    campaigns: CampaignService
    performance: PerformanceService
    reports: ReportsService
    depots: DepotService
    removal: RemovalService
    tokens: TokenService
    reminders: ReminderService
    doctor: DoctorService
    sync: SyncService
    autosync: AutosyncService
    maintenance: MaintenanceService
    backups: BackupService
    recovery: RecoveryService
    diagnosis: DiagnosisService
    moving: MovingService
    export: ExportService
    reconciliation: ReconciliationService
    events: EventsService
    strategies: StrategyService
    provenance: ProvenanceService


def build(
    paths: Paths,
    *,
    credentials: CredentialStore | None = None,
    flex_url: str = BASE_URL,
    patience: Patience | None = None,
    limits: Limits | None = None,
    clock: Clock | None = None,
) -> Services:
    """Open the journal in a data folder and return its services.

    Args:
        paths: the data folder; it is made where it is missing.
        credentials: where tokens are; by default the system's keyring, or this session where there is none.
        flex_url: the Flex Web Service; IBKR's own, or one on loopback.
        patience: how long to wait for a statement.
        limits: how fast to ask.
        clock: where the time comes from; the demo plays on a day of its own.

    Raises:
        StoreError: the folder or the database cannot be used.
        FlexError: ``hostile_url``.
    """
    if paths.moved and not paths.database.is_file():
        raise StoreError("data_folder_gone", folder=str(paths.data))
    try:
        paths.create()
        folder = _fetch_folder(paths)
    except OSError as error:
        raise file_error(error, paths.data) from error
    if paths.database.is_dir():
        raise StoreError("database_corrupt", file=str(paths.database))
    database = Database(paths.database, backups=paths.backups)
    archive = Archive(paths.archive)
    if credentials is None:
        credentials = SessionFallback(KeyringCredentials(lambda: journal_id(database)))
    clock = clock or SystemClock()
    memory = PaceMemory(paths.pace, key=journal_id(database))
    pacing = Pacing(
        clock=clock, limits=limits, changed=memory.remember, recall=memory.recall, news=memory.news, together=memory.together
    )
    client = FlexClient(base_url=flex_url, pacing=pacing, clock=clock, patience=patience)
    importing = ImportService(database=database, archive=archive, now=clock.now)
    maintenance = MaintenanceService(database=database, archive=archive, backups=paths.backups, mark=paths.running)
    try:
        maintenance.bring_up_to_date()
    except StoreError as error:  # another program writes, the disk is full: the older trades can be read meanwhile
        _logger.warning("trades of an older engine stay: %s", error.code)
    return Services(
        importing=importing,
        journal=JournalService(database=database, late=LateNotes(paths.late_notes), now=clock.now),
        campaigns=CampaignService(database=database, now=clock.now),
        performance=PerformanceService(database=database),
        reports=ReportsService(database=database, archive=archive),
        depots=DepotService(database=database, credentials=credentials, client=client, folder=folder, clock=clock),
        removal=RemovalService(database=database, credentials=credentials),
        tokens=TokenService(database=database, credentials=credentials, client=client, clock=clock),
        reminders=ReminderService(database=database, clock=clock),
        doctor=DoctorService(database=database, archive=archive),
        sync=SyncService(database=database, credentials=credentials, client=client, importer=importing, folder=folder, clock=clock),
        autosync=AutosyncService(database=database, clock=clock),
        maintenance=maintenance,
        backups=BackupService(database=database, folder=paths.backups, now=clock.now),
        recovery=RecoveryService(database=database, archive=archive, importing=importing),
        diagnosis=DiagnosisService(database=database, archive=archive, paths=paths, now=clock.now),
        moving=MovingService(database=database, paths=paths),
        export=ExportService(database=database),
        reconciliation=ReconciliationService(database=database),
        events=EventsService(database=database, now=clock.now),
        strategies=StrategyService(database=database, now=clock.now),
        provenance=ProvenanceService(database=database, archive=archive),
    )


def diagnosis(paths: Paths) -> DiagnosisService:
    """Return what makes a report on a journal, also on one that cannot be opened; nothing is made or changed."""
    opened: Database | StoreError = StoreError("no_journal", file=str(paths.database))
    if paths.database.is_file():
        try:
            opened = Database(paths.database)
        except StoreError as error:
            opened = error
    return DiagnosisService(database=opened, archive=Archive(paths.archive), paths=paths)


def _fetch_folder(paths: Paths) -> Path:
    """Return the folder for reports on their way in: on the same disk as the archive, and not in everybody's reach."""
    folder = paths.data / "fetching"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoSession:
    """The program on the synthetic broker: services on a data folder of its own, and the Flex service they talk to."""

    services: Services
    paths: Paths
    service: FlexService
    as_of: date


@contextlib.contextmanager
def demo(paths: Paths, *, as_of: date, progress: ProgressSink = no_progress, pending_polls: int = 1) -> Iterator[DemoSession]:
    """Run the demo broker on loopback and hand out services that talk to it; tokens are kept in memory.

    The folder is made anew when it was made for another day. Each depot holds its history as if it had last been fetched
    some days ago, so that a sync brings the last days and today's fills.

    Args:
        paths: the demo's own folder.
        as_of: the day that the demo plays on.
        progress: told of the step ``demo_history``.
        pending_polls: how often the service says that a statement is not ready yet.

    Raises:
        UsageError: ``not_a_demo_folder`` when the folder holds somebody's own journal.
        StoreError: the folder cannot be used.
    """
    _demo_folder(paths, as_of)
    progress(Progress("demo_history"))
    # nobody wants to wait a minute for a demo, so both sides keep a quicker pace than IBKR's
    with FlexService(as_of=as_of, pending_polls=pending_polls, pacing=None) as service:
        # it is five past four in New York whenever the demo begins, so that its pictures can be repeated
        shift = datetime.combine(as_of, _DEMO_TIME, NEW_YORK) - datetime.now(UTC)
        services = build(
            paths,
            credentials=MemoryCredentials(kept=True),
            flex_url=service.url,
            patience=Patience(polls=(0.2, 0.3)),
            limits=Limits(spacing=0.05, per_minute=1000),
            clock=SystemClock(shifted_by=shift),
        )
        _fill_demo(_History(services=services, service=service, as_of=as_of, database=Database(paths.database)))
        yield DemoSession(services=services, paths=paths, service=service, as_of=as_of)


def _demo_folder(paths: Paths, as_of: date) -> None:
    """Make the folder, anew where it was made for another day or version; without its mark, nothing in it is ours."""
    mark = paths.data / _DEMO_MARK
    wanted = f"{as_of.isoformat()} {__version__}\n"
    try:
        if mark.is_file():
            if mark.read_text(encoding="utf-8") == wanted:
                return
            for file in paths.data.glob(f"{paths.database.name}*"):
                file.unlink()
            shutil.rmtree(paths.archive, ignore_errors=True)
        elif paths.database.exists() or paths.archive.exists():
            raise UsageError("not_a_demo_folder", folder=str(paths.data))
        paths.create()
        mark.write_text(wanted, encoding="utf-8")
    except OSError as error:
        raise file_error(error, paths.data) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class _History:
    """What the demo's history is made of."""

    services: Services
    service: FlexService
    as_of: date
    database: Database


def _fill_demo(history: _History) -> None:
    """Give the demo its depots and tokens, and the history that was fetched before."""
    services = history.services
    known = {depot.name: depot for depot in services.depots.list_depots()}
    for number, demo_depot in enumerate(DEMO_DEPOTS, start=1):
        draft = DepotDraft(
            name=demo_depot.name,
            color=f"series_{number}",
            activity_query=demo_depot.activity_query,
            confirmation_query=demo_depot.confirmation_query,
            token=demo_depot.token,
            token_expires=demo_depot.token_expires(history.as_of),
        )
        if demo_depot.name in known:
            services.depots.edit(known[demo_depot.name].id, draft)
            continue
        added, _changes = services.depots.add(draft)
        depot = next(each for each in services.depots.list_depots() if each.id == added)
        _import_history(history, demo_depot, depot)


def _import_history(history: _History, demo_depot: DemoDepot, depot: Depot) -> None:
    """Take in the years that were fetched before, and log it as the fetch that it stands for."""
    last = history.as_of - timedelta(days=_DEMO_DAYS_TO_FETCH)
    fetched_at = datetime.combine(last + timedelta(days=1), time(8, 12), NEW_YORK)
    generated_at = datetime.combine(last + timedelta(days=1), time(5, 6, 22), NEW_YORK)
    with history.database.transaction() as db:
        run = start_run(db, "sync", depot=depot.id, depot_name=depot.name, started_at=fetched_at)
    for year in range(last.year, last.year - 4, -1):
        start, end = date(year, 1, 1), min(date(year, 12, 31), last)
        report = history.service.source.activity_xml([demo_depot.account], start, end, generated_at=generated_at)
        if report is None:
            continue
        with tempfile.TemporaryDirectory(prefix="ibjournal-demo-") as folder:
            path = Path(folder) / f"activity_{start:%Y%m%d}_{end:%Y%m%d}.xml"
            path.write_bytes(report)
            taken = history.services.importing.import_report(
                path, name=path.name, depot=depot, expected=ReportType.ACTIVITY, run=run
            )
        if taken.error is not None:
            raise taken.error
    with history.database.transaction() as db:
        steps = [{"name": "activity", "result": "ok", "seconds": 41.3, "error": None}]
        end_run(db, run, result="ok", error=None, steps=steps, ended_at=fetched_at + timedelta(seconds=41))


def today_in_new_york() -> date:
    """Return the day it is where IBKR keeps its calendar."""
    return datetime.now(NEW_YORK).date()
