"""How fresh the data is, in words, from the log of fetches and imports."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from PySide6.QtCore import QCoreApplication

from ibjournal.domain.execution import ReportType
from ibjournal.gui.widgets import formats
from ibjournal.services.reports import Run

_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Freshness:
    """Activity goes through ``through``; today's fills are known as of ``fills`` (an aware instant)."""

    through: date | None = None
    fills: datetime | None = None

    def text(self, today: date, *, fills: bool = True) -> str:
        """Return the words for the top bar; empty when there is no report at all. Without ``fills`` they are shorter."""
        translate = QCoreApplication.translate
        parts = []
        if self.through is not None:
            parts.append(translate("Freshness", "Through {day}").format(day=formats.day(self.through, today=today)))
        if fills and self.fills is not None and self.fills.astimezone().date() == today:
            parts.append(translate("Freshness", "fills {time}").format(time=formats.clock(self.fills)))
        return " · ".join(parts)

    def stale(self, today: date) -> bool:
        """Whether a business day is missing: Activity should reach the business day before ``today``, less one."""
        return self.through is not None and self.through < _business_day_before(_business_day_before(today))


def measure(runs: Iterable[Run]) -> Freshness:
    """Return how far the reports of these runs go."""
    through: date | None = None
    fills: datetime | None = None
    for run in runs:
        for report in run.reports:
            if report.error is not None:
                continue
            if report.type == ReportType.ACTIVITY.value and report.to_date is not None:
                through = max(through or report.to_date, report.to_date)
            if report.type == ReportType.CONFIRMATION.value and report.generated_at is not None:
                fills = max(fills or report.generated_at, report.generated_at)
    return Freshness(through, fills)


def _business_day_before(day: date) -> date:
    day -= timedelta(days=1)
    while day.weekday() >= _SATURDAY:
        day -= timedelta(days=1)
    return day
