"""Taking reports in: archived first, then all of it or nothing, and told file by file."""

from __future__ import annotations

import gzip
import hashlib
import os
import sqlite3
import sys
import threading
import zipfile
from datetime import date
from pathlib import Path

import pytest

from ibjournal.domain.depot import Depot, DepotId
from ibjournal.domain.errors import Cancelled, StoreError
from ibjournal.domain.execution import ReportType
from ibjournal.services.depots import DepotDraft
from ibjournal.services.importing import ImportedFile
from ibjournal.services.jobs import CancelToken, Progress
from ibjournal.store import rates
from ibjournal.store.archive import Archive
from ibjournal.store.database import Database
from tests.fakes.flex_reports import ACCOUNT, activity, cash, confirm, confirmation, report, section, statement, trade
from tests.fakes.journal_folder import JournalFolder

LATER = "20260312;050000"


def depot_named(journal: JournalFolder, name: str, *, activity_query: str = "1") -> Depot:
    draft = DepotDraft(name=name, activity_query=activity_query, confirmation_query="2", token="1" * 24)
    number, _changes = journal.services.depots.add(draft)
    return depot(journal, number)


def depot(journal: JournalFolder, number: DepotId) -> Depot:
    return next(each for each in journal.services.depots.list_depots() if each.id == number)


def fetch(journal: JournalFolder, content: bytes, owner: Depot, expected: ReportType = ReportType.ACTIVITY) -> ImportedFile:
    """Import as a sync does."""
    path = journal.file(content, "fetched.xml")
    return journal.services.importing.import_report(path, name="fetched.xml", depot=owner, expected=expected)


def error_code(file: ImportedFile) -> str:
    assert file.error is not None
    return file.error.code


def test_what_is_told_of_a_file(journal: JournalFolder) -> None:
    content = report(
        statement(section("Trades", trade(1), trade(2, -40, 11)), section("CashTransactions", cash(1)), section("Transfers")),
        statement(account="U7000002", days=("20260201", "20260228")),
    )
    file = journal.take(content, "activity.xml")
    assert Path(file.file).name == "activity.xml"
    assert file.sha256 == hashlib.sha256(content).hexdigest()
    assert (file.type, file.accounts) == (ReportType.ACTIVITY, (ACCOUNT, "U7000002"))
    assert (file.from_date, file.to_date) == (date(2026, 2, 1), date(2026, 3, 10))
    assert dict(file.sections) == {"Trades": 2, "CashTransactions": 1, "Transfers": 0}
    assert (file.new, file.updated, file.unchanged, file.warnings, file.error) == (2, 0, 0, (), None)
    assert (file.changes.trades, file.changes.cash, file.changes.equity, file.changes.reports) == (True, True, False, True)


def test_a_file_that_is_known_is_told_of_as_before(journal: JournalFolder) -> None:
    content = report(statement(section("Trades", trade(1), trade(2, notes="QQ"))))
    first, again = journal.take(content), journal.take(content, "again.xml")
    assert (again.type, again.accounts, again.sections) == (first.type, first.accounts, first.sections)
    assert (again.from_date, again.to_date, again.generated_at) == (first.from_date, first.to_date, first.generated_at)
    assert [each.code for each in again.warnings] == [each.code for each in first.warnings] == ["unknown_code"]
    assert (again.new, again.updated, again.unchanged) == (0, 0, 2)
    assert not again.changes.trades
    assert len(journal.files()) == 1


def test_the_archive_holds_the_report_as_it_came(journal: JournalFolder) -> None:
    content = activity(trade(1))
    journal.take(gzip.compress(content), "packed.xml.gz")
    (name,) = journal.files()
    (path,) = journal.paths.archive.rglob(name)
    assert gzip.decompress(path.read_bytes()) == content
    assert journal.counts(content) == (0, 0, 1), "packed or not, it is the same report"


def test_a_folder_is_all_reports_in_it(journal: JournalFolder, tmp_path: Path) -> None:
    inbox = tmp_path / "reports"
    (inbox / "2025").mkdir(parents=True)
    (inbox / "b.xml").write_bytes(activity(trade(2)))
    (inbox / "a.XML").write_bytes(activity(trade(1)))
    (inbox / "2025" / "c.xml.gz").write_bytes(gzip.compress(activity(trade(3))))
    (inbox / "notes.txt").write_text("none of yours")
    files = journal.services.importing.import_paths([inbox])
    assert [(Path(each.file).name, each.new) for each in files] == [("c.xml.gz", 1), ("a.XML", 1), ("b.xml", 1)]


