"""Which fills count: cancels, corrections, and fills that a later report leaves out."""

from __future__ import annotations

import itertools
from decimal import Decimal

import pytest

from ibjournal.store.status import UNUSUAL
from tests.fakes.flex_reports import ACCOUNT, activity, confirm, confirmation, report, row, section, statement, trade
from tests.fakes.journal_folder import JournalFolder


def cancel(number: int, quantity: object, price: object = 10, **attributes: object) -> str:
    """Return a cancel as Activity writes it: no trade id, no execution id, the original's trade id."""
    values: dict[str, object] = {
        "transactionType": "TradeCancel",
        "tradeID": "",
        "ibExecID": "",
        "buySell": "SELL (Ca.)" if not str(quantity).startswith("-") else "BUY (Ca.)",
        "notes": "Ca",
        "ibCommission": "0",
        "openCloseIndicator": "",
    }
    return trade(number, quantity, price, **(values | attributes))


def statuses(journal: JournalFolder) -> dict[str, str]:
    """Return the status of each fill by its transaction id, or by its trade id where it has none."""
    return {number or trade_id: status for number, trade_id, status in journal.fills("transaction_id", "trade_id", "status")}


def net_position(journal: JournalFolder) -> Decimal:
    return sum((each.open_quantity for each in journal.trades()), Decimal(0))


# --- cancels and corrections -------------------------------------------------------------------------------------

ORIGINAL = trade(1, 2, "0.73")
CANCEL = cancel(2, -2, "0.73", origTradeID="501", dateTime="20260302;100100")
REBOOKED = trade(3, 1, "0.73", tradeID="501", ibExecID="0000aaaa.00000001.01.02", dateTime="20260302;100100", ibCommission="0.33")


def test_a_cancel_with_re_booking_under_the_same_trade_id(journal: JournalFolder) -> None:
    journal.take(activity(ORIGINAL, CANCEL, REBOOKED))
    assert statuses(journal) == {"9001": "cancelled", "9002": "cancel", "9003": "active"}
    (only,) = journal.trades()
    assert (str(only.quantity), str(only.pieces[0].fees)) == ("1", "-0.67")  # the original's -1 and the 0.33 given back


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_cancel_and_re_booking_may_come_in_any_order(journal: JournalFolder, order: tuple[int, ...]) -> None:
    for number in order:
        journal.take(report(statement(section("Trades", (ORIGINAL, CANCEL, REBOOKED)[number])), query=f"Piece {number}"))
    assert statuses(journal) == {"9001": "cancelled", "9002": "cancel", "9003": "active"}


def test_a_cancel_days_later_finds_its_original(journal: JournalFolder) -> None:
    journal.take(activity(trade(1, 100), trade(2, 100)))
    late = cancel(9, -100, origTransactionID="9002", tradeDate="20260309", dateTime="20260309;100000", reportDate="20260309")
    journal.take(report(statement(section("Trades", late), days=("20260309", "20260309"), generated="20260312;050000")))
    assert statuses(journal) == {"9001": "active", "9002": "cancelled", "9009": "cancel"}


def test_a_cancel_that_names_nothing_is_found_by_price_and_day(journal: JournalFolder) -> None:
    journal.take(activity(trade(1, 100, 9), trade(2, 100, 10), cancel(3, -100, 10, origTradeID="0")))
    assert statuses(journal) == {"9001": "active", "9002": "cancelled", "9003": "cancel"}


def test_two_cancels_take_two_originals(journal: JournalFolder) -> None:
    journal.take(activity(trade(1), trade(2), cancel(3, -100), cancel(4, -100)))
    assert set(statuses(journal).values()) == {"cancel", "cancelled"}
    assert journal.trades() == []


def test_a_cancel_without_its_original_is_told_and_trades_nothing(journal: JournalFolder) -> None:
    file = journal.take(activity(trade(1), cancel(2, -33, origTradeID="4444")))
    assert [(each.code, dict(each.values)["count"]) for each in file.warnings] == [("cancel_without_original", 1)]
    assert statuses(journal) == {"9001": "active", "9002": "cancel"}
    assert net_position(journal) == 100


