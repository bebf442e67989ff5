"""Importing files from the window: in the background, one message at the end."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from ibjournal.domain.errors import JournalError
from ibjournal.gui import errors, file_places
from ibjournal.gui.bundle import Services
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.widgets.error_bar import Message
from ibjournal.services.changes import Changes
from ibjournal.services.importing import ImportedFile
from ibjournal.services.jobs import CancelToken

_TOLD_ONE_BY_ONE = 2
"""More files that failed than this are told in one message."""


class FileImport(QObject):
    """Takes files in and says what came of them."""

    changed = Signal(object)
    """`Changes`."""
    told = Signal(object)
    """A `Message`."""
    finished = Signal(tuple)
    """The `ImportedFile` of each file."""

    def __init__(self, services: Services, tasks: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._tasks = tasks
        self._running = 0

    @property
    def running(self) -> bool:
        """Whether files are being taken in."""
        return self._running > 0

    def ask(self, window: QWidget) -> None:
        """Ask which files to import, without blocking the window."""
        dialog = QFileDialog(window, self.tr("Import reports"))
        file_places.begin(dialog)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setNameFilters([self.tr("Flex reports (*.xml *.xml.gz *.gz)"), self.tr("All files (*)")])
        dialog.filesSelected.connect(self.start)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def start(self, files: Iterable[str | Path]) -> None:
        """Import these files in the background."""
        paths = tuple(Path(file) for file in files)
        token = CancelToken()
        self._running += 1
        self._tasks.run(
            self._services.importing.import_paths,
            paths,
            cancel=token,
            token=token,
            owner=self,
            done=self._done,
            failed=self._failed,
        )

    def _done(self, files: tuple[ImportedFile, ...]) -> None:
        self._running -= 1
        new = sum(file.new for file in files)
        failed = [(file, file.error) for file in files if file.error is not None]
        if len(failed) > _TOLD_ONE_BY_ONE:
            self.told.emit(self._many(failed))
        else:
            for file, error in failed:
                words = errors.describe(error, file=file.file)
                self.told.emit(Message(title=words.title, text=f"{words.explanation} {words.action}"))
        if len(files) > len(failed):
            good = len(files) - len(failed)
            reports = self.tr("1 report taken in") if good == 1 else self.tr("%Ln reports taken in", "", good)
            fills = self.tr("1 new fill") if new == 1 else self.tr("%Ln new fills", "", new)
            text = f"{reports}, {fills}."
            self.told.emit(Message(title=self.tr("Import finished."), text=text, icon="circle-check", kind="info"))
        changes = Changes(reports=True)
        for file in files:
            changes |= file.changes
        self.changed.emit(changes)
        self.finished.emit(files)

    def _many(self, failed: list[tuple[ImportedFile, JournalError]]) -> Message:
        """Return one message for many files: their names, and where each reason stands."""
        names = ", ".join(Path(file.file).name for file, _error in failed)
        return Message(
            title=self.tr("%Ln files could not be imported.", "", len(failed)),
            text=self.tr("{files}. The reason for each stands under Reports.").format(files=names),
        )

    def _failed(self, error: Exception) -> None:
        self._running -= 1
        self._tasks.error.emit(error)
