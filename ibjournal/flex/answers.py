"""What IBKR's service answered, told by the root element of the body and by nothing else.

Business errors come with HTTP 200, the content type cannot be relied upon, and ``<FlexStatement`` is how
``<FlexStatementResponse`` begins; so the head of the body goes through a parser.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from lxml import etree

from ibjournal.domain.errors import FlexError

HEAD = 65536
"""Bytes that suffice to tell what a body is; a status answer is never longer."""

_CODE = re.compile(r"[0-9]{16,}|[0-9A-Za-z+/=%&#;\\]{32,}")
_TAIL = 4096
_LONGEST_EXCERPT = 120
_FIRST_PRINTABLE = 32
_END = b"</FlexQueryResponse>"
_BROKER_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,10}interactivebrokers\.com")
_LONGEST_URL = 2000
_LONGEST_HOST = 100
_DEAD_PATH = "/Universal/servlet/"
_LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A ``FlexStatementResponse``: a reference code, or a number and a text."""

    status: str
    reference: str = ""
    url: str = ""
    number: int = 0
    text: str = ""

    @property
    def success(self) -> bool:
        """Whether there is a reference code to ask with."""
        return self.status == "Success" and bool(self.reference)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A ``FlexQueryResponse``: the report itself. ``type`` as IBKR writes it: ``AF``, ``TCF`` or something new."""

    type: str
    query_name: str


def recognise(head: bytes, *, whole: bool) -> Status | Statement:
    """Tell what a body is by its first bytes.

    Args:
        head: the first `HEAD` bytes, or all there are.
        whole: whether ``head`` is the whole body.

    Raises:
        FlexError: ``empty_answer``, ``html_answer``, ``csv_answer``, ``truncated_answer``, ``unexpected_answer``.
    """
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text:
        raise FlexError("empty_answer")
    start = text[:512].lower()
    if not text.startswith(b"<"):
        raise FlexError("csv_answer") if _looks_like_csv(text) else FlexError("unexpected_answer", excerpt=_excerpt(text))
    if start.startswith((b"<!doctype html", b"<html")) or b"<html" in start:
        raise FlexError("html_answer", excerpt=_title(text))
    if b"<!doctype" in start or b"<!entity" in start:
        raise FlexError("unexpected_answer", excerpt="DOCTYPE")
    root = _root(text, whole=whole)
    if root.tag == "FlexStatementResponse":
        return _status(text, whole=whole)
    if root.tag == "FlexQueryResponse":
        return Statement(type=root.get("type") or "", query_name=root.get("queryName") or "")
    if str(root.tag).lower() in {"html", "head", "body"}:
        raise FlexError("html_answer", excerpt=_title(text))
    raise FlexError("unexpected_answer", excerpt=without_codes(str(root.tag)[:_LONGEST_EXCERPT]))


def _root(text: bytes, *, whole: bool) -> etree._Element:
    parser = etree.XMLPullParser(events=("start",), resolve_entities=False, no_network=True, load_dtd=False)
    with contextlib.suppress(etree.XMLSyntaxError):  # what was read until then may hold the root; the reader judges the rest
        parser.feed(text)
    for _event, element in parser.read_events():
        if isinstance(element, etree._Element):  # noqa: SLF001 - the only name there is for it
            return element
    if whole and _unfinished(text):
        raise FlexError("truncated_answer")
    raise FlexError("unexpected_answer", excerpt=_excerpt(text))


def _unfinished(text: bytes) -> bool:
    return b">" not in text[text.rfind(b"<") :]


def _status(text: bytes, *, whole: bool) -> Status:
    try:
        answer = etree.fromstring(text, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    except etree.XMLSyntaxError:
        raise FlexError("truncated_answer" if whole else "unexpected_answer") from None
    found = {str(child.tag).lower(): (child.text or "").strip() for child in answer}
    number = found.get("errorcode", "")
    said = Status(
        status=found.get("status", ""),
        reference=found.get("referencecode", ""),
        url=found.get("url", ""),
        number=int(number) if number.isascii() and number.isdigit() else 0,
        text=without_codes(found.get("errormessage", "")),
    )
    if not (said.success or said.number or said.text):  # neither a promise nor a reason: nothing to act upon, nothing to tell
        raise FlexError("unexpected_answer", excerpt="FlexStatementResponse")
    return said


def _looks_like_csv(text: bytes) -> bool:
    line = text.split(b"\n", 1)[0]
    if any(byte < _FIRST_PRINTABLE and byte not in b"\t\r" for byte in line):
        return False  # packed, or a picture: no user's choice of a format
    return line.startswith((b'"', b"BOF")) or b"," in line or b"|" in line or b"\t" in line


def _excerpt(text: bytes) -> str:
    return " ".join(without_codes(text[:_LONGEST_EXCERPT].decode("utf-8", "replace")).split())


def without_codes(text: str) -> str:
    """Return words of a service without anything long that is no word: it may be the token, in whatever way it is written."""
    return _CODE.sub("…", text.replace("\0", ""))


def _title(text: bytes) -> str:
    lowered = text.lower()
    start, end = lowered.find(b"<title>"), lowered.find(b"</title>")
    return _excerpt(text[start + 7 : end]) if 0 <= start < end else ""


def check_complete(path: Path) -> None:
    """Check that a report ends as a report does.

    Raises:
        FlexError: ``truncated_answer`` when its last element is not the root's end.
    """
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _TAIL))
        tail = file.read().rstrip()
    if tail.endswith(_END) or (size < HEAD and tail.endswith(b"/>") and tail.count(b"<") == 1):
        return
    raise FlexError("truncated_answer", size=size)


def is_loopback(url: str) -> bool:
    """Tell whether an address is on this computer: the demo's or a test's service."""
    parts = _split(url)
    return parts is not None and parts.scheme in {"http", "https"} and parts.hostname in _LOOPBACK_NAMES and not parts.username


def is_broker(url: str) -> bool:
    """Tell whether an address is IBKR's: https, a host under interactivebrokers.com, no user, no odd port."""
    parts = _split(url)
    if parts is None or parts.scheme != "https" or parts.username is not None or parts.password is not None:
        return False
    return _BROKER_HOST.fullmatch(parts.hostname or "") is not None and parts.port in {None, 443}


def _split(url: str) -> SplitResult | None:
    # Backslashes, spaces and control characters are read differently by different libraries: refused altogether.
    if not url or len(url) > _LONGEST_URL or not url.isascii() or any(char <= " " or char in "\\\x7f" for char in url):
        return None
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts


def fallback_url(url: str, *, base: str) -> str | None:
    """Return the address an answer names if the token may be sent there, None if it names none of use.

    Args:
        url: what stood in the answer.
        base: the service we asked. On loopback only the same origin will do.

    Raises:
        FlexError: ``hostile_url`` with the ``host`` when it names somebody else's.
    """
    if not url or _DEAD_PATH in url:
        return None
    parts = _split(url)
    if is_loopback(base):
        ours = urlsplit(base)
        fits = parts is not None and (parts.scheme, parts.netloc) == (ours.scheme, ours.netloc)
    else:
        fits = is_broker(url)
    if not fits:
        raise FlexError("hostile_url", host=without_codes((parts.hostname or "")[:_LONGEST_HOST]) if parts else "")
    return url.split("?", 1)[0].split("#", 1)[0]
