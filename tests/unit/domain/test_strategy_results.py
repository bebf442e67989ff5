"""When a leg ended: with the last of its parts, in whatever order they are told."""

from __future__ import annotations

from itertools import permutations

from ibjournal.domain.strategy_results import LegEnd
from tests.fakes.builders import at


def test_the_last_closing_ends_a_leg() -> None:
    for order in permutations([at(1), at(2000), at(4000)]):
        end = LegEnd()
        for moment in order:
            end.note(moment, moment.date())
        assert (end.at, end.on, end.is_open) == (at(4000), at(4000).date(), False)


def test_parts_of_a_leg_are_open_as_long_as_one_is() -> None:
    end, other = LegEnd(), LegEnd(is_open=True)
    end.note(at(5), at(5).date())
    other.note(at(3), at(3).date())
    end.take(other)
    assert (end.at, end.is_open) == (at(5), True)
    end.take(LegEnd())
    assert (end.at, end.is_open) == (at(5), True)
