from __future__ import annotations

from datetime import date
from decimal import Decimal

from ibjournal.analytics.equity import Drawdown, combine, drawdown, money_drawdown, profit, within
from ibjournal.analytics.returns import Convention, return_series
from ibjournal.analytics.series import DayPoint
from ibjournal.domain.depot import AccountId
from tests.unit.analytics.vectors import POINTS, RESULTS, percent

D = Decimal
A, B = AccountId("U1"), AccountId("U2")


def day(number: int) -> date:
    return date(2026, 1, number)


def values(start: int, *totals: int) -> dict[date, Decimal]:
    return {day(start + n): D(total) for n, total in enumerate(totals)}


def test_golden_drawdown() -> None:
    fall = drawdown(return_series(POINTS, Convention.IBKR))
    assert percent(fall.depth) == "-2.95082"
    assert percent(fall.current) == "-1.98033"
    assert (fall.peak, fall.trough, fall.recovered, fall.days_under_water) == (day(5), day(7), None, 3)


def test_a_recovered_drawdown_knows_its_dates() -> None:
    points = [DayPoint(day=day(n), nav=D(nav)) for n, nav in ((1, 100), (2, 120), (3, 90), (8, 121), (9, 110))]
    fall = drawdown(return_series(points, Convention.IBKR))
    assert (fall.depth, fall.peak, fall.trough, fall.recovered, fall.days_under_water) == (D("-0.25"), day(2), day(3), day(8), 6)
    assert percent(fall.current) == "-9.09091"


def test_no_drawdown() -> None:
    assert drawdown(return_series([], Convention.IBKR)) == Drawdown()
    points = [DayPoint(day=day(n), nav=D(100 + n)) for n in (1, 2)]
    assert drawdown(return_series(points, Convention.IBKR)) == Drawdown()


def test_money_drawdown_starts_from_nothing() -> None:
    assert money_drawdown([(day(1), D(-50)), (day(2), D(100)), (day(3), D(30))]).depth == D(-70)
    assert money_drawdown([(day(1), D(-50)), (day(2), D(-20))]) == Drawdown(
        depth=D(-50), peak=day(1), trough=day(1), current=D(-20), days_under_water=1
    )


def test_golden_trades_money_drawdown() -> None:
    total = D(0)
    cumulative = []
    for number, net in enumerate(RESULTS, start=1):
        total += net
        cumulative.append((day(number), total))
    assert money_drawdown(cumulative).depth == D(-360)


def test_one_account_keeps_its_flows() -> None:
    points = combine({A: values(1, 100, 210, 220)}, [(A, day(2), D(100))])
    assert [(point.nav, point.flow) for point in points] == [(D(100), D(0)), (D(210), D(100)), (D(220), D(0))]


def test_flows_up_to_the_first_value_are_in_it() -> None:
    points = combine({A: values(2, 100, 100)}, [(A, day(1), D(60)), (A, day(2), D(40))])
    assert [point.flow for point in points] == [D(0), D(0)]


def test_a_flow_on_a_day_without_value_belongs_to_the_next() -> None:
    by_day = {day(2): D(100), day(5): D(200), day(6): D(200)}
    points = combine({A: by_day}, [(A, day(3), D(70)), (A, day(4), D(30)), (A, day(7), D(5))])
    assert [point.flow for point in points] == [D(0), D(100), D(0)]


def test_a_missing_day_takes_the_last_value() -> None:
    points = combine({A: {day(1): D(100), day(3): D(120)}, B: values(1, 10, 11, 12)}, [])
    assert [point.nav for point in points] == [D(110), D(111), D(132)]


def test_an_account_that_starts_later_enters_with_a_flow() -> None:
    points = combine({A: values(1, 100, 100, 100), B: values(2, 50, 55)}, [(B, day(2), D(50)), (B, day(3), D(5))])
    assert [(point.nav, point.flow) for point in points] == [(D(100), D(0)), (D(150), D(50)), (D(155), D(5))]


def test_a_transfer_between_own_accounts_cancels() -> None:
    flows = [(A, day(2), D(-40)), (B, day(2), D(40))]
    points = combine({A: values(1, 100, 60), B: values(1, 100, 140)}, flows)
    assert [(point.nav, point.flow) for point in points] == [(D(200), D(0)), (D(200), D(0))]


def test_flows_of_an_account_without_values_are_left_out() -> None:
    assert combine({A: values(1, 100, 100)}, [(B, day(2), D(7))])[1].flow == 0
    assert combine({}, [(B, day(2), D(7))]) == ()


def test_a_range_starts_from_the_value_before_it() -> None:
    cut = within(POINTS, day(6), day(7))
    assert [(point.day.day, point.flow) for point in cut] == [(5, D(0)), (6, D(0)), (7, D(-20_000))]
    assert [point.day.day for point in within(POINTS, day(1), day(2))] == [1, 2]
    assert within(POINTS, None, None) == POINTS
    assert within(POINTS, day(10), None) == ()
    assert within(POINTS, None, day(1)) == POINTS[:1]


def test_profit_leaves_the_flows_out() -> None:
    assert profit(POINTS) == D(-720)
    assert profit([]) == 0
