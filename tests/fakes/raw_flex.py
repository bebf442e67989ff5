"""The loopback Flex service behind a socket that misbehaves byte by byte: resets, lies about lengths, packs, drips, breaks TLS.

It answers as `FlexService` does, until a fault is queued: then the fault gets the wire and the answer that would have been sent.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from ibjournal.demo.depots import DemoDepot
from ibjournal.demo.flex_http import Reply
from ibjournal.demo.flex_service import BASE_PATH, FlexService, StatementSource

PATIENCE = 60.0


@dataclass(slots=True)
class Wire:
    """A connection as a fault sees it."""

    socket: socket.socket
    closing: threading.Event

    def send(self, data: bytes) -> None:
        """Send, and do not mind who hangs up."""
        with contextlib.suppress(OSError):
            self.socket.sendall(data)

    def answer(
        self, body: bytes, *, status: str = "200 OK", length: int | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        """Send a whole answer; ``length`` is what is said about it, -1 for nothing."""
        said = {} if length == -1 else {"Content-Length": str(len(body) if length is None else length)}
        lines = {"Content-Type": "text/xml;charset=utf-8", "Connection": "close"} | said | dict(headers or {})
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        self.send(f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body)

    def reset(self) -> None:
        """End the connection so that the other side is told of an error (RST)."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def hang(self) -> None:
        """Say nothing until the service closes or the other side hangs up."""
        self.socket.settimeout(0.1)
        while not self.closing.is_set():
            with contextlib.suppress(TimeoutError):
                try:
                    if not self.socket.recv(1):
                        return
                except (ConnectionError, ssl.SSLError) as error:
                    if isinstance(error, ssl.SSLWantReadError):
                        continue
                    return


Fault = Callable[[Wire, bytes], None]
"""What happens in place of an answer; given the body that would have been sent."""

_SILENT: set[Fault] = set()


def silent(fault: Fault) -> Fault:
    """Mark a fault that ends with the client's patience alone; whoever makes the client gives it little for such a request."""
    _SILENT.add(fault)
    return fault


class RawFlexService(FlexService):
    """A Flex service on a bare socket.

    Args:
        source: where statements come from.
        depots: logins, tokens, queries and accounts.
        context: what makes it speak TLS; may be exchanged at any time, None speaks plain HTTP.
        origin: scheme and host under which it is known, when that is not the loopback address.
    """

    def __init__(
        self,
        source: StatementSource,
        *,
        depots: Sequence[DemoDepot],
        context: ssl.SSLContext | None = None,
        origin: str = "",
        **options: Any,
    ) -> None:
        super().__init__(source, depots=depots, pacing=None, **options)
        self.context = context
        self.connections = 0
        self._origin = origin
        self._listener: socket.socket | None = None
        self._faults: deque[tuple[str, Fault]] = deque()
        self._at_connect: deque[Fault] = deque()
        self._threads: list[threading.Thread] = []
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()

    def start(self) -> None:
        """Listen on a free port of 127.0.0.1."""
        self._closing.clear()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=50)
        self._run(self._accept, self._listener)

    def close(self) -> None:
        """Stop, and end what is open."""
        self._closing.set()
        listener, self._listener = self._listener, None
        if listener is not None:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        with self._guard:
            left = list(self._open)
        for each in left:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(60)

    @property
    def port(self) -> int:
        """The port it listens on."""
        assert self._listener is not None
        return int(self._listener.getsockname()[1])

    @property
    def url(self) -> str:
        """The base address."""
        scheme = "https" if self.context else "http"
        return (self._origin or f"{scheme}://127.0.0.1:{self.port}") + BASE_PATH

    def misbehave(self, action: str, *faults: Fault) -> None:
        """Queue faults for the next requests of an action, each used once."""
        with self._guard:
            self._faults.extend((action, fault) for fault in faults)

    def misbehave_at_connect(self, *faults: Fault) -> None:
        """Queue faults for the next connections, before anything is read or any TLS spoken."""
        with self._guard:
            self._at_connect.extend(faults)

    def will_be_silent(self, action: str) -> bool:
        """Tell whether the next request of an action waits for an answer in vain."""
        with self._guard:
            fault = next((fault for wanted, fault in self._faults if wanted in {"", action}), None)
            return not _SILENT.isdisjoint((*self._at_connect, fault))

    def behave(self) -> None:
        """Forget the faults that were not used."""
        with self._guard:
            self._faults.clear()
            self._at_connect.clear()

    # -- in threads ------------------------------------------------------------------------------------------------

    def _run(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, name="raw-flex", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket) -> None:
        while not self._closing.is_set():
            try:
                connection, _address = listener.accept()
            except OSError:
                return
            with self._guard:
                self.connections += 1
                fault = self._at_connect.popleft() if self._at_connect else None
                self._open.add(connection)
            self._run(self._serve, connection, fault)

    def _serve(self, raw: socket.socket, at_connect: Fault | None) -> None:
        raw.settimeout(PATIENCE)
        connection = raw
        try:
            if at_connect is not None:
                at_connect(Wire(raw, self._closing), b"")
                return
            if self.context is not None:
                connection = self.context.wrap_socket(raw, server_side=True)
                with self._guard:
                    self._open.add(connection)
            self._answer(connection)
        except (OSError, ssl.SSLError):  # whoever hangs up, or does not like our certificate
            return
        finally:
            with self._guard:
                self._open -= {raw, connection}
            connection.close()
            raw.close()

    def _answer(self, connection: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            piece = connection.recv(4096)
            if not piece:
                return
            head += piece
        first, *lines = head.split(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
        split = urlsplit(first.split(" ")[1])
        headers = {name.lower(): value.strip() for name, _colon, value in (line.partition(":") for line in lines)}
        params = dict(parse_qsl(split.query, keep_blank_values=True))
        reply = self.answer(split.path, params, headers)
        wire = Wire(connection, self._closing)
        fault = self._fault_for(split.path.rsplit("/", 1)[-1])
        if fault is not None:
            fault(wire, reply.body)
        else:
            _send(wire, reply)

    def _fault_for(self, action: str) -> Fault | None:
        with self._guard:
            for number, (wanted, fault) in enumerate(self._faults):
                if wanted in {"", action}:
                    del self._faults[number]
                    return fault
        return None


def _send(wire: Wire, reply: Reply) -> None:
    status = f"{reply.plan.status} X"
    wire.answer(reply.body, status=status, headers={"Content-Type": reply.plan.content_type, **reply.plan.headers})
