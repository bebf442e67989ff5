"""Backup, restore, check, and rebuilding what is derived from the archive."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from itertools import chain, count
from pathlib import Path

from ibjournal.domain.errors import StoreError
from ibjournal.services.changes import EVERYTHING, Changes
from ibjournal.services.jobs import CancelToken, ProgressSink, no_progress
from ibjournal.services.rebuild import is_outdated, rebuild_all
from ibjournal.services.replay import replay_archive
from ibjournal.store.archive import Archive
from ibjournal.store.backup import backup, restore
from ibjournal.store.check import Issue, check
from ibjournal.store.database import Database
from ibjournal.store.reports import list_reports
from ibjournal.store.sync_runs import abandon_running

_logger = logging.getLogger(__name__)


class MaintenanceService:
    """Keeps the journal's data sound. Thread-safe."""

    def __init__(self, *, database: Database, archive: Archive, backups: Path) -> None:
        self._database = database
        self._archive = archive
        self._backups = backups

    def begin(self) -> None:
        """Tidy up after a program that was ended in the midst of its work; call it once at the start."""
        with self._database.transaction() as db:
            abandon_running(db)

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
        stem = f"before-restore-{datetime.now(UTC):%Y%m%dT%H%M%S}"
        names = (f"{stem}{suffix}.db" for suffix in chain([""], (f"-{number}" for number in count(2))))
        before = next(path for name in names if not (path := self._backups / name).exists())
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
                files = [report.archive_file for report in list_reports(db)]
            issues.extend(Issue("archive_file_missing", file) for file in files if not self._archive.path(file).is_file())
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
