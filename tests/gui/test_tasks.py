"""Background work: where results arrive, what becomes of errors, of owners that are gone, and of a cancel."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import NoReturn

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ibjournal.domain.checkpoint import checkpoint
from ibjournal.domain.errors import Cancelled, JournalError, StoreError
from ibjournal.gui.tasks import TaskRunner
from ibjournal.services.jobs import CancelToken
from tests.fakes.patience import FOREVER, SECONDS


@pytest.fixture
def runner(qapp: QApplication) -> Iterator[TaskRunner]:
    made = TaskRunner()
    yield made
    made.shutdown()


def test_a_result_arrives_on_the_gui_thread_and_the_work_does_not_run_there(runner: TaskRunner, qtbot: QtBot) -> None:
    threads: list[threading.Thread] = []

    def work(number: int, *, twice: bool) -> int:
        threads.append(threading.current_thread())
        return number * 2 if twice else number

    def done(result: int) -> None:
        assert result == 42
        threads.append(threading.current_thread())

    runner.run(work, 21, twice=True, done=done)
    qtbot.waitUntil(lambda: len(threads) == 2)
    assert threads[1] is threading.main_thread()
    assert threads[0] is not threading.main_thread()


def fail(error: BaseException) -> NoReturn:
    raise error


def test_an_expected_error_goes_to_the_one_who_asked(runner: TaskRunner, qtbot: QtBot) -> None:
    heard: list[Exception] = []
    runner.run(fail, StoreError("disk_full"), failed=heard.append)
    qtbot.waitUntil(lambda: len(heard) == 1)
    assert isinstance(heard[0], JournalError)


def test_an_expected_error_that_nobody_takes_is_emitted(runner: TaskRunner, qtbot: QtBot) -> None:
    with qtbot.waitSignal(runner.error, check_params_cb=lambda error: error.code == "disk_full"):
        runner.run(fail, StoreError("disk_full"))


def test_a_bug_is_emitted_as_a_bug_even_if_somebody_listens_for_errors(runner: TaskRunner, qtbot: QtBot) -> None:
    heard: list[Exception] = []
    with qtbot.waitSignal(runner.bug, check_params_cb=lambda error: isinstance(error, ZeroDivisionError)):
        runner.run(lambda: 1 // 0, failed=heard.append)
    assert heard == []


def test_a_cancel_is_silent(runner: TaskRunner, qtbot: QtBot) -> None:
    heard: list[object] = []
    runner.error.connect(heard.append)
    runner.bug.connect(heard.append)
    runner.run(fail, Cancelled(), done=heard.append, failed=heard.append)
    qtbot.waitUntil(lambda: not runner.busy)
    assert heard == []


class Held:
    """Does some work, and tells on which thread it went."""

    def __init__(self, ended: list[threading.Thread]) -> None:
        self.ended = ended

    def succeed(self, _held: Held, *, other: Held) -> None:
        assert other is not self

    def fail(self, _held: Held, *, other: Held) -> NoReturn:
        raise StoreError("disk_full", held=other)

    def __del__(self) -> None:
        self.ended.append(threading.current_thread())


@pytest.mark.parametrize("what", [Held.succeed, Held.fail])
def test_what_was_called_and_with_what_goes_on_the_gui_thread(runner: TaskRunner, qtbot: QtBot, what: Callable[..., None]) -> None:
    """A widget that goes on another one takes the program with it."""
    ended: list[threading.Thread] = []
    heard: list[str] = []
    runner.run(
        what, Held(ended), Held(ended), other=Held(ended), done=lambda _: heard.append(""), failed=lambda _: heard.append("")
    )
    qtbot.waitUntil(lambda: len(ended) == 3)
    assert heard == [""]
    assert set(ended) == {threading.main_thread()}


def test_nobody_is_called_when_the_owner_is_gone(runner: TaskRunner, qtbot: QtBot) -> None:
    heard: list[object] = []
    owner = QObject()
    gate = threading.Event()
    runner.run(gate.wait, SECONDS, owner=owner, done=heard.append)
    import shiboken6  # noqa: PLC0415

    shiboken6.delete(owner)
    gate.set()
    qtbot.waitUntil(lambda: not runner.busy)
    assert heard == []


def test_a_wait_is_cancelled_at_the_end(qapp: QApplication) -> None:
    runner = TaskRunner()
    token = CancelToken()
    started = threading.Event()
    slept: list[str] = []

    def work() -> None:
        started.set()
        token.sleep(FOREVER)
        slept.append("to the end")

    runner.run(work, token=token)
    assert started.wait(SECONDS)
    runner.shutdown()
    assert slept == []


def test_busy_tells_the_begin_and_the_end(runner: TaskRunner, qtbot: QtBot) -> None:
    told: list[bool] = []
    runner.busy_changed.connect(told.append)
    gate = threading.Event()
    runner.run(gate.wait, SECONDS)
    runner.run(gate.wait, SECONDS)
    assert runner.busy
    gate.set()
    qtbot.waitUntil(lambda: told == [True, False])
    assert not runner.busy


def test_nothing_runs_after_the_shutdown(qapp: QApplication) -> None:
    runner = TaskRunner()
    runner.shutdown()
    runner.run(fail, AssertionError())
    assert not runner.busy


def test_progress_from_a_thread_is_told_on_the_gui_thread(runner: TaskRunner, qtbot: QtBot) -> None:
    heard: list[tuple[int, threading.Thread]] = []
    runner.run(lambda: runner.call(lambda step: heard.append((step, threading.current_thread())), 7))
    qtbot.waitUntil(lambda: len(heard) == 1)
    assert heard == [(7, threading.main_thread())]


def test_at_the_end_reading_ends_at_a_checkpoint_and_writing_is_waited_for(qapp: QApplication) -> None:
    """A comparison of a hundred thousand fills takes seconds; what the user decided must be written all the same."""
    runner = TaskRunner()
    started, written = threading.Barrier(3), threading.Event()
    ended: list[str] = []

    def read() -> None:
        started.wait(SECONDS)
        try:
            while not written.wait(0.01):
                checkpoint()
        except Cancelled:
            ended.append("reading")
            raise

    def write() -> None:
        started.wait(SECONDS)
        until = time.monotonic() + SECONDS
        while not ended and time.monotonic() < until:  # longer than the reading
            checkpoint()
        ended.append("writing")
        written.set()

    runner.run(read, reads=True)
    runner.run(write)
    started.wait(SECONDS)
    runner.shutdown()
    assert ended == ["reading", "writing"]
