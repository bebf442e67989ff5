"""The log of what tokens were used for. No token, and nothing that could be made into one, ever stands here."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, date, datetime

from ibjournal.domain.depot import DepotId

_KEPT = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenUse:
    """One statement that was asked for with a depot's token.

    Attributes:
        depot: whose token it was; None for a depot that is not set up yet, or is gone.
        depot_name: its name at that time.
        at: when it was asked for; UTC.
        purpose: ``sync``, ``test`` or ``renewal``.
        slot: ``activity`` or ``confirmation``.
        query: the query's id.
        from_date: first day asked for; None for the query's own period.
        to_date: last day asked for.
        result: ``ok``, ``cancelled``, or the code of the error.
        asked: whether IBKR was asked; False where the program held the request back, to be locked out by nobody.
    """

    depot: DepotId | None
    depot_name: str
    at: datetime
    purpose: str
    slot: str
    query: str
    from_date: date | None = None
    to_date: date | None = None
    result: str
    asked: bool = True


def add_use(db: sqlite3.Connection, use: TokenUse) -> None:
    """Write a use down; the oldest ones go when there are thousands."""
    cursor = db.execute(
        "INSERT INTO token_uses (depot, depot_name, used_at, purpose, slot, query, from_date, to_date, result, asked)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            use.depot,
            use.depot_name,
            int(use.at.timestamp()),
            use.purpose,
            use.slot,
            use.query,
            use.from_date.isoformat() if use.from_date else None,
            use.to_date.isoformat() if use.to_date else None,
            use.result,
            use.asked,
        ),
    )
    db.execute("DELETE FROM token_uses WHERE id <= ? - ?", (cursor.lastrowid, _KEPT))


def list_uses(db: sqlite3.Connection, *, depot: DepotId | None = None, limit: int = 200) -> tuple[TokenUse, ...]:
    """Return the latest uses, newest first; of all depots without ``depot``."""
    rows = db.execute(
        "SELECT depot, depot_name, used_at, purpose, slot, query, from_date, to_date, result, asked FROM token_uses"
        " WHERE ? IS NULL OR depot=? ORDER BY id DESC LIMIT ?",
        (depot, depot, limit),
    )
    return tuple(
        TokenUse(
            depot=DepotId(row[0]) if row[0] is not None else None,
            depot_name=row[1],
            at=datetime.fromtimestamp(row[2], UTC),
            purpose=row[3],
            slot=row[4],
            query=row[5],
            from_date=_day(row[6]),
            to_date=_day(row[7]),
            result=row[8],
            asked=bool(row[9]),
        )
        for row in rows
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
