"""Sync one depot: fetch, archive, read, merge, rebuild; return what came and why not."""

from __future__ import annotations

import contextlib
import logging
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

from ibjournal.domain.depot import Depot, DepotId
from ibjournal.domain.errors import Cancelled, CredentialError, FlexError, JournalError, StoreError, UsageError
from ibjournal.domain.execution import ReportType
from ibjournal.flex.client import FetchStep, FlexClient
from ibjournal.flex.errors import TOKEN_CODES
from ibjournal.flex.pacing import Clock, SystemClock
from ibjournal.flex.secret import Secret
from ibjournal.services.credentials import CredentialStore
from ibjournal.services.fetch_plan import (
    LONG_OVERLAP,
    FetchedDays,
    Window,
    activity_windows,
    confirmation_window,
    confirmed_before,
    history_start,
    honoured,
    range_warnings,
    read_fetched,
    write_fetched,
)
from ibjournal.services.importing import ImportedFile
from ibjournal.services.jobs import Arrival, CancelToken, Progress, ProgressSink, no_progress
from ibjournal.services.schedule import new_york_day
from ibjournal.services.sync_report import QuerySync, SyncReport, arrival_of, changes_of, ends_all, most_important, steps_of, told
from ibjournal.services.token_log import TokenLog, TokenUser
from ibjournal.store.database import Database
from ibjournal.store.depots import get_depot
from ibjournal.store.sync_runs import RunId, end_run, start_run

__all__ = ["QuerySync", "ReportImporter", "SyncReport", "SyncService"]

ACTIVITY = "activity"
CONFIRMATION = "confirmation"

_RECENT_DAYS = 30
_logger = logging.getLogger(__name__)


class ReportImporter(Protocol):
    """What takes a fetched report in (`ibjournal.services.importing.ImportService`)."""

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
        """Archive, read, merge; a report that cannot be taken is told in the result, trouble of the store is raised."""


@dataclass(slots=True, kw_only=True)
class _Run:
    """One sync under way."""

    depot: Depot
    token: Secret
    cancel: CancelToken
    progress: ProgressSink
    today: date
    id: RunId
    queries: list[QuerySync] = field(default_factory=list)
    cancelled: bool = False
    done: int = 0
    total: int = 0
    took: list[float] = field(default_factory=list)
    """Seconds that each part of a long history took."""

    def tell(self, step: FetchStep, *, slot: str, days: tuple[date, date], arrival: Arrival | None = None) -> None:
        """Tell what is going on."""
        self.progress(
            Progress(
                step.name,
                self.depot.name,
                self.done,
                self.total,
                slot=slot,
                days=days,
                attempt=step.attempt,
                wait=step.wait,
                size=step.size,
                left=sum(self.took) / len(self.took) * (self.total - self.done) if self.took else None,
                arrival=arrival,
            )
        )


@dataclass(slots=True, kw_only=True)
class _Query:
    """One query under way: what has come so far."""

    slot: str
    id: str
    expected: ReportType
    files: list[ImportedFile] = field(default_factory=list)


