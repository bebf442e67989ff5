"""Backup, restore, check, and rebuilding what is derived from the archive."""

from __future__ import annotations

import contextlib
import logging
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from ibjournal.domain.errors import StoreError
from ibjournal.domain.file_errors import file_error
from ibjournal.services.backups import BackupKind, free_name
from ibjournal.services.changes import EVERYTHING, Changes
from ibjournal.services.jobs import CancelToken, ProgressSink, no_progress
from ibjournal.services.rebuild import is_outdated, rebuild_all
from ibjournal.services.replay import replay_archive
from ibjournal.services.salvage import BroughtOver, bring_over, damaged_name, salvage_all
from ibjournal.services.stray_notes import LostNote, lost_notes
from ibjournal.store.archive import Archive
from ibjournal.store.backup import UNFINISHED, backup, forget_damaged, keep_damaged, restore, sweep_copies
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

        Raises:
            StoreError: the database cannot be written; the next start is told the same.
        """
        unclean = self._mark is not None and self._mark.exists()
        if unclean:
            _logger.info("the program was not ended in order the last time")
        self._archive.sweep()
        sweep_copies(self._backups)
        with self._database.transaction() as db:
            abandon_running(db)
        if self._mark is not None:  # last: a start that failed must not take away the mark of the one before
            self._begun = True
            try:
                self._mark.touch(mode=0o600)
            except OSError as error:  # the next start then takes this one for ended in order, and all else works
                _logger.info("no mark can be left in the data folder: %s", error.strerror)
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
        """Put a backup in the place of the data, damaged as it may be; what was there is kept, in the file that is returned.

        Notes that the backup does not know are in that file alone: see `put_back`.

        Raises:
            StoreError: ``backup_missing``, ``backup_invalid``, ``backup_too_new``, ``disk_full``; nothing is changed then.
        """
        with self._database.undisturbed():
            before = self._keep()
            try:
                restore(self._database, source)
            except StoreError:
                forget_damaged(before)
                raise
            self.bring_up_to_date()
        return before, EVERYTHING

    def put_back(self, source: Path) -> tuple[Path, BroughtOver]:
        """Put a backup in the place of the data, with what the user wrote and decided since: both, or none of it.

        Of two versions of one note the later stays. What was there is kept, in the file that is returned.

        Raises:
            StoreError: as of `restore`; nothing is changed then.
        """

        def with_words(ready: Database, before: Path) -> BroughtOver:
            restore(ready, source)
            return bring_over(ready, before)

        # made ready beside the journal: a program that is ended between two steps would leave the notes in the copy alone
        before, brought = self._replace(with_words)
        self.bring_up_to_date()
        return before, brought

    def begin_anew(self) -> tuple[Path, Changes]:
        """Put an empty database in the place of a damaged one, with the depots and notes that can still be read in it.

        The reports in the archive are to be taken in next (`RecoveryService`). What was there is kept, in the file returned.

        Raises:
            StoreError: ``disk_full``, ``read_only``, ``store_failed``; nothing is changed then.
        """
        before, _brought = self._replace(salvage_all)
        return before, EVERYTHING

    def _replace(self, prepare: Callable[[Database, Path], BroughtOver]) -> tuple[Path, BroughtOver]:
        """Put a database that ``prepare`` makes out of the copy of the data in their place: wholly or not at all."""
        with self._database.undisturbed():  # a note that is written meanwhile waits, and is in neither copy alone
            before = self._keep()
            try:
                with tempfile.TemporaryDirectory(prefix=UNFINISHED, dir=self._backups) as folder:
                    ready = Database(Path(folder) / "ready.db")
                    brought = prepare(ready, before)
                    ready.checkpoint()
                    restore(self._database, ready.path)
            except OSError as error:
                forget_damaged(before)
                raise file_error(error, self._database.path) from error
            except StoreError:
                forget_damaged(before)
                raise
        return before, brought

    def notes_without_trade(self) -> tuple[LostNote, ...]:
        """Return the notes that no trade of the journal shows: they wait for the reports that tell of theirs."""
        with self._database.reading() as db:
            return lost_notes(db)

    def _keep(self) -> Path:
        """Keep what is there: as a checked backup, or as it is where it is damaged."""
        before = free_name(self._backups, BackupKind.BEFORE_RESTORE, datetime.now(UTC))
        try:
            backup(self._database, before)
        except StoreError as error:
            if error.code != "database_corrupt":
                raise
            before = damaged_name(self._backups)
            keep_damaged(self._database, before)
            _logger.info("the database is damaged; it is kept as it is")
        return before

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
