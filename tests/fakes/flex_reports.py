"""Flex reports as text, written by hand and by nobody's code: a test names only what it is about."""

from __future__ import annotations

from html import escape

ACCOUNT = "U7000001"
ROWS = {"Trade": "Trades", "TradeConfirm": "TradeConfirms", "CashTransaction": "CashTransactions"}


def row(tag: str, **attributes: object) -> str:
    """Return one element; an attribute that is None is left out."""
    text = "".join(f' {name}="{escape(str(value))}"' for name, value in attributes.items() if value is not None)
    return f"<{tag}{text}/>"


def trade(number: int, quantity: object = 100, price: object = 10, **attributes: object) -> str:
    """Return the ``n``-th fill of a share in Activity: transaction 9000+n, trade 500+n, n minutes after 10:00 on 2 March 2026."""
    signed = str(quantity)
    values: dict[str, object] = {
        "accountId": ACCOUNT,
        "currency": "USD",
        "fxRateToBase": "0.9",
        "assetCategory": "STK",
        "symbol": "ACME",
        "description": "ACME CORP",
        "conid": "111",
        "multiplier": "1",
        "tradeID": 500 + number,
        "transactionID": 9000 + number,
        "ibExecID": f"0000aaaa.0000{number:04d}.01.01",
        "ibOrderID": 70 + number,
        "dateTime": f"20260302;10{number:02d}00",
        "tradeDate": "20260302",
        "reportDate": "20260302",
        "transactionType": "ExchTrade",
        "buySell": "SELL" if signed.startswith("-") else "BUY",
        "quantity": quantity,
        "tradePrice": price,
        "ibCommission": "-1",
        "ibCommissionCurrency": "USD",
        "openCloseIndicator": "C" if signed.startswith("-") else "O",
        "levelOfDetail": "EXECUTION",
        "notes": "",
    }
    return row("Trade", **(values | attributes))


def confirm(number: int, quantity: object = 100, price: object = 10, **attributes: object) -> str:
    """Return the same fill as `trade` in a confirmation."""
    signed = str(quantity)
    values: dict[str, object] = {
        "accountId": ACCOUNT,
        "currency": "USD",
        "assetCategory": "STK",
        "symbol": "ACME",
        "conid": "111",
        "multiplier": "1",
        "tradeID": 500 + number,
        "execID": f"0000aaaa.0000{number:04d}.01.01",
        "orderID": 70 + number,
        "dateTime": f"20260302;10{number:02d}00",
        "tradeDate": "20260302",
        "reportDate": "20260302",
        "transactionType": "ExchTrade",
        "buySell": "SELL" if signed.startswith("-") else "BUY",
        "quantity": quantity,
        "price": price,
        "commission": "-0.95",
        "commissionCurrency": "USD",
        "code": "C" if signed.startswith("-") else "O",
        "levelOfDetail": "EXECUTION",
    }
    return row("TradeConfirm", **(values | attributes))


def cash(number: int, amount: object = 100, **attributes: object) -> str:
    """Return the ``number``-th booking: a dividend in USD, transaction 800+n, on 3 March 2026."""
    values: dict[str, object] = {
        "accountId": ACCOUNT,
        "currency": "USD",
        "fxRateToBase": "0.9",
        "type": "Dividends",
        "amount": amount,
        "dateTime": "20260303;202000",
        "reportDate": "20260303",
        "transactionID": 800 + number,
        "levelOfDetail": "DETAIL",
        "description": "ACME CASH DIVIDEND",
    }
    return row("CashTransaction", **(values | attributes))


def equity(day: str, total: object, **attributes: object) -> str:
    """Return the net asset value of a day."""
    values: dict[str, object] = {"accountId": ACCOUNT, "reportDate": day, "total": total, "cash": total}
    return row("EquitySummaryByReportDateInBase", **(values | attributes))


def section(name: str, *rows: str) -> str:
    """Return a section with its rows."""
    return f"<{name}>{''.join(rows)}</{name}>"


def statement(
    *sections: str,
    account: str = ACCOUNT,
    days: tuple[str, str] = ("20260301", "20260310"),
    generated: str = "20260311;050000",
    period: str = "",
) -> str:
    """Return one FlexStatement."""
    head = f'accountId="{account}" fromDate="{days[0]}" toDate="{days[1]}" period="{period}" whenGenerated="{generated}"'
    return f"<FlexStatement {head}>{''.join(sections)}</FlexStatement>"


def report(*statements: str, kind: str = "AF", query: str = "Journal") -> bytes:
    """Return a whole report."""
    frame = f'<FlexQueryResponse queryName="{query}" type="{kind}"><FlexStatements count="{len(statements)}">'
    return f"{frame}{''.join(statements)}</FlexStatements></FlexQueryResponse>".encode()


def activity(*trades: str, days: tuple[str, str] = ("20260301", "20260310"), generated: str = "20260311;050000") -> bytes:
    """Return an Activity report of these trades."""
    return report(statement(section("Trades", *trades), days=days, generated=generated))


def confirmation(*confirms: str, day: str = "20260302", generated: str = "20260302;180000") -> bytes:
    """Return a confirmation of these fills."""
    return report(
        statement(section("TradeConfirms", *confirms), days=(day, day), generated=generated, period="Today"),
        kind="TCF",
        query="Today",
    )
