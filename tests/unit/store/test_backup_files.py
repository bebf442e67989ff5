"""The files that copies of the database are: one each, on the disk before they count, and nothing beside them."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ibjournal.domain.errors import StoreError
from ibjournal.store import backup as backup_module
from ibjournal.store.backup import UNFINISHED, backup, is_worth_keeping, keep_damaged, restore
from ibjournal.store.database import Database
from tests.fakes.flex_reports import activity, trade
from tests.fakes.journal_folder import JournalFolder


@pytest.fixture
def database(journal: JournalFolder) -> Database:
    journal.take(activity(trade(1), trade(2, -40, 11)))
    return Database(journal.paths.database)


def broken_database(folder: Path) -> Database:
    """Return a database whose file was written over after it was opened."""
    database = Database(folder / "journal.db")
    database.path.write_bytes(b"no database " * 5000)
    return database


def fills(path: Path) -> int:
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("delete",), "a log beside it would not travel with it"
        return int(db.execute("SELECT count(*) FROM executions").fetchone()[0])


def test_a_copy_is_made_beside_its_place_and_is_on_the_disk_before_it_takes_it(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def to_disk(handle: int) -> None:
        told.append("on disk")
        fsync(handle)

    def take_place(self: Path, target: Path) -> Path:
        told.append("in place")
        assert self.parent == target.parent
        assert self.name.startswith(UNFINISHED)
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", to_disk)
    monkeypatch.setattr(Path, "replace", take_place)
    target = tmp_path / "deeper" / "still" / "copy.db"
    for _ in range(2):
        backup(database, target)
    assert told == ["on disk", "in place"] * 2
    assert fills(target) == 2
    assert [path.name for path in target.parent.iterdir()] == ["copy.db"]


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="this system does not tell which files are open")
def test_no_file_stays_open(database: Database, tmp_path: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    backup(database, tmp_path / "copy.db")
    keep_damaged(database, tmp_path / "kept.db")
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_journal_that_is_damaged_makes_no_backup_and_an_older_one_stays(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "copy.db"
    backup(database, target)
    content = target.read_bytes()

    def damaged(_copy: object, path: Path, *, code: str) -> None:
        raise StoreError(code, file=str(path))

    monkeypatch.setattr(backup_module, "_whole", damaged)
    with pytest.raises(StoreError) as caught:
        backup(database, target)
    assert (caught.value.code, caught.value.values) == ("database_corrupt", {"file": str(target)})
    with pytest.raises(StoreError, match="backup_invalid"):
        restore(database, target)
    assert target.read_bytes() == content


def test_a_backup_is_only_read_and_what_is_wrong_with_it_is_told_with_its_name(database: Database, tmp_path: Path) -> None:
    copy, newer = tmp_path / "copy.db", tmp_path / "newer.db"
    backup(database, copy)
    shutil.copyfile(copy, newer)
    content = copy.read_bytes()
    restore(database, copy)
    assert copy.read_bytes() == content
    assert sorted(path.name for path in tmp_path.glob("*.db*")) == ["copy.db", "newer.db"]
    with closing(sqlite3.connect(newer)) as db, db:
        known = db.execute("PRAGMA user_version").fetchone()[0]
        db.execute("PRAGMA user_version=99")
    for path, values in (
        (newer, {"file": str(newer), "version": 99, "known": known}),
        (tmp_path / "nowhere.db", {"file": str(tmp_path / "nowhere.db")}),
    ):
        with pytest.raises(StoreError) as caught:
            restore(database, path)
        assert caught.value.values == values


def test_what_is_kept_of_a_damaged_database_is_all_that_can_be_read(database: Database, tmp_path: Path) -> None:
    target = tmp_path / "deeper" / "kept.db"
    keep_damaged(database, target)
    assert fills(target) == 2
    assert [path.name for path in target.parent.iterdir()] == ["kept.db"]


def test_where_it_cannot_even_be_opened_its_files_are_kept_letter_by_letter(tmp_path: Path) -> None:
    database = broken_database(tmp_path)
    broken = database.path
    keep_damaged(database, tmp_path / "first" / "kept.db")
    assert [path.name for path in (tmp_path / "first").iterdir()] == ["kept.db"]
    log = broken.with_name("journal.db-wal")
    log.write_bytes(b"what was written last")
    keep_damaged(database, tmp_path / "second" / "kept.db")
    assert (tmp_path / "second" / "kept.db").read_bytes() == broken.read_bytes()
    assert (tmp_path / "second" / "kept.db-wal").read_bytes() == b"what was written last"


def test_of_a_copy_that_failed_nothing_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = broken_database(tmp_path)
    database.path.with_name("journal.db-wal").write_bytes(b"what was written last")

    def full(_path: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(backup_module, "_to_disk", full)
    with pytest.raises(StoreError, match="disk_full"):
        keep_damaged(database, tmp_path / "kept" / "kept.db")
    assert list((tmp_path / "kept").iterdir()) == []


@pytest.mark.parametrize(
    "filled",
    [
        "INSERT INTO depots (name) VALUES ('One')",
        "INSERT INTO notes (account, instrument, execution, text, changed_at) VALUES ('U1', '1', '1', 'mine', 0)",
        "",
    ],
)
def test_a_journal_is_worth_keeping_once_anything_is_in_it(tmp_path: Path, filled: str) -> None:
    database = Database(tmp_path / "journal.db")
    if filled:
        with database.transaction() as db:
            db.execute(filled)
    assert is_worth_keeping(database) is bool(filled)
