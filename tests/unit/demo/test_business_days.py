"""Holidays of known years, looked up in the exchanges' own calendars."""

from __future__ import annotations

from datetime import date

import pytest

from ibjournal.demo.business_days import (
    easter,
    is_american_session,
    is_european_session,
    is_report_day,
    last_american_session_until,
    next_report_day,
    previous_report_day,
    report_days,
    third_friday,
)


@pytest.mark.parametrize(
    "day",
    [
        date(2024, 3, 31), date(2025, 4, 20), date(2026, 4, 5), date(2027, 3, 28), date(2000, 4, 23),
    ],
)  # fmt: skip
def test_easter(day: date) -> None:
    assert easter(day.year) == day


def test_american_holidays_of_2026() -> None:
    shut = {
        date(2026, 1, 1), date(2026, 1, 19), date(2026, 2, 16), date(2026, 4, 3), date(2026, 5, 25), date(2026, 6, 19),
        date(2026, 7, 3), date(2026, 9, 7), date(2026, 11, 26), date(2026, 12, 25),
    }  # fmt: skip
    weekdays = [day for n in range(365) if (day := date.fromordinal(date(2026, 1, 1).toordinal() + n)).weekday() < 5]
    assert {day for day in weekdays if not is_american_session(day)} == shut


def test_holidays_that_fall_on_a_weekend() -> None:
    assert not is_american_session(date(2023, 1, 2)), "New Year's Day on Sunday"
    assert is_american_session(date(2021, 12, 31)), "New Year's Day on Saturday is not made up for"
    assert is_american_session(date(2021, 6, 18)), "Juneteenth is kept since 2022"


def test_exchanges_differ() -> None:
    assert is_european_session(date(2026, 11, 26))
    assert not is_european_session(date(2026, 5, 1))
    assert is_american_session(date(2026, 5, 1))


def test_report_days() -> None:
    assert report_days(date(2026, 4, 2), date(2026, 4, 7)) == [date(2026, 4, 2), date(2026, 4, 6), date(2026, 4, 7)]
    assert is_report_day(date(2025, 2, 17)), "books are closed on an American holiday too"
    assert not is_report_day(date(2026, 12, 25))
    assert next_report_day(date(2026, 12, 31)) == date(2027, 1, 4)
    assert previous_report_day(date(2026, 11, 23)) == date(2026, 11, 20)


def test_expiries() -> None:
    assert third_friday(2026, 12) == date(2026, 12, 18)
    assert last_american_session_until(date(2026, 6, 19)) == date(2026, 6, 18)
