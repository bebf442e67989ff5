"""Statistics of closed trades, each with its sample size. Money in the one currency of the results that are given.

A result of exactly 0 (or within the tolerance) is a break-even: it counts for net result and expectancy, for neither wins
nor losses, and neither extends nor ends a run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from statistics import median

from ibjournal.analytics.figures import MIN_TRADES, Figure
from ibjournal.analytics.risk import mean, sample_deviation
from ibjournal.domain.money import plain

_ZERO = Decimal(0)
_SQN_CAP = 100


@dataclass(frozen=True, slots=True)
class TradeResult:
    """What statistics need of a closed trade: the net result and how long it was held."""

    net: Decimal
    held: timedelta | None = None


class TradeStatistics:
    """Measures results in the order in which the trades were closed.

    Args:
        results: closed trades, oldest close first.
        of: how many closed trades there are in all, where some could not be given a result.
        tolerance: a result between plus and minus this is a break-even.
    """

    def __init__(self, results: Sequence[TradeResult], *, of: int | None = None, tolerance: Decimal = _ZERO) -> None:
        self.nets = [result.net for result in results]
        self.held = [result.held for result in results if result.held is not None]
        self.wins = [net for net in self.nets if net > tolerance]
        self.losses = [net for net in self.nets if net < -tolerance]
        self._of = of if of is not None and of != len(self.nets) else None
        self._signs = [0 if abs(net) <= tolerance else 1 if net > 0 else -1 for net in self.nets]

    @property
    def n(self) -> int:
        """How many results there are."""
        return len(self.nets)

    @property
    def decided(self) -> int:
        """How many won or lost."""
        return len(self.wins) + len(self.losses)

    def win_rate(self) -> Figure:
        """Wins over wins and losses; break-evens are left out. ``n`` is the wins, ``of`` the decided trades."""
        n, of = len(self.wins), self.decided
        value = plain(Decimal(n) / of) if of else None
        return Figure(
            name="win_rate", kind="ratio", value=value, n=n, of=of, why="" if of else "no_trades", too_few=0 < of < MIN_TRADES
        )

    def net_result(self) -> Figure:
        """Sum of the net results."""
        return self._money("net_result", sum(self.nets, _ZERO) if self.nets else None, self.n, few=False)

    def expectancy(self) -> Figure:
        """Mean net result a trade, break-evens included."""
        return self._money("expectancy", _rounded_mean(self.nets), self.n)

    def average_win(self) -> Figure:
        """Mean of the wins."""
        return self._money("average_win", _rounded_mean(self.wins), len(self.wins), why="no_wins")

    def average_loss(self) -> Figure:
        """Mean of the losses, negative."""
        return self._money("average_loss", _rounded_mean(self.losses), len(self.losses), why="no_losses")

    def best(self) -> Figure:
        """The largest single result."""
        return self._money("best_trade", max(self.nets, default=None), self.n, few=False)

    def worst(self) -> Figure:
        """The smallest single result."""
        return self._money("worst_trade", min(self.nets, default=None), self.n, few=False)

    def profit_factor(self) -> Figure:
        """Sum of the wins over the sum of the losses, of net results; ``no_losses`` where it would be infinite."""
        lost = -sum(self.losses, _ZERO)
        value = plain(sum(self.wins, _ZERO) / lost) if lost else None
        return self._number("profit_factor", value, self.n, why="no_losses")

    def payoff(self) -> Figure:
        """Mean win over mean loss."""
        average_win, average_loss = mean(self.wins), mean(self.losses)
        value = plain(average_win / -average_loss) if average_win is not None and average_loss is not None else None
        return self._number("payoff", value, self.decided, why="no_losses" if self.wins else "no_wins")

    def kelly(self, *, with_break_even: bool = False) -> Figure:
        """Kelly's fraction p - (1 - p) / b with b the payoff; p over the decided trades, or over all of them."""
        payoff = self.payoff()
        count = self.n if with_break_even else self.decided
        value = None
        if payoff.value and count:
            p = Decimal(len(self.wins)) / count
            value = plain(p - (1 - p) / payoff.value)
        return self._figure("kelly", "ratio", value, count, why=payoff.why)

    def longest_run(self, sign: int) -> Figure:
        """The longest row of wins (+1) or losses (-1) by time of closing."""
        longest = run = 0
        for each in self._signs:
            if each:
                run = run + 1 if each == sign else 0
                longest = max(longest, run)
        name = "longest_winning_run" if sign > 0 else "longest_losing_run"
        return self._figure(name, "count", Decimal(longest) if self.nets else None, self.n, few=False)

    def holding_time(self) -> Figure:
        """Median time from the first fill to the last, in days of 24 hours."""
        days = [Decimal(held // timedelta(seconds=1)) / 86_400 for held in self.held]
        return self._figure("holding_time_median", "days", plain(median(days)) if days else None, len(days), few=False)

    def _money(self, name: str, value: Decimal | None, n: int, *, why: str = "", few: bool = True) -> Figure:
        return self._figure(name, "money", value, n, why=why, few=few)

    def _number(self, name: str, value: Decimal | None, n: int, *, why: str = "") -> Figure:
        return self._figure(name, "number", value, n, why=why)

    def _figure(self, name: str, kind: str, value: Decimal | None, n: int, *, why: str = "", few: bool = True) -> Figure:
        reason = "" if value is not None else (why if self.nets and why else "no_trades")
        return Figure(
            name=name,
            kind=kind,
            value=value,
            n=n,
            of=self._of if n == self.n else None,
            why=reason,
            too_few=few and 0 < n < MIN_TRADES,
        )


def _rounded_mean(values: Sequence[Decimal]) -> Decimal | None:
    average = mean(values)
    return None if average is None else plain(average)


def system_quality(multiples: Sequence[Decimal], *, population: bool = False) -> Figure:
    """Return the system quality number of R multiples: root of min(n, 100) times mean over deviation (n - 1).

    ``population`` divides by n instead, as some sources do.
    """
    n = len(multiples)
    deviation = sample_deviation(multiples)
    if deviation and population:
        deviation *= (Decimal(n - 1) / n).sqrt()
    middle = mean(multiples)
    value = plain(Decimal(min(n, _SQN_CAP)).sqrt() * middle / deviation) if deviation and middle is not None else None
    why = "" if value is not None else ("no_trades" if not n else "no_spread")
    return Figure(name="sqn", kind="number", value=value, n=n, why=why, too_few=0 < n < MIN_TRADES)


def trade_figures(statistics: TradeStatistics) -> tuple[Figure, ...]:
    """Return the figures of the statistics panel, in its order."""
    return (
        statistics.net_result(),
        statistics.expectancy(),
        statistics.average_win(),
        statistics.average_loss(),
        statistics.profit_factor(),
        statistics.payoff(),
        statistics.best(),
        statistics.worst(),
        statistics.longest_run(1),
        statistics.longest_run(-1),
        statistics.holding_time(),
        statistics.kelly(),
    )
