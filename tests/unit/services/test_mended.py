"""When the user last did something about a depot: what is kept, and what is not believed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from ibjournal.domain.depot import DepotId
from ibjournal.services.mended import note_mended, read_mended
from ibjournal.store.database import Database
from ibjournal.store.settings import write_setting

NOW = datetime(2026, 9, 28, 16, 0, tzinfo=UTC)


def test_each_depot_has_its_own_moment_in_utc_and_the_latest_counts(tmp_path: Path) -> None:
    database = Database(tmp_path / "journal.db")
    with database.transaction() as db:
        assert read_mended(db) == {}
        note_mended(db, (DepotId(1), DepotId(2)), NOW)
        note_mended(db, (DepotId(2),), (NOW + timedelta(hours=1)).astimezone(timezone(timedelta(hours=9))))
    with Database(tmp_path / "journal.db").reading() as db:
        found = read_mended(db)
    assert found == {DepotId(1): NOW, DepotId(2): NOW + timedelta(hours=1)}
    assert {each.utcoffset() for each in found.values()} == {timedelta(0)}


@pytest.mark.parametrize("stored", ["nonsense", "[]", "5", '{"x": "2026-09-28T16:00:00+00:00"}', '{"1": 5}', '{"1": "then"}'])
def test_what_cannot_be_understood_counts_as_nothing_done(tmp_path: Path, stored: str) -> None:
    with Database(tmp_path / "journal.db").transaction() as db:
        write_setting(db, "depots.mended", stored)
        assert read_mended(db) == {}
        note_mended(db, (DepotId(1),), NOW)
        assert read_mended(db) == {DepotId(1): NOW}


def test_a_moment_without_its_zone_is_left_out_and_others_stay(tmp_path: Path) -> None:
    with Database(tmp_path / "journal.db").transaction() as db:
        write_setting(db, "depots.mended", '{"1": "2026-09-28T16:00:00", "2": "2026-09-28T18:00:00+02:00"}')
        assert read_mended(db) == {DepotId(2): NOW}
