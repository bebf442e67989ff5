"""Net asset value by day, as IBKR reports it, in each account's base currency."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from ibjournal.domain.depot import AccountId
from ibjournal.domain.provenance import RowRef

_NUMBER = re.compile(r"-?[\d,]+(?:\.\d+)?|-?\.\d+")


def write_equity(db: sqlite3.Connection, rows: Iterable[tuple[Any, ...]]) -> None:
    """Keep days; of two reports of one day the later made wins."""
    db.executemany(
        "INSERT INTO equity_days (account, day, total, cash, stock, options, ordinal, data, report, generated_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (account, day) DO UPDATE SET total=excluded.total, cash=excluded.cash,"
        " stock=excluded.stock, options=excluded.options, ordinal=excluded.ordinal, data=excluded.data, report=excluded.report,"
        " generated_at=excluded.generated_at WHERE excluded.generated_at > generated_at"
        " OR (excluded.generated_at = generated_at AND excluded.data > data)",
        rows,
    )


def nav_by_day(db: sqlite3.Connection, accounts: Iterable[AccountId]) -> list[tuple[AccountId, date, Decimal]]:
    """Return account, day and net asset value at its close, in order of account and day."""
    return [
        (account, date.fromisoformat(day), Decimal(total))
        for account in accounts
        for day, total in db.execute("SELECT day, total FROM equity_days WHERE account=? ORDER BY day", (account,))
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class EquityDay:
    """What a report says of one day's close, in the account's base currency: the total and every component by IBKR's name."""

    day: date
    total: Decimal
    components: dict[str, Decimal]
    """Every column of the row that is a number, by IBKR's name."""
    row: RowRef


def equity_days(db: sqlite3.Connection, account: AccountId) -> tuple[EquityDay, ...]:
    """Return the days of an account with their components, in order."""
    rows = db.execute("SELECT day, total, data, report, ordinal FROM equity_days WHERE account=? ORDER BY day", (account,))
    return tuple(
        EquityDay(
            day=date.fromisoformat(day), total=Decimal(total), components=_numbers(json.loads(data)), row=RowRef(report, ordinal)
        )
        for day, total, data, report, ordinal in rows
    )


def _numbers(attributes: dict[str, str]) -> dict[str, Decimal]:
    found = {}
    for name, text in attributes.items():
        if _NUMBER.fullmatch(text) and not name.endswith(("Date", "Id")):
            found[name] = Decimal(text.replace(",", ""))
    return found


def base_currency(db: sqlite3.Connection, account: AccountId) -> str:
    """Return an account's base currency, empty where no report named it."""
    row = db.execute("SELECT base_currency FROM accounts WHERE account=?", (account,)).fetchone()
    return str(row[0]) if row else ""
