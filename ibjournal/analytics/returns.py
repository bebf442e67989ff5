"""Time-weighted returns under three cash-flow conventions, and the Modified Dietz return.

External flows are deposits, withdrawals and transfers, signed from the account's view. With V the net asset value at a day's
close, V' the one before and F the day's flow:

* ``ibkr``: flows at the end of the day, ``r = (V - F) / V' - 1`` (IBKR at account level)
* ``pp``: inflows at the start, outflows at the end, ``r = (V + out) / (V' + in) - 1`` (Portfolio Performance)
* ``start``: all flows at the start, ``r = V / (V' + F) - 1`` (Wealthfolio)

Ratios: 0.05 is 5 %.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from itertools import pairwise

from ibjournal.analytics.series import DayPoint, ReturnPoint, ReturnSeries

_ONE = Decimal(1)
_YEAR = 365
_SATURDAY = 5


class Convention(str, Enum):
    """When a day's external cash flows count.

    IBKR at the end; Portfolio Performance inflows at the start, outflows at the end; ``start`` all at the start.
    """

    IBKR = "ibkr"
    PP = "pp"
    START = "start"


@dataclass(frozen=True, slots=True)
class DailyReturn:
    """The return of one day, None where it cannot be computed.

    ``why``: ``nav_not_positive``, or ``first_funding`` (nothing was there the day before: the return is the one on the money
    that came), or ``no_money`` (nothing was there at all: the return is 0 and no observation of the market), or empty.
    """

    day: date
    value: Decimal | None
    why: str = ""

    @property
    def observed(self) -> bool:
        """Whether the day says something about volatility: money was at work, on a business day or with a result."""
        return self.value is not None and self.why != "no_money" and (self.day.weekday() < _SATURDAY or bool(self.value))


def daily_returns(points: Sequence[DayPoint], convention: Convention) -> tuple[DailyReturn, ...]:
    """Return the return of every day after the first point, which is where measuring starts."""
    return tuple(_daily(before, now, convention) for before, now in pairwise(points))


def _daily(before: DayPoint, now: DayPoint, convention: Convention) -> DailyReturn:
    if before.nav < 0 or now.nav < 0:
        return DailyReturn(now.day, None, "nav_not_positive")
    at_start, at_end = _flows(now.flow, convention)
    base = before.nav + at_start
    final = now.nav - at_end
    if not before.nav:
        if not now.flow and not now.nav:
            return DailyReturn(now.day, Decimal(0), "no_money")
        if now.flow <= 0:
            return DailyReturn(now.day, None, "nav_not_positive")
        return DailyReturn(now.day, now.nav / now.flow - 1, "first_funding")
    if base <= 0 or final < 0:
        emptied = not base and not final  # all was taken out at the start of the day
        return DailyReturn(now.day, Decimal(0), "no_money") if emptied else DailyReturn(now.day, None, "nav_not_positive")
    return DailyReturn(now.day, final / base - 1)


def _flows(flow: Decimal, convention: Convention) -> tuple[Decimal, Decimal]:
    """Return a day's flow as its parts at the start and at the end of the day."""
    zero = Decimal(0)
    if convention is Convention.START or (convention is Convention.PP and flow > 0):
        return flow, zero
    return zero, flow


def chain(returns: Iterable[DailyReturn]) -> Decimal | None:
    """Link returns geometrically; None when one of them is not computable."""
    growth = _ONE
    for each in returns:
        if each.value is None:
            return None
        growth *= 1 + each.value
    return growth - 1


def annualised(total: Decimal, days: int) -> Decimal | None:
    """Return a year's rate for a total return over ``days`` calendar days; None below 365 days, where it would mislead."""
    if days < _YEAR:
        return None
    if total <= -1:
        return Decimal(-1)
    return Decimal((1 + total) ** (Decimal(_YEAR) / days)) - 1


def return_series(points: Sequence[DayPoint], convention: Convention) -> ReturnSeries:
    """Return cumulative return and drawdown (0 or negative) by day, starting with 0 on the first day.

    Ends before the first day that is not computable.
    """
    if not points:
        return ReturnSeries(convention=convention.value)
    growth = peak = _ONE
    result = [ReturnPoint(day=points[0].day, cumulative=Decimal(0), drawdown=Decimal(0))]
    for each in daily_returns(points, convention):
        if each.value is None:
            break
        growth *= 1 + each.value
        peak = max(peak, growth)
        result.append(ReturnPoint(day=each.day, cumulative=growth - 1, drawdown=growth / peak - 1))
    return ReturnSeries(convention=convention.value, points=tuple(result))


def modified_dietz(points: Sequence[DayPoint]) -> Decimal | None:
    """Return the Modified Dietz return of the whole range, flows weighted by the days left after their own day's close."""
    days = (points[-1].day - points[0].day).days if points else 0
    if not days:
        return None
    first, last = points[0], points[-1]
    flows = sum((point.flow for point in points[1:]), Decimal(0))
    capital = first.nav + sum((point.flow * (last.day - point.day).days / days for point in points[1:]), Decimal(0))
    return (last.nav - first.nav - flows) / capital if capital > 0 else None


def linked_modified_dietz(points: Sequence[DayPoint]) -> Decimal | None:
    """Return daily Modified Dietz returns with flows at mid-day, linked (what Wealthfolio calls money-weighted)."""
    growth = _ONE
    for before, now in pairwise(points):
        capital = before.nav + now.flow / 2
        if capital <= 0:
            return None
        growth *= 1 + (now.nav - before.nav - now.flow) / capital
    return growth - 1
