"""What the user wrote is taken over from the database that another one replaced, also from a damaged one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain, count
from pathlib import Path

from ibjournal.services.rebuild import rebuild_all
from ibjournal.store.database import Database
from ibjournal.store.salvage import SET_UP, WORDS, bring_set_up, bring_words, salvage


@dataclass(frozen=True, slots=True, kw_only=True)
class BroughtOver:
    """What was taken over: notes, and decisions on strategies, campaigns, bases, accounts and currencies.

    ``unreadable`` says that a damaged database did not give all of them back.
    """

    notes: int = 0
    decisions: int = 0
    unreadable: bool = False


def damaged_name(folder: Path) -> Path:
    """Return a free name for a copy of a damaged database, beside the backups and none of them."""
    stem = f"damaged-{datetime.now(UTC):%Y%m%dT%H%M%S}"
    names = chain([f"{stem}.db"], (f"{stem}-{number}.db" for number in count(2)))
    return next(path for name in names if not (path := folder / name).exists())


def bring_over(database: Database, source: Path, *, model: Path | None = None) -> BroughtOver:
    """Put what the user wrote and decided in ``source`` into the journal, where it is later than what is there.

    ``model`` is a backup of the same journal, for a ``source`` whose first page is gone.

    Raises:
        StoreError: the journal cannot be written; nothing is changed then.
    """
    found = salvage(source, ("settings", *WORDS), model=model)
    with database.transaction() as db:
        brought = bring_words(db, found)
        if brought.decisions:
            rebuild_all(db)
    unreadable = bool(set(found.incomplete) & set(WORDS))
    return BroughtOver(notes=len(brought.notes), decisions=brought.decisions, unreadable=unreadable)


def salvage_all(database: Database, source: Path, *, model: Path | None = None) -> BroughtOver:
    """Put everything that no report can bring back into an empty journal: settings, depots, the log, and what the user wrote.

    Raises:
        StoreError: the journal cannot be written; nothing is changed then.
    """
    found = salvage(source, (*SET_UP, *WORDS), model=model)
    with database.transaction() as db:
        bring_set_up(db, found)
        brought = bring_words(db, found)
    return BroughtOver(notes=len(brought.notes), decisions=brought.decisions, unreadable=bool(found.incomplete))
