from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from ibjournal.domain.errors import Cancelled, FlexError
from ibjournal.flex.pacing import Limits, PaceState, Pacing, SystemClock
from ibjournal.flex.secret import Secret
from ibjournal.services.jobs import CancelToken
from tests.fakes.clock import NOON, FakeClock

TOKEN = Secret("123456789012345678901234")
OTHER = Secret("223456789012345678901234")


def _send_times(pacing: Pacing, clock: FakeClock, number: int) -> list[float]:
    times = []
    for _ in range(number):
        pacing.of(TOKEN).turn(CancelToken())
        times.append(clock.monotonic())
    return times


def test_requests_keep_their_distance() -> None:
    clock = FakeClock()
    times = _send_times(Pacing(clock=clock), clock, 5)
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert all(gap >= 1.1 for gap in gaps)
    assert times[0] == 1000.0, "the first one does not wait"


def test_no_minute_sees_more_than_ten() -> None:
    clock = FakeClock()
    times = _send_times(Pacing(clock=clock), clock, 35)
    for start in times:
        assert sum(start <= each < start + 60 for each in times) <= 10


def test_a_minute_is_one_at_ibkr_too_when_the_way_of_the_first_takes_longer() -> None:
    clock = FakeClock()
    times = _send_times(Pacing(clock=clock), clock, 31)
    arrived = [each + (1.5 if number % 10 == 0 else 0.1) for number, each in enumerate(times)]
    for start in arrived:
        assert sum(start <= each < start + 60 for each in arrived) <= 10


def test_the_pace_belongs_to_the_token_not_to_the_depot() -> None:
    clock = FakeClock()
    pacing = Pacing(clock=clock)
    pacing.of(Secret(TOKEN.reveal())).turn(CancelToken())
    pacing.of(OTHER).turn(CancelToken())
    assert clock.monotonic() == 1000.0
    pacing.of(TOKEN).turn(CancelToken())
    assert clock.monotonic() >= 1001.1


