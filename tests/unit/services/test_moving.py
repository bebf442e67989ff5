"""Moving the data folder."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import pytest

from ibjournal import bootstrap
from ibjournal.domain.errors import Cancelled, JournalError
from ibjournal.paths import Paths
from ibjournal.services.jobs import CancelToken, Progress
from ibjournal.store.check import Issue
from tests.fakes.flex_reports import activity, trade
from tests.fakes.journal_folder import JournalFolder


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> JournalFolder:
    """Return the user's own journal, in the system's place."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    journal = JournalFolder(Paths.of_user().data)
    journal.take(activity(trade(1)))
    journal.services.journal.write_note(journal.trades()[0].key, "mine")
    journal.services.backups.make()
    journal.paths.preferences.write_text("[General]\n")
    return journal


def nothing_happened(journal: JournalFolder, target: Path) -> None:
    """Prove that the journal is where it was, can be written, and that nothing of it is at the new place."""
    assert not target.exists()
    assert Paths.at(None).data == journal.paths.data
    journal.services.journal.write_note(journal.trades()[0].key, "still mine")
    assert journal.query("SELECT text FROM notes") == [("still mine",)]


def refused(journal: JournalFolder, target: Path) -> str:
    with pytest.raises(JournalError) as caught:
        journal.services.moving.move(target)
    return caught.value.code


def test_everything_goes_and_the_next_start_finds_it(mine: JournalFolder, tmp_path: Path) -> None:
    state, target = mine.state(), tmp_path / "stick" / "journal"
    steps: list[str] = []
    mine.services.moving.move(target, progress=lambda step: steps.append(step.subject))
    assert steps[-1] == "journal.db"
    with pytest.raises(JournalError, match="journal_moved"):
        mine.services.journal.write_note(mine.trades()[0].key, "lost?")
    paths = Paths.at(None)
    assert (paths.data, paths.moved) == (target, True)
    assert Paths.at(tmp_path / "given").data == tmp_path / "given", "--data-dir wins"
    again = JournalFolder(paths.data)
    assert again.state() == state
    assert again.query("SELECT text FROM notes") == [("mine",)]
    assert again.services.maintenance.check() == ()
    assert len(again.services.backups.list_backups()) == 1
    assert paths.preferences.is_file()
    assert mine.paths.database.is_file(), "the old one is kept"
    assert again.services.moving.former() == mine.paths.data
    again.services.moving.forget_former()
    assert again.services.moving.former() is None
    assert not mine.paths.database.exists()
    assert Paths.at(None).data == target
    again.services.moving.move(mine.paths.data.parent / "elsewhere")
    assert Paths.at(None).data == mine.paths.data.parent / "elsewhere"
    JournalFolder(Paths.at(None).data).services.moving.move(mine.paths.data)
    assert (Paths.at(None).data, Paths.at(None).moved) == (mine.paths.data, False), "and back to the system's own place"
    assert mine.state() == state


def test_a_stick_that_is_gone_begins_no_new_journal(mine: JournalFolder, tmp_path: Path) -> None:
    target = tmp_path / "stick"
    mine.services.moving.move(target)
    shutil.move(target, tmp_path / "pulled out")
    with pytest.raises(JournalError) as caught:
        bootstrap.build(Paths.at(None))
    assert (caught.value.code, caught.value.values) == ("data_folder_gone", {"folder": str(target)})
    assert not target.exists()
    shutil.move(tmp_path / "pulled out", target)
    assert len(JournalFolder(Paths.at(None).data).trades()) == 1


