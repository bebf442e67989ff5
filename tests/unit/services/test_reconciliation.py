"""Our positions beside IBKR's, each difference with its reason."""

from __future__ import annotations

import pytest

from ibjournal.domain.depot import AccountId
from ibjournal.services.reconciliation import Check, CheckStatus
from tests.fakes.flex_reports import ACCOUNT, activity, confirm, confirmation, report, row, section, statement, trade
from tests.fakes.journal_folder import JournalFolder


def held(conid: str, quantity: object) -> str:
    values = {
        "accountId": ACCOUNT,
        "conid": conid,
        "symbol": "ACME" if conid == "111" else f"S{conid}",
        "assetCategory": "STK",
        "currency": "USD",
    }
    return row("OpenPosition", **values, position=quantity, levelOfDetail="SUMMARY")


def positions(journal: JournalFolder) -> dict[str, Check]:
    return {each.subject: each for each in journal.services.reconciliation.checks() if each.check == "positions"}


def take(journal: JournalFolder, *trades: str, reported: tuple[str, ...]) -> None:
    journal.take(report(statement(section("Trades", *trades), section("OpenPositions", *reported))))


@pytest.mark.parametrize(
    ("trades", "reported", "status", "reason"),
    [
        ((trade(1, 100),), (held("111", 100),), "ok", ""),
        ((trade(1, "0.5"),), (held("111", "0.50"),), "ok", ""),
        ((trade(1, 100),), (held("111", 99),), "differs", ""),
        ((trade(1, 100),), (held("111", "99.999"),), "differs", ""),
        ((trade(1, 100),), (held("111", 100), held("222", 5)), "ok", ""),
        ((trade(1, 100), trade(2, 7, conid="222", symbol="S222")), (held("111", 100),), "differs", ""),
    ],
)
def test_positions(journal: JournalFolder, trades: tuple[str, ...], reported: tuple[str, ...], status: str, reason: str) -> None:
    take(journal, *trades, reported=reported)
    last = positions(journal)["S222" if "222" in "".join(trades + reported) else "ACME"]
    assert (last.status.value, last.reason) == (status, reason)
    assert last.difference is not None
    assert (last.difference == 0) is (status == "ok")


def test_fills_after_the_report_explain_themselves(journal: JournalFolder) -> None:
    take(journal, trade(1, 100), reported=(held("111", 100),))
    later = {"tradeDate": "20260312", "reportDate": "20260312", "dateTime": "20260312;100000"}
    journal.take(confirmation(confirm(2, -30, **later), day="20260312", generated="20260312;180000"))
    check = positions(journal)["ACME"]
    assert (str(check.ours), str(check.ibkr), check.status, check.reason) == (
        "70",
        "100",
        CheckStatus.EXPLAINED,
        "fills_after_the_report",
    )


def test_without_positions_in_the_reports_nothing_is_compared(journal: JournalFolder) -> None:
    journal.take(activity(trade(1)))
    (check,) = positions(journal).values()
    assert (check.status, check.reason, check.difference) == (CheckStatus.NOT_IN_REPORT, "no_positions_reported", None)


def test_every_check_to_come_stands_in_the_list_and_says_so(journal: JournalFolder) -> None:
    take(journal, trade(1), reported=(held("111", 100),))
    others = [each for each in journal.services.reconciliation.checks() if each.check != "positions"]
    assert {each.check for each in others} >= {"realized", "cash", "nav_walk", "twr"}
    assert {(each.status, each.reason) for each in others} == {(CheckStatus.NOT_IN_REPORT, "not_compared_yet")}


def test_an_account_alone(journal: JournalFolder) -> None:
    take(journal, trade(1), reported=(held("111", 100),))
    assert {each.account for each in journal.services.reconciliation.checks(account=AccountId(ACCOUNT))} == {ACCOUNT}
    assert journal.services.reconciliation.checks() == journal.services.reconciliation.checks(account=AccountId(ACCOUNT))


def test_an_empty_journal(journal: JournalFolder) -> None:
    assert journal.services.reconciliation.checks() == ()


def test_conversions_of_currency_are_not_compared(journal: JournalFolder) -> None:
    euro = {"assetCategory": "CASH", "symbol": "EUR.USD", "conid": "12087792"}
    take(journal, trade(1), trade(2, 1000, "1.1", **euro), reported=(held("111", 100),))
    assert list(positions(journal)) == ["ACME"]
