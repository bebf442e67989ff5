"""Fills of contracts that one query names by IBKR's number and another by symbol alone are the same fills."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from ibjournal.domain.depot import AccountId
from ibjournal.store import merge
from ibjournal.store.database import Database
from ibjournal.store.strategies import leg_fills
from tests.fakes.flex_reports import ACCOUNT, activity, confirm, confirmation, report, row, section, statement, trade
from tests.fakes.journal_folder import JournalFolder

BARE: dict[str, Any] = {"tradeID": "", "transactionID": "", "ibExecID": "", "ibOrderID": ""}
NAMELESS: dict[str, Any] = BARE | {"conid": None}


def stored(journal: JournalFolder) -> list[tuple[Any, ...]]:
    return journal.query("SELECT instrument, quantity FROM executions WHERE status='active' ORDER BY quantity")


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("ids", [NAMELESS, {"conid": None}], ids=["by what it was", "by its ids"])
def test_a_number_that_one_report_leaves_out_comes_from_the_other(
    journal: JournalFolder, order: tuple[int, int], ids: dict[str, Any]
) -> None:
    contents = [
        report(statement(section("Trades", trade(1, **ids))), query="Short"),
        report(statement(section("Trades", trade(1)), generated="20260312;050000"), query="Long"),
    ]
    for number in order:
        journal.take(contents[number], f"{number}.xml")
    assert stored(journal) == [("111", "100")]


def test_the_later_report_may_be_the_one_without_the_number(journal: JournalFolder) -> None:
    journal.take(report(statement(section("Trades", trade(1))), query="Long"), "one.xml")
    later = statement(section("Trades", trade(1, conid=None)), generated="20260312;050000")
    journal.take(report(later, query="Short"), "two.xml")
    assert stored(journal) == [("111", "100")]


def test_another_symbol_at_the_same_instant_is_another_fill(journal: JournalFolder) -> None:
    journal.take(report(statement(section("Trades", trade(1, **NAMELESS))), query="Short"), "one.xml")
    other = statement(section("Trades", trade(1, **(BARE | {"symbol": "BETA", "conid": "222"}))), generated="20260312;050000")
    journal.take(report(other, query="Long"), "two.xml")
    assert [quantity for _instrument, quantity in stored(journal)] == ["100", "100"]


def test_confirmations_and_activity_tell_of_the_same_fills_in_one_report_or_in_three(journal: JournalFolder) -> None:
    both = report(statement(section("Trades", trade(1), trade(1)), section("Trades", trade(2, 50))))
    journal.take(confirmation(confirm(1), confirm(2, 50)), "confirmed.xml")
    journal.take(both, "both.xml")
    journal.take(confirmation(confirm(1), confirm(2, 50), generated="20260302;190000"), "again.xml")
    assert sorted(quantity for _instrument, quantity in stored(journal)) == ["100", "50"]
    assert len(journal.fills()) == 2


def test_a_row_that_says_the_same_twice_or_thrice_is_one_fill(journal: JournalFolder) -> None:
    """And one that says something else under the same id is another, however often it comes."""
    journal.take(activity(trade(1), trade(1), trade(1, 60), trade(1, 60), trade(1)))
    assert sorted(quantity for _instrument, quantity in stored(journal)) == ["100", "60"]


def test_fills_of_a_trade_that_moved_belong_to_the_account_that_made_them(journal: JournalFolder) -> None:
    other = "U7000002"
    moved: dict[str, Any] = {
        "currency": "USD", "assetCategory": "STK", "symbol": "ACME", "conid": "111", "date": "20260305", "type": "INTERNAL",
    }  # fmt: skip
    for account, peer, quantity, direction in ((ACCOUNT, other, -100, "OUT"), (other, ACCOUNT, 100, "IN")):
        transfer = row("Transfer", accountId=account, account=peer, quantity=quantity, direction=direction, **moved)
        fills = [section("Trades", trade(1))] if account == ACCOUNT else []
        information = row("AccountInformation", accountId=account, currency="USD")
        content = report(statement(information, *fills, section("Transfers", transfer), account=account))
        assert journal.take(content, f"{account}.xml").error is None
    (only,) = journal.trades()
    assert (only.account, only.opened_on) == (other, date(2026, 3, 2))
    with Database(journal.paths.database).reading() as db:
        assert [fill.quantity for fill in leg_fills(db, AccountId(ACCOUNT), [only])] == [100]
        assert leg_fills(db, AccountId(other), [only]) == []


@pytest.mark.parametrize("batch", [1, 2, 5_000])
def test_one_report_with_both_sections_tells_each_fill_once(
    journal: JournalFolder, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    """No query of IBKR's gives it, and files that were put together by hand exist; however many rows are written at once."""
    monkeypatch.setattr(merge, "_BATCH", batch)
    journal.take(activity(trade(9, 7)), "before.xml")
    rows = [
        section("TradeConfirms", confirm(1)),
        section("Trades", trade(1), trade(2, 50)),
        section("TradeConfirms", confirm(2, 50)),
    ]
    journal.take(report(statement(*rows, generated="20260312;050000")), "both.xml")
    assert sorted(quantity for _instrument, quantity in stored(journal)) == ["100", "50"]


@pytest.mark.parametrize("batch", [1, 5_000])
def test_an_id_that_was_taken_off_a_row_by_this_report_belongs_to_one_that_is_alike(
    journal: JournalFolder, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    """Two fills that differ in their ids alone. The first gets another execution id, and its old one comes on the second's row."""
    monkeypatch.setattr(merge, "_BATCH", batch)
    alike: dict[str, Any] = {"tradeID": "", "dateTime": "20260302;100500", "ibOrderID": ""}
    first = [trade(1, **alike, ibExecID="0a.1.01.01"), trade(2, **(alike | {"transactionID": ""}), ibExecID="0b.1.01.01")]
    second = [trade(1, **alike, ibExecID="0c.1.01.01"), trade(5, **alike, ibExecID="0a.1.01.01")]
    journal.take(report(statement(section("Trades", *first)), query="One"), "one.xml")
    journal.take(report(statement(section("Trades", *second), generated="20260312;050000"), query="Two"), "two.xml")
    assert [quantity for _instrument, quantity in stored(journal)] == ["100", "100"]
    assert len(journal.fills()) == 2
