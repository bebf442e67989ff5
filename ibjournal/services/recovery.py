"""Reports that lie in the archive and that the journal does not know, as after a restore or a program that was killed."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from ibjournal.domain.depot import DepotId
from ibjournal.services.importing import ImportedFile, ImportService
from ibjournal.services.jobs import CancelToken, ProgressSink, no_progress
from ibjournal.store.archive import Archive
from ibjournal.store.database import Database
from ibjournal.store.depots import list_depots
from ibjournal.store.reports import list_reports

_NAME = re.compile(r"\d{8}T\d{6}Z-([0-9a-f]{8})\.xml\.gz")
_FOLDER = re.compile(r"depot-(\d+)")


class RecoveryService:
    """Finds such reports and takes them in. Thread-safe."""

    def __init__(self, *, database: Database, archive: Archive, importing: ImportService) -> None:
        self._database = database
        self._archive = archive
        self._importing = importing

    def unknown(self) -> tuple[str, ...]:
        """Return the archived reports that the journal does not know, the first received first."""
        with self._database.reading() as db:
            reports = list_reports(db)
        files = {report.archive_file for report in reports}
        contents: dict[str, list[str]] = {}
        for report in reports:
            contents.setdefault(report.sha256[:8], []).append(report.sha256)
        found = []
        for name in self._archive.names():
            match = _NAME.fullmatch(PurePosixPath(name).name)
            if match is None or name in files:
                continue
            if not any(self._archive.holds(name, sha256) for sha256 in contents.get(match[1], ())):
                found.append(name)
        return tuple(found)

    def take_in(self, *, cancel: CancelToken | None = None, progress: ProgressSink = no_progress) -> tuple[ImportedFile, ...]:
        """Take them in, and return what came of each; nothing is logged where there are none.

        Accounts that a depot has stay with it; others go to the depot that had fetched the report, where it is there.

        Raises:
            StoreError: the database cannot be written; reports before that one are in.
            Cancelled: somebody asked; reports before that moment are in.
        """
        names = self.unknown()
        if not names:
            return ()
        with self._database.reading() as db:
            depots = {depot.id for depot in list_depots(db)}
        homes: dict[str, DepotId] = {}
        for name in names:
            match = _FOLDER.fullmatch(PurePosixPath(name).parent.name)
            if match is not None and DepotId(int(match[1])) in depots:
                homes[name] = DepotId(int(match[1]))
        return self._importing.import_archived(names, homes=homes, cancel=cancel, progress=progress)
