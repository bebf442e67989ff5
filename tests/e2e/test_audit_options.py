"""Options that end, on rows written as IBKR writes them, every figure worked out by hand."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from ibjournal.analytics.reconciliation import Check, CheckStatus
from tests.e2e.audit_rows import action, fill, option, position, section, year
from tests.fakes.flex_reports import ACCOUNT, row
from tests.fakes.journal_folder import JournalFolder

_PAID = row(
    "OptionEAE",
    accountId=ACCOUNT,
    currency="USD",
    assetCategory="OPT",
    symbol="ACME  250321C00050000",
    conid="221",
    date="20250321",
    transactionType="Cash Settlement",
    quantity="0",
    proceeds="7500",
)


def _settled(result: str, *, cost: str = "-4001.2") -> str:
    """A call bought for 4,001.20 and exercised for 7,500 in cash: 3,498.80."""
    codes = {"transactionType": "BookTrade", "ibExecID": "", "notes": "Ex", "ibCommission": "0", "openCloseIndicator": "C"}
    return section(
        "Trades",
        option("221", "C", 50, "20250321", 1, 40, "20250310;100000", ibCommission="-1.2"),
        option("221", "C", 50, "20250321", -1, 0, "20250321;162000", proceeds="0", cost=cost, fifoPnlRealized=result, **codes),
    )


def _realized(journal: JournalFolder) -> Check:
    (check,) = [each for each in journal.services.reconciliation.checks() if each.check == "realized"]
    return check


@pytest.mark.parametrize(
    ("result", "events", "status", "reason"),
    [
        ("3498.8", _PAID, CheckStatus.OK, ""),
        ("-4001.2", _PAID, CheckStatus.EXPLAINED, "funds_tell"),
        ("3498.8", "", CheckStatus.EXPLAINED, "rows_missing"),
        ("3498.81", _PAID, CheckStatus.DIFFERS, "no_reason_found"),
    ],
)
def test_an_option_settled_in_cash_earns_its_cash_however_it_is_told(
    tmp_path: Path, result: str, events: str, status: CheckStatus, reason: str
) -> None:
    journal = JournalFolder(tmp_path / "journal")
    journal.take(year(_settled(result), section("OptionEAE", events)))
    (trade,) = journal.trades()
    assert [trade.net, trade.ended_by] == [Decimal("3498.8"), "settled"]
    check = _realized(journal)
    assert (check.status, check.reason) == (status, reason)


def test_an_option_that_split_is_assigned_at_its_new_strike(tmp_path: Path) -> None:
    """One put at 380 for 5 is four at 95 for 1.25; 400 shares come at 95, and 499 of premium lower their cost to 37,501."""
    journal = JournalFolder(tmp_path / "journal")
    words = "ACME(US0000000001) SPLIT 4 FOR 1 (ACME, ACME CORP, US0000000001)"
    terms = {"assetCategory": "OPT", "multiplier": "100", "putCall": "P", "strike": "95", "underlyingConid": "111"}
    booked = {"transactionType": "BookTrade", "ibExecID": "", "notes": "A", "ibCommission": "0"}
    journal.take(
        year(
            section(
                "Trades",
                option("231", "P", 380, "20250620", -1, 5, "20250303;100000"),
                option("231", "P", 95, "20250620", 4, 0, "20250620;162000", fifoPnlRealized="0", cost="499", **booked),
                fill("ACME", "111", 400, 95, "20250620;162000", fifoPnlRealized="0", cost="37501", **booked),
            ),
            section(
                "CorporateActions",
                action("FS", "ACME  250620P00095000", "231", -3, "20250609;202500", "20250610", words, actionID="9", **terms),
            ),
            section("OpenPositions", position("ACME", "111", 400, 37501, "20251231")),
        )
    )
    put, shares = journal.trades()
    assert [put.net, put.booked, put.ended_by] == [Decimal(499), Decimal(0), "assigned"]
    assert [shares.open_quantity, shares.entry_price] == [Decimal(400), Decimal(95)]
    assert {each.status for each in journal.services.reconciliation.checks()} == {CheckStatus.OK, CheckStatus.NOT_IN_REPORT}


@pytest.mark.parametrize("flags", [True, False])
def test_both_legs_of_a_spread_end_in_the_money_at_once(tmp_path: Path, *, flags: bool) -> None:
    """Bought at 95 by assignment, sold at 90 by exercise, the sale numbered first: -500 + 199.30 - 100.70 = -401.40."""
    journal = JournalFolder(tmp_path / "journal")
    booked = {"transactionType": "BookTrade", "ibExecID": "", "ibCommission": "0"}
    used, given = {**booked, "notes": "Ex", "positionActionID": "11"}, {**booked, "notes": "A", "positionActionID": "12"}
    paid, at = {"ibCommission": "-0.7"}, "20250417;162000"
    opens, closes = ({"openCloseIndicator": "O"}, {"openCloseIndicator": "C"}) if flags else ({}, {})
    journal.take(
        year(
            section(
                "Trades",
                option("241", "P", 90, "20250417", 1, 1, "20250303;100000", **paid, **opens),
                option("242", "P", 95, "20250417", -1, 2, "20250303;100000", **paid, **opens),
                option("241", "P", 90, "20250417", -1, 0, at, fifoPnlRealized="0", **used, **closes),
                fill("ACME", "111", -100, 90, at, fifoPnlRealized="-401.4", **used, **closes),
                option("242", "P", 95, "20250417", 1, 0, at, fifoPnlRealized="0", **given, **closes),
                fill("ACME", "111", 100, 95, at, fifoPnlRealized="0", **given, **opens),
            ),
        )
    )
    nets = {trade.instrument: (trade.net, trade.booked) for trade in journal.trades()}
    assert nets == {
        "241": (Decimal("-100.7"), Decimal(0)),
        "242": (Decimal("199.3"), Decimal(0)),
        "111": (Decimal(-500), Decimal("-401.4")),
    }
    assert {each.status for each in journal.services.reconciliation.checks()} == {CheckStatus.OK, CheckStatus.NOT_IN_REPORT}


def test_a_result_that_no_cost_explains_is_no_premium_that_moved(tmp_path: Path) -> None:
    """Bought for 4,001.20; the row takes out 4,000 and states 10: neither the premium nor anything else explains that."""
    journal = JournalFolder(tmp_path / "journal")
    journal.take(year(_settled("10", cost="-4000"), section("OptionEAE", _PAID)))
    assert _realized(journal).status is CheckStatus.DIFFERS
