"""The demo's Flex service over real HTTP, asked with nothing but the standard library."""

from __future__ import annotations

import gzip
import http.client
import threading
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen
from xml.etree import ElementTree as ET

import pytest

from ibjournal.demo.depots import INCOME, LONG_TERM, RETIREMENT
from ibjournal.demo.flex_answers import EASTERN, ScriptedAnswer, code_answer, html_answer, response_timestamp
from ibjournal.demo.flex_pacing import PacingRule
from ibjournal.demo.flex_service import FlexService

AS_OF = date(2026, 11, 19)


class PlainSource:
    """Statements that only repeat what was asked for."""

    as_of = AS_OF

    def activity_xml(self, accounts: Sequence[str], from_date: date, to_date: date, *, generated_at: datetime) -> bytes | None:
        if from_date >= self.as_of:
            return None
        return f"<FlexQueryResponse type='AF' a='{accounts[0]}' f='{from_date}' t='{to_date}' g='{generated_at:%H%M%S}'/>".encode()

    def confirmation_xml(self, accounts: Sequence[str], from_date: date, to_date: date, *, generated_at: datetime) -> bytes | None:
        return f"<FlexQueryResponse type='TCF' a='{accounts[0]}' f='{from_date}' t='{to_date}' g='{generated_at:%H%M%S}'/>".encode()


