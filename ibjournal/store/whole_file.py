"""Files for other programs, written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

from ibjournal.domain.file_errors import file_error


def write_whole(target: Path, text: str) -> None:
    """Write a text to a file by way of a second one beside it: on a full disk the file is as it was, or not there.

    What is no ordinary file, such as a pipe or a terminal, is written as it is. A file that is replaced keeps its permissions.

    Raises:
        StoreError: ``disk_full``, ``read_only``, ``store_failed``.
    """
    try:
        real = target.resolve()
        if real.exists() and not real.is_file():
            real.write_text(text, encoding="utf-8")
            return
        handle, name = tempfile.mkstemp(prefix=".ibjournal-", dir=real.parent)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            if real.exists():
                shutil.copymode(real, temporary)
            else:
                temporary.chmod(0o666 & ~_umask())
            temporary.replace(real)
        finally:
            with contextlib.suppress(OSError):
                temporary.unlink()
    except OSError as error:
        raise file_error(error, target) from error


def _umask() -> int:
    current = os.umask(0o077)  # the only way to ask is to set it
    os.umask(current)
    return current
