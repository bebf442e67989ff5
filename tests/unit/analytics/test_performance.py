"""The whole report, from values, flows and trades."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from ibjournal.analytics.breakdown import Group, GroupBy
from ibjournal.analytics.equity import TransferredValue
from ibjournal.analytics.figures import Figure
from ibjournal.analytics.performance import PerformanceInput, PerformanceReport, performance_report
from ibjournal.analytics.returns import Convention
from ibjournal.domain.cash import CashEntry, CashKind
from ibjournal.domain.depot import AccountId
from ibjournal.domain.instrument import AssetClass, Instrument, InstrumentId
from ibjournal.domain.period import Period
from ibjournal.domain.trade import Side, Trade, TradeStatus
from tests.fakes.builders import ACCOUNT, INSTRUMENT, make_trade
from tests.unit.analytics.vectors import POINTS, percent

D = Decimal
OTHER = AccountId("U2")
NAV = tuple((ACCOUNT, point.day, point.nav) for point in POINTS)
STOCK = Instrument(id=INSTRUMENT, asset_class=AssetClass.STK, category="STK", symbol="ACME")


def entry(kind: CashKind, amount: int, day: date, **fields: Any) -> CashEntry:
    values: dict[str, Any] = {
        "id": f"{kind}{day}",
        "account": ACCOUNT,
        "kind": kind,
        "type": "",
        "amount": D(amount),
        "currency": "USD",
        "booked_at": datetime(day.year, day.month, day.day, 20, tzinfo=UTC),
        "value_date": day,
    }
    return CashEntry(**(values | fields))


CASH = (entry(CashKind.DEPOSIT, 50_000, date(2026, 1, 3)), entry(CashKind.WITHDRAWAL, -20_000, date(2026, 1, 7)))


def report(
    *, period: Period | None = None, convention: Convention = Convention.IBKR, by: GroupBy = GroupBy.SYMBOL, **given: Any
) -> PerformanceReport:
    whole: dict[str, Any] = {"base_currencies": {ACCOUNT: "USD"}, "nav": NAV, "cash": CASH, "instruments": {INSTRUMENT: STOCK}}
    return performance_report(PerformanceInput(**(whole | given)), period=period or Period(), convention=convention, group_by=by)


def figure(result: PerformanceReport, name: str) -> Figure:
    return next(each for each in (*result.figures, *result.statistics) if each.name == name)


def test_golden_series_through_the_whole_report() -> None:
    """The deposit comes on a Saturday and counts on Monday."""
    result = report()
    assert result.equity.points == POINTS
    assert (result.currency, result.first_day, result.last_day) == ("USD", date(2026, 1, 1), date(2026, 1, 8))
    assert percent(figure(result, "twr").value) == "0.47016"
    assert percent(figure(result, "mwr").value) == "-0.60708"
    assert percent(figure(result, "max_drawdown").value) == "-2.95082"
    assert percent(figure(result, "drawdown_now").value) == "-1.98033"
    assert percent(figure(result, "volatility").value, 3) == "23.936"
    assert figure(result, "profit").value == D(-720)
    assert [figure(result, name).why for name in ("twr_annual", "mwr_annual")] == ["shorter_than_a_year"] * 2
    assert (figure(result, "sharpe").n, figure(result, "sharpe").too_few) == (5, True)
    assert figure(result, "risk_free").value == 0
    assert result.problems == ()


def test_convention_is_obeyed_and_named() -> None:
    result = report(convention=Convention.PP)
    assert percent(figure(result, "twr").value) == "-0.01669"
    assert (result.convention, result.returns.convention) == (Convention.PP, "pp")


def test_report_date_of_a_flow_wins_over_its_value_date() -> None:
    late = entry(CashKind.DEPOSIT, 50_000, date(2026, 1, 2), report_date=date(2026, 1, 5))
    assert report(cash=(late, CASH[1])).equity.points == POINTS


def test_dividends_interest_and_fees_are_no_flows() -> None:
    earned = [
        entry(kind, 1000, date(2026, 1, 6))
        for kind in CashKind
        if kind not in {CashKind.DEPOSIT, CashKind.WITHDRAWAL, CashKind.TRANSFER}
    ]
    assert report(cash=(*CASH, *earned)).equity.points == POINTS
    assert report(cash=(*CASH, entry(CashKind.TRANSFER, 1000, date(2026, 1, 6)))).equity.points[3].flow == 1000


def test_flows_in_other_currencies_are_converted() -> None:
    day = date(2026, 1, 5)
    own_rate = entry(CashKind.DEPOSIT, 100, day, currency="EUR", fx_rate_to_base=D("1.1"))
    assert report(cash=(own_rate,)).equity.points[2].flow == D(110)
    looked_up = entry(CashKind.DEPOSIT, 100, day, currency="EUR")
    assert report(cash=(looked_up,), rate_to_base=lambda _c, _d: D("1.2")).equity.points[2].flow == D(120)
    unknown = report(cash=(looked_up, looked_up))
    assert unknown.equity.points[2].flow == 0
    assert unknown.problems == ("flow_without_rate",)


def test_a_transfer_that_is_told_twice_is_one_flow() -> None:
    """A row of the cash section and a row of the transfers tell of the same money."""
    day = date(2026, 1, 6)
    told = TransferredValue(account=ACCOUNT, peer=OTHER, day=day, amount=D(700))
    cash = (*CASH, entry(CashKind.TRANSFER, 700, day))
    assert report(cash=cash, transfers=(told,)).equity.points[3].flow == D(700)
    assert report(cash=cash).equity.points[3].flow == D(700)
    assert report(cash=CASH).equity.points[3].flow == D(0)


def test_a_period_is_measured_from_the_close_before_it() -> None:
    result = report(period=Period(date(2026, 1, 6), date(2026, 1, 7)))
    assert (result.first_day, result.last_day) == (date(2026, 1, 5), date(2026, 1, 7))
    assert percent(figure(result, "twr").value) == "-2.95082"
    assert figure(result, "profit").value == D(128_000 - 152_500 + 20_000)


def test_no_values_still_gives_trades() -> None:
    result = report(nav=(), trades=(make_trade(1, 50),))
    assert result.problems == ("no_equity",)
    assert (figure(result, "twr").value, figure(result, "twr").why) == (None, "no_equity")
    assert figure(result, "net_result").value == D(50)
    assert result.currency == "USD"


def test_nothing_at_all() -> None:
    result = report(nav=(), cash=())
    assert result.problems == ("no_equity",)
    assert (result.first_day, result.last_day, result.months, result.groups, result.profit) == (None, None, (), (), ())


def test_currencies_are_never_added_up() -> None:
    result = report(base_currencies={ACCOUNT: "USD", OTHER: "EUR"}, nav=(*NAV, (OTHER, date(2026, 1, 1), D(5))))
    assert result.problems == ("mixed_base_currencies",)
    assert (result.currency, result.equity.points, result.figures) == ("", (), ())


def test_an_account_without_data_does_not_spoil_the_currency() -> None:
    assert report(base_currencies={ACCOUNT: "USD", OTHER: "EUR"}).currency == "USD"


def test_an_account_of_unknown_currency_is_left_out_beside_others() -> None:
    result = report(base_currencies={ACCOUNT: "USD", OTHER: ""}, nav=(*NAV, (OTHER, date(2026, 1, 1), D(5))))
    assert result.equity.points == POINTS
    assert result.problems == ("base_currency_unknown",)
    alone = report(base_currencies={ACCOUNT: ""}, cash=())
    assert (alone.currency, alone.problems, len(alone.returns.points)) == ("", (), 6)


def test_accounts_are_added_up() -> None:
    second = tuple((OTHER, point.day, D(1000)) for point in POINTS[:5])
    result = report(base_currencies={ACCOUNT: "USD", OTHER: "USD"}, nav=(*NAV, *second))
    assert [point.nav for point in result.equity.points] == [point.nav + 1000 for point in POINTS]
    assert result.problems == ("accounts_end_on_different_days",)


def test_values_below_zero_are_told() -> None:
    result = report(nav=((ACCOUNT, date(2026, 1, 1), D(100)), (ACCOUNT, date(2026, 1, 2), D(-5))), cash=())
    assert result.problems == ("nav_not_positive",)
    assert (figure(result, "twr").value, figure(result, "twr").why) == (None, "nav_not_positive")


def test_a_year_is_annualised() -> None:
    nav = ((ACCOUNT, date(2024, 1, 1), D(100)), (ACCOUNT, date(2025, 12, 31), D(121)))
    result = report(nav=nav, cash=())
    assert percent(figure(result, "twr_annual").value, 3) == "10.000"
    assert percent(figure(result, "mwr_annual").value, 3) == "10.000"
    assert [(year.year, year.value) for year in result.years] == [(2025, D("0.21"))]


def trades() -> tuple[Trade, ...]:
    return (
        make_trade(4, -40, side=Side.SHORT),
        make_trade(2, 100),
        make_trade(2, 5, key="second"),
        make_trade(3, 7, provisional=True),
        make_trade(5, 11, status=TradeStatus.OPEN, closed_on=None, closed_at=None),
        make_trade(6, 13, account=OTHER),
        make_trade(40, 17),
    )


def test_trades_of_the_period_by_day_of_closing() -> None:
    result = report(trades=trades(), period=Period(None, date(2026, 3, 31)), by=GroupBy.SIDE)
    assert result.profit == ((date(2026, 3, 2), D(105)), (date(2026, 3, 4), D(65)))
    assert figure(result, "net_result").value == D(65)
    assert (figure(result, "win_rate").n, figure(result, "win_rate").of) == (2, 3)
    assert result.groups == (Group(label="long", n=2, wins=2, net=D(105)), Group(label="short", n=1, wins=0, net=D(-40)))
    assert result.provisional_left_out == 1


def test_options_stand_under_their_underlying() -> None:
    option = InstrumentId("77")
    known = {
        INSTRUMENT: STOCK,
        option: Instrument(
            id=option, asset_class=AssetClass.OPT, category="OPT", symbol="ACME  260320C00010000", underlying_symbol="ACME"
        ),
    }
    given = (make_trade(1, 1), make_trade(2, 2, instrument=option), make_trade(3, 3, instrument=InstrumentId("?")))
    assert [(group.label, group.n) for group in report(trades=given, instruments=known).groups] == [("?", 1), ("ACME", 2)]
    by_class = report(trades=given, instruments=known, by=GroupBy.ASSET_CLASS).groups
    assert [group.label for group in by_class] == ["OTHER", "OPT", "STK"]


def test_results_are_in_the_base_currency() -> None:
    given = (
        make_trade(1, 10, currency="EUR", net_base=D(11)),
        make_trade(2, 10, currency="EUR", net_base=None),
        make_trade(3, None),
        make_trade(4, 10, net_base=None),
    )
    result = report(trades=given)
    net = figure(result, "net_result")
    assert (net.value, net.n, net.of) == (D(21), 2, 4)
    assert result.problems == ("trades_without_rate", "trades_without_result")


def test_holding_time_is_not_known_without_an_entry() -> None:
    result = report(trades=(make_trade(3, 10), make_trade(9, 10, entry_known=False)))
    held = figure(result, "holding_time_median")
    assert (held.n, held.value) == (1, D("2.125"))
