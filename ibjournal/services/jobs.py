"""What long work accepts: a token to cancel it, and a callable to tell of its progress."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from ibjournal.domain.errors import Cancelled, JournalError


class CancelToken:
    """Lets another thread end a piece of work within moments. Thread-safe, one use."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        """Ask the work to end."""
        self._event.set()

    @property
    def cancelled(self) -> bool:
        """Whether somebody asked."""
        return self._event.is_set()

    def check(self) -> None:
        """Raise `Cancelled` if somebody asked."""
        if self._event.is_set():
            raise Cancelled

    def sleep(self, seconds: float) -> None:
        """Wait, but no longer than until somebody cancels; then raise `Cancelled`."""
        if self._event.wait(max(0.0, seconds)):
            raise Cancelled


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What came of one report, or of days for which there is none; told once it is stored.

    Attributes:
        slot: the query it came by, ``activity`` or ``confirmation``; empty for a file that was given.
        reports: 1 for a report that was taken in, 0 where IBKR has nothing for the days.
        fills: those of its fills that the journal did not have before.
        start: the first day it covers, as the report says.
        end: the last day it covers.
        accounts: the account numbers it tells of.
        error: why the report could not be taken in.
    """

    slot: str = ""
    reports: int = 0
    fills: int = 0
    start: date | None = None
    end: date | None = None
    accounts: tuple[str, ...] = ()
    error: JournalError | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """One step of long work. ``step`` is a code that the window and the command line put into words.

    ``fraction`` is between 0 and 1 or None where the end is not known.

    Attributes:
        step: what is being done.
        subject: whose work it is, such as a depot's name.
        done: parts that are done.
        total: parts there are, 0 where that is not known.
        slot: ``activity`` or ``confirmation`` where a query is being fetched.
        days: first and last day that are asked for.
        attempt: how often it was tried, 1 for the first time.
        wait: seconds until it is tried next.
        size: bytes that have come.
        left: seconds that the rest may take, None where that cannot be told.
        arrival: what came of the days that were asked for, with the step ``arrived``.
    """

    step: str
    subject: str = ""
    done: int = 0
    total: int = 0
    slot: str = ""
    days: tuple[date, date] | None = None
    attempt: int = 0
    wait: float = 0.0
    size: int = 0
    left: float | None = None
    arrival: Arrival | None = None

    @property
    def fraction(self) -> float | None:
        """How much is done, None where the total is not known."""
        return self.done / self.total if self.total else None


ProgressSink = Callable[[Progress], None]


def no_progress(_progress: Progress) -> None:
    """Take progress and tell nobody."""
