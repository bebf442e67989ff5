"""Importing reports: archive, read, merge, rebuild; the one path for fetched and for given files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path, PurePosixPath

from ibjournal.domain.depot import AccountId, Depot, DepotId
from ibjournal.domain.errors import Cancelled, JournalError, ReportError, StoreError
from ibjournal.domain.execution import ReportType
from ibjournal.flex.reader import READER_VERSION, ReportReader, open_report
from ibjournal.flex.statement import ReportHead
from ibjournal.services.changes import Changes
from ibjournal.services.inbox import identify, printable, report_files
from ibjournal.services.intake import Intake
from ibjournal.services.jobs import CancelToken, Progress, ProgressSink, no_progress
from ibjournal.services.ownership import adopt, foreign_accounts, settle_accounts
from ibjournal.services.rebuild import Rebuilt, rebuild_trades
from ibjournal.store.archive import Archive
from ibjournal.store.database import Connection, Database
from ibjournal.store.reports import StoredReport, describe_report, find_report, insert_report, note_file
from ibjournal.store.status import count_vanished
from ibjournal.store.sync_runs import RunId, end_run, start_run

# such files are no reports at all, so nothing of them is kept
_STRANGERS = frozenset({"not_flex", "doctype_forbidden", "flex_service_error", "html_page"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportWarning:
    """Something in a report that the user should know; ``code`` and ``values`` like a `JournalError`."""

    code: str
    values: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedFile:
    """What came of one file. ``error`` is None when its rows are in the database."""

    file: str
    sha256: str = ""
    type: ReportType | None = None
    accounts: tuple[AccountId, ...] = ()
    from_date: date | None = None
    to_date: date | None = None
    generated_at: datetime | None = None
    sections: tuple[tuple[str, int], ...] = ()
    new: int = 0
    updated: int = 0
    unchanged: int = 0
    confirmed: int = 0
    """Fills known from a confirmation that became final."""
    changed: int = 0
    """Those of them that Activity tells otherwise: `ReportsService.fill_changes` says how."""
    warnings: tuple[ReportWarning, ...] = ()
    error: JournalError | None = None
    report_id: int | None = None
    changes: Changes = field(default_factory=Changes)


class ImportService:
    """Takes reports in. Thread-safe; each report is one transaction.

    Args:
        database: the journal.
        archive: where raw reports are kept.
        now: where the time comes from (aware UTC).
    """

    def __init__(self, *, database: Database, archive: Archive, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database = database
        self._archive = archive
        self._now = now

    def import_paths(
        self,
        paths: Sequence[Path],
        *,
        home: DepotId | None = None,
        cancel: CancelToken | None = None,
        progress: ProgressSink = no_progress,
    ) -> tuple[ImportedFile, ...]:
        """Import files and all reports in folders, and log it as one run. A file that cannot be taken does not stop the others.

        Args:
            paths: files and folders.
            home: the depot that gets the accounts which no depot has; without it, each gets one of its own.
            cancel: ends the work; files before that moment are in.
            progress: told of each file.

        Raises:
            StoreError: the database or the archive cannot be written; files before that one are in.
            Cancelled: somebody asked; files before that moment are in.
        """
        files = [_Given(path=path, name=printable(path), home=home) for path in report_files(paths)]
        return self._import_all(files, cancel=cancel, progress=progress)

    def import_archived(
        self,
        names: Sequence[str],
        *,
        homes: Mapping[str, DepotId] | None = None,
        cancel: CancelToken | None = None,
        progress: ProgressSink = no_progress,
    ) -> tuple[ImportedFile, ...]:
        """Import reports that lie in the archive and that the journal does not know, and log it as one run.

        Args:
            names: files below the archive folder.
            homes: by file, the depot that gets the accounts which no depot has.
            cancel: ends the work; files before that moment are in.
            progress: told of each file.

        Raises:
            StoreError: the database cannot be written; files before that one are in.
            Cancelled: somebody asked; files before that moment are in.
        """
        known = homes or {}
        files = [
            _Given(path=self._archive.path(name), name=PurePosixPath(name).name, home=known.get(name), archived=name)
            for name in names
        ]
        return self._import_all(files, cancel=cancel, progress=progress)

    def _import_all(
        self, files: Sequence[_Given], *, cancel: CancelToken | None, progress: ProgressSink
    ) -> tuple[ImportedFile, ...]:
        with self._database.transaction() as db:
            run = start_run(db, "import", depot=None, depot_name="", started_at=self._now())
        done: list[ImportedFile] = []
        result = "ok"
        trouble: dict[str, object] | None = None
        try:
            for number, given in enumerate(files):
                progress(Progress("reading", given.path.name, number, len(files)))
                done.append(
                    self.import_report(
                        given.path, name=given.name, home=given.home, cancel=cancel, run=run, archived=given.archived
                    )
                )
        except Cancelled:
            result = "cancelled"
            raise
        except JournalError as error:
            result, trouble = "failed", {"code": error.code, "values": error.values}
            raise
        finally:
            if result == "ok" and any(file.error for file in done):
                result = "failed"
            self._end(run, result, trouble)
        return tuple(done)

    def _end(self, run: RunId, result: str, trouble: dict[str, object] | None) -> None:
        try:
            with self._database.transaction() as db:
                end_run(db, run, result=result, error=trouble, steps=(), ended_at=self._now())
        except StoreError:
            if trouble is None:  # else the trouble itself is told, and it is the same disk
                raise

    def import_report(
        self,
        path: Path,
        *,
        name: str,
        depot: Depot | None = None,
        expected: ReportType | None = None,
        home: DepotId | None = None,
        cancel: CancelToken | None = None,
        progress: ProgressSink = no_progress,
        run: RunId | None = None,
        archived: str = "",
    ) -> ImportedFile:
        """Take one report in: archived first, then read and merged in one transaction.

        Args:
            path: the file, plain or gzip-compressed.
            name: what the user knows it by.
            depot: whose report it should be; None for a file that the user gave.
            expected: the type that its query should have.
            home: the depot that gets accounts of a given file which no depot has.
            cancel: ends the work within moments; nothing is half stored then.
            progress: told of the steps ``archiving``, ``reading``, ``matching``.
            run: the run to log it in.
            archived: its name in the archive where it lies there already.

        Returns:
            What came of it; a report that cannot be taken is told in ``error``.

        Raises:
            StoreError: the database or the archive cannot be written.
            Cancelled: somebody asked.
        """
        check = cancel.check if cancel is not None else _never
        subject = depot.name if depot else path.name
        try:
            progress(Progress("archiving", subject))
            sha256, size = identify(path, check)
        except ReportError as error:
            return self._refused(run, ImportedFile(file=name, error=_named(error, name)), None)
        with self._database.reading() as db:
            known = find_report(db, sha256)
        if known is not None and _is_in(known):
            if not archived and not self._archive.holds(known.archive_file, sha256):  # it was lost, and here it is again
                with open_report(path) as stream:
                    self._archive.put_back(known.archive_file, stream, check)
            return self._known(known, name=name, depot=depot, expected=expected, run=run)
        if known is not None and self._archive.path(known.archive_file).exists():
            archived = known.archive_file
        if not archived:
            with open_report(path) as stream:
                archived = self._archive.keep(
                    stream, sha256=sha256, depot=f"depot-{depot.id}" if depot else "", received_at=self._now(), check=check
                )
        progress(Progress("reading", subject))
        job = _Job(name=name, sha256=sha256, size=size, archived=archived, depot=depot, expected=expected, run=run, home=home)
        return self._take_in(path, job, cancel=cancel, progress=progress)

    def _take_in(self, path: Path, job: _Job, *, cancel: CancelToken | None, progress: ProgressSink) -> ImportedFile:
        reader = ReportReader(path)
        now = int(self._now().timestamp())
        try:
            with self._database.transaction() as db:
                report = insert_report(
                    db,
                    sha256=job.sha256,
                    archive_file=job.archived,
                    size=job.size,
                    received_at=now,
                    depot=job.depot.id if job.depot else job.home,
                    reader_version=READER_VERSION,
                )
                intake = Intake(db, reader, report=report, seen_at=now)
                merged = intake.read(skip=foreign_accounts(db, job.depot.id if job.depot else None), cancel=cancel)
                head = reader.head
                _check_type(head, job.expected)
                accounts = tuple(AccountId(account) for account in dict.fromkeys(intake.accounts))
                settle_accounts(db, accounts, job.depot, skipped=intake.skipped, home=job.home)
                rebuilt = rebuild_trades(db, merged.touched, fresh=merged.fresh, cancel=cancel, progress=progress)
                warnings = _warnings(head, skipped=intake.skipped, vanished=count_vanished(db, intake.missing), rebuilt=rebuilt)
                file = ImportedFile(
                    file=job.name,
                    sha256=job.sha256,
                    type=_type_of(head),
                    accounts=accounts,
                    from_date=_day(head.from_date),
                    to_date=_day(head.to_date),
                    generated_at=_moment(head.generated_at),
                    sections=tuple(head.sections.items()),
                    new=merged.new,
                    updated=merged.updated,
                    unchanged=merged.unchanged,
                    confirmed=merged.confirmed,
                    changed=merged.changed,
                    warnings=warnings,
                    report_id=report,
                    changes=Changes(
                        trades=bool(merged.touched),
                        cash=intake.cash_changed,
                        equity=intake.equity_changed,
                        positions=intake.positions_changed,
                        reports=True,
                        depots=True,
                    ),
                )
                _describe(db, report, head, file)
                _note(db, job.run, file)
                return file
        except ReportError as error:
            return self._refused_while_reading(reader.head, job, _named(error, job.name))

    def _refused_while_reading(self, head: ReportHead, job: _Job, error: JournalError) -> ImportedFile:
        """Nothing of its rows was kept; the report itself stays in the archive, unless it is none."""
        file = ImportedFile(
            file=job.name,
            sha256=job.sha256,
            type=_type_of(head) if head.type else None,
            accounts=tuple(AccountId(account) for account in head.accounts()),
            from_date=_day(head.from_date),
            to_date=_day(head.to_date),
            generated_at=_moment(head.generated_at),
            sections=tuple(head.sections.items()),
            error=error,
            changes=Changes(reports=True),
        )
        if error.code in _STRANGERS:
            self._archive.forget(job.archived)
            return self._refused(job.run, file, None)
        return self._refused(job.run, file, job, head)

    def _refused(self, run: RunId | None, file: ImportedFile, job: _Job | None, head: ReportHead | None = None) -> ImportedFile:
        report = None
        with self._database.transaction() as db:
            if job is not None and head is not None:
                report = insert_report(
                    db,
                    sha256=job.sha256,
                    archive_file=job.archived,
                    size=job.size,
                    received_at=int(self._now().timestamp()),
                    depot=job.depot.id if job.depot else job.home,
                    reader_version=READER_VERSION,
                )
                _describe(db, report, head, file)
            _note(db, run, file, report)
        return file

    def _known(
        self, known: StoredReport, *, name: str, depot: Depot | None, expected: ReportType | None, run: RunId | None
    ) -> ImportedFile:
        """Tell of a report that is in already: the same content changes nothing."""
        type_ = ReportType(known.type) if known.type in {"AF", "TCF"} else ReportType.ACTIVITY
        error: JournalError | None = None
        if expected is not None and type_ is not expected:
            error = ReportError("wrong_report_type", file=name, expected=expected.value, found=type_.value)
        file = ImportedFile(
            file=name,
            sha256=known.sha256,
            type=type_,
            accounts=tuple(AccountId(account) for account in known.accounts),
            from_date=known.from_date,
            to_date=known.to_date,
            generated_at=known.generated_at,
            sections=known.sections,
            unchanged=0 if error else known.fills,
            warnings=tuple(ReportWarning(code=each["code"], values=tuple(each["values"].items())) for each in known.warnings),
            error=error,
            report_id=known.id,
            changes=Changes(reports=True),
        )
        with self._database.transaction() as db:
            if depot is not None and error is None:
                adopt(db, file.accounts, depot.id)
            _note(db, run, file, known.id)
        return file


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    """A file that a run is to take in."""

    path: Path
    name: str
    home: DepotId | None = None
    archived: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """One file on its way in."""

    name: str
    sha256: str
    size: int
    archived: str
    depot: Depot | None
    expected: ReportType | None
    run: RunId | None
    home: DepotId | None = None


def _is_in(report: StoredReport) -> bool:
    """Tell whether all rows of a report are in the database as this program reads them."""
    partly = any(warning["code"] == "accounts_of_other_depot" for warning in report.warnings)
    return report.error is None and report.reader_version == READER_VERSION and not partly


def _never() -> None:
    """Nobody cancels."""


def _named(error: ReportError, name: str) -> ReportError:
    error.values.setdefault("file", Path(name).name)
    return error


def _type_of(head: ReportHead) -> ReportType:
    return ReportType(head.kind)


def _check_type(head: ReportHead, expected: ReportType | None) -> None:
    found = _type_of(head)
    if expected is not None and found is not expected:
        raise ReportError("wrong_report_type", expected=expected.value, found=found.value)


def _warnings(head: ReportHead, *, skipped: Sequence[str], vanished: int, rebuilt: Rebuilt) -> tuple[ReportWarning, ...]:
    found = [ReportWarning(code=each.code, values=(*each.values.items(), ("count", each.count))) for each in head.findings]
    if skipped:
        found.append(ReportWarning(code="accounts_of_other_depot", values=(("accounts", ", ".join(skipped)),)))
    if vanished:
        found.append(ReportWarning(code="fills_vanished", values=(("count", vanished),)))
    if rebuilt.orphan_cancels:
        found.append(ReportWarning(code="cancel_without_original", values=(("count", rebuilt.orphan_cancels),)))
    if rebuilt.events_not_applied:
        found.append(ReportWarning(code="events_not_applied", values=(("count", rebuilt.events_not_applied),)))
    return tuple(found)


def _describe(db: Connection, report: int, head: ReportHead, file: ImportedFile) -> None:
    describe_report(
        db,
        report,
        type_=file.type.value if file.type else None,
        query_name=head.query_name,
        generated_at=head.generated_at,
        from_date=head.from_date,
        to_date=head.to_date,
        accounts=file.accounts,
        sections=head.sections,
        fills=file.new + file.updated + file.unchanged,
        warnings=[{"code": each.code, "values": dict(each.values)} for each in file.warnings],
        error={"code": file.error.code, "values": file.error.values} if file.error else None,
    )


def _note(db: Connection, run: RunId | None, file: ImportedFile, report: int | None = None) -> None:
    if run is None:
        return
    note_file(
        db,
        run,
        report=file.report_id or report,
        file=file.file,
        counts=(file.new, file.updated, file.unchanged, file.confirmed, file.changed),
        warnings=[{"code": each.code, "values": dict(each.values)} for each in file.warnings],
        error={"code": file.error.code, "values": file.error.values} if file.error else None,
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _moment(seconds: int | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds is not None else None
