from __future__ import annotations

import errno
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import urllib3.exceptions
from urllib3.connection import HTTPConnection

from ibjournal.demo.flex_answers import ScriptedAnswer
from ibjournal.demo.flex_service import FlexService
from ibjournal.domain.errors import Cancelled, FlexError, JournalError, StoreError
from ibjournal.flex.secret import Secret
from ibjournal.flex.transport import USER_AGENT, Body, Timeouts, get, new_session
from ibjournal.services.jobs import CancelToken
from tests.unit.flex.flex_source import PLAIN_TOKEN, PlainSource, plain_depots


@pytest.fixture
def service() -> Iterator[FlexService]:
    with FlexService(PlainSource(), depots=plain_depots(), pacing=None) as service:
        yield service


def _get(url: str, to: Path, *, limit: int = 1_000_000, session: type[requests.Session] | None = None) -> Body:
    return get(
        url,
        Secret(PLAIN_TOKEN),
        {"q": "1001"},
        to=to,
        limit=limit,
        cancel=CancelToken(),
        timeouts=Timeouts(),
        session=session or new_session,
    )


def _code(url: str, to: Path, *, session: type[requests.Session] | None = None) -> JournalError:
    with pytest.raises(JournalError) as caught:
        _get(url, to, session=session)
    return caught.value


def test_the_body_goes_to_the_file_and_its_head_is_told(service: FlexService, tmp_path: Path) -> None:
    content = b"<x>" + b"y" * 200_000 + b"</x>"
    service.script(ScriptedAnswer(body=content))
    body = _get(f"{service.url}/SendRequest", tmp_path / "a.xml")
    assert (tmp_path / "a.xml").read_bytes() == content
    assert body.head == content[:65536]
    assert (body.size, body.whole) == (len(content), False)


def test_a_proxy_is_not_asked_on_the_way_to_ourselves(
    service: FlexService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert _get(f"{service.url}/SendRequest", tmp_path / "a.xml").size > 0


def test_the_systems_proxy_is_used_on_the_way_to_ibkr(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{port}")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    error = _code("https://ndcdyn.interactivebrokers.com/x", tmp_path / "a.xml")
    assert error.code == "proxy_failed"
    assert PLAIN_TOKEN not in str(error)


@pytest.mark.parametrize("size", [100, 100_000])
def test_a_disk_that_is_full(service: FlexService, tmp_path: Path, size: int) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    service.script(ScriptedAnswer(body=b"x" * size))
    full = tmp_path / "a.xml"
    full.symlink_to("/dev/full")  # what is left behind is swept, and the system's owner could sweep the device itself
    error = _code(f"{service.url}/SendRequest", full)
    assert isinstance(error, StoreError)
    assert error.code == "disk_full"


def test_a_folder_that_is_gone(service: FlexService, tmp_path: Path) -> None:
    error = _code(f"{service.url}/SendRequest", tmp_path / "gone" / "a.xml")
    assert isinstance(error, StoreError)
    assert error.code == "store_failed"
    assert not service.requests, "nothing is asked for that cannot be kept"


def _raising(error: Exception) -> type[requests.Session]:
    class Failing(requests.Session):
        def get(self, *_args: object, **_options: object) -> requests.Response:
            raise error

    return Failing


def _wrapped(inner: Exception) -> requests.ConnectionError:
    """Wrap as the library does: the reason stands in the arguments, not in the chain."""
    return requests.ConnectionError(urllib3.exceptions.ProtocolError(f"url?t={PLAIN_TOKEN}", inner))


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (requests.exceptions.SSLError("x"), "tls_failed"),
        (requests.exceptions.SSLError(urllib3.exceptions.SSLError(ssl.SSLCertVerificationError(1, "x"))), "tls_failed"),
        (requests.exceptions.SSLError(urllib3.exceptions.SSLError(ssl.SSLEOFError(8, "x"))), "connection_lost"),
        (requests.exceptions.SSLError(urllib3.exceptions.SSLError(ConnectionResetError(104, "x"))), "connection_lost"),
        (requests.exceptions.ConnectTimeout("x"), "timed_out"),
        (requests.exceptions.ReadTimeout("x"), "timed_out"),
        (requests.exceptions.ProxyError("x"), "proxy_failed"),
        (_wrapped(socket.gaierror(-2, "x")), "name_lookup_failed"),
        (_wrapped(ConnectionResetError(errno.ECONNRESET, "x")), "connection_lost"),
        (requests.exceptions.InvalidHeader("x"), "transport_failed"),
        (ConnectionResetError(errno.ECONNRESET, "x"), "connection_lost"),
        (TimeoutError("x"), "timed_out"),
        (ValueError(PLAIN_TOKEN), "transport_failed"),
    ],
)
def test_what_the_library_says_becomes_our_word(tmp_path: Path, error: Exception, code: str) -> None:
    ours = _code("http://127.0.0.1:1/x", tmp_path / "a.xml", session=_raising(error))
    assert isinstance(ours, FlexError)
    assert ours.code == code
    assert PLAIN_TOKEN not in str(ours)
    assert ours.__context__ is None
    assert ours.__cause__ is None


