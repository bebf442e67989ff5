"""What the box before the window says beside the error itself."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from ibjournal.gui.widgets import formats


def put_back_text(made_at: datetime) -> str:
    """Return the words of the button that puts a backup back."""
    local = made_at.astimezone()
    moment = f"{formats.full_day(local.date())}, {formats.clock(made_at)}"
    return QCoreApplication.translate("Fatal", "Put back the backup of {moment}").format(moment=moment)


def from_archive_text() -> str:
    """Return the words of the button that begins anew with the archive."""
    return QCoreApplication.translate("Fatal", "Begin anew from the archive")


def again_text() -> str:
    """Return the words of the button that starts the program once more."""
    return QCoreApplication.translate("Fatal", "Try again")


def folder_text(folder: Path) -> str:
    """Return where the journal lies, for who has to look there."""
    return QCoreApplication.translate("Fatal", "Data folder: {folder}").format(folder=folder)


def rescue_text() -> str:
    """Return what the buttons do."""
    return QCoreApplication.translate(
        "Fatal",
        "The damaged file is kept. Reports that came since the backup are taken in again from the archive, and notes that can "
        "still be read are taken over. Without a backup, so are the depots.",
    )
