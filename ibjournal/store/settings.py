"""Settings that are data: name and value. Looks live with the window, secrets in the keyring."""

from __future__ import annotations

import sqlite3


def read_setting(db: sqlite3.Connection, name: str, default: str = "") -> str:
    """Return a setting's value, ``default`` where it was never set."""
    row = db.execute("SELECT value FROM settings WHERE name=?", (name,)).fetchone()
    return str(row[0]) if row else default


def write_setting(db: sqlite3.Connection, name: str, value: str) -> None:
    """Set a setting."""
    db.execute("INSERT INTO settings VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value=excluded.value", (name, value))
