"""How the rows of reports meet: Activity over confirmation, the later over the earlier, and nothing lost or doubled."""

from __future__ import annotations

import itertools
import tempfile
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ibjournal.store.merge import stable_id
from tests.fakes.flex_reports import (
    ACCOUNT,
    activity,
    cash,
    confirm,
    confirmation,
    equity,
    report,
    row,
    section,
    statement,
    trade,
)
from tests.fakes.journal_folder import JournalFolder

LATER = "20260312;050000"


def test_the_same_report_twice_changes_nothing(journal: JournalFolder) -> None:
    content = activity(trade(1), trade(2, -40, 11))
    assert journal.counts(content) == (2, 0, 0)
    before = journal.state()
    assert journal.counts(content) == (0, 0, 2)
    assert journal.state() == before


def test_the_same_rows_in_another_report_change_nothing(journal: JournalFolder) -> None:
    journal.take(activity(trade(1), trade(2, -40, 11)))
    before = journal.state()
    assert journal.counts(activity(trade(2, -40, 11), trade(1), generated=LATER)) == (0, 0, 2)
    assert journal.state() == before


# --- Activity over confirmation ----------------------------------------------------------------------------------


def test_activity_replaces_a_confirmation(journal: JournalFolder) -> None:
    assert journal.counts(confirmation(confirm(1))) == (1, 0, 0)
    (before,) = journal.trades()
    assert before.provisional
    assert journal.counts(activity(trade(1))) == (0, 1, 0)
    columns = ("source", "transaction_id", "commission", "fx_rate_to_base", "status")
    assert journal.fills(*columns) == [("AF", "9001", "-1", "0.9", "active")]
    (after,) = journal.trades()
    assert not after.provisional
    assert (after.key, str(after.pieces[0].fees)) == (before.key, "-1")
    assert before.pieces[0].fees == Decimal("-0.95")


def test_a_confirmation_never_replaces_activity(journal: JournalFolder) -> None:
    journal.take(activity(trade(1)))
    before = journal.state()
    assert journal.counts(confirmation(confirm(1), generated="20260320;120000")) == (0, 0, 1)
    assert journal.state() == before


@pytest.mark.parametrize("activity_first", [True, False])
@pytest.mark.parametrize(
    ("in_activity", "in_confirmation"),
    [
        pytest.param({}, {}, id="execution id"),
        pytest.param({"ibExecID": None}, {}, id="trade id, where the query leaves execution ids out of Activity"),
        pytest.param({}, {"execID": None}, id="trade id, where the query leaves execution ids out of confirmations"),
        pytest.param({"ibExecID": "", "tradePrice": "0"}, {"execID": "", "price": "0"}, id="a booking"),
        pytest.param({"ibExecID": None, "tradeID": None}, {"execID": None, "tradeID": None}, id="neither"),
    ],
)
def test_one_fill_in_both_reports_is_one_row(
    journal: JournalFolder, in_activity: dict[str, object], in_confirmation: dict[str, object], activity_first: bool
) -> None:
    reports = [activity(trade(1, **in_activity)), confirmation(confirm(1, **in_confirmation))]
    for content in reports if activity_first else reversed(reports):
        journal.counts(content)
    assert journal.fills() == [("9001", "AF", "active")]
    (only,) = journal.trades()
    assert (str(only.quantity), only.provisional) == ("100", False)


def test_trade_ids_alone_never_join_fills_that_differ(journal: JournalFolder) -> None:
    journal.take(confirmation(confirm(1, execID=None), confirm(2, 30, execID=None, tradeID=501)))
    journal.take(activity(trade(1, 30, tradeID=501, dateTime="20260302;100200")))
    assert sorted(journal.fills("quantity", "source")) == [("100", "TCF"), ("30", "AF")]


def test_four_fills_of_one_trade_id_are_four(journal: JournalFolder) -> None:
    rows = [confirm(n, n, tradeID=77) for n in range(1, 5)]
    assert journal.counts(confirmation(*rows)) == (4, 0, 0)
    assert journal.counts(confirmation(*rows, generated="20260302;190000")) == (0, 0, 4)
    assert sum(each.quantity for each in journal.trades()) == 10


