"""The open lots of one account, first in first out, and the round trips that they make up.

Written on its own, without a line of the journal's engine, so that tests have a witness who was not asked twice. Lots are
kept as whole costs: a lot that is closed in part gives up cost in proportion, rounded to six decimals, and its last part takes
what is left.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from ibjournal.demo.contracts import Contract
from ibjournal.demo.ledger import ZERO

MICRO = Decimal("0.000001")
_WASH_SALE_DAYS = timedelta(days=30)


@dataclass(slots=True, kw_only=True, eq=False)
class RoundTrip:
    """From flat to flat. Money is in the contract's currency but for ``earned_base`` and ``currency_effect``: those are in base.

    ``booked`` has the premium of an exercised or assigned option in the shares, ``earned`` on the option. ``earned_base`` is each
    closing's result at its day's rate, ``currency_effect`` what the rate did to the money invested. ``opening`` is the id of the
    fill or of the event that began it.
    """

    contract: Contract
    side: int
    opened: datetime
    opening: str
    booked: Decimal = ZERO
    earned: Decimal = ZERO
    earned_base: Decimal = ZERO
    currency_effect: Decimal = ZERO
    closed: datetime | None = None

    def take_over(self, other: RoundTrip) -> None:
        """Become one with another trip."""
        self.booked += other.booked
        self.earned += other.earned
        self.earned_base += other.earned_base
        self.currency_effect += other.currency_effect


@dataclass(slots=True, kw_only=True, eq=False)
class Lot:
    """What is left of an opening fill; ``quantity`` and the costs share their sign.

    ``cost`` is IBKR's basis before wash sales, ``washed`` the losses that were disallowed and added to it, ``earned_cost`` what was
    paid without the premium of an option; ``rate`` led into base on the day it was opened.
    """

    contract: Contract
    transaction_id: str
    opened: datetime
    quantity: Decimal
    cost: Decimal
    earned_cost: Decimal
    rate: Decimal
    trip: RoundTrip
    washed: Decimal = ZERO

    @property
    def basis(self) -> Decimal:
        """What IBKR states as cost."""
        return self.cost + self.washed


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedLot:
    """A piece of a lot that a fill closed. ``cost`` is signed like the lot; ``realized`` is net of both commissions.

    ``realized`` is IBKR's before a loss is disallowed, ``earned`` the same as it was earned; ``adjusted`` says that a disallowed
    loss had raised the cost.
    """

    lot_transaction_id: str
    opened: datetime
    quantity: Decimal
    cost: Decimal
    realized: Decimal
    closing: str
    """The closing fill's transaction id."""
    earned: Decimal = ZERO
    adjusted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WashSale:
    """A loss that was disallowed: it moved into the lot ``replacement`` (its fill's transaction id), opened at ``reopened``."""

    closing: str
    replacement: str
    reopened: datetime
    quantity: Decimal
    disallowed: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a fill or an event does to a position. ``money`` is all that it brought, costs included, from the account's view.

    ``premium`` is the basis that an option brings in, signed like the cost of the shares; ``delivered`` marks the option itself,
    whose cost goes with the shares.
    """

    contract: Contract
    quantity: Decimal
    money: Decimal
    moment: datetime
    id: str
    rate: Decimal
    premium: Decimal = ZERO
    delivered: bool = False


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What came of a change: ``removed`` and ``opened_cost`` are basis, ``realized`` is IBKR's figure, ``closed`` a quantity."""

    removed: Decimal = ZERO
    opened_cost: Decimal = ZERO
    realized: Decimal = ZERO
    booked: Decimal = ZERO
    earned: Decimal = ZERO
    closed: Decimal = ZERO
    pieces: list[ClosedLot] = field(default_factory=list)


