"""Everything IBKR can hold against a token or a query: own words, own way out, and never in the way of what is on file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from pytestqt.qtbot import QtBot

from ibjournal.domain.errors import FlexError
from ibjournal.flex.errors import RULES
from ibjournal.gui.errors import RENEWABLE, describe
from ibjournal.gui.main_window import MainWindow
from ibjournal.gui.preferences import Preferences
from ibjournal.gui.tasks import TaskRunner
from ibjournal.services.changes import Changes
from tests.gui.conftest import TODAY, FakeServices, make_depot, make_report

INCOME = make_depot(1, "Income")
NUMBERS = (1010, 1011, 1012, 1013, 1014, 1015, 1016, 1020, 1025)
WAYS = {
    1010: "editor",
    1011: "renewal",
    1012: "renewal",
    1013: "renewal",
    1014: "editor",
    1015: "renewal",
    1016: "editor",
    1020: "again",
    1025: "renewal",
}
Settled = Callable[[], None]


def error(number: int) -> FlexError:
    return FlexError(RULES[number].code, number=number, query="101", depot="Income")


@pytest.fixture
def window(
    qtbot: QtBot, services: FakeServices, tasks: TaskRunner, settled: Settled, preferences: Preferences
) -> Callable[[int], MainWindow]:
    """Return a function that fetches, in vain for the number it is given, and returns the window."""
    services.depots.set(INCOME)

    def fetched(number: int) -> MainWindow:
        services.sync.reports = {INCOME.id: make_report(INCOME, error(number), Changes())}
        made = MainWindow(services.bundle, tasks, preferences, [], today=lambda: TODAY)
        qtbot.addWidget(made)
        made.show()
        with qtbot.waitSignal(made.sync.finished):
            made.start_sync()
        settled()
        return made

    return fetched


def test_each_has_words_of_its_own_with_its_number() -> None:
    words = {number: describe(error(number)) for number in NUMBERS}
    assert len({each.title for each in words.values()}) == len(NUMBERS)
    assert len({each.explanation for each in words.values()}) == len(NUMBERS)
    assert len({each.action for each in words.values()}) >= len(NUMBERS) - 1
    for number, each in words.items():
        assert f"code {number}" in each.explanation
        assert each.action
        assert each.button_text


def test_a_wrong_query_is_named() -> None:
    assert "the query 101 of Income" in describe(error(1014)).explanation


@pytest.mark.parametrize("number", NUMBERS)
def test_each_has_its_own_way_out_and_nothing_is_blocked(
    window: Callable[[int], MainWindow], services: FakeServices, settled: Settled, qtbot: QtBot, number: int
) -> None:
    shown = window(number)
    message = shown.errors.message
    assert message is not None
    assert message.title == describe(error(number)).title
    assert shown.isEnabled()
    assert bool(shown.renewals) == (RULES[number].code in RENEWABLE) == (WAYS[number] == "renewal")
    assert not any(renewal.isModal() for renewal in shown.renewals.values())
    asked = len(services.sync.asked)
    shown.errors.acted.emit(message.data)
    settled()
    if WAYS[number] == "editor":
        assert shown.settings_dialog is not None
        assert shown.settings_dialog.depots.editor is not None
        assert shown.settings_dialog.depots.editor.name.text() == "Income"
        assert not shown.settings_dialog.isModal()
        shown.settings_dialog.close()
    elif WAYS[number] == "again":
        assert len(services.sync.asked) == asked + 1
    else:
        assert list(shown.renewals) == [INCOME.id]
    for renewal in list(shown.renewals.values()):
        renewal.close()


def test_a_lock_is_told_with_its_end_in_the_window_that_opens(window: Callable[[int], MainWindow], services: FakeServices) -> None:
    services.tokens.until = datetime(2026, 11, 20, 14, 5, tzinfo=UTC)
    shown = window(1025)
    (renewal,) = shown.renewals.values()
    assert "Until 20 Nov 15:05 we ask nothing" in renewal._reason.text()
    renewal.close()
