"""The services around tokens, for windows: what a test gives them they answer, what they are asked they remember."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from ibjournal.domain.depot import AccountId, DepotId
from ibjournal.domain.errors import JournalError
from ibjournal.services.changes import Changes
from ibjournal.services.doctor import QueryFindings
from ibjournal.services.reminders import Reminder
from ibjournal.services.removal import RemovalPlan


@dataclass
class FakeTokens:
    """Tokens that can be forgotten."""

    keyring: str = ""
    until: datetime | None = None
    refuse: JournalError | None = None
    forgotten: list[DepotId] = field(default_factory=list)

    def forget(self, depot: DepotId) -> Changes:
        if self.refuse is not None:
            raise self.refuse
        self.forgotten.append(depot)
        return Changes(depots=True)

    def trouble(self) -> str:
        return self.keyring

    def locked_until(self, depot: DepotId) -> datetime | None:
        return self.until


class FakeRemoval:
    """Counts one and the same of every depot; its token is Anna's too."""

    def plan(self, depot: DepotId) -> RemovalPlan:
        return RemovalPlan(
            depot=depot,
            name="Income",
            token=True,
            queries=("101", "102"),
            accounts=(AccountId("U1000001"),),
            reports=12,
            fills=340,
            trades=120,
            notes=1,
            others=1,
            shared_with=("Anna",),
        )


@dataclass
class FakeReminders:
    """Gives what a test put in, once."""

    due: tuple[Reminder, ...] = ()
    asked: list[date] = field(default_factory=list)

    def take_due(self, today: date) -> tuple[Reminder, ...]:
        self.asked.append(today)
        due, self.due = self.due, ()
        return due


@dataclass
class FakeDoctor:
    """Finds what a test put in."""

    found: tuple[QueryFindings, ...] = ()

    def findings(self, depot: DepotId | None = None) -> tuple[QueryFindings, ...]:
        return tuple(each for each in self.found if depot in (None, each.depot))
