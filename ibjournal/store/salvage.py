"""What the user wrote, read out of another database, be it damaged, and put into this one.

Nothing is taken away from the database that gets it: of two versions of one note the later stays.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ibjournal.store.backup import UNFINISHED
from ibjournal.store.journal import Anchor

Row = dict[str, object]

_HEADER = 100

_KEYED = {
    "notes": ("account", "instrument", "execution"),
    "told_basis": ("account", "instrument", "event"),
    "account_links": ("old_account",),
    "traded_currencies": ("account", "instrument"),
}
"""What holds one row for each key, with the moment of its last change."""
_LISTED = ("strategy_choices", "campaign_choices")
"""What is said one after another, the later winning."""
WORDS = (*_KEYED, *_LISTED)
"""What the user wrote or decided."""
SET_UP = ("settings", "depots", "accounts", "sync_runs", "token_uses")
"""What the user set up, and the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Salvaged:
    """Rows by table, and the tables of which not everything could be read."""

    rows: Mapping[str, Sequence[Row]]
    incomplete: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What was put into a database: ``notes`` by where they hang, and how many ``decisions`` beside them."""

    notes: tuple[Anchor, ...] = ()
    decisions: int = 0


def salvage(source: Path, tables: Iterable[str], *, model: Path | None = None) -> Salvaged:
    """Read whole tables out of a database that may be damaged anywhere, as far as they can be read; raises nothing.

    Args:
        source: the database, which is not changed.
        tables: what to read.
        model: a backup of the same journal. Where nothing can be read because the first page is gone, which says where all tables
            begin, that of the backup is tried in its place: tables stay where they were made.
    """
    wanted = tuple(tables)
    found = _salvage(source, wanted)
    if model is None or set(found.incomplete) != set(wanted):
        return found
    with contextlib.suppress(OSError), _beside(model) as folder:
        copy = Path(folder) / "copy.db"
        shutil.copyfile(source, copy)
        _lend_first_page(copy, model)
        return _salvage(copy, wanted)
    return found


def _beside(model: Path) -> tempfile.TemporaryDirectory[str]:
    """Return a folder beside the backups: a copy of the journal stays on its disk, and is swept away with them."""
    return tempfile.TemporaryDirectory(prefix=UNFINISHED, dir=model.parent)


def _lend_first_page(copy: Path, model: Path) -> None:
    with model.open("rb") as backup, copy.open("r+b") as file:
        head = backup.read(_HEADER)
        size = int.from_bytes(head[16:18], "big")
        size = 65536 if size == 1 else size
        backup.seek(0)
        page = bytearray(backup.read(size))
        page[28:32] = (copy.stat().st_size // max(size, 1)).to_bytes(4, "big")  # in pages: the backup may be shorter
        file.write(page)


def _salvage(source: Path, tables: Sequence[str]) -> Salvaged:
    rows: dict[str, list[Row]] = {}
    incomplete = []
    for table in tables:
        # a connection for each: what one of them stumbled over must not trouble the next
        rows[table], whole = _read(source, table)
        if not whole:
            incomplete.append(table)
    return Salvaged(rows=rows, incomplete=tuple(incomplete))


def _read(source: Path, table: str) -> tuple[list[Row], bool]:
    """Return the rows of a table and whether they are all of them; a damaged page ends a reading, so it is read from both ends."""
    found: dict[tuple[object, ...], Row] = {}
    whole = False
    with contextlib.suppress(sqlite3.Error, UnicodeDecodeError):
        uri = f"{source.resolve().as_uri()}?mode=ro"
        with contextlib.closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as db:
            keys = _key_columns(db, table)
            for order in ("", " DESC"):
                by = ", ".join(f"{key}{order}" for key in keys)
                with contextlib.suppress(sqlite3.Error, UnicodeDecodeError):
                    cursor = db.execute(f"SELECT * FROM {table} NOT INDEXED ORDER BY {by}")  # noqa: S608 - names of ours
                    names = [each[0] for each in cursor.description]
                    for row in cursor:
                        named = dict(zip(names, row, strict=True))
                        found[tuple(named.get(key) for key in keys)] = named
                    whole = True
                    break
    return [found[key] for key in sorted(found, key=repr)] if not whole else list(found.values()), whole


def _key_columns(db: sqlite3.Connection, table: str) -> list[str]:
    columns = [(row[5], row[1]) for row in db.execute(f"PRAGMA table_info({table})")]
    return [name for place, name in sorted(columns) if place] or ["rowid"]


def is_journal(db: sqlite3.Connection, salvaged: Salvaged) -> bool:
    """Tell whether salvaged settings are those of the same journal as this database's."""
    own = db.execute("SELECT value FROM settings WHERE name='journal_id'").fetchone()
    other = next((row["value"] for row in salvaged.rows.get("settings", ()) if row["name"] == "journal_id"), None)
    return own is None or other is None or own[0] == other


