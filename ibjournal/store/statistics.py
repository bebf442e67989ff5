"""Counts and versions of a database, for diagnosis: nothing of what stands in its rows."""

from __future__ import annotations

import json
import sqlite3

from ibjournal.store import migrations
from ibjournal.store.derived import DERIVED, KEPT

_SHORTEST = 2


def facts(db: sqlite3.Connection) -> dict[str, str]:
    """Return versions and settings of the database, and whether its pages are whole."""
    pragmas = ("page_size", "page_count", "freelist_count", "journal_mode")
    found = {"sqlite": sqlite3.sqlite_version, "version": f"{migrations.version_of(db)} of {migrations.latest_version()}"}
    found |= {name: str(db.execute(f"PRAGMA {name}").fetchone()[0]) for name in pragmas}
    found["quick_check"] = "ok" if db.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok" else "damaged"
    return found


def count_rows(db: sqlite3.Connection) -> dict[str, int]:
    """Return how many rows each table has."""
    return {
        name: int(db.execute(f"SELECT count(*) FROM {name}").fetchone()[0])  # noqa: S608 - names of ours
        for name in sorted((*DERIVED, *KEPT))
    }


_NAMED = ("name", "accountAlias", "alias", "street", "street2", "city", "email", "primaryEmail", "masterName")


def names_known(db: sqlite3.Connection) -> set[str]:
    """Return names of people, depots and accounts that stand in the database, also of depots that are gone: to be taken out."""
    found = {str(row[0]) for row in db.execute("SELECT depot_name FROM sync_runs UNION SELECT depot_name FROM token_uses")}
    for (text,) in db.execute("SELECT information FROM accounts"):
        told = json.loads(text)
        if isinstance(told, dict):
            found |= {str(told[key]) for key in _NAMED if told.get(key)}
    return {name for name in found if len(name) >= _SHORTEST}
