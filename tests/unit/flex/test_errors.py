from __future__ import annotations

import pytest

from ibjournal.demo.flex_answers import MESSAGES
from ibjournal.domain.errors import FlexError
from ibjournal.flex.errors import ALL_CODES, OWN_CODES, RULES, TOKEN_CODES, TRANSIENT_CODES, Action, action_for, flex_error


def test_every_number_of_the_service_has_a_rule() -> None:
    assert set(RULES) == set(MESSAGES)
    assert 1002 not in RULES


def test_codes_are_told_apart() -> None:
    codes = [rule.code for rule in RULES.values()]
    assert len(set(codes)) == len(codes)
    assert not set(codes) & OWN_CODES
    assert TOKEN_CODES <= ALL_CODES


@pytest.mark.parametrize("number", [1010, 1011, 1012, 1013, 1014, 1015, 1016])
def test_what_only_the_user_can_mend(number: int) -> None:
    assert RULES[number].action is Action.ASK_USER


def test_the_lock_out_is_a_thing_of_its_own() -> None:
    assert [rule.number for rule in RULES.values() if rule.action is Action.LOCKED_OUT] == [1025]


def test_ibkrs_words_are_kept_short_and_on_one_line() -> None:
    error = flex_error(1012, "Token\n  has expired. " + "x" * 1000, call="SendRequest")
    assert error.code == "token_expired"
    assert str(error.values["text"]).startswith("Token has expired.")
    assert len(str(error.values["text"])) == 300


def test_an_unknown_number_stops() -> None:
    error = flex_error(1999, "New", call="GetStatement")
    assert error.code == "unknown_code"
    assert action_for(error) is Action.STOP


@pytest.mark.parametrize("code", sorted(TRANSIENT_CODES))
def test_the_way_may_get_better(code: str) -> None:
    assert action_for(FlexError(code)) is Action.WAIT


@pytest.mark.parametrize("code", sorted(OWN_CODES - TRANSIENT_CODES))
def test_other_failures_of_ours_stop(code: str) -> None:
    assert action_for(FlexError(code)) is Action.STOP
