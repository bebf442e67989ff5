"""Checks in words: every code has its words, in both languages, and no placeholder is left standing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from PySide6.QtCore import QLocale

from ibjournal.analytics.reconciliation import CheckStatus, Part
from ibjournal.analytics.reconciliation_reasons import Line, PartLabel, Reason
from ibjournal.domain.period import Period
from ibjournal.domain.position_event import EventKind
from ibjournal.flex.vocabulary import ATTRIBUTES
from ibjournal.gui import check_words, event_words, i18n
from ibjournal.gui.check_texts import (
    describe_check,
    describe_part,
    describe_reason,
    is_money,
    line_name,
    mark_of,
    section_name,
    short_name,
    short_reason,
)
from ibjournal.gui.event_words import kind_word, state_of, type_word
from ibjournal.gui.provenance.attribute_words import MEANINGS, meaning_of
from tests.fakes.check_services import make_check

VALUES: tuple[tuple[str, object], ...] = (
    ("n", 3), ("since", date(2024, 1, 2)), ("quantity", Decimal(100)), ("type", "TC"), ("event", "e1"), ("code", "LI"),
    ("opened", Decimal("10.50")), ("closed", Decimal(11)), ("bound", Decimal("0.03")), ("currency", "USD"),
    ("sections", ("ChangeInNAV", "CashReport")), ("section", "Trades"), ("fields", ("cost", "quantity")), ("field", "cost"),
    ("first", "a.xml"), ("second", "b.xml"), ("from", date(2024, 1, 2)), ("to", date(2024, 2, 2)), ("what", "fills"),
    ("symbol", "ESZ6"), ("day", date(2026, 3, 2)), ("name", "commissions"), ("booked", Decimal(5)), ("rows", 2),
)  # fmt: skip
CORPORATE_ACTIONS = ("BC BM CA CC CD CH CI CO CP CS CT DI DW ED FA FI FS GV HD HI IC OR PI PV RI RS SD SO SR TC TI TM TO").split()


@pytest.fixture(params=["en", "de"])
def language(request: pytest.FixtureRequest, qapp: object) -> Iterator[str]:
    locale = QLocale()
    assert i18n.install(request.param)
    yield request.param
    i18n.uninstall()
    QLocale.setDefault(locale)


@pytest.mark.parametrize("reason", list(Reason), ids=lambda reason: reason.value)
def test_every_reason_is_a_sentence_and_a_few_words(reason: Reason, language: str) -> None:
    check = make_check(status=CheckStatus.EXPLAINED, reason=reason.value, values=VALUES)
    sentence, short = describe_reason(check), short_reason(check)
    assert reason.value in check_words.REASONS
    for words in (sentence, short):
        assert words
        assert "{" not in words
        assert "–)" not in words  # a value that no check gives is a dash
    assert sentence.endswith((".", "?"))
    assert len(short) < 70
    english = check_words.REASONS[reason.value]
    if language == "de":
        assert describe_reason(make_check(reason=reason.value)) != english.sentence


def test_every_line_label_check_and_section_has_words(language: str) -> None:
    assert {line.value for line in Line} <= check_words.LINES.keys()
    assert {label.value for label in PartLabel} <= check_words.LABELS.keys()
    for line in Line:
        assert line_name(line.value)
        if language == "de" and line != Line.TWR:
            assert line_name(line.value) != line.value
    for section in check_words.SECTIONS:
        assert section_name(section)
    assert section_name("SomethingNew") == "SomethingNew"


@pytest.mark.parametrize("label", [*PartLabel, *Reason], ids=lambda label: label.value)
def test_every_part_of_a_sum_is_named(label: PartLabel | Reason, language: str) -> None:
    words = describe_part(Part(label=label.value, amount=Decimal(1), values=VALUES))
    assert words
    assert "{" not in words
    assert "_" not in words


def test_a_part_names_its_instrument(qapp: object) -> None:
    part = Part(label="premium_moved", amount=Decimal(-5), values=(("symbol", "PLTR P170"),))
    assert describe_part(part) == "Premium of an exercise, PLTR P170"
    assert describe_part(Part(label="something_new", amount=Decimal(1))) == "something new"


def test_an_unknown_reason_is_told_by_its_code(qapp: object) -> None:
    check = make_check(reason="something_new")
    assert describe_reason(check) == "Another reason: something_new."
    assert (describe_reason(make_check()), short_reason(make_check())) == ("", "")


def test_what_agrees_as_booked_says_what_was_earned(qapp: object) -> None:
    check = make_check("realized", values=(("earned", Decimal("356.79")),))
    assert "+356.79" in describe_reason(check)
    assert "356" not in describe_reason(check, masked=True)


def test_masked_a_reason_tells_no_amount(qapp: object) -> None:
    check = make_check(reason="cost_restated", values=(("opened", Decimal("10.50")), ("closed", Decimal(11))))
    assert "10.5" in describe_reason(check)
    assert "10.5" not in describe_reason(check, masked=True)


def test_checks_are_named_completely_and_in_the_table_shortly(qapp: object) -> None:
    day = Period(date(2026, 3, 2), date(2026, 3, 2))
    assert describe_check(make_check("cash", subject="USD", currency="USD")) == "Cash at the end, USD"
    assert short_name(make_check("cash", subject="USD", currency="USD")) == "USD"
    assert describe_check(make_check("nav_walk", subject="mtm")) == "NAV walk, Mark to market, EUR"
    assert short_name(make_check("nav_walk", subject="mtm")) == "Mark to market"
    assert describe_check(make_check("realized", subject="PLTR", period=day)) == "Realised, PLTR, 2 Mar 2026, EUR"
    assert short_name(make_check("realized", subject="PLTR", period=day)) == "2 Mar 2026"
    assert short_name(make_check("nav_day", subject="total", period=day)).startswith("2 Mar 2026")
    assert short_name(make_check("realized_total", subject="total")) == "Together"
    assert short_name(make_check("realized_total", subject="lotsAndWashSales")) == "Together · Closed lots and wash sales"
    assert describe_check(make_check("something_new", subject="x")) == "something new, x, EUR"
    assert (is_money(make_check("twr")), is_money(make_check("positions")), is_money(make_check("cash"))) == (False, False, True)


def test_every_result_has_an_icon_and_a_word(qapp: object) -> None:
    assert len({(mark_of(status).icon, mark_of(status).word) for status in CheckStatus}) == len(CheckStatus)


@pytest.mark.parametrize("code", CORPORATE_ACTIONS)
def test_every_type_of_corporate_action_has_words(code: str, language: str) -> None:
    assert code in event_words.TYPES
    assert type_word(code) != code


def test_events_kinds_and_states_have_words(language: str) -> None:
    for kind in EventKind:
        assert kind_word(kind.value) != kind.value
    for state in ("applied", "basis_asked", "not_applied", "no_effect"):
        assert state_of(state).icon != "info"
    assert type_word("INTERNAL") != "INTERNAL"
    assert type_word("A new type") == "A new type"
    assert state_of("new").word == "new"


def test_the_meanings_are_of_attributes_that_ibkr_writes(qapp: object) -> None:
    assert MEANINGS.keys() - ATTRIBUTES == set()
    assert meaning_of("fifoPnlRealized") == "Result that IBKR books, after fees"
    assert meaning_of("nobodyKnows") == ""
