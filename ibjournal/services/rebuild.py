"""Rebuilds what is derived: the trades of instruments whose fills or events changed, and of all that is tied to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ibjournal.domain.checkpoint import checkpoint, ended_by
from ibjournal.domain.depot import AccountId
from ibjournal.domain.instrument import InstrumentId
from ibjournal.domain.matching import Matching
from ibjournal.domain.position_event import Place
from ibjournal.services.campaign_rebuild import rebuild_campaigns
from ibjournal.services.collector import rare_collections
from ibjournal.services.jobs import CancelToken, Progress, ProgressSink, no_progress
from ibjournal.services.position_facts import refresh_facts
from ibjournal.services.strategy_rebuild import rebuild_strategies
from ibjournal.store.database import Connection
from ibjournal.store.executions import traded
from ibjournal.store.fresh_fills import FreshFills
from ibjournal.store.matching import Rates, match_stored
from ibjournal.store.rates import places_with_new_rates, replace_missing
from ibjournal.store.settings import read_setting, write_setting
from ibjournal.store.status import is_unusual, settle
from ibjournal.store.trades import remove_all, replace_trades

Touched = tuple[AccountId, InstrumentId]

ENGINE_VERSION = "3"
"""Raised whenever the same rows give other trades: journals of an older engine are then rebuilt once."""
_ENGINE = "engine_version"

NOT_APPLIED = frozenset({"unknown_event", "split_without_position", "event_against_position", "event_currency"})
"""Problems that say that an event changed nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """What a rebuild had to leave open in the instruments that it rebuilt."""

    orphan_cancels: int = 0
    """Cancels without an original."""
    events_not_applied: int = 0
    """Events that change a position and that the trades know nothing of; each counts once, whatever it touches."""


@rare_collections()
def rebuild_trades(
    db: Connection,
    touched: Iterable[Touched],
    *,
    fresh: FreshFills | None = None,
    cancel: CancelToken | None = None,
    progress: ProgressSink = no_progress,
) -> Rebuilt:
    """Rebuild the trades of some instruments inside a transaction, and of what new events or rates concern.

    Instruments that events or exercises tie together are matched together. Notes are not touched: they hang on executions,
    which stay.

    Args:
        db: a connection in a transaction.
        touched: the instruments.
        fresh: fills that were stored in the same transaction and need not be read back.
        cancel: ends it within moments.
        progress: told of the step ``matching``.
    """
    with ended_by(cancel.check if cancel is not None else None):
        return _rebuild(db, touched, fresh, progress)


def _rebuild(db: Connection, touched: Iterable[Touched], fresh: FreshFills | None, progress: ProgressSink) -> Rebuilt:
    todo = {Place(account, instrument) for account, instrument in touched}
    orphans = sum(_settle(db, place, fresh) for place in sorted(todo))
    todo |= refresh_facts(db)
    rates = Rates(db)
    todo |= {Place(*place) for place in places_with_new_rates(db, rates.__getitem__)}
    rates.take_missing()
    events: set[object] = set()
    done: set[Place] = set()
    for number, place in enumerate(sorted(todo)):
        checkpoint()
        progress(Progress("matching", done=number, total=len(todo)))
        if place in done:
            continue
        found = match_stored(db, place, rates, with_matches=False, fresh=fresh)
        replace_trades(db, found)
        replace_missing(db, found, rates.take_missing())
        done |= found.keys()
        events.update(event for matching in found.values() for event in _not_applied(matching))
    rebuild_strategies(db, done)
    rebuild_campaigns(db, done)
    if not read_setting(db, _ENGINE):
        write_setting(db, _ENGINE, ENGINE_VERSION)
    return Rebuilt(orphan_cancels=orphans, events_not_applied=len(events))


def _settle(db: Connection, place: Place, fresh: FreshFills | None) -> int:
    checkpoint()
    if not is_unusual(db, *place):
        return 0
    if fresh is not None:
        fresh.take(*place)  # their status may become another
    return settle(db, *place)


def _not_applied(matching: Matching) -> set[object]:
    return {dict(problem.values)["event"] for problem in matching.problems if problem.code in NOT_APPLIED}


def rebuild_all(db: Connection, *, cancel: CancelToken | None = None, progress: ProgressSink = no_progress) -> None:
    """Drop all trades and build them anew from the executions."""
    remove_all(db)
    rebuild_trades(db, traded(db), cancel=cancel, progress=progress)
    write_setting(db, _ENGINE, ENGINE_VERSION)


def is_outdated(db: Connection) -> bool:
    """Return whether the trades are those of an older engine."""
    return read_setting(db, _ENGINE) != ENGINE_VERSION and bool(db.execute("SELECT 1 FROM executions LIMIT 1").fetchone())
