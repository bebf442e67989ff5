"""An interrupt from the keyboard, or the system's request to end, cancels work at its next step, so that it ends in order."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from ibjournal.services.jobs import CancelToken

Result = TypeVar("Result")


def interruptible(work: Callable[[CancelToken], Result]) -> Result:
    """Do the work in the background and cancel it when the user interrupts the program.

    The token is set from here and not from a signal handler: a handler may find this very thread holding the token's lock.

    Raises:
        Cancelled: the user interrupted, and the work has ended.
    """
    cancel = CancelToken()
    with _asked_to_end(), ThreadPoolExecutor(max_workers=1, thread_name_prefix="command") as pool:
        doing = pool.submit(work, cancel)
        try:
            return doing.result()
        except KeyboardInterrupt:
            cancel.cancel()
            result = doing.result()
            cancel.check()
            return result


@contextlib.contextmanager
def _asked_to_end() -> Iterator[None]:
    """Let SIGTERM do what an interrupt does: by itself it would end the program where it stands."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
