"""Contracts as reports tell them, where they tell nonsense."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from ibjournal.domain.depot import AccountId
from ibjournal.domain.instrument import InstrumentId
from ibjournal.domain.position_event import Place
from ibjournal.store.database import Database
from ibjournal.store.matching import Rates, match_stored
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


def test_an_action_without_a_day_of_its_report_counts_on_new_yorks_day(journal: JournalFolder) -> None:
    """Booked at half past eight in the evening in New York, which is the next day in UTC."""
    told = {"accountId": ACCOUNT, "currency": "USD", "conid": "111", "symbol": "ACME", "assetCategory": "STK"}
    issue = row(
        "CorporateAction",
        **told,
        type="RI",
        quantity=10,
        dateTime="20260401;203000",
        reportDate=None,
        actionID="7",
        transactionID="1",
    )
    take(journal, section("CorporateActions", issue))
    place = Place(AccountId(ACCOUNT), InstrumentId("111"))
    with Database(journal.paths.database).reading() as db:
        found = {
            day: match_stored(db, place, Rates(db), with_matches=False, until=date(2026, 3, 31) + timedelta(days=day))[place]
            for day in range(3)
        }
    assert {day: sum(lot.quantity for lot in each.open_lots) for day, each in found.items()} == {0: 0, 1: 10, 2: 10}
