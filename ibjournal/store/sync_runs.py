"""The log of fetches and imports: runs, their steps, and the files each took in."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NewType

from ibjournal.domain.depot import DepotId

RunId = NewType("RunId", int)

_KEPT_RUNS = 5000


def start_run(db: sqlite3.Connection, kind: str, *, depot: DepotId | None, depot_name: str, started_at: datetime) -> RunId:
    """Begin a run of kind ``sync`` or ``import``; it stands as ``running`` until `end_run`."""
    cursor = db.execute(
        "INSERT INTO sync_runs (kind, depot, depot_name, started_at, result) VALUES (?, ?, ?, ?, 'running')",
        (kind, depot, depot_name, int(started_at.timestamp())),
    )
    db.execute("DELETE FROM sync_runs WHERE id <= ? - ?", (cursor.lastrowid, _KEPT_RUNS))
    return RunId(int(cursor.lastrowid or 0))


def end_run(
    db: sqlite3.Connection,
    run: RunId,
    *,
    result: str,
    error: Mapping[str, Any] | None,
    steps: Sequence[Mapping[str, Any]],
    ended_at: datetime,
) -> None:
    """End a run.

    ``error`` and each step's ``error`` are ``{"code", "values"}``; a step is ``{"name", "result", "seconds", "error"}``.
    """
    db.execute(
        "UPDATE sync_runs SET result=?, error=?, steps=?, ended_at=? WHERE id=?",
        (
            result,
            json.dumps(error, default=str) if error else None,
            json.dumps(list(steps), default=str),
            int(ended_at.timestamp()),
            run,
        ),
    )


def abandon_running(db: sqlite3.Connection) -> None:
    """Mark runs that never ended: the program was ended in their midst."""
    db.execute("UPDATE sync_runs SET result='interrupted', ended_at=started_at WHERE result='running'")


def list_runs(db: sqlite3.Connection, *, depot: DepotId | None = None, limit: int = 500) -> list[dict[str, Any]]:
    """Return the latest runs, newest first: the columns of the table, instants as aware UTC, JSON as values."""
    rows = db.execute(
        "SELECT id, kind, depot, depot_name, started_at, ended_at, result, error, steps FROM sync_runs"
        " WHERE ? IS NULL OR depot=? ORDER BY id DESC LIMIT ?",
        (depot, depot, limit),
    )
    return [
        {
            "id": row[0],
            "kind": row[1],
            "depot": row[2],
            "depot_name": row[3],
            "started_at": datetime.fromtimestamp(row[4], UTC),
            "ended_at": datetime.fromtimestamp(row[5], UTC) if row[5] is not None else None,
            "result": row[6],
            "error": json.loads(row[7]) if row[7] else None,
            "steps": json.loads(row[8]),
        }
        for row in rows
    ]
