"""The journal's columns: no number and no date in them ends in an ellipsis, whatever stands there."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from pytestqt.qtbot import QtBot

from ibjournal.gui import theme
from ibjournal.gui.journal.column_fit import FITTED, needed_width
from ibjournal.gui.journal.journal_table import JournalTable
from ibjournal.gui.journal.trade_table import Column
from ibjournal.gui.theme import Space
from ibjournal.services.journal import TradeRow
from tests.fakes.screen_services import TODAY, make_row

LONG_HELD = make_row(1, None, None, opened_on=date(2019, 12, 30))


@pytest.fixture
def table(qtbot: QtBot, look: None) -> JournalTable:
    made = JournalTable(today=lambda: TODAY)
    qtbot.addWidget(made)
    made.resize(850, 400)
    made.show()
    return made


def cut(table: JournalTable) -> list[tuple[int, Column]]:
    """Return the cells of dates and numbers that have too little room."""
    metrics = QFontMetrics(theme.current().font())
    found = []
    for column in FITTED:
        if table.isColumnHidden(column):
            continue
        for row, line in enumerate(table.trades.lines):
            text = str(table.trades.index(row, column).data(Qt.ItemDataRole.DisplayRole) or "")
            if isinstance(line, TradeRow) and metrics.horizontalAdvance(text) > table.columnWidth(column) - 2 * Space.CELL:
                found.append((row, column))
    return found


def test_a_position_held_for_years_shows_its_day_and_its_days_whole(table: JournalTable) -> None:
    table.show_trades((LONG_HELD, make_row(2, date(2026, 11, 16), "80")), "EUR")
    assert "2019" in str(table.trades.index(1, Column.CLOSED).data())
    assert str(table.trades.index(1, Column.DAYS).data()) == "2,516"
    assert cut(table) == []


def test_words_of_days_differ_in_width_and_the_oldest_is_not_the_widest(table: JournalTable) -> None:
    rows = (make_row(1, None, None, opened_on=date(2024, 1, 4)), make_row(2, None, None, opened_on=date(2024, 3, 26)))
    table.show_trades(rows, "EUR")
    assert cut(table) == []


def test_large_amounts_in_several_currencies_are_whole(table: JournalTable) -> None:
    rows = tuple(make_row(number, date(2026, 11, number), str(Decimal(10) ** number)) for number in range(1, 10))
    table.show_trades(rows, "")
    assert cut(table) == []


def test_a_column_that_was_made_wider_stays_so(table: JournalTable) -> None:
    table.show_trades((make_row(2, date(2026, 11, 16), "80"),), "EUR")
    table.horizontalHeader().resizeSection(Column.DAYS, 120)
    table.show_trades((make_row(3, date(2026, 11, 16), "80"),), "EUR")
    assert table.columnWidth(Column.DAYS) == 120
    assert needed_width(table.trades, Column.DAYS) < 120


def test_nothing_to_show_needs_the_heads_alone(table: JournalTable) -> None:
    table.show_trades((), "EUR")
    assert needed_width(table.trades, Column.ENTRY) > 2 * Space.CELL
