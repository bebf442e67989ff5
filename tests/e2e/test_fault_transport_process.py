"""The same faults and the program as a process: what it prints, what it leaves, how much memory a large report costs."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pytest

from ibjournal.services.fetch_plan import FetchedDays, Window, write_fetched
from ibjournal.store.database import Database
from ibjournal.store.depots import list_depots
from tests.e2e.program import ROOT, Program
from tests.fakes import environment_keyring, planted_token
from tests.fakes import flex_reports as xml
from tests.fakes.planted_token import PLANTED, process_arguments
from tests.fakes.raw_flex import Fault, RawFlexService, Wire
from tests.fakes.standing_faults import GET, SEND
from tests.fakes.way_desk import RowsSource, depots

pytestmark = pytest.mark.e2e

MEGABYTE = 1_048_576
BIG = 40 * MEGABYTE
FILLS = MEGABYTE
GENEROUS = 250 * MEGABYTE
MEASURED = """
import resource, subprocess, sys
status = subprocess.run(sys.argv[1:]).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024, file=sys.stderr)
sys.exit(status)
"""
"""Runs a program and tells its peak of memory in bytes: a child of the tests themselves would begin with their own peak."""


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """Return the program with a depot whose token is the planted one, and whose days up to 1 September are known."""
    program = Program(tmp_path / "data", environment={environment_keyring.VARIABLE: PLANTED})
    added = program.run("depot", "add", "Plain", "--activity-query", "1001", stdin=f"{PLANTED}\n")
    assert added.status == 0, added.err
    database = Database(program.data / "journal.db")
    with database.reading() as db:
        (depot,) = list_depots(db)
    windows = (Window(date(2022, 1, 1), date(2026, 9, 1)),)
    write_fetched(database, depot.id, "activity", FetchedDays(query="1001", windows=windows, looked_back=date(2026, 9, 20)))
    return program


@pytest.fixture
def service() -> Iterator[RawFlexService]:
    with RawFlexService(RowsSource(), depots=depots()) as service:
        yield service


def page(wire: Wire, _body: bytes) -> None:
    """Show a page that repeats the token."""
    wire.answer(f"<html><title>?t={PLANTED}</title></html>".encode(), headers={"Content-Type": "text/html"})


def broken(wire: Wire, _body: bytes) -> None:
    """Fail."""
    wire.answer(b"<html>down</html>", status="500 Internal Server Error")


def moved(wire: Wire, _body: bytes) -> None:
    """Point elsewhere, token and all."""
    wire.answer(b"", status="302 Found", headers={"Location": f"http://127.0.0.1:1/?t={PLANTED}"})


def reset(wire: Wire, _body: bytes) -> None:
    """Break the connection."""
    wire.reset()


def cut(wire: Wire, body: bytes) -> None:
    """Hang up amid the answer."""
    wire.answer(body[:60], length=len(body))


@dataclass(frozen=True, slots=True)
class Row:
    """A fault of SendRequest, its code, and words in both languages."""

    fault: Fault
    code: str
    english: str
    german: str


TABLE = [
    Row(page, "html_answer", "A web page came instead of a report.", "Webseite"),
    Row(broken, "service_down", "HTTP status 500", "HTTP-Status 500"),
    Row(moved, "redirected", "Log in there first", "Melden Sie sich"),
    Row(reset, "connection_lost", "The connection to IBKR broke off.", "Verbindung zu IBKR"),
    Row(cut, "truncated_answer", "Nothing of it was taken in.", "Nichts davon wurde übernommen"),
]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.fault.__name__)
def test_what_it_says(row: Row, program: Program, service: RawFlexService, tmp_path: Path) -> None:
    service.misbehave(SEND, row.fault, row.fault)
    english = program.run("sync", "--json", "--lang", "en", "--flex-url", service.url)
    german = program.run("sync", "--lang", "de", "--flex-url", service.url)
    assert (english.status, german.status) == (1, 1)
    (depot,) = english.json["depots"]
    assert depot["error"]["code"] == row.code
    assert row.english in english.err
    assert row.german in german.err
    assert [request.action for request in service.requests] == [SEND, SEND], "one request a sync"
    assert {request.params["t"] for request in service.requests} == {PLANTED}, "the token must have been used"
    assert not [path for path in (program.data / "fetching").rglob("*") if path.is_file()]
    assert not [path for path in (program.data / "archive").rglob("*") if path.is_file()]
    told = program.run("diagnose")
    texts = [text for answer in (english, german, told) for text in (answer.out, answer.err)]
    assert planted_token.leaks(tmp_path, *texts) == []


def test_neither_its_arguments_nor_its_file_names_hold_the_token(program: Program, service: RawFlexService, tmp_path: Path) -> None:
    asked = threading.Event()

    def hang(wire: Wire, _body: bytes) -> None:
        asked.set()
        wire.hang()

    service.misbehave(SEND, hang)
    process = program.start("sync", "--flex-url", service.url)
    try:
        assert asked.wait(60)
        arguments = process_arguments(process.pid)
        under_way = planted_token.leaks(tmp_path)
    finally:
        process.terminate()
        out, err = process.communicate(timeout=60)
    assert b"sync" in arguments or not arguments
    assert PLANTED.encode() not in arguments
    assert under_way == []
    assert planted_token.leaks(tmp_path, out, err) == []


class BigSource(RowsSource):
    """The same statements, and forty megabytes of exchange rates and fills between them."""

    def activity_xml(self, accounts: Sequence[str], from_date: date, to_date: date, *, generated_at: datetime) -> bytes | None:
        report = super().activity_xml(accounts, from_date, to_date, generated_at=generated_at)
        if report is None:
            return None
        rate = '<ConversionRate reportDate="202609{:02d}" fromCurrency="A{:02d}" toCurrency="EUR" rate="1.{:07d}"/>'
        size = len(rate.format(1, 1, 1))
        rates = "".join(rate.format(n % 30 + 1, n % 97, n % 10_000_000) for n in range((BIG - FILLS) // size))
        fill = xml.trade(5, 1, 10, accountId=accounts[0])
        fills = [
            xml.trade(
                5 + number, (-1) ** number, 10, accountId=accounts[0], dateTime=f"20260910;10{number % 60:02d}00",
                tradeDate="20260910", reportDate="20260910", ibExecID=f"0000bbbb.{number:08d}.01.01",
            )
            for number in range(FILLS // len(fill))
        ]  # fmt: skip
        big = report.replace(b"</Trades>", ("".join(fills) + "</Trades>" + xml.section("ConversionRates", rates)).encode())
        assert len(big) > BIG
        return big


def test_forty_megabytes(program: Program, tmp_path: Path) -> None:
    with RawFlexService(BigSource(), depots=depots()) as service:
        command = [sys.executable, "-c", MEASURED, *program.command("sync", "--flex-url", service.url)]
        done = subprocess.run(command, cwd=ROOT, env=program.variables(), capture_output=True, text=True, check=False, timeout=100)
        assert done.returncode == 0, done.stderr
        assert [request.action for request in service.requests] == [SEND, GET]
    out, err, peak = done.stdout, done.stderr, int(done.stderr.splitlines()[-1])
    assert peak < GENEROUS, "a report is read as it comes, not held as a whole"
    exported = program.run("export", "executions").out
    assert sum("0000bbbb" in line for line in exported.splitlines()) == FILLS // len(
        xml.trade(5, 1, 10, accountId=depots()[0].account)
    )
    assert sum(path.stat().st_size for path in (program.data / "archive").rglob("*") if path.is_file()) > 0
    assert not [path for path in (program.data / "fetching").rglob("*") if path.is_file()]
    assert program.run("backup", program.data / "copy.db").status == 0
    assert planted_token.leaks(tmp_path, out, err, exported) == []
