"""Typed reading of the sections that are kept as IBKR wrote them: numbers, days and instants by attribute.

Days in such rows are IBKR's text. A date with slashes that could be read in two ways is read so that it falls into the range of its
statement.
"""

from __future__ import annotations

import json
import re
import sqlite3
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from ibjournal.domain.depot import AccountId
from ibjournal.domain.instrument import InstrumentId
from ibjournal.domain.provenance import RowRef

_NEW_YORK = ZoneInfo("America/New_York")
_NOTHING = frozenset({"", "-", "--", "---", "N/A", "MULTI"})
_DAY = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)|(\d{1,2})/(\d{1,2})/(\d{2,4})|(\d{1,2})-([A-Za-z]{3})-(\d{2,4})")
_CLOCK = re.compile(r"(\d\d):?(\d\d):?(\d\d)")
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}  # fmt: skip
_CENTURY = 2000
_ONE_CENTURY = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedRow:
    """One row of a section. ``start`` and ``end`` are the range that it tells of: its own, else its statement's."""

    account: AccountId
    section: str
    tag: str
    start: date
    end: date
    instrument: InstrumentId | None
    values: dict[str, str]
    row: RowRef
    generated_at: int
    """When IBKR made the report: seconds since 1970 UTC."""

    def word(self, name: str) -> str:
        """Return an attribute, empty for IBKR's words for nothing."""
        text = self.values.get(name, "").strip()
        return "" if text in _NOTHING else text

    def number(self, name: str) -> Decimal | None:
        """Return an attribute as a number, None where the row does not say."""
        text = self.word(name).replace(",", "")
        try:
            return Decimal(text) if text else None
        except InvalidOperation:
            return None

    def day(self, name: str) -> date | None:
        """Return the day of an attribute, None where the row does not say."""
        found = _DAY.match(self.word(name))
        return self._day(found) if found else None

    def moment(self, name: str) -> datetime | None:
        """Return an attribute as an instant in UTC (IBKR writes New York's time), None where the row says no time of day."""
        text = self.word(name)
        found = _DAY.match(text)
        day = self._day(found) if found else None
        clock = _CLOCK.search(text, found.end()) if found else None
        if day is None or clock is None:
            return None
        hour, minute, second = (int(part) for part in clock.groups())
        try:
            return datetime.combine(day, time(hour, minute, second), _NEW_YORK).astimezone(UTC)
        except ValueError:
            return None

    def _day(self, found: re.Match[str]) -> date | None:
        try:
            if found[1]:
                return date(int(found[1]), int(found[2]), int(found[3]))
            if found[8]:
                return date(_year(found[9]), _MONTHS[found[8].lower()], int(found[7]))
            year, first, second = _year(found[6]), int(found[4]), int(found[5])
            readings = [date(year, month, day) for month, day in ((first, second), (second, first)) if month in range(1, 13)]
            return next((each for each in readings if self.start <= each <= self.end), readings[0] if readings else None)
        except (ValueError, KeyError):
            return None


def _year(text: str) -> int:
    year = int(text)
    return year if year >= _ONE_CENTURY else _CENTURY + year


def reported_rows(db: sqlite3.Connection, account: AccountId, section: str) -> tuple[ReportedRow, ...]:
    """Return the rows of a section of one account by range, report and place."""
    rows = db.execute(
        "SELECT tag, from_date, to_date, instrument, data, report, ordinal, generated_at FROM section_rows"
        " WHERE account=? AND section=? AND from_date<>'' AND to_date<>'' ORDER BY from_date, to_date, report, ordinal",
        (account, section),
    )
    return tuple(
        ReportedRow(
            account=account,
            section=section,
            tag=tag,
            start=date.fromisoformat(start),
            end=date.fromisoformat(end),
            instrument=InstrumentId(instrument) if instrument else None,
            values=json.loads(data),
            row=RowRef(report, ordinal),
            generated_at=generated_at,
        )
        for tag, start, end, instrument, data, report, ordinal, generated_at in rows
    )


def rate_on(db: sqlite3.Connection, account: AccountId, base: str, currency: str, day: date) -> Decimal | None:
    """Return the rate into an account's base currency that a report tells for that very day, None where none does."""
    text = day.isoformat()
    row = db.execute("SELECT rate FROM rates WHERE from_currency=? AND to_currency=? AND day=?", (currency, base, text)).fetchone()
    for table, column in (("positions", "day"), ("executions", "report_date"), ("cash_entries", "report_date")):
        if row is None:
            row = db.execute(
                f"SELECT fx_rate_to_base FROM {table} WHERE account=? AND currency=? AND {column}=?"  # noqa: S608 - constants
                " AND fx_rate_to_base IS NOT NULL LIMIT 1",
                (account, currency, text),
            ).fetchone()
    return Decimal(row[0]) if row is not None else None


def state_of_reports(db: sqlite3.Connection) -> tuple[object, ...]:
    """Return a value that changes whenever a report came or was read anew, or the user said something that moves positions."""
    return tuple(
        db.execute(query).fetchone()
        for query in (
            "SELECT count(*), max(id), max(received_at), sum(reader_version) FROM reports",
            "SELECT count(*), max(id), max(ended_at) FROM sync_runs",
            "SELECT count(*), max(changed_at) FROM told_basis",
            "SELECT count(*), max(changed_at) FROM account_links",
            "SELECT count(*), max(changed_at) FROM traded_currencies",
            "SELECT count(*), max(id), total(gone) FROM executions",
        )
    )
