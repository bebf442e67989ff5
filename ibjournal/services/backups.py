"""Backups of the database: made by themselves at most once a day, thinned as they grow old, made by hand, listed.

A backup holds everything that stands in the database: trades, notes, depots, the log. The reports as IBKR sent them lie in
the archive beside it, where nothing ever changes them; tokens lie in the keyring.
"""

from __future__ import annotations

import contextlib
import filecmp
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from itertools import chain, count
from pathlib import Path

from ibjournal.domain.file_errors import file_error
from ibjournal.store.backup import backup, is_worth_keeping
from ibjournal.store.database import Database

DAYS, WEEKS, MONTHS = 7, 5, 12
"""How many days, weeks and months keep one automatic backup each."""
SAFETY_COPIES = 3
SAFETY_DAYS = 90
"""Copies made before a restore or an update stay so many days, and the latest few for ever."""

_NAME = re.compile(r"(auto|manual|before-restore|before-v\d+)-(\d{8}T\d{6})(?:-\d+)?\.db")
_STAMP = "%Y%m%dT%H%M%S"


class BackupKind(str, Enum):
    """What made a backup; the value begins its file's name."""

    AUTOMATIC = "auto"
    BY_HAND = "manual"
    BEFORE_RESTORE = "before-restore"
    BEFORE_UPDATE = "before-update"
    """Made by a migration, named by the version that it led to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupFile:
    """A backup in the journal's own folder; ``made_at`` is UTC, ``size`` in bytes."""

    path: Path
    kind: BackupKind
    made_at: datetime
    size: int = 0


def thin(files: Iterable[BackupFile], now: datetime) -> tuple[BackupFile, ...]:
    """Return the backups that may go.

    Of the automatic ones the newest of each of the last days, weeks (ISO) and months that have one stay (`DAYS`, `WEEKS`,
    `MONTHS`; calendar of UTC). Copies made before a restore or an update go after `SAFETY_DAYS`, save the latest. What the
    user made stays, and so does what seems to come from the future: a clock that was wrong is no reason to delete.

    Args:
        files: the backups there are, in any order.
        now: aware UTC instant.
    """
    past = sorted((each for each in files if each.made_at <= now), key=lambda each: (each.made_at, each.path.name), reverse=True)
    automatic = [each for each in past if each.kind is BackupKind.AUTOMATIC]
    kept: set[Path] = set()
    spans: tuple[tuple[int, Callable[[datetime], object]], ...] = (
        (DAYS, lambda at: at.date()),
        (WEEKS, lambda at: at.isocalendar()[:2]),
        (MONTHS, lambda at: (at.year, at.month)),
    )
    for most, span in spans:
        newest: dict[object, Path] = {}
        for each in automatic:
            newest.setdefault(span(each.made_at), each.path)
        kept |= set(list(newest.values())[:most])
    gone = [each for each in automatic if each.path not in kept]
    for kind in (BackupKind.BEFORE_RESTORE, BackupKind.BEFORE_UPDATE):
        copies = [each for each in past if each.kind is kind]
        gone += [each for each in copies[SAFETY_COPIES:] if now - each.made_at > timedelta(days=SAFETY_DAYS)]
    return tuple(gone)


def list_backups(folder: Path) -> tuple[BackupFile, ...]:
    """Return the backups in a folder, newest first; files that are named otherwise are none of ours."""
    found = []
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            match = _NAME.fullmatch(path.name)
            if match is None:
                continue
            with contextlib.suppress(OSError, ValueError):  # gone meanwhile; a name that holds no time
                made_at = datetime.strptime(match[2], _STAMP).replace(tzinfo=UTC)
                kind = BackupKind.BEFORE_UPDATE if match[1].startswith("before-v") else BackupKind(match[1])
                found.append(BackupFile(path=path, kind=kind, made_at=made_at, size=path.stat().st_size))
    return tuple(sorted(found, key=lambda each: (each.made_at, each.path.name), reverse=True))


def free_name(folder: Path, kind: BackupKind, now: datetime) -> Path:
    """Return a name for a new backup that no file has, also within one second."""
    stem = f"{kind.value}-{now.astimezone(UTC):{_STAMP}}"
    names = (f"{stem}{suffix}.db" for suffix in chain([""], (f"-{number}" for number in count(2))))
    return next(path for name in names if not (path := folder / name).exists())


class BackupService:
    """Makes and lists the journal's backups. Thread-safe.

    Args:
        database: the journal.
        folder: where its backups are.
        now: where the time comes from (aware UTC).
    """

    def __init__(self, *, database: Database, folder: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database = database
        self._folder = folder
        self._now = now

    @property
    def folder(self) -> Path:
        """Where the backups are."""
        return self._folder

    def list_backups(self) -> tuple[BackupFile, ...]:
        """Return the backups, newest first."""
        return list_backups(self._folder)

    def make(self) -> BackupFile:
        """Make a checked backup now, one that stays until the user deletes it (StoreError when it cannot be written)."""
        return self._make(BackupKind.BY_HAND)

    def make_if_due(self) -> BackupFile | None:
        """Make today's backup unless there is one, or nothing has changed since the last; then thin those that are there.

        Call it when something has changed: after a fetch, an import, at the end of the program. Days are those of this computer's
        time zone.

        Raises:
            StoreError: it cannot be written, or the database is damaged; older backups are all there then.
        """
        now = self._now()
        last = next((each for each in self.list_backups() if each.kind is BackupKind.AUTOMATIC and each.made_at <= now), None)
        if last is not None and last.made_at.astimezone().date() == now.astimezone().date():
            return None
        if not is_worth_keeping(self._database):
            return None
        made = self._make(BackupKind.AUTOMATIC)
        if last is not None and _same(made.path, last.path):
            made.path.unlink(missing_ok=True)
            return None
        self.thin()
        return made

    def thin(self) -> tuple[BackupFile, ...]:
        """Delete the backups that have become too many, and return them."""
        gone = []
        for each in thin(self.list_backups(), self._now()):
            with contextlib.suppress(OSError):  # held open by another program: next time
                each.path.unlink()
                gone.append(each)
        return tuple(gone)

    def _make(self, kind: BackupKind) -> BackupFile:
        now = self._now()
        path = free_name(self._folder, kind, now)
        backup(self._database, path)
        try:
            size = path.stat().st_size
        except OSError as error:
            raise file_error(error, path) from error
        return BackupFile(path=path, kind=kind, made_at=now.astimezone(UTC).replace(microsecond=0), size=size)


def _same(one: Path, other: Path) -> bool:
    with contextlib.suppress(OSError):
        return filecmp.cmp(one, other, shallow=False)
    return False
