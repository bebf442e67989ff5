"""One HTTP request that can be cancelled at every stage and whose failures carry no address, hence no token.

The request runs in a thread of its own: a thread stuck in a socket cannot be woken on every system, but it can be
left behind. Its failures are turned into our errors there, so that no exception that saw the address is ever linked
to the one the caller gets.
"""

from __future__ import annotations

import contextlib
import os
import platform
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import requests
import truststore
import urllib3.exceptions
from requests.adapters import HTTPAdapter

from ibjournal import __version__, log
from ibjournal.domain.errors import FlexError, JournalError
from ibjournal.domain.file_errors import file_error
from ibjournal.flex.answers import HEAD, is_loopback
from ibjournal.flex.pacing import Cancel
from ibjournal.flex.secret import Secret

USER_AGENT = f"ibjournal/{__version__} Python/{platform.python_version()}"

_CHUNK = 65536
_LOOK_FOR_CANCEL = 0.05
_FIRST_ERROR_STATUS = 400
_FIRST_SERVER_ERROR = 500
_PROXY_ERRORS = (
    requests.exceptions.ProxyError,
    requests.exceptions.InvalidProxyURL,
    requests.exceptions.InvalidSchema,  # a proxy of a kind that is not spoken here, such as SOCKS: our own addresses are http(s)
    urllib3.exceptions.ProxyError,
    urllib3.exceptions.ProxySchemeUnknown,
    urllib3.exceptions.ProxySchemeUnsupported,
)

log.guard("urllib3.connectionpool", "urllib3.connection", "urllib3.response", "urllib3.util.retry", "requests")


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Seconds: to connect, between two pieces of an answer, and for an answer as a whole."""

    connect: float = 10.0
    read: float = 60.0
    whole: float = 900.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """An answer with status 200: its first bytes (without the token, should the service repeat it), and how many there were."""

    head: bytes
    size: int
    whole: bool


class _SystemTrust(HTTPAdapter):
    """Trusts the certificates of the system beside those that come with the library.

    Firms and virus scanners look into encrypted traffic with a certificate of their own, which only the system knows: the keychain
    on macOS, the store of certificates on Windows, OpenSSL's folder elsewhere. ``SSL_CERT_FILE`` and ``SSL_CERT_DIR`` add to it,
    or move it where it is OpenSSL's; ``REQUESTS_CA_BUNDLE`` takes the place of the library's.
    """

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Hand the system's certificates to connections."""
        super().init_poolmanager(*args, **kwargs, ssl_context=_system_trust())

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """Hand them to connections through a proxy too."""
        return super().proxy_manager_for(proxy, **kwargs, ssl_context=_system_trust())


def _system_trust() -> ssl.SSLContext:
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    file, folder = os.environ.get("SSL_CERT_FILE") or None, os.environ.get("SSL_CERT_DIR") or None
    if file or folder:  # OpenSSL looks there by itself, the systems' own stores do not
        with contextlib.suppress(OSError):
            context.load_verify_locations(cafile=file, capath=folder)
    return context


def new_session() -> requests.Session:
    """Return a session with the system's proxies and certificates, that follows no netrc and keeps no cookies between requests."""
    session = requests.Session()
    session.mount("https://", _SystemTrust())
    session.auth = lambda request: request  # keeps requests from looking into ~/.netrc
    return session


class _Exchange:
    """One request, run in its own thread. Its results are read only after ``done``."""

    def __init__(
        self,
        url: str,
        token: Secret,
        query: Mapping[str, str],
        *,
        to: Path,
        limit: int,
        timeouts: Timeouts,
        session: Callable[[], requests.Session],
    ) -> None:
        self._session = session
        self._url = url
        self._token = token
        self._query = query
        self._to = to
        self._limit = limit
        self._timeouts = timeouts
        self._abandoned = threading.Event()
        self._response: requests.Response | None = None
        self.done = threading.Event()
        self.received = 0
        self._written = 0
        self.head = b""
        self.error: JournalError | None = FlexError("transport_failed", kind="")

    def run(self) -> None:
        """Do the request; the thread's target."""
        try:
            with self._to.open("wb") as file:
                self.error = self._ask(file)
        except OSError as error:
            self.error = file_error(error, self._to)
        finally:
            self._response = None
            if self._abandoned.is_set():
                self._to.unlink(missing_ok=True)
            self.done.set()

    def body(self) -> Body:
        """Return what came, once it is done without an error."""
        return Body(head=self._token.remove_from(self.head), size=self._written, whole=len(self.head) == self._written)

    def abandon(self) -> None:
        """Let the thread end as soon as it can; nobody reads its results any more."""
        self._abandoned.set()
        response = self._response
        shutdown = getattr(response.raw, "shutdown", None) if response is not None else None
        if shutdown is not None:
            with contextlib.suppress(Exception):  # it may end by itself in this very moment
                shutdown()

    def _ask(self, file: IO[bytes]) -> JournalError | None:
        try:
            with self._session() as session:
                if is_loopback(self._url):
                    session.trust_env = False  # a proxy has no business between us and ourselves
                session.headers["User-Agent"] = USER_AGENT
                session.headers["Accept"] = "application/xml, text/xml, */*"
                with session.get(
                    self._url,
                    params={"t": self._token.reveal(), **self._query, "v": "3"},
                    stream=True,
                    allow_redirects=False,
                    timeout=(self._timeouts.connect, self._timeouts.read),
                ) as response:
                    self._response = response
                    refusal = _refusal(response)
                    return refusal or self._receive(response, file)
        except (requests.RequestException, urllib3.exceptions.HTTPError, ValueError) as error:
            return _our_error(error, begun=self._response is not None)
        except OSError as error:
            # ENOSPC and the like come from the file; what comes from the socket is wrapped by the library, mostly.
            if isinstance(error, (ConnectionError, TimeoutError, socket.gaierror)):
                return _our_error(error, begun=self._response is not None)
            raise

    def _receive(self, response: requests.Response, file: IO[bytes]) -> JournalError | None:
        # A service that repeats the token does not get it onto the disk; what may be the beginning of it waits for the next piece.
        token, held = self._token.reveal().encode(), b""
        # read1 returns what has come; read would wait until a whole chunk is there, which a slow answer never fills.
        while not self._abandoned.is_set():
            piece: bytes = response.raw.read1(_CHUNK, decode_content=True)
            if not piece:
                self._keep(file, held)
                return None
            self.received += len(piece)
            if self.received > self._limit:
                return FlexError("oversized_answer", limit=self._limit)
            if token:
                piece = (held + piece).replace(token, b"[token]")
            kept = max(0, len(piece) - max(0, len(token) - 1))
            self._keep(file, piece[:kept])
            held = piece[kept:]
        return None

    def _keep(self, file: IO[bytes], piece: bytes) -> None:
        if len(self.head) < HEAD:
            self.head += piece[: HEAD - len(self.head)]
        self._written += file.write(piece)


