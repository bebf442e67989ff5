"""The window: navigation, pickers that reach every screen, sync with progress and cancel, messages, imports, masking."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItemModel
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from ibjournal.domain.depot import DepotId
from ibjournal.domain.errors import FlexError, ReportError, StoreError
from ibjournal.domain.period import ALL_TIME, Period, Preset
from ibjournal.gui.journal.view import JournalScreen
from ibjournal.gui.main_window import MainWindow
from ibjournal.gui.preferences import Preferences
from ibjournal.gui.screen import Screen, StatusPart
from ibjournal.gui.screens import make_screens
from ibjournal.gui.sync_control import SyncControl, chains, progress_text
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.widgets.focus_ring import FocusRing
from ibjournal.gui.widgets.table_view import TableView
from ibjournal.gui.wizard.state import Step, WizardState
from ibjournal.services.changes import Changes
from ibjournal.services.freshness import DepotFreshness
from ibjournal.services.importing import ImportedFile
from ibjournal.services.jobs import CancelToken, Progress
from tests.fakes.patience import FOREVER
from tests.gui.conftest import TODAY, FakeServices, make_depot, make_report

INCOME, LONG_TERM, ANNA = make_depot(1, "Income"), make_depot(2, "Long term"), make_depot(3, "Anna")
Settled = Callable[[], None]


class Page(Screen):
    """A screen that remembers what it was asked to load."""

    def __init__(self, tasks: TaskRunner, name: str, *, reload_on: Changes) -> None:
        super().__init__(tasks)
        self.name, self.title, self.icon = name, name.title(), "scale"
        self.reload_on = reload_on
        self.loads: list[tuple[DepotId | None, Period]] = []

    def load(self) -> None:
        self.loads.append((self.depot, self.period))


@pytest.fixture
def pages(tasks: TaskRunner, look: None) -> list[Page]:
    second = Page(tasks, "reports", reload_on=Changes(reports=True))
    second.uses_period = False
    return [Page(tasks, "journal", reload_on=Changes(trades=True)), second]


@pytest.fixture
def window(qtbot: QtBot, services: FakeServices, preferences: Preferences, pages: list[Page], settled: Settled) -> MainWindow:
    services.depots.set(INCOME, LONG_TERM, ANNA)
    made = MainWindow(services.bundle, pages[0].tasks, preferences, pages, today=lambda: TODAY)
    qtbot.addWidget(made)
    made.show()
    settled()
    return made


# --- navigation and filters


def test_only_the_screen_in_front_loads_and_the_other_one_when_it_is_shown(window: MainWindow, pages: list[Page]) -> None:
    assert len(pages[0].loads) == 1
    assert pages[1].loads == []
    window.show_screen("reports")
    assert len(pages[1].loads) == 1
    window.show_screen("journal")
    assert len(pages[0].loads) == 1


def test_the_pickers_reach_every_screen(window: MainWindow, pages: list[Page]) -> None:
    window.top.depots.choose(DepotId(2))
    window.top.periods.choose_preset(Preset.THIS_MONTH)
    november = Period(date(2026, 11, 1), date(2026, 11, 30))
    assert pages[0].loads[-1] == (DepotId(2), november)
    window.show_screen("reports")
    assert pages[1].loads == [(DepotId(2), ALL_TIME)]
    assert window.top.periods.isHidden()


def test_an_empty_journal_is_asked_for_all_time_so_that_screens_can_say_what_will_stand_there(
    services: FakeServices, preferences: Preferences, pages: list[Page], settled: Settled
) -> None:
    made = MainWindow(services.bundle, pages[0].tasks, preferences, pages, today=lambda: TODAY)
    made.show()
    settled()
    assert pages[0].loads[-1] == (None, ALL_TIME)
    services.depots.set(INCOME)
    made.announce(Changes(depots=True))
    settled()
    assert pages[0].loads[-1] == (None, Period(date(2026, 1, 1), date(2026, 12, 31)))
    made.close()


def test_changes_reload_what_they_concern(window: MainWindow, pages: list[Page]) -> None:
    before = len(pages[0].loads)
    window.announce(Changes(reports=True))
    assert len(pages[0].loads) == before
    window.announce(Changes(trades=True))
    assert len(pages[0].loads) == before + 1
    window.announce(Changes())
    assert len(pages[0].loads) == before + 1


def test_keys_lead_to_the_screens_and_through_the_periods(window: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert window.current_screen is window.screens["reports"]
    QTest.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    window.top.periods.choose_preset(Preset.THIS_MONTH)
    QTest.keyClick(window, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert window.top.periods.button.words() == "October 2026"


@pytest.mark.parametrize("beside", ["settings", "renewal"])
def test_the_key_that_quits_holds_in_the_windows_beside_it_too(window: MainWindow, settled: Settled, beside: str) -> None:
    if beside == "settings":
        window.open_settings()
        other: QWidget | None = window.settings_dialog
    else:
        window.open_renewal(INCOME.id)
        other = window.renewals[INCOME.id]
    assert other is not None
    other.activateWindow()
    settled()
    assert QApplication.activeWindow() is other
    QTest.keyClick(other, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
    other.close()
    assert not window.isVisible()


def test_the_key_that_quits_holds_in_the_wizard(window: MainWindow, settled: Settled) -> None:
    window.wizards.open()
    settled()
    QTest.keyClick(window, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
    assert not window.isVisible()


def test_masking_reaches_the_screens_and_is_remembered(window: MainWindow, pages: list[Page], preferences: Preferences) -> None:
    QTest.keyClick(window, Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert all(page.masked for page in pages)
    assert preferences.masked


def test_screen_and_period_are_there_again_after_a_restart(
    window: MainWindow, services: FakeServices, tasks: TaskRunner, preferences: Preferences, settled: Settled
) -> None:
    window.show_screen("reports")
    window.top.periods.choose_preset(Preset.LAST_MONTH)
    window.close()
    again = [Page(tasks, name, reload_on=Changes()) for name in ("journal", "reports")]
    second = MainWindow(services.bundle, tasks, preferences, again, today=lambda: TODAY)
    settled()
    assert second.current_screen is again[1]
    assert second.top.periods.preset is Preset.LAST_MONTH
    second.close()


def test_columns_are_remembered(
    services: FakeServices, tasks: TaskRunner, preferences: Preferences, settled: Settled, qtbot: QtBot
) -> None:
    def open_window() -> tuple[MainWindow, TableView]:
        screen = JournalScreen(services.journal, tasks, today=lambda: TODAY)
        window = MainWindow(services.bundle, tasks, preferences, [screen], today=lambda: TODAY)
        window.show()
        settled()
        return window, screen.table

    window, table = open_window()
    column = next(column for column in range(table.horizontalHeader().count()) if not table.isColumnHidden(column) and column > 1)
    hidden = table.horizontalHeader().count() - 1
    table.setColumnHidden(hidden, not table.isColumnHidden(hidden))
    expected = table.isColumnHidden(hidden)
    table.horizontalHeader().moveSection(table.horizontalHeader().visualIndex(column), 1)
    window.close()
    again, table = open_window()
    assert table.isColumnHidden(hidden) is expected
    assert table.horizontalHeader().visualIndex(column) == 1
    again.close()


def test_the_status_bar_shows_the_screen_in_front(window: MainWindow, pages: list[Page]) -> None:
    pages[0].status_changed.emit([StatusPart("3 provisional", "circle-dashed", "info")], "1 selected")
    pages[1].status_changed.emit([StatusPart("2 runs")], "")
    assert window.status.accessibleName() == "3 provisional · 1 selected"
    window.show_screen("reports")
    assert window.status.accessibleName() == "2 runs"


def test_figures_that_are_not_up_to_date_say_so_on_every_screen(
    window: MainWindow, services: FakeServices, settled: Settled
) -> None:
    old = DepotFreshness(depot=INCOME.id, name="Income", activity_through=date(2026, 11, 2))
    services.reports.fresh = (old,)
    window.freshness.load(None)
    settled()
    for name in window.screens:
        window.show_screen(name)
        settled()
        assert window.status.accessibleName().startswith("Not up to date · Through Mon 2 Nov"), name
    services.reports.fresh = (replace(old, activity_through=TODAY),)
    window.freshness.load(None)
    settled()
    assert "Not up to date" not in window.status.accessibleName()


def test_after_the_wizard_the_cursor_waits_at_the_journal(window: MainWindow, settled: Settled) -> None:
    window.activateWindow()
    wizard = window.wizards.open(WizardState(step=Step.DONE))
    settled()
    wizard.foot.next.setFocus()
    wizard.foot.next.click()
    assert window.focusWidget() is window.sidebar.items["journal"]


def test_small_windows_have_a_narrow_navigation(window: MainWindow) -> None:
    window.resize(1280, 800)
    assert window.sidebar.width() == 56
    assert window.sidebar.items["journal"].toolTip() == "Journal"
    window.resize(1440, 900)
    assert window.sidebar.width() == 200


# --- sync


def test_a_sync_asks_every_depot_and_tells_the_screens(
    window: MainWindow, services: FakeServices, pages: list[Page], qtbot: QtBot, settled: Settled
) -> None:
    services.sync.reports = {depot.id: make_report(depot) for depot in (INCOME, LONG_TERM, ANNA)}
    before = len(pages[0].loads)
    with qtbot.waitSignal(window.sync.finished, check_params_cb=lambda reports: len(reports) == 3):
        window.top.sync.click()
    settled()
    assert services.sync.asked == [1, 2, 3]
    assert len(pages[0].loads) == before + 3
    assert window.top.sync.text() == "Sync"


def test_a_fetch_that_brought_nothing_is_read_by_the_log_of_reports_and_by_nobody_else(
    window: MainWindow, pages: list[Page], settled: Settled
) -> None:
    journal, log = pages
    window.show_screen("reports")
    settled()
    before = (len(journal.loads), len(log.loads))
    window.sync.depot_done.emit(replace(make_report(INCOME, FlexError("maintenance")), changes=Changes()))
    settled()
    window.show_screen("journal")
    assert (len(journal.loads), len(log.loads)) == (before[0], before[1] + 1)


def test_paused_depots_and_depots_without_queries_are_left_out(services: FakeServices) -> None:
    services.depots.set(
        INCOME, make_depot(2, "Paused", paused=True), make_depot(3, "Files", activity_query="", confirmation_query="")
    )
    assert chains(services.depots.depot_states()) == [[INCOME]]


def test_depots_that_share_a_token_form_one_chain(services: FakeServices) -> None:
    services.depots.set(INCOME, LONG_TERM, shared=True)
    shared = services.depots.states
    services.depots.set(ANNA)
    assert chains([*shared, *services.depots.states]) == [[INCOME, LONG_TERM], [ANNA]]
    assert chains([*shared, *services.depots.states], frozenset({DepotId(2)})) == [[LONG_TERM]]


def test_progress_is_told_in_words_beside_the_button(window: MainWindow, services: FakeServices, qtbot: QtBot) -> None:
    services.depots.set(INCOME)
    services.sync.steps = (Progress("generating", "Income"),)
    services.sync.reports = {INCOME.id: make_report(INCOME)}
    told: list[str] = []
    window.sync.progressed.connect(lambda *_: told.append(window.top.freshness()))
    window.sync.progressed.connect(lambda *_: told.append(window.top.sync.text()))
    window.sync.progressed.connect(lambda *_: told.append(window.status.accessibleName()))
    window.sync.depot_done.connect(lambda *_: told.append(window.status.accessibleName()))
    with qtbot.waitSignal(window.sync.finished):
        window.start_sync()
    assert told == ["Income: IBKR is making the report", "Cancel", "Income: IBKR is making the report", "Income: done"]
    assert window.status.accessibleName() == ""
    assert progress_text(Progress("reading", "", 2, 5)) == "reading (2 of 5)"


def test_the_pickers_stay_where_they_are_whatever_is_told_beside_them(window: MainWindow, settled: Settled) -> None:
    for width in (1440, 1024):
        window.resize(width, 800)
        settled()
        window.top.set_freshness("")
        settled()
        place = window.top.depots.pos()
        window.top.set_freshness(
            "Retirement: IBKR is making the report (3 of 60), with patience", short="IBKR is making the report"
        )
        settled()
        assert window.top.depots.pos() == place
    assert window.top.freshness() == "IBKR is making the report"


def test_a_new_depot_is_fetched_after_the_sync_that_is_running(
    window: MainWindow, services: FakeServices, settled: Settled
) -> None:
    services.sync.reports = {depot.id: make_report(depot) for depot in (INCOME, LONG_TERM, ANNA)}
    window.start_sync()
    window.sync.fetch(DepotId(2))
    settled()
    assert services.sync.asked.count(DepotId(2)) == 2


def test_cancel_reaches_the_work_and_the_depots_behind_it_are_not_asked(
    services: FakeServices, tasks: TaskRunner, qtbot: QtBot, look: None
) -> None:
    services.depots.set(INCOME, LONG_TERM, shared=True)
    control = SyncControl(services.bundle, tasks)
    tokens: list[CancelToken | None] = []

    def before(_depot: DepotId, token: CancelToken | None) -> None:
        tokens.append(token)
        control.cancel()

    services.sync.before = before
    services.sync.reports = {INCOME.id: make_report(INCOME), LONG_TERM.id: make_report(LONG_TERM)}
    with qtbot.waitSignal(control.finished):
        assert control.start()
        assert not control.start()
    assert services.sync.asked == [1]
    assert tokens[0] is not None
    assert tokens[0].cancelled


def test_cancel_does_not_wait_for_a_keyring_that_is_being_asked(
    services: FakeServices, qtbot: QtBot, look: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks = TaskRunner()  # with threads: on the spot the question would be over before anybody could cancel
    services.depots.set(INCOME, LONG_TERM)
    asked, answered = threading.Event(), threading.Event()
    states = services.depots.depot_states

    def slow() -> object:
        asked.set()
        assert answered.wait(FOREVER)
        return states()

    monkeypatch.setattr(services.depots, "depot_states", slow)
    control = SyncControl(services.bundle, tasks)
    assert control.start()
    qtbot.waitUntil(asked.is_set)
    with qtbot.waitSignal(control.finished):
        control.cancel()
    assert not control.running
    monkeypatch.setattr(services.depots, "depot_states", states)
    services.sync.reports = {depot.id: make_report(depot) for depot in (INCOME, LONG_TERM, ANNA)}
    assert control.start([INCOME.id])
    answered.set()
    qtbot.waitUntil(lambda: not control.running and not tasks.busy)
    assert services.sync.asked == [INCOME.id], "the late answer begins nothing"
    tasks.shutdown()


@pytest.mark.usefixtures("look")
@pytest.mark.parametrize(("code", "renewable"), [("token_expired", True), ("throttled", False), ("too_many_troubles", False)])
def test_depots_behind_a_refused_token_are_put_on_record(
    services: FakeServices, tasks: TaskRunner, qtbot: QtBot, code: str, renewable: bool
) -> None:
    services.depots.set(INCOME, LONG_TERM, shared=True)
    control = SyncControl(services.bundle, tasks)
    services.sync.reports = {INCOME.id: make_report(INCOME, FlexError(code))}
    with qtbot.waitSignal(control.finished):
        control.start()
    qtbot.waitUntil(lambda: services.sync.passed_over == [(LONG_TERM.id, code)])
    assert services.sync.asked == [INCOME.id]
    assert set(control.blocked) == ({INCOME.id, LONG_TERM.id} if renewable else set())


def test_what_a_token_had_stopped_goes_on_after_the_sync_that_is_running(
    services: FakeServices, tasks: TaskRunner, qtbot: QtBot, look: None
) -> None:
    services.depots.set(INCOME, LONG_TERM)
    control = SyncControl(services.bundle, tasks)
    services.sync.reports = {INCOME.id: make_report(INCOME, FlexError("token_expired")), LONG_TERM.id: make_report(LONG_TERM)}
    with qtbot.waitSignal(control.finished):
        control.start()
    services.sync.asked.clear()
    services.sync.reports = {INCOME.id: make_report(INCOME), LONG_TERM.id: make_report(LONG_TERM)}
    control.start([LONG_TERM.id])
    assert control.resume([INCOME.id, LONG_TERM.id])
    qtbot.waitUntil(lambda: services.sync.asked == [2, 1] and not control.running)
    assert control.blocked == ()


def test_nothing_to_fetch_is_said_and_leads_to_the_settings(
    window: MainWindow, services: FakeServices, qtbot: QtBot, settled: Settled
) -> None:
    services.depots.set()
    with qtbot.waitSignal(window.sync.nothing_to_do):
        window.start_sync()
    settled()
    message = window.errors.message
    assert message is not None
    assert message.title == "There is nothing to fetch."
    window.errors.acted.emit(message.data)
    assert window.settings_dialog is not None
    assert window.settings_dialog.isVisible()
    window.settings_dialog.close()


def test_a_failure_is_said_in_the_bar_and_tried_again_for_that_depot(
    window: MainWindow, services: FakeServices, qtbot: QtBot, settled: Settled
) -> None:
    services.depots.set(INCOME, LONG_TERM)
    services.sync.reports = {INCOME.id: make_report(INCOME, FlexError("no_network")), LONG_TERM.id: make_report(LONG_TERM)}
    with qtbot.waitSignal(window.sync.finished):
        window.start_sync()
    settled()
    message = window.errors.message
    assert message is not None
    assert message.title == "IBKR cannot be reached."
    assert message.text.startswith("Income: ")
    services.sync.asked.clear()
    with qtbot.waitSignal(window.sync.finished):
        window.errors.acted.emit(message.data)
    assert services.sync.asked == [1]
    settled()
    assert window.errors.message is not None
    services.sync.reports[INCOME.id] = make_report(INCOME)
    window.sync.start([INCOME.id])  # as it is tried again by itself
    settled()
    assert window.errors.message is None


def test_what_stopped_a_fetch_is_said_no_more_once_a_fetch_has_come_through(
    window: MainWindow, services: FakeServices, qtbot: QtBot, settled: Settled
) -> None:
    services.depots.set(INCOME, LONG_TERM)
    wrong = FlexError("query_invalid", number=1014, query="101")
    services.sync.reports = {INCOME.id: make_report(INCOME, wrong), LONG_TERM.id: make_report(LONG_TERM, wrong)}
    with qtbot.waitSignal(window.sync.finished):
        window.start_sync()
    settled()
    services.sync.reports[INCOME.id] = make_report(INCOME)
    with qtbot.waitSignal(window.sync.finished):
        window.start_sync()
    settled()
    message = window.errors.message
    assert message is not None
    assert "Long term" in message.text
    services.sync.reports[LONG_TERM.id] = make_report(LONG_TERM)
    with qtbot.waitSignal(window.sync.finished):
        window.start_sync()
    settled()
    assert window.errors.message is None


def test_a_keyring_that_fails_ends_the_sync_with_a_word(window: MainWindow, services: FakeServices, qtbot: QtBot) -> None:
    def fail() -> None:
        raise StoreError("disk_full", file="x")

    services.depots.depot_states = fail  # type: ignore[method-assign,assignment]
    with qtbot.waitSignal(window.sync.finished):
        window.start_sync()
    assert window.errors.message is not None
    assert window.errors.message.title == "The disk is full."
    assert not window.sync.running


# --- files


def test_files_are_imported_and_the_outcome_is_said(
    window: MainWindow, services: FakeServices, qtbot: QtBot, settled: Settled, pages: list[Page]
) -> None:
    services.importing.result = (
        ImportedFile(file="/x/a.xml", new=12, changes=Changes(trades=True, reports=True)),
        ImportedFile(file="/x/b.pdf", error=ReportError("not_xml")),
    )
    before = len(pages[0].loads)
    with qtbot.waitSignal(window.imports.finished):
        pages[0].import_wanted.emit([Path("/x/a.xml"), Path("/x/b.pdf")])
    settled()
    assert services.importing.asked == [(Path("/x/a.xml"), Path("/x/b.pdf"))]
    assert window.errors.message is not None
    assert window.errors.message.text.startswith("b.pdf is not an XML file.")
    window.errors.dismiss()
    assert window.errors.message.title == "Import finished."
    assert len(pages[0].loads) == before + 1


# --- focus


def test_a_ring_shows_where_the_keyboard_is_and_the_pointer_leaves_none(window: MainWindow, look: None) -> None:
    ring = FocusRing()
    ring.install()
    try:
        window.top.sync.setFocus(Qt.FocusReason.TabFocusReason)
        assert ring.widget() is window.top.sync
        QTest.mouseClick(window.top.privacy, Qt.MouseButton.LeftButton)
        assert ring.widget() is None
    finally:
        ring.remove()


def test_many_files_that_fail_are_told_in_one_message(window: MainWindow, services: FakeServices, settled: Settled) -> None:
    services.importing.result = tuple(ImportedFile(file=f"/x/{name}.pdf", error=ReportError("not_xml")) for name in "abc")
    window.imports.start([])
    settled()
    message = window.errors.message
    assert message is not None
    assert message.title == "3 files could not be imported."
    assert message.text.startswith("a.pdf, b.pdf, c.pdf. ")
    window.errors.dismiss()
    assert window.errors.message is None


# --- the keyboard


def test_tab_reaches_everything_of_a_screen(
    services: FakeServices, tasks: TaskRunner, preferences: Preferences, settled: Settled, look: None
) -> None:
    services.depots.set(INCOME)
    window = MainWindow(services.bundle, tasks, preferences, make_screens(services.bundle, tasks, today=lambda: TODAY))
    window.show()
    window.activateWindow()
    settled()
    screen = window.screens["journal"]
    assert isinstance(screen, JournalScreen)
    window.show_screen("journal")
    window.top.sync.setFocus()
    reached = set()
    for _ in range(40):
        QTest.keyClick(window.focusWidget() or window, Qt.Key.Key_Tab)
        reached.add(window.focusWidget())
    bar = screen.bar
    assert {bar.search, bar.columns, bar.export, bar.parts.button("trades"), bar.states.button("all")} <= reached
    bar.states.button("all").setFocus()
    QTest.keyClick(bar.states.button("all"), Qt.Key.Key_Right)  # within a group the arrows go on
    assert window.focusWidget() is bar.states.button("open")
    settled()
    window.close()


def test_a_screen_that_was_asked_for_by_its_key_has_the_cursor(window: MainWindow, pages: list[Page]) -> None:
    table = TableView(pages[1])
    table.setModel(QStandardItemModel(1, 1, table))
    pages[1].table = table  # type: ignore[attr-defined]
    QTest.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert window.focusWidget() is table
