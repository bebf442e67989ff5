"""How long a token lasts, and when a depot is due. Pure: takes the time, knows no clock.

IBKR's days are those of New York.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")
REMIND_DAYS = (30, 7, 1)
"""Days before a token's last day on which the user is reminded."""

PUBLISHED = time(5, 0)
"""New York time; later in peak times."""
_SATURDAY = 5


def new_york_day(now: datetime) -> date:
    """Return the day it is in New York at an aware instant."""
    return now.astimezone(NEW_YORK).date()


def days_left(expires: date, today: date) -> int:
    """Return the days until a token's last day; negative when it is past."""
    return (expires - today).days


def is_report_day(day: date) -> bool:
    """Tell whether IBKR makes a daily statement for a day. Holidays are not known, but for the two that never move."""
    return day.weekday() < _SATURDAY and (day.month, day.day) not in {(1, 1), (12, 25)}


def report_day_before(day: date) -> date:
    """Return the last day before ``day`` that has a statement."""
    day -= timedelta(days=1)
    while not is_report_day(day):
        day -= timedelta(days=1)
    return day


def last_published(now: datetime) -> date:
    """Return the last report day whose Activity statement should be out: in the morning after it, New York time."""
    local = now.astimezone(NEW_YORK)
    return report_day_before(local.date() if local.time() >= PUBLISHED else local.date() - timedelta(days=1))


def publishing_began(now: datetime) -> datetime:
    """Return when IBKR last began to publish, be it on a day without a statement; UTC."""
    local = now.astimezone(NEW_YORK)
    day = local.date() if local.time() >= PUBLISHED else local.date() - timedelta(days=1)
    return datetime.combine(day, PUBLISHED, NEW_YORK).astimezone(UTC)


def is_stale(now: datetime, through: date, asked_at: datetime | None) -> bool:
    """Tell whether figures are older than they need be.

    A single day that is missing counts only until IBKR was asked after it should have been out: there is no statement for most
    holidays, and some statements are late. Of several missing days, one at least was no holiday.

    Args:
        now: an aware instant.
        through: the last day (IBKR's) that Activity covers.
        asked_at: when Activity was last asked for with success; None for never.
    """
    due = last_published(now)
    if through >= due:
        return False
    if report_day_before(due) > through or asked_at is None:
        return True
    return asked_at < datetime.combine(due + timedelta(days=1), PUBLISHED, NEW_YORK)


def activity_due(now: datetime, covered_to: date | None) -> bool:
    """Tell whether IBKR should have a newer Activity statement by now than that of ``covered_to``."""
    return covered_to is None or covered_to < last_published(now)
