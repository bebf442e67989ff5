"""From a data folder to services, and the demo's session."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ibjournal import bootstrap
from ibjournal.demo.depots import DEMO_DEPOTS, SPARE_TOKEN
from ibjournal.domain.errors import FlexError, StoreError, UsageError
from ibjournal.domain.filters import TradeFilter
from ibjournal.paths import Paths
from ibjournal.services.credentials import MemoryCredentials
from ibjournal.store.database import Database
from tests.fakes.clock import FakeClock
from tests.fakes.flex_reports import activity, trade
from tests.fakes.journal_folder import JournalFolder


def test_a_folder_is_made_with_all_that_belongs_in_it(data_dir: Path) -> None:
    services = bootstrap.build(Paths(data_dir / "deep" / "er"), credentials=MemoryCredentials())
    assert services.depots.list_depots() == ()
    folder = data_dir / "deep" / "er"
    assert {path.name for path in folder.iterdir()} >= {"journal.db", "archive", "backups", "logs"}
    assert folder.stat().st_mode & 0o077 == 0, "nobody else reads it"


def test_opening_again_finds_everything(data_dir: Path) -> None:
    JournalFolder(data_dir).take(activity(trade(1)))
    assert len(JournalFolder(data_dir).trades()) == 1


def test_a_file_in_the_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("in the way")
    with pytest.raises(StoreError):
        bootstrap.build(Paths(tmp_path / "data"), credentials=MemoryCredentials())


def test_a_folder_in_the_place_of_the_database(tmp_path: Path) -> None:
    (tmp_path / "data" / "journal.db").mkdir(parents=True)
    with pytest.raises(StoreError) as caught:
        bootstrap.build(Paths(tmp_path / "data"), credentials=MemoryCredentials())
    assert caught.value.code == "database_corrupt"


def test_another_service_than_ibkrs_is_taken_on_loopback_only(data_dir: Path) -> None:
    with pytest.raises(FlexError) as caught:
        bootstrap.build(Paths(data_dir), credentials=MemoryCredentials(), flex_url="https://example.com/flex")
    assert caught.value.code == "hostile_url"


def test_the_clock_given_is_the_clock_used(data_dir: Path) -> None:
    clock = FakeClock(datetime(2026, 5, 4, 12, tzinfo=UTC))
    services = bootstrap.build(Paths(data_dir), credentials=MemoryCredentials(), clock=clock)
    data_dir.joinpath("a.xml").write_bytes(activity(trade(1)))
    services.importing.import_paths([data_dir / "a.xml"])
    assert services.reports.list_runs()[0].started_at == datetime(2026, 5, 4, 12, tzinfo=UTC)


def test_the_demo_stays_out_of_somebodys_journal(data_dir: Path) -> None:
    journal = JournalFolder(data_dir)
    journal.take(activity(trade(1)))
    before = journal.state()
    with pytest.raises(UsageError) as caught, bootstrap.demo(Paths(data_dir), as_of=date(2026, 9, 28)):
        pytest.fail("it started")
    assert caught.value.code == "not_a_demo_folder"
    assert journal.state() == before


def test_the_demo_never_takes_a_folder_with_an_archive_of_somebodys_own(tmp_path: Path) -> None:
    (tmp_path / "archive").mkdir()
    (tmp_path / "archive" / "photograph.jpg").write_bytes(b"mine")
    for day in (date(2026, 9, 28), date(2026, 9, 29)):
        with pytest.raises(UsageError) as caught, bootstrap.demo(Paths(tmp_path), as_of=day):
            pytest.fail("it started")
        assert caught.value.code == "not_a_demo_folder"
    assert [path.name for path in tmp_path.rglob("*")] == ["archive", "photograph.jpg"]


def test_reading_needs_no_writer(data_dir: Path) -> None:
    first = bootstrap.build(Paths(data_dir))
    with closing(sqlite3.connect(Paths(data_dir).database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")  # as the window does while it imports
        second = bootstrap.build(Paths(data_dir))
        assert second.export.rows("trades") == first.export.rows("trades") == []
        other.execute("ROLLBACK")


@pytest.fixture(scope="module")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a demo's folder after its first session."""
    folder = tmp_path_factory.mktemp("demo") / "data"
    with bootstrap.demo(Paths(folder), as_of=date(2026, 9, 28)) as session:
        states = session.services.depots.depot_states()
        assert len(states) == 3
        assert all(state.has_token and state.token_kept for state in states)
        assert all(state.depot.accounts for state in states)
    return folder


def test_the_demo_brings_its_history_once(demo_folder: Path) -> None:
    with bootstrap.demo(Paths(demo_folder), as_of=date(2026, 9, 28)) as session:
        runs = session.services.reports.list_runs()
        trades = session.services.journal.list_trades(TradeFilter()).rows
    assert [run.kind for run in runs] == ["sync"] * 3
    assert all(run.result == "ok" and run.reports for run in runs)
    assert not [report.error for run in runs for report in run.reports if report.error]
    assert len(trades) > 100


def test_the_demo_keeps_no_token_in_its_folder(demo_folder: Path) -> None:
    tokens = {each.token for each in DEMO_DEPOTS} | {SPARE_TOKEN}
    content = b"".join(path.read_bytes() for path in demo_folder.rglob("*") if path.is_file())
    assert not [token for token in tokens if token.encode() in content]


def test_another_day_makes_another_demo(demo_folder: Path, tmp_path: Path) -> None:
    shutil.copytree(demo_folder, tmp_path / "data")
    (tmp_path / "data" / "demo.txt").write_text("2020-01-01 0\n", encoding="utf-8")
    database = Paths(tmp_path / "data").database
    with Database(database).transaction() as db:
        db.execute("INSERT INTO settings VALUES ('mine', '1')")
    with bootstrap.demo(Paths(tmp_path / "data"), as_of=date(2026, 9, 28)):
        pass
    with Database(database).reading() as db:
        assert db.execute("SELECT count(*) FROM settings WHERE name='mine'").fetchone() == (0,)


def test_today_is_new_yorks() -> None:
    assert abs((bootstrap.today_in_new_york() - datetime.now(UTC).date()).days) <= 1
