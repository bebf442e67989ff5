"""The report for others: it helps, and it holds nothing that is nobody's business."""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path

import pytest

from ibjournal import bootstrap
from ibjournal.log import start_logging, stop_logging
from ibjournal.paths import Paths
from ibjournal.services.depots import DepotDraft
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
