"""A new token at the command line while IBKR cannot be asked: not kept by itself, kept by whoever says so, refused ones never."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from time import monotonic

import pytest

from ibjournal.demo.flex_answers import ScriptedAnswer
from tests.e2e.program import Answer, Program
from tests.fakes import environment_keyring
from tests.fakes.fault_desk import calls
from tests.fakes.planted_token import PLANTED, leaks
from tests.fakes.standing_faults import SEND, FaultyService, StandingFault, planted_depots

pytestmark = pytest.mark.e2e

OLD = "314159265358979323846264"
_EN = "you can keep it unchecked, and the next fetch shows whether IBKR accepts it. Give --unchecked for that."
_DE = "Sie können ihn ungeprüft speichern, und der nächste Abruf zeigt, ob IBKR ihn annimmt. Geben Sie dazu --unchecked an."
_KEPT_EN = "The token is kept, but IBKR could not check it: the next fetch shows whether IBKR accepts it."
_KEPT_DE = "Der Prüfcode ist gespeichert, IBKR konnte ihn aber nicht prüfen"


@pytest.fixture
def service() -> Iterator[FaultyService]:
    with FaultyService(planted_depots(), monotonic) as service:
        yield service


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """Return the program with a depot whose token is an old one."""
    program = Program(tmp_path / "data", environment={environment_keyring.VARIABLE: OLD})
    added = program.run("depot", "add", "Plain", "--activity-query", "1001", "--expires", "2026-10-01", stdin=f"{OLD}\n")
    assert added.status == 0, added.err
    return program


def renew(program: Program, url: str, *options: str) -> Answer:
    """Give the depot the planted token."""
    arguments = ("depot", "renew", "Plain", "--expires", "2027-09-28", "--flex-url", url, "--json", *options)
    return program.run(*arguments, stdin=f"{PLANTED}\n")


def expires(program: Program) -> str:
    """Return the last day of the token that the depot has."""
    with closing(sqlite3.connect(f"{(program.data / 'journal.db').as_uri()}?mode=ro", uri=True)) as db:
        return str(db.execute("SELECT token_expires FROM depots").fetchone()[0])


def test_nobody_is_there(program: Program) -> None:
    """The service ended, as it is where the network is gone."""
    with FaultyService(planted_depots(), monotonic) as ended:
        url = ended.url
    answers = [renew(program, url), renew(program, url, "--lang", "de")]
    for answer, words in zip(answers, (_EN, _DE), strict=True):
        assert answer.status == 1
        assert answer.out == "", "nothing was kept"
        assert answer.sentence.endswith(words)
    assert expires(program) == "2026-10-01"

    kept = renew(program, url, "--unchecked", "--lang", "de")
    assert kept.status == 0
    assert _KEPT_DE in kept.sentence
    assert [depot["token_expires"] for depot in kept.json["depots"]] == ["2027-09-28"]
    assert expires(program) == "2027-09-28"
    assert leaks(program.data, *(text for answer in (*answers, kept) for text in (answer.out, answer.err))) == []


@pytest.mark.parametrize(
    "fault",
    [ScriptedAnswer(action=SEND, status=503, body=b"<html>down</html>"), ScriptedAnswer(action=SEND, code=1020)],
    ids=["503", "1020"],
)
def test_ibkr_cannot_tell(program: Program, service: FaultyService, fault: ScriptedAnswer) -> None:
    service.script(fault)
    kept = renew(program, service.url, "--unchecked")
    assert kept.status == 0, kept.err
    assert kept.sentence.endswith(_KEPT_EN)
    assert calls(service) == (1, 0), "it is asked all the same, and once"
    assert expires(program) == "2027-09-28"
    assert leaks(program.data, kept.out, kept.err) == []


def test_what_ibkr_refuses_is_never_kept(program: Program, service: FaultyService) -> None:
    service.stand(StandingFault(number=1015, call=SEND))
    refused = renew(program, service.url, "--unchecked")
    assert refused.status == 1
    assert refused.out == ""
    assert "unchecked" not in refused.sentence
    assert expires(program) == "2026-10-01"
    assert leaks(program.data, refused.out, refused.err) == []


def test_where_ibkr_takes_it_nothing_is_said_of_it(program: Program, service: FaultyService) -> None:
    kept = renew(program, service.url, "--unchecked")
    assert kept.status == 0
    assert kept.err == ""
    assert [request.params["t"] for request in service.requests] == [PLANTED]
