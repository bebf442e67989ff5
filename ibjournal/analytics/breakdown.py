"""Results grouped by what a trade is or when it ended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum

from ibjournal.domain.instrument import AssetClass
from ibjournal.domain.trade import Side

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class GroupBy(str, Enum):
    """What results can be grouped by. Weekday and month are those of the close."""

    SYMBOL = "symbol"
    ASSET_CLASS = "asset_class"
    WEEKDAY = "weekday"
    SIDE = "side"
    MONTH = "month"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedResult:
    """A closed trade's net result with all that it can be grouped by."""

    net: Decimal
    closed_on: date
    symbol: str
    asset_class: AssetClass
    side: Side


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One line of a breakdown, money in the report's currency.

    ``label`` is a symbol, or a code: IBKR's asset class, ``monday`` …, ``long`` or ``short``, ``2026-03``.
    """

    label: str
    n: int
    wins: int
    net: Decimal


def breakdown(results: Iterable[ClosedResult], by: GroupBy) -> tuple[Group, ...]:
    """Group results. Weekdays and months come in order of time, everything else with the largest result first."""
    nets: dict[str, list[Decimal]] = {}
    for result in results:
        nets.setdefault(_label(result, by), []).append(result.net)
    groups = [
        Group(label=label, n=len(own), wins=sum(net > 0 for net in own), net=sum(own, Decimal(0))) for label, own in nets.items()
    ]
    if by is GroupBy.WEEKDAY:
        return tuple(sorted(groups, key=lambda group: _WEEKDAYS.index(group.label)))
    if by is GroupBy.MONTH:
        return tuple(sorted(groups, key=lambda group: group.label))
    return tuple(sorted(groups, key=lambda group: (-group.net, group.label)))


def _label(result: ClosedResult, by: GroupBy) -> str:
    if by is GroupBy.SYMBOL:
        return result.symbol
    if by is GroupBy.ASSET_CLASS:
        return result.asset_class.value
    if by is GroupBy.SIDE:
        return result.side.value
    if by is GroupBy.WEEKDAY:
        return _WEEKDAYS[result.closed_on.weekday()]
    return f"{result.closed_on:%Y-%m}"
