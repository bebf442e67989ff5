from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from ibjournal.demo.flex_answers import code_answer
from ibjournal.demo.flex_service import FlexService
from ibjournal.domain.errors import FlexError
from ibjournal.services.depots import DepotDraft
from ibjournal.services.jobs import CancelToken, Progress
from ibjournal.services.token_log import TokenUse
from tests.fakes.clock import NOON
from tests.unit.flex.flex_source import PLAIN_TOKEN, PlainSource, plain_depots
from tests.unit.services.flex_desk import Desk


@pytest.fixture
def service() -> Iterator[FlexService]:
    with FlexService(PlainSource(), depots=plain_depots(), pacing=None) as service:
        yield service


@pytest.fixture
def desk(service: FlexService, tmp_path: Path) -> Desk:
    return Desk(service, tmp_path)


def _short(uses: tuple[TokenUse, ...]) -> list[tuple[str, str, str, str, bool]]:
    return [(use.purpose, use.slot, use.query, use.result, use.asked) for use in uses]


def test_a_sync_writes_down_each_statement_it_asked_for(desk: Desk) -> None:
    depot = desk.add()
    desk.sync(depot)
    uses = desk.depots.token_uses(depot)
    assert [(use.query, f"{use.from_date:%Y%m%d}", f"{use.to_date:%Y%m%d}") for use in reversed(uses)] == desk.asked()
    assert [use.result for use in uses] == ["ok", "not_available", "not_available", "ok", "ok", "ok", "ok"], "newest first"
    assert uses[-1].at == NOON
    assert {(use.depot, use.depot_name, use.purpose) for use in uses} == {(depot, "Plain", "sync")}
    assert len(desk.depots.token_uses(depot, limit=2)) == 2


def test_a_request_that_was_held_back_is_told_apart(desk: Desk, service: FlexService) -> None:
    depot = desk.add()
    service.script(code_answer(1025))
    desk.sync(depot)
    assert _short(desk.depots.token_uses(depot)) == [("sync", "activity", "1001", "locked_out", True)]
    desk.sync(depot)
    assert _short(desk.depots.token_uses(depot))[0] == ("sync", "activity", "1001", "locked_out", False)


def test_tests_and_renewals_are_uses_too(desk: Desk, service: FlexService) -> None:
    draft = DepotDraft(name="New", activity_query="1001", confirmation_query="1002", token=PLAIN_TOKEN)
    desk.depots.test(draft)
    assert [(use.depot, use.depot_name) for use in desk.depots.token_uses()] == [(None, "New"), (None, "New")]
    assert _short(desk.depots.token_uses())[0] == ("test", "confirmation", "1002", "ok", True)
    depot = desk.add()
    service.script(code_answer(1015))
    with pytest.raises(FlexError):
        desk.depots.renew((depot,), "9" * 24, date(2027, 1, 1))
    assert _short(desk.depots.token_uses(depot)) == [("renewal", "activity", "1001", "token_invalid", True)]
    assert desk.depots.token_uses(depot)[0].from_date is None


def test_a_fetch_that_is_cancelled_is_a_use_one_that_never_began_is_none(desk: Desk) -> None:
    depot = desk.add()
    desk.importer.cancel_after = 1
    desk.sync(depot)
    assert [use.result for use in desk.depots.token_uses(depot)] == ["ok"]
    cancel = CancelToken()

    def stop(progress: Progress) -> None:
        if progress.step == "generating":
            cancel.cancel()

    desk.sync_service.sync_depot(depot, cancel=cancel, progress=stop)
    assert [use.result for use in desk.depots.token_uses(depot)] == ["cancelled", "ok"]


def test_a_log_that_cannot_be_written_stops_no_test(desk: Desk) -> None:
    with desk.database.transaction() as db:
        db.execute("DROP TABLE token_uses")
    draft = DepotDraft(name="New", activity_query="1001", token=PLAIN_TOKEN)
    assert [each.error for each in desk.depots.test(draft)] == [None, None]


def test_no_token_is_in_the_log_and_a_removed_depot_keeps_its_uses(desk: Desk) -> None:
    depot = desk.add()
    desk.sync(depot)
    with desk.database.reading() as db:
        rows = db.execute("SELECT * FROM token_uses").fetchall()
    assert rows
    assert PLAIN_TOKEN not in repr(rows)
    desk.depots.remove(depot)
    uses = desk.depots.token_uses()
    assert {(use.depot, use.depot_name) for use in uses} == {(None, "Plain")}
