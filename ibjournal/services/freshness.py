"""How fresh the data of each depot is: asked when, through which day, made by IBKR when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from ibjournal.domain.depot import DepotId
from ibjournal.services.schedule import is_stale
from ibjournal.services.sync_order import can_be_fetched
from ibjournal.store.database import Database
from ibjournal.store.depots import list_depots
from ibjournal.store.freshness import ReportEnd, last_asked, report_ends


@dataclass(frozen=True, slots=True, kw_only=True)
class DepotFreshness:
    """How fresh a depot is. All instants are UTC; None where there is nothing yet.

    Attributes:
        depot: which.
        name: its name.
        fetched: whether it is fetched at all; a depot fed by files, or paused, is as old as the user lets it be.
        activity_asked_at: when IBKR was last asked for Activity with success.
        activity_through: the last day that Activity covers.
        activity_generated_at: when IBKR made that report.
        confirmation_asked_at: when IBKR was last asked for Trade Confirmations with success.
        confirmation_through: the last day that Trade Confirmations cover.
        confirmation_generated_at: when IBKR made that report: fills are known as of then.
    """

    depot: DepotId
    name: str
    fetched: bool = True
    activity_asked_at: datetime | None = None
    activity_through: date | None = None
    activity_generated_at: datetime | None = None
    confirmation_asked_at: datetime | None = None
    confirmation_through: date | None = None
    confirmation_generated_at: datetime | None = None

    def stale(self, now: datetime) -> bool:
        """Tell whether Activity lacks days that IBKR should have published by ``now``; False where there is none at all."""
        return self.activity_through is not None and is_stale(now, self.activity_through, self.activity_asked_at)


def depot_freshness(database: Database) -> tuple[DepotFreshness, ...]:
    """Return how fresh each depot is, in the user's order. The newest report of a depot counts: it tells of all its accounts."""
    with database.reading() as db:
        depots = list_depots(db)
        ends, asked = report_ends(db), last_asked(db)
    found = []
    for depot in depots:
        activity = _newest([ends[key] for account in depot.accounts if (key := (account, "AF")) in ends])
        confirmation = _newest([ends[key] for account in depot.accounts if (key := (account, "TCF")) in ends])
        found.append(
            DepotFreshness(
                depot=depot.id,
                name=depot.name,
                fetched=can_be_fetched(depot) and not depot.paused,
                activity_asked_at=asked.get((depot.id, "activity")),
                activity_through=activity.to_date if activity else None,
                activity_generated_at=activity.generated_at if activity else None,
                confirmation_asked_at=asked.get((depot.id, "confirmation")),
                confirmation_through=confirmation.to_date if confirmation else None,
                confirmation_generated_at=confirmation.generated_at if confirmation else None,
            )
        )
    return tuple(found)


def _newest(ends: list[ReportEnd]) -> ReportEnd | None:
    return max(ends, key=lambda end: (end.to_date, end.generated_at), default=None)
