"""What strategies earned: each lot belongs to the strategy that opened it.

A trade from flat to flat may hold fills of several strategies, and of none. Where all of it is one strategy's, the trade's own
figures are; else its lot matches are told apart by the execution that opened them. So the sum over all strategies and what
belongs to none is the sum over the trades.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from ibjournal.domain.execution import ExecutionId
from ibjournal.domain.instrument import InstrumentId
from ibjournal.domain.lots import LotMatch
from ibjournal.domain.strategy import LegFill
from ibjournal.domain.trade import Role, Trade, TradeKey

_ZERO = Decimal(0)


class Lots(NamedTuple):
    """Of one trade: its matches, and which of its opening executions have something left."""

    matches: Sequence[LotMatch]
    open: frozenset[ExecutionId]


LotSource = Callable[[Trade], Lots]
"""Asked for the lots of a trade, only where several strategies share it."""


@dataclass(slots=True)
class Result:
    """Realised results; see `ibjournal.domain.strategy.Strategy` for units. Not known is None, and stays so."""

    net: Decimal | None = _ZERO
    fees: Decimal = _ZERO
    booked: Decimal | None = _ZERO
    net_base: Decimal | None = _ZERO
    currency_effect: Decimal | None = _ZERO

    def add(
        self,
        *,
        net: Decimal | None,
        fees: Decimal,
        booked: Decimal | None,
        net_base: Decimal | None,
        currency_effect: Decimal | None,
    ) -> None:
        """Add a part."""
        self.net = _sum(self.net, net)
        self.fees += fees
        self.booked = _sum(self.booked, booked)
        self.net_base = _sum(self.net_base, net_base)
        self.currency_effect = _sum(self.currency_effect, currency_effect)


@dataclass(slots=True)
class LegEnd:
    """When the lots of a leg were all closed; ``at`` is None while one is open."""

    at: datetime | None = None
    on: date | None = None
    is_open: bool = False

    def take(self, other: LegEnd) -> None:
        """Take the end of another part of the leg."""
        self.is_open = self.is_open or other.is_open
        if other.at is not None and other.on is not None:
            self.note(other.at, other.on)

    def note(self, at: datetime, on: date) -> None:
        """Take a closing."""
        if self.at is None or at >= self.at:
            self.at, self.on = at, on


class _Known:
    """The lots of a trade, by the execution that opened them."""

    def __init__(self, lots: Lots) -> None:
        self.open = lots.open
        self._matches: dict[ExecutionId | None, list[tuple[int, LotMatch]]] = {}
        for number, match in enumerate(lots.matches):
            self._matches.setdefault(match.opening, []).append((number, match))

    def matches_of(self, executions: Iterable[ExecutionId]) -> list[LotMatch]:
        """Return the matches of what some executions opened, in the order in which they came."""
        mine = [each for execution in executions for each in self._matches.get(execution, ())]
        return [match for _number, match in sorted(mine, key=lambda each: each[0])]


def _sum(first: Decimal | None, second: Decimal | None) -> Decimal | None:
    return None if first is None or second is None else first + second


class Attribution:
    """Attributes the results of trades to owners of opening executions."""

    def __init__(
        self, trades: Mapping[TradeKey, Trade], days: Mapping[tuple[InstrumentId, ExecutionId], date], lots: LotSource
    ) -> None:
        self._trades = trades
        self._days = days
        self._lots_of = lots
        self._known: dict[TradeKey, _Known] = {}
        self._openings: dict[TradeKey, set[ExecutionId]] = {}

    def of(self, fills: Iterable[LegFill]) -> tuple[Result, dict[InstrumentId, LegEnd]]:
        """Return what some opening executions earned, and when each leg ended."""
        result = Result()
        ends: dict[InstrumentId, LegEnd] = {}
        mine: dict[TradeKey, set[ExecutionId]] = {}
        legs: dict[TradeKey, set[InstrumentId]] = {}  # more than one where lots have moved
        for fill in fills:
            mine.setdefault(fill.trade, set()).add(fill.execution)
            legs.setdefault(fill.trade, set()).add(fill.instrument)
            ends.setdefault(fill.instrument, LegEnd())
        for key, executions in mine.items():
            trade = self._trades[key]
            end = LegEnd()
            if trade.entry_known and self._openings_of(trade) <= executions:
                self._whole(trade, result, end)
            else:
                self._part(trade, executions, result, end)
            for leg in legs[key]:
                ends[leg].take(end)
        return result, ends

    def _whole(self, trade: Trade, result: Result, end: LegEnd) -> None:
        booked = trade.net if trade.booked is None else trade.booked
        result.add(net=trade.net, fees=trade.fees, booked=booked, net_base=trade.net_base, currency_effect=trade.currency_effect)
        if trade.closed_at is None or trade.closed_on is None:
            end.is_open = True
        else:
            end.note(trade.closed_at, trade.closed_on)

    def _part(self, trade: Trade, executions: set[ExecutionId], result: Result, end: LegEnd) -> None:
        known = self._known.get(trade.key)
        if known is None:
            known = self._known[trade.key] = _Known(self._lots_of(trade))
        for match in known.matches_of(executions):
            rate = match.close_rate
            result.add(
                net=match.net,
                fees=match.fees,
                booked=match.net if match.booked is None else match.booked,
                net_base=None if rate is None or match.net is None else match.net * rate,
                currency_effect=match.currency_effect,
            )
            day = self._days.get((trade.instrument, match.closing), match.closed_at.date())
            end.note(match.closed_at, day)
        if not known.open.isdisjoint(executions):
            end.is_open = True

    def _openings_of(self, trade: Trade) -> set[ExecutionId]:
        openings = self._openings.get(trade.key)
        if openings is None:
            openings = self._openings[trade.key] = {piece.execution for piece in trade.pieces if piece.role is Role.OPENING}
        return openings
