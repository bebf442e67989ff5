"""When the user last did something about a depot's token or queries: what IBKR refuses for good is not asked by itself before.

Each request that is refused brings a lock-out (1025) nearer, and no waiting mends a wrong id or a token that is tied to another
address.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime

from ibjournal.domain.depot import DepotId
from ibjournal.store.database import Connection
from ibjournal.store.settings import read_setting, write_setting

_MENDED = "depots.mended"


def read_mended(db: Connection) -> dict[DepotId, datetime]:
    """Return when something was done about each depot (UTC); those about which nothing was done are left out."""
    try:
        found = json.loads(read_setting(db, _MENDED) or "{}")
        mended = {DepotId(int(depot)): datetime.fromisoformat(told) for depot, told in found.items()}
    except (ValueError, TypeError, AttributeError):  # written by another version
        return {}
    return {depot: each for depot, each in mended.items() if each.tzinfo is not None}


def note_mended(db: Connection, depots: Iterable[DepotId], now: datetime) -> None:
    """Note that the user did something about these depots at an aware instant."""
    mended = read_mended(db) | dict.fromkeys(depots, now.astimezone(UTC))
    write_setting(db, _MENDED, json.dumps({str(depot): each.isoformat() for depot, each in sorted(mended.items())}))
