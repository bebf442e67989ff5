"""The database file: all or nothing, one writer, and every trouble of a disk as a word of ours."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from ibjournal.domain.errors import StoreError
from ibjournal.store import database as database_module
from ibjournal.store.database import Database, store_error


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path / "journal.db")


def settings(database: Database) -> dict[str, str]:
    with database.reading() as db:
        return dict(db.execute("SELECT name, value FROM settings"))


def put(database: Database, name: str, value: str = "1") -> None:
    with database.transaction() as db:
        db.execute("INSERT INTO settings VALUES (?, ?)", (name, value))


def code_of(error: pytest.ExceptionInfo[StoreError]) -> str:
    return error.value.code


def test_a_transaction_is_kept_whole(database: Database) -> None:
    put(database, "a")
    assert settings(database) == {"a": "1"}


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, StoreError("x")])
def test_a_transaction_that_fails_leaves_nothing(database: Database, error: BaseException | type[BaseException]) -> None:
    def fail() -> None:
        with database.transaction() as db:
            db.execute("INSERT INTO settings VALUES ('a', '1')")
            raise error

    with pytest.raises(error if isinstance(error, type) else type(error)):
        fail()
    assert settings(database) == {}
    put(database, "b")


def test_readers_see_one_state_while_a_writer_writes(database: Database) -> None:
    put(database, "a")
    with database.reading() as reader:
        count = "SELECT count(*) FROM settings"
        assert reader.execute(count).fetchone() == (1,)
        put(database, "b")
        assert reader.execute(count).fetchone() == (1,)
    assert settings(database) == {"a": "1", "b": "1"}


def test_readers_cannot_write(database: Database) -> None:
    with pytest.raises(StoreError) as caught, database.reading() as db:
        db.execute("INSERT INTO settings VALUES ('a', '1')")
    assert code_of(caught) == "read_only"


def test_writers_wait_for_each_other(database: Database) -> None:
    threads = [threading.Thread(target=put, args=(database, f"n{number}")) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(settings(database)) == 12


def test_foreign_keys_hold(database: Database) -> None:
    with pytest.raises(sqlite3.IntegrityError), database.transaction() as db:
        db.execute("INSERT INTO run_files (run, file) VALUES (99, 'x')")


def test_after_a_checkpoint_the_file_alone_is_the_journal(database: Database, tmp_path: Path) -> None:
    put(database, "a")
    database.checkpoint()
    copy = tmp_path / "copy.db"
    copy.write_bytes(database.path.read_bytes())
    assert settings(Database(copy)) == {"a": "1"}


# --- trouble -----------------------------------------------------------------------------------------------------


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the write lock as another program does."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def test_another_program_holds_the_lock(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_module, "_BUSY_MILLISECONDS", 20)
    with held(database.path):
        with pytest.raises(StoreError) as caught:
            put(database, "a")
        assert code_of(caught) == "database_locked"
        assert settings(database) == {}, "reading goes on"
    put(database, "a")


def test_a_disk_that_is_full(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    put(database, "a", "kept")
    connect = Database._connect

    def on_a_full_disk(self: Database) -> sqlite3.Connection:
        connection = connect(self)
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages}")
        return connection

    with monkeypatch.context() as patch:
        patch.setattr(Database, "_connect", on_a_full_disk)
        with pytest.raises(StoreError) as caught:
            put(database, "b", "x" * 1_000_000)
        assert code_of(caught) == "disk_full"
    assert settings(database) == {"a": "kept"}
    put(database, "b")


@pytest.mark.parametrize("content", [b"this is no database at all, only text. " * 50, b"SQLite format 3\x00" + b"\xff" * 5000])
def test_a_file_that_is_no_database(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "journal.db"
    path.write_bytes(content)
    with pytest.raises(StoreError) as caught:
        Database(path)
    assert code_of(caught) == "database_corrupt"
    assert path.read_bytes() == content, "nobody touched it"


def test_a_page_that_was_damaged(database: Database) -> None:
    with database.transaction() as db:
        db.executemany("INSERT INTO settings VALUES (?, ?)", [(f"n{number}", "x" * 500) for number in range(200)])
    database.checkpoint()
    content = bytearray(database.path.read_bytes())
    with closing(sqlite3.connect(database.path)) as db:
        size = db.execute("PRAGMA page_size").fetchone()[0]
        page = db.execute("SELECT rootpage FROM sqlite_master WHERE name='settings'").fetchone()[0]
    content[(page - 1) * size : page * size] = b"\xff" * size
    database.path.write_bytes(content)
    with pytest.raises(StoreError) as caught:
        settings(database)
    assert code_of(caught) == "database_corrupt"


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as caught:
        Database(tmp_path / "nowhere" / "journal.db")
    assert code_of(caught) == "read_only"


def test_a_database_of_a_newer_program_is_left_alone(database: Database) -> None:
    database.checkpoint()
    with closing(sqlite3.connect(database.path)) as db:
        db.execute("PRAGMA user_version=99")
    with pytest.raises(StoreError) as caught:
        Database(database.path, backups=database.path.parent / "backups")
    assert code_of(caught) == "database_too_new"
    assert caught.value.values["version"] == 99
    with closing(sqlite3.connect(database.path)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (99,)


def test_what_sqlite_says_and_we_have_no_word_for() -> None:
    error = store_error(sqlite3.OperationalError("no such table: x"), Path("journal.db"))
    assert (error.code, error.values) == ("store_failed", {"file": "journal.db", "detail": "no such table: x"})
