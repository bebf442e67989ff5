"""Corporate actions of one instant come in the order of their numbers, and are told by their ids."""

from __future__ import annotations

from decimal import Decimal
from itertools import permutations

import pytest

from ibjournal.domain.matching import match_instrument
from tests.fakes.builders import make_action, make_execution

D = Decimal


def test_actions_of_one_instant_come_in_the_order_of_their_transactions() -> None:
    """A split of two for one, then a split of three for one. As numbers: 10 comes after 9."""
    actions = [
        make_action("FS", 100, id="x", transaction_id="9", minutes=5),
        make_action("FS", 400, id="a", transaction_id="10", minutes=5),
        make_action("FS", 600, id="b", transaction_id="", minutes=6),
    ]
    for order in permutations(actions):
        result = match_instrument([make_execution(1, 100, 10)], list(order))
        assert result.problems == ()
        assert [lot.quantity for lot in result.open_lots] == [1200]


def test_an_action_without_a_number_comes_first() -> None:
    """The reverse split of what the other made would not fit the other way round."""
    actions = [make_action("FS", 100, id="b", transaction_id="1", minutes=5), make_action("RS", -90, id="a", minutes=5)]
    for order in permutations(actions):
        result = match_instrument([make_execution(1, 100, 10)], list(order))
        assert [lot.quantity for lot in result.open_lots] == [110]


@pytest.mark.parametrize(("action_id", "told"), [("A7", "A7"), ("", "row")])
def test_what_is_not_known_is_told_by_the_actions_id(action_id: str, told: str) -> None:
    (problem,) = match_instrument([make_execution(1)], [make_action("??", 5, id="row", action_id=action_id)]).problems
    assert (problem.code, dict(problem.values)["event"]) == ("unknown_event", told)


def test_matches_are_left_out_where_nobody_wants_them() -> None:
    rows = [make_execution(1), make_execution(2, -100, 11)]
    quick = match_instrument(rows, with_matches=False)
    assert quick.matches == ()
    assert quick.trades == match_instrument(rows).trades
    action = make_action("FS", 100, minutes=1)
    assert match_instrument(rows, [action], with_matches=False).matches == ()
