"""Trades: round trips from flat to flat in one account and instrument."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import NamedTuple, NewType

from ibjournal.domain.depot import AccountId
from ibjournal.domain.execution import ExecutionId
from ibjournal.domain.instrument import InstrumentId

TradeKey = NewType("TradeKey", str)
"""``account/instrument/opening execution``: survives re-import, corrections and every rebuild."""


class Side(str, Enum):
    """Which way a trade stands."""

    LONG = "long"
    SHORT = "short"


class TradeStatus(str, Enum):
    """Whether the position is flat again."""

    OPEN = "open"
    CLOSED = "closed"


class Role(str, Enum):
    """What an execution, or a piece of one, does in a trade."""

    OPENING = "opening"
    CLOSING = "closing"


class Piece(NamedTuple):
    """The part of an execution that belongs to a trade; a flip through zero is one execution with two pieces.

    ``quantity`` is signed as the execution's; ``fees`` are its commission and taxes, pro rata, negative as a cost. A tuple, because
    a rebuild makes one for every fill.
    """

    execution: ExecutionId
    role: Role
    quantity: Decimal
    fees: Decimal
    account: AccountId | None = None
    """Where the execution stands, if not in the trade's own account and instrument: lots can move."""
    instrument: InstrumentId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """A round trip, built from matches and open lots; derived, and rebuilt whenever its instrument is touched.

    Prices are averages weighted by quantity. ``gross``, ``fees`` and ``net`` are the *realised* results in
    ``currency``; ``net_base`` is the same in the account's base currency at the rates of the closing fills, None where no
    rate is known. ``gross`` and ``net`` are None where neither the entry nor IBKR's figure is known.
    """

    key: TradeKey
    account: AccountId
    instrument: InstrumentId
    side: Side
    status: TradeStatus
    opened_at: datetime
    closed_at: datetime | None
    opened_on: date
    """Trading day of the first opening fill (of the first fill where the entry is not known)."""
    closed_on: date | None
    """Trading day of the fill that made it flat; None while open."""
    quantity: Decimal
    """How much was opened in all (positive)."""
    open_quantity: Decimal
    """What is left (positive), 0 when closed."""
    entry_price: Decimal | None
    exit_price: Decimal | None
    gross: Decimal | None
    fees: Decimal
    net: Decimal | None
    net_base: Decimal | None
    currency: str
    entry_known: bool = True
    """False where history starts after the trade was opened: results are IBKR's own."""
    provisional: bool = False
    """Whether a fill of it is known from a confirmation alone."""
    ended_by: str = ""
    """Why it ended, where not by a fill on an exchange: ``expired``, ``assigned``, ``exercised``, ``settled`` (in cash),
    ``merged``, ``tendered``, ``matured``, ``worthless``, ``removed``, ``transferred``."""
    booked: Decimal | None = None
    """``net`` as IBKR books it: an option's premium moved into the shares at exercise or assignment. None where ``net`` is."""
    currency_effect: Decimal | None = None
    """What the change of the rate between opening and closing did to the invested cost, in the base currency.

    ``net_base`` is the price effect; both together are the result in the base currency. 0 for what is settled day by day (futures,
    CFDs); None where a rate is not known.
    """
    pieces: tuple[Piece, ...] = ()
