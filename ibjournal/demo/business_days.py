"""The demo's calendars: report days, and the days on which the American and European exchanges are open."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

SATURDAY = 5
JUNETEENTH_SINCE = 2022


def easter(year: int) -> date:
    """Return Easter Sunday of the Gregorian calendar (the anonymous algorithm published in Nature in 1876)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def _nth_monday(year: int, month: int, nth: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(-first.weekday()) % 7 + 7 * (nth - 1))


def _observed(day: date) -> date:
    """Saturday's holiday is kept on Friday, Sunday's on Monday."""
    if day.weekday() == SATURDAY:
        return day - timedelta(days=1)
    if day.weekday() > SATURDAY:
        return day + timedelta(days=1)
    return day


@cache
def _american_holidays(year: int) -> frozenset[date]:
    thanksgiving = date(year, 11, 1) + timedelta(days=(3 - date(year, 11, 1).weekday()) % 7 + 21)
    last_of_may = date(year, 5, 31)
    days = {
        _nth_monday(year, 1, 3),
        _nth_monday(year, 2, 3),
        easter(year) - timedelta(days=2),
        last_of_may - timedelta(days=last_of_may.weekday()),
        _observed(date(year, 7, 4)),
        _nth_monday(year, 9, 1),
        thanksgiving,
        _observed(date(year, 12, 25)),
    }
    new_year = date(year, 1, 1)
    if new_year.weekday() != SATURDAY:  # a New Year's Day on Saturday is not made up for
        days.add(_observed(new_year))
    if year >= JUNETEENTH_SINCE:
        days.add(_observed(date(year, 6, 19)))
    return frozenset(days)


@cache
def _european_holidays(year: int) -> frozenset[date]:
    sunday = easter(year)
    return frozenset(
        {
            date(year, 1, 1),
            sunday - timedelta(days=2),
            sunday + timedelta(days=1),
            date(year, 5, 1),
            date(year, 12, 25),
            date(year, 12, 26),
        }
    )


@cache
def is_report_day(day: date) -> bool:
    """Whether the broker closes its books on this day.

    Weekdays count even where an exchange is shut; New Year's Day, Good Friday and Christmas Day do not.
    """
    if day.weekday() >= SATURDAY:
        return False
    return not (
        (day.month, day.day) in {(1, 1), (12, 25)}  # shut everywhere
        or day == easter(day.year) - timedelta(days=2)
    )


def is_american_session(day: date) -> bool:
    """Whether the American exchanges are open."""
    return day.weekday() < SATURDAY and day not in _american_holidays(day.year)


def is_european_session(day: date) -> bool:
    """Whether the European exchanges are open."""
    return day.weekday() < SATURDAY and day not in _european_holidays(day.year)


def next_report_day(day: date) -> date:
    """Return the first report day after ``day``."""
    following = day + timedelta(days=1)
    while not is_report_day(following):
        following += timedelta(days=1)
    return following


def previous_report_day(day: date) -> date:
    """Return the last report day before ``day``."""
    before = day - timedelta(days=1)
    while not is_report_day(before):
        before -= timedelta(days=1)
    return before


def report_days(first: date, last: date) -> list[date]:
    """Return the report days from ``first`` to ``last``, both included."""
    return [day for n in range((last - first).days + 1) if is_report_day(day := first + timedelta(days=n))]


def last_american_session_until(day: date) -> date:
    """Return ``day``, or the American session before it when the exchanges are shut: the last day of an option of that week."""
    while not is_american_session(day):
        day -= timedelta(days=1)
    return day


def third_friday(year: int, month: int) -> date:
    """Return the day on which the monthly options and the quarterly futures expire, before holidays are looked at."""
    first = date(year, month, 1)
    return first + timedelta(days=(4 - first.weekday()) % 7 + 14)
