"""Runs, steps and results in words, with the icon and colour that go with each."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from PySide6.QtCore import QCoreApplication

from ibjournal.gui.errors import describe_warning
from ibjournal.gui.widgets import formats
from ibjournal.services.importing import ReportWarning
from ibjournal.services.reports import ReportEntry, Run


@dataclass(frozen=True, slots=True)
class Outcome:
    """A result: icon, colour token, word."""

    icon: str
    tone: str
    word: str


def outcome_of(result: str, *, warned: bool = False) -> Outcome:
    """Return how a run's or a step's result is shown; ``warned`` when it went well, with warnings."""
    translate = QCoreApplication.translate
    if result == "ok" and warned:
        return Outcome("triangle-alert", "warning", translate("Reports", "with warnings"))
    return {
        "ok": Outcome("circle-check", "positive", translate("Reports", "done")),
        "failed": Outcome("x", "negative", translate("Reports", "failed")),
        "cancelled": Outcome("minus", "text_muted", translate("Reports", "cancelled")),
        "skipped": Outcome("minus", "text_muted", translate("Reports", "left out")),
        "running": Outcome("hourglass", "info", translate("Reports", "running")),
        "interrupted": Outcome("triangle-alert", "warning", translate("Reports", "interrupted")),
    }.get(result, Outcome("info", "text_muted", result))


def run_outcome(run: Run) -> Outcome:
    """Return a run's result; a run with a file that was refused counts as one with warnings."""
    return outcome_of(run.result, warned=warnings_in(run) > 0 or any(report.error for report in run.reports))


def report_outcome(report: ReportEntry) -> Outcome:
    """Return what came of one report."""
    return outcome_of("failed" if report.error else "ok", warned=bool(report.warnings))


def kind_of(run: Run) -> str:
    """Return the word for what a run was."""
    translate = QCoreApplication.translate
    return {"sync": translate("Reports", "Fetch"), "import": translate("Reports", "Import")}.get(run.kind, run.kind)


def depot_of(run: Run) -> str:
    """Return the depot of a run, or that files were imported."""
    return run.depot_name or QCoreApplication.translate("Reports", "Files")


def step_name(name: str) -> str:
    """Return the words for a step."""
    translate = QCoreApplication.translate
    return {
        "activity": translate("Reports", "Activity"),
        "confirmation": translate("Reports", "Trade Confirmation"),
        "import": translate("Reports", "Import"),
        "rebuild": translate("Reports", "Trades rebuilt"),
    }.get(name, name)


def type_name(report: ReportEntry) -> str:
    """Return which query a report came from."""
    translate = QCoreApplication.translate
    names = {"AF": translate("Reports", "Activity"), "TCF": translate("Reports", "Trade Confirmation")}
    return names.get(report.type or "", translate("Reports", "No report"))


def new_rows(run: Run) -> int:
    """Return how many fills a run brought that were not there before."""
    return sum(report.new for report in run.reports)


def warnings_in(run: Run) -> int:
    """Return how many warnings the reports of a run have."""
    return sum(len(report.warnings) for report in run.reports)


def duration(run: Run) -> str:
    """Return how long a run took; a dash while it runs."""
    if run.ended_at is None:
        return formats.DASH
    return formats.seconds(max(timedelta(), run.ended_at - run.started_at).total_seconds())


def grouped(warnings: tuple[ReportWarning, ...]) -> tuple[tuple[int, str], ...]:
    """Return warnings as sentences with how often each was given, the most frequent first."""
    counts = Counter(describe_warning(warning.code, warning.values) for warning in warnings)
    return tuple((count, text) for text, count in counts.most_common())


def count(value: int) -> str:
    """Write a count."""
    return formats.quantity(Decimal(value))