@pytest.mark.parametrize(
    ("error", "code", "values"),
    [
        (requests.exceptions.ConnectTimeout("x"), "timed_out", {"stage": "connect"}),
        (_wrapped(urllib3.exceptions.ConnectTimeoutError("x")), "timed_out", {"stage": "connect"}),
        (requests.exceptions.ReadTimeout("x"), "timed_out", {"stage": "read"}),
        (TimeoutError("x"), "timed_out", {"stage": "read"}),
        (requests.exceptions.ConnectionError("x"), "connection_lost", {}),
        (requests.exceptions.InvalidHeader("x"), "transport_failed", {"kind": "InvalidHeader"}),
        (_wrapped(urllib3.exceptions.NewConnectionError(HTTPConnection("127.0.0.1"), "x")), "no_network", {}),
    ],
)
def test_how_far_it_came_is_told(tmp_path: Path, error: Exception, code: str, values: dict[str, object]) -> None:
    ours = _code("http://127.0.0.1:1/x", tmp_path / "a.xml", session=_raising(error))
    assert (ours.code, ours.values) == (code, values)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (204, "redirected"),
        (302, "redirected"),
        (399, "redirected"),
        (400, "http_status"),
        (499, "http_status"),
        (500, "service_down"),
    ],
)
def test_any_other_status_than_200_is_no_answer(service: FlexService, tmp_path: Path, status: int, code: str) -> None:
    service.script(ScriptedAnswer(status=status, body=b""))
    error = _code(f"{service.url}/SendRequest", tmp_path / "a.xml")
    assert (error.code, error.values) == (code, {"status": status})


def test_a_reset_amid_the_body_is_a_cut_off_answer(service: FlexService, tmp_path: Path) -> None:
    service.script(ScriptedAnswer(body=b"x" * 100_000, truncate_at=70_000))
    assert _code(f"{service.url}/SendRequest", tmp_path / "a.xml").code == "truncated_answer"


def test_cookies_and_passwords_of_the_user_stay_at_home(
    service: FlexService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    _get(f"{service.url}/SendRequest", tmp_path / "a.xml")
    (request,) = service.requests
    assert "authorization" not in request.headers
    assert "cookie" not in request.headers


def test_a_token_that_the_service_repeats_is_not_in_what_is_told_of_the_answer(service: FlexService, tmp_path: Path) -> None:
    service.script(ScriptedAnswer(body=f"<x>{PLAIN_TOKEN}</x>".encode()))
    body = _get(f"{service.url}/SendRequest", tmp_path / "a.xml")
    assert (body.head, body.whole) == (b"<x>[token]</x>", True)


def test_without_a_token_an_answer_is_told_as_it_is(service: FlexService, tmp_path: Path) -> None:
    service.script(ScriptedAnswer(body=b"<x/>"))
    limits = Timeouts(connect=1, read=5, whole=5)
    url = f"{service.url}/SendRequest"
    body = get(url, Secret(""), {}, to=tmp_path / "a.xml", limit=4, cancel=CancelToken(), timeouts=limits)
    assert body == Body(head=b"<x/>", size=4, whole=True)


def test_one_byte_too_many_is_too_many(service: FlexService, tmp_path: Path) -> None:
    service.script(ScriptedAnswer(body=b"x" * 5))
    with pytest.raises(FlexError) as caught:
        _get(f"{service.url}/SendRequest", tmp_path / "a.xml", limit=4)
    assert (caught.value.code, caught.value.values) == ("oversized_answer", {"limit": 4})


def test_what_is_cancelled_amid_the_answer_leaves_no_file(service: FlexService, tmp_path: Path) -> None:
    service.script(ScriptedAnswer(body=b"x" * 1_000_000, drip=100, drip_pause=0.01))
    cancel = CancelToken()
    told: list[int] = []

    def received(size: int) -> None:
        told.append(size)
        cancel.cancel()

    with pytest.raises(Cancelled):
        get(
            f"{service.url}/SendRequest",
            Secret(PLAIN_TOKEN),
            {"q": "1001"},
            to=tmp_path / "a.xml",
            limit=2_000_000,
            cancel=cancel,
            timeouts=Timeouts(connect=5, read=5, whole=60),
            received=received,
        )
    assert len(told) == 1
    assert 0 < told[0] < 1_000_000
    for thread in threading.enumerate():
        if thread.name == "flex-http":
            thread.join(20)
    assert not (tmp_path / "a.xml").exists()


def test_it_says_who_asks_and_in_which_version(service: FlexService, tmp_path: Path) -> None:
    _get(f"{service.url}/SendRequest", tmp_path / "a.xml")
    (request,) = service.requests
    assert request.params == {"t": PLAIN_TOKEN, "q": "1001", "v": "3"}
    assert request.headers["user-agent"] == USER_AGENT
    assert USER_AGENT.startswith("ibjournal/")
    assert "xml" in request.headers["accept"]


def test_what_the_disk_says_amid_the_answer_is_no_failure_of_the_way(tmp_path: Path) -> None:
    full = _raising(OSError(errno.ENOSPC, "no space"))
    error = _code("http://127.0.0.1:1/x", tmp_path / "a.xml", session=full)
    assert isinstance(error, StoreError)
    assert error.code == "disk_full"


def test_whoever_was_cancelled_asks_nothing(service: FlexService, tmp_path: Path) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        get(service.url, Secret(PLAIN_TOKEN), {}, to=tmp_path / "a.xml", limit=1, cancel=cancel, timeouts=Timeouts())
    assert not service.requests
    assert not list(tmp_path.iterdir())
