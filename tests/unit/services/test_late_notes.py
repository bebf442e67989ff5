"""Notes that are typed while something else holds the database: they wait in a file, are shown, and come in later."""

from __future__ import annotations

import errno
import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ibjournal.domain.errors import StoreError
from ibjournal.domain.trade import TradeKey
from ibjournal.services.late_notes import LateNote, LateNotes
from tests.conftest import ExpectedLog
from tests.fakes.flex_reports import activity, trade
from tests.fakes.journal_folder import JournalFolder

TYPED = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def journal(tmp_path: Path) -> JournalFolder:
    folder = JournalFolder(tmp_path / "data")
    folder.take(activity(trade(1)))
    return folder


@pytest.fixture
def key(journal: JournalFolder) -> TradeKey:
    (only,) = journal.trades()
    return only.key


@contextmanager
def held(journal: JournalFolder) -> Iterator[None]:
    """Let another program hold the database."""
    with closing(sqlite3.connect(journal.paths.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


def note_of(journal: JournalFolder, key: TradeKey) -> str:
    """Return the note as the pane shows it."""
    detail = journal.services.journal.trade_detail(key)
    assert detail is not None
    return detail.note.text if detail.note else ""


def on_disk(journal: JournalFolder) -> list[str]:
    return [str(text) for (text,) in journal.query("SELECT text FROM notes")]


def test_a_note_that_the_database_cannot_take_waits_and_is_shown(journal: JournalFolder, key: TradeKey) -> None:
    service = journal.services.journal
    service.write_note(key, "before")
    with held(journal):
        service.write_note_at_once(key, "last words")
        assert (on_disk(journal), note_of(journal, key)) == (["before"], "last words")
    # the next start
    later = JournalFolder(journal.paths.data)
    assert note_of(later, key) == "last words"
    assert later.services.journal.write_late_notes().journal
    assert on_disk(journal) == ["last words"]
    assert not journal.paths.late_notes.exists()
    assert not later.services.journal.write_late_notes()


def test_a_note_that_was_emptied_is_shown_empty_while_it_waits(journal: JournalFolder, key: TradeKey) -> None:
    service = journal.services.journal
    service.write_note(key, "before")
    with held(journal):
        service.write_note_at_once(key, "")
        assert note_of(journal, key) == ""
    service.write_late_notes()
    assert on_disk(journal) == []


def test_where_the_database_is_free_there_is_no_file(journal: JournalFolder, key: TradeKey) -> None:
    journal.services.journal.write_note_at_once(key, "words")
    assert on_disk(journal) == ["words"]
    assert not journal.paths.late_notes.exists()


def test_what_is_still_held_goes_on_waiting(journal: JournalFolder, key: TradeKey) -> None:
    service = journal.services.journal
    with held(journal):
        service.write_note_at_once(key, "words")
        assert not service.write_late_notes(patience=0.01)
    assert note_of(journal, key) == "words"


def test_what_is_typed_later_takes_the_place_of_what_waits(journal: JournalFolder, key: TradeKey) -> None:
    service = journal.services.journal
    with held(journal):
        service.write_note_at_once(key, "older")
    service.write_note(key, "newer")
    assert not journal.paths.late_notes.exists()
    service.write_late_notes()
    assert on_disk(journal) == ["newer"]


def test_a_write_that_was_held_up_does_not_land_after_what_was_typed_later(journal: JournalFolder, key: TradeKey) -> None:
    service = journal.services.journal
    database = service._database
    with held(journal):
        late = threading.Thread(target=service.write_note, args=(key, "first"))
        late.start()
        while database._write_lock.acquire(blocking=False):  # until the first waits for the other program
            database._write_lock.release()
        service.write_note_at_once(key, "second")
    late.join(60)
    service.write_late_notes()
    assert on_disk(journal) == ["second"]


def test_where_nothing_can_be_written_it_is_said(journal: JournalFolder, key: TradeKey, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise StoreError("disk_full", file="unsaved-notes.json")

    monkeypatch.setattr("ibjournal.services.late_notes.write_whole", full)
    with held(journal), pytest.raises(StoreError):
        journal.services.journal.write_note_at_once(key, "words")


@pytest.mark.parametrize("content", ["", "[]", "{", '{"U1/1/1": {}}', '{"U1/1/1": {"text": "x", "typed_at": "then"}}'])
def test_a_file_that_cannot_be_read_stops_nobody(tmp_path: Path, content: str, expect_log: ExpectedLog) -> None:
    expect_log("notes that wait cannot be read", logger="ibjournal.services.late_notes")
    path = tmp_path / "late.json"
    path.write_text(content, encoding="utf-8")
    assert LateNotes(path).all() == {}
    assert path.read_text(encoding="utf-8") == content


def test_several_notes_wait_side_by_side(tmp_path: Path) -> None:
    path = tmp_path / "late.json"
    notes = LateNotes(path)
    for name in "ab":
        notes.keep(TradeKey(f"U1/1/{name}"), LateNote(text=f"Größe {name}", typed_at=TYPED))
    notes.drop(TradeKey("U1/1/a"))
    notes.drop(TradeKey("U1/1/none"))
    assert LateNotes(path).all() == {TradeKey("U1/1/b"): LateNote(text="Größe b", typed_at=TYPED)}
    assert "Größe" in json.loads(path.read_text(encoding="utf-8"))["U1/1/b"]["text"]
    notes.drop(TradeKey("U1/1/b"))
    assert not path.exists()


def test_a_file_that_cannot_be_read_is_put_aside_and_not_written_over(tmp_path: Path, expect_log: ExpectedLog) -> None:
    path = tmp_path / "unsaved-notes.json"
    path.write_text('{"half of a no')
    expect_log("notes that wait cannot be read", logger="ibjournal.services.late_notes")
    LateNotes(path).keep(TradeKey("a"), LateNote(text="new", typed_at=TYPED))
    assert (tmp_path / "unsaved-notes-unreadable-1.json").read_text() == '{"half of a no'
    assert LateNotes(path).all() == {TradeKey("a"): LateNote(text="new", typed_at=TYPED)}
    LateNotes(path).keep(TradeKey("b"), LateNote(text="more", typed_at=TYPED))
    assert len(list(tmp_path.iterdir())) == 2, "what can be read stays where it is"


def test_a_file_that_can_be_neither_read_nor_put_aside_is_left_alone(
    tmp_path: Path, expect_log: ExpectedLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "unsaved-notes.json"
    path.write_text('{"half of a no')
    expect_log("notes that wait cannot be read", logger="ibjournal.services.late_notes")

    def refused(_self: Path, _target: Path) -> Path:
        raise PermissionError(errno.EACCES, "denied")

    monkeypatch.setattr(Path, "replace", refused)
    with pytest.raises(StoreError, match="read_only"):
        LateNotes(path).keep(TradeKey("a"), LateNote(text="new", typed_at=TYPED))
    assert path.read_text() == '{"half of a no'


def test_without_a_file_nothing_waits() -> None:
    notes = LateNotes()
    notes.keep(TradeKey("a"), LateNote(text="new", typed_at=TYPED))
    assert notes.all() == {}
    notes.drop(TradeKey("a"))
