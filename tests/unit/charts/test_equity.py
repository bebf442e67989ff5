"""Charts hold what the series says: checked on the artists, and once as a picture."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from ibjournal.analytics.series import DayPoint, EquitySeries, ReturnPoint, ReturnSeries
from ibjournal.charts.equity import deepest_drawdown, draw_net_asset_value, draw_profit, draw_return
from ibjournal.charts.plot import Plot, ValueLabels
from ibjournal.charts.style import DPI, ChartStyle, ChartWords, points

STYLE = ChartStyle(
    surface="#FFFFFF", text_strong="#101010", text_muted="#606060", grid="#EEEEEE", axis="#888888",
    positive="#007700", negative="#BB0000", series=("#2B4EA2",),
)  # fmt: skip
WORDS = ChartWords(
    percent=lambda value, places: f"{value * 100:+.{places}f}%",
    money=lambda value, places: f"{value:,.{places}f}",
    signed=lambda value, places: f"{value:+,.{places}f}",
    day=lambda day: day.isoformat(),
    short_day=lambda day: f"{day.day}.{day.month}.",
    months=("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    empty="Nothing to draw.",
)
START = date(2026, 1, 5)


def make_returns(*cumulative: str) -> ReturnSeries:
    peak = Decimal(1)
    rows = []
    for index, text in enumerate(cumulative):
        level = 1 + Decimal(text)
        peak = max(peak, level)
        rows.append(ReturnPoint(day=START + timedelta(days=7 * index), cumulative=Decimal(text), drawdown=level / peak - 1))
    return ReturnSeries(convention="ibkr", points=tuple(rows))


def make_figure(width: int = 800, height: int = 430) -> Figure:
    figure = Figure(figsize=(width / DPI, height / DPI), dpi=DPI)
    FigureCanvasAgg(figure)
    return figure


def words_in(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text) if isinstance(text, Text) and text.get_text()]


def test_the_deepest_drawdown_names_peak_trough_and_recovery() -> None:
    series = make_returns("0", "0.10", "0.045", "-0.01", "0.05", "0.12", "0.08")
    found = deepest_drawdown(series)
    assert found is not None
    assert (found.peak, found.trough, found.recovered) == (
        START + timedelta(days=7), START + timedelta(days=21), START + timedelta(days=35),
    )  # fmt: skip
    assert found.depth == Decimal("0.99") / Decimal("1.10") - 1


def test_a_drawdown_that_lasts_has_no_recovery_and_a_rise_has_no_drawdown() -> None:
    lasting = deepest_drawdown(make_returns("0", "0.10", "0.05"))
    assert lasting is not None
    assert lasting.recovered is None
    assert deepest_drawdown(make_returns("0", "0.10", "0.15")) is None
    assert deepest_drawdown(make_returns()) is None


def test_the_return_chart_shows_last_value_drawdown_and_its_days() -> None:
    figure = make_figure()
    plot = draw_return(figure, make_returns("0", "0.10", "0.045", "-0.01", "0.05", "0.12", "0.08"), STYLE, WORDS)
    shown = words_in(figure)
    assert "+8.00%" in shown
    assert "Drawdown" in shown
    assert "-10.00% on 2026-01-26" in shown
    assert "peak 2026-01-12" in shown
    assert "recovered 2026-02-09" in shown
    assert plot.strips[0].values[5] == 0.12
    assert plot.strips[1].values[3] == pytest.approx(-0.1)
    assert plot.strips[1].axes.get_ylim()[1] == 0


def test_masked_money_leaves_no_magnitude_but_percent_stays() -> None:
    masked = replace(STYLE, masked=True)
    equity = EquitySeries(
        currency="EUR",
        points=tuple(
            DayPoint(day=START + timedelta(days=i), nav=Decimal(70000 + i), flow=Decimal(5000 * (i == 4))) for i in range(30)
        ),
    )
    figure = make_figure()
    draw_net_asset_value(figure, equity, masked, WORDS)
    assert not [text for text in words_in(figure) if "7" in text and ("k" in text or "," in text)]
    assert not [text for text in words_in(figure) if "5,000" in text]
    draw_net_asset_value(figure, equity, STYLE, WORDS)
    assert "+5,000" in words_in(figure)
    assert "70,029" in words_in(figure)
    draw_return(figure, make_returns("0", "0.1"), masked, WORDS)
    assert "+10.00%" in words_in(figure)


def test_a_deposit_on_the_first_day_is_the_start_and_not_a_flow() -> None:
    figure = make_figure()
    points_ = tuple(DayPoint(day=START + timedelta(days=i), nav=Decimal(1000), flow=Decimal(1000 * (i == 0))) for i in range(3))
    draw_net_asset_value(figure, EquitySeries(currency="EUR", points=points_), STYLE, WORDS)
    assert "+1,000" not in words_in(figure)


def test_profit_is_drawn_in_steps_and_keeps_its_sign() -> None:
    figure = make_figure()
    plot = draw_profit(figure, ((START, Decimal(-20)), (START + timedelta(days=40), Decimal("-140.5"))), STYLE, WORDS)
    assert plot.strips[0].values == (-20.0, -140.5)
    assert "-140" in words_in(figure)
    assert plot.strips[0].axes.lines[0].get_drawstyle() == "steps-post"


@pytest.mark.parametrize("size", [(800, 430), (120, 80), (2000, 300)])
def test_every_chart_draws_at_any_size_empty_or_with_one_day(size: tuple[int, int]) -> None:
    day = DayPoint(day=START, nav=Decimal(100))
    for plot in (
        draw_return(make_figure(*size), make_returns("0"), STYLE, WORDS),
        draw_net_asset_value(make_figure(*size), EquitySeries(currency="EUR", points=(day,)), STYLE, WORDS),
        draw_profit(make_figure(*size), ((START, Decimal(0)),), STYLE, WORDS),
    ):
        assert plot.days == (START,)
        canvas = plot.strips[0].axes.get_figure(root=True)
        assert canvas is not None
        canvas.savefig(io.BytesIO())
    empty = make_figure(*size)
    assert draw_return(empty, make_returns(), STYLE, WORDS) == Plot()
    assert "Nothing to draw." in words_in(empty)


def test_the_line_has_the_colour_of_the_first_series() -> None:
    figure = make_figure()
    figure.set_facecolor(STYLE.surface)
    plot = draw_return(figure, make_returns("0", "0.1", "0.1", "0.1", "0.1"), STYLE, WORDS)
    axes = plot.strips[0].axes
    figure.canvas.draw()
    x, y = axes.transData.transform((plot.days[2].toordinal(), 0.1))
    pixels = figure.canvas.buffer_rgba()  # type: ignore[attr-defined]  # the Agg canvas has it
    row = int(figure.bbox.height - y)
    column = [tuple(pixels[row + dy, int(x), channel] for channel in range(3)) for dy in (-1, 0, 1)]
    blue = (0x2B, 0x4E, 0xA2)
    assert (
        min(max(abs(int(seen) - meant) for seen, meant in zip(pixel, blue, strict=True)) for pixel in column) < 40
    )  # anti-aliased


def test_the_read_out_finds_the_nearest_day() -> None:
    plot = Plot(days=(date(2026, 1, 1), date(2026, 1, 10), date(2026, 1, 12)))
    for x, index in ((date(2025, 1, 1), 0), (date(2026, 1, 6), 1), (date(2026, 1, 4), 0), (date(2026, 3, 1), 2)):
        assert plot.nearest(x.toordinal()) == index
    assert Plot().nearest(5) is None


def test_value_labels_shorten_thousands_and_millions() -> None:
    labels = ValueLabels(words=WORDS, money=True)
    assert labels.of((0.0, 50000.0, 100000.0)) == ["0", "50k", "100k"]
    assert labels.of((0.0, 5_000_000.0, 12_500_000.0)) == ["0", "5.0M", "12.5M"]
    assert labels.of((0.0, 2500.0, 5000.0)) == ["0", "2,500", "5,000"]
    assert ValueLabels(words=WORDS).of((0.0, 0.025)) == ["+0.0%", "+2.5%"]
    assert ValueLabels(words=WORDS, money=True, masked=True).of((1.0, 2.0)) == ["", ""]


def test_points_are_logical_pixels_at_96_dots_an_inch() -> None:
    assert points(96) == 72
