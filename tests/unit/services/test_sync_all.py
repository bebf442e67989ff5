from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ibjournal.demo.flex_answers import code_answer
from ibjournal.demo.flex_service import FlexService
from ibjournal.domain.depot import Depot, DepotId
from ibjournal.domain.errors import FlexError, JournalError, StoreError
from ibjournal.services.changes import Changes
from ibjournal.services.depots import DepotState
from ibjournal.services.jobs import CancelToken, Progress, ProgressSink
from ibjournal.services.sync_all import sync_depots
from ibjournal.services.sync_order import chains
from ibjournal.services.sync_report import SyncReport
from tests.unit.flex.flex_source import PLAIN_TOKEN, PlainSource, plain_depots
from tests.unit.services.flex_desk import Desk

NOW = datetime(2026, 9, 28, 16, 0, tzinfo=UTC)


def _depot(number: int, **fields: object) -> Depot:
    return Depot(**({"id": DepotId(number), "name": f"D{number}", "activity_query": "1"} | fields))  # type: ignore[arg-type]


def _state(depot: Depot, *shares: int) -> DepotState:
    return DepotState(
        depot=depot, has_token=True, token_digits=24, token_kept=True, shares_token_with=tuple(DepotId(each) for each in shares)
    )


@dataclass
class WatchedSync:
    """Says when which depot was being synced."""

    errors: dict[int, JournalError] = field(default_factory=dict)
    meet: threading.Barrier | None = None
    asked: list[int] = field(default_factory=list)
    under_way: set[int] = field(default_factory=set)
    together: set[frozenset[int]] = field(default_factory=set)
    cancel_at: int = 0

    def sync_depot(self, depot: DepotId, *, cancel: CancelToken | None, progress: ProgressSink) -> SyncReport:
        self.asked.append(depot)
        self.under_way.add(depot)
        if self.meet is not None:
            self.meet.wait(60)
        self.together.add(frozenset(self.under_way))
        progress(Progress("reading", f"D{depot}"))
        if depot == self.cancel_at and cancel is not None:
            cancel.cancel()
        self.under_way.discard(depot)
        return SyncReport(
            depot=depot,
            depot_name=f"D{depot}",
            started_at=NOW,
            ended_at=NOW,
            queries=(),
            changes=Changes(),
            error=self.errors.get(depot),
        )

    def not_asked(self, depot: DepotId, error: FlexError) -> SyncReport:
        own = FlexError(error.code, depot=f"D{depot}", asked=False)
        return SyncReport(
            depot=depot, depot_name=f"D{depot}", started_at=NOW, ended_at=NOW, queries=(), changes=Changes(), error=own
        )


def _sync(sync: WatchedSync, groups: list[list[Depot]], told: list[Progress] | None = None) -> list[SyncReport]:
    return sync_depots(sync, groups, cancel=CancelToken(), progress=(told if told is not None else []).append)


def test_which_depots_form_one_chain() -> None:
    one, two, three = _depot(1), _depot(2), _depot(3)
    states = [_state(one, 3), _state(two), _state(three, 1), _state(_depot(4, paused=True)), _state(_depot(5, activity_query=""))]
    assert chains(states) == [[one, three], [two]]
    assert chains(states, frozenset({DepotId(3)})) == [[three]]
    assert chains([_state(_depot(6, activity_query="", confirmation_query="7"))]) != []


def test_depots_with_tokens_of_their_own_are_fetched_side_by_side() -> None:
    sync = WatchedSync(meet=threading.Barrier(2))
    told: list[Progress] = []
    reports = _sync(sync, [[_depot(1)], [_depot(2)]], told)
    assert [report.depot for report in reports] == [1, 2]
    assert sorted((each.step, each.subject) for each in told) == [
        ("done", "D1"), ("done", "D2"), ("reading", "D1"), ("reading", "D2"),
    ]  # fmt: skip


def test_depots_that_share_a_token_come_in_turn() -> None:
    sync = WatchedSync()
    assert [report.depot for report in _sync(sync, [[_depot(1), _depot(2), _depot(3)]])] == [1, 2, 3]
    assert sync.together == {frozenset({1}), frozenset({2}), frozenset({3})}


def test_a_token_that_is_refused_is_not_tried_for_the_next_depot() -> None:
    sync = WatchedSync(errors={1: FlexError("token_expired", depot="D1"), 3: StoreError("disk_full")})
    reports = _sync(sync, [[_depot(1), _depot(2)], [_depot(3), _depot(4)]])
    assert sorted(sync.asked) == [1, 3, 4]
    assert [report.error.code if report.error else "" for report in reports] == ["token_expired", "token_expired", "disk_full", ""]
    assert reports[1].error is not None
    assert reports[1].error.values == {"depot": "D2", "asked": False}


def test_after_a_cancel_nothing_more_begins() -> None:
    sync = WatchedSync(cancel_at=1)
    assert [report.depot for report in _sync(sync, [[_depot(1), _depot(2)]])] == [1]
    assert sync.asked == [1]


@pytest.fixture
def service() -> Iterator[FlexService]:
    with FlexService(PlainSource(), depots=plain_depots(), pacing=None) as service:
        yield service


def test_two_depots_with_one_token_keep_one_pace(service: FlexService, tmp_path: Path) -> None:
    desk = Desk(service, tmp_path)
    for name in ("One", "Two"):
        desk.add(name)
    groups = chains(desk.depots.depot_states())
    assert [[depot.name for depot in group] for group in groups] == [["One", "Two"]]
    service.script(code_answer(1012))
    reports = sync_depots(desk.sync_service, groups, cancel=CancelToken(), progress=desk.steps.append)
    assert [report.error.code if report.error else "" for report in reports] == ["token_expired", "token_expired"]
    assert len(service.requests) == 1, "one failed request for both"


def test_a_token_replaced_amid_a_sync_serves_the_next_one(service: FlexService, tmp_path: Path) -> None:
    desk = Desk(service, tmp_path)
    depot = desk.add()
    new = "777" + PLAIN_TOKEN[3:]
    replaced = False

    def progress(step: Progress) -> None:
        nonlocal replaced
        if step.step == "generating" and step.done == 1 and not replaced:
            replaced = True
            login = next(iter(plain_depots())).login
            service.issue_token(login, new)  # IBKR ends the old one at once

    report = desk.sync_service.sync_depot(depot, progress=progress)
    assert report.error is not None
    assert report.error.code == "token_invalid"
    fetched = [file.from_date for query in report.queries for file in query.files]
    assert fetched, "what came before is kept"
    before = len(desk.asked())
    desk.depots.renew((depot,), new, None)
    assert desk.sync_service.sync_depot(depot).error is None
    again = [each for each in desk.asked()[before:] if each[0] == "1001" and each[1]]
    assert ("1001", "20250101", "20251231") in again
