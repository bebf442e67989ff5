"""The command line as a process."""

from __future__ import annotations

import csv
import io
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ibjournal.demo.flex_service import FlexService
from tests.e2e.program import Program
from tests.fakes import environment_keyring
from tests.fakes.flex_reports import (
    ACCOUNT,
    activity,
    cash,
    confirm,
    confirmation,
    equity,
    report,
    row,
    section,
    statement,
    trade,
)
from tests.unit.flex.flex_source import PLAIN_TOKEN, PlainSource, plain_depots

pytestmark = pytest.mark.e2e

WHOLE = report(
    statement(
        row("AccountInformation", accountId=ACCOUNT, currency="EUR"),
        section("Trades", trade(1, 100, "10.5"), trade(2, -60, 11)),
        section("CashTransactions", cash(1)),
        section("EquitySummaryInBase", equity("20260302", "1000"), equity("20260303", "1010")),
        section("OpenPositions", row("OpenPosition", accountId=ACCOUNT, conid="111", symbol="ACME", currency="USD", position="40")),
    )
)


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path / "data")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """Return a program whose journal holds `WHOLE`; tests read it only."""
    folder = tmp_path_factory.mktemp("filled")
    (folder / "whole.xml").write_bytes(WHOLE)
    program = Program(folder / "data")
    assert program.run("import", folder / "whole.xml").status == 0
    return program


def test_import_tells_each_file_as_agreed(program: Program, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "a.xml").write_bytes(activity(trade(1), trade(2, notes="QQ")))
    (inbox / "b.xml").write_bytes(activity(trade(3))[:-30])
    (inbox / "c.xml").write_bytes(confirmation(confirm(1), confirm(4)))
    answer = program.run("import", inbox, "--json")
    first, second, third = answer.json["files"]
    names = ["file", "sha256", "type", "accounts", "from", "to", "sections", "executions", "warnings", "error"]
    assert [list(each) for each in answer.json["files"]] == [names] * 3
    assert (first["type"], first["accounts"], first["from"], first["to"]) == ("AF", [ACCOUNT], "2026-03-01", "2026-03-10")
    assert (first["sections"], first["executions"]) == ({"Trades": 2}, {"new": 2, "updated": 0, "unchanged": 0})
    assert (first["warnings"][0]["code"], first["warnings"][0]["name"], first["error"]) == ("unknown_code", "QQ", None)
    assert "QQ" in first["warnings"][0]["text"]
    assert (second["error"]["code"], "b.xml" in second["error"]["text"]) == ("truncated", True)
    assert (third["type"], third["executions"]) == ("TCF", {"new": 1, "updated": 0, "unchanged": 1})
    assert (answer.status, answer.sentence) == (1, second["error"]["text"])


def test_import_without_json_says_a_line_a_file(program: Program, tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(activity(trade(1)))
    answer = program.run("import", tmp_path / "a.xml", "--lang", "de")
    assert (answer.status, answer.out, answer.err) == (0, "a.xml: +1 ~0 =0\n", "")


def test_the_data_folder_may_stand_before_and_after_the_command(program: Program, tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(activity(trade(1)))
    assert program.run("import", tmp_path / "a.xml", "--data-dir", tmp_path / "other", bare=True).status == 0
    before = program.run("--data-dir", tmp_path / "other", "export", "trades", "--format", "json", bare=True)
    after = program.run("export", "trades", "--format", "json", "--data-dir", tmp_path / "other", bare=True)
    assert len(before.json["trades"]) == 1
    assert before == after
    assert not program.data.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["import"],
        ["export", "songs"],
        ["performance", "--from", "yesterday"],
        ["--lang", "fr", "check"],
        ["sync", "--flex-url", "https://example.com/flex"],
        ["sync", "--flex-url", "http://127.0.0.1.example.com/"],
        ["depot", "add", "X", "--token", "123"],
        ["depot", "add"],
    ],
)
def test_wrong_usage(program: Program, arguments: list[str]) -> None:
    answer = program.run(*arguments)
    assert (answer.status, answer.out) == (2, "")
    assert answer.err.startswith("usage: ")
    assert not program.data.exists()


