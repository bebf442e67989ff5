"""Rebuilds what is derived: the trades of instruments whose executions or corporate actions changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ibjournal.domain.depot import AccountId
from ibjournal.domain.instrument import InstrumentId
from ibjournal.domain.matching import Matching
from ibjournal.services.collector import rare_collections
from ibjournal.services.jobs import CancelToken, Progress, ProgressSink, no_progress
from ibjournal.store.actions import actions_of
from ibjournal.store.database import Connection
from ibjournal.store.depots import base_currencies
from ibjournal.store.executions import traded
from ibjournal.store.rates import RateTable
from ibjournal.store.status import settle
from ibjournal.store.trades import match_stored, remove_all, replace_trades

Touched = tuple[AccountId, InstrumentId]

_NOT_APPLIED = frozenset({"unknown_event", "split_without_position"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """What a rebuild had to leave open in the instruments that it rebuilt."""

    orphan_cancels: int = 0
    """Cancels without an original."""
    events_not_applied: int = 0
    """Corporate actions that change a position and that the trades know nothing of; the rows of one event count once."""


@rare_collections()
def rebuild_trades(
    db: Connection,
    touched: Iterable[Touched],
    *,
    cancel: CancelToken | None = None,
    progress: ProgressSink = no_progress,
) -> Rebuilt:
    """Rebuild the trades of some instruments inside a transaction.

    Notes are not touched: they hang on executions, which stay.
    """
    bases = base_currencies(db)
    rates: dict[AccountId, RateTable] = {}
    todo = sorted(touched)
    orphans = 0
    events: set[tuple[AccountId, object]] = set()
    for done, (account, instrument) in enumerate(todo):
        if cancel is not None:
            cancel.check()
        progress(Progress("matching", done=done, total=len(todo)))
        orphans += settle(db, account, instrument)
        base = bases.get(account, "")
        if account not in rates:
            rates[account] = RateTable(db, account, base)
        matching = match_stored(db, account, instrument, base_currency=base, rate_to_base=rates[account], with_matches=False)
        replace_trades(db, account, instrument, matching)
        events.update((account, event) for event in _not_applied(db, account, instrument, matching))
    return Rebuilt(orphan_cancels=orphans, events_not_applied=len(events))


def _not_applied(db: Connection, account: AccountId, instrument: InstrumentId, matching: Matching) -> set[object]:
    if not matching.trades and not matching.problems:
        # nothing was matched: then no event of the instrument was applied
        actions = actions_of(db, account, instrument)
        return {action.action_id or action.id for action in actions if action.quantity}
    problems = (problem for problem in matching.problems if problem.code in _NOT_APPLIED)
    return {dict(problem.values)["event"] for problem in problems}


def rebuild_all(db: Connection, *, cancel: CancelToken | None = None, progress: ProgressSink = no_progress) -> None:
    """Drop all trades and build them anew from the executions."""
    remove_all(db)
    rebuild_trades(db, traded(db), cancel=cancel, progress=progress)
