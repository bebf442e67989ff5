"""Open positions as IBKR reports them, at the close of a day."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from ibjournal.domain.depot import AccountId
from ibjournal.domain.instrument import InstrumentId
from ibjournal.domain.provenance import RowRef
from ibjournal.store.reports import sections_covered

SECTION = "OpenPositions"
_WEEKEND = timedelta(days=3)
_COLUMNS = (
    "instrument, day, quantity, mark_price, value, cost_price, cost_money, unrealized, currency, fx_rate_to_base, level, report,"
    " ordinal, json_extract(data, '$.originatingTransactionID')"
)


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
    level: str = "SUMMARY"
    """IBKR's level of detail: ``SUMMARY``, or ``LOT`` for one lot of it. An account with models has a summary for each of them."""
    row: RowRef | None = None
    opening_transaction: str = ""
    """Of a lot: IBKR's transaction id of the fill that opened it."""


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
    """Return the positions of each account on the last day that a report tells of, summary level; none where nothing was open."""
    found: list[ReportedPosition] = []
    for account in accounts:
        day = position_day(db, account)
        if day is not None:
            found.extend(each for each in positions_at(db, account, day) if each.level == "SUMMARY")
    return tuple(found)


def positions_at(db: sqlite3.Connection, account: AccountId, day: date) -> tuple[ReportedPosition, ...]:
    """Return what reports say was open at the close of a day, at every level, by instrument."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM positions WHERE account=? AND day=? ORDER BY instrument, ordinal",  # noqa: S608 - a constant
        (account, day.isoformat()),
    )
    return tuple(
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
            level=row[10],
            row=RowRef(row[11], row[12]),
            opening_transaction=str(row[13] or ""),
        )
        for row in rows
    )


def position_day(db: sqlite3.Connection, account: AccountId, *, until: date | None = None) -> date | None:
    """Return the last day whose open positions are known, None where no report tells of any.

    A section without rows says that nothing was open: it counts, unless a later report of those days has rows. Days after ``until``
    are left out.
    """
    last = (until or date.max).isoformat()
    told = db.execute(
        "SELECT day, max(generated_at) FROM positions WHERE account=? AND day<=? GROUP BY day ORDER BY day DESC LIMIT 1",
        (account, last),
    ).fetchone()
    stored = (date.fromisoformat(told[0]), int(told[1])) if told else None
    reports = {row[0] for row in db.execute("SELECT DISTINCT report FROM positions WHERE account=?", (account,))}
    for covered in reversed(sections_covered(db, account, SECTION)):
        day = covered.to_date
        if covered.type != "AF" or covered.report in reports or (until is not None and day > until):
            continue
        if stored is None or day > stored[0]:
            replaced = stored is not None and stored[0] >= day - _WEEKEND and stored[1] >= covered.generated_at.timestamp()
            if not replaced:
                return day
        break
    return stored[0] if stored else None


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
