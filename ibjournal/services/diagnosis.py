"""What can be told to others when something does not work: versions, counts, codes. No token, account number, name or amount."""

from __future__ import annotations

import locale
import logging
import platform
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib import metadata

import ibjournal
from ibjournal.domain.errors import JournalError, StoreError
from ibjournal.flex.reader import READER_VERSION
from ibjournal.log import log_for_others, tail
from ibjournal.paths import Paths
from ibjournal.services.backups import list_backups
from ibjournal.services.credentials import backend_name
from ibjournal.services.rebuild import ENGINE_VERSION
from ibjournal.store.archive import Archive
from ibjournal.store.database import Database
from ibjournal.store.depots import list_depots
from ibjournal.store.statistics import count_rows, facts, names_known
from ibjournal.store.sync_runs import list_runs

_LIBRARIES = ("PySide6-Essentials", "shiboken6", "requests", "urllib3", "lxml", "keyring", "SecretStorage", "matplotlib", "numpy")
_RUNS = 20
_LOG_LINES = 120
_logger = logging.getLogger(__name__)

Lines = list[str]


class DiagnosisService:
    """Makes the report. Every part is tried for itself: a report on a damaged journal tells what it can. Thread-safe.

    Args:
        database: the journal; the error that kept it from being opened where it cannot be.
        archive: its reports.
        paths: the data folder.
        now: where the time comes from (aware UTC).
    """

    def __init__(
        self,
        *,
        database: Database | StoreError,
        archive: Archive,
        paths: Paths,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._opened = database
        self._archive = archive
        self._paths = paths
        self._now = now

    def report(self, more: Mapping[str, str] | None = None) -> str:
        """Return the report as lines of ``key: value`` below headings; it is the same in every language.

        Args:
            more: facts that the caller knows, such as those of the window.
        """
        parts: list[tuple[str, Callable[[], Lines]]] = [
            ("program", self._program),
            ("libraries", _libraries),
            ("window", lambda: [f"{name}: {value}" for name, value in (more or {}).items()]),
            ("keyring", lambda: [f"backend: {backend_name()}"]),
            ("folder", self._folder),
            ("database", self._facts),
            ("rows", self._rows),
            ("depots", self._depots),
            ("runs", self._runs),
            ("log", self._log),
        ]
        lines: Lines = []
        for name, part in parts:
            lines.append(f"[{name}]")
            try:
                lines += part()
            except JournalError as error:
                lines.append(f"error: {error.code}")
            except Exception as error:  # noqa: BLE001 - whatever is wrong is what the report is made for
                lines.append(f"error: {type(error).__name__}")
            lines.append("")
        return "\n".join(lines).rstrip() + "\n"

    @property
    def _database(self) -> Database:
        if isinstance(self._opened, StoreError):
            raise self._opened
        return self._opened

    def _program(self) -> Lines:
        return [
            f"ibjournal: {ibjournal.__version__}",
            f"engine: {ENGINE_VERSION}, reader: {READER_VERSION}",
            f"python: {platform.python_version()}{' (bundled)' if getattr(sys, 'frozen', False) else ''}",
            f"system: {platform.system()} {platform.release()} {platform.machine()}",
            f"distribution: {_distribution()}",
            f"locale: {'.'.join(each or '-' for each in locale.getlocale())}",
            f"time: {self._now():%Y-%m-%d %H:%M}Z, zone: {'/'.join(time.tzname)}",
        ]

    def _folder(self) -> Lines:
        default = self._paths.data == Paths.of_user().data
        free = shutil.disk_usage(self._paths.data).free
        files = [self._archive.path(name).stat().st_size for name in self._archive.names()]
        backups = list_backups(self._paths.backups)
        last = f", last {backups[0].kind.value} {backups[0].made_at:%Y-%m-%d}" if backups else ""
        return [
            f"place: {'default' if default else 'chosen by the user'}",
            f"free: {free // 1_000_000} MB",
            f"archive: {len(files)} files, {sum(files) // 1000} kB",
            f"backups: {len(backups)}, {sum(each.size for each in backups) // 1000} kB{last}",
        ]

    def _facts(self) -> Lines:
        path = self._paths.database
        wal = path.with_name(f"{path.name}-wal")
        with self._database.reading() as db:
            known = facts(db)
        return [
            f"file: {path.stat().st_size // 1000} kB, log {wal.stat().st_size // 1000 if wal.exists() else 0} kB",
            *(f"{name}: {value}" for name, value in known.items()),
        ]

    def _rows(self) -> Lines:
        with self._database.reading() as db:
            return [f"{name}: {number}" for name, number in count_rows(db).items()]

    def _depots(self) -> Lines:
        lines = []
        with self._database.reading() as db:
            depots = list_depots(db)
        for number, depot in enumerate(depots, 1):
            words = [
                f"{len(depot.accounts)} accounts",
                "activity" if depot.activity_query else "no activity",
                "confirmation" if depot.confirmation_query else "no confirmation",
                f"expires {depot.token_expires}" if depot.token_expires else "no expiry",
                *(["paused"] if depot.paused else []),
                *(["from files"] if depot.from_files else []),
            ]
            lines.append(f"depot {number}: {', '.join(words)}")
        return lines

    def _runs(self) -> Lines:
        with self._database.reading() as db:
            runs = list_runs(db, limit=_RUNS)
            numbers = {depot.id: number for number, depot in enumerate(list_depots(db), 1)}
        lines = []
        for run in runs:
            who = f" depot {numbers.get(run['depot'], '-')}" if run["depot"] is not None else ""
            error = f" {run['error']['code']}" if run["error"] else ""
            steps = [f"{each['name']}={(each['error'] or {}).get('code') or each['result']}" for each in run["steps"]]
            lines.append(
                f"{run['started_at']:%Y-%m-%d %H:%M}Z {run['kind']}{who} {run['result']}{error} {' '.join(steps)}".rstrip()
            )
        return lines

    def names(self) -> tuple[tuple[str, str], ...]:
        """Return what must not be told to others, and what stands for it: depots, people, the folder; raises nothing."""
        found: dict[str, str] = {str(self._paths.data): "DATA"}
        try:
            with self._database.reading() as db:
                depots = list_depots(db)
                found |= {depot.name: f"depot {number}" for number, depot in enumerate(depots, 1)}
                for name in sorted(names_known(db)):
                    found.setdefault(name, "[name]")
        except Exception:  # noqa: BLE001 - a report on a damaged journal has no names to look for
            _logger.info("names could not be read")
        return tuple((name, instead) for name, instead in found.items() if name.strip())

    def _log(self) -> Lines:
        return log_for_others(tail(self._paths.logs, _LOG_LINES), self.names())


def _libraries() -> Lines:
    lines = []
    for name in _LIBRARIES:
        try:
            lines.append(f"{name}: {metadata.version(name)}")
        except metadata.PackageNotFoundError:  # not needed on this system, or a bundle without records
            lines.append(f"{name}: -")
    return lines


def _distribution() -> str:
    try:
        known = platform.freedesktop_os_release()
    except OSError:
        return "-"
    return f"{known.get('ID', '-')} {known.get('VERSION_ID', '')}".strip()
