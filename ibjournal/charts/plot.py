"""What every chart shares: axes without a frame, ticks, labels with a halo, and what the read-out needs to know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from ibjournal.charts.style import DPI, ChartStyle, ChartWords, points
from ibjournal.charts.ticks import TickKind, decimals, time_ticks, value_ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LEFT, RIGHT, TOP, BOTTOM, GAP = 56, 72, 14, 28, 28
"""Margins in logical pixels: axis labels, the last value's label, air, the time axis, and the way between two strips."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """One set of axes under the read-out: a dot is shown at ``values`` (None: no dot that day)."""

    axes: Axes
    values: tuple[float | None, ...]
    color: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """What was drawn, for the hover read-out and the accessible text; empty ``days`` mean an empty chart."""

    days: tuple[date, ...] = ()
    strips: tuple[Strip, ...] = field(default=())

    def nearest(self, x: float) -> int | None:
        """Return the index of the day nearest to ``x`` (an ordinal day), None for an empty chart."""
        if not self.days:
            return None
        low, high = 0, len(self.days) - 1
        while low < high:
            middle = (low + high) // 2
            if self.days[middle].toordinal() < x:
                low = middle + 1
            else:
                high = middle
        if low and abs(self.days[low - 1].toordinal() - x) <= abs(self.days[low].toordinal() - x):
            return low - 1
        return low


def size_of(figure: Figure) -> tuple[float, float]:
    """Return the figure's size in logical pixels."""
    width, height = figure.get_size_inches()
    return float(width) * DPI, float(height) * DPI


def strips(figure: Figure, *weights: float, top: float = TOP, left: float = LEFT) -> tuple[Axes, ...]:
    """Clear the figure and put axes above each other that share their time axis; heights by weight, margins in pixels."""
    figure.clear()
    width, height = size_of(figure)
    inner = max(20.0, height - top - BOTTOM - GAP * (len(weights) - 1))
    made: list[Axes] = []
    y = height - top
    for weight in weights:
        part = inner * weight / sum(weights)
        y -= part
        box = (left / width, y / height, max(20.0, width - left - RIGHT) / width, part / height)
        made.append(figure.add_axes(box, sharex=made[0] if made else None))
        y -= GAP
    return tuple(made)


def prepare(axes: Axes, style: ChartStyle, *, time_axis: bool = True) -> None:
    """Take the frame away, set the grid and the type of the ticks."""
    axes.set_facecolor("none")
    for side in ("left", "right", "top", "bottom"):
        axes.spines[side].set_visible(False)
    axes.grid(visible=True, axis="y", color=style.grid, linewidth=points(1))
    axes.set_axisbelow(True)
    size = points(style.text_pixels)
    axes.tick_params(axis="y", length=0, pad=points(8), labelsize=size, labelcolor=style.text_muted)
    axes.tick_params(
        axis="x", length=points(4) if time_axis else 0, width=points(1), pad=points(5), color=style.axis,
        labelsize=size, labelcolor=style.text_muted, labelbottom=time_axis,
    )  # fmt: skip
    axes.margins(x=0)
    for label in (*axes.get_yticklabels(), *axes.get_xticklabels()):
        label.set_fontfamily(list(style.families))


def value_axis(axes: Axes, low: float, high: float, labels: ValueLabels, style: ChartStyle, *, most: int = 7) -> None:
    """Set round ticks that hold the range, label them, and draw the zero line where zero is within."""
    ticks = value_ticks(low, high, most=most)
    axes.set_ylim(min(ticks[0], low), max(ticks[-1], high))
    axes.set_yticks(ticks, labels.of(ticks))
    if ticks[0] <= 0 <= ticks[-1]:
        axes.axhline(0, color=style.axis, linewidth=points(1), zorder=1.5, clip_on=False)
    _set_family(axes, style)


