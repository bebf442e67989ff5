"""Where dialogs for files begin."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from ibjournal.gui import file_places


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with documents in it, where nobody has chosen a file yet; the program stands elsewhere."""
    (tmp_path / "program").mkdir()
    monkeypatch.chdir(tmp_path / "program")
    names = {
        QStandardPaths.StandardLocation.DocumentsLocation: "home/documents",
        QStandardPaths.StandardLocation.HomeLocation: "home",
    }
    (tmp_path / "home" / "documents").mkdir(parents=True)
    monkeypatch.setattr(QStandardPaths, "writableLocation", lambda kind: str(tmp_path / names[kind]))
    monkeypatch.setattr(file_places, "_last", [])
    return tmp_path / "home"


def opened(qtbot: QtBot, name: str = "") -> QFileDialog:
    dialog = QFileDialog()
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    qtbot.addWidget(dialog)
    file_places.begin(dialog, name)
    return dialog


def place(dialog: QFileDialog) -> Path:
    return Path(dialog.directory().absolutePath()).resolve()


def test_the_first_dialog_begins_among_the_documents_with_the_name(qtbot: QtBot, home: Path) -> None:
    dialog = opened(qtbot, "token.ics")
    assert place(dialog) == (home / "documents").resolve()
    assert [Path(file).resolve() for file in dialog.selectedFiles()] == [(home / "documents" / "token.ics").resolve()]


def test_without_documents_it_begins_at_home(qtbot: QtBot, home: Path) -> None:
    (home / "documents").rmdir()
    assert place(opened(qtbot)) == home.resolve()


def test_the_next_begins_where_the_last_was_chosen_as_long_as_that_is_there(qtbot: QtBot, home: Path) -> None:
    other = home / "taxes"
    other.mkdir()
    dialog = opened(qtbot)
    dialog.setDirectory(str(other))
    dialog.accepted.emit()
    assert place(opened(qtbot)) == other.resolve()
    other.rmdir()
    assert place(opened(qtbot)) == (home / "documents").resolve()
