"""When the history of an account starts without a gap, and whether anything was held then.

What a report of positions shows beyond our fills was held before history starts only if it can have been.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ibjournal.domain.depot import AccountId
from ibjournal.store.database import Connection
from ibjournal.store.equity import equity_days
from ibjournal.store.reported import reported_rows
from ibjournal.store.reports import sections_covered

_ZERO = Decimal(0)
_ACTIVITY = "AF"
_FRIDAY = 4
_BRINGING = ("Trades", "Transfers", "CorporateActions")
"""Sections that tell how units come."""
_SILENT = ("assetTransfers", "linkingAdjustments")
"""Lines of the change in net asset value that bring units which no section may tell of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryStart:
    """The beginning of what reports tell without a gap up to a day."""

    since: date | None
    """The first of these days, None where no report of fills covers the last."""
    empty: bool = False
    """Whether the account was worth nothing before, and whatever can bring units is told since."""


def history_start(db: Connection, account: AccountId, day: date) -> HistoryStart:
    """Return where the history that leads to a day starts."""
    since = _reached(db, account, "Trades", day)
    if since is None:
        return HistoryStart(since=None)
    told = [_reached(db, account, section, day) for section in _BRINGING]
    whole = all(each is not None and each <= since for each in told)
    return HistoryStart(since=since, empty=whole and _was_empty(db, account, since))


def _reached(db: Connection, account: AccountId, section: str, day: date) -> date | None:
    """Return how far back reports with a section lead from a day; a holiday between two of them is no gap."""
    reached: date | None = None
    ranges = [(each.to_date, each.from_date) for each in sections_covered(db, account, section) if each.type == _ACTIVITY]
    for last, first in sorted(ranges, reverse=True):
        joins = last >= day if reached is None else _business_days_between(last, reached) <= 1
        if first <= day and joins and (reached is None or first < reached):
            reached = first
    return reached


def _business_days_between(last: date, first: date) -> int:
    """Count Mondays to Fridays after one day and before another."""
    return sum(date.fromordinal(number).weekday() <= _FRIDAY for number in range(last.toordinal() + 1, first.toordinal()))


def _was_empty(db: Connection, account: AccountId, since: date) -> bool:
    rows = [row for row in reported_rows(db, account, "ChangeInNAV") if row.start <= since <= row.end]
    if any(row.number(name) for row in rows for name in _SILENT):
        return False
    starts = [row.number("startingValue") for row in rows if row.start == since]
    before = [each.total for each in equity_days(db, account) if each.day < since]
    known = [*starts, *before[-1:]]
    return bool(known) and all(each == _ZERO for each in known)
