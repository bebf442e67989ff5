"""What the service gives: accounts, periods, every kind of check, and what is kept of it."""

from __future__ import annotations

from datetime import date

import pytest

from ibjournal.domain.depot import AccountId
from ibjournal.domain.errors import Cancelled
from ibjournal.domain.period import Period
from ibjournal.services.jobs import CancelToken
from ibjournal.services.reconciliation.service import CHECKS, CheckStatus
from tests.fakes.flex_reports import ACCOUNT, activity, confirm, confirmation, trade
from tests.fakes.journal_folder import JournalFolder


def test_an_empty_journal(journal: JournalFolder) -> None:
    assert journal.services.reconciliation.checks() == ()
    assert journal.services.reconciliation.summary() == {}


def test_every_kind_of_check_stands_in_the_list_and_says_what_is_missing(journal: JournalFolder) -> None:
    journal.take(activity(trade(1)))
    checks = journal.services.reconciliation.checks()
    assert {each.check for each in checks} >= set(CHECKS) - {"realized_instrument"}
    assert {each.status for each in checks} == {CheckStatus.NOT_IN_REPORT}
    sections = {name for each in checks for name in dict(each.values).get("sections", ())}  # type: ignore[attr-defined]
    assert sections >= {"OpenPositions", "CashReport", "ChangeInNAV", "EquitySummaryInBase", "FIFOPerformanceSummaryInBase"}


def test_confirmations_alone_prove_nothing(journal: JournalFolder) -> None:
    journal.take(confirmation(confirm(1)))
    checks = journal.services.reconciliation.checks()
    assert {each.check for each in checks} == set(CHECKS)
    assert {(each.status, each.reason) for each in checks} == {(CheckStatus.NOT_IN_REPORT, "no_activity")}


def test_an_account_alone(journal: JournalFolder) -> None:
    journal.take(activity(trade(1)))
    service = journal.services.reconciliation
    assert {each.account for each in service.checks(account=AccountId(ACCOUNT))} == {ACCOUNT}
    assert service.checks() == service.checks(account=AccountId(ACCOUNT))


def test_what_was_compared_is_kept_until_a_report_comes(journal: JournalFolder) -> None:
    journal.take(activity(trade(1), trade(2, -100, 11, fifoPnlRealized="98", cost="-1001", proceeds="1100")))
    service = journal.services.reconciliation
    first = service.checks()
    assert all(one is other for one, other in zip(first, service.checks(), strict=True))
    journal.take(activity(trade(3, conid="222"), days=("20260311", "20260312"), generated="20260313;050000"))
    assert service.checks() != first


def test_a_period_leaves_out_what_closed_before_it(journal: JournalFolder) -> None:
    sold = {"fifoPnlRealized": "98", "cost": "-1001", "proceeds": "1100"}
    journal.take(activity(trade(1), trade(2, -100, 11, **sold)))
    service = journal.services.reconciliation

    def realized(period: Period) -> int:
        return sum(each.check == "realized" and each.ours is not None for each in service.checks(period=period))

    assert realized(Period(date(2026, 3, 1), date(2026, 3, 31))) == 1
    assert realized(Period(date(2026, 3, 3), date(2026, 3, 31))) == 0


def test_counts(journal: JournalFolder) -> None:
    sold = {"fifoPnlRealized": "90", "cost": "-1001", "proceeds": "1100"}
    journal.take(activity(trade(1), trade(2, -100, 11, **sold)))
    counts = journal.services.reconciliation.summary()
    assert counts[CheckStatus.DIFFERS] == 2  # the fill, and its instrument
    assert sum(counts.values()) == len(journal.services.reconciliation.checks())


def test_cancelling(journal: JournalFolder) -> None:
    journal.take(activity(trade(1)))
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        journal.services.reconciliation.checks(cancel=token)
