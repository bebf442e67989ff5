"""Cancelling, at each stage, over real sockets and the real clock."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ibjournal.demo.flex_answers import ScriptedAnswer, code_answer
from ibjournal.demo.flex_service import FlexService
from ibjournal.domain.errors import Cancelled
from ibjournal.flex.client import FetchStep, FlexClient, Patience
from ibjournal.flex.pacing import Limits, Pacing
from ibjournal.flex.secret import Secret
from ibjournal.flex.transport import Timeouts
from ibjournal.services.jobs import CancelToken
from tests.unit.flex.flex_source import PLAIN_TOKEN, PlainSource, plain_depots

TIMEOUTS = Timeouts(connect=1.5, read=1.5, whole=60)


@pytest.fixture
def service() -> Iterator[FlexService]:
    with FlexService(PlainSource(filler=200_000), depots=plain_depots(), pacing=None) as service:
        yield service


def _client(url: str, *, patience: Patience | None = None, spacing: float = 0.0) -> FlexClient:
    return FlexClient(
        base_url=url,
        pacing=Pacing(limits=Limits(spacing=spacing, per_minute=1000)),
        patience=patience or Patience(polls=(0.0,), total=60),
        timeouts=TIMEOUTS,
    )


def _cancel_when(client: FlexClient, folder: Path, ready: Callable[[], None]) -> float:
    """Start a fetch, cancel it once ``ready`` returns, and return the seconds it took to end."""
    cancel = CancelToken()
    with ThreadPoolExecutor(1) as pool:
        fetch = pool.submit(client.fetch, Secret(PLAIN_TOKEN), "1001", folder=folder, cancel=cancel)
        ready()
        began = time.monotonic()
        cancel.cancel()
        with pytest.raises(Cancelled):
            fetch.result(10)
        took = time.monotonic() - began
    assert not list(folder.glob("flex-*/*")), "nothing of it stays"
    return took


def test_while_send_request_is_not_answered(service: FlexService, tmp_path: Path) -> None:
    service.script(ScriptedAnswer(action="SendRequest", delay=60))
    assert _cancel_when(_client(service.url), tmp_path, lambda: service.wait_for_requests(1)) < 1


def test_while_send_request_drips(service: FlexService, tmp_path: Path) -> None:
    service.script(ScriptedAnswer(action="SendRequest", drip=1, drip_pause=0.5))
    assert _cancel_when(_client(service.url), tmp_path, lambda: service.wait_for_requests(1)) < 1


def test_between_send_request_and_get_statement(service: FlexService, tmp_path: Path) -> None:
    client = _client(service.url, patience=Patience(polls=(60.0,), total=600))
    assert _cancel_when(client, tmp_path, lambda: service.wait_for_requests(1)) < 1


def test_between_two_polls(service: FlexService, tmp_path: Path) -> None:
    service.script(code_answer(1019, "GetStatement"))
    client = _client(service.url, patience=Patience(polls=(0.0, 60.0), total=600))
    assert _cancel_when(client, tmp_path, lambda: service.wait_for_requests(2)) < 1


def test_while_the_token_rests(service: FlexService, tmp_path: Path) -> None:
    service.script(code_answer(1018, "SendRequest"))
    assert _cancel_when(_client(service.url, patience=Patience(total=600)), tmp_path, lambda: service.wait_for_requests(1)) < 1


def test_while_waiting_for_a_turn(service: FlexService, tmp_path: Path) -> None:
    assert _cancel_when(_client(service.url, spacing=100), tmp_path, lambda: service.wait_for_requests(1)) < 1


def test_while_the_statement_drips(service: FlexService, tmp_path: Path) -> None:
    service.script(ScriptedAnswer(action="GetStatement", drip=1000, drip_pause=0.05))
    downloading = threading.Event()
    client = _client(service.url)
    cancel = CancelToken()

    def step(told: FetchStep) -> None:
        if told.name == "downloading" and told.size > 0:
            downloading.set()

    with ThreadPoolExecutor(1) as pool:
        fetch = pool.submit(client.fetch, Secret(PLAIN_TOKEN), "1001", folder=tmp_path, cancel=cancel, step=step)
        assert downloading.wait(10)
        began = time.monotonic()
        cancel.cancel()
        with pytest.raises(Cancelled):
            fetch.result(10)
        assert time.monotonic() - began < 1


def test_while_the_connection_hangs(tmp_path: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        # The queue of a socket that nobody accepts from is soon full; the next connection then hangs.
        full = [socket.socket() for _ in range(4)]
        for each in full:
            each.setblocking(False)
            each.connect_ex(("127.0.0.1", port))
        connecting = threading.Event()
        try:
            client = FlexClient(
                base_url=f"http://127.0.0.1:{port}/x",
                timeouts=Timeouts(connect=1.5, read=1.5, whole=60),
                pacing=Pacing(limits=Limits(spacing=0)),
            )
            cancel = CancelToken()
            with ThreadPoolExecutor(1) as pool:
                fetch = pool.submit(
                    client.fetch,
                    Secret(PLAIN_TOKEN),
                    "1",
                    folder=tmp_path,
                    cancel=cancel,
                    step=lambda _step: connecting.set(),
                )
                assert connecting.wait(5)
                began = time.monotonic()
                cancel.cancel()
                with pytest.raises(Cancelled):
                    fetch.result(10)
                assert time.monotonic() - began < 1
        finally:
            for each in full:
                each.close()