class LotBook:
    """Lots by contract. ``wash_sales``: losses are disallowed while shares bought within thirty days before are kept."""

    def __init__(self, *, wash_sales: bool = False) -> None:
        self.trips: list[RoundTrip] = []
        """All round trips, in the order of their beginning."""
        self.closed: list[ClosedLot] = []
        self.washed: list[WashSale] = []
        self._wash_sales = wash_sales
        self._lots: dict[str, list[Lot]] = {}
        self._taken_back: dict[str, RoundTrip] = {}

    # -- looking ---------------------------------------------------------------------------------------------------

    def lots(self, contract: Contract) -> list[Lot]:
        """Return the open lots, the oldest first."""
        return self._lots.setdefault(contract.conid, [])

    def position(self, contract: Contract) -> Decimal:
        """Return the open quantity, signed."""
        return sum((lot.quantity for lot in self._lots.get(contract.conid, ())), ZERO)

    def open_contracts(self) -> list[Contract]:
        """Return what is held, in the order of the conids."""
        return [lots[0].contract for _, lots in sorted(self._lots.items()) if lots]

    def cost_of(self, contract: Contract) -> Decimal:
        """Return the basis of what is held, signed like the position."""
        return sum((lot.basis for lot in self._lots.get(contract.conid, ())), ZERO)

    # -- fills -----------------------------------------------------------------------------------------------------

    def apply(self, change: Change) -> Outcome:
        """Close what stands against a change, first in first out, and open the rest of it."""
        lots = self.lots(change.contract)
        outcome = Outcome()
        left, used = change.quantity, ZERO
        while left and lots and (lots[0].quantity > 0) != (left > 0):
            lot = lots[0]
            piece = min(abs(left), abs(lot.quantity)) * (1 if left > 0 else -1)
            left -= piece
            share = change.money - used if not left else (change.money * piece / change.quantity).quantize(MICRO)
            used += share
            premium = (change.premium * piece / change.quantity).quantize(MICRO)
            self._close(lot, piece, share, premium, change, outcome)
            if not lot.quantity:
                lots.pop(0)
                if not lots:
                    lot.trip.closed = change.moment
        outcome.closed = change.quantity - left
        if self._wash_sales and outcome.booked < 0 and change.contract.category == "STK":
            self._disallow(lots, change, outcome)
        if left:
            part = (
                ZERO if left == change.quantity else (change.premium * (change.quantity - left) / change.quantity).quantize(MICRO)
            )
            earned_cost = -(change.money - used)
            outcome.opened_cost = earned_cost + (change.premium - part)
            self.open(change, left, outcome.opened_cost, earned_cost)
        self.closed.extend(outcome.pieces)
        return outcome

    def open(self, change: Change, quantity: Decimal, cost: Decimal, earned_cost: Decimal) -> Lot:
        """Put a new lot among the others in the order of time; it begins a round trip where nothing was open."""
        lots = self.lots(change.contract)
        if lots:
            trip = lots[0].trip
        elif change.contract.conid in self._taken_back:
            trip = self._taken_back.pop(change.contract.conid)
            self.trips.append(trip)
        else:
            side = 1 if quantity > 0 else -1
            trip = RoundTrip(contract=change.contract, side=side, opened=change.moment, opening=change.id)
            self.trips.append(trip)
        lot = Lot(
            contract=change.contract,
            transaction_id=change.id,
            opened=change.moment,
            quantity=quantity,
            cost=cost,
            earned_cost=earned_cost,
            rate=change.rate,
            trip=trip,
        )
        self.put(lots, [lot])
        return lot

    @staticmethod
    def put(lots: list[Lot], new: Iterable[Lot]) -> None:
        """Add lots in the order of their opening; of one instant those that were there come first."""
        lots.extend(new)
        lots.sort(key=lambda lot: lot.opened)

    def _close(  # noqa: PLR0917 - a piece, and what it is worked out from
        self, lot: Lot, piece: Decimal, share: Decimal, premium: Decimal, change: Change, outcome: Outcome
    ) -> None:
        part = -piece / lot.quantity
        whole = part == 1
        cost = lot.cost if whole else (lot.cost * part).quantize(MICRO)
        earned_cost = lot.earned_cost if whole else (lot.earned_cost * part).quantize(MICRO)
        washed = lot.washed if whole else (lot.washed * part).quantize(MICRO)
        # A premium carried into shares that close a position raises what they bring; an option that turned into
        # shares realises nothing itself: its cost goes with the shares.
        booked = ZERO if change.delivered else share - cost - premium
        earned = share - earned_cost
        realized = booked - washed
        trip = lot.trip
        trip.booked += booked
        trip.earned += earned
        trip.earned_base += earned * change.rate
        if not change.contract.settled_daily:
            trip.currency_effect += earned_cost * (change.rate - lot.rate)
        outcome.removed += cost + washed
        outcome.booked += booked
        outcome.earned += earned
        outcome.realized += realized
        outcome.pieces.append(
            ClosedLot(
                lot_transaction_id=lot.transaction_id,
                opened=lot.opened,
                quantity=-piece,
                cost=cost + washed,
                realized=realized,
                earned=earned,
                adjusted=bool(washed),
                closing=change.id,
            )
        )
        lot.quantity += piece
        lot.cost -= cost
        lot.earned_cost -= earned_cost
        lot.washed -= washed

    def _disallow(self, lots: list[Lot], change: Change, outcome: Outcome) -> None:
        """Move the loss of shares that were sold into shares that were bought shortly before and are kept."""
        left = abs(outcome.closed)
        loss_of_one = -outcome.booked / left
        for lot in lots:
            if not left or lot.washed or lot.quantity < 0 or change.moment - lot.opened > _WASH_SALE_DAYS:
                continue
            quantity = min(left, lot.quantity)
            left -= quantity
            disallowed = (loss_of_one * quantity).quantize(MICRO)
            lot.washed += disallowed
            outcome.realized += disallowed
            self.washed.append(
                WashSale(
                    closing=change.id,
                    replacement=lot.transaction_id,
                    reopened=lot.opened,
                    quantity=quantity,
                    disallowed=disallowed,
                )
            )

    def take_back(self, contract: Contract, quantity: Decimal, transaction_id: str = "") -> Decimal:
        """Undo the opening fill ``transaction_id``, or the last one, before anything was closed against it; return its cost."""
        lots = self.lots(contract)
        found = [lot for lot in lots if lot.transaction_id == transaction_id] if transaction_id else lots[-1:]
        if not found or found[0].quantity != quantity:
            raise ValueError("only an opening fill that is still whole can be cancelled")
        lot = found[0]
        lots.remove(lot)
        if not lots:  # the same fill in its right shape is to come
            self.trips.remove(lot.trip)
            self._taken_back[contract.conid] = lot.trip
        return lot.basis

    # -- moving lots -----------------------------------------------------------------------------------------------

    def take_out(self, contract: Contract) -> list[Lot]:
        """Remove and return all lots of a contract."""
        return self._lots.pop(contract.conid, [])

    def take_in(self, contract: Contract, moved: list[Lot]) -> None:
        """Put lots that come from another contract or account into this one; round trips on one side become one."""
        lots = self.lots(contract)
        arriving = moved[0].trip
        arriving.contract = contract
        if arriving not in self.trips:
            self.trips.append(arriving)
        if lots and lots[0].trip is not arriving:
            staying = lots[0].trip
            first, second = (staying, arriving) if staying.opened <= arriving.opened else (arriving, staying)
            first.take_over(second)
            self.trips.remove(second)
            for lot in (*lots, *moved):
                lot.trip = first
        for lot in moved:
            lot.contract = contract
        self.put(lots, moved)
