"""Events through real reports: what IBKR's rows do to lots and trades, each type with rows of its own."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ibjournal.domain.depot import AccountId
from ibjournal.domain.instrument import InstrumentId
from ibjournal.domain.position_event import EventKind, Place
from ibjournal.services.events import EventRow, EventState
from tests.fakes.flex_reports import ACCOUNT, report, row, section, statement, trade
from tests.fakes.journal_folder import JournalFolder

_OLD, _NEW, _THIRD = "111", "222", "333"


def action(kind: str | None, quantity: object, *, conid: str = _OLD, **attributes: object) -> str:
    """Return a corporate action on the evening of 4 March 2026, action id 77."""
    values: dict[str, object] = {
        "accountId": ACCOUNT,
        "currency": "USD",
        "assetCategory": "STK",
        "symbol": f"C{conid}",
        "conid": conid,
        "isin": f"US0000000{conid}",
        "dateTime": "20260304;202500",
        "reportDate": "20260305",
        "type": kind,
        "quantity": quantity,
        "proceeds": "0",
        "value": "0",
        "fifoPnlRealized": "0",
        "actionID": "77",
        "transactionID": f"{kind}{conid}{quantity}",
        "actionDescription": "ACME CHANGES",
    }
    return row("CorporateAction", **(values | attributes))


def take(journal: JournalFolder, *actions: str, trades: tuple[str, ...] = (), later: tuple[str, ...] = ()) -> list[EventRow]:
    """Take in 100 shares bought at 10 with a commission of 1, what happened to them, and later fills; return the events."""
    account = row("AccountInformation", accountId=ACCOUNT, currency="USD")
    fills = section("Trades", *(trades or (bought(1, 100, 10),)), *later)
    file = journal.take(report(statement(account, fills, section("CorporateActions", *actions))))
    assert file.error is None, file.error
    return list(journal.services.events.list_events())


def bought(number: int, quantity: object, price: object, **attributes: object) -> str:
    """Return a fill of 2 March with a commission of 1."""
    return trade(number, quantity, price, **({"symbol": f"C{_OLD}", "fxRateToBase": "1"} | attributes))


def sold(quantity: object, price: object, *, conid: str = _OLD, number: int = 5, **attributes: object) -> str:
    """Return a later sale on 9 March, without commission."""
    values: dict[str, object] = {
        "conid": conid,
        "symbol": f"C{conid}",
        "dateTime": "20260309;110000",
        "tradeDate": "20260309",
        "reportDate": "20260309",
        "ibCommission": "0",
        "fxRateToBase": "1",
    }
    return trade(number, quantity, price, **(values | attributes))


def lots(journal: JournalFolder, conid: str) -> list[tuple[str, str]]:
    """Return quantity and cost of each open lot of an instrument."""
    rows = journal.services.export.rows("positions")
    return [(str(each["quantity"]), str(each["cost"])) for each in rows if each["instrument"] == conid]


def test_a_split_multiplies_the_position(journal: JournalFolder) -> None:
    (event,) = take(journal, action("FS", 100), later=(sold(-200, 6),))
    assert (event.kind, event.state, event.day) == (EventKind.SPLIT, EventState.APPLIED, date(2026, 3, 5))
    (only,) = journal.trades()
    assert (only.net, only.exit_price) == (Decimal(199), Decimal(6))


@pytest.mark.parametrize("kind", ["RS", "CC", "IC", "TC", "TO", "OR", "GV", "FS", "CS"])
def test_an_exchange_carries_cost_and_dates_on(journal: JournalFolder, kind: str) -> None:
    (event,) = take(journal, action(kind, -100), action(kind, 4, conid=_NEW), later=(sold(-4, 300, conid=_NEW),))
    assert (event.kind, event.state, event.symbols, event.ratio) == (
        EventKind.EXCHANGE, EventState.APPLIED, ("C111", "C222"), Decimal("0.04"),
    )  # fmt: skip
    (only,) = journal.trades()
    assert (only.instrument, only.net, only.opened_on, only.key.split("/")[1]) == (_NEW, Decimal(199), date(2026, 3, 2), _OLD)
    detail = journal.services.journal.trade_detail(only.key)
    assert detail is not None
    assert [(fill.execution.instrument, fill.piece.quantity) for fill in detail.fills] == [
        (_OLD, Decimal(100)),
        (_NEW, Decimal(-4)),
    ]
    assert [match.net for match in detail.matches] == [Decimal(199)]


def test_a_note_moves_with_the_lots(journal: JournalFolder) -> None:
    take(journal)
    (before,) = journal.trades()
    journal.services.journal.write_note(before.key, "kept")
    exchange = section("CorporateActions", action("IC", -100), action("IC", 100, conid=_NEW))
    journal.take(report(statement(exchange, generated="20260312;050000")))
    (after,) = journal.trades()
    assert (after.key, after.instrument) == (before.key, _NEW)
    detail = journal.services.journal.trade_detail(after.key)
    assert detail is not None
    assert detail.note is not None
    assert detail.note.text == "kept"


def test_cash_and_shares(journal: JournalFolder) -> None:
    """IBKR states the result of the cash: the basis that moves on is cost + result - cash."""
    rows = (
        action("TC", -100, proceeds="300", fifoPnlRealized="100", value="-1500"),
        action("TC", 50, conid=_NEW, value="1200"),
    )
    (event,) = take(journal, *rows, later=(sold(-50, 20, conid=_NEW),))
    assert (event.kind, event.state) == (EventKind.EXCHANGE, EventState.APPLIED)
    (only,) = journal.trades()
    assert only.net == 100 + (50 * 20 - (1001 + 100 - 300))


@pytest.mark.parametrize(
    ("kind", "ended_by"), [("TC", "merged"), ("TO", "tendered"), ("OR", "merged"), ("CT", "removed"), ("GV", "removed")]
)
def test_units_that_are_paid_for_close(journal: JournalFolder, kind: str, ended_by: str) -> None:
    (event,) = take(journal, action(kind, -100, proceeds="1500", fifoPnlRealized="499"))
    assert (event.kind, event.state) == (EventKind.REMOVAL, EventState.APPLIED)
    (only,) = journal.trades()
    assert (only.net, only.ended_by, only.closed_on) == (Decimal(499), ended_by, date(2026, 3, 5))


@pytest.mark.parametrize(("kind", "ended_by"), [("DW", "worthless"), ("ED", "worthless")])
def test_what_is_worthless_closes_for_nothing(journal: JournalFolder, kind: str, ended_by: str) -> None:
    (event,) = take(journal, action(kind, -100))
    assert (event.kind, event.state) == (EventKind.REMOVAL, EventState.APPLIED)
    (only,) = journal.trades()
    assert (only.net, only.ended_by) == (Decimal(-1001), ended_by)


@pytest.mark.parametrize(
    ("kind", "money"), [("BM", {"proceeds": "10000"}), ("TM", {"value": "-10000"}), ("TC", {"proceeds": "10000"})]
)
def test_bonds_and_bills_mature(journal: JournalFolder, kind: str, money: dict[str, str]) -> None:
    bond = {"assetCategory": "BILL" if kind != "BM" else "BOND", "fxRateToBase": "1"}
    (event,) = take(
        journal, action(kind, -10000, assetCategory=bond["assetCategory"], **money), trades=(trade(1, 10000, "98.5", **bond),)
    )
    assert (event.kind, event.state) == (EventKind.REMOVAL, EventState.APPLIED)
    (only,) = journal.trades()
    assert only.net == Decimal(10000) - Decimal(9851)


def test_a_spin_off_takes_a_part_of_the_cost_that_is_told(journal: JournalFolder) -> None:
    words = "C111(US0000000111) SPINOFF  1 FOR 5 (C222, NEW CORP, US0000000222)"
    (event,) = take(journal, action("SO", 20, conid=_NEW, actionDescription=words, value="400"))
    assert (event.kind, event.state, event.symbols) == (EventKind.SPIN_OFF, EventState.BASIS_ASKED, ("C111", "C222"))
    place = Place(AccountId(ACCOUNT), InstrumentId(_NEW))
    (child,) = (leg for leg in event.legs if leg.place == place)
    assert (child.asks_basis, child.problem) == (True, "basis_asked")
    assert journal.services.events.tell_basis(event.id, place, Decimal(150), "USD").trades
    assert [Decimal(cost) for _quantity, cost in lots(journal, _OLD) + lots(journal, _NEW)] == [851, 150]
    (told,) = journal.services.events.list_events()
    assert told.state is EventState.APPLIED
    journal.services.maintenance.rebuild_from_archive()
    (again,) = journal.services.events.list_events()
    assert (again.state, again.id) == (EventState.APPLIED, event.id)
    assert journal.services.events.forget_basis(event.id, place)
    assert not journal.services.events.forget_basis(event.id, place)
    assert journal.services.events.list_events()[0].state is EventState.BASIS_ASKED


def test_ibkrs_own_cost_of_a_spin_off(journal: JournalFolder) -> None:
    words = "C111(US0000000111) SPINOFF  1 FOR 5 (C222, NEW CORP, US0000000222)"
    (event,) = take(journal, action("SO", 20, conid=_NEW, actionDescription=words, costBasis="101"), action("PV", 0))[:1]
    assert event.state is EventState.APPLIED
    assert lots(journal, _NEW) == [("20", "101")]


@pytest.mark.parametrize("kind", ["RI", "DI", "CH", "HI"])
def test_rights_cost_nothing(journal: JournalFolder, kind: str) -> None:
    (event,) = take(journal, action(kind, 100, conid=_NEW))
    assert (event.kind, event.state) == (EventKind.ISSUE, EventState.APPLIED)
    assert [(quantity, Decimal(cost)) for quantity, cost in lots(journal, _NEW)] == [("100", Decimal(0))]


@pytest.mark.parametrize("kind", ["PI", "CI", "SR", "HD"])
def test_what_is_paid_for_costs_what_was_paid(journal: JournalFolder, kind: str) -> None:
    (event,) = take(journal, action(kind, 50, conid=_NEW, proceeds="-450"))
    assert (event.kind, event.state) == (EventKind.ISSUE, EventState.APPLIED)
    assert [(quantity, Decimal(cost)) for quantity, cost in lots(journal, _NEW)] == [("50", Decimal(450))]


def test_rights_that_are_exercised(journal: JournalFolder) -> None:
    """Rights bought for 1001 and 500 paid: the shares cost 1501."""
    (event,) = take(journal, action("SR", -100), action("PI", 50, conid=_NEW, proceeds="-500"))
    assert (event.kind, event.type, event.state) == (EventKind.EXCHANGE, "SR", EventState.APPLIED)
    assert [Decimal(cost) for _quantity, cost in lots(journal, _NEW)] == [Decimal(1501)]


@pytest.mark.parametrize(("out", "into"), [("BC", "CI"), ("TO", "TI"), ("HD", "HD"), ("BC", "BC")])
def test_two_halves_without_an_action_id_meet(journal: JournalFolder, out: str, into: str) -> None:
    halves = (
        action(out, -100, actionID=None, actionDescription="ACME LEAVES"),
        action(into, 25, conid=_NEW, actionID=None, actionDescription="ACME COMES"),
    )
    (event,) = take(journal, *halves)
    assert (event.kind, event.state) == (EventKind.EXCHANGE, EventState.APPLIED)
    assert [Decimal(cost) for _quantity, cost in lots(journal, _NEW)] == [Decimal(1001)]


@pytest.mark.parametrize("kind", ["CD", "CP", "PV", "FA", "DI", ""])
def test_what_changes_no_position_has_no_effect(journal: JournalFolder, kind: str) -> None:
    (event,) = take(journal, action(kind, 0, proceeds="25"))
    assert event.state is EventState.NO_EFFECT
    (only,) = journal.trades()
    assert only.open_quantity == 100


@pytest.mark.parametrize(("kind", "quantity"), [("CP", 10), ("XX", -100), ("TC", -100), ("UE", 5), ("TI", 5), ("", -100)])
def test_what_is_not_understood_is_told_and_left_alone(journal: JournalFolder, kind: str, quantity: int) -> None:
    (event,) = take(journal, action(kind, quantity))
    assert (event.kind, event.state) == (EventKind.UNKNOWN, EventState.NOT_APPLIED)
    assert dict(event.values)["code"] == "unknown_event"
    (only,) = journal.trades()
    assert (only.open_quantity, only.net) == (Decimal(100), Decimal(0))
    (check,) = (each for each in journal.services.reconciliation.checks() if each.check == "positions")
    assert check.ours != check.ibkr or check.ibkr is None


def test_a_row_that_is_taken_back_cancels_out(journal: JournalFolder) -> None:
    rows = (
        action("FS", 100, transactionID="1"),
        action("FS", -100, transactionID="2", code="Ca", dateTime="20260306;202500", reportDate="20260309"),
        action("FS", 50, transactionID="3", dateTime="20260306;202500", reportDate="20260309"),
    )
    events = take(journal, *rows)
    assert [(event.state, event.legs[0].leg.quantity) for event in events] == [(EventState.APPLIED, Decimal(50))]
    (only,) = journal.trades()
    assert only.open_quantity == 150


def test_several_reports_of_one_action_do_not_double(journal: JournalFolder) -> None:
    """A later report of another template knows the action's text but no transaction id; its row is the same."""
    take(journal, action("FS", 100, transactionID=None))
    others: list[dict[str, Any]] = [{"mtmPnl": "1", "transactionID": None}, {"transactionID": "9"}]
    for number, other in enumerate(others):
        again = section("CorporateActions", action("FS", 100, **other))
        journal.take(report(statement(again, generated=f"2026031{2 + number};050000")))
    assert len(journal.services.events.list_events()) == 1
    (only,) = journal.trades()
    assert only.open_quantity == 200


