"""Buttons that rest while what one of them began is under way."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QWidget


class KeptFocus:
    """Disables buttons and enables them again; the focus comes back to the one that had it.

    Qt hands the focus of a button that is disabled to the next one, where Enter would begin something that nobody wanted.
    """

    def __init__(self) -> None:
        self._pressed: QWidget | None = None
        self._elsewhere: QWidget | None = None

    def disable(self, *buttons: QWidget) -> None:
        """Let the buttons rest, and note which one had the focus."""
        pressed = next((each for each in buttons if each.hasFocus()), None)
        for each in buttons:
            each.setEnabled(False)
        if pressed is not None:
            self._pressed, self._elsewhere = pressed, QApplication.focusWidget()

    def enable(self, *buttons: QWidget) -> None:
        """Wake the buttons; the focus comes back, unless the user has moved it meanwhile."""
        for each in buttons:
            each.setEnabled(True)
        if self._pressed in buttons and QApplication.focusWidget() is self._elsewhere:
            self._pressed.setFocus()
        self._pressed = self._elsewhere = None
