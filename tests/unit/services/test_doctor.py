"""The doctor looks at the last report of each query, and at nothing that is out of date."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from ibjournal import bootstrap
from ibjournal.demo.flex_service import FlexService
from ibjournal.domain.depot import DepotId
from ibjournal.flex.pacing import Limits
from ibjournal.flex.query_doctor import Diagnosis, Finding
from ibjournal.paths import Paths
from ibjournal.services.credentials import MemoryCredentials
from ibjournal.services.depots import DepotDraft
from ibjournal.services.doctor import QueryFindings, _sound
from tests.fakes.clock import FakeClock
from tests.unit.flex.flex_source import PLAIN_TOKEN, PlainSource, plain_depots

DRAFT = DepotDraft(name="Plain", activity_query="1001", confirmation_query="1002", token=PLAIN_TOKEN)


@dataclass
class Journal:
    services: bootstrap.Services
    paths: Paths
    depot: DepotId

    def sync(self) -> None:
        self.services.sync.sync_depot(self.depot)

    def findings(self) -> dict[str, QueryFindings]:
        return {each.slot: each for each in self.services.doctor.findings()}


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with FlexService(PlainSource(), depots=plain_depots(), pacing=None) as service:
        paths = Paths(tmp_path / "journal")
        services = bootstrap.build(
            paths,
            credentials=MemoryCredentials(kept=True),
            flex_url=service.url,
            clock=FakeClock(),
            limits=Limits(spacing=0, per_minute=100_000),
        )
        depot, _changes = services.depots.add(DRAFT)
        yield Journal(services, paths, depot)


def test_nothing_is_said_before_a_fetch(journal: Journal) -> None:
    assert journal.services.doctor.findings() == ()


def test_the_last_report_of_each_query_is_looked_at(journal: Journal) -> None:
    journal.sync()
    found = journal.findings()
    assert set(found) == {"activity", "confirmation"}
    activity = found["activity"]
    assert (activity.depot_name, activity.query, activity.report_type) == ("Plain", "1001", "AF")
    missing = {each.section for each in activity.findings if each.code == "section_missing"}
    assert "OpenPositions" in missing
    assert "Trades" not in missing
    with_report = [run for run in journal.services.reports.list_runs() for each in run.reports if each.id == activity.report]
    assert with_report
    newest = max(each.to_date for run in journal.services.reports.list_runs() for each in run.reports if each.type == "AF")  # type: ignore[type-var]
    (report,) = [each for run in journal.services.reports.list_runs() for each in run.reports if each.id == activity.report]
    assert report.to_date == newest, "the latest days, though the first fetch asked for older ones after them"


def test_a_depot_is_told_of_its_own_queries_alone(journal: Journal) -> None:
    journal.sync()
    other, _changes = journal.services.depots.add(replace(DRAFT, name="Other"))
    assert journal.services.doctor.findings(other) == ()
    assert len(journal.services.doctor.findings(journal.depot)) == 2


def test_a_report_is_looked_at_once(journal: Journal) -> None:
    journal.sync()
    before = journal.services.doctor.findings()
    for file in journal.paths.archive.rglob("*.xml.gz"):
        file.unlink()
    assert journal.services.doctor.findings() == before


def test_a_report_whose_file_is_gone_is_left_out(journal: Journal) -> None:
    journal.sync()
    for file in journal.paths.archive.rglob("*.xml.gz"):
        file.unlink()
    assert journal.services.doctor.findings() == ()


def test_after_a_query_was_exchanged_its_old_report_says_nothing(journal: Journal) -> None:
    journal.sync()
    journal.services.depots.edit(journal.depot, replace(DRAFT, token="", activity_query="1009"))
    assert set(journal.findings()) == {"confirmation"}


def test_swapped_ids_are_found(journal: Journal) -> None:
    journal.services.depots.edit(journal.depot, replace(DRAFT, token="", activity_query="1002", confirmation_query="1001"))
    journal.sync()
    codes = {slot: [each.code for each in found.findings] for slot, found in journal.findings().items()}
    assert codes == {"activity": ["wrong_type"], "confirmation": ["wrong_type"]}


def test_accounts_of_another_depot_are_told(journal: Journal) -> None:
    journal.sync()
    other, _changes = journal.services.depots.add(replace(DRAFT, name="Other"))
    before = [each.code for each in journal.findings()["activity"].findings]
    assert "foreign_account" not in before
    journal.services.sync.sync_depot(other)  # the account is Plain's: its rows come through its own depot
    found = journal.services.doctor.findings(other)
    assert {each.code for query in found for each in query.findings} >= {"foreign_account"}


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("confirmation_20260928_20260928.xml", []),
        ("confirmation_20260926_20260928.xml", ["period_collapsed"]),
        ("another name.xml", ["period_collapsed"]),
    ],
)
def test_one_day_that_was_asked_for_has_not_collapsed(name: str, told: list[str]) -> None:
    diagnosis = Diagnosis(file=name, findings=(Finding(code="period_collapsed"),))
    assert [each.code for each in _sound(diagnosis, name)] == told
