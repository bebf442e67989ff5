"""What was typed and chosen in the wizard: it outlives the pages, so that a change of language or "Later" loses nothing.

A token is in here from the moment it is typed until its depot is saved, and never on disk; the rest outlives a restart
(`ibjournal.gui.wizard.draft`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum, IntEnum

from ibjournal.domain.depot import DepotId
from ibjournal.gui.widgets.depot_dot import COLORS
from ibjournal.services.depots import DepotDraft
from ibjournal.services.importing import ImportedFile
from ibjournal.services.jobs import Arrival
from ibjournal.services.query_test import QueryTest
from ibjournal.services.sync import SyncReport


class Step(IntEnum):
    """The pages, in order."""

    WELCOME = 0
    QUERIES = 1
    ACCESS = 2
    FETCH = 3
    DONE = 4


class Feed(str, Enum):
    """Where a depot's reports come from."""

    FETCH = "fetch"
    FILES = "files"


@dataclass(slots=True, kw_only=True)
class WizardState:
    """Everything between the first page and the last. ``depot`` is None until the depot is saved."""

    step: Step = Step.WELCOME
    feed: Feed = Feed.FETCH
    ticked: set[str] = field(default_factory=set)
    """Keys of the checklist's ticked lines."""
    name: str = ""
    color: str = COLORS[0]
    token: str = field(default="", repr=False)
    token_of: DepotId | None = None
    expires: date | None = None
    ends: datetime | None = None
    """The minute at which the token ends, where it lives some hours only."""
    activity: str = ""
    confirmation: str = ""
    tested: tuple[str, ...] = field(default=(), repr=False)
    """What ``tests`` belong to: another token or id makes them void."""
    tests: tuple[QueryTest, ...] = ()
    depot: DepotId | None = None
    fetching: bool = False
    report: SyncReport | None = None
    came: tuple[Arrival, ...] = ()
    """What the fetch brought so far."""
    earlier: tuple[Arrival, ...] = ()
    """What the fetches before it brought: one that was stopped and went on is told as one."""
    files: tuple[ImportedFile, ...] = ()

    def draft(self) -> DepotDraft:
        """Return what there is to save or to test."""
        if self.feed is Feed.FILES:
            return DepotDraft(name=self.name.strip(), color=self.color, from_files=True)
        return DepotDraft(
            name=self.name.strip(),
            activity_query=self.activity,
            confirmation_query=self.confirmation,
            token="" if self.token_of is not None else self.token,
            token_expires=self.expires,
            token_ends=self.ends,
            token_of=self.token_of,
            color=self.color,
        )

    def access(self) -> tuple[str, ...]:
        """Return what a test depends on."""
        return (self.token if self.token_of is None else f"of {self.token_of}", self.activity, self.confirmation)

    def saved(self, depot: DepotId) -> None:
        """Note that the depot is saved; its token is in the keyring from now on and not here."""
        self.depot = depot
        self.token = ""
        self.tested = self.access()
