"""What the Flex Web Service says: status bodies as IBKR writes them, and answers a test can queue."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

EASTERN = ZoneInfo("America/New_York")

MESSAGES: Mapping[int, tuple[str, str]] = {
    1001: ("Fail", "Statement could not be generated at this time. Please try again shortly."),
    1003: ("Fail", "Statement is not available."),
    1004: ("Fail", "Statement is incomplete at this time. Please try again shortly."),
    1005: ("Fail", "Settlement data is not ready at this time. Please try again shortly."),
    1006: ("Fail", "FIFO P/L data is not ready at this time. Please try again shortly."),
    1007: ("Fail", "MTM P/L data is not ready at this time. Please try again shortly."),
    1008: ("Fail", "MTM and FIFO P/L data is not ready at this time. Please try again shortly."),
    1009: ("Fail", "The server is under heavy load. Statement could not be generated at this time. Please try again shortly."),
    1010: ("Fail", "Legacy Flex Queries are no longer supported. Please convert over to Activity Flex."),
    1011: ("Fail", "Service account is inactive."),
    1012: ("Fail", "Token has expired."),
    1013: ("Fail", "IP restriction."),
    1014: ("Fail", "Query is invalid."),
    1015: ("Fail", "Token is invalid."),
    1016: ("Fail", "Account in invalid."),  # the service's own spelling
    1017: ("Fail", "Reference code is invalid."),
    1018: ("Warn", "Too many requests have been made from this token. Please try again shortly."),
    1019: ("Warn", "Statement generation in progress. Please try again shortly."),
    1020: ("Fail", "Invalid request or unable to validate request."),
    1021: ("Fail", "Statement could not be retrieved at this time. Please try again shortly."),
    1025: ("Warn", "Too many failed attempts. Please review your configuration."),
}
"""IBKR's codes with the status and the words that come with them."""

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def response_timestamp(moment: datetime) -> str:
    """Return an aware instant as the service writes it: ``04 May, 2026 08:00 AM EDT``, whatever the locale."""
    local = moment.astimezone(EASTERN)
    hour = local.hour % 12 or 12
    half = "AM" if local.hour < 12 else "PM"  # noqa: PLR2004 - noon
    return f"{local.day:02d} {_MONTHS[local.month - 1]}, {local.year} {hour:02d}:{local.minute:02d} {half} {local.tzname()}"


def success_body(reference: str, url: str, moment: datetime) -> bytes:
    """Return the answer to a SendRequest that was taken on."""
    return (
        f"<FlexStatementResponse timestamp='{response_timestamp(moment)}'>\n<Status>Success</Status>\n"
        f"<ReferenceCode>{reference}</ReferenceCode>\n<Url>{escape(url)}</Url>\n</FlexStatementResponse>\n"
    ).encode()


def error_body(code: int, moment: datetime, *, message: str | None = None, status: str | None = None) -> bytes:
    """Return IBKR's answer for one of its codes; an unknown code gets ``Fail`` and an empty message unless given."""
    usual_status, usual_message = MESSAGES.get(code, ("Fail", ""))
    return (
        f"<FlexStatementResponse timestamp='{response_timestamp(moment)}'>\n<Status>{status or usual_status}</Status>\n"
        f"<ErrorCode>{code}</ErrorCode>\n<ErrorMessage>{escape(usual_message if message is None else message)}</ErrorMessage>\n"
        "</FlexStatementResponse>\n"
    ).encode()


MAINTENANCE_PAGE = (
    b"<!DOCTYPE html>\n<html><head><title>Service Unavailable</title></head>"
    b"<body><h1>The service is temporarily unavailable</h1></body></html>\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptedAnswer:
    """One answer queued by a test, used for the next request (of ``action``, when that is given).

    Without ``body``, ``code`` and ``success_url`` the service works out its usual answer and only the way it is sent differs.

    Attributes:
        action: ``SendRequest``, ``GetStatement`` or empty for any.
        status: HTTP status.
        body: the bytes to send instead of the usual answer.
        code: one of IBKR's codes to answer with.
        success_url: take the request on as usual, but name this address in the answer's ``Url``.
        headers: HTTP headers to add or to replace, such as ``Location``.
        content_type: value of ``Content-Type``.
        delay: seconds to wait before anything is sent; ends early when the service is closed.
        gate: the answer waits until this event is set, or until the service is closed.
        drop: close the connection without sending anything.
        truncate_at: announce the whole length, send that many bytes, close the connection.
        drip: send in pieces of that many bytes with ``drip_pause`` seconds between them.
        drip_pause: seconds between two pieces.
        compress: send with ``Content-Encoding: gzip``.
    """

    action: str = ""
    status: int = 200
    body: bytes | None = None
    code: int | None = None
    success_url: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "text/xml;charset=utf-8"
    delay: float = 0.0
    gate: threading.Event | None = None
    drop: bool = False
    truncate_at: int | None = None
    drip: int | None = None
    drip_pause: float = 0.05
    compress: bool = False


USUAL = ScriptedAnswer()
"""The usual answer, sent the usual way."""


def html_answer(action: str = "", *, status: int = 200) -> ScriptedAnswer:
    """Return a maintenance page in place of XML."""
    return ScriptedAnswer(action=action, status=status, body=MAINTENANCE_PAGE, content_type="text/html")


def code_answer(code: int, action: str = "") -> ScriptedAnswer:
    """Return one of IBKR's codes as the next answer."""
    return ScriptedAnswer(action=action, code=code)
