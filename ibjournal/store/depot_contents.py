"""How much belongs to a depot: counted before it is removed."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from ibjournal.domain.depot import AccountId, DepotId


@dataclass(frozen=True, slots=True, kw_only=True)
class DepotCounts:
    """Archived reports that a depot fetched or that tell of its accounts; fills, trades, and trades with a note in its accounts."""

    reports: int
    fills: int
    trades: int
    trades_with_notes: int


def count_depot(db: sqlite3.Connection, depot: DepotId, accounts: Sequence[AccountId]) -> DepotCounts:
    """Count what stands in the database of a depot and its accounts."""
    mine = set(accounts)
    reports = sum(
        fetched_by == depot or bool(mine & set(json.loads(told)))
        for fetched_by, told in db.execute("SELECT depot, accounts FROM reports")
    )
    return DepotCounts(
        reports=reports,
        fills=_count(db, "executions", accounts),
        trades=_count(db, "trades", accounts),
        trades_with_notes=_count(db, "notes", accounts),
    )


def _count(db: sqlite3.Connection, table: str, accounts: Sequence[AccountId]) -> int:
    found = 0
    for account in accounts:
        found += int(db.execute(f"SELECT count(*) FROM {table} WHERE account=?", (account,)).fetchone()[0])  # noqa: S608 - ours
    return found
