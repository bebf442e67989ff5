"""Care for the data on the command line: a damaged database mended, the report for others, the folder moved."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.program import Program
from tests.fakes.flex_reports import ACCOUNT, activity, trade


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
