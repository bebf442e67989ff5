"""Daylight saving: Europe and America change their clocks in different weeks, and every day has one fetch all the same.

2026: America on 8 March and 1 November, Europe on 29 March and 25 October.
"""

from __future__ import annotations

import time as system_time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ibjournal.demo.flex_answers import code_answer
from ibjournal.domain.depot import DepotId
from ibjournal.domain.period import Preset, preset_period
from ibjournal.services.autosync import AutosyncService, Schedule
from ibjournal.services.fetch_plan import FetchedDays, Window, write_fetched
from ibjournal.services.schedule import activity_due, last_published, new_york_day, report_day_before
from ibjournal.store.database import Database
from ibjournal.store.depots import insert_depot
from ibjournal.store.sync_runs import end_run, start_run
from tests.fakes.clock import FakeClock
from tests.fakes.standing_faults import SEND
from tests.fakes.way_desk import World, code_of

pytestmark = pytest.mark.e2e

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
ZONES = (BERLIN, NEW_YORK)
CHANGES = {
    "America, March": date(2026, 3, 8),
    "Europe, March": date(2026, 3, 29),
    "Europe, October": date(2026, 10, 25),
    "America, November": date(2026, 11, 1),
}
TIMES = [time(0, 0), time(1, 30), time(2, 0), time(2, 30), time(3, 0), time(23, 30)]
HALF_HOUR = timedelta(minutes=30)
DAY = timedelta(days=1)


class Journal:
    """A depot that is fetched by itself; whatever is due comes."""

    def __init__(self, folder: Path, now: datetime, zone: ZoneInfo | None, schedule: Schedule) -> None:
        self.database = Database(folder / "journal.db")
        self.clock = FakeClock(now.astimezone(UTC))
        self.service = AutosyncService(database=self.database, clock=self.clock, zone=zone)
        with self.database.transaction() as db:
            self.depot: DepotId = insert_depot(db, name="One", activity_query="1001", confirmation_query="")
        self.service.set_schedule(schedule)

    def fetches(self, until: datetime, step: timedelta = HALF_HOUR) -> list[datetime]:
        """Look now and then, fetch what is due, and return when that was."""
        found = []
        while (now := self.clock.now()) < until:
            if self.service.due():
                found.append(now)
                with self.database.transaction() as db:
                    run = start_run(db, "sync", depot=self.depot, depot_name="One", started_at=now)
                    end_run(db, run, result="ok", error=None, steps=[], ended_at=now)
                windows = (Window(date(2022, 1, 1), last_published(now)),)
                write_fetched(self.database, self.depot, "activity", FetchedDays(query="1001", windows=windows))
            self.clock.advance(step.total_seconds())
        return found


@pytest.mark.parametrize("at", TIMES, ids=str)
@pytest.mark.parametrize("zone", ZONES, ids=str)
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_once_a_day_at_the_set_time(change: date, zone: ZoneInfo, at: time, tmp_path: Path) -> None:
    first = datetime.combine(change - DAY, time(0, 0), zone)
    after = datetime.combine(change + 2 * DAY, time(0, 0), zone)
    # set up the day before, so that the first of the days is one like any other
    schedule = Schedule(at_start=False, when_due=False, daily_at=at)
    journal = Journal(tmp_path, first - timedelta(hours=2), zone, schedule)
    found = [moment.astimezone(zone) for moment in journal.fetches(after.astimezone(UTC))]
    found = [moment for moment in found if moment.date() >= change - DAY]
    assert [moment.date() for moment in found] == [change - DAY, change, change + DAY]
    for moment in found:
        there = datetime.combine(moment.date(), at, zone).astimezone(UTC).astimezone(zone)
        expected = at if there.time() == at else time(3, 0)  # an hour that is left out begins with the next
        assert moment.time() == expected
        assert moment.fold == 0, "an hour that comes twice counts the first time"


