"""Moving the data folder: copied whole, verified, and only then the program is told of the new place; the old one is kept."""

from __future__ import annotations

import contextlib
import filecmp
import shutil
from pathlib import Path

from ibjournal.domain.errors import StoreError, UsageError
from ibjournal.domain.file_errors import file_error
from ibjournal.paths import Paths
from ibjournal.services.jobs import CancelToken, Progress, ProgressSink, no_progress
from ibjournal.store.backup import backup
from ibjournal.store.check import check
from ibjournal.store.database import Database
from ibjournal.store.whole_file import write_whole

_SPARE = 20_000_000
"""Bytes that must stay free beside what is copied."""


class MovingService:
    """Moves the user's own journal. Thread-safe.

    Args:
        database: the journal; nothing can be written to it any more after it was moved.
        paths: its folder.
    """

    def __init__(self, *, database: Database, paths: Paths) -> None:
        self._database = database
        self._paths = paths

    @property
    def folder(self) -> Path:
        """Where the journal lies."""
        return self._paths.data

    @property
    def movable(self) -> bool:
        """Whether this is the user's own journal; one that was given by ``--data-dir``, and the demo's, is moved by hand."""
        return self._paths.data == Paths.at(None).data

    def former(self) -> Path | None:
        """Return the folder that the journal was moved from, as long as a journal is still there."""
        known = Paths.of_user().moved_from() if self.movable else None
        return known if known is not None and known != self._paths.data and Paths(known).database.is_file() else None

    def move(self, target: Path, *, cancel: CancelToken | None = None, progress: ProgressSink = no_progress) -> None:
        """Copy everything to another folder, verify it, and remember the new place. The program must be started again then.

        Args:
            target: a folder that is empty or not there yet.
            cancel: ends it within moments; nothing is left at the new place then.
            progress: told of the step ``copying``.

        Raises:
            UsageError: ``folder_given``, ``folder_not_empty``, ``folder_inside``.
            StoreError: it cannot be read or written, or does not fit; all is as it was then.
            Cancelled: somebody asked; all is as it was then.
        """
        target = target.expanduser().absolute()
        self._refuse(target)
        new = Paths(target)
        try:
            new.create()
            # whoever wants to write waits until the new place is known
            with self._database.transaction():
                self._copy_all(new, cancel, progress)
                if cancel is not None:
                    cancel.check()
                Paths.of_user().remember(self._paths.data, target, write_whole)
                self._database.retire()
        except OSError as error:
            _remove(new)
            raise file_error(error, target) from error
        except BaseException:
            _remove(new)
            raise

    def forget_former(self) -> None:
        """Delete the journal at the former place, after the user has seen the new one; other files there stay."""
        former = self.former()
        if former is not None:
            _remove(Paths(former))

    def _refuse(self, target: Path) -> None:
        data = self._paths.data.resolve()
        resolved = target.resolve()
        if not self.movable:
            raise UsageError("folder_given", folder=str(self._paths.data))
        if resolved == data or resolved.is_relative_to(data) or data.is_relative_to(resolved):
            raise UsageError("folder_inside", folder=str(target))
        try:
            pointer = Paths.of_user().pointer  # the way back to the system's own place is open
            if target.exists() and (not target.is_dir() or any(path != pointer for path in target.iterdir())):
                raise UsageError("folder_not_empty", folder=str(target))
        except OSError as error:
            raise file_error(error, target) from error

    def _copy_all(self, new: Paths, cancel: CancelToken | None, progress: ProgressSink) -> None:
        files = [
            path
            for folder in (self._paths.archive, self._paths.backups)
            for path in sorted(folder.rglob("*"))
            if path.is_file() and not path.name.startswith(".")
        ]
        files += [path for path in (self._paths.preferences, self._paths.pace, self._paths.late_notes) if path.is_file()]
        needed = sum(path.stat().st_size for path in files) + self._paths.database.stat().st_size
        if shutil.disk_usage(new.data).free < needed + _SPARE:
            raise StoreError("disk_full", file=str(new.data))
        for number, path in enumerate(files):
            if cancel is not None:
                cancel.check()
            progress(Progress("copying", path.name, number, len(files) + 1))
            copy = new.data / path.relative_to(self._paths.data)
            copy.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            shutil.copy2(path, copy)
            if not filecmp.cmp(path, copy, shallow=False):
                raise StoreError("store_failed", file=str(copy), detail="")
        progress(Progress("copying", self._paths.database.name, len(files), len(files) + 1))
        backup(self._database, new.database)
        if check(Database(new.database)):
            raise StoreError("database_corrupt", file=str(new.database))


def _remove(paths: Paths) -> None:
    """Delete what is ours in a folder, and the folder where nothing else is in it."""
    with contextlib.suppress(OSError):
        ours = (paths.preferences, paths.pace, paths.late_notes, paths.lock, paths.running)
        for file in [*paths.data.glob(f"{paths.database.name}*"), *ours]:
            file.unlink(missing_ok=True)
    for folder in (paths.archive, paths.backups, paths.logs, paths.data / "fetching"):
        shutil.rmtree(folder, ignore_errors=True)
    with contextlib.suppress(OSError):
        paths.data.rmdir()
