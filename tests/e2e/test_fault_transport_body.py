"""Bodies that are cut, packed, mislabelled, dripped: what is whole is taken in, nothing else, and nobody waits for ever."""

from __future__ import annotations

import gzip
import threading
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ibjournal.flex.transport import Timeouts
from ibjournal.services.jobs import CancelToken
from tests.fakes.fault_words import spoken
from tests.fakes.patience import SECONDS
from tests.fakes.raw_flex import Fault, Wire, silent
from tests.fakes.standing_faults import GET, SEND
from tests.fakes.way_desk import World, code_of, world

pytestmark = pytest.mark.e2e


CUT_EN = ("arrived incomplete", "before the end of the report", "Nothing of it was taken in")
CUT_DE = ("unvollständig", "Nichts davon wurde übernommen")
EMPTY_EN, EMPTY_DE = ("answer was empty", "try again in a few minutes"), ("leer", "in einigen Minuten")
LOST_EN, LOST_DE = ("broke off", "try again in a few minutes"), ("Verbindung zu IBKR", "in einigen Minuten")
ODD_EN, ODD_DE = ("cannot be understood", "try again in a few minutes"), ("nicht verständlich", "in einigen Minuten")
BIG_EN, BIG_DE = ("too large", "400000 bytes", "shorter period"), ("zu groß", "400000", "kürzeren Zeitraum")
LIMIT = 400_000


def cut(where: Callable[[bytes], int], *, length: int | None = None) -> Fault:
    """Return an answer that ends early; ``length`` None tells the truth about it, -1 nothing, others are added to the truth."""

    def fault(wire: Wire, body: bytes) -> None:
        kept = body[: where(body)]
        wire.answer(kept, length=-1 if length == -1 else len(kept) + (length or 0))

    return fault


def chunked(body: bytes, *, size: int = 100, end: bool = True) -> bytes:
    """Return a body in the pieces of ``Transfer-Encoding: chunked``."""
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + (b"0\r\n\r\n" if end else b"")


def sent(change: Callable[[bytes], bytes], *, length: int | None = None, **headers: str) -> Fault:
    """Return an answer with another body and other headers (underscores are hyphens)."""
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda wire, body: wire.answer(change(body), headers=told, length=length)


CHUNKED: dict[str, Any] = {"length": -1, "Transfer_Encoding": "chunked"}


def bomb(_body: bytes) -> bytes:
    """Return a report of a gigabyte in a megabyte: blanks, written a piece at a time."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    start = packer.compress(b"<FlexQueryResponse queryName='x' type='AF'><FlexStatements count='1'>")
    megabyte = b" " * 1_048_576
    return start + b"".join(packer.compress(megabyte) for _ in range(64)) + packer.flush()


def wrong_sum(body: bytes) -> bytes:
    """Return it packed, with a checksum that is not its own."""
    packed = gzip.compress(body)
    return packed[:-8] + b"\x00\x01\x02\x03" + packed[-4:]


def raw(data: bytes) -> Fault:
    """Return bytes that are hardly HTTP."""
    return lambda wire, _body: wire.send(data)


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A body and what comes of it. ``code`` is empty where it is taken in; ``tries`` is how often GetStatement is tried."""

    id: str
    fault: Fault
    code: str = ""
    tries: int = 5
    english: Sequence[str] = ()
    german: Sequence[str] = ()


def half(body: bytes) -> int:
    """Return the middle."""
    return len(body) // 2


def lost(name: str, fault: Fault) -> Body:
    """Return a body that is incomplete."""
    return Body(id=name, fault=fault, code="truncated_answer", english=CUT_EN, german=CUT_DE)