def test_both_kinds_of_rows_in_one_report(journal: JournalFolder) -> None:
    both = report(statement(section("TradeConfirms", confirm(1), confirm(2)), section("Trades", trade(1))))
    file = journal.take(both)
    assert file.new + file.updated + file.unchanged == 3
    assert sorted(journal.fills("trade_id", "source")) == [("501", "AF"), ("502", "TCF")]


def test_two_accounts_never_meet(journal: JournalFolder) -> None:
    other = trade(1, accountId="U7000002")
    two = report(statement(section("Trades", trade(1))), statement(section("Trades", other), account="U7000002"))
    assert journal.counts(two) == (2, 0, 0)
    assert journal.fills("account", "quantity") == [(ACCOUNT, "100"), ("U7000002", "100")]


# --- the later over the earlier ----------------------------------------------------------------------------------


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_two_activity_reports_the_later_made_wins(journal: JournalFolder, order: tuple[int, int]) -> None:
    reports = [activity(trade(1)), activity(trade(1, ibCommission="-0.8"), generated=LATER)]
    for number in order:
        journal.counts(reports[number])
    assert journal.fills("commission") == [("-0.8",)]


def test_what_an_earlier_report_says_again_does_not_come_back(journal: JournalFolder) -> None:
    first, second = activity(trade(1)), activity(trade(1, ibCommission="-0.8"), generated=LATER)
    journal.take(first)
    journal.take(second)
    assert journal.counts(activity(trade(1), days=("20260302", "20260302"))) == (0, 0, 1)
    assert journal.fills("commission") == [("-0.8",)]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_two_queries_that_disagree_end_the_same_in_any_order(journal: JournalFolder, order: tuple[int, ...]) -> None:
    def told(commission: str, query: str, day: int) -> bytes:
        generated = f"202603{day};050000"
        return report(statement(section("Trades", trade(1, ibCommission=commission)), generated=generated), query=query)

    reports = [told("-1", "A", 11), told("-2", "A", 12), told("-1", "B", 13)]
    for number in order:
        journal.take(reports[number])
    assert journal.fills("commission", "query_name") == [("-1", "B")]


# --- rows without ids, ids that repeat ---------------------------------------------------------------------------

BARE = {"tradeID": None, "transactionID": None, "ibExecID": None}


def test_rows_without_ids_are_told_apart_by_content_and_count(journal: JournalFolder) -> None:
    twins = [trade(1, **BARE), trade(1, **BARE), trade(2, -40, **BARE)]
    assert journal.counts(activity(*twins)) == (3, 0, 0)
    assert journal.counts(activity(*twins, generated=LATER)) == (0, 0, 3)
    assert journal.counts(activity(*twins, trade(1, **BARE), generated="20260313;050000")) == (1, 0, 3)
    (only,) = journal.trades()
    assert (str(only.quantity), str(only.open_quantity)) == ("300", "260")


def test_one_transaction_id_with_different_contents_loses_nothing(journal: JournalFolder) -> None:
    rows = [trade(1, tradeID=n, ibExecID=f"a.b.{n}.01", quantity=n, transactionID=5) for n in (1, 2, 3)]
    assert journal.counts(activity(*rows)) == (3, 0, 0)
    assert journal.counts(activity(*rows, generated=LATER)) == (0, 0, 3)
    assert sorted(journal.fills("quantity")) == [("1",), ("2",), ("3",)]
    assert sum(each.quantity for each in journal.trades()) == 6


def test_a_row_that_a_report_tells_twice_is_one(journal: JournalFolder) -> None:
    assert journal.counts(activity(trade(1), trade(1))) == (1, 0, 1)
    twice = report(statement(section("Trades", trade(2))), statement(section("Trades", trade(2))))
    assert journal.counts(twice) == (1, 0, 1)


@pytest.mark.parametrize(
    ("ids", "stable"),
    [
        (("0000e183.6a58737f.04.01", "17", "18"), "0000e183.6a58737f.04"),
        (("0000e183.6a58737f.04.02", "17", "19"), "0000e183.6a58737f.04"),
        (("CUSTHSFX.20260302.1", "17", "18"), "CUSTHSFX.20260302.1"),
        (("", "17", "18"), "17"),
        (("", "", "18"), "18"),
        (("", "", ""), "content"),
    ],
)
def test_a_fill_keeps_one_id(ids: tuple[str, str, str], stable: str) -> None:
    assert stable_id(*ids, "content") == stable


