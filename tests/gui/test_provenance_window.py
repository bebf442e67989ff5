"""Where does this number come from? The chain, the row as IBKR wrote it, and the way back to the report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from ibjournal.domain.cash import CashEntry, CashKind
from ibjournal.domain.depot import AccountId, DepotId
from ibjournal.domain.errors import StoreError
from ibjournal.domain.instrument import InstrumentId
from ibjournal.domain.period import Period
from ibjournal.domain.provenance import RowRef
from ibjournal.gui.journal.view import JournalScreen
from ibjournal.gui.performance.view import PerformanceScreen
from ibjournal.gui.provenance.asked import Asked, OfCash, OfCheck, OfEquity, OfExecution, OfFigure, OfRow, OfTrade
from ibjournal.gui.provenance.link_words import words_of
from ibjournal.gui.provenance.origins import Origins
from ibjournal.gui.provenance.row_words import row_facts, row_title
from ibjournal.gui.provenance.window import WhereFromWindow
from ibjournal.gui.reports.view import ReportsScreen
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.widgets.formats import MASK
from ibjournal.services.origins import Origin, OriginKind
from ibjournal.services.provenance import ProvenanceService
from tests.fakes import flex_reports as fx
from tests.fakes.builders import make_trade
from tests.fakes.check_services import FakeProvenance, make_check, make_source_row
from tests.fakes.journal_folder import JournalFolder
from tests.fakes.screen_services import FakeJournal, make_row
from tests.gui.conftest import FakePerformance
from tests.gui.test_reports_screen import FakeReports

ACCOUNT = AccountId(fx.ACCOUNT)


@pytest.fixture
def journal(tmp_path: Path) -> JournalFolder:
    made = JournalFolder(tmp_path / "data")
    sections = (
        fx.section("Trades", fx.trade(1), fx.trade(2, 50, 11), fx.trade(3, -120, 12)),
        fx.section("EquitySummaryInBase", fx.equity("20260303", "1234.5")),
        fx.section("CashTransactions", fx.cash(1)),
    )
    made.take(fx.report(fx.statement(*sections)), "march.xml")
    return made


@pytest.fixture
def window(qtbot: QtBot, tasks: TaskRunner, journal: JournalFolder, look: None) -> WhereFromWindow:
    made = WhereFromWindow(journal.services.provenance, tasks)
    qtbot.addWidget(made)
    made.show()
    return made


def lines(window: WhereFromWindow) -> list[str]:
    return window.tree.as_text().splitlines()


def words(widget: QWidget) -> str:
    QApplication.processEvents()  # what was just put into a layout is shown by the event loop
    return " | ".join(label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget))


def test_a_trade_is_shown_down_to_the_row(window: WhereFromWindow, journal: JournalFolder, settled: Callable[[], None]) -> None:
    (trade,) = journal.trades()
    window.ask(OfTrade(trade.key, "ACME · Shares"))
    settled()
    shown = lines(window)
    assert shown[0].startswith("ACME · Shares")
    assert shown[1].startswith("  Lot of 100")
    assert shown[2].strip().startswith("Bought 100 ACME at 10.00")
    assert shown[3].strip().startswith("Sold 120 ACME at 12.00")
    row = window.pane.row
    assert row is not None
    assert row.text == fx.trade(1)
    facts = words(window.pane)
    for text in ("Trade · STK ACME", "Trades, row 1", "march.xml", "Activity · Journal", fx.ACCOUNT):
        assert text in facts, text
    names = [window.pane.attributes.index(at, 0).data() for at in range(window.pane.attributes.rowCount())]
    assert names[:3] == ["accountId", "currency", "fxRateToBase"]
    meanings = [window.pane.attributes.index(at, 2).data() for at in range(3)]
    assert meanings == ["Account number", "Currency of the amounts", "Rate into the base currency"]


def test_keys_walk_the_chain_and_the_row_follows(
    window: WhereFromWindow, journal: JournalFolder, settled: Callable[[], None]
) -> None:
    (trade,) = journal.trades()
    window.ask(OfTrade(trade.key))
    settled()
    QTest.keyClick(window.tree, Qt.Key.Key_Down)
    settled()
    assert window.pane.text.toPlainText() == fx.trade(3, -120, 12)
    QTest.keyClick(window.tree, Qt.Key.Key_Home)
    settled()
    assert "No row of its own" in words(window.pane)


def test_the_row_can_be_copied_and_its_report_opened(
    window: WhereFromWindow, journal: JournalFolder, settled: Callable[[], None], qtbot: QtBot
) -> None:
    window.ask(OfRow(RowRef(1, 2), "The sale"))
    settled()
    window.pane.copy.click()
    assert QGuiApplication.clipboard().text() == fx.trade(3, -120, 12)
    with qtbot.waitSignal(window.report_wanted) as asked:
        window.pane.open_report.click()
    assert asked.args == [1]
    window.copy.click()
    assert QGuiApplication.clipboard().text() == "The sale"
    window.pane.kinds.button("xml").click()
    assert window.pane.text.toPlainText() == fx.trade(3, -120, 12)


def test_masked_neither_amounts_nor_the_text_are_shown(
    window: WhereFromWindow, journal: JournalFolder, settled: Callable[[], None]
) -> None:
    (trade,) = journal.trades()
    window.ask(OfTrade(trade.key))
    settled()
    window.set_masked(True)
    values = [window.pane.attributes.index(at, 1).data() for at in range(window.pane.attributes.rowCount())]
    assert MASK in values
    assert "-1" not in values
    assert window.pane.text.toPlainText() == ""
    assert not window.pane.copy.isEnabled()
    assert window.amount.text() == MASK
    assert "197" not in window.tree.as_text()


@pytest.mark.parametrize("damage", ["file", "row"])
def test_what_cannot_be_shown_is_said_in_words(
    window: WhereFromWindow, journal: JournalFolder, settled: Callable[[], None], damage: str
) -> None:
    if damage == "file":
        next(iter(journal.paths.archive.rglob("*.gz"))).unlink()
    window.ask(OfRow(RowRef(1, 2 if damage == "file" else 999)))
    settled()
    shown = words(window.pane)
    assert ("archive" in shown.casefold() or "report" in shown) if damage == "file" else "does not hold row 1000" in shown


def test_every_kind_of_figure_can_be_asked_for(
    window: WhereFromWindow, journal: JournalFolder, settled: Callable[[], None]
) -> None:
    (trade,) = journal.trades()
    (entry,) = journal.services.provenance.entries((ACCOUNT,))
    check = make_check("realized_instrument", account=ACCOUNT, instrument=InstrumentId("111"), subject="ACME", rows=(RowRef(1, 2),))
    asked: list[tuple[Asked, str]] = [
        (OfExecution(ACCOUNT, InstrumentId("111"), trade.pieces[0].execution), "Bought 100 ACME at 10.00"),
        (OfCash(entry), "Dividends"),
        (OfEquity(ACCOUNT, date(2026, 3, 3)), "Net asset value"),
        (OfCheck(check), "Realised, ACME"),
        (OfFigure("twr", "Time-weighted return", values=True), "Time-weighted return"),
        (OfFigure("win_rate", "Win rate", period=Period(None, None)), "Win rate"),
    ]
    for each, title in asked:
        window.ask(each)
        settled()
        assert window.title.text().startswith(title), each
        assert lines(window), each


def test_a_trade_below_a_figure_is_looked_up_when_it_is_opened(
    qtbot: QtBot, tasks: TaskRunner, journal: JournalFolder, settled: Callable[[], None], look: None
) -> None:
    journal.take(fx.activity(fx.trade(5, -30, 13), days=("20260311", "20260312"), generated="20260313;050000"), "april.xml")
    window = WhereFromWindow(journal.services.provenance, tasks)
    qtbot.addWidget(window)
    window.show()
    window.ask(OfFigure("win_rate", "Win rate"))
    settled()
    assert len(lines(window)) == 2
    index = window.tree.model().index(0, 0, window.tree.model().index(0, 0))
    window.tree.expand(index)
    settled()
    assert any("Lot of 100" in line for line in lines(window))


def test_a_figure_that_is_gone_says_so(window: WhereFromWindow, settled: Callable[[], None]) -> None:
    window.ask(OfTrade(make_trade().key, "Gone"))
    settled()
    assert "No longer there" in words(window.pane)


def test_ready_made_windows(
    qtbot: QtBot, tasks: TaskRunner, journal: JournalFolder, settled: Callable[[], None], look: None
) -> None:
    (trade,) = journal.trades()
    service = journal.services.provenance
    first = WhereFromWindow.for_trade(service, tasks, trade.key, title="ACME")
    second = WhereFromWindow.for_execution(service, tasks, ACCOUNT, InstrumentId("111"), trade.pieces[1].execution)
    for made in (first, second):
        qtbot.addWidget(made)
    settled()
    assert first.title.text() == "ACME"
    assert second.title.text().startswith("Bought 50 ACME")


def test_one_window_serves_all_screens(qtbot: QtBot, tasks: TaskRunner, settled: Callable[[], None], look: None) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    provenance = FakeProvenance()
    origins = Origins(provenance, tasks, parent)
    origins.set_masked(True)
    origins.open(OfTrade(make_trade().key, "One"))
    window = origins.window
    origins.open(OfTrade(make_trade(2).key, "Two"))
    settled()
    assert origins.window is window
    assert window is not None
    assert window.title.text() == "Two"
    assert window.tree.masked
    with qtbot.waitSignal(origins.report_wanted):
        window.pane.open_report.click()
    origins.close()
    assert origins.window is None


def test_an_archive_that_is_gone_is_no_crash(qtbot: QtBot, tasks: TaskRunner, settled: Callable[[], None], look: None) -> None:
    provenance = FakeProvenance()
    provenance.failure = StoreError("archive_missing", file="1/a.xml.gz")
    window = WhereFromWindow(cast("ProvenanceService", provenance), tasks)
    qtbot.addWidget(window)
    window.show()
    window.ask(OfRow(RowRef(1, 0)))
    settled()
    assert "a.xml.gz" in words(window.pane)


def test_the_journal_asks_for_the_trade_or_the_fill(
    qtbot: QtBot, tasks: TaskRunner, settled: Callable[[], None], look: None
) -> None:
    row = make_row(1)
    screen = JournalScreen(FakeJournal((row,)), tasks)
    qtbot.addWidget(screen)
    with qtbot.waitSignal(screen.loaded):
        screen.show()
    screen.open_trade(row.trade.key)
    settled()
    with qtbot.waitSignal(screen.origin_wanted) as asked:
        screen.pane.origin.click()
    assert asked.args == [OfTrade(row.trade.key, "SYM1 · Shares")]
    with qtbot.waitSignal(screen.origin_wanted) as asked:
        screen.pane.fills.ask_origin()
    assert isinstance(asked.args[0], OfExecution)
    assert "Where does this number come from?" in [action.text() for action in screen.context_menu().actions()]


def test_performance_asks_for_trades_or_days(qtbot: QtBot, tasks: TaskRunner, settled: Callable[[], None], look: None) -> None:
    screen = PerformanceScreen(FakePerformance(), tasks)  # type: ignore[arg-type]
    qtbot.addWidget(screen)
    with qtbot.waitSignal(screen.loaded):
        screen.show()
    with qtbot.waitSignal(screen.origin_wanted) as asked:
        screen.strip.tiles[6].actions()[0].trigger()
    assert asked.args == [OfFigure("win_rate", "Win rate", values=False, depot=None, period=screen.period)]
    with qtbot.waitSignal(screen.origin_wanted) as asked:
        screen.ask_origin()
    assert asked.args[0].values


def test_the_report_of_a_row_is_shown_among_all_reports(qtbot: QtBot, tasks: TaskRunner, look: None) -> None:
    screen = ReportsScreen(FakeReports(), tasks)
    qtbot.addWidget(screen)
    screen.open_report(31)  # before the log was read
    with qtbot.waitSignal(screen.loaded):
        screen.show()
    assert screen.pane.run is None or screen.pane.run.id != 3
    screen.open_report(30)
    assert screen.pane.run is not None
    assert screen.pane.run.id == 3
    chosen = screen.pane.files.current_file()
    assert chosen is not None
    assert chosen.id == 30
    screen.depot = DepotId(2)
    with qtbot.waitSignal(screen.depot_wanted) as asked:
        screen.open_report(99)  # of another depot
    assert asked.args == [None]


def test_links_are_told_in_words(qapp: object) -> None:
    row = Origin(kind=OriginKind.ROW, of="cancelled", row=RowRef(1, 0))
    assert words_of(row).text == "Cancelled row"
    assert words_of(replace(row, of=None)).text == "Row of the report"
    assert words_of(replace(row, of="ibkr")).text == "IBKR’s figure stands here"
    gone = Origin(kind=OriginKind.EXECUTION, of="E1")
    assert (words_of(gone).text, words_of(gone).tail) == ("A fill that is no longer known", "E1")
    entry = CashEntry(
        id="1", account=ACCOUNT, kind=CashKind.FEE, type="Other Fees", amount=Decimal(-3), currency="USD",
        booked_at=make_trade().opened_at, value_date=date(2026, 3, 2),
    )  # fmt: skip
    assert words_of(Origin(kind=OriginKind.CASH, of=entry, amount=Decimal(-3), currency="USD")).amount == "−3.00\u00a0USD"


def test_a_row_in_few_words(qapp: object) -> None:
    row = make_source_row(notes="A;P", transactionType="BookTrade", currency="USD")
    assert row_title(row) == "Trade · OPT PLTR"
    assert row_facts(row) == "BookTrade · code A;P · realised 412.85 · USD"
    assert "412" not in row_facts(row, masked=True)
    other = replace(row, tag="SomethingNew", attributes=(("accountId", "U1"), ("colour", "red"), ("empty", "")))
    assert (row_title(other), row_facts(other)) == ("SomethingNew", "red")