class Clock:
    """Seconds that pass only when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def service() -> Iterator[FlexService]:
    with FlexService(PlainSource(), pacing=None) as running:
        yield running


def get(service: FlexService, action: str, **params: str) -> bytes:
    request = Request(f"{service.url}/{action}?{urlencode({'v': '3'} | params)}", headers={"User-Agent": "test/1"})
    with urlopen(request, timeout=60) as answer:
        body: bytes = answer.read()
    return body


def tag(body: bytes, name: str) -> str:
    return ET.fromstring(body).findtext(name) or ""


def ask(service: FlexService, token: str = INCOME.token, query: str = INCOME.activity_query, **params: str) -> str:
    """Return the reference code, or the error code with a minus before it."""
    body = get(service, "SendRequest", t=token, q=query, **params)
    return tag(body, "ReferenceCode") or "-" + tag(body, "ErrorCode")


def fetch(service: FlexService, reference: str, token: str = INCOME.token) -> bytes:
    return get(service, "GetStatement", t=token, q=reference)


def test_two_calls_bring_the_statement_of_the_depots_account(service: FlexService) -> None:
    for depot in (INCOME, LONG_TERM):
        reference = ask(service, query=depot.activity_query, fd="20260101", td="20261231")
        report = ET.fromstring(fetch(service, reference))
        assert report.attrib == {"type": "AF", "a": depot.account, "f": "2026-01-01", "t": "2026-12-31", "g": "050622"}
    report = ET.fromstring(fetch(service, ask(service, query=INCOME.confirmation_query)))
    assert (report.get("type"), report.get("f"), report.get("t")) == ("TCF", "2026-11-19", "2026-11-19")


def test_success_names_its_own_address(service: FlexService) -> None:
    body = get(service, "SendRequest", t=INCOME.token, q=INCOME.activity_query)
    assert body.startswith(b"<FlexStatementResponse timestamp='19 November, 2026 04:05 PM EST'>")
    assert tag(body, "Status") == "Success"
    assert tag(body, "Url") == f"{service.url}/GetStatement"


def test_without_a_window_activity_is_a_year_and_p_shortens_it(service: FlexService) -> None:
    year = ET.fromstring(fetch(service, ask(service)))
    assert (year.get("f"), year.get("t")) == ("2025-11-19", "2026-11-18")
    month = ET.fromstring(fetch(service, ask(service, p="30")))
    assert (month.get("f"), month.get("t")) == ("2026-10-20", "2026-11-18")


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"fd": "20250101", "td": "20260102"}, "-1020"),
        ({"fd": "20260105", "td": "20260101"}, "-1020"),
        ({"fd": "20260105"}, "-1020"),
        ({"fd": "2026-01-05", "td": "20260105"}, "-1020"),
        ({"p": "366"}, "-1020"),
        ({"p": "x"}, "-1020"),
        ({"v": "2"}, "-1020"),
        ({"q": "999"}, "-1014"),
        ({"q": RETIREMENT.activity_query}, "-1014"),
        ({"t": "123"}, "-1015"),
        ({"t": RETIREMENT.token, "q": RETIREMENT.activity_query}, "-1012"),
    ],
)
def test_refusals(service: FlexService, params: dict[str, str], code: str) -> None:
    body = get(service, "SendRequest", **({"t": INCOME.token, "q": INCOME.activity_query} | params))
    assert "-" + tag(body, "ErrorCode") == code
    assert tag(body, "Status") == "Fail"
    assert service.requests[-1].code == -int(code)


def test_span_of_a_year_is_taken(service: FlexService) -> None:
    assert not ask(service, fd="20250101", td="20260101").startswith("-")


def test_window_with_nothing_published(service: FlexService) -> None:
    assert tag(fetch(service, ask(service, fd="20261119", td="20261119")), "ErrorCode") == "1003"


def test_unknown_reference_and_another_logins_reference(service: FlexService) -> None:
    assert tag(fetch(service, "1"), "ErrorCode") == "1017"
    reference = ask(service)
    assert tag(fetch(service, reference, token=service.spare_token), "ErrorCode") == "1017"


def test_spare_token_serves_the_login_with_the_expired_one(service: FlexService) -> None:
    reference = ask(service, token=service.spare_token, query=RETIREMENT.activity_query)
    report = ET.fromstring(fetch(service, reference, token=service.spare_token))
    assert report.get("a") == RETIREMENT.account
    assert ask(service, token=RETIREMENT.token, query=RETIREMENT.activity_query) == "-1012"


def test_new_token_kills_the_old_one_at_once(service: FlexService) -> None:
    reference = ask(service)
    service.issue_token(INCOME.login, "555544443333222211110000")
    assert tag(fetch(service, reference), "ErrorCode") == "1015"
    assert ask(service) == "-1015"
    assert not ask(service, token="555544443333222211110000").startswith("-")
    service.expire_token("555544443333222211110000")
    assert ask(service, token="555544443333222211110000") == "-1012"


def test_latency_in_polls() -> None:
    with FlexService(PlainSource(), pacing=None, pending_polls=2) as service:
        reference = ask(service)
        codes = [tag(fetch(service, reference), "ErrorCode") for _ in range(2)]
        assert codes == ["1019", "1019"]
        assert fetch(service, reference).startswith(b"<FlexQueryResponse")


def test_latency_in_seconds() -> None:
    clock = Clock()
    with FlexService(PlainSource(), pacing=None, pending_seconds=5, clock=clock) as service:
        reference = ask(service)
        pending = fetch(service, reference)
        assert (tag(pending, "Status"), tag(pending, "ErrorCode")) == ("Warn", "1019")
        clock.now += 5
        assert fetch(service, reference).startswith(b"<FlexQueryResponse")


def test_one_request_a_second_and_ten_a_minute_for_a_token() -> None:
    clock = Clock()
    with FlexService(PlainSource(), clock=clock) as service:
        assert not ask(service).startswith("-")
        clock.now += 0.9
        assert ask(service, query=LONG_TERM.activity_query) == "-1018"
        assert not ask(service, token=service.spare_token, query=RETIREMENT.activity_query).startswith("-"), "another token"
        clock.now += 0.2
        for _ in range(9):
            assert not ask(service, query=LONG_TERM.activity_query).startswith("-")
            clock.now += 1.1
        assert ask(service) == "-1018"
        clock.now += 60 - 9 * 1.1
        assert not ask(service).startswith("-")


def test_pacing_can_be_shortened() -> None:
    clock = Clock()
    with FlexService(PlainSource(), clock=clock, pacing=PacingRule(scale=0.01)) as service:
        for _ in range(10):
            assert not ask(service).startswith("-")
            clock.now += 0.011
        assert ask(service) == "-1018"
        clock.now += 0.6
        assert not ask(service).startswith("-")


def test_requests_are_recorded_in_order_and_do_not_show_the_token(service: FlexService) -> None:
    reference = ask(service)
    fetch(service, reference)
    first, second = service.requests
    assert (first.action, first.params["q"], first.code) == ("SendRequest", INCOME.activity_query, None)
    assert (second.action, second.params["q"], second.headers["user-agent"]) == ("GetStatement", reference, "test/1")
    assert first.at <= second.at
    assert INCOME.token not in repr(service.requests) + repr(INCOME)


def test_user_agent_is_required(service: FlexService) -> None:
    host, port = service.url.split("/")[2].split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=60)
    connection.request("GET", f"/AccountManagement/FlexWebService/SendRequest?t={INCOME.token}&q=1&v=3")
    answer = connection.getresponse()
    assert (answer.status, answer.read()[:6]) == (403, b"<html>")
    connection.close()


def test_unknown_path(service: FlexService) -> None:
    with pytest.raises(HTTPError) as caught:
        get(service, "Elsewhere")
    assert caught.value.code == 404
    caught.value.close()
    assert service.requests[-1].action == ""


def test_scripted_answers_are_used_once_and_in_order(service: FlexService) -> None:
    service.script(html_answer("GetStatement"), code_answer(1001), ScriptedAnswer(success_url="https://example.org/x"))
    assert ask(service) == "-1001"
    body = get(service, "SendRequest", t=INCOME.token, q=INCOME.activity_query)
    assert tag(body, "Url") == "https://example.org/x"
    reference = tag(body, "ReferenceCode")
    assert fetch(service, reference).startswith(b"<!DOCTYPE html>")
    assert fetch(service, reference).startswith(b"<FlexQueryResponse")
    assert [request.scripted for request in service.requests] == [True, True, True, False]


def test_scripted_status_and_headers(service: FlexService) -> None:
    service.script(ScriptedAnswer(status=503, body=b"later", headers={"Retry-After": "7"}))
    with pytest.raises(HTTPError) as caught:
        ask(service)
    assert (caught.value.code, caught.value.headers["Retry-After"], caught.value.read()) == (503, "7", b"later")
    caught.value.close()


def test_dropped_and_truncated_answers(service: FlexService) -> None:
    reference = ask(service)
    service.script(ScriptedAnswer(drop=True), ScriptedAnswer(truncate_at=10))
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        fetch(service, reference)
    with pytest.raises(http.client.IncompleteRead) as caught:
        fetch(service, reference)
    assert caught.value.partial == b"<FlexQuery"


def test_slow_drip_and_compression(service: FlexService) -> None:
    reference = ask(service)
    whole = fetch(service, reference)
    service.script(ScriptedAnswer(drip=40, drip_pause=0.001), ScriptedAnswer(compress=True))
    assert fetch(service, reference) == whole
    assert gzip.decompress(fetch(service, reference)) == whole


def test_gate_holds_an_answer_back_and_closing_lets_it_go() -> None:
    outcome: list[str] = []

    def request(asked: FlexService) -> None:
        try:
            outcome.append(ask(asked))
        except OSError as error:
            outcome.append(type(error).__name__)

    gate = threading.Event()
    with FlexService(PlainSource(), pacing=None) as service:
        service.script(ScriptedAnswer(gate=gate))
        waiting = threading.Thread(target=request, args=(service,))
        waiting.start()
        service.wait_for_requests(1, timeout=60)
        assert not ask(service).startswith("-"), "others are served meanwhile"
        assert outcome == []
        gate.set()
        waiting.join(60)
        assert not outcome.pop().startswith("-")
        service.script(ScriptedAnswer(gate=threading.Event()))
        left = threading.Thread(target=request, args=(service,))
        left.start()
        service.wait_for_requests(3, timeout=60)
    left.join(60)
    assert outcome == ["RemoteDisconnected"]


def test_delayed_answer_comes_late_or_not_at_all() -> None:
    with FlexService(PlainSource(), pacing=None) as service:
        service.script(ScriptedAnswer(delay=0.01))
        assert not ask(service).startswith("-")
        service.script(ScriptedAnswer(delay=600))
        outcome: list[str] = []

        def request() -> None:
            try:
                outcome.append(ask(service))
            except OSError as error:
                outcome.append(type(error).__name__)

        waiting = threading.Thread(target=request)
        waiting.start()
        service.wait_for_requests(2, timeout=60)
    waiting.join(60)
    assert outcome == ["RemoteDisconnected"]


def test_closing_ends_a_slow_drip() -> None:
    with FlexService(PlainSource(), pacing=None) as service:
        reference = ask(service)
        service.script(ScriptedAnswer(drip=1, drip_pause=600))
        host, port = service.url.split("/")[2].split(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=60)
        path = f"/AccountManagement/FlexWebService/GetStatement?t={INCOME.token}&q={reference}&v=3"
        connection.request("GET", path, headers={"User-Agent": "test/1"})
        answer = connection.getresponse()
        assert answer.read(1) == b"<"
    with pytest.raises(http.client.IncompleteRead):
        answer.read()
    connection.close()


def test_waiting_for_requests_that_never_come(service: FlexService) -> None:
    with pytest.raises(TimeoutError):
        service.wait_for_requests(1, timeout=0.01)


def test_timestamp_is_new_yorks() -> None:
    assert response_timestamp(datetime(2026, 5, 4, 0, 7, tzinfo=EASTERN)) == "04 May, 2026 12:07 AM EDT"


def test_url_is_known_only_while_it_runs() -> None:
    service = FlexService(PlainSource())
    with pytest.raises(RuntimeError):
        _ = service.url
    service.start()
    service.start()
    assert service.url.startswith("http://127.0.0.1:")
    service.close()
    service.close()
