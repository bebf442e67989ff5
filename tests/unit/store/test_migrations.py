"""Stored databases of every version open, and nothing in them is lost."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ibjournal.domain.errors import StoreError
from ibjournal.store import migrations
from ibjournal.store.check import check
from ibjournal.store.database import Database

DATABASES = Path(__file__).resolve().parents[2] / "data" / "databases"
STORED = ["v0001", "v0002"]
"""Dumps of databases as each version wrote them: one is added with every migration, none is ever changed."""


def load(name: str, folder: Path) -> Path:
    """Make the database of a dump."""
    path = folder / "journal.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.executescript((DATABASES / f"{name}.sql").read_text(encoding="utf-8"))
    return path


def rows(path: Path) -> dict[str, int]:
    """Return how many rows each table has."""
    with closing(sqlite3.connect(path)) as db:
        names = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type='table'")]
        return {name: db.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names}


def test_a_new_database_has_the_latest_version(tmp_path: Path) -> None:
    database = Database(tmp_path / "journal.db")
    with database.reading() as db:
        assert migrations.version_of(db) == migrations.latest_version() == len(migrations.scripts())
    assert check(database) == ()


def test_every_version_has_a_stored_database() -> None:
    assert [f"v{version:04d}" for version, _sql in migrations.scripts()] == STORED
    assert sorted(path.stem for path in DATABASES.glob("*.sql")) == STORED


@pytest.mark.parametrize("name", STORED)
def test_a_stored_database_opens_and_keeps_what_is_in_it(name: str, tmp_path: Path) -> None:
    path = load(name, tmp_path)
    before = rows(path)
    database = Database(path, backups=tmp_path / "backups")
    assert check(database) == ()
    after = rows(path)
    assert {table: count for table, count in before.items() if after.get(table) != count} == {}
    assert min(before[table] for table in ("depots", "executions", "trades", "notes", "cash_entries", "equity_days")) > 0
    with database.reading() as db:
        assert migrations.version_of(db) == migrations.latest_version()
        assert [text for (text,) in db.execute("SELECT text FROM notes")] == ["bought the dip — Kauf im Rücksetzer"]


@pytest.fixture
def with_one_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the program know one migration more than it does."""
    more = (migrations.latest_version() + 1, "ALTER TABLE notes ADD COLUMN rating INTEGER; UPDATE notes SET rating = 5;")
    known = migrations.scripts()
    monkeypatch.setattr(migrations, "scripts", lambda: [*known, more])


@pytest.mark.usefixtures("with_one_more")
def test_before_a_migration_a_copy_is_made(tmp_path: Path) -> None:
    path = load("v0001", tmp_path)
    database = Database(path, backups=tmp_path / "backups")
    with database.reading() as db:
        assert migrations.version_of(db) == migrations.latest_version()
        assert db.execute("SELECT rating FROM notes").fetchall() == [(5,)]
    (copy,) = (tmp_path / "backups").iterdir()  # whole, under its own name, and nothing beside it
    assert copy.match("before-v2-*.db")
    with closing(sqlite3.connect(copy)) as db:
        assert migrations.version_of(db) == 1
        assert db.execute("SELECT count(*) FROM notes").fetchone() == (1,)


@pytest.mark.usefixtures("with_one_more")
def test_an_open_journal_is_not_copied_again(tmp_path: Path) -> None:
    path = load("v0001", tmp_path)
    for _ in range(2):
        Database(path, backups=tmp_path / "backups")
    assert len(list((tmp_path / "backups").iterdir())) == 1


def test_a_migration_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = load(STORED[-1], tmp_path)
    known = migrations.scripts()
    broken = (
        migrations.latest_version() + 1,
        "ALTER TABLE notes ADD COLUMN rating INTEGER; DELETE FROM executions; INSERT INTO nowhere VALUES (1);",
    )
    monkeypatch.setattr(migrations, "scripts", lambda: [*known, broken])
    before = rows(path)
    with pytest.raises(StoreError) as caught:
        Database(path, backups=tmp_path / "backups")
    assert caught.value.code == "store_failed"
    assert rows(path) == before
    with closing(sqlite3.connect(path)) as db:
        assert migrations.version_of(db) == len(STORED)
        assert "rating" not in db.execute("SELECT sql FROM sqlite_master WHERE name='notes'").fetchone()[0]
