"""Reminders of tokens that expire, and of what the query doctor found: one line in the window, one notification, once each."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal
from PySide6.QtDBus import QDBusConnection, QDBusMessage

from ibjournal.gui.bundle import Services
from ibjournal.gui.depots.findings import pressing
from ibjournal.gui.errors import Button
from ibjournal.gui.preferences import Preferences
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.widgets import formats
from ibjournal.gui.widgets.error_bar import Message
from ibjournal.services.doctor import QueryFindings
from ibjournal.services.reminders import EXPIRED, Reminder

_HOUR_MS = 3_600_000
_NAMED = 3
"""Of more depots than this only the first few are named."""
_CALM = 7
"""Days from which a reminder is no mere information any more."""
DOCTOR = ("doctor", None)
"""The data of the message about findings."""
_FINDINGS_TOLD = "doctor-told"


class Reminders(QObject):
    """Asks at the start and every hour which tokens to remind of; a computer may run for weeks.

    Args:
        services: know which reminders are due.
        tasks: runs what touches the database.
        today: the user's day.
    """

    told = Signal(object)
    """A `Message` for the bar of the window."""
    notified = Signal(str, str)
    """Title and text of a notification of the system."""

    def __init__(self, services: Services, tasks: TaskRunner, *, today: Callable[[], date], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services, self._tasks, self._today = services, tasks, today
        self._timer = QTimer(self)
        self._timer.setInterval(_HOUR_MS)
        self._timer.timeout.connect(self.check)
        self._timer.start()

    def check(self) -> None:
        """Look whether a reminder is due, and give it."""
        self._tasks.run(self._services.reminders.take_due, self._today(), owner=self, done=self._give, failed=lambda _error: None)

    def _give(self, reminders: tuple[Reminder, ...]) -> None:
        for reminder in reminders:
            self.told.emit(message_of(reminder))
            title, text = words_of(reminder)
            self.notified.emit(title, text)


class DoctorNotice(QObject):
    """Says once, after a fetch, that queries should be set up otherwise; says it again when something else is found.

    Args:
        services: know what was found.
        tasks: runs what reads reports.
        preferences: remember what was told.
    """

    told = Signal(object)
    """A `Message` for the bar of the window."""

    def __init__(self, services: Services, tasks: TaskRunner, preferences: Preferences, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services, self._tasks, self._preferences = services, tasks, preferences

    def check(self) -> None:
        """Look at the last report of each query."""
        self._tasks.run(self._services.doctor.findings, owner=self, done=self._tell, failed=lambda _error: None)

    def _tell(self, queries: tuple[QueryFindings, ...]) -> None:
        count = pressing(queries)
        found = sorted((each.depot, each.slot, one.code, one.section) for each in queries for one in each.findings)
        mark = hashlib.sha256(repr(found).encode()).hexdigest()[:16] if count else ""
        if mark == self._preferences.text(_FINDINGS_TOLD):
            return
        self._preferences.set_text(_FINDINGS_TOLD, mark)
        if count:
            self.told.emit(self._message(count))

    def _message(self, count: int) -> Message:
        one, several = self.tr("Your queries lack 1 thing."), self.tr("Your queries lack %Ln things.", "", count)
        return Message(
            title=one if count == 1 else several,
            text=self.tr("Some figures suffer from it. The clicks that mend it stand under Reports."),
            button=self.tr("Show"),
            icon="stethoscope",
            kind="info",
            data=DOCTOR,
            waits=True,
        )


def words_of(reminder: Reminder) -> tuple[str, str]:
    """Return what a reminder says: a title and a sentence; never a token, never an account number but as a depot's name."""
    translate = QCoreApplication.translate
    depots, day = _names(reminder.names), formats.full_day(reminder.expires)
    if reminder.left < 0:
        title = translate("Reminders", "The token of {depots} has expired.")
    elif reminder.ends is not None:
        title = translate("Reminders", "The token of {depots} expires at {time}.")
    elif reminder.step == EXPIRED:
        title = translate("Reminders", "The token of {depots} expires today.")
    elif reminder.left == 1:
        title = translate("Reminders", "The token of {depots} expires tomorrow.")
    else:
        title = translate("Reminders", "The token of {depots} expires in {days} days.")
    text = translate("Reminders", "It is valid until {day}. A new one takes two minutes; the query ids stay as they are.")
    if reminder.left < 0:
        text = translate("Reminders", "It was valid until {day}. A new one takes two minutes; the query ids stay as they are.")
    return title.format(depots=depots, days=reminder.left, time=formats.clock(reminder.ends)), text.format(day=day)


def _names(names: tuple[str, ...]) -> str:
    """Return the names of depots as a sentence lists them; of many the first few, and how many more there are."""
    translate = QCoreApplication.translate
    if len(names) == 1:
        return names[0]
    if len(names) <= _NAMED:
        return translate("Reminders", "{depots} and {last}").format(depots=", ".join(names[:-1]), last=names[-1])
    few = ", ".join(names[: _NAMED - 1])
    return translate("Reminders", "{depots} and {count} more").format(depots=few, count=len(names) - _NAMED + 1)


def message_of(reminder: Reminder) -> Message:
    """Return the line for the bar: calm as long as there is time."""
    title, text = words_of(reminder)
    return Message(
        title=title,
        text=text,
        button=QCoreApplication.translate("Reminders", "Renew token"),
        icon="key-round",
        kind="warning" if reminder.step <= _CALM else "info",
        data=(Button.RENEW, reminder.depots[0]),
        waits=True,
    )


def notify(title: str, text: str) -> bool:
    """Show a notification of the desktop without a tray, through its portal; return whether there is a bus to send it by.

    Does not wait for an answer, and a desktop without a portal is no error.
    """
    bus = QDBusConnection.sessionBus()
    if not bus.isConnected():
        return False
    message = QDBusMessage.createMethodCall(
        "org.freedesktop.portal.Desktop",
        "/org/freedesktop/portal/desktop",
        "org.freedesktop.portal.Notification",
        "AddNotification",
    )
    name = hashlib.sha256(title.encode()).hexdigest()[:16]  # another reminder stands beside this one, the same replaces it
    message.setArguments([f"ibjournal-{name}", {"title": title, "body": text, "priority": "normal"}])
    return bus.send(message)
