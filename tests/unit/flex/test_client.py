from __future__ import annotations

import errno
import itertools
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest

from ibjournal.demo.flex_answers import ScriptedAnswer, code_answer, html_answer
from ibjournal.demo.flex_service import FlexService
from ibjournal.domain.errors import Cancelled, FlexError, StoreError
from ibjournal.flex.client import BASE_URL, FetchStep, FlexClient, Patience
from ibjournal.flex.errors import RULES, Action
from ibjournal.flex.pacing import Limits, Pacing
from ibjournal.flex.secret import Secret
from ibjournal.flex.transport import Body, Timeouts
from ibjournal.services.jobs import CancelToken
from tests.fakes.clock import FakeClock
from tests.fakes.patience import FOREVER, SECONDS, TIMEOUTS
from tests.unit.flex.flex_source import PLAIN_TOKEN, PlainSource, plain_depots

JUNE = (date(2026, 6, 1), date(2026, 6, 30))


@dataclass
class Bench:
    """A client and the service it talks to."""

    service: FlexService
    folder: Path
    clock: FakeClock = field(default_factory=FakeClock)
    steps: list[str] = field(default_factory=list)
    told: list[FetchStep] = field(default_factory=list)

    def client(self, **options: object) -> FlexClient:
        settings: dict[str, object] = {
            "base_url": self.service.url,
            "clock": self.clock,
            "pacing": Pacing(clock=self.clock),
            "timeouts": TIMEOUTS,
        }
        return FlexClient(**(settings | options))  # type: ignore[arg-type]

    def fetch(self, client: FlexClient | None = None, *, query: str = "1001", period: tuple[date, date] | None = JUNE) -> bytes:
        fetched = (client or self.client()).fetch(
            Secret(PLAIN_TOKEN),
            query,
            period=period,
            folder=self.folder,
            cancel=CancelToken(),
            step=self._hear,
        )
        assert fetched.size == fetched.path.stat().st_size
        return fetched.path.read_bytes()

    def _hear(self, step: FetchStep) -> None:
        self.steps.append(step.name)
        self.told.append(step)

    def refused(self, client: FlexClient | None = None) -> FlexError:
        with pytest.raises(FlexError) as caught:
            self.fetch(client)
        assert not list(self.folder.glob("**/*.xml")), "nothing of a failed fetch stays on disk"
        return caught.value

    @property
    def calls(self) -> list[str]:
        return [request.action for request in self.service.requests]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with FlexService(PlainSource(), depots=plain_depots(), pacing=None) as service:
        yield Bench(service, tmp_path)


def test_a_statement_is_asked_for_then_fetched(bench: Bench) -> None:
    body = bench.fetch()
    assert body.startswith(b"<FlexQueryResponse")
    assert b'fromDate="20260601" toDate="20260630"' in body
    assert bench.calls == ["SendRequest", "GetStatement"]
    send, get = bench.service.requests
    assert send.params == {"t": PLAIN_TOKEN, "q": "1001", "v": "3", "fd": "20260601", "td": "20260630"}
    assert get.params["v"] == "3"
    assert get.params["q"].isdigit()
    assert send.headers["user-agent"].startswith("ibjournal/")
    assert "referer" not in send.headers
    assert "cookie" not in get.headers


def test_without_a_window_the_querys_own_period_is_taken(bench: Bench) -> None:
    bench.fetch(period=None)
    assert set(bench.service.requests[0].params) == {"t", "q", "v"}


@pytest.mark.parametrize("period", [(date(2026, 2, 1), date(2026, 1, 1)), (date(2024, 1, 1), date(2024, 12, 31))])
def test_impossible_windows_are_a_bug_of_the_caller(bench: Bench, period: tuple[date, date]) -> None:
    with pytest.raises(ValueError, match="365"):
        bench.fetch(period=period)
    assert not bench.calls


def test_the_type_of_the_report_is_told(bench: Bench) -> None:
    client = bench.client()
    for query, kind in (("1001", "AF"), ("1002", "TCF")):
        fetched = client.fetch(Secret(PLAIN_TOKEN), query, period=JUNE, folder=bench.folder, cancel=CancelToken())
        assert fetched.type == kind


