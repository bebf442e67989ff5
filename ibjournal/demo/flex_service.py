"""A Flex Web Service on loopback that behaves as IBKR's: two calls, codes, pacing, latency, the life of a token.

The window's demo, the tests of the client and the end-to-end tests all talk to it over real HTTP.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from itertools import count
from typing import Protocol, Self

from ibjournal.demo.broker import DEFAULT_AS_OF, DEFAULT_SEED, build
from ibjournal.demo.business_days import previous_report_day
from ibjournal.demo.depots import DEMO_DEPOTS, SPARE_TOKEN, DemoDepot
from ibjournal.demo.flex_answers import EASTERN, USUAL, ScriptedAnswer, error_body, success_body
from ibjournal.demo.flex_http import FlexHttpServer, Reply
from ibjournal.demo.flex_pacing import PacingRule, RequestLimiter

BASE_PATH = "/AccountManagement/FlexWebService"
LONGEST_SPAN = 365


class StatementSource(Protocol):
    """Where statements come from; `ibjournal.demo.broker.Broker` is one, a test may give its own."""

    @property
    def as_of(self) -> date:
        """The demo's day."""

    def activity_xml(self, accounts: Sequence[str], from_date: date, to_date: date, *, generated_at: datetime) -> bytes | None:
        """Return an Activity report, or None when nothing is published for the window."""

    def confirmation_xml(self, accounts: Sequence[str], from_date: date, to_date: date, *, generated_at: datetime) -> bytes | None:
        """Return a Trade Confirmation report, or None when there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedRequest:
    """A request as it arrived. ``at`` is the service's monotonic clock; ``code`` is the IBKR code answered, None for success."""

    action: str
    path: str
    params: Mapping[str, str] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    at: float
    code: int | None
    scripted: bool


@dataclass(slots=True, kw_only=True)
class _Job:
    """A statement that was asked for. ``polls`` counts the answers "in progress" given so far."""

    token: str
    depot: DemoDepot
    slot: str
    from_date: date
    to_date: date
    generated_at: datetime
    asked_at: float
    polls: int = 0
    body: bytes | None = None


