"""The SQLite database: connections, pragmas, transactions; one writer, readers beside it.

Every connection is opened for one piece of work and closed after it, so no connection crosses a thread. Writers
take a process-wide lock and ``BEGIN IMMEDIATE``: a plain ``BEGIN`` that writes later can fail for good when another
writer came between.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from ibjournal.domain.errors import StoreError
from ibjournal.store import migrations

Connection = sqlite3.Connection
"""What the repositories work on: an open connection, in a transaction of the caller."""

_BUSY_MILLISECONDS = 5000
_PAGE_BYTES = 16384

_DISK_FULL = {sqlite3.SQLITE_FULL}
_LOCKED = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_FAILED = {sqlite3.SQLITE_IOERR}
_CORRUPT = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_READ_ONLY = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN}


def store_error(error: sqlite3.Error, path: Path) -> StoreError:
    """Return our word for what SQLite says; bugs of ours (SQL errors, constraints) are not meant to come here."""
    primary = getattr(error, "sqlite_errorcode", 0) & 0xFF
    name = str(path)
    if primary in _DISK_FULL:
        return StoreError("disk_full", file=name)
    if primary in _LOCKED:
        return StoreError("database_locked", file=name)
    if primary in _FAILED:
        return StoreError("disk_failed", file=name)
    if primary in _CORRUPT:
        return StoreError("database_corrupt", file=name)
    if primary in _READ_ONLY:
        return StoreError("read_only", file=name)
    return StoreError("store_failed", file=name, detail=str(error))


@contextlib.contextmanager
def _our_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.InterfaceError):
        raise
    except sqlite3.Error as error:
        raise store_error(error, path) from error


class Database:
    """The journal's database file. Safe to share between threads.

    Raises:
        StoreError: ``database_too_new``, ``database_corrupt``, ``database_locked``, ``read_only``, ``disk_full``.
    """

    def __init__(self, path: Path, *, backups: Path | None = None) -> None:
        self.path = path
        self._write_lock = threading.RLock()
        self._retired = False
        with _our_errors(path):
            connection = self._connect()
            try:
                # rows of half a kilobyte fill small pages badly; counts for a new file only, before it is in WAL mode
                connection.execute(f"PRAGMA page_size={_PAGE_BYTES}")
                connection.execute("PRAGMA journal_mode=WAL")
                migrations.migrate(connection, path, backups=backups)
            finally:
                connection.close()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("PRAGMA foreign_keys=ON")
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.execute(f"PRAGMA busy_timeout={_BUSY_MILLISECONDS}")
            connection.execute("PRAGMA cache_size=-64000")
        except sqlite3.Error:  # the file is no database
            connection.close()
            raise
        return connection

    @contextlib.contextmanager
    def transaction(self, *, patience: float | None = None) -> Iterator[sqlite3.Connection]:
        """Write: all of it or nothing. Waits for the writer before.

        Args:
            patience: seconds to wait for other writers; by default as long as those of this process need, and five for others.

        Raises:
            StoreError: ``journal_moved`` after `retire`; ``database_locked`` when the patience was not enough.
        """
        with self._turn(patience), _our_errors(self.path):
            if self._retired:
                raise StoreError("journal_moved", file=str(self.path))
            connection = self._connect()
            try:
                if patience is not None:
                    connection.execute(f"PRAGMA busy_timeout={int(patience * 1000)}")
                connection.execute("BEGIN IMMEDIATE")
                try:
                    yield connection
                    connection.execute("COMMIT")
                except BaseException:
                    if connection.in_transaction:
                        connection.rollback()
                    raise
            finally:
                connection.close()

    def undisturbed(self) -> contextlib.AbstractContextManager[None]:
        """Let no other thread of this process write until the work in this one is done, however many transactions it takes."""
        return self._turn(None)

    @contextlib.contextmanager
    def _turn(self, patience: float | None) -> Iterator[None]:
        if not self._write_lock.acquire(timeout=-1 if patience is None else patience):
            raise StoreError("database_locked", file=str(self.path))
        try:
            yield
        finally:
            self._write_lock.release()

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Read one consistent state, whatever a writer does meanwhile."""
        with _our_errors(self.path):
            connection = sqlite3.connect(
                f"{self.path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None, check_same_thread=False
            )
            try:
                connection.execute(f"PRAGMA busy_timeout={_BUSY_MILLISECONDS}")
                connection.execute("PRAGMA query_only=ON")
                connection.execute("BEGIN")
                yield connection
            finally:
                connection.close()

    def retire(self) -> None:
        """Let nothing be written from now on: the journal lies elsewhere, and what was written here would be lost."""
        with self._write_lock:
            self._retired = True

    def checkpoint(self) -> None:
        """Fold the write-ahead log into the file; called when the program ends."""
        with self._write_lock, _our_errors(self.path):
            connection = self._connect()
            try:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                connection.close()

    def replace_by(self, source: sqlite3.Connection) -> None:
        """Put the content of another database in the place of this one's, and bring it to the latest version.

        Raises:
            StoreError: ``database_locked`` and others; nothing is changed then.
        """
        until = time.monotonic() + _BUSY_MILLISECONDS / 1000

        def not_for_ever(status: int, _remaining: int, _total: int) -> None:
            # by itself the copying would wait for another program as long as that one works
            if status in _LOCKED and time.monotonic() >= until:
                raise StoreError("database_locked", file=str(self.path))

        with self._write_lock, _our_errors(self.path):
            connection = self._connect()
            try:
                source.backup(connection, progress=not_for_ever)
                connection.execute("PRAGMA journal_mode=WAL")
                migrations.migrate(connection, self.path)
            finally:
                connection.close()
