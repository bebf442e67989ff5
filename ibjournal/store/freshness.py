"""How far the reports of each account go, and when each query was last asked."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, date, datetime

from ibjournal.domain.depot import AccountId, DepotId


@dataclass(frozen=True, slots=True)
class ReportEnd:
    """The last day that the reports of one type cover for an account, and when IBKR made the report (UTC)."""

    to_date: date
    generated_at: datetime


def report_ends(db: sqlite3.Connection) -> dict[tuple[AccountId, str], ReportEnd]:
    """Return where the reports of each account and type (``AF``, ``TCF``) end."""
    rows = db.execute(
        "SELECT account, type, to_date, max(generated_at) FROM coverage AS each"
        " WHERE to_date=(SELECT max(to_date) FROM coverage WHERE account=each.account AND type=each.type)"
        " GROUP BY account, type, to_date"
    )
    return {
        (AccountId(account), str(kind)): ReportEnd(date.fromisoformat(to_date), datetime.fromtimestamp(generated, UTC))
        for account, kind, to_date, generated in rows
    }


def last_asked(db: sqlite3.Connection) -> dict[tuple[DepotId, str], datetime]:
    """Return when each query of a depot (``activity``, ``confirmation``) was last fetched without an error (UTC).

    One query may have come although the other failed, or somebody cancelled it. The last is the last to have begun,
    whatever the time was said to be: a clock that was ahead for a while must not make everything fresh for as long.
    """
    rows = db.execute(
        "SELECT depot, json_extract(step.value, '$.name'), ended_at, max(sync_runs.id) FROM sync_runs, json_each(steps) AS step"
        " WHERE kind='sync' AND depot IS NOT NULL AND ended_at IS NOT NULL AND json_extract(step.value, '$.result')='ok'"
        " GROUP BY 1, 2"
    )
    return {(DepotId(depot), str(query)): datetime.fromtimestamp(ended, UTC) for depot, query, ended, _run in rows}
