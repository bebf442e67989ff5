"""An error before there is a window: told in a box of its own, so that a double click is never answered by nothing."""

from __future__ import annotations

from PySide6.QtWidgets import QMessageBox

from ibjournal.domain.errors import JournalError
from ibjournal.gui import i18n
from ibjournal.gui.app import make_application
from ibjournal.gui.errors import describe


def tell(error: JournalError, language: str | None) -> None:
    """Show an error and wait until it is read."""
    make_application()
    i18n.install(language or i18n.system_language())
    make_box(error).exec()


def make_box(error: JournalError) -> QMessageBox:
    """Return the box for an error: what happened large, why and what to do below."""
    text = describe(error)
    box = QMessageBox()
    box.setIcon(QMessageBox.Icon.Critical)
    box.setWindowTitle("ibjournal")
    box.setText(text.title)
    box.setInformativeText(" ".join(part for part in (text.explanation, text.action) if part))
    return box
