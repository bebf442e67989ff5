from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from ibjournal.analytics.months import MonthReturn, YearReturn, month_returns, year_returns
from ibjournal.analytics.returns import Convention, DailyReturn, chain, daily_returns
from ibjournal.analytics.series import DayPoint

D = Decimal


def daily(first: date, last: date) -> list[DailyReturn]:
    """One percent every business day after ``first``."""
    days = [first + timedelta(days=n) for n in range(1, (last - first).days + 1)]
    return [DailyReturn(day, D("0.01")) for day in days if day.weekday() < 5]


def test_a_month_is_whole_when_its_first_and_last_business_days_are_covered() -> None:
    first, last = date(2025, 11, 28), date(2026, 2, 12)
    months = month_returns(first, daily(first, last))
    assert [(each.year, each.month, each.partial) for each in months] == [(2025, 12, False), (2026, 1, False), (2026, 2, True)]
    assert months[2].value == D("0.0936852727")


def test_a_month_that_starts_in_the_middle_is_partial() -> None:
    first = date(2026, 1, 2)
    assert [each.partial for each in month_returns(first, daily(first, date(2026, 2, 27)))] == [True, False]


def test_last_business_day_before_a_weekend_ends_the_month() -> None:
    """31 January 2026 is a Saturday."""
    assert not month_returns(date(2025, 12, 31), daily(date(2025, 12, 31), date(2026, 1, 30)))[0].partial


def test_years_link_their_months() -> None:
    first = date(2025, 6, 30)
    returns = daily(first, date(2026, 1, 30))
    years = year_returns(returns)
    assert [year.year for year in years] == [2025, 2026]
    growth = D(1)
    for month in month_returns(first, returns):
        growth *= 1 + (month.value or D(0))
    linked = (1 + (years[0].value or D(0))) * (1 + (years[1].value or D(0)))
    total = chain(returns)
    assert total is not None
    assert abs(growth - linked) < D("1E-8")
    assert abs(growth - 1 - total) < D("1E-8")


def test_a_day_that_cannot_be_computed_spoils_its_month_and_year_only() -> None:
    points = [
        DayPoint(day=day, nav=D(nav))
        for day, nav in (
            (date(2025, 12, 30), 100),
            (date(2025, 12, 31), -1),
            (date(2026, 1, 2), 50),
            (date(2026, 2, 2), 60),
        )
    ]
    returns = daily_returns(points, Convention.IBKR)
    assert [month.value for month in month_returns(points[0].day, returns)] == [None, None, D("0.2")]
    assert year_returns(returns) == (YearReturn(year=2025, value=None), YearReturn(year=2026, value=None))


def test_no_days() -> None:
    assert month_returns(date(2026, 1, 1), ()) == ()
    assert year_returns(()) == ()
    assert MonthReturn(year=2026, month=1, value=None).partial is False
