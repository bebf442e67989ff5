"""Copies of the database, and looking whether it is sound."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ibjournal.domain.errors import StoreError
from ibjournal.store.backup import backup, restore
from ibjournal.store.check import Issue, check
from ibjournal.store.database import Database
from tests.fakes.flex_reports import activity, trade
from tests.fakes.journal_folder import JournalFolder


@pytest.fixture
def database(journal: JournalFolder) -> Database:
    journal.take(activity(trade(1), trade(2, -40, 11)))
    return Database(journal.paths.database)


def count(database: Database) -> int:
    with database.reading() as db:
        return int(db.execute("SELECT count(*) FROM executions").fetchone()[0])


def refused(database: Database, source: Path) -> str:
    with pytest.raises(StoreError) as caught:
        restore(database, source)
    return caught.value.code


def test_a_backup_put_back_is_what_was_there(journal: JournalFolder, database: Database, tmp_path: Path) -> None:
    before = journal.state()
    target = tmp_path / "copies" / "monday.db"
    backup(database, target)
    assert sorted(path.name for path in target.parent.iterdir()) == ["monday.db"], "one file holds it all"
    journal.take(activity(trade(3), generated="20260312;050000"))
    assert journal.state() != before
    restore(database, target)
    assert journal.state() == before
    assert check(database) == ()


def test_a_backup_while_the_journal_is_written_to(database: Database, tmp_path: Path) -> None:
    with database.transaction() as db:
        db.execute("DELETE FROM executions")
        backup(database, tmp_path / "copy.db")
        db.execute("ROLLBACK")
        db.execute("BEGIN")
    assert count(Database(tmp_path / "copy.db")) == 2


def test_a_copy_that_was_never_finished_is_removed_by_the_next(database: Database, tmp_path: Path) -> None:
    left, fresh = tmp_path / "copies" / ".backup-left", tmp_path / "copies" / ".backup-fresh"
    left.parent.mkdir()
    for path in (left, left.with_name(".backup-left-journal"), fresh):
        path.write_bytes(b"half")
    os.utime(left, (0, 0))
    os.utime(left.with_name(".backup-left-journal"), (0, 0))
    backup(database, tmp_path / "copies" / "monday.db")
    assert sorted(path.name for path in left.parent.iterdir()) == [".backup-fresh", "monday.db"]


def test_an_old_backup_is_replaced_only_by_a_whole_one(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "copy.db"
    target.write_bytes(b"the old one")

    def fail(_self: Path, _target: Path) -> Path:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", fail)
        with pytest.raises(StoreError) as caught:
            backup(database, target)
    assert caught.value.code == "disk_full"
    assert target.read_bytes() == b"the old one"
    assert not list(tmp_path.glob(".backup-*"))
    backup(database, target)
    assert count(Database(target)) == 2


def test_a_backup_where_nothing_can_be_written(database: Database, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError) as caught:
        backup(database, tmp_path / "file" / "copy.db")
    assert caught.value.code == "store_failed"


def test_what_is_no_backup_changes_nothing(database: Database, tmp_path: Path) -> None:
    text, empty, other, newer = (tmp_path / name for name in ("text.db", "empty.db", "other.db", "newer.db"))
    text.write_bytes(b"no database " * 500)
    empty.write_bytes(b"")
    with closing(sqlite3.connect(other, isolation_level=None)) as db:
        db.executescript("CREATE TABLE songs (name TEXT); PRAGMA user_version=1;")
    backup(database, newer)
    with closing(sqlite3.connect(newer, isolation_level=None)) as db:
        db.execute("PRAGMA user_version=99")
    assert refused(database, tmp_path / "nothing.db") == "backup_missing"
    assert refused(database, tmp_path) == "backup_missing"
    assert [refused(database, each) for each in (text, empty, other)] == ["backup_invalid"] * 3
    assert refused(database, newer) == "backup_too_new"
    assert count(database) == 2


def test_a_damaged_backup_changes_nothing(database: Database, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    backup(database, target)
    with target.open("r+b") as file:
        file.seek(4096 * 3)
        file.write(os.urandom(4096 * 6))
    assert refused(database, target) == "backup_invalid"
    assert count(database) == 2


def test_a_sound_database(database: Database) -> None:
    assert check(database) == ()


def test_what_is_wrong_is_found(database: Database) -> None:
    with closing(sqlite3.connect(database.path, isolation_level=None)) as db:
        db.execute("PRAGMA foreign_keys=OFF")
        db.execute("INSERT INTO run_files (run, file) VALUES (4711, 'x')")
        db.execute("DROP INDEX trades_by_closing")
        db.execute("CREATE TABLE stranger (a TEXT)")
    assert check(database) == (
        Issue("row_points_nowhere", "run_files " + str(_last(database))),
        Issue("schema_differs", "stranger"),
        Issue("schema_differs", "trades_by_closing"),
    )


def _last(database: Database) -> int:
    with database.reading() as db:
        return int(db.execute("SELECT max(rowid) FROM run_files").fetchone()[0])


def test_a_damaged_index_is_found(database: Database) -> None:
    database.checkpoint()
    with closing(sqlite3.connect(database.path, isolation_level=None)) as db:
        db.execute("PRAGMA writable_schema=ON")
        db.execute("UPDATE sqlite_master SET rootpage=(SELECT rootpage FROM sqlite_master WHERE name='notes') WHERE name='trades'")
    try:
        found = [each.code for each in check(database)]
    except StoreError as error:
        found = [error.code]
    assert found
    assert set(found) <= {"database_damaged", "database_corrupt"}


def test_a_backup_never_replaces_the_journal_itself(journal: JournalFolder, database: Database) -> None:
    before, content = journal.state(), count(database)
    with pytest.raises(StoreError) as caught:
        backup(database, journal.paths.data / "logs" / ".." / "journal.db")
    assert (caught.value.code, journal.state(), count(database)) == ("store_failed", before, content)
