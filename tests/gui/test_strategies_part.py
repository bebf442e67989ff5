"""Strategies in the journal screen, on a real journal: reviewed by keyboard, confirmed, merged, split, named, taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ibjournal.domain.filters import TradeFilter
from ibjournal.domain.strategy import Confidence, Strategy
from ibjournal.gui.journal.name_dialog import NameDialog
from ibjournal.gui.journal.part import CAMPAIGNS, STRATEGIES, TRADES
from ibjournal.gui.journal.strategies_part import StrategiesPart
from ibjournal.gui.journal.strategy_table import Place
from ibjournal.gui.journal.view import JournalScreen
from ibjournal.gui.screen import Known
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.widgets.formats import MASK
from ibjournal.gui.widgets.roles import Role
from tests.fakes.journal_folder import JournalFolder
from tests.fakes.story_reports import to_review

Settled = Callable[[], None]
TODAY = date(2026, 3, 12)


@pytest.fixture
def journal(tmp_path: Path) -> JournalFolder:
    made = JournalFolder(tmp_path / "data")
    assert made.take(to_review()).error is None
    return made


@pytest.fixture
def screen(journal: JournalFolder, tasks: TaskRunner, qtbot: QtBot, settled: Settled, look: None) -> JournalScreen:
    services = journal.services
    made = JournalScreen(services.journal, tasks, strategies=services.strategies, campaigns=services.campaigns, today=lambda: TODAY)
    made.changed.connect(made.refresh)  # as the window does
    qtbot.addWidget(made)
    made.resize(1240, 800)
    made.show()
    settled()
    made.show_part(STRATEGIES)
    settled()
    return made


@pytest.fixture
def part(screen: JournalScreen) -> StrategiesPart:
    return screen.strategies


def symbols(part: StrategiesPart) -> list[str]:
    return [row.strategy.symbol for row in part.list.strategies.strategies]


def chosen(part: StrategiesPart) -> str:
    row = part.list.current_row()
    return row.strategy.symbol if row is not None else ""


def stored(journal: JournalFolder) -> dict[str, list[Strategy]]:
    found: dict[str, list[Strategy]] = {}
    for row in journal.services.strategies.list(TradeFilter()):
        found.setdefault(row.strategy.symbol, []).append(row.strategy)
    return found


def told(grid: QWidget) -> list[str]:
    """Return what a grid of names and values tells: ``name: value``, line by line."""
    layout = grid.layout()
    assert layout is not None
    items = (layout.itemAt(place) for place in range(layout.count()))
    widgets = (item.widget() for item in items if item is not None)
    return [each.accessibleName() for each in widgets if each is not None and each.accessibleName()]


def review(screen: JournalScreen, settled: Settled) -> None:
    QTest.mouseClick(screen.bar.states.button("review"), Qt.MouseButton.LeftButton)
    settled()


def test_a_row_says_what_it_is_and_why(part: StrategiesPart) -> None:
    model = part.list.strategies
    cells = {Place(column): model.index(0, column).data() for column in range(model.columnCount())}
    assert cells[Place.SYMBOL] == "ZEST"
    assert cells[Place.WHAT] == "Bull call spread"
    assert cells[Place.LEGS] == "2"
    assert cells[Place.CASH] == "−200.00"
    assert cells[Place.CLOSED] == "open"
    assert cells[Place.SURE] == "40 s apart, 1:−1"
    assert cells[Place.NET] == "–"
    assert model.index(0, Place.WHAT).data(Role.TAIL) == "20 Mar · 100/110"
    assert model.index(0, Place.STATE).data(Role.ICON) == ("flag", "warning")


def test_counts_and_badge_tell_how_many_wait(screen: JournalScreen, qtbot: QtBot, settled: Settled) -> None:
    assert screen.bar.states.button("review").text() == "To review  3"
    with qtbot.waitSignal(screen.badge_changed, check_params_cb=lambda text, _tone: text == "3"):
        screen.mark_dirty()
    settled()


def test_reviewed_by_keyboard_confirmed_and_taken_back(
    screen: JournalScreen, part: StrategiesPart, journal: JournalFolder, settled: Settled
) -> None:
    review(screen, settled)
    assert symbols(part) == ["ZEST", "YELL", "XRAY"]
    part.list.setFocus()
    QTest.keyClick(part.list, Qt.Key.Key_Down)
    if chosen(part) == "YELL":
        QTest.keyClick(part.list, Qt.Key.Key_Up)
    assert chosen(part) == "ZEST"
    QTest.keyClick(part.list, Qt.Key.Key_Return)
    settled()
    assert symbols(part) == ["YELL", "XRAY"]
    assert chosen(part) == "YELL"  # the next one, so that Return goes on
    assert stored(journal)["ZEST"][0].confidence is Confidence.USER
    QTest.keyClick(part.list, Qt.Key.Key_Return)
    settled()
    assert symbols(part) == ["XRAY"]
    QTest.keyClick(part.list, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    settled()
    assert symbols(part) == ["YELL", "XRAY"]
    assert chosen(part) == "XRAY"
    QTest.keyClick(part.list, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    settled()
    assert symbols(part) == ["ZEST", "YELL", "XRAY"]
    assert not part.strip.buttons["undo"].isEnabled()


def test_several_are_confirmed_at_once_and_undone_at_once(
    screen: JournalScreen, part: StrategiesPart, journal: JournalFolder, settled: Settled
) -> None:
    review(screen, settled)
    part.list.selectAll()
    assert part.strip.buttons["confirm"].isEnabled()
    QTest.mouseClick(part.strip.buttons["confirm"], Qt.MouseButton.LeftButton)
    settled()
    assert symbols(part) == []
    assert part._empty.isVisible()
    assert all(each.certain for found in stored(journal).values() for each in found)
    part.strip.trigger("undo")
    settled()
    assert symbols(part) == ["ZEST", "YELL", "XRAY"]


def test_nothing_jumps_while_one_is_confirmed(part: StrategiesPart, settled: Settled) -> None:
    part.select(part.list.strategies.strategies[1].strategy.key)
    QTest.keyClick(part.list, Qt.Key.Key_Return)
    settled()
    assert symbols(part) == ["ZEST", "YELL", "XRAY"]
    assert chosen(part) == "YELL"
    assert part.list.strategies.index(1, Place.SURE).data() == "by you"


def test_split_and_merge_are_opposites(part: StrategiesPart, journal: JournalFolder, settled: Settled) -> None:
    part.select(part.list.strategies.strategies[0].strategy.key)
    assert part.strip.trigger("split")
    settled()
    assert sorted(len(each.legs) for each in stored(journal)["ZEST"]) == [1, 1]
    rows = [row for row, line in enumerate(part.list.strategies.rows) if line.strategy.symbol == "ZEST"]
    part.list.setFocus()
    part.list.clearSelection()
    flags = QItemSelectionModel.SelectionFlag
    for row in rows:
        part.list.selectionModel().select(part.list.strategies.index(row, 0), flags.Select | flags.Rows)
    QTest.keyClick(part.list, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
    settled()
    (whole,) = stored(journal)["ZEST"]
    assert len(whole.legs) == 2
    assert whole.reasons[0].code == "user_grouped"


def test_strategies_of_different_underlyings_cannot_be_merged(part: StrategiesPart) -> None:
    part.list.selectAll()
    assert not part.strip.buttons["merge"].isEnabled()
    assert not part.strip.buttons["split"].isEnabled()


def test_it_is_named_and_said_to_be_something_else(part: StrategiesPart, journal: JournalFolder, settled: Settled) -> None:
    part.select(part.list.strategies.strategies[0].strategy.key)
    assert part.strip.trigger("rename")
    dialog = part.findChild(NameDialog)
    assert dialog is not None
    assert dialog.choice.itemText(0) == "Bull call spread"
    dialog.name.setText("earnings play")
    dialog._on_save()
    settled()
    assert stored(journal)["ZEST"][0].name == "earnings play"
    assert part.list.strategies.index(0, Place.WHAT).data() == "earnings play"
    assert part.detail.head.title.text() == "earnings play"


def test_legs_unfold_with_the_arrow_keys_and_lead_to_their_trade(
    screen: JournalScreen, part: StrategiesPart, settled: Settled
) -> None:
    row = part.list.strategies.strategies[0]
    part.select(row.strategy.key)
    QTest.keyClick(part.list, Qt.Key.Key_Right)
    assert [part.list.strategies.index(each, Place.WHAT).data() for each in (1, 2)] == ["+1\u2002100 C", "−1\u2002110 C"]
    QTest.keyClick(part.list, Qt.Key.Key_Left)
    assert part.list.strategies.rowCount() == 3
    part.detail.legs.trade_wanted.emit(row.strategy.legs[1].trades[0])
    settled()
    assert screen.bar.part == TRADES
    assert screen.pane.key == row.strategy.legs[1].trades[0]


def test_the_pane_asks_and_shows_the_pay_off(part: StrategiesPart, screen: JournalScreen, settled: Settled) -> None:
    part.select(part.list.strategies.strategies[0].strategy.key)
    settled()
    box = part.detail.review
    assert box.guess.text() == "Bull call spread?"
    assert "40 s apart" in box.reasons.text()
    facts = told(part.detail.facts)
    assert "Maximum profit, USD: +800.00" in facts
    assert "Maximum loss, USD: −200.00" in facts
    assert "Break-even at expiry: 102.00" in facts
    screen.set_masked(True)
    facts = told(part.detail.facts)
    assert f"Maximum profit, USD: {MASK}" in facts
    screen.set_masked(False)
    box.confirm.click()
    settled()
    assert part.detail.review.guess.text() == "Bull call spread"
    assert not box.confirm.isVisible()


def test_trades_name_their_strategy_and_are_flagged(screen: JournalScreen, settled: Settled) -> None:
    screen.show_part(TRADES)
    settled()
    assert screen.bar.states.button("review").text() == "To review  6"
    review(screen, settled)
    assert screen.table.trades.totals.count == 6
    key = screen.table.trades.lines[1].trade.key  # type: ignore[union-attr]
    screen.open_trade(key)
    settled()
    menu = {action.text(): action for action in screen.context_menu().actions()}
    menu["Show the strategy"].trigger()
    settled()
    assert screen.bar.part == STRATEGIES
    assert screen.strategies.list.current_row() is not None
    assert screen.bar.states.current == "all"


def test_ctrl_tab_walks_through_the_parts(screen: JournalScreen, settled: Settled) -> None:
    screen._step_part(1)
    settled()
    assert screen.bar.part == CAMPAIGNS
    screen._step_part(1)
    assert screen.bar.part == TRADES


def test_an_empty_review_says_so_and_leads_back(
    screen: JournalScreen, part: StrategiesPart, settled: Settled, journal: JournalFolder
) -> None:
    screen.set_known(Known(depots=(), reports=True))
    journal.services.strategies.confirm(*[row.strategy.key for row in part.list.strategies.strategies])
    review(screen, settled)
    assert part._empty._title.text() == "Nothing to review"
    QTest.mouseClick(part._empty._button, Qt.MouseButton.LeftButton)
    settled()
    assert symbols(part) == ["ZEST", "YELL", "XRAY"]
