"""The check screen: counts that filter, lines that fold, the sum that closes, the rows behind it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel
from pytestqt.qtbot import QtBot

from ibjournal.analytics.reconciliation import Check, CheckStatus, Part
from ibjournal.domain.depot import AccountId, DepotId
from ibjournal.domain.errors import StoreError
from ibjournal.domain.period import Period
from ibjournal.domain.provenance import RowRef
from ibjournal.gui.check.check_export import checks_as_csv
from ibjournal.gui.check.check_table import CheckModel, Column
from ibjournal.gui.check.explanation import MOST_ROWS, left_over
from ibjournal.gui.check.lines import build_lines
from ibjournal.gui.check.view import CheckScreen
from ibjournal.gui.check.walk import steps_of
from ibjournal.gui.provenance.asked import OfCheck, OfRow
from ibjournal.gui.screen import Known
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.widgets.formats import MASK
from ibjournal.gui.widgets.roles import Role
from ibjournal.services.changes import Changes
from tests.fakes.check_services import YEAR, FakeReconciliation, make_check
from tests.gui.conftest import FakeServices, make_depot

EXPLAINED = make_check(
    ours="356.79", ibkr="0", subject="PLTR P170", instrument="7", status=CheckStatus.EXPLAINED, reason="premium_moved",
    parts=(Part(label="premium_moved", amount=Decimal("-356.79"), rows=(RowRef(1, 5),)),), rows=(RowRef(1, 6),),
)  # fmt: skip
DIFFERS = make_check("cash", "41208.93", "41209.31", subject="USD", currency="USD", reason="no_reason_found")
AGREES = make_check(subject="KO", instrument="8")
MISSING = make_check("fees", None, None, reason="section_missing", values=(("sections", ("ChangeInNAV",)),))
WALK = tuple(
    make_check("nav_walk", value, value, subject=line)
    for line, value in (
        ("startingValue", 900),
        ("depositsWithdrawals", 50),
        ("interest", 0),
        ("dividends", 30),
        ("endingValue", 980),
    )
)
CHECKS = (EXPLAINED, DIFFERS, AGREES, MISSING, *WALK)


@pytest.fixture
def screen(qtbot: QtBot, tasks: TaskRunner, services: FakeServices, look: None) -> CheckScreen:
    services.depots.set(make_depot(1, "Income"))
    services.reconciliation = FakeReconciliation(*CHECKS)
    made = CheckScreen(services.bundle, tasks)
    qtbot.addWidget(made)
    made.resize(1240, 800)
    with qtbot.waitSignal(made.loaded):
        made.show()
    qtbot.waitUntil(lambda: not tasks.busy)
    return made


def titles(screen: CheckScreen) -> list[str]:
    return [line.title for line in screen.table.checks.lines]


def words(screen: CheckScreen) -> str:
    QApplication.processEvents()  # what was just put into a layout is shown by the event loop
    return " | ".join(label.text() for label in screen.pane.findChildren(QLabel) if label.isVisibleTo(screen.pane))


def choose(screen: CheckScreen, check: Check) -> None:
    line = next(line for line in screen.table.checks.lines if line.check == check)
    assert screen.table.choose(line.key)


def test_the_model_keeps_qts_rules(qapp: object, qtmodeltester: object) -> None:
    model = CheckModel()
    model.set_sections(build_lines(CHECKS))
    qtmodeltester.check(model)  # type: ignore[attr-defined]


def test_counts_are_shown_and_filter(screen: CheckScreen) -> None:
    counts = {status: button.count for status, button in screen.strip.counts.items()}
    assert counts == {CheckStatus.OK: 6, CheckStatus.EXPLAINED: 1, CheckStatus.DIFFERS: 1, CheckStatus.NOT_IN_REPORT: 1}
    screen.strip.counts[CheckStatus.DIFFERS].click()
    assert titles(screen) == ["Cash", "USD"]
    screen.strip.counts[CheckStatus.EXPLAINED].click()
    assert titles(screen) == ["Realised profit and loss", "PLTR P170"]
    assert not screen.strip.counts[CheckStatus.DIFFERS].isChecked()
    screen.strip.counts[CheckStatus.EXPLAINED].click()
    assert "KO" in titles(screen)


def test_what_differs_is_chosen_first_and_said_to_be_unexplained(screen: CheckScreen) -> None:
    line = screen.table.current_line()
    assert line is not None
    assert line.check == DIFFERS
    shown = words(screen)
    assert "nothing in the reports says why" in shown
    assert "+0.38" in shown
    assert "−0.38" in shown
    assert left_over(DIFFERS) == Decimal("-0.38")


def test_an_explanation_closes_to_zero_and_names_its_rows(screen: CheckScreen, qtbot: QtBot, tasks: TaskRunner) -> None:
    choose(screen, EXPLAINED)
    qtbot.waitUntil(lambda: not tasks.busy)
    shown = words(screen)
    for text in ("+356.79", "Premium of an exercise", "−356.79", "✓ 0.00", "Trade · OPT PLTR", "realised 412.85"):
        assert text in shown, text
    with qtbot.waitSignal(screen.origin_wanted) as asked:
        buttons = [b for b in screen.pane.findChildren(type(screen.pane.origin)) if b.text() == "XML"]
        assert len(buttons) == 2
        buttons[0].click()
    assert asked.args == [OfRow(RowRef(1, 6), "Realised, PLTR P170, EUR")]


def test_what_is_not_in_the_report_says_which_section_to_switch_on(screen: CheckScreen) -> None:
    choose(screen, MISSING)
    assert "Change in NAV" in words(screen)
    row = screen.table.checks.row_of(screen.table.current_line().key)  # type: ignore[union-attr]
    assert row is not None
    texts = [screen.table.checks.index(row, column).data() for column in Column]
    assert texts == ["Fees", "–", "–", "–", "not in report", "Switch on: Change in NAV"]


def test_many_rows_are_left_to_the_window(screen: CheckScreen, qtbot: QtBot, tasks: TaskRunner, services: FakeServices) -> None:
    many = replace(EXPLAINED, rows=tuple(RowRef(1, number) for number in range(20)), parts=())
    services.reconciliation.found = (many,)
    with qtbot.waitSignal(screen.loaded):
        screen.refresh(Changes(trades=True))
    qtbot.waitUntil(lambda: not tasks.busy)
    assert f"{20 - MOST_ROWS} more under" in words(screen)


def test_a_missing_archive_file_is_said_in_words(
    screen: CheckScreen, services: FakeServices, qtbot: QtBot, tasks: TaskRunner
) -> None:
    services.provenance.failure = StoreError("archive_missing", file="1/a.xml.gz")
    choose(screen, EXPLAINED)
    qtbot.waitUntil(lambda: not tasks.busy)
    assert "a.xml.gz" in words(screen)


def test_keys_fold_open_copy_and_ask(screen: CheckScreen, qtbot: QtBot) -> None:
    screen.table.choose("section/nav")
    QTest.keyClick(screen.table, Qt.Key.Key_Left)
    assert "Dividends" not in titles(screen)
    QTest.keyClick(screen.table, Qt.Key.Key_Right)
    assert "Dividends" in titles(screen)
    QTest.keyClick(screen.table, Qt.Key.Key_Space)
    assert "Dividends" not in titles(screen)
    choose(screen, DIFFERS)
    QTest.keyClick(screen.table, Qt.Key.Key_Left)
    current = screen.table.current_line()
    assert current is not None
    assert current.title == "Cash"
    choose(screen, DIFFERS)
    QTest.keyClick(screen.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert "USD\t41,208.93\t41,209.31\t−0.38\tdiffers\tNot explained" in QGuiApplication.clipboard().text()
    with qtbot.waitSignal(screen.origin_wanted) as asked:
        screen.ask_origin()
    assert asked.args == [OfCheck(DIFFERS)]
    assert next(action.text() for action in screen.context_menu().actions()) == "Where does this number come from?"


def test_a_click_on_a_section_folds_it(screen: CheckScreen) -> None:
    row = screen.table.checks.row_of("section/nav")
    assert row is not None
    place = screen.table.visualRect(screen.table.checks.index(row, 0)).center()
    QTest.mouseClick(screen.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert "Dividends" not in titles(screen)


def test_the_mask_hides_money_everywhere(screen: CheckScreen, qtbot: QtBot, tasks: TaskRunner) -> None:
    choose(screen, EXPLAINED)
    screen.set_masked(True)
    qtbot.waitUntil(lambda: not tasks.busy)
    shown = words(screen)
    assert "356" not in shown
    assert "412" not in shown
    assert MASK in shown
    QTest.keyClick(screen.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert "356" not in QGuiApplication.clipboard().text()
    assert "900" not in screen.walk.canvas.accessibleDescription()
    text = checks_as_csv(CHECKS, masked=True)
    assert "41208.93" not in text
    assert MASK in text


def test_all_checks_are_exported_folded_or_not(screen: CheckScreen, tmp_path: Path, qtbot: QtBot, tasks: TaskRunner) -> None:
    screen.strip.counts[CheckStatus.DIFFERS].click()
    screen.export()
    dialog = screen.findChild(QFileDialog)
    assert dialog is not None
    dialog.fileSelected.emit(str(tmp_path / "checks.csv"))
    dialog.close()
    qtbot.waitUntil(lambda: not tasks.busy)
    lines = (tmp_path / "checks.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == len(CHECKS) + 1
    assert any("cash" in line and "41208.93,41209.31,-0.38,differs" in line for line in lines)


def test_the_walk_is_the_latest_or_that_of_the_chosen_line(screen: CheckScreen, services: FakeServices, qtbot: QtBot) -> None:
    assert [step.name for step in screen.walk.steps] == [
        "Value at the start", "Deposits and withdrawals", "Dividends", "Value at the end",
    ]  # fmt: skip
    assert [step.neutral for step in screen.walk.steps] == [False, True, False, False]
    last_year = Period(date(2025, 1, 1), date(2025, 12, 31))
    old = make_check("nav_walk", 500, 500, subject="endingValue", period=last_year)
    services.reconciliation.found = (*WALK, old)
    with qtbot.waitSignal(screen.loaded):
        screen.refresh(Changes(equity=True))
    assert screen.walk.steps[-1].amount == 980
    holder = next(
        line for line in screen.table.checks.lines if line.parts and line.level == 1 and not screen.table.checks.opened(line)
    )
    screen.table.checks.fold(holder, opened=True)
    choose(screen, old)
    assert screen.walk.steps[-1].amount == 500
    assert steps_of(()) == ()


def test_several_accounts_are_shown_one_at_a_time_the_one_that_differs_first(
    qtbot: QtBot, tasks: TaskRunner, services: FakeServices, look: None
) -> None:
    services.depots.set(make_depot(1, "Income"), make_depot(2, "Anna"))
    services.reconciliation = FakeReconciliation(AGREES, replace(DIFFERS, account=AccountId("U1000002")))
    made = CheckScreen(services.bundle, tasks)
    qtbot.addWidget(made)
    with qtbot.waitSignal(made.loaded):
        made.show()
    assert [made.accounts.itemText(place) for place in range(2)] == ["Income · U1000001", "Anna · U1000002 (1 ≠)"]
    assert made.accounts.currentData() == "U1000002"
    assert titles(made) == ["Cash", "USD"]
    made.accounts.setCurrentIndex(0)
    made.accounts.activated.emit(0)
    assert titles(made) == ["Realised profit and loss", "KO"]
    with qtbot.waitSignal(made.loaded):
        made.set_filter(DepotId(2), YEAR)
    assert services.reconciliation.asked[-1] == ("U1000002", YEAR)
    assert not made.accounts.isVisibleTo(made)


def test_the_badge_counts_what_differs_even_while_the_screen_is_hidden(
    qtbot: QtBot, tasks: TaskRunner, services: FakeServices, look: None
) -> None:
    services.reconciliation = FakeReconciliation(DIFFERS, AGREES)
    made = CheckScreen(services.bundle, tasks)
    qtbot.addWidget(made)
    with qtbot.waitSignal(made.badge_changed) as badge:
        made.refresh(Changes(trades=True))
    assert badge.args == ["1", "warning"]
    assert services.reconciliation.asked == []
    services.reconciliation.found = (AGREES,)
    with qtbot.waitSignal(made.badge_changed) as badge:
        made.set_known(Known(depots=((DepotId(1), "Income"),), reports=True))
    assert badge.args == ["", ""]


def test_an_empty_screen_says_what_to_do(qtbot: QtBot, tasks: TaskRunner, services: FakeServices, look: None) -> None:
    made = CheckScreen(services.bundle, tasks)
    qtbot.addWidget(made)
    with qtbot.waitSignal(made.loaded):
        made.show()
    with qtbot.waitSignal(made.settings_wanted):
        made._empty.clicked.emit()
    made.set_known(Known(depots=((DepotId(1), "Income"),), reports=False))
    with qtbot.waitSignal(made.sync_wanted):
        made._empty.clicked.emit()
    made.set_known(Known(depots=((DepotId(1), "Income"),), reports=True))
    with qtbot.waitSignal(made.all_time_wanted):
        made._empty.clicked.emit()


@pytest.mark.parametrize("size", [(1024, 680), (1224, 700), (2360, 1300)])
def test_it_fits_small_and_large_windows(screen: CheckScreen, size: tuple[int, int]) -> None:
    screen.resize(*size)
    QApplication.processEvents()
    assert screen.width() == size[0]
    assert screen.table.height() >= 150
    assert screen.pane.height() >= 150
    right = screen.pane.mapTo(screen, screen.pane.rect().bottomRight())
    assert right.x() <= screen.width()
    assert right.y() <= screen.height()


def test_a_section_spans_its_row_and_its_lines_tell_money_from_units(screen: CheckScreen) -> None:
    model = screen.table.checks
    row = model.row_of("section/cash")
    assert row is not None
    assert screen.table.columnSpan(row, 0) == len(Column)
    model.set_sections(build_lines((make_check("positions", 5, 4, subject="KO", currency="", instrument="8"),)))
    units = next(row for row, line in enumerate(model.lines) if line.check is not None)
    assert model.index(units, Column.OURS).data(Role.VALUE) is None
    assert model.index(units, Column.OURS).data() == "5"
