"""Sync one depot: fetch, archive, read, merge, rebuild; return what came and why not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ibjournal.domain.depot import DepotId
from ibjournal.domain.errors import JournalError
from ibjournal.services.changes import Changes
from ibjournal.services.importing import ImportedFile
from ibjournal.services.jobs import CancelToken, ProgressSink, no_progress


@dataclass(frozen=True, slots=True, kw_only=True)
class QuerySync:
    """What came of one query. ``slot``: ``activity`` or ``confirmation``; several files where history came in pieces."""

    slot: str
    files: tuple[ImportedFile, ...] = ()
    error: JournalError | None = None
    seconds: float = 0.0
    skipped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncReport:
    """What came of one depot's sync. ``error`` is the first error that needs the user (``token_expired`` opens the renewal)."""

    depot: DepotId
    depot_name: str
    started_at: datetime
    ended_at: datetime
    queries: tuple[QuerySync, ...]
    changes: Changes
    error: JournalError | None = None
    cancelled: bool = False


class SyncService:
    """Signatures the screens may rely on; the implementation follows."""

    def sync_depot(self, depot: DepotId, *, cancel: CancelToken | None = None, progress: ProgressSink = no_progress) -> SyncReport:
        """Fetch both queries of a depot one after the other and take them in.

        Never raises for what IBKR or the network do: the report says it. Depots that share a token may be given to different
        threads; their requests keep one pace. Progress steps: ``waiting_for_token``, ``requesting``, ``generating``,
        ``downloading``, ``archiving``, ``reading``, ``storing``, ``matching`` with the depot's name as subject.
        """
        raise NotImplementedError
