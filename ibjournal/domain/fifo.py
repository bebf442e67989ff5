"""The lots of one instrument that are open at a moment, oldest first: opened, consumed, split.

Mutable and fast; nothing outside the engine sees it. Amounts stay exact: what is shared out pro rata is rounded to
ten places and the last piece takes the remainder, so that the pieces always add up to the whole.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from ibjournal.domain.execution import ExecutionId
from ibjournal.domain.lots import OpenLot
from ibjournal.domain.money import plain, rounded
from ibjournal.domain.trade import TradeKey

_ZERO = Decimal(0)


def share(amount: Decimal, part: Decimal, whole: Decimal) -> Decimal:
    """Return the share of ``amount`` for ``part`` of ``whole``: all of it for the last part."""
    if part == whole or not amount:
        return amount
    return rounded(amount * part / whole)


class Lot:
    """What is left of an opening piece. ``quantity`` is positive; ``value`` is money at the opening price, before ``fees``.

    ``execution`` is None for what was opened before our history starts: then price, value and fees are 0 and mean nothing.
    """

    __slots__ = ("execution", "fees", "opened_at", "price", "quantity", "value")

    def __init__(
        self,
        execution: ExecutionId | None,
        *,
        quantity: Decimal,
        price: Decimal = _ZERO,
        value: Decimal = _ZERO,
        fees: Decimal = _ZERO,
        opened_at: datetime | None = None,
    ) -> None:
        self.execution = execution
        self.quantity = quantity
        self.price = price
        self.value = value
        self.fees = fees
        self.opened_at = opened_at


class Taken:
    """The part of a lot that a closing fill consumed."""

    __slots__ = ("fees", "lot", "quantity", "value")

    def __init__(self, lot: Lot, *, quantity: Decimal, value: Decimal, fees: Decimal) -> None:
        self.lot = lot
        self.quantity = quantity
        self.value = value
        self.fees = fees


class LotBook:
    """The open lots of one account and instrument: all long (``direction`` +1) or all short (-1)."""

    __slots__ = ("direction", "lots")

    def __init__(self) -> None:
        self.lots: deque[Lot] = deque()
        self.direction = 0

    @property
    def position(self) -> Decimal:
        """The signed quantity that is open."""
        return sum((lot.quantity for lot in self.lots), _ZERO) * self.direction

    def add(self, lot: Lot) -> None:
        """Append the youngest lot; the caller has set ``direction``."""
        self.lots.append(lot)

    def add_unseen(self, quantity: Decimal) -> None:
        """Put a lot of unknown basis, older than all others, at the head; the caller has set ``direction``."""
        self.lots.appendleft(Lot(None, quantity=quantity))

    def take(self, wanted: Decimal) -> Iterator[Taken]:
        """Consume up to ``wanted`` units, oldest lots first; ends early when nothing is left."""
        lots = self.lots
        while wanted and lots:
            lot = lots[0]
            whole = lot.quantity
            if whole <= wanted:
                lots.popleft()
                wanted -= whole
                yield Taken(lot, quantity=whole, value=lot.value, fees=lot.fees)
            else:
                taken = Taken(lot, quantity=wanted, value=share(lot.value, wanted, whole), fees=share(lot.fees, wanted, whole))
                lot.quantity = whole - wanted
                lot.value -= taken.value
                lot.fees -= taken.fees
                wanted = _ZERO
                yield taken

    def split(self, before: Decimal, after: Decimal) -> None:
        """Scale every lot from a total of ``before`` units to ``after``; value and fees stay as they are."""
        left = abs(after)
        ratio = after / before
        last = len(self.lots) - 1
        for index, lot in enumerate(self.lots):
            old = lot.quantity
            lot.quantity = left if index == last else plain(old * ratio)
            left -= lot.quantity
            lot.price = plain(lot.price * old / lot.quantity)

    def open_lots(self, trade: TradeKey) -> Iterator[OpenLot]:
        """Tell what is open, oldest first."""
        for lot in self.lots:
            if lot.execution is None or lot.opened_at is None:
                continue  # not met: the closes that prove an unseen lot use it up
            yield OpenLot(
                opening=lot.execution,
                quantity=lot.quantity * self.direction,
                price=lot.price,
                cost=lot.value * self.direction - lot.fees,
                opened_at=lot.opened_at,
                trade=trade,
            )
