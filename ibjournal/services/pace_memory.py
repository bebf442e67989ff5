"""What has to survive a restart of how often IBKR was asked: a small file in the data folder.

A file and not a table: it is written at every request, also while a long import holds the database, and it belongs to this computer
and not to the journal. A token is named by a keyed digest.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ibjournal.flex.pacing import Cancel, PaceState
from ibjournal.flex.secret import Secret
from ibjournal.services.process_lock import held

_logger = logging.getLogger(__name__)
_KEEP = timedelta(days=30)
_LONGEST_WAIT = 1.0
_LONGEST_WAIT_OF_A_FETCH = 20.0
"""Seconds. What holds the lock longer was stopped: a request too many is better than none any more."""
_LONGEST_WAIT_FOR_WHAT_WAS_STOPPED = 0.1
"""Seconds. A fetch asks for the lock with every request: to wait as long for each of them would end it at no time."""


class PaceMemory:
    """Remembers the pace of tokens. Thread-safe; a file that cannot be read or written costs the memory, never a fetch.

    Args:
        path: the file.
        key: makes the digests of this journal its own.
    """

    def __init__(self, path: Path, *, key: str) -> None:
        self._path = path
        self._key = key.encode()[: hashlib.blake2b.MAX_KEY_SIZE]
        self._lock = threading.Lock()
        self._seen: dict[str, Any] = {}
        """What this process last wrote or read of each token."""
        self._waited_in_vain = False

    def remember(self, token: Secret, state: PaceState) -> None:
        """Keep the state of a token."""
        with self._lock:
            known = self._read()
            row = known[self._name(token)] = _row(state)
            if self._write({name: each for name, each in known.items() if _is_fresh(each, state)}):
                self._seen[self._name(token)] = row

    def recall(self, token: Secret) -> PaceState | None:
        """Return what was kept of a token, None where there is nothing (readable)."""
        with self._lock:
            row = self._look(token)
        return _readable(row)

    def news(self, token: Secret) -> PaceState | None:
        """Return what another process kept of a token since this one last did, None where none did.

        A command may run beside the window, and IBKR counts the requests of both.
        """
        with self._lock:
            before = self._seen.get(self._name(token))
            row = self._look(token)
        return None if row == before else _readable(row)

    @contextlib.contextmanager
    def together(self, cancel: Cancel | None = None) -> Iterator[bool]:
        """Keep other processes on this folder from reading or changing the pace meanwhile; held for moments only.

        Whoever does not give it back is waited for once, and until then hardly any more.

        Args:
            cancel: ends the wait within a moment; without one it does not last.

        Yields:
            Whether the lock is held.

        Raises:
            Cancelled: somebody cancelled while it waited.
        """
        longest = _LONGEST_WAIT if cancel is None else _LONGEST_WAIT_OF_A_FETCH
        if self._waited_in_vain:
            longest = _LONGEST_WAIT_FOR_WHAT_WAS_STOPPED
        with held(self._path.with_suffix(".lock"), cancel=cancel, longest=longest) as taken:
            self._waited_in_vain = not taken
            yield taken

    def _look(self, token: Secret) -> Any:
        row = self._read().get(self._name(token))
        self._seen[self._name(token)] = row
        return row

    def _name(self, token: Secret) -> str:
        return hashlib.blake2b(token.reveal().encode(), key=self._key, digest_size=16).hexdigest()

    def _read(self) -> dict[str, Any]:
        try:
            data = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return data if isinstance(data, dict) else {}

    def _write(self, data: dict[str, Any]) -> bool:
        new = self._path.with_suffix(".new")
        try:
            new.write_text(json.dumps(data), encoding="utf-8")
            os.replace(new, self._path)  # noqa: PTH105 - atomic, and over an existing file on every system
        except OSError as error:
            _logger.warning("the pace of requests could not be kept: %s", error.strerror)
            with contextlib.suppress(OSError):
                new.unlink()
            return False
        return True


def _readable(row: Any) -> PaceState | None:
    try:
        return None if row is None else _state(row)
    except (TypeError, ValueError, KeyError):
        return None


def _row(state: PaceState) -> dict[str, Any]:
    return {
        "resting_until": _text(state.resting_until),
        "locked_until": _text(state.locked_until),
        "failures": [_text(each) for each in state.failures],
        "last_failure": state.last_failure,
        "forgiven": [_text(each) for each in state.forgiven],
        "refused_at": _text(state.refused_at),
        "sent": [_text(each) for each in state.sent],
    }


def _state(row: dict[str, Any]) -> PaceState:
    failures = tuple(at for each in row["failures"] if (at := _instant(each)))
    return PaceState(
        resting_until=_instant(row["resting_until"]),
        locked_until=_instant(row["locked_until"]),
        failures=failures,
        last_failure=str(row["last_failure"]),
        forgiven=tuple(at for each in row.get("forgiven", ()) if (at := _instant(each))),
        # an earlier version did not tell; what it counted may have been refused
        refused_at=_instant(row["refused_at"]) if "refused_at" in row else max(failures, default=None),
        sent=tuple(at for each in row["sent"] if (at := _instant(each))),
    )


def _is_fresh(row: dict[str, Any], newest: PaceState) -> bool:
    """Tell whether a token was used of late; what is known of tokens long gone is dropped."""
    try:
        latest = max((*_state(row).sent, *_state(row).failures), default=None)
    except (TypeError, ValueError, KeyError):
        return False
    now = newest.sent[-1] if newest.sent else None
    return latest is None or now is None or now - latest < _KEEP


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC)