def test_polling_grows_more_patient(bench: Bench) -> None:
    bench.service.pending_polls = 8
    bench.fetch()
    waits = [round(wait) for wait in bench.clock.waits if wait > 2]
    assert waits[:8] == [5, 7, 10, 15, 20, 30, 30, 30]
    assert bench.calls == ["SendRequest"] + 9 * ["GetStatement"]
    references = {request.params["q"] for request in bench.service.requests[1:]}
    assert len(references) == 1, "the same reference is polled"


def test_waiting_for_a_statement_ends(bench: Bench) -> None:
    bench.service.pending_polls = 1000
    error = bench.refused()
    assert error.code == "not_ready"
    assert 240 <= int(str(error.values["seconds"])) <= 310
    assert bench.calls.count("SendRequest") == 1
    assert len(bench.calls) < 20


@pytest.mark.parametrize("number", sorted(n for n, rule in RULES.items() if rule.action in {Action.ASK_USER, Action.STOP}))
@pytest.mark.parametrize("call", ["SendRequest", "GetStatement"])
def test_what_the_user_must_mend_is_asked_once(bench: Bench, number: int, call: str) -> None:
    bench.service.script(code_answer(number, call))
    error = bench.refused()
    assert error.code == RULES[number].code
    assert error.values["number"] == number
    assert error.values["call"] == call
    assert error.values["text"]
    assert bench.calls == (["SendRequest"] if call == "SendRequest" else ["SendRequest", "GetStatement"])


@pytest.mark.parametrize("number", sorted(n for n, rule in RULES.items() if rule.action is Action.RETRY))
@pytest.mark.parametrize("call", ["SendRequest", "GetStatement"])
def test_what_may_pass_is_asked_anew_minutes_apart(bench: Bench, number: int, call: str) -> None:
    bench.service.script(code_answer(number, call))
    bench.fetch()
    assert bench.calls.count("SendRequest") == 2
    assert (120.0 if number == 1009 else 60.0) in bench.clock.waits, "a heavy load is given longer"


@pytest.mark.parametrize("number", sorted(n for n, rule in RULES.items() if rule.action is Action.RETRY))
def test_what_does_not_pass_ends_after_three_requests(bench: Bench, number: int) -> None:
    bench.service.script(*[code_answer(number) for _ in range(9)])
    assert bench.refused().code == RULES[number].code
    assert bench.calls == 3 * ["SendRequest"]


@pytest.mark.parametrize("number", [1017, 1020])
def test_a_stale_reference_is_renewed_once(bench: Bench, number: int) -> None:
    bench.service.script(code_answer(number, "GetStatement"))
    bench.fetch()
    assert bench.calls == ["SendRequest", "GetStatement", "SendRequest", "GetStatement"]


@pytest.mark.parametrize("number", [1017, 1020])
def test_a_reference_that_stays_stale_is_told(bench: Bench, number: int) -> None:
    bench.service.script(*[code_answer(number, "GetStatement") for _ in range(9)])
    assert bench.refused().code == RULES[number].code
    assert bench.calls == ["SendRequest", "GetStatement", "SendRequest", "GetStatement"]


@pytest.mark.parametrize("call", ["SendRequest", "GetStatement"])
@pytest.mark.parametrize("number", sorted(n for n, rule in RULES.items() if rule.action is Action.WAIT))
def test_what_is_to_be_waited_for_is_asked_again(bench: Bench, number: int, call: str) -> None:
    bench.service.script(code_answer(number, call))
    bench.fetch()
    assert bench.calls.count(call) == 2
    assert len(bench.calls) == 3


def test_after_too_many_requests_the_token_rests_and_the_reference_stays(bench: Bench) -> None:
    bench.service.script(code_answer(1018, "GetStatement"))
    start = bench.clock.monotonic()
    bench.fetch()
    first, second = [request.params["q"] for request in bench.service.requests[1:]]
    assert first == second
    assert bench.clock.monotonic() - start >= 60


def test_after_a_lock_out_nothing_more_is_sent(bench: Bench) -> None:
    client = bench.client()
    bench.service.script(code_answer(1025, "SendRequest"))
    assert bench.refused(client).code == "locked_out"
    error = bench.refused(client)
    assert error.code == "locked_out"
    assert error.values["asked"] is False
    assert bench.calls == ["SendRequest"]
    bench.clock.advance(25 * 3600)
    bench.fetch(client)


