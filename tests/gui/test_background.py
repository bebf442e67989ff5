"""Fetching by itself, the tray, closing into it, starting with the session."""

from __future__ import annotations

import plistlib
import shlex
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QTime
from PySide6.QtWidgets import QApplication, QSystemTrayIcon
from pytestqt.qtbot import QtBot

from ibjournal.domain.errors import FlexError, StoreError
from ibjournal.gui import autostart
from ibjournal.gui.autosync import AFTER_WAKE, LOOK_EVERY, AutoSync
from ibjournal.gui.background import Background
from ibjournal.gui.main_window import MainWindow
from ibjournal.gui.preferences import Preferences
from ibjournal.gui.settings.schedule import SchedulePage
from ibjournal.gui.sync_control import SyncControl
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.tray import Tray, TrayState
from ibjournal.services.autosync import OFF, Schedule
from ibjournal.services.importing import ReportWarning
from ibjournal.services.reports import Run
from tests.gui.conftest import FakeServices, make_depot, make_report

INCOME = make_depot(1, "Income")
NOW = datetime(2026, 11, 19, 12, 0, tzinfo=UTC)
Settled = Callable[[], None]


class Wall:
    """A clock on the wall that a test sets."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def advance(self, by: timedelta) -> None:
        self.now += by


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture
def control(services: FakeServices, tasks: TaskRunner) -> SyncControl:
    services.depots.set(INCOME)
    services.sync.reports = {INCOME.id: make_report(INCOME)}
    return SyncControl(services.bundle, tasks)


@pytest.fixture
def auto(services: FakeServices, tasks: TaskRunner, control: SyncControl, wall: Wall) -> AutoSync:
    return AutoSync(services.bundle, tasks, lambda: control, wall=wall)


# --- by itself


def test_what_is_due_is_fetched(auto: AutoSync, services: FakeServices, wall: Wall, settled: Settled) -> None:
    services.autosync.next = (INCOME.id,)
    auto.look()
    settled()
    assert services.sync.asked == [INCOME.id]
    wall.advance(LOOK_EVERY)
    auto.look()
    settled()
    assert services.autosync.asked == [True, False], "the start comes once"
    assert services.sync.asked == [INCOME.id]


def test_while_something_is_fetched_nobody_asks(
    auto: AutoSync, control: SyncControl, services: FakeServices, settled: Settled
) -> None:
    control.start()
    auto.look()
    assert services.autosync.asked == []
    settled()


def test_after_a_wake_the_network_has_time_to_come_back(
    auto: AutoSync, services: FakeServices, wall: Wall, settled: Settled
) -> None:
    auto.look()
    settled()
    services.autosync.next = (INCOME.id,)
    wall.advance(timedelta(hours=9))
    auto.look()
    settled()
    assert services.sync.asked == []
    wall.advance(AFTER_WAKE)
    auto.look()
    settled()
    assert services.sync.asked == [INCOME.id]


@pytest.mark.parametrize("jump", [timedelta(days=-30), timedelta(days=30), timedelta(hours=-1)])
def test_a_clock_that_jumps_only_makes_it_wait_a_moment(
    auto: AutoSync, services: FakeServices, wall: Wall, settled: Settled, jump: timedelta
) -> None:
    auto.look()
    settled()
    services.autosync.next = (INCOME.id,)
    for _ in range(2):
        wall.advance(jump)
        auto.look()
        jump = -jump
    for _ in range(2):
        wall.advance(LOOK_EVERY)
        auto.look()
        settled()
    assert services.sync.asked == [INCOME.id]


def test_a_database_that_is_busy_is_asked_again_later(auto: AutoSync, services: FakeServices, wall: Wall, settled: Settled) -> None:
    services.autosync.refuse = StoreError("database_locked")
    auto.look()
    settled()
    services.autosync.refuse = None
    services.autosync.next = (INCOME.id,)
    wall.advance(LOOK_EVERY)
    auto.look()
    settled()
    assert services.autosync.asked == [True, True], "the start is not forgotten"
    assert services.sync.asked == [INCOME.id]


# --- tray and window


@pytest.fixture
def window(services: FakeServices, tasks: TaskRunner, preferences: Preferences, qtbot: QtBot, settled: Settled) -> MainWindow:
    services.depots.set(INCOME)
    services.sync.reports = {INCOME.id: make_report(INCOME)}
    window = MainWindow(services.bundle, tasks, preferences, [])
    qtbot.addWidget(window)
    settled()
    return window


@pytest.fixture
def background(
    services: FakeServices, tasks: TaskRunner, preferences: Preferences, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Background]:
    quits = QApplication.quitOnLastWindowClosed()
    background = Background(services.bundle, tasks, preferences, lambda: window)
    background.adopt(window)
    monkeypatch.setattr(Tray, "shown", property(lambda tray: preferences.tray))
    yield background
    background.stop()
    QApplication.setQuitOnLastWindowClosed(quits)


def _state(background: Background) -> str:
    return background.tray.state.name


def test_the_tray_says_how_the_journal_is(
    background: Background, window: MainWindow, services: FakeServices, qtbot: QtBot, settled: Settled
) -> None:
    states: list[TrayState] = []
    window.sync.progressed.connect(lambda *_: states.append(background.tray.state))
    window.sync.running_changed.connect(lambda _running: states.append(background.tray.state))
    with qtbot.waitSignal(window.sync.finished):
        background.tray.fetch_action.trigger()
    settled()
    assert states == [TrayState.SYNCING, TrayState.IDLE]
    services.sync.reports = {INCOME.id: make_report(INCOME, FlexError("token_expired"))}
    with qtbot.waitSignal(window.sync.finished):
        background.tray.fetch_action.trigger()
    settled()
    assert _state(background) == "NEEDS_USER"
    assert not window.renewals, "no window opens by itself while ours is hidden"
    services.sync.reports = {INCOME.id: make_report(INCOME)}
    with qtbot.waitSignal(window.sync.finished):
        background.tray.fetch_action.trigger()
    window.freshness.overall.emit("Through Mon 2 Nov", True)
    assert _state(background) == "STALE"
    assert background.tray.icon.toolTip() == "ibjournal\nThe figures are not up to date\nThrough Mon 2 Nov"
    settled()


def test_what_the_user_must_mend_is_told_once_while_no_window_says_it(
    background: Background, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, str]] = []
    monkeypatch.setattr(background.tray, "tell", lambda *words: told.append(words))
    expired = make_report(INCOME, FlexError("token_expired"))
    window.sync.depot_done.emit(make_report(INCOME, FlexError("no_network")))
    assert not told, "passes by itself"
    window.sync.depot_done.emit(expired)
    assert told == [("The token has expired.", "IBKR no longer accepts the token of Income (code 1012).")]
    window.sync.depot_done.emit(expired)
    behind = make_depot(2, "Long term")
    window.sync.depot_done.emit(make_report(behind, FlexError("token_expired", asked=False)))
    assert len(told) == 1, "the same once more, and a depot that shares the token"
    window.sync.depot_done.emit(make_report(INCOME))
    window.show()
    window.sync.depot_done.emit(expired)
    assert len(told) == 1, "the window says it"
    window.renewals[INCOME.id].close()
    window.close()


def past_run(number: int, *, kind: str = "sync", error: ReportWarning | None = None) -> Run:
    """Return a run of the log."""
    return Run(
        id=number,
        kind=kind,
        depot=INCOME.id,
        depot_name=INCOME.name,
        started_at=NOW,
        ended_at=NOW,
        result="ok" if error is None else "failed",
        error=error,
        steps=(),
        reports=(),
    )


def test_what_waited_for_the_user_before_the_start_is_known(
    background: Background, window: MainWindow, services: FakeServices, settled: Settled
) -> None:
    services.autosync.waiting = (INCOME.id,)
    expired = ReportWarning(code="token_expired", values=(("depot", "Income"), ("number", 1012)))
    services.reports.runs = (past_run(3, kind="import"), past_run(2, error=expired), past_run(1))
    background.start()
    background.autosync.stop()
    settled()
    assert _state(background) == "NEEDS_USER"
    message = window.errors.message
    assert message is not None, "nothing is asked by itself now, so nothing else would say it"
    assert (message.title, message.data) == ("The token has expired.", ("sync", INCOME.id))
    window.sync.depot_done.emit(make_report(INCOME))
    assert window.errors.message is None


def test_a_token_that_waits_for_several_depots_is_told_of_once(
    background: Background, window: MainWindow, services: FakeServices, settled: Settled
) -> None:
    services.autosync.waiting = (INCOME.id,)
    services.reports.runs = (past_run(1, error=ReportWarning(code="token_expired", values=(("asked", False),))),)
    background.start()
    background.autosync.stop()
    settled()
    assert window.errors.message is None, "the depot that was asked for says it"


def test_the_end_of_the_session_is_not_held_up_by_the_tray(
    background: Background, window: MainWindow, preferences: Preferences
) -> None:
    preferences.close_to_tray = True
    window.background_changed.emit()
    window.show()
    assert not window.close(), "it would stay in the tray, and a desktop takes that for a refusal"
    window.show()
    background.let_end()
    assert window.close()
    assert QApplication.quitOnLastWindowClosed()


def test_closing_ends_the_program_unless_it_shall_go_on_in_the_tray(
    background: Background, window: MainWindow, preferences: Preferences
) -> None:
    assert not preferences.close_to_tray, "off by default"
    preferences.close_to_tray = True
    window.background_changed.emit()
    assert not QApplication.quitOnLastWindowClosed()
    window.show()
    assert not window.close()
    assert not window.isVisible()
    background.tray.open_action.trigger()
    assert window.isVisible()
    preferences.tray = False
    window.background_changed.emit()
    assert QApplication.quitOnLastWindowClosed()
    assert window.close(), "without a tray nobody would find it again"


def test_what_comes_after_the_end_finds_nothing_to_do(background: Background, window: MainWindow) -> None:
    background.stop()
    background.apply()
    window.sync.running_changed.emit(False)
    QApplication.processEvents()
    background.apply()


def test_quit_ends_it_in_the_tray_too(
    background: Background, window: MainWindow, preferences: Preferences, monkeypatch: pytest.MonkeyPatch
) -> None:
    preferences.close_to_tray = True
    quits: list[bool] = []
    monkeypatch.setattr(QApplication, "quit", lambda: quits.append(True))
    window.show()
    background.tray.quit_action.trigger()
    assert quits == [True]
    assert not window.isVisible()


def test_a_desktop_without_a_tray_is_none_the_worse(qapp: QApplication, look: None) -> None:
    tray = Tray()
    assert not tray.available()
    tray.set_wanted(wanted=True)
    tray.tell("x", "y")
    assert not tray.shown
    for state in TrayState:
        tray.show_state(state)
        assert not tray.icon.icon().isNull()
    tray.icon.activated.emit(QSystemTrayIcon.ActivationReason.Trigger)
    tray.close()


# --- settings


@pytest.fixture
def page(  # noqa: PLR0917 - fixtures
    services: FakeServices, tasks: TaskRunner, preferences: Preferences, tmp_path: Path, qtbot: QtBot, settled: Settled
) -> SchedulePage:
    page = SchedulePage(
        services.bundle, tasks, preferences, autostart_file=tmp_path / "autostart" / "x.desktop", tray_available=lambda: True
    )
    qtbot.addWidget(page)
    page.load()
    settled()
    return page


@pytest.mark.parametrize("there", [False, True])
def test_without_a_tray_the_page_says_why_it_cannot_be_chosen(  # noqa: PLR0917 - fixtures
    services: FakeServices, tasks: TaskRunner, preferences: Preferences, tmp_path: Path, qtbot: QtBot, settled: Settled, there: bool
) -> None:
    page = SchedulePage(services.bundle, tasks, preferences, autostart_file=tmp_path / "x.desktop", tray_available=lambda: there)
    qtbot.addWidget(page)
    page.load()
    settled()
    assert (page.tray.isEnabled(), page.no_tray.isHidden()) == (there, there)


def test_the_schedule_is_kept_at_once(page: SchedulePage, services: FakeServices, settled: Settled) -> None:
    assert (page.at_start.isChecked(), page.when_due.isChecked(), page.daily.isChecked()) == (True, True, False)
    assert not page.daily_at.isEnabled()
    page.daily.click()
    page.daily_at.setTime(QTime(7, 45))
    page.daily_at.editingFinished.emit()
    settled()
    assert services.autosync.kept == Schedule(daily_at=time(7, 45))
    for box in (page.at_start, page.when_due, page.daily):
        assert page.nothing.isHidden()
        box.click()
    settled()
    assert services.autosync.kept == OFF
    assert not page.nothing.isHidden()


def test_what_cannot_be_kept_is_told_and_taken_back(
    page: SchedulePage, services: FakeServices, tasks: TaskRunner, qtbot: QtBot, settled: Settled
) -> None:
    services.autosync.refuse = StoreError("disk_full")
    with qtbot.waitSignal(tasks.error):
        page.when_due.click()
    settled()
    assert page.when_due.isChecked()


def test_tray_choices_are_kept(page: SchedulePage, preferences: Preferences, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.background_changed):
        page.close_to_tray.click()
    assert preferences.close_to_tray
    page.tray.click()
    assert not preferences.tray
    assert not page.close_to_tray.isEnabled()


def test_starting_with_the_session(page: SchedulePage, tmp_path: Path) -> None:
    file = tmp_path / "autostart" / "x.desktop"
    page.session.click()
    assert autostart.is_enabled(file)
    page.session.click()
    assert not file.exists()
    (tmp_path / "autostart").rmdir()
    (tmp_path / "autostart").write_text("no folder")
    page.session.click()
    assert not page.session.isChecked()
    assert "could not be written" in page.trouble.text()


# --- with the session


def test_the_places_of_the_systems(tmp_path: Path) -> None:
    assert autostart.file_for("linux", tmp_path, environment={}) == (
        tmp_path / ".config" / "autostart" / "io.github.ibjournal.IBJournal.desktop"
    )
    moved = autostart.file_for("linux", tmp_path, environment={"XDG_CONFIG_HOME": str(tmp_path / "c")})
    assert moved.parent == tmp_path / "c" / "autostart"
    assert autostart.file_for("darwin", tmp_path).parent == tmp_path / "Library" / "LaunchAgents"
    windows = autostart.file_for("win32", tmp_path, environment={"APPDATA": str(tmp_path / "R")})
    assert (windows.parent.name, windows.suffix) == ("Startup", ".cmd")


def test_linux_gets_a_desktop_file(tmp_path: Path) -> None:
    file = tmp_path / "a" / "x.desktop"
    command = ["/opt/my programs/ibjournal", "--data-dir", '/data/50% "off" $HOME', "--hidden"]
    autostart.enable(file, command, system="linux")
    lines = file.read_text().splitlines()
    assert lines[0] == "[Desktop Entry]"
    (line,) = [each for each in lines if each.startswith("Exec=")]
    written = line.removeprefix("Exec=").replace("\\\\", "\\").replace("\\$", "$").replace("%%", "%")
    assert shlex.split(written) == command
    file.write_text(file.read_text() + "Hidden=true\n")
    assert not autostart.is_enabled(file)
    autostart.disable(file)
    autostart.disable(file)
    assert not autostart.is_enabled(file)


def test_macos_gets_a_launch_agent(tmp_path: Path) -> None:
    file = tmp_path / "x.plist"
    autostart.enable(file, ["/Applications/x", "--hidden"], system="darwin")
    agent = plistlib.loads(file.read_bytes())
    assert agent["ProgramArguments"] == ["/Applications/x", "--hidden"]
    assert agent["RunAtLoad"] is True
    assert autostart.is_enabled(file)


def test_windows_gets_a_script(tmp_path: Path) -> None:
    file = tmp_path / "x.cmd"
    autostart.enable(file, ["C:\\My Programs\\ibjournal.exe", "--data-dir", "C:\\Jürgen\\R&D 100%\\", "--hidden"], system="win32")
    lines = file.read_bytes().decode("utf-8").split("\r\n")
    assert lines == [
        "@chcp 65001 >nul",  # what follows is read as UTF-8
        '@start "" "C:\\My Programs\\ibjournal.exe" "--data-dir" "C:\\Jürgen\\R&D 100%%\\\\" "--hidden"',
        "",
    ]
    autostart.enable(file, ["C:\\R&D\\x.exe", "--data-dir", "C:\\d\\"], system="win32")
    assert '"C:\\R&D\\x.exe" "--data-dir" "C:\\d\\\\"' in file.read_text("utf-8")


def test_the_command_names_the_data_folder_only_where_it_is_another(tmp_path: Path) -> None:
    assert autostart.own_command(tmp_path)[-3:] == ["--data-dir", str(tmp_path), "--hidden"]
    assert "--data-dir" not in autostart.own_command()
