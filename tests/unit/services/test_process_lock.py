"""Processes keep each other out for moments; what cannot be locked, or was taken by a process that hangs, costs the lock alone."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ibjournal.domain.errors import Cancelled
from ibjournal.flex.pacing import Pacing
from ibjournal.flex.secret import Secret
from ibjournal.services import pace_memory, process_lock
from ibjournal.services.jobs import CancelToken
from ibjournal.services.pace_memory import PaceMemory
from ibjournal.services.process_lock import held

ROOT = Path(__file__).resolve().parents[3]
TOKEN = Secret("123456789012345678901234")
_HOLDER = """
import sys
from pathlib import Path
from ibjournal.services.process_lock import held
with held(Path(sys.argv[1]), cancel=None, longest=60) as taken:
    print(taken, flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    return tmp_path / "pace.lock"


@pytest.fixture
def holder(lock: Path) -> Iterator[subprocess.Popen[str]]:
    """Return another process, which holds the lock until it is told otherwise or ends."""
    command = [sys.executable, "-c", _HOLDER, str(lock)]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "True\n"
        yield process
        process.kill()


def test_a_lock_is_held_once_and_given_back(lock: Path) -> None:
    with held(lock, cancel=None, longest=0) as first:
        assert first
        with held(lock, cancel=None, longest=0) as second:
            assert not second
    with held(lock, cancel=None, longest=0) as third:
        assert third
    assert lock.read_bytes() == b""


def test_it_is_given_back_when_what_it_was_held_for_fails(lock: Path) -> None:
    with pytest.raises(ValueError, match="broken"), held(lock, cancel=None, longest=0):
        raise ValueError("broken")
    with held(lock, cancel=None, longest=0) as taken:
        assert taken


def test_who_waits_gets_it_as_soon_as_it_is_free(lock: Path, holder: subprocess.Popen[str]) -> None:
    with held(lock, cancel=None, longest=0) as taken:
        assert not taken
    assert holder.stdin is not None
    holder.stdin.write("\n")
    holder.stdin.flush()
    with held(lock, cancel=CancelToken(), longest=60) as taken:
        assert taken


def test_a_process_that_is_ended_by_force_leaves_none(lock: Path, holder: subprocess.Popen[str]) -> None:
    holder.kill()
    with held(lock, cancel=None, longest=60) as taken:
        assert taken


class WaitingCancel(CancelToken):
    """Cancelled once somebody waits on it: no clock decides what comes first."""

    def sleep(self, seconds: float) -> None:
        self.cancel()
        super().sleep(seconds)


@pytest.mark.usefixtures("holder")
def test_a_cancel_ends_the_wait(lock: Path) -> None:
    got: list[bool] = []
    with pytest.raises(Cancelled), held(lock, cancel=WaitingCancel(), longest=3600) as taken:
        got.append(taken)
    assert got == []


@pytest.mark.usefixtures("holder")
def test_a_fetch_that_waits_for_it_can_be_cancelled_and_keeps_nobody_else_waiting(tmp_path: Path) -> None:
    memory = PaceMemory(tmp_path / "pace.json", key="journal")
    pace = Pacing(changed=memory.remember, recall=memory.recall, news=memory.news, together=memory.together).of(TOKEN)
    waits = threading.Event()

    class Watched(CancelToken):
        def sleep(self, seconds: float) -> None:
            waits.set()
            super().sleep(seconds)

    cancel, ended = Watched(), threading.Event()

    def fetch() -> None:
        with pytest.raises(Cancelled):
            pace.turn(cancel)
        ended.set()

    thread = threading.Thread(target=fetch)
    thread.start()
    assert waits.wait(60)
    assert pace.state.sent == (), "who asks how things are need not wait for the other process"
    cancel.cancel()
    assert ended.wait(60)
    thread.join(60)
    for ask in (pace.may_request, pace.may_retry):
        with pytest.raises(Cancelled):
            ask(WaitingCancel())


def test_a_process_that_was_stopped_with_it_is_waited_for_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fetch asks for the lock twice a request: with every wait in full a year would take half an hour."""
    answers = iter((False, False, True, True, False, False))
    waits: list[float] = []

    @contextlib.contextmanager
    def asked(_path: Path, *, cancel: object, longest: float) -> Iterator[bool]:
        assert cancel is not None
        waits.append(longest)
        yield next(answers)

    monkeypatch.setattr(pace_memory, "held", asked)
    memory = PaceMemory(tmp_path / "pace.json", key="journal")
    for expected in (False, False, True, True, False, False):
        with memory.together(CancelToken()) as taken:
            assert taken is expected
    whole, hardly, again, full, full_again, no_more = waits
    assert whole == full == full_again == 20
    assert hardly == again == no_more <= 0.2


def test_where_nothing_can_be_locked_the_work_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with held(tmp_path / "nowhere" / "pace.lock", cancel=CancelToken(), longest=60) as taken:
        assert not taken

    def refuse(_file: int) -> bool:
        raise OSError(38, "this file system knows no locks")

    monkeypatch.setattr(process_lock, "_take", refuse)
    with held(tmp_path / "pace.lock", cancel=CancelToken(), longest=60) as taken:
        assert not taken


class Bytes(ModuleType):
    """What Windows has: it locks bytes of a file, from where the file stands."""

    LK_NBLCK, LK_UNLCK = 2, 0

    def __init__(self) -> None:
        super().__init__("msvcrt")
        self.locked = False
        self.asked: list[tuple[int, int]] = []

    def locking(self, _file: int, mode: int, count: int) -> None:
        self.asked.append((mode, count))
        if mode == self.LK_NBLCK and self.locked:
            raise PermissionError(13, "Permission denied")
        self.locked = mode == self.LK_NBLCK


def test_on_windows_the_first_byte_is_locked(lock: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The branch for Windows, with a stand-in for its module: who has the lock, who waits, and that it is given back."""
    system = Bytes()
    monkeypatch.setitem(sys.modules, "msvcrt", system)
    monkeypatch.setattr(sys, "platform", "win32")
    names: dict[str, object] = {"__name__": "process_lock_of_windows"}
    source = Path(process_lock.__file__)
    exec(compile(source.read_text(encoding="utf-8"), source, "exec"), names)
    monkeypatch.undo()
    of_windows: Any = names["held"]
    with of_windows(lock, cancel=None, longest=0) as first:
        assert first
        with of_windows(lock, cancel=None, longest=0) as second:
            assert not second
        assert system.asked == [(2, 1), (2, 1)], "who did not get it does not give it back"
    assert system.asked[2:] == [(0, 1)]
