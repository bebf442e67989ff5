from __future__ import annotations

import math
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ibjournal.analytics.money_weighted import brent, money_weighted
from ibjournal.analytics.series import DayPoint
from tests.unit.analytics.vectors import POINTS, percent

D = Decimal


def series(*rows: tuple[int, int | str, int]) -> list[DayPoint]:
    """Days after 1 January 2025: value and flow."""
    return [DayPoint(day=date(2025, 1, 1) + timedelta(days=n), nav=D(nav), flow=D(flow)) for n, nav, flow in rows]


def test_golden_rate() -> None:
    result = money_weighted(POINTS)
    assert percent(result.annual, 3) == "-27.204"
    assert percent(result.period) == "-0.60708"


def test_one_year_without_flows_is_the_plain_return() -> None:
    result = money_weighted(series((0, 100, 0), (365, 110, 0)))
    assert (result.period, result.annual, result.why) == (D("0.1"), D("0.1"), "")


def test_no_change_is_no_return() -> None:
    result = money_weighted(series((0, 100, 0), (40, 150, 50)))
    assert (result.period, result.annual, result.why) == (D(0), D(0), "")


def test_two_years() -> None:
    result = money_weighted(series((0, 100, 0), (730, 121, 0)))
    assert (result.period, result.annual) == (D("0.21"), D("0.1"))


@given(
    st.integers(1, 10**6),
    st.lists(st.tuples(st.integers(1, 300), st.integers(-100, 1000)), max_size=6, unique_by=lambda each: each[0]),
    st.decimals("-0.9", "3", places=3),
)
def test_finds_the_rate_that_the_values_were_made_of(start: int, flows: list[tuple[int, int]], rate: Decimal) -> None:
    growth = 1 + float(rate)
    final = start * growth ** (400 / 365) + sum(flow * growth ** ((400 - day) / 365) for day, flow in flows)
    assume(final > 0 and all(flow >= 0 for _day, flow in flows))
    points = series((0, start, 0), *((day, 0, flow) for day, flow in sorted(flows)), (400, repr(final), 0))
    result = money_weighted(points)
    assert result.annual is not None
    assert math.isclose(float(result.annual), float(rate), abs_tol=1e-6)


def test_two_rates_are_no_answer() -> None:
    """-100, +230, -132: both 10 % and 20 % a year."""
    result = money_weighted(series((0, 100, 0), (365, 0, -230), (730, 0, 132)))
    assert (result.period, result.annual, result.why) == (None, None, "no_unique_solution")


def test_a_total_loss_has_no_rate() -> None:
    assert money_weighted(series((0, 100, 0), (30, 0, 0))).why == "no_solution"


@pytest.mark.parametrize("points", [[], series((0, 100, 0)), series((0, 0, 0), (10, 0, 0))])
def test_nothing_to_measure(points: list[DayPoint]) -> None:
    assert money_weighted(points).why == "no_data"


def test_a_huge_rate_a_year_is_left_out() -> None:
    result = money_weighted(series((0, 100, 0), (1, 150, 0)))
    assert (result.period, result.annual, result.why) == (D("0.5"), None, "")


@pytest.mark.parametrize("root", [-3.7, 0.0, 0.001, 4.99])
def test_brent(root: float) -> None:
    assert math.isclose(brent(lambda x: (x - root) ** 3 + (x - root), -5, 5), root, abs_tol=1e-12)
    assert math.isclose(brent(lambda x: math.expm1(root - x), -5, 5), root, abs_tol=1e-12)


def test_brent_needs_a_change_of_sign() -> None:
    with pytest.raises(ValueError, match="sign"):
        brent(lambda x: x * x + 1, -1, 1)
