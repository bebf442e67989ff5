"""The report for others: it helps, and it holds nothing that is nobody's business."""

from __future__ import annotations

import json
import logging
import platform
import re
from datetime import UTC, date, datetime, timedelta
from importlib import metadata
from pathlib import Path

import pytest

from ibjournal import bootstrap
from ibjournal.log import start_logging, stop_logging
from ibjournal.paths import Paths
from ibjournal.services.depots import DepotDraft
from ibjournal.store.database import Database
from ibjournal.store.sync_runs import end_run, start_run
from tests.fakes.flex_reports import ACCOUNT, activity, trade
from tests.fakes.journal_folder import JournalFolder

TOKEN = "271828182845904523536028"


def sections(report: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in report.splitlines():
        if heading := re.fullmatch(r"\[(\w+)\]", line):
            found[heading[1]] = []
        elif line:
            found[list(found)[-1]].append(line)
    return found


@pytest.fixture
def filled(journal: JournalFolder) -> JournalFolder:
    journal.services.depots.add(
        DepotDraft(name="Grandmother", activity_query="424242", confirmation_query="", token=TOKEN, color="")
    )
    journal.take(activity(trade(1, 100, "1234.56")))
    journal.take(b"no report")
    journal.services.backups.make()
    handler = start_logging(journal.paths.logs)
    logger = logging.getLogger("ibjournal.test")
    logger.info("Grandmother fetched with %s for %s: 98765.43 EUR below %s", TOKEN, ACCOUNT, journal.paths.data)
    logger.info("second line, took 3 tries at 10:15:20.123")
    stop_logging(handler)
    return journal


def test_it_tells_what_helps(filled: JournalFolder) -> None:
    found = sections(filled.services.diagnosis.report({"qt": "6.11.3", "platform": "offscreen"}))
    assert list(found) == ["program", "libraries", "window", "keyring", "folder", "database", "rows", "depots", "runs", "log"]
    assert not [line for lines in found.values() for line in lines if line.startswith("error: ")]
    assert "platform: offscreen" in found["window"]
    assert "executions: 1" in found["rows"]
    assert "quick_check: ok" in found["database"]
    assert any(line.startswith("backups: 1,") and "manual" in line for line in found["folder"])
    assert found["depots"][0] == "depot 1: 0 accounts, activity, no confirmation, no expiry"
    assert any(" import failed" in line for line in found["runs"])
    assert found["log"][-1].endswith("second line, took 3 tries at 10:15:20.123")
    assert found["log"][-2].endswith("depot 1 fetched with [token] for U…: [amount] below DATA")


def test_it_holds_nothing_that_is_nobodys_business(filled: JournalFolder) -> None:
    report = filled.services.diagnosis.report()
    for secret in (TOKEN, ACCOUNT, "Grandmother", "424242", "1234.56", "98765.43", "ACME", str(filled.paths.data)):
        assert secret not in report, secret


def test_a_damaged_journal_is_reported_too(filled: JournalFolder) -> None:
    filled.services.maintenance.close()
    filled.paths.database.write_bytes(b"no database " * 5000)
    found = sections(bootstrap.diagnosis(filled.paths).report())
    assert found["database"] == found["rows"] == ["error: database_corrupt"]
    assert len(found["log"]) >= 2
    assert any(line.startswith("archive: 1 files") for line in found["folder"])


def test_where_there_is_no_journal_nothing_is_made(tmp_path: Path) -> None:
    report = bootstrap.diagnosis(Paths(tmp_path / "nowhere")).report()
    assert "error: no_journal" in report
    assert list(tmp_path.iterdir()) == []


def test_names_of_people_and_of_depots_that_are_gone_are_taken_out(filled: JournalFolder) -> None:
    information = json.dumps({"name": "Erika Mustermann", "accountAlias": "Rente 2050", "currency": "EUR"})
    filled.change("UPDATE accounts SET information=?", information)
    filled.change("INSERT INTO sync_runs (kind, depot_name, started_at, result) VALUES ('sync', 'Opa', 1, 'ok')")
    handler = start_logging(filled.paths.logs)
    logging.getLogger("ibjournal.test").info("Erika Mustermann: Rente 2050 of Opa and Grandmother in EUR")
    stop_logging(handler)
    log = sections(filled.services.diagnosis.report())["log"]
    assert log[-1].endswith("[name]: [name] of [name] and depot 1 in EUR")


def test_a_damaged_journal_has_no_names_and_its_report_is_made_all_the_same(filled: JournalFolder) -> None:
    filled.services.maintenance.close()
    with filled.paths.database.open("r+b") as file:
        file.seek(16384)
        file.write(b"\xa5" * 16384)
    assert [instead for _name, instead in filled.services.diagnosis.names()] == ["DATA"]
    assert "error: database_corrupt" in filled.services.diagnosis.report()


def test_each_depot_is_told_in_words_that_name_nobody(journal: JournalFolder) -> None:
    depots = journal.services.depots
    depots.add(DepotDraft(name="One", confirmation_query="2", token=TOKEN, token_expires=date(2027, 6, 1)))
    depots.add(DepotDraft(name="Two", activity_query="1", confirmation_query="2", token=TOKEN))
    journal.change("UPDATE depots SET paused=1 WHERE name='Two'")
    journal.take(activity(trade(1)))
    found = sections(journal.services.diagnosis.report())
    assert found["depots"] == [
        "depot 1: 0 accounts, no activity, confirmation, expires 2027-06-01",
        "depot 2: 0 accounts, activity, confirmation, no expiry, paused",
        "depot 3: 1 accounts, no activity, no confirmation, no expiry, from files",
    ]
    assert found["folder"][0] == "place: chosen by the user"
    assert [line for line in found["folder"] if line.startswith("backups: ")] == ["backups: 0, 0 kB"]
    assert not found["window"]


def test_runs_tell_whose_they_were_and_what_went_wrong(journal: JournalFolder) -> None:
    depot, _changes = journal.services.depots.add(DepotDraft(name="One", activity_query="1"))
    at = datetime(2026, 9, 28, 16, 0, tzinfo=UTC)
    steps: list[dict[str, object]] = [
        {"name": "activity", "result": "failed", "error": {"code": "query_invalid", "values": {"text": "Query 424242 of Opa"}}},
        {"name": "confirmation", "result": "skipped", "error": None},
    ]
    with Database(journal.paths.database).transaction() as db:
        for whose in (depot, None):
            run = start_run(db, "sync", depot=whose, depot_name="One", started_at=at)
            error = {"code": "query_invalid", "values": {"text": "Query 424242 of Opa"}}
            end_run(db, run, result="failed", error=error, steps=steps, ended_at=at)
            at += timedelta(minutes=1)
    told = "failed query_invalid activity=query_invalid confirmation=skipped"
    assert sections(journal.services.diagnosis.report())["runs"] == [
        f"2026-09-28 16:01Z sync {told}",
        f"2026-09-28 16:00Z sync depot 1 {told}",
    ]


def test_what_goes_wrong_with_one_part_is_told_by_its_kind_and_stops_none(
    journal: JournalFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError(f"{TOKEN} of Opa")

    monkeypatch.setattr("ibjournal.services.diagnosis.count_rows", broken)
    report = journal.services.diagnosis.report()
    found = sections(report)
    assert found["rows"] == ["error: RuntimeError"]
    assert "quick_check: ok" in found["database"]
    assert TOKEN not in report


def test_what_it_runs_on_is_told_or_said_to_be_unknown(journal: JournalFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> dict[str, str]:
        raise OSError

    def version(name: str) -> str:
        if name == "lxml":
            raise metadata.PackageNotFoundError(name)
        return "1.2.3"

    monkeypatch.setattr(metadata, "version", version)
    for release, told in ((none, "-"), (lambda: {"ID": "debian", "VERSION_ID": "12"}, "debian 12"), (dict, "-")):
        monkeypatch.setattr(platform, "freedesktop_os_release", release)
        found = sections(journal.services.diagnosis.report())
        assert f"distribution: {told}" in found["program"]
    assert {"requests: 1.2.3", "lxml: -", "keyring: 1.2.3"} <= set(found["libraries"])


def test_a_name_of_nothing_but_spaces_takes_nothing_out(filled: JournalFolder) -> None:
    filled.change("INSERT INTO sync_runs (kind, depot_name, started_at, result) VALUES ('sync', ' ', 1, 'ok')")
    assert all(name.strip() for name, _instead in filled.services.diagnosis.names())
