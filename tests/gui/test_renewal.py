"""Renewing a token: opened by a sync, once, non-modal; checked before it is kept; the failed fetch goes on by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ibjournal.domain.depot import DepotId
from ibjournal.domain.errors import FlexError
from ibjournal.gui.depots.renewal import RenewalWindow
from ibjournal.gui.main_window import MainWindow
from ibjournal.gui.preferences import Preferences
from ibjournal.gui.tasks import TaskRunner
from ibjournal.services.changes import Changes
from tests.gui.conftest import TODAY, TOKEN, FakeServices, make_depot, make_report

INCOME, LONG_TERM = make_depot(1, "Income"), make_depot(2, "Long term")
ANNA = make_depot(3, "Anna", token_expires=date(2027, 3, 2))
EXPIRED = FlexError("token_expired", number=1012)
Settled = Callable[[], None]
Opener = Callable[..., RenewalWindow]


@pytest.fixture
def three(services: FakeServices) -> FakeServices:
    """Two depots that share a token, and one with its own."""
    services.depots.set(INCOME, LONG_TERM, shared=True, error="token_expired")
    shared = services.depots.states
    services.depots.set(ANNA)
    services.depots.states = [*shared, *services.depots.states]
    return services


@pytest.fixture
def open_window(qtbot: QtBot, services: FakeServices, tasks: TaskRunner, settled: Settled, look: None) -> Opener:
    """Return a function that opens the window for Income and waits until it shows the depots."""

    def opened(error: FlexError = EXPIRED) -> RenewalWindow:
        window = RenewalWindow(services.bundle, tasks, DepotId(1), error=error, today=lambda: TODAY)
        window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
        qtbot.addWidget(window)
        window.show()
        settled()
        return window

    return opened


def test_it_names_the_depot_and_ticks_those_that_held_the_same_token(
    open_window: Opener, three: FakeServices, settled: Settled, qtbot: QtBot
) -> None:
    window = open_window()
    assert window._title.text() == "Income needs a new token"
    assert "1012" in window._reason.text()
    assert "query ids stay valid" in window._reason.text()
    assert not window.isModal()
    assert window.chosen() == (1, 2)
    assert window.covers(DepotId(2))
    assert not window.covers(DepotId(3))
    assert window.expiry.day() == date(2027, 11, 19)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("token_invalid", "IBKR does not know the token of Income"),
        ("ip_restricted", "The token of Income is tied to another address"),
        ("locked_out", "IBKR has locked the token of Income"),
        ("service_inactive", "The Flex Web Service is switched off for Income"),
    ],
)
def test_every_reason_has_its_own_head(open_window: Opener, three: FakeServices, code: str, words: str) -> None:
    window = open_window(FlexError(code))
    assert window._title.text() == words


def test_a_token_that_was_only_forgotten_may_be_entered_again(open_window: Opener, three: FakeServices) -> None:
    assert "enter it again" in open_window(FlexError("token_missing"))._reason.text()
    assert "enter it again" not in open_window(FlexError("token_expired"))._reason.text()


def test_the_token_goes_to_all_ticked_depots_and_the_field_forgets_it(
    open_window: Opener, three: FakeServices, settled: Settled, qtbot: QtBot
) -> None:
    window = open_window()
    window.also.boxes[DepotId(3)].setChecked(True)
    window.token.line.set_token(TOKEN)
    window.expiry.presets.button("half").click()
    with qtbot.waitSignal(window.renewed, check_params_cb=lambda depots, _changes: depots == (1, 2, 3)):
        window.save.click()
    assert three.depots.named("renew") == [((1, 2, 3), TOKEN, date(2027, 5, 20))]
    assert window.token.token == ""
    assert window.saved
    with qtbot.waitSignal(window.finished):
        window.finish()


def test_a_token_that_fails_again_keeps_the_window(open_window: Opener, three: FakeServices, settled: Settled) -> None:
    window = open_window()
    window.token.line.set_token(TOKEN)
    window.save.click()
    settled()
    window.finish(FlexError("token_invalid", number=1015))
    assert window.isVisible()
    assert not window.saved
    assert "1015" in window._note.text()


def test_without_a_token_nothing_is_asked(open_window: Opener, three: FakeServices, settled: Settled, qtbot: QtBot) -> None:
    window = open_window()
    window.save.click()
    assert three.depots.named("renew") == []
    assert "Paste the new token" in window.token.hint()
    assert window.token.line.property("fault")
    window.token.line.set_token("1")
    assert not window.token.line.property("fault")


def test_a_refused_token_stays_in_the_field_and_the_reason_is_said(
    open_window: Opener, three: FakeServices, settled: Settled, qtbot: QtBot
) -> None:
    window = open_window()
    three.depots.refuse = FlexError("token_invalid", number=1015)
    window.token.line.set_token(TOKEN)
    window.save.click()
    settled()
    assert "1015" in window._note.text()
    assert TOKEN not in window._note.text()
    assert window._state.text() == "Nothing was kept."
    assert window.token.token == TOKEN
    assert window.save.isEnabled()
    assert window.isVisible()


def test_closing_forgets_what_was_typed(open_window: Opener, three: FakeServices, settled: Settled, qtbot: QtBot) -> None:
    window = open_window()
    window.token.line.set_token(TOKEN)
    window.close()
    assert window.token.token == ""


def test_a_depot_that_is_gone_closes_the_window(
    open_window: Opener, services: FakeServices, settled: Settled, qtbot: QtBot
) -> None:
    window = open_window()
    assert not window.isVisible()


def test_an_expired_token_opens_one_window_and_the_fetch_goes_on_after_the_renewal(
    qtbot: QtBot, three: FakeServices, tasks: TaskRunner, settled: Settled, preferences: Preferences
) -> None:
    main = MainWindow(three.bundle, tasks, preferences, [], today=lambda: TODAY)
    qtbot.addWidget(main)
    main.show()
    three.sync.reports = {
        INCOME.id: make_report(INCOME, EXPIRED, Changes()),
        LONG_TERM.id: make_report(LONG_TERM, EXPIRED, Changes()),
        ANNA.id: make_report(ANNA),
    }
    with qtbot.waitSignal(main.sync.finished):
        main.start_sync()
    settled()
    assert sorted(three.sync.asked) == [1, 3]  # Long term holds the same dead token: asking again would only count as a failure
    assert set(main.sync.blocked) == {1, 2}
    assert list(main.renewals) == [DepotId(1)]
    window = main.renewals[DepotId(1)]
    assert main.isEnabled()
    assert main.errors.message is not None
    assert main.errors.message.button == "Renew token"

    three.sync.asked.clear()
    three.sync.reports = {depot.id: make_report(depot) for depot in (INCOME, LONG_TERM, ANNA)}
    window.token.line.set_token(TOKEN)
    window.entry.setChecked(False)
    with qtbot.waitSignals([main.sync.finished, window.finished]):
        window.save.click()
    settled()
    assert three.sync.asked == [1, 2]
    assert main.sync.blocked == ()
    assert main.renewals == {}
    assert main.errors.message is None


def test_a_second_expiry_does_not_open_a_second_window(
    qtbot: QtBot, three: FakeServices, tasks: TaskRunner, settled: Settled, preferences: Preferences
) -> None:
    main = MainWindow(three.bundle, tasks, preferences, [], today=lambda: TODAY)
    qtbot.addWidget(main)
    main.show()
    three.sync.reports = {INCOME.id: make_report(INCOME, EXPIRED), ANNA.id: make_report(ANNA, EXPIRED)}
    for _ in range(2):
        with qtbot.waitSignal(main.sync.finished):
            main.start_sync()
        settled()
    assert sorted(main.renewals) == [1, 3]
    for window in list(main.renewals.values()):
        window.close()
    assert main.renewals == {}
