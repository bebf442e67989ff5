"""Copies of the database: made while it is in use, checked, and put back."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ibjournal.domain.errors import StoreError
from ibjournal.domain.file_errors import file_error
from ibjournal.store import migrations
from ibjournal.store.archive import sweep
from ibjournal.store.database import Database, store_error

UNFINISHED = migrations.TEMPORARY_COPY
"""How the names of copies begin, and of folders with them, that are not finished yet."""


def backup(database: Database, target: Path) -> None:
    """Write a checked copy of the database to ``target``; a file that was there is replaced only when the copy is whole.

    Raises:
        StoreError: ``disk_full``, ``read_only``, ``database_corrupt``, ``store_failed`` (also when it is the journal itself).
    """
    if target.exists() and target.samefile(database.path):
        # the journal would lose its write-ahead log, and with it what was written last
        raise file_error(OSError(errno.EBUSY, os.strerror(errno.EBUSY)), target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        sweep_copies(target.parent)
        handle, name = tempfile.mkstemp(prefix=migrations.TEMPORARY_COPY, dir=target.parent)
    except OSError as error:
        raise file_error(error, target) from error
    os.close(handle)
    temporary = Path(name)
    try:
        with database.reading() as db, contextlib.closing(sqlite3.connect(temporary, isolation_level=None)) as copy:
            try:
                db.backup(copy)
                # a copy in one file: its write-ahead log would not travel with it
                copy.execute("PRAGMA journal_mode=DELETE")
            except sqlite3.Error as error:  # told of the copy, which may lie on another disk
                raise store_error(error, target) from error
            _whole(copy, target, code="database_corrupt")
        _to_disk(temporary)
        temporary.replace(target)
    except OSError as error:
        raise file_error(error, target) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def keep_damaged(database: Database, target: Path) -> None:
    """Copy a damaged database as it is, so that whatever can still be read in it is not lost.

    Raises:
        StoreError: ``disk_full``, ``read_only``, ``store_failed``; no piece of a copy stays then.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            with database.reading() as db, contextlib.closing(sqlite3.connect(target, isolation_level=None)) as copy:
                db.backup(copy)
                copy.execute("PRAGMA journal_mode=DELETE")
        except (StoreError, sqlite3.Error):  # not even that can be read: file by file then
            for ending in ("", "-wal"):
                part = database.path.with_name(database.path.name + ending)
                if part.exists():
                    shutil.copyfile(part, target.with_name(target.name + ending))
        _to_disk(target)
    except OSError as error:
        forget_damaged(target)
        raise file_error(error, target) from error


def forget_damaged(target: Path) -> None:
    """Delete a copy that nobody needs after all."""
    for ending in ("", "-wal", "-shm", "-journal"):
        with contextlib.suppress(OSError):
            target.with_name(target.name + ending).unlink(missing_ok=True)


def sweep_copies(folder: Path) -> None:
    """Remove copies that were never finished: the program was ended in the midst of making them."""
    sweep(folder, UNFINISHED)


def is_worth_keeping(database: Database) -> bool:
    """Tell whether the journal holds anything at all: depots, reports, or what the user wrote."""
    tables = ("depots", "reports", "notes")
    with database.reading() as db:
        return any(db.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() for table in tables)  # noqa: S608 - names of ours


def _to_disk(path: Path) -> None:
    """Make sure that a file's content survives a power cut before it takes the place of another."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def restore(database: Database, source: Path) -> None:
    """Put a backup in the place of the journal's data; the caller keeps a copy of what was there.

    Raises:
        StoreError: ``backup_missing``, ``backup_invalid`` (no journal, or damaged), ``backup_too_new``.
    """
    with _opened(source) as copy:
        database.replace_by(copy)


def replace_damaged(path: Path, source: Path, aside: Path) -> None:
    """Put another database in the place of one that cannot be opened; the damaged files are kept as ``aside``.

    Nobody may have the database open.

    Raises:
        StoreError: ``backup_missing``, ``backup_invalid``, ``backup_too_new``, ``disk_full``, ``read_only``, ``store_failed``;
            nothing is changed then.
    """
    temporary = path.with_name(f".{path.name}.new")
    try:
        with _opened(source) as copy:
            try:
                with contextlib.closing(sqlite3.connect(temporary, isolation_level=None)) as new:
                    copy.backup(new)
                    new.execute("PRAGMA journal_mode=DELETE")
            except sqlite3.Error as error:  # of the new place, a full disk it may be, and not of the backup
                raise store_error(error, path) from error
        _to_disk(temporary)
        aside.parent.mkdir(parents=True, exist_ok=True)
        # kept under both names until the new one is there: whatever ends this in between, no start finds an empty place
        for ending in ("-wal", ""):
            part = path.with_name(path.name + ending)
            if part.exists():
                _also_as(part, aside.with_name(aside.name + ending))
        # the log goes first: it belongs to the damaged file, and must never meet another one
        for ending in ("-wal", "-shm"):
            path.with_name(path.name + ending).unlink(missing_ok=True)
        temporary.replace(path)
    except OSError as error:
        raise file_error(error, path) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def _also_as(path: Path, name: Path) -> None:
    """Let a file have another name as well; where the disk knows no such thing, let there be a copy."""
    try:
        os.link(path, name)
    except OSError:
        shutil.copyfile(path, name)


@contextlib.contextmanager
def _opened(source: Path) -> Iterator[sqlite3.Connection]:
    """Open a backup for reading, after looking whether it is whole and one of ours."""
    if not source.is_file():
        raise StoreError("backup_missing", file=str(source))
    try:
        with contextlib.closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)) as copy:
            _whole(copy, source, code="backup_invalid")
            version = migrations.version_of(copy)
            if version > migrations.latest_version():
                raise StoreError("backup_too_new", file=str(source), version=version, known=migrations.latest_version())
            if version < 1 or copy.execute("SELECT 1 FROM sqlite_master WHERE name='executions'").fetchone() is None:
                raise StoreError("backup_invalid", file=str(source))
            yield copy
    except (sqlite3.Error, UnicodeDecodeError) as error:  # SQLite quotes what is damaged, be it no text at all
        raise StoreError("backup_invalid", file=str(source)) from error


def _whole(connection: sqlite3.Connection, path: Path, *, code: str) -> None:
    if connection.execute("PRAGMA quick_check").fetchone()[0] != "ok":
        raise StoreError(code, file=str(path))
