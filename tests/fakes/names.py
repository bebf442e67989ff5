"""The name lookup of a test: every name leads to a port on loopback, or nowhere; who was looked up is on record."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import Any

BROKER = "ndcdyn.interactivebrokers.com"
MIRROR = "gdcdyn.interactivebrokers.com"


class Names:
    """Stands in for ``socket.getaddrinfo``.

    Args:
        ports: the ports of the hosts that are there.
        elsewhere: the port that every other name and address leads to: whoever listens there sees what was meant for others.
    """

    def __init__(self, ports: Mapping[str, int], *, elsewhere: int) -> None:
        self._ports = dict(ports)
        self._elsewhere = elsewhere
        self.looked_up: list[str] = []
        self.failures: dict[str, int] = {}

    def fail(self, host: str, times: int = 1_000_000) -> None:
        """Let the next lookups of a name fail, as they do without a network."""
        self.failures[host] = times

    def __call__(self, host: Any, port: Any, *_args: Any, **_options: Any) -> list[Any]:
        name = host.decode() if isinstance(host, bytes) else str(host)
        self.looked_up.append(name)
        if self.failures.get(name, 0) > 0:
            self.failures[name] -= 1
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        target = self._ports.get(name, self._elsewhere)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", target))]


class Spy:
    """Listens, and counts who comes; nobody should."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.setblocking(False)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._socket.getsockname()[1])

    def visitors(self) -> int:
        """Return how many connections came since this was last asked."""
        found = 0
        while True:
            try:
                connection, _address = self._socket.accept()
            except BlockingIOError:
                return found
            connection.close()
            found += 1

    def close(self) -> None:
        """Stop to listen."""
        self._socket.close()
