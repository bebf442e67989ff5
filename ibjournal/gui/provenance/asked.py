"""What can be asked "where does this number come from?"; a screen hands one of these to the window."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from ibjournal.analytics.reconciliation import Check
from ibjournal.domain.cash import CashEntry
from ibjournal.domain.depot import AccountId, DepotId
from ibjournal.domain.execution import ExecutionId
from ibjournal.domain.instrument import InstrumentId
from ibjournal.domain.period import ALL_TIME, Period
from ibjournal.domain.provenance import RowRef
from ibjournal.domain.trade import TradeKey


@dataclass(frozen=True, slots=True)
class OfTrade:
    """The result of a trade; ``title`` is what it is called."""

    key: TradeKey
    title: str = ""


@dataclass(frozen=True, slots=True)
class OfExecution:
    """A fill, or an event that stands in its place."""

    account: AccountId
    instrument: InstrumentId
    uid: ExecutionId
    title: str = ""


@dataclass(frozen=True, slots=True)
class OfCheck:
    """A comparison with IBKR."""

    check: Check


@dataclass(frozen=True, slots=True)
class OfCash:
    """A booking."""

    entry: CashEntry


@dataclass(frozen=True, slots=True)
class OfEquity:
    """The net asset value of a day."""

    account: AccountId
    day: date


@dataclass(frozen=True, slots=True)
class OfFigure:
    """A figure over a depot and a period: of closed trades, or (``values``) of days of net asset value."""

    name: str
    title: str
    values: bool = False
    depot: DepotId | None = None
    period: Period = ALL_TIME


@dataclass(frozen=True, slots=True)
class OfRow:
    """A single row of a report."""

    ref: RowRef
    title: str = ""


OF_VALUES = frozenset({"twr", "mwr", "profit", "max_drawdown", "volatility", "sharpe", "sortino", "nav"})
"""Figures that rest on the net asset values of days; all others rest on closed trades."""

Asked: TypeAlias = OfTrade | OfExecution | OfCheck | OfCash | OfEquity | OfFigure | OfRow
