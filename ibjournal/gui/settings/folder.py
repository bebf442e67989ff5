"""The data folder in the settings: where it is, moving it, and what was left at the former place."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QMessageBox, QProgressBar, QVBoxLayout, QWidget

from ibjournal.domain.errors import Cancelled, JournalError
from ibjournal.gui import errors, file_places
from ibjournal.gui.bundle import Services
from ibjournal.gui.settings.backups import labelled_row, say
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.theme import Type
from ibjournal.gui.widgets.kept_focus import KeptFocus
from ibjournal.gui.widgets.labels import button, label
from ibjournal.services.jobs import CancelToken, Progress


class FolderPanel(QWidget):
    """Moves the journal; the program ends then, since nothing may be written to the former place any more."""

    def __init__(self, services: Services, tasks: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._services, self._tasks = services, tasks
        self._cancel: CancelToken | None = None
        self.question: QMessageBox | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(label(self.tr("Data folder"), role=Type.SYMBOL, tone="strong"))
        self.place = label("", wrap=True, selectable=True)
        column.addWidget(self.place)
        words = self.tr(
            "Database, archive and backups lie there. Moving it copies everything, compares the copy, and keeps the former folder "
            "until you delete it; tokens stay in the keyring."
        )
        column.addWidget(label(words, role=Type.SECONDARY, tone="muted", wrap=True))
        self.open = button(self.tr("Open folder"), icon="folder-open", small=True)
        self._focus = KeptFocus()
        self.move_button = button(self.tr("Move…"), small=True)
        self.cancel = button(self.tr("Cancel"), small=True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 1000)
        self.bar.setFixedWidth(220)
        self.bar.setAccessibleName(self.tr("Progress"))
        column.addLayout(labelled_row(self.open, self.move_button, self.cancel, self.bar))
        given = self.tr(
            "This folder was given at the start of the program (--data-dir, or the demo), so the program does not move it: the "
            "next start would look for it here. To move it, end the program, move the folder by hand, and give the new one."
        )
        self.given = label(given, role=Type.SECONDARY, tone="muted", wrap=True)
        self.given.hide()
        column.addWidget(self.given)
        self.status = label("", wrap=True, selectable=True)
        column.addWidget(self.status)
        self.former = label("", role=Type.SECONDARY, tone="muted", wrap=True, selectable=True)
        self.forget = button(self.tr("Delete the former folder…"), small=True)
        column.addWidget(self.former)
        column.addLayout(labelled_row(self.forget))
        for each in (self.cancel, self.bar, self.status, self.former, self.forget):
            each.hide()
        self.open.clicked.connect(self._open)
        self.move_button.clicked.connect(self._ask_where)
        self.cancel.clicked.connect(lambda: self._cancel.cancel() if self._cancel is not None else None)
        self.forget.clicked.connect(self._ask_forget)

    def load(self) -> None:
        """Ask where the journal lies."""
        moving = self._services.moving
        self._tasks.run(lambda: (moving.folder, moving.movable, moving.former()), owner=self, done=self._show)

    def _show(self, known: tuple[Path, bool, Path | None]) -> None:
        folder, movable, former = known
        self.place.setText(str(folder))
        self.move_button.setVisible(movable)
        self.given.setVisible(not movable)
        self.former.setText(self.tr("The journal was moved; what it was copied from is still in {folder}.").format(folder=former))
        self.former.setVisible(former is not None)
        self.forget.setVisible(former is not None)

    def _open(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(self.place.text()))

    def _ask_where(self) -> None:
        dialog = QFileDialog(self, self.tr("An empty folder for the journal"))
        file_places.begin(dialog)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(self.move_to)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def move_to(self, name: str) -> None:
        """Move the journal to an empty folder, unless something else is under way."""
        if self._tasks.busy:
            say(self.status, self.tr("A fetch or an import is under way. Please try again when it has ended."), "warning")
            return
        self._cancel = cancel = CancelToken()
        self._focus.disable(self.move_button)
        self.cancel.show()
        self.bar.setValue(0)
        self.bar.show()
        say(self.status, self.tr("Copying…"), "muted")
        self._tasks.run(
            self._work,
            Path(name),
            cancel,
            token=cancel,
            owner=self,
            done=lambda done: self._done(name, done=done),
            failed=self._failed,
        )

    def _work(self, target: Path, cancel: CancelToken) -> bool:
        def told(progress: Progress) -> None:
            self._tasks.call(self._tell, progress)

        try:
            self._services.moving.move(target, cancel=cancel, progress=told)
        except Cancelled:
            return False
        return True

    def _tell(self, progress: Progress) -> None:
        self.bar.setValue(round(1000 * (progress.fraction or 0)))

    def _done(self, name: str, *, done: bool) -> None:
        self._end()
        if not done:
            say(self.status, self.tr("Cancelled. The journal is where it was."), "muted")
            return
        say(self.status, "", "muted")
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.NoIcon)
        box.setWindowTitle(self.tr("Data folder"))
        box.setText(self.tr("The journal lies in {folder} now.").format(folder=name))
        box.setInformativeText(self.tr("The program ends now. Please start it again; it finds the new place by itself."))
        box.addButton(self.tr("End the program"), QMessageBox.ButtonRole.AcceptRole)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        # whatever closing the window means: nothing is written to the former place any more
        box.finished.connect(lambda _result: QCoreApplication.exit(0))
        self.question = box
        box.open()

    def _failed(self, error: Exception) -> None:
        assert isinstance(error, JournalError)  # noqa: S101 - what TaskRunner promises
        self._end()
        say(self.status, errors.describe(error).sentence, "warning")

    def _end(self) -> None:
        self._cancel = None
        self._focus.enable(self.move_button)
        self.cancel.hide()
        self.bar.hide()

    def _ask_forget(self) -> None:
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.NoIcon)
        box.setWindowTitle(self.tr("Delete the former folder"))
        box.setText(self.tr("Delete the journal in the former folder?"))
        box.setInformativeText(
            self.tr("Database, archive, backups and logs there are deleted. The journal that is open is not touched.")
        )
        delete = box.addButton(self.tr("Delete"), QMessageBox.ButtonRole.DestructiveRole)
        keep = box.addButton(self.tr("Keep"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(keep)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        delete.clicked.connect(self._forget)
        self.question = box
        box.open()

    def _forget(self) -> None:
        self._tasks.run(self._services.moving.forget_former, owner=self, done=lambda _none: self.load(), failed=self._failed)
