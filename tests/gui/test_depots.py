"""The page of depots: cards that say how things stand, and every change a depot can take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QLabel, QMessageBox
from pytestqt.qtbot import QtBot

from ibjournal.domain.depot import DepotId
from ibjournal.domain.errors import CredentialError, FlexError, UsageError
from ibjournal.gui.depots.card import DepotCard
from ibjournal.gui.depots.editor import DepotEditor
from ibjournal.gui.depots.page import DepotsPage
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.widgets.focus_ring import FocusRing
from ibjournal.services.depots import DepotDraft, DepotState, QueryTest
from tests.gui.conftest import TODAY, TOKEN, FakeServices, make_depot

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


def test_a_test_shows_both_answers(page: DepotsPage, services: FakeServices, settled: Settled) -> None:
    services.depots.tests = (WORKS, WRONG)
    page.cards[0].test.click()
    settled()
    lines = page.cards[0].result.texts()
    assert lines[0] == ("Activity query 101: 19 Nov 2025 – 18 Nov 2026 · account U1000001 · 2 sections · 1215 rows")
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
    box = page.question
    assert isinstance(box, QMessageBox)
    assert "Income" in box.text()
    assert box.defaultButton() is not None
    assert box.defaultButton().text() == "Keep"
    box.defaultButton().click()
    settled()
    assert services.depots.named("remove") == []
    page.ask_remove(DepotId(1))
    remove = next(one for one in page.question.buttons() if one.text() == "Remove depot")
    remove.click()
    settled()
    assert services.depots.named("remove") == [(1,)]
    assert [card.depot for card in page.cards] == [2]


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
    editor.expiry.presets.button("month").click()
    with qtbot.waitSignal(page.changed):
        editor.save_button.click()
    settled()
    wanted = DepotDraft(name="Long term", activity_query="1184203", token=TOKEN, token_expires=date(2026, 12, 19))
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
    assert "1215 rows" in editor.result.texts()[0]
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
