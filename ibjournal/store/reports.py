"""Reports that were received: what they are, what they cover, and what came of them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from ibjournal.domain.depot import AccountId, DepotId

Warning_ = Mapping[str, Any]
"""``{"code", "values"}`` as stored in JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredReport:
    """A row of the reports table; instants are UTC."""

    id: int
    sha256: str
    archive_file: str
    type: str | None
    query_name: str
    generated_at: datetime | None
    from_date: date | None
    to_date: date | None
    accounts: tuple[str, ...]
    sections: tuple[tuple[str, int], ...]
    fills: int
    warnings: tuple[Warning_, ...]
    error: Warning_ | None
    size: int
    received_at: datetime
    depot: DepotId | None
    reader_version: int


_COLUMNS = (
    "id, sha256, archive_file, type, query_name, generated_at, from_date, to_date, accounts, sections, fills, warnings, error,"
    " size, received_at, depot, reader_version"
)


def _report(row: Sequence[Any]) -> StoredReport:
    return StoredReport(
        id=row[0],
        sha256=row[1],
        archive_file=row[2],
        type=row[3],
        query_name=row[4],
        generated_at=datetime.fromtimestamp(row[5], UTC) if row[5] is not None else None,
        from_date=date.fromisoformat(row[6]) if row[6] else None,
        to_date=date.fromisoformat(row[7]) if row[7] else None,
        accounts=tuple(json.loads(row[8])),
        sections=tuple((name, count) for name, count in json.loads(row[9])),
        fills=row[10],
        warnings=tuple(json.loads(row[11])),
        error=json.loads(row[12]) if row[12] else None,
        size=row[13],
        received_at=datetime.fromtimestamp(row[14], UTC),
        depot=row[15],
        reader_version=row[16],
    )


def find_report(db: sqlite3.Connection, sha256: str) -> StoredReport | None:
    """Return the report with this content, None where it never came."""
    row = db.execute(f"SELECT {_COLUMNS} FROM reports WHERE sha256=?", (sha256,)).fetchone()  # noqa: S608
    return _report(row) if row else None


def get_report(db: sqlite3.Connection, report: int) -> StoredReport | None:
    """Return one report."""
    row = db.execute(f"SELECT {_COLUMNS} FROM reports WHERE id=?", (report,)).fetchone()  # noqa: S608
    return _report(row) if row else None


def list_reports(db: sqlite3.Connection) -> tuple[StoredReport, ...]:
    """Return all reports, the first received first."""
    return tuple(_report(row) for row in db.execute(f"SELECT {_COLUMNS} FROM reports ORDER BY id"))  # noqa: S608


def insert_report(
    db: sqlite3.Connection,
    *,
    sha256: str,
    archive_file: str,
    size: int,
    received_at: int,
    depot: DepotId | None,
    reader_version: int,
) -> int:
    """Note that a report came, or take up again one that could not be read before; return its id."""
    row = db.execute(
        "INSERT INTO reports (sha256, archive_file, size, received_at, depot, reader_version) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (sha256) DO UPDATE SET archive_file=excluded.archive_file, depot=coalesce(excluded.depot, depot),"
        " reader_version=excluded.reader_version, error=NULL, warnings='[]' RETURNING id",
        (sha256, archive_file, size, received_at, depot, reader_version),
    ).fetchone()
    return int(row[0])


def describe_report(
    db: sqlite3.Connection,
    report: int,
    *,
    type_: str | None,
    query_name: str,
    generated_at: int | None,
    from_date: str | None,
    to_date: str | None,
    accounts: Sequence[str],
    sections: Mapping[str, int],
    fills: int,
    warnings: Sequence[Warning_],
    error: Warning_ | None,
) -> None:
    """Write what is known of a report after it was read."""
    db.execute(
        "UPDATE reports SET type=?, query_name=?, generated_at=?, from_date=?, to_date=?, accounts=?, sections=?, fills=?,"
        " warnings=?, error=? WHERE id=?",
        (
            type_,
            query_name,
            generated_at,
            from_date,
            to_date,
            json.dumps(list(accounts)),
            json.dumps(list(sections.items())),
            fills,
            json.dumps(list(warnings), default=str),
            json.dumps(error, default=str) if error else None,
            report,
        ),
    )


