"""A calendar entry for a token's last day: the words, and the question where to save it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from ibjournal.domain.file_errors import file_error
from ibjournal.gui import file_places
from ibjournal.gui.tasks import TaskRunner
from ibjournal.services.calendar_entry import CalendarEntry, calendar_file

FILE_NAME = "ibjournal-token.ics"


def entry_for(names: Sequence[str], day: date) -> CalendarEntry:
    """Return the entry for a token that these depots hold, in the user's language."""
    translate = QCoreApplication.translate
    return CalendarEntry(
        day=day,
        summary=translate("TokenCalendar", "IBKR token of {depots} expires").format(depots=", ".join(names)),
        description=translate(
            "TokenCalendar",
            "Generate a new token at IBKR (Performance & Reports → Flex Queries → Flex Web Service) and enter it in ibjournal:"
            " Settings → Depots → Renew token. The query ids stay as they are.",
        ),
    )


def ask_where(
    names: Sequence[str],
    day: date,
    tasks: TaskRunner,
    parent: QWidget | None,
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> QFileDialog:
    """Ask where to save the entry, without blocking a window; write it there in the background."""
    title = QCoreApplication.translate("TokenCalendar", "Save calendar entry")
    dialog = QFileDialog(parent, title)
    file_places.begin(dialog, FILE_NAME)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix("ics")
    dialog.setNameFilters([QCoreApplication.translate("TokenCalendar", "Calendar entries (*.ics)")])
    content = calendar_file(entry_for(names, day), now=now())
    dialog.fileSelected.connect(lambda name: tasks.run(_write, Path(name), content))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
    return dialog


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise file_error(error, path) from None
