"""Reminders of tokens: 30, 7 and 1 days ahead and once expired, each once per token, also over restarts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from ibjournal.domain.depot import DepotId
from ibjournal.services.depots import DepotDraft
from ibjournal.services.reminders import EXPIRED, ReminderService, step_reached
from ibjournal.store.database import Database
from ibjournal.store.settings import write_setting
from tests.fakes.clock import FakeClock
from tests.fakes.journal_folder import JournalFolder

LAST = date(2026, 12, 31)
TOKEN = "271828182845904523536028"


@pytest.fixture
def journal(tmp_path: Path) -> JournalFolder:
    return JournalFolder(tmp_path / "journal")


def add(journal: JournalFolder, name: str, expires: date | None = LAST) -> DepotId:
    depot, _changes = journal.services.depots.add(DepotDraft(name=name, activity_query="1", token=TOKEN, token_expires=expires))
    return depot


def days(journal: JournalFolder, start: int, end: int) -> dict[int, int]:
    """Return which step was told with how many days left, walking day by day."""
    told = {}
    for left in range(start, end, -1):
        for reminder in journal.services.reminders.take_due(LAST - timedelta(days=left)):
            assert reminder.left == left
            told[left] = reminder.step
    return told


@pytest.mark.parametrize(
    ("left", "step"), [(31, None), (30, 30), (8, 30), (7, 7), (2, 7), (1, 1), (0, EXPIRED), (-1, EXPIRED), (-400, EXPIRED)]
)
def test_the_steps(left: int, step: int | None) -> None:
    assert step_reached(LAST, LAST - timedelta(days=left)) == step


def test_each_step_is_told_once_on_its_day(journal: JournalFolder) -> None:
    add(journal, "Income")
    assert days(journal, 60, -40) == {30: 30, 7: 7, 1: 1, 0: EXPIRED}


def test_what_was_missed_is_not_made_up_for(journal: JournalFolder) -> None:
    add(journal, "Income")
    assert days(journal, 5, 4) == {5: 7}
    assert days(journal, 4, -3) == {1: 1, 0: EXPIRED}


def test_a_restart_forgets_nothing(journal: JournalFolder) -> None:
    add(journal, "Income")
    assert days(journal, 30, 29) == {30: 30}
    again = ReminderService(database=Database(journal.paths.database))
    assert again.take_due(LAST - timedelta(days=29)) == ()


def test_a_new_token_begins_anew(journal: JournalFolder) -> None:
    depot = add(journal, "Income")
    assert days(journal, 0, -1) == {0: EXPIRED}
    draft = DepotDraft(name="Income", activity_query="1", token_expires=LAST + timedelta(days=20))
    journal.services.depots.edit(depot, draft)
    (reminder,) = journal.services.reminders.take_due(LAST)
    assert (reminder.left, reminder.step) == (20, 30)


def test_depots_whose_tokens_end_on_one_day_are_told_together(journal: JournalFolder) -> None:
    one, other = add(journal, "Income"), add(journal, "Long term")
    add(journal, "Anna", LAST + timedelta(days=300))
    (reminder,) = journal.services.reminders.take_due(LAST - timedelta(days=7))
    assert reminder.depots == (one, other)
    assert reminder.names == ("Income", "Long term")
    assert reminder.expires == LAST


def test_the_most_pressing_comes_first(journal: JournalFolder) -> None:
    add(journal, "Later", LAST)
    add(journal, "Sooner", LAST - timedelta(days=10))
    told = journal.services.reminders.take_due(LAST - timedelta(days=12))
    assert [reminder.names for reminder in told] == [("Sooner",), ("Later",)]


def test_paused_depots_and_those_without_a_date_are_left_in_peace(journal: JournalFolder) -> None:
    depot = add(journal, "Paused")
    add(journal, "Unknown", None)
    journal.services.depots.pause(depot, paused=True)
    assert journal.services.reminders.take_due(LAST) == ()


def test_a_depot_that_joins_a_token_is_told_of_it(journal: JournalFolder) -> None:
    add(journal, "Income")
    assert len(journal.services.reminders.take_due(LAST)) == 1
    add(journal, "New")
    (reminder,) = journal.services.reminders.take_due(LAST)
    assert reminder.names == ("Income", "New")
    assert journal.services.reminders.take_due(LAST) == ()


@pytest.mark.parametrize("stored", ["", "nonsense", "[]", '{"1": 7}', '{"1": ["yesterday", 7]}', '{"x": ["2026-12-31", 7]}'])
def test_a_memory_that_makes_no_sense_is_no_error(journal: JournalFolder, stored: str) -> None:
    add(journal, "Income")
    with Database(journal.paths.database).transaction() as db:
        write_setting(db, "token_reminders", stored)
    assert len(journal.services.reminders.take_due(LAST)) == 1
    assert journal.services.reminders.take_due(LAST) == ()


def test_a_token_of_some_hours_is_reminded_of_in_its_last_hour_and_when_it_ended(journal: JournalFolder) -> None:
    clock = FakeClock(datetime(2026, 12, 31, 9, 0, tzinfo=UTC))
    ends = datetime(2026, 12, 31, 15, 0, tzinfo=UTC)
    draft = DepotDraft(name="Income", activity_query="1", token=TOKEN, token_expires=LAST, token_ends=ends)
    journal.services.depots.add(draft)
    service = ReminderService(database=Database(journal.paths.database), clock=clock)
    assert service.take_due(LAST) == ()  # just entered: nobody wants to hear of its end
    clock.advance(5 * 3600)
    (soon,) = service.take_due(LAST)
    assert (soon.step, soon.ends, soon.left) == (1, ends, 0)
    assert service.take_due(LAST) == ()
    clock.advance(3600)
    (over,) = service.take_due(LAST)
    assert (over.step, over.left) == (EXPIRED, -1)
    assert service.take_due(LAST + timedelta(days=1)) == ()


def test_a_token_of_a_year_after_one_of_some_hours_is_reminded_of_by_its_day(journal: JournalFolder) -> None:
    now = datetime(2026, 12, 31, 14, 30, tzinfo=UTC)
    draft = DepotDraft(name="Income", activity_query="1", token=TOKEN, token_expires=LAST, token_ends=now + timedelta(minutes=5))
    depot, _changes = journal.services.depots.add(draft)
    service = ReminderService(database=Database(journal.paths.database), clock=FakeClock(now))
    assert len(service.take_due(LAST)) == 1
    in_a_year = LAST.replace(year=2027)
    journal.services.depots.renew((depot,), TOKEN, in_a_year, check=False)
    assert journal.services.depots.depot_states()[0].token_ends is None
    assert service.take_due(LAST) == ()
    assert [each.step for each in service.take_due(in_a_year - timedelta(days=1))] == [1]
