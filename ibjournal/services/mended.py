"""When the user last did something about a depot's token or queries: what IBKR refuses for good is not asked by itself before.

Each request that is refused brings a lock-out (1025) nearer, and no waiting mends a wrong id or a token that is tied to another
address.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from ibjournal.domain.depot import DepotId
from ibjournal.services.depot_instants import read_instants, write_instants
from ibjournal.store.database import Connection

_MENDED = "depots.mended"


def read_mended(db: Connection) -> dict[DepotId, datetime]:
    """Return when something was done about each depot (UTC); those about which nothing was done are left out."""
    return read_instants(db, _MENDED)


def note_mended(db: Connection, depots: Iterable[DepotId], now: datetime) -> None:
    """Note that the user did something about these depots at an aware instant."""
    write_instants(db, _MENDED, read_mended(db) | dict.fromkeys(depots, now))
