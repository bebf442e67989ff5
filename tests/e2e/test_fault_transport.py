"""The table of faults, the way to IBKR: for each its end state, its requests and its words, in both languages.

Each row is played on a whole journal over TLS and real sockets; a planted token is searched for afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from tests.fakes.fault_words import spoken
from tests.fakes.planted_token import PLANTED
from tests.fakes.raw_flex import Fault, Wire, silent
from tests.fakes.standing_faults import GET, SEND
from tests.fakes.way_desk import World, code_of

pytestmark = pytest.mark.e2e


def page(title: str, *, status: str = "200 OK", text: str = "") -> Fault:
    """Return a web page in place of an answer; it repeats the request, as such pages do."""
    body = f"<!DOCTYPE html>\n<html><head><title>{title}</title></head><body>{text} ?t={PLANTED}&v=3</body></html>".encode()
    return lambda wire, _body: wire.answer(body, status=status, headers={"Content-Type": "text/html"})


def status(line: str, body: bytes = b"", **headers: str) -> Fault:
    """Return an answer with a status of its own."""
    return lambda wire, _body: wire.answer(body, status=line, headers=headers)


MAINTENANCE = page("Scheduled maintenance")
LOGIN = page("Client Portal login", text="<form action='https://login.example/' method=post><input name=user></form>")
PORTAL = page("Welcome to the hotel's network", text="<script>location='http://portal.example/'</script>")
BARE_PAGE: Fault = lambda wire, _body: wire.answer(b"\n\n<HTML><BODY>Sorry</BODY></HTML>")  # noqa: E731
MOVED = status("302 Found", Location=f"https://login.example/?t={PLANTED}")
MOVED_FOR_GOOD = status("301 Moved Permanently", Location=f"http://portal.example/?t={PLANTED}")
NOT_FOUND = page("Not Found", status="404 Not Found")
FORBIDDEN = page("Access Denied", status="403 Forbidden")
BROKEN = page("Internal Server Error", status="500 Internal Server Error")
BAD_GATEWAY = status("502 Bad Gateway")
UNAVAILABLE = page("Service Unavailable", status="503 Service Unavailable")


def drop(wire: Wire, _body: bytes) -> None:
    """End the connection in good order, without an answer."""


def reset(wire: Wire, _body: bytes) -> None:
    """Break the connection before an answer."""
    wire.reset()


def reset_amid(wire: Wire, body: bytes) -> None:
    """Break it in the midst of a body that is too long for the buffers between us: its beginning has been read by then."""
    wire.answer(body[: len(body) // 2] + b" " * 12_000_000, length=20_000_000)
    wire.reset()


@silent
def hang(wire: Wire, _body: bytes) -> None:
    """Never answer."""
    wire.hang()


@silent
def hang_amid(wire: Wire, body: bytes) -> None:
    """Answer half of it and no more."""
    wire.answer(body[: len(body) // 2], length=len(body))
    wire.hang()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A fault and what comes of it.

    Attributes:
        fault: what the service does.
        call: on which of the two calls, for Activity.
        times: how often, one after the other.
        code: what the sync ends with, empty where the fault is got over.
        calls: the requests that arrive, S for SendRequest and G for GetStatement; the confirmation's two are the last.
        waits: seconds that are waited between attempts at the same, the first poll's 5 not counted.
        again: minutes until the program tries by itself.
        english, german: words that must be told.
    """

    id: str
    fault: Fault
    call: str
    times: int = 1
    code: str = ""
    calls: str
    waits: Sequence[float] = ()
    again: int = 5
    english: Sequence[str] = ()
    german: Sequence[str] = ()


PAGE_EN = ("web page came instead of a report", "maintenance", "login page")
PAGE_DE = ("Webseite", "gewartet", "Anmeldeseite")
DOWN_EN, DOWN_DE = ("IBKR's service is down", "HTTP status"), ("HTTP-Status",)
REDIRECT_EN = ("another address", "protect the token", "Log in there first")
REDIRECT_DE = ("andere Adresse", "Prüfcode", "Melden Sie sich")
FIVE_WAITS = (7.0, 10.0, 15.0, 20.0)
"""Between five attempts."""


