"""Care for the data on the command line: a damaged database mended, the report for others, the folder moved."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from PySide6.QtCore import QLockFile

from ibjournal.services.depots import DepotDraft
from tests.e2e.program import ROOT, Program
from tests.fakes import environment_keyring
from tests.fakes.flex_reports import ACCOUNT, activity, trade
from tests.fakes.journal_folder import JournalFolder


def test_a_database_that_cannot_be_opened_is_put_aside_for_a_backup(tmp_path: Path) -> None:
    program = Program(tmp_path / "data")
    (tmp_path / "a.xml").write_bytes(activity(trade(1)))
    (tmp_path / "b.xml").write_bytes(activity(trade(2), days=("20260311", "20260311")))
    program.run("import", tmp_path / "a.xml")
    copy = program.run("backup").out.strip()
    program.run("import", tmp_path / "b.xml")
    before = program.run("export", "executions", "--format", "json")
    (program.data / "journal.db").write_bytes(b"no database " * 5000)
    report = program.run("diagnose")
    assert (report.status, "error: database_corrupt" in report.out, ACCOUNT in report.out) == (0, True, False)
    assert program.run("check").status == 1
    mended = program.run("restore", copy, "--json")
    assert (mended.status, len(mended.json["files"])) == (0, 1)
    assert program.run("export", "executions", "--format", "json") == before
    (damaged,) = (program.data / "backups").glob("damaged-*.db")
    assert damaged.read_bytes().startswith(b"no database")


def test_the_users_own_journal_is_moved_and_found_again(tmp_path: Path) -> None:
    program = Program(tmp_path / "unused", {"XDG_DATA_HOME": str(tmp_path / "share")})
    (tmp_path / "a.xml").write_bytes(activity(trade(1)))
    program.run("import", tmp_path / "a.xml", bare=True)
    before = program.run("export", "executions", "--format", "json", bare=True)
    moved = program.run("data-folder", tmp_path / "stick", bare=True)
    assert (moved.status, moved.out) == (0, f"{tmp_path / 'stick'}\n")
    assert program.run("export", "executions", "--format", "json", bare=True) == before
    assert program.run("data-folder", "--forget-former", "--json", bare=True).json == {
        "folder": str(tmp_path / "stick"),
        "former": None,
    }
    (tmp_path / "stick").rename(tmp_path / "pulled out")
    gone = program.run("check", "--lang", "de", bare=True)
    assert (gone.status, gone.out, "Stick" in gone.sentence) == (1, "", True)
    assert not (tmp_path / "stick").exists()


def test_what_was_written_after_the_backup_comes_over(tmp_path: Path) -> None:
    journal = JournalFolder(tmp_path / "data")
    journal.take(activity(trade(1)))
    program = Program(journal.paths.data)
    copy = program.run("backup").out.strip()
    journal.services.journal.write_note(journal.trades()[0].key, "on the first")
    journal.take(activity(trade(2, conid="222", symbol="BETA"), days=("20260311", "20260311")))
    journal.services.journal.write_note(journal.trades()[1].key, "on the second")
    restored = program.run("restore", copy, "--lang", "en")
    assert restored.status == 0
    assert restored.err == "2 notes that were written since were taken over.\n"
    assert sorted(journal.query("SELECT text FROM notes")) == [("on the first",), ("on the second",)]
    again = program.run("restore", copy, "--as-it-was", "--json").json
    assert (again["brought_over"]["notes"], again["files"], journal.query("SELECT text FROM notes")) == (0, [], [])
    third = program.run("restore", again["before"], "--as-it-was", "--json").json
    assert third["notes_without_trade"] == []
    next(journal.paths.archive.rglob("*.gz")).unlink()
    journal.change("DELETE FROM trades WHERE instrument='222'")
    checked = program.run("check")
    assert "note_without_trade\tBETA\ton the second" in checked.out


def test_without_a_backup_a_damaged_journal_is_made_from_the_archive(tmp_path: Path) -> None:
    journal = JournalFolder(tmp_path / "data")
    journal.take(activity(trade(1)))
    journal.services.journal.write_note(journal.trades()[0].key, "mine")
    journal.services.maintenance.close()
    state = journal.state()
    with journal.paths.database.open("r+b") as file:
        file.seek(13 * 16384)
        file.write(b"\xa5" * 16384)
    program = Program(journal.paths.data)
    assert program.run("check").status == 1
    assert program.run("restore").status == 2
    made = program.run("restore", "--from-archive")
    assert (made.status, len(made.out.splitlines())) == (0, 2)
    assert "damaged-" in made.out.splitlines()[0]
    assert (journal.state(), journal.query("SELECT text FROM notes")) == (state, [("mine",)])
    assert program.run("check").status == 0


def test_a_backup_in_the_place_of_what_cannot_even_be_opened_says_what_could_not_be_read(tmp_path: Path) -> None:
    journal = JournalFolder(tmp_path / "data")
    journal.take(activity(trade(1)))
    program = Program(journal.paths.data)
    copy = tmp_path / "copy.db"
    assert program.run("backup", copy).status == 0
    journal.services.journal.write_note(journal.trades()[0].key, "mine")
    journal.services.maintenance.close()
    journal.paths.database.write_bytes(b"no database at all" * 500)
    made = program.run("restore", copy, "--lang", "en")
    assert (made.status, made.err) == (0, "Not everything that you wrote could be read in the damaged database.\n")
    assert journal.query("SELECT count(*) FROM notes") == [(0,)]
    assert program.run("check").status == 0


def test_removing_a_depot_counts_what_goes_and_what_stays_and_asks(tmp_path: Path) -> None:
    journal = JournalFolder(tmp_path / "data")
    journal.take(activity(trade(1), trade(2, -40, 11)))
    journal.services.journal.write_note(journal.trades()[0].key, "mine")
    program = Program(journal.paths.data, {environment_keyring.VARIABLE: ""})
    asked = program.run("depot", "remove", ACCOUNT, "--lang", "en")
    goes, stays, refused = asked.err.splitlines()
    assert (asked.status, asked.out) == (1, "")
    assert goes == "Nothing goes: the depot has no token and no queries."
    assert stays.startswith("What stays: 1 account, 1 report in the archive, 2 fills, 1 trade, 1 note. The depot stays in the list")
    assert "Nothing was removed." in refused
    german = program.run("depot", "remove", ACCOUNT, "--lang", "de").err
    assert not set(german.splitlines()) & {goes, stays, refused}
    program.run("depot", "add", "Empty", "--activity-query", "77", stdin="\n")
    gone = program.run("depot", "remove", "Empty", "--yes", "--json").json["removed"]
    assert (gone["queries"], gone["accounts"], gone["others"]) == (["77"], [], 1)
    assert [each["name"] for each in program.run("depot", "list", "--json").json["depots"]] == [ACCOUNT]


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="this system has no pseudo-terminals")
@pytest.mark.parametrize(("answer", "gone"), [("n", False), ("", False), ("y", True), ("Ja", True)])
def test_on_a_terminal_it_asks(tmp_path: Path, answer: str, gone: bool) -> None:
    journal = JournalFolder(tmp_path / "data")
    journal.services.depots.add(DepotDraft(name="Empty", activity_query="77"))
    program = Program(journal.paths.data)
    ours, theirs = os.openpty()
    os.write(ours, f"{answer}\n".encode())
    try:
        done = subprocess.run(
            program.command("depot", "remove", "Empty", "--lang", "en"),
            stdin=theirs,
            cwd=ROOT,
            env=program.variables(),
            capture_output=True,
            text=True,
            check=False,
            timeout=100,
        )
    finally:
        os.close(ours)
        os.close(theirs)
    assert "What goes: its query id 77, the depot itself, since it has no accounts." in done.stderr
    assert "Remove it? [y/N]" in done.stderr
    assert (done.returncode == 0, journal.services.depots.list_depots() == ()) == (gone, gone)


def test_a_window_that_has_the_folder_open_keeps_it_from_being_replaced(tmp_path: Path) -> None:
    journal = JournalFolder(tmp_path / "data")
    journal.take(activity(trade(1)))
    copy = journal.services.backups.make().path
    before = journal.state()
    held = QLockFile(str(journal.paths.lock))
    held.setStaleLockTime(0)
    assert held.tryLock(0)
    try:
        refused = Program(journal.paths.data).run("restore", copy, "--lang", "en")
    finally:
        held.unlock()
    assert (refused.status, refused.out) == (1, "")
    assert "in use" in refused.sentence
    assert journal.state() == before