def bring_words(db: sqlite3.Connection, salvaged: Salvaged) -> Brought:
    """Put in what is later than what is there, or not there at all.

    Into another journal comes only what belongs to accounts that it knows.
    """
    known = None if is_journal(db, salvaged) else {row[0] for row in db.execute("SELECT account FROM accounts")}

    def fits(row: Row) -> bool:
        return known is None or row.get("account", row.get("new_account")) in known

    notes: list[Anchor] = []
    decisions = 0
    for table, keys in _KEYED.items():
        for row in filter(fits, salvaged.rows.get(table, ())):
            if not _put(db, table, keys, row):
                continue
            if table == "notes":
                notes.append((row["account"], row["instrument"], row["execution"]))  # type: ignore[arg-type]  # as they were kept
            else:
                decisions += 1
    for table in _LISTED:
        decisions += sum(_add(db, table, row) for row in filter(fits, salvaged.rows.get(table, ())))
    return Brought(notes=tuple(notes), decisions=decisions)


def bring_set_up(db: sqlite3.Connection, salvaged: Salvaged) -> None:
    """Put settings, depots, accounts and the log into a database that holds none; what points to a lost depot points to none."""
    depots = {row["id"] for row in salvaged.rows.get("depots", ())}
    for table in SET_UP:
        names = _columns(db, table)
        for row in salvaged.rows.get(table, ()):
            there = {name: value for name, value in row.items() if name in names}
            if there.get("depot") not in depots and "depot" in there:
                there["depot"] = None
            if table == "accounts":  # the rest is told by reports
                there = {name: there[name] for name in ("account", "depot") if name in there}
            with contextlib.suppress(sqlite3.IntegrityError):  # a row that lost a part of itself
                _insert(db, table, there, "INSERT OR REPLACE")


def _put(db: sqlite3.Connection, table: str, keys: Sequence[str], row: Row) -> bool:
    names = _columns(db, table)
    there = {name: value for name, value in row.items() if name in names}
    where = " AND ".join(f"{key}=?" for key in keys)
    columns = ", ".join(there)
    known = db.execute(f"SELECT {columns} FROM {table} WHERE {where}", [row[key] for key in keys]).fetchone()  # noqa: S608
    if known is not None:
        old = dict(zip(there, known, strict=True))
        if old == there or _moment(old) > _moment(there):
            return False
    with contextlib.suppress(sqlite3.IntegrityError):
        _insert(db, table, there, "INSERT OR REPLACE")
        return True
    return False


def _moment(row: Row) -> int:
    """Return when a row was written; before all others where damage left nothing that could be a moment."""
    moment = row.get("changed_at")
    return moment if isinstance(moment, int) else -1


def _add(db: sqlite3.Connection, table: str, row: Row) -> bool:
    names = _columns(db, table)
    there = {name: value for name, value in row.items() if name in names and name != "id"}
    where = " AND ".join(f"{name}=?" for name in there)
    if db.execute(f"SELECT 1 FROM {table} WHERE {where}", list(there.values())).fetchone() is not None:  # noqa: S608
        return False
    with contextlib.suppress(sqlite3.IntegrityError):
        _insert(db, table, there, "INSERT")
        return True
    return False


def _insert(db: sqlite3.Connection, table: str, row: Row, verb: str) -> None:
    db.execute(f"{verb} INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", list(row.values()))


def _columns(db: sqlite3.Connection, table: str) -> set[str]:
    return {row[1] for row in db.execute(f"PRAGMA table_info({table})")}
