"""Notes that the database could not take when the window closed: another program or an import held it, or the disk was full.

A file and not a table, since it is written exactly when the database cannot be. It is normally not there at all.
"""

from __future__ import annotations

import contextlib
import json
import logging
import threading
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path

from ibjournal.domain.errors import StoreError
from ibjournal.domain.file_errors import file_error
from ibjournal.domain.trade import TradeKey
from ibjournal.store.whole_file import write_whole

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class LateNote:
    """A note that waits; ``typed_at`` is an aware instant. An empty text removes the note."""

    text: str
    typed_at: datetime


class LateNotes:
    """The notes that wait, by the key of their trade. Thread-safe.

    Args:
        path: the file; None keeps nothing.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._lock = threading.Lock()

    def all(self) -> dict[TradeKey, LateNote]:
        """Return what waits; what cannot be read counts as nothing, and stays where it is."""
        with self._lock:
            return self._read()

    def keep(self, key: TradeKey, note: LateNote) -> None:
        """Keep a note until the database can take it. A file that cannot be read is put aside first: notes of the user are in it.

        Raises:
            StoreError: ``disk_full``, ``read_only``, ``store_failed``.
        """
        with self._lock:
            notes = self._read()
            if not notes and self._path is not None and self._path.exists():
                try:
                    self._path.replace(_free(self._path))
                except OSError as error:
                    raise file_error(error, self._path) from error
            self._write(notes | {key: note})

    def drop(self, key: TradeKey) -> None:
        """Let go of a note that is in the database now."""
        with self._lock:
            notes = self._read()
            if notes.pop(key, None) is not None:
                with contextlib.suppress(StoreError):  # it is written once more then, with the same text
                    self._write(notes)

    def _read(self) -> dict[TradeKey, LateNote]:
        if self._path is None or not self._path.is_file():
            return {}
        try:
            rows = json.loads(self._path.read_text(encoding="utf-8"))
            return {
                TradeKey(key): LateNote(text=str(row["text"]), typed_at=datetime.fromisoformat(row["typed_at"]))
                for key, row in rows.items()
            }
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            _logger.warning("notes that wait cannot be read: %s", type(error).__name__)
            return {}

    def _write(self, notes: dict[TradeKey, LateNote]) -> None:
        if self._path is None:
            return
        if not notes:
            with contextlib.suppress(OSError):
                self._path.unlink(missing_ok=True)
            return
        rows = {key: {"text": note.text, "typed_at": note.typed_at.isoformat()} for key, note in notes.items()}
        write_whole(self._path, json.dumps(rows, ensure_ascii=False, indent=1))


def _free(path: Path) -> Path:
    """Return a name beside a file that nothing has yet."""
    names = (path.with_name(f"{path.stem}-unreadable-{number}{path.suffix}") for number in count(1))
    return next(name for name in names if not name.exists())