def test_threads_share_the_pace() -> None:
    clock = FakeClock()
    pacing = Pacing(clock=clock)
    threads = [threading.Thread(target=pacing.of(TOKEN).turn, args=(CancelToken(),)) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert clock.monotonic() >= 1060.0


def test_waiting_for_a_turn_can_be_cancelled() -> None:
    pacing = Pacing(clock=SystemClock(), limits=Limits(spacing=1000))
    cancel = CancelToken()
    pacing.of(TOKEN).turn(cancel)
    threading.Timer(0.05, cancel.cancel).start()
    with pytest.raises(Cancelled):
        pacing.of(TOKEN).turn(cancel)


def test_a_resting_token_waits_and_another_does_not() -> None:
    clock = FakeClock()
    pacing = Pacing(clock=clock)
    pacing.of(TOKEN).rest(60)
    pacing.of(OTHER).turn(CancelToken())
    assert clock.monotonic() == 1000.0
    pacing.of(TOKEN).turn(CancelToken())
    assert clock.monotonic() == 1060.0


def test_a_clock_set_back_does_not_prolong_the_rest() -> None:
    clock = FakeClock()
    pacing = Pacing(clock=clock)
    pacing.of(TOKEN).rest(60)
    clock.set_wall_clock(NOON - timedelta(days=365))
    pacing.of(TOKEN).turn(CancelToken())
    assert clock.monotonic() == 1060.0


def test_a_locked_token_sends_nothing_for_a_day() -> None:
    clock = FakeClock()
    pacing = Pacing(clock=clock)
    pacing.of(TOKEN).lock_out()
    asking: tuple[Callable[[], None], ...] = (pacing.of(TOKEN).may_request, lambda: pacing.of(TOKEN).turn(CancelToken()))
    for ask in asking:
        with pytest.raises(FlexError) as caught:
            ask()
        assert caught.value.code == "locked_out"
        assert caught.value.values["retry_at"] == NOON + timedelta(days=1)
    clock.advance(86401)
    pacing.of(TOKEN).turn(CancelToken())


@pytest.mark.parametrize(
    ("codes", "told"),
    [
        (["cannot_generate", "heavy_load", "incomplete", "mtm_not_ready", "reference_invalid"], "too_many_troubles"),
        (5 * ["invalid_request"], "too_many_failures"),
        (["unknown_code", *4 * ["heavy_load"]], "too_many_failures"),
        ([*4 * ["heavy_load"], "invalid_request"], "too_many_failures"),
    ],
)
def test_failures_are_counted_for_a_day_and_told_by_whose_they_are(codes: list[str], told: str) -> None:
    clock = FakeClock()
    pace = Pacing(clock=clock).of(TOKEN)
    for code in codes:
        pace.may_request()
        pace.request_failed(code, for_user=False)
        clock.advance(60)
    with pytest.raises(FlexError) as caught:
        pace.may_request()
    assert caught.value.code == told
    assert caught.value.values == {"asked": False, "failures": 5, "retry_at": NOON + timedelta(days=1)}
    clock.set_wall_clock(NOON + timedelta(days=1, seconds=30))
    pace.may_request()


def test_what_the_user_mended_is_not_held_against_them_when_ibkr_fails() -> None:
    clock = FakeClock()
    pace = Pacing(clock=clock).of(TOKEN)
    pace.request_failed("query_invalid", for_user=True)
    clock.advance(60)
    pace.forgive()
    for _ in range(5):
        pace.request_failed("heavy_load", for_user=False)
    with pytest.raises(FlexError, match="too_many_troubles"):
        pace.may_request()


def test_after_three_failures_of_a_day_nothing_is_repeated_at_once() -> None:
    clock = FakeClock()
    pace = Pacing(clock=clock).of(TOKEN)
    may = []
    for _ in range(4):
        may.append(pace.may_retry())
        pace.request_failed("incomplete", for_user=False)
    assert may == [True, True, True, False]
    pace.may_request()
    clock.advance(86401)
    assert pace.may_retry()


def test_the_guard_repeats_what_the_user_has_to_mend() -> None:
    pace = Pacing(clock=FakeClock(), limits=Limits(failures=2)).of(TOKEN)
    pace.request_failed("cannot_generate", for_user=False)
    pace.request_failed("token_expired", for_user=True)
    with pytest.raises(FlexError) as caught:
        pace.may_request()
    assert caught.value.code == "token_expired"
    pace.forgive()
    pace.may_request()


def test_what_the_user_mended_counts_in_the_end_all_the_same() -> None:
    clock = FakeClock()
    pace = Pacing(clock=clock, limits=Limits(failures=2, failures_in_all=5)).of(TOKEN)
    for _ in range(5):
        pace.may_request()
        pace.request_failed("token_invalid", for_user=True)
        pace.forgive()
        clock.advance(60)
    with pytest.raises(FlexError) as caught:
        pace.may_request()
    assert caught.value.code == "too_many_failures"
    assert caught.value.values == {"asked": False, "failures": 5, "retry_at": NOON + timedelta(days=1)}
    clock.advance(86400)
    pace.may_request()


def test_a_clock_that_was_set_back_holds_up_for_a_day_at_most() -> None:
    clock = FakeClock()
    pace = Pacing(clock=clock, limits=Limits(failures=1)).of(TOKEN)
    clock.set_wall_clock(NOON + timedelta(days=300))
    pace.request_failed("cannot_generate", for_user=False)
    pace.lock_out()
    clock.set_wall_clock(NOON)
    with pytest.raises(FlexError) as caught:
        pace.may_request()
    assert caught.value.values["retry_at"] == NOON + timedelta(days=1)
    clock.set_wall_clock(NOON + timedelta(days=1))
    with pytest.raises(FlexError, match="too_many_troubles"):
        pace.may_request()
    clock.set_wall_clock(NOON + timedelta(days=2, seconds=1))
    pace.may_request()


def test_a_clock_that_was_set_back_does_not_make_a_refusal_last_for_ever() -> None:
    clock = FakeClock()
    pace = Pacing(clock=clock, limits=Limits(failures=1)).of(TOKEN)
    clock.set_wall_clock(NOON + timedelta(days=300))
    pace.request_failed("invalid_request", for_user=False)
    clock.set_wall_clock(NOON)
    with pytest.raises(FlexError, match="too_many_failures"):
        pace.may_request()
    clock.set_wall_clock(NOON + timedelta(days=2))
    pace.request_failed("heavy_load", for_user=False)
    with pytest.raises(FlexError, match="too_many_troubles"):
        pace.may_request()


class HitchClock(FakeClock):
    """The system lets others run for half a second after the second time somebody asked what time it is."""

    def __init__(self) -> None:
        super().__init__()
        self.readings = 0

    def now(self) -> datetime:
        now = super().now()
        self._hitch()
        return now

    def monotonic(self) -> float:
        monotonic = super().monotonic()
        self._hitch()
        return monotonic

    def _hitch(self) -> None:
        self.readings += 1
        if self.readings == 2:
            self.advance(0.5)


def test_requests_keep_their_distance_for_other_processes_too_on_a_busy_machine() -> None:
    """Both clocks are asked for each request, and anything may happen between the two."""
    clock = HitchClock()
    pace = Pacing(clock=clock).of(TOKEN)
    clock.readings = 0
    for _ in range(3):
        pace.turn(CancelToken())
    assert min(later - earlier for earlier, later in pairwise(pace.state.sent)) >= timedelta(seconds=1.1)


def test_what_a_restart_must_know_is_told_and_taken_up() -> None:
    clock = FakeClock()
    told: list[tuple[Secret, PaceState]] = []
    pacing = Pacing(clock=clock, changed=lambda token, state: told.append((token, state)))
    pacing.of(TOKEN).rest(60)
    pacing.of(TOKEN).request_failed("token_expired", for_user=True)
    token, state = told[-1]
    assert token == TOKEN
    assert state == pacing.of(TOKEN).state
    assert "1234567890" not in repr(told)

    again = Pacing(clock=clock, limits=Limits(failures=1))
    again.of(TOKEN).restore(state)
    with pytest.raises(FlexError):
        again.of(TOKEN).may_request()
    again.of(TOKEN).turn(CancelToken())
    assert clock.monotonic() == 1060.0


def test_one_statement_at_a_time_and_waiting_is_told() -> None:
    pace = Pacing().of(TOKEN)
    told: list[str] = []
    entered = threading.Event()

    def second() -> None:
        with pace.alone(CancelToken(), lambda: told.append("waits")):
            entered.set()

    with pace.alone(CancelToken(), lambda: told.append("never")):
        thread = threading.Thread(target=second)
        thread.start()
        assert not entered.wait(0.1)
    assert entered.wait(60)
    thread.join(60)
    assert told == ["waits"]


def test_waiting_for_the_other_statement_can_be_cancelled() -> None:
    pace = Pacing().of(TOKEN)
    cancel = CancelToken()
    threading.Timer(0.05, cancel.cancel).start()
    with pace.alone(CancelToken()), pytest.raises(Cancelled), pace.alone(cancel):
        pass
    with pace.alone(CancelToken()):
        pass


def test_the_system_clock_is_in_utc_and_goes_forward() -> None:
    clock = SystemClock()
    assert clock.now().utcoffset() == timedelta(0)
    before = clock.monotonic()
    clock.sleep(0.001, CancelToken())
    assert clock.monotonic() > before


def test_a_demo_may_play_on_another_day() -> None:
    shifted = SystemClock(shifted_by=timedelta(days=-100)).now()
    assert timedelta(days=99) < SystemClock().now() - shifted < timedelta(days=101)
