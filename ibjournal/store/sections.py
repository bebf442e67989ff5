"""Every row that has no table of its own, as IBKR wrote it.

Some sections say how things stand over a range of days (change in NAV, cash report …): there the later report replaces
the earlier one of the same range as a whole. All others are events: a row is its content, and how often it occurs.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from typing import Any

from ibjournal.domain.depot import AccountId

_RANGE_SECTIONS = frozenset({
    "ChangeInNAV", "CashReport", "MTDYTDPerformanceSummary", "MTMPerformanceSummaryInBase", "FIFOPerformanceSummaryInBase",
    "ChangeInPositionValues", "NetStockPositionSummary", "ComplexPositions", "FxPositions", "InterestAccruals",
    "OpenDividendAccruals", "PriorPeriodPositions", "FdicInsuredDepositsByBank", "SLBOpenContracts",
})  # fmt: skip


class SectionMerger:
    """Takes the other rows of one report into the database."""

    def __init__(self, db: sqlite3.Connection, *, report: int) -> None:
        self._db = db
        self._report = report
        self._occurrences: dict[tuple[str, str, str, str], int] = {}
        self._ranges: dict[tuple[str, str, str], bool] = {}

    def take(self, row: tuple[Any, ...], *, generated_at: int) -> None:
        """Take one row: account, section, tag, from, to, instrument, ordinal, JSON."""
        account, section, tag, from_date, to_date, instrument, ordinal, data = row
        scope = f"{from_date}/{to_date}" if section in _RANGE_SECTIONS else ""
        if scope and not self._mine(account, section, scope, generated_at):
            return
        digest = hashlib.blake2b(data.encode(), digest_size=16).hexdigest()
        place = (account, section, scope, digest)
        count = self._occurrences[place] = self._occurrences.get(place, 0) + 1
        self._db.execute(
            "INSERT INTO section_rows (account, section, tag, scope, row_key, from_date, to_date, instrument, report, ordinal,"
            " generated_at, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (
                account,
                section,
                tag,
                scope,
                f"{digest}#{count}",
                from_date,
                to_date,
                instrument,
                self._report,
                ordinal,
                generated_at,
                data,
            ),
        )

    def _mine(self, account: str, section: str, scope: str, generated_at: int) -> bool:
        """Tell whether this report may write a range: it made it last. What an earlier report wrote goes."""
        place = (account, section, scope)
        if place not in self._ranges:
            row = self._db.execute(
                "SELECT max(generated_at), max(report) FROM section_rows WHERE account=? AND section=? AND scope=?", place
            ).fetchone()
            mine = row[0] is None or generated_at >= row[0]
            if mine and row[0] is not None:
                self._db.execute("DELETE FROM section_rows WHERE account=? AND section=? AND scope=?", place)
            self._ranges[place] = mine
        return self._ranges[place]


def section_rows(
    db: sqlite3.Connection, account: AccountId, section: str
) -> Iterator[tuple[str, str, str, dict[str, str], int, int]]:
    """Yield tag, from, to, attributes, report and ordinal of each row of a section, by range and place."""
    rows = db.execute(
        "SELECT tag, from_date, to_date, data, report, ordinal FROM section_rows WHERE account=? AND section=?"
        " ORDER BY from_date, to_date, report, ordinal",
        (account, section),
    )
    for tag, from_date, to_date, data, report, ordinal in rows:
        yield tag, from_date, to_date, json.loads(data), report, ordinal
