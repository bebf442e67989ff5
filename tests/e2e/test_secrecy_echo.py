"""A service that repeats the token, plainly or in another form: it does not come onto the disk, into the log or into words."""

from __future__ import annotations

import base64

import pytest

from ibjournal.flex.secret import Secret
from tests.fakes.fault_words import spoken
from tests.fakes.planted_token import PLANTED, in_file
from tests.fakes.raw_flex import Fault, Wire
from tests.fakes.standing_faults import GET, SEND
from tests.fakes.way_desk import World, code_of

pytestmark = pytest.mark.e2e

FORMS = {
    "plain": PLANTED,
    "half": f"{PLANTED[:14]}...",
    "in groups": " ".join(PLANTED[at : at + 4] for at in range(0, 24, 4)),
    "in lines": f"{PLANTED[:9]}\r\n\t{PLANTED[9:]}",
    "percent-encoded": "".join(f"%{ord(each):02x}" for each in PLANTED),
    "base 64": base64.b64encode(f"?t={PLANTED}&v=3".encode()).decode(),
    "backwards": PLANTED[::-1],
    "with NUL": "\0".join(PLANTED),
}


def answer(body: bytes, **headers: str) -> Fault:
    """Return a fault that answers with a body of its own."""
    return lambda wire, _body: wire.answer(body, headers=headers)


def status_answer(message: str) -> bytes:
    """Return a failure with a number that nobody knows, whose text is shown to the user."""
    return (
        "<FlexStatementResponse timestamp='28 September, 2026 08:00 AM EDT'><Status>Fail</Status><ErrorCode>1099</ErrorCode>"
        f"<ErrorMessage>No service for {message} today</ErrorMessage></FlexStatementResponse>"
    ).encode()


@pytest.mark.parametrize("form", FORMS)
def test_what_is_repeated_in_a_failure_is_nowhere(form: str, outside: World, languages: None) -> None:
    desk = outside.desk(confirmation="")
    said = FORMS[form]
    bodies = {
        "html_answer": f"<html><head><title>Log in as {said} first</title></head></html>".encode(),
        "unexpected_answer": f"sorry: {said}".encode("utf-16"),
        "csv_answer": f'"t","{said}"\n"1","2"\n'.encode(),
    }
    if form != "with NUL":  # which is no XML
        bodies["unknown_code"] = status_answer(said)
    words = []
    for code, body in bodies.items():
        outside.service.misbehave(SEND, answer(body, **{"Set-Cookie": f"t={PLANTED}; Path=/", "Location": f"/?t={PLANTED}"}))
        report = desk.sync()
        assert code_of(report) == code
        assert report.error is not None
        words.append(spoken(report.error, ["."], ["."]))
        words.append(repr(report.error.values))
    assert desk.leaks(*words) == []


def test_what_is_repeated_in_a_statement_is_not_archived(outside: World, undisturbed: dict[str, list[str]]) -> None:
    def quote(wire: Wire, body: bytes) -> None:
        """Send the statement in two pieces, of which the first ends within the token."""
        told = body.replace(b'queryName="', f'queryName="t={PLANTED} '.encode(), 1)
        cut = told.index(PLANTED.encode()) + 10
        wire.answer(told[:cut], length=len(told))
        wire.send(told[cut:])

    desk = outside.desk()
    outside.service.misbehave(GET, quote)
    assert code_of(desk.sync()) == ""
    assert desk.archived() == ["AF", "TCF"]
    assert desk.leaks() == []


def test_the_token_goes_out_of_a_body_however_it_is_torn() -> None:
    token = Secret(PLANTED)
    assert token.remove_from(f"<t>{PLANTED}</t>".encode()) == b"<t>[token]</t>"
    assert token.remove_from("\n".join(PLANTED).encode()) == b"[token]"
    assert token.remove_from(b"\0".join([bytes([each]) for each in PLANTED.encode()])) == b"[token]"
    assert Secret("").remove_from(b"abc") == b"abc"


def test_while_a_page_that_repeats_the_token_comes_in_it_is_not_on_the_disk(outside: World) -> None:
    """Look into the files of the fetch at the moment when most of the page has come: a kill would leave just that."""
    desk = outside.desk(confirmation="")
    seen: list[tuple[int, bool]] = []

    def slow(wire: Wire, _body: bytes) -> None:
        page = b"<html>" + f"<p>{PLANTED}</p>".encode() * 20_000
        wire.answer(page, length=len(page) + 1)
        while not any(size for size, _found in seen) and not wire.closing.wait(0.01):
            seen.extend((file.stat().st_size, in_file(file)) for file in desk.paths.data.rglob("fetching/**/*.xml"))

    outside.service.misbehave(SEND, slow)
    assert code_of(desk.sync()) == "truncated_answer"
    assert any(size for size, _found in seen)
    assert not any(found for _size, found in seen)
