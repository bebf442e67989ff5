"""Conversions of currencies: fills that are no trades unless the user calls them so."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import date

from ibjournal.domain.depot import AccountId
from ibjournal.domain.instrument import InstrumentId
from ibjournal.domain.position_event import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPair:
    """The conversions of one currency pair in one account; ``automatic`` is how many IBKR made by itself."""

    place: Place
    symbol: str
    count: int
    automatic: int
    first_day: date
    last_day: date


def conversion_pairs(db: sqlite3.Connection) -> tuple[StoredPair, ...]:
    """Return every currency pair that was converted, by account and symbol; cancelled fills do not count."""
    rows = db.execute(
        "SELECT account, instrument, max(symbol), count(*), sum(instr(codes, 'AFx') > 0), min(trade_date), max(trade_date)"
        " FROM executions WHERE category='CASH' AND status='active' GROUP BY account, instrument ORDER BY account, max(symbol)"
    )
    return tuple(
        StoredPair(
            place=Place(AccountId(row[0]), InstrumentId(row[1])),
            symbol=row[2],
            count=row[3],
            automatic=row[4],
            first_day=date.fromisoformat(row[5]),
            last_day=date.fromisoformat(row[6]),
        )
        for row in rows
    )
