"""The tables of the performance screen: heat, sample sizes, sums, words for every code, and what a mask leaves."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from PySide6.QtCore import QLocale, Qt
from pytestqt.qtbot import QtBot

from ibjournal.analytics.series import EquitySeries, ReturnSeries
from ibjournal.gui import i18n
from ibjournal.gui.performance.months import HEAT, SUM, MonthsModel, MonthsTable, heat_limit, heat_step, partial_note
from ibjournal.gui.performance.tables import BreakdownTable, StatisticsTable
from ibjournal.gui.performance.words import (
    convention_name,
    convention_text,
    count_of,
    group_name,
    grouping_names,
    meaning_of,
    name_of,
    problem_text,
    tone_of,
    value_of,
    why_not,
)
from ibjournal.gui.widgets.formats import MASK, MINUS
from ibjournal.gui.widgets.roles import Role
from ibjournal.gui.widgets.table_export import table_as_csv
from ibjournal.services.performance import Convention, Figure, Group, MonthReturn, PerformanceReport, YearReturn

MONTHS = (
    MonthReturn(year=2025, month=12, value=Decimal("-0.0340")),
    MonthReturn(year=2026, month=1, value=Decimal("0.0181")),
    MonthReturn(year=2026, month=2, value=None),
    MonthReturn(year=2026, month=3, value=Decimal("0.00001"), partial=True),
)
YEARS = (YearReturn(year=2025, value=Decimal("-0.034")), YearReturn(year=2026, value=Decimal("0.0181")))
DISPLAY = Qt.ItemDataRole.DisplayRole


def figure(name: str, kind: str, value: str | None, n: int | None = 100, **fields: Any) -> Figure:
    return Figure(name=name, kind=kind, value=None if value is None else Decimal(value), n=n, **fields)


def test_the_months_model_keeps_qts_rules(qapp: object, qtmodeltester: Any) -> None:
    model = MonthsModel()
    model.set_returns(MONTHS, YEARS)
    qtmodeltester.check(model)
    model.set_returns((), ())
    qtmodeltester.check(model)


def test_months_stand_under_their_year_newest_first(qapp: object) -> None:
    model = MonthsModel()
    model.set_returns(MONTHS, YEARS)
    text = [[str(model.index(row, column).data(DISPLAY)) for column in (0, 1, 2, 3, 12, SUM)] for row in range(2)]
    assert text == [
        ["2026", "+1.81", "–", "0.00", "", "+1.81"],
        ["2025", "", "", "", f"{MINUS}3.40", f"{MINUS}3.40"],
    ]
    grounds = [model.index(0, column).data(HEAT) for column in (1, 2, 3, 4)]
    assert grounds == ["heat_6", "sunken", "heat_4", "sunken"]
    assert model.index(1, 12).data(HEAT) == "heat_0"
    assert "not the whole month" in model.index(0, 3).data(Qt.ItemDataRole.ToolTipRole)
    assert model.index(1, SUM).data(Role.TONE) == "negative"


@pytest.mark.parametrize(
    ("value", "step"),
    [("0", 4), ("0.00004", 4), ("0.0001", 5), ("0.01", 5), ("0.0101", 6), ("0.04", 8), ("0.9", 8), ("-0.0001", 3), ("-0.5", 0)],
)
def test_the_heat_scale_is_symmetric_and_zero_alone_is_neutral(value: str, step: int) -> None:
    assert heat_step(Decimal(value), 4) == step
    assert heat_step(-Decimal(value), 4) == 8 - step


def test_the_heat_scale_ends_at_the_largest_month() -> None:
    assert heat_limit(()) == 4
    assert heat_limit((MonthReturn(year=2026, month=1, value=Decimal("-0.0521")),)) == 6


def test_the_months_table_is_as_tall_as_its_years(qtbot: QtBot) -> None:
    table = MonthsTable()
    qtbot.addWidget(table)
    table.show_returns(MONTHS, YEARS)
    two = table.height()
    table.show_returns(MONTHS[:1], YEARS[:1])
    assert two - table.height() == table.verticalHeader().defaultSectionSize()
    rows = list(csv.reader(io.StringIO(table_as_csv(table))))
    assert rows[1][-1] == "-0.034"


def test_the_note_says_how_far_the_last_month_goes(qapp: object) -> None:
    report = PerformanceReport(
        currency="EUR",
        convention=Convention.IBKR,
        first_day=date(2025, 11, 28),
        last_day=date(2026, 3, 18),
        equity=EquitySeries(currency="EUR"),
        returns=ReturnSeries(convention="ibkr"),
        months=MONTHS,
    )
    assert partial_note(report) == "March 2026 runs to Wed 18 Mar 2026"


def test_statistics_show_value_and_sample(qtbot: QtBot, qtmodeltester: Any) -> None:
    table = StatisticsTable()
    qtbot.addWidget(table)
    rows = (
        figure("net_result", "money", "-12.5", 40),
        figure("profit_factor", "number", None, 9, why="no_losses", too_few=True),
        figure("holding_time_median", "days", "0.25", 3, of=9),
        figure("longest_losing_run", "count", "1", 9),
    )
    table.show_figures(rows)
    qtmodeltester.check(table.statistics)
    text = [[str(table.statistics.index(row, column).data(DISPLAY)) for column in range(3)] for row in range(4)]
    assert text == [
        ["Net result", f"{MINUS}12.50", "40"],
        ["Profit factor", "–", "9, too few"],
        ["Holding time, median", "6.0 h", "3 of 9"],
        ["Longest losing run", "1 trade", "9"],
    ]
    assert all(table.columnWidth(column) >= table.sizeHintForColumn(column) for column in (1, 2))
    assert table.statistics.index(0, 1).data(Role.TONE) == "negative"
    assert table.statistics.index(1, 2).data(Role.TONE) == "warning"
    assert table.statistics.index(1, 1).data(Qt.ItemDataRole.ToolTipRole) == "no losses"
    table.set_masked(True)
    table.selectAll()
    assert "12.50" not in table.selection_as_text()
    assert "6.0 h" in table.selection_as_text()


def test_the_breakdown_sums_what_it_shows(qtbot: QtBot, qtmodeltester: Any) -> None:
    table = BreakdownTable()
    qtbot.addWidget(table)
    groups = (
        Group(label="monday", n=20, wins=15, net=Decimal("120.25")),
        Group(label="friday", n=9, wins=9, net=Decimal("-20.25")),
    )
    table.show_groups(groups, by="weekday", currency="EUR")
    qtmodeltester.check(table.groups)
    text = [[str(table.groups.index(row, column).data(DISPLAY)) for column in range(4)] for row in range(2)]
    assert text == [["Monday", "20", "75", "+120.25"], ["Friday", "9", "–", f"{MINUS}20.25"]]
    assert table.sums.accessibleName() == "Together 29 83 +100.00"
    table.set_masked(True)
    assert table.sums.accessibleName() == f"Together 29 83 {MASK}"
    assert "120.25" not in table_as_csv(table.table)
    table.show_groups((), by="symbol", currency="USD")
    assert table.groups.rowCount() == 0
    assert table.groups.headerData(3, Qt.Orientation.Horizontal) == "Net, USD"


def test_every_code_has_words() -> None:
    for code in (
        "no_equity", "mixed_base_currencies", "nav_not_positive", "base_currency_unknown", "flow_without_rate",
        "trades_without_rate", "trades_without_result", "accounts_end_on_different_days",
    ):  # fmt: skip
        assert problem_text(code).endswith(".")
    for why in ("no_equity", "no_data", "shorter_than_a_year", "no_unique_solution", "no_trades", "no_wins", "no_losses"):
        assert why_not(figure("x", "number", None, why=why))
    for convention in Convention:
        assert convention_name(convention)
        assert convention_text(convention)
    for key, name, title in grouping_names():
        assert name
        assert title
        assert group_name(Group(label="STK", n=1, wins=1, net=Decimal(1)), key)
    assert problem_text("something_new") == "something new"
    assert name_of(figure("something_new", "number", "1")) == "Something new"
    assert meaning_of(figure("expectancy", "money", "1"))


def test_figures_are_written_by_their_kind() -> None:
    assert value_of(figure("win_rate", "ratio", "0.7148"), masked=True) == "71.5%"
    assert value_of(figure("expectancy", "money", "27.214"), masked=False) == "+27.21"
    assert value_of(figure("expectancy", "money", "27.214"), masked=True) == MASK
    assert value_of(figure("trades", "count", "1234"), masked=False) == "1,234"
    assert value_of(figure("holding_time_median", "days", "8.4"), masked=False) == "8 days"
    assert tone_of(figure("expectancy", "money", "5"), masked=True) == "text_muted"
    assert tone_of(figure("profit_factor", "number", "1.5")) == "text_strong"
    assert count_of(figure("x", "number", "1", None)) == ""


def test_plurals_are_right_in_german(qapp: object) -> None:
    try:
        assert i18n.install("de")
        shown = [value_of(figure("holding_time_median", "days", days), masked=False) for days in ("1", "9")]
        shown += [value_of(figure("longest_losing_run", "count", count), masked=False) for count in ("1", "5")]
        assert shown == ["1 Tag", "9 Tage", "1 Trade", "5 Trades"]
    finally:
        i18n.install("en")
        QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedStates))
