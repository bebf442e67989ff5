"""Which depots to fetch by itself: at the start, daily at a time, once their Activity is due, after a loss of the network.

The user's choice and what was done on which day are settings of the journal; everything else is read off the log of
runs, so that a restart, a sleeping computer or a clock that jumps cannot make a storm of requests.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from ibjournal.domain.depot import Depot, DepotId
from ibjournal.flex.errors import RULES, TRANSIENT_CODES, Action
from ibjournal.flex.pacing import Clock, SystemClock
from ibjournal.services.fetch_plan import read_fetched
from ibjournal.services.mended import read_mended
from ibjournal.services.schedule import activity_due, publishing_began
from ibjournal.services.sync_order import can_be_fetched
from ibjournal.store.database import Database
from ibjournal.store.depots import list_depots
from ibjournal.store.settings import read_setting, write_setting
from ibjournal.store.sync_runs import list_runs

WAY_CODES = TRANSIENT_CODES | {"name_lookup_failed", "proxy_failed", "http_status", "redirected", "transport_failed"}
"""Failures of the way to IBKR: they pass by themselves, and it is tried again by itself."""
LEFT_TO_USER = frozenset(rule.code for rule in RULES.values() if rule.action is Action.ASK_USER) | {"invalid_request", "locked_out"}
"""What IBKR refuses until the user has done something: it is not asked by itself before, each refusal brings a lock-out nearer."""
USER_CODES = LEFT_TO_USER | {"token_missing", "too_many_failures", "wrong_report_type"}
"""Failures that the user must mend: by itself it is asked once a day at most."""

_COOL_DOWN = timedelta(minutes=15)
_ONCE_A_DAY = timedelta(hours=20)
_LONGEST_GUARD = timedelta(days=1)
_TRIES_A_DAY = 5
_FIRST_PAUSE = timedelta(minutes=30)
_FIRST_RETRY = timedelta(minutes=5)
_LONGEST_RETRY = timedelta(hours=1)
_MANY_RETRIES = 12
_RARE_RETRY = timedelta(hours=3)
_RUNS_TO_LOOK_AT = 40
_SETTING = "schedule"
_DAILY_DONE = "schedule.daily_done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When to fetch by itself. ``daily_at`` is a time of the computer's own zone, None for not at all."""

    at_start: bool = True
    when_due: bool = True
    daily_at: time | None = None

    @property
    def active(self) -> bool:
        """Whether anything is fetched by itself."""
        return self.at_start or self.when_due or self.daily_at is not None


OFF = Schedule(at_start=False, when_due=False)
"""Nothing is fetched by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRun:
    """A sync of a depot that ended: when it began (UTC), and the code of its error, ``cancelled``, or nothing."""

    started_at: datetime
    code: str = ""
    mended: bool = False
    """Whether the user has since done something about the depot's token or queries."""
    retry_at: datetime | None = None
    """From when on the program asks again (UTC), where it stopped asking by itself; None else."""


class AutosyncService:
    """Decides what to fetch by itself. Thread-safe; never touches the keyring or the network.

    Args:
        database: the journal.
        clock: where the time comes from.
        zone: the user's; the computer's own when None.
    """

    def __init__(self, *, database: Database, clock: Clock | None = None, zone: tzinfo | None = None) -> None:
        self._database = database
        self._clock = clock or SystemClock()
        self._zone = zone

    def schedule(self) -> Schedule:
        """Return the user's choice."""
        with self._database.reading() as db:
            text = read_setting(db, _SETTING)
        return _schedule(text)

    def set_schedule(self, schedule: Schedule) -> None:
        """Keep the user's choice. A daily time that is past today begins tomorrow."""
        told = {
            "at_start": schedule.at_start,
            "when_due": schedule.when_due,
            "daily_at": schedule.daily_at.isoformat("minutes") if schedule.daily_at else None,
        }
        local = self._local()
        past = schedule.daily_at is not None and local.time() >= schedule.daily_at
        with self._database.transaction() as db:
            write_setting(db, _SETTING, json.dumps(told))
            write_setting(db, _DAILY_DONE, local.date().isoformat() if past else "")

    def propose(self, schedule: Schedule) -> None:
        """Keep a choice where the user made none."""
        with self._database.reading() as db:
            chosen = read_setting(db, _SETTING)
        if not chosen:
            self.set_schedule(schedule)

    def due(self, *, starting: bool = False) -> tuple[DepotId, ...]:
        """Return the depots to fetch now; what is returned for the daily time is not returned for it again that day.

        Args:
            starting: the program has just been started.
        """
        now = self._clock.now()
        with self._database.reading() as db:
            schedule = _schedule(read_setting(db, _SETTING))
            done = read_setting(db, _DAILY_DONE)
            depots = [depot for depot in list_depots(db) if can_be_fetched(depot) and not depot.paused]
            mended = read_mended(db)
            past = {depot.id: list_runs(db, depot=depot.id, limit=_RUNS_TO_LOOK_AT) for depot in depots}
        if not schedule.active:
            return ()
        local = self._local()
        daily = daily_due(local, schedule.daily_at, date.fromisoformat(done) if done else None)
        if daily:
            with self._database.transaction() as db:
                write_setting(db, _DAILY_DONE, local.date().isoformat())
        runs = {depot: _past(found, now, mended.get(depot)) for depot, found in past.items()}
        asked = daily or (starting and schedule.at_start)
        return tuple(
            depot.id
            for depot in depots
            if may_ask(now, runs[depot.id])
            and (asked or retry_due(now, runs[depot.id]) or (schedule.when_due and self._activity_due(now, depot, runs[depot.id])))
        )

    def needing_user(self) -> tuple[DepotId, ...]:
        """Return the depots whose last fetch ended with what the user must mend, and has not done anything about since."""
        now = self._clock.now()
        with self._database.reading() as db:
            depots = [depot for depot in list_depots(db) if can_be_fetched(depot) and not depot.paused]
            mended = read_mended(db)
            past = {depot.id: list_runs(db, depot=depot.id, limit=_RUNS_TO_LOOK_AT) for depot in depots}
        last = {depot: _past(runs, now, mended.get(depot))[:1] for depot, runs in past.items()}
        return tuple(depot for depot, runs in last.items() if runs and runs[0].code in USER_CODES and not runs[0].mended)

    def _activity_due(self, now: datetime, depot: Depot, runs: Sequence[PastRun]) -> bool:
        if not depot.activity_query:
            return False
        covered = read_fetched(self._database, depot.id, "activity", depot.activity_query).last_day
        return activity_due(now, covered) and may_look_again(now, runs)

    def _local(self) -> datetime:
        return self._clock.now().astimezone(self._zone)


