"""Everything that stands in a data folder, in a form in which two journals can be compared."""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import sqlite3
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from ibjournal.store.derived import DERIVED

State = Mapping[str, Counter[str]]
"""By table, its rows as text."""

WRITTEN = ("notes", "strategy_choices", "campaign_choices", "told_basis", "account_links", "traded_currencies")
"""What the user wrote."""
SET_UP = ("depots", "accounts", "settings")

_NUMBERED = {"executions", "section_rows", "fill_changes"}
"""Whose row numbers tell nothing but the order of writing."""
BY_REPORT = ("reports", "coverage", "section_rows")
"""Of which there is more when days are fetched once more."""
_OF_REPORTS = ("report", "before_report", "after_report")
_WHICH_REPORT = {*_OF_REPORTS, "ordinal", "generated_at", "query_name"}
_ROW = re.compile(r"\[(\d+), (\d+)\]")
"""In what is known of positions: the report and the row that told of it."""
_OURS = re.compile(
    r"journal\.db(-wal|-shm)?|ibjournal\.lock|running|preferences\.ini|pace\.(json|lock)"
    r"|archive/(files|depot-\d+)/\d{8}T\d{6}Z-[0-9a-f]{8}\.xml\.gz"
    r"|backups/(auto|manual|before-restore|before-v\d+)-\d{8}T\d{6}(-\d+)?\.db|logs/ibjournal\.log(\.\d+)?"
)


def state_of(data: Path, *, whichever_report: bool = False, database: str = "journal.db") -> dict[str, Counter[str]]:
    """Return all that counts: what the user wrote and set up, reports, everything that comes of them; not the log of runs.

    Args:
        data: the folder.
        whichever_report: leave out which report told of a row, and the confirmations among the reports: the broker makes
            another one each time it is asked.
        database: the file's name.
    """
    with closing(sqlite3.connect(data / database)) as db:
        shas = dict(db.execute("SELECT id, sha256 FROM reports"))
        there = {name for (name,) in db.execute("SELECT name FROM sqlite_master")}  # an old journal has fewer tables
        tables = [table for table in (*WRITTEN, *SET_UP, *DERIVED, "reports") if table in there]
        found = {table: _rows(db, table, shas, whichever_report) for table in tables}
        if whichever_report:
            for table in ("reports", "coverage"):
                found[table] = Counter({row: n for row, n in found[table].items() if "'TCF'" not in row})
    return found


def written_in(data: Path, *, set_up: bool = True) -> dict[str, Counter[str]]:
    """Return what the user wrote, and with ``set_up`` the depots and settings, but for what a fetch notes there."""
    with closing(sqlite3.connect(data / "journal.db")) as db:
        found = {table: _rows(db, table, {}, False) for table in WRITTEN}
        if set_up:
            found["depots"] = _rows(db, "depots", {}, False)
            rows = db.execute("SELECT name, value FROM settings WHERE name NOT LIKE 'fetched.%' AND name<>'engine_version'")
            found["settings"] = Counter(repr(row) for row in rows)
    return found


def _rows(db: sqlite3.Connection, table: str, shas: Mapping[int, str], whichever: bool) -> Counter[str]:
    columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
    left_out = {"id"} if table in _NUMBERED or table == "reports" else set()
    if whichever and table in DERIVED:
        left_out |= _WHICH_REPORT
    kept = [number for number, name in enumerate(columns) if name not in left_out]
    reports = {number for number, name in enumerate(columns) if name in _OF_REPORTS}
    found: Counter[str] = Counter()
    for row in db.execute(f"SELECT * FROM {table}"):
        values: list[Any] = [shas.get(value, value) if number in reports else value for number, value in enumerate(row)]
        text = repr([values[number] for number in kept])
        if table == "position_facts":
            text = _ROW.sub("" if whichever else lambda match: f"[{shas.get(int(match[1]), match[1])}, {match[2]}]", text)
        found[text] += 1
    return found


def differences(one: State, other: State, *, may_have_more: Iterable[str] = ()) -> list[str]:
    """Return in which tables two states differ, and the first rows that only one of them has.

    ``one`` may have more in some tables: reports of days that were fetched once more, and what such a report says of its days.
    """
    found = []
    for table in sorted(one.keys() | other.keys()):
        here, there = one.get(table, Counter()), other.get(table, Counter())
        if here != there and not (table in may_have_more and there <= here):
            more, less = here - there, there - here
            found.append(f"{table}: {more.total()} more {_first(more)}, {less.total()} less {_first(less)}")
    return found


def _first(rows: Counter[str]) -> str:
    return next((row[:300] for row in sorted(rows)), "")


def digest_of(state: State) -> str:
    """Return a short text that is the same for the same state alone."""
    return hashlib.sha256(repr([(name, sorted(state[name].items())) for name in sorted(state)]).encode()).hexdigest()


def grow_old(data: Path) -> None:
    """Let two days pass for what was being written when the program died."""
    for name in strays(data):
        os.utime(data / name, (0, 0))


def strays(data: Path) -> list[str]:
    """Return files that no program of ours means to be there: what was being written when it died."""
    files = (path.relative_to(data).as_posix() for path in sorted(data.rglob("*")) if path.is_file())
    folders = (path.relative_to(data).as_posix() for path in sorted((data / "fetching").glob("*")))
    return [name for name in (*files, *folders) if not _OURS.fullmatch(name)]


def damaged(data: Path) -> list[str]:
    """Return archived files whose name is there and whose content is not whole."""
    found = []
    for path in sorted((data / "archive").glob("*/*.xml.gz")):
        try:
            content = gzip.decompress(path.read_bytes())
        except (OSError, EOFError, zlib.error):
            content = b""
        if hashlib.sha256(content).hexdigest()[:8] != _ends([path.name])[0].removesuffix(".xml.gz"):
            found.append(f"archive: {path.name} is not whole")
    return found


def archived(data: Path) -> list[str]:
    """Return what is wrong between the archive and the journal: files that nobody knows, files twice, files that are missing."""
    with closing(sqlite3.connect(data / "journal.db")) as db:
        known = [name for (name,) in db.execute("SELECT archive_file FROM reports")]
    there = {f"{path.parent.name}/{path.name}" for path in (data / "archive").glob("*/*.xml.gz")}
    found = [f"unknown: {name}" for name in sorted(there - set(known))]
    found += [f"missing: {name}" for name in sorted(set(known) - there)]
    return found + [f"twice: {name}" for name in _twice(known)] + [f"content twice: {name}" for name in _twice(_ends(there))]


def _ends(names: Iterable[str]) -> list[str]:
    return [name.rsplit("-", 1)[1] for name in names]


def _twice(names: Iterable[str]) -> list[str]:
    return [name for name, number in Counter(names).items() if number > 1]