STATEMENTS = [
    Body(id="nothing", fault=cut(lambda _body: 0), code="empty_answer", english=EMPTY_EN, german=EMPTY_DE),
    Body(id="blanks", fault=sent(lambda _body: b" \r\n\t "), code="empty_answer", english=EMPTY_EN, german=EMPTY_DE),
    lost("one letter", cut(lambda _body: 1)),
    lost("amid the first name", cut(lambda _body: 10)),
    lost("amid the root's attributes", cut(lambda body: body.index(b"type="))),
    lost("after the root's start", cut(lambda body: body.index(b">") + 1)),
    lost("amid a row", cut(lambda body: body.index(b"<Trade ") + 40)),
    lost("between two rows", cut(lambda body: body.rindex(b"<Trade "))),
    lost("before the sections' end", cut(lambda body: body.index(b"</Trades>"))),
    lost("before the root's end", cut(lambda body: body.index(b"</FlexQueryResponse>"))),
    lost("the last letter", cut(lambda body: len(body.rstrip()) - 1)),
    lost("less than announced", cut(half, length=50)),
    lost("all but one of what was announced", cut(len, length=1)),
    lost("no length, cut", cut(half, length=-1)),
    lost("pieces without an end, cut", sent(lambda body: chunked(body[: half(body)], end=False), **CHUNKED)),
    lost("pieces without an end, all there", sent(lambda body: chunked(body, end=False), **CHUNKED)),
    lost("a piece of no size", sent(lambda body: chunked(body)[:300] + b"\r\nzz\r\n", **CHUNKED)),
    lost("packed and cut", sent(lambda body: gzip.compress(body)[: half(gzip.compress(body))], Content_Encoding="gzip")),
    lost("packed, with a wrong sum", sent(wrong_sum, Content_Encoding="gzip")),
    lost("said to be packed, and is not", sent(lambda body: body, Content_Encoding="gzip")),
    lost("said to be deflated, and is not", sent(lambda body: body, Content_Encoding="deflate")),
    Body(id="packed, and not said", fault=sent(gzip.compress), code="unexpected_answer", english=ODD_EN, german=ODD_DE),
    Body(
        id="packed twice, said once", fault=sent(lambda body: gzip.compress(gzip.compress(body)), Content_Encoding="gzip"),
        code="unexpected_answer", english=ODD_EN, german=ODD_DE,
    ),
    Body(id="a bomb", fault=sent(bomb, Content_Encoding="gzip"), code="oversized_answer", tries=1, english=BIG_EN, german=BIG_DE),
    Body(
        id="over the limit", fault=sent(lambda body: body.replace(b"<Trades>", b" " * LIMIT + b"<Trades>")),
        code="oversized_answer", tries=1, english=BIG_EN, german=BIG_DE,
    ),
    Body(id="no HTTP at all", fault=raw(b"220 mail.example ESMTP\r\n"), code="connection_lost", english=LOST_EN, german=LOST_DE),
    Body(
        id="a header without end", fault=raw(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 200_000), code="connection_lost",
        english=LOST_EN, german=LOST_DE,
    ),
    Body(id="packed as it is said", fault=sent(gzip.compress, Content_Encoding="gzip")),
    Body(id="packed, all but its sum", fault=sent(lambda body: gzip.compress(body)[:-8], Content_Encoding="gzip")),
    Body(id="deflated", fault=sent(zlib.compress, Content_Encoding="deflate")),
    Body(id="packed twice, said twice", fault=sent(lambda body: gzip.compress(gzip.compress(body)), Content_Encoding="gzip, gzip")),
    Body(id="in pieces", fault=sent(chunked, **CHUNKED)),
    Body(id="in pieces, packed", fault=sent(lambda body: chunked(gzip.compress(body)), **CHUNKED, Content_Encoding="gzip")),
    Body(id="no length, whole", fault=cut(len, length=-1)),
    Body(id="a wrong type", fault=sent(lambda body: body, Content_Type="application/octet-stream")),
    Body(id="said to be a page", fault=sent(lambda body: body, Content_Type="text/html")),
    Body(id="a mark and blanks before", fault=sent(lambda body: b"\xef\xbb\xbf\r\n " + body)),
    Body(id="a declaration before", fault=sent(lambda body: b"<?xml version='1.0' encoding='UTF-8'?>\n" + body)),
    Body(id="blanks behind", fault=sent(lambda body: body + b" \n" * 1000)),
]  # fmt: skip


