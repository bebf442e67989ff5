"""What holds for any orders whatever."""

from __future__ import annotations

from decimal import Decimal
from random import Random

import pytest

from ibjournal.domain.execution import ExecutionId
from ibjournal.domain.strategy import ChoiceKind
from ibjournal.domain.trade import Role
from tests.fakes.strategy_desk import Desk

WORDS = ("S", "C95", "C100", "C105", "P95", "P100", "C100f", "P95f", "C80L")
SEEDS = range(60)


def random_desk(seed: int) -> Desk:
    """Return a desk after some forty orders, single ones and combinations, closing and opening, near and far in time."""
    chance = Random(seed)
    desk = Desk()
    moment = 0.0
    for _order in range(40):
        moment += chance.choice((0, 1, 30, 61, 4000, 90000))
        legs = chance.sample(WORDS, chance.choice((1, 1, 1, 2, 2, 4)))
        pair = f"0000cc.{chance.randrange(10**6):06d}" if len(legs) > 1 else ""
        for number, word in enumerate(legs, start=2):
            quantity = chance.choice((-3, -2, -1, 1, 2, 3)) * (100 if word == "S" else 1)
            exec_id = f"{pair}.{number:02d}.01" if pair else ""
            price = str(chance.randrange(1, 900) / Decimal(100))
            rate = chance.choice(("0.9", "0.92", "1.1"))
            desk.fill(word, quantity, price, seconds=moment, exec_id=exec_id, fx_rate_to_base=rate)
    return desk


@pytest.mark.parametrize("seed", SEEDS)
def test_strategies_and_what_belongs_to_none_add_up_to_the_trades(seed: int) -> None:
    desk = random_desk(seed)
    found = desk.strategies()
    owned = {opening for each in found for opening in each.openings}
    rest = {name: Decimal(0) for name in ("net", "booked", "fees", "net_base", "currency_effect")}
    for instrument, matching in desk.matchings().items():
        for match in matching.matches:
            assert match.net is not None
            assert match.close_rate is not None
            assert match.currency_effect is not None
            if (instrument, match.opening) in owned:
                continue
            rest["net"] += match.net
            rest["fees"] += match.fees
            rest["booked"] += match.net if match.booked is None else match.booked
            rest["net_base"] += match.net * match.close_rate
            rest["currency_effect"] += match.currency_effect
    trades = desk.trades().values()
    for figure, left in rest.items():
        strategies = sum((getattr(each, figure) for each in found), Decimal(0))
        assert strategies + left == sum((getattr(each, figure) for each in trades), Decimal(0)), figure


@pytest.mark.parametrize("seed", SEEDS)
def test_each_opening_of_an_option_is_in_one_strategy(seed: int) -> None:
    desk = random_desk(seed)
    openings = [
        (trade.instrument, piece.execution)
        for trade in desk.trades().values()
        for piece in trade.pieces
        if piece.role is Role.OPENING and trade.instrument != "100"
    ]
    held = [opening for each in desk.strategies() for opening in each.openings]
    assert len(held) == len(set(held))
    assert set(openings) <= set(held)
    assert {instrument for instrument, _execution in set(held) - set(openings)} <= {"100"}


@pytest.mark.parametrize("seed", SEEDS)
def test_the_order_of_the_rows_changes_nothing(seed: int) -> None:
    desk = random_desk(seed)
    before = desk.strategies()
    Random(seed).shuffle(desk.executions)
    assert desk.strategies() == before


@pytest.mark.parametrize("seed", range(20))
def test_a_word_about_one_strategy_leaves_no_fill_out_and_none_twice(seed: int) -> None:
    desk = random_desk(seed)
    chance = Random(seed)
    openings = [execution for each in desk.strategies() for _instrument, execution in each.openings]
    chosen: list[ExecutionId] = chance.sample(openings, 6)
    choices = [
        desk.choice(1, ChoiceKind.TOGETHER, chosen[:4]),
        desk.choice(2, ChoiceKind.APART, chosen[2:], parts=[0, 0, 1, 2]),
    ]
    held = [opening for each in desk.strategies(*choices) for opening in each.openings]
    assert len(held) == len(set(held))
    options = {
        (trade.instrument, piece.execution)
        for trade in desk.trades().values()
        for piece in trade.pieces
        if piece.role is Role.OPENING and trade.instrument != "100"
    }
    assert options <= set(held)
