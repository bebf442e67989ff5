"""Where a dialog for files begins: where the user was last, at first among the documents, never where the program stands."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QFileDialog

_last: list[str] = []
"""The folder of the file that was chosen last; empty before the first."""


def begin(dialog: QFileDialog, name: str = "") -> None:
    """Let a dialog begin there, and remember where it ends; ``name`` is the file's that is proposed.

    Qt would begin in the folder that the process was started in, which a menu of the desktop sets to anything.
    """
    dialog.setDirectory(_place())
    if name:
        dialog.selectFile(name)
    dialog.accepted.connect(lambda: _last.__setitem__(slice(None), [dialog.directory().absolutePath()]))


def _place() -> str:
    locations = QStandardPaths.StandardLocation.DocumentsLocation, QStandardPaths.StandardLocation.HomeLocation
    places = (*_last, *map(QStandardPaths.writableLocation, locations))
    return next((place for place in places if Path(place).is_dir()), "")
