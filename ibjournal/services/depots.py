"""Depots: add, change, remove, test; renew a token for every depot that shares it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ibjournal.domain.depot import Depot, DepotId
from ibjournal.domain.errors import JournalError
from ibjournal.services.changes import Changes
from ibjournal.services.jobs import CancelToken, ProgressSink, no_progress


@dataclass(frozen=True, slots=True, kw_only=True)
class DepotDraft:
    """What the user typed. ``token`` empty means: keep the one that is there. Spaces and line ends are taken out."""

    name: str
    activity_query: str = ""
    confirmation_query: str = ""
    token: str = ""
    token_expires: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryTest:
    """What IBKR said to one query of a test. ``slot``: ``activity`` or ``confirmation``; ``error`` None means that it works."""

    slot: str
    query: str
    error: JournalError | None
    type: str | None = None
    accounts: tuple[str, ...] = ()
    from_date: date | None = None
    to_date: date | None = None
    sections: tuple[tuple[str, int], ...] = ()
    seconds: float = 0.0
    skipped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DepotState:
    """A depot as the depot page shows it. ``shares_token_with`` are the other depots that hold the same token."""

    depot: Depot
    has_token: bool
    token_digits: int
    token_kept: bool
    """Whether the token will be there after a restart (False: for this session only)."""
    shares_token_with: tuple[DepotId, ...] = ()
    last_error: str = ""


class DepotService:
    """Signatures the screens may rely on; the implementation follows."""

    def list_depots(self) -> tuple[Depot, ...]:
        """Return the depots in the user's order; never touches the keyring."""
        raise NotImplementedError

    def depot_states(self) -> tuple[DepotState, ...]:
        """Return the depots with the state of their tokens; asks the keyring, so call it in the background."""
        raise NotImplementedError

    def add(self, draft: DepotDraft) -> tuple[DepotId, Changes]:
        """Make a depot (UsageError ``name_taken``, ``name_missing``; CredentialError when the token cannot be kept)."""
        raise NotImplementedError

    def edit(self, depot: DepotId, draft: DepotDraft) -> Changes:
        """Change a depot."""
        raise NotImplementedError

    def remove(self, depot: DepotId) -> Changes:
        """Remove a depot and its token; its accounts, trades and notes stay on file as a depot fed by files."""
        raise NotImplementedError

    def reorder(self, order: tuple[DepotId, ...]) -> Changes:
        """Put the depots in this order."""
        raise NotImplementedError

    def pause(self, depot: DepotId, *, paused: bool) -> Changes:
        """Leave a depot out of syncs, or take it in again."""
        raise NotImplementedError

    def test(
        self,
        draft: DepotDraft,
        *,
        depot: DepotId | None = None,
        cancel: CancelToken | None = None,
        progress: ProgressSink = no_progress,
    ) -> tuple[QueryTest, ...]:
        """Ask IBKR for both queries of a draft, or of a depot that is there, and say what it found; keeps nothing."""
        raise NotImplementedError

    def renew(
        self,
        depots: tuple[DepotId, ...],
        token: str,
        expires: date | None,
        *,
        check: bool = True,
        cancel: CancelToken | None = None,
    ) -> Changes:
        """Check a new token against IBKR, then keep it for all ``depots`` (FlexError when IBKR refuses it; nothing is kept then)."""
        raise NotImplementedError

    def sharing_token(self, depot: DepotId) -> tuple[DepotId, ...]:
        """Return the other depots that hold the same token as ``depot``."""
        raise NotImplementedError
