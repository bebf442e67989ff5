"""A figure: one statistic with its sample size, or the reason that there is none."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

MIN_TRADES = 30
"""Below this many trades a statistic that says something about the next trade is marked as resting on too few."""
MIN_DAYS = 60
"""The same for statistics of daily returns: about a quarter of a year."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One statistic with its sample size. ``value`` is None where it cannot be computed (``why`` says so in a code).

    ``kind`` tells how to show it: ``money`` (in the report's currency), ``ratio`` (0.05 is 5 %), ``number``, ``days``, ``count``.
    ``name`` is a code such as ``net_result``, ``expectancy``, ``average_win``, ``profit_factor``, ``win_rate``.
    ``n`` of ``of``: how many of how many it rests on, ``of`` None where that is all.
    """

    name: str
    kind: str
    value: Decimal | None
    n: int | None = None
    of: int | None = None
    why: str = ""
    too_few: bool = False
