"""Conversion rates: from reports that carry them, else from the rates that IBKR writes on rows."""

from __future__ import annotations

import sqlite3
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from ibjournal.domain.depot import AccountId
from ibjournal.domain.instrument import InstrumentId

_LOOK_BACK_DAYS = 7
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


class RateTable:
    """Looks up rates into one base currency; keeps what it found. For one read or write of the database.

    Attributes:
        missing: currency and day of each question that had no answer.
    """

    def __init__(self, db: sqlite3.Connection, account: AccountId, base_currency: str) -> None:
        self.missing: set[tuple[str, date]] = set()
        self._db = db
        self._account = account
        self._base = base_currency
        self._known: dict[tuple[str, date], Decimal | None] = {}
        self._on_rows: dict[str, tuple[list[str], list[str]]] | None = None

    def __call__(self, currency: str, day: date) -> Decimal | None:
        """Return units of base currency for one unit of ``currency`` on a day or the week before it, None where not known."""
        if currency == self._base:
            return Decimal(1)
        key = (currency, day)
        if key not in self._known:
            self._known[key] = self._look_up(currency, day)
        rate = self._known[key]
        if rate is None:
            self.missing.add(key)
        return rate

    def _look_up(self, currency: str, day: date) -> Decimal | None:
        low, high = date.fromordinal(max(1, day.toordinal() - _LOOK_BACK_DAYS)).isoformat(), day.isoformat()
        row = self._db.execute(
            "SELECT day, rate FROM rates WHERE from_currency=? AND to_currency=? AND day BETWEEN ? AND ? ORDER BY day DESC LIMIT 1",
            (currency, self._base, low, high),
        ).fetchone()
        if row is not None and row[0] == high:
            return Decimal(row[1])
        days, rates = self._from_rows(currency)
        at = bisect_right(days, high) - 1
        if at >= 0 and days[at] >= (low if row is None else row[0]):
            return Decimal(rates[at])
        return None if row is None else Decimal(row[1])

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
    missing: Mapping[AccountId, Iterable[tuple[str, date]]],
) -> None:
    """Keep what rates the matching of some places asked for in vain."""
    for account, instrument in places:
        db.execute("DELETE FROM missing_rates WHERE account=? AND instrument=?", (account, instrument))
        db.executemany(
            "INSERT INTO missing_rates VALUES (?, ?, ?, ?)",
            [(account, instrument, currency, day.isoformat()) for currency, day in missing.get(account, ())],
        )


def places_with_new_rates(
    db: sqlite3.Connection, table_of: Callable[[AccountId], RateTable]
) -> set[tuple[AccountId, InstrumentId]]:
    """Return the places whose matching missed a rate that is known by now."""
    asked = db.execute("SELECT account, instrument, currency, day FROM missing_rates")
    return {
        (AccountId(account), InstrumentId(instrument))
        for account, instrument, currency, day in asked
        if table_of(AccountId(account))(currency, date.fromisoformat(day)) is not None
    }
