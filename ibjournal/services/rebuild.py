"""Rebuilds what is derived: the trades of instruments whose executions or corporate actions changed."""

from __future__ import annotations

from collections.abc import Iterable

from ibjournal.domain.depot import AccountId
from ibjournal.domain.instrument import InstrumentId
from ibjournal.services.jobs import CancelToken, Progress, ProgressSink, no_progress
from ibjournal.store.database import Connection
from ibjournal.store.depots import base_currencies
from ibjournal.store.executions import traded
from ibjournal.store.rates import RateTable
from ibjournal.store.status import settle
from ibjournal.store.trades import match_stored, remove_all, replace_trades

Touched = tuple[AccountId, InstrumentId]


def rebuild_trades(
    db: Connection,
    touched: Iterable[Touched],
    *,
    cancel: CancelToken | None = None,
    progress: ProgressSink = no_progress,
) -> int:
    """Rebuild the trades of some instruments inside a transaction; return how many cancels have no original.

    Notes are not touched: they hang on executions, which stay.
    """
    bases = base_currencies(db)
    rates: dict[AccountId, RateTable] = {}
    todo = sorted(touched)
    orphans = 0
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
    return orphans


def rebuild_all(db: Connection, *, cancel: CancelToken | None = None, progress: ProgressSink = no_progress) -> None:
    """Drop all trades and build them anew from the executions."""
    remove_all(db)
    rebuild_trades(db, traded(db), cancel=cancel, progress=progress)
