"""Date ranges that screens and reports share: periods, the picker's presets, buckets.

Days are calendar days of the exchange's trading date; "today" is always given by the caller.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """A range of days, both ends included; None is open-ended."""

    start: date | None = None
    end: date | None = None

    def __contains__(self, day: date) -> bool:
        return (self.start is None or day >= self.start) and (self.end is None or day <= self.end)


ALL_TIME = Period()


class Preset(str, Enum):
    """The period picker's choices."""

    THIS_MONTH = "this_month"
    LAST_MONTH = "last_month"
    THIS_YEAR = "this_year"
    LAST_YEAR = "last_year"
    LAST_30_DAYS = "last_30_days"
    LAST_90_DAYS = "last_90_days"
    LAST_365_DAYS = "last_365_days"
    ALL = "all"
    CUSTOM = "custom"


class Bucket(str, Enum):
    """How finely a period is cut. Weeks start on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


_ROLLING = {Preset.LAST_30_DAYS: 30, Preset.LAST_90_DAYS: 90, Preset.LAST_365_DAYS: 365}


def preset_period(preset: Preset, today: date) -> Period:
    """Return the days a preset means. Months and years are whole; the last n days end today.

    Raises:
        ValueError: a custom period has no days of its own.
    """
    if preset is Preset.CUSTOM:
        raise ValueError("a custom period is chosen by the user")
    if preset is Preset.ALL:
        return ALL_TIME
    if preset in _ROLLING:
        return Period(today - timedelta(days=_ROLLING[preset] - 1), today)
    bucket = Bucket.MONTH if preset in {Preset.THIS_MONTH, Preset.LAST_MONTH} else Bucket.YEAR
    start = bucket_start(today, bucket)
    if preset in {Preset.LAST_MONTH, Preset.LAST_YEAR}:
        start = bucket_start(start - _DAY, bucket)
    return bucket_period(start, bucket)


def bucket_start(day: date, bucket: Bucket) -> date:
    """Return the first day of the bucket that ``day`` lies in."""
    if bucket is Bucket.DAY:
        return day
    if bucket is Bucket.WEEK:
        return day - timedelta(days=day.weekday())
    return date(day.year, day.month if bucket is Bucket.MONTH else 1, 1)


def bucket_period(day: date, bucket: Bucket) -> Period:
    """Return the whole bucket that ``day`` lies in."""
    start = bucket_start(day, bucket)
    if bucket is Bucket.DAY:
        return Period(start, start)
    if bucket is Bucket.WEEK:
        return Period(start, start + timedelta(days=6))
    return Period(start, _add_months(start, 1 if bucket is Bucket.MONTH else 12) - _DAY)


def buckets(period: Period, bucket: Bucket) -> Iterator[Period]:
    """Cut a period into buckets, oldest first; the first and the last may be cut short by the period's ends.

    Raises:
        ValueError: the period is open-ended.
    """
    if period.start is None or period.end is None:
        raise ValueError("an open-ended period has no buckets")
    start = period.start
    while start <= period.end:
        whole = bucket_period(start, bucket)
        end = min(whole.end or period.end, period.end)
        yield Period(start, end)
        start = end + _DAY


def previous_period(period: Period) -> Period | None:
    """Return the period of the same kind just before, None for an open-ended one."""
    return _shifted(period, -1)


def next_period(period: Period) -> Period | None:
    """Return the period of the same kind just after, None for an open-ended one."""
    return _shifted(period, 1)


def _shifted(period: Period, direction: int) -> Period | None:
    start, end = period.start, period.end
    if start is None or end is None:
        return None
    try:
        months = _whole_months(start, end)
        if months:
            moved = _add_months(start, months * direction)
            return Period(moved, _add_months(moved, months) - _DAY)
        length = (end - start + _DAY) * direction
        return Period(start + length, end + length)
    except (OverflowError, ValueError):  # before year 1 or after 9999
        return None


def _whole_months(start: date, end: date) -> int:
    """Return how many whole calendar months a range is, 0 where it is not."""
    after = end + _DAY
    if start.day != 1 or after.day != 1:
        return 0
    return (after.year - start.year) * 12 + after.month - start.month


def _add_months(first: date, months: int) -> date:
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, 1)
