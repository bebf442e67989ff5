"""The program ends at once, in order, and without loss, whatever a fetch is doing when a signal tells it to."""

from __future__ import annotations

import signal
import socket
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ibjournal.demo.flex_answers import ScriptedAnswer, code_answer
from ibjournal.demo.flex_service import FlexService
from ibjournal.domain.depot import DepotId
from ibjournal.services.fetch_plan import FetchedDays, Window, history_start, write_fetched
from ibjournal.services.schedule import new_york_day, report_day_before
from ibjournal.store.database import Database
from tests.e2e.program import Program
from tests.fakes import environment_keyring
from tests.fakes.patience import FOREVER, SECONDS
from tests.fakes.planted_token import leaks
from tests.unit.flex.flex_source import PLAIN_TOKEN, PlainSource, plain_depots

pytestmark = pytest.mark.e2e

QUERIES = ("--activity-query", "1001", "--confirmation-query", "1002")


@pytest.fixture
def program(tmp_path: Path) -> Program:
    program = Program(tmp_path / "data", environment={environment_keyring.VARIABLE: PLAIN_TOKEN})
    added = program.run("depot", "add", "Plain", *QUERIES, stdin=f"{PLAIN_TOKEN}\n")
    assert added.status == 0, added.err
    today = new_york_day(datetime.now(UTC))
    known = FetchedDays(query="1001", windows=(Window(history_start(today), report_day_before(today)),), looked_back=today)
    write_fetched(Database(program.data / "journal.db"), DepotId(1), "activity", known)  # years of history take their time
    return program


@pytest.fixture
def service() -> Iterator[FlexService]:
    with FlexService(PlainSource(), depots=plain_depots(), pacing=None) as service:
        yield service


def _end(process: subprocess.Popen[str], number: signal.Signals = signal.SIGTERM) -> None:
    """End it; it must not wait for what would last longer than this does."""
    process.send_signal(number)
    out, err = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, (process.returncode, out, err)
    assert "Traceback" not in out + err


def _runs(program: Program) -> list[str]:
    with closing(sqlite3.connect(program.data / "journal.db")) as db:
        return [row[0] for row in db.execute("SELECT result FROM sync_runs ORDER BY id")]


def _whole(program: Program) -> None:
    """The journal is as it should be: ended in order, and sound."""
    assert not (program.data / "running").exists(), "it ended in order"
    assert not list((program.data / "fetching").glob("*")), "nothing half fetched stays"
    assert program.run("check").status == 0
    assert leaks(program.data, token=PLAIN_TOKEN) == []


@pytest.mark.parametrize(
    ("script", "requests"),
    [
        pytest.param((ScriptedAnswer(action="SendRequest", delay=FOREVER),), 1, id="no answer"),
        pytest.param((code_answer(1018, "SendRequest"),), 1, id="the token rests"),
        pytest.param((), 1, id="before the first poll"),
        pytest.param((ScriptedAnswer(action="GetStatement", drip=50, drip_pause=5),), 2, id="the statement drips"),
    ],
)
def test_by_a_signal_amid_a_fetch(
    program: Program, service: FlexService, script: tuple[ScriptedAnswer, ...], requests: int
) -> None:
    service.script(*script)
    process = program.start("--flex-url", service.url)
    try:
        service.wait_for_requests(requests, timeout=SECONDS)
        _end(process)
    finally:
        process.kill()
    assert _runs(program) == ["cancelled"]
    _whole(program)
    if requests == 2:
        again = program.run("sync", "--json", "--flex-url", service.url)
        assert again.status == 0, again.err
        assert _runs(program) == ["cancelled", "ok"]
        assert leaks(program.data, again.out, again.err, token=PLAIN_TOKEN) == []


def test_while_a_connection_hangs(program: Program) -> None:
    with _black_hole() as port:
        process = program.start("--flex-url", f"http://127.0.0.1:{port}/x")
        try:
            _wait(lambda: _runs(program) == ["running"], process)
            _end(process, signal.SIGINT)
        finally:
            process.kill()
    assert _runs(program) == ["cancelled"]
    _whole(program)


def test_before_the_window_is_there(program: Program) -> None:
    process = program.start()
    try:
        _wait((program.data / "running").exists, process)
        _end(process, signal.SIGHUP)
    finally:
        process.kill()
    _whole(program)


@contextmanager
def _black_hole() -> Iterator[int]:
    """Give a port that takes no connection and refuses none: the queue of a listener that nobody accepts from is full."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        full = [socket.socket() for _ in range(4)]
        for each in full:
            each.setblocking(False)
            each.connect_ex(("127.0.0.1", port))
        try:
            yield port
        finally:
            for each in full:
                each.close()


def _wait(reached: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + SECONDS
    while not reached():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.05)
