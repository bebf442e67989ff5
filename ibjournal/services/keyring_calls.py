"""Calls to a keyring, one after another, none of which anybody waits for longer than some seconds.

A keyring may ask the user to unlock it, and answer minutes later or never. A call that takes too long goes on in its
thread; until it ends, further calls are refused at once, so that threads do not pile up behind it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from ibjournal.domain.errors import Cancelled, CredentialError
from ibjournal.flex.pacing import Cancel

T = TypeVar("T")

PATIENCE = 10.0
"""Seconds after which a keyring counts as not answering."""

_LOOK_FOR_CANCEL = 0.05
_WORTH_TELLING = 0.7


def nobody() -> None:
    """Tell nobody that a keyring is waited for."""


class _Call(Generic[T]):
    def __init__(self, work: Callable[[], T]) -> None:
        self.work = work
        self.ended = False
        self.left = False
        """Whoever asked has cancelled; the call goes on alone."""
        self.result: list[T] = []
        self.error: CredentialError | None = None


class KeyringCalls:
    """Runs one call at a time, each on a thread that never keeps the program from ending. Thread-safe.

    Args:
        patience: seconds to wait for an answer, the time in the queue included.
        explain: makes our error of whatever a keyring raises, so that the original, whose frames may hold a token, goes
            no further than the thread that it was raised on.
    """

    def __init__(self, *, explain: Callable[[BaseException], CredentialError], patience: float = PATIENCE) -> None:
        self._patience = patience
        self._explain = explain
        self._changed = threading.Condition()
        self._running: _Call[object] | None = None
        self._overdue = False
        self._closed = False

    def close(self) -> None:
        """Wait for nothing any more, because the program ends: whoever waits, or asks from now on, gets `Cancelled`."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def run(self, work: Callable[[], T], *, cancel: Cancel | None = None, waiting: Callable[[], None] = nobody) -> T:
        """Return what ``work`` returns.

        Args:
            work: asks the keyring.
            cancel: ends the wait within a moment; the call itself goes on.
            waiting: called once when the answer takes longer than a moment.

        Raises:
            CredentialError: ``keyring_slow``, or what the keyring's error was explained as.
            Cancelled: somebody cancelled, or the program ends.
        """
        began = time.monotonic()
        until, tell_at = began + self._patience, began + _WORTH_TELLING
        call = _Call(work)
        while not self._step(call, until, min(tell_at, until) if waiting is not nobody else until, briefly=cancel is not None):
            if cancel is not None and cancel.cancelled:
                with self._changed:
                    call.left = True
                cancel.check()
            if waiting is not nobody and time.monotonic() >= tell_at:
                waiting()
                waiting = nobody
        if call.error is not None:
            raise call.error
        return call.result[0]

    def _step(self, call: _Call[T], until: float, wake_at: float, *, briefly: bool) -> bool:
        """Begin the call once it is its turn, wait a while for its end, and return whether it has ended."""
        with self._changed:
            if self._running is None and not call.ended and not self._closed:
                self._running = call  # type: ignore[assignment]  # what it returns is nobody's business here
                threading.Thread(target=self._work, args=(call,), name="ibjournal-keyring", daemon=True).start()
            if not call.ended:
                self._refuse(call, until)
                now = time.monotonic()
                self._changed.wait(max(0.0, min(_LOOK_FOR_CANCEL, until - now) if briefly else min(wake_at, until) - now))
            return call.ended

    def _refuse(self, call: _Call[T], until: float) -> None:
        running = self._running
        mine = running is call
        if self._closed:
            raise Cancelled
        if running is not None and not mine and self._overdue:
            raise self._slow()
        if time.monotonic() >= until:
            if mine or (running is not None and running.left):
                self._overdue = True
                self._changed.notify_all()  # those in the queue need not wait any longer
            raise self._slow()

    def _work(self, call: _Call[T]) -> None:
        try:
            call.result.append(call.work())
        except BaseException as error:  # noqa: BLE001 - backends raise whatever their system raises
            call.error = self._explain(error)
        finally:
            with self._changed:
                call.ended = True
                self._running, self._overdue = None, False
                self._changed.notify_all()

    def _slow(self) -> CredentialError:
        return CredentialError("keyring_slow", seconds=round(self._patience))