@pytest.fixture
def narrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Return a world whose program takes small reports only."""
    with world(tmp_path, monkeypatch, largest=LIMIT) as narrow:
        yield narrow


@pytest.mark.parametrize("row", STATEMENTS, ids=lambda row: row.id)
def test_a_statement(row: Body, narrow: World, undisturbed: dict[str, list[str]], languages: None) -> None:
    desk = narrow.desk()
    narrow.service.misbehave(GET, *(row.fault for _ in range(row.tries if row.code else 1)))
    report = desk.sync()
    assert code_of(report) == row.code
    assert desk.refusals() == 0
    words = ""
    if row.code:
        assert desk.calls() == "S" + row.tries * "G" + "SG"
        assert (desk.archived(), desk.last_run()) == (["TCF"], ("failed", row.code))
        words = spoken(report.error, row.english, row.german)
        assert code_of(desk.sync()) == ""
    else:
        assert desk.calls() == "SGSG"
    assert desk.state() == undisturbed
    assert desk.leaks(words) == []


REFERENCES = [
    lost("a reference, cut", cut(half)),
    lost("a reference, less than announced", cut(half, length=10)),
    lost("a reference, said to be packed", sent(lambda body: body, Content_Encoding="gzip")),
    Body(
        id="a reference, packed and cut", fault=sent(lambda body: gzip.compress(body)[:30], Content_Encoding="gzip"),
        code="empty_answer", english=EMPTY_EN, german=EMPTY_DE,
    ),
    Body(id="no reference", fault=cut(lambda _body: 0), code="empty_answer", english=EMPTY_EN, german=EMPTY_DE),
    Body(
        id="a bomb", fault=sent(bomb, Content_Encoding="gzip"), code="oversized_answer",
        english=("too large", "1000000 bytes"), german=("zu groß", "1000000"),
    ),
    Body(id="a reference, packed", fault=sent(gzip.compress, Content_Encoding="gzip")),
    Body(id="a reference in pieces", fault=sent(chunked, **CHUNKED)),
]  # fmt: skip


@pytest.mark.parametrize("row", REFERENCES, ids=lambda row: row.id)
def test_a_reference(row: Body, narrow: World, undisturbed: dict[str, list[str]], languages: None) -> None:
    desk = narrow.desk()
    narrow.service.misbehave(SEND, row.fault)
    report = desk.sync()
    assert code_of(report) == row.code
    words = ""
    if row.code:
        assert desk.calls() == "SSG", "a statement may have been queued: it is not asked for again at once"
        assert (desk.archived(), desk.last_run()) == (["TCF"], ("failed", row.code))
        words = spoken(report.error, row.english, row.german)
        assert code_of(desk.sync()) == ""
    else:
        assert desk.calls() == "SGSG"
    assert desk.state() == undisturbed
    assert desk.leaks(words) == []


# --- slowly ------------------------------------------------------------------------------------------------------


@silent
def drip(wire: Wire, body: bytes) -> None:
    """Send a letter now and then, never so late that the wait for the next one would end."""
    wire.answer(b"", length=len(body))
    for letter in body:
        if wire.closing.wait(0.5):
            return
        wire.send(bytes([letter]))


@silent
def drip_head(wire: Wire, _body: bytes) -> None:
    """Send even the head that way."""
    for letter in b"HTTP/1.1 200 " + b"a" * 1000:
        if wire.closing.wait(0.5):
            return
        wire.send(bytes([letter]))


@silent
def drip_blanks(wire: Wire, _body: bytes) -> None:
    """Send blanks for ever: a connection that lives, and says nothing."""
    wire.answer(b"", length=-1)
    while not wire.closing.wait(0.5):
        wire.send(b" ")


@pytest.mark.parametrize("fault", [drip, drip_head, drip_blanks], ids=lambda fault: fault.__name__)
def test_an_answer_that_drips_ends_in_time(
    fault: Fault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, undisturbed: dict[str, list[str]], languages: None
) -> None:
    """It never lets the client wait long for the next piece, and would go on for minutes, or for ever."""
    with world(tmp_path, monkeypatch, impatient=Timeouts(connect=SECONDS, read=SECONDS, whole=0.8)) as slow:
        desk = slow.desk()
        slow.service.misbehave(SEND, fault)
        report = desk.sync()
        assert (code_of(report), desk.calls(), desk.archived()) == ("timed_out", "SSG", ["TCF"])
        words = spoken(report.error, ("IBKR did not answer", "in time"), ("nicht rechtzeitig",))
        slow.service.misbehave(GET, fault)
        assert code_of(desk.sync()) == "", "once on the statement is got over"
        assert desk.calls() == "SSGSGGSG"
        assert desk.state() == undisturbed
        assert desk.leaks(words) == []


def hang(wire: Wire, _body: bytes) -> None:
    """Never answer."""
    wire.hang()


CANCELS = {
    f"{name}, {call}": (call, fault)
    for call in (SEND, GET)
    for name, fault in (("drips", drip), ("drips its head", drip_head), ("drips blanks", drip_blanks), ("hangs", hang))
}


@pytest.mark.parametrize("name", CANCELS)
def test_cancel_does_not_wait_for_an_answer(name: str, outside: World, undisturbed: dict[str, list[str]]) -> None:
    call, fault = CANCELS[name]
    desk = outside.desk()
    under_way = threading.Event()

    def tell(wire: Wire, body: bytes) -> None:
        under_way.set()
        fault(wire, body)

    outside.service.misbehave(call, tell)
    cancel = CancelToken()
    with ThreadPoolExecutor(1) as pool:
        syncing = pool.submit(desk.sync, cancel=cancel)
        assert under_way.wait(SECONDS)
        cancel.cancel()
        report = syncing.result(SECONDS / 2)
    assert report.cancelled
    assert report.error is None
    assert desk.calls() == ("S" if call == SEND else "SG"), "the other query is not begun"
    assert (desk.archived(), desk.last_run()) == ([], ("cancelled", ""))
    assert code_of(desk.sync()) == ""
    assert desk.state() == undisturbed
    assert desk.leaks() == []


def test_cancel_amid_a_handshake(outside: World, undisturbed: dict[str, list[str]]) -> None:
    desk = outside.desk()
    under_way = threading.Event()

    def tell(wire: Wire, body: bytes) -> None:
        under_way.set()
        wire.hang()

    outside.service.misbehave_at_connect(tell)
    cancel = CancelToken()
    with ThreadPoolExecutor(1) as pool:
        syncing = pool.submit(desk.sync, cancel=cancel)
        assert under_way.wait(SECONDS)
        cancel.cancel()
        assert syncing.result(SECONDS / 2).cancelled
    assert desk.calls() == ""
    assert code_of(desk.sync()) == ""
    assert desk.state() == undisturbed
    assert desk.leaks() == []