@pytest.mark.parametrize("kind", ["executions", "trades", "cash", "equity", "positions"])
def test_export(filled: Program, kind: str, tmp_path: Path) -> None:
    as_json = filled.run("export", kind, "--format", "json")
    rows = as_json.json[kind]
    target = tmp_path / "rows.csv"
    to_file = filled.run("export", kind, "-o", target, "--account", ACCOUNT)
    assert (as_json.status, to_file.status, to_file.out) == (0, 0, "")
    read = list(csv.DictReader(io.StringIO(target.read_text(encoding="utf-8"))))
    assert len(read) == len(rows) > 0
    assert [{k: "" if v is None else str(v) for k, v in each.items()} for each in rows] == read


def test_export_of_an_account_that_is_not_there(filled: Program) -> None:
    assert filled.run("export", "trades", "--format", "json", "--account", "U0").json == {"trades": []}
    assert filled.run("export", "trades", "--account", "U0").out == ""


def test_export_to_a_place_that_cannot_be_written(filled: Program, tmp_path: Path) -> None:
    answer = filled.run("export", "trades", "-o", tmp_path)
    assert (answer.status, answer.out, bool(answer.sentence)) == (1, "", True)


def test_reconcile(filled: Program) -> None:
    answer = filled.run("reconcile", "--json")
    checks = answer.json["checks"]
    names = ["account", "check", "period", "subject", "currency", "ours", "ibkr", "difference", "status", "reason"]
    more = ["reason_code", "instrument", "execution", "parts"]
    assert {tuple(each) for each in checks} == {(*names, *more)}
    position = next(each for each in checks if each["check"] == "positions")
    assert {name: position[name] for name in names} == {
        "account": ACCOUNT, "check": "positions", "period": {"from": "2026-03-01", "to": "2026-03-10"}, "subject": "ACME",
        "currency": "", "ours": "40", "ibkr": "40", "difference": "0", "status": "ok", "reason": "",
    }  # fmt: skip
    missing = next(each for each in checks if each["check"] == "cash")
    assert (missing["status"], missing["reason_code"]) == ("not_in_report", "section_missing")
    assert "Cash Report" in missing["reason"]
    assert answer.status == 0
    assert filled.run("reconcile").out.count("\n") == len(checks)


def test_performance(filled: Program) -> None:
    answer = filled.run("performance", "--json", "--from", "2026-03-01", "--to", "2026-03-31", "--convention", "ibkr")
    assert answer.status == 0
    assert isinstance(answer.json, dict)
    assert "figures" in answer.json
    assert filled.run("performance").status == 0


