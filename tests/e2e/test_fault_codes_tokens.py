"""Codes that hold for more than one request: 1019 for an hour, a token replaced mid-way, two depots with one token.

Over HTTP, with the program's own waits and pace, on a clock that a test moves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ibjournal.domain.depot import DepotId
from ibjournal.domain.errors import Cancelled, CredentialError, FlexError
from ibjournal.flex.pacing import Cancel
from ibjournal.flex.secret import Secret
from ibjournal.services.credentials import MemoryCredentials
from ibjournal.services.jobs import Progress
from tests.fakes.clock import FakeClock
from tests.fakes.fault_desk import EXPIRES, FaultDesk, calls, keeps_pace
from tests.fakes.planted_token import PLANTED
from tests.fakes.standing_faults import GET, SEND, FaultyService, StandingFault, planted_depots

pytestmark = pytest.mark.e2e

NEW_TOKEN = "577215664901532860606512"
OWN_TOKEN = "161803398874989484820458"
HOUR = 3600.0
HISTORY = [
    ("1001", "20260101", "20260925"),
    ("1001", "20250101", "20251231"),
    ("1001", "20240701", "20241231"),
    ("1001", "20240101", "20240630"),
    ("1001", "20230101", "20231231"),  # before the account's first day: 1003, and once more a day shorter
    ("1001", "20230101", "20231229"),
]
CONFIRMATION = ("1002", "20260926", "20260928")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def service(clock: FakeClock) -> Iterator[FaultyService]:
    first, second = planted_depots()
    third = replace(first, key="own", login="own", token=OWN_TOKEN, activity_query="3001", confirmation_query="3002")
    with FaultyService((first, second, replace(third, account="U5550001")), clock.monotonic) as service:
        yield service


@pytest.fixture
def desk(service: FaultyService, clock: FakeClock, tmp_path: Path) -> Iterator[FaultDesk]:
    desk = FaultDesk(service, tmp_path / "data", clock)
    yield desk
    desk.services.maintenance.close()


def asked(service: FaultyService, token: str = "", *, since: int = 0) -> list[tuple[str, str, str]]:
    """Return the SendRequests: query, first and last day."""
    return [
        (request.params["q"], request.params["fd"], request.params["td"])
        for request in service.requests[since:]
        if request.action == SEND and "fd" in request.params and token in {"", request.params["t"]}
    ]


def polls(service: FaultyService) -> dict[str, int]:
    """Return how often each reference was asked for."""
    references = [request.params["q"] for request in service.requests if request.action == GET]
    return {reference: references.count(reference) for reference in references}


def code(desk_error: object) -> str:
    """Return the code of what a sync failed with, empty where it did not."""
    return desk_error.code if isinstance(desk_error, FlexError) else ""


# --- 1019 for an hour --------------------------------------------------------------------------------------------


def by_itself(desk: FaultDesk, *, until: float) -> list[str]:
    """Let the program fetch by itself until a moment (monotonic); return how each fetch ended."""
    ended = []
    while desk.clock.monotonic() < until:
        if desk.services.autosync.due():
            ended.append(code(desk.sync_one().error))
        desk.clock.advance(30)
    return ended


@pytest.mark.parametrize(("call", "most"), [(GET, 1), (SEND, 5)])
def test_an_hour_of_1019_is_waited_out_and_nothing_is_lost(desk: FaultDesk, call: str, most: int) -> None:
    depot = desk.add()
    began = desk.clock.monotonic()
    desk.service.stand(StandingFault(number=1019, call=call, query="1001"))
    ended = by_itself(desk, until=began + HOUR)
    assert set(ended) == {"not_ready"}
    assert 2 <= len(ended) <= 4, "now and then, further and further apart"
    activity = [request for request in asked(desk.service) if request[0] == "1001"]
    assert len(activity) == most * len(ended), "one statement is asked for in a run, and polled"
    assert max(polls(desk.service).values()) <= 13, "five minutes, further and further apart"
    assert keeps_pace(desk.service)
    assert [entry.split()[0] for entry in desk.reports()] == len(ended) * ["TCF"], "today's fills do not wait for it"
    waits = {round(step.wait) for step in desk.told if step.step == "generating" and step.slot == "activity"}
    assert waits >= {5, 7, 10, 15, 20, 30} if call == GET else waits >= {70}, "what is waited for is told"

    desk.service.heal()
    sent = len(desk.service.requests)
    assert by_itself(desk, until=began + 3 * HOUR)[0] == ""
    assert asked(desk.service, since=sent)[: len(HISTORY) + 1] == [*HISTORY, CONFIRMATION]
    assert {"AF 2026-01-01 2026-09-25", "AF 2024-07-01 2024-12-31"} <= set(desk.reports())
    (state,) = desk.services.depots.depot_states()
    assert (state.depot.id, state.last_error) == (depot, "")
    assert desk.found() == []


def test_a_report_that_is_made_in_the_end_is_taken_with_the_reference_it_was_promised_under(desk: FaultDesk) -> None:
    desk.add()
    desk.service.stand(StandingFault(number=1019, call=GET, query="1001", times=12))
    assert desk.sync_one().error is None
    assert max(polls(desk.service).values()) == 13
    assert asked(desk.service) == [*HISTORY, CONFIRMATION], "nothing is asked for twice"


def test_a_restart_in_the_midst_of_1019_asks_anew(desk: FaultDesk) -> None:
    desk.add()
    desk.service.stand(StandingFault(number=1019, call=GET, query="1001"))
    assert code(desk.sync_one().error) == "not_ready"
    known = set(polls(desk.service))
    desk.service.heal()
    desk.start()
    desk.clock.advance(HOUR)
    assert desk.sync_one().error is None
    assert len(set(polls(desk.service)) - known) == len(HISTORY) + 1, "a reference is not kept across a restart"
    assert sum(request.params["q"] in known for request in desk.service.requests) == sum(
        polls(desk.service)[each] for each in known
    )


# --- a token replaced mid-way ------------------------------------------------------------------------------------


def at_the_third_piece(desk: FaultDesk, deed: Callable[[], None]) -> None:
    """Do something once, while the third piece of the history is being made."""
    done: list[Progress] = []

    def watch(progress: Progress) -> None:
        if not done and progress.step == "generating" and progress.slot == "activity" and progress.done == 2:
            done.append(progress)
            deed()

    desk.on_progress = watch


@pytest.mark.parametrize("number", [1012, 1015])
def test_a_token_that_ends_mid_way_costs_one_request_and_no_piece(desk: FaultDesk, number: int) -> None:
    depot = desk.add()
    end = {
        1012: lambda: desk.service.expire_token(PLANTED),
        1015: lambda: desk.service.issue_token("plain", NEW_TOKEN),
    }[number]
    at_the_third_piece(desk, end)
    report = desk.sync_one()
    assert code(report.error) == {1012: "token_expired", 1015: "token_invalid"}[number]
    assert asked(desk.service) == HISTORY[:3]
    assert calls(desk.service) == (3, 3), "nothing more is asked with a token that was refused"
    assert [len(query.files) for query in report.queries] == [2, 0]
    assert report.changes.reports, "what came before is kept"
    sent = len(desk.service.requests)
    assert code(desk.sync_one().error) == code(report.error)
    assert len(desk.service.requests) == sent, "the token is known to be refused"

    desk.service.issue_token("plain", NEW_TOKEN)
    desk.services.depots.renew((depot,), NEW_TOKEN, EXPIRES)
    assert desk.sync_one().error is None
    overlap = ("1001", "20260912", "20260925")  # the newest two weeks are always asked for again
    assert asked(desk.service, NEW_TOKEN) == [overlap, *HISTORY[2:], CONFIRMATION], "what was fetched is not fetched again"
    assert [entry for entry in desk.reports() if "2025-01-01" in entry] == ["AF 2025-01-01 2025-12-31"]
    assert keeps_pace(desk.service)
    assert desk.found() == []


def test_a_token_given_while_the_fetch_waits_is_taken_up_by_it(desk: FaultDesk) -> None:
    depot = desk.add()

    def renew() -> None:
        desk.service.issue_token("plain", NEW_TOKEN)  # which ends the old one at once
        desk.services.depots.renew((depot,), NEW_TOKEN, EXPIRES)

    at_the_third_piece(desk, renew)
    report = desk.sync_one()
    assert report.error is None, "the user has done what was needed and is asked for nothing"
    assert asked(desk.service, PLANTED) == HISTORY[:3]
    assert asked(desk.service, NEW_TOKEN) == [*HISTORY[2:], CONFIRMATION], "the piece under way is asked for anew, no other"
    assert [len(query.files) for query in report.queries] == [4, 1]
    old = [request for request in desk.service.requests if request.params["t"] == PLANTED]
    assert [request.code for request in old if request.code] == [1015]
    assert old[-1].code == 1015, "the old token is not used again"
    (state,) = desk.services.depots.depot_states()
    assert (state.has_token, state.last_error, state.depot.token_expires) == (True, "", EXPIRES)
    assert keeps_pace(desk.service)
    assert desk.found() == []


def test_a_token_given_meanwhile_that_is_refused_as_well_ends_it(desk: FaultDesk) -> None:
    depot = desk.add()
    wrong = "1" + NEW_TOKEN[1:]

    def mistype() -> None:
        desk.service.expire_token(PLANTED)
        desk.services.depots.renew((depot,), wrong, EXPIRES, check=False)

    at_the_third_piece(desk, mistype)
    report = desk.sync_one()
    assert code(report.error) == "token_invalid", "the one that is held now is what is told of"
    assert len(asked(desk.service, wrong)) == 1
    assert desk.found() == []


class TroubledKeyring(MemoryCredentials):
    """Gives the token at the start of a fetch; asked in the midst of it, it does what a test gives it."""

    def __init__(self, trouble: Callable[[Cancel], None]) -> None:
        super().__init__(kept=True)
        self._then = trouble
        self.midway = False

    def get(self, depot: DepotId, *, cancel: Cancel | None = None, waiting: Callable[[], None] = lambda: None) -> Secret | None:
        if self.midway:
            assert cancel is not None, "a slow keyring can be cancelled"
            self._then(cancel)
        return super().get(depot)


def locked(_cancel: Cancel) -> None:
    raise CredentialError("keyring_locked")


def cancelled(_cancel: Cancel) -> None:
    raise Cancelled


@pytest.mark.parametrize(("trouble", "told"), [(locked, "token_expired"), (cancelled, "")])
def test_a_keyring_that_cannot_be_asked_for_another_token_changes_nothing(
    service: FaultyService, clock: FakeClock, tmp_path: Path, trouble: Callable[[Cancel], None], told: str
) -> None:
    ring = TroubledKeyring(trouble)
    desk = FaultDesk(service, tmp_path / "data", clock, credentials=ring)
    desk.add()

    def expire() -> None:
        service.expire_token(PLANTED)
        ring.midway = True

    at_the_third_piece(desk, expire)
    report = desk.sync_one()
    assert (code(report.error), report.cancelled) == (told, trouble is cancelled)
    assert [len(query.files) for query in report.queries] == [2, 0], "what came before is kept"
    assert calls(service) == (3, 3)
    desk.services.maintenance.close()


# --- two depots, one token ---------------------------------------------------------------------------------------


@pytest.fixture
def pair(desk: FaultDesk) -> tuple[DepotId, DepotId]:
    """Return two depots of one login."""
    first = desk.add("Plain", activity="1001", confirmation="1002")
    second = desk.add("Other", activity="2001", confirmation="2002")
    return first, second


@pytest.fixture
def own(pair: tuple[DepotId, DepotId], desk: FaultDesk) -> DepotId:
    """Return a third depot, of another login."""
    assert pair
    return desk.add("Own", activity="", confirmation="3002", token=OWN_TOKEN)


def of_planted(service: FaultyService) -> list[str]:
    """Return the queries asked for with the planted token, in order."""
    return [request.params["q"] for request in service.requests if request.action == SEND and request.params["t"] == PLANTED]


def test_depots_of_one_token_come_in_turn_and_keep_one_pace(desk: FaultDesk, pair: tuple[DepotId, DepotId]) -> None:
    assert pair
    assert [report.error for report in desk.sync()] == [None, None]
    assert of_planted(desk.service) == len(HISTORY) * ["1001"] + ["1002"] + len(HISTORY) * ["2001"] + ["2002"]
    assert keeps_pace(desk.service, token=PLANTED)
    assert desk.found() == []


@pytest.mark.parametrize(
    ("number", "call"), [(1011, SEND), (1012, SEND), (1012, GET), (1013, SEND), (1015, SEND), (1025, SEND), (1025, GET)]
)
def test_one_refusal_stops_both_and_one_renewal_serves_both(
    desk: FaultDesk, pair: tuple[DepotId, DepotId], own: DepotId, number: int, call: str
) -> None:
    first, second = pair
    desk.service.stand(*(StandingFault(number=number, call=call, query=query) for query in ("1001", "1002", "2001", "2002")))
    reports = {report.depot_name: report for report in desk.sync()}
    refused = code(reports["Plain"].error)
    assert refused
    assert code(reports["Other"].error) == refused
    assert reports["Other"].error is not None
    assert reports["Other"].error.values["depot"] == "Other", "each depot is named by its own name"
    assert reports["Own"].depot == own
    assert reports["Own"].error is None, "another login has nothing to do with it"
    assert of_planted(desk.service) == ["1001"], "asking for the other depot would only count as one more failure"
    errors = {state.depot.name: state.last_error for state in desk.services.depots.depot_states()}
    assert errors == {"Plain": refused, "Other": refused, "Own": ""}
    assert not {first, second} & set(desk.services.autosync.due()), "neither is asked for by itself"

    desk.service.heal()
    assert desk.services.depots.sharing_token(first) == (second,)
    desk.service.issue_token("plain", NEW_TOKEN)
    desk.services.depots.renew((first, second), NEW_TOKEN, EXPIRES)
    sent = len(desk.service.requests)
    assert [report.error for report in desk.sync()] == [None, None, None]
    renewed = [each[0] for each in asked(desk.service, NEW_TOKEN, since=sent)]
    assert renewed == len(HISTORY) * ["1001"] + ["1002"] + len(HISTORY) * ["2001"] + ["2002"], "both fetches are finished"
    states = desk.services.depots.depot_states()
    assert {state.last_error for state in states} == {""}
    assert [state.shares_token_with for state in states] == [(second,), (first,), ()]
    assert desk.found() == []


def test_too_many_requests_of_one_depot_hold_the_other_too(desk: FaultDesk, pair: tuple[DepotId, DepotId]) -> None:
    desk.service.stand(StandingFault(number=1018, call=GET, query="1001", times=1))
    with ThreadPoolExecutor(2) as pool:  # as from two windows: nobody has put them in order
        reports = list(pool.map(desk.services.sync.sync_depot, pair))
    assert [report.error for report in reports] == [None, None]
    planted = [request for request in desk.service.requests if request.params["t"] == PLANTED]
    told = next(i for i, request in enumerate(planted) if request.scripted)
    assert planted[told + 1].at - planted[told].at > 59.9, "whoever asks next with this token waits"
    assert planted[told + 1].params["q"] == planted[told].params["q"], "with the same reference"
    assert keeps_pace(desk.service, token=PLANTED)


@pytest.mark.parametrize("restarted", [False, True])
def test_too_many_requests_that_last_stop_both_until_the_token_has_rested(desk: FaultDesk, own: DepotId, restarted: bool) -> None:
    desk.service.stand(*(StandingFault(number=1018, call=SEND, query=query) for query in ("1001", "2001")))
    reports = {report.depot_name: report for report in desk.sync()}
    assert {name: code(report.error) for name, report in reports.items()} == {"Plain": "throttled", "Other": "throttled", "Own": ""}
    assert reports["Own"].depot == own
    assert set(of_planted(desk.service)) == {"1001"}
    last = max(request.at for request in desk.service.requests if request.params["t"] == PLANTED)
    desk.service.heal()
    if restarted:
        desk.start()
    sent = len(desk.service.requests)
    assert [report.error for report in desk.sync()] == [None, None, None]
    first = next(request for request in desk.service.requests[sent:] if request.params["t"] == PLANTED)
    assert first.at - last > 59.9
    assert desk.found() == []


def test_a_lock_is_the_tokens_and_outlives_a_restart(desk: FaultDesk, pair: tuple[DepotId, DepotId]) -> None:
    first, second = pair
    desk.service.stand(*(StandingFault(number=1025, call=SEND, query=query) for query in ("1001", "2001")))
    desk.sync()
    until = desk.services.tokens.locked_until(first)
    assert until is not None
    assert desk.services.tokens.locked_until(second) == until
    desk.start()
    assert desk.services.tokens.locked_until(second) == until
    before = len(of_planted(desk.service))
    desk.clock.advance((until - desk.clock.now()) / timedelta(seconds=1) - 60)
    desk.sync()
    assert len(of_planted(desk.service)) == before, "each further request prolongs IBKR's lock"
    desk.credentials.set(first, Secret(NEW_TOKEN))
    assert desk.services.tokens.locked_until(first) is None, "a new token is not locked"
    assert desk.found() == []
