"""Every code of IBKR's on both calls, end to end over HTTP: requests, end state, words, and the planted token found nowhere.

What is expected stands in `tests.fakes.fault_table`; the waits and the pace are the program's own, on a clock that a test moves.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication

from ibjournal.demo.flex_answers import ScriptedAnswer
from ibjournal.domain.errors import FlexError, JournalError
from ibjournal.flex.errors import RULES
from ibjournal.gui import crash, i18n
from ibjournal.gui.errors import RENEWABLE, Button, ErrorText, describe
from ibjournal.services.depots import DepotDraft
from ibjournal.services.sync import SyncReport
from tests.fakes.clock import NOON, FakeClock
from tests.fakes.fault_desk import EXPIRES, NOTE, FaultDesk, calls, keeps_pace, synced_journal
from tests.fakes.fault_table import HOUR, NEVER, TABLE, Row
from tests.fakes.planted_token import PLANTED
from tests.fakes.standing_faults import GET, SEND, FaultyService, StandingFault, planted_depots

pytestmark = pytest.mark.e2e

NEW_TOKEN = "577215664901532860606512"
_WAYS = {"renew": {Button.RENEW}, "edit": {Button.EDIT_DEPOT, Button.TRY_AGAIN}, "wait": {Button.TRY_AGAIN}}
_DAY = 24 * HOUR


def _service(clock: FakeClock) -> FaultyService:
    return FaultyService(planted_depots(), clock.monotonic)


@pytest.fixture(scope="session")
def whole_journal(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, datetime]:
    """Return a journal that was fetched in full on a Monday at noon, and when that ended."""
    folder = tmp_path_factory.mktemp("whole") / "data"
    return folder, synced_journal(folder, [("Plain", "1001", "1002")], _service)


@pytest.fixture
def desk(whole_journal: tuple[Path, datetime], tmp_path: Path) -> Iterator[FaultDesk]:
    """Return that journal a day later."""
    folder, _ended = whole_journal
    shutil.copytree(folder, tmp_path / "data")
    clock = FakeClock(NOON + timedelta(days=1))
    with _service(clock) as service:
        desk = FaultDesk(service, tmp_path / "data", clock)
        (depot,) = desk.services.depots.list_depots()
        desk.hold(depot.id)
        yield desk
        desk.services.maintenance.close()


def words(error: JournalError, language: str) -> ErrorText:
    """Return an error as the user of a language reads it."""
    before = QLocale()
    assert i18n.install(language)
    try:
        return describe(error)
    finally:
        i18n.uninstall()
        QLocale.setDefault(before)


def crash_text(error: JournalError) -> str:
    """Return what the crash dialog would show if a bug of ours followed upon an error."""
    bug = RuntimeError(f"a bug while {error} was told of")
    bug.__cause__ = error
    return crash.report_text(bug)


def mend(desk: FaultDesk, row: Row) -> None:
    """Do what the words ask the user to do."""
    desk.service.heal()
    (depot,) = desk.services.depots.list_depots()
    if row.mend == "renew":
        desk.service.issue_token("plain", NEW_TOKEN)
        desk.services.depots.renew((depot.id,), NEW_TOKEN, EXPIRES)
    elif row.mend == "edit":
        draft = DepotDraft(name=depot.name, activity_query="1001", confirmation_query="1002", token_expires=depot.token_expires)
        desk.services.depots.edit(depot.id, draft)
    else:
        desk.clock.advance(_DAY)


def said(desk: FaultDesk, row: Row, report: SyncReport) -> list[str]:
    """Check the words of a fetch that failed, in both languages; return all that could be read of it."""
    error = report.error
    if not row.code:
        assert error is None
        error = FlexError("not_available", number=row.number, depot="Plain", query="1001")  # where a test of the query says it
    assert error is not None
    texts = []
    for language, phrases in (("en", row.en), ("de", row.de)):
        text = words(error, language)
        assert all(phrase in text.sentence for phrase in phrases), text.sentence
        assert text.title
        assert text.explanation
        assert text.action, "there is a way out"
        assert text.button in _WAYS[row.mend]
        assert "–" not in text.sentence, f"a fact is missing: {text.sentence}"
        texts.append(text.sentence)
    assert texts[0] != texts[1]
    assert (error.code in RENEWABLE) == (row.mend == "renew"), "a new token is asked for where one helps, and nowhere else"
    return [*texts, crash_text(error)]


def test_every_code_has_its_row() -> None:
    assert {row.number for row in TABLE} == {*RULES, 1099}


@pytest.mark.parametrize("call", [SEND, GET])
@pytest.mark.parametrize("row", TABLE, ids=lambda row: str(row.number))
@pytest.mark.usefixtures("qapp")
def test_a_code_that_lasts_and_what_the_words_ask_for_mends_it(desk: FaultDesk, row: Row, call: str) -> None:
    before = len(desk.reports())
    desk.service.stand(StandingFault(number=row.number, call=call, query="" if row.token else "1001"))
    report = desk.sync_one()

    assert calls(desk.service) == (row.send if call == SEND else row.get)
    assert keeps_pace(desk.service)
    for pause in row.waits:
        assert any(pause <= wait < pause + 2 for wait in desk.clock.waits), desk.clock.waits
    assert (report.error.code if report.error else "") == row.code
    assert report.queries[0].files == (), "nothing of a report that did not come is taken in"
    assert bool(report.queries[1].files) == row.confirmation
    assert report.queries[1].skipped == (not row.confirmation)
    assert len(desk.reports()) - before == int(row.confirmation)
    assert desk.kept() == (3, NOTE), "nothing is lost, and nothing is taken in by halves"
    texts = said(desk, row, report)

    (run, *_older) = desk.runs()
    assert run.result == ("failed" if row.code else "ok")
    assert (run.error.code if run.error else "") == row.code
    assert [step.result for step in run.steps] == [run.result, "ok" if row.confirmation else "skipped"]
    (state,) = desk.services.depots.depot_states()
    assert state.last_error == row.code
    assert state.has_token, "a token is never thrown away unasked"
    locked = desk.services.tokens.locked_until(state.depot.id)
    assert (locked is not None) == (row.code == "locked_out")
    assert bool(desk.services.autosync.needing_user()) == (row.mend != "wait")

    desk.start()  # the user tries again after a restart
    sent = len(desk.service.requests)
    again = desk.sync_one()
    assert calls(desk.service, since=sent) == (row.again_send if call == SEND else row.again_get)
    assert keeps_pace(desk.service)
    assert (again.error.code if again.error else "") == row.code
    newest = desk.services.depots.token_uses()[0]
    assert newest.asked == (len(desk.service.requests) > sent), "the token's log tells what was not even asked"
    if again.error is not None:
        texts += [words(again.error, "en").sentence, words(again.error, "de").sentence]

    mend(desk, row)
    before = len(desk.reports())
    mended = desk.sync_one()
    assert mended.error is None
    assert [len(query.files) for query in mended.queries] == [1, 1]
    assert len(desk.reports()) - before == 2
    assert "AF 2026-09-12 2026-09-25" in desk.reports(), "what had failed is fetched"
    assert desk.kept() == (4, NOTE), "a fill of last week has come with it"
    (state,) = desk.services.depots.depot_states()
    assert state.last_error == ""
    assert desk.services.tokens.locked_until(state.depot.id) is None
    assert desk.found(*texts) == []


@pytest.mark.parametrize("row", TABLE, ids=lambda row: str(row.number))
def test_by_itself_it_is_asked_again_in_time_and_not_before(desk: FaultDesk, row: Row) -> None:
    desk.service.stand(StandingFault(number=row.number, call=SEND, query="" if row.token else "1001"))
    began = desk.clock.now()
    desk.sync_one()
    took = (desk.clock.now() - began).total_seconds()
    assert desk.services.autosync.due(starting=True) == (), "a restart is no reason"
    if row.by_itself == NEVER:
        assert desk.first_time_by_itself(longest=10 * _DAY, step=HOUR) == 10 * _DAY
        return
    waited = took + desk.first_time_by_itself(longest=12 * HOUR, step=6 * HOUR / 60)
    assert row.by_itself <= waited <= 6 * HOUR


@pytest.mark.parametrize("status", ["Warn", "Fail"])
@pytest.mark.parametrize("number", [1012, 1018, 1019, 1025])
def test_the_number_decides_and_not_the_word_before_it(desk: FaultDesk, number: int, status: str) -> None:
    (row,) = [row for row in TABLE if row.number == number]
    desk.service.stand(StandingFault(number=number, call=GET, query="" if row.token else "1001", status=status))
    report = desk.sync_one()
    assert calls(desk.service) == row.get
    assert report.error is not None
    assert report.error.code == row.code


PASSING = [row for row in TABLE if row.code and row.number not in {1010, 1011, 1012, 1013, 1014, 1015, 1016, 1025, 1099}]


@pytest.mark.parametrize("call", [SEND, GET])
@pytest.mark.parametrize("row", PASSING, ids=lambda row: str(row.number))
def test_a_code_that_passes_is_not_even_told(desk: FaultDesk, row: Row, call: str) -> None:
    desk.service.stand(StandingFault(number=row.number, call=call, query="1001", times=1))
    report = desk.sync_one()
    assert report.error is None
    assert [len(query.files) for query in report.queries] == [1, 1]
    same_reference = row.number in {1018, 1019, 1021} and call == GET
    usual = (2, 2)
    assert calls(desk.service) == ((usual[0], usual[1] + 1) if same_reference else (usual[0] + 1, usual[1] + (call == GET)))
    references = [request.params["q"] for request in desk.service.requests if request.action == GET]
    assert len(set(references)) == (2 if same_reference or call == SEND else 3)
    assert desk.found() == []


@pytest.mark.parametrize("inside", ["<Status>Fail</Status>", "<Status>Success</Status>", ""])
@pytest.mark.usefixtures("qapp")
def test_an_answer_without_a_number_is_told_without_one(desk: FaultDesk, inside: str) -> None:
    body = f"<FlexStatementResponse>{inside}</FlexStatementResponse>".encode()
    desk.service.script(ScriptedAnswer(action=SEND, body=body), ScriptedAnswer(action=GET, body=body))
    report = desk.sync_one()
    assert report.error is not None
    assert report.error.code == "unexpected_answer"
    assert calls(desk.service) == (2, 2), "a request is not repeated, a poll is"
    assert "neither a report nor one of the known messages" in words(report.error, "en").sentence
    assert "weder ein Bericht noch eine der bekannten Meldungen" in words(report.error, "de").sentence
    assert desk.sync_one().error is None


def test_the_guard_ends_it_before_ibkr_does_whatever_the_user_clicks(desk: FaultDesk) -> None:
    desk.service.stand(StandingFault(number=1014, call=SEND))
    codes = []
    for _ in range(12):
        report = desk.sync_one()
        codes.append(report.error.code if report.error else "")
        desk.start()
        desk.clock.advance(60)
    assert calls(desk.service) == (5, 0), "five failed requests a day, and no more"
    assert set(codes) == {"query_invalid"}, "what is to be mended is what is said"
    desk.clock.advance(_DAY)
    desk.sync_one()
    assert calls(desk.service)[0] > 5, "the next day it is asked again"
    assert PLANTED not in str(codes)


def test_nothing_that_is_on_file_waits_for_a_token(desk: FaultDesk, qapp: QApplication) -> None:
    assert qapp
    desk.service.stand(StandingFault(number=1012, call=SEND))
    desk.sync_one()
    look: list[Callable[[], object]] = [
        desk.services.depots.list_depots,
        desk.services.reports.list_runs,
        lambda: desk.services.export.rows("trades"),
        desk.services.backups.make,
        desk.services.maintenance.check,
    ]
    for each in look:
        each()
    assert calls(desk.service) == (1, 0)
