from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ibjournal.domain.depot import DepotId
from ibjournal.services.autosync import (
    OFF,
    AutosyncService,
    PastRun,
    Schedule,
    daily_due,
    may_ask,
    may_look_again,
    retry_due,
)
from ibjournal.services.fetch_plan import FetchedDays, Window, write_fetched
from ibjournal.services.mended import note_mended
from ibjournal.store.database import Database
from ibjournal.store.depots import insert_depot
from ibjournal.store.settings import write_setting
from ibjournal.store.sync_runs import end_run, start_run
from tests.fakes.clock import FakeClock

BERLIN = ZoneInfo("Europe/Berlin")
MORNING = datetime(2026, 9, 29, 9, 0, tzinfo=UTC)
"""Tuesday, five in the morning in New York, eleven in Berlin: Monday's statement is due."""
MINUTE = timedelta(minutes=1)


class Desk:
    """A journal whose depots are fetched by itself."""

    def __init__(self, folder: Path, *, now: datetime = MORNING) -> None:
        self.database = Database(folder / "journal.db")
        self.clock = FakeClock(now)
        self.service = AutosyncService(database=self.database, clock=self.clock, zone=BERLIN)

    def restart(self) -> None:
        self.service = AutosyncService(database=self.database, clock=self.clock, zone=BERLIN)

    def add(self, name: str = "One", *, covered: date | None = None, activity: str = "1001", confirmation: str = "1002") -> DepotId:
        with self.database.transaction() as db:
            depot = insert_depot(db, name=name, activity_query=activity, confirmation_query=confirmation)
        if covered is not None:
            self.cover(depot, covered)
        return depot

    def cover(self, depot: DepotId, to: date) -> None:
        write_fetched(self.database, depot, "activity", FetchedDays(query="1001", windows=(Window(date(2022, 1, 1), to),)))

    def run(self, depot: DepotId, code: str = "", *, result: str = "") -> None:
        now = self.clock.now()
        with self.database.transaction() as db:
            run = start_run(db, "sync", depot=depot, depot_name="One", started_at=now)
            error = {"code": code, "values": {}} if code else None
            end_run(db, run, result=result or ("failed" if code else "ok"), error=error, steps=[], ended_at=now)

    def due_during(self, duration: timedelta, depot: DepotId, code: str = "", *, step: timedelta = MINUTE) -> list[datetime]:
        """Look each minute, fetch what is due without anything coming of it, and return when that was."""
        found = []
        until = self.clock.now() + duration
        while self.clock.now() < until:
            if self.service.due():
                found.append(self.clock.now())
                self.run(depot, code)
            self.clock.advance(step.total_seconds())
        return found


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_the_choice_is_kept(desk: Desk) -> None:
    assert desk.service.schedule() == Schedule(at_start=True, when_due=True, daily_at=None)
    chosen = Schedule(at_start=False, when_due=True, daily_at=time(18, 30))
    desk.service.set_schedule(chosen)
    desk.restart()
    assert desk.service.schedule() == chosen
    with desk.database.transaction() as db:
        write_setting(db, "schedule", '{"daily_at": "later"}')
    assert desk.service.schedule() == Schedule(), "what makes no sense counts as not set"


def test_what_is_off_is_never_fetched(desk: Desk) -> None:
    desk.add()
    desk.service.set_schedule(OFF)
    assert desk.service.due(starting=True) == ()


def test_at_start_all_that_can_be_fetched_is(desk: Desk) -> None:
    one = desk.add("One", covered=date(2026, 9, 28))
    desk.add("Files", activity="", confirmation="")
    paused = desk.add("Paused")
    with desk.database.transaction() as db:
        db.execute("UPDATE depots SET paused=1 WHERE id=?", (paused,))
    assert desk.service.due() == ()
    assert desk.service.due(starting=True) == (one,)
    desk.run(one)
    desk.clock.advance(14 * 60)
    assert desk.service.due(starting=True) == (), "a program that is started again and again asks rarely"
    desk.clock.advance(60)
    assert desk.service.due(starting=True) == (one,)


