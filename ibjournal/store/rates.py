"""Conversion rates: from reports that carry them, else from the rates that IBKR writes on rows."""

from __future__ import annotations

import sqlite3
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from ibjournal.domain.depot import AccountId
from ibjournal.domain.instrument import InstrumentId

_LOOK_BACK_DAYS = 7
_FRIDAY = 4
_ROWS_WITH_RATES = (
    "SELECT currency, day, fx_rate_to_base FROM positions WHERE account=? AND fx_rate_to_base IS NOT NULL GROUP BY currency, day",
    """
    SELECT currency, report_date, fx_rate_to_base FROM cash_entries
    WHERE account=? AND fx_rate_to_base IS NOT NULL AND report_date IS NOT NULL GROUP BY currency, report_date
    """,
    """
    SELECT json_extract(data, '$.currency'), substr(day, 1, 4) || '-' || substr(day, 5, 2) || '-' || substr(day, 7, 2), rate FROM (
        SELECT data, replace(json_extract(data, '$.reportDate'), '-', '') AS day, json_extract(data, '$.fxRateToBase') AS rate
        FROM section_rows WHERE account=? AND section='Transfers'
    ) WHERE rate<>'' AND day GLOB '[12][0-9][0-9][0-9][01][0-9][0-3][0-9]'
    """,
    """
    SELECT currency, report_date, json_extract(data, '$.fxRateToBase') FROM corporate_actions
    WHERE account=? AND report_date IS NOT NULL AND json_extract(data, '$.fxRateToBase')<>''
    """,
    # SQLite takes the other columns from the row of the maximum
    """
    SELECT currency, day, rate FROM (
        SELECT currency, coalesce(report_date, trade_date) AS day, fx_rate_to_base AS rate, max(id) FROM executions
        WHERE account=? AND fx_rate_to_base IS NOT NULL GROUP BY currency, coalesce(report_date, trade_date)
    )
    """,
)
"""Rows that tell the rate of their report day, the surest last."""


def write_rates(db: sqlite3.Connection, rows: Iterable[tuple[Any, ...]]) -> None:
    """Keep rates; of two reports the later made wins."""
    db.executemany(
        "INSERT INTO rates (day, from_currency, to_currency, rate, generated_at) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (from_currency, to_currency, day) DO UPDATE SET rate=excluded.rate, generated_at=excluded.generated_at"
        " WHERE excluded.generated_at > generated_at OR (excluded.generated_at = generated_at AND excluded.rate > rate)",
        rows,
    )


class MissingRate(NamedTuple):
    """A question that had no answer of its day.

    ``told_on`` is the earlier day whose rate was taken instead, None where there was none either. On a weekend that of the Friday
    is as good as any: nothing better will come.
    """

    currency: str
    day: date
    told_on: date | None


class RateTable:
    """Looks up rates into one base currency; keeps what it found. For one read or write of the database.

    Attributes:
        missing: each question that a later report may answer better.
    """

    def __init__(self, db: sqlite3.Connection, account: AccountId, base_currency: str) -> None:
        self.missing: set[MissingRate] = set()
        self._db = db
        self._account = account
        self._base = base_currency
        self._known: dict[tuple[str, date], tuple[Decimal | None, MissingRate | None]] = {}
        self._on_rows: dict[str, tuple[list[str], list[str]]] | None = None

    def __call__(self, currency: str, day: date) -> Decimal | None:
        """Return units of base currency for one unit of ``currency`` on a day or the week before it, None where not known."""
        if currency == self._base:
            return Decimal(1)
        rate, missing = self._known.get((currency, day)) or self._look_up(currency, day)
        if missing is not None:
            self.missing.add(missing)
        return rate

    def answers(self, question: MissingRate) -> bool:
        """Tell whether a question that had no answer of its day has a better one by now."""
        _rate, missing = self._known.get(question[:2]) or self._look_up(question.currency, question.day)
        if missing is None:
            return True
        return missing.told_on is not None and (question.told_on is None or missing.told_on > question.told_on)

    def _look_up(self, currency: str, day: date) -> tuple[Decimal | None, MissingRate | None]:
        low, high = date.fromordinal(max(1, day.toordinal() - _LOOK_BACK_DAYS)).isoformat(), day.isoformat()
        row = self._db.execute(
            "SELECT day, rate FROM rates WHERE from_currency=? AND to_currency=? AND day BETWEEN ? AND ? ORDER BY day DESC LIMIT 1",
            (currency, self._base, low, high),
        ).fetchone()
        told_on, text = row or ("", "")
        if told_on != high:
            days, rates = self._from_rows(currency)
            at = bisect_right(days, high) - 1
            if at >= 0 and days[at] >= (told_on or low):
                told_on, text = days[at], rates[at]
        weekday = day - timedelta(days=max(0, day.weekday() - _FRIDAY))
        missing = None
        if told_on < weekday.isoformat():
            missing = MissingRate(currency, day, date.fromisoformat(told_on) if told_on else None)
        found = self._known[currency, day] = (Decimal(text) if told_on else None, missing)
        return found

    def _from_rows(self, currency: str) -> tuple[list[str], list[str]]:
        """Return the days on which rows of the account carry a rate, in order, and their rates; all of them are read once."""
        if self._on_rows is None:
            found: dict[str, dict[str, str]] = {}
            for sql in _ROWS_WITH_RATES:
                for name, day, rate in self._db.execute(sql, (self._account,)):
                    found.setdefault(name, {})[day] = rate
            self._on_rows = {}
            for name, by_day in found.items():
                days = sorted(by_day)
                self._on_rows[name] = (days, [by_day[day] for day in days])
        return self._on_rows.get(currency, ([], []))


def replace_missing(
    db: sqlite3.Connection,
    places: Iterable[tuple[AccountId, InstrumentId]],
    missing: Mapping[AccountId, Iterable[MissingRate]],
) -> None:
    """Keep what rates the matching of some places asked for in vain; behind the day stands the one whose rate was taken instead."""
    for account, instrument in places:
        db.execute("DELETE FROM missing_rates WHERE account=? AND instrument=?", (account, instrument))
        db.executemany(
            "INSERT INTO missing_rates VALUES (?, ?, ?, ?)",
            [(account, instrument, each.currency, _days(each)) for each in missing.get(account, ())],
        )


def places_with_new_rates(
    db: sqlite3.Connection, table_of: Callable[[AccountId], RateTable]
) -> set[tuple[AccountId, InstrumentId]]:
    """Return the places whose matching missed a rate that is known by now, or known of a nearer day."""
    asked = db.execute("SELECT account, instrument, currency, day FROM missing_rates")
    return {
        (AccountId(account), InstrumentId(instrument))
        for account, instrument, currency, days in asked
        if table_of(AccountId(account)).answers(_question(currency, days))
    }


def _days(missing: MissingRate) -> str:
    return missing.day.isoformat() if missing.told_on is None else f"{missing.day.isoformat()} {missing.told_on.isoformat()}"


def _question(currency: str, days: str) -> MissingRate:
    day, _space, told_on = days.partition(" ")
    return MissingRate(currency, date.fromisoformat(day), date.fromisoformat(told_on) if told_on else None)
