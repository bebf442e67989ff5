"""The minute at which a token ends: kept beside the depot's last day, void when that is another one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from ibjournal.services.depots import DepotDraft
from ibjournal.store.database import Database
from ibjournal.store.settings import write_setting
from tests.fakes.journal_folder import JournalFolder

TOKEN = "271828182845904523536028"
LAST = date(2026, 11, 21)
ENDS = datetime(2026, 11, 21, 20, 40, tzinfo=UTC)
DRAFT = DepotDraft(name="Income", activity_query="1", token=TOKEN, token_expires=LAST, token_ends=ENDS)


@pytest.fixture
def journal(tmp_path: Path) -> JournalFolder:
    return JournalFolder(tmp_path / "journal")


def ends(journal: JournalFolder) -> list[datetime | None]:
    return [state.token_ends for state in journal.services.depots.depot_states()]


def test_the_minute_is_kept_and_taken_over_with_the_token(journal: JournalFolder) -> None:
    depot, _changes = journal.services.depots.add(DRAFT)
    assert ends(journal) == [ENDS]
    journal.services.depots.add(DepotDraft(name="Anna", activity_query="2", token_of=depot))
    assert ends(journal) == [ENDS, ENDS]


def test_another_name_leaves_it_and_another_day_makes_it_void(journal: JournalFolder) -> None:
    depot, _changes = journal.services.depots.add(DRAFT)
    journal.services.depots.edit(depot, DepotDraft(name="Income 2", activity_query="1", token_expires=LAST))
    assert ends(journal) == [ENDS]
    journal.services.depots.edit(depot, DepotDraft(name="Income 2", activity_query="1", token_expires=LAST + timedelta(days=1)))
    assert ends(journal) == [None]


def test_a_new_token_brings_its_own_for_all_that_share_it(journal: JournalFolder) -> None:
    first, _changes = journal.services.depots.add(DRAFT)
    second, _changes = journal.services.depots.add(DepotDraft(name="Anna", activity_query="2", token_of=first))
    here = ENDS.astimezone(timezone(timedelta(hours=1))) + timedelta(hours=12)
    journal.services.depots.renew((first, second), "1" * 24, here.date(), ends=here, check=False)
    assert ends(journal) == [here, here]
    journal.services.tokens.forget(first)
    assert ends(journal) == [None, None]


@pytest.mark.parametrize("stored", ["", "nonsense", "[]", '{"1": 5}', '{"1": "2026-11-21T20:40:00"}', '{"x": "2026-11-21"}'])
def test_what_cannot_be_understood_counts_as_not_known(journal: JournalFolder, stored: str) -> None:
    journal.services.depots.add(DRAFT)
    with Database(journal.paths.database).transaction() as db:
        write_setting(db, "token_ends", stored)
    assert ends(journal) == [None]


@pytest.mark.parametrize(
    ("day", "known"), [("2026-11-20", True), ("2026-11-22", True), ("2026-11-19", False), ("2026-11-23", False), (None, False)]
)
def test_a_day_that_was_changed_by_others_makes_it_void_where_they_are_more_than_a_day_apart(
    journal: JournalFolder, day: str | None, known: bool
) -> None:
    journal.services.depots.add(DRAFT)
    journal.change("UPDATE depots SET token_expires=?", day)
    assert ends(journal) == [ENDS if known else None]