def test_unknown_codes_stop_and_keep_ibkrs_words(bench: Bench) -> None:
    bench.service.script(
        ScriptedAnswer(
            body=b"<FlexStatementResponse timestamp='x'><Status>Fail</Status><ErrorCode>1044</ErrorCode>"
            b"<ErrorMessage>Something\n new.</ErrorMessage></FlexStatementResponse>"
        )
    )
    error = bench.refused()
    assert (error.code, error.values["number"], error.values["text"]) == ("unknown_code", 1044, "Something new.")
    assert bench.calls == ["SendRequest"]


def test_failing_requests_end_before_ibkr_locks_the_token(bench: Bench) -> None:
    client = bench.client()
    bench.service.script(*[code_answer(1013) for _ in range(20)])
    assert [bench.refused(client).code for _ in range(8)] == 8 * ["ip_restricted"]
    assert bench.calls == 5 * ["SendRequest"]


@pytest.mark.parametrize("number", [1012, 1015])
def test_a_token_that_ibkr_calls_dead_is_not_used_again(bench: Bench, number: int) -> None:
    client = bench.client()
    bench.service.script(code_answer(number))
    assert bench.refused(client).values.get("asked") is None
    bench.clock.advance(7 * 86400)
    again = bench.refused(client)
    assert (again.code, again.values) == (RULES[number].code, {"asked": False})
    assert bench.calls == ["SendRequest"]
    client.pacing.of(Secret(PLAIN_TOKEN)).forgive()
    bench.fetch(client)


def test_an_empty_window_is_no_failed_request(bench: Bench) -> None:
    client = bench.client()
    bench.service.script(*[code_answer(1003, "SendRequest") for _ in range(8)])
    assert [bench.refused(client).code for _ in range(8)] == 8 * ["not_available"]
    assert len(bench.calls) == 8


def _body(body: bytes) -> ScriptedAnswer:
    return ScriptedAnswer(body=body, action="GetStatement")


WAY_FAILED = {
    "html_answer": html_answer("GetStatement"),
    "empty_answer": _body(b" \n"),
    "unexpected_answer": _body(b"<Surprise/>"),
    "truncated_answer": ScriptedAnswer(action="GetStatement", truncate_at=200),
    "service_down": html_answer("GetStatement", status=503),
    "http_status": html_answer("GetStatement", status=404),
    "connection_lost": ScriptedAnswer(action="GetStatement", drop=True),
}


def test_a_promise_where_the_statement_should_be_is_no_error_of_ibkr(bench: Bench) -> None:
    promise = b"<FlexStatementResponse><Status>Success</Status><ReferenceCode>1</ReferenceCode></FlexStatementResponse>"
    bench.service.script(*[_body(promise) for _ in range(6)])
    assert bench.refused().code == "unexpected_answer"
    assert bench.calls == ["SendRequest", *5 * ["GetStatement"]]
    assert bench.fetch(), "the last of them was got over"


@pytest.mark.parametrize("code", WAY_FAILED)
def test_a_failure_of_the_way_is_got_over(bench: Bench, code: str) -> None:
    bench.service.script(WAY_FAILED[code])
    bench.fetch()
    assert bench.calls == ["SendRequest", "GetStatement", "GetStatement"]


@pytest.mark.parametrize("code", WAY_FAILED)
def test_a_failure_of_the_way_that_stays_is_told(bench: Bench, code: str) -> None:
    bench.service.script(*[WAY_FAILED[code] for _ in range(20)])
    assert bench.refused().code == code
    assert bench.calls == ["SendRequest"] + 5 * ["GetStatement"]


