"""The whole way: the demo's service over HTTP, the real importer, a real database."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from ibjournal.demo.depots import DEMO_DEPOTS
from ibjournal.demo.flex_service import FlexService
from ibjournal.domain.depot import DepotId
from ibjournal.flex.client import QUICK, FlexClient
from ibjournal.flex.pacing import Limits, Pacing
from ibjournal.services.credentials import MemoryCredentials
from ibjournal.services.depots import DepotDraft, DepotService
from ibjournal.services.importing import ImportService
from ibjournal.services.schedule import NEW_YORK
from ibjournal.services.sync import SyncReport, SyncService
from ibjournal.store.archive import Archive
from ibjournal.store.database import Database
from tests.fakes.clock import FakeClock

AS_OF = date(2026, 9, 28)


@dataclass
class Journal:
    """The demo's depots in a journal of their own."""

    service: FlexService
    folder: Path
    clock: FakeClock

    def __post_init__(self) -> None:
        self.database = Database(self.folder / "journal.db")
        credentials = MemoryCredentials()
        client = FlexClient(
            base_url=self.service.url,
            clock=self.clock,
            pacing=Pacing(clock=self.clock, limits=Limits(spacing=0, per_minute=10_000)),
            patience=QUICK,
        )
        self.depots = DepotService(
            database=self.database, credentials=credentials, client=client, folder=self.folder / "fetching", clock=self.clock
        )
        self.sync = SyncService(
            database=self.database,
            credentials=credentials,
            client=client,
            importer=ImportService(database=self.database, archive=Archive(self.folder / "archive"), now=self.clock.now),
            folder=self.folder / "fetching",
            clock=self.clock,
        )
        self.ids = [
            self.depots.add(
                DepotDraft(
                    name=depot.name,
                    activity_query=depot.activity_query,
                    confirmation_query=depot.confirmation_query,
                    token=depot.token,
                    token_expires=depot.token_expires(AS_OF),
                )
            )[0]
            for depot in DEMO_DEPOTS
        ]

    def count(self, table: str) -> int:
        with self.database.reading() as db:
            return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])

    def sync_all(self) -> list[SyncReport]:
        with ThreadPoolExecutor(3) as pool:
            return list(pool.map(self.sync.sync_depot, self.ids))


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journal]:
    now = datetime.combine(AS_OF, time(16, 5), NEW_YORK).astimezone(UTC)
    with FlexService(as_of=AS_OF, pacing=None) as service:
        yield Journal(service, tmp_path_factory.mktemp("demo"), FakeClock(now))


def _error(report: SyncReport) -> str | None:
    return report.error.code if report.error else None


def test_three_depots_side_by_side_then_again_then_with_a_new_token(journal: Journal) -> None:
    first = journal.sync_all()
    assert [_error(report) for report in first] == [None, None, "token_expired"]
    for report in first[:2]:
        activity, confirmation = report.queries
        assert len(activity.files) >= 3, "year by year, back to the beginning"
        assert len(confirmation.files) == 1
        assert all(file.error is None for query in report.queries for file in query.files)
        assert not any(
            warning.code == "range_not_honoured" for query in report.queries for file in query.files for warning in file.warnings
        )
    assert first[0].changes.trades
    executions, trades, reports = journal.count("executions"), journal.count("trades"), journal.count("reports")
    assert executions > 100
    assert trades > 30
    assert {accounts for depot in journal.depots.list_depots() for accounts in depot.accounts} == {"U7214408", "U7214409"}

    again = journal.sync_all()
    assert [_error(report) for report in again] == [None, None, "token_expired"]
    assert (journal.count("executions"), journal.count("trades")) == (executions, trades)
    assert sum(file.new for report in again for query in report.queries for file in query.files) == 0
    assert journal.count("reports") > reports, "each answer is archived"

    expired = journal.ids[2]
    assert journal.depots.sharing_token(expired) == ()
    journal.depots.renew((expired,), journal.service.spare_token, date(2027, 9, 28))
    renewed = journal.sync.sync_depot(expired)
    assert _error(renewed) is None
    assert journal.count("executions") > executions


def test_the_demos_depots_can_be_tested(journal: Journal) -> None:
    depot = DEMO_DEPOTS[0]
    draft = DepotDraft(name="x", activity_query=depot.activity_query, confirmation_query=depot.confirmation_query)
    activity, confirmation = journal.depots.test(draft, depot=DepotId(journal.ids[0]))
    assert (activity.error, confirmation.error) == (None, None)
    assert activity.accounts == (depot.account,)
    assert dict(activity.sections)["EquitySummaryInBase"] > 0
    assert (activity.type, confirmation.type) == ("AF", "TCF")
