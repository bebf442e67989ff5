"""Contracts as the newest report describes them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from ibjournal.domain.instrument import AssetClass, Instrument, InstrumentId

_COLUMNS = (
    "instrument, category, symbol, description, currency, multiplier, underlying, underlying_symbol, isin, exchange, expiry,"
    " strike, put_call"
)


def write_instruments(db: sqlite3.Connection, rows: Iterable[tuple[Any, ...]], seen_at: int) -> None:
    """Keep contracts; a later report's words replace an earlier one's, but never by nothing."""
    db.executemany(
        f"INSERT INTO instruments ({_COLUMNS}, seen_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
        " ON CONFLICT (instrument) DO UPDATE SET"
        " category=excluded.category, symbol=excluded.symbol,"
        " description=CASE WHEN excluded.description='' THEN description ELSE excluded.description END,"
        " currency=CASE WHEN excluded.currency='' THEN currency ELSE excluded.currency END,"
        " multiplier=excluded.multiplier, underlying=coalesce(excluded.underlying, underlying),"
        " underlying_symbol=CASE WHEN excluded.underlying_symbol='' THEN underlying_symbol ELSE excluded.underlying_symbol END,"
        " isin=CASE WHEN excluded.isin='' THEN isin ELSE excluded.isin END,"
        " exchange=CASE WHEN excluded.exchange='' THEN exchange ELSE excluded.exchange END,"
        " expiry=coalesce(excluded.expiry, expiry), strike=coalesce(excluded.strike, strike),"
        " put_call=CASE WHEN excluded.put_call='' THEN put_call ELSE excluded.put_call END, seen_at=excluded.seen_at"
        " WHERE excluded.seen_at >= seen_at",
        [(*row, seen_at) for row in rows],
    )


def all_instruments(db: sqlite3.Connection) -> dict[InstrumentId, Instrument]:
    """Return every contract that a report told of."""
    return {
        InstrumentId(row[0]): _instrument(row)
        for row in db.execute(f"SELECT {_COLUMNS} FROM instruments")  # noqa: S608
    }


def get_instrument(db: sqlite3.Connection, instrument: InstrumentId) -> Instrument | None:
    """Return one contract, None when no report told of it."""
    row = db.execute(f"SELECT {_COLUMNS} FROM instruments WHERE instrument=?", (instrument,)).fetchone()  # noqa: S608
    return _instrument(row) if row else None


def _instrument(row: tuple[Any, ...]) -> Instrument:
    return Instrument(
        id=InstrumentId(row[0]),
        category=row[1],
        asset_class=AssetClass.of(row[1]),
        symbol=row[2],
        description=row[3],
        currency=row[4],
        multiplier=Decimal(row[5]),
        underlying_id=InstrumentId(row[6]) if row[6] else None,
        underlying_symbol=row[7],
        isin=row[8],
        exchange=row[9],
        expiry=date.fromisoformat(row[10]) if row[10] else None,
        strike=Decimal(row[11]) if row[11] else None,
        right=row[12],
    )
