"""The one filter object that every screen shares."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from ibjournal.domain.depot import AccountId, DepotId
from ibjournal.domain.period import ALL_TIME, Period


class TradeState(str, Enum):
    """The journal's state filter."""

    ALL = "all"
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeFilter:
    """Which trades a screen shows. ``depot`` and ``account`` None mean all.

    The period holds a closed trade by the day it was closed on and an open one by the day it was opened on
    (an open trade opened before the period's end always belongs).
    """

    depot: DepotId | None = None
    account: AccountId | None = None
    period: Period = ALL_TIME
    state: TradeState = TradeState.ALL
    text: str = ""
    """Found in symbol, description, underlying or note, any case; several words must all be found."""
