"""The performance screen: what it asks its service, how it shows the answer, and its chart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from ibjournal.analytics.series import DayPoint, EquitySeries, ReturnPoint, ReturnSeries
from ibjournal.domain.depot import AccountId, DepotId
from ibjournal.domain.period import ALL_TIME, Period
from ibjournal.gui import theme
from ibjournal.gui.performance.view import PerformanceScreen
from ibjournal.gui.screen import Known, StatusPart
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.widgets.chart_canvas import known_fonts
from ibjournal.gui.widgets.chart_look import chart_style
from ibjournal.gui.widgets.formats import MASK
from ibjournal.services.changes import Changes
from ibjournal.services.performance import Convention, Figure, Group, MonthReturn, PerformanceReport, PerformanceService, YearReturn
from tests.fakes.screen_services import HeldExecutor, InlineExecutor

START = date(2026, 1, 5)
DAYS = tuple(START + timedelta(days=7 * week) for week in range(30))


def make_report(**fields: Any) -> PerformanceReport:
    cumulative = [Decimal(week - (6 if 10 <= week < 20 else 0)) / 200 for week in range(30)]
    peak = Decimal(0)
    points = []
    for day, value in zip(DAYS, cumulative, strict=True):
        peak = max(peak, value)
        points.append(ReturnPoint(day=day, cumulative=value, drawdown=(1 + value) / (1 + peak) - 1))
    values = tuple(DayPoint(day=day, nav=Decimal(50000 + 10 * i), flow=Decimal(3000 * (i == 5))) for i, day in enumerate(DAYS))
    report = PerformanceReport(
        currency="EUR",
        convention=Convention.IBKR,
        first_day=DAYS[0],
        last_day=DAYS[-1],
        equity=EquitySeries(currency="EUR", points=values),
        returns=ReturnSeries(convention="ibkr", points=tuple(points)),
        figures=(
            Figure(name="twr", kind="ratio", value=Decimal("0.1450"), n=30),
            Figure(name="twr_annual", kind="ratio", value=None, why="shorter_than_a_year"),
            Figure(name="profit", kind="money", value=Decimal("1234.56")),
            Figure(name="volatility", kind="ratio", value=Decimal("0.0761"), n=29, too_few=True),
            Figure(name="win_rate", kind="ratio", value=Decimal("0.6"), n=3, of=5, too_few=True),
        ),
        statistics=(Figure(name="net_result", kind="money", value=Decimal("987.65"), n=5),),
        months=(MonthReturn(year=2026, month=1, value=Decimal("0.01")),),
        years=(YearReturn(year=2026, value=Decimal("0.145")),),
        groups=(Group(label="SPY", n=5, wins=3, net=Decimal("987.65")),),
        profit=((DAYS[2], Decimal(100)), (DAYS[9], Decimal("987.65"))),
        provisional_left_out=2,
    )
    return replace(report, **fields)


class FakePerformance(PerformanceService):
    def __init__(self, report: PerformanceReport | None = None) -> None:
        self.answer = report or make_report()
        self.asked: list[tuple[DepotId | None, Period, Convention, str]] = []

    def report(
        self,
        *,
        depot: DepotId | None = None,
        account: AccountId | None = None,
        period: Period = ALL_TIME,
        convention: Convention = Convention.IBKR,
        group_by: str = "symbol",
    ) -> PerformanceReport:
        self.asked.append((depot, period, convention, group_by))
        return replace(self.answer, convention=convention)


@pytest.fixture
def tasks(qapp: object) -> Iterator[TaskRunner]:
    runner = TaskRunner(InlineExecutor())
    bugs: list[BaseException] = []
    runner.bug.connect(bugs.append)
    yield runner
    assert bugs == []


@pytest.fixture
def service() -> FakePerformance:
    return FakePerformance()


@pytest.fixture
def screen(qtbot: QtBot, tasks: TaskRunner, service: FakePerformance) -> PerformanceScreen:
    made = PerformanceScreen(service, tasks)
    qtbot.addWidget(made)
    made.resize(1240, 800)
    with qtbot.waitSignals([made.loaded, made.chart.canvas.drawn]):
        made.show()
    return made


def texts(screen: PerformanceScreen) -> list[str]:
    return [tile.accessibleName() for tile in screen.strip.tiles]


def test_it_shows_figures_with_their_reasons(screen: PerformanceScreen) -> None:
    shown = texts(screen)
    assert shown[0] == "Time-weighted return: +14.50% shorter than a year"
    assert shown[2] == "Profit, EUR: +1,234.56 without deposits"
    assert shown[3].startswith("Maximum drawdown: –")
    assert shown[4] == "Volatility: 7.61% a year, 29 days, too few"
    assert shown[6] == "Win rate: 60.0% 3 of 5 trades, too few"


def test_the_mask_hides_money_everywhere_and_percent_nowhere(screen: PerformanceScreen, qtbot: QtBot) -> None:
    with qtbot.waitSignal(screen.chart.canvas.drawn):
        screen.set_masked(True)
    assert f"Profit, EUR: {MASK} without deposits" in texts(screen)
    assert "1,234.56" not in " ".join(texts(screen))
    assert "+14.50%" in texts(screen)[0]
    with qtbot.waitSignal(screen.chart.canvas.drawn):
        QTest.mouseClick(screen.chart.kinds.button("nav"), Qt.MouseButton.LeftButton)
    assert screen.chart.read_out(5) == ("Mon 9 Feb 2026", (("NAV", f"{MASK}\u00a0EUR"), ("Deposit", f"{MASK}\u00a0EUR")))


def test_pickers_convention_and_grouping_are_asked_of_the_service(
    screen: PerformanceScreen, service: FakePerformance, qtbot: QtBot
) -> None:
    period = Period(date(2026, 1, 1), None)
    with qtbot.waitSignal(screen.loaded):
        screen.set_filter(DepotId(3), period)
    with qtbot.waitSignal(screen.loaded):
        screen.chart.convention.menu().actions()[1].trigger()
    with qtbot.waitSignal(screen.loaded):
        screen._group_button.menu().actions()[2].trigger()
    assert service.asked[-1] == (DepotId(3), period, Convention.PP, "weekday")
    assert screen.chart.convention.text().startswith("Portfolio Performance")
    assert screen.breakdown.by == "weekday"
    count = len(service.asked)
    screen.refresh(Changes(journal=True))
    assert len(service.asked) == count
    screen.hide()
    screen.refresh(Changes(equity=True))
    assert len(service.asked) == count
    with qtbot.waitSignal(screen.loaded):
        screen.show()
    assert len(service.asked) == count + 1


def test_problems_are_said_in_words(qtbot: QtBot, tasks: TaskRunner) -> None:
    empty = EquitySeries(currency="")
    report = make_report(
        equity=empty, returns=ReturnSeries(convention="ibkr"), months=(), years=(), problems=("no_equity",), figures=()
    )
    screen = PerformanceScreen(FakePerformance(report), tasks)
    qtbot.addWidget(screen)
    with qtbot.waitSignals([screen.loaded, screen.chart.canvas.drawn]):
        screen.show()
    assert "Net Asset Value (NAV) in Base" in screen.problems.words.text()
    assert screen.problems.isVisible()
    screen.show_report(make_report())
    assert not screen.problems.isVisible()


def test_without_anything_it_offers_to_set_up_a_depot(qtbot: QtBot, tasks: TaskRunner) -> None:
    nothing = PerformanceReport(
        currency="",
        convention=Convention.IBKR,
        first_day=None,
        last_day=None,
        equity=EquitySeries(currency=""),
        returns=ReturnSeries(convention="ibkr"),
    )
    screen = PerformanceScreen(FakePerformance(nothing), tasks)
    qtbot.addWidget(screen)
    with qtbot.waitSignal(screen.loaded):
        screen.show()
    assert screen._empty.isVisible()
    with qtbot.waitSignal(screen.settings_wanted, check_params_cb=lambda page: page == "new_depot"):
        screen._empty.clicked.emit()


def test_the_status_tells_what_the_figures_rest_on(screen: PerformanceScreen, qtbot: QtBot) -> None:
    with qtbot.waitSignal(screen.status_changed) as told:
        screen.show_report(make_report())
    assert told.args is not None
    parts: list[StatusPart] = told.args[0]
    assert [part.text for part in parts] == ["30 days of values", "5 closed trades", "2 provisional left out"]
    assert told.args[1] == "Base currency EUR"


def test_a_late_answer_to_an_old_question_is_dropped(qtbot: QtBot, qapp: object) -> None:
    held = HeldExecutor()
    service = FakePerformance(make_report(currency="OLD"))
    screen = PerformanceScreen(service, TaskRunner(held))
    qtbot.addWidget(screen)
    screen.load()
    service.answer = make_report(currency="NEW")
    screen.load()
    with qtbot.waitSignal(screen.loaded):
        held.run(1)
    service.answer = make_report(currency="OLD")
    with qtbot.assertNotEmitted(screen.loaded, wait=20):
        held.run(0)
    assert screen._report is not None
    assert screen._report.currency == "NEW"


@pytest.mark.parametrize(("width", "columns"), [(900, 1), (1240, 2), (2360, 3)])
def test_panels_stand_in_columns_that_fit(screen: PerformanceScreen, qtbot: QtBot, width: int, columns: int) -> None:
    screen.resize(width, 900)

    def arranged() -> bool:
        beside = screen._side.geometry().left() > screen.chart.geometry().right()
        tables_beside = screen._breakdown_panel.x() > screen._statistics_panel.x()
        return beside == (columns > 1) and tables_beside == (columns > 2)

    qtbot.waitUntil(arranged)
    qtbot.waitUntil(lambda: screen.chart.canvas.up_to_date)


def test_keys_move_the_read_out(screen: PerformanceScreen) -> None:
    canvas = screen.chart.canvas
    seen: list[int | None] = []
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Home, Qt.Key.Key_Left, Qt.Key.Key_End, Qt.Key.Key_Escape):
        QTest.keyClick(canvas, key)
        seen.append(canvas.position)
    assert seen == [29, 28, 0, 0, 29, None]
    canvas.move_to(28)
    assert canvas.accessibleDescription() == "Mon 20 Jul 2026, TWR +14.00%, Drawdown 0.00%"


def test_the_pointer_reads_out_the_nearest_point(screen: PerformanceScreen) -> None:
    canvas = screen.chart.canvas
    shown = canvas._shown
    assert shown is not None
    assert all(shown.left - 1 <= x <= shown.right + 1 for x in shown.x), (shown.left, shown.right, shown.x[0], shown.x[-1])
    line = [y for y in shown.strips[0][0] if y is not None]
    assert line[29] < line[0]  # it rose, and the screen counts downwards
    plain = canvas.grab().toImage()
    QTest.mouseMove(canvas, QPointF(shown.x[12] + 2, shown.top + 20).toPoint())
    assert canvas.position == 12
    assert canvas.grab().toImage() != plain
    canvas.move_to(None)
    assert canvas.grab().toImage() == plain


@pytest.mark.parametrize("kind", ["twr", "nav", "profit"])
@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_a_chart_is_saved_with_its_title(screen: PerformanceScreen, qtbot: QtBot, tmp_path: Path, kind: str, ending: str) -> None:
    screen.chart.kinds.button(kind).click()
    path = tmp_path / f"chart.{ending}"
    screen.chart.save_to(path)
    data = path.read_bytes()
    assert data[:5] in {b"\x89PNG\r", b"<?xml", b"%PDF-"}
    if ending == "png":
        image = QImage(str(path))
        assert image.width() == 2 * screen.chart.canvas.width()
        assert image.pixelColor(2, 2).name() == "#ffffff"
    qtbot.waitUntil(lambda: screen.chart.canvas.up_to_date)


def test_saving_asks_where_to_without_blocking(screen: PerformanceScreen, qtbot: QtBot, tmp_path: Path) -> None:
    screen.export("breakdown")
    dialog = screen.findChild(QFileDialog)
    assert dialog is not None
    target = tmp_path / "groups.csv"
    dialog.fileSelected.emit(str(target))
    dialog.close()
    assert target.read_text(encoding="utf-8-sig").splitlines()[1] == "SPY,5,,987.65"


def test_the_chart_follows_the_look(screen: PerformanceScreen, qtbot: QtBot) -> None:
    canvas = screen.chart.canvas
    light = canvas.grab().toImage().pixelColor(2, 2)
    try:
        with qtbot.waitSignal(canvas.drawn):
            theme.apply(theme.make_theme(dark=True))
        assert canvas.grab().toImage().pixelColor(2, 2) != light
    finally:
        with qtbot.waitSignal(canvas.drawn):
            theme.apply(theme.make_theme(dark=False))


def test_a_family_that_lacks_the_minus_gets_one_that_has_it() -> None:
    from matplotlib.font_manager import fontManager  # noqa: PLC0415 - slow, and needed here alone

    style = chart_style(theme.current(), masked=False)
    known = known_fonts(replace(style, families=("No Such Family", "DejaVu Sans")))
    assert (known.families, known.strong_weight) == (("DejaVu Sans",), "bold")
    names = {font.name for font in fontManager.ttflist}
    assert "cmr10" in names  # comes with matplotlib, has no euro sign
    assert known_fonts(replace(style, families=("cmr10",))).families == ("cmr10", "DejaVu Sans")


def test_accounts_in_several_base_currencies_offer_the_depots(qtbot: QtBot, tasks: TaskRunner) -> None:
    report = make_report(currency="", problems=("mixed_base_currencies",))
    screen = PerformanceScreen(FakePerformance(report), tasks)
    qtbot.addWidget(screen)
    screen.set_known(Known(depots=((DepotId(1), "Income & more"), (DepotId(2), "Retirement")), reports=True))
    with qtbot.waitSignal(screen.loaded):
        screen.show()
    assert [choice.text() for choice in screen.problems.choices] == ["Income && more", "Retirement"]
    with qtbot.waitSignal(screen.depot_wanted, check_params_cb=lambda depot: depot == 2):
        QTest.mouseClick(screen.problems.choices[1], Qt.MouseButton.LeftButton)
    assert not screen.strip.isVisible()
    assert not screen.chart.isVisible()
    screen.show_report(make_report())
    assert screen.chart.isVisible()
    assert not screen.problems.choices[0].isVisible()


def test_in_a_small_window_the_figures_take_two_rows_and_none_is_cut(qtbot: QtBot, tasks: TaskRunner) -> None:
    screen = PerformanceScreen(FakePerformance(make_report()), tasks)
    qtbot.addWidget(screen)
    with qtbot.waitSignal(screen.loaded):
        screen.show()
    for width, rows in ((1240, 1), (968, 2)):
        screen.resize(width, 700)
        qtbot.waitUntil(lambda rows=rows: len({tile.y() for tile in screen.strip.tiles}) == rows)  # type: ignore[misc]
        assert all(screen.strip.rect().contains(tile.geometry()) for tile in screen.strip.tiles)


def test_an_empty_report_of_a_depot_offers_what_helps(qtbot: QtBot, tasks: TaskRunner) -> None:
    nothing = make_report(equity=EquitySeries(currency=""), statistics=(), problems=("no_equity",))
    screen = PerformanceScreen(FakePerformance(nothing), tasks)
    qtbot.addWidget(screen)
    with qtbot.waitSignal(screen.loaded):
        screen.show()
    screen.set_known(Known(depots=((DepotId(1), "Income"),)))
    with qtbot.waitSignal(screen.sync_wanted):
        screen._empty.clicked.emit()
    screen.set_known(Known(depots=((DepotId(1), "Income"),), reports=True))
    with qtbot.waitSignal(screen.all_time_wanted):
        screen._empty.clicked.emit()
