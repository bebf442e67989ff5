from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from ibjournal.domain.errors import StoreError
from ibjournal.gui.fatal import make_box, mend, offer, tell
from ibjournal.gui.single_instance import SingleInstance
from ibjournal.paths import Paths
from tests.fakes.flex_reports import activity, trade
from tests.fakes.journal_folder import JournalFolder


def test_an_error_before_the_window_says_what_happened_and_what_to_do(qtbot: QtBot) -> None:
    box = make_box(StoreError("database_too_new", file="journal.db", version=9, known=1, backups="backups"))
    qtbot.addWidget(box)
    assert box.text()
    assert "backups" in box.informativeText()
    assert "{" not in box.text() + box.informativeText()


@pytest.mark.parametrize(("code", "offered"), [("read_only", True), ("database_locked", True), ("database_too_new", False)])
def test_what_can_be_mended_elsewhere_is_tried_again_and_the_folder_is_named(
    look: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, offered: bool
) -> None:
    shown: list[QMessageBox] = []

    def press(box: QMessageBox) -> int:
        shown.append(box)
        QTimer.singleShot(0, lambda: (box.defaultButton() or box.buttons()[0]).click())  # noqa: PLW0108 - the buttons come when it is shown
        return opened(box)

    opened = QMessageBox.exec
    monkeypatch.setattr(QMessageBox, "exec", press)
    error = StoreError(code, file="journal.db", version=9, known=1, backups="backups")
    assert tell(error, "en", Paths(tmp_path)) is offered
    (box,) = shown
    assert str(tmp_path) in box.informativeText()
    assert ("Try again" in [button.text() for button in box.buttons()]) is offered


def test_a_damaged_journal_is_mended_before_the_window(qtbot: QtBot, look: None, tmp_path: Path) -> None:
    journal = JournalFolder(tmp_path / "data")
    journal.take(activity(trade(1)))
    backup = journal.services.backups.make()
    journal.services.maintenance.close()
    journal.paths.database.write_bytes(b"no database " * 5000)
    box = make_box(StoreError("database_corrupt", file="journal.db"))
    qtbot.addWidget(box)
    offers = offer(box, journal.paths)
    assert list(offers.values()) == [backup.path, None]
    assert "kept" in box.informativeText()
    mend(journal.paths, backup.path)
    assert journal.services.maintenance.begin(), "the start after it looks for what the backup does not know"
    assert len(journal.trades()) == 1


def test_a_journal_that_another_process_has_open_is_left_alone(qapp: QApplication, tmp_path: Path) -> None:
    paths = Paths(tmp_path)
    holder = SingleInstance(paths.lock)
    assert holder.acquire()
    try:
        with pytest.raises(StoreError) as caught:
            mend(paths, None)
    finally:
        holder.release()
    assert caught.value.code == "database_locked"
