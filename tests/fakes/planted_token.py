"""Where a token stands that should stand nowhere: in files, in what is packed in them, in names, in output, in processes.

It is found as it is, in halves, torn apart by spaces and line ends, backwards, as UTF-16, percent-encoded, as hexadecimal or
character references, and in base 64.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import io
import os
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

PLANTED = "271828182845904523536028"
_PROCESSES = Path("/proc")
_LARGEST = 50_000_000
"""Bytes that are unpacked: tests make bombs."""
_LOOSE = b"\x00\t\n\x0b\x0c\r !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~\xa0\xc2\xa0\xe2\x80\x89\xaf"
"""What may stand between the pieces of a token: white space, NUL (which makes UTF-16 of either order plain), punctuation."""
_WORDS = (b"%20", b"%0A", b"%0a", b"%0D", b"%0d", b"&nbsp;", b"\\n", b"\\r", b"\\t", b"\\u00a0", b"&#10;", b"&#xa0;")
"""Spaces and line ends in the words of others."""


def _contents(data: bytes) -> Iterator[bytes]:
    """Yield a file's bytes, and what they hold when they are packed: nobody who searches an archive reads only its outside."""
    yield data
    if data.startswith(b"\x1f\x8b"):
        unpacking = zlib.decompressobj(wbits=31)
        try:
            yield from _contents(unpacking.decompress(data, _LARGEST))  # of what was cut short, what there is
        except zlib.error:  # damaged: what there is of it was looked at as it is
            return
    elif data.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            for name in packed.namelist():
                yield name.encode()
                yield from _contents(packed.read(name))


@functools.cache
def _needles(token: str) -> tuple[bytes, ...]:
    """Return what is searched for in a text without its spaces: both halves of each form, since a half is a secret, too.

    A form in percent signs, or in character references, is the hexadecimal or decimal one once its punctuation is gone.
    """
    plain = token.encode()
    ways = ("{:02x}", "{:d}", "u{:04x}", "x{:02x}")
    forms = [token, token[::-1], *("".join(way.format(char) for char in plain) for way in ways)]
    halves = [half for form in forms for half in (form[: len(form) // 2], form[-(len(form) // 2) :])]
    coded = [base64.b64encode(b"=" * before + plain).decode()[-(-before * 4 // 3) :] for before in range(3)]
    return tuple(dict.fromkeys(each.encode() for each in (*halves, *(each[: len(plain) * 4 // 3 - 3] for each in coded))))


def holds(data: bytes, token: str = PLANTED) -> bool:
    """Tell whether bytes hold a token in any form."""
    return _held(data, _needles(token))


def _held(data: bytes, needles: Sequence[bytes]) -> bool:
    tight = data.translate(None, _LOOSE)
    if any(mark in data for mark in (b"%", b"&", b"\\")) and any(word in data for word in _WORDS):
        loose = functools.reduce(lambda text, word: text.replace(word, b""), _WORDS, data)
        tight += b"|" + loose.translate(None, _LOOSE)
    return any(needle in tight for needle in needles)


def in_file(path: Path, tokens: Sequence[str] = (PLANTED,)) -> bool:
    """Tell whether a file holds one of some tokens, packed or not."""
    needles = [needle for token in tokens for needle in _needles(token)]
    return any(_held(content, needles) for content in _contents(_written(path)))


def _written(path: Path) -> bytes:
    """Return what was written to a file; the holes in it are left out."""
    with path.open("rb") as file:
        told = os.fstat(file.fileno())
        if told.st_blocks * 512 >= told.st_size or not hasattr(os, "SEEK_DATA"):
            return file.read()
        pieces, at = [], 0
        with contextlib.suppress(OSError):  # no more data
            while True:
                at = os.lseek(file.fileno(), at, os.SEEK_DATA)
                end = os.lseek(file.fileno(), at, os.SEEK_HOLE)
                pieces.append(os.pread(file.fileno(), end - at, at))
                at = end
        return b"".join(pieces)


def leaks(folder: Path, *texts: str, token: str = PLANTED) -> list[str]:
    """Return where ``token`` stands: in the files below ``folder`` (as they are, or unpacked), in their names, in ``texts``.

    ``texts`` are what was printed, copied or exported outside the folder; each is named by its place in the list.
    """
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    assert len(files) > 1, "a folder without files proves nothing"
    found = [str(path) for path in files if holds(str(path).encode(), token)]
    found += [str(path) for path in files if in_file(path, (token,))]
    return found + [f"text {i}" for i, text in enumerate(texts) if holds(text.encode(errors="surrogateescape"), token)]


def process_arguments(pid: int) -> bytes:
    """Return the arguments of a running process, as every user of the machine can read them; empty where nobody can."""
    path = _PROCESSES / str(pid) / "cmdline"
    return path.read_bytes() if path.is_file() else b""