def test_activity_is_fetched_once_it_is_due_and_no_sooner(desk: Desk) -> None:
    desk.clock.set_wall_clock(MORNING - timedelta(hours=5))
    depot = desk.add(covered=date(2026, 9, 25))
    assert desk.due_during(timedelta(hours=4, minutes=59), depot) == []
    desk.clock.advance(60)
    assert desk.service.due() == (depot,)
    desk.cover(depot, date(2026, 9, 28))
    assert desk.service.due() == ()


def test_a_statement_that_does_not_come_is_looked_for_a_few_times_a_day(desk: Desk) -> None:
    depot = desk.add(covered=date(2026, 9, 25))
    looked = desk.due_during(timedelta(hours=19), depot)
    assert [(at - MORNING) / MINUTE for at in looked] == [0, 30, 90, 210, 450]
    assert len(desk.due_during(timedelta(hours=24), depot)) == 5, "and so on the next day"


def test_a_weekend_is_quiet(desk: Desk) -> None:
    desk.clock.set_wall_clock(datetime(2026, 9, 26, 9, 1, tzinfo=UTC))  # Saturday
    depot = desk.add(covered=date(2026, 9, 25))
    assert desk.due_during(timedelta(days=2, hours=23), depot, step=5 * MINUTE) == []


def test_restarts_make_no_storm(desk: Desk) -> None:
    depot = desk.add(covered=date(2026, 9, 25))
    asked = 0
    for _ in range(120):
        desk.restart()
        if desk.service.due(starting=True):
            asked += 1
            desk.run(depot)
        desk.clock.advance(30)
    assert asked == 4, "an hour, once each quarter"


def test_daily_comes_once_a_day_and_late_after_a_sleep(desk: Desk) -> None:
    desk.service.set_schedule(Schedule(at_start=False, when_due=False, daily_at=time(18, 30)))
    depot = desk.add()
    looked = desk.due_during(timedelta(days=2), depot)
    assert [at.astimezone(BERLIN) for at in looked] == [
        datetime(2026, 9, 29, 18, 30, tzinfo=BERLIN),
        datetime(2026, 9, 30, 18, 30, tzinfo=BERLIN),
    ]
    desk.clock.advance(3600 * 12)  # asleep at half past six
    assert desk.service.due() == (depot,)
    desk.restart()
    assert desk.service.due() == (), "a restart forgets nothing"


def test_a_daily_time_that_is_past_begins_tomorrow(desk: Desk) -> None:
    desk.add()
    desk.service.set_schedule(Schedule(at_start=False, when_due=False, daily_at=time(10, 59)))
    assert desk.service.due() == ()
    desk.clock.advance(24 * 3600)
    assert desk.service.due() != ()


def test_daylight_saving() -> None:
    at = time(2, 30)
    spring = datetime(2026, 3, 29, 0, 0, tzinfo=UTC)  # at 01:00 UTC 02:00 becomes 03:00 in Berlin
    fired = [now for n in range(180) if daily_due(now := (spring + n * MINUTE).astimezone(BERLIN), at, None)]
    assert fired[0].time() == time(3, 0), "the hour that is left out"
    autumn = datetime(2026, 10, 24, 23, 0, tzinfo=UTC)  # 02:00 to 03:00 comes twice
    done: date | None = None
    times = []
    for n in range(240):
        now = (autumn + n * MINUTE).astimezone(BERLIN)
        if daily_due(now, at, done):
            done = now.date()
            times.append((now.time(), now.fold))
    assert times == [(time(2, 30), 0)], "the hour that comes twice"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (datetime(2026, 3, 6, 10, 0, tzinfo=UTC), datetime(2026, 3, 10, 9, 0, tzinfo=UTC)),  # Friday in EST, Tuesday in EDT
        (datetime(2026, 10, 30, 9, 0, tzinfo=UTC), datetime(2026, 11, 3, 10, 0, tzinfo=UTC)),
    ],
)
def test_due_follows_new_yorks_clock(tmp_path: Path, before: datetime, after: datetime) -> None:
    for number, morning in enumerate((before, after)):
        folder = tmp_path / str(number)
        folder.mkdir()
        desk = Desk(folder, now=morning - timedelta(hours=2))
        day_before = (morning - timedelta(days=2)).date()
        depot = desk.add(covered=day_before)
        assert desk.due_during(timedelta(hours=3), depot)[0] == morning


