"""Cancelling, at each stage, over real sockets and the real clock."""

from __future__ import annotations

import socket
import threading
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
from ibjournal.services.jobs import CancelToken
from tests.fakes.patience import FOREVER, SECONDS, TIMEOUTS
from tests.unit.flex.flex_source import PLAIN_TOKEN, PlainSource, plain_depots


@pytest.fixture
def service() -> Iterator[FlexService]:
    with FlexService(PlainSource(filler=200_000), depots=plain_depots(), pacing=None) as service:
        yield service


def _client(url: str, *, patience: Patience | None = None, spacing: float = 0.0) -> FlexClient:
    return FlexClient(
        base_url=url,
        pacing=Pacing(limits=Limits(spacing=spacing, per_minute=1000)),
        patience=patience or Patience(polls=(0.0,), total=FOREVER),
        timeouts=TIMEOUTS,
    )


def _cancel_when(client: FlexClient, folder: Path, ready: Callable[[], None]) -> None:
    """Start a fetch and cancel it once ``ready`` returns: it ends long before what it waits for would."""
    cancel = CancelToken()
    with ThreadPoolExecutor(1) as pool:
        fetch = pool.submit(client.fetch, Secret(PLAIN_TOKEN), "1001", folder=folder, cancel=cancel)
        ready()
        cancel.cancel()
        with pytest.raises(Cancelled):
            fetch.result(SECONDS)
    assert not list(folder.glob("flex-*/*")), "nothing of it stays"


def test_while_send_request_is_not_answered(service: FlexService, tmp_path: Path) -> None:
    service.script(ScriptedAnswer(action="SendRequest", delay=FOREVER))
    _cancel_when(_client(service.url), tmp_path, lambda: service.wait_for_requests(1))


def test_while_send_request_drips(service: FlexService, tmp_path: Path) -> None:
    service.script(ScriptedAnswer(action="SendRequest", drip=1, drip_pause=1))
    _cancel_when(_client(service.url), tmp_path, lambda: service.wait_for_requests(1))


def test_between_send_request_and_get_statement(service: FlexService, tmp_path: Path) -> None:
    client = _client(service.url, patience=Patience(polls=(FOREVER,), total=2 * FOREVER))
    _cancel_when(client, tmp_path, lambda: service.wait_for_requests(1))


def test_between_two_polls(service: FlexService, tmp_path: Path) -> None:
    service.script(code_answer(1019, "GetStatement"))
    client = _client(service.url, patience=Patience(polls=(0.0, FOREVER), total=2 * FOREVER))
    _cancel_when(client, tmp_path, lambda: service.wait_for_requests(2))


def test_while_the_token_rests(service: FlexService, tmp_path: Path) -> None:
    service.script(code_answer(1018, "SendRequest"))
    _cancel_when(_client(service.url, patience=Patience(total=FOREVER)), tmp_path, lambda: service.wait_for_requests(1))


def test_while_waiting_for_a_turn(service: FlexService, tmp_path: Path) -> None:
    _cancel_when(_client(service.url, spacing=FOREVER), tmp_path, lambda: service.wait_for_requests(1))


def test_while_the_statement_drips(service: FlexService, tmp_path: Path) -> None:
    service.script(ScriptedAnswer(action="GetStatement", drip=1000, drip_pause=1))
    downloading = threading.Event()
    client = _client(service.url)
    cancel = CancelToken()

    def step(told: FetchStep) -> None:
        if told.name == "downloading" and told.size > 0:
            downloading.set()

    with ThreadPoolExecutor(1) as pool:
        fetch = pool.submit(client.fetch, Secret(PLAIN_TOKEN), "1001", folder=tmp_path, cancel=cancel, step=step)
        assert downloading.wait(SECONDS)
        cancel.cancel()
        with pytest.raises(Cancelled):
            fetch.result(SECONDS)


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
                timeouts=TIMEOUTS,
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
                assert connecting.wait(SECONDS)
                cancel.cancel()
                with pytest.raises(Cancelled):
                    fetch.result(SECONDS)
        finally:
            for each in full:
                each.close()
