"""Looking whether the data is sound, and building everything anew from the archive, in the settings."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMessageBox, QProgressBar, QVBoxLayout, QWidget

from ibjournal.domain.errors import Cancelled, JournalError, StoreError
from ibjournal.gui import errors
from ibjournal.gui.bundle import Services
from ibjournal.gui.issue_texts import describe_issue
from ibjournal.gui.progress_texts import progress_text
from ibjournal.gui.safety_texts import lost_notes_text
from ibjournal.gui.settings.backups import labelled_row, say
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.theme import Type
from ibjournal.gui.widgets.kept_focus import KeptFocus
from ibjournal.gui.widgets.labels import button, label
from ibjournal.services.changes import EVERYTHING, Changes
from ibjournal.services.importing import ImportedFile
from ibjournal.services.jobs import CancelToken, Progress
from ibjournal.services.stray_notes import LostNote
from ibjournal.store.check import Issue

_SHOWN = 20


class CheckPanel(QWidget):
    """The full check, on demand."""

    changed = Signal(object)
    """`Changes`, after reports were taken in."""

    def __init__(self, services: Services, tasks: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._services, self._tasks = services, tasks
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(label(self.tr("Check"), role=Type.SYMBOL, tone="strong"))
        words = self.tr(
            "Looks at every page of the database and reads every archived report. A quick check is made by itself after the "
            "program was not ended properly."
        )
        column.addWidget(label(words, role=Type.SECONDARY, tone="muted", wrap=True))
        self._focus = KeptFocus()
        self.start = button(self.tr("Check now"), icon="shield-check", small=True)
        self.take_in = button(self.tr("Take them in"), small=True)
        self.begin_anew = button(self.tr("Begin anew from the archive…"), small=True)
        column.addLayout(labelled_row(self.start, self.take_in, self.begin_anew))
        self.status = label("", wrap=True, selectable=True)
        column.addWidget(self.status)
        self.status.hide()
        self.take_in.hide()
        self.begin_anew.hide()
        self.question: QMessageBox | None = None
        self.start.clicked.connect(self.check)
        self.take_in.clicked.connect(self._take_in)
        self.begin_anew.clicked.connect(self._ask_anew)

    def check(self) -> None:
        """Look now."""
        self._begin(self.tr("Checking…"))
        self._tasks.run(self._look, owner=self, done=self._show, failed=self._failed)

    def _look(self) -> tuple[tuple[Issue, ...], int, tuple[LostNote, ...]]:
        try:
            issues = self._services.maintenance.check()
        except StoreError as error:
            if error.code != "database_corrupt":
                raise
            issues = (Issue("database_damaged", error.code),)
        if any(issue.code == "database_damaged" for issue in issues):
            return issues, 0, ()
        return issues, len(self._services.recovery.unknown()), self._services.maintenance.notes_without_trade()

    def _show(self, result: tuple[tuple[Issue, ...], int, tuple[LostNote, ...]]) -> None:
        issues, unknown, lost = result
        self._focus.enable(self.start)
        self.begin_anew.setVisible(any(issue.code == "database_damaged" for issue in issues))
        lines = [describe_issue(issue) for issue in issues[:_SHOWN]]
        if len(issues) > _SHOWN:
            lines.append(self.tr("… and %Ln more.", "", len(issues) - _SHOWN))
        if unknown:
            one = self.tr("1 report in the archive is not in the journal.")
            lines.append(one if unknown == 1 else self.tr("%Ln reports in the archive are not in the journal.", "", unknown))
        self.take_in.setVisible(bool(unknown))
        told = [] if lines else [self.tr("Database and archive are sound.")]
        told += [lost_notes_text(lost)] if lost else []
        say(self.status, "\n".join(lines + told), "warning" if lines else "positive")

    def _ask_anew(self) -> None:
        if self._tasks.busy:
            say(self.status, self.tr("A fetch or an import is under way. Please try again when it has ended."), "warning")
            return
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.NoIcon)
        box.setWindowTitle(self.tr("Begin anew from the archive"))
        box.setText(self.tr("Make the journal anew from the archive?"))
        box.setInformativeText(
            self.tr(
                "The damaged database is kept. Depots, notes and decisions are taken over as far as they can still be read, and "
                "all reports in the archive are taken in again. Where there is a good backup, putting it back is the better way."
            )
        )
        anew = box.addButton(self.tr("Begin anew"), QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(box.addButton(self.tr("Leave as it is"), QMessageBox.ButtonRole.RejectRole))
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        anew.clicked.connect(self._anew)
        self.question = box
        box.open()

    def _anew(self) -> None:
        self._begin(self.tr("Reading…"))
        self._tasks.run(self._make_anew, owner=self, done=self._made_anew, failed=self._failed)

    def _make_anew(self) -> tuple[Path, tuple[ImportedFile, ...]]:
        before, _changes = self._services.maintenance.begin_anew()
        return before, self._services.recovery.take_in()

    def _made_anew(self, result: tuple[Path, tuple[ImportedFile, ...]]) -> None:
        before, files = result
        self._taken(files)
        kept = self.tr("The damaged database is kept as {file}.").format(file=before.name)
        say(self.status, "\n".join(part for part in (self.status.text(), kept) if part), "positive")
        self.changed.emit(EVERYTHING)

    def _take_in(self) -> None:
        self._begin(self.tr("Reading…"))
        self._tasks.run(self._services.recovery.take_in, owner=self, done=self._taken, failed=self._failed)

    def _taken(self, files: tuple[ImportedFile, ...]) -> None:
        self._focus.enable(self.start)
        failed = [errors.describe(file.error).sentence for file in files if file.error is not None]
        good = len(files) - len(failed)
        taken = self.tr("1 report taken in.") if good == 1 else self.tr("%Ln reports taken in.", "", good)
        lines = ([taken] if good else []) + failed
        say(self.status, "\n".join(lines), "warning" if failed else "positive")
        changes = Changes(reports=True)
        for file in files:
            changes |= file.changes
        self.changed.emit(changes)

    def _begin(self, words: str) -> None:
        self._focus.disable(self.start)
        self.take_in.hide()
        self.begin_anew.hide()
        say(self.status, words, "muted")

    def _failed(self, error: Exception) -> None:
        assert isinstance(error, JournalError)  # noqa: S101 - what TaskRunner promises
        self._focus.enable(self.start)
        say(self.status, errors.describe(error).sentence, "warning")


class RebuildPanel(QWidget):
    """Everything that comes of reports made anew from the archive, with progress, and cancelled within moments."""

    changed = Signal(object)
    """`Changes`, after a rebuild."""

    def __init__(self, services: Services, tasks: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._services, self._tasks = services, tasks
        self._cancel: CancelToken | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(label(self.tr("Build everything anew"), role=Type.SYMBOL, tone="strong"))
        words = self.tr(
            "Reads all archived reports once more and makes executions, trades, cash and positions from them. Notes, depots "
            "and what you decided about strategies and campaigns are not touched. Until it is done, the journal stays as it is."
        )
        column.addWidget(label(words, role=Type.SECONDARY, tone="muted", wrap=True))
        self._focus = KeptFocus()
        self.start = button(self.tr("Build anew"), icon="refresh-cw", small=True)
        self.cancel = button(self.tr("Cancel"), small=True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 1000)
        self.bar.setFixedWidth(220)
        self.bar.setAccessibleName(self.tr("Progress"))
        column.addLayout(labelled_row(self.start, self.cancel, self.bar))
        self.status = label("", wrap=True, selectable=True)
        column.addWidget(self.status)
        for each in (self.cancel, self.bar, self.status):
            each.hide()
        self.start.clicked.connect(self.rebuild)
        self.cancel.clicked.connect(self._on_cancel)

    def rebuild(self) -> None:
        """Begin, unless something else is under way."""
        if self._tasks.busy:
            say(self.status, self.tr("A fetch or an import is under way. Please try again when it has ended."), "warning")
            return
        self._cancel = cancel = CancelToken()
        self._focus.disable(self.start)
        self.cancel.show()
        self.bar.setValue(0)
        self.bar.show()
        say(self.status, self.tr("Reading the archive…"), "muted")
        self._tasks.run(self._work, cancel, token=cancel, owner=self, done=self._done, failed=self._failed)

    def _work(self, cancel: CancelToken) -> int | None:
        """Return how many reports were found that the journal did not know, None where it was cancelled."""

        def told(progress: Progress) -> None:
            self._tasks.call(self._tell, progress)

        try:
            self._services.maintenance.rebuild_from_archive(cancel=cancel, progress=told)
        except Cancelled:
            return None
        return len(self._services.recovery.take_in(progress=told))

    def _tell(self, progress: Progress) -> None:
        if self._cancel is not None and not self._cancel.cancelled:
            self.bar.setValue(round(1000 * (progress.fraction or 0)))
            say(self.status, progress_text(progress), "muted")

    def _on_cancel(self) -> None:
        if self._cancel is not None:
            self._cancel.cancel()
            say(self.status, self.tr("Cancelling…"), "muted")

    def _done(self, found: int | None) -> None:
        self._end()
        if found is None:
            say(self.status, self.tr("Cancelled. The journal is as it was."), "muted")
            return
        words = self.tr("Everything was built anew from the archive.")
        if found:
            one = self.tr("1 report was found there that the journal did not know.")
            more = self.tr("%Ln reports were found there that the journal did not know.", "", found)
            words += " " + (one if found == 1 else more)
        say(self.status, words, "positive")
        self.changed.emit(EVERYTHING)

    def _failed(self, error: Exception) -> None:
        assert isinstance(error, JournalError)  # noqa: S101 - what TaskRunner promises
        self._end()
        say(self.status, errors.describe(error).sentence, "warning")

    def _end(self) -> None:
        self._cancel = None
        self._focus.enable(self.start)
        self.cancel.hide()
        self.bar.hide()
