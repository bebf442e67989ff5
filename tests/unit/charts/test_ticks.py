"""Ticks stand on round values and whole calendar units."""

from __future__ import annotations

import itertools
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibjournal.charts.ticks import TickKind, decimals, time_ticks, value_ticks


def test_a_return_gets_steps_of_five_percent() -> None:
    assert value_ticks(-0.031, 0.268, most=8) == (-0.05, 0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3)


def test_a_flat_line_still_gets_an_axis() -> None:
    ticks = value_ticks(100.0, 100.0)
    assert ticks[0] < 100 < ticks[-1]
    assert value_ticks(0.0, 0.0)[0] < 0


@given(
    st.floats(-1e9, 1e9, allow_nan=False).map(lambda value: round(value, 2)),
    st.floats(0.01, 1e9, allow_nan=False),
    st.integers(4, 9),
)
def test_ticks_hold_the_range_evenly_and_are_few(low: float, extent: float, most: int) -> None:
    high = low + extent
    ticks = value_ticks(low, high, most=most)
    slack = extent * 1e-6 + abs(low) * 1e-14  # what a float of that size can tell apart
    assert 2 <= len(ticks) <= most
    assert ticks[0] <= low + slack
    assert ticks[-1] >= high - slack
    steps = [b - a for a, b in itertools.pairwise(ticks)]
    assert max(steps) - min(steps) <= max(steps) * 1e-6 + 1e-6


@pytest.mark.parametrize(("ticks", "places"), [((0.0, 5.0, 10.0), 0), ((0.0, 2.5), 1), ((0.125,), 3), ((1 / 3,), 4)])
def test_decimals_tell_ticks_apart(ticks: tuple[float, ...], places: int) -> None:
    assert decimals(ticks) == places


def test_three_years_show_quarters_with_the_years_at_january() -> None:
    ticks = time_ticks(date(2024, 1, 2), date(2026, 11, 18), pixels=694)
    assert [t.day for t in ticks if t.kind is TickKind.YEAR] == [date(2024, 1, 2), date(2025, 1, 1), date(2026, 1, 1)]
    assert [t.day.month for t in ticks if t.kind is TickKind.MONTH] == [4, 7, 10] * 3


def test_a_week_shows_days_and_a_month_shows_mondays() -> None:
    days = time_ticks(date(2026, 11, 16), date(2026, 11, 20), pixels=600)
    assert [t.day.day for t in days] == [16, 17, 18, 19, 20]
    mondays = time_ticks(date(2026, 11, 3), date(2026, 12, 3), pixels=600)
    assert [t.day for t in mondays] == [date(2026, 11, 9), date(2026, 11, 16), date(2026, 11, 23), date(2026, 11, 30)]


def test_thirty_years_show_years_only() -> None:
    ticks = time_ticks(date(1996, 5, 1), date(2026, 5, 1), pixels=500)
    assert {t.kind for t in ticks} == {TickKind.YEAR}
    assert 3 <= len(ticks) <= 9


@given(st.dates(date(1990, 1, 1), date(2030, 1, 1)), st.integers(0, 15000), st.floats(120, 2400))
def test_time_ticks_fit_within_the_range_and_the_room(first: date, days: int, pixels: float) -> None:
    last = date.fromordinal(first.toordinal() + days)
    ticks = time_ticks(first, last, pixels=pixels)
    assert all(first <= tick.day <= last or days == 0 for tick in ticks)
    assert len(ticks) <= max(2, int(pixels // 52)) + 2
    assert len({tick.day for tick in ticks}) == len(ticks)
