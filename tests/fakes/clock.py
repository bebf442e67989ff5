"""A clock that a test moves: waiting takes no time, and what was waited for is on record."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ibjournal.flex.pacing import Cancel, SystemClock

NOON = datetime(2026, 9, 28, 16, 0, tzinfo=UTC)
"""Monday, noon in New York."""


class FakeClock:
    """Keeps the time still until somebody waits. Thread-safe."""

    def __init__(self, now: datetime = NOON) -> None:
        self._now = now
        self._monotonic = 1000.0
        self._lock = threading.Lock()
        self.waits: list[float] = []

    def now(self) -> datetime:
        with self._lock:
            return self._now

    def monotonic(self) -> float:
        with self._lock:
            return self._monotonic

    def sleep(self, seconds: float, cancel: Cancel) -> None:
        cancel.check()
        with self._lock:
            self.waits.append(seconds)
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        with self._lock:
            self._now += timedelta(seconds=seconds)
            self._monotonic += seconds

    def set_wall_clock(self, now: datetime) -> None:
        """Jump as a computer's clock does when it is set; the monotonic clock goes on."""
        with self._lock:
            self._now = now


def clock_of(day: date) -> SystemClock:
    """Return the real clock, set to the afternoon in New York of the day that a demo service plays on: whatever day it is now."""
    return SystemClock(shifted_by=datetime.combine(day, time(16, 5), ZoneInfo("America/New_York")) - datetime.now(UTC))
