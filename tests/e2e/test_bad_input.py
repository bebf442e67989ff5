"""Bad input and bad disks: one clear sentence in the user's language, nothing lost, nothing half stored."""

from __future__ import annotations

import contextlib
import gzip
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.e2e.program import Answer, Program
from tests.fakes.flex_reports import ACCOUNT, activity, trade
from tests.fakes.journal_folder import JournalFolder

pytestmark = pytest.mark.e2e

NOBODY = 65534
BOMB = b'<!DOCTYPE x [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><FlexQueryResponse type="AF" queryName="&b;"/>'


@pytest.fixture
def journal(tmp_path: Path) -> JournalFolder:
    """Return a journal that holds something to lose."""
    journal = JournalFolder(tmp_path / "data")
    journal.take(activity(trade(1), trade(2, -40, 11)))
    journal.services.journal.write_note(journal.trades()[0].key, "mine")
    journal.services.maintenance.close()
    return journal


@pytest.fixture
def program(journal: JournalFolder) -> Program:
    return Program(journal.paths.data)


def german_and_english(program: Program, *arguments: object) -> tuple[Answer, Answer]:
    """Run a command that must fail, in both languages; return what was said."""
    english, german = program.run(*arguments, "--lang", "en"), program.run(*arguments, "--lang", "de")
    assert (english.status, german.status) == (1, 1), (english, german)
    assert english.sentence != german.sentence
    for sentence in (english.sentence, german.sentence):
        assert sentence.endswith((".", "!"))
        assert "{" not in sentence
        assert "–" not in sentence.split(), "a fact is missing in the sentence"
    return english, german


WRONG_FILES: list[tuple[str, bytes | Callable[[Path], None], str]] = [
    ("empty.xml", b"", "empty_file"),
    ("picture.xml", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "not_xml"),
    ("table.csv", b'"ClientAccountID","CurrencyPrimary"\n"U1","USD"\n', "csv_report"),
    ("page.html", b"<!DOCTYPE html><html><body>Log in</body></html>", "html_page"),
    ("bomb.xml", BOMB, "doctype_forbidden"),
    ("feed.xml", b"<rss><channel/></rss>", "not_flex"),
    ("cut.xml", activity(trade(3))[:-50], "truncated"),
    ("cut.xml.gz", gzip.compress(activity(trade(3)))[:-20], "truncated"),
    ("broken.xml", activity(trade(3)).replace(b"ACME", b"A & B", 1), "malformed_xml"),
    ("odd.xml", activity(trade(3, quantity="ten")), "bad_value"),
    ("dates.xml", activity(trade(3, dateTime="03/04/2026;100000", tradeDate="03/04/2026")), "ambiguous_dates"),
    ("answer.xml", b"<FlexStatementResponse><ErrorCode>1012</ErrorCode></FlexStatementResponse>", "flex_service_error"),
    ("folder.xml", lambda path: path.mkdir(), "is_directory"),
    ("nothing.xml", lambda _path: None, "not_found"),
    ("huge.xml", lambda path: path.touch() or os.truncate(path, 2 << 30), "too_large"),  # type: ignore[func-returns-value]
]


