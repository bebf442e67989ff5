"""A token planted in a sync that fails is found nowhere: not in the data folder, not in the output, not in the log."""

from __future__ import annotations

from pathlib import Path

import pytest

from ibjournal.demo.flex_answers import ScriptedAnswer, code_answer, html_answer
from ibjournal.demo.flex_service import FlexService
from tests.e2e.program import Answer, Program
from tests.fakes import environment_keyring, planted_token
from tests.fakes.planted_token import PLANTED, process_arguments
from tests.unit.flex.flex_source import PLAIN_TOKEN, PlainSource, plain_depots

pytestmark = pytest.mark.e2e

QUERIES = ("--activity-query", "1001", "--confirmation-query", "1002")


def leaks(program: Program, *answers: Answer) -> list[str]:
    """Return where the planted token stands in the data folder and in what the program said."""
    return planted_token.leaks(program.data, *(text for answer in answers for text in (answer.out, answer.err)))


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path / "data", environment={environment_keyring.VARIABLE: PLANTED})


@pytest.mark.parametrize(
    ("script", "code"),
    [
        pytest.param((), "token_invalid", id="1015"),
        pytest.param((code_answer(1012),), "token_expired", id="1012"),
        pytest.param((html_answer(status=404),), "", id="a page in place of XML"),
        pytest.param((ScriptedAnswer(body=b"<FlexStatementResponse><Sta"),), "", id="an answer that is cut"),
        pytest.param((ScriptedAnswer(body=f"<html>t={PLANTED}&v=3</html>".encode()),), "", id="a page that shows the token"),
        pytest.param(
            (ScriptedAnswer(status=302, headers={"Location": f"http://127.0.0.1:1/?t={PLANTED}"}),), "", id="a way elsewhere"
        ),
    ],
)
def test_a_token_in_a_failing_sync_is_found_nowhere(program: Program, script: tuple[ScriptedAnswer, ...], code: str) -> None:
    with FlexService(PlainSource(), depots=plain_depots(), pacing=None) as service:
        added = program.run("depot", "add", "Plain", *QUERIES[:2], stdin=f"{PLANTED}\n")
        assert added.status == 0, added.err
        service.script(*script)
        failed = program.run("sync", "--json", "--flex-url", service.url)
        asked = [request.params.get("t") for request in service.requests]
    assert asked, "the token must have been used"
    assert set(asked) == {PLANTED}
    assert failed.status == 1, failed
    (depot,) = failed.json["depots"]
    assert depot["error"] is not None
    if code:
        assert depot["error"]["code"] == code
    again = program.run("export", "trades")
    assert leaks(program, added, failed, again) == []


def test_a_service_that_cannot_be_reached(program: Program) -> None:
    added = program.run("depot", "add", "Plain", *QUERIES, stdin=f"{PLANTED}\n")
    failed = program.run("sync", "--flex-url", "http://127.0.0.1:9/flex")
    tested = program.run("depot", "test", "Plain", "--flex-url", "http://127.0.0.1:9/flex")
    assert (failed.status, tested.status) == (1, 1)
    assert leaks(program, added, failed, tested) == []


def test_a_token_that_is_typed_wrongly_is_not_printed_back(program: Program) -> None:
    program.environment[environment_keyring.VARIABLE] = ""
    typed = program.run("depot", "add", "Plain", *QUERIES, stdin=f"token: {PLANTED} (copied)\n")
    assert leaks(program, typed) == []


def test_backups_and_exports_hold_no_token(program: Program, tmp_path: Path) -> None:
    program.run("depot", "add", "Plain", *QUERIES, stdin=f"{PLANTED}\n")
    program.run("backup", program.data / "copy.db")
    listed = program.run("depot", "list", "--json")
    assert listed.json["depots"][0]["name"] == "Plain"
    assert leaks(program, listed) == []


def test_the_token_is_no_argument_of_the_process(program: Program) -> None:
    program.environment[environment_keyring.VARIABLE] = PLAIN_TOKEN
    with FlexService(PlainSource(), depots=plain_depots(), pacing=None, pending_polls=1000) as service:
        program.run("depot", "add", "Plain", *QUERIES, stdin=f"{PLAIN_TOKEN}\n")
        process = program.start("sync", "--flex-url", service.url)
        try:
            service.wait_for_requests(1)
            arguments = process_arguments(process.pid)
        finally:
            process.terminate()
            process.communicate(timeout=30)
    assert b"sync" in arguments or not arguments
    assert PLAIN_TOKEN.encode() not in arguments
