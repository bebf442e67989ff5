"""IBKR's clicks: told once, in IBKR's own words, the English ones beside them wherever the portal may speak English."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QLocale

from ibjournal.flex.query_guide import portal_words, query_guide
from ibjournal.gui import i18n
from ibjournal.gui.doctor_texts import ibkr_name
from ibjournal.gui.portal import depot_steps, id_steps, marked, older_pages, query_steps, token_steps
from ibjournal.gui.wizard.checklist import as_text

LISTS = [token_steps, depot_steps, id_steps, query_steps, lambda: [older_pages()]]


@pytest.fixture(params=["en", "de"])
def language(request: pytest.FixtureRequest, qapp: object) -> Iterator[str]:
    locale = QLocale()
    i18n.install(request.param)
    yield request.param
    i18n.uninstall()
    QLocale.setDefault(locale)


@pytest.mark.parametrize("steps", LISTS)
def test_no_word_is_left_out_and_markup_is_closed(language: str, steps: Callable[[], list[str]]) -> None:
    for step in steps():
        assert "{" not in step
        assert step.count("<b>") == step.count("</b>")
        assert not re.search(r"&(?!amp;)", step), "IBKR's words stand in markup"


def test_the_clicks_to_a_token_are_the_same_for_a_new_depot_and_a_renewal(language: str) -> None:
    renewal, new = token_steps(), depot_steps()
    assert [step for step in new if step in renewal] == renewal


def test_a_depot_whose_token_is_there_is_not_led_to_a_new_one(language: str) -> None:
    assert not set(id_steps()) & set(token_steps()[1:])
    assert any("Query ID" in step for step in id_steps())


def test_wherever_german_differs_the_english_word_stands_beside_it(language: str) -> None:
    words = [*portal_words().values()]
    for kind in ("AF", "TCF"):
        guide = query_guide(kind)
        words += [guide.name, *(each.name for each in guide.sections), *(each.name for each in guide.settings)]
        words += [each.value for each in guide.settings]
        words += [option for each in guide.sections for option in (*each.on, *each.may_on, *each.off)]
        text = as_text(guide)
        assert all(each.name.en in text and each.value.en in text for each in guide.settings)
    for each in words:
        assert each.en in ibkr_name(each)
        plain = re.sub(r"</?b>", "", marked(each)).replace("&amp;", "&").replace("&#x27;", "'")
        assert each.en in plain or each.en.replace(" ", "-") == plain.replace(" ", "-")
        assert ibkr_name(each).count(each.en) == 1 or each.en == each.de
