"""Where ticks stand: round values and whole calendar units, four to seven of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_PIXELS_A_LABEL = 52
"""Room that one label on the time axis needs."""


class TickKind(Enum):
    """What the label of a tick on the time axis names."""

    YEAR = "year"
    MONTH = "month"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class TimeTick:
    """A tick on the time axis."""

    day: date
    kind: TickKind


def value_ticks(low: float, high: float, *, most: int = 7) -> tuple[float, ...]:
    """Return at most ``most`` round values that reach from at or below ``low`` to at or above ``high``.

    A range without extent is widened around its value, so that a flat line still gets an axis.
    """
    if high <= low:
        pad = abs(low) * 0.01 or 1.0
        low, high = low - pad, high + pad
    rough = (high - low) / max(1, most - 1)
    magnitude = 10.0 ** math.floor(math.log10(rough))
    for factor in (magnitude, magnitude * 10):
        for step in _STEPS:
            size = step * factor
            first, last = math.floor(low / size + 1e-9), math.ceil(high / size - 1e-9)
            if size >= rough * 0.999 and last - first + 1 <= most:
                return tuple(round(i * size, 10) for i in range(first, last + 1))
    return (low, high)


def decimals(ticks: tuple[float, ...]) -> int:
    """Return how many decimals tell the ticks apart (at most four)."""
    for places in range(4):
        if all(abs(round(tick, places) - tick) < 1e-9 for tick in ticks):  # noqa: PLR2004 - rounding noise of floats
            return places
    return 4


def time_ticks(first: date, last: date, *, pixels: float) -> tuple[TimeTick, ...]:
    """Return ticks on whole years, quarters, months, weeks or days, as fine as ``pixels`` of width allow."""
    room = max(2, int(pixels // _PIXELS_A_LABEL))
    days = max(1, (last - first).days)
    if days <= room:
        return tuple(TimeTick(first + timedelta(days=i), TickKind.DAY) for i in range(days + 1))
    if days / 7 <= room:
        monday = first + timedelta(days=-first.weekday() % 7)
        return tuple(TimeTick(day, TickKind.DAY) for day in _every(monday, last, 7))
    months = days / 30.44
    for step in (1, 2, 3, 6):
        if months / step <= room:
            return _months(first, last, step)
    step = next(n for n in (1, 2, 5, 10, 20, 50, 100) if months / 12 / n <= room or n == 100)  # noqa: PLR2004
    return tuple(
        TimeTick(date(year, 1, 1), TickKind.YEAR)
        for year in range(first.year, last.year + 1)
        if year % step == 0 and first <= date(year, 1, 1) <= last
    )


def _every(day: date, last: date, step: int) -> tuple[date, ...]:
    return tuple(day + timedelta(days=i) for i in range(0, (last - day).days + 1, step))


def _months(first: date, last: date, step: int) -> tuple[TimeTick, ...]:
    ticks = []
    for index in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        year, month = divmod(index, 12)
        day = date(year, month + 1, 1)
        if month % step == 0 and first <= day <= last:
            ticks.append(TimeTick(day, TickKind.YEAR if month == 0 else TickKind.MONTH))
    # A history that begins in the first days of January names its year too: the rest of the axis needs it.
    if first.month == 1 and 1 < first.day <= 10:  # noqa: PLR2004
        ticks.insert(0, TimeTick(first, TickKind.YEAR))
    return tuple(ticks)
