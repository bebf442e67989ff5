from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from ibjournal.domain.depot import DepotId
from ibjournal.services.depot_instants import read_instants, write_instants
from ibjournal.store.database import Database
from ibjournal.store.settings import read_setting, write_setting

ONE, TWO, TEN = DepotId(1), DepotId(2), DepotId(10)
NOON = datetime(2026, 9, 28, 12, 0, 1, 500, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path / "journal.db")


def test_what_was_written_is_read_in_utc(database: Database) -> None:
    there = NOON.astimezone(timezone(timedelta(hours=9)))
    with database.transaction() as db:
        write_instants(db, "some", {TEN: NOON, ONE: there})
        write_instants(db, "other", {TWO: NOON})
    with database.reading() as db:
        assert read_instants(db, "some") == {ONE: NOON, TEN: NOON}
        assert [each.utcoffset() for each in read_instants(db, "some").values()] == 2 * [timedelta(0)]
        assert list(json.loads(read_setting(db, "some"))) == ["1", "10"], "in order, so that the same is the same text"
        assert read_instants(db, "other") == {TWO: NOON}
        assert read_instants(db, "none") == {}
    with database.transaction() as db:
        write_instants(db, "some", {})
        assert read_instants(db, "some") == {}


def test_an_instant_without_a_zone_says_nothing(database: Database) -> None:
    with database.transaction() as db:
        write_setting(db, "some", json.dumps({"1": "2026-09-28T12:00:00", "2": "2026-09-28T14:00:00+02:00"}))
        found = read_instants(db, "some")
    assert found == {TWO: datetime(2026, 9, 28, 12, 0, tzinfo=UTC)}
    assert found[TWO].utcoffset() == timedelta(0)
