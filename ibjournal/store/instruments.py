"""Contracts as the newest report describes them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from ibjournal.domain.instrument import AssetClass, Instrument, InstrumentId

_ONE = Decimal(1)
_COLUMNS = (
    "instrument, category, symbol, description, currency, multiplier, underlying, underlying_symbol, isin, exchange, expiry,"
    " strike, put_call"
)


def write_instruments(db: sqlite3.Connection, rows: Iterable[tuple[Any, ...]], seen_at: int) -> None:
    """Keep contracts; a later report's words replace an earlier one's, but never by nothing, and an earlier one's fill gaps."""
    db.executemany(_WRITE, [(*row, seen_at) for row in rows])


def _merged(name: str) -> str:
    nothing = f"coalesce(excluded.{name}, '')=''"
    mine = f"coalesce({name}, '')='' OR excluded.seen_at >= seen_at"
    return f"{name}=CASE WHEN {nothing} THEN {name} WHEN {mine} THEN excluded.{name} ELSE {name} END"


_NAMES = _COLUMNS.split(", ")
_WRITE = (
    f"INSERT INTO instruments ({_COLUMNS}, seen_at) VALUES ({', '.join('?' * (len(_NAMES) + 1))})"  # noqa: S608 - constants
    f" ON CONFLICT (instrument) DO UPDATE SET {', '.join(_merged(name) for name in _NAMES[1:])},"
    " seen_at=max(seen_at, excluded.seen_at)"
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
        multiplier=Decimal(row[5]) or _ONE,  # some reports write 0 for what counts by the unit
        underlying_id=InstrumentId(row[6]) if row[6] else None,
        underlying_symbol=row[7],
        isin=row[8],
        exchange=row[9],
        expiry=date.fromisoformat(row[10]) if row[10] else None,
        strike=Decimal(row[11]) if row[11] else None,
        right=row[12],
    )


def find_instruments(db: sqlite3.Connection, *, symbol: str, isin: str) -> tuple[InstrumentId, ...]:
    """Return the contracts of an ISIN; where none has it, the shares of a symbol; in order of their ids."""
    rows = db.execute("SELECT instrument FROM instruments WHERE isin=? AND isin<>'' ORDER BY instrument", (isin,)).fetchall()
    if not rows:
        rows = db.execute(
            "SELECT instrument FROM instruments WHERE symbol=? AND category='STK' ORDER BY instrument", (symbol,)
        ).fetchall()
    return tuple(InstrumentId(row[0]) for row in rows)
