"""Cash entries. A booking is its transaction id; where a template leaves it out, its content."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from ibjournal.domain.cash import CashEntry, CashKind
from ibjournal.domain.depot import AccountId
from ibjournal.domain.provenance import RowRef

_COLUMNS = (
    "account, row_key, report, ordinal, generated_at, type, amount, currency, fx_rate_to_base, booked_at, value_date, report_date,"
    " instrument, symbol, description, transaction_id, action_id, extra"
)

_KINDS = {
    "dividends": CashKind.DIVIDEND,
    "payment in lieu of dividends": CashKind.DIVIDEND,
    "withholding tax": CashKind.WITHHOLDING_TAX,
    "871(m) withholding": CashKind.WITHHOLDING_TAX,
    "broker interest paid": CashKind.INTEREST,
    "broker interest received": CashKind.INTEREST,
    "bond interest paid": CashKind.BOND_INTEREST,
    "bond interest received": CashKind.BOND_INTEREST,
    "other fees": CashKind.FEE,
    "broker fees": CashKind.FEE,
    "advisor fees": CashKind.FEE,
    "commission adjustments": CashKind.COMMISSION_ADJUSTMENT,
    "internal transfers": CashKind.TRANSFER,
}


def kind_of(type_: str, amount: Decimal) -> CashKind:
    """Return the kind for IBKR's word; deposits and withdrawals, one word at IBKR, by their sign."""
    word = type_.strip().casefold()
    if word in {"deposits/withdrawals", "deposits & withdrawals"}:
        return CashKind.DEPOSIT if amount >= 0 else CashKind.WITHDRAWAL
    return _KINDS.get(word, CashKind.OTHER)


def write_cash(db: sqlite3.Connection, rows: Iterable[tuple[Any, ...]]) -> None:
    """Keep bookings; the words of a later report replace those of an earlier one."""
    marks = ", ".join("?" * (_COLUMNS.count(",") + 1))
    db.executemany(
        f"INSERT INTO cash_entries ({_COLUMNS}) VALUES ({marks}) ON CONFLICT (account, row_key) DO UPDATE SET"  # noqa: S608
        " report=excluded.report, ordinal=excluded.ordinal, generated_at=excluded.generated_at, type=excluded.type,"
        " amount=excluded.amount, currency=excluded.currency, fx_rate_to_base=excluded.fx_rate_to_base,"
        " booked_at=excluded.booked_at, value_date=excluded.value_date, report_date=excluded.report_date,"
        " instrument=excluded.instrument, symbol=excluded.symbol, description=excluded.description,"
        " transaction_id=excluded.transaction_id, action_id=excluded.action_id, extra=excluded.extra"
        " WHERE excluded.generated_at > generated_at"
        " OR (excluded.generated_at = generated_at AND excluded.amount || excluded.type > amount || type)",
        rows,
    )


def list_cash(
    db: sqlite3.Connection, accounts: Iterable[AccountId], start: date | None = None, end: date | None = None
) -> list[CashEntry]:
    """Return the bookings of some accounts between two value dates (both included), in order of time."""
    low, high = (start or date.min).isoformat(), (end or date.max).isoformat()
    found: list[CashEntry] = []
    for account in accounts:
        rows = db.execute(
            f"SELECT {_COLUMNS} FROM cash_entries WHERE account=? AND value_date BETWEEN ? AND ?",  # noqa: S608
            (account, low, high),
        )
        found.extend(_entry(row) for row in rows)
    return sorted(found, key=lambda entry: (entry.booked_at, entry.id))


def cash_with_rows(db: sqlite3.Connection, account: AccountId) -> list[tuple[CashEntry, RowRef]]:
    """Return all bookings of an account with the rows that they stand in, in order of time."""
    rows = db.execute(f"SELECT {_COLUMNS} FROM cash_entries WHERE account=?", (account,))  # noqa: S608
    found = [(_entry(row), RowRef(row[2], row[3])) for row in rows]
    return sorted(found, key=lambda each: (each[0].booked_at, each[0].id))


def _entry(row: tuple[Any, ...]) -> CashEntry:
    amount = Decimal(row[6])
    return CashEntry(
        id=row[1],
        account=AccountId(row[0]),
        kind=kind_of(row[5], amount),
        type=row[5],
        amount=amount,
        currency=row[7],
        fx_rate_to_base=Decimal(row[8]) if row[8] is not None else None,
        booked_at=datetime.fromtimestamp(row[9], UTC),
        value_date=date.fromisoformat(row[10]),
        report_date=date.fromisoformat(row[11]) if row[11] else None,
        instrument=row[12],
        symbol=row[13],
        description=row[14],
        transaction_id=row[15],
        action_id=row[16],
    )
