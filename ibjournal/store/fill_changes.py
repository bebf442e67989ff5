"""What a later report changed in a fill: a confirmation that became final, a report that was made anew, a correction.

A row is written when what stood in the journal is replaced. So a confirmation that comes after Activity changes nothing, and
neither does a value that an earlier report did not tell at all.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from ibjournal.domain.depot import AccountId
from ibjournal.domain.execution import ExecutionId
from ibjournal.domain.instrument import InstrumentId

NUMBERS = ("price", "quantity", "proceeds", "commission", "taxes", "net_cash")
WORDS = ("commission_currency", "open_close", "codes", "trade_date", "executed_at")
COMPARED = (*NUMBERS, *WORDS)
"""What is compared: columns of the executions. ``executed_at`` is in seconds since 1970 UTC."""

# a confirmation writes them among the codes, Activity in a column of its own
_OPENS_OR_CLOSES = frozenset({"O", "C"})

Difference = tuple[str, str | None, str | None]
"""Field, before, after, as stored."""


class ChangeKind(str, Enum):
    """Why a fill reads otherwise."""

    FINAL = "final"
    """Activity replaced a confirmation."""
    LATER = "later"
    """A report of the same type that IBKR made later tells it otherwise."""
    CORRECTED = "corrected"
    """A newer revision of the fill took the place of an older one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FillChange:
    """One field of one fill that changed. Numbers are exact decimals as text; ``changed_at`` is when IBKR made the later report."""

    account: AccountId
    instrument: InstrumentId
    execution: ExecutionId
    symbol: str
    kind: ChangeKind
    field: str
    before: str | None
    after: str | None
    before_report: int
    after_report: int
    changed_at: datetime


def differences(before: Sequence[Any], after: Sequence[Any]) -> tuple[Difference, ...]:
    """Return what differs between two tellings of a fill, each in the order of `COMPARED`; another spelling is no difference."""
    return tuple(
        (name, str(one), str(other))
        for name, one, other in zip(COMPARED, before, after, strict=True)
        if one != other and _differ(name, one, other)
    )


def _differ(name: str, one: str | int | None, other: str | int | None) -> bool:
    if name == "codes":
        return _codes(one) != _codes(other)
    if one in {None, ""} or other in {None, ""}:
        return False
    return name not in NUMBERS or Decimal(one or 0) != Decimal(other or 0)


def _codes(text: str | int | None) -> frozenset[str]:
    return frozenset(str(text or "").split(";")) - _OPENS_OR_CLOSES - {""}


def write_changes(db: sqlite3.Connection, rows: Iterable[tuple[Any, ...]]) -> None:
    """Write changes: account, instrument, uid, kind, field, before, after, report before, report after, changed at."""
    db.executemany(
        "INSERT INTO fill_changes (account, instrument, uid, kind, field, before, after, before_report, after_report, changed_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        rows,
    )


def replace_corrections(
    db: sqlite3.Connection, account: AccountId, instrument: InstrumentId, pairs: Iterable[tuple[int, int]]
) -> None:
    """Write for one instrument what corrections changed: ``pairs`` are the row of a fill and the row that took its place."""
    db.execute("DELETE FROM fill_changes WHERE account=? AND instrument=? AND kind='corrected'", (account, instrument))
    select = f"SELECT uid, report, generated_at, {', '.join(COMPARED)} FROM executions WHERE id=?"  # noqa: S608 - constants
    for older, newer in pairs:
        uid, before_report, _at, *before = db.execute(select, (older,)).fetchone()
        _uid, after_report, changed_at, *after = db.execute(select, (newer,)).fetchone()
        write_changes(
            db,
            (
                (account, instrument, uid, ChangeKind.CORRECTED.value, *difference, before_report, after_report, changed_at)
                for difference in differences(before, after)
            ),
        )


_SELECT = (
    "SELECT c.account, c.instrument, c.uid, coalesce(i.symbol, ''), c.kind, c.field, c.before, c.after, c.before_report,"
    " c.after_report, c.changed_at FROM fill_changes c LEFT JOIN instruments i ON i.instrument = c.instrument"
)


def changes_of(db: sqlite3.Connection, account: AccountId, instrument: InstrumentId) -> tuple[FillChange, ...]:
    """Return what changed in the fills of one instrument, the earliest change first."""
    rows = db.execute(f"{_SELECT} WHERE c.account=? AND c.instrument=? ORDER BY c.changed_at, c.id", (account, instrument))
    return tuple(_change(row) for row in rows)


def changes_by_reports(db: sqlite3.Connection, reports: Sequence[int]) -> tuple[FillChange, ...]:
    """Return what some reports changed, by symbol and fill."""
    marks = ",".join("?" * len(reports))
    rows = db.execute(f"{_SELECT} WHERE c.after_report IN ({marks}) ORDER BY i.symbol, c.account, c.uid, c.id", tuple(reports))
    return tuple(_change(row) for row in rows)


def _change(row: Sequence[Any]) -> FillChange:
    account, instrument, uid, symbol, kind, field, before, after, before_report, after_report, changed_at = row
    return FillChange(
        account=AccountId(account),
        instrument=InstrumentId(instrument),
        execution=ExecutionId(uid),
        symbol=symbol,
        kind=ChangeKind(kind),
        field=field,
        before=before,
        after=after,
        before_report=before_report,
        after_report=after_report,
        changed_at=datetime.fromtimestamp(changed_at, UTC),
    )
