"""Cuts single rows out of a report, letter by letter as IBKR wrote them.

The numbering is that of `ibjournal.flex.reader`: an element with attributes is a row, the frame is none. A report that is in the
archive was read before, so its markup is sound; here only the signs between elements are looked at.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from html import unescape
from typing import IO

_CHUNK = 1 << 18
_HEAD = 200
_FRAME = frozenset({"FlexQueryResponse", "FlexStatements", "FlexStatement"})
_NAME = re.compile(r"([^\s/>]+)\s*([^\s/>]?)")
_ATTRIBUTE = re.compile(r"""([^\s=<>"'/]+)\s*=\s*("[^"]*"|'[^']*')""")
_ENCODING = re.compile(rb"""<\?xml[^>]*encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_SPACES = str.maketrans("\t\r\n", "   ")


@dataclass(frozen=True, slots=True, kw_only=True)
class CutRow:
    """One element: its tag, the section it stands in, its start tag as it was written, and its attributes in order."""

    tag: str
    section: str
    account: str
    """The account of the statement around it."""
    text: str
    attributes: tuple[tuple[str, str], ...]


def cut_rows(stream: IO[bytes], ordinals: Collection[int]) -> dict[int, CutRow]:
    """Return the rows of these numbers, as far as the report has them; it is read once, and only up to the last of them.

    Args:
        stream: the report's plain bytes.
        ordinals: numbers of rows among all rows of the report, from 0.
    """
    wanted = frozenset(ordinals)
    found: dict[int, CutRow] = {}
    if not wanted:
        return found
    last = max(wanted)
    ordinal = 0
    account = ""
    opened: list[str] = []
    for piece in _elements(stream):
        if piece.startswith("/"):
            if opened:
                opened.pop()
            continue
        match = _NAME.match(piece)
        if match is None:
            continue
        tag, parent = match[1], opened[-1] if opened else ""
        if tag == "FlexStatement":
            account = dict(_attributes(piece)).get("accountId", "").strip()
        if match[2] and tag not in _FRAME:
            if ordinal in wanted:
                whole = piece[: piece.rindex(">") + 1]
                section = tag if len(opened) == 1 or parent in _FRAME else parent
                attributes = tuple(_attributes(whole[match.end(1) :]))
                found[ordinal] = CutRow(tag=tag, section=section, account=account, text=f"<{whole}", attributes=attributes)
            if ordinal == last:
                break
            ordinal += 1
        if not piece.rstrip().endswith("/>"):
            opened.append(tag)
    return found


def _attributes(text: str) -> Iterator[tuple[str, str]]:
    for name, value in _ATTRIBUTE.findall(text):
        yield name, unescape(value[1:-1].translate(_SPACES))


def _elements(stream: IO[bytes]) -> Iterator[str]:
    """Yield what stands behind each ``<`` up to the next, without declarations and comments.

    A ``<`` never stands within a value, where it is ``&lt;``, so nothing else need be understood.
    """
    rest = ""
    within = ""  # the end of what is passed over: a comment or an instruction
    for text in _texts(stream):
        *pieces, rest = (rest + text).split("<")
        for piece in pieces:
            if not within and piece.startswith("!--"):
                within = "-->"
            elif not within and piece.startswith("?"):
                within = "?>"
            if within:
                if within in piece:
                    within = ""
            elif piece and not piece.isspace():
                yield piece
    if rest and not within and not rest.startswith(("!", "?")):
        yield rest


def _texts(stream: IO[bytes]) -> Iterator[str]:
    chunk = stream.read(_CHUNK)
    decoder = codecs.getincrementaldecoder(_encoding(chunk))(errors="replace")
    while chunk:
        yield decoder.decode(chunk)
        chunk = stream.read(_CHUNK)
    yield decoder.decode(b"", final=True)


def _encoding(head: bytes) -> str:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    told = _ENCODING.match(head[:_HEAD].removeprefix(codecs.BOM_UTF8))
    if told is not None:
        name = told[1].decode("ascii")
        try:
            name = codecs.lookup(name).name
        except LookupError:
            return "utf-8-sig"
        return "utf-8-sig" if name in {"utf-8", "ascii"} else name
    return "utf-8-sig"
