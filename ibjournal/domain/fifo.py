"""The lots of one instrument that are open at a moment, oldest first: opened, consumed, split, moved.

Mutable and fast; nothing outside the engine sees it. Amounts stay exact: what is shared out pro rata is rounded to
ten places and the last piece takes the remainder, so that the pieces always add up to the whole.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from ibjournal.domain.execution import ExecutionId
from ibjournal.domain.lots import OpenLot
from ibjournal.domain.money import plain, rounded
from ibjournal.domain.trade import TradeKey

_ZERO = Decimal(0)
_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


def share(amount: Decimal, part: Decimal, whole: Decimal) -> Decimal:
    """Return the share of ``amount`` for ``part`` of ``whole``: all of it for the last part."""
    if part == whole or not amount:
        return amount
    return rounded(amount * part / whole)


def shares(amount: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """Divide ``amount`` pro rata, exactly: the last that weighs anything takes the remainder; all to the last where none does."""
    left, total = amount, sum(weights, _ZERO)
    heavy = [index for index, weight in enumerate(weights) if weight]
    last = heavy[-1] if heavy else len(weights) - 1
    found = []
    for index, weight in enumerate(weights):
        part = left if index == last else share(amount, weight, total) if weight else _ZERO
        left -= part
        found.append(part)
    return found


class Lot:
    """What is left of an opening piece. ``quantity`` is positive; ``value`` is money at the opening price, before ``fees``.

    ``execution`` is None for what was opened before our history starts. Without ``basis_known`` price, value and fees are 0 and
    mean nothing. ``premium`` is what IBKR adds to the result when the lot is closed: an option's, moved by its exercise.
    ``rate`` is the one into the base currency at the opening.
    """

    __slots__ = ("basis_known", "execution", "fees", "opened_at", "premium", "price", "quantity", "rate", "value")

    def __init__(  # noqa: PLR0917 - one is made for every opening: no detour
        self,
        execution: ExecutionId | None,
        quantity: Decimal,
        price: Decimal = _ZERO,
        value: Decimal = _ZERO,
        fees: Decimal = _ZERO,
        opened_at: datetime | None = None,
        rate: Decimal | None = None,
        *,
        basis_known: bool = True,
    ) -> None:
        self.execution = execution
        self.quantity = quantity
        self.price = price
        self.value = value
        self.fees = fees
        self.opened_at = opened_at
        self.rate = rate
        self.basis_known = basis_known
        self.premium = _ZERO

    def cost(self, direction: int) -> Decimal:
        """Return what it had cost including fees, signed as IBKR's ``costBasisMoney``."""
        return self.value * direction - self.fees

    def revalue(self, value: Decimal) -> None:
        """Give it another value, its units as they are; the price follows."""
        if self.value:
            self.price = plain(self.price * value / self.value)
        self.value = value

    def part(self, quantity: Decimal) -> Lot:
        """Cut a part off and return it; ``quantity`` is less than the whole."""
        whole = self.quantity
        cut = Lot(
            self.execution,
            quantity,
            self.price,
            share(self.value, quantity, whole),
            share(self.fees, quantity, whole),
            self.opened_at,
            self.rate,
            basis_known=self.basis_known,
        )
        self.quantity = whole - quantity
        self.value -= cut.value
        self.fees -= cut.fees
        if self.premium:
            cut.premium = share(self.premium, quantity, whole)
            self.premium -= cut.premium
        return cut


def unseen_lot(quantity: Decimal) -> Lot:
    """Return a lot that was opened before our history starts."""
    return Lot(None, quantity, basis_known=False)


def scale(lots: Sequence[Lot], *, before: Decimal, after: Decimal, points: Decimal = Decimal(1)) -> None:
    """Restate lots of ``before`` units in all as ``after`` units (both positive); value and fees stay as they are.

    Args:
        lots: oldest first; the last takes what rounding leaves.
        before: units in all.
        after: units that they become.
        points: money of one point of price before, for one of it after.
    """
    left = after
    last = len(lots) - 1
    for index, lot in enumerate(lots):
        old = lot.quantity
        lot.quantity = left if index == last else plain(old * after / before)
        left -= lot.quantity
        if lot.quantity:
            lot.price = plain(lot.price * old * points / lot.quantity)


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

    def take(self, wanted: Decimal) -> list[Lot]:
        """Consume up to ``wanted`` units, oldest lots first, and return them; fewer when nothing is left."""
        lots = self.lots
        taken = []
        while wanted and lots:
            lot = lots[0]
            if lot.quantity <= wanted:
                lots.popleft()
                wanted -= lot.quantity
                taken.append(lot)
            else:
                taken.append(lot.part(wanted))
                break
        return taken

    def put(self, moved: Sequence[Lot]) -> None:
        """Take in lots of the same direction that come from elsewhere: each stands where its date puts it, unseen ones first."""
        if not self.lots:
            self.lots.extend(moved)
            return
        self.lots = deque(sorted([*self.lots, *moved], key=_age))

    def split(self, before: Decimal, after: Decimal) -> None:
        """Scale every lot from a signed total of ``before`` units to ``after``."""
        scale(tuple(self.lots), before=abs(before), after=abs(after))

    def open_lots(self, trade: TradeKey, *, unseen: ExecutionId, since: datetime) -> Iterator[OpenLot]:
        """Tell what is open, oldest first.

        Args:
            trade: whose lots they are.
            unseen: what stands for the opening that is not in our history.
            since: when that was held at the latest.
        """
        for lot in self.lots:
            cost = lot.cost(self.direction)
            yield OpenLot(
                opening=lot.execution or unseen,
                quantity=lot.quantity * self.direction,
                price=lot.price,
                cost=cost,
                opened_at=lot.opened_at or since,
                trade=trade,
                booked_cost=cost - lot.premium if lot.premium else None,
                rate=lot.rate,
                basis_known=lot.basis_known,
            )


def _age(lot: Lot) -> datetime:
    return lot.opened_at or _BEFORE_ALL
