"""The journal's table model: groups, sorting, words, sums, and what a mask and an export leave."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from pytestqt.qtbot import QtBot

from ibjournal.domain.instrument import AssetClass
from ibjournal.domain.trade import Side
from ibjournal.gui.journal.journal_table import JournalTable
from ibjournal.gui.journal.trade_table import Column, Group, TradeTableModel
from ibjournal.gui.journal.trade_totals import total
from ibjournal.gui.journal.trade_words import holding_days, mark_of, result_of, symbol_of, terms_of, title_of
from ibjournal.gui.widgets.delegates import ProfitDelegate
from ibjournal.gui.widgets.formats import MASK, MINUS
from ibjournal.gui.widgets.roles import Role
from ibjournal.gui.widgets.table_export import table_as_csv
from ibjournal.services.journal import TradeRow
from tests.fakes.screen_services import TODAY, make_row

WEEK_47 = (date(2026, 11, 16), date(2026, 11, 18))
ROWS = (
    make_row(1, None, None),
    make_row(2, WEEK_47[0], "80"),
    make_row(3, WEEK_47[1], "-30.50", provisional=True),
    make_row(4, date(2026, 11, 13), "10"),
    make_row(5, date(2025, 12, 30), "1000"),
)
DESCENDING, ASCENDING = Qt.SortOrder.DescendingOrder, Qt.SortOrder.AscendingOrder


@pytest.fixture
def model(qapp: object) -> TradeTableModel:
    made = TradeTableModel(today=lambda: TODAY)
    made.set_trades(ROWS, "EUR")
    return made


def text_of(model: TradeTableModel, row: int, column: Column) -> str:
    return str(model.index(row, column).data(Qt.ItemDataRole.DisplayRole) or "")


def symbols(model: TradeTableModel) -> list[str]:
    return [line.instrument.symbol for line in model.lines if isinstance(line, TradeRow)]


def test_the_model_keeps_qts_rules(model: TradeTableModel, qtmodeltester: Any) -> None:
    qtmodeltester.check(model)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.sort(Column.NET, ASCENDING)
    model.set_trades(ROWS[:2], "EUR")
    model.sort(Column.CLOSED, DESCENDING)
    model.fold(0, folded=True)
    model.set_trades((), "")
    qtmodeltester.check(model)
    tester.deleteLater()


def test_trades_stand_under_their_week_and_open_ones_first(model: TradeTableModel) -> None:
    heads = [
        (text_of(model, row, Column.CLOSED), model.index(row, Column.CLOSED).data(Role.TAIL))
        for row, line in enumerate(model.lines)
        if isinstance(line, Group)
    ]
    assert heads == [
        ("Open", "· 1"),
        ("Week 47", "· 16 – 20 Nov · 2 closed"),
        ("Week 46", "· 9 – 13 Nov · 1 closed"),
        ("Week 1", "· 29 Dec 2025 – 2 Jan · 1 closed"),
    ]
    assert symbols(model) == ["SYM1", "SYM3", "SYM2", "SYM4", "SYM5"]
    assert text_of(model, 2, Column.NET) == "+24.75"
    assert model.index(2, 0).data(Role.OBJECT) is None


def test_a_week_with_a_trade_on_sunday_ends_on_that_sunday(qapp: object) -> None:
    model = TradeTableModel(today=lambda: TODAY)
    model.set_trades((make_row(1, date(2026, 11, 15)), make_row(2, date(2026, 11, 10))), "EUR")
    assert model.index(0, Column.CLOSED).data(Role.TAIL) == "· 9 – 15 Nov · 2 closed"


def test_folding_hides_the_rows_and_stays_over_a_refresh(model: TradeTableModel) -> None:
    model.fold(2, folded=True)
    assert symbols(model) == ["SYM1", "SYM4", "SYM5"]
    assert model.index(2, Column.STATE).data(Role.ICON) == ("chevron-right", "text_muted")
    model.set_trades(ROWS, "EUR")
    assert symbols(model) == ["SYM1", "SYM4", "SYM5"]
    model.fold(2, folded=False)
    assert symbols(model) == ["SYM1", "SYM3", "SYM2", "SYM4", "SYM5"]


@pytest.mark.parametrize(
    ("column", "order", "expected"),
    [
        (Column.NET, DESCENDING, ["SYM5", "SYM2", "SYM4", "SYM3", "SYM1"]),
        (Column.NET, ASCENDING, ["SYM3", "SYM4", "SYM2", "SYM5", "SYM1"]),
        (Column.SYMBOL, ASCENDING, ["SYM1", "SYM2", "SYM3", "SYM4", "SYM5"]),
        (Column.CLOSED, ASCENDING, ["SYM1", "SYM5", "SYM4", "SYM2", "SYM3"]),
        (Column.STATE, ASCENDING, ["SYM3", "SYM1", "SYM2", "SYM4", "SYM5"]),
    ],
)
def test_sorting_puts_the_unknown_last_both_ways(
    model: TradeTableModel, column: Column, order: Qt.SortOrder, expected: list[str]
) -> None:
    model.sort(column, order)
    assert symbols(model) == expected
    assert any(isinstance(line, Group) for line in model.lines) == (column is Column.CLOSED)


def test_every_column_sorts_and_shows(model: TradeTableModel) -> None:
    for column in Column:
        for order in (ASCENDING, DESCENDING):
            model.sort(column, order)
            assert sorted(symbols(model)) == ["SYM1", "SYM2", "SYM3", "SYM4", "SYM5"]
        for row in range(model.rowCount()):
            for role in Qt.ItemDataRole:
                model.index(row, column).data(role)


def test_the_net_column_names_its_currency_and_a_stranger_names_its_own(qapp: object) -> None:
    model = TradeTableModel(today=lambda: TODAY)
    model.set_trades((make_row(1), make_row(2, net_base=None), make_row(3, row__base_currency="")), "EUR")
    assert model.headerData(Column.NET, Qt.Orientation.Horizontal) == "Net P&L, EUR"
    shown = {
        line.instrument.symbol: text_of(model, row, Column.NET)
        for row, line in enumerate(model.lines)
        if isinstance(line, TradeRow)
    }
    assert shown == {"SYM1": "+50.00", "SYM2": "+100.00\u00a0USD", "SYM3": "+100.00\u00a0USD"}
    # the head of the group has the room that sums in several currencies need
    assert text_of(model, 0, Column.NET) == ""
    assert model.index(0, Column.CLOSED).data(Role.TAIL).endswith("+50.00\u00a0EUR · +200.00\u00a0USD")
    model.set_trades((make_row(1),), "")
    assert model.headerData(Column.NET, Qt.Orientation.Horizontal) == "Net P&L"
    assert text_of(model, 1, Column.NET) == "+50.00\u00a0EUR"


def test_an_open_trade_has_no_result_until_a_part_was_closed() -> None:
    assert result_of(make_row(1, None, "0")).value is None
    part = make_row(1, None, "40", open_quantity=Decimal(60))
    assert result_of(part).value == Decimal(20)
    assert mark_of(part) is None


def test_sums_never_cross_currencies_and_count_wins_of_closed_trades_only() -> None:
    rows = (
        make_row(1),
        make_row(2, net="-20", net_base=None),
        make_row(3, None, "40", open_quantity=Decimal(60)),
        make_row(4, net="0"),
    )
    sums = total(rows)
    assert (sums.count, sums.open, sums.wins, sums.losses) == (4, 1, 1, 1)
    assert dict(sums.net) == {"EUR": Decimal(70), "USD": Decimal(-20)}
    assert dict(sums.fees) == {"USD": Decimal(-8)}


def test_words_name_side_terms_and_end() -> None:
    option = make_row(
        1,
        side=Side.SHORT,
        ended_by="expired",
        instrument__asset_class=AssetClass.OPT,
        instrument__underlying_symbol="SPY",
        instrument__expiry=date(2026, 11, 20),
        instrument__strike=Decimal("680.50"),
        instrument__right="P",
    )
    assert (symbol_of(option.instrument), title_of(option)) == ("SPY", "Short put")
    assert terms_of(option, TODAY) == "20 Nov · 680.5 P · expired"
    assert "20 Nov 2026" in terms_of(option, date(2027, 1, 1))
    future = make_row(2, instrument__asset_class=AssetClass.FUT, instrument__expiry=date(2026, 12, 18))
    assert (title_of(future), terms_of(future, TODAY)) == ("Futures, long", "Dec 26")
    share = make_row(3, side=Side.SHORT)
    assert (title_of(share), terms_of(share, TODAY)) == ("Shares, short", "NYSE")
    unknown = make_row(4, instrument__asset_class=AssetClass.OTHER, instrument__category="SWAP")
    assert title_of(unknown) == "SWAP"


def test_the_state_icon_shows_the_weightiest_state_alone() -> None:
    states: tuple[tuple[dict[str, Any], str], ...] = (
        ({"provisional": True, "entry_known": False, "row__has_note": True}, "circle-dashed"),
        ({"entry_known": False, "row__has_note": True}, "info"),
        ({"row__has_note": True}, "sticky-note"),
    )
    for fields, icon in states:
        mark = mark_of(make_row(1, **fields))
        assert mark is not None
        assert mark.icon == icon
        assert mark.text
    assert holding_days(make_row(1, entry_known=False).trade, TODAY) is None
    assert holding_days(make_row(1, None).trade, TODAY) == 17


def test_the_view_masks_copies_and_exports(qtbot: QtBot) -> None:
    table = JournalTable(today=lambda: TODAY)
    qtbot.addWidget(table)
    table.show_trades((*ROWS, make_row(6, instrument__symbol="=cmd()")), "EUR")
    table.select_trade(ROWS[2].trade.key)
    assert f"{MINUS}15.25" in table.selection_as_text()
    rows = list(csv.DictReader(io.StringIO(table_as_csv(table))))
    third = next(row for row in rows if row["Symbol"] == "SYM3")
    assert third["Closed"] == "2026-11-18"
    assert third["Net P&L, EUR"] == "-15.25"
    assert third["Net, traded"] == "-30.50"
    assert third["Entry"] == "10"
    assert len(rows) == 6
    assert "'=cmd()" in {row["Symbol"] for row in rows}
    table.set_masked(True)
    assert "15.25" not in table.selection_as_text()
    masked = table_as_csv(table)
    assert "15.25" not in masked
    assert "30.50" not in masked
    assert MASK in masked


def test_selection_and_scroll_survive_a_refresh_and_a_sort(qtbot: QtBot) -> None:
    table = JournalTable(today=lambda: TODAY)
    qtbot.addWidget(table)
    many = tuple(make_row(number, date(2026, 11, 19 - number % 19)) for number in range(1, 200))
    table.resize(800, 300)
    table.show_trades(many, "EUR")
    table.show()
    table.select_trade(many[100].trade.key)
    scrolled = table.verticalScrollBar().value()
    assert scrolled > 0
    with qtbot.waitSignal(table.chosen, check_params_cb=lambda row: row is not None and row.trade.key == many[100].trade.key):
        table.show_trades(many, "EUR")
    assert table.verticalScrollBar().value() == scrolled
    assert [row.trade.key for row in table.selected_trades()] == [many[100].trade.key]
    table.horizontalHeader().setSortIndicator(Column.SYMBOL, ASCENDING)
    current = table.current_trade()
    assert current is not None
    assert current.trade.key == many[100].trade.key
    table.show_trades(many[:50], "EUR")
    assert table.current_trade() is None


def test_the_longest_bar_is_the_largest_result_of_those_shown(qtbot: QtBot) -> None:
    table = JournalTable(today=lambda: TODAY)
    qtbot.addWidget(table)
    delegate = table.itemDelegateForColumn(Column.NET)
    assert isinstance(delegate, ProfitDelegate)
    table.show_trades(ROWS, "EUR")
    assert delegate.largest == Decimal(500)
    table.show_trades(ROWS[:3], "EUR")
    assert delegate.largest == Decimal(40)


def test_keys_walk_fold_and_open(qtbot: QtBot) -> None:
    table = JournalTable(today=lambda: TODAY)
    qtbot.addWidget(table)
    table.show_trades(ROWS, "EUR")
    table.show()
    table.select_trade(ROWS[0].trade.key)
    table.step(1)
    current = table.current_trade()
    assert current is not None
    assert current.instrument.symbol == "SYM3"
    table.step(-1)
    with qtbot.waitSignal(table.trade_opened) as opened:
        QTest.keyClick(table, Qt.Key.Key_Return)
    assert opened.args is not None
    assert opened.args[0].instrument.symbol == "SYM1"
    table.setCurrentIndex(table.trades.index(2, Column.CLOSED))
    QTest.keyClick(table, Qt.Key.Key_Left)
    assert symbols(table.trades) == ["SYM1", "SYM4", "SYM5"]
    assert table.currentIndex().row() == 2
    QTest.keyClick(table, Qt.Key.Key_Right)
    assert len(symbols(table.trades)) == 5
    place = table.visualRect(table.trades.index(2, Column.CLOSED)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert len(symbols(table.trades)) == 3


def test_the_column_menu_hides_and_shows(qtbot: QtBot) -> None:
    table = JournalTable(today=lambda: TODAY)
    qtbot.addWidget(table)
    menu = table.column_menu(table)
    words = {action.text(): action for action in menu.actions()}
    assert "Symbol" not in words
    assert not words["Fees"].isChecked()
    words["Fees"].trigger()
    assert not table.isColumnHidden(Column.FEES)
    words["Days"].trigger()
    assert table.isColumnHidden(Column.DAYS)
