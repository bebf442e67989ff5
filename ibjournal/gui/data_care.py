"""Care for the data beside the window: what an end that was none left behind, and the day's backup."""

from __future__ import annotations

import logging
from collections.abc import Callable

from PySide6.QtCore import QObject

from ibjournal.domain.errors import JournalError, StoreError
from ibjournal.gui import errors
from ibjournal.gui.bundle import Services
from ibjournal.gui.main_window import MainWindow
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.widgets.error_bar import Message
from ibjournal.services.changes import Changes
from ibjournal.services.importing import ImportedFile
from ibjournal.store.check import Issue

_log = logging.getLogger(__name__)
_AT_THE_END = 1.0
"""Seconds that notes may wait for another program when nobody sees a window any more."""


class DataCare(QObject):
    """Lives as long as the program.

    Args:
        services: the services.
        tasks: runs what touches the database.
        window: returns the present window; it may be built anew.
    """

    def __init__(self, services: Services, tasks: TaskRunner, window: Callable[[], MainWindow]) -> None:
        super().__init__()
        self._services, self._tasks, self._window = services, tasks, window

    def start(self, *, unclean: bool) -> None:
        """Look after what the last start left, where that was not ended in order."""
        self._tasks.run(self._services.journal.write_late_notes, owner=self, done=self._announce, failed=self._failed)
        if unclean:
            self._tasks.run(self._services.maintenance.quick_check, owner=self, done=self._checked, failed=self._failed)

    def adopt(self, window: MainWindow) -> None:
        """Listen to a window that was just built."""
        window.sync.finished.connect(self.back_up)
        window.imports.finished.connect(self.back_up)

    def back_up(self, _what: object = None) -> None:
        """Make today's backup, if there is none yet and something has changed."""
        self._tasks.run(self._services.journal.write_late_notes, owner=self, done=self._announce, failed=self._failed)
        self._tasks.run(self._services.backups.make_if_due, owner=self, failed=self._failed)

    def _announce(self, changes: Changes) -> None:
        if changes:
            self._window().announce(changes)

    def end(self) -> None:
        """Make today's backup at the end of the program, when all work has ended; for notes above all."""
        self._services.journal.write_late_notes(patience=_AT_THE_END)
        try:
            self._services.backups.make_if_due()
        except StoreError as error:  # nobody is there to be told; the next start tries again
            _log.info("no backup at the end: %s", error.code)

    def _checked(self, issues: tuple[Issue, ...]) -> None:
        if issues:
            self._say(
                Message(
                    title=self.tr("The journal's database is damaged."),
                    text=self.tr("Put back a backup, or begin anew from the archive; its reports are not affected."),
                    button=errors.button_text(errors.Button.BACKUPS),
                    kind="negative",
                    data=(errors.Button.BACKUPS, None),
                )
            )
            return
        self._tasks.run(self._services.recovery.take_in, owner=self, done=self._taken, failed=self._failed)

    def _taken(self, files: tuple[ImportedFile, ...]) -> None:
        good = [file for file in files if file.error is None]
        text = self.tr("The journal was checked and is sound.")
        if good:
            one = self.tr("1 report that had arrived was taken in.")
            text += " " + (one if len(good) == 1 else self.tr("%Ln reports that had arrived were taken in.", "", len(good)))
        self._say(
            Message(
                title=self.tr("The program was not ended properly last time."),
                text=text,
                icon="shield-check",
                kind="info",
                waits=True,
            )
        )
        changes = Changes()
        for file in good:
            changes |= file.changes
        self._window().announce(changes)

    def _say(self, message: Message) -> None:
        self._window().errors.show_message(message)

    def _failed(self, error: Exception) -> None:
        if isinstance(error, JournalError):
            self._window().show_error(error)