def test_csv_is_told_at_once(bench: Bench) -> None:
    bench.service.script(_body(b'"ClientAccountID","CurrencyPrimary"\n"U1","EUR"\n'))
    assert bench.refused().code == "csv_answer"
    assert bench.calls == ["SendRequest", "GetStatement"]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (html_answer(), "html_answer"),
        (html_answer(status=500), "service_down"),
        (html_answer(status=404), "http_status"),
        (ScriptedAnswer(status=302, headers={"Location": "https://example.invalid/login"}), "redirected"),
        (ScriptedAnswer(drop=True), "connection_lost"),
        (ScriptedAnswer(truncate_at=30), "truncated_answer"),
        (ScriptedAnswer(body=b""), "empty_answer"),
        (ScriptedAnswer(body=b"BOF|U1|Query|"), "csv_answer"),
        (ScriptedAnswer(body=b"<FlexQueryResponse type='AF'></FlexQueryResponse>"), "unexpected_answer"),
    ],
)
def test_a_failing_send_request_is_not_repeated(bench: Bench, answer: ScriptedAnswer, code: str) -> None:
    bench.service.script(answer)
    assert bench.refused().code == code
    assert bench.calls == ["SendRequest"], "it may have queued a statement all the same"


def test_a_redirect_is_never_followed(bench: Bench) -> None:
    target = f"{bench.service.url}/Elsewhere"
    bench.service.script(ScriptedAnswer(status=302, headers={"Location": target}))
    assert bench.refused().code == "redirected"
    assert len(bench.service.requests) == 1


def test_an_answer_beyond_the_limit_is_left(bench: Bench) -> None:
    client = bench.client(largest=100_000)
    big = b"<FlexQueryResponse type='AF'>" + b" " * 200_000 + b"</FlexQueryResponse>"
    bench.service.script(_body(big))
    error = bench.refused(client)
    assert (error.code, error.values["limit"]) == ("oversized_answer", 100_000)


def test_the_limit_holds_for_the_unpacked_answer(bench: Bench) -> None:
    client = bench.client(largest=1_000_000)
    bomb = b"<FlexQueryResponse type='AF'>" + b" " * 20_000_000 + b"</FlexQueryResponse>"
    bench.service.script(ScriptedAnswer(action="GetStatement", body=bomb, compress=True))
    assert bench.refused(client).code == "oversized_answer"


def test_compressed_answers_are_unpacked(bench: Bench) -> None:
    bench.service.script(ScriptedAnswer(compress=True), ScriptedAnswer(compress=True))
    assert bench.fetch().startswith(b"<FlexQueryResponse")


def test_a_body_that_is_cut_off_without_a_length_is_noticed(bench: Bench) -> None:
    cut = b"<FlexQueryResponse type='AF'><FlexStatements><FlexStatement accountId='U1'>"
    bench.service.script(*[_body(cut) for _ in range(9)])
    assert bench.refused().code == "truncated_answer"


def test_a_slow_answer_arrives(bench: Bench) -> None:
    bench.service.script(ScriptedAnswer(action="GetStatement", drip=100, drip_pause=0.001))
    assert bench.fetch().rstrip().endswith(b"</FlexQueryResponse>")


def test_an_answer_that_never_ends_is_given_up(bench: Bench) -> None:
    client = bench.client(timeouts=Timeouts(connect=SECONDS, read=SECONDS, whole=0.3))
    bench.service.script(ScriptedAnswer(action="SendRequest", drip=1, drip_pause=0.05))
    assert bench.refused(client).code == "timed_out"


def test_a_service_that_does_not_answer_times_out(bench: Bench) -> None:
    client = bench.client(timeouts=Timeouts(connect=SECONDS, read=0.2, whole=FOREVER))
    bench.service.script(ScriptedAnswer(delay=FOREVER))
    error = bench.refused(client)
    assert (error.code, error.values["stage"]) == ("timed_out", "read")


def test_nobody_listening(tmp_path: Path) -> None:
    with FlexService(PlainSource(), depots=plain_depots()) as service:
        url = service.url
    client = FlexClient(base_url=url, clock=FakeClock())
    with pytest.raises(FlexError) as caught:
        client.fetch(Secret(PLAIN_TOKEN), "1001", folder=tmp_path, cancel=CancelToken())
    assert caught.value.code == "no_network"


# --- where the token may go --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "http://ndcdyn.interactivebrokers.com/AccountManagement/FlexWebService",
        "https://ndcdyn.interactivebrokers.com.evil.example/AccountManagement/FlexWebService",
        "https://evilinteractivebrokers.com/x",
        "https://user@ndcdyn.interactivebrokers.com/x",
        "https://ndcdyn.interactivebrokers.com:8443/x",
        "https://ndcdyn.interactivebrokers.com\\@evil.example/x",
        "https://evil.example/#.interactivebrokers.com",
        "http://127.0.0.1.evil.example/x",
        "http://10.0.0.1/x",
        "ftp://127.0.0.1/x",
        "",
    ],
)
def test_other_services_are_refused(url: str) -> None:
    with pytest.raises(FlexError) as caught:
        FlexClient(base_url=url)
    assert caught.value.code == "hostile_url"


