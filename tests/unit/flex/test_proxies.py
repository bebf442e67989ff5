"""Proxies: what they get to see, what is said when they refuse, and that a cancel waits for none of them."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ibjournal.domain.errors import Cancelled, FlexError
from ibjournal.flex.secret import Secret
from ibjournal.flex.transport import get
from ibjournal.services.jobs import CancelToken
from tests.fakes.patience import FOREVER, SECONDS, TIMEOUTS

TOKEN = "271828182845904523536028"
IBKR = "https://ndcdyn.interactivebrokers.com/AccountManagement/FlexWebService/SendRequest"


class Proxy:
    """Takes connections, notes what it is told, gives one answer to each, and then says nothing any more."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._taken: list[socket.socket] = []
        self.heard = b""
        self.reached = threading.Event()
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _address = self._listener.accept()
            except OSError:
                return
            self._taken.append(connection)
            with contextlib.suppress(OSError):  # who asked may have gone by then
                self.heard += connection.recv(65536)
                if self._answer:
                    connection.sendall(self._answer)
                    connection.settimeout(0.3)
                    self.heard += connection.recv(65536)  # what comes once the tunnel stands
            self.reached.set()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for each in self._taken:
            each.close()
        self._thread.join(10)


@pytest.fixture
def made() -> Iterator[Callable[[bytes], Proxy]]:
    proxies: list[Proxy] = []

    def make(answer: bytes = b"") -> Proxy:
        proxies.append(Proxy(answer))
        return proxies[-1]

    yield make
    for each in proxies:
        each.close()


@pytest.fixture(autouse=True)
def _no_other_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def _get(to: Path, *, url: str = IBKR, cancel: CancelToken | None = None) -> None:
    get(
        url,
        Secret(TOKEN),
        {"q": "1001"},
        to=to / "a.xml",
        limit=1000,
        cancel=cancel or CancelToken(),
        timeouts=TIMEOUTS,
    )


def _code(to: Path, *, url: str = IBKR) -> str:
    with pytest.raises(FlexError) as caught:
        _get(to, url=url)
    assert TOKEN not in repr(caught.value)
    return caught.value.code


def test_a_proxy_that_wants_a_password_sees_no_token(
    made: Callable[[bytes], Proxy], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = made(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
    assert _code(tmp_path) == "proxy_failed"
    assert proxy.heard.startswith(b"CONNECT ndcdyn.interactivebrokers.com:443 ")
    assert TOKEN.encode() not in proxy.heard


def test_a_name_and_a_password_go_to_the_proxy_alone(
    made: Callable[[bytes], Proxy], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = made(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
    monkeypatch.setenv("HTTPS_PROXY", f"http://me:secret@127.0.0.1:{proxy.port}")
    assert _code(tmp_path) == "proxy_failed"
    assert b"Proxy-Authorization: Basic bWU6c2VjcmV0" in proxy.heard
    assert TOKEN.encode() not in proxy.heard


@pytest.mark.parametrize("address", ["socks5://127.0.0.1:1", "socks5h://127.0.0.1:1", "gopher://127.0.0.1:1"])
def test_a_proxy_of_another_kind_is_named(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", address)
    assert _code(tmp_path) == "proxy_failed"


def test_who_needs_no_proxy_is_asked_directly(
    made: Callable[[bytes], Proxy], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = made(b"HTTP/1.1 403 Forbidden\r\n\r\n")
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
    monkeypatch.setenv("NO_PROXY", "interactivebrokers.com")
    asked: list[str] = []

    def nowhere(host: str, *_rest: object, **_more: object) -> object:
        asked.append(host)
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    monkeypatch.setattr(socket, "getaddrinfo", nowhere)
    assert _code(tmp_path) == "name_lookup_failed"
    assert asked == ["ndcdyn.interactivebrokers.com"]
    assert proxy.heard == b""


def _can_be_cancelled(to: Path, ready: threading.Event, *, url: str = IBKR) -> None:
    cancel = CancelToken()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(_get, to, url=url, cancel=cancel)
        assert ready.wait(SECONDS)
        cancel.cancel()
        with pytest.raises(Cancelled):
            running.result(SECONDS / 2)


def test_cancel_while_the_proxy_says_nothing(
    made: Callable[[bytes], Proxy], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = made(b"")
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
    _can_be_cancelled(tmp_path, proxy.reached)


def test_cancel_while_the_handshake_hangs_behind_a_proxy(
    made: Callable[[bytes], Proxy], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = made(b"HTTP/1.1 200 Connection established\r\n\r\n")
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
    _can_be_cancelled(tmp_path, proxy.reached)
    assert TOKEN.encode() not in proxy.heard, "nothing is sent before the certificate was seen"


def test_cancel_while_the_handshake_hangs(made: Callable[[bytes], Proxy], tmp_path: Path) -> None:
    silent = made(b"")
    _can_be_cancelled(tmp_path, silent.reached, url=f"https://127.0.0.1:{silent.port}/x")
    assert TOKEN.encode() not in silent.heard


def test_cancel_while_the_name_is_looked_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looking, let_go = threading.Event(), threading.Event()

    def slow(*_asked: object, **_more: object) -> object:
        looking.set()
        let_go.wait(FOREVER)
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    try:
        _can_be_cancelled(tmp_path, looking)
    finally:
        let_go.set()