def test_every_wrong_file_is_told_by_name_in_both_languages(program: Program, journal: JournalFolder, tmp_path: Path) -> None:
    before = journal.state()
    paths = []
    for name, content, _code in WRONG_FILES:
        path = tmp_path / "wrong" / name
        path.parent.mkdir(exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            content(path)
        paths.append(path)
    english = program.run("import", *paths, "--json", "--lang", "en")
    german = program.run("import", *paths, "--json", "--lang", "de")
    assert (english.status, german.status) == (1, 1)
    assert [each["error"]["code"] for each in english.json["files"]] == [code for _name, _content, code in WRONG_FILES]
    for answer in (english, german):
        lines = answer.err.splitlines()
        assert len(lines) == len(WRONG_FILES)
        for (name, _content, _code), line, told in zip(WRONG_FILES, lines, answer.json["files"], strict=True):
            assert line == f"ibjournal: {told['error']['text']}"
            assert name in line
            assert line.endswith(".")
            assert "{" not in line
    assert not set(english.err.splitlines()) & set(german.err.splitlines()), "every sentence is translated"
    assert journal.state() == before
    assert program.run("check").status == 0


def test_two_sparse_gigabytes_are_refused_at_once(program: Program, tmp_path: Path) -> None:
    path = tmp_path / "huge.xml"
    path.write_bytes(b'<FlexQueryResponse type="AF">')
    os.truncate(path, 2 << 30)
    answer = program.run("import", path)
    assert (answer.status, "huge.xml" in answer.sentence) == (1, True)
    assert not [each for each in program.data.rglob("*") if each.stat().st_size > 10_000_000]


# --- the database ------------------------------------------------------------------------------------------------


def test_a_database_of_a_newer_program(program: Program, journal: JournalFolder) -> None:
    with closing(sqlite3.connect(journal.paths.database)) as db:
        db.execute("PRAGMA user_version=99")
    content = journal.paths.database.read_bytes()
    german_and_english(program, "export", "trades")
    assert journal.paths.database.read_bytes() == content


def test_a_file_that_is_no_database(program: Program, journal: JournalFolder) -> None:
    journal.paths.database.write_bytes(b"no database " * 500)
    german_and_english(program, "export", "trades")
    assert journal.paths.database.read_bytes() == b"no database " * 500


def test_a_folder_in_the_place_of_the_database(tmp_path: Path) -> None:
    (tmp_path / "data" / "journal.db").mkdir(parents=True)
    german_and_english(Program(tmp_path / "data"), "check")


def test_a_page_that_was_damaged(program: Program, journal: JournalFolder) -> None:
    with closing(sqlite3.connect(journal.paths.database)) as db:
        size = db.execute("PRAGMA page_size").fetchone()[0]
        page = db.execute("SELECT rootpage FROM sqlite_master WHERE name='trades'").fetchone()[0]
    with journal.paths.database.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    german_and_english(program, "export", "trades")
    checked = program.run("check")
    assert checked.status == 1
    assert checked.out or checked.sentence


def test_another_program_holds_the_database(program: Program, journal: JournalFolder, tmp_path: Path) -> None:
    before = journal.state()
    (tmp_path / "more.xml").write_bytes(activity(trade(3), days=("20260311", "20260311")))
    with closing(sqlite3.connect(journal.paths.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = program.run("import", tmp_path / "more.xml")
        other.execute("ROLLBACK")
    assert (answer.status, answer.out, bool(answer.sentence)) == (1, "", True)
    assert journal.state() == before
    assert program.run("import", tmp_path / "more.xml").out == "more.xml: +1 ~0 =0\n"


# --- the disk ----------------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a folder on a disk of 2 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root can make a small disk")
    if os.system(f"mount -t tmpfs -o size=2m tmpfs {folder} 2>/dev/null") != 0:
        pytest.skip("this machine does not let root mount a small disk")
    yield folder
    os.system(f"umount {folder}")


def make_read_only(disk: Path) -> None:
    """From now on nothing can be written to the disk."""
    assert os.system(f"mount -o remount,ro {disk}") == 0


def test_a_disk_that_fills_up(small_disk: Path, tmp_path: Path) -> None:
    program = Program(small_disk / "data")
    (tmp_path / "small.xml").write_bytes(activity(trade(1)))
    assert program.run("import", tmp_path / "small.xml").status == 0
    before = program.run("export", "executions", "--format", "json")
    rows = [trade(n % 60, tradeID=n, transactionID=n, ibExecID=f"a.b.{n}.01") for n in range(6000)]
    large = tmp_path / "large.xml"
    large.write_bytes(activity(*rows, days=("20260311", "20260331")))
    answer = program.run("import", large)
    assert (answer.status, answer.out, bool(answer.sentence)) == (1, "", True)
    assert program.run("export", "executions", "--format", "json") == before
    checked = program.run("check", "--json").json
    assert checked["issues"] == []
    assert len(checked.get("unknown_reports", ())) <= 1, "archived before the disk was full; it waits there"
    answer = program.run("backup", small_disk / "copy.db")
    assert (answer.status, answer.out, (small_disk / "copy.db").exists()) in {(0, "", True), (1, "", False)}
    (small_disk / "rest").write_bytes(b"")
    with contextlib.suppress(OSError), (small_disk / "rest").open("wb", buffering=0) as rest:
        while True:
            rest.write(bytes(65536))
    for arguments in (["backup"], ["export", "executions", "-o", small_disk / "rows.csv"]):
        answer = program.run(*arguments)
        assert (answer.status, answer.out, bool(answer.sentence)) == (1, "", True)
    assert not (small_disk / "rows.csv").exists(), "no piece of it stays"
    assert not list((small_disk / "data" / "backups").glob("manual-*"))
    assert not list((small_disk / "data" / "backups").glob(".*"))


def test_a_disk_that_cannot_be_written(small_disk: Path) -> None:
    make_read_only(small_disk)
    german_and_english(Program(small_disk / "data"), "check")


def test_a_journal_on_a_disk_that_became_read_only(small_disk: Path, tmp_path: Path) -> None:
    journal = JournalFolder(small_disk / "data")
    journal.take(activity(trade(1)))
    journal.services.maintenance.close()
    content = journal.paths.database.read_bytes()
    make_read_only(small_disk)
    (tmp_path / "more.xml").write_bytes(activity(trade(3), days=("20260311", "20260311")))
    german_and_english(Program(journal.paths.data), "import", tmp_path / "more.xml")
    assert journal.paths.database.read_bytes() == content


@pytest.mark.parametrize("hidden", ["file", "folder"])
def test_a_report_that_nobody_may_read(journal: JournalFolder, tmp_path: Path, hidden: str) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can play somebody who may not read")
    secret = tmp_path / "secret" / "secret.xml"
    secret.parent.mkdir()
    secret.write_bytes(activity(trade(1)))
    (secret if hidden == "file" else secret.parent).chmod(0)
    os.chown(journal.paths.data.parent, NOBODY, NOBODY)
    for path in (journal.paths.data, *journal.paths.data.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    ancestors = [each for each in secret.parents if each.stat().st_mode & 0o077 == 0 and each != secret.parent]
    modes = {each: each.stat().st_mode for each in ancestors}
    for each in ancestors:
        each.chmod(0o755)
    os.seteuid(NOBODY)
    try:
        (file,) = journal.services.importing.import_paths([secret])
    finally:
        os.seteuid(0)
        for each, mode in modes.items():
            each.chmod(mode)
    assert file.error is not None
    assert (file.error.code, file.error.values["file"]) == ("unreadable", "secret.xml")


def test_a_report_of_another_account_stays_apart(program: Program, journal: JournalFolder, tmp_path: Path) -> None:
    (tmp_path / "other.xml").write_bytes(activity(trade(5, accountId="U7000099")).replace(ACCOUNT.encode(), b"U7000099"))
    assert program.run("import", tmp_path / "other.xml").status == 0
    assert {row[0] for row in journal.query("SELECT DISTINCT account FROM trades")} == {ACCOUNT, "U7000099"}
    assert journal.query("SELECT text FROM notes") == [("mine",)]
