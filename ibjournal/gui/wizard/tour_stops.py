"""The wizard's pages for the tour, each in a state that shows what it is for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from PySide6.QtWidgets import QWidget

from ibjournal.flex.query_guide import query_guide
from ibjournal.gui.main_window import MainWindow
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.wizard.checklist import section_lines
from ibjournal.gui.wizard.state import Step, WizardState
from ibjournal.services.jobs import Arrival, Progress

_DIGITS = "123456789012345678901234"
"""What a token looks like; no more of it is ever seen than its length."""
_FILLS = (412, 536)
"""What the newest years brought."""


def welcome(window: MainWindow, _tasks: TaskRunner) -> QWidget | None:
    """Show the first page."""
    for other in [*window.renewals.values(), window.settings_dialog, window.origins.window]:
        if other is not None:
            other.close()
    window.wizards.open(WizardState())
    return window


def queries(window: MainWindow, _tasks: TaskRunner) -> QWidget | None:
    """Show the lists, with some lines ticked."""
    ticked = {
        each.key
        for line in section_lines(query_guide("AF"))
        if line.key in {"AF/AccountInformation", "AF/ChangeInNAV"}
        for each in (line, *line.parts)
    }
    window.wizards.open(WizardState(step=Step.QUERIES, ticked=ticked))
    return window


def access(window: MainWindow, _tasks: TaskRunner) -> QWidget | None:
    """Show token and ids while something is missing."""
    window.wizards.open(WizardState(step=Step.ACCESS, name="Income", token=_DIGITS))
    return window


def tested(window: MainWindow, _tasks: TaskRunner) -> QWidget | None:
    """Show the live test of both queries, with the token of a depot that is there."""
    state = WizardState(step=Step.ACCESS, name="Long term")
    if window.depots:
        first = window.depots[0]
        state.token_of, state.activity, state.confirmation = first.id, first.activity_query, first.confirmation_query
    window.wizards.open(state)
    return window


def fetch(window: MainWindow, _tasks: TaskRunner) -> QWidget | None:
    """Show the first fetch on its way."""
    depot = window.depots[0].id if window.depots else None
    wizard = window.wizards.open(WizardState(step=Step.FETCH, name="Income", depot=depot, fetching=True))
    year = window.wizards.today().year
    for done, fills in enumerate((*_FILLS, None)):
        days = (date(year - done, 1, 1), min(date(year - done, 12, 31), window.wizards.today() - timedelta(days=1)))
        step = Progress("generating", "Income", done, 6, slot="activity", days=days, attempt=2, wait=7, left=140)
        wizard.fetch.show_progress(step)
        if fills is not None:
            came = Arrival(slot="activity", reports=1, fills=fills, start=days[0], end=days[1], accounts=("U7654321",))
            wizard.fetch.show_progress(replace(step, step="arrived", arrival=came))
    return window


def done(window: MainWindow, _tasks: TaskRunner) -> QWidget | None:
    """Show the last page."""
    expires = window.wizards.today() + timedelta(days=365)
    depot = window.depots[0].id if window.depots else None
    window.wizards.open(WizardState(step=Step.DONE, name="Income", depot=depot, fetching=True, expires=expires))
    return window
