"""Rows of sections without a table: once each, however often and from wherever they are told; the later report's words count."""

from __future__ import annotations

import itertools
import json

import pytest

from tests.fakes.flex_reports import ACCOUNT, report, row, section, statement
from tests.fakes.journal_folder import JournalFolder

EARLY, LATE = "20260311;050000", "20260312;050000"


def line(number: int | None, amount: str, balance: str, **attributes: object) -> str:
    """Return a line of the statement of funds on 2 March 2026."""
    values: dict[str, object] = {
        "accountId": ACCOUNT, "currency": "USD", "reportDate": "20260302", "date": "20260302", "activityCode": "BUY",
        "amount": amount, "balance": balance, "levelOfDetail": "Currency",
    }  # fmt: skip
    return row("StatementOfFundsLine", **(values | {"transactionID": number} | attributes))


def funds(*lines: str, days: tuple[str, str] = ("20260301", "20260310"), generated: str = EARLY, query: str = "Journal") -> bytes:
    return report(statement(section("StmtFunds", *lines), days=days, generated=generated), query=query)


def told(journal: JournalFolder, name: str = "balance", where: str = "1") -> list[str]:
    """Return one attribute of all stored rows."""
    rows = journal.query(f"SELECT data FROM section_rows WHERE {where} ORDER BY report, ordinal")
    return [json.loads(data).get(name, "") for (data,) in rows]


@pytest.mark.parametrize("dated", [True, False])
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_balance_that_another_start_shifts_does_not_double_its_line(
    journal: JournalFolder, order: tuple[int, int], dated: bool
) -> None:
    day: dict[str, object] = {} if dated else {"reportDate": None, "date": None}
    reports = [
        funds(line(1, "-100", "900", **day), line(2, "-50", "850", **day)),
        funds(line(1, "-100", "400", **day), line(2, "-50", "350", **day), days=("20260302", "20260310"), generated=LATE),
    ]
    for number in order:
        journal.take(reports[number])
    assert told(journal) == ["400", "350"]


def test_lines_of_one_transaction_are_told_apart_by_currency_and_code(journal: JournalFolder) -> None:
    lines = [
        line(1, "-100", "900", reportDate=None),
        line(1, "-90", "810", reportDate=None, currency="EUR", levelOfDetail="BaseCurrency"),
        line(1, "-1", "809", reportDate=None, activityCode="STAX"),
    ]
    for generated in (EARLY, LATE):
        journal.take(funds(*lines, generated=generated))
    assert told(journal, "amount") == ["-100", "-90", "-1"]


def test_a_query_for_one_level_leaves_the_other_level_alone(journal: JournalFolder) -> None:
    base = line(1, "-90", "810", currency="EUR", levelOfDetail="BaseCurrency")
    journal.take(funds(line(1, "-100", "900"), base))
    journal.take(funds(line(1, "-100", "500"), generated=LATE, query="Another"))
    assert sorted(told(journal, "balance")) == ["500", "810"]


def test_opening_and_closing_balances_stand_for_their_range(journal: JournalFolder) -> None:
    opening = line(None, "0", "1000", activityDescription="Starting Balance", activityCode="", date="20260301")
    journal.take(funds(opening, line(1, "-100", "900")))
    journal.take(funds(opening, line(1, "-100", "900"), generated=LATE))
    journal.take(funds(opening, line(1, "-100", "900"), days=("20260302", "20260310"), generated=LATE))
    assert sorted(told(journal, "activityDescription")) == ["", "Starting Balance", "Starting Balance"]


def lot(quantity: str, result: str, **attributes: object) -> str:
    values: dict[str, object] = {"accountId": ACCOUNT, "conid": "111", "reportDate": "20260302", "levelOfDetail": "CLOSED_LOT"}
    return row("Lot", **(values | {"quantity": quantity, "fifoPnlRealized": result} | attributes))


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_closed_lots_of_a_day_are_the_latest_reports_in_any_order(journal: JournalFolder, order: tuple[int, ...]) -> None:
    reports = [
        report(statement(section("Trades", lot("5", "10"), lot("5", "10"), lot("7", "3")), generated=EARLY)),
        report(statement(section("Trades", lot("5", "10"), lot("5", "10"), lot("7", "2.5")), generated=LATE)),
        report(statement(section("Trades", lot("9", "1", reportDate="20260310")), days=("20260310", "20260310"))),
    ]
    for number in order:
        journal.take(reports[number])
    assert sorted(told(journal, "fifoPnlRealized")) == ["1", "10", "10", "2.5"]


def test_what_two_statements_of_a_report_tell_alike_is_one_and_twins_in_one_are_two(journal: JournalFolder) -> None:
    twins = section("Trades", lot("5", "10"), lot("5", "10"))
    once = section("Trades", lot("5", "10"), lot("7", "3"))
    journal.take(report(statement(twins), statement(once, days=("20260301", "20260305"))))
    assert sorted(told(journal, "fifoPnlRealized")) == ["10", "10", "3"]


def test_reports_of_one_moment_stand_beside_each_other(journal: JournalFolder) -> None:
    journal.take(report(statement(section("Trades", lot("5", "10")))))
    journal.take(report(statement(section("Trades", lot("5", "10"), lot("7", "3")))))
    assert sorted(told(journal, "fifoPnlRealized")) == ["10", "3"]


@pytest.mark.parametrize(
    ("written", "doubled"), [("2026-03-02", False), ("2026/03/02", False), ("20260302", False), ("20260309", True)]
)
def test_a_day_is_a_day_however_it_is_written(journal: JournalFolder, written: str, doubled: bool) -> None:
    event = {"accountId": ACCOUNT, "tradeID": "7", "type": "Assignment"}
    journal.take(report(statement(section("OptionEAE", row("OptionEAE", **event, reportDate="20260302", mtmPnl="1")))))
    later = row("OptionEAE", **event, reportDate=written, mtmPnl="2")
    journal.take(report(statement(section("OptionEAE", later), generated=LATE)))
    assert told(journal, "mtmPnl") == (["1", "2"] if doubled else ["2"])


def test_a_report_of_other_days_replaces_nothing(journal: JournalFolder) -> None:
    journal.take(report(statement(section("Trades", lot("5", "10")))))
    stray = lot("5", "11", reportDate="20260302")
    journal.take(report(statement(section("Trades", stray), days=("20260305", "20260310"), generated=LATE)))
    assert sorted(told(journal, "fifoPnlRealized")) == ["10", "11"]
