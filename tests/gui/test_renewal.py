"""Renewing a token: opened by a sync, once, non-modal; checked before it is kept; the failed fetch goes on by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from ibjournal.domain.depot import AccountId, DepotId
from ibjournal.domain.errors import CredentialError, FlexError
from ibjournal.gui import i18n
from ibjournal.gui.depots.renewal import RenewalWindow
from ibjournal.gui.depots.renewal_reasons import LEAKED, renewal_reason
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
        ("token_missing", "The token of Income is not there"),
    ],
)
def test_every_reason_has_its_own_head(open_window: Opener, three: FakeServices, code: str, words: str) -> None:
    window = open_window(FlexError(code))
    assert window._title.text() == words


def steps_of(code: str) -> str:
    return " | ".join(renewal_reason(code, INCOME).steps)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("token_invalid", "has not expired? Then copy that one"),
        ("ip_restricted", "Leave <b>Valid for IP Address</b> empty"),
        ("service_inactive", "Tick <b>Flex Web Service Status</b>"),
        ("locked_out", "Compare the query ids"),
    ],
)
def test_every_reason_has_its_own_way_out(code: str, words: str) -> None:
    assert words in steps_of(code)
    assert words not in steps_of("token_expired")
    assert "Generate New Token" in steps_of(code)


def test_a_tied_token_is_explained() -> None:
    assert "change their address" in renewal_reason("ip_restricted", INCOME).hint
    assert "stolen one is of no use" in renewal_reason(LEAKED, INCOME).hint
    assert renewal_reason("token_expired", INCOME).hint == ""


def test_a_lock_is_told_with_its_end_and_that_nothing_is_asked(open_window: Opener, three: FakeServices) -> None:
    three.tokens.until = datetime(2026, 11, 20, 14, 5, tzinfo=UTC)
    window = open_window(FlexError("locked_out", number=1025))
    words = window._reason.text()
    assert "Until 20 Nov 15:05 we ask nothing with this token" in words  # in the user's own time
    assert "a new one can be used at once" in words


def test_a_token_that_may_have_leaked_is_made_void(
    qtbot: QtBot, three: FakeServices, tasks: TaskRunner, settled: Settled, look: None
) -> None:
    window = RenewalWindow(three.bundle, tasks, DepotId(1), leaked=True, today=lambda: TODAY)
    window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    qtbot.addWidget(window)
    window.show()
    settled()
    assert window.windowTitle() == "My token may have leaked"
    assert window._title.text() == "Make the old token of Income void"
    assert "void at once" in window._reason.text()
    assert "nobody can trade" in window._reason.text()
    assert "Valid for IP Address" in window.hint.text()
    assert window.chosen() == (1, 2)


def test_the_calendar_entry_stands_with_the_day_and_not_with_the_other_depots(open_window: Opener, three: FakeServices) -> None:
    window = open_window()
    assert window.expiry.geometry().bottom() < window.entry.y()
    assert window.entry.geometry().bottom() < window.also.y()


def test_a_window_that_grows_stays_on_the_screen(
    qtbot: QtBot, services: FakeServices, tasks: TaskRunner, settled: Settled, look: None
) -> None:
    services.depots.set(INCOME)
    beside = QWidget()
    qtbot.addWidget(beside)
    beside.show()
    window = RenewalWindow(services.bundle, tasks, DepotId(1), error=EXPIRED, today=lambda: TODAY, parent=beside)
    window.show()
    settled()
    room = window.screen().availableGeometry()
    window.move(10, room.bottom() - window.height() // 2)
    window._fit()
    assert window.frameGeometry().bottom() == room.bottom()
    assert window.x() == 10
    window.close()


def test_a_paper_account_has_a_login_of_its_own(open_window: Opener, three: FakeServices) -> None:
    paper = make_depot(4, "Paper", accounts=(AccountId("DU1000004"),))
    known = three.depots.states
    three.depots.set(paper)
    three.depots.states = [*known, *three.depots.states]
    window = open_window()
    assert not window.also.boxes[DepotId(4)].isEnabled()
    assert window.also.reasons[DepotId(4)] == "has its own login at IBKR"
    assert window.also.boxes[DepotId(3)].isEnabled()
    assert window.also.reasons[DepotId(3)] == "another token, until 2 Mar 2027"


def test_a_paper_account_that_holds_the_same_token_all_the_same_is_ticked(open_window: Opener, services: FakeServices) -> None:
    services.depots.set(INCOME, make_depot(4, "Paper", accounts=(AccountId("DU1000004"),)), shared=True)
    assert open_window().chosen() == (1, 4)


def test_without_a_fetch_that_failed_none_is_promised(open_window: Opener, services: FakeServices, qtbot: QtBot) -> None:
    services.depots.set(ANNA, INCOME)
    window = open_window(FlexError("not_available"))
    assert "makes up for the fetch" not in window._note.text()
    assert window._title.text() == "New token for Income"


def test_after_the_renewal_a_calendar_entry_is_offered(
    open_window: Opener, three: FakeServices, settled: Settled, tmp_path: Path
) -> None:
    window = open_window()
    assert window.entry.isChecked()
    window.token.line.set_token(TOKEN)
    window.save.click()
    settled()
    assert window.saving.isVisible()
    file = tmp_path / "token.ics"
    window.saving.fileSelected.emit(str(file))
    window.saving.close()
    settled()
    text = file.read_bytes().decode()
    assert "SUMMARY:IBKR token of Income\\, Long term expires" in text
    assert "DTSTART;VALUE=DATE:20271119" in text
    assert TOKEN not in text


def test_a_token_that_was_only_forgotten_may_be_entered_again(open_window: Opener, three: FakeServices) -> None:
    assert "enter it again" in open_window(FlexError("token_missing"))._reason.text()
    assert "enter it again" not in open_window(FlexError("token_expired"))._reason.text()


def test_the_token_goes_to_all_ticked_depots_and_the_field_forgets_it(
    open_window: Opener, three: FakeServices, settled: Settled, qtbot: QtBot
) -> None:
    window = open_window()
    window.also.boxes[DepotId(3)].setChecked(True)
    window.token.line.set_token(TOKEN)
    window.expiry.choose("half")
    with qtbot.waitSignal(window.renewed, check_params_cb=lambda depots, _changes: depots == (1, 2, 3)):
        window.save.click()
    window.saving.close()
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
    window.saving.close()
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
    assert window.focusWidget() is window.token.line  # what is pasted next takes its place
    assert window.token.line.hasSelectedText()
    assert window.token.token == TOKEN
    assert window.save.isEnabled()
    assert window.isVisible()


@pytest.mark.parametrize(
    "code", ["name_lookup_failed", "html_answer", "service_down", "heavy_load", "invalid_request", "too_many_troubles"]
)
def test_where_ibkr_cannot_be_asked_it_can_be_kept_unchecked(
    open_window: Opener, three: FakeServices, settled: Settled, code: str
) -> None:
    window = open_window()
    assert not window.unchecked.isVisible()
    three.depots.refuse = FlexError(code)
    window.token.line.set_token(TOKEN)
    window.save.click()
    settled()
    assert window.unchecked.isVisible()
    assert "you can keep it unchecked" in window._note.text()
    assert window._state.text() == "Nothing was kept."

    three.depots.refuse = None
    three.depots.calls.clear()
    window.unchecked.click()
    settled()
    window.saving.close()
    assert three.depots.checked == [True, False]
    assert window.saved
    assert not window.unchecked.isVisible()
    assert window.token.token == ""


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_button_has_room_for_its_words(open_window: Opener, three: FakeServices, settled: Settled, language: str) -> None:
    before = QLocale()
    assert i18n.install(language)
    try:
        window = open_window()
        three.depots.refuse = FlexError("service_down", status=503)
        window.token.line.set_token(TOKEN)
        window.save.click()
        settled()
    finally:
        i18n.uninstall()
        QLocale.setDefault(before)
    shown = [each for each in window.findChildren(QPushButton) if each.isVisible()]
    assert window.unchecked in shown
    assert [each.text() for each in shown if each.width() < each.sizeHint().width()] == []
    assert window._state.width() >= window._state.sizeHint().width()


@pytest.mark.parametrize("code", ["token_expired", "token_invalid", "ip_restricted", "service_inactive"])
def test_a_token_that_ibkr_refuses_cannot_be_kept(open_window: Opener, three: FakeServices, settled: Settled, code: str) -> None:
    window = open_window()
    three.depots.refuse = FlexError(code)
    window.token.line.set_token(TOKEN)
    window.save.click()
    settled()
    assert not window.unchecked.isVisible()
    assert "unchecked" not in window._note.text()


def test_another_token_is_checked_first(open_window: Opener, three: FakeServices, settled: Settled) -> None:
    window = open_window()
    three.depots.refuse = FlexError("service_down", status=503)
    window.token.line.set_token(TOKEN)
    window.save.click()
    settled()
    window.token.line.set_token(TOKEN[:-1])
    assert not window.unchecked.isVisible()


def test_what_was_kept_and_is_refused_by_the_fetch_is_not_said_to_be_gone(
    open_window: Opener, three: FakeServices, settled: Settled
) -> None:
    window = open_window()
    window.token.line.set_token(TOKEN)
    window.save.click()
    settled()
    window.saving.close()
    window.finish(FlexError("locked_out", number=1025))
    assert window._state.text() == "It was kept, but IBKR refuses it."
    assert not window.unchecked.isVisible(), "there is nothing in the field"


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


def test_a_fetch_that_was_stopped_before_the_program_was_started_goes_on_too(
    qtbot: QtBot, three: FakeServices, tasks: TaskRunner, settled: Settled, preferences: Preferences
) -> None:
    """The window promises it, and nothing may be fetched by itself; a depot that is paused stays so."""
    paused = replace(three.depots.states[1], depot=replace(LONG_TERM, paused=True))
    three.depots.states = [three.depots.states[0], paused, three.depots.states[2]]
    three.sync.reports = {depot.id: make_report(depot) for depot in (INCOME, LONG_TERM, ANNA)}
    main = MainWindow(three.bundle, tasks, preferences, [], today=lambda: TODAY)
    qtbot.addWidget(main)
    main.show()
    window = main.open_renewal(INCOME.id)
    settled()
    window.token.line.set_token(TOKEN)
    window.entry.setChecked(False)
    with qtbot.waitSignal(window.finished):
        window.save.click()
    settled()
    assert three.sync.asked == [1]
    assert main.renewals == {}


def test_a_window_whose_own_depot_was_not_stopped_does_not_wait_for_the_fetch_of_another(
    qtbot: QtBot, three: FakeServices, tasks: TaskRunner, settled: Settled, preferences: Preferences
) -> None:
    three.depots.states = [replace(three.depots.states[0], last_error=""), *three.depots.states[1:]]
    three.sync.reports = {depot.id: make_report(depot) for depot in (INCOME, LONG_TERM, ANNA)}
    main = MainWindow(three.bundle, tasks, preferences, [], today=lambda: TODAY)
    qtbot.addWidget(main)
    main.show()
    window = main.open_renewal(INCOME.id, leaked=True)
    settled()
    window.token.line.set_token(TOKEN)
    window.entry.setChecked(False)
    with qtbot.waitSignals([main.sync.finished, window.finished]):
        window.save.click()
    settled()
    assert three.sync.asked == [2]


def test_a_window_does_not_wait_for_a_fetch_that_ended_before_its_depot_had_its_turn(
    qtbot: QtBot, three: FakeServices, tasks: TaskRunner, settled: Settled, preferences: Preferences
) -> None:
    """Where IBKR is at fault, the depots behind it are not asked for: nobody would tell the window of its own."""
    three.sync.reports = {INCOME.id: make_report(INCOME, FlexError("heavy_load", number=1009))}
    main = MainWindow(three.bundle, tasks, preferences, [], today=lambda: TODAY)
    qtbot.addWidget(main)
    main.show()
    window = main.open_renewal(LONG_TERM.id)
    settled()
    window.token.line.set_token(TOKEN)
    window.entry.setChecked(False)
    with qtbot.waitSignal(main.sync.finished):
        window.save.click()
    settled()
    assert three.sync.asked == [1]
    assert main.renewals == {}


def test_without_a_keyring_one_window_at_a_time_asks_for_tokens(
    qtbot: QtBot, three: FakeServices, tasks: TaskRunner, settled: Settled, preferences: Preferences
) -> None:
    main = MainWindow(three.bundle, tasks, preferences, [], today=lambda: TODAY)
    qtbot.addWidget(main)
    main.show()
    gone = CredentialError("token_missing")
    three.sync.reports = {depot.id: make_report(depot, gone) for depot in (INCOME, ANNA)}
    with qtbot.waitSignal(main.sync.finished):
        main.start_sync()
    settled()
    (window,) = main.renewals.values()
    window.close()
    told = []
    while main.errors.message is not None:
        told.append(main.errors.message.text)
        main.errors.dismiss()
    assert [any(name in text for text in told) for name in ("Income", "Anna")] == [True, True]


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


def test_of_many_depots_some_are_scrolled_and_those_with_the_same_token_come_first(
    services: FakeServices, tasks: TaskRunner, settled: Settled, look: None
) -> None:
    services.depots.set(*(make_depot(number, f"Depot {number} " + "Überlanger Name " * 12) for number in range(1, 31)))
    states = services.depots.states
    states[0] = replace(states[0], shares_token_with=(DepotId(30),))
    window = RenewalWindow(services.bundle, tasks, DepotId(1), today=lambda: TODAY)
    window.show()
    settled()
    assert next(iter(window.also.boxes)) == DepotId(30)
    assert len(window.also.boxes) == 29
    assert window.sizeHint().height() < 900
    assert window.also.area.verticalScrollBar().maximum() > 0
    window.close()


def test_a_token_of_some_hours_is_kept_with_its_minute_and_wants_no_calendar(
    open_window: Opener, three: FakeServices, settled: Settled
) -> None:
    window = open_window()
    assert window.entry.isChecked()
    window.expiry.choose("12h")
    assert not window.entry.isChecked()
    window.token.line.set_token(TOKEN)
    ends = window.expiry.ends()
    assert ends is not None
    window.save.click()
    settled()
    assert three.depots.named("renew")[-1][-1] == ends
    assert ends.utcoffset() is not None


def test_every_line_of_a_refusal_is_seen(open_window: Opener, three: FakeServices, settled: Settled, qtbot: QtBot) -> None:
    window = open_window(FlexError("token_expired", number=1012))
    window.token.line.set_token(TOKEN)
    three.depots.refuse = FlexError("token_invalid", number=1015)
    window.save.click()
    settled()
    layout = window.layout()
    assert layout is not None
    qtbot.waitUntil(lambda: window.height() >= layout.totalHeightForWidth(window.width()))
    for words in window.findChildren(QLabel):
        if words.isVisible() and words.wordWrap():
            assert words.height() >= words.heightForWidth(words.width()), words.text()
