"""The golden series: six days with a deposit and a withdrawal, ten trades; figures computed independently."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from ibjournal.analytics.series import DayPoint

POINTS = tuple(
    DayPoint(day=date(2026, 1, day), nav=Decimal(nav), flow=Decimal(flow))
    for day, nav, flow in (
        (1, 100_000, 0),
        (2, 101_000, 0),
        (5, 152_500, 50_000),
        (6, 149_450, 0),
        (7, 128_000, -20_000),
        (8, 129_280, 0),
    )
)
RESULTS = tuple(Decimal(net) for net in (300, -150, 0, 450, -150, -80, 620, -300, 90, -150))
MULTIPLES = tuple(Decimal(r) for r in ("2", "-1", "0", "3", "-1", "-0.53", "4.13", "-2", "0.6", "-1"))


def percent(value: Decimal | None, places: int = 5) -> str:
    """Return a ratio as a percentage with fixed decimals, as the table of golden figures prints it."""
    assert value is not None
    return f"{value * 100:.{places}f}"
