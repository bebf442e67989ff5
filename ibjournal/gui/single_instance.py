"""One process per data folder: the second start raises the window of the first."""

from __future__ import annotations

import contextlib
import hashlib
import logging
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from ibjournal.domain.errors import StoreError

_log = logging.getLogger(__name__)
_PATIENCE_MS = 2000
_WORD = b"raise\n"


@contextlib.contextmanager
def alone(lock: Path, database: Path) -> Iterator[None]:
    """Hold a data folder for a piece of work that no window may have it open for.

    Where the file system knows no locks, the process that answers on the folder's socket counts as the one that has it.

    Raises:
        StoreError: ``database_locked`` when another process has it; ``read_only`` when the lock cannot be written.
    """
    held = QLockFile(str(lock))
    held.setStaleLockTime(0)
    if not held.tryLock(0):
        _explain(held, database)
    try:
        yield
    finally:
        held.unlock()


def _explain(held: QLockFile, database: Path) -> None:
    """Say why a lock cannot be had; return where there is no such thing as a lock and nobody has the folder."""
    lock = Path(held.fileName())
    if held.error() == QLockFile.LockError.PermissionError:
        raise StoreError("read_only", file=str(lock))
    if lock.is_file() or SingleInstance(lock).is_there():
        raise StoreError("database_locked", file=str(database))


class SingleInstance(QObject):
    """Holds the lock of a data folder and listens for later starts."""

    raised = Signal()
    """Somebody started the program again on this folder."""

    def __init__(self, lock: Path) -> None:
        super().__init__()
        self._name = "ibjournal-" + hashlib.sha256(str(lock.absolute()).encode()).hexdigest()[:24]
        self._lock = QLockFile(str(lock))
        self._lock.setStaleLockTime(0)  # a lock ends with its process, however old it is
        self._server: QLocalServer | None = None

    def acquire(self, patience: float = 0.0) -> bool:
        """Take the folder for this process; False when another one has it, and still has it ``patience`` seconds later.

        Where the file system knows no locks, the process that answers on the folder's socket counts as the one that has it.

        Raises:
            StoreError: ``read_only`` when the lock cannot be written.
        """
        if not self._lock.tryLock(int(patience * 1000)):
            error = self._lock.error()
            if error == QLockFile.LockError.LockFailedError and Path(self._lock.fileName()).is_file():
                return False
            if error == QLockFile.LockError.PermissionError:
                raise StoreError("read_only", file=self._lock.fileName())
            _log.info("the data folder cannot be locked")
            if self._knock() is not None:
                return False
        self.listen()
        return True

    def listen(self) -> None:
        """Answer later starts; the folder must be this process's."""
        QLocalServer.removeServer(self._name)  # left over from a process that was killed
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_connection)
        self._server.listen(self._name)

    def raise_other(self) -> bool:
        """Ask the process that holds the folder to show its window; return whether it answered."""
        socket = self._knock()
        if socket is None:
            return False
        socket.write(_WORD)
        sent = socket.waitForBytesWritten(_PATIENCE_MS)
        socket.disconnectFromServer()
        return bool(sent)

    def is_there(self) -> bool:
        """Tell whether another process answers on the folder's socket."""
        return self._knock() is not None

    def _knock(self) -> QLocalSocket | None:
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        return socket if socket.waitForConnected(_PATIENCE_MS) else None

    def release(self) -> None:
        """Let the folder go."""
        self.stop_listening()
        self._lock.unlock()

    def stop_listening(self) -> None:
        """Keep the folder, but answer nobody: there is no window any more that could be raised."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def _on_connection(self) -> None:
        if self._server is None:
            return
        socket = self._server.nextPendingConnection()
        if socket is not None:
            socket.disconnected.connect(socket.deleteLater)
            self.raised.emit()
