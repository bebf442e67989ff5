"""What changes when provisional fills become final, and when corrections take the place of fills."""

from __future__ import annotations

import pytest

from ibjournal.services.reports import Run
from ibjournal.store.database import Database
from ibjournal.store.fill_changes import FillChange, changes_of
from tests.fakes.flex_reports import ACCOUNT, activity, confirm, confirmation, trade
from tests.fakes.journal_folder import JournalFolder

LATER = "20260312;050000"
SAME = {"ibCommission": "-0.95"}


def changes(journal: JournalFolder, account: str = ACCOUNT, instrument: str = "111") -> tuple[FillChange, ...]:
    with Database(journal.paths.database).reading() as db:
        return changes_of(db, account, instrument)  # type: ignore[arg-type]


def told(journal: JournalFolder) -> list[tuple[str, str, str | None, str | None]]:
    return [(each.kind.value, each.field, each.before, each.after) for each in changes(journal)]


def latest(journal: JournalFolder) -> Run:
    return journal.services.reports.list_runs()[0]


def test_a_fill_that_activity_tells_alike_is_final_and_unchanged(journal: JournalFolder) -> None:
    journal.take(confirmation(confirm(1, 100, "10.0", commission="-0.950", netCash="-1000.95")))
    file = journal.take(activity(trade(1, "100.00", "10", netCash="-1000.9500", notes="", **SAME)))
    assert (file.updated, file.confirmed, file.changed, told(journal)) == (1, 1, 0, [])


@pytest.mark.parametrize(
    ("provisional", "final", "change"),
    [
        ({}, {"ibCommission": "-1.05"}, ("commission", "-0.95", "-1.05")),
        ({"price": "10.5"}, {}, ("price", "10.5", "10")),
        ({"tax": "0"}, {"taxes": "-0.3"}, ("taxes", "0", "-0.3")),
        ({"proceeds": "-1000"}, {"proceeds": "-1000.5"}, ("proceeds", "-1000", "-1000.5")),
        ({"netCash": "-1000"}, {"netCash": "-1000.5"}, ("net_cash", "-1000", "-1000.5")),
        ({}, {"ibCommissionCurrency": "EUR"}, ("commission_currency", "USD", "EUR")),
        ({}, {"notes": "P"}, ("codes", "O", "P")),
        ({"code": "O;P"}, {"openCloseIndicator": "C", "notes": "P"}, ("open_close", "O", "C")),
        ({}, {"tradeDate": "20260303"}, ("trade_date", "2026-03-02", "2026-03-03")),
        ({}, {"dateTime": "20260302;100101"}, ("executed_at", "1772463660", "1772463661")),
        ({"quantity": "90"}, {}, ("quantity", "90", "100")),
    ],
)
def test_each_value_that_activity_tells_otherwise_is_kept(
    journal: JournalFolder, provisional: dict[str, object], final: dict[str, object], change: tuple[str, str, str]
) -> None:
    first = journal.take(confirmation(confirm(1, **provisional)))
    second = journal.take(activity(trade(1, **(SAME | final))))
    assert (second.confirmed, second.changed) == (1, 1)
    assert told(journal) == [("final", *change)]
    (only,) = changes(journal)
    assert (only.before_report, only.after_report, only.symbol) == (first.report_id, second.report_id, "ACME")
    assert str(only.changed_at) == "2026-03-11 09:00:00+00:00"
    assert [only.execution] == [uid for (uid,) in journal.query("SELECT uid FROM executions")]


def test_what_a_confirmation_leaves_out_is_no_change(journal: JournalFolder) -> None:
    journal.take(confirmation(confirm(1, commission=None, commissionCurrency=None, code=None)))
    file = journal.take(activity(trade(1)))
    assert (file.confirmed, file.changed, told(journal)) == (1, 0, [])


def test_what_activity_leaves_out_stays_as_the_confirmation_told_it(journal: JournalFolder) -> None:
    for reports in ((0, 1), (1, 0)):
        contents = (confirmation(confirm(1)), activity(trade(1, ibCommission=None, ibCommissionCurrency=None)))
        for number in reports:
            journal.take(contents[number])
        assert journal.fills("source", "commission", "commission_currency") == [("AF", "-0.95", "USD")]
    assert told(journal) == []


def test_a_confirmation_that_comes_after_activity_changes_nothing(journal: JournalFolder) -> None:
    journal.take(activity(trade(1)))
    file = journal.take(confirmation(confirm(1)))
    assert (file.confirmed, file.changed, told(journal)) == (0, 0, [])


def test_a_later_report_of_the_same_kind(journal: JournalFolder) -> None:
    journal.take(activity(trade(1)))
    file = journal.take(activity(trade(1, ibCommission="-0.8"), generated=LATER))
    assert (file.confirmed, file.changed) == (0, 0)
    assert told(journal) == [("later", "commission", "-1", "-0.8")]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_correction_in_whatever_order(journal: JournalFolder, order: tuple[int, int]) -> None:
    revised = confirm(1, 80, execID="0000aaaa.00000001.01.02", commission="-0.76")
    reports = [confirmation(confirm(1)), confirmation(revised, generated="20260302;190000")]
    for number in order:
        journal.take(reports[number])
    assert sorted(told(journal)) == [("corrected", "commission", "-0.95", "-0.76"), ("corrected", "quantity", "100", "80")]
    journal.services.maintenance.rebuild()
    assert len(told(journal)) == 2


def test_the_log_counts_and_shows_what_a_run_made_final(journal: JournalFolder) -> None:
    journal.take(confirmation(confirm(1), confirm(2), confirm(3)))
    content = activity(trade(1), trade(2, **SAME))
    journal.take(content)
    run = latest(journal)
    assert [(each.confirmed, each.changed) for each in run.reports] == [(2, 1)]
    shown = journal.services.reports.fill_changes(run)
    assert [(each.symbol, each.field, each.after) for each in shown] == [("ACME", "commission", "-1")]
    journal.take(content)
    assert journal.services.reports.fill_changes(latest(journal)) == (), "the same file again changed nothing"
