"""What the file system says, in our words: the one place that tells a full disk from a locked door."""

from __future__ import annotations

import errno
from pathlib import Path

from ibjournal.domain.errors import StoreError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""The last: no larger file, on this disk or for this user."""
_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


def file_error(error: OSError, path: Path) -> StoreError:
    """Return ``disk_full``, ``disk_failed``, ``read_only`` or else ``store_failed`` for what happened to a file."""
    if error.errno in _FULL:
        return StoreError("disk_full", file=str(path))
    if error.errno == errno.EIO:
        return StoreError("disk_failed", file=str(path))
    if error.errno in _FORBIDDEN:
        return StoreError("read_only", file=str(path))
    return StoreError("store_failed", file=str(path), detail=error.strerror or str(error))
