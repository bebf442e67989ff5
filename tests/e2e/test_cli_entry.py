"""What is typed at the command line: ids, tokens in the wrong place, days that are over; and what a report lacks is told there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import pytest

from ibjournal.demo.flex_answers import code_answer
from ibjournal.demo.flex_service import FlexService
from tests.e2e.program import Program
from tests.fakes import environment_keyring
from tests.fakes.flex_reports import activity, row, trade
from tests.fakes.planted_token import PLANTED, holds, leaks
from tests.fakes.token_watch import Watch
from tests.unit.flex.flex_source import PLAIN_TOKEN, PlainSource, plain_depots, report

pytestmark = pytest.mark.e2e


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path / "data")


@pytest.mark.parametrize("option", ["--activity-query", "--confirmation-query"])
@pytest.mark.parametrize("typed", [PLANTED, f" {PLANTED[:8]} {PLANTED[8:]}", "abc", "-5", "1.5"])
def test_what_is_no_id_is_refused_and_not_said_again(program: Program, watch: Watch, option: str, typed: str) -> None:
    watch.typed = True
    refused = program.run("depot", "add", "Income", f"{option}={typed}", stdin="\n")
    assert (refused.status, refused.out) == (2, "")
    assert option in refused.err
    assert program.run("depot", "list", "--json").json == {"depots": []}
    assert leaks(program.data, refused.out, refused.err) == []


@pytest.mark.parametrize("arguments", [["depot", "add", "Income", "--token", PLANTED], [PLANTED], ["depot", PLANTED]])
def test_a_token_among_the_arguments_is_not_said_again(program: Program, watch: Watch, arguments: list[str]) -> None:
    watch.typed = True
    refused = program.run(*arguments)
    assert (refused.status, refused.out) == (2, "")
    assert "[token]" in refused.err
    assert not holds(refused.err.encode())


def test_an_id_may_be_pasted_with_spaces_or_taken_away(program: Program) -> None:
    added = program.run("depot", "add", "Income", "--activity-query", " 1 184 203\n", "--json", stdin="\n")
    assert added.json["depots"][0]["activity_query"] == "1184203"
    edited = program.run("depot", "edit", "Income", "--activity-query", "", "--json", stdin="\n")
    assert edited.json["depots"][0]["activity_query"] == ""


def test_a_new_token_does_not_end_in_the_past(program: Program) -> None:
    assert program.run("depot", "add", "Income", "--confirmation-query", "1002", stdin=f"{PLAIN_TOKEN}\n").status == 0
    with FlexService(PlainSource(), depots=plain_depots(), pacing=None) as service:
        renewal = ("depot", "renew", "Income", "--flex-url", service.url, "--expires")
        refused = program.run(*renewal, "2020-01-01", stdin=f"{PLANTED}\n")
        assert (refused.status, refused.out, service.requests) == (2, "", ())
    assert "--expires" in refused.err
    assert program.run("depot", "list", "--json").json["depots"][0]["token_expires"] is None


class _OneDay(PlainSource):
    """Whatever is asked for, one day comes."""

    def confirmation_xml(self, accounts: Sequence[str], from_date: date, to_date: date, *, generated_at: datetime) -> bytes:
        return report("TCF", accounts, to_date, to_date, generated_at)


@pytest.mark.parametrize(("language", "words"), [("en", "other days"), ("de", "andere Tage")])
def test_a_fetch_that_fell_to_a_day_says_so(program: Program, language: str, words: str) -> None:
    program.environment[environment_keyring.VARIABLE] = PLAIN_TOKEN
    program.run("depot", "add", "Plain", "--confirmation-query", "1002", stdin=f"{PLAIN_TOKEN}\n")
    with FlexService(_OneDay(), depots=plain_depots(), pacing=None, pending_polls=0) as service:
        fetched = program.run("sync", "--lang", language, "--flex-url", service.url)
    assert (fetched.status, len(fetched.out.splitlines())) == (0, 1)
    assert words in fetched.sentence
    assert fetched.sentence.startswith("Plain confirmation ")


def test_a_fetch_that_finds_nothing_says_so_and_is_no_failure(program: Program) -> None:
    program.environment[environment_keyring.VARIABLE] = PLAIN_TOKEN
    program.run("depot", "add", "Plain", "--confirmation-query", "1002", stdin=f"{PLAIN_TOKEN}\n")
    with FlexService(PlainSource(), depots=plain_depots(), pacing=None) as service:
        service.script(*[code_answer(1003, "SendRequest") for _ in range(2)])
        fetched = program.run("sync", "--flex-url", service.url)
    assert (fetched.status, fetched.out) == (0, "")
    assert "(code 1003)" in fetched.sentence


def test_an_import_says_what_is_not_read(program: Program, tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(
        activity(trade(1)).replace(b"</FlexStatement>", row("Novelty", a="1").encode() + b"</FlexStatement>")
    )
    taken = program.run("import", tmp_path / "a.xml")
    assert (taken.status, taken.out) == (0, "a.xml: +1 ~0 =0\n")
    assert "The section Novelty is not read yet." in taken.err
