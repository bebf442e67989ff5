"""Reminds of tokens that expire: 30, 7 and 1 days ahead and once they have, each once per token.

A token that lives some hours only, so that its minute is known, is reminded of in its last hour and once it has ended.

IBKR tells no date of expiry, so it is the one that the user told. A token is known by its depots and its last day: the
keyring is never asked for this.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ibjournal.domain.depot import Depot, DepotId
from ibjournal.flex.pacing import Clock, SystemClock
from ibjournal.services.schedule import REMIND_DAYS, days_left
from ibjournal.services.token_ends import read_ends
from ibjournal.store.database import Database
from ibjournal.store.depots import list_depots
from ibjournal.store.settings import read_setting, write_setting

_TOLD = "token_reminders"
_LAST_HOUR = timedelta(hours=1)
EXPIRED = 0
"""The step of a token whose last day has come, or is past."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """A token that is about to expire, or has.

    Attributes:
        depots: the depots whose token it is, in the user's order: those whose tokens end on the same day.
        names: their names.
        expires: its last day.
        left: days until then; 0 on the day itself, negative after it.
        step: 30, 7, 1, or 0 for the last day and after it.
        ends: the minute at which it ends (UTC), of a token that lives some hours only; ``left`` is negative after it.
    """

    depots: tuple[DepotId, ...]
    names: tuple[str, ...]
    expires: date
    left: int
    step: int
    ends: datetime | None = None


def step_reached(expires: date, today: date) -> int | None:
    """Return the reminder that a token's age calls for: 30, 7, 1 or 0; None where it is too early for any."""
    left = days_left(expires, today)
    if left <= EXPIRED:
        return EXPIRED
    return min((step for step in REMIND_DAYS if left <= step), default=None)


def hour_reached(ends: datetime, now: datetime) -> int | None:
    """Return the reminder that a token of some hours calls for: 1 in its last hour, 0 once it has ended; None before."""
    if ends <= now:
        return EXPIRED
    return min(REMIND_DAYS) if ends - now <= _LAST_HOUR else None


class ReminderService:
    """Tells which tokens to remind of, and remembers of which it was done. Thread-safe.

    Args:
        database: the journal.
        clock: tells the time for tokens that live some hours only.
    """

    def __init__(self, *, database: Database, clock: Clock | None = None) -> None:
        self._database = database
        self._clock = clock or SystemClock()

    def take_due(self, today: date) -> tuple[Reminder, ...]:
        """Return the reminders that are due and were not given before, the most pressing first; they count as given then.

        A step that was missed, because the program did not run, is not made up for: the latest one says it all.

        Args:
            today: the user's day.

        Raises:
            StoreError: the database cannot be read or written.
        """
        now = self._clock.now()
        with self._database.reading() as db:
            depots = list_depots(db)
            found = _due(depots, _read(read_setting(db, _TOLD)), today, read_ends(db, depots), now)
        if not found:
            return ()
        with self._database.transaction() as db:
            depots, told = list_depots(db), _read(read_setting(db, _TOLD))
            found = _due(depots, told, today, read_ends(db, depots), now)  # another thread may have been quicker
            told |= {depot: (each.expires, each.step) for each in found for depot in each.depots}
            kept = {depot.id: told[depot.id] for depot in depots if depot.id in told}
            write_setting(db, _TOLD, json.dumps({str(depot): [day.isoformat(), step] for depot, (day, step) in kept.items()}))
        return found


_Told = dict[DepotId, tuple[date, int]]


def _due(
    depots: tuple[Depot, ...], told: _Told, today: date, ends: Mapping[DepotId, datetime], now: datetime
) -> tuple[Reminder, ...]:
    by_end: dict[tuple[date, datetime | None], list[Depot]] = {}
    for depot in depots:
        if depot.token_expires is not None and not depot.from_files and not depot.paused:
            by_end.setdefault((depot.token_expires, ends.get(depot.id)), []).append(depot)
    found = []
    for (expires, minute), those in by_end.items():
        step = step_reached(expires, today) if minute is None else hour_reached(minute, now)
        if step is not None and any(_is_new(told.get(depot.id), expires, step) for depot in those):
            left = days_left(expires, today)
            found.append(
                Reminder(
                    depots=tuple(depot.id for depot in those),
                    names=tuple(depot.name for depot in those),
                    expires=expires,
                    left=left if minute is None or now < minute else min(left, -1),
                    step=step,
                    ends=minute,
                )
            )
    return tuple(sorted(found, key=lambda each: (each.expires, each.step)))


def _is_new(told: tuple[date, int] | None, expires: date, step: int) -> bool:
    return told is None or told[0] != expires or step < told[1]


def _read(stored: str) -> _Told:
    """Return what was told; nothing where it cannot be understood, as a reminder too many does no harm."""
    try:
        return {
            DepotId(int(depot)): (date.fromisoformat(day), int(step)) for depot, (day, step) in json.loads(stored or "{}").items()
        }
    except (ValueError, TypeError, AttributeError):
        return {}
