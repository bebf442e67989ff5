from __future__ import annotations

from pytestqt.qtbot import QtBot

from ibjournal.domain.errors import StoreError
from ibjournal.gui.fatal import make_box


def test_an_error_before_the_window_says_what_happened_and_what_to_do(qtbot: QtBot) -> None:
    box = make_box(StoreError("database_too_new", file="journal.db", version=9, known=1, backups="backups"))
    qtbot.addWidget(box)
    assert box.text()
    assert "backups" in box.informativeText()
    assert "{" not in box.text() + box.informativeText()