def test_after_a_loss_of_the_network_it_is_tried_again_with_patience(desk: Desk) -> None:
    depot = desk.add(covered=date(2026, 9, 25))
    looked = desk.due_during(timedelta(hours=5), depot, "no_network")
    assert [(at - MORNING) / MINUTE for at in looked] == [0, 5, 15, 35, 75, 135, 195, 255]
    desk.service.set_schedule(OFF)
    assert desk.due_during(timedelta(hours=5), depot, "no_network") == []


def test_what_failed_on_its_way_does_not_use_up_the_tries(desk: Desk) -> None:
    depot = desk.add(covered=date(2026, 9, 25))
    desk.due_during(timedelta(hours=2), depot, "name_lookup_failed")
    desk.clock.advance(3600)
    assert desk.service.due() == (depot,)
    desk.run(depot)
    assert len(desk.due_during(timedelta(hours=12), depot)) == 4


@pytest.mark.parametrize("code", ["token_missing", "too_many_failures", "wrong_report_type"])
def test_what_the_user_must_mend_is_tried_once_a_day(desk: Desk, code: str) -> None:
    depot = desk.add()
    assert len(desk.due_during(timedelta(days=3), depot, code, step=10 * MINUTE)) <= 4
    desk.run(depot, code)
    assert desk.service.due(starting=True) == ()


OF_THE_TOKEN = ["service_inactive", "token_expired", "ip_restricted", "token_invalid", "locked_out"]
OF_THE_QUERY = ["legacy_query", "query_invalid", "account_invalid", "invalid_request"]


@pytest.mark.parametrize("code", [*OF_THE_TOKEN, *OF_THE_QUERY])
def test_what_ibkr_refuses_for_good_is_never_asked_by_itself(desk: Desk, code: str) -> None:
    desk.service.set_schedule(Schedule(daily_at=time(8, 0)))
    depot = desk.add()
    desk.run(depot, code)
    assert desk.due_during(timedelta(days=10), depot, step=30 * MINUTE) == []
    desk.restart()
    assert desk.service.due(starting=True) == ()
    with desk.database.transaction() as db:
        note_mended(db, (depot,), desk.clock.now())
    assert desk.service.due() == (depot,), "the user did something about it"
    desk.clock.advance(1)
    desk.run(depot, code)
    assert desk.due_during(timedelta(days=10), depot, step=30 * MINUTE) == [], "and it was not enough"


def test_a_fetch_by_hand_that_comes_well_ends_the_silence(desk: Desk) -> None:
    depot = desk.add()
    desk.run(depot, "ip_restricted")
    desk.clock.advance(3600)
    desk.run(depot)
    assert desk.due_during(timedelta(hours=2), depot) != []


def test_where_the_guard_held_back_it_goes_on_when_the_guard_does(desk: Desk) -> None:
    depot = desk.add()
    opens = MORNING + timedelta(hours=23, minutes=40)
    with desk.database.transaction() as db:
        run = start_run(db, "sync", depot=depot, depot_name="One", started_at=MORNING)
        error = {"code": "too_many_failures", "values": {"asked": False, "retry_at": opens}}  # as the log of runs keeps it
        end_run(db, run, result="failed", error=error, steps=[], ended_at=MORNING)
    assert desk.due_during(timedelta(hours=24), depot)[0] == opens


