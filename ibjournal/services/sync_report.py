"""What came of a depot's sync, and how it stands in the log of runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ibjournal.domain.depot import DepotId
from ibjournal.domain.errors import FlexError, JournalError, StoreError
from ibjournal.flex.errors import RUN_CODES, Action, action_for
from ibjournal.services.changes import Changes
from ibjournal.services.importing import ImportedFile


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


def ends_all(error: JournalError | None) -> bool:
    """Tell whether the depot's other query would meet the same, or would make it worse."""
    return isinstance(error, StoreError) or (isinstance(error, FlexError) and error.code in RUN_CODES)


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
