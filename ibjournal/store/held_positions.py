"""The first positions that a report tells of: evidence of what was held before history starts."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ibjournal.domain.depot import AccountId
from ibjournal.domain.instrument import InstrumentId
from ibjournal.domain.provenance import RowRef


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstPosition:
    """A position, or a lot of it, on the first day that a report tells of; ``cost`` is IBKR's, in ``currency``."""

    account: AccountId
    instrument: InstrumentId
    day: date
    level: str
    quantity: Decimal
    cost: Decimal | None
    currency: str
    opened: str
    """When it was opened, as IBKR wrote it; empty where the report does not say."""
    report: int
    data: str


def first_positions(db: sqlite3.Connection) -> Iterator[FirstPosition]:
    """Yield the rows of each account's first day with positions, unless an earlier report said that nothing was open."""
    rows = db.execute(
        "SELECT p.account, p.instrument, p.day, p.level, p.quantity, p.cost_money, p.currency, p.report, p.data"
        " FROM accounts a JOIN positions p ON p.account=a.account"
        " AND p.day=(SELECT min(day) FROM positions WHERE account=a.account)"
        " WHERE NOT EXISTS (SELECT 1 FROM coverage c, json_each(CASE c.sections WHEN '' THEN '[]' ELSE c.sections END) s"
        " WHERE c.account=a.account AND c.to_date<p.day AND s.value='OpenPositions')"
        " ORDER BY p.account, p.instrument, p.level, p.row_key"
    )
    for account, instrument, day, level, quantity, cost, currency, report, data in rows:
        yield FirstPosition(
            account=AccountId(account),
            instrument=InstrumentId(instrument),
            day=date.fromisoformat(day),
            level=level,
            quantity=Decimal(quantity),
            cost=Decimal(cost) if cost is not None else None,
            currency=currency,
            opened=str(json.loads(data).get("openDateTime", "")),
            report=report,
            data=data,
        )


def later_costs(
    db: sqlite3.Connection, account: AccountId, instrument: InstrumentId, since: date
) -> Iterator[tuple[date, Decimal, Decimal, str, RowRef]]:
    """Yield day, quantity, IBKR's cost, currency and row of a position in the reports from a day on, whole positions only."""
    rows = db.execute(
        "SELECT day, quantity, cost_money, currency, report, ordinal FROM positions"
        " WHERE account=? AND instrument=? AND day>=? AND level<>'LOT' AND cost_money IS NOT NULL ORDER BY day",
        (account, instrument, since.isoformat()),
    )
    for day, quantity, cost, currency, report, ordinal in rows:
        yield date.fromisoformat(day), Decimal(quantity), Decimal(cost), currency, RowRef(report, ordinal)


def first_day_empty(db: sqlite3.Connection, account: AccountId, since: date) -> date | None:
    """Return the first day from ``since`` on of which a report says that nothing was open, None where none says so."""
    row = db.execute(
        "SELECT min(c.to_date) FROM coverage c, json_each(CASE c.sections WHEN '' THEN '[]' ELSE c.sections END) s"
        " WHERE c.account=? AND c.to_date>=? AND s.value='OpenPositions'"
        " AND NOT EXISTS (SELECT 1 FROM positions p WHERE p.account=c.account AND p.day=c.to_date)",
        (account, since.isoformat()),
    ).fetchone()
    return date.fromisoformat(row[0]) if row[0] else None


def first_day_worth(db: sqlite3.Connection, account: AccountId, since: date) -> date | None:
    """Return the first day from ``since`` on at whose close an account was worth anything, None where no report says so."""
    row = db.execute(
        "SELECT min(day) FROM equity_days WHERE account=? AND day>=? AND total NOT IN ('0', '')", (account, since.isoformat())
    ).fetchone()
    return date.fromisoformat(row[0]) if row[0] else None
