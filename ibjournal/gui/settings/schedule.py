"""When reports are fetched by themselves, and what the program does while its window is closed. Applied at once."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime, time
from pathlib import Path

from PySide6.QtCore import Qt, QTime, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QTimeEdit, QVBoxLayout, QWidget

from ibjournal.gui import autostart
from ibjournal.gui.bundle import Services
from ibjournal.gui.preferences import Preferences
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.theme import Type
from ibjournal.gui.tray import Tray
from ibjournal.gui.widgets.labels import label, set_tone
from ibjournal.services.autosync import Schedule
from ibjournal.services.schedule import NEW_YORK, PUBLISHED

_SUGGESTED = time(18, 30)
_INDENT = 24


class SchedulePage(QWidget):
    """Choices that the program keeps: the schedule in the journal, tray and session start on this computer.

    Args:
        services: keep the schedule.
        tasks: runs what touches the database.
        preferences: keep what concerns the window.
        autostart_file: what starts the program with the session; the system's own place by default.
        tray_available: whether this desktop has a tray.
    """

    background_changed = Signal()
    """Tray or closing were changed."""

    def __init__(
        self,
        services: Services,
        tasks: TaskRunner,
        preferences: Preferences,
        *,
        autostart_file: Path | None = None,
        tray_available: Callable[[], bool] = Tray.available,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._services, self._tasks, self._preferences = services, tasks, preferences
        self._file = autostart_file or autostart.file_for(sys.platform, Path.home())
        self._tray_available = tray_available
        self._filling = False
        self._saving = False
        self._dirty = False
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(10)
        column.addWidget(label(self.tr("Schedule"), role=Type.TITLE, tone="strong"))
        self._build_schedule(column)
        column.addSpacing(10)
        column.addWidget(label(self.tr("In the background"), role=Type.SYMBOL, tone="strong"))
        self._build_background(column)
        column.addStretch(1)
        self._fill(Schedule())
        self._connect()

    def _build_schedule(self, column: QVBoxLayout) -> None:
        column.addWidget(label(self.tr("Fetch reports by itself"), role=Type.SYMBOL, tone="strong"))
        self.at_start = QCheckBox(self.tr("When the program starts"))
        self.when_due = QCheckBox(self.tr("Once Activity is due"))
        self.daily = QCheckBox(self.tr("Daily at"))
        self.daily_at = QTimeEdit(QTime(_SUGGESTED.hour, _SUGGESTED.minute))
        self.daily_at.setDisplayFormat("HH:mm")
        self.daily_at.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.daily_at.setAccessibleName(self.tr("Time of the daily fetch"))
        column.addWidget(self.at_start)
        column.addWidget(self.when_due)
        hint = self.tr(
            "IBKR publishes Activity on the morning after each business day, from about {time} on your clock. "
            "Where it is late, the program asks again a few times a day, further and further apart."
        ).format(time=_publishing_time().strftime("%H:%M"))
        column.addWidget(_hint(hint))
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.daily)
        row.addWidget(self.daily_at)
        row.addStretch(1)
        column.addLayout(row)
        column.addWidget(_hint(self.tr("A fetch that the computer slept through is made up for when it wakes.")))
        self.nothing = label(
            self.tr("Nothing is fetched by itself; the button at the top always works."), role=Type.SECONDARY, tone="muted"
        )
        column.addWidget(self.nothing)
        column.addWidget(label(self.tr("Depots that are paused are left out."), role=Type.SECONDARY, tone="muted", wrap=True))

    def _build_background(self, column: QVBoxLayout) -> None:
        self.tray = QCheckBox(self.tr("Show an icon in the tray"))
        self.close_to_tray = QCheckBox(self.tr("Go on in the tray when the window is closed"))
        self.session = QCheckBox(self.tr("Start with the session"))
        self.trouble = label("", role=Type.SECONDARY, tone="muted", wrap=True)
        self.no_tray = _hint(self.tr("This desktop has no tray: fetching goes on as long as the window is open."))
        column.addWidget(self.tray)
        column.addWidget(self.close_to_tray)
        column.addWidget(self.no_tray)
        column.addWidget(self.session)
        column.addWidget(_hint(self.tr("Begins without a window, where there is a tray.")))
        column.addWidget(self.trouble)
        self.trouble.hide()

    def _connect(self) -> None:
        for box in (self.at_start, self.when_due, self.daily):
            box.toggled.connect(self._save)
        self.daily_at.editingFinished.connect(self._save)
        self.tray.toggled.connect(self._on_background)
        self.close_to_tray.toggled.connect(self._on_background)
        self.session.toggled.connect(self._on_session)

    def load(self) -> None:
        """Ask for what is chosen; called whenever the page is shown."""
        self._tasks.run(self._services.autosync.schedule, owner=self, done=self._fill)

    def chosen(self) -> Schedule:
        """Return what the page shows."""
        at = self.daily_at.time()
        return Schedule(
            at_start=self.at_start.isChecked(),
            when_due=self.when_due.isChecked(),
            daily_at=time(at.hour(), at.minute()) if self.daily.isChecked() else None,
        )

    def _fill(self, schedule: Schedule) -> None:
        self._filling = True
        self.at_start.setChecked(schedule.at_start)
        self.when_due.setChecked(schedule.when_due)
        self.daily.setChecked(schedule.daily_at is not None)
        if schedule.daily_at is not None:
            self.daily_at.setTime(QTime(schedule.daily_at.hour, schedule.daily_at.minute))
        self.tray.setChecked(self._preferences.tray)
        self.close_to_tray.setChecked(self._preferences.close_to_tray)
        self.session.setChecked(autostart.is_enabled(self._file))
        self._filling = False
        self._enable()

    def _enable(self) -> None:
        self.daily_at.setEnabled(self.daily.isChecked())
        self.nothing.setVisible(not self.chosen().active)
        there = self._tray_available()
        self.tray.setEnabled(there)
        self.close_to_tray.setEnabled(there and self.tray.isChecked())
        self.no_tray.setVisible(not there)

    def _save(self) -> None:
        if self._filling:
            return
        self._enable()
        if self._saving:  # one after the other: two writers could end in the wrong order
            self._dirty = True
            return
        self._saving = True
        self._tasks.run(self._services.autosync.set_schedule, self.chosen(), owner=self, done=self._saved, failed=self._not_saved)

    def _saved(self, _nothing: object) -> None:
        self._saving = False
        if self._dirty:
            self._dirty = False
            self._save()

    def _not_saved(self, error: Exception) -> None:
        self._saving = self._dirty = False
        self._tasks.error.emit(error)
        self.load()

    def _on_background(self) -> None:
        if self._filling:
            return
        self._preferences.tray = self.tray.isChecked()
        self._preferences.close_to_tray = self.close_to_tray.isChecked()
        self._enable()
        self.background_changed.emit()

    def _on_session(self, wanted: bool) -> None:  # noqa: FBT001 - the slot of a toggle
        if self._filling:
            return
        try:
            if wanted:
                autostart.enable(self._file, autostart.own_command(self._preferences.folder), system=sys.platform)
            else:
                autostart.disable(self._file)
        except OSError:
            self.trouble.setText(self.tr("The file that starts programs could not be written: {file}").format(file=self._file))
            set_tone(self.trouble, "warning")
            self.trouble.show()
            self._filling = True
            self.session.setChecked(autostart.is_enabled(self._file))
            self._filling = False
        else:
            self.trouble.hide()


def _hint(text: str) -> QWidget:
    hint = label(text, role=Type.SECONDARY, tone="muted", wrap=True)
    hint.setContentsMargins(_INDENT, 0, 0, 4)
    return hint


def _publishing_time() -> datetime:
    """Return when IBKR publishes today, on this computer's clock."""
    return datetime.combine(datetime.now(NEW_YORK).date(), PUBLISHED, NEW_YORK).astimezone()
