from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibjournal.analytics.returns import (
    Convention,
    annualised,
    chain,
    daily_returns,
    linked_modified_dietz,
    modified_dietz,
    return_series,
)
from ibjournal.analytics.series import DayPoint
from tests.unit.analytics.vectors import POINTS, percent

D = Decimal


def series(*rows: tuple[int, int]) -> list[DayPoint]:
    """Days from Monday, 5 January 2026 on: value and flow."""
    return [DayPoint(day=date(2026, 1, 5) + timedelta(days=n), nav=D(nav), flow=D(flow)) for n, (nav, flow) in enumerate(rows)]


@pytest.mark.parametrize(
    ("convention", "total", "daily"),
    [
        (Convention.IBKR, "0.47016", ["1.00000", "1.48515", "-2.00000", "-0.97022", "1.00000"]),
        (Convention.PP, "-0.01669", ["1.00000", "0.99338", "-2.00000", "-0.97022", "1.00000"]),
        (Convention.START, "-0.16803", ["1.00000", "0.99338", "-2.00000", "-1.12012", "1.00000"]),
    ],
)
def test_golden_time_weighted_returns(convention: Convention, total: str, daily: list[str]) -> None:
    returns = daily_returns(POINTS, convention)
    assert percent(chain(returns)) == total
    assert [percent(each.value) for each in returns] == daily
    assert [each.day for each in returns] == [point.day for point in POINTS[1:]]


def test_golden_modified_dietz() -> None:
    assert percent(linked_modified_dietz(POINTS)) == "0.10806"
    assert percent(modified_dietz(POINTS)) == "-0.60723"


@given(st.lists(st.integers(1, 10**6), min_size=2, max_size=20))
def test_without_flows_all_conventions_agree(values: list[int]) -> None:
    points = series(*((value, 0) for value in values))
    totals = [chain(daily_returns(points, convention)) for convention in Convention]
    assert all(total is not None and abs(total - (D(values[-1]) / values[0] - 1)) < D("1E-15") * (1 + total) for total in totals)


def test_first_funding_is_measured_on_the_money_that_came() -> None:
    (day,) = daily_returns(series((0, 0), (10_100, 10_000)), Convention.IBKR)
    assert (day.value, day.why) == (D("0.01"), "first_funding")
    for convention in Convention:
        assert daily_returns(series((0, 0), (10_100, 10_000)), convention)[0].value == D("0.01")


def test_days_without_money_are_no_observation() -> None:
    (day,) = daily_returns(series((0, 0), (0, 0)), Convention.IBKR)
    assert (day.value, day.why, day.observed) == (D(0), "no_money", False)


@pytest.mark.parametrize("convention", Convention)
def test_taking_all_out_is_no_loss(convention: Convention) -> None:
    (day,) = daily_returns(series((100, 0), (0, -100)), convention)
    assert day.value == 0


@pytest.mark.parametrize(("before", "now", "flow"), [(-5, 10, 0), (10, -5, 0), (0, 10, 0), (0, 0, -10)])
def test_values_that_are_not_positive_cannot_be_measured(before: int, now: int, flow: int) -> None:
    (day,) = daily_returns(series((before, 0), (now, flow)), Convention.IBKR)
    assert (day.value, day.why, day.observed) == (None, "nav_not_positive", False)


def test_withdrawing_more_than_there_is_at_the_start_cannot_be_measured() -> None:
    (day,) = daily_returns(series((100, 0), (20, -120)), Convention.START)
    assert day.value is None


def test_a_total_loss_is_a_return() -> None:
    returns = daily_returns(series((100, 0), (0, 0)), Convention.IBKR)
    assert chain(returns) == -1


def test_chain_stops_at_what_cannot_be_computed() -> None:
    points = series((100, 0), (110, 0), (-5, 0), (20, 0))
    assert chain(daily_returns(points, Convention.IBKR)) is None
    assert [point.cumulative for point in return_series(points, Convention.IBKR).points] == [D(0), D("0.1")]


def test_weekends_count_only_with_a_result() -> None:
    returns = daily_returns(series((100, 0), (100, 0), (100, 0), (100, 0), (100, 0), (100, 0), (101, 0)), Convention.IBKR)
    assert [each.observed for each in returns] == [True] * 4 + [False, True]


def test_series_starts_at_zero_and_knows_its_drawdown() -> None:
    points = return_series(series((100, 0), (120, 0), (90, 0), (126, 0)), Convention.PP).points
    assert [point.cumulative for point in points] == [D(0), D("0.2"), D("-0.1"), D("0.26")]
    assert [point.drawdown for point in points] == [D(0), D(0), D("-0.25"), D(0)]


def test_nothing_to_measure() -> None:
    assert return_series([], Convention.IBKR).points == ()
    assert daily_returns(series((100, 0)), Convention.IBKR) == ()
    assert modified_dietz([]) is None
    assert modified_dietz(series((100, 0))) is None


def test_modified_dietz_needs_capital() -> None:
    assert modified_dietz(series((0, 0), (10, 0))) is None
    assert linked_modified_dietz(series((0, 0), (10, 0))) is None


def test_a_year_is_not_made_of_less() -> None:
    assert annualised(D("0.1"), 364) is None
    assert annualised(D("0.1"), 365) == D("0.1")
    two_years = annualised(D("0.21"), 730)
    assert two_years is not None
    assert abs(two_years - D("0.1")) < D("1E-20")
    assert annualised(D(-1), 400) == -1
