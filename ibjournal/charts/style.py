"""How charts look and speak: colours and words are given from outside, so this layer knows neither theme nor language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

DPI = 96
"""Figures are laid out in logical pixels at 96 dots an inch; the canvas multiplies by the screen's ratio."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartStyle:
    """Colours (``#RRGGBB``) and type of a chart.

    ``masked`` hides the magnitude of money: the labels of money axes disappear and amounts are not written.
    ``families`` are font families in order of preference; a family matplotlib does not know is passed over.
    """

    surface: str
    text_strong: str
    text_muted: str
    grid: str
    axis: str
    positive: str
    negative: str
    series: tuple[str, ...]
    families: tuple[str, ...] = ("DejaVu Sans",)
    strong_weight: str = "bold"
    """Weight of emphasised labels; ``semibold`` where the family has it."""
    text_pixels: float = 11
    masked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartWords:
    """What a chart says, in the user's language and number format.

    The templates hold ``{day}``, ``{value}`` or ``{amount}``. ``percent`` takes a ratio and the number of decimals and
    writes the sign; ``money`` takes an amount and the number of decimals; ``signed`` is money with its sign.
    """

    percent: Callable[[float, int], str]
    money: Callable[[float, int], str]
    signed: Callable[[float, int], str]
    day: Callable[[date], str]
    short_day: Callable[[date], str]
    months: tuple[str, ...]
    thousand: str = "{value}k"
    million: str = "{value}M"
    drawdown: str = "Drawdown"
    peak: str = "peak {day}"
    recovered: str = "recovered {day}"
    trough: str = "{value} on {day}"
    empty: str = ""


def points(pixels: float) -> float:
    """Turn logical pixels into the typographic points that matplotlib takes for type and lines."""
    return pixels * 72 / DPI
