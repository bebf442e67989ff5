"""States that a demo in good order never shows: a fetch on its way, refusals, findings, stale figures, a first start."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from PySide6.QtWidgets import QWidget

from ibjournal import bootstrap
from ibjournal.domain.depot import Depot
from ibjournal.domain.errors import FlexError
from ibjournal.flex.query_doctor import Finding
from ibjournal.gui import errors, messages
from ibjournal.gui.main_window import MainWindow
from ibjournal.gui.progress_texts import progress_text
from ibjournal.gui.reports.view import ReportsScreen
from ibjournal.gui.screen import StatusPart
from ibjournal.gui.tasks import TaskRunner
from ibjournal.paths import Paths
from ibjournal.services.changes import Changes
from ibjournal.services.credentials import MemoryCredentials
from ibjournal.services.doctor import QueryFindings
from ibjournal.services.jobs import Progress
from ibjournal.services.sync import SyncReport

_MOMENT = datetime(2026, 11, 20, 21, 5, tzinfo=UTC)
_FINDINGS = (
    Finding(code="wrong_format", need="must"),
    Finding(code="section_missing", section="CorporateActions", screen="journal", need="must"),
    Finding(code="fields_missing", section="Trades", screen="check", fields=("fifoPnlRealized", "origTradeID")),
    Finding(code="breakout_by_day", need="may", values=(("n", 250),)),
)
"""One of each weight."""


def stale(window: MainWindow, tasks: TaskRunner) -> QWidget | None:
    """Show all depots together, one of which is behind: the words at the top say so."""
    del tasks
    window.show_screen("journal", "trades")
    window.top.depots.choose(None)
    return window


def refused(window: MainWindow, tasks: TaskRunner) -> QWidget | None:
    """Show what the bar says when IBKR does not know a query, while a reminder waits behind it."""
    del tasks
    if not window.depots:
        return None
    window.show_screen("journal", "trades")
    depot = window.depots[0]
    error = FlexError("query_invalid", number=1014, query=depot.activity_query)
    report = _report(depot, error)
    window.errors.clear()
    window.errors.show_message(messages.of_sync(report, errors.describe(error, depot=depot.name)))
    window.errors.show_message(replace(messages.nothing_to_fetch(), waits=True))
    return window


def on_the_way(window: MainWindow, tasks: TaskRunner) -> QWidget | None:
    """Show a fetch of two depots, one of which IBKR lets wait."""
    del tasks
    window.errors.clear()
    if not window.depots:
        return None
    names = [depot.name for depot in window.depots][:2]
    days = (_MOMENT.date() - timedelta(days=14), _MOMENT.date())
    steps = [Progress("generating", names[0], slot="activity", days=days, attempt=3, wait=7)]
    steps += [Progress("requesting", name, slot="confirmation", days=(days[1], days[1])) for name in names[1:]]
    said = [f"{step.subject}: {progress_text(step)}" for step in steps]
    window.top.set_running(running=True, text=progress_text(steps[0], short=True))
    window.status.show_status([StatusPart(words, "refresh-cw", "info") for words in said])
    return window


def failed_run(window: MainWindow, tasks: TaskRunner) -> QWidget | None:
    """Show the run of a depot that could not be fetched."""
    del tasks
    window.top.set_running(running=False)
    window.freshness.tell()
    behind = [depot for depot in window.depots if depot.token_expires is not None]
    if behind:
        window.top.depots.choose(min(behind, key=lambda depot: depot.token_expires or date.max).id)
    window.show_screen("reports")
    return window


def findings(window: MainWindow, tasks: TaskRunner) -> QWidget | None:
    """Show what the query doctor says of a query that lacks much."""
    del tasks
    screen = window.screens.get("reports")
    if not isinstance(screen, ReportsScreen) or not window.depots:
        return None
    depot = window.depots[0]
    screen.findings.show_findings(
        (
            QueryFindings(
                depot=depot.id,
                depot_name=depot.name,
                slot="activity",
                query=depot.activity_query,
                report_type="AF",
                report=1,
                received_at=_MOMENT,
                findings=_FINDINGS,
            ),
        )
    )
    return window


def first_start(make_window: Callable[[bootstrap.Services], MainWindow], photograph: Callable[[str, MainWindow], None]) -> None:
    """Show each screen of a journal in which there is nothing yet, in a window of its own.

    Args:
        make_window: builds a window for services and waits until it has loaded.
        photograph: waits until the window is at rest, then takes its picture under a name.
    """
    with tempfile.TemporaryDirectory(prefix="ibjournal-tour-") as folder:
        services = bootstrap.build(Paths(Path(folder) / "data"), credentials=MemoryCredentials(kept=True))
        window = make_window(services)
        for name in window.screens:
            window.show_screen(name)
            photograph(f"empty-{name}", window)
        window.close()


def _report(depot: Depot, error: FlexError) -> SyncReport:
    return SyncReport(
        depot=depot.id,
        depot_name=depot.name,
        started_at=_MOMENT,
        ended_at=_MOMENT,
        queries=(),
        changes=Changes(),
        error=error,
    )
