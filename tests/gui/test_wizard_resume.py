"""The wizard after a restart: everything typed is there but the token, nothing is saved before the depot is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date, datetime

import pytest
from PySide6.QtCore import Qt

from ibjournal.domain.depot import DepotId
from ibjournal.gui.app import Program
from ibjournal.gui.preferences import Preferences
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.widgets.depot_dot import COLORS
from ibjournal.gui.wizard.draft import Draft, from_text, to_text
from ibjournal.gui.wizard.state import Feed, Step, WizardState
from ibjournal.gui.wizard.view import Wizard
from tests.fakes.planted_token import PLANTED
from tests.gui.conftest import TODAY, FakeServices, make_depot, make_report

Settled = Callable[[], None]
Start = Callable[[], Program]
ENDS = datetime(2026, 11, 19, 20, 41).astimezone()
NAME = "Stillhalter „Süd“; 1 = 2"


@pytest.fixture
def start(services: FakeServices, tasks: TaskRunner, preferences: Preferences, settled: Settled) -> Iterator[Start]:
    """Start the program anew on the same folder, as after a restart: nothing but its files is left."""
    running: list[Program] = []

    def again() -> Program:
        while running:
            running.pop().window.close()
        preferences.save()
        kept = Preferences(preferences.folder / "preferences.ini")
        program = Program(services.bundle, kept, tasks, today=lambda: TODAY, screens=lambda *_, **__: [])
        running.append(program)
        program.window.show()
        settled()
        return program

    yield again
    while running:
        running.pop().window.close()


def wizard_of(program: Program) -> Wizard:
    wizard = program.window.wizards.wizard
    assert wizard is not None
    return wizard


def fill_in(wizard: Wizard, settled: Settled) -> None:
    wizard.go_to(Step.QUERIES)
    first = wizard.queries.lists["TCF"].topLevelItem(0)
    assert first is not None
    first.setCheckState(0, Qt.CheckState.Checked)
    wizard.go_to(Step.ACCESS)
    access = wizard.access
    access.name.setText(NAME)
    access.colors.button(COLORS[4]).click()
    access.token.line.set_token(PLANTED)
    access.expiry.choose("month")
    access.ids["activity"].set_id("1184203")
    settled()


@pytest.mark.parametrize("later", [False, True])
def test_everything_but_the_token_outlives_a_restart(
    start: Start, services: FakeServices, preferences: Preferences, settled: Settled, later: bool
) -> None:
    program = start()
    fill_in(wizard_of(program), settled)
    if later:
        wizard_of(program).later()
    program = start()
    if later:  # put off: it opens only when it is asked for
        assert program.window.wizards.wizard is None
        program.window.open_settings("new_depot")
        settled()
    wizard = wizard_of(program)
    access = wizard.access
    assert wizard.state.step is Step.ACCESS
    assert (access.name.text(), access.ids["activity"].text(), access.colors.current) == (NAME, "1184203", COLORS[4])
    assert access.expiry.day() == date(2026, 12, 19)
    assert wizard.queries.lists["TCF"].progress()[0] == 1
    assert access.token.token == ""
    assert "paste it again" in wizard.resumed.words()
    assert program.window.focusWidget() is access.token.line
    assert services.depots.named("add") == []
    preferences.save()
    kept = (preferences.folder / "preferences.ini").read_bytes()
    assert b"1184203" in kept
    assert PLANTED[:12].encode() not in kept
    assert PLANTED[-12:].encode() not in kept


@pytest.mark.parametrize("step", list(Step)[:3])
def test_it_opens_at_the_step_where_the_program_was_quit(start: Start, step: Step) -> None:
    wizard_of(start()).go_to(step)
    assert wizard_of(start()).state.step is step


def test_starting_over_forgets_it_for_good(start: Start, settled: Settled) -> None:
    fill_in(wizard_of(start()), settled)
    program = start()
    wizard_of(program).resumed.button.click()
    settled()
    wizard = wizard_of(program)
    assert (wizard.state.step, wizard.access.name.text(), wizard.state.ticked) == (Step.WELCOME, "", set())
    assert wizard.resumed.isHidden()
    assert wizard_of(start()).access.name.text() == ""


def test_a_first_fetch_that_was_cut_off_goes_on_in_the_wizard(
    start: Start, services: FakeServices, preferences: Preferences, settled: Settled
) -> None:
    depot = make_depot(1, "Income")
    services.depots.set(depot)
    services.sync.reports = {DepotId(1): make_report(depot)}
    cut_off = WizardState(step=Step.FETCH, name="Income", depot=DepotId(1), fetching=True)
    preferences.set_text("wizard_draft", to_text(cut_off, opened=True))
    program = start()
    settled()
    assert wizard_of(program).state.step is Step.FETCH
    assert services.sync.asked == [1]
    assert not wizard_of(program).state.fetching


@pytest.mark.parametrize("step", [Step.FETCH, Step.DONE])
def test_a_depot_that_is_set_up_is_not_gone_on_with(
    start: Start, services: FakeServices, preferences: Preferences, step: Step
) -> None:
    services.depots.set(make_depot(1, "Income"))
    preferences.set_text("wizard_draft", to_text(WizardState(step=step, name="Income", depot=DepotId(1)), opened=True))
    assert start().window.wizards.wizard is None


def test_a_depot_that_was_removed_meanwhile_is_entered_anew(start: Start, preferences: Preferences) -> None:
    state = WizardState(step=Step.FETCH, name="Income", depot=DepotId(7), fetching=True)
    preferences.set_text("wizard_draft", to_text(state, opened=True))
    wizard = wizard_of(start())
    assert (wizard.state.step, wizard.state.depot, wizard.access.name.text()) == (Step.ACCESS, None, "Income")


def test_a_draft_reads_back_as_it_was_written_without_the_token() -> None:
    state = WizardState(
        step=Step.ACCESS,
        feed=Feed.FILES,
        ticked={"AF/Trades"},
        name="Income",
        color=COLORS[2],
        token=PLANTED,
        token_of=DepotId(3),
        expires=ENDS.date(),
        ends=ENDS,
        activity="1",
        confirmation="2",
    )
    text = to_text(state, opened=True)
    assert PLANTED[:8] not in text
    state.token = ""
    assert from_text(text) == Draft(state=state, opened=True, token_lost=True)


@pytest.mark.parametrize(
    "text",
    ["", "nonsense", "[]", "{}", json.dumps({"step": 9}), to_text(WizardState(name="x"), opened=True).replace('"fetch"', '"y"')],
)
def test_what_makes_no_sense_is_no_draft(text: str) -> None:
    assert from_text(text) is None


def test_nothing_begun_is_nothing_to_keep() -> None:
    assert to_text(WizardState(), opened=False) == ""


def test_a_further_depot_begins_with_a_colour_that_is_free(start: Start, services: FakeServices, settled: Settled) -> None:
    services.depots.set(make_depot(1, "Income", color=COLORS[0]), make_depot(2, "Anna", color=COLORS[1]))
    program = start()
    program.window.open_settings("new_depot")
    settled()
    wizard = wizard_of(program)
    assert wizard.access.colors.current == COLORS[2]
    assert wizard.resumed.isHidden()  # a colour that was given is nothing that was begun
