"""A token that comes into a field by another way than paste, or into the wrong field: seen by nobody, kept by nothing."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QClipboard, QDragEnterEvent, QDropEvent, QGuiApplication, QInputMethodEvent, QMouseEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ibjournal.gui.widgets.token_field import TokenEdit, TokenField
from ibjournal.gui.wizard.draft import to_text
from ibjournal.gui.wizard.state import Step, WizardState
from tests.fakes.planted_token import PLANTED, holds

DOTS = " ".join(["●●●●"] * 6)


@pytest.fixture
def edit(qtbot: QtBot, look: None) -> TokenEdit:
    field = TokenField()
    qtbot.addWidget(field)
    field.show()
    return field.line


def test_a_token_that_is_dropped_is_taken_and_not_seen(edit: TokenEdit) -> None:
    dropped = QMimeData()
    dropped.setText(f"{PLANTED[:9]} {PLANTED[9:]}\n")
    how = (Qt.DropAction.CopyAction, dropped, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(edit, QDragEnterEvent(QPoint(3, 3), *how))
    event = QDropEvent(QPointF(3, 3), *how)
    QApplication.sendEvent(edit, event)
    assert (edit.token, edit.text(), edit.isUndoAvailable()) == (PLANTED, DOTS, False)
    assert event.isAccepted()


def test_an_input_method_types_it(edit: TokenEdit) -> None:
    composing = QInputMethodEvent("2718", [])
    QApplication.sendEvent(edit, composing)
    assert (edit.token, edit.text(), edit.displayText()) == ("", "", "")
    for piece in (PLANTED[:12], PLANTED[12:]):
        event = QInputMethodEvent()
        event.setCommitString(piece)
        QApplication.sendEvent(edit, event)
    assert (edit.token, edit.text(), edit.isUndoAvailable()) == (PLANTED, DOTS, False)
    edit.selectAll()
    event = QInputMethodEvent()
    event.setCommitString("1")
    QApplication.sendEvent(edit, event)
    assert edit.token == "1", "what is selected is replaced, as by typing"


def release(edit: TokenEdit, button: Qt.MouseButton) -> None:
    place = QPointF(QPoint(5, 5))
    event = QMouseEvent(QEvent.Type.MouseButtonRelease, place, place, button, button, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(edit, event)


def test_the_middle_button_pastes_what_is_selected_elsewhere(edit: TokenEdit, monkeypatch: pytest.MonkeyPatch) -> None:
    release(edit, Qt.MouseButton.MiddleButton)
    assert (edit.token, edit.text()) == ("", ""), "a system without such a selection"
    selected = QMimeData()
    selected.setText(PLANTED)

    class Clipboard:
        def supportsSelection(self) -> bool:  # noqa: N802 - Qt's name
            return True

        def mimeData(self, mode: QClipboard.Mode) -> QMimeData:  # noqa: N802 - as above
            assert mode == QClipboard.Mode.Selection
            return selected

    monkeypatch.setattr(QGuiApplication, "clipboard", Clipboard)
    release(edit, Qt.MouseButton.MiddleButton)
    assert (edit.token, edit.text(), edit.isUndoAvailable()) == (PLANTED, DOTS, False)


def test_a_token_in_a_wrong_field_is_in_no_draft() -> None:
    pasted = f" {PLANTED[:12]} {PLANTED[12:]}"
    state = WizardState(step=Step.ACCESS, name=pasted, activity=pasted, confirmation=f"t={PLANTED}")
    assert not holds(to_text(state, opened=True).encode())
    assert "U12345678 2026" in to_text(WizardState(name="U12345678 2026"), opened=True)