def time_axis(axes: Axes, first: date, last: date, style: ChartStyle, words: ChartWords) -> None:
    """Set ticks on whole calendar units; the year stands bold at its January."""
    pixels = float(axes.get_position().width) * size_of(_figure(axes))[0]
    ticks = time_ticks(first, last, pixels=pixels)
    labels = []
    for tick in ticks:
        if tick.kind is TickKind.YEAR:
            labels.append(str(tick.day.year))
        elif tick.kind is TickKind.MONTH:
            labels.append(words.months[tick.day.month - 1])
        else:
            labels.append(words.short_day(tick.day))
    span = max(1, (last - first).days)
    axes.set_xlim(first.toordinal(), first.toordinal() + span)
    axes.set_xticks([tick.day.toordinal() for tick in ticks], labels)
    _set_family(axes, style)
    for tick, label in zip(ticks, axes.get_xticklabels(), strict=True):
        if tick.kind is TickKind.YEAR:
            label.set_fontweight(style.strong_weight)
            label.set_color(style.text_strong)
    axes.plot([0, 1], [0, 0], transform=axes.transAxes, color=style.axis, linewidth=points(1), clip_on=False, zorder=1.5)


def write(
    axes: Axes, x: float, y: float, text: str, style: ChartStyle, *,
    dx: float = 0, dy: float = 0, align: str = "left", strong: bool = False, valign: str = "center", blended: bool = False,
) -> None:  # fmt: skip
    """Write a label beside a point, ``dx`` and ``dy`` pixels away, with a halo so that it may cross the grid.

    ``blended``: ``y`` is a fraction of the axes' height instead of a value.
    """
    from matplotlib.patheffects import withStroke  # noqa: PLC0415 - matplotlib is imported when something is drawn

    axes.annotate(
        text, (x, y), xycoords=axes.get_xaxis_transform() if blended else "data", xytext=(points(dx), points(dy)),
        textcoords="offset points", ha=align, va=valign, fontsize=points(style.text_pixels), fontfamily=list(style.families),
        fontweight=style.strong_weight if strong else "normal", color=style.text_strong if strong else style.text_muted,
        annotation_clip=False, zorder=6, path_effects=[withStroke(linewidth=points(4), foreground=style.surface)],
    )  # fmt: skip


def dot(axes: Axes, x: float, y: float, color: str, style: ChartStyle, *, pixels: float = 7) -> None:
    """Mark a point with a filled dot that has a thin border in the ground's colour."""
    axes.plot(
        [x], [y], marker="o", markersize=points(pixels), color=color, markeredgecolor=style.surface,
        markeredgewidth=points(1.5), clip_on=False, zorder=7,
    )  # fmt: skip


def say_empty(figure: Figure, style: ChartStyle, words: ChartWords) -> Plot:
    """Leave empty axes with one muted sentence in the middle."""
    (axes,) = strips(figure, 1)
    prepare(axes, style, time_axis=False)
    axes.set_ylim(0, 4)
    axes.set_yticks(range(5), [""] * 5)
    axes.set_xticks([])
    axes.text(
        0.5, 0.5, words.empty, transform=axes.transAxes, ha="center", va="center", color=style.text_muted,
        fontsize=points(13), fontfamily=list(style.families),
        bbox={"facecolor": style.surface, "edgecolor": "none", "pad": points(8)},
    )  # fmt: skip
    return Plot()


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueLabels:
    """How the labels of a value axis are written: percent of a ratio, or money (nothing at all when masked)."""

    words: ChartWords
    money: bool = False
    masked: bool = False
    signed: bool = False

    def of(self, ticks: Sequence[float]) -> list[str]:
        """Return a label for each tick; thousands as "k" and millions as "M" where every tick is as round."""
        if self.money and self.masked:
            return [""] * len(ticks)
        if not self.money:
            places = decimals(tuple(round(tick * 100, 8) for tick in ticks))
            return [self.words.percent(tick, places) for tick in ticks]
        write_money = self.words.signed if self.signed else self.words.money
        largest = max((abs(tick) for tick in ticks), default=0.0)
        for size, template in ((1e6, self.words.million), (1e3, self.words.thousand)):
            if largest >= 10 * size:
                scaled = tuple(round(tick / size, 8) for tick in ticks)
                places = decimals(scaled)
                return [
                    template.format(value=write_money(value, places)) if value else self.words.money(0.0, 0) for value in scaled
                ]
        places = decimals(tuple(ticks))
        return [write_money(tick, places) if tick else self.words.money(0.0, 0) for tick in ticks]


def _set_family(axes: Axes, style: ChartStyle) -> None:
    for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        label.set_fontfamily(list(style.families))


def _figure(axes: Axes) -> Figure:
    figure = axes.get_figure(root=True)
    if figure is None:  # pragma: no cover - axes in our charts always stand in a figure
        raise ValueError("axes without a figure")
    return figure
