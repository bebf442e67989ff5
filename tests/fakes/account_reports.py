"""What reports tell of an account over some months: fills on any day, options and how they end, conversions, balances."""

from __future__ import annotations

from decimal import Decimal
from operator import attrgetter
from typing import Any

from ibjournal.analytics.reconciliation import Check, CheckStatus
from ibjournal.domain.depot import AccountId
from ibjournal.domain.trade import Trade
from tests.fakes.flex_reports import ACCOUNT, report, row, statement, trade
from tests.fakes.journal_folder import JournalFolder

OTHER = "U7000002"
PUT: dict[str, Any] = {
    "assetCategory": "OPT", "symbol": "ACME  260320P00050000", "conid": "501", "underlyingConid": "111", "underlyingSymbol": "ACME",
    "multiplier": "100", "strike": "50", "expiry": "20260320", "putCall": "P",
}  # fmt: skip
CALL: dict[str, Any] = PUT | {
    "symbol": "ACME  260417C00055000",
    "conid": "502",
    "strike": "55",
    "expiry": "20260417",
    "putCall": "C",
}


def on(day: str, clock: str = "100000") -> dict[str, Any]:
    """Return what a row says of its day."""
    return {"dateTime": f"{day};{clock}", "tradeDate": day, "reportDate": day}


def booked(day: str, code: str, action: str = "") -> dict[str, Any]:
    """Return what a row says that IBKR books after the close: expiry, exercise, assignment."""
    return on(day, "162000") | {
        "transactionType": "BookTrade", "ibExecID": "", "ibCommission": "0", "notes": code, "positionActionID": action,
    }  # fmt: skip


def information(currency: str = "USD", account: str = ACCOUNT) -> str:
    return row("AccountInformation", accountId=account, currency=currency)


def balance(currency: str, start: object, end: object, account: str = ACCOUNT, **lines: object) -> str:
    """Return a currency's line of the cash report."""
    return row("CashReportCurrency", accountId=account, currency=currency, startingCash=start, endingCash=end, **lines)


def take(journal: JournalFolder, *sections: str, base: str = "USD", name: str = "report.xml", **frame: Any) -> None:
    """Take in a report of one account of what happened from March to June 2026."""
    frame = {"days": ("20260301", "20260630"), "generated": "20260701;050000", **frame}
    head = information(base, frame.get("account", ACCOUNT))
    file = journal.take(report(statement(head, *sections, **frame)), name)
    assert file.error is None, file.error


def trades(journal: JournalFolder) -> dict[str, Trade]:
    """Return the trades by instrument; each instrument has one."""
    found: dict[str, Trade] = {each.instrument: each for each in journal.trades()}
    assert len(found) == len(journal.trades())
    return found


def only(journal: JournalFolder) -> Trade:
    (found,) = journal.trades()
    return found


def told(value: object, *names: str) -> tuple[Any, ...]:
    """Return some fields of a value."""
    return tuple(attrgetter(name)(value) for name in names)


def checked(journal: JournalFolder, check: str, account: str = ACCOUNT) -> dict[str, Check]:
    """Return the comparisons of one kind with IBKR's figures, by currency; all agree to half a cent."""
    checks = journal.services.reconciliation.checks(account=AccountId(account))
    found = [each for each in checks if each.check == check and each.ibkr is not None]
    assert {each.status for each in found} == {CheckStatus.OK}, found
    return {each.currency: each for each in found}


def conversion(number: int, euros: int, price: str, **attributes: Any) -> str:
    """Return euros bought for dollars; the commission of 2 is in dollars."""
    values: dict[str, Any] = {
        "assetCategory": "CASH", "symbol": "EUR.USD", "conid": "12087792", "ibCommission": "-2", "openCloseIndicator": "",
        "proceeds": -euros * Decimal(price), "fxRateToBase": "0.9",
    }  # fmt: skip
    return trade(number, euros, price, **(values | attributes))
