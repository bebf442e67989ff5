"""Performance: filter to report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum

from ibjournal.analytics.series import EquitySeries, ReturnSeries
from ibjournal.domain.depot import AccountId, DepotId
from ibjournal.domain.period import ALL_TIME, Period


class Convention(str, Enum):
    """When a day's external cash flows count: IBKR at the end; Portfolio Performance inflows at the start, outflows at the end;
    ``start`` all at the start."""

    IBKR = "ibkr"
    PP = "pp"
    START = "start"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One statistic with its sample size. ``value`` is None where it cannot be computed (``why`` says so in a code).

    ``kind`` tells how to show it: ``money`` (in the report's currency), ``ratio`` (0.05 is 5 %), ``number``, ``days``, ``count``.
    ``name`` is a code such as ``net_result``, ``expectancy``, ``average_win``, ``profit_factor``, ``win_rate``.
    """

    name: str
    kind: str
    value: Decimal | None
    n: int | None = None
    of: int | None = None
    why: str = ""
    too_few: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthReturn:
    """One cell of the months table; ``value`` is a ratio, None where not computable. ``partial`` marks a month not covered whole."""

    year: int
    month: int
    value: Decimal | None
    partial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class YearReturn:
    """The year's column of the months table."""

    year: int
    value: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One line of a breakdown, money in the report's currency."""

    label: str
    n: int
    wins: int
    net: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformanceReport:
    """What the performance screen shows, for the accounts of the filter that share one base currency.

    ``problems`` are codes that say why something is missing (``no_equity``, ``mixed_base_currencies``, ``nav_not_positive`` …).
    """

    currency: str
    convention: Convention
    first_day: date | None
    last_day: date | None
    equity: EquitySeries
    returns: ReturnSeries
    figures: tuple[Figure, ...] = ()
    statistics: tuple[Figure, ...] = ()
    months: tuple[MonthReturn, ...] = ()
    years: tuple[YearReturn, ...] = ()
    groups: tuple[Group, ...] = ()
    profit: tuple[tuple[date, Decimal], ...] = ()
    """Cumulative net result of closed trades by day of closing."""
    provisional_left_out: int = 0
    problems: tuple[str, ...] = ()


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
