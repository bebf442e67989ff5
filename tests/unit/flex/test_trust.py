"""Certificates and proxies: the system's are respected, nobody else's are."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ibjournal.domain.errors import FlexError
from ibjournal.flex.secret import Secret
from ibjournal.flex.transport import Body, get, new_session
from ibjournal.services.jobs import CancelToken
from tests.fakes.certificates import Authority
from tests.fakes.patience import SECONDS, TIMEOUTS

TOKEN = "9" * 24


class Answers(http.server.BaseHTTPRequestHandler):
    """Says hello to everybody."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *_args: object) -> None:
        return


class Server(http.server.ThreadingHTTPServer):
    """Is not surprised by who hangs up because of its certificate."""

    def handle_error(self, *_about: object) -> None:
        return


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def url(authority: Authority) -> Iterator[str]:
    server = Server(("127.0.0.1", 0), Answers)
    context = authority.context("localhost", "127.0.0.1")
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"https://127.0.0.1:{server.server_port}/x"
    server.shutdown()
    server.server_close()
    thread.join()


def _get(url: str, to: Path) -> Body:
    return get(
        url,
        Secret(TOKEN),
        {},
        to=to / "a.xml",
        limit=1000,
        cancel=CancelToken(),
        timeouts=TIMEOUTS,
        session=new_session,
    )


def test_a_certificate_that_nobody_vouches_for_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(FlexError) as caught:
        _get(url, tmp_path)
    assert caught.value.code == "tls_failed"
    assert TOKEN not in repr(caught.value)


def test_a_certificate_that_the_system_vouches_for_is_taken(
    url: str, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    assert _get(url, tmp_path).head == b"hello"


def test_the_librarys_own_variable_is_heard_too(url: str, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.file))
    with new_session() as session:
        assert session.get(url, timeout=SECONDS).content == b"hello"


def test_a_certificate_for_another_name_is_refused(
    url: str, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    other = url.replace("127.0.0.1", "127.0.0.2")
    with pytest.raises(FlexError) as caught:
        _get(other, tmp_path)
    assert caught.value.code in {"tls_failed", "no_network", "connection_lost"}


def test_the_proxy_of_the_environment_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    with pytest.raises(FlexError) as caught:
        _get("https://ndcdyn.interactivebrokers.com/x", tmp_path)
    assert caught.value.code == "proxy_failed"
    assert TOKEN not in repr(caught.value)
