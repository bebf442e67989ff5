"""Calls to a keyring, one after another, none of which anybody waits for longer than some seconds.

A keyring may ask the user to unlock it, and answer minutes later or never. A call that takes too long goes on in its
thread; until it ends, further calls are refused at once, so that threads do not pile up behind it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from ibjournal.domain.errors import CredentialError

T = TypeVar("T")

PATIENCE = 10.0
"""Seconds after which a keyring counts as not answering."""


class _Call(Generic[T]):
    def __init__(self, work: Callable[[], T]) -> None:
        self.work = work
        self.ended = False
        self.result: list[T] = []
        self.error: BaseException | None = None


class KeyringCalls:
    """Runs one call at a time, each on a thread that never keeps the program from ending. Thread-safe.

    Args:
        patience: seconds to wait for an answer, the time in the queue included.
        explain: makes our error of whatever a keyring raises, so that the original, whose frames may hold a token, goes
            no further than the thread that it was raised on.
    """

    def __init__(self, *, explain: Callable[[Exception], CredentialError], patience: float = PATIENCE) -> None:
        self._patience = patience
        self._explain = explain
        self._changed = threading.Condition()
        self._running: object | None = None
        self._overdue = False

    @property
    def overdue(self) -> bool:
        """Whether a call is under way that nobody waits for any more."""
        with self._changed:
            return self._overdue

    def run(self, work: Callable[[], T]) -> T:
        """Return what ``work`` returns.

        Raises:
            CredentialError: ``keyring_slow``, or what the keyring's error was explained as.
        """
        until = time.monotonic() + self._patience
        call = _Call(work)
        with self._changed:
            free = self._changed.wait_for(lambda: self._running is None or self._overdue, self._patience)
            if not free or self._running is not None:
                raise self._slow()
            self._running = call
        threading.Thread(target=self._work, args=(call,), name="ibjournal-keyring", daemon=True).start()
        with self._changed:
            if not self._changed.wait_for(lambda: call.ended, max(0.0, until - time.monotonic())):
                self._overdue = True
                self._changed.notify_all()  # those in the queue need not wait any longer
                raise self._slow()
        if call.error is not None:
            raise call.error
        return call.result[0]

    def _work(self, call: _Call[T]) -> None:
        try:
            call.result.append(call.work())
        except Exception as error:  # noqa: BLE001 - backends raise whatever their system raises
            call.error = self._explain(error)
        except BaseException as error:  # noqa: BLE001 - for whoever waits
            call.error = error
        finally:
            with self._changed:
                call.ended = True
                self._running, self._overdue = None, False
                self._changed.notify_all()

    def _slow(self) -> CredentialError:
        return CredentialError("keyring_slow", seconds=round(self._patience))