def test_a_fraction_that_was_cancelled(journal: JournalFolder) -> None:
    fraction = {"transactionType": "FracShare", "tradeID": "", "ibExecID": ""}
    undone = {"transactionType": "FracShareCancel", "notes": "", "tradeDate": "20260305", "origTradeDate": "20260302"}
    journal.take(activity(trade(1, "0.00927925", **fraction), cancel(2, "-0.00927925", **undone)))
    assert statuses(journal) == {"9001": "cancelled", "9002": "cancel"}


def test_a_cancel_in_a_confirmation(journal: JournalFolder) -> None:
    undone = confirm(2, -100, buySell="BUY (Ca.)", code="Ca", tradeID="", execID="", origTradeID="501", dateTime="20260302;110000")
    journal.take(confirmation(confirm(1), undone))
    assert sorted(journal.fills("status")) == [("cancel",), ("cancelled",)]
    assert journal.trades() == []


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_newer_revision_supersedes_an_older_one(journal: JournalFolder, order: tuple[int, int]) -> None:
    reports = [
        confirmation(confirm(1, 100)),
        confirmation(confirm(1, 80, execID="0000aaaa.00000001.01.02"), generated="20260302;190000"),
    ]
    for number in order:
        journal.take(reports[number])
    assert sorted(journal.fills("exec_id", "status")) == [
        ("0000aaaa.00000001.01.01", "superseded"),
        ("0000aaaa.00000001.01.02", "active"),
    ]
    (only,) = journal.trades()
    assert only.quantity == 80


def test_legs_of_one_combination_do_not_supersede_each_other(journal: JournalFolder) -> None:
    legs = [trade(n, 1, ibExecID=f"0000e183.6a58737f.{n:02d}.01") for n in (2, 3, 4)]
    journal.take(activity(*legs))
    assert set(statuses(journal).values()) == {"active"}


def test_confirmed_then_cancelled_then_confirmed_by_activity(journal: JournalFolder) -> None:
    journal.take(confirmation(confirm(1, 2, "0.73")))
    journal.take(activity(ORIGINAL, CANCEL, REBOOKED))
    assert statuses(journal) == {"9001": "cancelled", "9002": "cancel", "9003": "active"}
    assert not journal.trades()[0].provisional


# --- fills that a later report leaves out ------------------------------------------------------------------------

WEEK = ("20260301", "20260310")


def later(
    *trades: str, days: tuple[str, str] = WEEK, generated: str = "20260320;050000", query: str = "Journal", name: str = "Trades"
) -> bytes:
    return report(statement(section(name, *trades), days=days, generated=generated), query=query)


def test_a_fill_that_a_later_report_leaves_out_is_gone(journal: JournalFolder) -> None:
    journal.take(activity(trade(1), trade(2)))
    file = journal.take(later(trade(1)))
    assert [(each.code, dict(each.values)["count"]) for each in file.warnings] == [("fills_vanished", 1)]
    assert statuses(journal) == {"9001": "active", "9002": "vanished"}
    assert net_position(journal) == 100


def test_a_fill_that_comes_again_is_back(journal: JournalFolder) -> None:
    journal.take(activity(trade(1), trade(2)))
    journal.take(later(trade(1)))
    journal.take(later(trade(1), trade(2), generated="20260321;050000"))
    assert statuses(journal) == {"9001": "active", "9002": "active"}
    assert net_position(journal) == 200


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(later(trade(1), generated="20260310;050000"), id="an older report"),
        pytest.param(later(trade(1), query="Another"), id="another query"),
        pytest.param(later(trade(1), days=("20260303", "20260310")), id="a report of other days"),
        pytest.param(later(row("Order", accountId=ACCOUNT, quantity="1")), id="a report with other views of trades only"),
        pytest.param(later(name="CashTransactions"), id="a report without trades"),
        pytest.param(confirmation(confirm(1), generated="20260320;050000"), id="a confirmation"),
        pytest.param(
            report(
                statement(
                    section("Trades", trade(1, accountId="U7000002")), account="U7000002", days=WEEK, generated="20260320;050000"
                )
            ),
            id="a report of another account",
        ),
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_who_cannot_tell_makes_nothing_vanish(journal: JournalFolder, content: bytes, first: bool) -> None:
    whole = activity(trade(1), trade(2))
    for each in (content, whole) if first else (whole, content):
        journal.take(each)
    assert {status for account, status in journal.fills("account", "status") if account == ACCOUNT} == {"active"}


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_vanishing_does_not_depend_on_the_order_of_files(journal: JournalFolder, order: tuple[int, ...]) -> None:
    reports = [
        activity(trade(1), trade(2)),
        later(trade(1)),
        later(trade(1), days=("20260302", "20260302"), generated="20260321;050000"),
    ]
    for number in order:
        journal.take(reports[number])
    assert statuses(journal) == {"9001": "active", "9002": "vanished"}