def _schedule(text: str) -> Schedule:
    try:
        told = json.loads(text) if text else {}
        daily = told.get("daily_at")
        return Schedule(
            at_start=bool(told.get("at_start", True)),
            when_due=bool(told.get("when_due", True)),
            daily_at=time.fromisoformat(daily) if daily else None,
        )
    except (ValueError, TypeError, AttributeError):  # written by another version
        return Schedule()


def _past(runs: Sequence[dict[str, object]], now: datetime, mended: datetime | None = None) -> list[PastRun]:
    """Return the syncs that ended, newest first. What a clock that was wrong put into the future says nothing."""
    found = []
    for run in runs:
        started, result, error = run["started_at"], run["result"], run["error"]
        if run["kind"] != "sync" or result == "running" or not isinstance(started, datetime) or started > now:
            continue
        code = str(error["code"]) if isinstance(error, dict) else ("" if result == "ok" else str(result))
        since = mended is not None and mended >= started
        found.append(PastRun(started_at=started, code=code, mended=since, retry_at=_retry_at(error, started)))
    return found


def _retry_at(error: object, started: datetime) -> datetime | None:
    """Return until when the guard held requests back, as the error says; what a wrong clock made of it says nothing."""
    values = error.get("values") if isinstance(error, dict) else None
    told = values.get("retry_at") if isinstance(values, dict) else None
    try:
        at = datetime.fromisoformat(str(told)) if told else None
    except ValueError:
        return None
    return at if at is not None and at.tzinfo is not None and timedelta(0) < at - started <= _LONGEST_GUARD else None


def daily_due(local: datetime, at: time | None, done: date | None) -> bool:
    """Tell whether the daily fetch is to be made: once on each of the user's days, later where the computer slept.

    An hour that summer time leaves out begins with the next one, an hour that comes twice counts once.
    """
    return at is not None and local.time() >= at and done != local.date()


def may_ask(now: datetime, runs: Sequence[PastRun]) -> bool:
    """Tell whether a depot may be asked for by itself at all: not just now, and not before the user mended what only they can."""
    if not runs:
        return True
    last = runs[0]
    since = now - last.started_at
    if last.code in LEFT_TO_USER:
        return last.mended
    if last.retry_at is not None:  # neither sooner, since nothing would be sent, nor a day later
        return now >= last.retry_at
    if last.code in USER_CODES:
        return since >= _ONCE_A_DAY
    if last.code in WAY_CODES:
        return since >= _retry_pause(runs)
    return since >= _COOL_DOWN


def retry_due(now: datetime, runs: Sequence[PastRun]) -> bool:
    """Tell whether a fetch that failed on its way is to be tried again: after 5 minutes, 10, 20 and so on, up to an hour."""
    return bool(runs) and runs[0].code in WAY_CODES and now - runs[0].started_at >= _retry_pause(runs)


def _retry_pause(runs: Sequence[PastRun]) -> timedelta:
    failed = next((number for number, run in enumerate(runs) if run.code not in WAY_CODES), len(runs))
    if failed > _MANY_RETRIES:
        return _RARE_RETRY
    return min(_FIRST_RETRY * (1 << max(failed - 1, 0)), _LONGEST_RETRY)


def may_look_again(now: datetime, runs: Sequence[PastRun]) -> bool:
    """Tell whether to look again for a statement that is due: a few times a day, further and further apart.

    Holidays are not known here, and IBKR may be late; what failed on its way does not count.
    """
    since = publishing_began(now)
    tries = [run for run in runs if run.started_at >= since and run.code not in WAY_CODES]
    if not tries:
        return True
    return len(tries) < _TRIES_A_DAY and now - tries[0].started_at >= _FIRST_PAUSE * (1 << (len(tries) - 1))
