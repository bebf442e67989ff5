"""A lock that processes on one folder keep each other out with for moments: of the system's own, so that none outlives its process.

Unix locks the file, Windows its first byte. A file system that knows no locks costs the lock, never the work; and so does a
process that does not give it back, because it was stopped in that very moment.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

_LOOK_AGAIN = 0.02
"""Seconds between two tries."""

if sys.platform == "win32":
    import msvcrt

    def _take(file: int) -> bool:
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            if error.errno in {errno.EACCES, errno.EDEADLK}:
                return False
            raise
        return True

    def _give_back(file: int) -> None:
        msvcrt.locking(file, msvcrt.LK_UNLCK, 1)  # the position is that of the first byte still: nothing is ever read or written

else:
    import fcntl

    def _take(file: int) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _give_back(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)


class Cancel(Protocol):
    """What a waiting thread listens to (`ibjournal.services.jobs.CancelToken`)."""

    def sleep(self, seconds: float) -> None:
        """Wait, but no longer than until somebody cancels; then raise `Cancelled`."""


@contextlib.contextmanager
def held(path: Path, *, cancel: Cancel | None, longest: float) -> Iterator[bool]:
    """Hold the lock of a file; not for the same file within itself.

    Args:
        path: the file; made where it is not there, never written.
        cancel: ends the wait within a moment.
        longest: seconds after which it goes on without the lock.

    Yields:
        Whether the lock is held.

    Raises:
        Cancelled: somebody cancelled while it waited.
    """
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:
        yield False
        return
    try:
        taken = _wait(file, cancel, longest)
        try:
            yield taken
        finally:
            if taken:
                with contextlib.suppress(OSError):  # closing the file gives it back all the same
                    _give_back(file)
    finally:
        os.close(file)


def _wait(file: int, cancel: Cancel | None, longest: float) -> bool:
    until = time.monotonic() + longest
    try:
        while not _take(file):
            if time.monotonic() >= until:
                return False
            if cancel is None:
                time.sleep(_LOOK_AGAIN)
            else:
                cancel.sleep(_LOOK_AGAIN)
    except OSError:
        return False
    return True
