"""What came of each part of a history is told as soon as it is stored, not when all of it has been fetched."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from ibjournal import bootstrap
from ibjournal.demo.flex_answers import ScriptedAnswer, code_answer
from ibjournal.demo.flex_service import FlexService
from ibjournal.domain.depot import DepotId
from ibjournal.domain.errors import FlexError, ReportError
from ibjournal.flex.pacing import Limits
from ibjournal.paths import Paths
from ibjournal.services.credentials import MemoryCredentials
from ibjournal.services.depots import DepotDraft
from ibjournal.services.importing import ImportedFile
from ibjournal.services.jobs import Arrival, Progress
from ibjournal.services.sync_report import QuerySync, arrival_of, arrivals
from tests.fakes.clock import FakeClock
from tests.fakes.years_source import FILLS, YearsSource
from tests.unit.flex.flex_source import PLAIN_TOKEN, PlainSource, plain_depots
from tests.unit.services.flex_desk import Desk


@pytest.fixture
def service() -> Iterator[FlexService]:
    with FlexService(PlainSource(), depots=plain_depots(), pacing=None) as service:
        yield service


@pytest.fixture
def desk(service: FlexService, tmp_path: Path) -> Desk:
    return Desk(service, tmp_path)


def arrived(steps: list[Progress]) -> list[tuple[str, int, int, int]]:
    """Return of each part that was told: query, the year asked for, the number of reports, parts done before it."""
    return [(step.slot, step.days[0].year, step.arrival.reports, step.done) for step in steps if step.arrival and step.days]


def test_each_part_is_told_before_the_next_one_is_asked_for(desk: Desk) -> None:
    sync = desk.sync(desk.add())
    assert arrived(desk.steps) == [
        ("activity", 2026, 1, 0),
        ("activity", 2025, 1, 1),
        ("activity", 2024, 1, 2),
        ("activity", 2024, 1, 3),
        ("activity", 2023, 0, 4),  # IBKR has nothing for it
        ("confirmation", 2026, 1, 5),
    ]
    for number, step in enumerate(desk.steps):
        if step.step == "arrived" and step is not desk.steps[-1]:
            assert desk.steps[number + 1].days != step.days
    told = tuple(step.arrival for step in desk.steps if step.arrival is not None and step.arrival.reports)
    assert told == arrivals(sync.queries)
    assert desk.steps[-1].step == "arrived"


def test_nothing_is_told_of_days_that_ibkr_did_not_answer_for(desk: Desk, service: FlexService) -> None:
    depot = desk.add()
    desk.sync(depot)
    before = len(desk.steps)
    service.script(code_answer(1012))
    sync = desk.sync(depot)
    assert isinstance(sync.error, FlexError)
    assert arrived(desk.steps[before:]) == []


def test_an_arrival_tells_what_a_report_brought() -> None:
    file = ImportedFile(file="x", new=7, unchanged=2, from_date=date(2025, 1, 2), to_date=date(2025, 12, 31))
    assert arrival_of("activity", file) == Arrival(
        slot="activity", reports=1, fills=7, start=date(2025, 1, 2), end=date(2025, 12, 31)
    )


def test_a_report_that_could_not_be_read_is_told_with_its_reason() -> None:
    error = ReportError("not_flex", file="x")
    (found,) = arrivals((QuerySync(slot="confirmation", files=(ImportedFile(file="x", error=error),)),))
    assert (found.slot, found.reports, found.error) == ("confirmation", 0, error)


def test_what_came_is_known_after_a_restart(tmp_path: Path) -> None:
    with FlexService(YearsSource(), depots=plain_depots(), pacing=None) as service:
        services = bootstrap.build(
            Paths.at(tmp_path),
            credentials=MemoryCredentials(kept=True),
            flex_url=service.url,
            limits=Limits(spacing=0, per_minute=100_000),
            clock=FakeClock(),
        )
        draft = DepotDraft(name="Plain", activity_query="1001", confirmation_query="1002", token=PLAIN_TOKEN)
        depot, _ = services.depots.add(draft)
        text = ScriptedAnswer(action="GetStatement", body=b'"ClientAccountID","Symbol"\n')
        service.script(*(ScriptedAnswer(action="GetStatement") for _ in range(3)), text)
        cut_off = services.sync.sync_depot(depot)
        went_on = services.sync.sync_depot(depot)
    found = services.reports.arrivals(depot)
    told = (*arrivals(cut_off.queries), *arrivals(went_on.queries))
    assert cut_off.error is not None
    assert sorted(found, key=str) == sorted(told, key=str)
    assert sum(each.fills for each in found) == len(FILLS) + 1
    assert {each.accounts for each in found} == {("U1234567",)}
    assert services.reports.arrivals(DepotId(depot + 1)) == ()
