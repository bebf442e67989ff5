"""The log of what came, and how fresh it is."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ibjournal.domain.errors import StoreError
from ibjournal.services.reports import Freshness
from tests.fakes.flex_reports import activity, confirm, confirmation, report, section, statement, trade
from tests.fakes.journal_folder import JournalFolder


def test_an_import_is_a_run_with_its_files(journal: JournalFolder) -> None:
    good, bad = activity(trade(1), trade(2, notes="QQ")), b"Date;Amount"
    paths = [journal.file(good, "good.xml"), journal.file(bad, "bad.xml")]
    journal.services.importing.import_paths(paths)
    (run,) = journal.services.reports.list_runs()
    assert (run.kind, run.result, run.depot, run.error) == ("import", "failed", None, None)
    assert run.ended_at is not None
    assert run.ended_at >= run.started_at
    first, second = run.reports
    assert (Path(first.file).name, first.type, first.new, first.sections) == ("good.xml", "AF", 2, (("Trades", 2),))
    assert [each.code for each in first.warnings] == ["unknown_code"]
    assert (first.size, first.from_date, first.error) == (len(good), date(2026, 3, 1), None)
    assert second.error is not None
    assert (second.error.code, dict(second.error.values)["file"], second.id, second.type) == ("not_xml", "bad.xml", 0, None)


def test_the_newest_run_comes_first_and_the_log_can_be_cut(journal: JournalFolder) -> None:
    for number in (1, 2, 3):
        journal.take(activity(trade(number)), f"{number}.xml")
    runs = journal.services.reports.list_runs()
    assert [Path(run.reports[0].file).name for run in runs] == ["3.xml", "2.xml", "1.xml"]
    assert len(journal.services.reports.list_runs(limit=2)) == 2


def test_a_report_that_comes_again_is_in_both_runs(journal: JournalFolder) -> None:
    for _ in range(2):
        journal.take(activity(trade(1)))
    again, first = journal.services.reports.list_runs()
    assert again.reports[0].id == first.reports[0].id
    assert (first.reports[0].new, again.reports[0].new, again.reports[0].unchanged) == (1, 0, 1)


def test_the_raw_report_is_what_came(journal: JournalFolder) -> None:
    content = activity(trade(1, quantity="ten"))
    journal.take(content)
    entry = journal.services.reports.list_runs()[0].reports[0]
    assert entry.error is not None
    assert journal.services.reports.read_xml(entry.id) == content


def test_a_raw_report_that_is_gone(journal: JournalFolder) -> None:
    file = journal.take(activity(trade(1)))
    (name,) = journal.files()
    next(journal.paths.archive.rglob(name)).unlink()
    for number in (file.report_id or 0, 4711):
        with pytest.raises(StoreError) as caught:
            journal.services.reports.read_xml(number)
        assert caught.value.code == "archive_missing"


def test_the_stalest_account_tells_how_fresh_the_journal_is(journal: JournalFolder) -> None:
    assert journal.services.reports.freshness() == Freshness(activity_through=None, confirmation_through=None, asked_at=None)
    journal.take(
        report(
            statement(section("Trades", trade(1)), days=("20260301", "20260310")),
            statement(account="U7000002", days=("20260301", "20260306")),
        )
    )
    journal.take(confirmation(confirm(2)))
    fresh = journal.services.reports.freshness()
    assert (fresh.activity_through, fresh.confirmation_through, fresh.asked_at) == (date(2026, 3, 6), date(2026, 3, 2), None)
    own = {depot.name: depot.id for depot in journal.services.depots.list_depots()}
    assert journal.services.reports.freshness(own["U7000001"]).activity_through == date(2026, 3, 10)


def test_a_program_that_was_ended_in_its_midst_leaves_an_interrupted_run(journal: JournalFolder) -> None:
    journal.take(activity(trade(1)))
    from ibjournal.store.database import Database  # noqa: PLC0415 - plays a program that died

    with Database(journal.paths.database).transaction() as db:
        db.execute("UPDATE sync_runs SET result='running', ended_at=NULL")
    journal.services.maintenance.begin()
    (run,) = journal.services.reports.list_runs()
    assert (run.result, run.ended_at is not None) == ("interrupted", True)
