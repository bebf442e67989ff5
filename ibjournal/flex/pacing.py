"""One pace per token, whatever the depot and the query: IBKR counts requests, and failures, by token.

IBKR's limits: one request a second and ten a minute per token, every kind of request counted. Failed requests earn a
lock-out (1025), which every further request prolongs; so failures are counted here too and end by themselves.
"""

from __future__ import annotations

import contextlib
import hashlib
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from ibjournal.domain.errors import FlexError
from ibjournal.flex.errors import BROKER_CODES, DEAD_TOKEN_CODES
from ibjournal.flex.secret import Secret

_MINUTE = 62.0
"""Seconds. IBKR counts as requests arrive, and one that had to connect first takes longer than one that follows it."""
_LOOK_FOR_CANCEL = 0.05
_LONGEST_REST = 600.0
_WORTH_TELLING = 3.0


class Cancel(Protocol):
    """What a waiting thread listens to (`ibjournal.services.jobs.CancelToken`)."""

    @property
    def cancelled(self) -> bool:
        """Whether somebody asked to end."""

    def check(self) -> None:
        """Raise `Cancelled` if somebody asked."""

    def sleep(self, seconds: float) -> None:
        """Wait, but no longer than until somebody cancels; then raise `Cancelled`."""


class Clock(Protocol):
    """Where the time comes from, so that tests need not wait."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""

    def monotonic(self) -> float:
        """Return seconds on a clock that never jumps."""

    def sleep(self, seconds: float, cancel: Cancel) -> None:
        """Wait, or raise `Cancelled` as soon as somebody cancels."""


class SystemClock:
    """The computer's own clock; ``shifted_by`` moves its calendar, for a demo that plays on another day."""

    def __init__(self, *, shifted_by: timedelta = timedelta(0)) -> None:
        self._shifted_by = shifted_by

    def now(self) -> datetime:
        """Return the present instant in UTC."""
        return datetime.now(UTC) + self._shifted_by

    def monotonic(self) -> float:
        """Return seconds on the monotonic clock."""
        return time.monotonic()

    def sleep(self, seconds: float, cancel: Cancel) -> None:
        """Wait on the cancel token itself, so that it wakes us."""
        cancel.sleep(seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How fast and how often. Seconds; failures per token within ``failures_within``, ``failures_in_all`` whoever forgave them.

    ``retried``: after so many failures a request is not repeated in the same run, so that some are left for later in the day.
    """

    spacing: float = 1.1
    per_minute: int = 10
    failures: int = 5
    retried: int = 3
    failures_in_all: int = 15
    failures_within: timedelta = timedelta(days=1)
    lock_out: timedelta = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaceState:
    """What must not be forgotten about a token: instants in UTC. Free of the token itself."""

    resting_until: datetime | None = None
    locked_until: datetime | None = None
    failures: tuple[datetime, ...] = ()
    last_failure: str = ""
    forgiven: tuple[datetime, ...] = ()
    """Failures that the user's doings made good; IBKR counts them all the same."""
    refused_at: datetime | None = None
    """The latest failure that was not IBKR's own trouble."""
    sent: tuple[datetime, ...] = ()
    """The latest requests, as many as IBKR counts in a minute."""


class TokenPace:
    """The pace of one token. Thread-safe; every request with that token asks for its `turn` first."""

    def __init__(
        self,
        *,
        clock: Clock,
        limits: Limits,
        changed: Callable[[PaceState], None],
        news: Callable[[], PaceState | None] = lambda: None,
        together: Callable[[Cancel | None], AbstractContextManager[object]] = contextlib.nullcontext,
    ) -> None:
        self._clock = clock
        self._limits = limits
        self._changed = changed
        self._news = news
        self._together = together
        self._state = PaceState()
        self._lock = threading.Lock()
        self._one_at_a_time = threading.Lock()
        self._sent: deque[float] = deque(maxlen=limits.per_minute)
        self._resting_until = clock.monotonic()

    @property
    def state(self) -> PaceState:
        """What a restart should know (see `restore`)."""
        with self._lock:
            return self._state

    def restore(self, state: PaceState) -> None:
        """Take up what was known before a restart."""
        with self._lock:
            self._take_up(state)

    def _take_up(self, state: PaceState) -> None:
        self._state = state
        now, here = self._clock.now(), self._clock.monotonic()
        if state.resting_until is not None:
            self._rest((state.resting_until - now).total_seconds())
        ages = sorted(((now - at).total_seconds() for at in state.sent), reverse=True)
        self._sent.clear()
        # a clock that was set back would make requests of the future; those say nothing
        self._sent.extend(here - age for age in ages if 0 <= age < _MINUTE)

    @contextlib.contextmanager
    def _up_to_date(self, cancel: Cancel | None = None) -> Iterator[None]:
        """Hold the state, with what another process did with this token meanwhile: a command beside the window.

        Other processes wait until it is given back, so that nothing that either counts is lost. It is they who may take
        long: so their lock comes first, and nobody in this process waits for the state meanwhile.
        """
        with self._together(cancel), self._lock:
            news = self._news()
            if news is not None:
                self._take_up(news)
            yield

    @contextlib.contextmanager
    def alone(self, cancel: Cancel, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
        """Hold the token for one statement; others wait, and may cancel waiting. ``waiting`` is called once if it is taken."""
        cancel.check()
        if not self._one_at_a_time.acquire(blocking=False):
            waiting()
            while not self._one_at_a_time.acquire(timeout=_LOOK_FOR_CANCEL):
                cancel.check()
        try:
            yield
        finally:
            self._one_at_a_time.release()

    def turn(self, cancel: Cancel, waiting: Callable[[float], None] = lambda _seconds: None) -> None:
        """Wait until a request may be sent, and count it as sent.

        Args:
            cancel: ends the wait within a moment.
            waiting: told the seconds to wait when they are more than a moment.

        Raises:
            Cancelled: somebody cancelled meanwhile.
            FlexError: ``locked_out`` when IBKR locked the token, until ``retry_at`` (UTC).
        """
        while True:
            cancel.check()
            # processes that waited for the same instant wake together: what one counts, the next must hear of first
            with self._up_to_date(cancel):
                self._refuse_when_locked()
                wait = self._wait_needed()
                if wait <= 0:
                    # first the instant that others go by: between the two this thread may be made to wait, and the next turn of
                    # this process, which goes by the other, must not come too soon for them
                    sent = (*self._state.sent, self._clock.now())[-self._limits.per_minute :]
                    self._sent.append(self._clock.monotonic())
                    self._set(replace(self._state, sent=sent))
                    return
            if wait > _WORTH_TELLING:
                waiting(wait)
            self._clock.sleep(wait, cancel)

    def _wait_needed(self) -> float:
        now = self._clock.monotonic()
        wait = 0.0
        if self._sent:
            wait = self._sent[-1] + self._limits.spacing - now
        if len(self._sent) == self._limits.per_minute:
            wait = max(wait, self._sent[0] + _MINUTE - now)
        return max(wait, self._resting_until - now)

    def _rest(self, seconds: float) -> None:
        # Kept on the clock that never jumps: a computer's time set back must not make us wait for hours.
        self._resting_until = self._clock.monotonic() + min(max(0.0, seconds), _LONGEST_REST)

    def _refuse_when_locked(self) -> None:
        until = self._state.locked_until
        if until is not None and until > (longest := self._clock.now() + self._limits.lock_out):
            # the clock was set back; what a wrong clock wrote must not lock for weeks
            until = longest
            self._set(replace(self._state, locked_until=until))
        if until is not None and self._clock.now() < until:
            raise FlexError("locked_out", retry_at=until, asked=False)

    def may_request(self, cancel: Cancel | None = None) -> None:
        """Refuse a new SendRequest with a token that IBKR called dead, or when too many have failed, before IBKR locks the token.

        Raises:
            Cancelled: somebody cancelled meanwhile.
            FlexError: the last failure's own code where it is the user's to mend, else ``too_many_failures``, or
                ``too_many_troubles`` where all of them were IBKR's own; with ``asked=False``, and ``retry_at`` (UTC)
                unless no waiting helps.
        """
        with self._up_to_date(cancel):
            self._refuse_when_locked()
            self._let_no_failure_be_of_the_future()
            if self._state.last_failure in DEAD_TOKEN_CODES:
                raise FlexError(self._state.last_failure, asked=False)
            failures, forgiven = self._recent(self._state.failures), self._recent(self._state.forgiven)
            if len(failures) >= self._limits.failures:
                code = self._state.last_failure or self._what_failed(failures)
                raise FlexError(code, asked=False, failures=len(failures), retry_at=failures[0] + self._limits.failures_within)
            every = sorted((*failures, *forgiven))
            if len(every) >= self._limits.failures_in_all:
                until = every[0] + self._limits.failures_within
                raise FlexError(self._what_failed(every), asked=False, failures=len(every), retry_at=until)

    def may_retry(self, cancel: Cancel | None = None) -> bool:
        """Tell whether a request that IBKR could not serve may be repeated in the same run.

        Raises:
            Cancelled: somebody cancelled meanwhile.
        """
        with self._up_to_date(cancel):
            return len(self._recent(self._state.failures)) < self._limits.retried

    def _what_failed(self, failures: Sequence[datetime]) -> str:
        refused = self._state.refused_at
        return "too_many_failures" if refused is not None and refused >= min(failures) else "too_many_troubles"

    def _recent(self, failures: tuple[datetime, ...]) -> tuple[datetime, ...]:
        now = self._clock.now()
        return tuple(at for at in failures if at > now - self._limits.failures_within)

    def _let_no_failure_be_of_the_future(self) -> None:
        # A clock that was set back leaves some behind; counted as of now, they hold up for a day at most.
        now = self._clock.now()
        if any(at > now for at in (*self._state.failures, *self._state.forgiven)):
            failures, forgiven = (tuple(min(at, now) for at in each) for each in (self._state.failures, self._state.forgiven))
            refused = self._state.refused_at and min(self._state.refused_at, now)
            self._set(replace(self._state, failures=failures, forgiven=forgiven, refused_at=refused))

    def request_failed(self, code: str, *, for_user: bool) -> None:
        """Count a request that IBKR refused; ``for_user``: only the user can mend it."""
        with self._up_to_date():
            now = self._clock.now()
            self._set(
                replace(
                    self._state,
                    failures=(*self._recent(self._state.failures), now),
                    last_failure=code if for_user else "",
                    refused_at=self._state.refused_at if code in BROKER_CODES else now,
                )
            )

    def rest(self, seconds: float) -> None:
        """Send nothing for a while: IBKR said that there were too many requests."""
        with self._up_to_date():
            self._rest(seconds)
            self._set(replace(self._state, resting_until=self._clock.now() + timedelta(seconds=seconds)))

    def lock_out(self) -> None:
        """Send nothing any more: IBKR locked the token (1025)."""
        with self._up_to_date():
            self._set(replace(self._state, locked_until=self._clock.now() + self._limits.lock_out))

    def forgive(self) -> None:
        """Let requests through again, because the user mended something; what IBKR counts is not forgotten."""
        with self._up_to_date():
            forgiven = (*self._recent(self._state.forgiven), *self._recent(self._state.failures))
            self._set(replace(self._state, failures=(), last_failure="", forgiven=forgiven))

    def _set(self, state: PaceState) -> None:
        self._state = state
        self._changed(state)


class Pacing:
    """The paces of all tokens of this process. Tokens are known by a digest, in memory only.

    Args:
        clock: where the time comes from.
        limits: how fast and how often.
        changed: told of every state that should survive a restart, with the token it belongs to.
        recall: asked for what was told before a restart, None where nothing is known.
        news: asked before each request for what another process did with the token meanwhile, None where that is nothing.
        together: held while a token's state is read and changed, so that no other process does so in between; raises
            `Cancelled` when the fetch that waits for it is cancelled.
    """

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        limits: Limits | None = None,
        changed: Callable[[Secret, PaceState], None] = lambda _token, _state: None,
        recall: Callable[[Secret], PaceState | None] = lambda _token: None,
        news: Callable[[Secret], PaceState | None] = lambda _token: None,
        together: Callable[[Cancel | None], AbstractContextManager[object]] = contextlib.nullcontext,
    ) -> None:
        self._clock = clock or SystemClock()
        self._limits = limits or Limits()
        self._changed = changed
        self._recall = recall
        self._news = news
        self._together = together
        self._paces: dict[bytes, TokenPace] = {}
        self._lock = threading.Lock()

    def of(self, token: Secret) -> TokenPace:
        """Return the pace of a token, the same for everybody who holds it."""
        key = hashlib.sha256(token.reveal().encode()).digest()
        with self._lock:
            pace = self._paces.get(key)
            if pace is None:
                pace = TokenPace(
                    clock=self._clock,
                    limits=self._limits,
                    changed=lambda state: self._changed(token, state),
                    news=lambda: self._news(token),
                    together=self._together,
                )
                known = self._recall(token)
                if known is not None:
                    pace.restore(known)
                self._paces[key] = pace
            return pace
