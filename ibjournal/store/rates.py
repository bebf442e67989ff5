"""Conversion rates: from reports that carry them, else from the rates on fills and bookings."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from ibjournal.domain.depot import AccountId

_LOOK_BACK_DAYS = 7


def write_rates(db: sqlite3.Connection, rows: Iterable[tuple[Any, ...]]) -> None:
    """Keep rates; of two reports the later made wins."""
    db.executemany(
        "INSERT INTO rates (day, from_currency, to_currency, rate, generated_at) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (from_currency, to_currency, day) DO UPDATE SET rate=excluded.rate, generated_at=excluded.generated_at"
        " WHERE excluded.generated_at > generated_at OR (excluded.generated_at = generated_at AND excluded.rate > rate)",
        rows,
    )


class RateTable:
    """Looks up rates into one base currency; keeps what it found. For one read or write of the database."""

    def __init__(self, db: sqlite3.Connection, account: AccountId, base_currency: str) -> None:
        self._db = db
        self._account = account
        self._base = base_currency
        self._known: dict[tuple[str, date], Decimal | None] = {}

    def __call__(self, currency: str, day: date) -> Decimal | None:
        """Return units of base currency for one unit of ``currency`` on a day or the week before it, None where not known."""
        if currency == self._base:
            return Decimal(1)
        key = (currency, day)
        if key not in self._known:
            self._known[key] = self._look_up(currency, day)
        return self._known[key]

    def _look_up(self, currency: str, day: date) -> Decimal | None:
        low = date.fromordinal(max(1, day.toordinal() - _LOOK_BACK_DAYS)).isoformat()
        row = self._db.execute(
            "SELECT rate FROM rates WHERE from_currency=? AND to_currency=? AND day BETWEEN ? AND ? ORDER BY day DESC LIMIT 1",
            (currency, self._base, low, day.isoformat()),
        ).fetchone()
        if row is None:
            row = self._db.execute(
                "SELECT fx_rate_to_base FROM executions WHERE account=? AND currency=? AND fx_rate_to_base IS NOT NULL"
                " AND trade_date BETWEEN ? AND ? ORDER BY trade_date DESC, id DESC LIMIT 1",
                (self._account, currency, low, day.isoformat()),
            ).fetchone()
        return Decimal(row[0]) if row else None
