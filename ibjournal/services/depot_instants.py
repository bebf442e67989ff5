"""Instants by depot in one setting of the journal: when its token ends, when the user last did something about it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from ibjournal.domain.depot import DepotId
from ibjournal.store.database import Connection
from ibjournal.store.settings import read_setting, write_setting


def read_instants(db: Connection, setting: str) -> dict[DepotId, datetime]:
    """Return the instants (UTC) that a setting holds; what another version wrote, and cannot be read here, is none."""
    try:
        found = json.loads(read_setting(db, setting) or "{}")
        instants = {DepotId(int(depot)): datetime.fromisoformat(told) for depot, told in found.items()}
    except (ValueError, TypeError, AttributeError):
        return {}
    return {depot: each.astimezone(UTC) for depot, each in instants.items() if each.tzinfo is not None}


def write_instants(db: Connection, setting: str, instants: Mapping[DepotId, datetime]) -> None:
    """Put these instants (aware; kept in UTC) in the place of those that a setting holds."""
    write_setting(
        db, setting, json.dumps({str(depot): each.astimezone(UTC).isoformat() for depot, each in sorted(instants.items())})
    )
