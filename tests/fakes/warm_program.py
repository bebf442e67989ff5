"""A process that has the program loaded and forks it for each command: a real process with real files, without the start-up.

Run as ``python -m tests.fakes.warm_program``; it reads orders as lines of JSON and answers each (`tests.fakes.warm_start`).
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import sys
import time
import traceback
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from ibjournal import bootstrap, cli
from ibjournal.flex.client import Patience
from ibjournal.flex.pacing import Limits
from ibjournal.gui import errors, progress_texts, single_instance
from tests.fakes.moments import Moments
from tests.fakes.still_clock import StillClock

_LONGEST = 100.0
_LOOK = 0.02
LOADED = (errors, progress_texts, single_instance)
"""What commands import when they need it, here already."""


def _serve() -> None:
    orders, answers = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w")
    for line in orders:
        order = json.loads(line)
        began = time.monotonic()
        pid = os.fork()
        if pid == 0:
            # the pipes are the parent's
            os.close(orders.fileno())
            os.close(answers.fileno())
            _child(order)
        status = _wait(pid, order["after"], Path(order["out"]), order["lines"])
        answer = {
            "pid": pid,
            "status": os.waitstatus_to_exitcode(status),
            "seconds": time.monotonic() - began,
        }
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def _wait(pid: int, after: float | None, out: Path, lines: int) -> int:
    """Wait until a child has ended, and return how; it is killed ``after`` so many seconds from when it has said so much."""
    handle = os.pidfd_open(pid)
    end = time.monotonic() + _LONGEST
    try:
        while lines and time.monotonic() < end and _said(out) < lines and not select.select([handle], [], [], _LOOK)[0]:
            pass
        if not select.select([handle], [], [], _LONGEST if after is None else after)[0]:
            os.kill(pid, signal.SIGKILL)
    finally:
        os.close(handle)
    return os.waitpid(pid, 0)[1]


def _said(out: Path) -> int:
    return out.read_bytes().count(b"\n") if out.exists() else 0


def _child(order: dict[str, Any]) -> NoReturn:
    status = 70
    try:
        _redirect(order)
        os.environ.update(order["environment"])
        clock = StillClock(datetime.fromisoformat(order["now"])) if order["now"] else None
        bootstrap.build = partial(
            bootstrap.build, patience=Patience(polls=(0.0, 0.02)), limits=Limits(spacing=0.0, per_minute=100_000), clock=clock
        )
        Moments(
            folder=Path(order["data"]),
            at=order["event"],
            last=Path(order["last"]),
            record=Path(order["record"]) if order["record"] else None,
            commits=Path(order["commits"]) if order["commits"] else None,
        ).watch()
        if order["typing"]:
            from tests.fakes.typing_hand import lend_a_hand  # noqa: PLC0415 - most processes open no window

            lend_a_hand()
        status = cli.main(order["arguments"])
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    except BaseException:  # noqa: BLE001 - the parent is not to go on as a child
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


def _redirect(order: dict[str, Any]) -> None:
    for number, (name, flags) in enumerate(
        ((os.devnull, os.O_RDONLY), (order["out"], os.O_WRONLY | os.O_CREAT), (order["err"], os.O_WRONLY | os.O_CREAT))
    ):
        handle = os.open(name, flags, 0o600)
        os.dup2(handle, number)
        os.close(handle)


if __name__ == "__main__":
    _serve()