def test_summary_rows_over_accounts_are_no_fills(journal: JournalFolder) -> None:
    assert journal.counts(activity(trade(1), trade(1, accountId="-"))) == (1, 0, 0)


# --- the other sections ------------------------------------------------------------------------------------------


def bookings(*rows: str, generated: str = "20260311;050000") -> bytes:
    return report(statement(section("CashTransactions", *rows), generated=generated))


def test_bookings_meet_by_their_id_and_the_later_words_win(journal: JournalFolder) -> None:
    journal.take(bookings(cash(1, 100), cash(2, -15, type="Withholding Tax")))
    journal.take(bookings(cash(1, 101), generated=LATER))
    journal.take(bookings(cash(1, 99), generated="20260310;050000"))
    assert journal.query("SELECT transaction_id, amount FROM cash_entries ORDER BY 1") == [("801", "101"), ("802", "-15")]


def test_reversal_and_new_booking_of_a_dividend_are_three_bookings(journal: JournalFolder) -> None:
    journal.take(bookings(cash(1, 100), cash(2, -100), cash(3, 95)))
    assert [row["amount"] for row in journal.services.export.rows("cash")] == ["100", "-100", "95"]


def test_bookings_without_ids_are_their_content(journal: JournalFolder) -> None:
    bare = cash(1, transactionID=None, levelOfDetail=None)
    journal.take(bookings(bare, bare, cash(1, 7, transactionID=None)))
    journal.take(bookings(bare, bare, generated=LATER))
    assert sorted(journal.query("SELECT amount FROM cash_entries")) == [("100",), ("100",), ("7",)]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_day_of_equity_is_the_later_reports(journal: JournalFolder, order: tuple[int, int]) -> None:
    reports = [
        report(statement(section("EquitySummaryInBase", equity("20260302", "1000"), equity("20260303", "1100")))),
        report(statement(section("EquitySummaryInBase", equity("20260303", "1101")), generated=LATER)),
    ]
    for number in order:
        journal.take(reports[number])
    assert [(row["day"], row["total"]) for row in journal.services.export.rows("equity")] == [
        ("2026-03-02", "1000"),
        ("2026-03-03", "1101"),
    ]


def position(conid: str, quantity: int) -> str:
    values = {"accountId": ACCOUNT, "conid": conid, "symbol": f"S{conid}", "assetCategory": "STK", "currency": "USD"}
    return row("OpenPosition", **values, position=quantity, markPrice="2", reportDate="20260310")


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_positions_of_a_day_are_the_later_reports_as_a_whole(journal: JournalFolder, order: tuple[int, int]) -> None:
    reports = [
        report(statement(section("OpenPositions", position("1", 5), position("2", 7)))),
        report(statement(section("OpenPositions", position("1", 6)), generated=LATER)),
    ]
    for number in order:
        journal.take(reports[number])
    assert journal.query("SELECT instrument, quantity FROM positions") == [("1", "6")]


def nav(value: str, *, generated: str, days: tuple[str, str] = ("20260301", "20260310")) -> bytes:
    leaf = row("ChangeInNAV", accountId=ACCOUNT, fromDate=days[0], toDate=days[1], endingValue=value)
    return report(statement(leaf, generated=generated, days=days))


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_what_stands_for_a_range_is_the_later_reports(journal: JournalFolder, order: tuple[int, int]) -> None:
    reports = [nav("1000", generated="20260311;050000"), nav("1002", generated=LATER)]
    for number in order:
        journal.take(reports[number])
    (data,) = journal.query("SELECT data FROM section_rows WHERE section='ChangeInNAV'")
    assert '"1002"' in data[0]


def test_other_ranges_stand_beside_each_other(journal: JournalFolder) -> None:
    journal.take(nav("1000", generated="20260311;050000"))
    journal.take(nav("1050", generated=LATER, days=("20260301", "20260311")))
    assert journal.query("SELECT scope FROM section_rows ORDER BY 1") == [
        ("2026-03-01/2026-03-10",),
        ("2026-03-01/2026-03-11",),
    ]


