"""Sums over trades, currency by currency; nothing is added across currencies."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from ibjournal.domain.trade import TradeStatus
from ibjournal.gui.journal.trade_words import result_of
from ibjournal.services.journal import TradeRow

Sums = tuple[tuple[str, Decimal], ...]
"""Amounts by currency, in the order they were met."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeTotals:
    """What a sum row tells. ``wins`` and ``losses`` count closed trades whose net result is above or below zero."""

    count: int = 0
    open: int = 0
    wins: int = 0
    losses: int = 0
    net: Sums = ()
    fees: Sums = ()
    """In the currencies of the trades, negative as a cost."""
    provisional: int = 0
    provisional_net: Sums = ()
    entry_unknown: int = 0
    largest: Decimal = Decimal(0)
    """The largest net result without its sign, whatever its currency: what a bar of full length stands for."""


def total(rows: Iterable[TradeRow]) -> TradeTotals:
    """Add up trades."""
    net: dict[str, Decimal] = {}
    fees: dict[str, Decimal] = {}
    provisional: dict[str, Decimal] = {}
    largest = Decimal(0)
    count = opened = wins = losses = waiting = unknown = 0
    for row in rows:
        trade, result = row.trade, result_of(row)
        count += 1
        opened += trade.status is TradeStatus.OPEN
        waiting += trade.provisional
        unknown += not trade.entry_known
        if trade.fees:
            fees[trade.currency] = fees.get(trade.currency, Decimal(0)) + trade.fees
        if result.value is None:
            continue
        largest = max(largest, abs(result.value))
        net[result.currency] = net.get(result.currency, Decimal(0)) + result.value
        if trade.provisional:
            provisional[result.currency] = provisional.get(result.currency, Decimal(0)) + result.value
        if trade.status is TradeStatus.CLOSED:
            wins += result.value > 0
            losses += result.value < 0
    return TradeTotals(
        count=count,
        open=opened,
        wins=wins,
        losses=losses,
        net=tuple(net.items()),
        fees=tuple(fees.items()),
        provisional=waiting,
        provisional_net=tuple(provisional.items()),
        entry_unknown=unknown,
        largest=largest,
    )
