"""Where a token stands that should stand nowhere: in files, in what is packed in them, in names, in output, in processes."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

PLANTED = "271828182845904523536028"
_PROCESSES = Path("/proc")


def _contents(data: bytes) -> Iterator[bytes]:
    """Yield a file's bytes, and what they hold when they are packed: nobody who searches an archive reads only its outside."""
    yield data
    if data.startswith(b"\x1f\x8b"):
        try:
            yield from _contents(gzip.decompress(data))
        except (OSError, EOFError, zlib.error):  # cut short: what there is of it was looked at as it is
            return
    elif data.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            for name in packed.namelist():
                yield name.encode()
                yield from _contents(packed.read(name))


def _needles(token: str) -> tuple[bytes, ...]:
    """Return the token as it is, as UTF-16, and each half of it: a half is a secret, too."""
    return (token.encode(), token.encode("utf-16-le"), token[:12].encode(), token[-12:].encode())


def leaks(folder: Path, *texts: str, token: str = PLANTED) -> list[str]:
    """Return where ``token`` stands: in the files below ``folder`` (as they are, or unpacked), in their names, in ``texts``.

    ``texts`` are what was printed, copied or exported outside the folder; each is named by its place in the list.
    """
    needles = _needles(token)
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    assert len(files) > 1, "a folder without files proves nothing"
    found = [str(path) for path in files if token in str(path)]
    found += [
        str(path) for path in files if any(needle in content for content in _contents(path.read_bytes()) for needle in needles)
    ]
    return found + [f"text {i}" for i, text in enumerate(texts) if any(needle in text.encode() for needle in needles)]


def process_arguments(pid: int) -> bytes:
    """Return the arguments of a running process, as every user of the machine can read them; empty where nobody can."""
    path = _PROCESSES / str(pid) / "cmdline"
    return path.read_bytes() if path.is_file() else b""
