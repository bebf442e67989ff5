"""The small frozen series types that charts consume."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPoint:
    """Net asset value at the close of a day, and the external flows of that day, both in ``EquitySeries.currency``."""

    day: date
    nav: Decimal
    flow: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class EquitySeries:
    """Net asset value by day, oldest first. ``currency`` is the account's base currency."""

    currency: str
    points: tuple[DayPoint, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnPoint:
    """Cumulative time-weighted return and drawdown at a day's close, as ratios (0.05 is 5 %)."""

    day: date
    cumulative: Decimal
    drawdown: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnSeries:
    """Returns by day under one cash-flow convention (``ibkr``, ``pp`` or ``start``)."""

    convention: str
    points: tuple[ReturnPoint, ...] = ()
