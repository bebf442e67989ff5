"""The page of depots: cards that say how things stand, and every change a depot can take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QMessageBox, QProgressBar, QPushButton
from pytestqt.qtbot import QtBot

from ibjournal.domain.depot import DepotId
from ibjournal.domain.errors import CredentialError, FlexError, ReportError, UsageError
from ibjournal.flex.query_doctor import Finding
from ibjournal.gui import errors
from ibjournal.gui.depots.card import DepotCard
from ibjournal.gui.depots.editor import DepotEditor
from ibjournal.gui.depots.findings import FindingsPanel
from ibjournal.gui.depots.page import DepotsPage
from ibjournal.gui.depots.uses_table import result_words
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.widgets.depot_dot import COLORS
from ibjournal.gui.widgets.focus_ring import FocusRing
from ibjournal.services.depots import DepotDraft, DepotState, QueryTest
from ibjournal.services.doctor import QueryFindings
from ibjournal.services.token_log import TokenUse
from tests.gui.conftest import NOW, TODAY, TOKEN, FakeServices, make_depot

INCOME, ANNA = make_depot(1, "Income"), make_depot(2, "Anna", token_expires=date(2027, 9, 14))
WORKS = QueryTest(
    slot="activity",
    query="101",
    error=None,
    accounts=("U1000001",),
    from_date=date(2025, 11, 19),
    to_date=date(2026, 11, 18),
    sections=(("Trades", 1206), ("OpenPositions", 9)),
    seconds=9.8,
)
WRONG = QueryTest(slot="confirmation", query="102", error=FlexError("query_invalid", number=1014))
Settled = Callable[[], None]


@pytest.fixture
def page(qtbot: QtBot, services: FakeServices, tasks: TaskRunner, settled: Settled, look: None) -> DepotsPage:
    services.depots.set(INCOME, ANNA)
    made = DepotsPage(services.bundle, tasks, today=lambda: TODAY)
    qtbot.addWidget(made)
    made.show()
    settled()
    return made


def state(**fields: object) -> DepotState:
    base = DepotState(depot=INCOME, has_token=True, token_digits=24, token_kept=True)
    return replace(base, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("shown", "words", "tone"),
    [
        (state(), "token valid until 25 Nov 2026, 6 days left", "warning"),
        (state(depot=ANNA), "token valid until 14 Sep 2027, 299 days left", "muted"),
        (state(depot=replace(INCOME, token_expires=date(2026, 11, 1))), "token expired on 1 Nov 2026", "warning"),
        (state(depot=replace(INCOME, token_expires=None)), "token on file, date of expiry not known", "muted"),
        (state(has_token=False), "no token", "warning"),
        (state(has_token=False, depot=replace(INCOME, from_files=True)), "fed by files, no token", "muted"),
        (state(last_error="token_expired"), "The token has expired", "warning"),
    ],
)
def test_a_card_says_how_long_the_token_lives(qtbot: QtBot, look: None, shown: DepotState, words: str, tone: str) -> None:
    card = DepotCard(shown, today=TODAY)
    qtbot.addWidget(card)
    assert card.token_words(TODAY) == (words, tone)
    lives = [bar for bar in card.findChildren(QProgressBar) if bar.accessibleName() == words]
    assert len(lives) == ("token valid until" in words or "token expired on" in words), "a bar beside the days, and nowhere else"


def test_a_test_shows_both_answers(page: DepotsPage, services: FakeServices, settled: Settled) -> None:
    services.depots.tests = (WORKS, WRONG)
    page.cards[0].test.click()
    settled()
    lines = page.cards[0].result.texts()
    assert lines[0] == ("Activity query 101: 19 Nov 2025 – 18 Nov 2026 · account U1000001 · 2 sections · 1,215 rows")
    assert "1014" in lines[1]
    assert page.cards[0].test.isEnabled()


def test_a_test_that_cannot_be_made_says_why(page: DepotsPage, services: FakeServices, settled: Settled) -> None:
    services.depots.refuse = CredentialError("keyring_locked")
    page.cards[1].test.click()
    settled()
    assert page.cards[1].fault.text().startswith("The keyring is locked.")
    assert page.cards[1].result.isHidden()


def test_order_pause_and_renewal(page: DepotsPage, services: FakeServices, settled: Settled, qtbot: QtBot) -> None:
    assert not page.cards[0].up.isEnabled()
    assert not page.cards[1].down.isEnabled()
    with qtbot.waitSignal(page.changed):
        page.cards[0].down.click()
    settled()
    assert services.depots.named("reorder") == [((2, 1),)]
    assert [card.depot for card in page.cards] == [2, 1]
    page.cards[0].menu.actions()[0].trigger()
    settled()
    assert services.depots.named("pause") == [(2, True)]
    assert page.cards[0].menu.actions()[0].text() == "Resume fetching"
    with qtbot.waitSignal(page.renewal_wanted, check_params_cb=lambda depot: depot == 2):
        page.cards[0].renew.click()


def test_removing_asks_once_and_keeping_is_the_default(page: DepotsPage, services: FakeServices, settled: Settled) -> None:
    page.ask_remove(DepotId(1))
    settled()
    box = page.question
    assert isinstance(box, QMessageBox)
    assert "Income" in box.text()
    means = box.informativeText()
    assert "What goes: its token in the keyring, its query ids 101, 102. It is fetched no more." in means
    assert "What stays: 1 account, 12 reports in the archive, 340 fills, 120 trades, 1 note." in means
    assert "The token that Anna holds stays where it is. Other depots and all backups are not touched." in means
    assert box.defaultButton() is not None
    assert box.defaultButton().text() == "Keep"
    box.defaultButton().click()
    settled()
    assert services.depots.named("remove") == []
    page.ask_remove(DepotId(1))
    settled()
    remove = next(one for one in page.question.buttons() if one.text() == "Remove depot")
    remove.click()
    settled()
    assert services.depots.named("remove") == [(1,)]
    assert [card.depot for card in page.cards] == [2]


def test_a_depot_of_which_nothing_would_go_cannot_be_removed(
    page: DepotsPage, services: FakeServices, settled: Settled, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = replace(services.removal.plan(DepotId(1)), token=False, queries=(), shared_with=())
    monkeypatch.setattr(services.removal, "plan", lambda _depot: plan)
    page.ask_remove(DepotId(1))
    settled()
    assert page.question.text() == "Income stays in the list"
    assert "fed by files" in page.question.informativeText()
    assert [each.text() for each in page.question.buttons()] == ["Keep"]
    page.question.close()


def test_forgetting_a_token_names_all_that_lose_it(page: DepotsPage, services: FakeServices, settled: Settled) -> None:
    services.depots.set(INCOME, ANNA, shared=True)
    page.load()
    settled()
    page.cards[0].forget.trigger()
    box = page.question
    assert "Income, Anna" in box.text()
    assert "nothing is fetched" in box.informativeText()
    assert "At IBKR it stays valid" in box.informativeText()
    assert box.defaultButton().text() == "Keep"
    box.defaultButton().click()
    settled()
    assert services.tokens.forgotten == []
    page.cards[0].forget.trigger()
    next(one for one in page.question.buttons() if one.text() == "Forget token").click()
    settled()
    assert services.tokens.forgotten == [1]


def test_a_keyring_that_fails_to_forget_is_told(page: DepotsPage, services: FakeServices, settled: Settled) -> None:
    services.tokens.refuse = CredentialError("keyring_slow", seconds=10)
    page.ask_forget(DepotId(1))
    next(one for one in page.question.buttons() if one.text() == "Forget token").click()
    settled()
    assert "We waited 10 seconds" in page.cards[0].fault.text()


def test_what_needs_a_token_is_not_offered_without_one(qtbot: QtBot, look: None) -> None:
    card = DepotCard(state(has_token=False), today=TODAY)
    qtbot.addWidget(card)
    assert not any(action.isEnabled() for action in (card.forget, card.leak, card.entry))


def test_a_leaked_token_is_handed_on(page: DepotsPage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.leak_wanted, check_params_cb=lambda depot: depot == 2):
        page.cards[1].leak.trigger()


def test_a_calendar_entry_names_all_that_share_the_token(
    page: DepotsPage, services: FakeServices, settled: Settled, tmp_path: Path
) -> None:
    services.depots.set(INCOME, make_depot(2, "U1234567"), shared=True)
    page.load()
    settled()
    page.cards[0].entry.trigger()
    file = tmp_path / "token.ics"
    page.saving.fileSelected.emit(str(file))
    page.saving.close()
    settled()
    text = file.read_bytes().decode().replace("\r\n ", "")
    assert "SUMMARY:IBKR token of Income\\, U… expires" in text
    assert "DTSTART;VALUE=DATE:20261125" in text
    assert "1234567" not in text


def test_an_entry_that_cannot_be_written_is_told(
    page: DepotsPage, tasks: TaskRunner, settled: Settled, tmp_path: Path, qtbot: QtBot
) -> None:
    page.save_entry(DepotId(1))
    with qtbot.waitSignal(tasks.error, check_params_cb=lambda error: error.code == "store_failed"):
        page.saving.fileSelected.emit(str(tmp_path / "no folder" / "token.ics"))
    page.saving.close()
    settled()


@pytest.mark.parametrize(
    ("keyring", "words"),
    [
        ("no_keyring", "This system has no keyring"),
        ("keyring_refused", "would write the token into a file"),
        ("keyring_forgets", "did not give it back"),
    ],
)
def test_a_token_of_this_session_says_why(qtbot: QtBot, look: None, keyring: str, words: str) -> None:
    card = DepotCard(state(token_kept=False), today=TODAY, keyring=keyring)
    qtbot.addWidget(card)
    assert words in card.keyring.text()
    assert "entered again" in card.keyring.text()


def test_a_keyring_that_cannot_be_asked_is_not_taken_for_no_token(
    page: DepotsPage, services: FakeServices, settled: Settled
) -> None:
    services.depots.states = [state(has_token=False, credential_error=CredentialError("keyring_slow", seconds=10))]
    page.load()
    settled()
    (card,) = page.cards
    assert card.token_words(TODAY) == ("The keyring does not answer", "warning")
    assert "unlock it" in card.keyring.text()
    services.depots.set(INCOME)
    card.again.click()
    settled()
    assert page.cards[0].state.has_token


def use(**fields: object) -> TokenUse:
    base = TokenUse(depot=INCOME.id, depot_name="Income", at=NOW, purpose="sync", slot="activity", query="101", result="ok")
    return replace(base, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        (use(), "Report received"),
        (use(result="cancelled"), "Cancelled"),
        (use(result="token_expired"), "The token has expired"),
        (use(result="locked_out", asked=False), "Not asked: IBKR has locked the token"),
    ],
)
def test_a_use_of_the_token_says_what_came_of_it(shown: TokenUse, words: str, look: None) -> None:
    assert result_words(shown) == words


def test_the_uses_of_a_token_are_shown_and_hidden_again(page: DepotsPage, services: FakeServices, settled: Settled) -> None:
    services.depots.uses = (use(purpose="test"), use(depot=ANNA.id), use(slot="confirmation", query="102"))
    card = page.cards[0]
    assert not card.uses_panel.isVisible()
    page.show_uses(INCOME.id)
    settled()
    assert card.uses_panel.isVisible()
    model = card.uses.model()
    assert [model.index(row, 2).data() for row in range(model.rowCount())] == ["Test · Activity 101", "Fetch · Confirmation 102"]
    page.show_uses(INCOME.id)
    settled()
    assert not card.uses_panel.isVisible()


def test_a_token_that_was_not_used_says_so(page: DepotsPage, settled: Settled) -> None:
    page.show_uses(INCOME.id)
    settled()
    assert not page.cards[0].uses.isVisible()
    assert page.cards[0].uses_panel.isVisible()


FOUND = QueryFindings(
    depot=INCOME.id,
    depot_name="Income",
    slot="activity",
    query="101",
    report_type="AF",
    report=1,
    received_at=NOW,
    findings=(
        Finding(code="section_missing", section="OpenPositions", screen="positions", need="must"),
        Finding(code="currency_rates_on", need="may", values=(("n", 900),)),
    ),
)


def test_what_the_doctor_found_stands_behind_a_button(page: DepotsPage, services: FakeServices, settled: Settled) -> None:
    assert not page.cards[0].doctor_button.isVisible()
    services.doctor.found = (FOUND,)
    page.load()
    settled()
    first, other = page.cards
    assert first.doctor_button.text() == "Query doctor: 2"
    assert not other.doctor_button.isVisible()
    assert not first.doctor.isVisible()
    first.doctor_button.click()
    assert first.doctor.isVisible()
    assert "Open Positions is missing" in first.doctor.text()
    services.doctor.found = ()
    page._show_findings(())
    assert not first.doctor.isVisible()
    assert not first.doctor_button.isVisible()


def test_the_clicks_open_stay_open_and_can_be_copied(qtbot: QtBot, look: None) -> None:
    panel = FindingsPanel(name_depots=True)
    qtbot.addWidget(panel)
    panel.show_findings([FOUND])
    panel.show()
    line = panel.lines[0]
    assert not line.opened
    line.how.click()
    assert line._clicks.isVisible()
    panel.show_findings([FOUND])
    assert [line.opened for line in panel.lines] == [True, False]
    panel.copy.click()
    copied = QGuiApplication.clipboard().text()
    assert "Activity query 101" in copied
    assert "1. Performance & Reports → Flex Queries: the pencil beside your Activity Flex Query" in copied


def test_swapped_ids_lead_to_the_form(page: DepotsPage, services: FakeServices, settled: Settled) -> None:
    wrong = Finding(code="wrong_type", need="must", values=(("expected", "AF"), ("found", "TCF")))
    services.doctor.found = (replace(FOUND, findings=(wrong,), report_type="TCF"),)
    page.load()
    settled()
    page.cards[0].doctor.lines[0].edit_wanted.emit(INCOME.id)
    assert page.editor is not None


def test_the_form_of_a_depot_opens_once_the_depots_are_there(
    qtbot: QtBot, services: FakeServices, tasks: TaskRunner, settled: Settled, look: None
) -> None:
    services.depots.set(INCOME, ANNA)
    made = DepotsPage(services.bundle, tasks, today=lambda: TODAY)
    qtbot.addWidget(made)
    made.edit_when_loaded(DepotId(2))
    settled()
    assert made.editor is not None
    assert made.editor.name.text() == "Anna"


def test_without_depots_the_page_offers_the_first_one(
    page: DepotsPage, services: FakeServices, settled: Settled, qtbot: QtBot
) -> None:
    services.depots.set()
    page.load()
    settled()
    assert page.cards == []
    assert page._empty.isVisible()
    with qtbot.waitSignal(page.wizard_wanted):
        page._empty.clicked.emit()
    page.short_form.click()
    assert page.editor is not None


def editor_of(page: DepotsPage) -> DepotEditor:
    assert page.editor is not None
    return page.editor


def test_a_new_depot_takes_what_was_typed_without_spaces(
    page: DepotsPage, services: FakeServices, settled: Settled, qtbot: QtBot
) -> None:
    page.add()
    editor = editor_of(page)
    editor.name.setText("  Long term ")
    editor.token.line.set_token(" ".join([TOKEN[:12], TOKEN[12:]]))
    editor.activity.setText(" 118 4203 ")
    editor.expiry.choose("month")
    with qtbot.waitSignal(page.changed):
        editor.save_button.click()
    settled()
    wanted = DepotDraft(name="Long term", activity_query="1184203", token=TOKEN, token_expires=date(2026, 12, 19), color=COLORS[0])
    assert services.depots.named("add") == [(wanted,)]
    assert len(page.cards) == 3
    assert page.editor is None


def test_a_depot_needs_a_name_and_its_own(page: DepotsPage, services: FakeServices, settled: Settled) -> None:
    page.add()
    editor = editor_of(page)
    editor.save_button.click()
    assert services.depots.calls == []
    assert editor._name_hint.text() == "A depot needs a name."
    assert editor.name.property("fault")
    services.depots.refuse = UsageError("name_taken", name="Income")
    editor.name.setText("Income")
    assert not editor.name.property("fault"), "something else stands there now"
    assert not editor._name_hint.isVisible()
    editor.save_button.click()
    settled()
    assert "Another depot is called Income." in editor._name_hint.text()
    assert editor.save_button.isEnabled()


def test_editing_keeps_the_token_unless_a_new_one_is_entered(page: DepotsPage, services: FakeServices, settled: Settled) -> None:
    page.edit(DepotId(2))
    editor = editor_of(page)
    assert editor.token.hint() == "Empty: the token that is there stays."
    assert editor.expiry.day() == date(2027, 9, 14)
    editor.confirmation.setText("77")
    editor.save_button.click()
    settled()
    wanted = DepotDraft(name="Anna", activity_query="201", confirmation_query="77", token_expires=date(2027, 9, 14))
    assert services.depots.named("edit") == [(2, wanted)]


def test_the_draft_is_tested_before_it_is_saved(page: DepotsPage, services: FakeServices, settled: Settled) -> None:
    services.depots.tests = (WORKS,)
    page.add()
    editor = editor_of(page)
    editor.name.setText("New")
    editor.token.line.set_token(TOKEN)
    editor.test_button.click()
    settled()
    assert editor.result.isVisible()
    assert "1,215 rows" in editor.result.texts()[0]
    assert [call[0] for call in services.depots.calls] == ["test"]
    services.depots.refuse = CredentialError("token_missing", depot="New")
    editor.test_button.click()
    settled()
    assert editor._error.text().startswith("The token is missing.")


def test_leaving_the_form_forgets_the_token(page: DepotsPage) -> None:
    page.add()
    editor = editor_of(page)
    editor.token.line.set_token(TOKEN)
    editor.cancelled.connect(lambda: None)
    editor._on_cancel()
    assert editor.token.token == ""
    assert page.editor is None


def test_a_new_depot_is_typed_in_at_once_and_told_when_it_can_be_fetched(
    page: DepotsPage, services: FakeServices, settled: Settled, qtbot: QtBot
) -> None:
    page.add()
    assert page.editor is not None
    assert page.window().focusWidget() is page.editor.name
    page.editor.name.setText("Margin")
    page.editor.token.line.set_token(TOKEN)
    page.editor.activity.setText("301")
    with qtbot.waitSignal(page.added, check_params_cb=lambda depot: depot == 3):
        page.editor.save()
        settled()


def test_a_depot_without_token_is_not_fetched(page: DepotsPage, settled: Settled) -> None:
    told: list[object] = []
    page.added.connect(told.append)
    page.add()
    assert page.editor is not None
    page.editor.name.setText("Files")
    page.editor.save()
    settled()
    assert told == []


def test_the_buttons_stay_where_they_are_while_one_types_and_tests(
    page: DepotsPage, services: FakeServices, settled: Settled
) -> None:
    refused = FlexError("token_expired", number=1012)
    services.depots.tests = tuple(QueryTest(slot=slot, query="1", error=refused) for slot in ("activity", "confirmation"))
    page.resize(680, 640)
    page.add()
    editor = page.editor
    assert editor is not None
    settled()
    place = editor.save_button.pos().y()
    editor.token.line.set_token(TOKEN)
    editor.test()
    settled()
    assert abs(editor.save_button.pos().y() - place) < 6  # a scroll bar may come, a row of 20 pixels may not
    first, second = editor.result.texts()
    assert "this depot" in first
    assert second == "Trade Confirmation query 1: The same: The token has expired."


def test_a_token_without_a_keyring_is_said_on_the_card(qtbot: QtBot, look: None) -> None:
    def told(*, kept: bool) -> bool:
        card = DepotCard(state(token_kept=kept), today=TODAY)
        qtbot.addWidget(card)
        return any("no keyring" in words.text() for words in card.findChildren(QLabel))

    assert told(kept=False)
    assert not told(kept=True)


def test_the_ring_around_a_button_at_the_edge_is_whole_and_goes_with_its_page(page: DepotsPage, settled: Settled) -> None:
    page.resize(680, 640)
    page.add()
    assert page.editor is not None
    settled()
    ring = FocusRing()
    ring.install()
    try:
        page.editor.token.show_button.setFocus(Qt.FocusReason.TabFocusReason)
        frame = ring.frame()
        assert frame is not None
        assert frame.visibleRegion().boundingRect().size() == frame.size()
        page.editor.hide()
        assert not frame.isVisible()
        page.editor.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        assert ring.widget() is None
        page.add_button.setFocus(Qt.FocusReason.TabFocusReason)
    finally:
        ring.remove()
        page.editor = None


# --- the form: colour, ids and tokens that were mixed up, ways out of a failed test


def test_a_colour_can_be_changed_later_and_a_new_depot_gets_one_that_is_free(
    page: DepotsPage, services: FakeServices, settled: Settled
) -> None:
    services.depots.set(replace(INCOME, color=COLORS[0]), replace(ANNA, color=COLORS[1]))
    page.load()
    settled()
    page.edit(INCOME.id)
    assert page.editor is not None
    assert page.editor.color.current == COLORS[0]
    page.editor.color.button(COLORS[5]).click()
    page.editor.save()
    settled()
    assert services.depots.named("edit")[-1][1].color == COLORS[5]
    page.add()
    assert page.editor is not None
    assert page.editor.color.current == COLORS[2]


def test_the_form_notices_a_token_in_place_of_an_id_and_the_other_way_round(page: DepotsPage) -> None:
    page.add()
    assert page.editor is not None
    editor = page.editor
    editor.activity.setText(f"Current Token: {TOKEN}")
    editor.activity.settle()
    assert editor.activity.text() == ""
    editor.notice.button.click()
    assert editor.token.token == TOKEN
    editor.token.clear()
    editor.token.line.set_token("Query ID: 1184203".removeprefix("Query ID: "))
    editor.notice.button.click()
    assert (editor.activity.id, editor.token.token) == ("1184203", "")


def test_swapped_ids_are_swapped_in_the_form_and_tested_again(page: DepotsPage, services: FakeServices, settled: Settled) -> None:
    wrong = ReportError("wrong_report_type", expected="AF", found="TCF")
    services.depots.tests = tuple(
        QueryTest(slot=slot, query=query, error=wrong) for slot, query in (("activity", "302"), ("confirmation", "301"))
    )
    page.edit(INCOME.id)
    assert page.editor is not None
    editor = page.editor
    editor.activity.set_id("302")
    editor.confirmation.set_id("301")
    editor.test()
    settled()
    assert "swapped" in editor.notice.words()
    services.depots.tests = ()
    editor.notice.button.click()
    settled()
    _depot, draft = services.depots.named("test")[-1]
    assert (draft.activity_query, draft.confirmation_query) == ("301", "302")


@pytest.mark.parametrize(
    ("code", "signal"), [("token_expired", "renewal_wanted"), ("query_invalid", "edit_wanted"), ("heavy_load", "test_wanted")]
)
def test_what_a_test_on_a_card_found_has_a_button_that_leads_out(  # noqa: PLR0917
    page: DepotsPage, services: FakeServices, settled: Settled, qtbot: QtBot, code: str, signal: str
) -> None:
    services.depots.tests = (QueryTest(slot="activity", query="1", error=FlexError(code)),)
    card = page.cards[0]
    card.test.click()
    settled()
    way_out = next(
        each for each in card.result.findChildren(QPushButton) if each.text() == errors.describe(FlexError(code)).button_text
    )
    with qtbot.waitSignal(getattr(card, signal)):
        way_out.click()


def test_a_depot_without_queries_lacks_nothing(qtbot: QtBot, look: None) -> None:
    bare = replace(INCOME, activity_query="", confirmation_query="")
    card = DepotCard(state(has_token=False, depot=bare), today=TODAY)
    qtbot.addWidget(card)
    assert card.token_words(TODAY) == ("fed by files, no token", "muted")
    assert card.test.isHidden()
    assert card.renew.isHidden()
    assert not card.edit.isHidden()


def test_a_token_of_some_hours_is_told_with_its_minute(qtbot: QtBot, look: None) -> None:
    ends = datetime(2026, 11, 19, 20, 41).astimezone()
    for now, words in ((ends - timedelta(hours=1), "token valid until 19 Nov 20:41"), (ends, "token expired on 19 Nov 20:41")):
        card = DepotCard(state(token_ends=ends), today=TODAY, now=lambda now=now: now)  # type: ignore[misc]
        qtbot.addWidget(card)
        assert card.token_words(TODAY) == (words, "warning")


def test_esc_leaves_the_form_and_not_the_settings_around_it(page: DepotsPage, services: FakeServices) -> None:
    page.add()
    editor = editor_of(page)
    editor.token.line.set_token(TOKEN)
    QTest.keyClick(editor.name, Qt.Key.Key_Escape)
    assert page.editor is None
    assert page.isVisible()
    assert services.depots.named("add") == []
