"""Open positions as IBKR reports them, at the close of a day."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from ibjournal.domain.depot import AccountId
from ibjournal.domain.instrument import InstrumentId


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedPosition:
    """A position in IBKR's words; money in ``currency``. ``quantity`` is signed."""

    account: AccountId
    instrument: InstrumentId
    day: date
    quantity: Decimal
    mark_price: Decimal | None
    value: Decimal | None
    cost_price: Decimal | None
    cost_money: Decimal | None
    unrealized: Decimal | None
    currency: str
    fx_rate_to_base: Decimal | None


def write_positions(db: sqlite3.Connection, rows: Iterable[tuple[Any, ...]]) -> None:
    """Keep positions; the caller removed those of the same account and day from earlier reports."""
    db.executemany(
        "INSERT OR REPLACE INTO positions (account, day, instrument, level, quantity, mark_price, value, cost_price, cost_money,"
        " unrealized, currency, fx_rate_to_base, ordinal, data, row_key, report, generated_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        rows,
    )


def newest_generated(db: sqlite3.Connection, account: AccountId, day: str) -> tuple[int, int] | None:
    """Return when the stored positions of a day were made by IBKR and their report, None where there are none."""
    row = db.execute("SELECT generated_at, report FROM positions WHERE account=? AND day=? LIMIT 1", (account, day)).fetchone()
    return (row[0], row[1]) if row else None


def remove_day(db: sqlite3.Connection, account: AccountId, day: str) -> None:
    """Remove the positions of a day that a later report tells anew."""
    db.execute("DELETE FROM positions WHERE account=? AND day=?", (account, day))


def latest_positions(db: sqlite3.Connection, accounts: Iterable[AccountId]) -> tuple[ReportedPosition, ...]:
    """Return the positions of each account on the last day that a report tells of, summary level."""
    found: list[ReportedPosition] = []
    for account in accounts:
        rows = db.execute(
            "SELECT instrument, day, quantity, mark_price, value, cost_price, cost_money, unrealized, currency, fx_rate_to_base"
            " FROM positions WHERE account=? AND level='SUMMARY' AND day=(SELECT max(day) FROM positions WHERE account=?)"
            " ORDER BY instrument",
            (account, account),
        )
        found.extend(
            ReportedPosition(
                account=account,
                instrument=InstrumentId(row[0]),
                day=date.fromisoformat(row[1]),
                quantity=Decimal(row[2]),
                mark_price=_decimal(row[3]),
                value=_decimal(row[4]),
                cost_price=_decimal(row[5]),
                cost_money=_decimal(row[6]),
                unrealized=_decimal(row[7]),
                currency=row[8],
                fx_rate_to_base=_decimal(row[9]),
            )
            for row in rows
        )
    return tuple(found)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
