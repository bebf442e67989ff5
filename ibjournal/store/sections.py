"""Every row that has no table of its own, as IBKR wrote it.

- Some sections say how things stand over a range of days (change in NAV, cash report …): the later report replaces the earlier one
  of the same range as a whole.
- Rows with a report date are events of their day: the later report that covers the day replaces all rows of one kind and level,
  since IBKR may have numbered, balanced or corrected them anew.
- All others are their content and how often a statement tells it; a line of the statement of funds is its transaction.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Mapping
from typing import Any, NamedTuple

_RANGE_SECTIONS = frozenset({
    "ChangeInNAV", "CashReport", "MTDYTDPerformanceSummary", "MTMPerformanceSummaryInBase", "FIFOPerformanceSummaryInBase",
    "ChangeInPositionValues", "NetStockPositionSummary", "ComplexPositions", "FxPositions", "InterestAccruals",
    "OpenDividendAccruals", "PriorPeriodPositions", "FdicInsuredDepositsByBank", "SLBOpenContracts",
})  # fmt: skip


_BALANCES = frozenset({"Starting Balance", "Ending Balance"})
_DAY = "day"
_DAY_DIGITS = 8


class _Where(NamedTuple):
    """Where a row stands: rows of one scope are replaced together, those without a scope never."""

    account: str
    section: str
    scope: str


class SectionMerger:
    """Takes the other rows of one report into the database."""

    def __init__(self, db: sqlite3.Connection, *, report: int) -> None:
        self._db = db
        self._report = report
        self._statement = -1
        self._occurrences: dict[tuple[_Where, str], int] = {}
        self._owners: dict[_Where, bool] = {}

    def take(self, row: tuple[Any, ...], *, generated_at: int, statement: int = 0) -> None:
        """Take one row: account, section, tag, from, to, instrument, ordinal, JSON; ``statement`` is its statement's number."""
        account, section, tag, from_date, to_date, instrument, ordinal, data = row
        if statement != self._statement:
            # what two statements of a report tell alike is one
            self._statement, self._occurrences = statement, {}
        attributes: dict[str, str] = json.loads(data)
        where = _Where(account, section, _scope(section, tag, from_date, to_date, attributes))
        if where.scope and not self._mine(where, generated_at):
            return
        key = _identity(section, attributes) or hashlib.blake2b(data.encode(), digest_size=16).hexdigest()
        count = self._occurrences[where, key] = self._occurrences.get((where, key), 0) + 1
        self._db.execute(
            "INSERT INTO section_rows (account, section, tag, scope, row_key, from_date, to_date, instrument, report, ordinal,"
            " generated_at, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (account, section, scope, row_key) DO UPDATE SET from_date=excluded.from_date, to_date=excluded.to_date,"
            " instrument=excluded.instrument, report=excluded.report, ordinal=excluded.ordinal,"
            " generated_at=excluded.generated_at, data=excluded.data"
            " WHERE excluded.data<>data AND (excluded.generated_at, excluded.data) > (generated_at, data)",
            (
                *(account, section, tag, where.scope, f"{key}#{count}"),
                *(from_date, to_date, instrument, self._report, ordinal, generated_at, data),
            ),
        )

    def _mine(self, where: _Where, generated_at: int) -> bool:
        """Tell whether this report may write a scope: no later one did. What an earlier one wrote goes."""
        if where not in self._owners:
            place = "account=? AND section=? AND scope=?"
            (newest,) = self._db.execute(f"SELECT max(generated_at) FROM section_rows WHERE {place}", where).fetchone()  # noqa: S608
            mine = newest is None or generated_at >= newest
            # reports that IBKR made in one moment know the same of a day: what any of them tells stays
            if mine and newest is not None and not (generated_at == newest and where.scope.startswith(_DAY)):
                self._db.execute(f"DELETE FROM section_rows WHERE {place}", where)  # noqa: S608
            self._owners[where] = mine
        return self._owners[where]


def _scope(section: str, tag: str, from_date: str, to_date: str, attributes: Mapping[str, str]) -> str:
    if section in _RANGE_SECTIONS:
        return f"{from_date}/{to_date}"
    if attributes.get("activityDescription") in _BALANCES:
        return f"{from_date}/{to_date}:{attributes.get('levelOfDetail', '')}:{attributes.get('currency', '')}"
    day = _day(attributes.get("reportDate", ""))
    if day and from_date <= day <= to_date:
        return f"{_DAY}:{day}:{tag}:{attributes.get('levelOfDetail', '')}"
    return ""


def _day(text: str) -> str:
    """Return a day as ``yyyy-mm-dd`` where it is written with the year first, else nothing."""
    digits = text[:10].replace("-", "").replace("/", "")
    plain = len(digits) == _DAY_DIGITS and digits.isdecimal() and text[:4].isdecimal()
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}" if plain else ""


def _identity(section: str, attributes: Mapping[str, str]) -> str:
    """Return the name of a row that has one of IBKR's: its other values may change from report to report."""
    transaction = attributes.get("transactionID", "")
    if section != "StmtFunds" or not transaction:
        return ""
    parts = ("activityCode", "levelOfDetail", "currency")
    return "|".join((transaction, *(attributes.get(name, "") for name in parts)))
