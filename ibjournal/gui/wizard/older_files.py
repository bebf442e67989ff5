"""Files for the wizard's depot: older years, or all of its reports; taken in at once, with what came and what could not be read."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from ibjournal.domain.errors import JournalError
from ibjournal.gui import errors, file_places
from ibjournal.gui.bundle import Services
from ibjournal.gui.progress_texts import progress_text
from ibjournal.gui.reports.drop_box import DropBox
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.theme import Space, Type
from ibjournal.gui.widgets.labels import button, label
from ibjournal.gui.wizard.came import came_of_files, came_words
from ibjournal.gui.wizard.state import Feed, WizardState
from ibjournal.services.changes import Changes
from ibjournal.services.importing import ImportedFile
from ibjournal.services.jobs import CancelToken, Progress

_TOLD = 5
"""Files that could not be taken in, of which each is told why."""


class OlderFiles(QWidget):
    """A title where the depot is fetched, too, the box to drop files on, and below it what came of them."""

    changed = Signal(object)
    """`Changes` of files that were taken in."""

    def __init__(self, state: WizardState, services: Services, tasks: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state, self._services, self._tasks = state, services, tasks
        self._taking: CancelToken | None = None
        self._title = label("", role=Type.SYMBOL, tone="strong", wrap=True)
        self.drop = DropBox()
        self.line = label("", role=Type.STRONG, tone="strong", wrap=True)
        self.refused = label("", tone="warning", wrap=True)
        self.stop = button(self.tr("Stop"), small=True)
        self.stop.hide()
        self.refused.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.GAP)
        column.addWidget(self._title)
        column.addWidget(self.drop)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.line, 1)
        row.addWidget(self.stop, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(row)
        column.addWidget(self.refused)
        self.drop.dropped.connect(self.take)
        self.drop.choose_wanted.connect(self._ask)
        self.stop.clicked.connect(self.end)

    def show_all(self) -> None:
        """Show what came of the files so far."""
        fetched = self._state.feed is Feed.FETCH
        self._title.setText(self.tr("Older years from files") if fetched else "")
        self._title.setVisible(fetched)
        taken = [each for each in self._state.files if each.error is None]
        refused = [each.error for each in self._state.files if each.error is not None]
        self._say(came_words(came_of_files(taken)) if taken else "")
        words = [errors.describe(error).sentence for error in refused[:_TOLD]]
        if len(refused) > _TOLD:
            rest = len(refused) - _TOLD
            one = self.tr("1 more file could not be taken in; the reason stands under Reports.")
            several = self.tr("%Ln more files could not be taken in; the reasons stand under Reports.", "", rest)
            words.append(one if rest == 1 else several)
        self._show_refused(words)

    def take(self, paths: Sequence[str | Path]) -> None:
        """Take files in for this depot."""
        if not paths:
            return
        self.end()
        self._taking = cancel = CancelToken()
        self._say(self.tr("Taking the files in…"))
        self.refused.hide()
        self.stop.show()
        self._tasks.run(
            self._services.importing.import_paths,
            tuple(Path(path) for path in paths),
            home=self._state.depot,
            cancel=cancel,
            token=cancel,
            progress=lambda step: self._tasks.call(self._on_step, cancel, step),
            owner=self,
            done=partial(self._on_taken, cancel),
            failed=partial(self._on_failed, cancel),
        )

    def end(self) -> None:
        """End taking files in; what was taken stays."""
        if self._taking is not None:
            self._taking.cancel()
            self._taking = None
            self.stop.hide()
            self.show_all()
            self.changed.emit(Changes(reports=True))

    def _ask(self) -> None:
        dialog = QFileDialog(self, self.tr("Flex files of older years"))
        file_places.begin(dialog)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setNameFilters([self.tr("Flex reports (*.xml *.xml.gz *.gz)"), self.tr("All files (*)")])
        dialog.filesSelected.connect(self.take)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_step(self, cancel: CancelToken, step: Progress) -> None:
        if cancel is self._taking:
            self._say(f"{step.subject}: {progress_text(step)}")

    def _ended(self, cancel: CancelToken) -> bool:
        """Note the end of taking files in; return whether others are not being taken in by now."""
        if cancel is self._taking:
            self._taking = None
            self.stop.hide()
        return self._taking is None

    def _on_taken(self, cancel: CancelToken, files: tuple[ImportedFile, ...]) -> None:
        last = self._ended(cancel)
        self._state.files = (*self._state.files, *files)
        changes = Changes(reports=True)
        for each in files:
            changes |= each.changes
        if last:
            self.show_all()
        self.changed.emit(changes)

    def _on_failed(self, cancel: CancelToken, error: Exception) -> None:
        if self._ended(cancel) and isinstance(error, JournalError):
            self._say("")
            self._show_refused([errors.describe(error).sentence])

    def _say(self, words: str) -> None:
        self.line.setText(words)
        self.line.setVisible(bool(words))

    def _show_refused(self, words: Sequence[str]) -> None:
        self.refused.setText("\n".join(words))
        self.refused.setVisible(bool(words))
