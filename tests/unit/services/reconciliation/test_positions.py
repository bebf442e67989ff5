"""Our positions and their cost beside IBKR's, each difference with its reason."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ibjournal.services.reconciliation.service import Check, CheckStatus
from tests.fakes.flex_reports import ACCOUNT, activity, confirm, confirmation, report, row, section, statement, trade
from tests.fakes.journal_folder import JournalFolder

D = Decimal


def held(conid: str, quantity: object, cost: object = None, **attributes: object) -> str:
    values: dict[str, object] = {
        "accountId": ACCOUNT, "conid": conid, "symbol": "ACME" if conid == "111" else f"S{conid}", "assetCategory": "STK",
        "currency": "USD", "position": quantity, "costBasisMoney": cost, "levelOfDetail": "SUMMARY", "markPrice": "10",
    }  # fmt: skip
    return row("OpenPosition", **(values | attributes))


def of(journal: JournalFolder, name: str) -> dict[str, Check]:
    return {each.subject: each for each in journal.services.reconciliation.checks() if each.check == name}


def take(
    journal: JournalFolder, *trades: str, reported: tuple[str, ...], last: str = "20260310", generated: str = "20260311;050000"
) -> None:
    sections = (section("Trades", *trades), section("OpenPositions", *reported))
    journal.take(report(statement(*sections, days=("20260301", last), generated=generated)))


@pytest.mark.parametrize(
    ("trades", "reported", "status", "reason"),
    [
        ((trade(1, 100),), (held("111", 100),), "ok", ""),
        ((trade(1, "0.5"),), (held("111", "0.50"),), "ok", ""),
        ((trade(1, 100),), (held("111", 99),), "differs", "no_reason_found"),
        ((trade(1, 100),), (held("111", "99.999"),), "differs", "no_reason_found"),
        ((trade(1, 100),), (held("111", -100),), "differs", "no_reason_found"),
        ((trade(1, 100),), (held("111", 100), held("222", 5)), "explained", "history_starts_later"),
        ((trade(1, 100), trade(2, 7, conid="222", symbol="S222")), (held("111", 100),), "differs", "no_reason_found"),
    ],
)
def test_quantities(journal: JournalFolder, trades: tuple[str, ...], reported: tuple[str, ...], status: str, reason: str) -> None:
    take(journal, *trades, reported=reported)
    last = of(journal, "positions")["S222" if "222" in "".join(trades + reported) else "ACME"]
    assert (last.status.value, last.reason) == (status, reason)


def test_the_journal_is_compared_as_of_the_day_of_the_report(journal: JournalFolder) -> None:
    take(journal, trade(1, 100), reported=(held("111", 100),))
    later = {"tradeDate": "20260312", "reportDate": "20260312", "dateTime": "20260312;100000"}
    journal.take(confirmation(confirm(2, -30, **later), day="20260312", generated="20260312;180000"))
    check = of(journal, "positions")["ACME"]
    assert (check.ours, check.ibkr, check.status) == (D(100), D(100), CheckStatus.OK)
    assert str(check.period.end) == "2026-03-10"


def test_a_later_section_without_rows_says_that_nothing_is_open(journal: JournalFolder) -> None:
    take(journal, trade(1, 100), reported=(held("111", 100),))
    take(journal, trade(1, 100), reported=(), last="20260312", generated="20260313;050000")
    check = of(journal, "positions")["ACME"]
    assert (check.ours, check.ibkr, check.status) == (D(100), D(0), CheckStatus.DIFFERS)
    assert str(check.period.end) == "2026-03-12"


def test_flat_and_an_empty_section_agree(journal: JournalFolder) -> None:
    take(journal, trade(1, 100), reported=(held("111", 100),))
    sold = {"tradeDate": "20260312", "reportDate": "20260312", "dateTime": "20260312;100000"}
    take(journal, trade(1, 100), trade(2, -100, **sold), reported=(), last="20260312", generated="20260313;050000")
    (check,) = of(journal, "positions").values()
    assert (check.status, check.reason) == (CheckStatus.NOT_IN_REPORT, "nothing_to_compare")


def test_fills_that_only_a_confirmation_tells_of_explain_themselves(journal: JournalFolder) -> None:
    take(journal, trade(1, 100), reported=(held("111", 100),))
    journal.take(confirmation(confirm(2, 30), generated="20260302;180000"))
    check = of(journal, "positions")["ACME"]
    if check.status is not CheckStatus.OK:  # a fill that Activity of its day does not know may have vanished already
        assert (check.status, check.reason) == (CheckStatus.EXPLAINED, "provisional")


def test_an_event_that_is_not_applied_explains_its_units(journal: JournalFolder) -> None:
    event = row(
        "CorporateAction", accountId=ACCOUNT, conid="111", symbol="ACME", assetCategory="STK", currency="USD", quantity="7",
        type="XX", dateTime="20260305;202500", reportDate="20260306", actionID="55", transactionID="777", description="SOMETHING",
    )  # fmt: skip
    sections = (section("Trades", trade(1, 100)), section("OpenPositions", held("111", 107)), section("CorporateActions", event))
    journal.take(report(statement(*sections)))
    check = of(journal, "positions")["ACME"]
    assert (check.ibkr, check.status, check.reason) == (D(107), CheckStatus.EXPLAINED, "event_not_applied")
    assert dict(check.values)["quantity"] == "7"


@pytest.mark.parametrize(("cost", "status"), [("1001", "ok"), ("1001.005", "ok"), ("1001.01", "differs"), ("-1001", "differs")])
def test_cost(journal: JournalFolder, cost: str, status: str) -> None:
    take(journal, trade(1, 100, 10), reported=(held("111", 100, cost),))
    check = of(journal, "cost")["ACME"]
    assert (check.ours, check.status.value, check.currency) == (D(1001), status, "USD")


def test_costs_of_zero_are_no_costs(journal: JournalFolder) -> None:
    take(journal, trade(1, 100, 10), reported=(held("111", 100, "0"),))
    (check,) = of(journal, "cost").values()
    assert (check.status, check.reason) == (CheckStatus.NOT_IN_REPORT, "not_told")


def test_models_of_one_account_add_up(journal: JournalFolder) -> None:
    take(journal, trade(1, 100, 10), reported=(held("111", 60, "600.6", model="A"), held("111", 40, "400.4", model="B")))
    assert of(journal, "positions")["ACME"].status is CheckStatus.OK
    assert of(journal, "cost")["ACME"].status is CheckStatus.OK
    assert len(of(journal, "cost")["ACME"].rows) == 2


def test_lots_are_no_second_position(journal: JournalFolder) -> None:
    first, second = held("111", 60, "600.6", levelOfDetail="LOT"), held("111", 40, "400.4", levelOfDetail="LOT")
    take(journal, trade(1, 100, 10), reported=(held("111", 100, "1001"), first, second))
    assert of(journal, "positions")["ACME"].ibkr == 100


def test_lots_alone_are_the_position(journal: JournalFolder) -> None:
    lots = (held("111", 60, "600.6", levelOfDetail="LOT"), held("111", 40, "400.4", levelOfDetail="LOT"))
    take(journal, trade(1, 100, 10), reported=lots)
    assert of(journal, "positions")["ACME"].status is CheckStatus.OK


def test_another_lot_method_by_the_lots_that_are_left(journal: JournalFolder) -> None:
    """Of two purchases the dearer one was sold: what is left is the cheaper one."""
    sold = {"proceeds": "1100", "cost": "-1201", "fifoPnlRealized": "-102", "notes": "HC"}
    left = (held("111", 100, "1001"), held("111", 100, "1001", levelOfDetail="LOT", originatingTransactionID="9001"))
    take(journal, trade(1, 100, 10), trade(2, 100, 12), trade(3, -100, 11, **sold), reported=left)
    check = of(journal, "cost")["ACME"]
    assert (check.ours, check.ibkr, check.status, check.reason) == (D(1201), D(1001), CheckStatus.EXPLAINED, "lot_method")


def test_without_positions_in_the_reports_nothing_is_compared(journal: JournalFolder) -> None:
    journal.take(activity(trade(1)))
    (check,) = of(journal, "positions").values()
    assert (check.status, check.reason, check.difference) == (CheckStatus.NOT_IN_REPORT, "section_missing", None)
    assert dict(check.values)["sections"] == ("OpenPositions",)


def test_conversions_of_currency_are_not_compared(journal: JournalFolder) -> None:
    euro = {"assetCategory": "CASH", "symbol": "EUR.USD", "conid": "12087792"}
    take(journal, trade(1), trade(2, 1000, "1.1", **euro), reported=(held("111", 100),))
    assert list(of(journal, "positions")) == ["ACME"]