class _RefusedError(Exception):
    """The request is answered with one of IBKR's codes."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class FlexService:
    """The service. Use it as a context manager; ``url`` is the base address, without a slash at the end.

    Args:
        source: where statements come from; by default the demo broker for ``as_of`` and ``seed``.
        as_of: the demo's day. Activity runs through the last report day before it.
        seed: the variation of the demo history.
        depots: logins, tokens, queries and accounts.
        pacing: the limit on requests of a token (1018); None switches it off.
        pending_polls: how many GetStatement calls for a reference are answered with 1019 first.
        pending_seconds: how long after SendRequest a reference is answered with 1019.
        clock: monotonic seconds, for pacing and latency.
        now: the wall clock in the answers and in ``whenGenerated`` of confirmations; by default 16:05 in New York on ``as_of``.
    """

    def __init__(
        self,
        source: StatementSource | None = None,
        *,
        as_of: date = DEFAULT_AS_OF,
        seed: int = DEFAULT_SEED,
        depots: Sequence[DemoDepot] = DEMO_DEPOTS,
        pacing: PacingRule | None = PacingRule(),  # noqa: B008 - frozen
        pending_polls: int = 0,
        pending_seconds: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        self.source: StatementSource = build(as_of=as_of, seed=seed) if source is None else source
        self.depots = tuple(depots)
        self.pending_polls = pending_polls
        self.pending_seconds = pending_seconds
        self._clock = clock
        self._now = now if now is not None else self._fixed_now
        self._limiter = RequestLimiter(pacing, clock)
        self._lock = threading.RLock()
        self._arrival = threading.Condition(self._lock)
        self._closing = threading.Event()
        self._scripted: deque[ScriptedAnswer] = deque()
        self._requests: list[RecordedRequest] = []
        self._jobs: dict[str, _Job] = {}
        self._references = count(9_324_443_001)
        self._generated: dict[str, int] = {}
        self._logins = {depot.token: depot.login for depot in self.depots if not depot.token_expired}
        self._expired = {depot.token: depot.login for depot in self.depots if depot.token_expired}
        for login in self._expired.values():
            self._logins[SPARE_TOKEN] = login
        self._server: FlexHttpServer | None = None

    # -- life ------------------------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        """Start to listen."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop and wait for the threads."""
        self.close()

    def start(self) -> None:
        """Listen on a free port of 127.0.0.1."""
        if self._server is None:
            self._closing.clear()
            self._server = FlexHttpServer(self.answer, self._closing)

    def close(self) -> None:
        """Stop; waiting answers are let go at once. Calling it twice does no harm."""
        server, self._server = self._server, None
        if server is not None:
            self._closing.set()
            server.stop()

    @property
    def url(self) -> str:
        """The base address: add ``/SendRequest`` or ``/GetStatement``."""
        if self._server is None:
            raise RuntimeError("the service has not been started")
        return f"http://127.0.0.1:{self._server.port}{BASE_PATH}"

    @property
    def spare_token(self) -> str:
        """The new token of the login whose old one has expired: what a user would copy from the Client Portal."""
        return SPARE_TOKEN

    # -- for tests -------------------------------------------------------------------------------------------------

    @property
    def requests(self) -> tuple[RecordedRequest, ...]:
        """All requests so far, in the order of their arrival."""
        with self._lock:
            return tuple(self._requests)

    def wait_for_requests(self, number: int, *, timeout: float = 60.0) -> None:
        """Wait until ``number`` requests have arrived since the start; TimeoutError after ``timeout`` seconds."""
        with self._arrival:
            if not self._arrival.wait_for(lambda: len(self._requests) >= number, timeout):
                raise TimeoutError(number)

    def script(self, *answers: ScriptedAnswer) -> None:
        """Queue answers for the next requests; each is used once, in order, by the first request its action fits."""
        with self._lock:
            self._scripted.extend(answers)

    def issue_token(self, login: str, token: str) -> None:
        """Make ``token`` the login's only valid one: whatever it had before is unknown from now on (1015)."""
        with self._lock:
            self._logins = {old: owner for old, owner in self._logins.items() if owner != login}
            self._expired = {old: owner for old, owner in self._expired.items() if owner != login}
            self._logins[token] = login

    def expire_token(self, token: str) -> None:
        """Let a token run out: it is answered with 1012 from now on."""
        with self._lock:
            login = self._logins.pop(token, None)
            if login is not None:
                self._expired[token] = login

    # -- answering -------------------------------------------------------------------------------------------------

    def answer(self, path: str, params: Mapping[str, str], headers: Mapping[str, str]) -> Reply:
        """Work out the answer to one request (called by the HTTP side, in its thread)."""
        at = self._clock()
        action = _action_of(path)
        with self._lock:
            scripted = self._next_scripted(action)
            plan = scripted if scripted is not None else USUAL
            code: int | None = None
            if not action and plan.body is None:
                plan = ScriptedAnswer(status=404, body=b"<html><body><h1>Not Found</h1></body></html>", content_type="text/html")
            elif "user-agent" not in headers and plan.body is None:
                plan = ScriptedAnswer(
                    status=403, body=b"<html><body><h1>Access Denied</h1></body></html>", content_type="text/html"
                )
            body = plan.body
            if body is None:
                try:
                    if plan.code is not None:
                        raise _RefusedError(plan.code)  # noqa: TRY301 - one place turns codes into bodies
                    body = self._usual_body(action, params, plan)
                except _RefusedError as refused:
                    code = refused.code
                    body = error_body(code, self._now())
            self._requests.append(
                RecordedRequest(
                    action=action,
                    path=path,
                    params=dict(params),
                    headers=dict(headers),
                    at=at,
                    code=code,
                    scripted=scripted is not None,
                )
            )
            self._arrival.notify_all()
        return Reply(body=body, plan=plan)

    def _next_scripted(self, action: str) -> ScriptedAnswer | None:
        for answer in self._scripted:
            if not answer.action or answer.action == action:
                self._scripted.remove(answer)
                return answer
        return None

    def _usual_body(self, action: str, params: Mapping[str, str], plan: ScriptedAnswer) -> bytes:
        token = params.get("t", "")
        if not self._limiter.take(token):
            raise _RefusedError(1018)
        if params.get("v") != "3":
            raise _RefusedError(1020)
        if token in self._expired:
            raise _RefusedError(1012)
        login = self._logins.get(token)
        if login is None:
            raise _RefusedError(1015)
        if action == "SendRequest":
            reference = self._take_on(token, login, params)
            url = plan.success_url if plan.success_url is not None else f"{self.url}/GetStatement"
            return success_body(reference, url, self._now())
        return self._statement(token, params.get("q", ""))

    def _take_on(self, token: str, login: str, params: Mapping[str, str]) -> str:
        query = params.get("q", "")
        for depot in self.depots:
            if depot.login == login and query in {depot.activity_query, depot.confirmation_query}:
                slot = "activity" if query == depot.activity_query else "confirmation"
                break
        else:
            raise _RefusedError(1014)
        from_date, to_date = self._window(params, slot)
        reference = str(next(self._references))
        self._jobs[reference] = _Job(
            token=token,
            depot=depot,
            slot=slot,
            from_date=from_date,
            to_date=to_date,
            generated_at=self._generated_at(query, slot),
            asked_at=self._clock(),
        )
        return reference

    def _window(self, params: Mapping[str, str], slot: str) -> tuple[date, date]:
        as_of = self.source.as_of
        if "fd" in params or "td" in params:
            try:
                from_date, to_date = (datetime.strptime(params[key], "%Y%m%d").replace(tzinfo=UTC).date() for key in ("fd", "td"))
            except (KeyError, ValueError):
                raise _RefusedError(1020) from None
            if to_date < from_date or (to_date - from_date).days > LONGEST_SPAN:
                raise _RefusedError(1020)
            return from_date, to_date
        last = previous_report_day(as_of) if slot == "activity" else as_of
        days = LONGEST_SPAN if slot == "activity" else 1
        if "p" in params:
            if not params["p"].isdigit() or not 1 <= int(params["p"]) <= LONGEST_SPAN:
                raise _RefusedError(1020)
            days = int(params["p"])
        return last - timedelta(days=days - 1), last

    def _statement(self, token: str, reference: str) -> bytes:
        job = self._jobs.get(reference)
        if job is None or job.token != token:
            raise _RefusedError(1017)
        if job.polls < self.pending_polls or self._clock() - job.asked_at < self.pending_seconds:
            job.polls += 1
            raise _RefusedError(1019)
        if job.body is None:
            render = self.source.activity_xml if job.slot == "activity" else self.source.confirmation_xml
            job.body = render([job.depot.account], job.from_date, job.to_date, generated_at=job.generated_at)
        if job.body is None:
            raise _RefusedError(1003)
        return job.body

    def _generated_at(self, query: str, slot: str) -> datetime:
        """Activity is made once a day, early in the morning; a confirmation carries the moment it was asked for."""
        if slot == "activity":
            return datetime.combine(self.source.as_of, clock_time(5, 6, 22), EASTERN)
        times = self._generated.get(query, 0)
        self._generated[query] = times + 1
        return self._now() + timedelta(seconds=times)

    def _fixed_now(self) -> datetime:
        return datetime.combine(self.source.as_of, clock_time(16, 5), EASTERN)


def _action_of(path: str) -> str:
    for action in ("SendRequest", "GetStatement"):
        if path == f"{BASE_PATH}/{action}":
            return action
    return ""
