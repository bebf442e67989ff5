"""Importing reports: archive, read, merge, rebuild; the one path for fetched and for given files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from ibjournal.domain.depot import AccountId
from ibjournal.domain.errors import JournalError
from ibjournal.domain.execution import ReportType


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportWarning:
    """Something in a report that the user should know; ``code`` and ``values`` like a `JournalError`."""

    code: str
    values: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedFile:
    """What came of one file. ``error`` is None when its rows are in the database."""

    file: str
    sha256: str = ""
    type: ReportType | None = None
    accounts: tuple[AccountId, ...] = ()
    from_date: date | None = None
    to_date: date | None = None
    generated_at: datetime | None = None
    sections: tuple[tuple[str, int], ...] = ()
    new: int = 0
    updated: int = 0
    unchanged: int = 0
    warnings: tuple[ReportWarning, ...] = ()
    error: JournalError | None = None
    report_id: int | None = None