def both(name: str, fault: Fault, code: str, english: Sequence[str], german: Sequence[str], *, again: int = 5) -> list[Row]:
    """Return the three rows of a fault that may pass: on SendRequest, once on GetStatement, and on GetStatement for good."""
    told = {"english": english, "german": german, "again": again}
    return [
        Row(id=f"{name}, {SEND}", fault=fault, call=SEND, code=code, calls="SSG", **told),  # type: ignore[arg-type]
        Row(id=f"{name}, {GET} once", fault=fault, call=GET, calls="SGGSG", waits=(7.0,)),
        Row(
            id=f"{name}, {GET}",
            fault=fault,
            call=GET,
            times=5,
            code=code,
            calls="SGGGGGSG",
            waits=FIVE_WAITS,
            **told,  # type: ignore[arg-type]
        ),
    ]


TABLE = [
    *both("HTML of a maintenance", MAINTENANCE, "html_answer", PAGE_EN, PAGE_DE),
    *both("HTML of a login", LOGIN, "html_answer", PAGE_EN, PAGE_DE)[:2],
    *both("HTML of a hotel", PORTAL, "html_answer", PAGE_EN, PAGE_DE)[:2],
    *both("HTML without a head", BARE_PAGE, "html_answer", PAGE_EN, PAGE_DE)[:2],
    *both("404", NOT_FOUND, "http_status", ("refused the request", "HTTP status 404"), ("HTTP-Status 404",)),
    *both("403", FORBIDDEN, "http_status", ("refused the request", "HTTP status 403"), ("HTTP-Status 403",))[:2],
    *both("500", BROKEN, "service_down", (*DOWN_EN, "500"), (*DOWN_DE, "500")),
    *both("502", BAD_GATEWAY, "service_down", (*DOWN_EN, "502"), (*DOWN_DE, "502"))[:2],
    *both("503", UNAVAILABLE, "service_down", (*DOWN_EN, "503"), (*DOWN_DE, "503"))[:2],
    *both("302", MOVED, "redirected", (*REDIRECT_EN, "302"), (*REDIRECT_DE, "302")),
    *both("301", MOVED_FOR_GOOD, "redirected", (*REDIRECT_EN, "301"), (*REDIRECT_DE, "301"))[:2],
    *both("hung up on", drop, "connection_lost", ("connection to IBKR broke off",), ("Verbindung zu IBKR",)),
    *both("reset", reset, "connection_lost", ("connection to IBKR broke off",), ("Verbindung zu IBKR",)),
    *both("reset amid the body", reset_amid, "truncated_answer", ("incomplete", "Nothing of it was taken in"), ("unvollständig",))[
        1:
    ],
    *both("no answer", hang, "timed_out", ("IBKR did not answer", "in time"), ("nicht rechtzeitig",)),
    *both("half an answer", hang_amid, "timed_out", ("IBKR did not answer", "in time"), ("nicht rechtzeitig",)),
]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.id)
def test_the_way(row: Row, outside: World, undisturbed: dict[str, list[str]], languages: None) -> None:
    desk = outside.desk()
    outside.service.misbehave(row.call, *(row.fault for _ in range(row.times)))
    report = desk.sync()
    words = ""
    assert code_of(report) == row.code
    assert desk.calls() == row.calls
    assert [wait for wait in desk.clock.waits if wait > 6] == list(row.waits)
    assert desk.refusals() == 0, "what did not come from IBKR's service is no mistake that it counts"
    if row.code:
        assert desk.archived() == ["TCF"], "the other query is fetched all the same; of this one nothing is stored"
        assert desk.last_run() == ("failed", row.code)
        assert report.error is not None
        words = spoken(report.error, row.english, row.german)
        assert desk.services.autosync.due() == ()
        taken = (desk.clock.now() - report.started_at).total_seconds()
        desk.clock.advance(row.again * 60 - taken - 1)
        assert desk.services.autosync.due() == ()
        desk.clock.advance(2)
        assert desk.services.autosync.due() == (desk.depot,)
        assert code_of(desk.sync()) == ""
    assert desk.last_run() == ("ok", "")
    assert desk.state() == undisturbed
    assert outside.spy.visitors() == 0
    assert outside.mirror.requests == ()
    assert desk.leaks(words) == []