def test_doctor(filled: Program, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.xml", tmp_path / "bad.csv"
    good.write_bytes(activity(trade(1)))
    bad.write_bytes(b'"ClientAccountID"\n')
    answer = filled.run("doctor", good, bad, "--json")
    first, second = answer.json["reports"]
    assert (first["type"], first["error"]) == ("AF", None)
    missing = next(each for each in first["findings"] if each["section"] == "CashTransactions")
    assert (missing["code"], missing["screen"], missing["need"]) == ("section_missing", "performance", "must")
    assert "Cash Transactions" in missing["text"]
    assert any("Flex Queries" in click for click in missing["clicks"])
    assert (second["error"]["code"], [each["code"] for each in second["findings"]]) == ("csv_report", ["wrong_format"])
    assert "Set Format to XML" in second["findings"][0]["clicks"]
    assert (answer.status, "bad.csv" in answer.sentence) == (1, True)


def test_backup_restore_check(program: Program, tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(activity(trade(1)))
    (tmp_path / "b.xml").write_bytes(activity(trade(2), days=("20260311", "20260311")))
    program.run("import", tmp_path / "a.xml")
    before = program.run("export", "trades", "--format", "json")
    assert program.run("backup", tmp_path / "copy.db").status == 0
    program.run("import", tmp_path / "b.xml")
    assert program.run("export", "trades", "--format", "json") != before
    after = program.run("export", "trades", "--format", "json")
    restored = program.run("restore", tmp_path / "copy.db", "--as-it-was")
    assert (restored.status, Path(restored.out.strip()).parent) == (0, program.data / "backups")
    assert program.run("export", "trades", "--format", "json") == before
    (waiting,) = program.run("check", "--json").json["unknown_reports"]
    caught_up = program.run("restore", tmp_path / "copy.db", "--json")
    assert [each["file"] for each in caught_up.json["files"]] == [Path(waiting).name]
    assert program.run("export", "trades", "--format", "json") == after
    assert program.run("rebuild").status == 0
    assert program.run("export", "trades", "--format", "json") == after
    copied = program.run("backup", tmp_path / "again.db", "--json")
    assert copied.json == {"backup": str(tmp_path / "again.db")}
    put_back = program.run("restore", tmp_path / "again.db", "--json")
    assert Path(put_back.json["before"]).is_file()
    checked = program.run("check", "--json")
    assert (checked.status, checked.json) == (0, {"issues": []})
    listed = program.run("backup", "--list", "--json").json["backups"]
    assert {each["kind"] for each in listed} == {"auto", "before-restore"}
    assert program.run("backup").out.strip() in program.run("backup", "--list").out
    first, second = sorted((program.data / "archive").rglob("*.gz"))
    first.unlink()
    second.write_bytes(second.read_bytes()[:-20])
    damaged = program.run("check", "--json")
    assert (damaged.status, [each["code"] for each in damaged.json["issues"]]) == (
        1,
        ["archive_file_missing", "archive_file_damaged"],
    )


@pytest.mark.parametrize(("language", "word"), [("en", "backup"), ("de", "Sicherung")])
def test_a_known_failure_is_one_line_in_the_users_language(filled: Program, language: str, word: str, tmp_path: Path) -> None:
    (tmp_path / "no.db").write_bytes(b"no database " * 500)
    answer = filled.run("restore", tmp_path / "no.db", "--lang", language)
    assert (answer.status, answer.out) == (1, "")
    assert word.casefold() in answer.sentence.casefold()


def test_depots_on_the_command_line(program: Program) -> None:
    ids = ("--activity-query", "1001", "--confirmation-query", "1002")
    added = program.run("depot", "add", "Income", *ids, "--expires", "2027-03-01", "--json", stdin=f"{PLAIN_TOKEN}\n")
    assert added.status == 0, added.err
    (depot,) = added.json["depots"]
    assert (depot["name"], depot["activity_query"], depot["token_expires"]) == ("Income", "1001", "2027-03-01")
    edited = program.run("depot", "edit", "income", "--activity-query", "77", "--json")
    assert (edited.json["depots"][0]["activity_query"], edited.json["depots"][0]["confirmation_query"]) == ("77", "1002")
    again = program.run("depot", "add", "Income", *ids, stdin=f"{PLAIN_TOKEN}\n")
    assert (again.status, bool(again.sentence)) == (1, True)
    unknown = program.run("depot", "edit", "Nobody")
    assert (unknown.status, "Nobody" in unknown.sentence) == (1, True)
    assert program.run("depot", "remove", "Income", "--yes").status == 0
    assert program.run("depot", "list", "--json").json == {"depots": []}


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_a_sync_with_130(program: Program, asked: signal.Signals) -> None:
    with FlexService(PlainSource(), depots=plain_depots(), pacing=None, pending_polls=1000) as service:
        program.environment[environment_keyring.VARIABLE] = PLAIN_TOKEN
        program.run("depot", "add", "Plain", "--activity-query", "1001", stdin=f"{PLAIN_TOKEN}\n")
        process = program.start("sync", "--flex-url", service.url)
        try:
            service.wait_for_requests(1)
            process.send_signal(asked)
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
            process.wait()
    assert (process.returncode, out) == (130, "")
    assert "Traceback" not in err
    assert not list(program.data.glob("fetching/*"))
    with closing(sqlite3.connect(program.data / "journal.db")) as db:
        assert db.execute("SELECT count(*) FROM reports").fetchone() == (0,)
        assert db.execute("SELECT result FROM sync_runs").fetchall() == [("cancelled",)]
    assert program.run("check").status == 0


@pytest.mark.parametrize("kind", ["trades", "executions"])
def test_a_reader_that_has_enough_is_no_failure(filled: Program, kind: str) -> None:
    process = filled.start("export", kind)
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    with process.stderr as err:
        assert err.read() == ""
    assert process.wait(timeout=60) == 0
