"""Contracts as reports tell them, where they tell nonsense."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.fakes.account_reports import on, take
from tests.fakes.flex_reports import ACCOUNT, row, section
from tests.fakes.journal_folder import JournalFolder

OLD = {"accountId": ACCOUNT, "currency": "USD", "conid": "501", "symbol": "OLD 50 C", "assetCategory": "OPT"}
NEW = OLD | {"conid": "502", "symbol": "NEW 50 C"}


@pytest.mark.parametrize("multiplier", ["0", "", "100"])
def test_a_contract_without_a_multiplier_can_be_exchanged(journal: JournalFolder, multiplier: str) -> None:
    """Ten contracts that nobody saw bought become ten others: nothing is divided by a multiplier that is nothing."""
    exchange = {"type": "TC", "actionID": "7", "actionDescription": "OLD(US1) MERGED", **on("20260401")}
    take(
        journal,
        section(
            "CorporateActions",
            row("CorporateAction", **(OLD | exchange), quantity=-10, multiplier=multiplier, transactionID="1"),
            row("CorporateAction", **(NEW | exchange), quantity=10, multiplier=multiplier, transactionID="2"),
        ),
        section("OpenPositions", row("OpenPosition", **NEW, position=10, costBasisMoney=50, multiplier=multiplier)),
    )
    (trade,) = journal.trades()
    assert (trade.instrument, trade.open_quantity) == ("502", Decimal(10))