@pytest.fixture
def zone_of_the_computer(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[ZoneInfo]:
    """Let the computer be somewhere, as its own setting says."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", request.param.key)
        system_time.tzset()
        yield request.param
    system_time.tzset()


@pytest.mark.parametrize("zone_of_the_computer", ZONES, ids=str, indirect=True)
def test_the_computers_own_zone_is_asked(zone_of_the_computer: ZoneInfo, tmp_path: Path) -> None:
    zone, at = zone_of_the_computer, time(2, 30)
    for number, change in enumerate(CHANGES.values()):
        folder = tmp_path / str(number)
        folder.mkdir()
        first = datetime.combine(change - DAY, time(0, 0), zone)
        journal = Journal(folder, first, None, Schedule(at_start=False, when_due=False, daily_at=at))
        found = journal.fetches(datetime.combine(change + 2 * DAY, time(0, 0), zone).astimezone(UTC))
        days = Counter(moment.astimezone(zone).date() for moment in found)
        assert days == {change - DAY: 1, change: 1, change + DAY: 1}


@pytest.mark.parametrize("zone", ZONES, ids=str)
@pytest.mark.parametrize(("start", "end"), [(date(2026, 3, 3), date(2026, 4, 3)), (date(2026, 10, 20), date(2026, 11, 6))])
def test_activity_is_due_at_five_in_the_morning_of_new_york(start: date, end: date, zone: ZoneInfo, tmp_path: Path) -> None:
    schedule = Schedule(at_start=False, when_due=True, daily_at=None)
    begin = datetime.combine(start, time(0, 0), NEW_YORK)
    journal = Journal(tmp_path, begin, zone, schedule)
    windows = (Window(date(2022, 1, 1), last_published(begin.astimezone(UTC))),)
    write_fetched(journal.database, journal.depot, "activity", FetchedDays(query="1001", windows=windows))
    found = journal.fetches(datetime.combine(end, time(0, 0), NEW_YORK).astimezone(UTC), step=2 * HALF_HOUR)
    there = [moment.astimezone(NEW_YORK) for moment in found]
    assert {moment.time() for moment in there} == {time(5, 0)}
    days = [start + number * DAY for number in range((end - start).days)]
    assert [moment.date() for moment in there] == [day for day in days if report_day_before(day) == day - DAY]
    here = {moment.astimezone(BERLIN).hour for moment in found}
    assert here == {10, 11}, "the weeks between the two changes are an hour nearer"


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_new_yorks_day_and_what_is_published_on_it(change: date) -> None:
    moment = datetime.combine(change - DAY, time(0, 0), NEW_YORK).astimezone(UTC)
    end = datetime.combine(change + 3 * DAY, time(0, 0), NEW_YORK).astimezone(UTC)
    days = []
    due = []
    covered = last_published(moment)
    while moment < end:
        days.append(new_york_day(moment))
        if activity_due(moment, covered):
            due.append(moment.astimezone(NEW_YORK))
            covered = last_published(moment)
        moment += timedelta(minutes=15)
    counted = Counter(days)
    hours = {day: number / 4 for day, number in counted.items()}
    changed = {date(2026, 3, 8): 23.0, date(2026, 11, 1): 25.0}
    assert hours == {day: changed.get(day, 24.0) for day in (change - DAY, change, change + DAY, change + 2 * DAY)}
    # Saturday's morning brings Friday, Tuesday's brings Monday; Sunday and Monday bring nothing
    assert [(moment.date(), moment.time()) for moment in due] == [
        (change - DAY, time(5, 0)),
        (change + 2 * DAY, time(5, 0)),
    ]


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_periods_have_as_many_days_as_ever(change: date) -> None:
    for today in (change - DAY, change, change + DAY):
        for preset, number in ((Preset.LAST_30_DAYS, 30), (Preset.LAST_90_DAYS, 90), (Preset.LAST_365_DAYS, 365)):
            period = preset_period(preset, today)
            assert (period.start, period.end) == (today - (number - 1) * DAY, today)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_the_days_guard_counts_hours_not_dates(change: date, outside: World) -> None:
    desk = outside.desk(confirmation="", known_to=change - 12 * DAY)
    outside.source.published = report_day_before(change)
    noon = datetime.combine(change - DAY, time(12, 0), NEW_YORK).astimezone(UTC)
    desk.clock.set_wall_clock(noon)
    outside.service.script(*(code_answer(1014, SEND) for _ in range(5)))
    while len(desk.calls()) < 5:
        assert code_of(desk.sync()) == "query_invalid"
    desk.clock.set_wall_clock(noon + timedelta(hours=23, minutes=59))
    desk.restart()
    assert code_of(desk.sync()) == "query_invalid"
    assert len(desk.calls()) == 5, "not a day yet, whatever the clock on the wall says"
    desk.clock.set_wall_clock(noon + timedelta(hours=24, minutes=1))
    desk.restart()
    assert code_of(desk.sync()) == ""
    assert desk.leaks() == []


@pytest.mark.parametrize(
    ("change", "zone"), list(zip(CHANGES.values(), (NEW_YORK, BERLIN, BERLIN, NEW_YORK), strict=True)), ids=CHANGES
)
def test_a_sync_amid_the_change(change: date, zone: ZoneInfo, outside: World) -> None:
    """Asked for are New York's days, before the hour that is left out or doubled, in it and behind it."""
    desk = outside.desk(known_to=change - 12 * DAY)
    outside.source.published, outside.source.as_of = report_day_before(change), change
    night = datetime.combine(change, time(0, 30), zone).astimezone(UTC)
    for hours in (0, 1, 2, 3):
        desk.clock.set_wall_clock(night + timedelta(hours=hours))
        before = len(outside.service.requests)
        assert code_of(desk.sync()) == ""
        today = new_york_day(desk.clock.now())
        asked = [request.params for request in outside.service.requests[before:] if request.action == SEND]
        assert asked[0]["td"] == f"{report_day_before(today):%Y%m%d}"
        assert asked[-1]["td"] == f"{today:%Y%m%d}"
    assert desk.leaks() == []