def test_an_empty_list_of_trades_tells_that_all_are_gone(journal: JournalFolder) -> None:
    journal.take(activity(trade(1)))
    journal.take(later())
    assert statuses(journal) == {"9001": "vanished"}
    assert journal.trades() == []


def test_the_report_date_decides_and_not_the_day_of_the_trade(journal: JournalFolder) -> None:
    friday = trade(1, -1, 0, tradeDate="20260227", dateTime="20260227;162000", reportDate="20260302", notes="Ep")
    journal.take(activity(friday, trade(2)))
    journal.take(later(trade(2), days=("20260226", "20260228")))
    assert set(statuses(journal).values()) == {"active"}
    journal.take(later(trade(2), days=("20260302", "20260302"), generated="20260321;050000"))
    assert statuses(journal) == {"9001": "vanished", "9002": "active"}


@pytest.mark.parametrize(("generated", "status"), [("20260304;050000", "active"), ("20260309;050000", "vanished")])
def test_a_confirmed_fill_that_activity_never_tells_of(journal: JournalFolder, generated: str, status: str) -> None:
    journal.take(confirmation(confirm(1), confirm(2)))
    journal.take(later(trade(1), days=("20260301", "20260303"), generated=generated, query="Whatever"))
    assert statuses(journal) == {"9001": "active", "502": status}


def test_fills_that_cannot_be_matched_make_no_trade(journal: JournalFolder) -> None:
    journal.take(activity(trade(1), trade(2, quantity=None)))
    assert statuses(journal) == {"9001": "active", "9002": "incomplete"}
    assert net_position(journal) == 100


# --- late, elsewhere, before its original ------------------------------------------------------------------------


def test_a_cancel_that_comes_before_its_original_finds_it_when_it_comes(journal: JournalFolder) -> None:
    late = cancel(9, -100, origTransactionID="9001", tradeDate="20260309", dateTime="20260309;100000", reportDate="20260309")
    file = journal.take(report(statement(section("Trades", late), days=("20260309", "20260309"), generated="20260312;050000")))
    assert [each.code for each in file.warnings] == ["cancel_without_original"]
    (orphan,) = journal.services.reports.orphan_cancels()
    assert (orphan.symbol, str(orphan.quantity), str(orphan.trade_date)) == ("ACME", "-100", "2026-03-09")
    file = journal.take(activity(trade(1), days=("20260301", "20260305")))
    assert file.warnings == ()
    assert statuses(journal) == {"9001": "cancelled", "9009": "cancel"}
    assert journal.services.reports.orphan_cancels() == ()


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_a_fill_corrected_in_a_confirmation_and_then_told_by_activity(journal: JournalFolder, order: tuple[int, ...]) -> None:
    corrected = {"quantity": 80, "execID": "0000aaaa.00000001.01.02"}
    reports = [
        confirmation(confirm(1)),
        confirmation(confirm(1, **corrected), generated="20260302;190000"),
        later(trade(1, 80, ibExecID="0000aaaa.00000001.01.02")),
    ]
    files = [journal.take(reports[number]) for number in order]
    assert sorted(journal.fills("exec_id", "source", "status")) == [
        ("0000aaaa.00000001.01.01", "TCF", "superseded"),
        ("0000aaaa.00000001.01.02", "AF", "active"),
    ]
    assert [each.code for file in files for each in file.warnings] in ([], ["fills_vanished"])
    assert journal.services.reports.vanished() == (), "it went with its correction"


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("named", [{"origTransactionID": "9001"}, {"origTradeID": "501"}])
def test_a_trade_correct_takes_the_place_of_what_it_names(
    journal: JournalFolder, named: dict[str, object], order: tuple[int, int]
) -> None:
    correction = trade(2, 100, "10.5", transactionType="TradeCorrect", notes="Co", ibExecID="", dateTime="20260305;100000", **named)
    reports = [activity(trade(1), trade(3, 7)), later(correction, trade(1), trade(3, 7))]
    for number in order:
        journal.take(reports[number])
    assert statuses(journal) == {"9001": "superseded", "9002": "active", "9003": "active"}
    assert net_position(journal) == 107


