"""Rows for other programs: plain, exact, under stable names."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from ibjournal.domain.depot import AccountId
from ibjournal.services.export import KINDS
from tests.fakes.flex_reports import ACCOUNT, activity, cash, equity, report, row, section, statement, trade
from tests.fakes.journal_folder import JournalFolder


@pytest.fixture
def filled(journal: JournalFolder) -> JournalFolder:
    option = {"conid": "222", "assetCategory": "OPT", "symbol": "X  260320C00005000", "multiplier": "100", "putCall": "C"}
    terms = {"expiry": "20260320", "strike": "5", "description": "X MAR26 5 CALL"}
    held = row(
        "OpenPosition",
        accountId=ACCOUNT,
        conid="222",
        symbol="X",
        currency="USD",
        position="3",
        markPrice="1.5",
        levelOfDetail="SUMMARY",
    )
    mine = statement(
        row("AccountInformation", accountId=ACCOUNT, currency="EUR"),
        section("Trades", trade(1, 100, "10.005"), trade(2, -100, "11.1"), trade(3, 2, "1.25", **option, **terms)),
        section("CashTransactions", cash(1, "12.30")),
        section("EquitySummaryInBase", equity("20260302", "1000.5"), equity("20260303", "999")),
        section("OpenPositions", held),
    )  # fmt: skip
    other = statement(section("Trades", trade(4, accountId="U7000002")), account="U7000002")
    journal.take(report(mine, other))
    return journal


def test_every_kind_is_plain_and_has_one_set_of_names(filled: JournalFolder) -> None:
    for kind in KINDS:
        rows = filled.services.export.rows(kind)
        assert rows
        assert json.loads(json.dumps(rows)) == rows
        assert len({tuple(each) for each in rows}) == 1
        assert not [value for each in rows for value in each.values() if isinstance(value, float)]


def test_trades(filled: JournalFolder) -> None:
    filled.services.journal.write_note(filled.trades()[0].key, 'a note, with "quotes"')
    first = next(each for each in filled.services.export.rows("trades") if each["status"] == "closed")
    assert (first["symbol"], first["quantity"], first["entry_price"], first["exit_price"]) == ("ACME", "100", "10.005", "11.1")
    assert (Decimal(str(first["gross"])), first["currency"], first["base_currency"]) == (Decimal("109.5"), "USD", "EUR")
    assert (Decimal(str(first["net"])), Decimal(str(first["net_base"]))) == (Decimal("107.5"), Decimal("96.75"))
    assert (first["opened_at"], first["opened_on"]) == ("2026-03-02T15:01:00+00:00", "2026-03-02")
    assert (first["provisional"], first["entry_known"], first["note"]) == (False, True, 'a note, with "quotes"')
    option = next(each for each in filled.services.export.rows("trades") if each["asset_class"] == "OPT")
    assert (option["expiry"], option["strike"], option["right"], option["multiplier"]) == ("2026-03-20", "5", "C", "100")


def test_executions_name_their_report(filled: JournalFolder) -> None:
    rows = filled.services.export.rows("executions")
    assert [each["transaction_id"] for each in rows if each["account"] == ACCOUNT] == ["9001", "9002", "9003"]
    assert {each["report"] for each in rows} == {f"files/{name}" for name in filled.files()}
    assert (rows[0]["price"], rows[0]["source"], rows[0]["status"]) == ("10.005", "AF", "active")


def test_cash_equity_and_positions(filled: JournalFolder) -> None:
    (booking,) = filled.services.export.rows("cash")
    assert (booking["kind"], booking["amount"], booking["type"], booking["value_date"]) == (
        "dividend",
        "12.3",
        "Dividends",
        "2026-03-03",
    )
    assert [(each["day"], each["total"], each["currency"]) for each in filled.services.export.rows("equity")] == [
        ("2026-03-02", "1000.5", "EUR"),
        ("2026-03-03", "999", "EUR"),
    ]
    option, share = filled.services.export.rows("positions")
    assert (option["quantity"], option["ibkr_quantity"], option["ibkr_day"]) == ("3", "3", "2026-03-10")
    assert (share["account"], share["quantity"], share["ibkr_quantity"]) == ("U7000002", "100", None)


@pytest.mark.parametrize("kind", KINDS)
def test_one_account_alone(filled: JournalFolder, kind: str) -> None:
    rows = filled.services.export.rows(kind, account=AccountId(ACCOUNT))
    assert {each["account"] for each in rows} == {ACCOUNT}
    assert filled.services.export.rows(kind, account=AccountId("U0")) == []


def test_a_kind_that_does_not_exist(journal: JournalFolder) -> None:
    with pytest.raises(ValueError, match="songs"):
        journal.services.export.rows("songs")


def test_an_empty_journal_has_no_rows(journal: JournalFolder) -> None:
    assert [journal.services.export.rows(kind) for kind in KINDS] == [[]] * len(KINDS)


def test_fills_that_do_not_count_are_exported_with_their_status(journal: JournalFolder) -> None:
    journal.take(activity(trade(1), trade(2, quantity=None)))
    assert [each["status"] for each in journal.services.export.rows("executions")] == ["active", "incomplete"]