def test_a_bad_file_does_not_stop_the_others(journal: JournalFolder, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    paths = [
        tmp_path / "nothing.xml",
        tmp_path / "empty",
        journal.file(b"", "empty.xml"),
        journal.file(b"\x89PNG\r\n", "picture.xml"),
        journal.file(activity(trade(1))[:-40], "cut.xml"),
        journal.file(activity(trade(1)), "good.xml"),
    ]
    files = journal.services.importing.import_paths(paths)
    assert [each.error.code if each.error else "" for each in files] == [
        "not_found",
        "is_directory",
        "empty_file",
        "not_xml",
        "truncated",
        "",
    ]
    assert [each.error.values["file"] for each in files if each.error] == [
        "nothing.xml",
        "empty",
        "empty.xml",
        "picture.xml",
        "cut.xml",
    ]
    assert journal.fills() == [("9001", "AF", "active")]


def test_an_archive_is_told_as_what_it_is(journal: JournalFolder, tmp_path: Path) -> None:
    path = tmp_path / "reports.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("a.xml", activity(trade(1)))
    (file,) = journal.services.importing.import_paths([path])
    assert error_code(file) == "zip_archive"
    assert journal.fills() == []


# --- all or nothing ----------------------------------------------------------------------------------------------


def test_a_report_with_an_error_is_kept_out_whole_and_archived(journal: JournalFolder) -> None:
    journal.take(activity(trade(1)))
    before = journal.state()
    content = activity(trade(2), trade(3, quantity="ten"), generated=LATER)
    file = journal.take(content)
    assert (error_code(file), file.new, file.updated, file.unchanged) == ("bad_value", 0, 0, 0)
    assert journal.state() == before
    assert journal.query("SELECT count(*) FROM coverage") == [(1,)]
    assert len(journal.files()) == 2
    assert error_code(journal.take(content)) == "bad_value", "it is tried again"
    assert len(journal.files()) == 2


def test_a_report_that_could_not_be_read_is_taken_once_it_can(journal: JournalFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    content = activity(trade(1, tradePrice="1O"))
    assert error_code(journal.take(content)) == "bad_value"
    monkeypatch.setattr("ibjournal.flex.values._number", lambda text: "10" if text == "1O" else (text or None))
    assert journal.counts(content) == (1, 0, 0)
    assert journal.query("SELECT count(*), max(error) FROM reports") == [(1, None)]


@pytest.mark.parametrize(
    "content",
    [
        b"<note/>",
        b"<!DOCTYPE html><html></html>",
        b'<!DOCTYPE x [<!ENTITY a "b">]><FlexQueryResponse/>',
        b"<FlexStatementResponse><Status>Fail</Status><ErrorCode>1012</ErrorCode></FlexStatementResponse>",
    ],
)
def test_what_is_no_report_at_all_leaves_nothing_behind(journal: JournalFolder, content: bytes) -> None:
    assert journal.take(content).error is not None
    assert journal.files() == []
    assert journal.query("SELECT count(*) FROM reports") == [(0,)]
    assert journal.query("SELECT count(*) FROM run_files WHERE error IS NOT NULL") == [(1,)]


def test_a_cancel_in_the_midst_leaves_nothing(journal: JournalFolder) -> None:
    journal.take(activity(trade(1)))
    before = journal.state()
    rows = [trade(n % 60, tradeID=n, transactionID=n, ibExecID=f"a.b.{n}.01", conid=n % 7) for n in range(5000)]
    path = journal.file(activity(*rows, generated=LATER), "large.xml")
    for step in ("archiving", "reading", "matching"):
        cancel = CancelToken()

        def stop_at(progress: Progress, step: str = step, cancel: CancelToken = cancel) -> None:
            if progress.step == step:
                cancel.cancel()

        with pytest.raises(Cancelled):
            journal.services.importing.import_report(path, name="large.xml", cancel=cancel, progress=stop_at)
        assert journal.state() == before
        assert journal.query("SELECT count(*) FROM reports") == [(1,)]
    assert journal.services.importing.import_report(path, name="large.xml").new == 5000
    assert len(journal.files()) == 2


def test_a_cancel_between_two_files_keeps_the_first(journal: JournalFolder) -> None:
    paths = [journal.file(activity(trade(n), days=("20260301", "20260305")), f"{n}.xml") for n in (1, 2, 3)]
    cancel = CancelToken()

    def stop(progress: Progress) -> None:
        if progress.done == 1:
            cancel.cancel()

    with pytest.raises(Cancelled):
        journal.services.importing.import_paths(paths, cancel=cancel, progress=stop)
    assert journal.fills("transaction_id") == [("9001",)]
    assert [run.result for run in journal.services.reports.list_runs()] == ["cancelled"]


def test_an_error_of_ours_is_not_dressed_up_and_leaves_nothing(journal: JournalFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> None:
        raise ZeroDivisionError

    before = journal.state()
    with monkeypatch.context() as patch:
        patch.setattr(rates.RateTable, "__init__", fail)
        with pytest.raises(ZeroDivisionError):
            journal.take(activity(trade(1)))
    assert journal.state() == before
    assert journal.counts(activity(trade(1))) == (1, 0, 0)


def test_many_imports_at_once(journal: JournalFolder) -> None:
    paths = [journal.file(activity(trade(n), days=("20260401", "20260402")), f"{n}.xml") for n in range(8)]
    threads = [threading.Thread(target=journal.services.importing.import_paths, args=([path],)) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(journal.fills()) == 8


# --- trouble of the disk -----------------------------------------------------------------------------------------


def test_a_disk_that_fills_up_loses_nothing(journal: JournalFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    journal.take(activity(trade(1)))
    before = journal.state()
    connect = Database._connect

    def on_a_full_disk(self: Database) -> sqlite3.Connection:
        connection = connect(self)
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages + 4}")
        return connection

    rows = [trade(n % 60, tradeID=n, transactionID=n, ibExecID=f"a.b.{n}.01") for n in range(3000)]
    large = activity(*rows, generated=LATER)
    with monkeypatch.context() as patch:
        patch.setattr(Database, "_connect", on_a_full_disk)
        with pytest.raises(StoreError) as caught:
            journal.take(large)
    assert caught.value.code == "disk_full"
    assert journal.state() == before
    assert journal.services.reports.list_runs()[0].result in {"failed", "running"}
    assert journal.counts(large) == (3000, 0, 0)


def test_an_archive_that_cannot_be_written_takes_nothing_in(journal: JournalFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        with pytest.raises(StoreError) as caught:
            journal.take(activity(trade(1)))
    assert caught.value.code == "disk_full"
    assert (journal.files(), journal.fills()) == ([], [])
    assert journal.counts(activity(trade(1))) == (1, 0, 0)


def test_an_archived_file_that_was_removed_is_kept_anew(journal: JournalFolder) -> None:
    content = activity(trade(1, quantity="ten"))
    journal.take(content)
    (name,) = journal.query("SELECT archive_file FROM reports")[0]
    Archive(journal.paths.archive).forget(name)
    journal.take(content)
    assert len(journal.files()) == 1


# --- depots and slots --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "expected"),
    [(activity(trade(1)), ReportType.CONFIRMATION), (confirmation(confirm(1)), ReportType.ACTIVITY)],
)
def test_a_report_in_the_wrong_slot(journal: JournalFolder, content: bytes, expected: ReportType) -> None:
    owner = depot_named(journal, "Income")
    file = fetch(journal, content, owner, expected)
    assert error_code(file) == "wrong_report_type"
    assert (journal.fills(), len(journal.files())) == ([], 1)
    journal.take(content)
    assert error_code(fetch(journal, content, owner, expected)) == "wrong_report_type", "known or not"


def test_a_confirmation_without_its_type_is_known_by_its_section(journal: JournalFolder) -> None:
    file = journal.take(confirmation(confirm(1)).replace(b' type="TCF"', b""))
    assert file.type is ReportType.CONFIRMATION
    assert journal.query("SELECT type FROM coverage") == [("TCF",)]


def test_the_first_report_tells_a_depot_its_accounts(journal: JournalFolder) -> None:
    owner = depot_named(journal, "Income")
    assert fetch(journal, activity(trade(1)), owner).error is None
    assert depot(journal, owner.id).accounts == (ACCOUNT,)


def test_a_report_for_another_account(journal: JournalFolder) -> None:
    owner = depot_named(journal, "Income")
    fetch(journal, activity(trade(1)), owner)
    before = journal.state()
    foreign = report(statement(section("Trades", trade(2, accountId="U7000009")), account="U7000009"))
    file = fetch(journal, foreign, depot(journal, owner.id))
    assert error_code(file) == "other_account"
    assert file.error is not None
    assert file.error.values["accounts"] == "U7000009"
    assert journal.state() == before
    assert len(journal.files()) == 2


def test_rows_of_another_depots_account_are_left_to_it(journal: JournalFolder) -> None:
    first, second = depot_named(journal, "Income"), depot_named(journal, "Swing", activity_query="3")
    fetch(journal, activity(trade(1)), first)
    both = report(
        statement(section("Trades", trade(2))),
        statement(section("Trades", trade(3, accountId="U7000002")), account="U7000002"),
    )
    file = fetch(journal, both, second)
    assert (file.error, file.new) == (None, 1)
    assert [each.code for each in file.warnings] == ["accounts_of_other_depot"]
    assert journal.fills("account", "transaction_id") == [(ACCOUNT, "9001"), ("U7000002", "9003")]
    assert depot(journal, second.id).accounts == ("U7000002",)
    assert error_code(fetch(journal, activity(trade(4), generated=LATER), depot(journal, second.id))) == "other_account"


def test_files_make_depots_of_their_own_until_a_real_one_comes(journal: JournalFolder) -> None:
    journal.take(activity(trade(1)))
    (own,) = journal.services.depots.list_depots()
    assert (own.name, own.from_files, own.accounts) == (ACCOUNT, True, (ACCOUNT,))
    owner = depot_named(journal, "Income")
    assert fetch(journal, activity(trade(2), generated=LATER), owner).error is None
    (only,) = journal.services.depots.list_depots()
    assert (only.name, only.from_files, only.accounts) == ("Income", False, (ACCOUNT,))
    assert len(journal.trades()) == 1


def test_files_for_the_account_of_a_depot_go_to_it(journal: JournalFolder) -> None:
    owner = depot_named(journal, "Income")
    fetch(journal, activity(trade(1)), owner)
    journal.take(activity(trade(2), days=("20250101", "20250131")))
    (only,) = journal.services.depots.list_depots()
    assert only.name == "Income"


def test_steps_are_told(journal: JournalFolder) -> None:
    steps: list[Progress] = []
    path = journal.file(activity(trade(1)))
    journal.services.importing.import_report(path, name="x", progress=steps.append)
    assert [each.step for each in steps] == ["archiving", "reading", "matching"]
    journal.services.importing.import_paths([path], progress=steps.append)
    assert (steps[-1].subject, steps[-1].fraction) == ("report.xml", 0)


@pytest.mark.parametrize("damage", ["cut", "flipped"])
def test_a_damaged_archive_file_of_some_size_is_refused_by_name(journal: JournalFolder, damage: str) -> None:
    content = gzip.compress(activity(*map(trade, range(4000))), 1)
    content = content[:-3000] if damage == "cut" else content[:-8] + bytes(8)
    whole = trade(1)
    first, second = journal.services.importing.import_paths(
        [journal.file(content, "bad.xml.gz"), journal.file(activity(whole), "good.xml")]
    )
    assert first.error is not None
    assert (first.error.code, first.error.values["file"], first.report_id) == ("truncated", "bad.xml.gz", None)
    assert (second.error, second.new) == (None, 1)
    assert len(journal.files()) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="other systems allow no such name")
def test_a_file_name_that_is_no_text_stops_nothing(journal: JournalFolder, tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path / "odd")
    Path(os.fsdecode(folder)).mkdir()
    for name, content in ((b"\xff.xml", activity(trade(1))), (b"\xfe.xml", b"")):
        Path(os.fsdecode(folder + b"/" + name)).write_bytes(content)
    refused, taken = journal.services.importing.import_paths([tmp_path / "odd"])
    assert (taken.error, taken.new, Path(taken.file).name) == (None, 1, "?.xml")
    assert refused.error is not None
    assert refused.error.code == "empty_file"
    (run,) = journal.services.reports.list_runs()
    assert [Path(entry.file).name for entry in run.reports] == ["?.xml", "?.xml"]


@pytest.mark.skipif(sys.platform == "win32", reason="no such pipes there")
def test_a_pipe_is_refused_and_not_waited_for(journal: JournalFolder, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.xml")
    (file,) = journal.services.importing.import_paths([tmp_path / "pipe.xml"])
    assert file.error is not None
    assert (file.error.code, file.error.values["file"]) == ("unreadable", "pipe.xml")


def test_files_find_a_home_where_the_user_wants_it(journal: JournalFolder) -> None:
    home = depot(journal, journal.services.depots.add(DepotDraft(name="Old years", from_files=True))[0])
    (file,) = journal.services.importing.import_paths([journal.file(activity(trade(1)), "old.xml")], home=home.id)
    assert file.error is None
    assert depot(journal, home.id).accounts == file.accounts