def test_a_correction_after_a_cancel_is_a_fill_of_its_own(journal: JournalFolder) -> None:
    undone = cancel(2, -100, origTransactionID="9001")
    correction = trade(3, 90, 10, transactionType="TradeCorrect", notes="Co;Ca", origTransactionID="9001", ibExecID="")
    journal.take(activity(trade(1), undone, correction))
    assert statuses(journal) == {"9001": "cancelled", "9002": "cancel", "9003": "active"}
    assert net_position(journal) == 90


def test_a_fraction_cancelled_days_later_in_another_report_keeps_all_digits(journal: JournalFolder) -> None:
    fraction = {"transactionType": "FracShare", "tradeID": "", "ibExecID": "", "notes": "R;FP"}
    journal.take(activity(trade(1, "0.00927925", "213.4567891", **fraction), trade(2, "0.5123", "213.4567891", **fraction)))
    undone = {"transactionType": "FracShareCancel", "notes": "", "origTradeDate": "20260302", "ibCommission": "0"}
    days = {"tradeDate": "20260309", "dateTime": "20260309;202000", "reportDate": "20260309"}
    content = cancel(3, "-0.00927925", "213.4567891", **undone, **days)
    journal.take(report(statement(section("Trades", content), days=("20260309", "20260309"), generated="20260312;050000")))
    assert statuses(journal) == {"9001": "cancelled", "9002": "active", "9003": "cancel"}
    (only,) = journal.trades()
    assert (str(only.quantity), str(only.entry_price)) == ("0.5123", "213.4567891")


# --- missing fills as a list -------------------------------------------------------------------------------------


def test_missing_fills_are_listed_with_who_told_of_them_and_who_does_not(journal: JournalFolder) -> None:
    told = journal.take(confirmation(confirm(1), confirm(2, 30)))
    left_out = journal.take(later(trade(1)))
    (missing,) = journal.services.reports.vanished()
    assert (missing.symbol, str(missing.quantity), missing.provisional) == ("ACME", "30", True)
    assert (missing.told_by, missing.left_out_by) == (told.report_id, left_out.report_id)
    journal.take(later(trade(1), trade(2, 30), generated="20260321;050000"))
    assert journal.services.reports.vanished() == ()


def test_orders_alone_do_not_make_the_fills_of_one_account_vanish(journal: JournalFolder) -> None:
    journal.take(confirmation(confirm(1)))
    order = row("Order", accountId=ACCOUNT, levelOfDetail="ORDER", quantity="100")
    other = statement(section("Trades", trade(5, accountId="U7000002")), account="U7000002", generated="20260320;050000")
    journal.take(report(statement(section("Trades", order), days=WEEK, generated="20260320;050000"), other))
    assert {status for account, status in journal.fills("account", "status") if account == ACCOUNT} == {"active"}


def test_unusual_fills_are_found_by_their_index(journal: JournalFolder) -> None:
    plan = journal.query(f"EXPLAIN QUERY PLAN SELECT 1 FROM executions WHERE account='' AND instrument='' AND ({UNUSUAL})")
    assert ["executions_unusual" in str(step) for step in plan] == [True]


def test_a_correction_of_the_other_side_takes_the_place_of_nothing(journal: JournalFolder) -> None:
    """Ids are shared by what one trade was booked as: a purchase is not corrected by a sale."""
    sale = trade(2, -100, 11, transactionType="TradeCorrect", origTradeID="501", origTransactionID="9001")
    journal.take(activity(trade(1, 100), sale))
    assert statuses(journal) == {"9001": "active", "9002": "active"}


def test_a_cancel_that_a_later_report_leaves_out_takes_nothing_back(journal: JournalFolder) -> None:
    journal.take(activity(ORIGINAL, CANCEL))
    assert statuses(journal) == {"9001": "cancelled", "9002": "cancel"}
    journal.take(activity(ORIGINAL, generated="20260320;050000"))
    assert statuses(journal) == {"9001": "active", "9002": "vanished"}
