from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from ibjournal.analytics.figures import Figure
from ibjournal.analytics.statistics import TradeResult, TradeStatistics, system_quality, trade_figures
from tests.unit.analytics.vectors import MULTIPLES, RESULTS, percent

D = Decimal


def measure(*nets: Decimal | int) -> TradeStatistics:
    return TradeStatistics([TradeResult(D(net)) for net in nets])


def number(figure: Figure, places: int = 5) -> str:
    assert figure.value is not None, figure.why
    return f"{figure.value:.{places}f}"


def test_golden_figures() -> None:
    golden = measure(*RESULTS)
    assert number(golden.profit_factor()) == "1.75904"
    assert percent(golden.win_rate().value, 3) == "44.444"
    assert len(golden.wins) * 100 / golden.n == 40
    assert number(golden.payoff()) == "2.19880"
    assert golden.expectancy().value == D(63)
    assert percent(golden.kelly().value, 3) == "19.178"
    assert golden.kelly(with_break_even=True).value == round(D("46.4") / 365, 10)  # 0.4 - 0.6 * 166 / 365: 12.712 %
    assert sum(MULTIPLES) / len(MULTIPLES) == D("0.42")
    assert number(system_quality(MULTIPLES)) == "0.66469"
    assert number(system_quality(MULTIPLES, population=True)) == "0.70064"


def test_golden_samples() -> None:
    golden = measure(*RESULTS)
    assert [(f.name, f.n) for f in trade_figures(golden)] == [
        ("net_result", 10),
        ("expectancy", 10),
        ("average_win", 4),
        ("average_loss", 5),
        ("profit_factor", 10),
        ("payoff", 9),
        ("best_trade", 10),
        ("worst_trade", 10),
        ("longest_winning_run", 10),
        ("longest_losing_run", 10),
        ("holding_time_median", 0),
        ("kelly", 9),
    ]
    assert (golden.win_rate().n, golden.win_rate().of) == (4, 9)
    assert (golden.net_result().value, golden.best().value, golden.worst().value) == (D(630), D(620), D(-300))
    assert (golden.average_win().value, golden.average_loss().value) == (D(365), D(-166))


def test_too_few_is_said() -> None:
    few, enough = measure(*([1, -1] * 14), 1), measure(*([1, -1] * 15))
    assert few.expectancy().too_few
    assert few.win_rate().too_few
    assert not enough.expectancy().too_few
    assert not enough.win_rate().too_few
    assert enough.average_win().too_few
    assert not few.net_result().too_few
    assert system_quality([D(1), D(2)]).too_few


def test_no_trades() -> None:
    figures = [*trade_figures(measure()), measure().win_rate(), system_quality([])]
    assert {figure.value for figure in figures} == {None}
    assert {figure.why for figure in figures} == {"no_trades"}
    assert not any(figure.too_few for figure in figures)


def test_no_losses() -> None:
    lucky = measure(5, 5)
    assert (lucky.profit_factor().value, lucky.profit_factor().why) == (None, "no_losses")
    assert (lucky.payoff().why, lucky.kelly().why, lucky.average_loss().why) == ("no_losses", "no_losses", "no_losses")
    assert lucky.win_rate().value == 1
    assert system_quality([D(1), D(1)]).why == "no_spread"


def test_no_wins() -> None:
    unlucky = measure(-5, -5)
    assert unlucky.profit_factor().value == 0
    assert (unlucky.payoff().why, unlucky.average_win().why, unlucky.win_rate().value) == ("no_wins", "no_wins", D(0))


def test_runs_are_by_time_and_break_even_neither_extends_nor_ends_them() -> None:
    result = measure(-1, -1, 0, -1, 2, 2, -1, -1)
    assert (result.longest_run(-1).value, result.longest_run(1).value) == (D(3), D(2))


def test_tolerance_makes_break_evens() -> None:
    result = TradeStatistics([TradeResult(D(net)) for net in (5, 10, -5, -10)], tolerance=D(5))
    assert (result.wins, result.losses) == ([D(10)], [D(-10)])


def test_median_holding_time_in_days() -> None:
    held = [timedelta(hours=12), timedelta(days=2), timedelta(days=30), None]
    figure = TradeStatistics([TradeResult(D(1), each) for each in held]).holding_time()
    assert (figure.value, figure.n, figure.kind) == (D(2), 3, "days")
    even = TradeStatistics([TradeResult(D(1), timedelta(hours=hours)) for hours in (12, 24)]).holding_time()
    assert even.value == D("0.75")


def test_coverage_is_told() -> None:
    figure = TradeStatistics([TradeResult(D(1))], of=3).net_result()
    assert (figure.n, figure.of) == (1, 3)
    assert measure(1).net_result().of is None


@given(st.lists(st.integers(-1000, 1000), min_size=1, max_size=40))
def test_expectancy_is_p_times_win_less_q_times_loss(nets: list[int]) -> None:
    result = measure(*nets)
    win = (result.average_win().value or D(0)) * len(result.wins)
    loss = (result.average_loss().value or D(0)) * len(result.losses)
    assert abs((win + loss) / len(nets) - (result.expectancy().value or D(0))) < D("1E-8")
    assert result.net_result().value == sum(nets)
    mirrored = measure(*(-net for net in nets))
    assert mirrored.longest_run(1).value == result.longest_run(-1).value
    assert (len(mirrored.wins), len(mirrored.losses)) == (len(result.losses), len(result.wins))
