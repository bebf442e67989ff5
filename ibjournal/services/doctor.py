"""The query doctor for the window: what the last fetched report of each query says of how the query is set up."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ibjournal.domain.depot import Depot, DepotId
from ibjournal.domain.execution import ReportType
from ibjournal.flex.query_doctor import Diagnosis, Finding, diagnose
from ibjournal.services.ownership import foreign_accounts
from ibjournal.store.archive import Archive
from ibjournal.store.database import Connection, Database
from ibjournal.store.depots import list_depots
from ibjournal.store.reports import StoredReport, files_of_runs
from ibjournal.store.sync_runs import list_runs
from ibjournal.store.token_uses import list_uses

_RUNS_TO_LOOK_AT = 100
_USES_TO_LOOK_AT = 500
_REMEMBERED = 200
_SLOTS = (("activity", ReportType.ACTIVITY), ("confirmation", ReportType.CONFIRMATION))


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryFindings:
    """What the doctor found in the last report of one query.

    Attributes:
        depot: whose query it is.
        depot_name: its name.
        slot: ``activity`` or ``confirmation``.
        query: the query's id.
        report_type: ``AF`` or ``TCF``, what the report is; the words for a finding need it.
        report: id of the report that was looked at.
        received_at: when it came; UTC.
        findings: the worst first; empty where the query is as it should be.
    """

    depot: DepotId
    depot_name: str
    slot: str
    query: str
    report_type: str
    report: int
    received_at: datetime
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class _Seen:
    """A report to look at, and how."""

    depot: Depot
    slot: str
    query: str
    expected: ReportType
    report: StoredReport
    name: str
    foreign: frozenset[str]


class DoctorService:
    """Looks at the last reports of the depots' queries. Thread-safe; what was looked at once is remembered.

    Args:
        database: the journal.
        archive: where the reports are.
    """

    def __init__(self, *, database: Database, archive: Archive) -> None:
        self._database = database
        self._archive = archive
        self._lock = threading.Lock()
        self._known: dict[tuple[int, str, frozenset[str]], tuple[str, tuple[Finding, ...]]] = {}

    def findings(self, depot: DepotId | None = None) -> tuple[QueryFindings, ...]:
        """Return what was found in the last report of each query, of a depot or of all, in the user's order.

        A query is left out as long as no report of it came: after its id was changed, until the next fetch.

        Raises:
            StoreError: the database cannot be read.
        """
        with self._database.reading() as db:
            seen = [
                each
                for known in list_depots(db)
                if depot is None or known.id == depot
                for each in _last_reports(db, known)
                if not known.from_files
            ]
        return tuple(found for each in seen if (found := self._look(each)) is not None)

    def _look(self, seen: _Seen) -> QueryFindings | None:
        key = (seen.report.id, seen.slot, seen.foreign)
        with self._lock:
            known = self._known.get(key)
        if known is None:
            path = self._archive.path(seen.report.archive_file)
            diagnosis = diagnose(path, slot=seen.expected.value, foreign=seen.foreign)
            if diagnosis.error is not None and not diagnosis.findings:
                return None  # what cannot be read is told with the report itself
            known = (diagnosis.type, tuple(_sound(diagnosis, seen.name)))
            with self._lock:
                if len(self._known) >= _REMEMBERED:
                    self._known.clear()
                self._known[key] = known
        type_, findings = known
        return QueryFindings(
            depot=seen.depot.id,
            depot_name=seen.depot.name,
            slot=seen.slot,
            query=seen.query,
            report_type=type_,
            report=seen.report.id,
            received_at=seen.report.received_at,
            findings=findings,
        )


def _last_reports(db: Connection, depot: Depot) -> Iterable[_Seen]:
    queries = {"activity": depot.activity_query, "confirmation": depot.confirmation_query}
    runs = [run["id"] for run in list_runs(db, depot=depot.id, limit=_RUNS_TO_LOOK_AT) if run["kind"] == "sync"]
    files = files_of_runs(db, runs)
    foreign = foreign_accounts(db, depot.id)
    uses = list_uses(db, depot=depot.id, limit=_USES_TO_LOOK_AT)
    for slot, expected in _SLOTS:
        asked = next((use.query for use in uses if use.slot == slot and use.purpose == "sync" and use.result == "ok"), None)
        if not queries[slot] or asked not in (None, queries[slot]):
            continue
        for run in runs:
            came = [(report, facts["file"]) for report, facts in files.get(run, ()) if report is not None]
            mine = [(report, name) for report, name in came if name.startswith(f"{slot}_")]
            if mine:
                report, name = max(mine, key=lambda each: each[1].split("_")[2:])  # the days that were asked for last
                yield _Seen(depot, slot, queries[slot], expected, report, name, foreign)
                break


def _sound(diagnosis: Diagnosis, name: str) -> Iterable[Finding]:
    """Leave out what our own asking caused: a report of the one day that was asked for has not collapsed."""
    days = name.removesuffix(".xml").split("_")[1:]
    one_day = len(days) == len(("start", "end")) and days[0] == days[1]
    return (each for each in diagnosis.findings if not (one_day and each.code == "period_collapsed"))
