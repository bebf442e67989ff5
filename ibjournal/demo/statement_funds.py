"""Sections that follow the money and what moved without a fill: statement of funds, transfers, financing, currency rates."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from ibjournal.demo.contracts import Contract
from ibjournal.demo.ledger import ZERO, FundsRow
from ibjournal.demo.statement_window import StatementWindow
from ibjournal.demo.xml_rows import Value, contract_attributes, row

_NO_CONTRACT: dict[str, Value] = {"assetCategory": "", "symbol": "", "description": "", "conid": "", "isin": ""}


def _what(contract: Contract | None) -> dict[str, Value]:
    return contract_attributes(contract) if contract is not None else _NO_CONTRACT


def statement_of_funds(window: StatementWindow) -> Iterator[str]:
    """Yield every movement of the cash, currency by currency, from the starting to the ending balance."""
    start = window.before
    for currency in ("EUR", "USD"):
        rows = [told for told in window.desk.books.funds if told.currency == currency and window.holds(told.report_date)]
        balance = start.cash[currency] if start is not None else ZERO
        if not rows and not balance:
            continue
        rate = window.end.rates[currency]
        yield _balance_row(window, currency, "Starting Balance", balance, rate)
        for told in sorted(rows, key=lambda each: each.report_date):
            balance += told.amount
            yield _funds_row(window, told, balance)
        yield _balance_row(window, currency, "Ending Balance", balance, rate)


def _balance_row(window: StatementWindow, currency: str, words: str, balance: Decimal, rate: Decimal) -> str:
    day = window.days[0] if words.startswith("Start") else window.days[-1]
    attributes: dict[str, Value] = {
        "currency": currency,
        "fxRateToBase": rate,
        "reportDate": day,
        "date": day,
        "activityCode": "",
        "activityDescription": words,
        "amount": ZERO,
        "balance": balance,
        "levelOfDetail": "Currency",
    }
    return row("StatementOfFundsLine", window.head() | attributes)


def _funds_row(window: StatementWindow, told: FundsRow, balance: Decimal) -> str:
    order = told.fill.order if told.fill is not None else None
    attributes: dict[str, Value] = {
        "reportDate": told.report_date,
        "date": told.moment,
        "settleDate": order.settle_date if order else "",
        "activityCode": told.code,
        "activityDescription": told.description,
        "tradeID": order.trade_id if order else "",
        "orderID": order.order_id if order else "",
        "buySell": told.fill.side if told.fill is not None else "",
        "tradeQuantity": order.quantity if order else ZERO,
        "tradePrice": order.price if order else ZERO,
        "tradeGross": told.fill.proceeds if told.fill is not None else ZERO,
        "tradeCommission": order.commission if order else ZERO,
        "tradeTax": order.taxes if order else ZERO,
        "tradeCode": ";".join(order.codes) if order else "",
        "debit": told.amount if told.amount < 0 else "",
        "credit": told.amount if told.amount > 0 else "",
        "amount": told.amount,
        "balance": balance,
        "levelOfDetail": "Currency",
        "transactionID": order.transaction_id if order else "",
    }
    head: dict[str, Value] = {"currency": told.currency, "fxRateToBase": told.rate}
    return row("StatementOfFundsLine", window.head() | head | _what(told.contract) | attributes)


def transfers(window: StatementWindow) -> Iterator[str]:
    """Yield what came from other accounts and went to them, positions and cash."""
    for moved in window.desk.transfers:
        if not window.holds(moved.report_date):
            continue
        attributes: dict[str, Value] = {
            "reportDate": moved.report_date,
            "date": moved.report_date,
            "dateTime": moved.report_date,
            "type": moved.type,
            "direction": moved.direction,
            "company": "--",
            "account": moved.peer,
            "accountName": "",
            "quantity": moved.quantity,
            "transferPrice": ZERO,
            "positionAmount": moved.value,
            "positionAmountInBase": moved.value * moved.rate,
            "pnlAmount": ZERO,
            "pnlAmountInBase": ZERO,
            "fxPnl": ZERO,
            "cashTransfer": moved.cash,
            "code": "",
            "clientReference": "",
            "transactionID": moved.transaction_id,
        }
        head: dict[str, Value] = {"currency": moved.currency, "fxRateToBase": moved.rate}
        what = _what(moved.contract) if moved.contract is not None else _NO_CONTRACT | {"assetCategory": "CASH"}
        yield row("Transfer", window.head() | head | what | attributes)


def cfd_charges(window: StatementWindow) -> Iterator[str]:
    """Yield the financing of contracts for difference."""
    for charge in window.desk.cfd_charges:
        if not window.holds(charge.report_date):
            continue
        attributes: dict[str, Value] = {
            "date": charge.report_date,
            "activityDescription": f"{charge.contract.symbol} FINANCING",
            "received": charge.amount if charge.amount > 0 else ZERO,
            "paid": charge.amount if charge.amount < 0 else ZERO,
            "total": charge.amount,
            "transactionID": charge.transaction_id,
            "reportDate": charge.report_date,
        }
        head: dict[str, Value] = {"currency": charge.contract.currency, "fxRateToBase": charge.rate}
        yield row("CFDCharge", window.head() | head | contract_attributes(charge.contract) | attributes)


def conversion_rates(window: StatementWindow) -> Iterator[str]:
    """Yield the rates of every day of the window into base."""
    for close in window.closes:
        for currency, rate in close.rates.items():
            if currency != window.desk.base:
                attributes: dict[str, Value] = {
                    "reportDate": close.day,
                    "fromCurrency": currency,
                    "toCurrency": window.desk.base,
                    "rate": rate,
                }
                yield row("ConversionRate", attributes)
