"""Reminders in the window: one line and one notification for each, and the way to the renewal; findings are told once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from ibjournal.domain.depot import DepotId
from ibjournal.domain.period import ALL_TIME
from ibjournal.flex.query_doctor import Finding
from ibjournal.gui import reminders
from ibjournal.gui.errors import Button
from ibjournal.gui.main_window import MainWindow
from ibjournal.gui.preferences import Preferences
from ibjournal.gui.reminders import DOCTOR, DoctorNotice, Reminders, message_of, words_of
from ibjournal.gui.reports.view import ReportsScreen
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.widgets.error_bar import Message
from ibjournal.services.doctor import QueryFindings
from ibjournal.services.reminders import Reminder
from tests.gui.conftest import NOW, TODAY, FakeServices, make_depot, make_report

INCOME, ANNA = make_depot(1, "Income"), make_depot(2, "Anna")
WEEK = Reminder(depots=(DepotId(1), DepotId(2)), names=("Income", "Anna"), expires=date(2026, 11, 25), left=6, step=7)
MISSING = Finding(code="section_missing", section="OpenPositions", screen="positions", need="must")
FOUND = QueryFindings(
    depot=INCOME.id,
    depot_name="Income",
    slot="activity",
    query="101",
    report_type="AF",
    report=1,
    received_at=NOW,
    findings=(MISSING,),
)
Settled = Callable[[], None]


@pytest.mark.parametrize(
    ("left", "step", "title", "kind"),
    [
        (29, 30, "The token of Income and Anna expires in 29 days.", "info"),
        (6, 7, "The token of Income and Anna expires in 6 days.", "warning"),
        (1, 1, "The token of Income and Anna expires tomorrow.", "warning"),
        (0, 0, "The token of Income and Anna expires today.", "warning"),
        (-3, 0, "The token of Income and Anna has expired.", "warning"),
    ],
)
def test_a_reminder_in_words(look: None, left: int, step: int, title: str, kind: str) -> None:
    message = message_of(replace(WEEK, left=left, step=step))
    assert (message.title, message.kind) == (title, kind)
    assert message.data == (Button.RENEW, 1)
    assert ("was valid until 25 Nov 2026" if left < 0 else "is valid until 25 Nov 2026") in message.text


def test_a_reminder_is_told_and_notified(qtbot: QtBot, services: FakeServices, tasks: TaskRunner, settled: Settled) -> None:
    services.reminders.due = (WEEK,)
    watch = Reminders(services.bundle, tasks, today=lambda: TODAY)
    told: list[Message] = []
    notified: list[tuple[str, str]] = []
    watch.told.connect(told.append)
    watch.notified.connect(lambda title, text: notified.append((title, text)))
    watch.check()
    settled()
    watch.check()
    settled()
    assert services.reminders.asked == [TODAY, TODAY]
    assert [message.title for message in told] == ["The token of Income and Anna expires in 6 days."]
    assert notified == [words_of(WEEK)]


def test_it_looks_again_every_hour(services: FakeServices, tasks: TaskRunner, settled: Settled) -> None:
    watch = Reminders(services.bundle, tasks, today=lambda: TODAY)
    assert watch._timer.isActive()
    assert watch._timer.interval() == 3_600_000
    watch._timer.timeout.emit()
    settled()
    assert services.reminders.asked == [TODAY]


def test_the_window_reminds_leads_to_the_renewal_and_is_content_afterwards(
    qtbot: QtBot, services: FakeServices, tasks: TaskRunner, settled: Settled, preferences: Preferences
) -> None:
    services.depots.set(INCOME, ANNA, shared=True)
    services.reminders.due = (WEEK,)
    window = MainWindow(services.bundle, tasks, preferences, [], today=lambda: TODAY)
    qtbot.addWidget(window)
    settled()
    message = window.errors.message
    assert message is not None
    assert message.title.startswith("The token of Income and Anna expires in 6 days")
    window.errors.acted.emit(message.data)
    settled()
    renewal = window.renewals[DepotId(1)]
    renewal.entry.setChecked(False)
    renewal.token.line.set_token("123456789012345678901234")
    renewal.save.click()
    settled()
    assert window.errors.message is None
    assert window.renewals == {}


@pytest.fixture
def notice(services: FakeServices, tasks: TaskRunner, preferences: Preferences) -> tuple[DoctorNotice, list[Message]]:
    made = DoctorNotice(services.bundle, tasks, preferences)
    told: list[Message] = []
    made.told.connect(told.append)
    return made, told


def test_findings_are_told_once_until_there_are_others(
    notice: tuple[DoctorNotice, list[Message]], services: FakeServices, settled: Settled
) -> None:
    watch, told = notice

    def look() -> list[str]:
        told.clear()
        watch.check()
        settled()
        return [message.title for message in told]

    assert look() == []
    services.doctor.found = (FOUND,)
    assert look() == ["Your queries lack 1 thing."]
    assert look() == []
    services.doctor.found = (replace(FOUND, report=2),)  # another report that lacks the same
    assert look() == []
    more = Finding(code="fields_missing", section="Trades", fields=("dateTime",))
    services.doctor.found = (replace(FOUND, findings=(MISSING, more)),)
    assert look() == ["Your queries lack 2 things."]
    services.doctor.found = ()
    assert look() == []
    services.doctor.found = (FOUND,)
    assert look() == ["Your queries lack 1 thing."]


def test_what_only_makes_reports_larger_is_not_told(
    notice: tuple[DoctorNotice, list[Message]], services: FakeServices, settled: Settled
) -> None:
    watch, told = notice
    services.doctor.found = (replace(FOUND, findings=(Finding(code="currency_rates_on", need="may"),)),)
    watch.check()
    settled()
    assert told == []


def test_after_a_fetch_the_window_tells_and_leads_to_the_reports(
    qtbot: QtBot, services: FakeServices, tasks: TaskRunner, settled: Settled, preferences: Preferences
) -> None:
    services.depots.set(INCOME)
    services.sync.reports = {INCOME.id: make_report(INCOME)}
    services.doctor.found = (FOUND,)
    screen = ReportsScreen(services.reports, tasks, doctor=services.doctor)  # type: ignore[arg-type]
    window = MainWindow(services.bundle, tasks, preferences, [screen], today=lambda: TODAY)
    qtbot.addWidget(window)
    window.show()
    settled()
    with qtbot.waitSignal(window.sync.finished):
        window.start_sync()
    settled()
    message = window.errors.message
    assert message is not None
    assert message.data == DOCTOR
    window.errors.acted.emit(DOCTOR)
    assert window.current_screen is screen
    assert window.errors.message is None


def test_under_reports_the_findings_stay_until_they_are_mended(
    qtbot: QtBot, services: FakeServices, tasks: TaskRunner, settled: Settled, look: None
) -> None:
    services.doctor.found = (replace(FOUND, findings=(MISSING, Finding(code="currency_rates_on", need="may"))),)
    screen = ReportsScreen(services.reports, tasks, doctor=services.doctor)  # type: ignore[arg-type]
    badges: list[tuple[str, str]] = []
    screen.badge_changed.connect(lambda text, tone: badges.append((text, tone)))
    qtbot.addWidget(screen)
    screen.show()
    screen.set_filter(None, ALL_TIME)
    settled()
    assert len(screen.findings.lines) == 1, "what only makes reports larger is no reason to be in the way"
    assert badges[-1] == ("1", "warning")
    assert any(words.text() == "Income · Activity query 101" for words in screen.findings.findChildren(QLabel))
    services.doctor.found = ()
    screen.load()
    settled()
    assert screen.findings.lines == []
    assert badges[-1] == ("", "warning")


def test_a_desktop_without_a_bus_gets_no_notification(monkeypatch: pytest.MonkeyPatch) -> None:
    class Bus:
        @staticmethod
        def isConnected() -> bool:  # noqa: N802 - Qt's name
            return False

    monkeypatch.setattr("ibjournal.gui.reminders.QDBusConnection.sessionBus", staticmethod(Bus))
    assert not reminders.notify("title", "text")


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("Income",), "The token of Income "),
        (("Income", "Anna"), "The token of Income and Anna "),
        (("A", "B", "C"), "The token of A, B and C "),
        (("A", "B", "C", "D"), "The token of A, B and 2 more "),
    ],
)
def test_many_depots_are_counted_and_not_listed(names: tuple[str, ...], said: str) -> None:
    reminder = Reminder(depots=tuple(DepotId(n) for n in range(len(names))), names=names, expires=TODAY, left=6, step=7)
    assert words_of(reminder)[0].startswith(said)


def test_a_token_of_some_hours_is_reminded_of_with_its_time_of_day(look: None) -> None:
    ends = datetime(2026, 11, 25, 20, 41).astimezone()
    soon = message_of(replace(WEEK, left=0, step=1, ends=ends))
    assert (soon.title, soon.kind) == ("The token of Income and Anna expires at 20:41.", "warning")
    assert message_of(replace(WEEK, left=-1, step=0, ends=ends)).title == "The token of Income and Anna has expired."