@pytest.mark.parametrize("told", ["", "tomorrow", "2026-09-29T12:00:00", "2031-01-01T00:00:00+00:00"])
def test_a_moment_that_cannot_be_right_is_not_waited_for(desk: Desk, told: str) -> None:
    depot = desk.add()
    with desk.database.transaction() as db:
        run = start_run(db, "sync", depot=depot, depot_name="One", started_at=MORNING)
        end_run(
            db, run, result="failed", error={"code": "too_many_failures", "values": {"retry_at": told}}, steps=[], ended_at=MORNING
        )
    assert desk.due_during(timedelta(hours=21), depot)[0] == MORNING + timedelta(hours=20)


def test_a_clock_that_was_ahead_holds_nothing_up(desk: Desk) -> None:
    desk.service.set_schedule(Schedule(daily_at=time(8, 0)))
    depot = desk.add(covered=date(2026, 9, 25))
    desk.clock.set_wall_clock(MORNING + timedelta(days=400))
    assert desk.service.due() == (depot,)
    desk.run(depot)
    desk.clock.set_wall_clock(MORNING)
    assert desk.service.due() == (depot,)
    desk.run(depot)
    assert desk.due_during(timedelta(hours=1), depot) == [MORNING + 30 * MINUTE], "and makes no storm"


def test_a_clock_that_jumps_back_and_forth_makes_no_storm(desk: Desk) -> None:
    depot = desk.add(covered=date(2026, 9, 25))
    asked = 0
    for n in range(200):
        desk.clock.set_wall_clock(MORNING + timedelta(hours=(-3 if n % 2 else 3), minutes=n))
        if desk.service.due():
            asked += 1
            desk.run(depot)
    assert asked <= 2 * 5


def test_a_run_that_was_cancelled_or_broke_off_counts_as_a_try(desk: Desk) -> None:
    depot = desk.add(covered=date(2026, 9, 25))
    desk.run(depot, result="cancelled")
    assert desk.service.due() == ()
    desk.clock.advance(1800)
    assert desk.service.due() == (depot,)


def test_a_depot_with_confirmations_alone_is_never_due(desk: Desk) -> None:
    depot = desk.add(activity="")
    assert desk.service.due() == ()
    assert desk.service.due(starting=True) == (depot,)


def test_a_proposal_gives_way_to_the_users_choice(desk: Desk) -> None:
    desk.service.propose(OFF)
    assert desk.service.schedule() == OFF
    desk.service.set_schedule(Schedule())
    desk.service.propose(OFF)
    assert desk.service.schedule() == Schedule()


def test_which_depots_wait_for_the_user(desk: Desk) -> None:
    one, two = desk.add("One"), desk.add("Two")
    desk.run(one, "no_network")
    desk.run(two, "token_expired")
    assert desk.service.needing_user() == (two,)
    desk.clock.advance(60)
    desk.run(two)
    assert desk.service.needing_user() == ()


def test_what_the_user_did_something_about_does_not_wait_any_more(desk: Desk) -> None:
    """A token that was renewed is not said to have expired at the next start, though nothing was fetched with it yet."""
    depot = desk.add()
    desk.run(depot, "token_expired")
    desk.clock.advance(60)
    with desk.database.transaction() as db:
        note_mended(db, (depot,), desk.clock.now())
    assert desk.service.needing_user() == ()
    desk.clock.advance(60)
    desk.run(depot, "token_invalid")
    assert desk.service.needing_user() == (depot,), "it was not enough"


def test_the_rules_without_a_past() -> None:
    assert may_ask(MORNING, [])
    assert may_look_again(MORNING, [])
    assert not retry_due(MORNING, [])
    assert not retry_due(MORNING, [PastRun(started_at=MORNING - timedelta(days=1))])
    many = [PastRun(started_at=MORNING - timedelta(hours=2), code="no_network")] * 13
    assert not retry_due(MORNING, many), "rarely at last"
    assert retry_due(MORNING + timedelta(hours=1), many)
