"""Cancel ends a sync within a second, at every stage; nothing is half stored, and the next sync ends as if nothing had been."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from datetime import time as time_of_day
from pathlib import Path

import pytest

from ibjournal.demo.flex_service import FlexService
from ibjournal.services.jobs import CancelToken, Progress
from ibjournal.services.schedule import NEW_YORK
from ibjournal.store.check import check
from tests.fakes.clock import FakeClock
from tests.unit.services.test_sync_demo import AS_OF, Journal

STAGES = ("requesting", "generating", "archiving", "reading", "matching")
TABLES = {
    "executions": "account, instrument, uid, quantity, price, status, gone",
    "trades": "*",
    "cash_entries": "account, row_key, amount",
    "equity_days": "account, day, total",
    "positions": "account, day, row_key, quantity",
}


@pytest.fixture(scope="module")
def service() -> Iterator[FlexService]:
    with FlexService(as_of=AS_OF, pacing=None) as service:
        yield service


def _journal(service: FlexService, folder: Path) -> Journal:
    folder.mkdir()
    now = datetime.combine(AS_OF, time_of_day(16, 5), NEW_YORK).astimezone(UTC)
    return Journal(service, folder, FakeClock(now))


def _state(journal: Journal) -> dict[str, list[tuple[object, ...]]]:
    with journal.database.reading() as db:
        return {
            table: sorted((tuple(row) for row in db.execute(f"SELECT {columns} FROM {table}")), key=repr)
            for table, columns in TABLES.items()
        }


def _cancel_at(journal: Journal, stage: str, *, done: int) -> float:
    """Cancel once a stage begins after so many reports; return the seconds of work until the end, whatever else runs."""
    cancel = CancelToken()
    asked_at = 0.0

    def told(progress: Progress) -> None:
        nonlocal asked_at
        if progress.step == stage and progress.done == done and not cancel.cancelled:
            asked_at = time.thread_time()
            cancel.cancel()

    report = journal.sync.sync_depot(journal.ids[0], cancel=cancel, progress=told)
    ended_at = time.thread_time()
    assert cancel.cancelled, stage
    assert report.cancelled, stage
    assert report.error is None, stage
    return ended_at - asked_at


def test_at_every_stage(service: FlexService, tmp_path: Path) -> None:
    calm, disturbed = _journal(service, tmp_path / "calm"), _journal(service, tmp_path / "disturbed")
    assert calm.sync.sync_depot(calm.ids[0]).error is None
    seconds = {stage: _cancel_at(disturbed, stage, done=0) for stage in STAGES}
    assert disturbed.count("executions") == 0, "a report is in as a whole or not at all"
    seconds |= {f"{stage} of the second": _cancel_at(disturbed, stage, done=1) for stage in ("archiving", "reading")}
    assert disturbed.count("executions") > 0, "what was complete before stays"
    assert max(seconds.values()) < 1, seconds
    assert check(disturbed.database) == ()
    assert not list((disturbed.folder / "fetching").glob("*")), "nothing is left behind"
    with disturbed.database.reading() as db:
        assert {row[0] for row in db.execute("SELECT result FROM sync_runs")} == {"cancelled"}
    assert disturbed.sync.sync_depot(disturbed.ids[0]).error is None
    assert _state(disturbed) == _state(calm)
