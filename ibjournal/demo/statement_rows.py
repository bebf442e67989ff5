"""Sections that list: who the account is, option events, splits, cash, accruals, instruments."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from ibjournal.demo.contracts import Contract
from ibjournal.demo.ledger import ZERO, DividendAccrualRow
from ibjournal.demo.statement_window import StatementWindow
from ibjournal.demo.xml_rows import Value, contract_attributes, row


def account_information(window: StatementWindow) -> str:
    """Return who the account is, as of generation."""
    desk = window.desk
    last_traded = max((fill.order.trade_date for fill in desk.fills if fill.order.report_date <= window.days[-1]), default=None)
    attributes: dict[str, Value] = {
        "currency": desk.base,
        "name": "Demo Investor",
        "accountType": "Individual",
        "customerType": "Individual",
        "accountCapabilities": "Margin",
        "tradingPermissions": "Stocks,Options,Forex,Futures",
        "accountRepName": "",
        "accountRepPhone": "",
        "dateOpened": desk.market.first,
        "dateFunded": desk.market.first,
        "dateClosed": "",
        "lastTradedDate": last_traded,
        "country": "Germany",
        "masterName": "",
        "ibEntity": "IB-IE",
        "primaryEmail": "",
    }
    return row("AccountInformation", window.head() | attributes)


def option_events(window: StatementWindow) -> Iterator[str]:
    """Yield exercises, assignments and expiries with the shares they moved."""
    for event in window.desk.option_events:
        fill, order = event.fill, event.fill.order
        paid = event.kind == "Cash Settlement"
        if not window.holds(order.report_date):
            continue
        attributes: dict[str, Value] = {
            "date": order.trade_date,
            "transactionType": event.kind,
            "quantity": ZERO if paid else order.quantity,
            "tradePrice": order.price,
            "markPrice": event.mark_price,
            "proceeds": order.settlement if paid else fill.proceeds,
            "commisionsAndTax": ZERO if paid else order.commission + order.taxes,
            "costBasis": ZERO if paid else fill.cost,
            "realizedPnl": order.settlement if paid else fill.realized - order.settlement,
            "fxPnl": ZERO,
            "mtmPnl": order.settlement if paid else fill.mark_to_market,
            "tradeID": order.trade_id,
        }
        currency: dict[str, Value] = {"currency": order.contract.currency, "fxRateToBase": fill.rate}
        yield row("OptionEAE", window.head() | currency | contract_attributes(order.contract) | attributes)


def corporate_actions(window: StatementWindow) -> Iterator[str]:
    """Yield the legs of corporate actions."""
    for told in window.desk.corporate_actions:
        if not window.holds(told.report_date):
            continue
        attributes: dict[str, Value] = {
            "reportDate": told.report_date,
            "dateTime": told.moment,
            "actionDescription": told.words,
            "amount": -told.proceeds,
            "proceeds": told.proceeds,
            "value": told.value,
            "quantity": told.quantity,
            "fifoPnlRealized": told.realized,
            "mtmPnl": ZERO,
            "code": "",
            "type": told.type,
            "transactionID": told.transaction_id,
            "actionID": told.action_id,
            "levelOfDetail": "DETAIL",
        }
        if told.cost_basis is not None:
            attributes["costBasis"] = told.cost_basis
        currency: dict[str, Value] = {"currency": told.contract.currency, "fxRateToBase": told.rate}
        what = contract_attributes(told.contract) | {"description": told.words}
        yield row("CorporateAction", window.head() | currency | what | attributes)


_NO_CONTRACT: dict[str, Value] = {"assetCategory": "", "symbol": "", "description": "", "conid": "", "isin": ""}


def cash_transactions(window: StatementWindow) -> Iterator[str]:
    """Yield every booking once, with all details."""
    for booked in window.cash_rows:
        what = contract_attributes(booked.contract) if booked.contract is not None else _NO_CONTRACT
        attributes: dict[str, Value] = {
            "description": booked.description,
            "dateTime": booked.moment,
            "settleDate": booked.settle_date,
            "availableForTradingDate": "",
            "amount": booked.amount,
            "type": booked.type,
            "tradeID": "",
            "code": "",
            "transactionID": booked.transaction_id,
            "reportDate": booked.report_date,
            "exDate": "",
            "clientReference": "",
            "actionID": booked.action_id,
            "levelOfDetail": "DETAIL",
        }
        currency: dict[str, Value] = {"currency": booked.currency, "fxRateToBase": booked.rate}
        yield row("CashTransaction", window.head() | currency | what | attributes)


def interest_accruals(window: StatementWindow) -> Iterator[str]:
    """Yield the interest earned but not paid: the sum in base, then every currency that has some."""
    start, end = window.before, window.end
    rates = {close.day: close.rates for close in window.closes}
    rows = [entry for entry in window.desk.interest_rows if window.holds(entry[0])]
    opening = start.in_base(start.interest_accruals) if start is not None else ZERO
    closing = end.in_base(end.interest_accruals)
    accrued = sum((amount * rates[day][currency] for day, currency, amount, _ in rows), ZERO)
    reversed_ = sum((amount * rates[day][currency] for day, currency, _, amount in rows), ZERO)
    figures = (opening, accrued, reversed_, closing - opening - accrued - reversed_, closing)
    yield _interest_row(window, "BASE_SUMMARY", figures)
    for code in ("EUR", "USD"):
        opening = start.interest_accruals[code] if start is not None else ZERO
        accrued = sum((amount for _, currency, amount, _ in rows if currency == code), ZERO)
        reversed_ = sum((amount for _, currency, _, amount in rows if currency == code), ZERO)
        if opening or accrued or reversed_:
            yield _interest_row(window, code, (opening, accrued, reversed_, ZERO, end.interest_accruals[code]))


def _interest_row(window: StatementWindow, currency: str, figures: tuple[Decimal, Decimal, Decimal, Decimal, Decimal]) -> str:
    opening, accrued, reversed_, translation, closing = figures
    attributes: dict[str, Value] = {
        "currency": currency,
        "fromDate": window.days[0],
        "toDate": window.days[-1],
        "startingAccrualBalance": opening,
        "interestAccrued": accrued,
        "accrualReversal": reversed_,
        "fxTranslation": translation,
        "endingAccrualBalance": closing,
    }
    return row("InterestAccrualsCurrency", window.head() | attributes)


def dividend_accruals(window: StatementWindow) -> Iterator[str]:
    """Yield dividends as they are announced (``Po``) and paid out (``Re``)."""
    for accrual in window.desk.dividend_rows:
        if window.holds(accrual.report_date):
            what: dict[str, Value] = {"reportDate": accrual.report_date, "date": accrual.report_date}
            yield _dividend_row(window, "ChangeInDividendAccrual", accrual, what)


def open_dividends(window: StatementWindow) -> Iterator[str]:
    """Yield dividends announced and not paid at the last close."""
    rows = [accrual for accrual in window.desk.dividend_rows if accrual.report_date <= window.days[-1]]
    paid = {(accrual.contract.conid, accrual.ex_date) for accrual in rows if accrual.code == "Re"}
    for accrual in rows:
        if accrual.code == "Po" and (accrual.contract.conid, accrual.ex_date) not in paid:
            yield _dividend_row(window, "OpenDividendAccrual", accrual, {})


def _dividend_row(window: StatementWindow, name: str, accrual: DividendAccrualRow, what: dict[str, Value]) -> str:
    attributes: dict[str, Value] = {
        "exDate": accrual.ex_date,
        "payDate": accrual.pay_date,
        "quantity": accrual.quantity,
        "tax": accrual.tax,
        "fee": ZERO,
        "grossRate": accrual.gross_rate,
        "grossAmount": accrual.gross,
        "netAmount": accrual.net,
        "code": accrual.code,
        "fromAcct": "",
        "toAcct": "",
    }
    currency: dict[str, Value] = {"currency": accrual.contract.currency, "fxRateToBase": accrual.rate}
    return row(name, window.head() | currency | contract_attributes(accrual.contract) | what | attributes)


def securities(window: StatementWindow) -> Iterator[str]:
    """Yield every instrument that the statement speaks of, once."""
    contracts: dict[str, Contract] = {}
    for contract in (
        *(fill.order.contract for fill in window.fills),
        *(holding.contract for holding in window.end.holdings),
        *(told.contract for told in window.desk.corporate_actions if window.holds(told.report_date)),
        *(booked.contract for booked in window.cash_rows if booked.contract is not None),
    ):
        if not contract.is_currency_pair:
            contracts[contract.conid] = contract
    for contract in sorted(contracts.values(), key=lambda one: (one.category != "STK", one.category, one.symbol)):
        attributes: dict[str, Value] = {
            "maturity": "",
            "issueDate": "",
            "underlyingCategory": contract.underlying.category if contract.is_option and contract.underlying else "",
            "settlementPolicyMethod": _settlement(contract),
            "code": "",
        }
        yield row("SecurityInfo", {"currency": contract.currency} | contract_attributes(contract) | attributes)


def _settlement(contract: Contract) -> str:
    if not contract.is_option:
        return ""
    return "Cash" if contract.cash_settled else "Delivery"
