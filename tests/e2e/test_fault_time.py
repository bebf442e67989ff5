"""The computer's clock jumps, between syncs and amid them: nothing is held up for long, nothing comes in a burst.

What is told about time by IBKR is right throughout; only the clock of this computer is wrong for a while.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest

from ibjournal.demo.flex_answers import code_answer
from ibjournal.domain.errors import FlexError
from ibjournal.services.autosync import OFF, Schedule
from ibjournal.services.freshness import depot_freshness
from ibjournal.services.jobs import CancelToken, Progress
from ibjournal.store.database import Database
from tests.fakes.raw_flex import Wire
from tests.fakes.standing_faults import GET, SEND
from tests.fakes.way_desk import WayDesk, World, code_of

pytestmark = pytest.mark.e2e

YEAR = timedelta(days=365)
DAY = timedelta(days=1)
JUMPS = {
    "a year ahead": YEAR,
    "a year back": -YEAR,
    "ten years ahead": 10 * YEAR,
    "to the year 2000": datetime(2000, 1, 1, tzinfo=UTC) - datetime(2026, 9, 28, 16, tzinfo=UTC),
    "three months ahead": timedelta(days=92),
    "three months back": -timedelta(days=92),
    "a day ahead": DAY,
    "three hours back": -timedelta(hours=3),
}


def jump(desk: WayDesk, by: timedelta) -> None:
    """Set the clock, as a user does, or a battery that is empty."""
    desk.clock.set_wall_clock(desk.clock.now() + by)


def kept_pace(world: World) -> bool:
    """Tell whether IBKR's pace was kept: by a clock that never jumps."""
    sent = sorted(request.at for request in (*world.service.requests, *world.mirror.requests))
    near = all(later - earlier >= 1.1 - 1e-6 for earlier, later in pairwise(sent))
    return near and all(later - earlier >= 60 - 1e-6 for earlier, later in zip(sent, sent[10:], strict=False))


def last_windows(desk: WayDesk, number: int) -> list[tuple[str, str]]:
    """Return the days that were asked for last."""
    asked = [request.params for request in desk.service.requests if request.action == SEND]
    return [(params["fd"], params["td"]) for params in asked[-number:]]


def goes_on(world: World, desk: WayDesk) -> None:
    """Check that two days later, the clock being right, the program asks by itself, for the days that are missing."""
    world.source.published, world.source.as_of = date(2026, 9, 29), date(2026, 9, 30)
    desk.clock.set_wall_clock(datetime(2026, 9, 30, 16, tzinfo=UTC))
    assert desk.services.autosync.due() == (desk.depot,), "the statement of Tuesday is out"
    assert code_of(desk.sync()) == ""
    (first, last), confirmation = last_windows(desk, 2)
    assert (first <= "20260915", last) == (True, "20260929")
    assert confirmation == ("20260930", "20260930")
    (fresh,) = depot_freshness(Database(desk.paths.database))
    assert fresh.activity_through == date(2026, 9, 29)
    assert fresh.activity_asked_at is not None
    assert timedelta(0) <= desk.clock.now() - fresh.activity_asked_at < timedelta(minutes=5), "asked just now, not next year"
    assert desk.services.autosync.due() == ()


@pytest.mark.parametrize("by", JUMPS.values(), ids=JUMPS)
def test_a_sync_while_the_clock_is_wrong(by: timedelta, outside: World, undisturbed: dict[str, list[str]]) -> None:
    desk = outside.desk()
    right = desk.clock.now()
    jump(desk, by)
    assert code_of(desk.sync()) == ""
    assert len(desk.calls()) <= 28, "at most the years that there are, a leap year in halves, each asked once or twice"
    assert kept_pace(outside)
    jump(desk, right + timedelta(hours=1) - desk.clock.now())
    desk.restart()
    before = len(desk.calls())
    assert code_of(desk.sync()) == ""
    assert desk.calls()[before:] == "SGSG"
    assert [last for _first, last in last_windows(desk, 2)] == ["20260925", "20260928"]
    assert desk.state()["fills"] == undisturbed["fills"]
    goes_on(outside, desk)
    assert desk.leaks() == []


@pytest.mark.parametrize("call", [SEND, GET])
@pytest.mark.parametrize("by", [YEAR, -YEAR], ids=["a year ahead", "a year back"])
def test_a_jump_amid_a_sync(by: timedelta, call: str, outside: World, undisturbed: dict[str, list[str]]) -> None:
    desk = outside.desk()

    def answer_and_jump(wire: Wire, body: bytes) -> None:
        jump(desk, by)
        wire.answer(body)

    outside.service.misbehave(call, answer_and_jump)
    began = desk.clock.monotonic()
    assert code_of(desk.sync()) == ""
    assert desk.clock.monotonic() - began < 60, "nobody waits for a clock to come back"
    assert desk.calls() == "SGSG"
    assert kept_pace(outside)
    assert desk.state()["fills"] == undisturbed["fills"]
    jump(desk, -by)
    goes_on(outside, desk)
    assert desk.leaks() == []


