"""Numbers in the user's words, tables that copy and mask, pickers, the token field, the error bar."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from PySide6.QtCore import QLocale, QMimeData, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QComboBox, QDialog, QLineEdit, QSpinBox, QStyle, QStyleOptionFrame, QTimeEdit, QWidget
from pytestqt.qtbot import QtBot

from ibjournal.domain.depot import DepotId
from ibjournal.domain.period import ALL_TIME, Period, Preset
from ibjournal.gui import theme
from ibjournal.gui.widgets import formats
from ibjournal.gui.widgets.date_field import DateField
from ibjournal.gui.widgets.delegates import ProfitDelegate
from ibjournal.gui.widgets.error_bar import ErrorBar, Message
from ibjournal.gui.widgets.formats import MASK, MINUS
from ibjournal.gui.widgets.labels import button
from ibjournal.gui.widgets.pickers import DepotPicker, PeriodPicker
from ibjournal.gui.widgets.segmented import SegmentedControl
from ibjournal.gui.widgets.table_model import Column, RowsModel
from ibjournal.gui.widgets.table_view import SumRow, TableView
from ibjournal.gui.widgets.token_field import TokenField
from tests.gui.conftest import TODAY, TOKEN, make_depot

NBSP = "\u00a0"


@pytest.fixture
def german() -> Iterator[None]:
    before = QLocale()
    QLocale.setDefault(QLocale(QLocale.Language.German, QLocale.Country.Germany))
    yield
    QLocale.setDefault(before)


# --- numbers


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("126.57"), "+126.57"),
        (Decimal("-155.4"), f"{MINUS}155.40"),
        (Decimal(0), "0.00"),
        (Decimal("-0.004"), "0.00"),
        (Decimal("1234567.895"), "+1,234,567.90"),
        (Decimal("0.005"), "+0.01"),
        (None, "–"),
    ],
)
def test_changes_carry_their_sign_and_zero_none(qapp: object, value: Decimal | None, text: str) -> None:
    assert formats.change(value) == text


def test_no_digit_is_lost_in_a_number_beyond_a_float(qapp: object) -> None:
    assert formats.number(Decimal("12345678901234567890.12")) == "12,345,678,901,234,567,890.12"


def test_states_have_no_plus_and_quantities_only_the_decimals_they_have(qapp: object) -> None:
    assert formats.number(Decimal(34129)) == "34,129.00"
    assert formats.quantity(Decimal("100.000")) == "100"
    assert formats.quantity(Decimal("-0.00927925")) == f"{MINUS}0.00927925"
    assert formats.price(Decimal("1.2")) == "1.20"
    assert formats.price(Decimal("0.123456789")) == "0.123457"
    assert formats.percent(Decimal("0.2532"), signed=True) == "+25.32%"
    assert formats.amount(Decimal("-1234.56"), "EUR") == f"{MINUS}€1,234.56"
    assert formats.amount(Decimal(5), "CHF") == f"CHF{NBSP}5.00"


def test_german_numbers_and_days(qapp: object, german: None) -> None:
    assert formats.change(Decimal("-1234.5")) == f"{MINUS}1.234,50"
    assert formats.percent(Decimal("0.7")) == f"70,00{NBSP}%"
    assert formats.amount(Decimal("1234.56"), "EUR", signed=True) == f"+1.234,56{NBSP}€"
    assert formats.day(date(2026, 11, 12), today=TODAY) == "Do. 12.11."
    assert formats.full_day(date(2027, 11, 19)) == "19.11.2027"
    assert formats.month(date(2026, 11, 1)) == "November 2026"


def test_days_name_the_year_only_when_it_is_another_one(qapp: object) -> None:
    assert formats.day(date(2026, 11, 12), today=TODAY) == "Thu 12 Nov"
    assert formats.day(date(2025, 12, 30), today=TODAY) == "Tue 30 Dec 2025"
    assert formats.day_range(date(2026, 1, 2), None) == "2 Jan 2026 – …"
    assert formats.moment(datetime(2026, 11, 19, 15, 5, tzinfo=UTC), today=TODAY) == "19 Nov 16:05"
    assert formats.seconds(200) == "3 min 20 s"


# --- tables

Row = tuple[str, Decimal | None]
ROWS: tuple[Row, ...] = (("AAPL", Decimal("109.24")), ("NVDA", Decimal("-155.4")), ("KO", None), ("SPY", Decimal(0)))


def make_table(qtbot: QtBot) -> tuple[TableView, RowsModel[Row]]:
    model = RowsModel[Row](
        [
            Column(key="symbol", title="Symbol", text=lambda row: row[0], weight="symbol"),
            Column(key="net", title="Net", text=lambda row: formats.change(row[1]), value=lambda row: row[1], right=True),
        ]
    )
    table = TableView()
    qtbot.addWidget(table)
    table.setModel(model)
    model.setParent(table)
    table.set_delegate(1, ProfitDelegate())
    model.set_rows(ROWS)
    return table, model


def test_the_model_keeps_qts_rules_before_and_after_sorting(qtbot: QtBot, look: None) -> None:
    _table, model = make_table(qtbot)
    _tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning)  # a warning fails the test
    model.sort(1, Qt.SortOrder.DescendingOrder)
    assert [row[0] for row in model.rows] == ["AAPL", "SPY", "NVDA", "KO"]
    model.sort(1, Qt.SortOrder.AscendingOrder)
    assert [row[0] for row in model.rows] == ["NVDA", "SPY", "AAPL", "KO"]
    model.set_rows(ROWS[:2])


def test_the_selection_moves_along_when_rows_are_sorted(qtbot: QtBot, look: None) -> None:
    table, model = make_table(qtbot)
    table.selectRow(model.row_of(lambda row: row[0] == "NVDA"))
    model.sort(0, Qt.SortOrder.DescendingOrder)
    assert table.selected_objects() == [("NVDA", Decimal("-155.4"))]


def test_new_rows_keep_the_order_asked_for(qtbot: QtBot, look: None) -> None:
    _table, model = make_table(qtbot)
    model.sort(0, Qt.SortOrder.AscendingOrder)
    model.set_rows(reversed(ROWS))
    assert [row[0] for row in model.rows] == ["AAPL", "KO", "NVDA", "SPY"]


def test_bars_are_measured_by_the_largest_amount(qtbot: QtBot, look: None) -> None:
    table, _model = make_table(qtbot)
    delegate = table.itemDelegateForColumn(1)
    assert isinstance(delegate, ProfitDelegate)
    assert delegate.largest == Decimal("155.4")


def test_copying_gives_heads_and_rows_and_a_mask_holds_there_too(qtbot: QtBot, look: None) -> None:
    table, _model = make_table(qtbot)
    table.selectAll()
    QTest.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text().splitlines()[:2] == ["Symbol\tNet", "AAPL\t+109.24"]
    table.set_masked(True)
    text = table.selection_as_text()
    assert MASK in text
    assert "109" not in text


def test_the_picture_of_a_masked_table_does_not_depend_on_the_amounts(qtbot: QtBot, look: None) -> None:
    pictures = []
    for factor in (1, -7):
        table, model = make_table(qtbot)
        model.set_rows([(name, value * factor if value is not None else None) for name, value in ROWS])
        table.set_masked(True)
        table.resize(400, 200)
        pictures.append(table.grab().toImage())
    assert pictures[0] == pictures[1]


def test_enter_opens_the_current_row(qtbot: QtBot, look: None) -> None:
    table, _model = make_table(qtbot)
    table.setCurrentIndex(table.model().index(2, 0))
    with qtbot.waitSignal(table.opened, check_params_cb=lambda index: index.row() == 2):
        QTest.keyClick(table, Qt.Key.Key_Return)


def test_enter_presses_the_button_that_has_the_focus_and_not_the_windows_default(qtbot: QtBot, look: None) -> None:
    dialog = QDialog()
    qtbot.addWidget(dialog)
    line, default, other = QLineEdit(dialog), button("Save", primary=True), button("Later")
    for each in (default, other):
        each.setParent(dialog)
    default.setDefault(True)
    pressed: list[str] = []
    default.clicked.connect(lambda: pressed.append("default"))
    other.clicked.connect(lambda: pressed.append("other"))
    dialog.show()
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
        QTest.keyClick(other, key)
        QTest.keyClick(line, key)
    assert pressed == ["other", "default"] * 2


def test_the_sum_row_says_its_sums_aloud(qtbot: QtBot, look: None) -> None:
    table, _model = make_table(qtbot)
    sums = SumRow(table)
    qtbot.addWidget(sums)
    sums.set_content("4 trades", "1 win", {1: f"{MINUS}46.16"})
    sums.resize(400, 32)
    assert sums.accessibleName() == f"4 trades 1 win {MINUS}46.16"
    assert not sums.grab().isNull()


# --- pickers


def test_the_depot_picker_tells_a_choice_once_and_falls_back_to_all(qtbot: QtBot, look: None) -> None:
    picker = DepotPicker()
    qtbot.addWidget(picker)
    told: list[object] = []
    picker.picked.connect(told.append)
    picker.set_depots([make_depot(1, "R&D"), make_depot(2, "Long term")])
    picker.choose(DepotId(1))
    picker.choose(DepotId(1))
    assert picker.words() == "R&D"
    picker.choose(DepotId(9))
    assert picker.words() == "R&D"
    picker.set_depots([make_depot(2, "Long term")])
    assert picker.words() == "All depots"
    assert told == [DepotId(1), None]


def test_the_period_picker_steps_by_its_own_length(qtbot: QtBot, look: None) -> None:
    picker = PeriodPicker(today=lambda: TODAY)
    qtbot.addWidget(picker)
    told: list[Period] = []
    picker.picked.connect(told.append)
    picker.choose_preset(Preset.THIS_MONTH)
    assert picker.button.words() == "November 2026"
    picker.step_back()
    assert picker.button.words() == "October 2026"
    picker.choose_preset(Preset.THIS_YEAR)
    assert picker.button.words() == "2026"
    picker.choose(Period(date(2026, 3, 4), date(2026, 3, 10)))
    assert picker.button.words() == "4 Mar 2026 – 10 Mar 2026"
    picker.step_forth()
    assert picker.period == Period(date(2026, 3, 11), date(2026, 3, 17))
    picker.choose_preset(Preset.ALL)
    assert picker.button.words() == "Since start"
    before = len(told)
    picker.step_back()
    assert len(told) == before
    assert picker.period == ALL_TIME


def test_a_range_of_ones_own_is_put_in_order(qtbot: QtBot, look: None) -> None:
    picker = PeriodPicker(today=lambda: TODAY)
    qtbot.addWidget(picker)
    asked = picker.make_range()
    asked.start.set_day(date(2026, 5, 2))
    asked.end.set_day(date(2026, 4, 1))
    asked._choose()
    assert picker.period == Period(date(2026, 4, 1), date(2026, 5, 2))


def test_segments_are_exclusive_and_counted(qtbot: QtBot, look: None) -> None:
    control = SegmentedControl([("all", "All"), ("open", "Open")], name="State")
    qtbot.addWidget(control)
    assert control.current == "all"
    with qtbot.waitSignal(control.changed, check_params_cb=lambda key: key == "open"):
        control.button("open").click()
    control.set_count("open", 7)
    assert control.button("open").text() == "Open  7"
    control.set_current("nothing")
    assert control.current == ""


# --- the token field


@pytest.fixture
def token_field(qtbot: QtBot, look: None) -> TokenField:
    field = TokenField()
    qtbot.addWidget(field)
    field.show()
    return field


def put(text: str) -> None:
    data = QMimeData()
    data.setText(text)
    QGuiApplication.clipboard().setMimeData(data)


def test_a_pasted_token_loses_its_spaces_and_shows_as_dots(token_field: TokenField) -> None:
    pasted = f"  {TOKEN[:8]} {TOKEN[8:16]}\n{TOKEN[16:]}  "
    put(pasted)
    token_field.paste_button.click()
    assert token_field.token == TOKEN
    assert token_field.line.text() == " ".join(["●●●●"] * 6)
    assert token_field.hint().startswith("24 digit")
    assert QGuiApplication.clipboard().text() == pasted


def test_an_unusual_length_warns_and_does_not_refuse(token_field: TokenField) -> None:
    token_field.line.set_token("2045118077")
    assert "22 to 24" in token_field.hint()
    assert token_field.token == "2045118077"
    token_field.line.set_token("abc")
    assert "digits only" in token_field.hint()


def test_the_token_is_shown_only_while_the_button_is_held(token_field: TokenField) -> None:
    token_field.line.set_token(TOKEN)
    QTest.mousePress(token_field.show_button, Qt.MouseButton.LeftButton)
    assert token_field.line.text() == "1234 5678 9012 3456 7890 1234"
    QTest.mouseRelease(token_field.show_button, Qt.MouseButton.LeftButton)
    assert TOKEN[:4] not in token_field.line.text()


def test_typing_deleting_and_no_way_to_copy_or_undo(token_field: TokenField) -> None:
    line = token_field.line
    QTest.keyClicks(line, "12345")
    QTest.keyClick(line, Qt.Key.Key_Backspace)
    assert token_field.token == "1234"
    put("something else")
    QTest.keyClick(line, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(line, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "something else"
    QTest.keyClick(line, Qt.Key.Key_Delete)
    assert token_field.token == ""
    QTest.keyClick(line, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert token_field.token == ""
    assert not line.isUndoAvailable() or "1" not in line.text()


def test_ctrl_v_pastes(token_field: TokenField) -> None:
    put(TOKEN)
    QTest.keyClick(token_field.line, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert token_field.token == TOKEN


# --- the error bar


def test_messages_wait_for_each_other_and_come_back_with_their_data(qtbot: QtBot, look: None) -> None:
    bar = ErrorBar()
    qtbot.addWidget(bar)
    bar.show_message(Message(title="One.", button="Do", data=1))
    bar.show_message(Message(title="Two.", data=2))
    bar.show_message(Message(title="One.", button="Do", data=1))
    assert not bar.isHidden()
    with qtbot.waitSignal(bar.acted, check_params_cb=lambda data: data == 1):
        bar._button.click()
    bar.dismiss()
    assert bar.accessibleName() == "Two. "
    bar.clear(2)
    assert bar.isHidden()


def test_an_answer_comes_before_a_reminder_and_a_damage_before_both(qtbot: QtBot, look: None) -> None:
    bar = ErrorBar()
    qtbot.addWidget(bar)
    for message in (
        Message(title="All is well.", kind="info", waits=True),
        Message(title="Expires soon.", waits=True),
        Message(title="Failed."),
        Message(title="Failed too."),
        Message(title="Damaged.", kind="negative"),
    ):
        bar.show_message(message)
    shown = []
    more = []
    while bar.message is not None:
        shown.append(bar.message.title)
        more.append(bar._more.text())
        bar.dismiss()
    assert shown == ["Damaged.", "Failed.", "Failed too.", "Expires soon.", "All is well."]
    assert more == ["4 more", "3 more", "2 more", "1 more", ""]


def test_a_long_sentence_takes_two_lines_and_is_cut_only_then(qtbot: QtBot, look: None) -> None:
    bar = ErrorBar()
    qtbot.addWidget(bar)
    bar.resize(900, 44)
    bar.show_message(Message(title="A title " * 30, text="word " * 15 + "end"))
    bar.show()
    qtbot.waitUntil(lambda: bar._text.width() > 300)
    first, second = bar._text.lines()
    assert not first.endswith("…")
    assert second.endswith("end")
    assert bar._title.width() <= 450
    bar.show_message(Message(title="One", text="word " * 200, kind="negative"))
    assert len(bar._text.lines()) == 2
    assert bar._text.lines()[1].endswith("…")
    bar.close()


def test_a_long_name_leaves_room_for_the_other_picker_and_stands_whole_in_the_hint(qtbot: QtBot, look: None) -> None:
    name = "Altersvorsorge der Familie Müller-Lüdenscheidt in Österreich " * 3
    picker = DepotPicker()
    qtbot.addWidget(picker)
    picker.set_depots([make_depot(1, name)])
    picker.choose(DepotId(1))
    assert picker.sizeHint().width() < 280
    assert picker.words() == name
    assert name in picker.toolTip()
    assert name in picker.accessibleName()
    entry = picker.menu().actions()[-1]
    assert entry.text().endswith("…")
    assert entry.toolTip() == name
    picker.choose(None)
    assert "Müller" not in picker.toolTip()


def test_a_bar_never_runs_into_its_number(qtbot: QtBot, look: None) -> None:
    delegate = ProfitDelegate()
    delegate.largest = Decimal(1460)
    look_now = theme.current()
    assert delegate._bar_area(110, "+636.23 EUR", Decimal("636.23"), look_now) < 20
    assert delegate._bar_area(200, "+636.23 EUR", Decimal("636.23"), look_now) == 52
    wide = delegate._bar_area(120, "+1.00", Decimal(1), look_now)
    assert wide == delegate._bar_area(120, "+1,459.95", Decimal("1459.95"), look_now)


# --- fields


def test_fields_in_one_row_are_of_one_height(qtbot: QtBot, look: None) -> None:
    fields: list[QWidget] = [QLineEdit(), QComboBox(), DateField(date(2026, 11, 20)), QTimeEdit(), QSpinBox()]
    for field in fields:
        qtbot.addWidget(field)
        field.ensurePolished()
    assert len({min(field.sizeHint().height(), field.maximumHeight()) for field in fields}) == 1


@pytest.mark.parametrize("shown", [False, True])
def test_a_token_is_seen_whole_in_the_smallest_field(qtbot: QtBot, look: None, shown: bool) -> None:
    field = TokenField()
    qtbot.addWidget(field)
    field.resize(field.minimumSizeHint())
    field.show()
    field.line.set_token("1" * 24)
    field.line.set_shown(shown=shown)
    needed = field.line.fontMetrics().horizontalAdvance(field.line.text())
    option = QStyleOptionFrame()
    field.line.initStyleOption(option)
    room = field.line.style().subElementRect(QStyle.SubElement.SE_LineEditContents, option, field.line).width()
    assert room >= needed + 2 * 2 + 1  # Qt's own margin at both sides, and the cursor
