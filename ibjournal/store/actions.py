"""Corporate actions."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from ibjournal.domain.corporate_action import CorporateAction
from ibjournal.domain.depot import AccountId
from ibjournal.domain.instrument import AssetClass, InstrumentId
from ibjournal.domain.provenance import RowRef


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


def all_actions(db: sqlite3.Connection) -> tuple[CorporateAction, ...]:
    """Return every corporate action that a report told of, by account and time."""
    rows = db.execute(
        "SELECT row_key, account, instrument, type, effective_at, report_date, quantity, proceeds, value, realized, currency,"
        " symbol, description, action_id, transaction_id, report, ordinal, data FROM corporate_actions"
        " ORDER BY account, effective_at, row_key"
    )
    return tuple(_action(row) for row in rows)


def _action(row: tuple[Any, ...]) -> CorporateAction:
    attributes: dict[str, str] = json.loads(row[17])
    return CorporateAction(
        id=row[0],
        account=AccountId(row[1]),
        instrument=InstrumentId(row[2]),
        type=row[3],
        effective_at=datetime.fromtimestamp(row[4], UTC),
        report_date=date.fromisoformat(row[5]) if row[5] else None,
        quantity=Decimal(row[6] or 0),
        proceeds=_decimal(row[7]),
        value=_decimal(row[8]),
        realized=_decimal(row[9]),
        currency=row[10],
        symbol=row[11],
        description=row[12],
        action_id=row[13],
        transaction_id=row[14],
        codes=tuple(attributes.get("code", "").split(";")),
        cost=_as_written(attributes.get("costBasis")),
        isin=attributes.get("isin", ""),
        asset_class=AssetClass.of(attributes.get("assetCategory", "")),
        row=RowRef(row[15], row[16]),
    )


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _as_written(text: str | None) -> Decimal | None:
    """Return a number as IBKR wrote it, None for its words for nothing."""
    try:
        return Decimal((text or "").replace(",", ""))
    except InvalidOperation:
        return None
