"""Rows as IBKR writes them, for tests that check figures by hand: the shortest way to a realistic statement."""

from __future__ import annotations

from itertools import count

from tests.fakes.flex_reports import ACCOUNT, report, row, section, statement

_number = count(1)


def fill(symbol: str, conid: str, quantity: object, price: object, when: str, **attributes: object) -> str:
    """Return one fill of a share in USD; ``when`` as ``yyyymmdd;hhmmss``."""
    number = next(_number)
    day = when[:8]
    values: dict[str, object] = {
        "accountId": ACCOUNT,
        "currency": "USD",
        "fxRateToBase": "1",
        "assetCategory": "STK",
        "symbol": symbol,
        "description": f"{symbol} CORP",
        "conid": conid,
        "multiplier": "1",
        "tradeID": 400000 + number,
        "transactionID": 800000 + number,
        "ibExecID": f"0000bbbb.6500{number:04d}.01.01",
        "ibOrderID": 70000 + number,
        "dateTime": when,
        "tradeDate": day,
        "reportDate": day,
        "transactionType": "ExchTrade",
        "buySell": "SELL" if str(quantity).startswith("-") else "BUY",
        "quantity": quantity,
        "tradePrice": price,
        "ibCommission": "-1",
        "ibCommissionCurrency": "USD",
        "levelOfDetail": "EXECUTION",
        "notes": "",
    }
    return row("Trade", **(values | attributes))


def option(  # noqa: PLR0917 - a row of a table
    conid: str, right: str, strike: object, expiry: str, quantity: object, price: object, when: str, **attributes: object
) -> str:
    """Return one fill of an option on ACME (contract 111)."""
    terms: dict[str, object] = {
        "assetCategory": "OPT",
        "multiplier": "100",
        "underlyingSymbol": "ACME",
        "underlyingConid": "111",
        "putCall": right,
        "strike": strike,
        "expiry": expiry,
    }
    symbol = f"ACME  {expiry[2:]}{right}{int(float(str(strike)) * 1000):08d}"
    return fill(symbol, conid, quantity, price, when, **(terms | attributes))


def action(  # noqa: PLR0917 - a row of a table
    type_: str, symbol: str, conid: str, quantity: object, when: str, day: str, words: str, **attributes: object
) -> str:
    """Return a row of a corporate action, effective the evening before its report day."""
    values: dict[str, object] = {
        "accountId": ACCOUNT,
        "currency": "USD",
        "fxRateToBase": "1",
        "assetCategory": "STK",
        "symbol": symbol,
        "conid": conid,
        "multiplier": "1",
        "type": type_,
        "description": words,
        "actionDescription": words,
        "dateTime": when,
        "reportDate": day,
        "quantity": quantity,
        "proceeds": "0",
        "value": "0",
        "fifoPnlRealized": "0",
        "code": "",
        "transactionID": 900000 + next(_number),
        "levelOfDetail": "DETAIL",
    }
    return row("CorporateAction", **(values | attributes))


def position(symbol: str, conid: str, quantity: object, cost: object, day: str, **attributes: object) -> str:
    """Return what IBKR says is open at the close of a day."""
    values: dict[str, object] = {
        "accountId": ACCOUNT,
        "currency": "USD",
        "fxRateToBase": "1",
        "assetCategory": "STK",
        "symbol": symbol,
        "conid": conid,
        "multiplier": "1",
        "reportDate": day,
        "position": quantity,
        "costBasisMoney": cost,
        "levelOfDetail": "SUMMARY",
    }
    return row("OpenPosition", **(values | attributes))


def year(*sections: str, days: tuple[str, str] = ("20250102", "20251231"), base: str = "USD") -> bytes:
    """Return an Activity report of one statement."""
    account = row("AccountInformation", accountId=ACCOUNT, currency=base)
    return report(statement(account, *sections, days=days, generated=f"{days[1]};230000"))


__all__ = ["action", "fill", "option", "position", "section", "year"]
