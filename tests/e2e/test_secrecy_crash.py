"""The real window crashes, in every thread and in the code of others, with a token in each exception: nobody gets to read it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.program import ROOT, Program
from tests.fakes import crashing_window, environment_keyring
from tests.fakes.planted_token import PLANTED, holds, leaks
from tests.fakes.token_watch import WatchedProcess

pytestmark = pytest.mark.e2e

UNSEEN = {"in_the_keyring", "where_nobody_can_take_it"}
"""An expected failure, and one that is told in the log alone."""


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(
        tmp_path / "data",
        {environment_keyring.VARIABLE: PLANTED, crashing_window.CRASHES: str(tmp_path / "crashes.json")},
    )


def crash(program: Program) -> tuple[int, str, str]:
    """Run the window until it has crashed everywhere; return its exit status, and what it said."""
    command = [sys.executable, "-m", "tests.fakes.crashing_window", "--data-dir", str(program.data), "--lang", "en"]
    with WatchedProcess(
        command, cwd=ROOT, env=program.variables(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            out, err = process.communicate(timeout=100)
        finally:
            process.kill()
    return process.returncode, out, err


def test_what_a_crash_shows_copies_logs_and_prints_holds_no_token(program: Program, tmp_path: Path) -> None:
    status, out, err = crash(program)
    assert status == 0, err
    told = json.loads((tmp_path / "crashes.json").read_text(encoding="utf-8"))
    assert [each["place"] for each in told if "place" in each] == [each.__name__ for each in crashing_window.PLACES]
    reports = [each for each in told if "shown" in each]
    # those of the first five places are raised in one line of code, and each line is shown once
    assert len(reports) >= 5
    for each in reports:
        assert each["copied"] == each["shown"]
        assert "Traceback" in each["shown"]
        assert not holds(each["shown"].encode()), each["shown"]
    log = (program.data / "logs" / "ibjournal.log").read_text(encoding="utf-8")
    for said in ("SendRequest?t=[token]", "invalid literal for int", "XMLSyntaxError", "painting [token]", "going with [token]"):
        assert said in log, "else it would be no proof"
    assert "the keyring failed: RuntimeError" in log
    assert "going with [token]" in err
    assert leaks(tmp_path, out, err) == []


def test_a_process_that_dies_writes_no_token(program: Program, tmp_path: Path) -> None:
    program.environment["IBJOURNAL_TESTS_END"] = "abort"
    status, out, err = crash(program)
    assert status == -signal.SIGABRT, err
    assert leaks(tmp_path, out, err) == []
    told, _err = program.start("diagnose").communicate(timeout=100)  # it quotes the log, tracebacks and all
    assert "Traceback" in told
    assert leaks(tmp_path, told) == []


def test_an_error_before_there_is_a_log_is_printed_without_the_token(program: Program, tmp_path: Path) -> None:
    code = (
        "import resource, sys, threading\n"
        "from ibjournal import cli\n"
        "from tests.fakes.crashing_window import TOKEN, where_nobody_can_take_it\n"
        "def fail(*_):\n"
        "    thread = threading.Thread(target=int, args=(f't={TOKEN}',))\n"
        "    thread.start()\n"
        "    thread.join()\n"
        "    where_nobody_can_take_it(None)\n"
        "    print(resource.getrlimit(resource.RLIMIT_CORE)[0])\n"
        "    raise ValueError(f't={TOKEN}')\n"
        "cli._run = fail\n"
        "sys.argv = ['ibjournal', 'check']\n"
        "cli.main()\n"
    )
    process = WatchedProcess(
        [sys.executable, "-c", code], cwd=ROOT, env=program.variables(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    out, err = process.communicate(timeout=100)
    assert process.returncode == 1
    assert out == "0\n", "nor does the system keep the memory of a process that dies"
    assert err.count("nobody took it") == 3
    assert err.count("Traceback") == 3
    assert err.count("[token]") >= 3
    assert not holds((out + err).encode())
