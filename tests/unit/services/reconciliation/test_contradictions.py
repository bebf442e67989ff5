"""Two reports of the same days that cannot both be right are told; two that say the same are not."""

from __future__ import annotations

from ibjournal.services.reconciliation.service import Check, CheckStatus
from tests.fakes.flex_reports import ACCOUNT, report, row, section, statement, trade
from tests.fakes.journal_folder import JournalFolder

HELD = row(
    "OpenPosition", accountId=ACCOUNT, conid="111", symbol="ACME", assetCategory="STK", currency="USD", position="10",
    levelOfDetail="SUMMARY",
)  # fmt: skip


def take(journal: JournalFolder, name: str, *sections: str, last: str = "20260310", generated: str = "20260311;050000") -> None:
    journal.take(report(statement(*sections, days=("20260301", last), generated=generated)), f"{name}.xml")


def of(journal: JournalFolder, name: str) -> list[Check]:
    return [each for each in journal.services.reconciliation.checks() if each.check == name]


def test_other_fills_on_the_same_days(journal: JournalFolder) -> None:
    take(journal, "one", section("Trades", trade(1, 30, conid="222", symbol="OTHER")))
    take(journal, "two", section("Trades", trade(2, 70)), section("OpenPositions", HELD), generated="20260312;050000")
    (check,) = of(journal, "positions")
    assert (check.status, check.reason) == (CheckStatus.EXPLAINED, "reports_contradict")
    values = dict(check.values)
    assert (values["first"], values["second"], values["what"]) == ("one.xml", "two.xml", "fills")
    assert {each.report for each in check.parts[0].rows} == {1, 2}


def test_reports_that_overlap_and_tell_the_same_do_not_contradict(journal: JournalFolder) -> None:
    take(journal, "one", section("Trades", trade(1, 70)), section("OpenPositions", HELD))
    take(journal, "two", section("Trades", trade(1, 70)), section("OpenPositions", HELD), generated="20260312;050000")
    later = {"tradeDate": "20260309", "reportDate": "20260309", "dateTime": "20260309;100000"}
    booked_late = section("Trades", trade(1, 70), trade(2, 10, **later))
    take(journal, "three", booked_late, section("OpenPositions", HELD), generated="20260313;050000")
    (check,) = of(journal, "positions")
    assert (check.status, check.reason) == (CheckStatus.DIFFERS, "no_reason_found")


def value(start: object, end: object) -> str:
    return row("ChangeInNAV", accountId=ACCOUNT, currency="USD", startingValue=start, mtm="5", endingValue=end)


def test_two_values_at_the_close_of_one_day(journal: JournalFolder) -> None:
    take(journal, "one", value(100, 105))
    take(journal, "two", value(100, 107), last="20260310", generated="20260312;050000")
    (sums,) = (each for each in of(journal, "nav_walk") if each.subject == "total")
    assert sums.status is CheckStatus.DIFFERS  # IBKR's own lines: no other report has a part in it
    journal.take(
        report(statement(value(106, 111), days=("20260311", "20260312"), generated="20260313;050000"), query="Other"), "three.xml"
    )
    found = [each for each in of(journal, "nav_walk") if each.reason == "reports_contradict"]
    assert all(dict(each.values)["what"] == "balances" for each in found)
