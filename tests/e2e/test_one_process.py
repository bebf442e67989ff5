"""One process for a data folder, with real processes: a second start, an end by force, and a folder that knows no locks."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from tests.e2e.program import Program
from tests.fakes.flex_reports import activity, trade
from tests.fakes.patience import SECONDS


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path / "data")


@pytest.fixture
def running(program: Program) -> Iterator[subprocess.Popen[str]]:
    process = start(program)
    yield process
    process.kill()
    process.communicate()


def start(program: Program, *arguments: object) -> subprocess.Popen[str]:
    """Start the window and wait until it has the folder."""
    process = program.start(*arguments)
    log = program.data / "logs" / "ibjournal.log"
    end = time.monotonic() + SECONDS
    while not (program.data / "running").exists() or not log.exists():
        if process.poll() is not None or time.monotonic() > end:
            process.kill()
            pytest.fail(f"it did not start: {process.communicate()}")
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.05)  # it should not end
    return process


def said(program: Program) -> str:
    return (program.data / "logs" / "ibjournal.log").read_text(encoding="utf-8")


def test_a_second_start_ends_and_the_first_goes_on(program: Program, running: subprocess.Popen[str], tmp_path: Path) -> None:
    with closing(sqlite3.connect(program.data / "journal.db")) as db, db:
        db.execute("INSERT INTO sync_runs (kind, depot_name, started_at, result) VALUES ('sync', 'Income', 1, 'running')")
    second = program.run()
    assert (second.status, second.out, second.err) == (0, "", "")
    assert running.poll() is None
    assert "another process has this folder open" in said(program)
    with closing(sqlite3.connect(program.data / "journal.db")) as db:
        assert db.execute("SELECT result FROM sync_runs").fetchall() == [("running",)], "the first one's work is not given up"
    (tmp_path / "a.xml").write_bytes(activity(trade(1)))
    assert program.run("import", tmp_path / "a.xml").status == 0, "a command may run beside the window"
    assert (program.data / "running").exists()
    moved = program.run("data-folder", tmp_path / "new")
    assert (moved.status, bool(moved.sentence), (tmp_path / "new").exists()) == (1, True, False)


def test_after_an_end_by_force_the_next_start_has_the_folder_and_looks(program: Program, running: subprocess.Popen[str]) -> None:
    running.send_signal(signal.SIGKILL)
    running.wait()
    assert (program.data / "running").exists()
    assert (program.data / "ibjournal.lock").exists()
    program.environment["IBJOURNAL_QUIT_AFTER_START"] = "1"
    again = program.run()
    assert again.status == 0
    assert "not ended in order" in said(program)
    assert not (program.data / "running").exists()
    assert program.run().status == 0
    assert said(program).count("not ended in order") == 1


def test_a_folder_that_knows_no_locks_still_has_one_process(program: Program) -> None:
    (program.data / "ibjournal.lock").mkdir(parents=True)  # nothing can be locked in its place
    process = start(program)
    try:
        second = program.run()
        assert (second.status, second.err) == (0, "")
        assert process.poll() is None
    finally:
        process.kill()
        process.communicate()


def test_a_second_demo_leaves_the_first_ones_folder_alone(program: Program, tmp_path: Path) -> None:
    first = start(program, "demo", "--as-of", "2026-09-28")
    try:
        before = sorted(path.name for path in program.data.rglob("*.xml.gz"))
        with closing(sqlite3.connect(program.data / "journal.db")) as db, db:
            db.execute("INSERT INTO settings VALUES ('seen', 'first')")
        second = program.run("demo", "--as-of", "2026-09-21")
        assert (second.status, second.out, second.err) == (0, "", ""), "it shows the first one's window"
        tour = program.run("demo", "--tour", tmp_path / "tour", "--as-of", "2026-09-21", "--lang", "en")
        assert (tour.status, "in use" in tour.sentence) == (1, True)
        assert first.poll() is None
        with closing(sqlite3.connect(program.data / "journal.db")) as db:
            assert db.execute("SELECT value FROM settings WHERE name='seen'").fetchall() == [("first",)]
        assert sorted(path.name for path in program.data.rglob("*.xml.gz")) == before
        assert "2026-09-28" in (program.data / "demo.txt").read_text(encoding="utf-8")
    finally:
        first.kill()
        first.communicate()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="for the system's owner nothing is write-protected")
def test_a_folder_that_cannot_be_written_is_told(program: Program) -> None:
    assert program.run("check").status == 0
    program.data.chmod(0o500)
    try:
        answer = program.run()
    finally:
        program.data.chmod(0o700)
    assert (answer.status, bool(answer.sentence)) == (1, True)
