"""What a strategy is worth at expiry: greatest profit and loss, and where it breaks even. Without fees.

The value at expiry is a line with a bend at each strike, so the bends, the end at a price of 0 and the slopes outside say all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from ibjournal.domain.money import plain
from ibjournal.domain.strategy import Strategy, StrategyLeg

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Payoff:
    """In the strategy's currency, for all of its quantity, from what its legs were opened for.

    ``max_profit`` and ``max_loss`` (negative for a loss) are None where they have no bound. ``break_evens`` are prices of the
    underlying, rising.
    """

    max_profit: Decimal | None
    max_loss: Decimal | None
    break_evens: tuple[Decimal, ...]


def payoff_of(strategy: Strategy) -> Payoff | None:
    """Return the value at expiry, None where there is no single one.

    That is: legs of several expiries, options whose terms no report tells, and cover that belongs to another strategy or to none,
    whose cost is not this one's.
    """
    options = [leg for leg in strategy.legs if leg.right]
    if strategy.referenced or len({leg.expiry for leg in options}) != 1:
        return None
    return payoff(strategy.legs)


def payoff(legs: Sequence[StrategyLeg]) -> Payoff | None:
    """Return the value at expiry of legs that end on one day; None where an option's strike is not known."""
    if any(leg.right and leg.strike is None for leg in legs) or not legs:
        return None
    bends = sorted({leg.strike for leg in legs if leg.strike is not None and leg.right} | {_ZERO})
    values = [_value(legs, price) for price in bends]
    slope = sum((leg.quantity * leg.multiplier for leg in legs if leg.right != "P"), _ZERO)
    return Payoff(
        max_profit=None if slope > 0 else max(values),
        max_loss=None if slope < 0 else min(values),
        break_evens=_break_evens(bends, values, slope),
    )


def _value(legs: Sequence[StrategyLeg], price: Decimal) -> Decimal:
    total = _ZERO
    for leg in legs:
        worth = price
        if leg.right:
            strike = leg.strike or _ZERO
            worth = max(price - strike, _ZERO) if leg.right == "C" else max(strike - price, _ZERO)
        total += (worth - leg.price) * leg.quantity * leg.multiplier
    return total


def _break_evens(bends: Sequence[Decimal], values: Sequence[Decimal], slope: Decimal) -> tuple[Decimal, ...]:
    found = []
    for index in range(len(bends) - 1):
        left, right = values[index], values[index + 1]
        if (left < 0) != (right < 0) and left != right:
            width = bends[index + 1] - bends[index]
            found.append(plain(bends[index] - left * width / (right - left)))
    last = values[-1]
    if slope and last and (last < 0) == (slope > 0):
        found.append(plain(bends[-1] - last / slope))
    return tuple(dict.fromkeys(found))
