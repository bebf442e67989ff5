"""A false number in IBKR's report of open positions comes out; what can have been held before history starts is said to be so."""

from __future__ import annotations

from pathlib import Path

import pytest

from ibjournal.analytics.reconciliation import CheckStatus
from tests.e2e.audit_rows import fill, position, section, year
from tests.fakes.flex_reports import ACCOUNT, row
from tests.fakes.journal_folder import JournalFolder

_DIFFERS = (CheckStatus.DIFFERS, "no_reason_found")
_BEFORE = (CheckStatus.EXPLAINED, "history_starts_later")
_LAST = "20251231"


def _told(journal: JournalFolder, check: str) -> dict[str, tuple[CheckStatus, str]]:
    checks = journal.services.reconciliation.checks()
    return {each.subject: (each.status, each.reason) for each in checks if each.check == check and each.ibkr is not None}


def _started_with(value: str, **lines: str) -> str:
    """Return all that could tell of units which came without a fill, and what the account was worth before."""
    days = {"fromDate": "20250102", "toDate": _LAST}
    nav = row("ChangeInNAV", accountId=ACCOUNT, currency="USD", startingValue=value, **days, **lines)
    return nav + section("Transfers") + section("CorporateActions")


def _bought() -> str:
    return fill("ACME", "111", 200, 10, "20250303;100000")


def test_one_unit_more_at_the_same_cost_is_no_evidence_of_it(tmp_path: Path) -> None:
    """200 at 10 cost 2,001: a report of 201 that had cost 2,001 contradicts itself."""
    journal = JournalFolder(tmp_path / "journal")
    journal.take(year(section("Trades", _bought()), section("OpenPositions", position("ACME", "111", 201, 2001, _LAST))))
    assert _told(journal, "positions") == {"ACME": _DIFFERS}
    assert _told(journal, "cost") == {"ACME": (CheckStatus.OK, "")}
    (trade,) = journal.trades()
    assert trade.open_quantity == trade.quantity == 200
    assert trade.entry_known


def test_nothing_is_unseen_after_a_close_that_ibkr_values_as_we_do(tmp_path: Path) -> None:
    """50 of 200 sold at 11 earn 550 - 1 - 500.25 = 48.75, first in, first out: an older share would have been sold before."""
    journal = JournalFolder(tmp_path / "journal")
    sold = fill("ACME", "111", -50, 11, "20250403;100000", fifoPnlRealized="48.75")
    reported = section("OpenPositions", position("ACME", "111", 151, "1511", _LAST))
    journal.take(year(section("Trades", _bought(), sold), reported))
    assert _told(journal, "positions") == {"ACME": _DIFFERS}


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("", _BEFORE),
        (_started_with("0"), _DIFFERS),
        (_started_with("10"), _BEFORE),
        (_started_with("0", linkingAdjustments="2011"), _BEFORE),
        (_started_with("0", assetTransfers="2011"), _BEFORE),
    ],
)
def test_what_an_empty_account_cannot_have_held_differs(tmp_path: Path, start: str, expected: tuple[CheckStatus, str]) -> None:
    """A share more than was bought, with a cost of its own, and an instrument that no fill tells of."""
    journal = JournalFolder(tmp_path / "journal")
    more = position("ACME", "111", 201, 2011, _LAST)
    stranger = position("OTHER", "112", 5, 50, _LAST)
    journal.take(year(start, section("Trades", _bought()), section("OpenPositions", more, stranger)))
    assert _told(journal, "positions") == {"ACME": expected, "OTHER": expected}


def test_a_year_that_no_report_covers_can_hide_an_opening(tmp_path: Path) -> None:
    """Flat and proved so in 2023, nothing known of 2024, 100 held at the end of 2025."""
    journal = JournalFolder(tmp_path / "journal")
    first = [
        fill("ACME", "111", 10, 10, "20230303;100000"),
        fill("ACME", "111", -10, 11, "20230403;100000", fifoPnlRealized="8"),
    ]
    journal.take(year(section("Trades", *first), days=("20230102", "20231229")))
    held = section("OpenPositions", position("ACME", "111", 100, 1011, _LAST))
    journal.take(year(section("Trades"), held))
    assert _told(journal, "positions") == {"ACME": _BEFORE}
    journal.take(year(section("Trades"), days=("20240102", "20241231")))
    assert _told(journal, "positions") == {"ACME": _DIFFERS}


def test_a_column_that_is_not_there_is_no_zero(tmp_path: Path) -> None:
    """A change in net asset value without the column of commissions says nothing of them."""
    journal = JournalFolder(tmp_path / "journal")
    journal.take(year(_started_with("0", endingValue="-1"), section("Trades", _bought())))
    (check,) = [each for each in journal.services.reconciliation.checks() if each.check == "commissions"]
    assert (check.status, check.reason) == (CheckStatus.NOT_IN_REPORT, "field_missing")
