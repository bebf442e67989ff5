"""A day on which IBKR cannot make a report: how many requests that costs, who is told to be at fault, and when it goes on.

The guard lets five requests of a token fail in a day, whoever is at fault; what it says depends on that.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale

from ibjournal.domain.errors import JournalError
from ibjournal.gui import i18n
from ibjournal.gui.errors import Button, describe
from tests.e2e.program import Program
from tests.fakes import environment_keyring
from tests.fakes.clock import NOON, FakeClock
from tests.fakes.fault_desk import FaultDesk, calls, keeps_pace, synced_journal
from tests.fakes.planted_token import PLANTED, leaks
from tests.fakes.standing_faults import GET, SEND, FaultyService, StandingFault, planted_depots

pytestmark = pytest.mark.e2e

_DAY = 86400.0
_HOUR = 3600.0
_DEPOTS = [("Plain", "1001", "1002"), ("Other", "2001", "2002")]


def _service(clock: FakeClock) -> FaultyService:
    return FaultyService(planted_depots(), clock.monotonic)


@pytest.fixture(scope="session")
def whole_journals(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """Return journals that were fetched in full on a Monday at noon: with one depot, and with two that share a token."""
    folders = {}
    for count in (1, 2):
        folders[count] = tmp_path_factory.mktemp("guarded") / "data"
        synced_journal(folders[count], _DEPOTS[:count], _service)
    return folders


@pytest.fixture
def desk(whole_journals: dict[int, Path], tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[FaultDesk]:
    """Return such a journal a day later, with one depot unless the test asks for two."""
    shutil.copytree(whole_journals[getattr(request, "param", 1)], tmp_path / "data")
    clock = FakeClock(NOON + timedelta(days=1))
    with _service(clock) as service:
        desk = FaultDesk(service, tmp_path / "data", clock)
        for depot in desk.services.depots.list_depots():
            desk.hold(depot.id)
        yield desk
        desk.services.maintenance.close()


def said(error: JournalError | None) -> list[str]:
    """Return an error as it is read in English and in German."""
    assert error is not None
    before = QLocale()
    texts = []
    try:
        for language in ("en", "de"):
            assert i18n.install(language)
            texts.append(describe(error).sentence)
    finally:
        i18n.uninstall()
        QLocale.setDefault(before)
    return texts


def remembered(desk: FaultDesk) -> tuple[int, str | None]:
    """Return how many failures the pace's file holds, and when the latest was that was not IBKR's own."""
    (row,) = json.loads(desk.paths.pace.read_text()).values()
    return len(row["failures"]), row["refused_at"]


@pytest.mark.parametrize(
    ("number", "code", "first", "call"),
    [
        (1001, "cannot_generate", 3, SEND),
        (1004, "incomplete", 4, SEND),
        (1008, "mtm_fifo_not_ready", 4, GET),
        (1009, "heavy_load", 3, GET),
    ],
)
@pytest.mark.usefixtures("qapp")
def test_a_day_of_ibkrs_own_troubles(desk: FaultDesk, number: int, code: str, first: int, call: str) -> None:
    desk.service.stand(StandingFault(number=number, call=call))
    began = desk.clock.now()
    codes: list[str] = []
    while not codes or codes[-1] != "too_many_troubles":
        report = desk.sync_one()
        assert report.error is not None
        codes.append(report.error.code)
        if len(codes) == 1:
            assert calls(desk.service)[0] == first, "the second query is asked once at most: a run does not spend a day's requests"
            assert remembered(desk) == (first, None)
            assert "Please try again in a few minutes" in said(report.error)[0], "there is something left to try with"
        desk.start()
        desk.clock.advance(_HOUR)
    assert codes == [code] * (5 - first) + ["too_many_troubles"], "the run that fills the guard says so"
    assert calls(desk.service)[0] == 5
    assert keeps_pace(desk.service)
    assert remembered(desk) == (5, None)
    filled, asked = report.error, desk.services.depots.token_uses()[0].asked
    assert filled is not None
    assert asked, "IBKR was asked that time"

    again = desk.sync_one()
    assert calls(desk.service)[0] == 5, "then it rests, whoever clicks"
    assert again.error is not None
    assert again.error.code == "too_many_troubles"
    assert not desk.services.depots.token_uses()[0].asked
    for error in (filled, again.error):
        english, german = said(error)
        assert "5 times within a day, for reasons of its own" in english
        assert "Nothing of yours is wrong" in english
        assert "ibjournal rests until" in english
        assert "aus eigenen Gründen" in german
        assert "Bei Ihnen ist nichts falsch" in german
        assert "query id" not in english
        assert "Abfrage-ID" not in german
        assert "–" not in english + german, "a fact is missing"
        assert describe(error).button is Button.NONE, "there is nothing to do but wait"
    assert desk.services.autosync.needing_user() == ()

    opens = again.error.values["retry_at"]
    assert isinstance(opens, datetime)
    assert timedelta(0) <= opens - began - timedelta(days=1) < timedelta(minutes=10), "a day after the first of them"
    desk.clock.set_wall_clock(opens - timedelta(seconds=1))
    assert desk.services.autosync.due() == ()
    desk.clock.set_wall_clock(opens)
    assert desk.services.autosync.due() == tuple(depot.id for depot in desk.services.depots.list_depots())
    desk.service.heal()
    assert desk.sync_one().error is None
    assert desk.found(*said(filled), *said(again.error)) == []


@pytest.mark.usefixtures("qapp")
def test_a_guard_that_refusals_filled_asks_for_token_and_query_ids(desk: FaultDesk) -> None:
    desk.service.stand(StandingFault(number=1020, call=SEND, query="1001"))
    codes: list[str] = []
    for _ in range(4):
        report = desk.sync_one()
        codes.append(report.error.code if report.error else "")
    assert calls(desk.service)[0] - calls(desk.service)[1] == 5
    assert codes[0] == "invalid_request"
    assert codes[-1] == "too_many_failures"
    assert desk.services.autosync.needing_user() != ()
    english, german = said(report.error)
    assert "Check token and query ids" in english
    assert "Prüfen Sie Prüfcode und Abfrage-IDs" in german


@pytest.mark.parametrize("desk", [2], indirect=True)
def test_a_depot_that_shares_the_token_is_left_for_later(desk: FaultDesk) -> None:
    desk.service.stand(StandingFault(number=1004, call=SEND))
    first, second = desk.sync()
    assert calls(desk.service) == (4, 0), "three tries of the one query, one of the other, none of the other depot"
    assert first.error is not None
    assert second.error is not None
    assert (first.error.code, second.error.code) == ("incomplete", "incomplete")
    assert (second.error.values["depot"], second.error.values["asked"]) == ("Other", False)
    assert [query.skipped for query in second.queries] == [True, True]
    desk.service.heal()
    desk.clock.advance(_HOUR)
    assert set(desk.services.autosync.due(starting=True)) == {first.depot, second.depot}
    assert [report.error for report in desk.sync()] == [None, None]


@pytest.mark.parametrize("desk", [2], indirect=True)
def test_a_depot_of_the_same_token_is_fetched_where_one_of_the_reports_could_be_made(desk: FaultDesk) -> None:
    desk.service.stand(StandingFault(number=1006, call=SEND, query="1001"))
    first, second = desk.sync()
    assert first.error is not None
    assert first.error.code == "fifo_not_ready"
    assert second.error is None


def test_the_command_line_says_whose_fault_it_is(tmp_path: Path) -> None:
    """Today's first run is made on a clock of the test's own: between its tries lie minutes."""
    program = Program(tmp_path / "data", environment={environment_keyring.VARIABLE: PLANTED})
    clock = FakeClock(datetime.now(UTC) - timedelta(hours=2))
    with _service(clock) as service:
        service.stand(StandingFault(number=1005, call=SEND))
        desk = FaultDesk(service, program.data, clock)
        desk.add()
        desk.sync_one()
        desk.services.maintenance.close()
        assert calls(service) == (4, 0)
        answers = [program.run("sync", "--lang", language, "--flex-url", service.url) for language in ("en", "de")]
        assert calls(service) == (5, 0), "one more, and then none"
    assert [answer.status for answer in answers] == [1, 1]
    assert "Nothing of yours is wrong" in answers[0].sentence
    assert "Bei Ihnen ist nichts falsch" in answers[1].sentence
    assert leaks(program.data, *(text for answer in answers for text in (answer.out, answer.err))) == []
