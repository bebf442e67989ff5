"""The charts of an account over time: return with drawdown, net asset value, cumulative result."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from ibjournal.analytics.series import EquitySeries, ReturnPoint, ReturnSeries
from ibjournal.charts.plot import Plot, Strip, ValueLabels, dot, prepare, say_empty, strips, time_axis, value_axis, write
from ibjournal.charts.style import ChartStyle, ChartWords, points

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST_FLOWS = 8
"""More amounts than this are not written; their triangles stay."""
_NOTABLE = Decimal("0.01")
"""A drawdown of less than one percent is not annotated: its three labels would say nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawdown:
    """The deepest drawdown of a series. ``recovered`` is None where it still lasts."""

    depth: Decimal
    peak: date
    trough: date
    recovered: date | None


def deepest_drawdown(series: ReturnSeries) -> Drawdown | None:
    """Find the deepest drawdown, None for a series that never fell."""
    if not series.points:
        return None
    index = min(range(len(series.points)), key=lambda i: series.points[i].drawdown)
    deepest = series.points[index]
    if deepest.drawdown >= 0:
        return None
    peak = next((p.day for p in reversed(series.points[:index]) if p.drawdown >= 0), series.points[0].day)
    recovered = next((p.day for p in series.points[index:] if p.drawdown >= 0), None)
    return Drawdown(depth=deepest.drawdown, peak=peak, trough=deepest.day, recovered=recovered)


def draw_return(figure: Figure, series: ReturnSeries, style: ChartStyle, words: ChartWords) -> Plot:
    """Draw the cumulative return above its drawdown. Values are ratios; the chart is the same when money is masked."""
    if not series.points:
        return say_empty(figure, style, words)
    upper, lower = strips(figure, 290, 100)
    days = tuple(point.day for point in series.points)
    returns = _draw_line(upper, series.points, style)
    values = [float(point.cumulative) for point in series.points]
    value_axis(upper, min(0.0, *values), max(0.0, *values), ValueLabels(words=words), style)
    prepare_time(upper, days, style, words, labelled=False)
    write(upper, days[-1].toordinal(), values[-1], words.percent(values[-1], 2), style, dx=9, strong=True)
    dot(upper, days[-1].toordinal(), values[-1], style.series[0], style)
    falls = draw_drawdown(lower, series, style, words)
    prepare_time(lower, days, style, words)
    deepest = deepest_drawdown(series)
    if deepest is not None and -deepest.depth >= _NOTABLE:
        _mark_peak(upper, lower, deepest, style, words, span=(days[0], days[-1]))
    return Plot(days=days, strips=(returns, falls))


def draw_drawdown(axes: Axes, series: ReturnSeries, style: ChartStyle, words: ChartWords) -> Strip:
    """Draw the drawdown strip: always below zero, the deepest point marked with its value and day."""
    prepare(axes, style)
    x = [point.day.toordinal() for point in series.points]
    y = [min(0.0, float(point.drawdown)) for point in series.points]
    axes.fill_between(x, y, 0, color=style.negative, alpha=0.2, linewidth=0)
    axes.plot(x, y, color=style.negative, linewidth=points(1.1), solid_joinstyle="round")
    value_axis(axes, min(-0.01, *y), 0.0, ValueLabels(words=words), style, most=4)
    write(axes, x[0], 1, words.drawdown, style, dx=2, dy=4, valign="bottom", blended=True)
    lowest = min(range(len(y)), key=y.__getitem__)
    if y[lowest] < 0:
        left_half = x[lowest] - x[0] < (x[-1] - x[0]) * 0.72
        dot(axes, x[lowest], y[lowest], style.negative, style, pixels=6)
        text = words.trough.format(value=words.percent(y[lowest], 2), day=words.day(series.points[lowest].day))
        write(
            axes, x[lowest], y[lowest], text, style, dx=9 if left_half else -9, align="left" if left_half else "right", strong=True
        )
    write(axes, x[-1], y[-1], words.percent(y[-1], 2), style, dx=9, strong=True)
    return Strip(axes=axes, values=tuple(y), color=style.negative)


def draw_net_asset_value(figure: Figure, series: EquitySeries, style: ChartStyle, words: ChartWords) -> Plot:
    """Draw the net asset value with its deposits and withdrawals; without magnitudes when money is masked."""
    if not series.points:
        return say_empty(figure, style, words)
    (axes,) = strips(figure, 1)
    prepare(axes, style)
    days = tuple(point.day for point in series.points)
    x = [day.toordinal() for day in days]
    y = [float(point.nav) for point in series.points]
    low, high = _padded(min(y), max(y))
    axes.plot(x, y, color=style.series[0], linewidth=points(1.75), solid_joinstyle="round", zorder=3)
    value_axis(axes, low, high, ValueLabels(words=words, money=True, masked=style.masked), style)
    axes.fill_between(x, y, axes.get_ylim()[0], color=style.series[0], alpha=0.1, linewidth=0)
    prepare_time(axes, days, style, words)
    _mark_flows(axes, series, style, words)
    if not style.masked:
        write(axes, x[-1], y[-1], words.money(y[-1], 0), style, dx=9, strong=True)
    dot(axes, x[-1], y[-1], style.series[0], style)
    return Plot(days=days, strips=(Strip(axes=axes, values=tuple(y), color=style.series[0]),))


