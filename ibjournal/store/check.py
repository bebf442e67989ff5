"""Looks whether the database is sound: SQLite's own checks, the schema, and rows that point nowhere."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from ibjournal.store import migrations
from ibjournal.store.database import Database


@dataclass(frozen=True, slots=True)
class Issue:
    """Something that is wrong.

    Codes: ``database_damaged``, ``row_points_nowhere``, ``schema_differs``, ``archive_file_missing``,
    ``archive_file_damaged``.
    """

    code: str
    detail: str


def check(database: Database) -> tuple[Issue, ...]:
    """Return what is wrong; nothing when the database is sound."""
    with database.reading() as db:
        found = [Issue("database_damaged", row[0]) for row in db.execute("PRAGMA integrity_check") if row[0] != "ok"]
        if found:
            return tuple(found)
        found.extend(Issue("row_points_nowhere", f"{row[0]} {row[1]}") for row in db.execute("PRAGMA foreign_key_check"))
        found.extend(Issue("schema_differs", name) for name in _schema_differences(db))
    return tuple(found)


def quick_check(database: Database) -> tuple[Issue, ...]:
    """Return which pages are damaged; takes a part of the time of `check`, since it does not compare indexes with tables."""
    with database.reading() as db:
        return tuple(Issue("database_damaged", row[0]) for row in db.execute("PRAGMA quick_check") if row[0] != "ok")


def _schema_differences(db: sqlite3.Connection) -> list[str]:
    expected = sqlite3.connect(":memory:", isolation_level=None)
    try:
        for _version, sql in migrations.scripts():
            expected.executescript(sql)
        wanted, there = _schema(expected), _schema(db)
    finally:
        expected.close()
    return sorted({name for name, _sql in wanted ^ there})


def _schema(db: sqlite3.Connection) -> set[tuple[str, str]]:
    rows = db.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'")
    return {(name, " ".join(sql.split())) for name, sql in rows}
