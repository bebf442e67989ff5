"""The journal screen: filters, selection, the pane, and notes that are never lost."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from threading import Event

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QMainWindow
from pytestqt.qtbot import QtBot

from ibjournal.domain.depot import DepotId
from ibjournal.domain.errors import StoreError
from ibjournal.domain.filters import TradeState
from ibjournal.domain.period import Period
from ibjournal.domain.trade import TradeKey
from ibjournal.gui.journal.detail import FILLS, NOTE, TradePane
from ibjournal.gui.journal.note_keeper import NoteKeeper
from ibjournal.gui.journal.summary_words import ibkr_words
from ibjournal.gui.journal.trade_table import Column
from ibjournal.gui.journal.view import JournalScreen
from ibjournal.gui.screen import Known, StatusPart
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.widgets.formats import MASK
from ibjournal.services.changes import Changes
from ibjournal.services.journal import TradeDetail
from tests.fakes.screen_services import TODAY, FakeJournal, HeldExecutor, InlineExecutor, make_row

ROWS = (
    make_row(1, None, None),
    make_row(2, date(2026, 11, 18), "80", provisional=True),
    make_row(3, date(2026, 11, 17), "-30.50"),
    make_row(4, date(2026, 11, 12), "10", entry_known=False),
)
KEYS = tuple(row.trade.key for row in ROWS)


@pytest.fixture
def tasks(qapp: object) -> Iterator[TaskRunner]:
    runner = TaskRunner(InlineExecutor())
    bugs: list[BaseException] = []
    runner.bug.connect(bugs.append)
    yield runner
    assert bugs == []


@pytest.fixture
def service() -> FakeJournal:
    return FakeJournal(ROWS)


@pytest.fixture
def screen(qtbot: QtBot, tasks: TaskRunner, service: FakeJournal) -> JournalScreen:
    made = JournalScreen(service, tasks, today=lambda: TODAY)
    qtbot.addWidget(made)
    made.resize(1240, 800)
    with qtbot.waitSignal(made.loaded):
        made.show()
    return made


def open_note(screen: JournalScreen, qtbot: QtBot, key: TradeKey) -> None:
    screen.open_trade(key)
    qtbot.waitUntil(lambda: screen.pane._detail is not None and screen.pane._detail.row.trade.key == key)
    screen.pane.open_tab(NOTE)


# --- filters and status ------------------------------------------------------------------------------------------


def test_the_bar_narrows_what_the_service_is_asked_for(screen: JournalScreen, service: FakeJournal, qtbot: QtBot) -> None:
    assert screen.bar.states.button("closed").text() == "Closed  3"
    with qtbot.waitSignal(screen.loaded):
        QTest.mouseClick(screen.bar.states.button("closed"), Qt.MouseButton.LeftButton)
    assert service.asked[-1].state is TradeState.CLOSED
    with qtbot.waitSignal(screen.loaded):
        QTest.keyClicks(screen.bar.search, "sym3")
    assert service.asked[-1].text == "sym3"
    assert len(screen.table.trades.lines) == 2
    with qtbot.waitSignal(screen.loaded):
        screen.set_filter(DepotId(2), Period(date(2026, 1, 1), None))
    assert (service.asked[-1].depot, service.asked[-1].period) == (DepotId(2), Period(date(2026, 1, 1), None))


def test_without_a_match_it_says_how_many_are_hidden_and_clears(screen: JournalScreen, service: FakeJournal, qtbot: QtBot) -> None:
    with qtbot.waitSignal(screen.loaded):
        screen.bar.search.setText("nothing like it")
    assert screen.trades._empty.isVisible()
    assert screen.trades._empty._text.text() == "4 trades in this period."
    with qtbot.waitSignal(screen.loaded):
        QTest.mouseClick(screen.trades._empty._button, Qt.MouseButton.LeftButton)
    assert screen.table.isVisible()
    assert not screen.bar.is_narrowed()


def test_before_the_first_depot_it_offers_to_set_one_up(qtbot: QtBot, tasks: TaskRunner) -> None:
    screen = JournalScreen(FakeJournal(), tasks)
    qtbot.addWidget(screen)
    with qtbot.waitSignal(screen.loaded):
        screen.show()
    with qtbot.waitSignal(screen.settings_wanted, check_params_cb=lambda page: page == "new_depot"):
        QTest.mouseClick(screen.trades._empty._button, Qt.MouseButton.LeftButton)


def test_an_empty_journal_with_a_depot_offers_what_helps(qtbot: QtBot, tasks: TaskRunner) -> None:
    screen = JournalScreen(FakeJournal(), tasks)
    qtbot.addWidget(screen)
    with qtbot.waitSignal(screen.loaded):
        screen.show()
    depots = ((DepotId(1), "Income"),)
    screen.set_known(Known(depots=depots))
    with qtbot.waitSignal(screen.sync_wanted):
        QTest.mouseClick(screen.trades._empty._button, Qt.MouseButton.LeftButton)
    screen.set_known(Known(depots=depots, reports=True))
    assert not screen.trades._empty._button.isVisible()
    with qtbot.waitSignal(screen.loaded):
        screen.set_filter(None, Period(date(2020, 1, 1), date(2020, 12, 31)))
    with qtbot.waitSignal(screen.all_time_wanted):
        QTest.mouseClick(screen.trades._empty._button, Qt.MouseButton.LeftButton)


def test_no_tab_of_the_pane_gives_way_to_arrows(screen: JournalScreen) -> None:
    screen.table.select_trade(KEYS[0])
    tabs = screen.pane.tabs
    for chosen in range(tabs.count()):
        tabs.setCurrentIndex(chosen)
        assert all(tabs.rect().contains(tabs.tabRect(tab)) for tab in range(tabs.count()))


def test_no_number_of_a_lot_is_cut(screen: JournalScreen) -> None:
    screen.table.select_trade(KEYS[2])
    lots = screen.pane.summary.lots
    assert all(lots.columnWidth(column) >= lots.sizeHintForColumn(column) for column in range(1, 5))


def test_status_and_sums_tell_what_is_shown_and_selected(screen: JournalScreen, qtbot: QtBot) -> None:
    told: list[tuple[list[StatusPart], str]] = []
    screen.status_changed.connect(lambda parts, right: told.append((parts, right)))
    screen.table.select_trade(KEYS[2])
    parts, right = told[-1]
    assert [part.text for part in parts] == ["1 provisional", "1 opened before the reports begin", "1 open"]
    assert right == "1 selected · −15.25\u00a0EUR"
    assert screen.sums.accessibleName() == ("4 trades 2 wins, 1 loss (67%) · fees −8.00\u00a0USD · +40.00 of it provisional +29.75")
    screen.set_masked(True)
    assert told[-1][1] == f"1 selected · {MASK}\u00a0EUR"
    assert "29.75" not in screen.sums.accessibleName()


def test_a_late_list_is_dropped(qtbot: QtBot, qapp: object) -> None:
    held = HeldExecutor()
    service = FakeJournal(ROWS)
    screen = JournalScreen(service, TaskRunner(held), today=lambda: TODAY)
    qtbot.addWidget(screen)
    screen.load()
    screen.load()
    with qtbot.waitSignal(screen.loaded):
        held.run(1)
    service.rows = ROWS[:1]
    with qtbot.assertNotEmitted(screen.loaded, wait=20):
        held.run(0)
    assert len(screen.table.trades.lines) == 7


def test_ctrl_f_puts_the_cursor_into_the_search(screen: JournalScreen, qtbot: QtBot) -> None:
    qtbot.waitExposed(screen)
    screen.activateWindow()
    assert screen.focus_search()
    qtbot.waitUntil(screen.bar.search.hasFocus)


def test_export_writes_what_is_shown(screen: JournalScreen, tmp_path: Path) -> None:
    screen.export()
    dialog = screen.findChild(QFileDialog)
    assert dialog is not None
    dialog.fileSelected.emit(str(tmp_path / "t.csv"))
    dialog.close()
    lines = (tmp_path / "t.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 5
    assert "-15.25" in lines[3]


def test_the_context_menu_copies_and_opens_tabs(screen: JournalScreen, qtbot: QtBot) -> None:
    screen.table.select_trade(KEYS[2])
    actions = {action.text(): action for action in screen.context_menu().actions()}
    actions["Copy"].trigger()
    assert "SYM3" in QGuiApplication.clipboard().text()
    actions["Show fills"].trigger()
    assert screen.pane.tabs.currentIndex() == FILLS
    screen.table.clearSelection()
    screen.table.setCurrentIndex(screen.table.trades.index(0, 1))
    assert [action.text() for action in screen.context_menu().actions()] == ["Save as CSV…"]


# --- the pane ----------------------------------------------------------------------------------------------------


def test_the_pane_shows_the_chosen_trade(screen: JournalScreen, qtbot: QtBot) -> None:
    screen.table.select_trade(KEYS[2])
    qtbot.waitUntil(lambda: screen.pane._detail is not None)
    pane = screen.pane
    assert pane.head.symbol.text() == "SYM3"
    assert pane.head.figure.text() == "−€15.25"
    assert pane._foot.words.text() == "2 fills, all confirmed by Activity"
    assert pane.fills.fills.rowCount() == 2
    # 15:30 UTC in November is 10:30 in New York and 16:30 in Berlin, where the tests run.
    assert pane.fills.fills.index(0, 0).data() == "2 Nov 10:30:00"
    facts = [
        label.accessibleName()
        for label in pane.fills.facts.findChildren(type(pane.head.terms))
        if label.isVisibleTo(pane.fills.facts)
    ]
    assert "Your time: 2 Nov 2026 16:30:00" in facts
    assert "Exchange and order: NYSE · LMT" in facts
    assert pane.summary.lots.lots.rowCount() == 1
    screen.set_masked(True)
    assert pane.head.figure.text() == MASK


def test_the_pane_tells_ours_from_ibkrs() -> None:
    row = ROWS[2]
    detail = FakeJournal(ROWS).trade_detail(KEYS[2])
    assert detail is not None
    assert ibkr_words(detail, masked=False) == ("IBKR’s realised result is the same: −30.50\u00a0USD.", "muted")

    def told(theirs: str | None, number: int = 2, *, masked: bool = False) -> tuple[str, str]:
        other = FakeJournal(ROWS).trade_detail(KEYS[number])
        assert other is not None
        return ibkr_words(
            TradeDetail(
                row=other.row,
                fills=other.fills,
                matches=other.matches,
                note=None,
                ibkr_realized=None if theirs is None else Decimal(theirs),
            ),
            masked=masked,
        )

    words, tone = told("-30.49")
    assert tone == "warning"
    assert "−0.01" in words
    assert "assigned" not in words
    moved = replace(detail.row, trade=replace(detail.row.trade, booked=Decimal(9)))
    words, tone = ibkr_words(replace(detail, row=moved, ibkr_realized=Decimal(9)), masked=False)
    assert tone == "info"
    assert "moves the premium into the shares" in words
    assert ibkr_words(replace(detail, row=moved), masked=False)[1] == "warning"
    assert told("-30.496")[1] == "muted"
    assert told(None)[0].startswith("IBKR gives no realised figure")
    assert told("10", 3)[1] == "info"
    assert told(None, 0) == ("", "muted")
    assert "30.49" not in told("-30.49", masked=True)[0]
    assert row.trade.entry_known


def test_a_detail_of_another_trade_is_let_go(qtbot: QtBot, tasks: TaskRunner) -> None:
    service = FakeJournal(ROWS)
    pane = TradePane(NoteKeeper(service.write_note, tasks), today=lambda: TODAY)
    qtbot.addWidget(pane)
    pane.show_row(ROWS[1])
    late = service.trade_detail(KEYS[2])
    assert late is not None
    pane.show_detail(late)
    assert pane._detail is None
    own = service.trade_detail(KEYS[1])
    assert own is not None
    pane.show_detail(own)
    assert pane._foot.words.text() == "2 fills, 1 not confirmed by Activity yet"
    pane.show_row(None)
    assert pane.key is None


def test_closing_stepping_and_opening_the_pane(screen: JournalScreen, qtbot: QtBot) -> None:
    screen.table.select_trade(KEYS[1])
    screen.pane.step_wanted.emit(1)
    assert screen.pane.key == KEYS[2]
    screen.pane.close_wanted.emit()
    assert not screen.pane.isVisible()
    QTest.keyClick(screen.table, Qt.Key.Key_Return)
    assert screen.pane.isVisible()


@pytest.mark.parametrize("width", [1090, 1240, 2360])
def test_the_pane_leaves_the_table_the_room(screen: JournalScreen, qtbot: QtBot, width: int) -> None:
    screen.resize(width, 700)
    qtbot.waitUntil(lambda: screen.splitter.width() == width)
    assert 340 <= screen.pane.width() <= 480
    assert screen.table.columnWidth(Column.WHAT) >= 140


def test_in_a_small_window_the_pane_is_a_drawer(screen: JournalScreen, qtbot: QtBot) -> None:
    screen.resize(968, 620)
    qtbot.waitUntil(lambda: screen.table.width() > 900)
    screen.table.select_trade(KEYS[2])
    assert not screen.pane.isVisible()
    QTest.keyClick(screen.table, Qt.Key.Key_Return)
    assert screen.pane.isVisible()
    assert (screen.pane.mapTo(screen, screen.pane.rect().bottomRight()).x(), screen.pane.height()) == (967, 620)
    assert screen.pane.head.symbol.text() == "SYM3"
    QTest.keyClick(screen, Qt.Key.Key_Escape)
    assert not screen.pane.isVisible()
    open_note(screen, qtbot, KEYS[1])
    QTest.keyClicks(screen.pane.note.editor, "kept")
    screen.resize(1300, 700)
    qtbot.waitUntil(lambda: screen.splitter.isAncestorOf(screen.pane))
    assert screen.pane.isVisible()
    assert screen.pane.note.editor.toPlainText() == "kept"


# --- notes -------------------------------------------------------------------------------------------------------


def test_a_note_saves_itself_after_typing_and_says_so(screen: JournalScreen, service: FakeJournal, qtbot: QtBot) -> None:
    open_note(screen, qtbot, KEYS[2])
    QTest.keyClicks(screen.pane.note.editor, "as planned")
    assert service.written == []
    with qtbot.waitSignal(screen.keeper.saved):
        pass
    assert service.written == [(KEYS[2], "as planned")]
    qtbot.waitUntil(lambda: screen.pane.note.state.startswith("Saved"))


def test_going_to_another_trade_saves_and_each_keeps_its_own(screen: JournalScreen, service: FakeJournal, qtbot: QtBot) -> None:
    open_note(screen, qtbot, KEYS[2])
    QTest.keyClicks(screen.pane.note.editor, "third")
    open_note(screen, qtbot, KEYS[1])
    assert service.notes[KEYS[2]].text == "third"
    assert screen.pane.note.editor.toPlainText() == ""
    QTest.keyClicks(screen.pane.note.editor, "second")
    open_note(screen, qtbot, KEYS[2])
    assert screen.pane.note.editor.toPlainText() == "third"
    assert {key: note.text for key, note in service.notes.items()} == {KEYS[1]: "second", KEYS[2]: "third"}


def test_a_refresh_does_not_touch_what_is_being_typed(screen: JournalScreen, service: FakeJournal, qtbot: QtBot) -> None:
    open_note(screen, qtbot, KEYS[2])
    QTest.keyClicks(screen.pane.note.editor, "half a sen")
    with qtbot.waitSignal(screen.loaded):
        screen.refresh(Changes(trades=True))
    assert screen.pane.note.editor.toPlainText() == "half a sen"
    assert screen.pane.note.editor.textCursor().position() == 10


def test_leaving_the_tab_the_screen_or_the_text_saves(screen: JournalScreen, service: FakeJournal, qtbot: QtBot) -> None:
    open_note(screen, qtbot, KEYS[2])
    QTest.keyClicks(screen.pane.note.editor, "a")
    screen.pane.open_tab(FILLS)
    assert service.notes[KEYS[2]].text == "a"
    screen.pane.open_tab(NOTE)
    QTest.keyClicks(screen.pane.note.editor, "b")
    screen.hide()
    assert service.notes[KEYS[2]].text in {"ab", "ba"}


def test_a_note_that_cannot_be_written_is_kept_and_offered_again(screen: JournalScreen, service: FakeJournal, qtbot: QtBot) -> None:
    service.failure = StoreError("database_locked")
    open_note(screen, qtbot, KEYS[2])
    QTest.keyClicks(screen.pane.note.editor, "keep me")
    with qtbot.waitSignals([screen.keeper.failed, screen.tasks.error]):
        screen.pane.note.flush()
    assert "Not saved" in screen.pane.note.state
    open_note(screen, qtbot, KEYS[1])
    open_note(screen, qtbot, KEYS[2])
    assert screen.pane.note.editor.toPlainText() == "keep me"
    service.failure = None
    with qtbot.waitSignal(screen.keeper.saved):
        QTest.mouseClick(screen.pane.note._again, Qt.MouseButton.LeftButton)
    assert service.notes[KEYS[2]].text == "keep me"


def test_closing_the_window_writes_before_it_is_gone(qtbot: QtBot, qapp: object) -> None:
    held = HeldExecutor()
    service = FakeJournal(ROWS)
    screen = JournalScreen(service, TaskRunner(held), today=lambda: TODAY)
    window = QMainWindow()
    qtbot.addWidget(window)
    window.setCentralWidget(screen)
    window.show()
    screen.pane.show_row(ROWS[2])
    detail = service.trade_detail(KEYS[2])
    assert detail is not None
    screen.pane.show_detail(detail)
    screen.pane.open_tab(NOTE)
    QTest.keyClicks(screen.pane.note.editor, "last words")
    assert service.written == []
    window.close()
    assert service.notes[KEYS[2]].text == "last words"


def test_a_detail_read_before_the_note_was_written_does_not_bring_the_old_note_back(qtbot: QtBot, qapp: object) -> None:
    held = HeldExecutor()
    service = FakeJournal(ROWS)
    screen = JournalScreen(service, TaskRunner(held), today=lambda: TODAY)
    qtbot.addWidget(screen)
    screen.pane.show_row(ROWS[2])
    first = service.trade_detail(KEYS[2])
    assert first is not None
    screen.pane.show_detail(first)
    note = screen.pane.note
    note.editor.setPlainText("new")
    screen.trades.read_detail(KEYS[2])
    read = held.held.pop(0)
    held.held.clear()
    read()  # reads the note as it is on disk: nothing
    note.flush()
    with qtbot.waitSignal(screen.keeper.saved):
        held.run()
    assert service.notes[KEYS[2]].text == "new"
    assert screen.pane._detail is not first
    assert note.editor.toPlainText() == "new"


def test_an_older_text_never_lands_after_a_newer_one(qtbot: QtBot, qapp: object) -> None:
    """The first write is stopped inside the service while a newer text comes and the program ends."""
    started, release = Event(), Event()
    written: list[str] = []

    def write(_key: TradeKey, text: str) -> Changes:
        if not written:
            started.set()
            assert release.wait(60)
        written.append(text)
        return Changes(journal=True)

    tasks = TaskRunner(ThreadPoolExecutor(1))
    keeper = NoteKeeper(write, tasks)
    keeper.save(KEYS[0], "old")
    assert started.wait(60)
    keeper.save(KEYS[0], "new")
    release.set()
    keeper.finish()
    tasks.shutdown()
    assert written[0] == "old"
    assert written[-1] == "new"
    assert keeper.unsaved(KEYS[0]) is None


def test_a_bug_while_writing_does_not_stop_later_notes(qtbot: QtBot, qapp: object) -> None:
    texts: list[str] = []

    def write(_key: TradeKey, text: str) -> Changes:
        if text == "boom":
            raise RuntimeError(text)
        texts.append(text)
        return Changes(journal=True)

    tasks = TaskRunner(InlineExecutor())
    keeper = NoteKeeper(write, tasks)
    with qtbot.waitSignal(tasks.bug):
        keeper.save(KEYS[0], "boom")
    assert keeper.unsaved(KEYS[0]) == "boom"
    with qtbot.waitSignal(keeper.saved):
        keeper.save(KEYS[0], "fine")
    assert texts == ["fine"]


def test_return_in_the_search_leads_to_the_first_trade_found(screen: JournalScreen, qtbot: QtBot) -> None:
    assert screen.table.current_trade() is None
    screen.focus_search()
    with qtbot.waitSignal(screen.loaded):
        QTest.keyClick(screen.bar.search, Qt.Key.Key_Return)
    assert screen.table.hasFocus()
    first = screen.table.current_trade()
    assert first is not None
    assert screen.pane.key == first.trade.key
