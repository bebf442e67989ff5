from __future__ import annotations

from decimal import Decimal

from ibjournal.analytics.returns import Convention, daily_returns
from ibjournal.analytics.risk import mean, period_volatility, sample_deviation, sharpe, sortino, volatility
from tests.unit.analytics.vectors import POINTS, percent

D = Decimal
RETURNS = [each.value for each in daily_returns(POINTS, Convention.IBKR) if each.value is not None]


def test_golden_figures() -> None:
    ratios = (sharpe(RETURNS), sortino(RETURNS))
    assert percent(volatility(RETURNS), 3) == "23.936"
    assert percent(period_volatility(RETURNS), 3) == "3.380"
    assert [f"{ratio:.5f}" for ratio in ratios if ratio is not None] == ["1.08424", "1.64451"]


def test_a_risk_free_rate_lowers_both() -> None:
    lowered = sharpe(RETURNS, risk_free=D("0.0252"))
    assert lowered is not None
    assert f"{lowered:.4f}" == f"{(D('0.00102986') - D('0.0001')) / D('0.0150781') * D(252).sqrt():.4f}"
    calm, strict = sortino(RETURNS), sortino(RETURNS, target=D("0.0252"))
    assert calm is not None
    assert strict is not None
    assert strict < calm


def test_too_little_to_say() -> None:
    assert mean([]) is None
    for figure in (volatility, period_volatility, sharpe, sample_deviation):
        assert figure([]) is None
        assert figure([D("0.01")]) is None
    assert sortino([]) is None


def test_no_spread_no_ratio() -> None:
    assert sharpe([D("0.01")] * 3) is None
    assert sortino([D("0.01")] * 3) is None
    assert volatility([D("0.01")] * 3) == 0


def test_log_returns_end_at_a_total_loss() -> None:
    assert period_volatility([D("0.1"), D(-1)]) is None


def test_deviation_divides_by_one_less() -> None:
    assert sample_deviation([D(1), D(3)]) == D(2).sqrt()
