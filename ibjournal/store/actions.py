"""Corporate actions."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from ibjournal.domain.corporate_action import CorporateAction
from ibjournal.domain.depot import AccountId
from ibjournal.domain.instrument import InstrumentId


def write_actions(db: sqlite3.Connection, rows: Iterable[tuple[Any, ...]]) -> None:
    """Keep corporate actions; of two reports the later made wins."""
    db.executemany(
        "INSERT INTO corporate_actions (account, instrument, ordinal, type, effective_at, report_date, quantity, proceeds, value,"
        " realized, currency, symbol, description, action_id, transaction_id, data, row_key, report, generated_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (account, row_key) DO UPDATE SET instrument=excluded.instrument, ordinal=excluded.ordinal,"
        " type=excluded.type,"
        " effective_at=excluded.effective_at, report_date=excluded.report_date, quantity=excluded.quantity,"
        " proceeds=excluded.proceeds, value=excluded.value, realized=excluded.realized, currency=excluded.currency,"
        " symbol=excluded.symbol, description=excluded.description, action_id=excluded.action_id,"
        " transaction_id=excluded.transaction_id, data=excluded.data, report=excluded.report, generated_at=excluded.generated_at"
        " WHERE excluded.generated_at > generated_at OR (excluded.generated_at = generated_at AND excluded.data > data)",
        rows,
    )


def actions_of(db: sqlite3.Connection, account: AccountId, instrument: InstrumentId) -> tuple[CorporateAction, ...]:
    """Return the corporate actions of one instrument in one account."""
    rows = db.execute(
        "SELECT row_key, type, effective_at, report_date, quantity, proceeds, value, realized, currency, symbol, description,"
        " action_id, transaction_id FROM corporate_actions WHERE account=? AND instrument=?",
        (account, instrument),
    )
    return tuple(
        CorporateAction(
            id=row[0],
            account=account,
            instrument=instrument,
            type=row[1],
            effective_at=datetime.fromtimestamp(row[2], UTC),
            report_date=date.fromisoformat(row[3]) if row[3] else None,
            quantity=Decimal(row[4] or 0),
            proceeds=_decimal(row[5]),
            value=_decimal(row[6]),
            realized=_decimal(row[7]),
            currency=row[8],
            symbol=row[9],
            description=row[10],
            action_id=row[11],
            transaction_id=row[12],
        )
        for row in rows
    )


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
