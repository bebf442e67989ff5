"""Every finding of the query doctor has words and clicks, in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale

from ibjournal.flex.query_doctor import Finding
from ibjournal.flex.query_guide import query_guide
from ibjournal.gui import i18n
from ibjournal.gui.doctor_texts import CODES, describe_finding

DOCTOR = Path(__file__).resolve().parents[2] / "ibjournal" / "flex" / "query_doctor.py"
VALUES = (("account", "Oma"), ("day", "2026-07-14"), ("n", 3), ("expected", "AF"), ("found", "TCF"), ("period", "YTD"))


@pytest.fixture(params=["en", "de"])
def language(request: pytest.FixtureRequest, qapp: object) -> Iterator[str]:
    locale = QLocale()
    i18n.install(request.param)
    yield request.param
    i18n.uninstall()
    QLocale.setDefault(locale)


def test_the_doctor_says_nothing_without_words() -> None:
    assert set(re.findall(r"code=\"([a-z_]+)\"", DOCTOR.read_text(encoding="utf-8"))) == CODES


@pytest.mark.parametrize("code", sorted(CODES))
def test_words_are_whole(code: str, language: str) -> None:
    for kind, section in (("AF", "Trades"), ("AF", ""), ("TCF", "TradeConfirms")):
        text = describe_finding(Finding(code=code, section=section, screen="check", fields=("quantity",), values=VALUES), kind)
        assert text.sentence.endswith(".")
        assert text.screen == {"en": "Check", "de": "Abgleich"}[language]
        assert text.clicks
        assert "{" not in "".join((text.sentence, *text.clicks))


def test_a_missing_section_names_ibkr_s_words_in_both_languages(language: str) -> None:
    text = describe_finding(Finding(code="section_missing", section="CashTransactions", screen="performance"), "AF")
    words = "\n".join((text.sentence, *text.clicks))
    assert "Cash Transactions" in words
    assert ("Bartransaktionen (Cash Transactions)" in words) == (language == "de")
    assert "Model" in words


def test_missing_fields_are_named_as_the_page_names_them(language: str) -> None:
    text = describe_finding(Finding(code="fields_missing", section="Trades", fields=("ibExecID", "notes")), "AF")
    assert "IB Execution ID, Notes/Codes" in text.sentence


def test_every_section_of_the_guide_can_be_told(language: str) -> None:
    for kind in ("AF", "TCF"):
        for each in query_guide(kind).sections:
            text = describe_finding(Finding(code="section_missing", section=each.xml, screen=each.screen), kind)
            assert each.name.en in text.sentence
