"""Which rows of a report change what."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from ibjournal.domain.depot import AccountId
from ibjournal.services.changes import Changes
from ibjournal.store.database import Database
from ibjournal.store.reports import sections_covered
from tests.fakes.flex_reports import ACCOUNT, activity, cash, confirm, confirmation, equity, report, row, section, statement, trade
from tests.fakes.journal_folder import JournalFolder

POSITION = row("OpenPosition", accountId=ACCOUNT, conid="111", symbol="ACME", currency="USD", position="5")
SPLIT = row(
    "CorporateAction", accountId=ACCOUNT, conid="111", symbol="ACME", assetCategory="STK", currency="USD", type="FS",
    dateTime="20260305;202500", quantity="300", transactionID="4711",
)  # fmt: skip


@pytest.mark.parametrize(
    ("body", "changed"),
    [
        (section("Trades", trade(1)), {"trades"}),
        (section("CashTransactions", cash(1)), {"cash"}),
        (section("EquitySummaryInBase", equity("20260302", 1)), {"equity"}),
        (section("OpenPositions", POSITION), {"positions"}),
        (section("Transfers"), set()),
    ],
)
def test_what_a_report_changes_is_told(journal: JournalFolder, body: str, changed: set[str]) -> None:
    changes = journal.take(report(statement(body))).changes
    assert {name for name in ("trades", "cash", "equity", "positions") if getattr(changes, name)} == changed
    assert changes | Changes() == changes


def test_the_base_currency_is_the_newest_reports(journal: JournalFolder) -> None:
    def information(currency: str, generated: str) -> bytes:
        return report(statement(row("AccountInformation", accountId=ACCOUNT, currency=currency), generated=generated))

    journal.take(information("EUR", "20260311;050000"))
    journal.take(information("CHF", "20260310;050000"))
    assert journal.query("SELECT account, base_currency FROM accounts") == [(ACCOUNT, "EUR")]
    journal.take(information("CHF", "20260312;050000"))
    journal.take(activity(trade(1)))
    assert journal.query("SELECT base_currency FROM accounts") == [("CHF",)]


def test_a_split_that_comes_after_its_trades_is_applied(journal: JournalFolder) -> None:
    journal.take(activity(trade(1, 100, 10), trade(9, -400, 3, dateTime="20260306;100000", tradeDate="20260306")))
    assert [each.gross for each in journal.trades()] == [None], "300 shares came from nowhere"
    journal.take(report(statement(section("CorporateActions", SPLIT), generated="20260312;050000")))
    (only,) = journal.trades()
    assert (str(only.quantity), str(only.open_quantity), str(only.gross)) == ("400", "0", "200")


def test_coverage_is_noted_for_each_statement(journal: JournalFolder) -> None:
    journal.take(
        report(
            statement(section("Trades", trade(1)), days=("20260301", "20260305")),
            statement(account="U7000002", days=("20260301", "20260302")),
            statement(account="-", days=("20260301", "20260302")),
        )
    )
    journal.take(confirmation(confirm(2)))
    assert journal.query("SELECT account, type, from_date, to_date, has_trades FROM coverage ORDER BY 1, 2") == [
        (ACCOUNT, "AF", "2026-03-01", "2026-03-05", 1),
        (ACCOUNT, "TCF", "2026-03-02", "2026-03-02", 0),
        ("U7000002", "AF", "2026-03-01", "2026-03-02", 0),
    ]


def test_which_fills_a_report_tells_of_is_judged_for_each_account(journal: JournalFolder) -> None:
    order = row("Order", accountId="U7000002", levelOfDetail="ORDER", quantity="1")
    journal.take(
        report(
            statement(section("Trades", trade(1))),
            statement(section("Trades", order), account="U7000002"),
            statement(section("Trades"), account="U7000003"),
            statement(section("CashTransactions"), account="U7000004"),
        )
    )
    assert journal.query("SELECT account, has_trades FROM coverage ORDER BY 1") == [
        (ACCOUNT, 1), ("U7000002", 0), ("U7000003", 1), ("U7000004", 0),
    ]  # fmt: skip


def test_two_statements_of_the_same_days_are_one_coverage(journal: JournalFolder) -> None:
    journal.take(report(statement(section("Trades", trade(1))), statement(section("OpenPositions"))))
    assert journal.query("SELECT has_trades, sections FROM coverage") == [(1, '["OpenPositions", "Trades"]')]


def test_a_section_without_rows_is_held_for_its_account_and_days(journal: JournalFolder) -> None:
    journal.take(
        report(
            statement(section("OpenPositions", POSITION), days=("20260301", "20260310")),
            statement(section("Trades"), account="U7000002"),
        )
    )
    journal.take(report(statement(section("OpenPositions"), days=("20260301", "20260312"), generated="20260313;050000")))
    with Database(journal.paths.database).reading() as db:
        held = sections_covered(db, AccountId(ACCOUNT), "OpenPositions")
        assert [(str(each.from_date), str(each.to_date), each.report) for each in held] == [
            ("2026-03-01", "2026-03-10", 1), ("2026-03-01", "2026-03-12", 2),
        ]  # fmt: skip
        assert str(held[1].generated_at) == "2026-03-13 09:00:00+00:00"
        assert sections_covered(db, AccountId("U7000002"), "OpenPositions") == ()
        assert len(sections_covered(db, AccountId("U7000002"), "Trades")) == 1


def test_of_a_report_that_an_older_program_took_in_its_own_sections_are_taken(journal: JournalFolder) -> None:
    journal.take(report(statement(section("OpenPositions"))))
    with closing(sqlite3.connect(journal.paths.database)) as raw, raw:
        raw.execute("UPDATE coverage SET sections = ''")
    with Database(journal.paths.database).reading() as db:
        assert len(sections_covered(db, AccountId(ACCOUNT), "OpenPositions")) == 1
        assert sections_covered(db, AccountId(ACCOUNT), "Trades") == ()


def test_every_row_finds_its_report_and_place_again(journal: JournalFolder) -> None:
    file = journal.take(report(statement(section("Trades", trade(1), trade(2)), section("CashTransactions", cash(1)))))
    assert journal.query("SELECT report, ordinal FROM executions ORDER BY ordinal") == [(file.report_id, 0), (file.report_id, 1)]
    assert journal.query("SELECT report, ordinal FROM cash_entries") == [(file.report_id, 2)]


def test_currency_conversions_are_kept_and_are_no_trades(journal: JournalFolder) -> None:
    journal.take(activity(trade(1, 1000, "1.1", assetCategory="CASH", symbol="EUR.USD", conid="12087792", notes="AFx")))
    assert len(journal.fills()) == 1
    assert journal.trades() == []
