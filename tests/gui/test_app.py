"""The program around the window: one process per folder, bugs that are shown once and redacted, a language change."""

from __future__ import annotations

import signal
import sqlite3
import sys
import threading
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ibjournal.domain.depot import DepotId
from ibjournal.domain.errors import Cancelled, FlexError, StoreError
from ibjournal.gui.app import DESKTOP_ID, Program, main, make_application
from ibjournal.gui.crash import CrashReporter, report_text
from ibjournal.gui.preferences import Preferences
from ibjournal.gui.single_instance import SingleInstance, alone
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.wizard.state import Step, WizardState
from ibjournal.paths import Paths
from ibjournal.services.changes import EVERYTHING, Changes
from ibjournal.services.importing import ImportedFile, ReportWarning
from ibjournal.services.reports import Run
from ibjournal.store import database
from tests.conftest import ExpectedLog
from tests.fakes.journal_folder import JournalFolder
from tests.fakes.screen_services import HeldExecutor
from tests.gui.conftest import TODAY, TOKEN, FakeServices, make_depot, make_report


def test_a_second_start_raises_the_first_window(tmp_path: Path, qtbot: QtBot) -> None:
    first, second = SingleInstance(tmp_path / "x.lock"), SingleInstance(tmp_path / "x.lock")
    other_folder = SingleInstance(tmp_path / "y.lock")
    try:
        assert first.acquire()
        assert not second.acquire()
        assert other_folder.acquire()
        with qtbot.waitSignal(first.raised):
            assert second.raise_other()
    finally:
        first.release()
        other_folder.release()
    third = SingleInstance(tmp_path / "x.lock")
    assert third.acquire()
    third.release()


def test_a_program_without_a_window_any_more_answers_nobody_and_the_next_start_waits_for_it(tmp_path: Path) -> None:
    """It finishes what it was doing: a start that took it for a window to be raised would show the user nothing at all."""
    ending, start = SingleInstance(tmp_path / "x.lock"), SingleInstance(tmp_path / "x.lock")
    assert ending.acquire()
    ending.stop_listening()
    assert not start.raise_other()
    assert not start.acquire(0.05)
    release = threading.Timer(0.2, ending.release)
    release.start()
    try:
        assert start.acquire(10)
    finally:
        release.join()
        start.release()


