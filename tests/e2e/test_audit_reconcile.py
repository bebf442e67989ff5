"""A year of a wheel, worked out by hand; then one false number at a time, and the checks that must see it.

Two puts at 100 for 2.50 are rolled at 1.20 to 95 for 2.80, assigned; 80 of dividend less 12 of tax; two calls at 100 for 1.50
expire; two at 97 for 2.10 are assigned, 0.56 of commission on the shares. 257.40 + 558.70 + 298.70 + 418.70 + 399.44 = 1,932.94.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from ibjournal.analytics.reconciliation import CheckStatus
from ibjournal.domain.filters import TradeFilter
from tests.e2e.audit_rows import fill, option, section, year
from tests.fakes.flex_reports import ACCOUNT, cash, row
from tests.fakes.journal_folder import JournalFolder

_BOOKED = {"transactionType": "BookTrade", "ibExecID": "", "ibCommission": "0"}
_PAID = {"ibCommission": "-1.3"}


def _ended(trade_id: int, action: str) -> dict[str, object]:
    return {**_BOOKED, "notes": "A", "tradeID": trade_id, "positionActionID": action}


@cache
def _wheel() -> str:
    rolled = {"brokerageOrderID": "00c7000a", "dateTime": "20250210;110000", **_PAID}
    first = {"ibExecID": "0000aaaa.65000002.02.01", "fifoPnlRealized": "257.40", **rolled}
    second = {"ibExecID": "0000aaaa.65000002.03.01", **rolled}
    trades = section(
        "Trades",
        option("201", "P", 100, "20250221", -2, "2.5", "20250106;101500", **_PAID),
        option("201", "P", 100, "20250221", 2, "1.2", "20250210;110000", **first),
        option("202", "P", 95, "20250321", -2, "2.8", "20250210;110000", **second),
        option("202", "P", 95, "20250321", 2, 0, "20250321;162000", fifoPnlRealized="0", cost="558.7", **_ended(70001, "5")),
        fill("ACME", "111", 200, 95, "20250321;162000", fifoPnlRealized="0", cost="18441.3", **_ended(70002, "5")),
        option("203", "C", 100, "20250516", -2, "1.5", "20250422;120000", **_PAID),
        option("203", "C", 100, "20250516", 2, 0, "20250516;162000", fifoPnlRealized="298.70", **(_BOOKED | {"notes": "Ep"})),
        option("204", "C", 97, "20250620", -2, "2.1", "20250519;120000", **_PAID),
        option("204", "C", 97, "20250620", 2, 0, "20250620;162000", fifoPnlRealized="0", cost="418.7", **_ended(70005, "7")),
        fill(
            "ACME",
            "111",
            -200,
            97,
            "20250620;162000",
            fifoPnlRealized="1376.84",
            **(_ended(70006, "7") | {"ibCommission": "-0.56"}),
        ),
    )
    day = {"currency": "USD", "fxRateToBase": "1", "dateTime": "20250415;202000", "reportDate": "20250415"}
    share = {"symbol": "ACME", "conid": "111", "assetCategory": "STK"}
    bookings = section(
        "CashTransactions",
        cash(1, 50000, type="Deposits/Withdrawals", **day),
        cash(2, 80, **day, **share),
        cash(3, -12, type="Withholding Tax", **day, **share),
        cash(4, "31.17", type="Broker Interest Received", **day),
        cash(5, -10, type="Other Fees", **day),
    )
    told = {
        "startingCash": "0",
        "commissions": "-7.06",
        "deposits": "50000",
        "dividends": "80",
        "withholdingTax": "-12",
        "brokerInterest": "31.17",
        "otherFees": "-10",
        "netTradesSales": "21180",
        "netTradesPurchases": "-19240",
        "endingCash": "52022.11",
    }
    report = section(
        "CashReport",
        row("CashReportCurrency", accountId=ACCOUNT, currency="BASE_SUMMARY", levelOfDetail="BaseCurrency", **told),
        row("CashReportCurrency", accountId=ACCOUNT, currency="USD", levelOfDetail="Currency", **told),
    )
    results = (("OPT", "201", "257.40"), ("OPT", "203", "298.70"), ("STK", "111", "1376.84"))
    summary = section(
        "FIFOPerformanceSummaryInBase",
        *(
            row("FIFOPerformanceSummaryUnderlying", accountId=ACCOUNT, assetCategory=kind, conid=conid, totalRealizedPnl=result)
            for kind, conid, result in results
        ),
        row("FIFOPerformanceSummaryUnderlying", accountId=ACCOUNT, description="Total (All Assets)", totalRealizedPnl="1932.94"),
    )
    return year(trades, bookings, report, summary, section("OpenPositions")).decode()


def _seen(folder: Path, text: str) -> set[tuple[str, str]]:
    journal = JournalFolder(folder)
    journal.take(text.encode())
    checks = journal.services.reconciliation.checks()
    assert not [each for each in checks if each.status is CheckStatus.EXPLAINED]
    return {(each.check, each.subject) for each in checks if each.status is CheckStatus.DIFFERS}


def test_a_year_of_a_wheel_adds_up(tmp_path: Path) -> None:
    journal = JournalFolder(tmp_path / "journal")
    journal.take(_wheel().encode())
    assert [str(trade.net) for trade in journal.trades()] == ["257.4", "558.7", "399.44", "298.7", "418.7"]
    assert sum(trade.booked or Decimal(0) for trade in journal.trades()) == Decimal("1932.94")
    statuses = {each.status for each in journal.services.reconciliation.checks()}
    assert statuses == {CheckStatus.OK, CheckStatus.NOT_IN_REPORT}
    (found,) = journal.services.campaigns.list(TradeFilter())
    parts = found.campaign.parts
    assert [parts.premium, parts.stock, parts.dividends, parts.withholding_tax, parts.fees] == [
        Decimal(each) for each in ("1540", "400", "80", "-12", "-7.06")
    ]
    assert found.campaign.net_base == Decimal("2000.94")


def test_without_codes_and_option_events_a_delivery_still_says_how_an_option_ended(tmp_path: Path) -> None:
    journal = JournalFolder(tmp_path / "journal")
    text = _wheel()
    for attribute in ("notes", "positionActionID", "cost"):
        text = re.sub(rf' {attribute}="[^"]*"', "", text)
    journal.take(text.encode())
    assert [str(trade.net) for trade in journal.trades()] == ["257.4", "558.7", "399.44", "298.7", "418.7"]
    assert [trade.ended_by for trade in journal.trades() if trade.net in {Decimal("558.7"), Decimal("418.7")}] == ["assigned"] * 2


_CALL = ("realized", "ACME  250221P00100000")


@pytest.mark.parametrize(
    ("true", "false", "expected"),
    [
        ('fifoPnlRealized="257.40"', 'fifoPnlRealized="257.41"', {_CALL, ("realized_instrument", _CALL[1])}),
        ('fifoPnlRealized="1376.84"', 'fifoPnlRealized="1376.83"', {("realized", "ACME"), ("realized_instrument", "ACME")}),
        ('fifoPnlRealized="1376.84"', 'fifoPnlRealized="399.44"', {("realized", "ACME"), ("realized_instrument", "ACME")}),
        ('totalRealizedPnl="1376.84"', 'totalRealizedPnl="1376.85"', {("realized_instrument", "ACME")}),
        ('totalRealizedPnl="1932.94"', 'totalRealizedPnl="1932.95"', {("realized_total", "total")}),
        ('endingCash="52022.11"', 'endingCash="52022.12"', {("cash", "BASE_SUMMARY")}),
        ('dividends="80"', 'dividends="80.01"', {("cash_walk", "dividends")}),
        ('amount="80"', 'amount="79.99"', {("cash", ""), ("cash_walk", "dividends"), ("dividends", "")}),
        ('amount="-12"', 'amount="-12.01"', {("cash", ""), ("cash_walk", "withholdingTax"), ("withholding_tax", "")}),
        ('amount="31.17"', 'amount="31.18"', {("cash", ""), ("cash_walk", "brokerInterest"), ("interest", "")}),
    ],
)
def test_one_false_cent_comes_out_where_it_stands(tmp_path: Path, true: str, false: str, expected: set[tuple[str, str]]) -> None:
    text = _wheel()
    assert true in text
    seen = _seen(tmp_path / "journal", text.replace(true, false, 1))
    assert seen == expected
