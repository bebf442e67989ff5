"""The settings' page of the data, on a real journal: backups made and put back, checks, building anew."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from ibjournal.gui.bundle import Services
from ibjournal.gui.issue_texts import ISSUES, describe_issue
from ibjournal.gui.settings.data import DataPage
from ibjournal.gui.tasks import TaskRunner
from ibjournal.paths import Paths
from ibjournal.services.changes import EVERYTHING
from ibjournal.store.check import Issue
from tests.fakes.flex_reports import activity, trade
from tests.fakes.journal_folder import JournalFolder


@pytest.fixture
def journal(tmp_path: Path) -> JournalFolder:
    folder = JournalFolder(tmp_path / "data")
    folder.take(activity(trade(1)))
    return folder


@pytest.fixture
def page(qtbot: QtBot, look: None, journal: JournalFolder, tasks: TaskRunner) -> DataPage:
    page = DataPage(cast("Services", journal.services), tasks)
    qtbot.addWidget(page)
    page.show()
    qtbot.waitUntil(lambda: not tasks.busy)
    return page


def test_a_backup_is_made_listed_and_put_back(
    page: DataPage, journal: JournalFolder, settled: Callable[[], None], qtbot: QtBot
) -> None:
    assert page.backups.restores == []
    page.backups.make.click()
    settled()
    assert len(page.backups.restores) == 1
    assert "checked" in page.backups.status.text()
    journal.take(activity(trade(2), days=("20260311", "20260311")))
    after = journal.state()
    page.backups.restores[0].click()
    question = page.backups.question
    assert question is not None
    assert "kept as a backup" in question.informativeText()
    button = next(each for each in question.buttons() if each.text() == "Put back")
    assert isinstance(question.defaultButton(), QPushButton)
    assert question.defaultButton().text() == "Leave as it is"
    with qtbot.waitSignal(page.changed) as told:
        button.click()
    settled()
    assert told.args == [EVERYTHING]
    assert journal.state() == after, "what came since is there again"
    assert "1 report that came since" in page.backups.status.text()
    assert len(page.backups.restores) == 2, "the copy of what was there is listed"


def test_to_leave_it_changes_nothing(page: DataPage, journal: JournalFolder, settled: Callable[[], None]) -> None:
    page.backups.make.click()
    settled()
    page.backups.restores[0].click()
    question = page.backups.question
    assert question is not None
    question.defaultButton().click()
    settled()
    assert len(journal.services.backups.list_backups()) == 1


def test_what_is_no_backup_is_told(page: DataPage, journal: JournalFolder, tmp_path: Path, settled: Callable[[], None]) -> None:
    (tmp_path / "no.db").write_bytes(b"no database " * 500)
    before = journal.state()
    page.backups.restore(tmp_path / "no.db")
    settled()
    assert "no.db" in page.backups.status.text()
    assert "Nothing was changed" in page.backups.status.text()
    assert (journal.state(), page.backups.make.isEnabled()) == (before, True)
    page.backups.save_to(str(tmp_path / "copy.db"))
    settled()
    assert (tmp_path / "copy.db").is_file()


def test_nothing_is_put_back_while_something_is_under_way(page: DataPage, journal: JournalFolder, tasks: TaskRunner) -> None:
    tasks.run(lambda: None)
    page.backups.restore(journal.paths.backups / "any.db")
    assert "under way" in page.backups.status.text()
    page.rebuild.rebuild()
    assert "under way" in page.rebuild.status.text()


def test_the_check_in_words(page: DataPage, journal: JournalFolder, settled: Callable[[], None], tmp_path: Path) -> None:
    page.check.start.click()
    settled()
    assert page.check.status.text() == "Database and archive are sound."
    journal.services.maintenance.backup(tmp_path / "copy.db")
    journal.take(activity(trade(2), days=("20260311", "20260311")))
    journal.services.maintenance.restore(tmp_path / "copy.db")
    page.check.check()
    settled()
    assert "1 report in the archive" in page.check.status.text()
    page.check.take_in.click()
    settled()
    assert "1 report taken in" in page.check.status.text()
    next(journal.paths.archive.rglob("*.gz")).unlink()
    page.check.check()
    settled()
    assert "is missing" in page.check.status.text()


def test_building_anew(page: DataPage, journal: JournalFolder, settled: Callable[[], None], qtbot: QtBot) -> None:
    journal.services.journal.write_note(journal.trades()[0].key, "mine")
    state = journal.state()
    journal.change("DELETE FROM trades")
    with qtbot.waitSignal(page.changed):
        page.rebuild.start.click()
    settled()
    assert journal.state() == state
    assert page.rebuild.start.isEnabled()
    assert not page.rebuild.bar.isVisible()
    journal.change("DELETE FROM trades")
    next(journal.paths.archive.rglob("*.gz")).unlink()
    page.rebuild.start.click()
    settled()
    assert "no longer in the archive" in page.rebuild.status.text()


@pytest.mark.parametrize("which", ["make", "check", "rebuild"])
def test_the_focus_stays_with_the_button_that_was_pressed(
    page: DataPage, settled: Callable[[], None], qtbot: QtBot, which: str
) -> None:
    pressed = {"make": page.backups.make, "check": page.check.start, "rebuild": page.rebuild.start}[which]
    page.activateWindow()
    pressed.setFocus()
    qtbot.waitUntil(pressed.hasFocus)
    QTest.keyClick(pressed, Qt.Key.Key_Return)
    assert not pressed.hasFocus()
    settled()
    assert pressed.hasFocus()


def test_the_focus_stays_where_the_user_moved_it_meanwhile(page: DataPage, settled: Callable[[], None], qtbot: QtBot) -> None:
    page.activateWindow()
    page.backups.make.setFocus()
    qtbot.waitUntil(page.backups.make.hasFocus)
    QTest.keyClick(page.backups.make, Qt.Key.Key_Return)
    page.rebuild.start.setFocus()
    settled()
    assert page.rebuild.start.hasFocus()


def test_every_issue_has_words() -> None:
    for code in ISSUES:
        text = describe_issue(Issue(code, "files/x {y}"))
        assert text.endswith(".")
        assert ("files/x {y}" in text) == ("{detail}" in ISSUES[code])
    assert describe_issue(Issue("news", "x")) == "news"


@pytest.mark.usefixtures("look")
def test_the_folder_is_moved_and_the_program_ends(
    qtbot: QtBot, tasks: TaskRunner, settled: Callable[[], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    ended: list[int] = []
    monkeypatch.setattr(QCoreApplication, "exit", ended.append)
    mine = JournalFolder(Paths.of_user().data)
    page = DataPage(cast("Services", mine.services), tasks)
    qtbot.addWidget(page)
    page.show()
    settled()
    assert page.folder.place.text() == str(mine.paths.data)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_text("x")
    page.folder.move_to(str(tmp_path / "full"))
    settled()
    assert "empty" in page.folder.status.text()
    page.folder.move_to(str(tmp_path / "new"))
    settled()
    assert Paths.at(None).data == tmp_path / "new"
    assert page.folder.question is not None
    page.folder.question.buttons()[0].click()
    assert ended == [0]
    page.folder.question = None
    moved = JournalFolder(tmp_path / "new")
    later = DataPage(cast("Services", moved.services), tasks)
    qtbot.addWidget(later)
    later.show()
    settled()
    assert str(mine.paths.data) in later.folder.former.text()
    later.folder.forget.click()
    question = later.folder.question
    assert question is not None
    next(each for each in question.buttons() if each.text() == "Delete").click()
    settled()
    assert not later.folder.forget.isVisible()
    assert not mine.paths.database.exists()


def test_a_folder_that_was_given_is_not_moved_and_the_page_says_why(page: DataPage, settled: Callable[[], None]) -> None:
    settled()
    assert not page.folder.move_button.isVisible()
    assert page.folder.given.isVisible()
    assert "--data-dir" in page.folder.given.text()


@pytest.mark.parametrize("wanted", [True, False])
def test_notes_written_since_come_over_unless_they_are_not_wanted(
    page: DataPage, journal: JournalFolder, settled: Callable[[], None], wanted: bool
) -> None:
    page.backups.make.click()
    settled()
    journal.services.journal.write_note(journal.trades()[0].key, "mine")
    page.backups.restores[0].click()
    question = page.backups.question
    assert question is not None
    tick = question.checkBox()
    assert tick.isChecked()
    tick.setChecked(wanted)
    next(each for each in question.buttons() if each.text() == "Put back").click()
    settled()
    assert journal.query("SELECT text FROM notes") == ([("mine",)] if wanted else [])
    assert ("1 note that was written since was taken over." in page.backups.status.text()) is wanted


def test_a_damaged_database_is_replaced_by_a_backup_from_the_window(
    page: DataPage, journal: JournalFolder, settled: Callable[[], None]
) -> None:
    page.backups.make.click()
    settled()
    journal.services.journal.write_note(journal.trades()[0].key, "mine")
    before = journal.state()
    damage(journal)
    page.backups.restore(journal.services.backups.list_backups()[0].path)
    settled()
    assert "kept as damaged-" in page.backups.status.text()
    assert (journal.state(), journal.query("SELECT text FROM notes")) == (before, [("mine",)])
    assert journal.services.maintenance.check() == ()


def test_without_a_backup_a_damaged_database_is_made_anew_from_the_window(
    page: DataPage, journal: JournalFolder, settled: Callable[[], None], qtbot: QtBot
) -> None:
    journal.services.journal.write_note(journal.trades()[0].key, "mine")
    before = journal.state()
    damage(journal)
    page.check.start.click()
    settled()
    assert "The database is damaged" in page.check.status.text()
    page.check.begin_anew.click()
    question = page.check.question
    assert question is not None
    assert isinstance(question.defaultButton(), QPushButton)
    assert question.defaultButton().text() == "Leave as it is"
    with qtbot.waitSignal(page.changed):
        next(each for each in question.buttons() if each.text() == "Begin anew").click()
    settled()
    assert "kept as damaged-" in page.check.status.text()
    assert (journal.state(), journal.query("SELECT text FROM notes")) == (before, [("mine",)])
    page.check.start.click()
    settled()
    assert page.check.status.text() == "Database and archive are sound."
    assert not page.check.begin_anew.isVisible()


def test_notes_without_a_trade_are_listed_by_the_check(page: DataPage, journal: JournalFolder, settled: Callable[[], None]) -> None:
    journal.services.journal.write_note(journal.trades()[0].key, "bought   on a whim")
    journal.change("DELETE FROM trades")
    page.check.start.click()
    settled()
    assert "ACME: “bought on a whim”" in page.check.status.text()


def damage(journal: JournalFolder) -> None:
    """Overwrite the page of the trades."""
    journal.services.maintenance.close()
    with closing(sqlite3.connect(journal.paths.database)) as db:
        (number,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name='trades'").fetchone()
    with journal.paths.database.open("r+b") as file:
        file.seek((number - 1) * 16384)
        file.write(b"\xa5" * 16384)
