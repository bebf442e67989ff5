"""A damaged database and a damaged archive: words, the damaged file is kept, and nothing that could be kept is lost."""

from __future__ import annotations

import gzip
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.fakes.safe_journal import SafeJournal, clear

pytestmark = pytest.mark.e2e

PAGE = 16384


@pytest.fixture
def journal(tmp_path: Path) -> SafeJournal:
    return SafeJournal(tmp_path / "data")


def overwrite(path: Path, page: int, *, pages: int = 1) -> None:
    """Overwrite pages, counted from 1, as a dying disk does."""
    with path.open("r+b") as file:
        file.seek((page - 1) * PAGE)
        file.write(b"\xa5" * PAGE * pages)


def root_of(path: Path, name: str) -> int:
    """Return the first page of a table or an index."""
    with closing(sqlite3.connect(path)) as db:
        return int(db.execute("SELECT rootpage FROM sqlite_master WHERE name=?", (name,)).fetchone()[0])


def _header(path: Path) -> None:
    path.write_bytes(b"no database " * 8 + path.read_bytes()[96:])


def _schema(path: Path) -> None:
    overwrite(path, 1)


def _page_of(name: str) -> Callable[[Path], None]:
    return lambda path: overwrite(path, root_of(path, name))


def _half(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def _empty_middle(path: Path) -> None:
    overwrite(path, 14, pages=6)


DAMAGES: dict[str, Callable[[Path], None]] = {
    "header": _header,
    "schema": _schema,
    "a table": _page_of("executions"),
    "an index": _page_of("executions_by_instrument"),
    "settings": _page_of("settings"),
    "depots": _page_of("depots"),
    "cut in half": _half,
    "six pages": _empty_middle,
}
UNREADABLE = {"cut in half"}
"""Where not even the user's own words can be read out any more: they come from the backup."""

IN_GERMAN = {"header", "a table", "settings"}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_backup_takes_the_place_of_a_damaged_database(journal: SafeJournal, damage: str) -> None:
    journal.take(journal.more(20).read_bytes())
    key = journal.trades()[0].key
    state, written = journal.state(), journal.written()
    journal.services.journal.write_note(key, "written after the backup")
    newer_state, newer = journal.state(), journal.written()
    journal.services.maintenance.close()
    DAMAGES[damage](journal.paths.database)
    content = journal.paths.database.read_bytes()

    language, word = ("de", "beschädigt") if damage in IN_GERMAN else ("en", "damaged")
    checked = journal.program.run("check", "--lang", language)
    assert checked.status == 1
    assert checked.out or word in clear(checked)
    restored = journal.program.run("restore", journal.backup, "--json")
    assert (restored.status, len(restored.json["files"])) == (0, 1)
    assert journal.state() == (state if damage in UNREADABLE else newer_state), "what came since is taken in again"
    assert journal.written() == (written if damage in UNREADABLE else newer)
    (kept,) = journal.paths.backups.glob("damaged-*.db")
    assert kept.read_bytes()[PAGE:] == content[PAGE:], "the damaged file is kept as it was"
    assert journal.services.maintenance.check() == ()
    assert not journal.unfinished()
    assert journal.leaks([checked, restored]) == []


@pytest.mark.parametrize("damage", ["a table", "an index", "settings", "six pages"])
def test_without_a_backup_the_archive_and_what_can_be_read_make_it_anew(journal: SafeJournal, damage: str) -> None:
    state, written = journal.state(), journal.written()
    journal.backup.unlink()
    DAMAGES[damage](journal.paths.database)
    made = journal.program.run("restore", "--from-archive")
    assert made.status == 0, made
    assert journal.state() == state
    assert journal.written() == written
    assert journal.services.maintenance.check() == ()
    assert not journal.unfinished()
    assert journal.leaks([made]) == []


def test_a_damaged_write_ahead_log_loses_at_most_what_stood_in_it(journal: SafeJournal) -> None:
    before = journal.state()
    written = journal.written()
    wal = journal.paths.database.with_name("journal.db-wal")
    with closing(sqlite3.connect(journal.paths.database)) as db:  # an open reader keeps the log from being folded in
        db.execute("SELECT count(*) FROM notes").fetchone()
        journal.services.journal.write_note(journal.trades()[0].key, "in the log alone")
        torn = wal.read_bytes()
        content = journal.paths.database.read_bytes()
    middle = len(torn) // 2
    journal.paths.database.write_bytes(content)
    wal.write_bytes(torn[:middle] + b"\xa5" * 4096 + torn[middle + 4096 :])
    assert journal.program.run("check").status == 0
    assert journal.state() == before
    assert [rows for rows in journal.written() if rows not in written] in ([], [journal.written()[0]])


# --- the archive ---------------------------------------------------------------------------------------------------


def first_report(journal: SafeJournal) -> Path:
    """Return the file of the report that came first."""
    (name,) = journal.query("SELECT archive_file FROM reports ORDER BY id LIMIT 1")[0]
    return journal.paths.archive / str(name)


def _gone(path: Path) -> None:
    path.unlink()


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


def _altered(path: Path) -> None:
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()).replace(b'tradePrice="10"', b'tradePrice="99"')))


def _emptied(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize(
    ("harm", "code"),
    [
        (_gone, "archive_file_missing"),
        (_cut, "archive_file_damaged"),
        (_altered, "archive_file_damaged"),
        (_emptied, "archive_file_damaged"),
    ],
)
def test_a_report_that_is_gone_or_altered_is_named_and_a_rebuild_takes_nothing_away(
    journal: SafeJournal, harm: Callable[[Path], None], code: str
) -> None:
    state, written = journal.state(), journal.written()
    file = first_report(journal)
    harm(file)
    checked = journal.program.run("check", "--json")
    assert checked.status == 1
    assert checked.json["issues"] == [{"code": code, "detail": f"{file.parent.name}/{file.name}"}]
    rebuilt = [journal.program.run("rebuild", "--lang", each) for each in ("en", "de")]
    sentences = [clear(each) for each in rebuilt]
    assert sentences[0] != sentences[1]
    assert all(file.name in each for each in sentences)
    assert (journal.state(), journal.written()) == (state, written)
    assert journal.program.run("export", "trades", "--format", "json").status == 0
    assert journal.leaks([checked, *rebuilt]) == []


# --- another program -----------------------------------------------------------------------------------------------


def test_a_database_that_another_program_holds_is_waited_for_and_told(journal: SafeJournal) -> None:
    state, written = journal.state(), journal.written()
    more = journal.more(20)
    with closing(sqlite3.connect(journal.paths.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        english = journal.program.run("import", more, "--lang", "en")
        german = journal.program.run("rebuild", "--lang", "de")
        reading = journal.program.run("export", "trades")
        copied = journal.program.run("backup")
        replaced = journal.program.run("restore", journal.backup, "--lang", "en")
        other.execute("ROLLBACK")
    assert "in use" in clear(english)
    assert "in use" in clear(replaced), "it does not wait for ever"
    assert clear(german) != clear(english)
    assert (reading.status, copied.status) == (0, 0), "what only reads is not held up"
    assert (journal.state(), journal.written()) == (state, written)
    assert journal.program.run("import", more).status == 0
    assert journal.program.run("check").status == 0
    assert journal.leaks([english, german, reading]) == []
