"""Corporate actions of one instant come in the order of their ids, and are told by them."""

from __future__ import annotations

from decimal import Decimal
from itertools import permutations

import pytest

from ibjournal.domain.matching import match_instrument
from tests.fakes.builders import make_action, make_execution

D = Decimal


def test_actions_of_one_instant_come_in_the_order_of_their_ids() -> None:
    """Ten for one first: six hundred cannot be taken from the hundred that there were."""
    actions = [
        make_action("FS", 900, action_id="1", minutes=5),
        make_action("FS", -600, action_id="2", minutes=5),
        make_action("FS", 400, action_id="0", minutes=6),
    ]
    for order in permutations(actions):
        result = match_instrument([make_execution(1, 100, 10)], list(order))
        assert result.problems == ()
        assert [lot.quantity for lot in result.open_lots] == [800]


def test_fractions_of_a_unit_are_split_too() -> None:
    (lot,) = match_instrument([make_execution(1, "0.25", 10)], [make_action("FS", "0.5")]).open_lots
    assert [lot.quantity, lot.price] == [D("0.75"), D("3.3333333333")]


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