def draw_profit(figure: Figure, profit: tuple[tuple[date, Decimal], ...], style: ChartStyle, words: ChartWords) -> Plot:
    """Draw the cumulative result of closed trades as steps on the days they were closed on."""
    if not profit:
        return say_empty(figure, style, words)
    (axes,) = strips(figure, 1)
    prepare(axes, style)
    days = tuple(day for day, _ in profit)
    x = [day.toordinal() for day in days]
    y = [float(value) for _, value in profit]
    axes.plot(x, y, color=style.series[0], linewidth=points(1.75), drawstyle="steps-post", solid_joinstyle="round", zorder=3)
    value_axis(axes, min(0.0, *y), max(0.0, *y), ValueLabels(words=words, money=True, masked=style.masked, signed=True), style)
    prepare_time(axes, days, style, words)
    if not style.masked:
        write(axes, x[-1], y[-1], words.signed(y[-1], 0), style, dx=9, strong=True)
    dot(axes, x[-1], y[-1], style.series[0], style)
    return Plot(days=days, strips=(Strip(axes=axes, values=tuple(y), color=style.series[0]),))


def prepare_time(axes: Axes, days: tuple[date, ...], style: ChartStyle, words: ChartWords, *, labelled: bool = True) -> None:
    """Set the time axis from the first to the last day; ``labelled`` False leaves it to the strip below."""
    if labelled:
        time_axis(axes, days[0], days[-1], style, words)
    else:
        axes.tick_params(axis="x", length=0, labelbottom=False)


def _draw_line(axes: Axes, series: tuple[ReturnPoint, ...], style: ChartStyle) -> Strip:
    prepare(axes, style, time_axis=False)
    x = [point.day.toordinal() for point in series]
    y = tuple(float(point.cumulative) for point in series)
    axes.plot(x, y, color=style.series[0], linewidth=points(1.75), solid_joinstyle="round", zorder=3)
    return Strip(axes=axes, values=y, color=style.series[0])


def _mark_peak(
    upper: Axes, lower: Axes, deepest: Drawdown, style: ChartStyle, words: ChartWords, *, span: tuple[date, date]
) -> None:
    whole = max(1, (span[1] - span[0]).days)
    marks = [(deepest.peak, words.peak, (deepest.peak - span[0]).days / whole > 0.2)]  # noqa: PLR2004 - room for the word
    if deepest.recovered is not None:
        marks.append((deepest.recovered, words.recovered, (span[1] - deepest.recovered).days / whole < 0.2))  # noqa: PLR2004
    for day, template, to_the_left in marks:
        for axes in (upper, lower):
            axes.axvline(day.toordinal(), color=style.axis, linewidth=points(1), linestyle=(0, (1.5, 2.5)), zorder=2)
        side = -6 if to_the_left else 6
        text = template.format(day=words.day(day))
        write(upper, day.toordinal(), 1, text, style, dx=side, dy=-8, align="right" if to_the_left else "left", blended=True)


def _mark_flows(axes: Axes, series: EquitySeries, style: ChartStyle, words: ChartWords) -> None:
    flows = [(point.day, point.flow, float(point.nav)) for point in series.points[1:] if point.flow]
    named = _room_for_amounts(flows, whole=max(1, (series.points[-1].day - series.points[0].day).days))
    foot = axes.get_ylim()[0]
    for day, amount, nav in flows:
        x = day.toordinal()
        axes.plot(
            [x], [foot], marker="^" if amount > 0 else "v", markersize=points(6), color=style.text_muted, clip_on=False, zorder=5,
        )  # fmt: skip
        if day in named and not style.masked:
            axes.plot([x, x], [foot, nav], color=style.axis, linewidth=points(1), linestyle=(0, (1.5, 2.5)), zorder=2)
            write(axes, x, foot, words.signed(float(amount), 0), style, dx=6, dy=10)


def _room_for_amounts(flows: list[tuple[date, Decimal, float]], *, whole: int) -> set[date]:
    """Choose the flows whose amounts are written: the largest first, none closer to another than its label is wide."""
    chosen: list[date] = []
    for day, _, _ in sorted(flows, key=lambda item: -abs(item[1])):
        if len(chosen) < _MOST_FLOWS and all(abs((day - other).days) / whole > 1 / 11 for other in chosen):
            chosen.append(day)
    return set(chosen)


def _padded(low: float, high: float) -> tuple[float, float]:
    """Leave air around a line; a value axis of a large stock need not begin at zero."""
    pad = (high - low) * 0.06 or abs(high) * 0.02 or 1.0
    return (max(0.0, low - pad) if low >= 0 else low - pad), high + pad
