"""Notes: what the user wrote about a trade, anchored to the trade's opening execution."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime

from ibjournal.domain.depot import AccountId
from ibjournal.domain.execution import ExecutionId
from ibjournal.domain.instrument import InstrumentId

Anchor = tuple[AccountId, InstrumentId, ExecutionId]


def write_note(db: sqlite3.Connection, anchor: Anchor, text: str, changed_at: datetime) -> None:
    """Keep a note; an empty one is removed."""
    if not text.strip():
        db.execute("DELETE FROM notes WHERE account=? AND instrument=? AND execution=?", anchor)
        return
    db.execute(
        "INSERT INTO notes VALUES (?, ?, ?, ?, ?) ON CONFLICT (account, instrument, execution)"
        " DO UPDATE SET text=excluded.text, changed_at=excluded.changed_at",
        (*anchor, text, int(changed_at.timestamp())),
    )


def notes_of(db: sqlite3.Connection, account: AccountId, instrument: InstrumentId) -> dict[ExecutionId, tuple[str, datetime]]:
    """Return the notes on an instrument's executions: text and when it was changed."""
    rows = db.execute("SELECT execution, text, changed_at FROM notes WHERE account=? AND instrument=?", (account, instrument))
    return {ExecutionId(execution): (text, datetime.fromtimestamp(changed, UTC)) for execution, text, changed in rows}


def all_notes(db: sqlite3.Connection) -> dict[Anchor, str]:
    """Return the text of every note."""
    rows = db.execute("SELECT account, instrument, execution, text FROM notes")
    return {
        (AccountId(account), InstrumentId(instrument), ExecutionId(execution)): text
        for account, instrument, execution, text in rows
    }
