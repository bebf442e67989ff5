"""A program that is ended in its midst, and files that come again and again: the end is always the same."""

from __future__ import annotations

import contextlib
import signal
import subprocess
from pathlib import Path

import pytest

from tests.e2e.program import Program
from tests.fakes.flex_reports import activity, confirm, confirmation, trade
from tests.fakes.journal_folder import JournalFolder

pytestmark = pytest.mark.e2e


def exported(program: Program) -> dict[str, list[str]]:
    return JournalFolder(program.data).state()


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("inbox")
    rows = [
        trade(n % 60, 1 if n % 2 else -1, 10 + n % 7, tradeID=n, transactionID=n, ibExecID=f"a.b.{n}.01", conid=n % 40)
        for n in range(6000)
    ]
    (folder / "a.xml").write_bytes(activity(*rows[:4000], days=("20260301", "20260310"), generated="20260311;050000"))
    (folder / "b.xml").write_bytes(confirmation(confirm(1), confirm(2, -50, 11)))
    (folder / "c.xml").write_bytes(activity(*rows, days=("20260301", "20260312"), generated="20260313;050000"))
    return folder


@pytest.fixture(scope="module")
def undisturbed(inbox: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    program = Program(tmp_path_factory.mktemp("undisturbed") / "data")
    assert program.run("import", inbox).status == 0
    return exported(program)


def test_importing_again_in_another_order_changes_nothing(inbox: Path, undisturbed: dict[str, list[str]], tmp_path: Path) -> None:
    program = Program(tmp_path / "data")
    assert program.run("import", inbox / "c.xml", inbox / "b.xml").status == 0
    assert program.run("import", inbox).status == 0
    again = program.run("import", inbox, "--json")
    assert [each["executions"]["new"] + each["executions"]["updated"] for each in again.json["files"]] == [0, 0, 0]
    assert exported(program) == undisturbed


@pytest.mark.parametrize("moment", ["archived", "reading", "half"])
def test_a_program_that_is_killed_loses_nothing(
    inbox: Path, undisturbed: dict[str, list[str]], tmp_path: Path, moment: str
) -> None:
    program = Program(tmp_path / "data")
    assert program.run("import", inbox / "b.xml").status == 0
    process = program.start("import", inbox)
    try:
        _wait_for(process, program, moment)
        process.send_signal(signal.SIGKILL)
    finally:
        process.kill()
        process.communicate(timeout=60)
    checked = program.run("check", "--json")
    assert checked.json["issues"] == []  # what was archived and not yet taken in may wait
    whole = program.run("export", "executions", "--format", "json").json["executions"]
    assert len(whole) in {2, 4002, 6002}, "a report is in as a whole or not at all"
    assert program.run("import", inbox).status == 0
    assert exported(program) == undisturbed
    window = JournalFolder(program.data).services
    window.maintenance.begin()
    assert {run.result for run in window.reports.list_runs()} <= {"ok", "interrupted"}


def _wait_for(process: subprocess.Popen[str], program: Program, moment: str) -> None:
    """Return when the program has come so far (an archived file more, its write-ahead log grown, one report in), or has ended."""
    log = program.data / "journal.db-wal"
    while process.poll() is None:
        archived = len(list((program.data / "archive").rglob("*.gz")))
        reading = moment != "reading" or (log.exists() and log.stat().st_size > 100_000)
        if reading and archived > {"archived": 1, "reading": 1, "half": 2}[moment]:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.005)
