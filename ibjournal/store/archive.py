"""Raw reports as files: content-addressed, compressed, written whole or not at all, before anything is parsed."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import os
import shutil
import tempfile
import time
import zlib
from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import IO, cast

from ibjournal.domain.errors import ReportError, StoreError
from ibjournal.domain.file_errors import file_error

_CHUNK = 1 << 20
_FILES_FOLDER = "files"
_LEFT_BEHIND_AFTER = 3600.0
"""Seconds. By age and not by whose it is: a command and a window may write side by side."""
# Level 1 packs Flex XML to a tenth in a third of the time of the default.
_GZIP_LEVEL = 1
_PACKERS = 2
_TEMPORARY = ".report-"


def digest(stream: IO[bytes], check: Callable[[], None], *, limit: int | None = None) -> tuple[str, int]:
    """Return SHA-256 and size of a report's plain bytes. ``check`` may raise to cancel.

    Raises:
        ReportError: ``too_large``; a small packed file can hold endless bytes.
    """
    sha = hashlib.sha256()
    size = 0
    while chunk := stream.read(_CHUNK):
        check()
        sha.update(chunk)
        size += len(chunk)
        if limit is not None and size > limit:
            raise ReportError("too_large", limit=limit)
    return sha.hexdigest(), size


class Archive:
    """The archive folder of one journal."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def keep(self, stream: IO[bytes], *, sha256: str, depot: str, received_at: datetime, check: Callable[[], None]) -> str:
        """Write a report and return its name below the archive folder; one that is there already is not written again.

        Args:
            stream: the report's plain bytes.
            sha256: their digest, which becomes part of the name.
            depot: folder to put it in; empty for files that belong to no depot.
            received_at: aware UTC instant.
            check: may raise to cancel; nothing is left behind then.

        Raises:
            StoreError: ``disk_full``, ``read_only``, ``store_failed``.
        """
        folder = self.root / (depot or _FILES_FOLDER)
        # left by an import that was ended before the database knew of it
        if there := next((path for path in folder.glob(f"*-{sha256[:8]}.xml.gz") if _holds(path, sha256)), None):
            return f"{folder.name}/{there.name}"
        name = f"{received_at:%Y%m%dT%H%M%SZ}-{sha256[:8]}.xml.gz"
        self._write(folder / name, stream, check)
        return f"{folder.name}/{name}"

    def put_back(self, name: str, stream: IO[bytes], check: Callable[[], None]) -> None:
        """Write a report that came once more in the place of its file, which was lost or damaged.

        Args:
            name: of the report, as `keep` returned it.
            stream: its plain bytes.
            check: may raise to cancel; the file is as it was then.

        Raises:
            StoreError: ``disk_full``, ``read_only``, ``store_failed``.
        """
        self._write(self.path(name), stream, check)

    def _write(self, target: Path, stream: IO[bytes], check: Callable[[], None]) -> None:
        folder = target.parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
            sweep(folder, _TEMPORARY)
            handle, temporary = tempfile.mkstemp(prefix=_TEMPORARY, dir=folder)
            try:
                with os.fdopen(handle, "wb") as below:
                    with contextlib.closing(_packed(stream, check)) as pieces:
                        below.writelines(pieces)
                    below.flush()
                    os.fsync(below.fileno())
                Path(temporary).replace(target)
                _sync_folder(folder)
            except BaseException:
                with contextlib.suppress(OSError):
                    Path(temporary).unlink()
                raise
        except OSError as error:
            raise file_error(error, target) from error

    def sweep(self) -> None:
        """Remove what was never written whole: the program was ended in the midst of it."""
        for folder in self.root.glob("*"):
            sweep(folder, _TEMPORARY)

    def path(self, name: str) -> Path:
        """Return the file of an archived report."""
        return self.root / name

    def names(self) -> tuple[str, ...]:
        """Return the archived reports, as they are named below the archive folder, the first received first."""
        with contextlib.suppress(OSError):
            found = (path for path in self.root.glob("*/*.xml.gz") if not path.name.startswith(".") and path.is_file())
            return tuple(
                f"{path.parent.name}/{path.name}" for path in sorted(found, key=lambda path: (path.name, path.parent.name))
            )
        return ()

    def holds(self, name: str, sha256: str) -> bool:
        """Tell whether a file has this content, which takes reading it; False also where it cannot be read."""
        return _holds(self.path(name), sha256)

    def open(self, name: str) -> IO[bytes]:
        """Open an archived report, unpacked.

        Raises:
            StoreError: ``archive_missing``.
        """
        try:
            return cast("IO[bytes]", gzip.open(self.path(name), "rb"))
        except OSError:
            raise StoreError("archive_missing", file=name) from None

    def forget(self, name: str) -> None:
        """Remove a file that turned out to be no report at all."""
        with contextlib.suppress(OSError):
            self.path(name).unlink()


def _packed(stream: IO[bytes], check: Callable[[], None]) -> Generator[bytes, None, None]:
    """Yield a stream packed, piece by piece: packing needs neither the interpreter nor the pieces before, so two work at once."""
    with ThreadPoolExecutor(_PACKERS, thread_name_prefix="archive") as pool:
        packing: deque[Future[bytes]] = deque()
        while chunk := stream.read(_CHUNK):
            check()
            packing.append(pool.submit(_pack, chunk))
            if len(packing) > _PACKERS:
                yield packing.popleft().result()
        while packing:
            yield packing.popleft().result()


def _pack(chunk: bytes) -> bytes:
    # without a time inside, so that the same report gives the same file
    return gzip.compress(chunk, compresslevel=_GZIP_LEVEL, mtime=0)


def _holds(path: Path, sha256: str) -> bool:
    with contextlib.suppress(OSError, EOFError, zlib.error), gzip.open(path, "rb") as stream:
        return digest(cast("IO[bytes]", stream), lambda: None)[0] == sha256
    return False


def sweep(folder: Path, prefix: str) -> None:
    """Remove what a program that was ended in the midst of writing left behind: nothing else is an hour old and not whole yet."""
    before = time.time() - _LEFT_BEHIND_AFTER
    for left in folder.glob(f"{prefix}*"):
        with contextlib.suppress(OSError):
            if left.stat().st_mtime >= before:
                continue
            if left.is_dir():
                shutil.rmtree(left)
            else:
                left.unlink()


def _sync_folder(folder: Path) -> None:
    # the new name itself must survive a power cut; Windows cannot open folders and does this by itself
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
