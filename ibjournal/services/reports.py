"""The log of fetches and imports, for the reports screen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from ibjournal.domain.depot import DepotId
from ibjournal.domain.errors import StoreError
from ibjournal.services.freshness import DepotFreshness, depot_freshness
from ibjournal.services.importing import ReportWarning
from ibjournal.services.jobs import Arrival
from ibjournal.store.archive import Archive
from ibjournal.store.database import Database
from ibjournal.store.depots import accounts_of
from ibjournal.store.fill_changes import FillChange, changes_by_reports
from ibjournal.store.reports import StoredReport, covered_through, files_of_runs, get_report
from ibjournal.store.status import MissingFill, orphan_cancels, vanished
from ibjournal.store.sync_runs import list_runs

_SLOTS = {"AF": "activity", "TCF": "confirmation"}
"""The query that a type of report comes by."""


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
    received_at: datetime | None
    size: int
    sections: tuple[tuple[str, int], ...]
    new: int
    updated: int
    unchanged: int
    warnings: tuple[ReportWarning, ...]
    error: ReportWarning | None
    confirmed: int = 0
    """Provisional fills that became final."""
    changed: int = 0
    """Those of them that Activity tells otherwise than the confirmation did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStep:
    """One step of a run, such as ``activity`` or ``confirmation``. ``result``: ``ok``, ``failed``, ``cancelled``, ``skipped``."""

    name: str
    result: str
    seconds: float
    error: ReportWarning | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One fetch or import; times are UTC.

    ``kind``: ``sync`` or ``import``; ``result``: ``ok``, ``failed``, ``cancelled``, ``running``, ``interrupted``.
    """

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """How fresh what is shown is. ``through`` is the last day that Activity covers; ``asked_at`` the last fetch that worked."""

    activity_through: date | None
    confirmation_through: date | None
    asked_at: datetime | None


class ReportsService:
    """Tells what was fetched and imported. Thread-safe."""

    def __init__(self, *, database: Database, archive: Archive) -> None:
        self._database = database
        self._archive = archive

    def list_runs(self, *, depot: DepotId | None = None, limit: int = 500) -> tuple[Run, ...]:
        """Return the latest runs, newest first."""
        with self._database.reading() as db:
            runs = list_runs(db, depot=depot, limit=limit)
            files = files_of_runs(db, [run["id"] for run in runs])
        return tuple(
            Run(
                id=run["id"],
                kind=run["kind"],
                depot=run["depot"],
                depot_name=run["depot_name"],
                started_at=run["started_at"],
                ended_at=run["ended_at"],
                result=run["result"],
                error=_warning(run["error"]),
                steps=tuple(
                    RunStep(
                        name=step["name"],
                        result=step["result"],
                        seconds=float(step.get("seconds") or 0),
                        error=_warning(step.get("error")),
                    )
                    for step in run["steps"]
                ),
                reports=tuple(_entry(report, facts) for report, facts in files.get(run["id"], ())),
            )
            for run in runs
        )

    def arrivals(self, depot: DepotId) -> tuple[Arrival, ...]:
        """Return what the fetches of a depot brought so far, also those that were cut off, newest first.

        A report that came more than once stands there each time; its fills were new the first time. What could not be taken
        in is left out.
        """
        return tuple(
            Arrival(
                slot=_SLOTS[entry.type],
                reports=1,
                fills=entry.new,
                start=entry.from_date,
                end=entry.to_date,
                accounts=entry.accounts,
            )
            for run in self.list_runs(depot=depot)
            if run.kind == "sync"
            for entry in reversed(run.reports)
            if entry.error is None and entry.type in _SLOTS
        )

    def freshness(self, depot: DepotId | None = None) -> Freshness:
        """Return how fresh the data of a depot, or of all, is: the stalest of its accounts decides."""
        with self._database.reading() as db:
            accounts = accounts_of(db, depot)
            activity = [covered_through(db, (account,), "AF") for account in accounts]
            confirmation = covered_through(db, accounts, "TCF") if accounts else None
            runs = list_runs(db, depot=depot, limit=50)
        known = [day for day in activity if day is not None]
        asked = [run["ended_at"] or run["started_at"] for run in runs if run["kind"] == "sync" and run["result"] == "ok"]
        return Freshness(
            activity_through=min(known) if known else None,
            confirmation_through=confirmation,
            asked_at=max(asked, default=None),
        )

    def depot_freshness(self) -> tuple[DepotFreshness, ...]:
        """Return how fresh each depot is, in the user's order."""
        return depot_freshness(self._database)

    def fill_changes(self, run: Run) -> tuple[FillChange, ...]:
        """Return what the reports of a run changed in fills that were there, above all when provisional ones became final."""
        reports = [report.id for report in run.reports if report.id and (report.new or report.updated)]
        with self._database.reading() as db:
            return changes_by_reports(db, reports)

    def vanished(self, depot: DepotId | None = None) -> tuple[MissingFill, ...]:
        """Return the fills of a depot, or of all, that a later report over their days leaves out; they count in no trade."""
        with self._database.reading() as db:
            return vanished(db, accounts_of(db, depot))

    def orphan_cancels(self, depot: DepotId | None = None) -> tuple[MissingFill, ...]:
        """Return the cancels of a depot, or of all, whose original is not in the journal."""
        with self._database.reading() as db:
            return orphan_cancels(db, accounts_of(db, depot))

    def read_xml(self, report_id: int) -> bytes:
        """Return the report as it was received (StoreError ``archive_missing`` when the file is gone)."""
        with self._database.reading() as db:
            report = get_report(db, report_id)
        if report is None:
            raise StoreError("archive_missing", file="")
        with self._archive.open(report.archive_file) as stream:
            return stream.read()


def _warning(stored: Mapping[str, Any] | None) -> ReportWarning | None:
    return ReportWarning(code=stored["code"], values=tuple(stored.get("values", {}).items())) if stored else None


def _entry(report: StoredReport | None, facts: Mapping[str, Any]) -> ReportEntry:
    warnings = tuple(each for stored in facts["warnings"] if (each := _warning(stored)) is not None)
    return ReportEntry(
        id=report.id if report else 0,
        file=facts["file"],
        archive_file=report.archive_file if report else "",
        type=report.type if report else None,
        accounts=report.accounts if report else (),
        from_date=report.from_date if report else None,
        to_date=report.to_date if report else None,
        generated_at=report.generated_at if report else None,
        received_at=report.received_at if report else None,
        size=report.size if report else 0,
        sections=report.sections if report else (),
        new=facts["new"],
        updated=facts["updated"],
        unchanged=facts["unchanged"],
        confirmed=facts["confirmed"],
        changed=facts["changed"],
        warnings=warnings,
        error=_warning(facts["error"]),
    )
