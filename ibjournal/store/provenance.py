"""Which row of which report a stored value was told by."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import date

from ibjournal.domain.depot import AccountId
from ibjournal.domain.execution import ExecutionId, ExecutionStatus, ReportType
from ibjournal.domain.instrument import InstrumentId
from ibjournal.domain.provenance import RowRef


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldFill:
    """One stored row of an execution: a fill that was cancelled or corrected has several."""

    row: RowRef
    source: ReportType
    status: ExecutionStatus


def rows_of_fill(db: sqlite3.Connection, account: AccountId, instrument: InstrumentId, uid: ExecutionId) -> tuple[ToldFill, ...]:
    """Return the rows of one execution, those that count first, then by report and place."""
    rows = db.execute(
        "SELECT report, ordinal, source, status FROM executions WHERE account=? AND instrument=? AND uid=?"
        " ORDER BY status<>'active', report, ordinal",
        (account, instrument, uid),
    )
    return tuple(
        ToldFill(row=RowRef(report, ordinal), source=ReportType(source), status=ExecutionStatus(status))
        for report, ordinal, source, status in rows
    )


def place_of_fill(
    db: sqlite3.Connection, account: AccountId, uid: ExecutionId, instrument: InstrumentId | None = None
) -> InstrumentId | None:
    """Return the instrument of an execution that is known by its account and id; ``instrument`` is tried first."""
    row = db.execute(
        "SELECT instrument FROM executions WHERE account=? AND uid=? ORDER BY instrument<>? LIMIT 1",
        (account, uid, instrument or ""),
    ).fetchone()
    return InstrumentId(row[0]) if row else None


def rows_of_first_position(db: sqlite3.Connection, account: AccountId, instrument: InstrumentId) -> tuple[RowRef, ...]:
    """Return the rows of the earliest day on which a report tells of a position."""
    rows = db.execute(
        "SELECT report, ordinal FROM positions WHERE account=? AND instrument=? AND day=("
        "SELECT min(day) FROM positions WHERE account=? AND instrument=?) ORDER BY level<>'SUMMARY', ordinal",
        (account, instrument, account, instrument),
    )
    return tuple(RowRef(report, ordinal) for report, ordinal in rows)


def row_of_cash(db: sqlite3.Connection, account: AccountId, entry: str) -> RowRef | None:
    """Return the row that told of a cash entry, by its id."""
    return _ref(db.execute("SELECT report, ordinal FROM cash_entries WHERE account=? AND row_key=?", (account, entry)))


def row_of_equity(db: sqlite3.Connection, account: AccountId, day: date) -> RowRef | None:
    """Return the row that told of a day's net asset value."""
    return _ref(db.execute("SELECT report, ordinal FROM equity_days WHERE account=? AND day=?", (account, day.isoformat())))


def rows_of_actions(db: sqlite3.Connection, account: AccountId, instrument: InstrumentId) -> tuple[tuple[str, str, RowRef], ...]:
    """Return id, action id and row of each corporate action of an instrument, in order of time."""
    rows = db.execute(
        "SELECT row_key, action_id, report, ordinal FROM corporate_actions WHERE account=? AND instrument=? ORDER BY effective_at",
        (account, instrument),
    )
    return tuple((key, action, RowRef(report, ordinal)) for key, action, report, ordinal in rows)


def name_of_report(db: sqlite3.Connection, report: int) -> str:
    """Return the name that a report's file had when it was last taken in, empty where no run tells."""
    row = db.execute("SELECT file FROM run_files WHERE report=? ORDER BY id DESC LIMIT 1", (report,)).fetchone()
    return str(row[0]) if row else ""


def section_rows_of(
    db: sqlite3.Connection, account: AccountId, section: str, instrument: InstrumentId
) -> tuple[tuple[str, RowRef], ...]:
    """Return tag and place of the rows of a section that tell of an instrument."""
    rows = db.execute(
        "SELECT tag, report, ordinal FROM section_rows WHERE account=? AND section=? AND instrument=? ORDER BY report, ordinal",
        (account, section, instrument),
    )
    return tuple((tag, RowRef(report, ordinal)) for tag, report, ordinal in rows)


def _ref(found: sqlite3.Cursor) -> RowRef | None:
    row = found.fetchone()
    return RowRef(row[0], row[1]) if row else None
