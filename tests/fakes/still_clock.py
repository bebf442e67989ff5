"""A clock that stands still, so that what two journals wrote at different times can be compared; waiting takes its time."""

from __future__ import annotations

from datetime import datetime

from ibjournal.flex.pacing import SystemClock


class StillClock(SystemClock):
    """Shows one instant (aware) for ever."""

    def __init__(self, instant: datetime) -> None:
        super().__init__()
        self._instant = instant

    def now(self) -> datetime:
        return self._instant
