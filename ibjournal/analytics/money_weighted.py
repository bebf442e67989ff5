"""The money-weighted return: the internal rate of return of an account's external flows (XIRR, actual/365).

Solved for the growth g over the whole range, which stays in bounds where a rate per year would not: each amount c that comes on
day d of T counts as ``c * g ** ((T - d) / T)``, and these add up to 0. Ratios are dimensionless, so they are solved in floats.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ibjournal.analytics.series import DayPoint

_YEAR = 365
_STEPS = 400
_LOG_RANGE = math.log(1e6)
"""Growth between a millionth and a million fold over the range is searched."""
_TOLERANCE = 4e-15


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyWeighted:
    """The return over the range and the same as a rate a year (short ranges make large rates; the caller decides what to show).

    Both are None where there is no answer: ``why`` is ``no_data``, ``no_solution`` or ``no_unique_solution``.
    """

    period: Decimal | None = None
    annual: Decimal | None = None
    why: str = ""


def money_weighted(points: Sequence[DayPoint]) -> MoneyWeighted:
    """Return the XIRR over a range: the first value counts as paid in, the last as paid out, flows at their day's close."""
    days = (points[-1].day - points[0].day).days if points else 0
    if days < 1:
        return MoneyWeighted(why="no_data")
    amounts = [-points[0].nav, *(-point.flow for point in points[1:])]
    amounts[-1] += points[-1].nav
    largest = max(abs(amount) for amount in amounts)
    if not largest:
        return MoneyWeighted(why="no_data")
    weighted = [
        (float(amount / largest), (points[-1].day - point.day).days / days)
        for amount, point in zip(amounts, points, strict=True)
        if amount
    ]

    def balance(log_growth: float) -> float:
        return math.fsum(amount * math.exp(log_growth * left) for amount, left in weighted)

    roots = _roots(balance)
    if len(roots) != 1:
        return MoneyWeighted(why="no_unique_solution" if roots else "no_solution")
    log_growth = roots[0]
    log_year = log_growth * _YEAR / days
    return MoneyWeighted(
        period=_ratio(math.expm1(log_growth)),
        annual=_ratio(math.expm1(log_year)) if log_year < _LOG_RANGE else None,
    )


def _ratio(value: float) -> Decimal:
    return Decimal(repr(round(value, 12)))


def _roots(function: Callable[[float], float]) -> list[float]:
    """Find every change of sign on the grid and refine it."""
    grid = [_LOG_RANGE * (2 * step / _STEPS - 1) for step in range(_STEPS + 1)]
    found: list[float] = []
    low, at_low = grid[0], function(grid[0])
    for high in grid[1:]:
        at_high = function(high)
        if at_high == 0:
            found.append(high)
        elif at_low * at_high < 0:
            found.append(brent(function, low, high))
        low, at_low = high, at_high
    return found


def brent(function: Callable[[float], float], low: float, high: float) -> float:
    """Return the root of a continuous function between two points where its signs differ (Brent's method).

    Inverse quadratic interpolation or the secant where they close in fast enough, bisection where not
    (R. P. Brent, Algorithms for Minimization without Derivatives, 1973, chapter 4).

    Raises:
        ValueError: the signs do not differ.
    """
    a, b = low, high
    fa, fb = function(a), function(b)
    if fa * fb > 0:
        raise ValueError("no change of sign")
    if abs(fa) < abs(fb):
        a, b, fa, fb = b, a, fb, fa
    c, fc = a, fa
    d = b - a
    bisected = True
    while fb != 0 and abs(b - a) > _TOLERANCE * max(1.0, abs(b)):
        if fc not in (fa, fb):
            s = (
                a * fb * fc / ((fa - fb) * (fa - fc))
                + b * fa * fc / ((fb - fa) * (fb - fc))
                + c * fa * fb / ((fc - fa) * (fc - fb))
            )
        else:
            s = b - fb * (b - a) / (fb - fa)
        outside = not min((3 * a + b) / 4, b) < s < max((3 * a + b) / 4, b)
        slow = abs(s - b) >= abs(b - c if bisected else d) / 2
        bisected = outside or slow
        if bisected:
            s = (a + b) / 2
        fs = function(s)
        d, c, fc = c - b, b, fb
        if fa * fs < 0:
            b, fb = s, fs
        else:
            a, fa = s, fs
        if abs(fa) < abs(fb):
            a, b, fa, fb = b, a, fb, fa
    return b
