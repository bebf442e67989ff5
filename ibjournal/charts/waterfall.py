"""A horizontal waterfall: how a value at the start became the value at the end, line by line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ibjournal.charts.plot import Plot, ValueLabels, say_empty, size_of
from ibjournal.charts.style import ChartStyle, ChartWords, points
from ibjournal.charts.ticks import value_ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ROW = 21
"""Height of a line in logical pixels."""
_AXIS, _TOP, _EDGE, _GAP = 24, 4, 15, 8
_LETTER = 0.56
"""Mean width of a letter as a part of the type's height; names and values get the room they need."""
_MOST = 160
_TICK = 48
"""Room for the label of a tick."""
_BAR = 0.56


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One line. ``total`` lines stand for a value; the others change it. ``neutral`` are no gains or losses: deposits."""

    name: str
    amount: Decimal
    text: str
    total: bool = False
    neutral: bool = False


def height_for(steps: int) -> int:
    """Return the height in logical pixels that shows so many lines with the axis below."""
    return _TOP + max(1, steps) * ROW + _AXIS


def spans(steps: Sequence[Step]) -> tuple[tuple[float, float], ...]:
    """Return where each bar begins and ends: a total from zero, the others from where the one above ended."""
    found: list[tuple[float, float]] = []
    at = Decimal(0)
    for step in steps:
        start = Decimal(0) if step.total else at
        at = step.amount if step.total else at + step.amount
        found.append((float(start), float(at)))
    return tuple(found)


def draw_waterfall(figure: Figure, steps: Sequence[Step], style: ChartStyle, words: ChartWords) -> Plot:
    """Draw the lines from top to bottom; while money is masked no bar and no number tells a magnitude."""
    if not steps:
        return say_empty(figure, style, words)
    figure.clear()
    width, height = size_of(figure)
    names = _room((step.name for step in steps), style)
    values = _room((step.text for step in steps), style)
    inner = max(40.0, width - 2 * _EDGE - names - values)
    below = max(20.0, height - _TOP - _AXIS)
    axes = figure.add_axes(((_EDGE + names) / width, _AXIS / height, inner / width, below / height))
    axes.set_facecolor("none")
    for side in ("left", "right", "top", "bottom"):
        axes.spines[side].set_visible(False)
    axes.set_ylim(len(steps) - 0.5, -0.5)
    axes.set_yticks([])
    bars = spans(steps)
    low, high = _range(steps, bars)
    axes.set_xlim(low, high)
    _value_axis(axes, (low, high), style, words, most=max(1, int(inner / _TICK)))
    for place, (step, (start, end)) in enumerate(zip(steps, bars, strict=True)):
        if not style.masked:
            _draw_bar(axes, place, step, (max(start, low), end), style)
            if place + 1 < len(steps):
                axes.plot([end, end], [place, place + 1], color=style.axis, linewidth=points(0.8), zorder=2)
        _write(axes, place, step, style, left=names / inner, right=values / inner)
    return Plot()


def _room(words: Iterable[str], style: ChartStyle) -> float:
    longest = max((len(each) for each in words), default=0)
    return min(_MOST, longest * style.text_pixels * _LETTER) + _GAP


def _range(steps: Sequence[Step], bars: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Return the axis: it need not begin at zero, or small lines of a large account would not be seen."""
    ends = [end for _start, end in bars]
    starts = [start for step, (start, _end) in zip(steps, bars, strict=True) if not step.total]
    least, most = min([*ends, *starts]), max([*ends, *starts])
    room = (most - least) * 0.12 or abs(most) * 0.05 or 1.0
    low = min(0.0, least) if least <= 0 or least - room < 0 else least - room
    return low, most + (most - low) * 0.03


def _value_axis(axes: Axes, ends: tuple[float, float], style: ChartStyle, words: ChartWords, *, most: int) -> None:
    low, high = ends
    ticks = [tick for tick in value_ticks(low, high, most=5) if low <= tick <= high]
    ticks = ticks[:: max(1, -(-len(ticks) // most))]
    axes.set_xticks(ticks, ValueLabels(words=words, money=True, masked=style.masked).of(ticks))
    axes.grid(visible=True, axis="x", color=style.grid, linewidth=points(1))
    axes.set_axisbelow(True)
    axes.tick_params(axis="x", length=0, pad=points(6), labelsize=points(style.text_pixels), labelcolor=style.text_muted)
    for tick in axes.get_xticklabels():
        tick.set_fontfamily(list(style.families))
    axes.plot([0, 0], [0, 1], transform=axes.transAxes, color=style.axis, linewidth=points(1.5), clip_on=False, zorder=2.5)


def _draw_bar(axes: Axes, place: int, step: Step, span: tuple[float, float], style: ChartStyle) -> None:
    start, end = span
    if step.total:
        color = style.series[0]
    elif step.neutral:
        color = style.text_muted
    else:
        color = style.positive if step.amount >= 0 else style.negative
    axes.barh(place, end - start, left=start, height=_BAR, color=color, linewidth=0, zorder=3)
    if step.amount:  # a bar of less than a pixel is still seen
        axes.plot([start, start], [place - _BAR / 2, place + _BAR / 2], color=color, linewidth=points(1), zorder=3)


def _write(axes: Axes, place: int, step: Step, style: ChartStyle, *, left: float, right: float) -> None:
    from matplotlib.transforms import blended_transform_factory  # noqa: PLC0415 - matplotlib is imported when something is drawn

    across = blended_transform_factory(axes.transAxes, axes.transData)
    look: dict[str, Any] = {
        "fontsize": points(style.text_pixels),
        "fontfamily": list(style.families),
        "fontweight": style.strong_weight if step.total else "normal",
        "va": "center",
        "transform": across,
        "clip_on": False,
    }
    axes.text(-left, place, step.name, color=style.text_strong if step.total else style.text_muted, ha="left", **look)
    if not style.masked:
        axes.text(1 + right, place, step.text, color=style.text_strong, ha="right", **look)
