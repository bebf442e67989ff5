"""A database that cannot be opened any more."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from ibjournal import bootstrap
from ibjournal.domain.errors import StoreError
from ibjournal.services import rescue as rescue_module
from ibjournal.services.rescue import rescue, usable_backups
from ibjournal.store.backup import sweep_copies
from tests.fakes.flex_reports import activity, trade
from tests.fakes.journal_folder import JournalFolder


@pytest.fixture
def state() -> dict[str, dict[str, list[str]]]:
    return {}


@pytest.fixture
def damaged(journal: JournalFolder, state: dict[str, dict[str, list[str]]]) -> JournalFolder:
    journal.take(activity(trade(1)))
    journal.services.journal.write_note(journal.trades()[0].key, "mine")
    journal.services.backups.make()
    journal.take(activity(trade(2), days=("20260311", "20260311")))
    state["before"] = journal.state()
    journal.services.maintenance.close()
    journal.paths.database.write_bytes(b"no database " * 5000)
    with pytest.raises(StoreError, match="database_corrupt"):
        bootstrap.build(journal.paths)
    return journal


def test_a_backup_takes_its_place_and_the_archive_brings_the_rest(
    damaged: JournalFolder, state: dict[str, dict[str, list[str]]]
) -> None:
    (backup,) = usable_backups(damaged.paths)
    aside = rescue(damaged.paths, backup.path)
    assert aside.read_bytes().startswith(b"no database")
    again = JournalFolder(damaged.paths.data)
    assert len(again.services.recovery.take_in()) == 1
    assert again.state() == state["before"]
    assert again.services.maintenance.check() == ()
    assert usable_backups(damaged.paths) == (backup,)


def test_without_a_backup_the_archive_brings_all_but_notes(damaged: JournalFolder, state: dict[str, dict[str, list[str]]]) -> None:
    rescue(damaged.paths, None)
    again = JournalFolder(damaged.paths.data)
    assert [each.new for each in again.services.recovery.take_in()] == [1, 1]
    now, before = again.state(), state["before"]
    assert now["executions"] == before["executions"]
    assert again.query("SELECT count(*) FROM notes") == [(0,)]


def test_what_a_rescue_that_is_killed_leaves_behind_goes_when_it_is_old(
    damaged: JournalFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is a whole copy of the journal."""
    ready: list[Path] = []
    monkeypatch.setattr(rescue_module, "replace_damaged", lambda _path, source, _aside: ready.append(source))
    rescue(damaged.paths, None)
    (left,) = ready
    left.parent.mkdir()
    left.touch()
    os.utime(left.parent, (0, 0))
    sweep_copies(damaged.paths.backups)
    assert not left.parent.exists()


def test_what_is_no_backup_leaves_all_as_it_is(damaged: JournalFolder, tmp_path: Path) -> None:
    (tmp_path / "no.db").write_bytes(b"nothing")
    content = damaged.paths.database.read_bytes()
    before = sorted(path.name for path in damaged.paths.data.iterdir())
    for name, code in (("no.db", "backup_invalid"), ("nowhere.db", "backup_missing")):
        with pytest.raises(StoreError) as caught:
            rescue(damaged.paths, tmp_path / name)
        assert caught.value.code == code
    assert damaged.paths.database.read_bytes() == content
    assert sorted(path.name for path in damaged.paths.data.iterdir()) == before


def test_the_log_of_the_damaged_one_never_meets_the_new_one(damaged: JournalFolder) -> None:
    wal = damaged.paths.database.with_name("journal.db-wal")
    wal.write_bytes(b"left over")
    aside = rescue(damaged.paths, usable_backups(damaged.paths)[0].path)
    assert not wal.exists()
    assert aside.with_name(f"{aside.name}-wal").read_bytes() == b"left over"


@pytest.mark.parametrize("links", [True, False])
def test_what_ends_it_in_between_leaves_no_empty_place(
    damaged: JournalFolder, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    def no_links(_one: object, _other: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    def ended(_one: Path, _other: object) -> Path:
        raise KeyboardInterrupt

    if not links:
        monkeypatch.setattr(os, "link", no_links)
    content = damaged.paths.database.read_bytes()
    backup = usable_backups(damaged.paths)[0].path
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", ended)
        with pytest.raises(KeyboardInterrupt):
            rescue(damaged.paths, backup)
    assert damaged.paths.database.read_bytes() == content, "the next start says again that it is damaged"
    aside = rescue(damaged.paths, backup)
    assert aside.read_bytes() == content
    assert len(damaged.trades()) == 1


def test_a_place_that_cannot_be_written_is_not_told_as_a_damaged_backup(damaged: JournalFolder) -> None:
    (backup,) = usable_backups(damaged.paths)
    content = damaged.paths.database.read_bytes()
    in_the_way = damaged.paths.database.with_name(".journal.db.new")
    in_the_way.mkdir()
    with pytest.raises(StoreError) as caught:
        rescue(damaged.paths, backup.path)
    assert caught.value.code == "read_only"
    assert damaged.paths.database.read_bytes() == content
    in_the_way.rmdir()
    rescue(damaged.paths, backup.path)
    assert len(JournalFolder(damaged.paths.data).trades()) == 1


def test_a_disk_that_is_full_is_told_and_changes_nothing(damaged: JournalFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_path: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    content = damaged.paths.database.read_bytes()
    before = sorted(path.name for path in damaged.paths.data.rglob("*"))
    monkeypatch.setattr("ibjournal.store.backup._to_disk", full)
    with pytest.raises(StoreError, match="disk_full"):
        rescue(damaged.paths, None)
    assert damaged.paths.database.read_bytes() == content
    assert sorted(path.name for path in damaged.paths.data.rglob("*")) == before