def test_the_answers_address_is_not_used_while_ours_works(bench: Bench) -> None:
    bench.service.script(ScriptedAnswer(action="SendRequest", success_url="https://evil.example/GetStatement"))
    bench.fetch()
    assert bench.calls == ["SendRequest", "GetStatement"]


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/GetStatement",
        "https://gdcdyn.interactivebrokers.com/AccountManagement/FlexWebService/GetStatement",
        "http://127.0.0.1:1/AccountManagement/FlexWebService/GetStatement",
        "http://user@127.0.0.1/GetStatement",
    ],
)
def test_a_hostile_address_is_never_asked(bench: Bench, url: str) -> None:
    bench.service.script(ScriptedAnswer(action="SendRequest", success_url=url), html_answer("GetStatement"))
    assert bench.refused().code == "hostile_url"
    assert bench.calls == ["SendRequest", "GetStatement"]


def _service_behind(answers: dict[str, bytes | FlexError], asked: list[str]) -> Callable[..., Body]:
    """Return a stand-in for the transport, to see which of IBKR's hosts would be asked."""

    def get(url: str, token: Secret, query: Mapping[str, str], *, to: Path, **_options: object) -> Body:
        assert token.reveal() == PLAIN_TOKEN
        assert query["q"]
        asked.append(url)
        answer = answers[url]
        if isinstance(answer, FlexError):
            raise answer
        to.write_bytes(answer)
        return Body(head=answer, size=len(answer), whole=True)

    return get


def test_ibkrs_own_second_address_is_tried_when_the_first_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mirror = "https://gdcdyn.interactivebrokers.com/AccountManagement/FlexWebService/GetStatement"
    status = f"<FlexStatementResponse><Status>Success</Status><ReferenceCode>7</ReferenceCode><Url>{mirror}</Url>"
    asked: list[str] = []
    answers: dict[str, bytes | FlexError] = {
        f"{BASE_URL}/SendRequest": f"{status}</FlexStatementResponse>".encode(),
        f"{BASE_URL}/GetStatement": FlexError("service_down", status=503),
        mirror: b"<FlexQueryResponse type='AF'></FlexQueryResponse>",
    }
    monkeypatch.setattr("ibjournal.flex.client.get", _service_behind(answers, asked))
    clock = FakeClock()
    client = FlexClient(clock=clock)
    assert client.fetch(Secret(PLAIN_TOKEN), "1", folder=tmp_path, cancel=CancelToken()).type == "AF"
    assert asked == [f"{BASE_URL}/SendRequest", f"{BASE_URL}/GetStatement", mirror]

    asked.clear()
    answers[mirror] = FlexError("name_lookup_failed")
    with pytest.raises(FlexError):
        client.fetch(Secret(PLAIN_TOKEN), "1", folder=tmp_path, cancel=CancelToken())
    ours = f"{BASE_URL}/GetStatement"
    assert asked[1:] == [ours, mirror, ours, mirror, ours], "in turn"


def test_a_big_report_arrives_whole(bench: Bench) -> None:
    big = b"<FlexQueryResponse type='AF'>" + b"<x/>" * 10_000_000 + b"</FlexQueryResponse>"
    bench.service.script(_body(big))
    assert len(bench.fetch()) == len(big)


def test_a_dead_legacy_address_is_not_tried(bench: Bench) -> None:
    legacy = "https://gdcdyn.interactivebrokers.com/Universal/servlet/FlexStatementService.GetStatement"
    bench.service.script(ScriptedAnswer(action="SendRequest", success_url=legacy), html_answer("GetStatement"))
    bench.fetch()
    assert bench.calls == ["SendRequest", "GetStatement", "GetStatement"]


