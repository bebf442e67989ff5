from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from ibjournal.services.schedule import activity_due, days_left, is_report_day, is_stale, new_york_day, report_day_before


def test_the_days_that_a_token_has_left() -> None:
    expires = date(2026, 12, 31)
    assert (days_left(expires, date(2026, 12, 1)), days_left(expires, expires), days_left(expires, date(2027, 1, 2))) == (30, 0, -2)


def test_the_day_in_new_york() -> None:
    assert new_york_day(datetime(2026, 7, 1, 3, 59, tzinfo=UTC)) == date(2026, 6, 30)
    assert new_york_day(datetime(2026, 7, 1, 4, 0, tzinfo=UTC)) == date(2026, 7, 1)
    assert new_york_day(datetime(2026, 1, 1, 4, 59, tzinfo=UTC)) == date(2025, 12, 31)


def test_report_days() -> None:
    assert report_day_before(date(2026, 9, 28)) == date(2026, 9, 25), "before a Monday comes Friday"
    assert report_day_before(date(2027, 1, 2)) == date(2026, 12, 31)
    assert not is_report_day(date(2025, 12, 25))
    assert is_report_day(date(2025, 12, 24))


@pytest.mark.parametrize(
    ("now", "covered", "due"),
    [
        (datetime(2026, 9, 29, 8, 59, tzinfo=UTC), date(2026, 9, 25), False),  # Tuesday 04:59 in New York
        (datetime(2026, 9, 29, 9, 0, tzinfo=UTC), date(2026, 9, 25), True),  # 05:00: Monday's is out
        (datetime(2026, 9, 29, 9, 0, tzinfo=UTC), date(2026, 9, 28), False),
        (datetime(2026, 9, 27, 15, 0, tzinfo=UTC), date(2026, 9, 25), False),  # Sunday
        (datetime(2026, 9, 27, 15, 0, tzinfo=UTC), None, True),
        (datetime(2026, 12, 1, 9, 59, tzinfo=UTC), date(2026, 11, 27), False),  # winter time: 04:59
        (datetime(2026, 12, 1, 10, 0, tzinfo=UTC), date(2026, 11, 27), True),
    ],
)
def test_activity_is_due_in_the_morning_after(now: datetime, covered: date | None, due: bool) -> None:
    assert activity_due(now, covered) is due


_FRIDAY = date(2026, 9, 25)


def _berlin(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 9, day, hour, minute, tzinfo=ZoneInfo("Europe/Berlin"))


@pytest.mark.parametrize(
    ("now", "through", "asked", "stale"),
    [
        pytest.param(_berlin(27, 12), _FRIDAY, _berlin(26, 11, 5), False, id="Friday's figures on Sunday"),
        pytest.param(_berlin(28, 23), _FRIDAY, _berlin(26, 11, 5), False, id="on Monday night"),
        pytest.param(_berlin(29, 10, 59), _FRIDAY, _berlin(28, 12), False, id="on Tuesday, when it is early in New York"),
        pytest.param(_berlin(29, 11, 1), _FRIDAY, _berlin(28, 12), True, id="on Tuesday, once Monday's is out"),
        pytest.param(datetime(2026, 9, 29, 18, 1, tzinfo=ZoneInfo("Asia/Tokyo")), _FRIDAY, None, True, id="the same in Tokyo"),
        pytest.param(_berlin(29, 15), _FRIDAY, _berlin(29, 11, 5), False, id="asked since: a holiday, or a late statement"),
        pytest.param(_berlin(30, 11, 1), _FRIDAY, _berlin(29, 11, 5), True, id="two days are no holiday"),
        pytest.param(_berlin(30, 11, 1), _FRIDAY, _berlin(30, 11, 0), True, id="nor when they were asked for"),
        pytest.param(_berlin(29, 11, 1), date(2026, 9, 28), _berlin(29, 11), False, id="all that there is"),
        pytest.param(_berlin(29, 11, 1), date(2026, 10, 15), None, False, id="a clock that was ahead"),
        pytest.param(datetime(2027, 1, 2, 15, 0, tzinfo=UTC), date(2026, 12, 31), None, False, id="no statement for New Year"),
    ],
)
def test_which_figures_are_stale(now: datetime, through: date, asked: datetime | None, stale: bool) -> None:
    assert is_stale(now, through, asked) is stale
