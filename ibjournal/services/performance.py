"""Performance: filter to report."""

from __future__ import annotations

from ibjournal.analytics.breakdown import Group
from ibjournal.analytics.figures import Figure
from ibjournal.analytics.months import MonthReturn, YearReturn
from ibjournal.analytics.performance import PerformanceReport
from ibjournal.analytics.returns import Convention
from ibjournal.domain.depot import AccountId, DepotId
from ibjournal.domain.period import ALL_TIME, Period

__all__ = ["Convention", "Figure", "Group", "MonthReturn", "PerformanceReport", "PerformanceService", "YearReturn"]


class PerformanceService:
    """Signatures the screens may rely on; the implementation follows."""

    def report(
        self,
        *,
        depot: DepotId | None = None,
        account: AccountId | None = None,
        period: Period = ALL_TIME,
        convention: Convention = Convention.IBKR,
        group_by: str = "symbol",
    ) -> PerformanceReport:
        """Measure the accounts of the filter over a period. ``group_by``: ``symbol``, ``asset_class``, ``weekday``, ``side``."""
        raise NotImplementedError
