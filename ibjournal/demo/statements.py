"""The demo's history as Flex XML: Activity and Trade Confirmation reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ibjournal.demo.business_days import previous_report_day
from ibjournal.demo.desk import EASTERN, Desk
from ibjournal.demo.ledger import Fill
from ibjournal.demo.statement_funds import cfd_charges, conversion_rates, statement_of_funds, transfers
from ibjournal.demo.statement_money import cash_report, change_in_nav, equity_summary, fifo_performance, open_positions
from ibjournal.demo.statement_rows import (
    account_information,
    cash_transactions,
    corporate_actions,
    dividend_accruals,
    interest_accruals,
    open_dividends,
    option_events,
    securities,
)
from ibjournal.demo.statement_trades import confirmation_row, trade_rows
from ibjournal.demo.statement_window import StatementWindow
from ibjournal.demo.xml_rows import section, text_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """What a query adds to the usual sections.

    ``orders`` sums fills up by order, ``lots`` tells closed lots and wash sales, ``position_lots`` the lots of open positions,
    ``funds`` the statement of funds, ``rates`` the currency rates of every day.
    """

    orders: bool = False
    lots: bool = False
    position_lots: bool = False
    funds: bool = False
    rates: bool = False


def activity_xml(
    desks: Sequence[Desk],
    days: Sequence[date],
    *,
    generated_at: datetime,
    levels: Levels,
) -> bytes:
    """Return an Activity report of some accounts for consecutive report days, all of them closed."""
    parts = []
    for desk in desks:
        own = [close.day for close in desk.books.closes if days[0] <= close.day <= days[-1]]
        if not own:  # an account that did not exist yet, or does not any more
            continue
        window = StatementWindow(desk, own)
        parts.append(_activity_statement(window, generated_at, levels))
    return _report("Demo Activity", "AF", parts)


def _activity_statement(window: StatementWindow, generated_at: datetime, levels: Levels) -> str:
    sections = [
        account_information(window),
        section("EquitySummaryInBase", equity_summary(window)),
        change_in_nav(window),
        section("FIFOPerformanceSummaryInBase", fifo_performance(window)),
        section("CashReport", cash_report(window)),
        *([section("StmtFunds", statement_of_funds(window))] if levels.funds else []),
        section("OpenPositions", open_positions(window, lots=levels.position_lots)),
        section("Trades", trade_rows(window, orders=levels.orders, lots=levels.lots)),
        section("OptionEAE", option_events(window)),
        section("CorporateActions", corporate_actions(window)),
        section("CashTransactions", cash_transactions(window)),
        *([section("CFDCharges", cfd_charges(window))] if window.desk.cfd_charges else []),
        section("InterestAccruals", interest_accruals(window)),
        section("Transfers", transfers(window)),
        section("ChangeInDividendAccruals", dividend_accruals(window)),
        section("OpenDividendAccruals", open_dividends(window)),
        section("SecuritiesInfo", securities(window)),
        *([section("ConversionRates", conversion_rates(window))] if levels.rates else []),
    ]
    return _statement(window.desk.account, window.days[0], window.days[-1], "", generated_at, sections)


def confirmation_xml(desks: Sequence[Desk], from_date: date, to_date: date, *, generated_at: datetime) -> bytes:
    """Return a Trade Confirmation report of the fills traded from ``from_date`` to ``to_date``.

    Of the last day only what was filled by ``generated_at`` and what exchanges traded: expiries and assignments come later.
    """
    parts = []
    for desk in desks:
        fills = [fill for fill in desk.fills if from_date <= fill.order.trade_date <= to_date and _is_known(fill, generated_at)]
        fills.sort(key=lambda fill: (fill.order.contract.category, fill.order.contract.symbol))
        rows = [confirmation_row(desk, fill) for fill in fills]
        period = "Today" if from_date == to_date == generated_at.astimezone(EASTERN).date() else ""
        sections = [section("TradeConfirms", rows)]
        parts.append(_statement(desk.account, from_date, to_date, period, generated_at, sections))
    return _report("Demo Confirmation", "TCF", parts)


def _is_known(fill: Fill, generated_at: datetime) -> bool:
    if fill.order.kind == "BookTrade":
        return fill.order.report_date <= previous_report_day(generated_at.astimezone(EASTERN).date())
    return fill.order.moment <= generated_at


def _statement(  # noqa: PLR0917 - the attributes in their order
    account: str,
    from_date: date,
    to_date: date,
    period: str,
    generated_at: datetime,
    sections: Sequence[str],
) -> str:
    head = (
        f'<FlexStatement accountId="{account}" fromDate="{text_of(from_date)}" toDate="{text_of(to_date)}" '
        f'period="{period}" whenGenerated="{text_of(generated_at.astimezone(EASTERN))}">'
    )
    return "\n".join([head, *sections, "</FlexStatement>"])


def _report(name: str, kind: str, parts: Sequence[str]) -> bytes:
    head = f'<FlexQueryResponse queryName="{name}" type="{kind}">\n<FlexStatements count="{len(parts)}">'
    return "\n".join([head, *parts, "</FlexStatements>", "</FlexQueryResponse>", ""]).encode()
