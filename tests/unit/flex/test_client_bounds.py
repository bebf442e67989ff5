"""The longest and the shortest window, the folder of a fetch, and who waits for whom."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from ibjournal.demo.flex_answers import code_answer
from ibjournal.demo.flex_service import FlexService
from ibjournal.domain.errors import Cancelled
from ibjournal.flex.client import FetchStep
from ibjournal.flex.pacing import Limits, Pacing
from ibjournal.flex.secret import Secret
from ibjournal.services.jobs import CancelToken
from tests.unit.flex.flex_source import PLAIN_TOKEN, PlainSource, plain_depots
from tests.unit.flex.test_client import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with FlexService(PlainSource(), depots=plain_depots(), pacing=None) as service:
        yield Bench(service, tmp_path / "not" / "there yet")


@pytest.mark.parametrize(
    ("start", "end"),
    [(date(2026, 6, 1), date(2026, 6, 1)), (date(2025, 1, 1), date(2025, 12, 31)), (date(2024, 3, 1), date(2025, 2, 28))],
)
def test_a_window_may_have_1_to_365_days(bench: Bench, start: date, end: date) -> None:
    bench.fetch(period=(start, end))
    assert (bench.service.requests[0].params["fd"], bench.service.requests[0].params["td"]) == (f"{start:%Y%m%d}", f"{end:%Y%m%d}")


@pytest.mark.parametrize(("start", "end"), [(date(2026, 6, 2), date(2026, 6, 1)), (date(2024, 3, 1), date(2025, 3, 1))])
def test_no_window_is_shorter_or_longer(bench: Bench, start: date, end: date) -> None:
    with pytest.raises(ValueError, match="365"):
        bench.fetch(period=(start, end))
    assert not bench.folder.exists(), "nothing was begun"


def test_each_fetch_has_a_folder_of_its_own_that_a_later_start_knows(bench: Bench) -> None:
    for _ in range(2):
        bench.fetch()
    folders = list(bench.folder.iterdir())
    assert len(folders) == 2
    assert all(folder.name.startswith("flex-") and len(list(folder.iterdir())) == 1 for folder in folders)


def test_a_test_of_a_token_leaves_nothing(bench: Bench) -> None:
    bench.client().probe(Secret(PLAIN_TOKEN), "1001", folder=bench.folder, cancel=CancelToken())
    assert list(bench.folder.iterdir()) == []


def test_whoever_waits_for_the_token_is_told_so_and_asks_nothing(bench: Bench) -> None:
    client = bench.client()
    told: list[str] = []
    waiting, cancel = threading.Event(), CancelToken()

    def step(each: FetchStep) -> None:
        told.append(each.name)
        waiting.set()
        cancel.cancel()

    with client.pacing.of(Secret(PLAIN_TOKEN)).alone(CancelToken()), pytest.raises(Cancelled):
        client.fetch(Secret(PLAIN_TOKEN), "1001", folder=bench.folder, cancel=cancel, step=step)
    assert waiting.is_set()
    assert told == ["waiting_for_token"]
    assert not bench.calls


def test_ibkrs_own_troubles_leave_requests_for_later_in_the_day_and_the_last_one_says_until_when(bench: Bench) -> None:
    client = bench.client()
    bench.service.script(*[code_answer(1001, "SendRequest")] * 6)
    began = bench.clock.now()
    told, sent = [], []
    for _ in range(3):
        told.append(bench.refused(client).code)
        sent.append(len(bench.calls))
    assert told == ["cannot_generate", "cannot_generate", "too_many_troubles"]
    assert sent == [3, 4, 5], "three for one run, then one for each"
    again = bench.refused(client)
    assert (again.code, len(bench.calls)) == ("too_many_troubles", 5)
    until = again.values["retry_at"]
    assert isinstance(until, datetime)
    assert began <= until - timedelta(days=1) < bench.clock.now()


def test_a_request_that_ibkr_cannot_retrieve_in_run_after_run_fills_the_guard(bench: Bench) -> None:
    client = bench.client()
    bench.service.script(*[code_answer(1021, "SendRequest")] * 60)
    told = [bench.refused(client).code for _ in range(6)]
    assert told == ["not_retrieved"] * 5 + ["too_many_troubles"]
    sent = len(bench.calls)
    assert (bench.refused(client).code, len(bench.calls)) == ("too_many_troubles", sent)


def test_the_failure_that_fills_the_guard_was_asked_and_those_held_back_were_not(bench: Bench) -> None:
    client = bench.client(pacing=Pacing(clock=bench.clock, limits=Limits(failures=1, retried=1)))
    bench.service.script(code_answer(1004, "SendRequest"))
    last, held = bench.refused(client), bench.refused(client)
    assert (last.code, held.code) == ("too_many_troubles", "too_many_troubles")
    assert "asked" not in last.values
    assert held.values["asked"] is False
    assert last.values["retry_at"] == held.values["retry_at"]


def test_what_the_user_must_mend_is_told_even_where_it_filled_the_guard(bench: Bench) -> None:
    client = bench.client(pacing=Pacing(clock=bench.clock, limits=Limits(failures=1, retried=1)))
    bench.service.script(code_answer(1014, "SendRequest"))
    error = bench.refused(client)
    assert (error.code, error.values["number"]) == ("query_invalid", 1014)
