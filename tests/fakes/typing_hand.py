"""A hand that types notes in the real window of a real process, and tells on standard output which the window says are saved."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest

from ibjournal.gui import app
from ibjournal.gui.journal.detail import NOTE
from ibjournal.gui.journal.view import JournalScreen
from ibjournal.services.journal import JournalService
from tests.fakes.written_journal import EVERYTHING

_LETTER_MS = 15
_ROUNDS = 3


class _Hand(QObject):
    """Does one thing at each tick: a person types letter by letter, and looks below the text."""

    def __init__(self, program: app.Program, journal: JournalService) -> None:
        super().__init__(program)
        self._program, self._journal = program, journal
        self._work = self._type_notes()
        self._timer = QTimer(self)
        self._timer.timeout.connect(lambda: next(self._work, None))
        self._timer.start(_LETTER_MS)

    def _type_notes(self) -> Iterator[None]:
        while not self._program.window.isVisible():
            yield
        screen = next(iter(self._program.window.findChildren(JournalScreen)))
        self._program.window.show_screen(screen.name)
        keys = sorted(row.trade.key for row in self._journal.list_trades(EVERYTHING).rows)
        for number, key in enumerate(keys):
            while not screen.open_trade(key):  # until the rows are there
                yield
            while screen.pane._detail is None or screen.pane._detail.row.trade.key != key:
                yield
            screen.pane.open_tab(NOTE)
            note = screen.pane.note
            for each in range(_ROUNDS):
                note.editor.moveCursor(QTextCursor.MoveOperation.End)
                for letter in f" thought {each} of {number}":
                    QTest.keyClicks(note.editor, letter)
                    yield
                while not note.state.startswith("Saved"):
                    yield
                print(json.dumps([key, note.editor.toPlainText()]), flush=True)  # noqa: T201 - read by the test


def lend_a_hand() -> None:
    """Let a hand type in the window that this process is about to open."""

    class Program(app.Program):
        def __init__(self, services: Any, *args: Any, **kwargs: Any) -> None:
            super().__init__(services, *args, **kwargs)
            self._hand = _Hand(self, services.journal)

    app.Program = Program  # type: ignore[misc]
