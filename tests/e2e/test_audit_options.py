"""Options that end, on rows written as IBKR writes them, every figure worked out by hand."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from ibjournal.analytics.reconciliation import Check, CheckStatus
from tests.e2e.audit_rows import option, section, year
from tests.fakes.flex_reports import ACCOUNT, row
from tests.fakes.journal_folder import JournalFolder

_PAID = row(
    "OptionEAE",
    accountId=ACCOUNT,
    currency="USD",
    assetCategory="OPT",
    symbol="ACME  250321C00050000",
    conid="221",
    date="20250321",
    transactionType="Cash Settlement",
    quantity="0",
    proceeds="7500",
)


def _settled(result: str, *, cost: str = "-4001.2") -> str:
    """A call bought for 4,001.20 and exercised for 7,500 in cash: 3,498.80."""
    codes = {"transactionType": "BookTrade", "ibExecID": "", "notes": "Ex", "ibCommission": "0", "openCloseIndicator": "C"}
    return section(
        "Trades",
        option("221", "C", 50, "20250321", 1, 40, "20250310;100000", ibCommission="-1.2"),
        option("221", "C", 50, "20250321", -1, 0, "20250321;162000", proceeds="0", cost=cost, fifoPnlRealized=result, **codes),
    )


def _realized(journal: JournalFolder) -> Check:
    (check,) = [each for each in journal.services.reconciliation.checks() if each.check == "realized"]
    return check


@pytest.mark.parametrize(
    ("result", "events", "status", "reason"),
    [
        ("3498.8", _PAID, CheckStatus.OK, ""),
        ("-4001.2", _PAID, CheckStatus.EXPLAINED, "funds_tell"),
        ("3498.8", "", CheckStatus.EXPLAINED, "rows_missing"),
        ("3498.81", _PAID, CheckStatus.DIFFERS, "no_reason_found"),
    ],
)
def test_an_option_settled_in_cash_earns_its_cash_however_it_is_told(
    tmp_path: Path, result: str, events: str, status: CheckStatus, reason: str
) -> None:
    journal = JournalFolder(tmp_path / "journal")
    journal.take(year(_settled(result), section("OptionEAE", events)))
    (trade,) = journal.trades()
    assert [trade.net, trade.ended_by] == [Decimal("3498.8"), "settled"]
    check = _realized(journal)
    assert (check.status, check.reason) == (status, reason)


def test_a_result_that_no_cost_explains_is_no_premium_that_moved(tmp_path: Path) -> None:
    """Bought for 4,001.20; the row takes out 4,000 and states 10: neither the premium nor anything else explains that."""
    journal = JournalFolder(tmp_path / "journal")
    journal.take(year(_settled("10", cost="-4000"), section("OptionEAE", _PAID)))
    assert _realized(journal).status is CheckStatus.DIFFERS
