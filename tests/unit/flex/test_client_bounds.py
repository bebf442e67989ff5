"""The longest and the shortest window, the folder of a fetch, and who waits for whom."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from ibjournal.demo.flex_service import FlexService
from ibjournal.domain.errors import Cancelled
from ibjournal.flex.client import FetchStep
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
