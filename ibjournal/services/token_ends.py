"""The very minute at which a token ends, where the user told it: tokens of some hours need more than a last day.

IBKR proposes tokens of six hours. The journal keeps a token's last day with its depot; for those that live a day or less the
time of day is kept beside it. An entry counts only as long as it lies on the depot's last day, give or take one: whoever
changes the day and knows nothing of this makes it void.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from ibjournal.domain.depot import Depot, DepotId
from ibjournal.services.depot_instants import read_instants, write_instants
from ibjournal.store.database import Connection

_ENDS = "token_ends"
_NEAR = timedelta(days=1)
"""The last day is the user's, the instant is kept in UTC: they may be a day apart."""


def read_ends(db: Connection, depots: Iterable[Depot]) -> dict[DepotId, datetime]:
    """Return when the tokens of these depots end, of those whose minute is known (UTC)."""
    stored = read_instants(db, _ENDS)
    return {depot.id: stored[depot.id] for depot in depots if depot.id in stored and _fits(stored[depot.id], depot.token_expires)}


def write_end(db: Connection, depots: Iterable[DepotId], ends: datetime | None) -> None:
    """Note when the token of some depots ends (an aware instant); None where only its day is known."""
    named = set(depots)
    before = read_instants(db, _ENDS)
    after = {depot: each for depot, each in before.items() if depot not in named}
    if ends is not None:
        after |= dict.fromkeys(named, ends.astimezone(UTC))
    if after != before:
        write_instants(db, _ENDS, after)


def _fits(ends: datetime, day: date | None) -> bool:
    return day is not None and abs(ends.date() - day) <= _NEAR
