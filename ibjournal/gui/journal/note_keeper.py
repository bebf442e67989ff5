"""Saves notes in the background and makes sure that none is lost, not even when the program ends."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal

from ibjournal.domain.errors import JournalError
from ibjournal.domain.trade import TradeKey
from ibjournal.gui.tasks import TaskRunner
from ibjournal.services.changes import Changes

WriteNote = Callable[[TradeKey, str], Changes]

_TURN = 0.3
"""Seconds to wait at the end for a text that is being written."""


class NoteKeeper(QObject):
    """Holds every text until it is known to be on disk.

    Writes of one trade go out one at a time and in order; a text that could not be written is kept and written again
    with the next change, by `retry`, or at the latest by `finish`.
    """

    saved = Signal(object, object)
    """A trade's note is on disk: its key, and the `Changes`."""
    failed = Signal(object, object)
    """It is not: its key, and the `JournalError`."""

    def __init__(
        self, write_note: WriteNote, tasks: TaskRunner, parent: QObject | None = None, *, at_once: WriteNote | None = None
    ) -> None:
        """``at_once`` writes where nobody can wait; no text of ``write_note`` that began earlier may land after its own."""
        super().__init__(parent)
        self._write_note = write_note
        self._at_once = at_once or write_note
        self._tasks = tasks
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        """Held while a text is read and written, so that an older one can never land after a newer one."""
        self._waiting: dict[TradeKey, str] = {}
        self._writing: set[TradeKey] = set()

    def unsaved(self, key: TradeKey) -> str | None:
        """Return the text that is not on disk yet, None when the note is as it is on disk."""
        with self._lock:
            return self._waiting.get(key)

    def save(self, key: TradeKey, text: str) -> None:
        """Keep ``text`` as the note of a trade and write it soon."""
        with self._lock:
            self._waiting[key] = text
        self.retry(key)

    def retry(self, key: TradeKey) -> None:
        """Write what waits for a trade, unless that is under way."""
        with self._lock:
            if key in self._writing or key not in self._waiting:
                return
            self._writing.add(key)
        self._tasks.run(
            self._write_and_release, key, owner=self, done=partial(self._on_saved, key), failed=partial(self._on_failed, key)
        )

    def finish(self) -> None:
        """Write everything that still waits, at once and on this thread; for the moment when the program ends.

        Short by nature (one row of text each), and the only place where losing a word weighs more than a late frame. It does
        not wait for an import or another program that holds the database: ``at_once`` finds another place then.
        """
        with self._lock:
            waiting = list(self._waiting)
        for key in waiting:
            try:
                self._write_now(key)
            except JournalError as error:
                self.failed.emit(key, error)

    def _write_and_release(self, key: TradeKey) -> Changes:
        try:
            return self._write(key)
        finally:
            with self._lock:
                self._writing.discard(key)

    def _write_now(self, key: TradeKey) -> None:
        free = self._turn.acquire(timeout=_TURN)
        try:
            self._write_all(key, self._at_once)
        finally:
            if free:
                self._turn.release()

    def _write(self, key: TradeKey) -> Changes:
        """Write the newest text of a trade; runs on any thread."""
        with self._turn:
            return self._write_all(key, self._write_note)

    def _write_all(self, key: TradeKey, write: WriteNote) -> Changes:
        changes = Changes()
        while True:
            with self._lock:
                text = self._waiting.get(key)
            if text is None:
                return changes
            changes |= write(key, text)
            with self._lock:
                if self._waiting.get(key) == text:
                    del self._waiting[key]

    def _on_saved(self, key: TradeKey, changes: Changes) -> None:
        if self.unsaved(key) is not None:
            self.retry(key)
        else:
            self.saved.emit(key, changes)

    def _on_failed(self, key: TradeKey, error: Exception) -> None:
        self.failed.emit(key, error)