# --- checking a token --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [0, 1018, 1019])
def test_a_valid_token_is_proven_by_one_request(bench: Bench, number: int) -> None:
    if number:
        bench.service.script(code_answer(number))
    bench.client().probe(Secret(PLAIN_TOKEN), "1001", folder=bench.folder, cancel=CancelToken())
    assert bench.calls == ["SendRequest"]
    assert not list(bench.folder.iterdir())


def test_a_refused_token_is_told(bench: Bench) -> None:
    with pytest.raises(FlexError) as caught:
        bench.client().probe(Secret("999999999999999999999999"), "1001", folder=bench.folder, cancel=CancelToken())
    assert caught.value.code == "token_invalid"
    assert not list(bench.folder.iterdir())


def test_progress_tells_what_is_going_on(bench: Bench) -> None:
    bench.service.pending_polls = 1
    bench.fetch()
    named = [step for step in bench.steps if step not in {"downloading", "pacing"}]  # both seldom: answers come at once here
    assert [step for step, _ in itertools.groupby(named)] == ["requesting", "generating"]


def test_progress_tells_the_attempt_and_the_next_look(bench: Bench) -> None:
    bench.service.script(
        code_answer(1001, "SendRequest"),
        code_answer(1019, "GetStatement"),
        code_answer(1018, "GetStatement"),
        html_answer("GetStatement"),
    )
    bench.fetch()
    told = [(step.name, step.attempt, step.wait) for step in bench.told if step.name not in {"downloading", "pacing"}]
    assert told == [
        ("requesting", 1, 0),
        ("retrying", 2, 60),
        ("requesting", 1, 0),
        ("generating", 1, 5),
        ("generating", 1, 0),
        ("generating", 2, 7),
        ("generating", 2, 0),
        ("throttled", 3, 60),
        ("generating", 3, 0),
        ("way_failed", 4, 15),
        ("generating", 4, 0),
    ]


def test_failures_of_both_calls_are_counted(bench: Bench) -> None:
    client = bench.client(pacing=Pacing(clock=bench.clock, limits=Limits(failures=2)))
    bench.service.script(code_answer(1017, "GetStatement"), code_answer(1017, "GetStatement"))
    assert bench.refused(client).code == "reference_invalid"
    before = len(bench.calls)
    assert bench.refused(client).values["asked"] is False
    assert len(bench.calls) == before


def test_a_cancelled_token_sends_nothing(bench: Bench) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        bench.client().fetch(Secret(PLAIN_TOKEN), "1001", folder=bench.folder, cancel=cancel)
    assert not bench.calls


def _limits() -> Limits:
    return Limits(spacing=0, per_minute=1000)


def test_quick_patience_is_possible(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    client = bench.client(patience=Patience(polls=(0.0,), total=5), pacing=Pacing(clock=bench.clock, limits=_limits()))
    bench.fetch(client)
    assert sum(bench.clock.waits) == 0


def test_what_a_killed_program_left_behind_is_swept_away(bench: Bench) -> None:
    old, young = bench.folder / "flex-old", bench.folder / "flex-young"
    for folder in (old, young):
        folder.mkdir()
        (folder / "1.xml").write_bytes(b"<half")
    os.utime(old, (0, 0))
    client = bench.client()
    bench.fetch(client)
    assert not old.exists()
    assert young.exists()
    os.utime(young, (0, 0))
    bench.fetch(client)
    assert young.exists(), "a clock that jumps makes no fetch of another thread look old"
    next_year = time.time() + 400 * 86400
    os.utime(young, (next_year, next_year))
    bench.fetch()
    assert not young.exists(), "nor does one that was ahead keep what was left behind"


def test_a_folder_that_cannot_be_made_is_told_and_nothing_is_asked(bench: Bench) -> None:
    bench.folder /= "fetching"
    bench.folder.write_text("a file in its place")
    with pytest.raises(StoreError) as caught:
        bench.fetch()
    assert (caught.value.code, caught.value.values["file"]) == ("store_failed", str(bench.folder))
    assert bench.calls == []


def test_a_disk_that_is_full_before_the_first_request_is_told(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**_options: object) -> str:
        raise OSError(errno.EDQUOT, "no room")

    monkeypatch.setattr(tempfile, "mkdtemp", full)
    with pytest.raises(StoreError) as caught:
        bench.fetch()
    assert caught.value.code == "disk_full"
    assert bench.calls == []
