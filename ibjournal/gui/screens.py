"""The registry of screens, in the order of the navigation. A new screen is one more line here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from ibjournal.gui.bundle import Services
from ibjournal.gui.check.view import CheckScreen
from ibjournal.gui.journal.view import JournalScreen
from ibjournal.gui.performance.view import PerformanceScreen
from ibjournal.gui.reports.view import ReportsScreen
from ibjournal.gui.screen import Screen
from ibjournal.gui.tasks import TaskRunner


def make_screens(services: Services, tasks: TaskRunner, *, today: Callable[[], date] = date.today) -> list[Screen]:
    """Build every screen there is. Overview, Calendar, Positions and Cash flow will join this list."""
    return [
        JournalScreen(services.journal, tasks, strategies=services.strategies, campaigns=services.campaigns, today=today),
        PerformanceScreen(services.performance, tasks),
        CheckScreen(services, tasks),
        ReportsScreen(services.reports, tasks, doctor=services.doctor),
    ]