@pytest.mark.parametrize("restart", [False, True], ids=["running on", "restarted"])
@pytest.mark.parametrize("by", [YEAR, -YEAR, timedelta(minutes=-5)], ids=["a year ahead", "a year back", "five minutes back"])
def test_a_rest_after_1018_neither_grows_nor_is_it_forgotten(
    by: timedelta, restart: bool, outside: World, undisturbed: dict[str, list[str]]
) -> None:
    desk = outside.desk()
    outside.service.script(code_answer(1018, SEND))
    cancel = CancelToken()

    def cancel_the_rest(step: Progress) -> None:
        if step.step == "throttled":
            cancel.cancel()

    assert desk.services.sync.sync_depot(desk.depot, cancel=cancel, progress=cancel_the_rest).cancelled
    began = desk.clock.monotonic()
    jump(desk, by)
    if restart:
        desk.restart()
    assert code_of(desk.sync()) == ""
    rested = outside.service.requests[1].at - outside.service.requests[0].at
    assert desk.clock.monotonic() - began < 600 + 120, "a rest of a minute is never one of a year"
    assert rested >= 60 or (restart and by > timedelta(0)), "only a clock set ahead over a restart ends it early"
    jump(desk, -by)
    assert code_of(desk.sync()) == ""
    assert desk.state()["fills"] == undisturbed["fills"]
    assert desk.leaks() == []


@pytest.mark.parametrize("by", [YEAR, -YEAR], ids=["a year ahead", "a year back"])
@pytest.mark.parametrize("restart", [False, True], ids=["running on", "restarted"])
def test_a_lock_out_lasts_a_day_at_most_and_costs_one_request(
    by: timedelta, restart: bool, outside: World, undisturbed: dict[str, list[str]]
) -> None:
    desk = outside.desk()
    outside.service.script(*(code_answer(1025, SEND) for _ in range(1 if by > timedelta(0) else 2)))
    jump(desk, by)
    assert code_of(desk.sync()) == "locked_out"
    assert desk.calls() == "S"
    jump(desk, -by)
    if restart:
        desk.restart()
    asked = len(desk.calls())
    for _hour in range(30):
        report = desk.sync()
        if report.error is None:
            break
        assert code_of(report) == "locked_out"
        desk.clock.advance(3600)
    else:
        pytest.fail("the token is locked for ever")
    extra = desk.calls()[asked:].count("S") - 2
    assert extra <= 1, "a clock that was set costs one request, no burst"
    assert desk.state()["fills"] == undisturbed["fills"]
    assert desk.leaks() == []


@pytest.mark.parametrize("by", [YEAR, -YEAR], ids=["a year ahead", "a year back"])
def test_the_days_guard_neither_grows_nor_bursts(by: timedelta, outside: World, undisturbed: dict[str, list[str]]) -> None:
    desk = outside.desk(confirmation="")
    outside.service.script(*(code_answer(1014, SEND) for _ in range(100)))
    jump(desk, by)
    for _ in range(20):
        assert code_of(desk.sync()) == "query_invalid"
        desk.clock.advance(60)
    assert desk.calls() == "SSSSS", "then the guard holds"
    jump(desk, -by)
    desk.restart()
    for _ in range(20):
        assert code_of(desk.sync()) == "query_invalid"
        desk.clock.advance(60)
    assert len(desk.calls()) <= 10, "a clock that was set counts as a new day once at most"
    outside.service._scripted.clear()
    desk.clock.advance(86400)
    assert code_of(desk.sync()) == "", "a day later it goes on"
    assert [fill for fill in undisturbed["fills"] if "'AF'" in fill] == desk.state()["fills"]
    assert desk.leaks() == []


def _every_other(number: int) -> timedelta:
    return YEAR if number % 2 else -YEAR


def _wandering(number: int) -> timedelta:
    return timedelta(hours=(-5, 7, -3, 2, -1)[number % 5])


@pytest.mark.parametrize("move", [_every_other, _wandering], ids=["a year there and back", "some hours there and back"])
@pytest.mark.parametrize(("code", "an_hour"), [("not_available", 2), ("no_network", 4), ("token_expired", 1)])
def test_a_clock_that_does_not_stand_still_makes_no_storm(
    move: Callable[[int], timedelta], code: str, an_hour: int, outside: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock jumps each hour for a day, and the program looks all the time, as its window does."""
    desk = outside.desk()
    monkeypatch.setattr(desk.services.sync._client, "fetch", _refusing(code))
    runs: list[int] = []
    for hour in range(24):
        jump(desk, move(hour))
        before = len(runs)
        for _look in range(15):
            if desk.services.autosync.due():
                runs.append(hour)
                desk.sync()
            desk.clock.advance(240)
        assert len(runs) - before <= an_hour, "at most what a jump lets through"
    assert runs, "it does not stand still either"
    desk.services.autosync.set_schedule(OFF)
    assert desk.services.autosync.due() == ()


def _refusing(code: str) -> Callable[..., object]:
    def fetch(*_args: object, **_options: object) -> object:
        raise FlexError(code)

    return fetch


@pytest.mark.parametrize("by", [YEAR, -YEAR, 3 * DAY, -3 * DAY], ids=["year ahead", "year back", "days ahead", "days back"])
def test_the_daily_fetch_comes_each_day_after_a_jump(by: timedelta, outside: World) -> None:
    desk = outside.desk()
    desk.services.autosync.set_schedule(Schedule(at_start=False, when_due=False, daily_at=time(8, 30)))
    came: list[datetime] = []

    def look(hours: int) -> None:
        for _ in range(hours * 4):
            if desk.services.autosync.due():
                came.append(desk.clock.now())
                assert code_of(desk.sync()) == ""
            desk.clock.advance(900)

    look(12)
    jump(desk, by)
    look(24)
    jump(desk, -by)
    came.clear()
    look(72)
    local = [moment.astimezone() for moment in came]
    days = [moment.date() for moment in local]
    assert len(days) == len(set(days)), "once a day"
    assert len(days) >= 3
    assert all(moment.time() >= time(8, 30) for moment in local)
    assert desk.leaks() == []
