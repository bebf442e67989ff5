"""Copies that cannot be made: a disk that takes no more, a damaged source, a lock that another program holds."""

from __future__ import annotations

import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from ibjournal.domain.errors import StoreError
from ibjournal.store import migrations
from ibjournal.store.backup import backup, forget_damaged, keep_damaged, replace_damaged
from ibjournal.store.database import Database
from tests.fakes.flex_reports import activity, trade
from tests.fakes.journal_folder import JournalFolder
from tests.unit.store.test_migrations import load


@pytest.fixture
def database(journal: JournalFolder) -> Database:
    journal.take(activity(trade(1), trade(2, -40, 11)))
    database = Database(journal.paths.database)
    database.checkpoint()
    return database


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Let no file grow beyond a size, as a quota does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_copy_that_may_not_grow_is_told_of_its_own_disk_and_leaves_nothing(database: Database, tmp_path: Path) -> None:
    target = tmp_path / "copies" / "journal.db"
    with files_of_at_most(40_000), pytest.raises(StoreError) as caught:
        backup(database, target)
    assert (caught.value.code, caught.value.values["file"]) == ("disk_failed", str(target))
    assert list(target.parent.iterdir()) == []


def test_a_damaged_database_is_kept_where_the_rest_of_it_can_be_copied(database: Database, tmp_path: Path) -> None:
    keep_damaged(database, tmp_path / "aside" / "damaged.db")
    with closing(sqlite3.connect(tmp_path / "aside" / "damaged.db")) as copy:
        assert copy.execute("SELECT count(*) FROM executions").fetchone() == (2,)
    assert [path.name for path in (tmp_path / "aside").iterdir()] == ["damaged.db"]


@pytest.mark.parametrize("logged", [True, False])
def test_what_sqlite_cannot_even_copy_is_kept_file_by_file(database: Database, tmp_path: Path, *, logged: bool) -> None:
    log = database.path.with_name(f"{database.path.name}-wal")
    database.path.write_bytes(b"nothing of a database")
    log.unlink(missing_ok=True)
    if logged:
        log.write_bytes(b"what was written last")
    target = tmp_path / "aside" / "damaged.db"
    keep_damaged(database, target)
    assert target.read_bytes() == b"nothing of a database"
    assert sorted(path.name for path in target.parent.iterdir()) == ["damaged.db", "damaged.db-wal"][: 1 + logged]
    forget_damaged(target)
    assert list(target.parent.iterdir()) == []


def test_a_place_where_nothing_can_be_kept_is_told_and_left_as_it_was(database: Database, tmp_path: Path) -> None:
    (tmp_path / "aside").write_text("a file, and no folder")
    with pytest.raises(StoreError) as caught:
        keep_damaged(database, tmp_path / "aside" / "damaged.db")
    assert caught.value.code == "store_failed"
    assert (tmp_path / "aside").read_text() == "a file, and no folder"


def test_a_damaged_journal_stays_where_what_should_replace_it_does_not_fit(database: Database, tmp_path: Path) -> None:
    source = tmp_path / "copy.db"
    backup(database, source)
    database.path.write_bytes(b"damaged")
    with files_of_at_most(40_000), pytest.raises(StoreError) as full:
        replace_damaged(database.path, source, tmp_path / "aside.db")
    assert (full.value.code, full.value.values["file"]) == ("disk_failed", str(database.path)), "nothing is wrong with the backup"
    assert database.path.read_bytes() == b"damaged"
    assert not list(database.path.parent.glob(".*.new"))
    with pytest.raises(StoreError) as caught:
        replace_damaged(database.path, source, source / "no folder" / "aside.db")
    assert caught.value.code == "store_failed"
    assert database.path.read_bytes() == b"damaged"
    replace_damaged(database.path, source, tmp_path / "aside.db")
    assert (tmp_path / "aside.db").read_bytes() == b"damaged"
    with Database(database.path).reading() as db:
        assert db.execute("SELECT count(*) FROM executions").fetchone() == (2,)


@pytest.fixture
def one_more(monkeypatch: pytest.MonkeyPatch) -> None:
    more = (migrations.latest_version() + 1, "ALTER TABLE notes ADD COLUMN rating INTEGER;")
    known = migrations.scripts()
    monkeypatch.setattr(migrations, "scripts", lambda: [*known, more])


@pytest.mark.usefixtures("one_more")
def test_a_damaged_database_is_not_migrated(tmp_path: Path) -> None:
    path = load("v0002", tmp_path)
    with closing(sqlite3.connect(path)) as db:
        size = db.execute("PRAGMA page_size").fetchone()[0]
        page = db.execute("SELECT rootpage FROM sqlite_master WHERE name='executions'").fetchone()[0]
    content = bytearray(path.read_bytes())
    content[(page - 1) * size + 8 : page * size] = b"\xff" * (size - 8)
    path.write_bytes(content)
    with pytest.raises(StoreError) as caught:
        Database(path, backups=tmp_path / "backups")
    assert caught.value.code == "database_corrupt"
    assert list((tmp_path / "backups").iterdir()) == []
    with closing(sqlite3.connect(path)) as db:
        assert migrations.version_of(db) == migrations.latest_version() - 1


@pytest.mark.usefixtures("one_more")
def test_a_database_that_another_program_writes_to_is_not_migrated(tmp_path: Path) -> None:
    path = load("v0002", tmp_path)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with (
            closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as mine,
            pytest.raises(sqlite3.OperationalError, match="locked"),
        ):
            migrations.migrate(mine, path)
        other.execute("ROLLBACK")
    with closing(sqlite3.connect(path, isolation_level=None)) as mine:
        migrations.migrate(mine, path)
        assert migrations.version_of(mine) == migrations.latest_version()


@pytest.mark.usefixtures("one_more")
def test_a_database_whose_rows_break_its_own_rules_is_not_migrated(tmp_path: Path) -> None:
    """SQLite can copy it, and says what is wrong only when asked."""
    path = load("v0002", tmp_path)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.executescript(
            "CREATE TABLE more (a); INSERT INTO more VALUES (NULL); PRAGMA writable_schema=ON;"
            "UPDATE sqlite_master SET sql='CREATE TABLE more (a NOT NULL)' WHERE name='more';"
        )
    with pytest.raises(StoreError) as caught:
        Database(path, backups=tmp_path / "backups")
    assert (caught.value.code, caught.value.values["file"]) == ("database_corrupt", str(path))
    assert list((tmp_path / "backups").iterdir()) == []
