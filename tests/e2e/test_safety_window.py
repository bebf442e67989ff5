"""A window that is open, and what else touches its folder meanwhile: commands, other users, a second window."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ibjournal import bootstrap
from ibjournal.domain.errors import StoreError
from ibjournal.services.credentials import MemoryCredentials
from tests.e2e.test_one_process import said, start
from tests.fakes.safe_journal import SafeJournal, clear

pytestmark = pytest.mark.e2e

NOBODY = 65534


@contextlib.contextmanager
def window(journal: SafeJournal) -> Iterator[subprocess.Popen[str]]:
    """Have the window open for a while."""
    process = start(journal.program)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_commands_read_and_write_beside_the_window_and_replace_nothing_below_it(tmp_path: Path) -> None:
    journal = SafeJournal(tmp_path / "data")
    state, written = journal.state(), journal.written()
    more = journal.more(20)
    with window(journal) as process:
        for arguments in (["export", "trades"], ["check"], ["backup"], ["depot", "list"], ["rebuild"]):
            answer = journal.program.run(*arguments)
            assert answer.status == 0, (arguments, answer)
        assert (journal.state(), journal.written()) == (state, written)
        for replacing in (("restore", journal.backup), ("restore", "--from-archive"), ("data-folder", tmp_path / "new")):
            refused = journal.program.run(*replacing, "--lang", "en")
            assert "in use" in clear(refused), replacing
        assert journal.program.run("import", more).status == 0
        assert process.poll() is None
        second = journal.program.run()
        assert (second.status, second.err) == (0, ""), "it shows the first one's window"
    assert len(journal.state()["executions"]) == 23
    assert journal.written() == written
    assert journal.services.maintenance.check() == ()


def test_a_lock_that_a_killed_window_left_keeps_nobody_out(tmp_path: Path) -> None:
    journal = SafeJournal(tmp_path / "data")
    state = journal.state()
    process = start(journal.program)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert journal.paths.lock.exists()
    restored = journal.program.run("restore", journal.backup)
    assert restored.status == 0, restored
    assert journal.state() == state
    journal.program.environment["IBJOURNAL_QUIT_AFTER_START"] = "1"
    assert journal.program.run().status == 0
    assert "not ended in order" in said(journal.program)


def test_a_damaged_page_after_an_end_by_force_is_told_by_the_next_window(tmp_path: Path) -> None:
    journal = SafeJournal(tmp_path / "data")
    process = start(journal.program)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    for made in journal.paths.backups.glob("auto-*"):  # of the data while it was sound: a window that had the time to fetch
        made.unlink()
    with closing(sqlite3.connect(journal.paths.database)) as db:
        (page,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name='executions'").fetchone()
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with journal.paths.database.open("r+b") as file:
        file.seek((page - 1) * 16384)
        file.write(b"\xa5" * 16384)
    written = journal.written()
    journal.program.environment["IBJOURNAL_QUIT_AFTER_START"] = "1"
    opened = journal.program.run()
    assert (opened.status, opened.out) == (0, ""), "the window opens, and says what is wrong"
    assert journal.written() == written
    assert journal.backup.exists()
    assert not list(journal.paths.backups.glob("auto-*")), "what is damaged is not backed up"
    assert journal.leaks([opened]) == []


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can play two users")
def test_the_folder_of_another_user_is_told_and_left_alone(tmp_path: Path) -> None:
    journal = SafeJournal(tmp_path / "data")
    state, written = journal.state(), journal.written()
    closed = {each: each.stat().st_mode for each in tmp_path.parents if each.stat().st_mode & 0o001 == 0 and each != Path("/root")}
    for each in (tmp_path, *closed):
        each.chmod(0o755)
    os.seteuid(NOBODY)
    try:
        with pytest.raises(StoreError) as caught:
            bootstrap.build(journal.paths, credentials=MemoryCredentials(kept=True))
    finally:
        os.seteuid(0)
        for each, mode in closed.items():
            each.chmod(mode)
    assert caught.value.code == "read_only"
    assert (journal.state(), journal.written()) == (state, written)