class SyncService:
    """Syncs depots. Thread-safe; depots that share a token come after one another.

    Args:
        database: the journal.
        credentials: where the tokens are.
        client: IBKR's service.
        importer: takes fetched reports in.
        folder: for reports that are being fetched.
        clock: where the time comes from.
    """

    def __init__(
        self,
        *,
        database: Database,
        credentials: CredentialStore,
        client: FlexClient,
        importer: ReportImporter,
        folder: Path,
        clock: Clock | None = None,
    ) -> None:
        self._database = database
        self._credentials = credentials
        self._client = client
        self._importer = importer
        self._folder = folder
        self._clock = clock or SystemClock()
        self._log = TokenLog(database=database, clock=self._clock)

    def sync_depot(self, depot: DepotId, *, cancel: CancelToken | None = None, progress: ProgressSink = no_progress) -> SyncReport:
        """Fetch both queries of a depot one after the other and take them in.

        Never raises for what IBKR, the network, the keyring or a full disk do: the report says it. Depots that share a token
        may be given to different threads; their requests keep one pace. Progress steps: ``asking_keyring``, ``waiting_for_token``,
        ``requesting``, ``generating``, ``downloading``, ``archiving``, ``reading``, ``storing``, ``matching`` with the
        depot's name as subject; ``done`` of ``total`` requests. ``arrived`` tells what came of the days of one request, as soon
        as it is stored.

        A paused depot is fetched all the same: whoever syncs all depots leaves it out.

        Raises:
            UsageError: ``unknown_depot``.
            StoreError: the database cannot even be read.
        """
        with self._database.reading() as db:
            known = get_depot(db, depot)
        if known is None:
            raise UsageError("unknown_depot", depot=depot)
        started_at = self._clock.now()
        cancel = cancel or CancelToken()
        queries: tuple[QuerySync, ...] = ()
        error: JournalError | None = None
        cancelled = False

        def so_far(error: JournalError | None) -> SyncReport:
            return SyncReport(
                depot=depot,
                depot_name=known.name,
                started_at=started_at,
                ended_at=self._clock.now(),
                queries=queries,
                changes=changes_of(queries),
                error=error,
                cancelled=cancelled,
            )

        try:
            token = self._token(known, cancel, progress)
        except Cancelled:
            token, cancelled = None, True
        except JournalError as failure:
            token, error = None, failure
        try:
            run_id = self._start(known, started_at)
            if token is not None:
                run = _Run(
                    depot=known,
                    token=token,
                    cancel=cancel,
                    progress=progress,
                    today=new_york_day(started_at),
                    id=run_id,
                )
                self._sync_queries(run)
                queries, cancelled = tuple(run.queries), run.cancelled
            else:
                queries = (QuerySync(slot=ACTIVITY, skipped=True), QuerySync(slot=CONFIRMATION, skipped=True))
            report = so_far(error or most_important(queries))
            self._end(run_id, report)
        except StoreError as failure:
            report = so_far(failure)
        return report

    def not_asked(self, depot: DepotId, error: FlexError) -> SyncReport:
        """Put on record that a depot was not asked for, because its token was refused for another depot just now.

        Without a record it would be asked for by itself at the next opportunity, with the same token.

        Raises:
            UsageError: ``unknown_depot``.
            StoreError: the database cannot be used.
        """
        with self._database.reading() as db:
            known = get_depot(db, depot)
        if known is None:
            raise UsageError("unknown_depot", depot=depot)
        now = self._clock.now()
        own = FlexError(error.code, **(error.values | {"depot": known.name, "asked": False}))
        queries = (QuerySync(slot=ACTIVITY, skipped=True), QuerySync(slot=CONFIRMATION, skipped=True))
        report = SyncReport(
            depot=depot,
            depot_name=known.name,
            started_at=now,
            ended_at=now,
            queries=queries,
            changes=changes_of(queries),
            error=own,
        )
        self._end(self._start(known, now), report)
        return report

    def _token(self, depot: Depot, cancel: CancelToken, progress: ProgressSink) -> Secret | None:
        """Return the depot's token; None for a depot that is fed by files alone."""
        if not (depot.activity_query or depot.confirmation_query):
            return None
        token = self._credentials.get(depot.id, cancel=cancel, waiting=lambda: progress(Progress("asking_keyring", depot.name)))
        if not token:
            raise CredentialError("token_missing", depot=depot.name)
        return token

    def _start(self, depot: Depot, started_at: datetime) -> RunId:
        with self._database.transaction() as db:
            return start_run(db, "sync", depot=depot.id, depot_name=depot.name, started_at=started_at)

    def _end(self, run: RunId, report: SyncReport) -> None:
        result = "cancelled" if report.cancelled else "failed" if report.error is not None else "ok"
        with self._database.transaction() as db:
            end_run(
                db,
                run,
                result=result,
                error=told(report.error),
                steps=steps_of(report),
                ended_at=report.ended_at,
            )

    def _sync_queries(self, run: _Run) -> None:
        activity = _Query(slot=ACTIVITY, id=run.depot.activity_query, expected=ReportType.ACTIVITY)
        confirmation = _Query(slot=CONFIRMATION, id=run.depot.confirmation_query, expected=ReportType.CONFIRMATION)
        for query, work in ((activity, self._activity), (confirmation, self._confirmation)):
            stopped = run.cancelled or any(ends_all(each.error) for each in run.queries)
            if not query.id or stopped:
                run.queries.append(QuerySync(slot=query.slot, skipped=True))
                continue
            began = self._clock.monotonic()
            error: JournalError | None = None
            try:
                work(run, query)
            except Cancelled:
                run.cancelled = True
            except JournalError as failure:
                error = failure
                failure.values.setdefault("depot", run.depot.name)
                failure.values.setdefault("query", query.id)
                _logger.info("%s of depot %s: %s", query.slot, run.depot.id, failure.code)
            refused = next((file.error for file in query.files if file.error is not None), None)
            run.queries.append(
                QuerySync(
                    slot=query.slot,
                    files=tuple(query.files),
                    error=error or refused,
                    seconds=self._clock.monotonic() - began,
                )
            )

    def _activity(self, run: _Run, query: _Query) -> None:
        fetched = read_fetched(self._database, run.depot.id, ACTIVITY, query.id)
        windows = activity_windows(fetched, run.today)
        newest = fetched.last_day or run.today
        looked_back = newest - fetched.overlap(run.today)
        whole = True
        run.total = len(windows) + bool(run.depot.confirmation_query)
        for window in windows:
            if whole and window.end <= looked_back:  # all that is newer was answered
                fetched = self._keep_looked_back(run, fetched)
            began = self._clock.monotonic()
            file = self._fetch_window(run, query, window)
            run.done += 1
            if len(windows) > 1:
                run.took.append(self._clock.monotonic() - began)
            historical = (run.today - window.end).days > _RECENT_DAYS
            if file is None:
                if not historical:
                    whole = False  # nothing is published yet
                    continue
                # IBKR has nothing for these days. Where nothing older is known either, the history begins after them.
                begins = not any(known.start < window.start for known in fetched.windows)
                empty = Window(min(history_start(run.today), window.start), window.end) if begins else window
                fetched = fetched.adding_empty(empty, run.today)
                write_fetched(self._database, run.depot.id, ACTIVITY, fetched)
                if begins:
                    break
                continue
            if file.error is not None:
                return  # the query or its template is at fault: the next window would say the same
            answered = _answered(window, file, historical=historical)
            whole = whole and answered is not None
            if answered is not None:
                fetched = fetched.adding(answered)
                write_fetched(self._database, run.depot.id, ACTIVITY, fetched)
        if whole:
            self._keep_looked_back(run, fetched)

    def _keep_looked_back(self, run: _Run, fetched: FetchedDays) -> FetchedDays:
        """Note that the overlap of this month was asked for, where it was the long one."""
        if fetched.overlap(run.today) != LONG_OVERLAP:
            return fetched
        fetched = replace(fetched, looked_back=run.today)
        write_fetched(self._database, run.depot.id, ACTIVITY, fetched)
        return fetched

    def _confirmation(self, run: _Run, query: _Query) -> None:
        activity = run.depot.activity_query
        covered = read_fetched(self._database, run.depot.id, ACTIVITY, activity).last_day if activity else None
        if covered is None:
            told = read_fetched(self._database, run.depot.id, CONFIRMATION, query.id)
            covered = confirmed_before(told.last_day, run.today)
        run.total = run.done + 1
        self._fetch_window(run, query, confirmation_window(covered, run.today))
        run.done += 1

    def _fetch_window(self, run: _Run, query: _Query, window: Window) -> ImportedFile | None:
        """Fetch a window and take it in, and tell what came; None when IBKR has nothing for it."""
        file = self._ask_for(run, query, window)
        arrival = arrival_of(query.slot, file)
        run.tell(FetchStep("arrived"), slot=query.slot, days=(window.start, window.end), arrival=arrival)
        return file

    def _ask_for(self, run: _Run, query: _Query, window: Window) -> ImportedFile | None:
        """Ask for a window.

        1003 may also mean that its last day is not published yet; so it is asked once more, one report day shorter.
        """
        shorter = window.shortened()
        for asked in (window, shorter) if shorter is not None else (window,):
            try:
                with self._fetched(run, query, asked) as path:
                    file = self._take_in(run, query, asked, path)
            except FlexError as error:
                if error.code != "not_available":
                    raise
                continue
            query.files.append(file)
            return file
        return None

    @contextlib.contextmanager
    def _fetched(self, run: _Run, query: _Query, window: Window) -> Iterator[Path]:
        """Hold a fetched report for as long as it is taken in."""
        run.cancel.check()
        period = (window.start, window.end)
        user = TokenUser(depot=run.depot.id, name=run.depot.name, purpose="sync")
        fetched = None
        while fetched is None:
            try:
                with self._log.use(user, query.slot, query.id, period):
                    fetched = self._client.fetch(
                        run.token,
                        query.id,
                        folder=self._folder,
                        cancel=run.cancel,
                        period=period,
                        step=lambda step: run.tell(step, slot=query.slot, days=period),
                    )
            except FlexError as error:
                if error.code not in TOKEN_CODES or not self._renewed(run):
                    raise
        try:
            yield fetched.path
        finally:
            shutil.rmtree(fetched.path.parent, ignore_errors=True)

    def _renewed(self, run: _Run) -> bool:
        """Go on with the token that the user gave in the midst of the run; tell whether there is one."""
        try:
            token = self._credentials.get(run.depot.id, cancel=run.cancel)
        except CredentialError:
            return False
        if not token or token == run.token:
            return False
        run.token = token
        return True

    def _take_in(self, run: _Run, query: _Query, window: Window, path: Path) -> ImportedFile:
        run.cancel.check()
        with self._database.reading() as db:
            depot = get_depot(db, run.depot.id)  # its accounts become known with its first report
        file = self._importer.import_report(
            path,
            name=f"{query.slot}_{window.start:%Y%m%d}_{window.end:%Y%m%d}.xml",
            depot=depot or run.depot,
            expected=query.expected,
            cancel=run.cancel,
            progress=lambda step: run.tell(FetchStep(step.step), slot=query.slot, days=(window.start, window.end)),
            run=run.id,
        )
        if file.error is None:
            found = range_warnings(query.slot, window, file.from_date, file.to_date)
            file = replace(file, warnings=(*file.warnings, *found))
        return file


def _answered(window: Window, file: ImportedFile, *, historical: bool) -> Window | None:
    """Return the days of a window that need not be asked for again, beyond the usual overlap.

    No report tells of the day on which IBKR made it, nor of any after: with a clock that is ahead we may have asked for them.
    """
    if file.from_date is None or file.to_date is None:
        return window if historical else None
    if honoured(window, file.from_date, file.to_date):
        # The range in a report is snapped to report days: a year ends on its last one.
        made = file.generated_at
        whole = historical and (made is None or window.end < new_york_day(made))
        answered = window if whole else Window(window.start, min(window.end, file.to_date))
    else:
        answered = Window(max(window.start, file.from_date), min(window.end, file.to_date))
    return answered if answered.start <= answered.end else None