def test_places_that_are_refused(mine: JournalFolder, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("dear")
    assert refused(mine, tmp_path / "full") == "folder_not_empty"
    assert refused(mine, tmp_path / "full" / "letter.txt") == "folder_not_empty"
    assert refused(mine, mine.paths.data / "deeper") == "folder_inside"
    assert refused(mine, mine.paths.data) == "folder_inside"
    assert refused(mine, mine.paths.data.parent) == "folder_inside"
    assert refused(mine, tmp_path / "full" / "letter.txt" / "below") == "store_failed"
    assert Paths.at(None).data == mine.paths.data
    given = JournalFolder(tmp_path / "given")
    assert refused(given, tmp_path / "new") == "folder_given"
    assert not (tmp_path / "new").exists()


def test_what_is_cancelled_or_fails_leaves_all_as_it_was(
    mine: JournalFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cancel = CancelToken()
    with pytest.raises(Cancelled):
        mine.services.moving.move(tmp_path / "new", cancel=cancel, progress=lambda _step: cancel.cancel())
    assert not (tmp_path / "new").exists()
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: shutil._ntuple_diskusage(100, 99, 1))
    assert refused(mine, tmp_path / "new") == "disk_full"
    assert not (tmp_path / "new").exists()
    assert Paths.at(None).data == mine.paths.data
    mine.services.journal.write_note(mine.trades()[0].key, "still mine")


def test_what_a_copy_does_not_hold_letter_by_letter_is_not_moved_to(
    mine: JournalFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stick that lies: it takes a file, and gives back another."""

    def lying(source: Path, target: Path) -> None:
        target.write_bytes(source.read_bytes()[:-1] + b"?")
        shutil.copystat(source, target)

    monkeypatch.setattr(shutil, "copy2", lying)
    assert refused(mine, tmp_path / "new") == "store_failed"
    nothing_happened(mine, tmp_path / "new")


def test_a_database_that_is_not_sound_at_the_new_place_is_not_moved_to(
    mine: JournalFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ibjournal.services.moving.check", lambda _database: (Issue("database_damaged", ""),))
    assert refused(mine, tmp_path / "new") == "database_corrupt"
    nothing_happened(mine, tmp_path / "new")


def test_a_disk_that_is_full_in_the_midst_is_told(mine: JournalFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_source: Path, _target: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(shutil, "copy2", full)
    assert refused(mine, tmp_path / "new") == "disk_full"
    nothing_happened(mine, tmp_path / "new")


def test_it_can_be_cancelled_to_the_last_moment(mine: JournalFolder, tmp_path: Path) -> None:
    cancel = CancelToken()

    def at_the_database(step: Progress) -> None:
        if step.subject == mine.paths.database.name:
            assert step.done == step.total - 1
            cancel.cancel()

    with pytest.raises(Cancelled):
        mine.services.moving.move(tmp_path / "new", cancel=cancel, progress=at_the_database)
    nothing_happened(mine, tmp_path / "new")


def test_what_belongs_to_the_journal_goes_and_what_is_half_written_does_not(mine: JournalFolder, tmp_path: Path) -> None:
    half = mine.paths.archive / ".half-written"
    for path in (mine.paths.pace, mine.paths.late_notes, half, mine.paths.data / "my own.txt"):
        path.write_text("{}")
    assert mine.services.moving.folder == mine.paths.data
    mine.services.moving.move(tmp_path / "new")
    new = Paths(tmp_path / "new")
    assert (new.pace.read_text(), new.late_notes.read_text()) == ("{}", "{}")
    assert not (new.archive / half.name).exists()
    again = JournalFolder(new.data)
    again.services.moving.forget_former()
    assert [path.name for path in mine.paths.data.iterdir() if path.name != Paths.of_user().pointer.name] == ["my own.txt"]
    again.services.moving.forget_former()
    assert again.services.moving.former() is None
    assert refused(again, mine.paths.data) == "folder_not_empty", "the way back is open, but not over what is the user's"


def test_what_the_database_needs_is_counted_too(mine: JournalFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders = (mine.paths.archive, mine.paths.backups)
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    spare = 20_000_000 + sum(path.stat().st_size for path in files) + 100
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: shutil._ntuple_diskusage(10**12, 0, spare))
    assert refused(mine, tmp_path / "new") == "disk_full"
    nothing_happened(mine, tmp_path / "new")
