"""The performance report: from values, cash flows and trades of some accounts to what the screen shows. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ibjournal.analytics.breakdown import ClosedResult, Group, GroupBy, breakdown
from ibjournal.analytics.equity import TransferredValue, combine, drawdown, profit, within
from ibjournal.analytics.figures import MIN_DAYS, Figure
from ibjournal.analytics.money_weighted import money_weighted
from ibjournal.analytics.months import MonthReturn, YearReturn, month_returns, year_returns
from ibjournal.analytics.returns import Convention, DailyReturn, annualised, chain, daily_returns, return_series
from ibjournal.analytics.risk import sharpe, sortino, volatility
from ibjournal.analytics.series import DayPoint, EquitySeries, ReturnSeries
from ibjournal.analytics.statistics import TradeResult, TradeStatistics, trade_figures
from ibjournal.domain.cash import CashEntry, CashKind
from ibjournal.domain.depot import AccountId
from ibjournal.domain.fill import RateLookup
from ibjournal.domain.instrument import AssetClass, Instrument, InstrumentId
from ibjournal.domain.money import plain
from ibjournal.domain.period import ALL_TIME, Period
from ibjournal.domain.trade import Trade, TradeStatus

EXTERNAL_FLOWS = frozenset({CashKind.DEPOSIT, CashKind.WITHDRAWAL, CashKind.TRANSFER})
"""What is neither earned nor lost; dividends, interest, fees and taxes are part of the return."""

_RISK_FREE = Decimal(0)
_YEAR = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformanceReport:
    """What the performance screen shows, for the accounts of the filter that share one base currency.

    ``equity`` and ``returns`` start with the last value before the period where there is one: from its close the period is
    measured. ``figures`` is the strip: ``twr``, ``twr_annual``, ``mwr``, ``mwr_annual``, ``profit``, ``max_drawdown``,
    ``drawdown_now``, ``volatility``, ``sharpe``, ``sortino``, ``risk_free``, ``win_rate`` (its ``n`` the wins, its ``of`` wins and
    losses). ``statistics`` is the panel of closed trades.

    ``problems`` are codes that say why something is missing: ``no_equity``, ``mixed_base_currencies``, ``nav_not_positive``,
    ``base_currency_unknown`` (accounts whose base currency no report tells are left out beside others), ``flow_without_rate`` (a
    deposit in a currency without a rate is not taken out of the return), ``trades_without_rate`` and ``trades_without_result``
    (left out of the statistics), ``accounts_end_on_different_days`` (the last value of an account stands for later days).
    """

    currency: str
    convention: Convention
    first_day: date | None
    last_day: date | None
    equity: EquitySeries
    returns: ReturnSeries
    figures: tuple[Figure, ...] = ()
    statistics: tuple[Figure, ...] = ()
    months: tuple[MonthReturn, ...] = ()
    years: tuple[YearReturn, ...] = ()
    groups: tuple[Group, ...] = ()
    profit: tuple[tuple[date, Decimal], ...] = ()
    """Cumulative net result of closed trades by day of closing."""
    provisional_left_out: int = 0
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformanceInput:
    """What the report rests on, whole: the period is cut out of it.

    ``base_currencies`` names the accounts of the report, with an empty word where no report tells the currency. ``nav`` and
    ``trades`` may hold other accounts too; they are left out.
    """

    base_currencies: Mapping[AccountId, str]
    nav: Sequence[tuple[AccountId, date, Decimal]] = ()
    cash: Sequence[CashEntry] = ()
    transfers: Sequence[TransferredValue] = ()
    """Positions and cash moved from and to elsewhere; where an account has some, bookings that repeat them are left out."""
    trades: Sequence[Trade] = ()
    instruments: Mapping[InstrumentId, Instrument]
    rate_to_base: RateLookup | None = None


def performance_report(
    given: PerformanceInput,
    *,
    period: Period = ALL_TIME,
    convention: Convention = Convention.IBKR,
    group_by: GroupBy = GroupBy.SYMBOL,
) -> PerformanceReport:
    """Measure accounts over a period. Provisional trades are counted and left out.

    Accounts of different base currencies are not added up: the report is empty and says ``mixed_base_currencies``.
    """
    problems: list[str] = []
    accounts = _with_data(given)
    currencies = {given.base_currencies[account] for account in accounts}
    if len(currencies) > 1 and "" in currencies:
        problems.append("base_currency_unknown")
        currencies.discard("")
        accounts = {account for account in accounts if given.base_currencies[account]}
    if len(currencies) > 1:
        return _empty(convention, "mixed_base_currencies")
    currency = currencies.pop() if currencies else ""
    points = within(_points(given, accounts, currency, problems), period.start, period.end)
    returns = daily_returns(points, convention)
    series = return_series(points, convention)
    if not points:
        problems.append("no_equity")
    if any(each.value is None for each in returns):
        problems.append("nav_not_positive")
    trades = _Trades(given, accounts, currency, period)
    problems += sorted(trades.problems)
    return PerformanceReport(
        currency=currency,
        convention=convention,
        first_day=points[0].day if points else None,
        last_day=points[-1].day if points else None,
        equity=EquitySeries(currency=currency, points=points),
        returns=series,
        figures=(*_account_figures(points, returns, series), trades.statistics.win_rate()),
        statistics=trade_figures(trades.statistics),
        months=month_returns(points[0].day, returns) if points else (),
        years=year_returns(returns),
        groups=breakdown(trades.results, group_by),
        profit=trades.cumulative(),
        provisional_left_out=trades.provisional,
        problems=tuple(problems),
    )


def _empty(convention: Convention, problem: str) -> PerformanceReport:
    return PerformanceReport(
        currency="",
        convention=convention,
        first_day=None,
        last_day=None,
        equity=EquitySeries(currency=""),
        returns=ReturnSeries(convention=convention.value),
        problems=(problem,),
    )


def _with_data(given: PerformanceInput) -> set[AccountId]:
    """Return the accounts of the report that have values or trades: an empty one shall not spoil the currency."""
    told = {account for account, _day, _total in given.nav} | {trade.account for trade in given.trades}
    return told & given.base_currencies.keys()


def _points(given: PerformanceInput, accounts: set[AccountId], currency: str, problems: list[str]) -> tuple[DayPoint, ...]:
    values: dict[AccountId, dict[date, Decimal]] = {}
    for account, day, total in given.nav:
        if account in accounts:
            values.setdefault(account, {})[day] = total
    if len({max(by_day) for by_day in values.values()}) > 1:
        problems.append("accounts_end_on_different_days")
    # what moves between accounts of the report is no flow of theirs together
    flows = [
        (each.account, each.day, each.amount) for each in given.transfers if each.account in values and each.peer not in values
    ]
    repeated = {each.account for each in given.transfers}
    for entry in given.cash:
        if entry.kind is CashKind.TRANSFER and entry.account in repeated:
            continue
        if entry.kind in EXTERNAL_FLOWS and entry.account in values:
            amount = _flow_in_base(entry, currency, given.rate_to_base)
            if amount is None:
                problems.append("flow_without_rate")
            else:
                flows.append((entry.account, entry.report_date or entry.value_date, amount))
    problems[:] = dict.fromkeys(problems)
    return combine(values, flows)


def _flow_in_base(entry: CashEntry, currency: str, rate_to_base: RateLookup | None) -> Decimal | None:
    if entry.currency == currency:
        return entry.amount
    rate = entry.fx_rate_to_base
    if rate is None and rate_to_base is not None:
        rate = rate_to_base(entry.currency, entry.report_date or entry.value_date)
    return None if rate is None else entry.amount * rate


def _account_figures(points: Sequence[DayPoint], returns: Sequence[DailyReturn], series: ReturnSeries) -> Iterable[Figure]:
    days = (points[-1].day - points[0].day).days if points else 0
    n = len(returns)
    why = "no_equity" if not n else ""
    twr = chain(returns) if n else None
    twr_why = why or ("nav_not_positive" if twr is None else "")
    short = "" if days >= _YEAR else "shorter_than_a_year"
    yield _ratio("twr", twr, n, twr_why)
    yield _ratio("twr_annual", None if twr is None else annualised(twr, days), n, twr_why or short)
    mwr = money_weighted(points)
    yield _ratio("mwr", mwr.period, n, why or mwr.why)
    yield _ratio("mwr_annual", None if short else mwr.annual, n, why or mwr.why or short)
    yield Figure(name="profit", kind="money", value=profit(points) if n else None, n=n, why=why)
    fall = drawdown(series)
    yield _ratio("max_drawdown", fall.depth if n else None, n, why)
    yield _ratio("drawdown_now", fall.current if n else None, n, why)
    yield from _risk_figures([each.value for each in returns if each.observed and each.value is not None], why)


def _risk_figures(observed: Sequence[Decimal], why: str) -> Iterable[Figure]:
    n = len(observed)
    few = 0 < n < MIN_DAYS
    for name, kind, value in (
        ("volatility", "ratio", volatility(observed)),
        ("sharpe", "number", sharpe(observed, risk_free=_RISK_FREE)),
        ("sortino", "number", sortino(observed, target=_RISK_FREE)),
    ):
        reason = "" if value is not None else why or "no_spread"
        yield Figure(name=name, kind=kind, value=None if value is None else plain(value), n=n, why=reason, too_few=few)
    yield Figure(name="risk_free", kind="ratio", value=_RISK_FREE)


def _ratio(name: str, value: Decimal | None, n: int, why: str) -> Figure:
    return Figure(name=name, kind="ratio", value=None if value is None else plain(value), n=n, why="" if value is not None else why)


class _Trades:
    """The closed trades of the report, oldest close first, in its currency."""

    def __init__(self, given: PerformanceInput, accounts: set[AccountId], currency: str, period: Period) -> None:
        closed = [
            (trade.closed_at, trade.closed_on, trade)
            for trade in given.trades
            if trade.account in accounts
            and trade.status is TradeStatus.CLOSED
            and trade.closed_at is not None
            and trade.closed_on is not None
            and trade.closed_on in period
        ]
        closed.sort(key=lambda each: (each[0], each[2].key))
        self.provisional = sum(trade.provisional for _at, _on, trade in closed)
        self.problems: set[str] = set()
        self.results: list[ClosedResult] = []
        measured: list[TradeResult] = []
        final = [(closed_at, closed_on, trade) for closed_at, closed_on, trade in closed if not trade.provisional]
        for closed_at, closed_on, trade in final:
            net = trade.net if trade.currency == currency else trade.net_base
            if net is None:
                self.problems.add("trades_without_result" if trade.net is None else "trades_without_rate")
                continue
            instrument = given.instruments.get(trade.instrument)
            measured.append(TradeResult(net, closed_at - trade.opened_at if trade.entry_known else None))
            self.results.append(
                ClosedResult(
                    net=net,
                    closed_on=closed_on,
                    symbol=(instrument.underlying_symbol or instrument.symbol) if instrument else str(trade.instrument),
                    asset_class=instrument.asset_class if instrument else AssetClass.OTHER,
                    side=trade.side,
                )
            )
        self.statistics = TradeStatistics(measured, of=len(final))

    def cumulative(self) -> tuple[tuple[date, Decimal], ...]:
        by_day: dict[date, Decimal] = {}
        total = Decimal(0)
        for result in sorted(self.results, key=lambda each: each.closed_on):
            total += result.net
            by_day[result.closed_on] = total
        return tuple(by_day.items())
