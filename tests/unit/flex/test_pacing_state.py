"""What a token's pace takes up from before a restart or from another process, and what it says when it refuses."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from ibjournal.domain.errors import Cancelled, FlexError
from ibjournal.flex.pacing import Limits, PaceState, Pacing, SystemClock, TokenPace
from ibjournal.flex.secret import Secret
from ibjournal.services.jobs import CancelToken
from tests.fakes.clock import NOON, FakeClock

TOKEN = Secret("123456789012345678901234")


def _pace(clock: FakeClock, *, limits: Limits | None = None, known: PaceState | None = None) -> TokenPace:
    return Pacing(clock=clock, limits=limits, recall=lambda _token: known).of(TOKEN)


def _waited(pace: TokenPace, clock: FakeClock) -> float:
    began = clock.monotonic()
    pace.turn(CancelToken())
    return clock.monotonic() - began


def _refused(ask: Callable[[], None]) -> FlexError:
    with pytest.raises(FlexError) as caught:
        ask()
    return caught.value


def _ago(*seconds: float) -> tuple[datetime, ...]:
    return tuple(NOON - timedelta(seconds=each) for each in seconds)


@pytest.mark.parametrize(
    ("sent", "wait"),
    [
        (_ago(0.4), 0.7),
        (_ago(0.0), 1.1),
        (_ago(5), 0.0),
        (_ago(0.4, 30), 0.7),  # whatever their order
        (_ago(*range(50, 40, -1)), 12.0),
        (_ago(*range(70, 60, -1)), 0.0),
        (_ago(*range(61, 52, -1)), 0.0),
        (_ago(-3600), 0.0),  # of the future: the clock was set back
        (_ago(-3600, *range(9)), 1.1),
    ],
)
def test_requests_of_before_count(sent: tuple[datetime, ...], wait: float) -> None:
    clock = FakeClock()
    assert _waited(_pace(clock, known=PaceState(sent=sent)), clock) == pytest.approx(wait)


def test_what_is_taken_up_takes_the_place_of_what_was_known() -> None:
    clock = FakeClock()
    pace = _pace(clock)
    for _ in range(6):
        pace.turn(CancelToken())
    state = pace.state
    for _ in range(2):
        pace.restore(state)
    assert _waited(pace, clock) == pytest.approx(1.1)
    for _ in range(3):
        assert _waited(pace, clock) == pytest.approx(1.1), "ten in all, none counted twice"
    assert _waited(pace, clock) > 50


def test_as_many_requests_are_kept_as_ibkr_counts() -> None:
    clock = FakeClock()
    pace = _pace(clock)
    times = []
    for _ in range(25):
        pace.turn(CancelToken())
        times.append(clock.now())
    assert pace.state.sent == tuple(times[-10:])


@pytest.mark.parametrize(("seconds", "wait"), [(90, 90.0), (-5, 0.0), (86400, 600.0)])
def test_a_rest_of_before_goes_on_but_never_for_long(seconds: int, wait: float) -> None:
    clock = FakeClock()
    known = PaceState(resting_until=NOON + timedelta(seconds=seconds))
    assert _waited(_pace(clock, known=known), clock) == wait


def test_what_another_process_did_is_heard_before_each_question() -> None:
    clock = FakeClock()
    news: list[PaceState | None] = []
    pace = Pacing(clock=clock, limits=Limits(failures=2, retried=1), news=lambda _token: news.pop() if news else None).of(TOKEN)
    assert pace.may_retry()
    news.append(PaceState(failures=(NOON,)))
    assert not pace.may_retry()
    news.append(PaceState(sent=(NOON,)))
    assert _waited(pace, clock) == pytest.approx(1.1)
    news.append(PaceState(failures=(NOON, NOON), last_failure="query_invalid"))
    assert _refused(pace.may_request).code == "query_invalid"
    news.append(PaceState(locked_until=NOON + timedelta(hours=3)))
    assert _refused(lambda: pace.turn(CancelToken())).values == {"asked": False, "retry_at": NOON + timedelta(hours=3)}


def test_a_request_is_asked_for_and_counted_under_one_lock() -> None:
    told: list[str] = []

    @contextlib.contextmanager
    def together(_cancel: object) -> Iterator[None]:
        told.append("locked")
        yield
        told.append("free")

    pace = Pacing(
        clock=FakeClock(),
        together=together,
        news=lambda _token: told.append("asked"),
        changed=lambda _token, _state: told.append("counted"),
    ).of(TOKEN)
    pace.turn(CancelToken())
    assert told == ["locked", "asked", "counted", "free"]


def test_whoever_was_cancelled_sends_nothing() -> None:
    pace = _pace(FakeClock())
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        pace.turn(cancel)
    with pytest.raises(Cancelled), pace.alone(cancel):
        pytest.fail("nobody holds the token, and yet it is not to be had")
    assert pace.state.sent == ()
    with pace.alone(CancelToken()):
        pass


def test_only_a_wait_worth_telling_is_told() -> None:
    clock = FakeClock()
    pace = _pace(clock)
    told: list[float] = []
    for _ in range(10):
        pace.turn(CancelToken(), told.append)
    assert told == [], "a second between two requests is no news"
    pace.turn(CancelToken(), told.append)
    assert told == [pytest.approx(62 - 9 * 1.1)]


@pytest.mark.parametrize("code", ["token_expired", "token_invalid"])
def test_a_dead_token_is_not_asked_with_again_and_no_waiting_helps(code: str) -> None:
    clock = FakeClock()
    pace = _pace(clock)
    pace.request_failed(code, for_user=True)
    clock.advance(7 * 86400)
    refused = _refused(pace.may_request)
    assert (refused.code, refused.values) == (code, {"asked": False})


def test_what_the_user_must_mend_is_told_again_once_the_guard_holds() -> None:
    pace = _pace(FakeClock(), limits=Limits(failures=2))
    pace.request_failed("query_invalid", for_user=True)
    pace.may_request()
    pace.request_failed("query_invalid", for_user=True)
    refused = _refused(pace.may_request)
    assert (refused.code, refused.values["failures"]) == ("query_invalid", 2)


def test_fifteen_failures_a_day_are_the_end_whoever_forgave_them() -> None:
    clock = FakeClock()
    pace = _pace(clock)
    for _ in range(15):
        pace.may_request()
        pace.request_failed("account_invalid", for_user=True)
        pace.forgive()
        clock.advance(1)
    assert _refused(pace.may_request).values["failures"] == 15
    clock.advance(86400 - 15)
    pace.may_request()


@pytest.mark.parametrize("limits", [Limits(failures=2), Limits(failures=9, failures_in_all=2)])
def test_failures_of_the_future_hold_up_for_a_day_forgiven_or_not(limits: Limits) -> None:
    clock = FakeClock(NOON + timedelta(days=300))
    pace = _pace(clock, limits=limits)
    pace.request_failed("invalid_request", for_user=False)
    if limits.failures_in_all == 2:
        pace.forgive()
    clock.set_wall_clock(NOON)
    pace.may_request()
    pace.request_failed("invalid_request", for_user=False)
    refused = _refused(pace.may_request)
    assert (refused.code, refused.values["retry_at"]) == ("too_many_failures", NOON + timedelta(days=1))
    clock.advance(86401)
    pace.may_request()


def test_a_past_failure_keeps_its_time_when_another_is_of_the_future() -> None:
    earlier = NOON - timedelta(hours=20)
    known = PaceState(failures=(earlier, NOON + timedelta(days=9)))
    pace = _pace(FakeClock(), limits=Limits(failures=2), known=known)
    assert _refused(pace.may_request).values["retry_at"] == earlier + timedelta(days=1)
    assert pace.state == replace(known, failures=(earlier, NOON))


def test_the_computers_clock_waits_as_long_as_nobody_cancels() -> None:
    class Told(CancelToken):
        seconds: float | None = None

        def sleep(self, seconds: float) -> None:
            self.seconds = seconds

    cancel = Told()
    SystemClock().sleep(3600, cancel)
    assert cancel.seconds == 3600
