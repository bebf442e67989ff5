"""The pace of requests survives a restart, and costs nothing when its file is gone or damaged."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from ibjournal.domain.errors import FlexError
from ibjournal.flex.pacing import Limits, PaceState, Pacing
from ibjournal.flex.secret import Secret
from ibjournal.services.jobs import CancelToken
from ibjournal.services.pace_memory import PaceMemory
from tests.conftest import ExpectedLog
from tests.fakes.clock import NOON, FakeClock

TOKEN = Secret("123456789012345678901234")
OTHER = Secret("999999999999999999999999")


def pacing(path: Path, clock: FakeClock, *, failures: int = 5) -> Pacing:
    memory = PaceMemory(path, key="journal")
    return Pacing(clock=clock, limits=Limits(failures=failures), changed=memory.remember, recall=memory.recall, news=memory.news)


def test_a_lock_out_holds_after_a_restart(tmp_path: Path) -> None:
    clock = FakeClock()
    pacing(tmp_path / "pace.json", clock).of(TOKEN).lock_out()
    again = pacing(tmp_path / "pace.json", clock)
    with pytest.raises(FlexError) as caught:
        again.of(TOKEN).turn(CancelToken())
    assert caught.value.code == "locked_out"
    again.of(OTHER).turn(CancelToken())


def test_failures_are_counted_over_restarts(tmp_path: Path) -> None:
    clock = FakeClock()
    for _ in range(2):
        pacing(tmp_path / "pace.json", clock, failures=2).of(TOKEN).request_failed("cannot_generate", for_user=False)
    with pytest.raises(FlexError):
        pacing(tmp_path / "pace.json", clock, failures=2).of(TOKEN).may_request()
    clock.set_wall_clock(clock.now() + timedelta(days=1, seconds=1))
    pacing(tmp_path / "pace.json", clock, failures=2).of(TOKEN).may_request()


@pytest.mark.parametrize(("code", "told"), [("heavy_load", "too_many_troubles"), ("invalid_request", "too_many_failures")])
def test_whose_the_failures_were_is_known_after_a_restart(code: str, told: str, tmp_path: Path) -> None:
    clock = FakeClock()
    pacing(tmp_path / "pace.json", clock, failures=1).of(TOKEN).request_failed(code, for_user=False)
    with pytest.raises(FlexError, match=told):
        pacing(tmp_path / "pace.json", clock, failures=1).of(TOKEN).may_request()


def test_what_an_earlier_version_counted_may_have_been_refused(tmp_path: Path) -> None:
    path, clock = tmp_path / "pace.json", FakeClock()
    pacing(path, clock, failures=1).of(TOKEN).request_failed("heavy_load", for_user=False)
    rows = json.loads(path.read_text())
    for row in rows.values():
        del row["refused_at"]
    path.write_text(json.dumps(rows))
    with pytest.raises(FlexError, match="too_many_failures"):
        pacing(path, clock, failures=1).of(TOKEN).may_request()


def test_ten_requests_a_minute_over_restarts(tmp_path: Path) -> None:
    clock = FakeClock()
    begun = clock.monotonic()
    times = []
    for _ in range(25):
        pacing(tmp_path / "pace.json", clock).of(TOKEN).turn(CancelToken())
        times.append(clock.monotonic() - begun)
    assert all(later - earlier >= 1.1 - 1e-6 for earlier, later in pairwise(times))
    assert all(later - earlier >= 60 - 1e-6 for earlier, later in zip(times, times[10:], strict=False))


def test_a_rest_is_taken_to_its_end(tmp_path: Path) -> None:
    clock = FakeClock()
    pacing(tmp_path / "pace.json", clock).of(TOKEN).rest(120)
    before = clock.monotonic()
    pacing(tmp_path / "pace.json", clock).of(TOKEN).turn(CancelToken())
    assert clock.monotonic() - before == pytest.approx(120)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"x": 1}', '{"%s": {"sent": "no"}}'])
def test_a_damaged_file_is_an_empty_one(content: str, tmp_path: Path) -> None:
    path = tmp_path / "pace.json"
    path.write_text(content)
    clock = FakeClock()
    pacing(path, clock).of(TOKEN).turn(CancelToken())
    before = clock.monotonic()
    pacing(path, clock).of(TOKEN).turn(CancelToken())
    assert clock.monotonic() - before == pytest.approx(1.1)


def test_a_folder_that_cannot_be_written_costs_the_memory_alone(tmp_path: Path, expect_log: ExpectedLog) -> None:
    expect_log("could not be kept")
    pacing(tmp_path / "nowhere" / "pace.json", FakeClock()).of(TOKEN).turn(CancelToken())


def test_the_token_is_not_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "pace.json"
    pacing(path, FakeClock()).of(TOKEN).lock_out()
    text = path.read_text()
    assert TOKEN.reveal() not in text
    assert TOKEN.reveal()[:8] not in text


def test_tokens_long_gone_are_dropped(tmp_path: Path) -> None:
    path = tmp_path / "pace.json"
    clock = FakeClock()
    pacing(path, clock).of(OTHER).turn(CancelToken())
    clock.set_wall_clock(clock.now() + timedelta(days=40))
    pacing(path, clock).of(TOKEN).turn(CancelToken())
    memory = PaceMemory(path, key="journal")
    assert memory.recall(OTHER) is None
    assert memory.recall(TOKEN) is not None


def test_a_command_beside_the_window_keeps_one_pace_with_it(tmp_path: Path) -> None:
    clock = FakeClock()
    window, command = (pacing(tmp_path / "pace.json", clock).of(TOKEN) for _ in range(2))
    times = []
    for number in range(24):
        (window, command)[number % 2].turn(CancelToken())
        times.append(clock.monotonic())
    assert all(later - earlier >= 1.1 - 1e-6 for earlier, later in pairwise(times))
    assert all(later - earlier >= 60 - 1e-6 for earlier, later in zip(times, times[10:], strict=False))


def test_each_hears_of_the_others_failures_rests_and_locks(tmp_path: Path) -> None:
    clock = FakeClock()
    window, command = (pacing(tmp_path / "pace.json", clock, failures=2).of(TOKEN) for _ in range(2))
    window.request_failed("cannot_generate", for_user=False)
    command.may_request()
    command.request_failed("cannot_generate", for_user=False)
    with pytest.raises(FlexError):
        window.may_request()
    window.forgive()
    command.may_request()
    command.rest(60)
    began = clock.monotonic()
    window.turn(CancelToken())
    assert clock.monotonic() - began >= 60 - 1e-6
    window.lock_out()
    with pytest.raises(FlexError) as caught:
        command.turn(CancelToken())
    assert caught.value.code == "locked_out"


def test_what_could_not_be_written_is_not_forgotten_for_an_older_file(tmp_path: Path, expect_log: ExpectedLog) -> None:
    expect_log("could not be kept")
    path = tmp_path / "pace.json"
    clock = FakeClock()
    pace = pacing(path, clock, failures=2).of(TOKEN)
    pace.request_failed("cannot_generate", for_user=False)
    path.with_suffix(".new").mkdir()  # nothing can be written in its place
    pace.request_failed("cannot_generate", for_user=False)
    with pytest.raises(FlexError):
        pace.may_request()


def test_all_that_is_known_of_a_token_comes_back(tmp_path: Path) -> None:
    hours = [NOON - timedelta(hours=each) for each in range(9)]
    state = PaceState(
        resting_until=hours[0],
        locked_until=hours[1],
        failures=(hours[3], hours[2]),
        last_failure="query_invalid",
        forgiven=(hours[5], hours[4]),
        refused_at=hours[6],
        sent=(hours[8], hours[7]),
    )
    PaceMemory(tmp_path / "pace.json", key="journal").remember(TOKEN, state)
    assert PaceMemory(tmp_path / "pace.json", key="journal").recall(TOKEN) == state
    assert PaceMemory(tmp_path / "pace.json", key="of another journal").recall(TOKEN) is None, "nobody knows a token by its name"


def test_what_the_user_mended_counts_over_restarts(tmp_path: Path) -> None:
    clock = FakeClock()
    for _ in range(15):
        pace = pacing(tmp_path / "pace.json", clock).of(TOKEN)
        pace.may_request()
        pace.request_failed("account_invalid", for_user=True)
        pace.forgive()
    with pytest.raises(FlexError, match="too_many_failures"):
        pacing(tmp_path / "pace.json", clock).of(TOKEN).may_request()


def test_the_latest_of_all_failures_may_have_been_refused_where_that_was_not_told(tmp_path: Path) -> None:
    path, memory = tmp_path / "pace.json", PaceMemory(tmp_path / "pace.json", key="journal")
    for failures in ((), (NOON - timedelta(hours=2), NOON)):
        memory.remember(TOKEN, PaceState(failures=failures, last_failure="x"))
        rows = json.loads(path.read_text())
        for row in rows.values():
            del row["refused_at"], row["forgiven"]
        path.write_text(json.dumps(rows))
        found = memory.recall(TOKEN)
        assert found == PaceState(failures=failures, last_failure="x", refused_at=max(failures, default=None))


def test_a_token_is_kept_as_long_as_anything_of_it_is_new_and_what_cannot_be_read_is_not(tmp_path: Path) -> None:
    path, memory = tmp_path / "pace.json", PaceMemory(tmp_path / "pace.json", key="journal")
    long_ago = NOON - timedelta(days=31)
    memory.remember(OTHER, PaceState(sent=(long_ago,), failures=(NOON - timedelta(days=29),)))
    path.write_text(json.dumps({"damaged": {"sent": "no"}} | json.loads(path.read_text())))
    memory.remember(TOKEN, PaceState(sent=(NOON,)))
    assert memory.recall(OTHER) is not None
    assert "damaged" not in json.loads(path.read_text())


def test_there_is_news_once(tmp_path: Path) -> None:
    window, command = (PaceMemory(tmp_path / "pace.json", key="journal") for _ in range(2))
    assert window.news(TOKEN) is None
    command.remember(TOKEN, PaceState(sent=(NOON,)))
    assert window.news(TOKEN) == PaceState(sent=(NOON,))
    assert window.news(TOKEN) is None
    assert command.news(TOKEN) is None, "what it did itself is none"


def test_nothing_half_written_stays(tmp_path: Path, expect_log: ExpectedLog) -> None:
    expect_log("could not be kept")
    path = tmp_path / "pace.json"
    path.mkdir()
    PaceMemory(path, key="journal").remember(TOKEN, PaceState(sent=(NOON,)))
    assert list(tmp_path.iterdir()) == [path]
