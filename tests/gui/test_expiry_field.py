"""Until when a token is valid: IBKR's nine spans, another day, and the time of day for those of some hours."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from ibjournal.gui.widgets.expiry_field import ExpiryField
from tests.gui.conftest import TODAY

NOW = datetime(2026, 11, 19, 14, 41).astimezone()


@pytest.fixture
def expiry(qtbot: QtBot, look: None) -> ExpiryField:
    made = ExpiryField(today=lambda: TODAY, now=lambda: NOW)
    qtbot.addWidget(made)
    made.show()
    return made


def test_the_spans_are_those_that_ibkr_offers_and_a_year_is_chosen(expiry: ExpiryField) -> None:
    spans = [expiry.spans.itemText(row) for row in range(expiry.spans.count())]
    assert spans[:-1] == ["6 hours", "12 hours", "1 day", "1 week", "1 month", "2 months", "3 months", "6 months", "1 year"]
    assert (expiry.span, expiry.day(), expiry.ends()) == ("year", date(2027, 11, 19), None)
    assert expiry.hint.isHidden()


@pytest.mark.parametrize(("span", "hours"), [("6h", 6), ("12h", 12), ("day", 24)])
def test_a_token_of_some_hours_has_a_time_of_day(expiry: ExpiryField, span: str, hours: int) -> None:
    expiry.choose(span)
    assert expiry.ends() == NOW + timedelta(hours=hours)
    assert expiry.day() == (NOW + timedelta(hours=hours)).date()
    assert expiry.time.isVisible()
    assert "up to 1 year" in expiry.hint.text()
    expiry.choose("year")
    assert (expiry.ends(), expiry.time.isVisible(), expiry.hint.isVisible()) == (None, False, False)


@pytest.mark.parametrize(
    ("begun", "ends"),
    [("2026-10-24T22:30+02:00", "2026-10-25T03:30+01:00"), ("2027-03-27T22:30+01:00", "2027-03-28T05:30+02:00")],
)
def test_hours_are_counted_through_the_night_in_which_the_clocks_change(qtbot: QtBot, look: None, begun: str, ends: str) -> None:
    now = datetime.fromisoformat(begun).astimezone()  # tests run in Berlin
    made = ExpiryField(today=now.date, now=lambda: now)
    qtbot.addWidget(made)
    made.choose("6h")
    found = made.ends()
    assert found is not None
    assert found.isoformat(timespec="minutes") == ends


def test_another_day_is_told_as_such_and_a_known_one_by_its_span(expiry: ExpiryField) -> None:
    expiry.field.set_day(TODAY + timedelta(days=40))
    assert expiry.span == ""
    expiry.field.set_day(TODAY + timedelta(days=7))
    assert expiry.span == "week"
    assert expiry.ends() is None


def test_a_later_day_after_some_hours_drops_the_time(expiry: ExpiryField) -> None:
    expiry.choose("6h")
    expiry.field.set_day(TODAY + timedelta(days=90))
    assert (expiry.ends(), expiry.time.isVisible(), expiry.hint.isVisible()) == (None, False, False)


def test_an_end_that_is_known_is_shown_with_its_minute(expiry: ExpiryField) -> None:
    expiry.set_day(TODAY, NOW + timedelta(hours=3))
    assert expiry.ends() == NOW + timedelta(hours=3)
    expiry.set_day(date(2027, 11, 19))
    assert (expiry.span, expiry.ends()) == ("year", None)


def test_the_arrow_keys_choose(expiry: ExpiryField, qtbot: QtBot) -> None:
    expiry.spans.setFocus()
    QTest.keyClick(expiry.spans, Qt.Key.Key_Home)
    assert expiry.span == "6h"
    assert expiry.time.isVisible()
