"""A planted token is found nowhere: not in errors, tracebacks, logs, files."""

from __future__ import annotations

import copy
import logging
import pickle
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

from ibjournal.demo.flex_answers import ScriptedAnswer, code_answer, html_answer
from ibjournal.demo.flex_service import FlexService
from ibjournal.domain.errors import FlexError, JournalError
from ibjournal.flex.client import FlexClient, Patience
from ibjournal.flex.errors import RULES
from ibjournal.flex.pacing import Limits, Pacing
from ibjournal.flex.secret import Secret
from ibjournal.flex.transport import Timeouts
from ibjournal.services.jobs import CancelToken
from tests.fakes.patience import FOREVER, SECONDS
from tests.unit.flex.flex_source import PLAIN_TOKEN, PlainSource, plain_depots

FAULTS = {
    **{f"{number}": code_answer(number) for number in RULES},
    "html": html_answer(),
    "503": html_answer(status=503),
    "404": html_answer(status=404),
    "redirect": ScriptedAnswer(status=302, headers={"Location": "https://example.invalid/login"}),
    "drop": ScriptedAnswer(drop=True),
    "truncated": ScriptedAnswer(truncate_at=40),
    "bad headers": ScriptedAnswer(headers={"X-Odd": "a\r\n : broken"}),
    "not gzip": ScriptedAnswer(headers={"Content-Encoding": "gzip"}),
    "hangs": ScriptedAnswer(delay=30),
    "empty": ScriptedAnswer(body=b""),
    "csv": ScriptedAnswer(body=b'"a","b"'),
    "echo": ScriptedAnswer(
        body=f"<FlexStatementResponse><Status>Fail</Status><ErrorCode>1015</ErrorCode>"
        f"<ErrorMessage>Token {PLAIN_TOKEN} is invalid.</ErrorMessage></FlexStatementResponse>".encode()
    ),
    "echo html": ScriptedAnswer(body=f"<html><title>t={PLAIN_TOKEN}</title></html>".encode()),
}


def _everything(error: BaseException) -> str:
    """Return all that could be printed of an error, with the local variables of every frame."""
    seen: list[BaseException] = []
    text = ""
    queue: list[BaseException | None] = [error]
    while queue:
        each = queue.pop()
        if each is None or each in seen:
            continue
        seen.append(each)
        queue += [each.__cause__, each.__context__]
        text += "".join(traceback.TracebackException.from_exception(each, capture_locals=True).format())
        text += repr(each) + str(each) + repr(each.args) + repr(getattr(each, "values", ""))
    return text


@pytest.fixture
def service() -> Iterator[FlexService]:
    with FlexService(PlainSource(), depots=plain_depots(), pacing=None) as service:
        yield service


def _client(url: str, *, read: float = SECONDS) -> FlexClient:
    return FlexClient(
        base_url=url,
        pacing=Pacing(limits=Limits(spacing=0, per_minute=1000)),
        patience=Patience(polls=(0.01,), total=0.2, throttled=0.01, retries=(), busy=(), not_taken=0.01, renewal=0.0),
        timeouts=Timeouts(connect=SECONDS, read=read, whole=FOREVER),
    )


@pytest.mark.parametrize("fault", FAULTS)
def test_after_every_failure(service: FlexService, tmp_path: Path, caplog: pytest.LogCaptureFixture, fault: str) -> None:
    caplog.set_level(logging.DEBUG)
    service.script(*[FAULTS[fault] for _ in range(100)])
    raised = ""
    try:
        _client(service.url, read=0.2).fetch(Secret(PLAIN_TOKEN), "1001", folder=tmp_path, cancel=CancelToken())
    except JournalError as error:
        raised = _everything(error)
    assert PLAIN_TOKEN not in raised
    assert PLAIN_TOKEN not in caplog.text
    assert all(PLAIN_TOKEN not in repr(record.__dict__) for record in caplog.records)
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and PLAIN_TOKEN.encode() in path.read_bytes()]
    assert raised or fault == "bad headers"


def test_when_nobody_listens(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with FlexService(PlainSource(), depots=plain_depots()) as service:
        url = service.url
    with pytest.raises(FlexError) as caught:
        _client(url).fetch(Secret(PLAIN_TOKEN), "1001", folder=tmp_path, cancel=CancelToken())
    assert PLAIN_TOKEN not in _everything(caught.value)
    assert PLAIN_TOKEN not in caplog.text


def test_a_name_that_cannot_be_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ibjournal.flex.client.is_broker", lambda _url: True)
    with pytest.raises(FlexError) as caught:
        _client("https://flex.invalid/service").fetch(Secret(PLAIN_TOKEN), "1001", folder=tmp_path, cancel=CancelToken())
    assert caught.value.code == "name_lookup_failed"
    assert PLAIN_TOKEN not in _everything(caught.value)


def test_a_service_without_tls(service: FlexService, tmp_path: Path) -> None:
    with pytest.raises(FlexError) as caught:
        _client(service.url.replace("http:", "https:")).fetch(Secret(PLAIN_TOKEN), "1001", folder=tmp_path, cancel=CancelToken())
    assert caught.value.code == "tls_failed"
    assert PLAIN_TOKEN not in _everything(caught.value)


def test_a_secret_shows_nothing() -> None:
    secret = Secret(PLAIN_TOKEN)
    for text in (repr(secret), str(secret), f"{secret}", f"{secret!r}", f"{[secret]}"):
        assert "3141" not in text
    assert secret.reveal() == PLAIN_TOKEN
    assert len(secret) == 24
    assert secret == Secret(PLAIN_TOKEN)
    assert secret != Secret("1")
    assert secret != PLAIN_TOKEN
    assert hash(secret) == hash(Secret(PLAIN_TOKEN))
    assert not Secret("")
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    with pytest.raises(TypeError):
        copy.deepcopy(secret)
