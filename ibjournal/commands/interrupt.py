"""An interrupt from the keyboard cancels work at its next step, so that what is under way ends in order."""

from __future__ import annotations

from collections.abc import Callable
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
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="command") as pool:
        doing = pool.submit(work, cancel)
        try:
            return doing.result()
        except KeyboardInterrupt:
            cancel.cancel()
            result = doing.result()
            cancel.check()
            return result
