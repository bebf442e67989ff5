from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ibjournal.domain.errors import StoreError
from ibjournal.gui.fatal import make_box, mend, offer
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
