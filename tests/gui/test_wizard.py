"""The wizard's pages: what is pasted, what is missing, what is tested, saved, fetched; later, back, and another language."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from ibjournal.domain.depot import DepotId
from ibjournal.domain.errors import CredentialError, FlexError, ReportError, UsageError
from ibjournal.flex.query_doctor import Finding
from ibjournal.flex.query_guide import query_guide
from ibjournal.gui import errors
from ibjournal.gui.app import Program
from ibjournal.gui.main_window import MainWindow
from ibjournal.gui.preferences import Preferences
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.widgets.depot_dot import COLORS
from ibjournal.gui.widgets.pasted import Pasted, is_id, read_id
from ibjournal.gui.wizard.checklist import Checklist, as_text, section_lines
from ibjournal.gui.wizard.demo_start import demo_command
from ibjournal.gui.wizard.live_test import FindingBox, LiveTest
from ibjournal.gui.wizard.state import Feed, Step, WizardState
from ibjournal.gui.wizard.view import Wizard
from ibjournal.gui.wizard.welcome import WelcomePage
from ibjournal.services.changes import Changes
from ibjournal.services.depots import DepotDraft, QueryTest
from ibjournal.services.importing import ImportedFile
from ibjournal.services.jobs import Progress
from ibjournal.services.sync import QuerySync
from ibjournal.services.sync_report import arrival_of
from tests.gui.conftest import TODAY, TOKEN, FakeServices, make_depot, make_report

Settled = Callable[[], None]


def open_in(window: MainWindow) -> Wizard | None:
    """Return the wizard that the window shows."""
    return window.wizards.wizard


FOUND = Finding(code="section_missing", section="ChangeInNAV", screen="check")
WORKS = QueryTest(
    slot="activity",
    query="101",
    error=None,
    accounts=("U1000001",),
    from_date=date(2026, 11, 12),
    to_date=date(2026, 11, 18),
    fills=1206,
    findings=(FOUND,) * 5,
    seconds=9.8,
)
WORKS_TOO = replace(WORKS, slot="confirmation", query="102", findings=(), fills=1)
SWAPPED = tuple(
    QueryTest(slot=slot, query=query, error=ReportError("wrong_report_type", expected="AF", found="TCF"))
    for slot, query in (("activity", "102"), ("confirmation", "101"))
)


@pytest.fixture
def window(qtbot: QtBot, services: FakeServices, tasks: TaskRunner, preferences: Preferences, settled: Settled) -> MainWindow:
    made = MainWindow(services.bundle, tasks, preferences, [], today=lambda: TODAY)
    qtbot.addWidget(made)
    made.show()
    settled()
    return made


@pytest.fixture
def wizard(window: MainWindow, settled: Settled) -> Wizard:
    made = window.wizards.open(WizardState(step=Step.ACCESS))
    settled()
    return made


def fill_in(wizard: Wizard, settled: Settled, *, activity: str = "101", confirmation: str = "102") -> None:
    """Enter what is needed; the test runs by itself on the last id."""
    access = wizard.access
    access.name.setText("Income")
    access.token.line.set_token(TOKEN)
    access.ids["activity"].set_id(activity)
    access.ids["confirmation"].set_id(confirmation)
    settled()


# --- what is pasted


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("1184203", Pasted(id="1184203")),
        (" 118 4203\n", Pasted(id="1184203")),
        ("Query ID: 1184203", Pasted(id="1184203")),
        ("ibjournal 2 Activity Flex Query\t1184203\n", Pasted(id="1184203")),
        ("\u200b1184203\u00a0", Pasted(id="1184203")),
        (TOKEN, Pasted(token=TOKEN)),
        (f"{TOKEN[:12]} {TOKEN[12:]}\n", Pasted(token=TOKEN)),
        (f"Current Token: {TOKEN}", Pasted(token=TOKEN)),
        ("no number", Pasted()),
        ("", Pasted()),
    ],
)
def test_what_a_pasted_text_means(text: str, meant: Pasted) -> None:
    assert read_id(text) == meant


def test_an_id_in_place_of_a_token_is_known_by_its_length() -> None:
    assert is_id("1184203")
    assert not is_id(TOKEN)
    assert not is_id("")
    assert not is_id("abc")


def test_a_token_in_the_field_of_an_id_is_taken_out_and_moved_by_one_click(wizard: Wizard, services: FakeServices) -> None:
    access = wizard.access
    access.ids["confirmation"].setFocus()
    QGuiApplication.clipboard().setText(f"{TOKEN}\n")
    QTest.keyClick(access.ids["confirmation"], Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert access.ids["confirmation"].text() == ""
    assert not access.ids["confirmation"].isUndoAvailable()
    assert "looks like the token" in access.notice.words()
    access.notice.button.click()
    assert access.token.token == TOKEN
    assert access.notice.words() == ""
    assert services.depots.named("test") == []


def test_an_id_in_the_field_of_the_token_is_moved_by_one_click(wizard: Wizard) -> None:
    access = wizard.access
    access.token.line.set_token("1184203")
    assert "looks like a query id" in access.notice.words()
    access.notice.button.click()
    assert (access.ids["activity"].text(), access.token.token) == ("1184203", "")
    assert access.state.activity == "1184203"


# --- the list to tick


@pytest.mark.parametrize("kind", ["AF", "TCF"])
def test_the_list_holds_every_section_field_and_setting_and_is_the_same_as_text(qtbot: QtBot, look: None, kind: str) -> None:
    guide = query_guide(kind)
    text = as_text(guide)
    for section in guide.sections:
        assert f"[ ] {section.name.en}" in text
        assert all(f"    [ ] {each.name}" in text for each in section.fields)
    for setting in guide.settings:
        assert f"[ ] {setting.name.en}: {setting.value.en} – {setting.why.en}" in text
    ticked: set[str] = set()
    made = Checklist(guide, ticked)
    qtbot.addWidget(made)
    assert made.progress() == (0, len(guide.sections) + len(guide.settings))
    first = made.topLevelItem(0)
    assert first is not None
    first.setCheckState(0, Qt.CheckState.Checked)
    assert made.progress()[0] == 1
    assert {part.key for part in section_lines(guide)[0].parts} < ticked
    again = Checklist(guide, ticked)
    qtbot.addWidget(again)
    assert again.progress()[0] == 1


def test_the_list_is_copied_with_ibkrs_words_in_both_languages(wizard: Wizard, preferences: Preferences) -> None:
    wizard.go_to(Step.QUERIES)
    wizard.queries.which.button("TCF").click()
    wizard.queries.copy.click()
    assert QGuiApplication.clipboard().text().startswith("Trade Confirmation Flex Query\n")
    assert wizard.queries.copy.text() == "&Copied"


# --- token, ids, test


def test_the_test_runs_by_itself_once_all_is_there_and_once_only(wizard: Wizard, services: FakeServices, settled: Settled) -> None:
    services.depots.tests = (WORKS, WORKS_TOO)
    access = wizard.access
    access.token.line.set_token(TOKEN)
    access.ids["activity"].set_id("101")
    settled()
    assert services.depots.named("test") == []
    access.ids["confirmation"].set_id("102")
    settled()
    assert len(services.depots.named("test")) == 1
    token, activity, confirmation = access.result.texts()
    assert token == "Token: IBKR has taken it"
    assert activity == "Activity Flex Query 101: 12 Nov 2026 – 18 Nov 2026 · account U1000001 · 1,206 fills"
    assert confirmation.endswith("1 fill")
    access.ids["confirmation"].settle()
    access.name.setText("Another name")
    settled()
    assert len(services.depots.named("test")) == 1
    access.ids["confirmation"].set_id("103")
    settled()
    assert len(services.depots.named("test")) == 2


def test_what_the_doctor_finds_stands_below_its_query_with_the_clicks(
    wizard: Wizard, services: FakeServices, settled: Settled
) -> None:
    services.depots.tests = (WORKS, WORKS_TOO)
    fill_in(wizard, settled)
    boxes = [box for box in wizard.access.result.findChildren(FindingBox) if not box.isHidden()]
    assert len(boxes) == 3
    assert "Change in NAV" in boxes[0].accessibleName()
    assert boxes[0].clicks.isHidden()
    boxes[0].how.click()
    assert boxes[0].clicks.text().startswith("1. ")
    assert not boxes[0].clicks.isHidden()
    more = next(each for each in wizard.access.result.findChildren(type(boxes[0].how)) if each.text() == "2 more findings")
    more.click()
    assert len([box for box in wizard.access.result.findChildren(FindingBox) if not box.isHidden()]) == 5


def test_swapped_ids_are_swapped_by_one_click_and_tested_again(wizard: Wizard, services: FakeServices, settled: Settled) -> None:
    services.depots.tests = SWAPPED
    fill_in(wizard, settled, activity="102", confirmation="101")
    assert "swapped" in wizard.access.notice.words()
    services.depots.tests = (WORKS, WORKS_TOO)
    wizard.access.notice.button.click()
    settled()
    assert (wizard.state.activity, wizard.state.confirmation) == ("101", "102")
    drafts = [draft for _depot, draft in services.depots.named("test")]
    assert (drafts[-1].activity_query, drafts[-1].confirmation_query) == ("101", "102")
    assert [test.error for test in wizard.state.tests] == [None, None]
    assert wizard.access.notice.words() == ""


def test_a_refused_token_is_said_at_the_token_and_warned_of_once(wizard: Wizard, services: FakeServices, settled: Settled) -> None:
    refused = FlexError("token_expired", number=1012)
    services.depots.tests = tuple(
        QueryTest(slot=slot, query=query, error=refused, skipped=slot == "confirmation")
        for slot, query in (("activity", "101"), ("confirmation", "102"))
    )
    fill_in(wizard, settled)
    token, activity, _confirmation = wizard.access.result.texts()
    assert "expired" in token
    assert "the token comes first" in activity
    wizard.go_next()
    assert wizard.state.step is Step.ACCESS
    assert "The test did not work" in wizard.access.fault.text()
    assert services.depots.named("add") == []
    services.sync.reports = {DepotId(1): make_report(make_depot(1, "Income"), refused)}
    wizard.go_next()
    settled()
    assert len(services.depots.named("add")) == 1


def test_a_test_that_cannot_even_begin_says_why(wizard: Wizard, services: FakeServices, settled: Settled) -> None:
    services.depots.refuse = CredentialError("keyring_locked")
    fill_in(wizard, settled)
    assert "locked" in wizard.access.result.texts()[0]
    assert not wizard.access.testing


def test_a_test_that_is_stopped_or_void_is_heard_no_more(wizard: Wizard, services: FakeServices) -> None:
    services.depots.tests = (WORKS, WORKS_TOO)
    access = wizard.access
    access.token.line.set_token(TOKEN)
    access.ids["activity"].set_id("101")
    access.ids["confirmation"].set_id("102")  # its result waits in the event loop
    assert access.testing
    access.stop_test()
    assert access._cancel is None
    assert access.result.texts()[1].endswith("stopped") or access.result.texts()[1].endswith("waiting")
    QTest.qWait(0)
    assert access.state.tests == ()


def test_a_running_test_does_not_keep_one_from_going_on(wizard: Wizard, services: FakeServices, settled: Settled) -> None:
    services.sync.reports = {DepotId(1): make_report(make_depot(1, "Income"))}
    access = wizard.access
    access.name.setText("Income")
    access.token.line.set_token(TOKEN)
    access.ids["activity"].set_id("101")
    access.ids["confirmation"].set_id("102")
    assert access.testing
    assert wizard.foot.note.text() == "You can go on while IBKR makes the reports."
    wizard.go_next()
    settled()
    assert wizard.state.step is Step.FETCH


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (("", TOKEN, "1", "2"), "A depot needs a name."),
        (("Income", "", "1", "2"), "The token is missing."),
        (("Income", TOKEN, "", ""), "The query ids are missing."),
        (("Income", TOKEN, "1", "1"), "Both ids are the same."),
    ],
)
def test_what_is_missing_gets_the_focus_and_a_sentence_below_it(
    wizard: Wizard, services: FakeServices, settled: Settled, typed: tuple[str, str, str, str], words: str
) -> None:
    name, token, activity, confirmation = typed
    access = wizard.access
    access.name.setText(name)
    access.token.line.set_token(token)
    access.ids["activity"].set_id(activity)
    access.ids["confirmation"].set_id(confirmation)
    wizard.go_next()
    settled()
    assert access.fault.text().startswith(words)
    assert access.fault.isVisible()
    faulty = [field for field in (access.name, access.token.line, *access.ids.values()) if field.property("fault")]
    assert len(faulty) == 1
    assert wizard.window().focusWidget() is faulty[0]
    assert services.depots.named("add") == []


def test_words_about_a_field_go_as_soon_as_something_else_stands_in_it(wizard: Wizard) -> None:
    access = wizard.access
    wizard.go_next()
    assert access.fault.isVisible()
    assert access.name.property("fault")
    access.ids["activity"].set_id("101")
    assert access.fault.isVisible(), "the name is as it was"
    QTest.keyClicks(access.name, "I")
    assert not access.fault.isVisible()
    assert not access.name.property("fault")
    assert access.name.accessibleDescription() == ""


def test_a_name_that_is_taken_is_said_at_the_name_and_nothing_is_saved(
    wizard: Wizard, services: FakeServices, settled: Settled
) -> None:
    services.depots.tests = (WORKS, WORKS_TOO)
    fill_in(wizard, settled)
    services.depots.refuse = UsageError("name_taken", name="Income")
    wizard.go_next()
    settled()
    assert wizard.state.step is Step.ACCESS
    assert wizard.state.depot is None
    assert wizard.access.name.property("fault")
    assert wizard.state.token == TOKEN  # so that one can go on


def test_a_depot_is_saved_whole_and_its_token_leaves_the_wizard(
    wizard: Wizard, services: FakeServices, settled: Settled, qtbot: QtBot
) -> None:
    services.depots.tests = (WORKS, WORKS_TOO)
    services.sync.reports = {DepotId(1): make_report(make_depot(1, "Income"))}
    fill_in(wizard, settled)
    wizard.access.colors.button(COLORS[3]).click()
    with qtbot.waitSignal(wizard.changed, check_params_cb=lambda changes: changes.depots):
        wizard.go_next()
    settled()
    wanted = DepotDraft(
        name="Income",
        activity_query="101",
        confirmation_query="102",
        token=TOKEN,
        token_expires=date(2027, 11, 19),
        color=COLORS[3],
    )
    assert services.depots.named("add") == [(wanted,)]
    assert services.sync.asked == [1]
    assert wizard.state.token == ""
    assert wizard.access.token.token == ""
    assert TOKEN not in repr(wizard.state)
    wizard.go_back()
    settled()
    assert wizard.access.token.hint() == "Empty: the token that is there stays."
    wizard.access.name.setText("Income 2")
    wizard.go_next()
    settled()
    assert len(services.depots.named("add")) == 1
    assert services.depots.named("edit")[0][1].name == "Income 2"


def clicks_of(wizard: Wizard) -> str:
    """Return what the page in front says in all its labels that can be seen."""
    return "\n".join(each.text() for each in wizard.access.findChildren(QLabel) if each.isVisible())


def test_depots_of_one_login_share_the_token_that_is_there(window: MainWindow, services: FakeServices, settled: Settled) -> None:
    services.depots.set(make_depot(1, "Income"), make_depot(2, "Anna"), shared=True)
    wizard = window.wizards.open(WizardState(step=Step.ACCESS))
    settled()
    access = wizard.access
    assert [access.whose.itemText(row) for row in range(access.whose.count())] == ["A token of its own", "The token of Income"]
    assert "Generate New Token" in clicks_of(wizard)
    access.whose.setCurrentIndex(1)
    assert access.token.isHidden() or not access.token.isVisible()
    assert "Generate New Token" not in clicks_of(wizard), "a new one would make void what is shared"
    assert "Query ID" in clicks_of(wizard)
    services.depots.tests = (WORKS, WORKS_TOO)
    services.sync.reports = {DepotId(3): make_report(make_depot(3, "Third"))}
    access.name.setText("Third")
    access.ids["activity"].set_id("101")
    access.ids["confirmation"].set_id("102")
    settled()
    assert services.depots.named("test")[0][0] == 1
    wizard.go_next()
    settled()
    (draft,) = services.depots.named("add")[0]
    assert (draft.token, draft.token_of) == ("", 1)


def test_without_other_tokens_nobody_is_asked_whose(wizard: Wizard) -> None:
    assert wizard.access.whose.count() == 1
    assert not wizard.access.whose.isVisible()


# --- files alone


def seen_words(wizard: Wizard) -> set[str]:
    """Return every word that can be read, but for the sentence that says what is not needed."""
    labels = [each.text() for each in wizard.findChildren(QLabel) if each.isVisible() and "needs no" not in each.text()]
    return {word.strip(".,:") for text in labels for word in text.split()}


def test_a_depot_of_files_needs_neither_ids_nor_token(
    window: MainWindow, services: FakeServices, settled: Settled, tmp_path: Path
) -> None:
    wizard = window.wizards.open(WizardState(step=Step.QUERIES))
    settled()
    wizard.queries.files.click()
    assert wizard.queries.lists["AF"].isVisible()  # the files come from the same queries, run by hand
    wizard.go_next()
    assert not wizard.access.token.isVisible()
    assert seen_words(wizard).isdisjoint({"client", "Copy", "Enter", "ids", "first"})  # neither in the head nor among the steps
    wizard.access.name.setText("Old years")
    wizard.go_next()
    settled()
    assert services.depots.named("add") == [(DepotDraft(name="Old years", from_files=True, color=COLORS[0]),)]
    assert services.sync.asked == []
    assert wizard.state.step is Step.FETCH
    assert not wizard.fetch.panel.isVisible()
    services.importing.result = (
        ImportedFile(file="a.xml", new=7, from_date=date(2019, 1, 2), to_date=date(2019, 12, 31), changes=Changes(trades=True)),
        ImportedFile(file="b.csv", error=ReportError("not_flex", file="b.csv")),
    )
    wizard.fetch.files.drop.dropped.emit([tmp_path / "a.xml", tmp_path / "b.csv"])
    settled()
    words = wizard.fetch.files.line.text()
    assert words.startswith("1 report · 7 new fills · 2 Jan 2019 – 31 Dec 2019")
    assert "b.csv" in wizard.fetch.files.refused.text()
    wizard.go_next()
    assert "7 new fills" in wizard.done.lines[2].text()
    assert seen_words(wizard).isdisjoint({"Ctrl+R", "provisional", "Token"})
    assert wizard.state.feed is Feed.FILES


# --- the first fetch


def fetched(year: int, fills: int) -> ImportedFile:
    return ImportedFile(file=f"{year}.xml", new=fills, from_date=date(year, 1, 2), to_date=date(year, 12, 31))


def steps_of(*queries: QuerySync, cut_off: int = 0) -> tuple[Progress, ...]:
    """Return what the sync tells of these queries; ``cut_off`` is a year that is asked for at last and does not come."""
    files = [(query.slot, file) for query in queries for file in query.files]
    steps = []
    for done, (slot, file) in enumerate(files):
        assert file.to_date is not None
        days = (date(file.to_date.year, 1, 1), file.to_date)
        steps.append(Progress("generating", "Income", done, 9, slot=slot, days=days))
        steps.append(Progress("arrived", "Income", done, 9, slot=slot, days=days, arrival=arrival_of(slot, file)))
    if cut_off:
        days = (date(cut_off, 1, 1), date(cut_off, 12, 31))
        steps.append(Progress("generating", "Income", len(files), 9, slot="activity", days=days))
    return tuple(steps)


def test_the_fetch_tells_what_came_year_by_year(wizard: Wizard, services: FakeServices, settled: Settled) -> None:
    services.depots.tests = (WORKS, WORKS_TOO)
    queries = (
        QuerySync(slot="activity", files=(fetched(2026, 5), fetched(2025, 3))),
        QuerySync(slot="confirmation", files=(ImportedFile(file="t.xml", new=1, to_date=TODAY),)),
    )
    services.sync.reports = {DepotId(1): replace(make_report(make_depot(1, "Income")), queries=queries)}
    activity, confirmation = steps_of(queries[0]), steps_of(queries[1])
    days = (date(2024, 1, 1), date(2024, 12, 31))
    nothing = Progress("arrived", "Income", 2, 9, slot="activity", days=days, arrival=arrival_of("activity", None))
    services.sync.steps = (*activity, replace(nothing, step="generating", arrival=None), nothing, *confirmation)
    fill_in(wizard, settled)
    wizard.go_next()
    settled()
    assert wizard.fetch.texts() == [
        "2026: 5 new fills · 2 Jan 2026 – 31 Dec 2026",
        "2025: 3 new fills · 2 Jan 2025 – 31 Dec 2025",
        "2024: nothing there",
        "Today's fills: 1 new fill",
    ]
    assert wizard.fetch.sum.text() == "3 reports · 9 new fills · 2 Jan 2025 – 31 Dec 2026"
    assert not wizard.fetch.bar.isVisible()


@pytest.mark.parametrize("error", [None, FlexError("token_expired", number=1012)])
def test_a_year_that_was_cut_off_is_not_said_to_be_empty(
    wizard: Wizard, services: FakeServices, settled: Settled, error: FlexError | None
) -> None:
    services.depots.tests = (WORKS, WORKS_TOO)
    report = make_report(make_depot(1, "Income"), error)
    queries = (QuerySync(slot="activity", files=(fetched(2026, 5),), error=error),)
    services.sync.reports = {DepotId(1): replace(report, queries=queries, cancelled=error is None)}
    services.sync.steps = steps_of(*queries, cut_off=2025)
    fill_in(wizard, settled)
    wizard.go_next()
    settled()
    assert wizard.fetch.texts() == ["2026: 5 new fills · 2 Jan 2026 – 31 Dec 2026", "2025: not fetched yet"]


def test_a_fetch_that_was_stopped_and_went_on_is_told_as_one(
    window: MainWindow, wizard: Wizard, services: FakeServices, settled: Settled
) -> None:
    window.activateWindow()
    services.depots.tests = (WORKS, WORKS_TOO)
    report = make_report(make_depot(1, "Income"))
    refused = ReportError("not_flex", file="x")
    bad = replace(fetched(2025, 0), error=refused)
    first = QuerySync(slot="activity", files=(fetched(2026, 5), bad))
    services.sync.reports = {DepotId(1): replace(report, queries=(first,), cancelled=True)}
    services.sync.steps = steps_of(first)
    fill_in(wizard, settled)
    wizard.go_next()
    settled()
    assert wizard.fetch.again.text() == "&Go on"
    assert wizard.fetch.texts()[1] == f"2025: {errors.describe(refused).title}"
    assert wizard.foot.note.text() == ""  # the depot is saved: the page before has nothing to say here
    nothing_new = ImportedFile(file="2026", from_date=date(2026, 11, 5), to_date=date(2026, 11, 18))
    second = QuerySync(slot="activity", files=(nothing_new, fetched(2025, 3)))
    services.sync.reports = {DepotId(1): replace(report, queries=(second,))}
    services.sync.steps = steps_of(second)
    wizard.fetch.again.setFocus()
    wizard.fetch.again.click()
    settled()
    assert window.focusWidget() is wizard.foot.next  # from one button to the other, and on when there is nothing more to press
    assert wizard.fetch.texts() == [
        "2026: 5 new fills · 2 Jan 2026 – 31 Dec 2026",
        "2025: 3 new fills · 2 Jan 2025 – 31 Dec 2025",
    ]
    wizard.go_next()
    assert "8 new fills" in wizard.done.lines[2].text()


def test_a_fetch_that_fails_is_told_here_and_leads_back_to_the_token(
    window: MainWindow, wizard: Wizard, services: FakeServices, settled: Settled
) -> None:
    services.depots.tests = (WORKS, WORKS_TOO)
    services.sync.reports = {DepotId(1): make_report(make_depot(1, "Income"), FlexError("token_invalid", number=1015))}
    fill_in(wizard, settled)
    wizard.go_next()
    settled()
    assert wizard.fetch.fault.isVisible()
    assert window.errors.message is None
    assert window.renewals == {}
    wizard.fetch.again.click()
    settled()
    assert services.sync.asked == [1, 1]
    wizard.fetch.mend.click()
    assert wizard.state.step is Step.ACCESS


# --- coming and going


def test_the_first_start_opens_the_wizard_until_it_was_put_off(
    services: FakeServices, tasks: TaskRunner, preferences: Preferences, settled: Settled, qtbot: QtBot
) -> None:
    program = Program(services.bundle, preferences, tasks, today=lambda: TODAY, screens=lambda *_, **__: [])
    program.window.show()
    settled()
    first = open_in(program.window)
    assert first is not None
    assert first.state.step is Step.WELCOME
    QTest.keyClick(first, Qt.Key.Key_Escape)
    assert open_in(program.window) is None
    program.window.close()
    again = Program(services.bundle, preferences, tasks, today=lambda: TODAY, screens=lambda *_, **__: [])
    settled()
    assert open_in(again.window) is None
    again.window.close()
    assert qtbot is not None


def test_a_journal_with_depots_opens_no_wizard(
    services: FakeServices, tasks: TaskRunner, preferences: Preferences, settled: Settled
) -> None:
    services.depots.set(make_depot(1, "Income"))
    program = Program(services.bundle, preferences, tasks, today=lambda: TODAY, screens=lambda *_, **__: [])
    settled()
    assert open_in(program.window) is None
    program.window.open_settings("new_depot")
    wizard = open_in(program.window)
    assert wizard is not None
    assert wizard.state.step is Step.QUERIES
    program.window.close()


def test_later_keeps_what_was_typed_and_opens_where_it_was_left(window: MainWindow, wizard: Wizard, settled: Settled) -> None:
    wizard.access.name.setText("Income")
    wizard.access.token.line.set_token(TOKEN)
    wizard.access.ids["activity"].set_id("101")
    wizard.later()
    assert open_in(window) is None
    window.open_settings("new_depot")
    again = open_in(window)
    settled()
    assert again is not None
    assert again.state.step is Step.ACCESS
    assert (again.access.name.text(), again.access.token.token, again.access.ids["activity"].id) == ("Income", TOKEN, "101")


def test_another_language_changes_the_words_and_nothing_that_was_typed(
    services: FakeServices, tasks: TaskRunner, preferences: Preferences, settled: Settled, qtbot: QtBot
) -> None:
    preferences.language = "en"
    program = Program(services.bundle, preferences, tasks, today=lambda: TODAY, screens=lambda *_, **__: [])
    program.window.show()
    settled()
    wizard = program.window.wizards.open(WizardState(name="Income", token=TOKEN, activity="101", ticked={"AF/Trades"}))
    before = program.window
    with qtbot.waitSignal(before.destroyed):
        wizard.welcome.language.button("de").click()
    settled()
    again = open_in(program.window)
    assert again is not None
    assert again.foot.next.text() == "&Weiter"
    assert again.state.step is Step.WELCOME
    again.go_to(Step.ACCESS)
    assert (again.access.name.text(), again.access.token.token, again.access.ids["activity"].text()) == ("Income", TOKEN, "101")
    assert again.state.ticked == {"AF/Trades"}
    program.window.close()


def test_another_depot_begins_anew_at_the_queries(window: MainWindow, services: FakeServices, settled: Settled) -> None:
    wizard = window.wizards.open(WizardState(step=Step.DONE, name="Income", depot=DepotId(1)))
    settled()
    wizard.done.another.click()
    again = open_in(window)
    assert again is not None
    assert (again.state.step, again.state.name, again.state.depot) == (Step.QUERIES, "", None)


def test_the_keyring_and_the_colours_are_told_on_the_first_page(
    tasks: TaskRunner, preferences: Preferences, settled: Settled, qtbot: QtBot
) -> None:
    for there, words in ((True, "In the keyring of your system"), (False, "has no keyring: a token is kept until you quit")):
        page = WelcomePage(WizardState(), preferences, tasks, lambda there=there: there, demo=True)  # type: ignore[misc]
        qtbot.addWidget(page)
        settled()
        assert words in page.ring.text()
        assert page.folder.text() == str(preferences.folder)
    page.colours.button("blue_orange").click()
    assert preferences.colour_blind


def test_the_demo_and_files_are_a_click_away(
    window: MainWindow, wizard: Wizard, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def note(language: str) -> bool:
        asked.append(language)
        return True

    monkeypatch.setattr(wizard, "_demo", note)
    wizard.go_to(Step.WELCOME)
    wizard.welcome.open_demo.click()
    assert asked == ["en"]
    assert "window of its own" in wizard.foot.note.text()
    monkeypatch.setattr(window, "ask_files", lambda: None)
    with qtbot.waitSignal(window.wizards.files_wanted):
        wizard.welcome.open_files.click()
    assert open_in(window) is None


def test_the_demo_is_started_by_the_program_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    assert demo_command("de") == (sys.executable, ["-m", "ibjournal", "demo", "--lang", "de"])
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert demo_command("en") == (sys.executable, ["demo", "--lang", "en"])


def test_the_help_folds_below_the_form_in_small_windows(window: MainWindow, wizard: Wizard) -> None:
    window.resize(1440, 900)
    QTest.qWait(0)
    assert wizard.access._pane.isVisible()
    window.resize(1100, 700)
    QTest.qWait(0)
    assert not wizard.access._pane.isVisible()
    assert wizard.access.portal.isVisible()


def test_every_field_and_button_has_a_name_to_be_read_aloud(window: MainWindow, wizard: Wizard, settled: Settled) -> None:
    for page in wizard.pages:
        for each in page.findChildren(QLabel):
            buddy = each.buddy()
            assert buddy is None or buddy.accessibleName()
    access = wizard.access
    for field in (access.name, access.token.line, access.expiry.field, *access.ids.values()):
        assert field.accessibleName()
    assert wizard.side.accessibleName() == "Step 3 of 5: Token and query ids"


def test_the_clock_of_a_test_stands_still_when_nobody_looks(qtbot: QtBot, look: None) -> None:
    made = LiveTest()
    qtbot.addWidget(made)
    made.begin({"activity": "1", "confirmation": ""})
    assert made._timer.isActive()
    assert made.texts() == ["Token: asking IBKR", "Activity Flex Query 1: waiting"]
    made.hide()
    assert not made._timer.isActive()


# --- ways out of a test that failed


@pytest.mark.parametrize(
    ("code", "line", "words", "target"),
    [
        ("token_expired", "token", "Enter another token", "token"),
        ("ip_restricted", "token", "Enter another token", "token"),
        ("query_invalid", "confirmation", "Correct the id", "confirmation"),
    ],
)
def test_a_test_that_failed_leads_to_the_field_that_mends_it(  # noqa: PLR0917
    wizard: Wizard, services: FakeServices, settled: Settled, code: str, line: str, words: str, target: str
) -> None:
    slot = "activity" if line == "token" else line
    services.depots.tests = (QueryTest(slot=slot, query="101", error=FlexError(code)),)
    fill_in(wizard, settled)
    access = wizard.access
    way_out = access.result.lines[line].way_out
    assert way_out.text() == words
    assert way_out.isVisible()
    way_out.click()
    field = access.token.line if target == "token" else access.ids[target]
    assert wizard.window().focusWidget() is field


def test_where_ibkr_is_at_fault_no_other_token_is_asked_for(wizard: Wizard, services: FakeServices, settled: Settled) -> None:
    services.depots.tests = (QueryTest(slot="activity", query="101", error=FlexError("too_many_troubles", failures=15)),)
    fill_in(wizard, settled)
    line = wizard.access.result.lines["token"]
    assert line.way_out.text() == "Try again"
    assert "Nothing of yours is wrong" in " ".join(wizard.access.result.texts())


def test_what_passes_by_itself_is_tested_again_by_one_click(wizard: Wizard, services: FakeServices, settled: Settled) -> None:
    services.depots.tests = (QueryTest(slot="activity", query="101", error=FlexError("heavy_load", number=1009)), WORKS_TOO)
    fill_in(wizard, settled)
    services.depots.tests = (WORKS, WORKS_TOO)
    wizard.access.result.lines["activity"].way_out.click()
    settled()
    assert [test.error for test in wizard.state.tests] == [None, None]
    assert wizard.access.result.lines["activity"].way_out.isHidden()


def test_a_shared_token_that_is_refused_is_renewed_for_all_and_tested_again(
    window: MainWindow, services: FakeServices, settled: Settled
) -> None:
    services.depots.set(make_depot(1, "Income"), make_depot(2, "Anna"), shared=True)
    services.depots.tests = (QueryTest(slot="activity", query="101", error=FlexError("token_expired", number=1012)),)
    wizard = window.wizards.open(WizardState(step=Step.ACCESS, name="Third", activity="101", confirmation="102"))
    settled()
    wizard.access.whose.setCurrentIndex(1)
    settled()
    wizard.access.result.lines["token"].way_out.click()
    settled()
    assert DepotId(1) in window.renewals
    services.depots.tests = (WORKS, WORKS_TOO)
    window.announce(Changes(depots=True))  # as the renewal tells it
    settled()
    assert [test.error for test in wizard.state.tests] == [None, None]
    window.renewals[DepotId(1)].close()
