"""The garbage collector while a report is taken in.

Rows are made and dropped by the hundred thousand and hold no cycles, so looking for cycles after every few hundred of them
finds nothing and takes a twentieth of the time.
"""

from __future__ import annotations

import contextlib
import gc
import threading
from collections.abc import Iterator

_RARELY = 50_000
_SELDOM = 1_000
"""Collections before one that looks at what survived them, too: that is all that was read, and none of it is in a cycle."""
_lock = threading.Lock()
_inside = 0
_before = gc.get_threshold()


@contextlib.contextmanager
def rare_collections() -> Iterator[None]:
    """Let the collector run rarely meanwhile; several threads may be inside, the last to leave puts things right again."""
    global _inside, _before  # noqa: PLW0603 - the collector is one for the whole process
    with _lock:
        if not _inside:
            _before = gc.get_threshold()
            youngest, *older = _before
            gc.set_threshold(max(_RARELY, youngest) if youngest else 0, *(max(_SELDOM, each) for each in older))
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if not _inside:
                gc.set_threshold(*_before)
