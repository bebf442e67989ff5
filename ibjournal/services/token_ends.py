"""The very minute at which a token ends, where the user told it: tokens of some hours need more than a last day.

IBKR proposes tokens of six hours. The journal keeps a token's last day with its depot; for those that live a day or less the
time of day is kept beside it. An entry counts only as long as it lies on the depot's last day, give or take one: whoever
changes the day and knows nothing of this makes it void.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta

from ibjournal.domain.depot import Depot, DepotId
from ibjournal.store.database import Connection
from ibjournal.store.settings import read_setting, write_setting

_ENDS = "token_ends"
_NEAR = timedelta(days=1)
"""The last day is the user's, the instant is kept in UTC: they may be a day apart."""


def read_ends(db: Connection, depots: Iterable[Depot]) -> dict[DepotId, datetime]:
    """Return when the tokens of these depots end, of those whose minute is known (UTC)."""
    stored = _read(db)
    return {depot.id: stored[depot.id] for depot in depots if depot.id in stored and _fits(stored[depot.id], depot.token_expires)}


def write_end(db: Connection, depots: Iterable[DepotId], ends: datetime | None) -> None:
    """Note when the token of some depots ends (an aware instant); None where only its day is known."""
    before = _read(db)
    after = {depot: each for depot, each in before.items() if depot not in set(depots)}
    if ends is not None:
        after |= dict.fromkeys(depots, ends.astimezone(UTC))
    if after != before:
        _write(db, after)


def _fits(ends: datetime, day: date | None) -> bool:
    return day is not None and abs(ends.date() - day) <= _NEAR


def _read(db: Connection) -> dict[DepotId, datetime]:
    try:
        found = json.loads(read_setting(db, _ENDS) or "{}")
        ends = {DepotId(int(depot)): datetime.fromisoformat(told) for depot, told in found.items()}
    except (ValueError, TypeError, AttributeError):
        return {}
    return {depot: each for depot, each in ends.items() if each.tzinfo is not None}


def _write(db: Connection, ends: Mapping[DepotId, datetime]) -> None:
    write_setting(db, _ENDS, json.dumps({str(depot): each.isoformat() for depot, each in sorted(ends.items())}))
