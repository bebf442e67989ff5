"""Greatest profit and loss, and where a strategy breaks even."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from ibjournal.domain.instrument import AssetClass
from ibjournal.domain.strategy_payoff import Payoff, payoff_of
from ibjournal.domain.strategy_payoff import payoff as payoff_of_legs
from tests.fakes.strategy_desk import Desk


def payoff(legs: str, *, desk: Desk | None = None) -> Payoff | None:
    """Return what legs such as ``-1P95@2`` (sold at 2) are worth, opened by one order."""
    desk = desk or Desk()
    for number, leg in enumerate(legs.split(), start=2):
        word, _at, price = leg.partition("@")
        size, contract = word.split("x")
        desk.fill(contract, int(size), price, exec_id=f"00aa.01.{number:02d}.01")
    (only,) = desk.strategies()
    return payoff_of(only)


@pytest.mark.parametrize(
    ("legs", "profit", "loss", "even"),
    [
        ("+1xC100@3", None, "-300", ["103"]),
        ("-1xC100@3", "300", None, ["103"]),
        ("+1xP100@3", "9700", "-300", ["97"]),
        ("-2xP100@3", "600", "-19400", ["97"]),
        ("+1xP90@1 -1xP95@2", "100", "-400", ["94"]),
        ("+1xC100@4 -1xC110@1", "700", "-300", ["103"]),
        ("+1xP90@1 -1xP95@2 -1xC105@2 +1xC110@1", "200", "-300", ["93", "107"]),
        ("+3xP90@1 -3xP95@2 -3xC105@2 +3xC110@1", "600", "-900", ["93", "107"]),
        ("+1xC90@12 -2xC100@5 +1xC110@1.5", "650", "-350", ["93.5", "106.5"]),
        ("+1xC100@4 +1xP100@3", None, "-700", ["93", "107"]),
        ("-1xC100@4 -1xP100@3", "700", None, ["93", "107"]),
        ("+1xC100@5 -2xC110@2", "900", None, ["101", "119"]),
        ("+100xS@100 -1xC110@3", "1300", "-9700", ["97"]),
        ("+100xS@100 +1xP100@4 -1xC100@4.5", "50", "50", []),
    ],
)
def test_payoffs(legs: str, profit: str | None, loss: str | None, even: list[str]) -> None:
    found = payoff(legs)
    assert found == Payoff(
        max_profit=None if profit is None else Decimal(profit),
        max_loss=None if loss is None else Decimal(loss),
        break_evens=tuple(Decimal(each) for each in even),
    )


def test_a_future_with_an_option_counts_points() -> None:
    found = payoff("+1xS@5000 -1xC5100@20", desk=Desk(AssetClass.FOP))
    assert found == Payoff(max_profit=Decimal(6000), max_loss=Decimal(-249000), break_evens=(Decimal(4980),))


@pytest.mark.parametrize("legs", ["-1xC100@2 +1xC100f@4"])
def test_two_expiries_have_no_one_value(legs: str) -> None:
    assert payoff(legs) is None


def test_cover_that_is_no_leg_has_a_cost_of_its_own() -> None:
    desk = Desk()
    desk.fill("S", 100, 80, days=-10)
    desk.fill("C110", -1, 3)
    (only,) = desk.strategies()
    assert only.referenced
    assert payoff_of(only) is None


def test_without_a_strike_nothing_is_reckoned() -> None:
    desk = Desk()
    desk.fill("C100", 1, 3)
    (only,) = desk.strategies()
    (leg,) = only.legs
    assert payoff_of_legs([leg]) is not None
    assert payoff_of_legs([replace(leg, strike=None)]) is None
    assert payoff_of_legs([]) is None


def test_a_share_has_no_strike_and_needs_none() -> None:
    desk = Desk()
    desk.fill("S", 100, 50)
    desk.fill("C55", -1, 2, seconds=1)
    (only,) = desk.strategies()
    bare = [replace(leg, strike=None) if not leg.right else leg for leg in only.legs]
    assert payoff_of_legs(bare) == payoff_of_legs(only.legs)
