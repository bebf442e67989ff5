"""An error before there is a window: told in a box of its own, so that a double click is never answered by nothing."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QMessageBox, QPushButton

from ibjournal.domain.errors import JournalError, StoreError
from ibjournal.domain.file_errors import file_error
from ibjournal.gui import i18n, theme
from ibjournal.gui.app import make_application
from ibjournal.gui.errors import describe
from ibjournal.gui.fatal_texts import again_text, folder_text, from_archive_text, put_back_text, rescue_text
from ibjournal.gui.preferences import Preferences
from ibjournal.gui.single_instance import alone
from ibjournal.paths import Paths
from ibjournal.services.rescue import rescue, usable_backups

_OFFERED = 3
_PASSING = frozenset({"read_only", "database_locked", "disk_full", "data_folder_gone"})
"""Errors that the user can mend elsewhere and then try again at once."""


def tell(error: JournalError, language: str | None, paths: Paths | None = None) -> bool:
    """Show an error and wait until it is read; return whether the start is worth another try.

    Where the database is damaged, the box offers the latest backups and the archive.
    """
    make_application()
    known = Preferences(paths.preferences) if paths is not None and paths.preferences.is_file() else None
    i18n.install(language or (known.language if known else None) or i18n.system_language())
    theme.apply(known.look() if known else theme.make_theme(dark=theme.system_is_dark()))
    while True:
        box = make_box(error, paths)
        offers = offer(box, paths) if paths is not None and error.code == "database_corrupt" else {}
        again = box.addButton(again_text(), QMessageBox.ButtonRole.AcceptRole) if error.code in _PASSING else None
        if again is not None:
            box.setDefaultButton(again)
            box.addButton(QMessageBox.StandardButton.Close)
        box.exec()
        clicked = box.clickedButton()
        if again is not None and clicked is again:
            return True
        if paths is None or not isinstance(clicked, QPushButton) or clicked not in offers:
            return False
        try:
            mend(paths, offers[clicked])
        except StoreError as failed:  # another backup may be whole
            make_box(failed).exec()
        else:
            return True


def make_box(error: JournalError, paths: Paths | None = None) -> QMessageBox:
    """Return the box for an error: what happened large, why and what to do below, and where the data folder is."""
    text = describe(error)
    box = QMessageBox()
    box.setIcon(QMessageBox.Icon.Critical)
    box.setWindowTitle("ibjournal")
    box.setText(text.title)
    words = " ".join(part for part in (text.explanation, text.action) if part)
    box.setInformativeText(words if paths is None else f"{words}\n\n{folder_text(paths.data)}")
    return box


def offer(box: QMessageBox, paths: Paths) -> dict[QPushButton, Path | None]:
    """Give the box a button for each of the latest backups and one for the archive; return what each stands for."""
    offers: dict[QPushButton, Path | None] = {}
    for each in usable_backups(paths)[:_OFFERED]:
        offers[box.addButton(put_back_text(each.made_at), QMessageBox.ButtonRole.ActionRole)] = each.path
    offers[box.addButton(from_archive_text(), QMessageBox.ButtonRole.ActionRole)] = None
    box.setInformativeText(f"{box.informativeText()}\n\n{rescue_text()}")
    box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Close))
    return offers


def mend(paths: Paths, source: Path | None) -> None:
    """Put a backup in the place of the damaged database, with the folder to ourselves.

    Raises:
        StoreError: ``database_locked`` when another process has the folder; whatever `rescue` raises.
    """
    with alone(paths.lock, paths.database):
        rescue(paths, source)
        try:
            paths.running.touch(mode=0o600)  # the start after it looks for reports that the backup does not know
        except OSError as error:
            raise file_error(error, paths.running) from error
