"""An end that comes from outside: a signal, or the end of the user's session. Both end the program in order, and at once.

Qt's loop does not come back to Python while nothing happens, so a signal is led to it through a pair of sockets.
"""

from __future__ import annotations

import contextlib
import signal
import socket
from types import FrameType
from typing import Any

from PySide6.QtCore import QObject, QSocketNotifier, Qt, Signal
from PySide6.QtGui import QGuiApplication, QSessionManager

_SIGNALS = ("SIGTERM", "SIGINT", "SIGHUP", "SIGBREAK")
"""By name, since no system has them all."""


class Ending(QObject):
    """Says that the program shall end. One at a time, on the main thread; `remove` gives signals back to whoever had them."""

    wanted = Signal()
    """A signal came."""
    session_ends = Signal()
    """The user logs out: windows that are asked to close shall not stay behind in the tray, which would stop the logout."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._before: dict[signal.Signals, Any] = {}
        self._wakeup_before = -1
        self._ours, self._theirs = socket.socketpair()
        for each in (self._ours, self._theirs):
            each.setblocking(False)
        self._notifier = QSocketNotifier(self._ours.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_signal)

    def install(self) -> None:
        """Begin to listen."""
        self._wakeup_before = signal.set_wakeup_fd(self._theirs.fileno(), warn_on_full_buffer=False)
        for name in _SIGNALS:
            number = getattr(signal, name, None)
            if number is not None:
                self._before[number] = signal.signal(number, _led_elsewhere)
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.commitDataRequest.connect(self._on_session, Qt.ConnectionType.DirectConnection)

    def remove(self) -> None:
        """Listen no more: from now on a signal ends the program whatever it is doing."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before.clear()
        signal.set_wakeup_fd(self._wakeup_before)
        self._notifier.setEnabled(False)
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.commitDataRequest.disconnect(self._on_session)
        self._ours.close()
        self._theirs.close()

    def _on_signal(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._ours.recv(4096)
        self.wanted.emit()

    def _on_session(self, _manager: QSessionManager) -> None:
        self.session_ends.emit()


def _led_elsewhere(_number: int, _frame: FrameType | None) -> None:
    """Do nothing: the number went into the socket."""
