"""The loopback Flex service with faults that stand: a query, a call or a whole token that fails until a test lets it work again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from ibjournal.demo.depots import DemoDepot
from ibjournal.demo.flex_answers import MESSAGES, ScriptedAnswer, error_body
from ibjournal.demo.flex_http import Reply
from ibjournal.demo.flex_service import FlexService, RecordedRequest
from tests.fakes.clock import NOON
from tests.fakes.flex_reports import confirm, section, trade
from tests.fakes.planted_token import PLANTED
from tests.unit.flex.flex_source import PlainSource, plain_depots

SEND, GET = "SendRequest", "GetStatement"
OVERLAP_START = date(2026, 9, 12)
"""The first day of what is asked for the day after the whole history was fetched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingFault:
    """One of IBKR's numbers as the answer to a call.

    ``query`` empty: to every query. ``times``: so often, 0 for as long as the test leaves it. ``status`` empty: as IBKR sends it.
    """

    number: int
    call: str
    query: str = ""
    times: int = 0
    status: str = ""


class TradedSource(PlainSource):
    """One account that traded: bought and sold in March, once more in the days that IBKR adds to late, and on the last day."""

    def activity_xml(self, accounts: Sequence[str], from_date: date, to_date: date, *, generated_at: datetime) -> bytes | None:
        body = super().activity_xml(accounts, from_date, to_date, generated_at=generated_at)
        fills = ""
        if from_date <= date(2026, 3, 2) <= to_date:
            fills += trade(1, accountId=accounts[0]) + trade(2, -100, 12, accountId=accounts[0])
        if from_date == OVERLAP_START:
            late = {"dateTime": "20260922;103000", "tradeDate": "20260922", "reportDate": "20260922"}
            fills += trade(3, 50, 11, accountId=accounts[0], **late)
        return None if body is None else body.replace(b"<Trades></Trades>", section("Trades", fills).encode())

    def confirmation_xml(self, accounts: Sequence[str], from_date: date, to_date: date, *, generated_at: datetime) -> bytes | None:
        body = super().confirmation_xml(accounts, from_date, to_date, generated_at=generated_at)
        today = {"dateTime": "20260928;101500", "tradeDate": "20260928", "reportDate": "20260928"}
        fills = confirm(4, 20, 13, accountId=accounts[0], **today) if from_date <= date(2026, 9, 28) <= to_date else ""
        return None if body is None else body.replace(b"<TradeConfirms></TradeConfirms>", section("TradeConfirms", fills).encode())


class FaultyService(FlexService):
    """Answers as `FlexService` does, but for the faults that stand. Whatever IBKR says, it repeats the token: the worst case.

    Args:
        depots: logins, tokens and queries.
        clock: seconds that do not jump; the pace of requests is told by it.
    """

    def __init__(self, depots: Sequence[DemoDepot], clock: Callable[[], float]) -> None:
        super().__init__(TradedSource(), depots=depots, pacing=None, clock=clock, now=lambda: NOON)
        self._faults: list[StandingFault] = []
        self._left: dict[StandingFault, int] = {}
        self._watchers: list[Callable[[RecordedRequest], None]] = []
        self._order = threading.RLock()

    def stand(self, *faults: StandingFault) -> None:
        """Let faults stand from now on."""
        with self._order:
            self._faults += faults
            self._left.update({fault: fault.times for fault in faults if fault.times})

    def heal(self) -> None:
        """Let everything work again."""
        with self._order:
            self._faults.clear()

    def watch(self, watcher: Callable[[RecordedRequest], None]) -> None:
        """Call ``watcher`` with each request once its answer is worked out, before it is sent: what happens just then."""
        with self._order:
            self._watchers.append(watcher)

    def answer(self, path: str, params: Mapping[str, str], headers: Mapping[str, str]) -> Reply:
        """Work out the answer to one request."""
        with self._order:
            call = path.rsplit("/", 1)[-1]
            fault = self._fault(call, params)
            if fault is not None:
                self.script(self._scripted_fault(fault, params))
            reply = super().answer(path, params, headers)
            for watcher in tuple(self._watchers):
                watcher(self.requests[-1])
            return reply

    def _fault(self, call: str, params: Mapping[str, str]) -> StandingFault | None:
        query = params.get("q", "")
        if call == GET:
            job = self._jobs.get(query)
            query = "" if job is None else job.depot.activity_query if job.slot == "activity" else job.depot.confirmation_query
        for fault in self._faults:
            if fault.call == call and fault.query in {"", query}:
                if fault.times:
                    self._left[fault] -= 1
                    if self._left[fault] == 0:
                        self._faults.remove(fault)
                return fault
        return None

    def _scripted_fault(self, fault: StandingFault, params: Mapping[str, str]) -> ScriptedAnswer:
        moment: datetime = self._now()
        words = f"{MESSAGES.get(fault.number, ('', 'Something new.'))[1]} (t={params['t']}&q={params['q']}; token {params['t']})"
        body = error_body(fault.number, moment, message=words, status=fault.status or None)
        return ScriptedAnswer(action=fault.call, body=body)


def planted_depots() -> tuple[DemoDepot, ...]:
    """Return two depots of one login, whose token is the planted one: the queries 1001 and 1002, 2001 and 2002."""
    (plain,) = plain_depots()
    first = replace(plain, token=PLANTED)
    return first, replace(first, key="other", name="Other", activity_query="2001", confirmation_query="2002", account="U7654321")
