"""Moving the data folder."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ibjournal import bootstrap
from ibjournal.domain.errors import Cancelled, JournalError
from ibjournal.paths import Paths
from ibjournal.services.jobs import CancelToken
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
