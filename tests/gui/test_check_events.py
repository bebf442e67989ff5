"""The events part: what happened, what only the user can say of it, and that it is said to the service."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from ibjournal.domain.depot import AccountId
from ibjournal.domain.execution import ExecutionId
from ibjournal.domain.instrument import InstrumentId
from ibjournal.domain.position_event import EventKind, EventLeg, Place, ToldBasis
from ibjournal.domain.provenance import RowRef
from ibjournal.gui.check.amounts import parse_amount
from ibjournal.gui.check.view import EVENTS, FIGURES, CheckScreen
from ibjournal.gui.provenance.asked import OfExecution
from ibjournal.gui.tasks import TaskRunner
from ibjournal.services.changes import Changes
from ibjournal.services.events import (
    AccountLink,
    BasisSuggestion,
    ConversionPair,
    EventLegRow,
    EventRow,
    EventState,
    LinkSuggestion,
)
from tests.fakes.check_services import YEAR, FakeEvents, FakeReconciliation, make_check
from tests.gui.conftest import FakeServices, make_depot

PLACE = Place(AccountId("U1000001"), InstrumentId("8"))
SUGGESTED = BasisSuggestion(cost=Decimal("1234.5"), currency="USD", day=date(2026, 3, 31), row=RowRef(1, 4))


def make_event(number: int = 1, **fields: Any) -> EventRow:
    leg = EventLeg(place=PLACE, quantity=Decimal(100), currency="USD", value=Decimal(2000), row=RowRef(1, number))
    values: dict[str, Any] = {
        "id": f"e{number}",
        "kind": EventKind.SPLIT,
        "type": "FS",
        "state": EventState.APPLIED,
        "effective_at": datetime(2026, 3, 2, 20, tzinfo=UTC),
        "day": date(2026, 3, 2),
        "legs": (EventLegRow(leg=leg, symbol="KO", description="COCA-COLA CO"),),
        "values": (),
        "ratio": Decimal(2),
        "description": "KO(US1912161007) SPLIT 2 FOR 1",
        "rows": (RowRef(1, number),),
    }
    return EventRow(**(values | fields))


def asking(number: int = 2, **fields: Any) -> EventRow:
    row = make_event(number, kind=EventKind.TRANSFER_IN, type="FOP", state=EventState.BASIS_ASKED, ratio=None, **fields)
    values = (("code", "basis_asked"), ("quantity", "100"))
    return replace(row, legs=(replace(row.legs[0], problem="basis_asked", suggestion=SUGGESTED),), values=values)


@pytest.fixture
def screen(qtbot: QtBot, tasks: TaskRunner, services: FakeServices, look: None) -> CheckScreen:
    services.depots.set(make_depot(1, "Income"))
    services.reconciliation = FakeReconciliation(make_check())
    services.events = FakeEvents(make_event(1), asking(2))
    made = CheckScreen(services.bundle, tasks)
    qtbot.addWidget(made)
    made.resize(1240, 800)
    with qtbot.waitSignal(made.loaded):
        made.show()
    made.show_part(EVENTS)
    return made


def again(screen: CheckScreen, qtbot: QtBot) -> None:
    with qtbot.waitSignal(screen.loaded):
        screen.refresh(Changes(trades=True))


def words(screen: CheckScreen) -> str:
    return " | ".join(label.text() for label in screen.events.pane.findChildren(QLabel))


def test_events_are_listed_and_what_needs_the_user_is_chosen(screen: CheckScreen) -> None:
    model = screen.events.table.events
    rows = [[str(model.index(row, column).data()) for column in range(4)] for row in range(model.rowCount())]
    assert rows == [
        ["2 Mar 2026", "Split", "KO", "applied"],
        ["2 Mar 2026", "Transfer free of payment", "KO", "cost asked"],
    ]
    current = screen.events.table.current_event()
    assert current is not None
    assert current.id == "e2"
    assert "1" in screen.part.button(EVENTS).text()
    assert "no report says what they had cost" in words(screen)


def test_an_event_says_what_it_did_in_our_words_and_ibkrs(screen: CheckScreen) -> None:
    screen.events.table.selectRow(0)
    shown = words(screen)
    for text in ("Split", "2 new for one old", "KO(US1912161007) SPLIT 2 FOR 1", "+100", "COCA-COLA CO"):
        assert text in shown, text
    assert screen.events.pane.forms == []


def test_a_cost_is_typed_and_told(screen: CheckScreen, services: FakeServices, qtbot: QtBot) -> None:
    (form,) = screen.events.pane.forms
    form.cost.setText("1,500.25")
    form.day.set_day(date(2025, 12, 24))
    with qtbot.waitSignal(screen.changed) as changed:
        form.save.click()
    assert services.events.told == [("tell_basis", "e2", PLACE, Decimal("1500.25"), "USD", date(2025, 12, 24))]
    assert changed.args == [Changes(trades=True, positions=True)]


def test_ibkrs_own_figure_is_one_click_away(screen: CheckScreen, services: FakeServices, qtbot: QtBot) -> None:
    (form,) = screen.events.pane.forms
    assert form.suggest.text() == "Take IBKR’s 1,234.50\u00a0USD"
    form.suggest.click()
    with qtbot.waitSignal(screen.changed):
        form.save.click()
    assert services.events.told[0][3:5] == (Decimal("1234.50"), "USD")


def test_a_short_position_has_a_negative_cost(screen: CheckScreen, services: FakeServices, qtbot: QtBot) -> None:
    short = asking(3)
    leg = replace(short.legs[0], leg=replace(short.legs[0].leg, quantity=Decimal(-100)))
    services.events.rows = (replace(short, legs=(leg,)),)
    again(screen, qtbot)
    (form,) = screen.events.pane.forms
    form.cost.setText("500")
    with qtbot.waitSignal(screen.changed):
        form.save.click()
    assert services.events.told[0][3] == Decimal(-500)


@pytest.mark.parametrize(("cost", "currency"), [("", "USD"), ("abc", "USD"), ("12", "US"), ("12", "12A")])
def test_what_is_no_amount_is_not_told(screen: CheckScreen, services: FakeServices, cost: str, currency: str) -> None:
    (form,) = screen.events.pane.forms
    form.cost.setText(cost)
    form.currency.setText(currency)
    form.save.click()
    assert services.events.told == []
    assert form.fault.text()


def test_what_is_being_typed_survives_a_refresh(screen: CheckScreen, qtbot: QtBot) -> None:
    (form,) = screen.events.pane.forms
    QTest.keyClicks(form.cost, "77")
    again(screen, qtbot)
    assert screen.events.pane.forms == [form]
    assert form.cost.text() == "77"


def test_a_cost_that_was_told_can_be_forgotten(screen: CheckScreen, services: FakeServices, qtbot: QtBot) -> None:
    told = ToldBasis(event="e2", place=PLACE, cost=Decimal("99.5"), currency="EUR", opened_on=date(2020, 5, 4))
    row = make_event(2, state=EventState.APPLIED)
    services.events.rows = (replace(row, legs=(replace(row.legs[0], told=told),)),)
    again(screen, qtbot)
    (form,) = screen.events.pane.forms
    assert (form.cost.text(), form.currency.text(), form.day.day()) == ("99.50", "EUR", date(2020, 5, 4))
    with qtbot.waitSignal(screen.changed):
        form.forget.click()
    assert services.events.told == [("forget_basis", "e2", PLACE)]


def test_accounts_are_linked_and_taken_back(screen: CheckScreen, services: FakeServices, qtbot: QtBot) -> None:
    old, new, other = AccountId("U1"), AccountId("U1000001"), AccountId("U3")
    services.events.linked = (AccountLink(old=old, new=new),)
    services.events.guesses = (LinkSuggestion(old=other, new=new, instruments=(InstrumentId("8"),)),)
    again(screen, qtbot)
    for press in [each for each in screen.events.link_buttons if isinstance(each, QPushButton)]:
        with qtbot.waitSignal(screen.changed):
            press.click()
    assert services.events.told == [("unlink", old), ("link", other, new)]


def test_a_pair_is_called_trades(screen: CheckScreen, services: FakeServices, qtbot: QtBot) -> None:
    pair = ConversionPair(
        account=PLACE.account, instrument=InstrumentId("12087792"), symbol="EUR.USD", count=5, automatic=2,
        first_day=date(2026, 1, 2), last_day=date(2026, 3, 4), trading=False,
    )  # fmt: skip
    services.events.pairs = (pair, replace(pair, instrument=InstrumentId("9"), count=2, symbol="GBP.USD"))
    again(screen, qtbot)
    assert not screen.events.trading.isEnabled()
    screen.events.pairs.selectRow(1)
    assert not screen.events.trading.isEnabled()  # IBKR's own conversions never make trades
    screen.events.pairs.selectRow(0)
    with qtbot.waitSignal(screen.changed):
        screen.events.trading.click()
    assert services.events.told == [("call_trading", PLACE.account, "12087792", True)]
    services.events.pairs = (replace(pair, trading=True),)
    again(screen, qtbot)
    assert screen.events.trading.text() == "Call them conversions"


def test_the_period_is_obeyed_but_what_waits_is_always_shown(screen: CheckScreen, services: FakeServices, qtbot: QtBot) -> None:
    with qtbot.waitSignal(screen.loaded):
        screen.set_filter(None, replace(YEAR, start=date(2026, 6, 1)))
    assert [row.id for row in screen.events.table.events.rows] == ["e2"]


def test_rows_of_an_event_are_asked_for(screen: CheckScreen, qtbot: QtBot) -> None:
    with qtbot.waitSignal(screen.origin_wanted) as asked:
        screen.events.pane.rows.click()
    assert asked.args == [OfExecution(PLACE.account, PLACE.instrument, ExecutionId("event:e2"), "Transfer free of payment · KO")]


def test_masked_no_cost_is_shown_or_typed(screen: CheckScreen) -> None:
    screen.set_masked(True)
    (form,) = screen.events.pane.forms
    assert "1,234" not in form.suggest.text()
    assert not form.cost.isEnabled()
    assert "2,000" not in words(screen)


def test_figures_and_events_are_two_parts(screen: CheckScreen) -> None:
    assert not screen.strip.save.isVisibleTo(screen)
    screen.show_part(FIGURES)
    assert screen.strip.save.isVisibleTo(screen)
    assert screen.table.isVisibleTo(screen)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1234.5", "1234.5"), ("1,234.50", "1234.50"), ("1.234,50", "1234.50"), ("1,234", "1234"), ("-12", "-12"),
        ("−12,5", "-12.5"), ("1 234,5", "1234.5"), ("1'234.50", "1234.50"),
        ("1.234.567", "1234567"), ("0.125", "0.125"), ("", None),
        ("12x", None), ("1e5", None), ("NaN", None), (".5", "0.5"), ("5.", "5"),
    ],
)  # fmt: skip
def test_amounts_are_read_as_people_type_them(text: str, amount: str | None) -> None:
    assert parse_amount(text) == (None if amount is None else Decimal(amount))


def test_the_languages_decimal_sign_decides_what_could_be_both() -> None:
    before = QLocale()
    try:
        QLocale.setDefault(QLocale("de_DE"))
        assert parse_amount("1,234") == Decimal("1.234")
        assert parse_amount("1.234") == Decimal(1234)
    finally:
        QLocale.setDefault(before)