def test_old_reports_tell_by_their_words(journal: JournalFolder) -> None:
    words = "C111(US0000000111) SPLIT 1 FOR 25"
    rows = (
        action(None, -100, actionID=None, actionDescription=f"{words} (C111.OLD, ACME CORP, US0000000111)"),
        action(None, 4, conid=_NEW, actionID=None, actionDescription=f"{words} (C222, ACME CORP, US0000000222)"),
    )
    (event,) = take(journal, *rows)
    assert (event.kind, event.type, event.ratio) == (EventKind.EXCHANGE, "RS", Decimal("0.04"))


def test_a_split_that_states_only_its_ratio(journal: JournalFolder) -> None:
    (event,) = take(journal, action("FS", 0, actionDescription="C111(US0000000111) SPLIT 3 FOR 1"))
    assert (event.kind, event.state) == (EventKind.SPLIT, EventState.APPLIED)
    assert journal.trades()[0].open_quantity == 300


def test_an_options_contract_is_split_in_its_place(journal: JournalFolder) -> None:
    option = {
        "assetCategory": "OPT",
        "multiplier": "100",
        "strike": "93.5",
        "putCall": "P",
        "expiry": "20260320",
        "fxRateToBase": "1",
    }
    after: dict[str, Any] = {**option, "strike": "46.75"}
    trades = (trade(1, -1, 2, openCloseIndicator="O", buySell="SELL", **option),)
    later = (sold(2, "0.5", buySell="BUY", openCloseIndicator="C", **after),)
    (event,) = take(journal, action("FS", -1, assetCategory="OPT"), trades=trades, later=later)
    assert (event.kind, event.state) == (EventKind.SPLIT, EventState.APPLIED)
    (only,) = journal.trades()
    assert only.net == 200 - 1 - 100


def test_the_order_of_reports_does_not_matter(journal: JournalFolder, tmp_path: Path) -> None:
    other_journal = JournalFolder(tmp_path / "other")
    first = report(statement(section("Trades", trade(1)), days=("20260301", "20260303"), generated="20260304;050000"))
    second = report(
        statement(
            section("CorporateActions", action("TC", -100), action("TC", 50, conid=_NEW)),
            section("Trades", sold(-50, 30, conid=_NEW)),
            days=("20260304", "20260310"),
        )
    )
    journal.take(first)
    journal.take(second, "second.xml")
    other_journal.take(second)
    other_journal.take(first, "first.xml")
    assert journal.state() == other_journal.state()
    assert journal.trades() == other_journal.trades()
