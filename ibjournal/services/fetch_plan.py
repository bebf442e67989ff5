"""Which days to ask IBKR for: what was fetched before, with an overlap, in pieces IBKR takes, newest first.

Pure but for reading and writing what was fetched as a setting of the journal.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from ibjournal.domain.depot import DepotId
from ibjournal.services.importing import ReportWarning
from ibjournal.services.schedule import is_report_day, report_day_before
from ibjournal.store.database import Database
from ibjournal.store.reports import list_reports
from ibjournal.store.settings import read_setting, write_setting

HISTORY_YEARS = 4
"""IBKR answers for the current and the four calendar years before."""
OVERLAP = timedelta(days=14)
"""Asked again each time: expiries, tax adjustments, cancels and re-bookings arrive late."""
LONG_OVERLAP = timedelta(days=120)
"""Asked again once a month: what arrives very late."""

_TYPES = {"activity": "AF", "confirmation": "TCF"}
_EMPTY_BELIEVED = timedelta(days=30)
_LONGEST = timedelta(days=364)
_LOOK_BACK_EVERY = timedelta(days=30)
_DAY = timedelta(days=1)
_CONFIRMATION_DAYS = timedelta(days=6)


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """Days to ask for, first and last, both included."""

    start: date
    end: date

    def report_days(self) -> int:
        """Return on how many of its days IBKR makes statements (at most 2 are counted)."""
        found = 0
        day = self.start
        while day <= self.end and found < 2:  # noqa: PLR2004 - none, one, several
            found += is_report_day(day)
            day += _DAY
        return found

    def shortened(self) -> Window | None:
        """Return it with its end one report day earlier, None when nothing is left."""
        end = report_day_before(self.end)
        return Window(self.start, end) if end >= self.start else None


@dataclass(frozen=True, slots=True)
class EmptyDays:
    """Days for which IBKR had nothing, and the day on which it said so."""

    window: Window
    seen: date


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedDays:
    """What IBKR has answered for with one query.

    Attributes:
        query: the id; another one starts anew, because it may hold other accounts and sections.
        windows: in order, apart from one another.
        empty: days without a statement, such as those before the account was opened. IBKR says the same (1003) when
            something is wrong on its side; so this is believed for a while only.
        looked_back: the day (New York) on which the long overlap was last asked for; None for never.
    """

    query: str
    windows: tuple[Window, ...] = ()
    empty: tuple[EmptyDays, ...] = ()
    looked_back: date | None = None

    @property
    def last_day(self) -> date | None:
        """The newest day that was answered."""
        return self.windows[-1].end if self.windows else None

    def adding(self, window: Window) -> FetchedDays:
        """Return it with one more answered window.

        What was empty while IBKR had answered for nothing at all is forgotten with the first answer: it may have been IBKR's
        trouble, and a history of years would be missing for a month.
        """
        return replace(self, windows=tuple(_joined([*self.windows, window])), empty=self.empty if self.windows else ())

    def adding_empty(self, window: Window, today: date) -> FetchedDays:
        """Return it with days that IBKR has nothing for; what was said too long ago is dropped."""
        return replace(self, empty=(*self._believed(today), EmptyDays(window, today)))

    def overlap(self, today: date) -> timedelta:
        """Return how far back from the newest day is asked again: the long way once a month, and after the clock was set back."""
        looked_back = self.looked_back
        recently = looked_back is not None and timedelta(0) <= today - looked_back < _LOOK_BACK_EVERY
        return OVERLAP if recently else LONG_OVERLAP

    def known(self, today: date) -> list[Window]:
        """Return the days that need not be asked for: answered long enough ago to be settled, or empty."""
        settled = self.last_day - self.overlap(today) if self.last_day is not None else None
        answered = [
            Window(window.start, min(window.end, settled))
            for window in self.windows
            if settled is not None and window.start <= settled
        ]
        return answered + [each.window for each in self._believed(today)]

    def _believed(self, today: date) -> list[EmptyDays]:
        # what was said on a day to come was said while the clock was wrong
        return [each for each in self.empty if timedelta(0) <= today - each.seen < _EMPTY_BELIEVED]


def _joined(windows: Iterable[Window]) -> Iterator[Window]:
    current: Window | None = None
    for window in sorted(windows):
        if current is None:
            current = window
        elif window.start <= current.end + _DAY:
            current = Window(current.start, max(current.end, window.end))
        else:
            yield current
            current = window
    if current is not None:
        yield current


def history_start(today: date) -> date:
    """Return the first day that IBKR still answers for."""
    return date(today.year - HISTORY_YEARS, 1, 1)


def activity_windows(fetched: FetchedDays, today: date) -> tuple[Window, ...]:
    """Return what to ask the Activity query for on ``today`` (New York), newest first.

    Args:
        fetched: what was answered before.
        today: Activity runs up to the last report day before it.
    """
    whole = Window(history_start(today), report_day_before(today))
    pieces: list[Window] = []
    for gap in _gaps(whole, fetched.known(today)):
        pieces += _by_year(_with_overlap(gap, fetched.windows))
    return tuple(sorted((piece for piece in pieces if piece.report_days()), reverse=True))


def _gaps(whole: Window, known: Iterable[Window]) -> Iterator[Window]:
    start = whole.start
    for window in sorted(known):
        if window.start > start:
            yield Window(start, min(window.start - _DAY, whole.end))
        start = max(start, window.end + _DAY)
    if start <= whole.end:
        yield Window(start, whole.end)


def _with_overlap(gap: Window, answered: Iterable[Window]) -> Window:
    """Begin a gap earlier where it comes right after days that were answered: what arrived late for them was never asked for.

    Such a gap is left where a fetch after a long time ended before its older part. Days without a statement are no gap.
    """
    if not gap.report_days():
        return gap
    before = next((window for window in answered if window.end + _DAY == gap.start), None)
    return Window(max(before.start, gap.start - OVERLAP), gap.end) if before is not None else gap


def _by_year(window: Window) -> Iterator[Window]:
    end = window.end
    while end >= window.start:
        start = max(window.start, date(end.year, 1, 1))
        if end - start > _LONGEST:  # a leap year has one day more than IBKR takes
            start = date(end.year, 7, 1)
        yield Window(start, end)
        end = start - _DAY


def confirmation_window(activity_to: date | None, today: date) -> Window:
    """Return what to ask the Trade Confirmation query for: the days that Activity does not have yet, up to today."""
    start = activity_to + _DAY if activity_to is not None else today - _CONFIRMATION_DAYS
    return Window(min(max(start, today - _LONGEST), today), today)


def confirmed_before(last_day: date | None, today: date) -> date | None:
    """Return the day behind which confirmations are wanted where no Activity tells of any: those of a week, and all since the last.

    Args:
        last_day: the newest that a confirmation told of, perhaps before it was over; None for none.
        today: New York.
    """
    return None if last_day is None else min(last_day - _DAY, today - _CONFIRMATION_DAYS - _DAY)


def honoured(asked: Window, start: date, end: date) -> bool:
    """Tell whether an answer kept to the window: one that ends earlier or begins later did, one that fell to a day did not."""
    if start < asked.start - OVERLAP or end > asked.end + OVERLAP:
        return False
    return not (start == end and asked.report_days() > 1 and end != asked.start)


def range_warnings(slot: str, asked: Window, start: date | None, end: date | None) -> tuple[ReportWarning, ...]:
    """Return ``range_not_honoured`` when an answer did not keep to the window, nothing otherwise."""
    if start is None or end is None or honoured(asked, start, end):
        return ()
    facts = (("slot", slot), ("asked_from", asked.start), ("asked_to", asked.end), ("from", start), ("to", end))
    return (ReportWarning(code="range_not_honoured", values=facts),)


def _key(depot: DepotId, slot: str) -> str:
    return f"fetched.{depot}.{slot}"


def _window(start: str, end: str) -> Window:
    return Window(date.fromisoformat(start), date.fromisoformat(end))


def read_fetched(database: Database, depot: DepotId, slot: str, query: str) -> FetchedDays:
    """Return what was answered for a depot's query; nothing when the query is another one now.

    A depot that never fetched may have been given its reports as files: then those count. A single day between two of them is a
    gap like any other: IBKR makes statements on most holidays, too.
    """
    with database.reading() as db:
        text = read_setting(db, _key(depot, slot))
        known: dict[str, Any] = json.loads(text) if text else {"query": ""}
        given = () if known["query"] else list_reports(db)
    if not known["query"]:
        windows = [
            Window(report.from_date, report.to_date)
            for report in given
            if report.depot == depot
            and report.type == _TYPES[slot]
            and report.error is None
            and report.from_date
            and report.to_date
        ]
        return FetchedDays(query=query, windows=tuple(_joined(windows)))
    if known["query"] != query:
        return FetchedDays(query=query)
    return FetchedDays(
        query=query,
        windows=tuple(_window(start, end) for start, end in known["windows"]),
        looked_back=date.fromisoformat(known["looked_back"]) if known.get("looked_back") else None,
        empty=tuple(EmptyDays(_window(start, end), date.fromisoformat(seen)) for start, end, seen in known["empty"]),
    )


def write_fetched(database: Database, depot: DepotId, slot: str, fetched: FetchedDays) -> None:
    """Keep what was answered for a depot's query."""
    known = {
        "query": fetched.query,
        "looked_back": fetched.looked_back.isoformat() if fetched.looked_back else None,
        "windows": [[window.start.isoformat(), window.end.isoformat()] for window in fetched.windows],
        "empty": [[each.window.start.isoformat(), each.window.end.isoformat(), each.seen.isoformat()] for each in fetched.empty],
    }
    with database.transaction() as db:
        write_setting(db, _key(depot, slot), json.dumps(known))


def forget_fetched(database: Database, depot: DepotId) -> None:
    """Forget what was answered for a depot, because it is new or gone."""
    for slot in ("activity", "confirmation"):
        write_fetched(database, depot, slot, FetchedDays(query=""))
