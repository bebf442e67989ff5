"""What came of a depot's sync, and how it stands in the log of runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ibjournal.domain.depot import DepotId
from ibjournal.domain.errors import FlexError, JournalError, StoreError
from ibjournal.flex.errors import BROKER_CODES, RUN_CODES, Action, action_for
from ibjournal.services.changes import Changes
from ibjournal.services.importing import ImportedFile
from ibjournal.services.jobs import Arrival


@dataclass(frozen=True, slots=True, kw_only=True)
class QuerySync:
    """What came of one query. ``slot``: ``activity`` or ``confirmation``; several files where history came in pieces."""

    slot: str
    files: tuple[ImportedFile, ...] = ()
    error: JournalError | None = None
    seconds: float = 0.0
    skipped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncReport:
    """What came of one depot's sync.

    ``error`` is the first error that needs the user (``token_expired`` opens the renewal), else the first of all.
    """

    depot: DepotId
    depot_name: str
    started_at: datetime
    ended_at: datetime
    queries: tuple[QuerySync, ...]
    changes: Changes
    error: JournalError | None = None
    cancelled: bool = False


def arrival_of(slot: str, file: ImportedFile | None) -> Arrival:
    """Return what came of a report; ``file`` is None where IBKR has none for the days that were asked for."""
    if file is None:
        return Arrival(slot=slot)
    return Arrival(
        slot=slot,
        reports=int(file.error is None),
        fills=file.new,
        start=file.from_date,
        end=file.to_date,
        accounts=tuple(str(account) for account in file.accounts),
        error=file.error,
    )


def arrivals(queries: tuple[QuerySync, ...]) -> tuple[Arrival, ...]:
    """Return what came of each report of a sync, in the order in which they came."""
    return tuple(arrival_of(query.slot, file) for query in queries for file in query.files)


def ends_all(error: JournalError | None) -> bool:
    """Tell whether the depot's other query would meet the same, or would make it worse."""
    return isinstance(error, StoreError) or (isinstance(error, FlexError) and error.code in RUN_CODES)


def ends_token(report: SyncReport) -> FlexError | None:
    """Return the failure for which the other depots of the same token are not asked now, None where there is none.

    Either it holds for the token, or IBKR could make none of the depot's reports: then it can hardly make those of the next, and
    each try more would take one of the few that a day has.
    """
    error = report.error
    if not isinstance(error, FlexError):
        return None
    asked = [query for query in report.queries if not query.skipped]
    troubled = [query for query in asked if isinstance(query.error, FlexError) and query.error.code in BROKER_CODES]
    return error if error.code in RUN_CODES or (asked and len(troubled) == len(asked)) else None


def most_important(queries: tuple[QuerySync, ...]) -> JournalError | None:
    """Return the first error that needs the user, else the first of all."""
    errors = [query.error for query in queries if query.error is not None]
    for error in errors:
        if not isinstance(error, FlexError) or action_for(error) in {Action.ASK_USER, Action.LOCKED_OUT}:
            return error
        if error.code == "invalid_request":  # IBKR was asked anew already: now it is the user's turn
            return error
    return errors[0] if errors else None


def changes_of(queries: tuple[QuerySync, ...]) -> Changes:
    """Return what the reports of a sync altered."""
    files = [file for query in queries for file in query.files]
    changes = Changes(reports=bool(files))
    for file in files:
        changes |= file.changes
    return changes


def told(error: JournalError | None) -> dict[str, Any] | None:
    """Return an error as the log keeps it."""
    return {"code": error.code, "values": dict(error.values)} if error is not None else None


def steps_of(report: SyncReport) -> list[dict[str, Any]]:
    """Return the steps as the log keeps them. The query that was under way when somebody cancelled is the last that began."""
    begun = [query for query in report.queries if not query.skipped]
    steps = []
    for query in report.queries:
        if query.skipped:
            result = "skipped"
        elif query.error is not None:
            result = "failed"
        else:
            result = "cancelled" if report.cancelled and query is begun[-1] else "ok"
        steps.append({"name": query.slot, "result": result, "seconds": round(query.seconds, 3), "error": told(query.error)})
    return steps
