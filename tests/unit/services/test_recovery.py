"""Reports in the archive that the journal does not know, and what a start after no end finds."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ibjournal.domain.errors import Cancelled, StoreError
from ibjournal.services.depots import DepotDraft
from ibjournal.services.jobs import CancelToken
from ibjournal.services.maintenance import MaintenanceService
from ibjournal.store import database
from ibjournal.store.archive import Archive
from ibjournal.store.database import Database
from tests.fakes.flex_reports import activity, trade
from tests.fakes.journal_folder import JournalFolder


def test_after_a_restore_what_came_since_is_found_and_taken_in(journal: JournalFolder, tmp_path: Path) -> None:
    journal.take(activity(trade(1)))
    journal.services.journal.write_note(journal.trades()[0].key, "mine")
    journal.services.maintenance.backup(tmp_path / "first.db")
    journal.take(activity(trade(2), days=("20260311", "20260311")))
    journal.take(activity(trade(3), days=("20260312", "20260312")))
    state, files = journal.state(), journal.files()
    assert journal.services.recovery.unknown() == ()
    journal.services.maintenance.restore(tmp_path / "first.db")
    waiting = journal.services.recovery.unknown()
    assert len(waiting) == 2
    taken = journal.services.recovery.take_in()
    assert [(each.file, each.new, each.error) for each in taken] == [(Path(name).name, 1, None) for name in waiting]
    assert journal.state() == state
    assert journal.files() == files, "nothing is archived twice"
    assert journal.services.recovery.take_in() == ()
    assert journal.services.maintenance.check() == ()


def test_what_a_depot_had_fetched_goes_to_it_again(journal: JournalFolder, tmp_path: Path) -> None:

    number, _changes = journal.services.depots.add(DepotDraft(name="Income", activity_query="1", token="1" * 24))
    journal.services.maintenance.backup(tmp_path / "first.db")
    (depot,) = journal.services.depots.list_depots()
    path = journal.file(activity(trade(1)))
    taken = journal.services.importing.import_report(path, name="report.xml", depot=depot)
    assert taken.new == 1
    journal.services.maintenance.restore(tmp_path / "first.db")
    (name,) = journal.services.recovery.unknown()
    assert name.startswith(f"depot-{number}/")
    journal.services.recovery.take_in()
    (again,) = journal.services.depots.list_depots()
    assert (again.id, again.accounts) == (number, taken.accounts)
    assert journal.query("SELECT depot FROM reports") == [(number,)], "and the report is its own"
    assert len(journal.files()) == 1


def test_what_is_no_archived_report_is_left_alone(journal: JournalFolder) -> None:
    journal.take(activity(trade(1)))
    (name,) = journal.files()
    folder = next(journal.paths.archive.rglob(name)).parent
    (folder / ".report-abc").write_bytes(b"half")
    (folder / "mine.xml.gz").write_bytes(b"something else")
    other = journal.paths.archive / "depot-9"
    other.mkdir()
    (other / name).write_bytes((folder / name).read_bytes())
    assert journal.services.recovery.unknown() == (), "the journal knows this content by another name"


def test_a_damaged_one_is_told_and_stops_nothing(journal: JournalFolder, tmp_path: Path) -> None:
    journal.services.maintenance.backup(tmp_path / "empty.db")
    journal.take(activity(trade(1)))
    journal.take(activity(trade(2), days=("20260311", "20260311")))
    journal.services.maintenance.restore(tmp_path / "empty.db")
    first, _second = (journal.paths.archive / name for name in journal.services.recovery.unknown())
    first.write_bytes(first.read_bytes()[:-30])
    taken = journal.services.recovery.take_in()
    assert [each.error is None for each in taken] == [False, True]
    assert first.exists()


def test_it_can_be_cancelled(journal: JournalFolder, tmp_path: Path) -> None:
    journal.services.maintenance.backup(tmp_path / "empty.db")
    journal.take(activity(trade(1)))
    journal.services.maintenance.restore(tmp_path / "empty.db")
    cancel = CancelToken()
    cancel.cancel()

    with pytest.raises(Cancelled):
        journal.services.recovery.take_in(cancel=cancel)
    assert len(journal.services.recovery.unknown()) == 1


def maintenance(journal: JournalFolder) -> MaintenanceService:
    return MaintenanceService(
        database=Database(journal.paths.database),
        archive=Archive(journal.paths.archive),
        backups=journal.paths.backups,
        mark=journal.paths.running,
    )


def test_an_end_that_was_none_is_noticed_once(journal: JournalFolder) -> None:
    first = maintenance(journal)
    assert not first.begin()
    assert journal.paths.running.exists()
    beside = maintenance(journal)
    beside.close()  # a command that ran beside the window
    assert journal.paths.running.exists()
    second = maintenance(journal)  # the first one was killed
    assert second.begin()
    assert second.quick_check() == ()
    second.close()
    assert not journal.paths.running.exists()
    assert not maintenance(journal).begin()


def test_a_start_that_fails_does_not_make_an_end_by_force_an_orderly_one(
    journal: JournalFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not maintenance(journal).begin()  # and then it was killed
    monkeypatch.setattr(database, "_BUSY_MILLISECONDS", 50)
    refused = maintenance(journal)
    with closing(sqlite3.connect(journal.paths.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError):
            refused.begin()
        refused.close()
    assert maintenance(journal).begin(), "the start after it still has to look"


def test_a_damaged_page_is_found_after_such_an_end(journal: JournalFolder) -> None:
    journal.take(activity(*(trade(number) for number in range(60))))
    journal.services.maintenance.close()
    with journal.paths.database.open("r+b") as file:
        file.seek(16384 * 3)
        file.write(b"\xa5" * 16384 * 12)
    assert {each.code for each in maintenance(journal).quick_check()} == {"database_damaged"}
