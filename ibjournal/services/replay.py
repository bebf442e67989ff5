"""Replays the archive: everything that comes of reports is dropped and made again from the files as they were received."""

from __future__ import annotations

from pathlib import PurePosixPath

from ibjournal.domain.errors import ReportError, StoreError
from ibjournal.flex.reader import READER_VERSION, ReportReader
from ibjournal.services.intake import Intake
from ibjournal.services.jobs import CancelToken, Progress, ProgressSink, no_progress
from ibjournal.services.ownership import foreign_accounts
from ibjournal.services.rebuild import Touched, rebuild_trades
from ibjournal.store.archive import Archive
from ibjournal.store.database import Connection
from ibjournal.store.derived import drop_derived
from ibjournal.store.reports import StoredReport, list_reports, note_reread


def replay_archive(
    db: Connection, archive: Archive, *, cancel: CancelToken | None = None, progress: ProgressSink = no_progress
) -> None:
    """Read all reports that were taken in once more, in the order in which they came; notes are not touched.

    Args:
        db: a connection in a transaction; the caller commits or rolls back.
        archive: where the reports are.
        cancel: ends it within moments.
        progress: told of the steps ``reading`` and ``matching``.

    Raises:
        StoreError: ``archive_missing``, ``archive_damaged``; nothing was dropped yet.
        ReportError: an archived file is damaged.
        Cancelled: somebody asked.
    """
    reports = [report for report in list_reports(db) if report.error is None and report.type is not None]
    for report in reports:
        if not archive.path(report.archive_file).is_file():
            raise StoreError("archive_missing", file=report.archive_file)
        if cancel is not None:
            cancel.check()
        if not archive.holds(report.archive_file, report.sha256):  # what somebody altered is not what IBKR sent
            raise StoreError("archive_damaged", file=report.archive_file)
    drop_derived(db)
    touched: set[Touched] = set()
    for done, report in enumerate(reports):
        name = PurePosixPath(report.archive_file).name
        progress(Progress("reading", name, done, len(reports)))
        try:
            touched |= _read_again(db, archive, report, cancel)
        except ReportError as error:
            error.values.setdefault("file", name)
            raise
    rebuild_trades(db, touched, cancel=cancel, progress=progress)


def _read_again(db: Connection, archive: Archive, report: StoredReport, cancel: CancelToken | None) -> set[Touched]:
    reader = ReportReader(archive.path(report.archive_file))
    intake = Intake(db, reader, report=report.id, seen_at=int(report.received_at.timestamp()))
    merged = intake.read(skip=foreign_accounts(db, report.depot), cancel=cancel)
    note_reread(
        db,
        report.id,
        reader_version=READER_VERSION,
        sections=reader.head.sections,
        fills=merged.new + merged.updated + merged.unchanged,
    )
    return merged.touched
