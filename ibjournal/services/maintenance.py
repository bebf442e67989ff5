"""Backup, restore, check, and rebuilding what is derived from the archive."""

from __future__ import annotations

import contextlib
import logging
from datetime import UTC, datetime
from pathlib import Path

from ibjournal.domain.errors import StoreError
from ibjournal.services.backups import BackupKind, free_name
from ibjournal.services.changes import EVERYTHING, Changes
from ibjournal.services.jobs import CancelToken, ProgressSink, no_progress
from ibjournal.services.rebuild import is_outdated, rebuild_all
from ibjournal.services.replay import replay_archive
from ibjournal.store.archive import Archive
from ibjournal.store.backup import backup, restore
from ibjournal.store.check import Issue, check, quick_check
from ibjournal.store.database import Database
from ibjournal.store.reports import list_reports
from ibjournal.store.sync_runs import abandon_running

_logger = logging.getLogger(__name__)


class MaintenanceService:
    """Keeps the journal's data sound. Thread-safe.

    Args:
        database: the journal.
        archive: its reports.
        backups: where copies are kept.
        mark: a file that is there as long as a program has the journal open; None for a journal that is not watched.
    """

    def __init__(self, *, database: Database, archive: Archive, backups: Path, mark: Path | None = None) -> None:
        self._database = database
        self._archive = archive
        self._backups = backups
        self._mark = mark
        self._begun = False

    def begin(self) -> bool:
        """Tidy up after a program that was ended in the midst of its work; call it once at the start, by who has the folder.

        Returns:
            Whether the program before was not ended in order: `quick_check` is due then.
        """
        unclean = self._mark is not None and self._mark.exists()
        if self._mark is not None:
            self._begun = True
            try:
                self._mark.touch(mode=0o600)
            except OSError as error:  # the next start then takes this one for ended in order, and all else works
                _logger.info("no mark can be left in the data folder: %s", error.strerror)
        if unclean:
            _logger.info("the program was not ended in order the last time")
        with self._database.transaction() as db:
            abandon_running(db)
        return unclean

    def quick_check(self) -> tuple[Issue, ...]:
        """Look whether the database's pages are whole; for a start after an end that was none. See `check` for all of it."""
        try:
            return quick_check(self._database)
        except StoreError as error:
            if error.code != "database_corrupt":
                raise
            return (Issue("database_damaged", error.code),)

    def bring_up_to_date(self, *, cancel: CancelToken | None = None, progress: ProgressSink = no_progress) -> Changes:
        """Rebuild all trades once where an older engine made them; all of it or nothing, and notes are not touched.

        Raises:
            StoreError: the database cannot be written; the trades stay as they are.
            Cancelled: somebody asked; the trades stay as they are.
        """
        with self._database.reading() as db:
            if not is_outdated(db):
                return Changes()
        return self.rebuild(cancel=cancel, progress=progress)

    def backup(self, target: Path) -> None:
        """Write a checked copy of the database (StoreError when it cannot be written)."""
        backup(self._database, target)

    def restore(self, source: Path) -> tuple[Path, Changes]:
        """Put a backup in the place of the data; what was there is kept as a backup itself, whose file is returned.

        Raises:
            StoreError: ``backup_missing``, ``backup_invalid``, ``database_too_new``; nothing is changed then.
        """
        before = free_name(self._backups, BackupKind.BEFORE_RESTORE, datetime.now(UTC))
        backup(self._database, before)
        try:
            restore(self._database, source)
        except StoreError:
            before.unlink(missing_ok=True)
            raise
        self.bring_up_to_date()
        return before, EVERYTHING

    def check(self) -> tuple[Issue, ...]:
        """Return what is wrong with the database and the archive; nothing when all is sound."""
        issues = list(check(self._database))
        if not issues:
            with self._database.reading() as db:
                reports = list_reports(db)
            for report in reports:
                if not self._archive.path(report.archive_file).is_file():
                    issues.append(Issue("archive_file_missing", report.archive_file))
                elif not self._archive.holds(report.archive_file, report.sha256):
                    issues.append(Issue("archive_file_damaged", report.archive_file))
        return tuple(issues)

    def rebuild(self, *, cancel: CancelToken | None = None, progress: ProgressSink = no_progress) -> Changes:
        """Drop all trades and build them anew from the executions; notes are not touched."""
        with self._database.transaction() as db:
            rebuild_all(db, cancel=cancel, progress=progress)
        return Changes(trades=True)

    def rebuild_from_archive(self, *, cancel: CancelToken | None = None, progress: ProgressSink = no_progress) -> Changes:
        """Drop everything that comes of reports and read it from the archive again; what the user wrote is not touched.

        Raises:
            StoreError: ``archive_missing``; nothing is changed then.
            ReportError: an archived file is damaged; nothing is changed then.
            Cancelled: somebody asked; nothing is changed then.
        """
        with self._database.transaction() as db:
            replay_archive(db, self._archive, cancel=cancel, progress=progress)
        return Changes(trades=True, cash=True, equity=True, positions=True, reports=True, depots=True)

    def close(self) -> None:
        """Fold the write-ahead log into the database before the program ends; where that fails, the next start reads it."""
        try:
            self._database.checkpoint()
        except StoreError as error:
            _logger.info("write-ahead log left as it is: %s", error.code)
        if self._begun and self._mark is not None:
            self._begun = False
            with contextlib.suppress(OSError):
                self._mark.unlink()
