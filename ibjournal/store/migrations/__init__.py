"""Numbered migrations: frozen SQL files, each in one transaction with its version number.

A migration never uses today's code or models. Before the first one touches a database with data, a copy is made
with SQLite's own backup (a copied file of a live WAL database can lack its tables).
"""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

from ibjournal.domain.errors import StoreError

TEMPORARY_COPY = ".backup-"
"""How the name of a copy begins that is not whole yet."""


def scripts() -> list[tuple[int, str]]:
    """Return the migrations as (version, SQL), in order."""
    files = [entry for entry in resources.files(__name__).iterdir() if entry.name.endswith(".sql")]
    return sorted((int(entry.name.split("_", 1)[0]), entry.read_text(encoding="utf-8")) for entry in files)


def latest_version() -> int:
    """Return the schema version that this program writes."""
    return scripts()[-1][0]


def version_of(connection: sqlite3.Connection) -> int:
    """Return the schema version of an open database; 0 for an empty one."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def migrate(connection: sqlite3.Connection, path: Path, *, backups: Path | None = None) -> None:
    """Bring a database to the latest version.

    Raises:
        StoreError: ``database_too_new`` when a newer program wrote it.
    """
    current = version_of(connection)
    todo = scripts()
    latest = todo[-1][0]
    if current > latest:
        raise StoreError("database_too_new", file=str(path), version=current, known=latest, backups=str(backups or ""))
    if current == latest:
        return
    if current and backups is not None:
        _copy_before(connection, current, backups)
    for version, sql in todo:
        if version > current:
            _apply(connection, version, sql)


def _apply(connection: sqlite3.Connection, version: int, sql: str) -> None:
    # executescript commits what is open before it starts, so the transaction must stand in the script itself
    try:
        connection.executescript(f"BEGIN IMMEDIATE;\n{sql}\nPRAGMA user_version={version};\nCOMMIT;")
    except BaseException:
        if connection.in_transaction:
            connection.rollback()
        raise


def _copy_before(connection: sqlite3.Connection, version: int, backups: Path) -> None:
    backups.mkdir(parents=True, exist_ok=True)
    target = backups / f"before-v{version + 1}-{datetime.now(UTC):%Y%m%dT%H%M%S}.db"
    # under a name that nobody takes for a backup until it is whole
    temporary = backups / f"{TEMPORARY_COPY}{target.stem}"
    temporary.unlink(missing_ok=True)
    try:
        copy = sqlite3.connect(temporary, isolation_level=None)
        try:
            connection.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
            if copy.execute("PRAGMA quick_check").fetchone()[0] != "ok":
                raise StoreError("database_corrupt", file=str(path_of(connection)))
        finally:
            copy.close()
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def path_of(connection: sqlite3.Connection) -> str:
    """Return the file of an open connection."""
    return str(connection.execute("PRAGMA database_list").fetchone()[2])
