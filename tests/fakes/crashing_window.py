"""The real program, whose window crashes at every place where code of ours or of others may: with a token in each exception.

Run as ``python -m tests.fakes.crashing_window`` with the program's arguments. The token comes from the environment, as all
tokens of tests do. What the crash dialogs show, and what their button copies, is written to the file named in ``CRASHES``.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import requests
from lxml import etree
from PySide6.QtCore import QRunnable, Qt, QThreadPool, QTimer
from PySide6.QtGui import QAction, QGuiApplication, QPaintEvent
from PySide6.QtWidgets import QPushButton, QWidget

from ibjournal import cli
from ibjournal.domain.depot import DepotId
from ibjournal.flex.secret import Secret
from ibjournal.gui import app, crash
from ibjournal.gui.main_window import MainWindow
from ibjournal.services.credentials import KeyringCredentials
from tests.fakes import environment_keyring

CRASHES = "IBJOURNAL_TESTS_CRASHES"
TOKEN = os.environ.get(environment_keyring.VARIABLE, "")


class BrokenError(Exception):
    """Shows everything that it was given, as exceptions of others do."""


def _raise(token: str, secret: Secret) -> NoReturn:
    """Fail with the token in the message, in a note, in the cause, in a group and in local variables."""
    url = f"https://host.example/SendRequest?t={token}&q=1001&v=3"
    pieces = {"token": token, "lines": f"{token[:9]}\n{token[9:]}", "half": token[:14], "secret": secret}
    try:
        raise KeyError(pieces)  # noqa: TRY301 - a cause is wanted
    except KeyError as error:
        group = ExceptionGroup(f"many {token}", [ValueError(url), BrokenError(token.encode(), " ".join(token))])
        group.add_note(f"noted {token}")
        raise BrokenError(f"cannot read {url}", group) from error


def in_a_slot(_window: MainWindow) -> None:
    """Raise in a slot, below Qt."""
    _raise(TOKEN, Secret(TOKEN))


def in_an_action(window: MainWindow) -> None:
    """Raise in what a menu entry calls."""
    action = QAction("x", window)
    action.triggered.connect(lambda: _raise(TOKEN, Secret(TOKEN)))
    action.trigger()


def in_a_thread(_window: MainWindow) -> None:
    """Raise in a thread of Python's."""
    thread = threading.Thread(target=_raise, args=(TOKEN, Secret(TOKEN)), name="crash")
    thread.start()
    thread.join()


def in_a_pool_of_qt(_window: MainWindow) -> None:
    """Raise in a thread of Qt's."""

    class Work(QRunnable):
        def run(self) -> None:
            int(f"t={TOKEN}")

    pool = QThreadPool.globalInstance()
    pool.start(Work())
    pool.waitForDone()


def in_a_task(window: MainWindow) -> None:
    """Raise in a task of the window's."""
    window._tasks.run(_raise, TOKEN, Secret(TOKEN))


def in_requests(window: MainWindow) -> None:
    """Let the HTTP library raise: it puts the whole address into its exception."""
    window._tasks.run(requests.get, f"http://127.0.0.1:9/SendRequest?t={TOKEN}&v=3", timeout=5)


def in_lxml(window: MainWindow) -> None:
    """Let the parser raise over a page that repeats the token."""
    window._tasks.run(etree.fromstring, f"<a t='{TOKEN}'><{TOKEN}</a>".encode())


class RaisingKeyring(environment_keyring.EnvironmentKeyring):
    """A keyring whose code fails with the token in its message."""

    def get_password(self, service: str, username: str) -> str | None:
        raise RuntimeError(f"org.freedesktop.DBus.Error: {service} {username} {TOKEN}")


def in_the_keyring(window: MainWindow) -> None:
    """Let a keyring fail: an expected failure, of which a box tells."""
    window._tasks.run(KeyringCredentials("journal", backend=RaisingKeyring()).get, DepotId(1), failed=lambda _error: None)


def in_a_painter(window: MainWindow) -> None:
    """Raise in what Qt calls to paint."""

    class Painted(QWidget):
        def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
            raise BrokenError(f"painting {TOKEN}")

    widget = Painted(window)
    widget.resize(9, 9)
    widget.show()
    widget.grab()
    widget.deleteLater()


def where_nobody_can_take_it(_window: MainWindow) -> None:
    """Raise where Python can only tell of it: as an object goes."""

    class Going:
        def __del__(self) -> None:
            raise BrokenError(f"going with {TOKEN}")

    Going()


PLACES: tuple[Callable[[MainWindow], None], ...] = (
    in_a_slot,
    in_an_action,
    in_a_thread,
    in_a_pool_of_qt,
    in_a_task,
    in_requests,
    in_lxml,
    in_the_keyring,
    in_a_painter,
    where_nobody_can_take_it,
)


def _crash(program: app.Program, shown: list[dict[str, str]]) -> None:
    """Crash at each place in turn; end once no work is under way."""
    window = program.window
    todo = list(PLACES)

    def step() -> None:
        if program.tasks.busy:
            return
        if todo:
            place = todo.pop(0)
            shown.append({"place": place.__name__})
            QTimer.singleShot(0, window, lambda: place(window))
            return
        timer.stop()
        Path(os.environ[CRASHES]).write_text(json.dumps(shown), encoding="utf-8")
        if "abort" in os.environ.get("IBJOURNAL_TESTS_END", ""):
            os.abort()
        program.end()

    timer = QTimer(program)
    timer.timeout.connect(step, Qt.ConnectionType.QueuedConnection)
    timer.start(0)


def _watch_dialogs(shown: list[dict[str, str]]) -> None:
    """Read each crash dialog as it opens, and press its button that copies."""
    make = crash.CrashDialog.__init__

    def opened(dialog: crash.CrashDialog, text: str, parent: Any = None) -> None:
        make(dialog, text, parent)
        buttons = {each.text(): each for each in dialog.findChildren(QPushButton)}
        buttons["Copy report"].click()
        shown.append({"shown": dialog.text.toPlainText(), "copied": QGuiApplication.clipboard().text()})

    setattr(crash.CrashDialog, "__init__", opened)  # noqa: B010 - types do not let a method be replaced


def main() -> int:
    """Run the program."""
    shown: list[dict[str, str]] = []
    _watch_dialogs(shown)
    start = app.Program.__init__

    def begun(program: app.Program, *arguments: Any, **options: Any) -> None:
        start(program, *arguments, **options)
        QTimer.singleShot(0, program, lambda: _crash(program, shown))

    setattr(app.Program, "__init__", begun)  # noqa: B010 - as above
    return cli.main()


if __name__ == "__main__":
    sys.exit(main())
