"""The HTTP side of the demo's Flex service: a threaded server on loopback that can also misbehave on purpose."""

from __future__ import annotations

import gzip
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from ibjournal.demo.flex_answers import ScriptedAnswer

SOCKET_TIMEOUT = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What to send, and how."""

    body: bytes
    plan: ScriptedAnswer


AnswerFunction = Callable[[str, Mapping[str, str], Mapping[str, str]], Reply]


class _Handler(BaseHTTPRequestHandler):
    """One request. HTTP/1.0: every answer ends with its connection, so that closing the service never waits for a client."""

    timeout = SOCKET_TIMEOUT
    server: FlexHttpServer

    def do_GET(self) -> None:
        """Answer a request."""
        split = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        params = dict(parse_qsl(split.query, keep_blank_values=True))
        reply = self.server.answer(split.path.replace("//", "/"), params, headers)
        plan, closing = reply.plan, self.server.closing
        if plan.delay:
            closing.wait(plan.delay)
        if plan.gate is not None:
            while not (plan.gate.wait(0.02) or closing.is_set()):
                pass
        if plan.drop or closing.is_set():
            self.close_connection = True
            return
        self._send(reply.body, plan)

    def _send(self, body: bytes, plan: ScriptedAnswer) -> None:
        content = gzip.compress(body, mtime=0) if plan.compress else body
        headers = {"Content-Type": plan.content_type, "Content-Length": str(len(content)), **plan.headers}
        if plan.compress:
            headers["Content-Encoding"] = "gzip"
        self.send_response(plan.status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if plan.truncate_at is not None:
            self.wfile.write(content[: plan.truncate_at])
        elif plan.drip is not None:
            for start in range(0, len(content), plan.drip):
                self.wfile.write(content[start : start + plan.drip])
                self.wfile.flush()
                if self.server.closing.wait(plan.drip_pause):
                    return
        else:
            self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Say nothing: the request line holds the token."""


class FlexHttpServer(ThreadingHTTPServer):
    """Listens on a free port of 127.0.0.1 in a thread of its own."""

    daemon_threads = True
    block_on_close = True

    def __init__(self, answer: AnswerFunction, closing: threading.Event) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = answer
        self.closing = closing
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), name="demo-flex-service", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.server_address[1])

    def stop(self) -> None:
        """Stop listening and wait for the threads that are answering."""
        self.shutdown()
        self._thread.join()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep quiet about a client that went away; anything else is a fault of the demo and is told on standard error."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)
