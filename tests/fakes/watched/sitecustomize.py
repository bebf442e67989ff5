"""Loaded by every Python process that a test starts: notes what it was called with, what it starts, and which files it writes.

Notes go to the folder named in the environment, a file for each process; nothing of the program is changed.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading

_FOLDER = os.environ.get("IBJOURNAL_TESTS_WATCH", "")
_GIVEN = "IBJOURNAL_TESTS_TOKEN"
"""Where a test itself puts a token, in the place of a keyring."""
_WRITING = os.O_WRONLY | os.O_RDWR
_STARTS = {"subprocess.Popen": 3, "os.exec": 2, "os.posix_spawn": 2, "os.spawn": 3, "os.system": 1}
"""Audit events of processes that are started, and which of their arguments is the environment."""


def _note(kind: str, text: str) -> None:
    line = f"{kind} {text}".replace("\n", "\\n")
    handle = os.open(f"{_FOLDER}/{os.getpid()}.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(handle, f"{line}\n".encode(errors="surrogateescape"))
    finally:
        os.close(handle)


class _Notes(threading.local):
    busy = False


_notes = _Notes()


def _hear(event: str, arguments: tuple[object, ...]) -> None:
    """Take an audit event; raises nothing into the program."""
    if (event != "open" and event not in _STARTS) or _notes.busy:
        return
    _notes.busy = True
    with contextlib.suppress(Exception):  # a disk that is full, or a session that has ended
        if event == "open":
            path, flags = arguments[0], arguments[2]
            if isinstance(flags, int) and flags & _WRITING and isinstance(path, str | bytes):
                _note("wrote", os.path.abspath(os.fsdecode(path)))  # noqa: PTH100 - no more is loaded here than must be
        else:
            _note("started", _start(arguments[: _STARTS[event]], arguments[_STARTS[event] :]))
    _notes.busy = False


def _start(command: tuple[object, ...], more: tuple[object, ...]) -> str:
    """Return what a process is started with: its arguments, and the environment that it is given or inherits."""
    given = more[0] if more and isinstance(more[0], dict) else os.environ
    return f"{command!r} { {name: value for name, value in given.items() if os.fsdecode(name) != _GIVEN}!r}"


if _FOLDER and os.path.isdir(_FOLDER):  # noqa: PTH112 - as above
    with contextlib.suppress(OSError):  # a test may allow no file to grow
        _note("called", repr(sys.orig_argv))
    sys.addaudithook(_hear)
