"""What the user hands in: the files behind the names, and whether a file can be a report at all."""

from __future__ import annotations

import errno
import gzip
import os
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from ibjournal.domain.errors import ReportError
from ibjournal.flex.reader import MAX_REPORT_BYTES, is_markup, open_report
from ibjournal.store.archive import digest

_REPORT_ENDINGS = (".xml", ".xml.gz", ".gz")


def report_files(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield the files that are named, and every report in the folders that are named, by name."""
    for path in paths:
        if _is_folder(path):
            found = sorted(each for each in path.rglob("*") if each.is_file() and each.name.lower().endswith(_REPORT_ENDINGS))
            yield from found or [path]  # an empty folder is told as what it is
        else:
            yield path


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # in a folder that nobody may look into: told when the file is opened
        return False


def printable(path: Path) -> str:
    """Return a path as text that a database and a screen can hold: file names may be bytes that are none."""
    return str(path).encode("utf-8", "replace").decode("utf-8")


def identify(path: Path, check: Callable[[], None]) -> tuple[str, int]:
    """Return digest and size of what may be a report (ReportError for what is none, or cannot be read to its end)."""
    if _may_never_end(path):
        raise ReportError("unreadable", reason=os.strerror(errno.ENOTSUP))
    with open_report(path) as stream:
        try:
            is_markup(stream)
        except ReportError as error:
            if error.code == "not_xml" and zipfile.is_zipfile(path):
                raise ReportError("zip_archive") from None
            raise
    try:
        with open_report(path) as stream:
            return digest(stream, check, limit=MAX_REPORT_BYTES)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise ReportError("truncated") from None
    except OSError as error:
        raise ReportError("unreadable", reason=error.strerror or "") from None


def _may_never_end(path: Path) -> bool:
    """Tell whether this is a pipe or a device, which cannot be read twice either."""
    try:
        mode = path.stat().st_mode
    except OSError:  # told when the file is opened
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))
