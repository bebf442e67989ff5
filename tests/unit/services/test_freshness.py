from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from ibjournal.domain.depot import DepotId
from ibjournal.services.freshness import DepotFreshness, depot_freshness
from ibjournal.store.database import Database
from ibjournal.store.depots import insert_depot
from ibjournal.store.reports import insert_report
from ibjournal.store.sync_runs import end_run, start_run

NOON = datetime(2026, 9, 28, 16, 0, tzinfo=UTC)


def test_each_depot_has_its_own_three_times(tmp_path: Path) -> None:
    database = Database(tmp_path / "journal.db")
    with database.transaction() as db:
        one = insert_depot(db, name="One", activity_query="1001")
        two = insert_depot(db, name="Two")
        for account in ("U1", "U2"):
            db.execute("INSERT INTO accounts (account, depot) VALUES (?, ?)", (account, one))
        for hours, (account, kind, end) in enumerate(
            [
                ("U1", "AF", "2026-09-25"),
                ("U1", "AF", "2026-09-25"),
                ("U1", "AF", "2026-06-30"),  # history that was fetched last
                ("U2", "AF", "2026-03-31"),  # closed long ago
                ("U1", "TCF", "2026-09-28"),
            ]
        ):
            report = insert_report(db, sha256=str(hours), archive_file="", size=1, received_at=0, depot=one, reader_version=1)
            made = int((NOON + timedelta(hours=hours)).timestamp())
            db.execute(
                "INSERT INTO coverage (report, account, type, query_name, from_date, to_date, generated_at, has_trades)"
                " VALUES (?, ?, ?, '', '2026-01-01', ?, ?, 1)",
                (report, account, kind, end, made),
            )
        for minutes, result, activity, confirmation in (
            (0, "ok", "ok", "ok"),
            (1, "failed", "ok", "failed"),
            (2, "cancelled", "cancelled", "skipped"),
        ):
            at = NOON + timedelta(minutes=minutes)
            run = start_run(db, "sync", depot=one, depot_name="One", started_at=at)
            steps = [{"name": "activity", "result": activity}, {"name": "confirmation", "result": confirmation}]
            end_run(db, run, result=result, error=None, steps=steps, ended_at=at)
        run = start_run(db, "sync", depot=one, depot_name="One", started_at=NOON + timedelta(minutes=3))
    first, second = depot_freshness(database)
    assert (first.depot, first.name, first.fetched) == (one, "One", True)
    assert first.activity_asked_at == NOON + timedelta(minutes=1), "it came although the other query failed"
    assert first.confirmation_asked_at == NOON
    assert first.activity_through == date(2026, 9, 25)
    assert first.activity_generated_at == NOON + timedelta(hours=1)
    assert first.confirmation_through == date(2026, 9, 28)
    assert first.confirmation_generated_at == NOON + timedelta(hours=4)
    assert (second.depot, second.fetched, second.activity_asked_at, second.activity_through) == (two, False, None, None)


def test_figures_that_are_older_than_need_be_are_stale_and_where_there_are_none_nothing_is() -> None:
    monday_is_out = datetime(2026, 9, 29, 9, 1, tzinfo=UTC)
    friday = DepotFreshness(depot=DepotId(1), name="One", activity_through=date(2026, 9, 25), activity_asked_at=NOON)
    assert friday.stale(monday_is_out)
    assert not friday.stale(monday_is_out - timedelta(minutes=2))
    assert not replace(friday, activity_asked_at=monday_is_out).stale(monday_is_out)
    assert not DepotFreshness(depot=DepotId(1), name="One").stale(monday_is_out)