def get(
    url: str,
    token: Secret,
    query: Mapping[str, str],
    *,
    to: Path,
    limit: int,
    cancel: Cancel,
    timeouts: Timeouts,
    session: Callable[[], requests.Session] = new_session,
    received: Callable[[int], None] = lambda _size: None,
) -> Body:
    """Get an address and write the body to a file.

    Args:
        url: the address, without the query.
        token: goes along as ``t``.
        query: the other parameters.
        to: the file; left in place whatever happens, except on cancel.
        limit: bytes of the unpacked body that are accepted.
        cancel: ends it within a moment.
        timeouts: how long to wait.
        session: makes the session, for tests.
        received: told how many bytes have come, some times a second.

    Raises:
        FlexError: see `ibjournal.flex.errors`; carries no address.
        StoreError: the file cannot be written.
        Cancelled: somebody cancelled.
    """
    cancel.check()
    exchange = _Exchange(url, token, query, to=to, limit=limit, timeouts=timeouts, session=session)
    threading.Thread(target=exchange.run, name="flex-http", daemon=True).start()
    until = time.monotonic() + timeouts.whole
    seen = 0
    while not exchange.done.wait(_LOOK_FOR_CANCEL):
        if cancel.cancelled:
            exchange.abandon()
            cancel.check()
        if time.monotonic() > until:
            exchange.abandon()
            raise FlexError("timed_out", stage="answer")
        if exchange.received != seen:
            seen = exchange.received
            received(seen)
    if exchange.error is not None:
        raise exchange.error
    return exchange.body()


def _refusal(response: requests.Response) -> FlexError | None:
    status = response.status_code
    if status == requests.codes.ok:
        return None
    if status >= _FIRST_SERVER_ERROR:
        return FlexError("service_down", status=status)
    if status < _FIRST_ERROR_STATUS:
        return FlexError("redirected", status=status)  # never followed: the token would go along
    return FlexError("http_status", status=status)


def _our_error(error: Exception, *, begun: bool) -> FlexError:
    """Return our word for what the library says, without its text: that holds the address."""
    chain = _chain(error)
    if _any(chain, *_PROXY_ERRORS):
        return FlexError("proxy_failed")
    hung_up = _any(chain, ssl.SSLEOFError, ssl.SSLZeroReturnError, ConnectionError)
    if not hung_up and _any(chain, requests.exceptions.SSLError, urllib3.exceptions.SSLError):
        return FlexError("tls_failed")
    if _any(chain, socket.gaierror, urllib3.exceptions.NameResolutionError):
        return FlexError("name_lookup_failed")
    if _any(chain, urllib3.exceptions.NewConnectionError):
        return FlexError("no_network")
    if _any(chain, requests.exceptions.ConnectTimeout, urllib3.exceptions.ConnectTimeoutError):
        return FlexError("timed_out", stage="connect")
    if _any(chain, requests.exceptions.Timeout, urllib3.exceptions.TimeoutError, TimeoutError):
        return FlexError("timed_out", stage="read")
    if begun and (hung_up or _any(chain, urllib3.exceptions.ProtocolError, urllib3.exceptions.DecodeError)):
        return FlexError("truncated_answer")
    if hung_up or _any(chain, urllib3.exceptions.ProtocolError, requests.exceptions.ConnectionError):
        return FlexError("connection_lost")
    return FlexError("transport_failed", kind=type(error).__name__)


def _any(chain: list[BaseException], *kinds: type[BaseException]) -> bool:
    return any(isinstance(each, kinds) for each in chain)


def _chain(error: BaseException) -> list[BaseException]:
    """Return an exception with everything it was made from: causes, contexts, and what libraries put into ``args``."""
    found: list[BaseException] = []
    open_ends: list[object] = [error]
    while open_ends:
        each = open_ends.pop()
        if not isinstance(each, BaseException) or any(each is known for known in found):
            continue
        found.append(each)
        open_ends += [each.__cause__, each.__context__, getattr(each, "reason", None), *each.args]
    return found
