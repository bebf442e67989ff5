"""The log of fetches and imports, for the reports screen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from ibjournal.domain.depot import DepotId
from ibjournal.services.importing import ReportWarning


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportEntry:
    """One archived report and what came of it. ``type`` is ``AF``, ``TCF`` or None for what was no report."""

    id: int
    file: str
    archive_file: str
    type: str | None
    accounts: tuple[str, ...]
    from_date: date | None
    to_date: date | None
    generated_at: datetime | None
    received_at: datetime
    size: int
    sections: tuple[tuple[str, int], ...]
    new: int
    updated: int
    unchanged: int
    warnings: tuple[ReportWarning, ...]
    error: ReportWarning | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStep:
    """One step of a run, such as ``activity`` or ``confirmation``. ``result``: ``ok``, ``failed``, ``cancelled``, ``skipped``."""

    name: str
    result: str
    seconds: float
    error: ReportWarning | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One fetch or import. ``kind``: ``sync`` or ``import``; ``result``: ``ok``, ``failed``, ``cancelled``, ``running``. Times are UTC."""

    id: int
    kind: str
    depot: DepotId | None
    depot_name: str
    started_at: datetime
    ended_at: datetime | None
    result: str
    error: ReportWarning | None
    steps: tuple[RunStep, ...]
    reports: tuple[ReportEntry, ...]


class ReportsService:
    """Signatures the screens may rely on; the implementation follows."""

    def list_runs(self, *, depot: DepotId | None = None, limit: int = 500) -> tuple[Run, ...]:
        """Return the latest runs, newest first."""
        raise NotImplementedError

    def read_xml(self, report_id: int) -> bytes:
        """Return the report as it was received (StoreError ``archive_missing`` when the file is gone)."""
        raise NotImplementedError
