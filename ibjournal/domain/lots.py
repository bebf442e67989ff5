"""FIFO lot matching: executions become lot matches and open lots, per account and instrument."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ibjournal.domain.execution import ExecutionId
from ibjournal.domain.trade import TradeKey

_NO_TRADE = TradeKey("")


@dataclass(frozen=True, slots=True, kw_only=True)
class LotMatch:
    """A quantity that one execution opened and another closed: the finest truth of a result.

    ``quantity`` is positive; ``direction`` is +1 for a long lot, -1 for a short one. Money is in the instrument's
    currency: ``gross`` is the price effect alone; ``fees`` (commissions and taxes of both sides, negative as a cost)
    is pro rata, the last piece of an execution taking the remainder; ``net = gross + fees``.
    ``opening`` is None where history starts later: then ``net`` is IBKR's own realised figure, ``open_price`` IBKR's cost a unit
    (its fees included) where the row has one, and ``opened_at`` is None. After a split ``quantity`` and ``open_price`` are in the
    units of the closing fill. Cash that came with an exchange is a match of quantity 0: it earns, and closes no unit.
    """

    opening: ExecutionId | None
    closing: ExecutionId
    direction: int
    quantity: Decimal
    open_price: Decimal | None
    close_price: Decimal
    opened_at: datetime | None
    closed_at: datetime
    gross: Decimal | None
    fees: Decimal
    net: Decimal | None
    trade: TradeKey = _NO_TRADE
    """The trade that it belongs to."""
    booked: Decimal | None = None
    """``net`` as IBKR books it, where that differs: premium moved at exercise and assignment. None means: the same."""
    open_rate: Decimal | None = None
    """Rate into the base currency when it was opened, and when it was closed."""
    close_rate: Decimal | None = None
    currency_effect: Decimal | None = None
    """Invested cost × change of the rate, in the base currency; with ``net`` × ``close_rate`` it is the result there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLot:
    """What is left of an opening execution.

    ``quantity`` is signed; ``cost`` is what it cost including fees, signed as IBKR's ``costBasisMoney`` (positive for a long lot).
    """

    opening: ExecutionId
    quantity: Decimal
    price: Decimal
    cost: Decimal
    opened_at: datetime
    trade: TradeKey = _NO_TRADE
    """The trade that it belongs to."""
    booked_cost: Decimal | None = None
    """``cost`` as IBKR books it, where that differs: the premium of an assigned option. None means: the same."""
    rate: Decimal | None = None
    """Rate into the base currency when it was opened."""
    basis_known: bool = True
    """False for units that came from elsewhere while the user has not said what they had cost: price and cost are then 0."""
