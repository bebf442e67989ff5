"""IBKR's codes as the real program meets them: a process for each command, what it prints in either language, what it keeps.

One code of each kind; the whole table stands in `tests.e2e.test_fault_codes`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import pytest

from tests.e2e.program import Answer, Program
from tests.fakes import environment_keyring
from tests.fakes.fault_desk import calls
from tests.fakes.planted_token import PLANTED, leaks, process_arguments
from tests.fakes.standing_faults import GET, SEND, FaultyService, StandingFault, planted_depots

pytestmark = pytest.mark.e2e

NEW_TOKEN = "577215664901532860606512"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of code: what it is answered to, the requests of the first fetch and of the next, and the words in both languages."""

    number: int
    call: str
    code: str
    requests: tuple[int, int]
    again: tuple[int, int]
    en: str
    de: str
    confirmation: bool = False


KINDS = (
    Kind(
        number=1012,
        call=SEND,
        code="token_expired",
        requests=(1, 0),
        again=(0, 0),
        en="Generate a new token at IBKR and enter it here; the query ids stay valid.",
        de="Erzeugen Sie bei IBKR einen neuen Prüfcode und tragen Sie ihn hier ein; die Abfrage-IDs bleiben gültig.",
    ),
    Kind(
        number=1015,
        call=GET,
        code="token_invalid",
        requests=(1, 1),
        again=(0, 0),
        en="it is mistyped, or a newer one has replaced it.",
        de="Er ist falsch eingegeben oder durch einen neueren ersetzt.",
    ),
    Kind(
        number=1014,
        call=SEND,
        code="query_invalid",
        requests=(2, 1),
        again=(2, 1),
        en="IBKR does not know the query 1001 of Plain (code 1014).",
        de="1001 von Plain nicht (Code 1014).",
        confirmation=True,
    ),
    Kind(
        number=1025,
        call=SEND,
        code="locked_out",
        requests=(1, 0),
        again=(0, 0),
        en="Each further request prolongs the lock, so we stop asking.",
        de="Jede weitere verlängert die Sperre, daher fragen wir nicht mehr.",
    ),
)


@pytest.fixture
def service() -> Iterator[FaultyService]:
    with FaultyService(planted_depots(), monotonic) as service:
        yield service


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path / "data", environment={environment_keyring.VARIABLE: PLANTED})


def results(program: Program) -> list[str]:
    """Return how the syncs on record ended, newest first."""
    with closing(sqlite3.connect(f"{(program.data / 'journal.db').as_uri()}?mode=ro", uri=True)) as db:
        return [str(row[0]) for row in db.execute("SELECT result FROM sync_runs WHERE kind='sync' ORDER BY id DESC")]


def handed_out(program: Program) -> list[Answer]:
    """Return what the program gives away: a backup stays in the folder."""
    return [
        program.run("backup"),
        program.run("export", "executions", "-o", program.data / "executions.csv"),
        program.run("diagnose"),
    ]


def texts(*answers: Answer) -> list[str]:
    """Return all that was printed."""
    return [text for answer in answers for text in (answer.out, answer.err)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: str(kind.number))
def test_a_code_of_each_kind(program: Program, service: FaultyService, kind: Kind) -> None:
    added = program.run("depot", "add", "Plain", "--activity-query", "1001", "--confirmation-query", "1002", stdin=f"{PLANTED}\n")
    assert added.status == 0, added.err
    queries = ("1001",) if kind.confirmation else ("1001", "1002")
    service.stand(*(StandingFault(number=kind.number, call=kind.call, query=query) for query in queries))

    process = program.start("sync", "--json", "--lang", "en", "--flex-url", service.url)
    service.wait_for_requests(1)
    arguments = process_arguments(process.pid)
    out, err = process.communicate(timeout=60)
    first = Answer(process.returncode, out, err)
    assert b"sync" in arguments or not arguments
    assert PLANTED.encode() not in arguments
    assert first.status == 1
    assert calls(service) == kind.requests
    (told,) = first.json["depots"]
    assert told["error"]["code"] == kind.code
    assert kind.en in told["error"]["text"]
    assert first.sentence == f"Plain: {told['error']['text']}"
    assert [bool(query["files"]) for query in told["queries"]] == [False, kind.confirmation]
    assert told["queries"][1]["skipped"] == (not kind.confirmation)
    assert results(program) == ["failed"]

    sent = len(service.requests)
    again = program.run("sync", "--lang", "de", "--flex-url", service.url)
    assert again.status == 1
    assert kind.de in again.sentence
    assert calls(service, since=sent) == kind.again, "another process knows as much"
    assert {request.params["t"] for request in service.requests} == {PLANTED}
    more = handed_out(program) if kind.confirmation else []
    assert leaks(program.data, *texts(added, first, again, *more)) == []


def test_a_renewal_at_the_command_line_serves_both_depots_and_is_checked_first(program: Program, service: FaultyService) -> None:
    for name, query in (("Plain", "1002"), ("Other", "2002")):
        assert program.run("depot", "add", name, "--confirmation-query", query, stdin=f"{PLANTED}\n").status == 0
    service.expire_token(PLANTED)
    failed = program.run("sync", "--json", "--flex-url", service.url)
    assert failed.status == 1
    assert [depot["error"]["code"] for depot in failed.json["depots"]] == 2 * ["token_expired"]
    assert calls(service) == (1, 0), "one request for both"

    wrong = program.run("depot", "renew", "Plain", "--flex-url", service.url, stdin=f"1{NEW_TOKEN[1:]}\n")
    assert wrong.status == 1
    service.issue_token("plain", NEW_TOKEN)
    renewed = program.run(
        "depot", "renew", "Plain", "--flex-url", service.url, "--expires", "2027-09-28", "--json", stdin=f"{NEW_TOKEN}\n"
    )
    assert renewed.status == 0, renewed.err
    listed = program.run("depot", "list", "--json")
    assert {depot["name"]: depot["token_expires"] for depot in listed.json["depots"]} == {
        "Plain": "2027-09-28",
        "Other": "2027-09-28",
    }
    program.environment[environment_keyring.VARIABLE] = NEW_TOKEN  # what was written lasts as long as a process
    done = program.run("sync", "--json", "--flex-url", service.url)
    assert done.status == 0, done.err
    assert [depot["error"] for depot in done.json["depots"]] == [None, None]
    answers = [failed, wrong, renewed, listed, done, program.run("backup"), program.run("diagnose")]
    assert leaks(program.data, *texts(*answers)) == []
    assert leaks(program.data, *texts(*answers), token=NEW_TOKEN) == []
