from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import urllib3.exceptions

from ibjournal.demo.flex_answers import ScriptedAnswer
from ibjournal.demo.flex_service import FlexService
from ibjournal.domain.errors import FlexError, JournalError, StoreError
from ibjournal.flex.secret import Secret
from ibjournal.flex.transport import Body, Timeouts, get, new_session
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
        timeouts=Timeouts(connect=1, read=1, whole=5),
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
def test_a_disk_that_is_full(service: FlexService, size: int) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    service.script(ScriptedAnswer(body=b"x" * size))
    error = _code(f"{service.url}/SendRequest", Path("/dev/full"))
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
