"""Backups in the settings: the list, making one, putting one back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path, PurePath

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QMessageBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ibjournal.domain.errors import JournalError
from ibjournal.gui import errors, file_places
from ibjournal.gui.bundle import Services
from ibjournal.gui.safety_texts import brought_over
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.theme import Type
from ibjournal.gui.widgets import formats
from ibjournal.gui.widgets.kept_focus import KeptFocus
from ibjournal.gui.widgets.labels import button, hairline, label, set_tone
from ibjournal.gui.widgets.panel import Panel
from ibjournal.services.backups import DAYS, MONTHS, WEEKS, BackupFile, BackupKind
from ibjournal.services.changes import EVERYTHING
from ibjournal.services.importing import ImportedFile
from ibjournal.services.salvage import BroughtOver
from ibjournal.services.stray_notes import LostNote


@dataclass(frozen=True, slots=True, kw_only=True)
class _PutBack:
    """What came of it."""

    before: Path
    brought: BroughtOver
    lost: tuple[LostNote, ...]
    files: tuple[ImportedFile, ...]
    error: JournalError | None


class BackupsPanel(QWidget):
    """Lists the journal's backups. Nothing is put back while anything else is under way."""

    changed = Signal(object)
    """`Changes`, after a backup was put back."""

    def __init__(self, services: Services, tasks: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._services, self._tasks = services, tasks
        self.restores: list[QPushButton] = []
        self.question: QMessageBox | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        words = self.tr(
            "On each day on which something changed the journal makes a backup by itself. It keeps one for each of the last "
            "{days} days, {weeks} weeks and {months} months."
        ).format(days=DAYS, weeks=WEEKS, months=MONTHS)
        column.addWidget(label(words, wrap=True))
        words = self.tr(
            "A backup holds trades, notes, depots and the log. The reports as IBKR sent them lie in the archive beside it; "
            "tokens lie in the keyring and are in no backup."
        )
        column.addWidget(label(words, role=Type.SECONDARY, tone="muted", wrap=True))
        self.make = button(self.tr("Back up now"), icon="save", small=True)
        self._focus = KeptFocus()
        self.save = button(self.tr("Save a copy…"), small=True)
        self.open = button(self.tr("Put back a file…"), small=True)
        self.panel = Panel(self.tr("Backups"), "", [self.save, self.open, self.make])
        self._grid = QGridLayout()
        self._grid.setContentsMargins(16, 8, 12, 10)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(5)
        self._grid.setColumnStretch(1, 1)
        self.panel.body.addWidget(hairline())
        self.panel.body.addLayout(self._grid)
        column.addWidget(self.panel)
        self.status = label("", wrap=True, selectable=True)
        self.status.hide()
        column.addWidget(self.status)
        self.make.clicked.connect(self._make)
        self.save.clicked.connect(self._ask_where)
        self.open.clicked.connect(self._ask_which)

    def load(self) -> None:
        """Ask for the backups again."""
        self._tasks.run(self._services.backups.list_backups, owner=self, done=self._show)

    def _show(self, files: tuple[BackupFile, ...]) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        self.restores = []
        size = sum(each.size for each in files)
        count = self.tr("1 backup") if len(files) == 1 else self.tr("%n backups", "", len(files))
        self.panel.set_subtitle(f"{count}, {formats.size(size)}" if files else self.tr("none yet"))
        if not files:
            self._grid.addWidget(label(self.tr("The first one is made after the first fetch or import."), tone="muted"), 0, 0, 1, 4)
        for line, each in enumerate(files):
            made = moment_words(each.made_at)
            restore = button(self.tr("Put back…"), small=True)
            restore.setAccessibleName(self.tr("Put back the backup of {moment}").format(moment=made))
            restore.clicked.connect(partial(self.ask, each.path, made))
            self.restores.append(restore)
            size_label = label(formats.size(each.size), tone="muted")
            size_label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            for place, widget in enumerate((label(made), label(self._kind(each.kind), tone="muted"), size_label, restore)):
                self._grid.addWidget(widget, line, place)

    def _kind(self, kind: BackupKind) -> str:
        return {
            BackupKind.AUTOMATIC: self.tr("made by itself"),
            BackupKind.BY_HAND: self.tr("made by you"),
            BackupKind.BEFORE_RESTORE: self.tr("before a backup was put back"),
            BackupKind.BEFORE_UPDATE: self.tr("before an update of the program"),
        }[kind]

    # --- making

    def _make(self) -> None:
        self._set_busy(self.tr("Making a backup…"))
        self._tasks.run(self._services.backups.make, owner=self, done=self._made, failed=self._failed)

    def _made(self, _file: BackupFile) -> None:
        self._say(self.tr("The backup is made and checked."), "positive")
        self.load()

    def _ask_where(self) -> None:
        dialog = QFileDialog(self, self.tr("Save a copy"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("db")
        file_places.begin(dialog, "ibjournal.db")
        dialog.setNameFilters([self.tr("Backups (*.db)"), self.tr("All files (*)")])
        dialog.fileSelected.connect(self.save_to)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def save_to(self, name: str) -> None:
        """Write a backup to a file that the user chose."""
        self._set_busy(self.tr("Making a backup…"))
        self._tasks.run(
            self._services.maintenance.backup, Path(name), owner=self, done=lambda _none: self._saved(name), failed=self._failed
        )

    def _saved(self, name: str) -> None:
        self._say(self.tr("The copy is written and checked: {file}").format(file=name), "positive")

    # --- putting back

    def _ask_which(self) -> None:
        dialog = QFileDialog(self, self.tr("Put back a backup"))
        file_places.begin(dialog)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([self.tr("Backups (*.db)"), self.tr("All files (*)")])
        dialog.fileSelected.connect(lambda name: self.ask(Path(name), PurePath(name).name))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def ask(self, path: Path, name: str) -> None:
        """Say what will be replaced, and ask."""
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.NoIcon)
        box.setWindowTitle(self.tr("Put back a backup"))
        box.setText(self.tr("Put back the backup {name}?").format(name=name))
        box.setInformativeText(
            self.tr(
                "Trades, depots and the log are replaced by those of the backup; what is there now is kept as a backup first. "
                "Reports that came since are taken in again from the archive."
            )
        )
        words = QCheckBox(self.tr("Take over notes and decisions that are newer than the backup"))
        words.setChecked(True)
        box.setCheckBox(words)
        put_back = box.addButton(self.tr("Put back"), QMessageBox.ButtonRole.DestructiveRole)
        keep = box.addButton(self.tr("Leave as it is"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(keep)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        put_back.clicked.connect(lambda: self.restore(path, with_words=words.isChecked()))
        self.question = box
        box.open()

    def restore(self, path: Path, *, with_words: bool = True) -> None:
        """Put a backup back, then take in what came since, and what the user wrote since where that is wanted."""
        if self._tasks.busy:
            self._say(self.tr("A fetch or an import is under way. Please try again when it has ended."), "warning")
            return
        self._set_busy(self.tr("Putting the backup back…"))
        self._tasks.run(self._restore, path, with_words, owner=self, done=self._restored, failed=self._failed)

    def _restore(self, path: Path, with_words: bool) -> _PutBack:  # noqa: FBT001 - called through the task runner
        maintenance = self._services.maintenance
        brought = BroughtOver()
        if with_words:
            before, brought = maintenance.put_back(path)
        else:
            before, _changes = maintenance.restore(path)
        files: tuple[ImportedFile, ...] = ()
        trouble: JournalError | None = None
        try:
            files = self._services.recovery.take_in()
        except JournalError as error:
            trouble = error
        return _PutBack(before=before, brought=brought, lost=maintenance.notes_without_trade(), files=files, error=trouble)

    def _restored(self, result: _PutBack) -> None:
        kept = self.tr("What was there before is kept as {file}.").format(file=result.before.name)
        parts = [self.tr("The backup is put back."), kept]
        good = sum(file.error is None for file in result.files)
        if good:
            came = self.tr("1 report that came since was taken in again.")
            parts.append(came if good == 1 else self.tr("%Ln reports that came since were taken in again.", "", good))
        parts += brought_over(result.brought, result.lost)
        failed = [file.error for file in result.files if file.error is not None]
        failed += [result.error] if result.error is not None else []
        parts += [errors.describe(each).sentence for each in failed]
        self._say(" ".join(parts), "warning" if failed or result.brought.unreadable else "positive")
        self.load()
        self.changed.emit(EVERYTHING)

    # --- words

    def _failed(self, error: Exception) -> None:
        assert isinstance(error, JournalError)  # noqa: S101 - what TaskRunner promises
        self._say(errors.describe(error).sentence, "warning")
        self.load()

    def _set_busy(self, words: str) -> None:
        say(self.status, words, "muted")
        self._focus.disable(self.make, self.save, self.open, *self.restores)

    def _say(self, words: str, tone: str) -> None:
        self._focus.enable(self.make, self.save, self.open, *self.restores)
        say(self.status, words, tone)


def moment_words(value: datetime) -> str:
    """Return a moment as day and time of this computer."""
    local = value.astimezone()
    return f"{formats.full_day(local.date())}, {formats.clock(value)}"


def say(status: QLabel, words: str, tone: str) -> None:
    """Show words below what they are about."""
    status.setText(words)
    set_tone(status, tone)
    status.setVisible(bool(words))


def labelled_row(*widgets: QWidget) -> QHBoxLayout:
    """Return widgets in a row, at the left."""
    row = QHBoxLayout()
    row.setSpacing(8)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return row
