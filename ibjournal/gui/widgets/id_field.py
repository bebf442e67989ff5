"""The field for a query id: takes it with spaces, line ends or words around it, and notices a token."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit, QWidget

from ibjournal.gui.widgets.pasted import read_id

_LONGEST = 200


class IdField(QLineEdit):
    """Tells when an id is there: on a paste, on Enter, on leaving. Nothing is said while one types."""

    entered = Signal()
    """`id` is another one than before."""
    token_found = Signal()
    """What was pasted is a token; `take_token` returns it and empties the field."""

    def __init__(self, number: str = "", parent: QWidget | None = None) -> None:
        super().__init__(number, parent)
        self.setMaxLength(_LONGEST)
        self._id = number
        self._token = ""
        self.editingFinished.connect(self.settle)

    @property
    def id(self) -> str:
        """The id, digits alone; empty where there is none."""
        return self._id

    def set_id(self, number: str) -> None:
        """Show an id and tell."""
        self.setText(number)
        self.settle()

    def settle(self) -> None:
        """Read what stands in the field."""
        found = read_id(self.text())
        if found.token:
            self._token = found.token
            self.setText("")  # this also clears what undo would bring back
        elif found.id and self.text() != found.id:
            self.setText(found.id)
        if found.id != self._id:
            self._id = found.id
            self.entered.emit()
        if found.token:
            self.token_found.emit()

    def take_token(self) -> str:
        """Return the token that was pasted here, and forget it."""
        token, self._token = self._token, ""
        return token

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A paste replaces what is there: an id is never put together from pieces."""
        if event.matches(QKeySequence.StandardKey.Paste):
            self.setText(QGuiApplication.clipboard().text()[:_LONGEST])
            self.settle()
            event.accept()
            return
        super().keyPressEvent(event)
