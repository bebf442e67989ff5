"""Care beside the window: the day's backup, and what a start after an end by force says."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from pytestqt.qtbot import QtBot

from ibjournal.gui import errors
from ibjournal.gui.bundle import Services
from ibjournal.gui.data_care import DataCare
from ibjournal.gui.journal.note_keeper import NoteKeeper
from ibjournal.gui.main_window import MainWindow
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.widgets.error_bar import ErrorBar, Message
from ibjournal.services.changes import Changes
from tests.fakes.flex_reports import activity, trade
from tests.fakes.journal_folder import JournalFolder
from tests.fakes.patience import FOREVER, SECONDS


@pytest.fixture
def journal(tmp_path: Path) -> JournalFolder:
    folder = JournalFolder(tmp_path / "data")
    folder.take(activity(trade(1)))
    return folder


@pytest.fixture
def told() -> list[Any]:
    return []


@pytest.fixture
def care(qtbot: QtBot, look: None, journal: JournalFolder, tasks: TaskRunner, told: list[Any]) -> DataCare:
    bar = ErrorBar()
    qtbot.addWidget(bar)
    window = SimpleNamespace(errors=bar, announce=told.append, show_error=told.append)
    return DataCare(cast("Services", journal.services), tasks, lambda: cast("MainWindow", window))


def message(care: DataCare) -> Message:
    found = care._window().errors.message
    assert found is not None
    return found


def test_a_start_in_order_says_nothing(care: DataCare, settled: Callable[[], None], told: list[Any]) -> None:
    care.start(unclean=False)
    settled()
    assert care._window().errors.message is None
    assert told == []


def test_after_an_end_by_force_what_had_arrived_is_taken_in(
    care: DataCare, journal: JournalFolder, settled: Callable[[], None], told: list[Any], tmp_path: Path
) -> None:
    journal.services.maintenance.backup(tmp_path / "copy.db")
    journal.take(activity(trade(2), days=("20260311", "20260311")))
    journal.services.maintenance.restore(tmp_path / "copy.db")
    care.start(unclean=True)
    settled()
    assert "sound" in message(care).text
    assert "1 report that had arrived" in message(care).text
    assert message(care).waits  # a token that is about to expire is told first
    assert [isinstance(each, Changes) and each.trades for each in told] == [True]


def test_a_damaged_journal_is_told_with_the_way_to_its_backups(
    care: DataCare, journal: JournalFolder, settled: Callable[[], None]
) -> None:
    journal.take(activity(*(trade(number) for number in range(60))))
    journal.services.maintenance.close()
    with journal.paths.database.open("r+b") as file:
        file.seek(16384 * 3)
        file.write(b"\xa5" * 16384 * 12)
    care.start(unclean=True)
    settled()
    assert message(care).data == (errors.Button.BACKUPS, None)
    assert "backup" in message(care).text


def test_the_days_backup_is_made_after_work_and_at_the_end(
    care: DataCare, journal: JournalFolder, settled: Callable[[], None]
) -> None:
    care.back_up()
    settled()
    assert len(journal.services.backups.list_backups()) == 1
    care.end()
    assert len(journal.services.backups.list_backups()) == 1


def test_notes_that_waited_come_in_at_the_start_and_after_an_import(
    care: DataCare, journal: JournalFolder, settled: Callable[[], None], told: list[Any]
) -> None:
    (only,) = journal.trades()
    ways: list[tuple[str, Callable[[], None]]] = [
        ("one", lambda: care.start(unclean=False)),
        ("two", care.back_up),
        ("three", care.end),
    ]
    for text, take_in in ways:
        with closing(sqlite3.connect(journal.paths.database, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            journal.services.journal.write_note_at_once(only.key, text)
        assert journal.paths.late_notes.exists()
        take_in()
        settled()
        assert journal.query("SELECT text FROM notes") == [(text,)]
    assert told == [Changes(journal=True)] * 2


def test_a_note_typed_during_an_import_does_not_hold_the_closing_window(qtbot: QtBot, look: None, journal: JournalFolder) -> None:
    """The import holds the database until it has ended; it is asked to end only once the window is closed."""
    (only,) = journal.trades()
    service = journal.services.journal
    tasks = TaskRunner()
    keeper = NoteKeeper(service.write_note, tasks, at_once=service.write_note_at_once)
    holds, may_end, ended = threading.Event(), threading.Event(), threading.Event()

    def take_in() -> None:
        with service._database.transaction():
            holds.set()
            may_end.wait(FOREVER)
        ended.set()

    tasks.run(take_in)
    assert holds.wait(SECONDS)
    keeper.save(only.key, "typed before")
    keeper.save(only.key, "last words")
    keeper.finish()
    assert not ended.is_set()
    may_end.set()
    tasks.shutdown()
    DataCare(cast("Services", journal.services), tasks, lambda: cast("MainWindow", None)).end()
    assert keeper.unsaved(only.key) is None
    assert journal.query("SELECT text FROM notes") == [("last words",)]