def note_reread(db: sqlite3.Connection, report: int, *, reader_version: int, sections: Mapping[str, int], fills: int) -> None:
    """Write by which reader a report was read once more, and what that found in it."""
    db.execute(
        "UPDATE reports SET reader_version=?, sections=?, fills=? WHERE id=?",
        (reader_version, json.dumps(list(sections.items())), fills, report),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """What one statement of a report covers; days are ``yyyy-mm-dd``, ``generated_at`` seconds since 1970 UTC.

    ``has_trades``: whether a fill of these days that the report leaves out is gone.
    """

    account: str
    type: str
    query_name: str
    from_date: str
    to_date: str
    generated_at: int
    has_trades: bool
    sections: tuple[str, ...]


def write_coverage(db: sqlite3.Connection, report: int, covered: Sequence[Covered]) -> None:
    """Note which days of which account a report covers, and with which sections."""
    for each in _united(covered):
        db.execute(
            "INSERT INTO coverage (report, account, type, query_name, from_date, to_date, generated_at, has_trades, sections)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (report, account, from_date, to_date)"
            " DO UPDATE SET has_trades=excluded.has_trades, sections=excluded.sections",
            (
                report,
                each.account,
                each.type,
                each.query_name,
                each.from_date,
                each.to_date,
                each.generated_at,
                each.has_trades,
                json.dumps(each.sections),
            ),
        )


def _united(covered: Sequence[Covered]) -> list[Covered]:
    """Make one of the statements of a report that stand for the same account and days."""
    found: dict[tuple[str, str, str], Covered] = {}
    for each in covered:
        place = (each.account, each.from_date, each.to_date)
        if place in found:
            before = found[place]
            found[place] = replace(
                before,
                has_trades=before.has_trades or each.has_trades,
                sections=tuple(sorted({*before.sections, *each.sections})),
            )
        else:
            found[place] = each
    return list(found.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionRange:
    """Days for which a report holds a section, be it without rows; ``generated_at`` is UTC."""

    from_date: date
    to_date: date
    report: int
    generated_at: datetime
    type: str
    query_name: str


def sections_covered(db: sqlite3.Connection, account: AccountId, section: str) -> tuple[SectionRange, ...]:
    """Return the ranges for which reports hold a section for an account, by their last day and then by when IBKR made them.

    A section without rows is held as well: an empty ``OpenPositions`` says that nothing was open at the close of ``to_date``.
    """
    rows = db.execute(
        "SELECT c.from_date, c.to_date, c.report, c.generated_at, c.type, c.query_name FROM coverage c"
        " JOIN reports r ON r.id = c.report WHERE c.account=?"
        " AND EXISTS (SELECT 1 FROM json_each(CASE c.sections WHEN '' THEN '[]' ELSE c.sections END) WHERE value=?"
        # of reports that an older program took in, what is known of all their accounts together must do
        " UNION ALL SELECT 1 FROM json_each(r.sections) WHERE c.sections='' AND json_extract(value, '$[0]')=?)"
        " ORDER BY c.to_date, c.generated_at, c.report, c.from_date",
        (account, section, section),
    )
    return tuple(
        SectionRange(
            from_date=date.fromisoformat(from_date),
            to_date=date.fromisoformat(to_date),
            report=report,
            generated_at=datetime.fromtimestamp(generated_at, UTC),
            type=type_,
            query_name=query_name,
        )
        for from_date, to_date, report, generated_at, type_, query_name in rows
    )


def covered_ranges(db: sqlite3.Connection, accounts: Sequence[AccountId], type_: str) -> list[tuple[date, date]]:
    """Return the ranges of days that reports of a type cover for any of the accounts, in order."""
    marks = ",".join("?" * len(accounts))
    rows = db.execute(
        f"SELECT DISTINCT from_date, to_date FROM coverage WHERE type=? AND account IN ({marks}) ORDER BY from_date, to_date",  # noqa: S608
        (type_, *accounts),
    )
    return [(date.fromisoformat(start), date.fromisoformat(end)) for start, end in rows]


def covered_through(db: sqlite3.Connection, accounts: Sequence[AccountId], type_: str) -> date | None:
    """Return the last day that a report of a type covers, None where none came."""
    ranges = covered_ranges(db, accounts, type_)
    return max((end for _start, end in ranges), default=None)


def note_file(
    db: sqlite3.Connection,
    run: int,
    *,
    report: int | None,
    file: str,
    counts: tuple[int, int, int, int, int],
    warnings: Sequence[Warning_],
    error: Warning_ | None,
) -> None:
    """Note in a run what came of a file; ``counts`` are new, updated, unchanged, confirmed, changed fills."""
    db.execute(
        "INSERT INTO run_files (run, report, file, new, updated, unchanged, confirmed, changed, warnings, error)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            run,
            report,
            file,
            *counts,
            json.dumps(list(warnings), default=str),
            json.dumps(error, default=str) if error else None,
        ),
    )


def files_of_runs(db: sqlite3.Connection, runs: Sequence[int]) -> dict[int, list[tuple[StoredReport | None, dict[str, Any]]]]:
    """Return for each run its files: the report (None for what was none) and ``file``, counts, warnings, error."""
    found: dict[int, list[tuple[StoredReport | None, dict[str, Any]]]] = {}
    marks = ",".join("?" * len(runs))
    known: dict[int, StoredReport] = {}
    rows = db.execute(
        "SELECT run, report, file, new, updated, unchanged, confirmed, changed, warnings, error FROM run_files"  # noqa: S608
        f" WHERE run IN ({marks}) ORDER BY id",
        tuple(runs),
    ).fetchall()
    for run, report, file, new, updated, unchanged, confirmed, changed, warnings, error in rows:
        stored = None
        if report is not None:
            stored = known.get(report) or get_report(db, report)
            if stored is not None:  # pragma: no branch - a report that goes takes its number out of the runs
                known[report] = stored
        facts = {
            "file": file,
            "new": new,
            "updated": updated,
            "unchanged": unchanged,
            "confirmed": confirmed,
            "changed": changed,
            "warnings": json.loads(warnings),
            "error": json.loads(error) if error else None,
        }
        found.setdefault(run, []).append((stored, facts))
    return found
