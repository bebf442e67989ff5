"""Reminds of tokens that expire: 30, 7 and 1 days ahead and once they have, each once per token.

IBKR tells no date of expiry, so it is the one that the user told. A token is known by its depots and its last day: the
keyring is never asked for this.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date

from ibjournal.domain.depot import Depot, DepotId
from ibjournal.services.schedule import REMIND_DAYS, days_left
from ibjournal.store.database import Database
from ibjournal.store.depots import list_depots
from ibjournal.store.settings import read_setting, write_setting

_TOLD = "token_reminders"
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
    """

    depots: tuple[DepotId, ...]
    names: tuple[str, ...]
    expires: date
    left: int
    step: int


def step_reached(expires: date, today: date) -> int | None:
    """Return the reminder that a token's age calls for: 30, 7, 1 or 0; None where it is too early for any."""
    left = days_left(expires, today)
    if left <= EXPIRED:
        return EXPIRED
    return min((step for step in REMIND_DAYS if left <= step), default=None)


class ReminderService:
    """Tells which tokens to remind of, and remembers of which it was done. Thread-safe.

    Args:
        database: the journal.
    """

    def __init__(self, *, database: Database) -> None:
        self._database = database

    def take_due(self, today: date) -> tuple[Reminder, ...]:
        """Return the reminders that are due and were not given before, the most pressing first; they count as given then.

        A step that was missed, because the program did not run, is not made up for: the latest one says it all.

        Args:
            today: the user's day.

        Raises:
            StoreError: the database cannot be read or written.
        """
        with self._database.reading() as db:
            found = _due(list_depots(db), _read(read_setting(db, _TOLD)), today)
        if not found:
            return ()
        with self._database.transaction() as db:
            depots, told = list_depots(db), _read(read_setting(db, _TOLD))
            found = _due(depots, told, today)  # another thread may have been quicker
            told |= {depot: (each.expires, each.step) for each in found for depot in each.depots}
            kept = {depot.id: told[depot.id] for depot in depots if depot.id in told}
            write_setting(db, _TOLD, json.dumps({str(depot): [day.isoformat(), step] for depot, (day, step) in kept.items()}))
        return found


_Told = dict[DepotId, tuple[date, int]]


def _due(depots: tuple[Depot, ...], told: _Told, today: date) -> tuple[Reminder, ...]:
    by_day: dict[date, list[Depot]] = {}
    for depot in depots:
        if depot.token_expires is not None and not depot.from_files and not depot.paused:
            by_day.setdefault(depot.token_expires, []).append(depot)
    found = []
    for expires, those in sorted(by_day.items()):
        step = step_reached(expires, today)
        if step is not None and any(_is_new(told.get(depot.id), expires, step) for depot in those):
            found.append(
                Reminder(
                    depots=tuple(depot.id for depot in those),
                    names=tuple(depot.name for depot in those),
                    expires=expires,
                    left=days_left(expires, today),
                    step=step,
                )
            )
    return tuple(found)


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