def test_events_of_other_sections_are_kept_once_and_twins_twice(journal: JournalFolder) -> None:
    lot = row("Lot", accountId=ACCOUNT, conid="111", quantity="5", levelOfDetail="CLOSED_LOT")
    journal.take(activity(trade(1), lot, lot))
    journal.take(activity(trade(1), lot, lot, generated=LATER))
    assert journal.query("SELECT count(*) FROM section_rows WHERE tag='Lot'") == [(2,)]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_contract_is_as_the_later_report_tells_it_but_never_poorer(journal: JournalFolder, order: tuple[int, int]) -> None:
    reports = [
        activity(trade(1, symbol="OLD", isin="US0000000001")),
        activity(trade(1, symbol="NEW", isin="", description=""), generated=LATER),
    ]
    for number in order:
        journal.take(reports[number])
    assert journal.query("SELECT symbol, isin, description FROM instruments") == [("NEW", "US0000000001", "ACME CORP")]


# --- any order of files ------------------------------------------------------------------------------------------

CANCELS = {"transactionType": "TradeCancel", "buySell": "BUY (Ca.)", "notes": "Ca", "ibCommission": "0"}
LAST = {"dateTime": "20260310;100000", "tradeDate": "20260310", "reportDate": "20260310"}
PIECES = (
    confirmation(confirm(1), confirm(2, -40, 11), confirm(3, 5, 12)),
    confirmation(confirm(20, 8, dateTime="20260309;100000", tradeDate="20260309", reportDate="20260309"), day="20260309"),
    report(
        statement(
            section("Trades", trade(1), trade(2, -40, 11), trade(4, 10, 9)),
            section("CashTransactions", cash(1)),
            section("EquitySummaryInBase", equity("20260302", "1000"), equity("20260303", "1100")),
            days=("20260301", "20260304"),
            generated="20260305;050000",
        )
    ),
    report(
        statement(
            section(
                "Trades",
                trade(2, -40, 11, ibCommission="-0.9"),
                trade(1),
                trade(3, 5, 12),
                trade(5, -10, 9, tradeID="", ibExecID="", origTradeID="504", **CANCELS),
                trade(6, 6, 9, tradeID="504", ibExecID="0000aaaa.00000004.01.02", dateTime="20260302;100400"),
                trade(4, 10, 9),
            ),
            section("CashTransactions", cash(1, 101), cash(2, -15, type="Withholding Tax")),
            section("EquitySummaryInBase", equity("20260303", "1101"), equity("20260304", "1090")),
            section("OpenPositions", position("111", 71)),
            days=("20260301", "20260309"),
            generated="20260316;050000",
        )
    ),
    activity(trade(7, -71, 13, **LAST), days=("20260310", "20260310")),
)  # fmt: skip


def state_after(order: list[int]) -> dict[str, list[str]]:
    with tempfile.TemporaryDirectory() as folder:
        journal = JournalFolder(Path(folder) / "data")
        for number in order:
            file = journal.take(PIECES[number], f"{number}.xml")
            assert file.error is None
        return journal.state()


def test_the_pieces_together_are_what_they_tell(journal: JournalFolder) -> None:
    for piece in PIECES:
        journal.take(piece)
    statuses = journal.fills("transaction_id", "quantity", "source", "status")
    assert statuses == [
        ("9001", "100", "AF", "active"),
        ("9002", "-40", "AF", "active"),
        ("9003", "5", "AF", "active"),
        ("9004", "10", "AF", "cancelled"),
        ("9006", "6", "AF", "active"),
        ("9005", "-10", "AF", "cancel"),
        ("", "8", "TCF", "vanished"),
        ("9007", "-71", "AF", "active"),
    ]
    (only,) = journal.trades()
    assert (only.quantity, only.open_quantity, only.fees) == (Decimal(111), Decimal(0), Decimal("-5.9"))


@settings(max_examples=25)
@given(st.permutations(range(len(PIECES))))
def test_any_order_of_files_gives_the_same_journal(order: list[int]) -> None:
    assert state_after(order) == state_after_all()


_REFERENCE: list[dict[str, list[str]]] = []


def state_after_all() -> dict[str, list[str]]:
    """Return the journal after the files in their order; made once."""
    if not _REFERENCE:
        _REFERENCE.append(state_after(list(range(len(PIECES)))))
    return _REFERENCE[0]


def test_files_that_come_again_change_nothing() -> None:
    assert state_after([0, 1, 2, 3, 4, 2, 0, 3, 1]) == state_after_all()
