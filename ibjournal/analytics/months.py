"""The months table: time-weighted returns by calendar month and year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from ibjournal.analytics.returns import DailyReturn, chain
from ibjournal.domain.money import plain
from ibjournal.domain.period import Bucket, bucket_period

_SATURDAY = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthReturn:
    """One cell of the months table.

    ``value`` is a ratio, None where not computable. ``partial`` marks a month not covered whole.
    """

    year: int
    month: int
    value: Decimal | None
    partial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class YearReturn:
    """The year's column of the months table."""

    year: int
    value: Decimal | None


def month_returns(first_day: date, returns: Sequence[DailyReturn]) -> tuple[MonthReturn, ...]:
    """Return the months that daily returns reach into, oldest first; ``first_day`` is the day whose close they start from."""
    by_month: dict[tuple[int, int], list[DailyReturn]] = {}
    for each in returns:
        by_month.setdefault((each.day.year, each.day.month), []).append(each)
    last_day = returns[-1].day if returns else first_day
    return tuple(
        MonthReturn(year=year, month=month, value=_linked(own), partial=_partial(year, month, first_day, last_day))
        for (year, month), own in by_month.items()
    )


def year_returns(returns: Sequence[DailyReturn]) -> tuple[YearReturn, ...]:
    """Return the years that daily returns reach into, oldest first."""
    by_year: dict[int, list[DailyReturn]] = {}
    for each in returns:
        by_year.setdefault(each.day.year, []).append(each)
    return tuple(YearReturn(year=year, value=_linked(own)) for year, own in by_year.items())


def _linked(returns: Sequence[DailyReturn]) -> Decimal | None:
    value = chain(returns)
    return None if value is None else plain(value)


def _partial(year: int, month: int, first_day: date, last_day: date) -> bool:
    start = date(year, month, 1)
    end = bucket_period(start, Bucket.MONTH).end or start
    while end.weekday() >= _SATURDAY:
        end -= timedelta(days=1)
    return first_day >= start or last_day < end
