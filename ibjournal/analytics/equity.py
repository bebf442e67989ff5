"""Net asset value over time: accounts added up, drawdowns of a return and of money."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ibjournal.analytics.series import DayPoint, ReturnSeries
from ibjournal.domain.depot import AccountId

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawdown:
    """The deepest fall below an earlier peak. ``depth`` and ``current`` are 0 or negative: ratios, or money for a result.

    ``recovered`` is None while it lasts. ``days_under_water`` counts calendar days from peak to recovery or to the last day.
    """

    depth: Decimal = _ZERO
    peak: date | None = None
    trough: date | None = None
    recovered: date | None = None
    days_under_water: int = 0
    current: Decimal = _ZERO


def drawdown(series: ReturnSeries) -> Drawdown:
    """Return the deepest drawdown of a time-weighted return: flows neither make nor hide one."""
    return _deepest([(point.day, point.drawdown) for point in series.points])


def money_drawdown(cumulative: Sequence[tuple[date, Decimal]]) -> Drawdown:
    """Return the deepest fall of a cumulative result that starts at 0; not comparable with the drawdown of a return."""
    peak = _ZERO
    depths = []
    for day, value in cumulative:
        peak = max(peak, value)
        depths.append((day, value - peak))
    return _deepest(depths)


def _deepest(depths: Sequence[tuple[date, Decimal]]) -> Drawdown:
    if not depths:
        return Drawdown()
    index = min(range(len(depths)), key=lambda i: depths[i][1])
    trough, depth = depths[index]
    if depth >= 0:
        return Drawdown(current=depths[-1][1])
    peak = next((day for day, value in reversed(depths[:index]) if value >= 0), depths[0][0])
    recovered = next((day for day, value in depths[index:] if value >= 0), None)
    until = recovered or depths[-1][0]
    return Drawdown(
        depth=depth, peak=peak, trough=trough, recovered=recovered, days_under_water=(until - peak).days, current=depths[-1][1]
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferredValue:
    """What was moved between accounts or brokers at market value, in the base currency; positive where it came.

    ``peer`` is the account on the other side, empty where nobody names it.
    """

    account: AccountId
    peer: str
    day: date
    amount: Decimal


def combine(
    values: Mapping[AccountId, Mapping[date, Decimal]], flows: Iterable[tuple[AccountId, date, Decimal]]
) -> tuple[DayPoint, ...]:
    """Add up accounts of one currency by day.

    A day that an account lacks takes its last value. An account that starts later enters with a flow of its first value; its
    own flows count from the day after that. A flow on a day without values belongs to the next day that has some.

    Args:
        values: net asset value by account and day.
        flows: external flows, signed from the account's view.
    """
    days = sorted({day for by_day in values.values() for day in by_day})
    starts = {account: min(by_day) for account, by_day in values.items() if by_day}
    flow_by_day = dict.fromkeys(days, _ZERO)
    for account, day, amount in flows:
        if account in starts and day > starts[account] and day <= days[-1]:
            flow_by_day[_next_day(days, day)] += amount
    last: dict[AccountId, Decimal] = {}
    points = []
    for index, day in enumerate(days):
        for account, by_day in values.items():
            if day in by_day:
                if index and account not in last:
                    flow_by_day[day] += by_day[day]
                last[account] = by_day[day]
        points.append(DayPoint(day=day, nav=sum(last.values(), _ZERO), flow=flow_by_day[day] if index else _ZERO))
    return tuple(points)


def _next_day(days: Sequence[date], day: date) -> date:
    low, high = 0, len(days) - 1
    while low < high:
        middle = (low + high) // 2
        if days[middle] < day:
            low = middle + 1
        else:
            high = middle
    return days[low]


def within(points: Sequence[DayPoint], start: date | None, end: date | None) -> tuple[DayPoint, ...]:
    """Cut a range out. The last value before it comes first, without its flow: from there the range is measured."""
    inside = [point for point in points if (start is None or point.day >= start) and (end is None or point.day <= end)]
    if not inside:
        return ()
    before = [point for point in points if point.day < inside[0].day]
    first = before[-1] if before else inside.pop(0)
    return (DayPoint(day=first.day, nav=first.nav), *inside)


def profit(points: Sequence[DayPoint]) -> Decimal:
    """Return what was earned over the range: the change of value without the external flows."""
    if not points:
        return _ZERO
    return points[-1].nav - points[0].nav - sum((point.flow for point in points[1:]), _ZERO)