def test_of_two_starts_in_one_moment_the_later_raises_the_window_of_the_first(
    tmp_path: Path, services: FakeServices, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = Paths.at(tmp_path)
    paths.lock.parent.mkdir(parents=True, exist_ok=True)
    first = SingleInstance(paths.lock)
    assert first.acquire()
    first.stop_listening()  # it has the folder, and nobody could knock yet

    def acquire(_start: SingleInstance, patience: float = 0.0) -> bool:
        if patience:
            first.listen()
        return False

    monkeypatch.setattr(SingleInstance, "acquire", acquire)
    try:
        with qtbot.waitSignal(first.raised):
            assert main(services.bundle, paths) == 0
    finally:
        first.release()


def explode(token: str) -> None:
    raise RuntimeError("t=" + token + " of U1234567")


def test_a_report_has_the_traceback_and_no_secret() -> None:
    with pytest.raises(RuntimeError) as caught:
        explode(TOKEN)
    text = report_text(caught.value)
    assert "explode" in text
    assert TOKEN not in text
    assert "U1234567" not in text


def test_a_bug_is_logged_and_shown_once_per_place(qtbot: QtBot, look: None, expect_log: ExpectedLog) -> None:
    expect_log("bug", logger="ibjournal.gui.crash")
    reporter = CrashReporter()
    for _ in range(2):
        with pytest.raises(RuntimeError) as caught:
            explode(TOKEN)
        reporter.report(caught.value)
    qtbot.waitUntil(lambda: reporter.dialog is not None)
    dialog = reporter.dialog
    assert dialog is not None
    qtbot.addWidget(dialog)
    assert TOKEN not in dialog.text.toPlainText()
    shown = [one for one in QApplication.topLevelWidgets() if type(one) is type(dialog) and one.isVisible()]
    assert shown == [dialog]


def test_a_cancel_is_no_bug(qtbot: QtBot) -> None:
    reporter = CrashReporter()
    reporter.report(Cancelled())
    assert reporter.dialog is None


def test_an_exception_in_a_thread_reaches_the_reporter(qtbot: QtBot, look: None, expect_log: ExpectedLog) -> None:
    expect_log("bug", logger="ibjournal.gui.crash")
    reporter = CrashReporter()
    reporter.install()
    try:
        thread = threading.Thread(target=explode, args=(TOKEN,))
        thread.start()
        thread.join()
    finally:
        reporter.uninstall()
    qtbot.waitUntil(lambda: reporter.dialog is not None)
    assert reporter.dialog is not None
    qtbot.addWidget(reporter.dialog)
    assert sys.excepthook is not reporter._on_exception


def test_the_application_is_made_once() -> None:
    assert make_application() is QApplication.instance()
    assert DESKTOP_ID.count(".") >= 2


def test_another_language_builds_the_window_again(
    qtbot: QtBot, services: FakeServices, tasks: TaskRunner, preferences: Preferences
) -> None:
    preferences.language = "en"
    program = Program(services.bundle, preferences, tasks, today=lambda: TODAY, screens=lambda *_, **__: [])
    before = program.window
    before.show()
    assert before.top.sync.text() == "Sync"
    preferences.language = "de"
    with qtbot.waitSignal(before.destroyed):
        before.rebuild_wanted.emit()
    assert program.window is not before
    assert program.window.top.sync.text() == "Abrufen"
    qtbot.waitUntil(lambda: not tasks.busy)
    program.window.close()


class _AtTheEnd(QObject):
    """Notes whether another window is on view when one goes."""

    def __init__(self, program: Program) -> None:
        super().__init__()
        self.program = program
        self.seen: list[bool] = []
        program.window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() is QEvent.Type.Hide:
            other = self.program.window
            self.seen.append(other is not watched and other.isVisible() and other.windowHandle().isExposed())
        return False


def test_nobody_sees_what_lies_below_while_the_window_is_built_in_another_language(
    qtbot: QtBot, services: FakeServices, tasks: TaskRunner, preferences: Preferences
) -> None:
    program = Program(services.bundle, preferences, tasks, today=lambda: TODAY, screens=lambda *_, **__: [])
    before = program.window
    before.show()
    qtbot.waitUntil(lambda: not tasks.busy)
    end = _AtTheEnd(program)
    preferences.language = "de"
    with qtbot.waitSignal(before.destroyed):
        before.rebuild_wanted.emit()
    assert end.seen == [True]
    qtbot.waitUntil(lambda: not tasks.busy)
    program.window.close()


def all_done(held: HeldExecutor, tasks: TaskRunner) -> bool:
    """Let all work be done that is held, and return whether there is none left."""
    while held.held:
        held.run()
    return not tasks.busy


def test_an_import_that_is_under_way_tells_the_window_of_another_language(
    qtbot: QtBot, services: FakeServices, preferences: Preferences, tmp_path: Path
) -> None:
    held = HeldExecutor()
    tasks = TaskRunner(held)
    preferences.language = "en"
    services.importing.result = (ImportedFile(file="a.xml", new=3),)
    program = Program(services.bundle, preferences, tasks, today=lambda: TODAY, screens=lambda *_, **__: [])
    before = program.window
    before.show()
    before.imports.start([tmp_path / "a.xml"])
    preferences.language = "de"
    with qtbot.waitSignal(before.destroyed):
        before.rebuild_wanted.emit()
    heard: list[Changes] = []
    program.window.data_changed.connect(heard.append)
    qtbot.waitUntil(lambda: all_done(held, tasks))
    message = program.window.errors.message
    assert message is not None
    assert message.title == "Import abgeschlossen."
    assert [changes.reports for changes in heard] == [True, True]
    assert EVERYTHING in heard
    program.window.close()


@pytest.mark.parametrize("prepared", [False, True])
def test_a_fetch_goes_on_in_the_window_of_another_language(
    qtbot: QtBot, services: FakeServices, preferences: Preferences, prepared: bool
) -> None:
    """It is ended with the window that closes, as its words are; what it had not fetched yet is fetched by the next one."""
    held = HeldExecutor()
    tasks = TaskRunner(held)
    preferences.language = "en"
    one, two = make_depot(1, "One"), make_depot(2, "Two")
    services.depots.set(one, two, shared=True)
    services.sync.reports = {depot.id: make_report(depot) for depot in (one, two)}
    program = Program(services.bundle, preferences, tasks, today=lambda: TODAY, screens=lambda *_, **__: [])
    before = program.window
    before.show()
    qtbot.waitUntil(lambda: all_done(held, tasks))
    before.start_sync()
    if prepared:
        held.run()
        qtbot.waitUntil(lambda: bool(held.held))
        held.run()
        qtbot.waitUntil(lambda: services.sync.asked == [one.id] and before.sync.unfinished == frozenset({two.id}))
    preferences.language = "de"
    with qtbot.waitSignal(before.destroyed):
        before.rebuild_wanted.emit()

    qtbot.waitUntil(lambda: all_done(held, tasks) and two.id in services.sync.asked and not program.window.sync.running)
    # where the first was fetched already, the second was under way in the window that closed
    assert services.sync.asked == ([one.id, two.id, two.id] if prepared else [one.id, two.id])
    program.window.close()


def test_a_fetch_goes_on_in_the_window_of_another_language_though_something_else_is_fetched_first(
    qtbot: QtBot, services: FakeServices, preferences: Preferences
) -> None:
    held = HeldExecutor()
    tasks = TaskRunner(held)
    one, two = make_depot(1, "One"), make_depot(2, "Two")
    services.depots.set(one, two, shared=True)
    services.sync.reports = {depot.id: make_report(depot) for depot in (one, two)}
    program = Program(services.bundle, preferences, tasks, today=lambda: TODAY, screens=lambda *_, **__: [])
    before = program.window
    before.show()
    qtbot.waitUntil(lambda: all_done(held, tasks))
    before.sync.start([two.id])
    held.run()
    qtbot.waitUntil(lambda: bool(held.held))  # the second is about to be fetched, in the old window
    with qtbot.waitSignal(before.destroyed):
        before.rebuild_wanted.emit()
    told: list[DepotId] = []
    program.window.sync.depot_done.connect(lambda report: told.append(report.depot))
    program.window.sync.start([one.id])

    qtbot.waitUntil(lambda: all_done(held, tasks) and len(told) == 2 and not program.window.sync.running)
    assert told == [one.id, two.id]
    program.window.close()


@pytest.mark.parametrize("shown", [True, False])
def test_a_token_that_is_being_renewed_is_still_so_in_another_language(
    qtbot: QtBot, services: FakeServices, preferences: Preferences, shown: bool
) -> None:
    held = HeldExecutor()
    tasks = TaskRunner(held)
    preferences.language = "en"
    one, two, three = (make_depot(number, f"Depot {number}") for number in (1, 2, 3))
    services.depots.set(one, two, three, shared=True, error="token_expired")
    program = Program(services.bundle, preferences, tasks, today=lambda: TODAY, screens=lambda *_, **__: [])
    before = program.window
    before.setVisible(shown)
    old = before.open_renewal(one.id, FlexError("token_expired", number=1012), leaked=True)
    qtbot.waitUntil(lambda: all_done(held, tasks))
    old.token.line.set_token(TOKEN)
    old.expiry.choose("month")
    old.entry.setChecked(False)
    old.also.boxes[three.id].setChecked(False)
    preferences.language = "de"
    with qtbot.waitSignals([before.destroyed, old.destroyed]):
        before.rebuild_wanted.emit()
    qtbot.waitUntil(lambda: all_done(held, tasks))

    (window,) = program.window.renewals.values()
    assert window.isVisible()
    assert window.windowTitle() == "Mein Prüfcode könnte in fremde Hände gelangt sein"
    assert window.token.token == TOKEN
    assert window.expiry.span == "month"
    assert not window.entry.isChecked()
    assert window.chosen() == (one.id, two.id)
    window.close()
    program.window.close()


def test_the_settings_in_which_the_language_was_chosen_stay_in_front(
    qtbot: QtBot, services: FakeServices, preferences: Preferences
) -> None:
    held = HeldExecutor()
    tasks = TaskRunner(held)
    preferences.language = "en"
    one = make_depot(1, "One")
    services.depots.set(one, error="token_expired")
    program = Program(services.bundle, preferences, tasks, today=lambda: TODAY, screens=lambda *_, **__: [])
    before = program.window
    before.show()
    before.open_renewal(one.id, FlexError("token_expired", number=1012))
    before.open_settings("appearance")
    qtbot.waitUntil(lambda: all_done(held, tasks))
    preferences.language = "de"
    with qtbot.waitSignal(before.destroyed):
        before.rebuild_wanted.emit()
    qtbot.waitUntil(lambda: all_done(held, tasks))

    (renewal,) = program.window.renewals.values()
    settings = program.window.settings_dialog
    assert settings is not None
    qtbot.waitUntil(settings.isActiveWindow)
    assert renewal.isVisible()
    renewal.close()
    settings.close()
    program.window.close()


@pytest.mark.parametrize("in_the_wizard", [False, True])
def test_what_waits_for_the_user_is_said_in_another_language_too(
    qtbot: QtBot, services: FakeServices, preferences: Preferences, in_the_wizard: bool
) -> None:
    """The bar goes with its window; where the wizard says it of its own depot, the bar need not."""
    held = HeldExecutor()
    tasks = TaskRunner(held)
    preferences.language = "en"
    one = make_depot(1, "One")
    services.depots.set(one, error="token_expired")
    services.autosync.waiting = (one.id,)
    expired = ReportWarning(code="token_expired", values=(("depot", "One"), ("number", 1012)))
    services.reports.runs = (
        Run(
            id=1,
            kind="sync",
            depot=one.id,
            depot_name="One",
            started_at=datetime(2026, 11, 19, 12, 0, tzinfo=UTC),
            ended_at=datetime(2026, 11, 19, 12, 1, tzinfo=UTC),
            result="failed",
            error=expired,
            steps=(),
            reports=(),
        ),
    )
    program = Program(services.bundle, preferences, tasks, today=lambda: TODAY, screens=lambda *_, **__: [])
    before = program.window
    before.show()
    qtbot.waitUntil(lambda: all_done(held, tasks))
    if in_the_wizard:
        before.wizards.open(WizardState(step=Step.FETCH, name="One", depot=one.id))
    preferences.language = "de"
    with qtbot.waitSignal(before.destroyed):
        before.rebuild_wanted.emit()
    qtbot.waitUntil(lambda: all_done(held, tasks))
    message = program.window.errors.message
    assert (message.title if message is not None else "") == ("" if in_the_wizard else "Der Prüfcode ist abgelaufen.")
    program.window.close()


def test_a_start_that_failed_can_be_tried_again_in_the_same_process(
    look: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The box that tells of it offers that; the failed start must not stand in its way, though its frames are still alive."""
    journal = JournalFolder(tmp_path / "data")
    monkeypatch.setattr(database, "_BUSY_MILLISECONDS", 50)
    before = signal.getsignal(signal.SIGTERM)
    with closing(sqlite3.connect(journal.paths.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError) as caught:
            main(journal.services, journal.paths)
    assert caught.value.code == "database_locked"
    assert signal.getsignal(signal.SIGTERM) is before
    with alone(journal.paths.lock, journal.paths.database):
        pass
