from __future__ import annotations

import errno
from pathlib import Path

import pytest

from ibjournal.domain.file_errors import file_error


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "disk_full"),
        (errno.EDQUOT, "disk_full"),
        (errno.EFBIG, "disk_full"),
        (errno.EIO, "disk_failed"),
        (errno.EACCES, "read_only"),
        (errno.EPERM, "read_only"),
        (errno.EROFS, "read_only"),
        (errno.ENOENT, "store_failed"),
    ],
)
def test_words_for_what_the_file_system_says(number: int, code: str) -> None:
    error = file_error(OSError(number, "so it is"), Path("a"))
    assert (error.code, error.values["file"]) == (code, "a")
    assert error.values.get("detail", "so it is") == "so it is"
