"""Which reports tell of which fills of an account: what shows that two of them cannot both be right."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from datetime import date

from ibjournal.domain.depot import AccountId
from ibjournal.domain.provenance import RowRef


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldReport:
    """One Activity report and a range of days of an account that it covers."""

    report: int
    name: str
    start: date
    end: date
    generated_at: int
    has_trades: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldFill:
    """The fills of one day that a report told first, or told otherwise than before; ``day`` is the report's day of them."""

    report: int
    day: date
    row: RowRef
    """One of them."""
    last_seen_at: int
    """When IBKR made the last report that told of any of them: seconds since 1970 UTC."""


def told_reports(db: sqlite3.Connection, account: AccountId) -> tuple[ToldReport, ...]:
    """Return the ranges of an account that Activity reports cover, by first day."""
    rows = db.execute(
        "SELECT c.report, coalesce((SELECT file FROM run_files f WHERE f.report=c.report ORDER BY f.id LIMIT 1), r.archive_file),"
        " c.from_date, c.to_date, c.generated_at, c.has_trades"
        " FROM coverage c JOIN reports r ON r.id=c.report WHERE c.account=? AND c.type='AF'"
        " ORDER BY c.from_date, c.to_date, c.report",
        (account,),
    )
    return tuple(
        ToldReport(
            report=report,
            name=name.replace("\\", "/").rsplit("/", 1)[-1],
            start=date.fromisoformat(start),
            end=date.fromisoformat(end),
            generated_at=generated_at,
            has_trades=bool(has_trades),
        )
        for report, name, start, end, generated_at, has_trades in rows
    )


def told_fills(db: sqlite3.Connection, account: AccountId) -> tuple[ToldFill, ...]:
    """Return the fills of an account by report and day, whether they count or not."""
    rows = db.execute(
        "SELECT report, coalesce(report_date, trade_date), min(ordinal), max(last_seen_at) FROM executions"
        " WHERE account=? AND source='AF'"
        " GROUP BY report, coalesce(report_date, trade_date)",
        (account,),
    )
    return tuple(
        ToldFill(report=report, day=date.fromisoformat(day), row=RowRef(report, ordinal), last_seen_at=last_seen_at)
        for report, day, ordinal, last_seen_at in rows
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldEnd:
    """What a report says was there at the end of a range: a balance or a value."""

    section: str
    currency: str
    start: date
    end: date
    first: str
    last: str
    row: RowRef


def told_ends(db: sqlite3.Connection, account: AccountId) -> tuple[ToldEnd, ...]:
    """Return the balances and values at both ends of every range that a report tells of, by last day."""
    rows = db.execute(
        "SELECT section, from_date, to_date, data, report, ordinal FROM section_rows WHERE account=?"
        " AND from_date<>'' AND to_date<>'' AND section IN ('CashReport', 'ChangeInNAV')"
        " ORDER BY to_date, from_date, report, ordinal",
        (account,),
    )
    found = []
    for section, start, end, data, report, ordinal in rows:
        values = json.loads(data)
        first = values.get("startingCash") or values.get("startingValue") or ""
        last = values.get("endingCash") or values.get("endingValue") or ""
        if first and last:
            found.append(
                ToldEnd(
                    section=section,
                    currency=values.get("currency", "") if section == "CashReport" else "",
                    start=date.fromisoformat(start),
                    end=date.fromisoformat(end),
                    first=first,
                    last=last,
                    row=RowRef(report, ordinal),
                )
            )
    return tuple(found)
