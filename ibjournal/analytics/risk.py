"""Risk figures of a series of daily returns. Ratios a year, 252 business days; the risk-free rate is given a year."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

BUSINESS_DAYS = 252


def mean(values: Sequence[Decimal]) -> Decimal | None:
    """Return the arithmetic mean, None for no values."""
    return sum(values, Decimal(0)) / len(values) if values else None


def sample_deviation(values: Sequence[Decimal]) -> Decimal | None:
    """Return the standard deviation with n - 1, None for fewer than two values."""
    middle = mean(values)
    if middle is None or len(values) == 1:
        return None
    return (sum(((value - middle) ** 2 for value in values), Decimal(0)) / (len(values) - 1)).sqrt()


def volatility(returns: Sequence[Decimal]) -> Decimal | None:
    """Return the volatility a year: standard deviation (n - 1) of simple daily returns times the root of 252."""
    deviation = sample_deviation(returns)
    return None if deviation is None else deviation * Decimal(BUSINESS_DAYS).sqrt()


def period_volatility(returns: Sequence[Decimal]) -> Decimal | None:
    """Return Portfolio Performance's volatility: of log returns, over the whole range, not a year. None after a total loss."""
    if any(value <= -1 for value in returns):
        return None
    deviation = sample_deviation([(1 + value).ln() for value in returns])
    return None if deviation is None else deviation * Decimal(len(returns)).sqrt()


def sharpe(returns: Sequence[Decimal], *, risk_free: Decimal = Decimal(0)) -> Decimal | None:
    """Return the Sharpe ratio a year: mean return above the risk-free rate over the standard deviation (n - 1)."""
    deviation = sample_deviation(returns)
    middle = mean(returns)
    if not deviation or middle is None:
        return None
    return (middle - risk_free / BUSINESS_DAYS) / deviation * Decimal(BUSINESS_DAYS).sqrt()


def sortino(returns: Sequence[Decimal], *, target: Decimal = Decimal(0)) -> Decimal | None:
    """Return the Sortino ratio a year; the downside deviation divides by all days, not by the losing ones alone."""
    middle = mean(returns)
    if middle is None:
        return None
    daily = target / BUSINESS_DAYS
    squares = sum((min(value - daily, Decimal(0)) ** 2 for value in returns), Decimal(0))
    downside = (squares / len(returns)).sqrt()
    return (middle - daily) / downside * Decimal(BUSINESS_DAYS).sqrt() if downside else None
