"""Moments in the work of a process at which it can be killed: files that it makes, renames or removes, statements that write."""

from __future__ import annotations

import gzip
import os
import signal
import sqlite3
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

_WRITING = os.O_WRONLY | os.O_RDWR
_FILES = {"os.rename": "rename", "os.remove": "remove", "os.mkdir": "mkdir", "os.rmdir": "rmdir", "shutil.copyfile": "copy"}
_READS = ("SELECT", "PRAGMA", "--")
_WORDS = 4


class Moments:
    """Counts moments of this process, and ends it at one of them as `kill -9` does: no handler runs, nothing is flushed.

    Args:
        folder: files elsewhere do not count.
        at: the number of the moment *before* which the process dies, 1 for the first; None for never.
        last: this file then says which it was.
        record: a file for all of them, one a line; None to keep none.
        commits: a folder for what the database was after each commit; None to keep none.
    """

    def __init__(self, *, folder: Path, at: int | None, last: Path, record: Path | None, commits: Path | None) -> None:
        self._commits, self._committed = commits, False
        self._connect = sqlite3.connect
        self._folder, self._at, self._last = str(folder.resolve()), at, last
        self._record = os.open(record, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600) if record else None
        self._lock = threading.RLock()
        self._count = 0
        self._busy = False

    def watch(self) -> None:
        """Begin to count; there is no way back."""
        sys.addaudithook(self._audit)
        connect, fsync, compress = self._connect, os.fsync, gzip.compress

        def traced(*args: Any, **kwargs: Any) -> sqlite3.Connection:
            connection: sqlite3.Connection = connect(*args, **kwargs)
            connection.set_trace_callback(self._statement)
            return connection

        def counted(handle: int) -> None:
            self._pass("fsync")
            fsync(handle)

        def packed(*args: Any, **kwargs: Any) -> bytes:
            self._pass("pack")  # a file is open, and nothing is in it yet
            return compress(*args, **kwargs)

        gzip.compress = packed
        sqlite3.connect = traced  # type: ignore[assignment]
        os.fsync = counted  # type: ignore[assignment]

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, mode, flags = arguments
            if isinstance(path, str | os.PathLike) and (flags & _WRITING if isinstance(flags, int) else mode not in ("r", "rb")):
                self._file("open", path)
        elif event in _FILES:
            self._file(_FILES[event], arguments[0])
        elif event == "socket.connect":
            self._pass("connect")

    def _file(self, what: str, path: object) -> None:
        name = os.fspath(path) if isinstance(path, str | os.PathLike) else ""
        # without pathlib and without asking the disk: those are events, too
        if isinstance(name, str) and name.startswith(self._folder) and "/logs/" not in name:
            self._pass(f"{what} {name[len(self._folder) + 1 :]}")

    def _statement(self, sql: str) -> None:
        if not sql.lstrip().upper().startswith(_READS):
            self._pass(" ".join(sql.split()[:_WORDS]))

    def _pass(self, label: str) -> None:
        with self._lock:
            if self._busy:  # what is written here is none of the program's doing
                return
            self._busy = True
            self._count += 1
            if self._committed:  # the one before was done when this one begins
                self._keep_commit()
            self._committed = label == "COMMIT"
            if self._record is not None:
                os.write(self._record, f"{label}\n".encode())
            if self._count == self._at:
                handle = os.open(self._last, os.O_WRONLY | os.O_CREAT, 0o600)
                os.write(handle, label.encode())
                os.kill(os.getpid(), signal.SIGKILL)
            self._busy = False

    def _keep_commit(self) -> None:
        if self._commits is not None:
            with (
                closing(self._connect(Path(self._folder, "journal.db"))) as source,
                closing(self._connect(self._commits / f"{self._count}.db")) as copy,
            ):
                source.backup(copy)
