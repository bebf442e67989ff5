"""What becomes of the cost of lots that an event moves: divided, lowered by cash, shared with what was spun off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ibjournal.domain.execution import ExecutionId
from ibjournal.domain.fifo import Lot, scale, share, shares
from ibjournal.domain.fill import DAILY_SETTLED, Matchable, Terms
from ibjournal.domain.ledger import Ledger
from ibjournal.domain.lots import LotMatch
from ibjournal.domain.money import plain, rounded
from ibjournal.domain.position_event import EVENT, EventLeg, Place, PositionEvent
from ibjournal.domain.round_trip import RoundTrip

_ZERO = Decimal(0)
_ONE = Decimal(1)


@dataclass(slots=True, kw_only=True)
class Source:
    """Lots on their way from one place to others."""

    ledger: Ledger
    place: Place
    terms: Terms
    lots: list[Lot]
    quantity: Decimal
    """Of all its lots, positive."""
    trip: RoundTrip | None
    """The trade they belong to, None where nothing of them was known."""
    whole: bool
    """Whether nothing stays, so that the trade goes with them."""


def new_lot(
    event: PositionEvent, leg: EventLeg, *, cost: Decimal | None, points: Decimal, opened_at: datetime, rate: Decimal | None
) -> Lot:
    """Return the lot of units that an event brought.

    Args:
        event: what brought them.
        leg: where, and how many.
        cost: signed as IBKR's ``costBasisMoney``, None where nobody knows it.
        points: money of one point of price for all of them, signed.
        opened_at: since when they count.
        rate: into the base currency at that time.
    """
    opening, quantity = ExecutionId(EVENT + event.id), abs(leg.quantity)
    if cost is None:
        return Lot(opening, quantity, opened_at=opened_at, rate=rate, basis_known=False)
    value = cost if leg.quantity > 0 else -cost
    return Lot(opening, quantity, plain(cost / points) if points else _ZERO, value, opened_at=opened_at, rate=rate)


def settle_cash(source: Source, leg: EventLeg, legs: Sequence[EventLeg], booking: Matchable) -> bool:
    """Book the cash that came with an exchange; return False where it is not clear what it earned.

    IBKR's own result decides, where it is stated: cost + result - cash moves on. Cash that was paid adds to the cost. Cash that was
    received sells the part that it is of all that came, if the value of the rest is stated. Else it lowers the cost, and no
    result is invented.
    """
    pricing, day = source.ledger.pricing, booking.trade_date
    currency = leg.currency or booking.currency
    cash = pricing.convert(leg.proceeds or _ZERO, currency, booking.currency, day)
    result = pricing.convert(leg.realized, currency, booking.currency, day) if leg.realized is not None else None
    trip = source.trip
    if not cash and not result:
        return cash is not None
    if cash is None or trip is None:
        return False
    rate = pricing.rate(booking)
    if not all(lot.basis_known for lot in source.lots):
        if result is not None:
            trip.add_result(result, _ZERO, result, rate)
            _add_match(source, trip, booking, None, consumed=_ZERO, result=result, rate=rate)
        return result is not None and not any(lot.basis_known for lot in source.lots)
    direction = trip.direction
    costs = [lot.cost(direction) for lot in source.lots]
    consumed, clear = cash, True
    if result is not None:
        consumed = cash - result
    elif cash * direction > 0:
        others = [other for other in legs if other.place != leg.place]
        values = [abs(other.value) for other in others if other.quantity * leg.quantity < 0 and other.value]
        coming = [other for other in others if other.quantity * leg.quantity < 0]
        all_cash = sum((abs(other.proceeds) for other in legs if other.quantity * leg.quantity > 0 and other.proceeds), _ZERO)
        clear = len(values) == len(coming)
        if clear:
            consumed = rounded(sum(costs, _ZERO) * abs(cash) / (all_cash + sum(values, _ZERO)))
    weights = [abs(cost) for cost in costs]
    before = sum((lot.value for lot in source.lots), _ZERO)
    for lot, part, paid in zip(source.lots, shares(consumed, weights), shares(cash, weights), strict=True):
        lot.revalue(lot.value - part * direction)
        trip.add_result(paid - part, _ZERO, paid - part, rate)
        _add_match(source, trip, booking, lot, consumed=part, result=paid - part, rate=rate)
    if source.whole:
        _reprice(trip, sum((lot.value for lot in source.lots), _ZERO) - before, pricing.points(source.terms, _ONE))
    return clear


def _add_match(
    source: Source,
    trip: RoundTrip,
    booking: Matchable,
    lot: Lot | None,
    *,
    consumed: Decimal,
    result: Decimal,
    rate: Decimal | None,
) -> None:
    """Add what cash earned as a match that closes no unit."""
    effect: Decimal | None = _ZERO
    opened = lot.rate if lot is not None else None
    if booking.asset_class not in DAILY_SETTLED:
        effect = None if rate is None or opened is None else consumed * (rate - opened)
    trip.add_currency_effect(effect)
    if not source.ledger.with_matches or not (result or effect):
        return
    match = LotMatch(
        opening=lot.execution if lot is not None else None,
        closing=booking.id,
        direction=trip.direction,
        quantity=_ZERO,
        open_price=None,
        close_price=_ZERO,
        opened_at=lot.opened_at if lot is not None else None,
        closed_at=booking.executed_at,
        gross=result,
        fees=_ZERO,
        net=result,
        trade=trip.key,
        open_rate=opened,
        close_rate=rate,
        currency_effect=effect,
    )
    source.ledger.matches.append(match)


def divide(sources: Sequence[Source], weights: Sequence[Decimal] | None, *, into: int, main: int) -> list[list[list[Lot]]]:
    """Divide lots among the legs that receive them: for each leg the lots of each source, still in the old units.

    Args:
        sources: what moves.
        weights: how the cost is divided, None where that is not known.
        into: the number of legs.
        main: the leg that the trades go on in.
    """
    if into == 1:
        return [[source.lots for source in sources]]
    parts: list[list[list[Lot]]] = [[[] for _source in sources] for _leg in range(into)]
    for number, source in enumerate(sources):
        for lot in source.lots:
            for at, piece in enumerate(_pieces(lot, weights, into)):
                parts[at][number].append(piece)
        if source.trip is not None and source.whole:
            source.trip.opened_points += _points(parts[main][number]) - _points(source.lots)
            source.trip.entry_known &= weights is not None
    return parts


def _pieces(lot: Lot, weights: Sequence[Decimal] | None, into: int) -> list[Lot]:
    pieces = [
        Lot(lot.execution, lot.quantity, lot.price, lot.value, lot.fees, lot.opened_at, lot.rate, basis_known=lot.basis_known)
        for _leg in range(into)
    ]
    if weights is None:
        for piece in pieces:
            piece.price = piece.value = piece.fees = _ZERO
            piece.basis_known = False
        return pieces
    amounts = zip(shares(lot.value, weights), shares(lot.fees, weights), shares(lot.premium, weights), strict=True)
    for piece, (value, fees, premium) in zip(pieces, amounts, strict=True):
        piece.revalue(value)
        piece.fees, piece.premium = fees, premium
    return pieces


def _points(lots: Sequence[Lot]) -> Decimal:
    return sum((lot.price * lot.quantity for lot in lots), _ZERO)


def spin_off(
    event: PositionEvent, parents: Sequence[tuple[Ledger, Terms]], *, quantity: Decimal, cost: Decimal | None, point: Decimal
) -> list[Lot]:
    """Return a lot of the child for each lot of the parent, with its date and its share of the cost, which the parent's loses.

    Args:
        event: what brought them.
        parents: that have lots.
        quantity: units of the child, positive.
        cost: of all of them, signed as IBKR's; None where nobody knows it.
        point: money of one point of the child's price for one unit.
    """
    lots = [lot for parent, _terms in parents for lot in parent.book.lots]
    opening = ExecutionId(EVENT + event.id)
    children = [Lot(opening, lot.quantity, opened_at=lot.opened_at, rate=lot.rate, basis_known=False) for lot in lots]
    total = sum((lot.quantity for lot in lots), _ZERO)
    scale(children, before=total, after=quantity)
    known = [(lot, child) for lot, child in zip(lots, children, strict=True) if lot.basis_known]
    if cost is None:
        return children
    direction = parents[0][0].book.direction
    if not known:
        for child, part in zip(children, shares(cost * direction, [lot.quantity for lot in lots]), strict=True):
            _value(child, part, point)
        return children
    value = share(cost * direction, sum((lot.quantity for lot, _child in known), _ZERO), total)
    before = [sum((lot.value for lot in parent.book.lots), _ZERO) for parent, _terms in parents]
    # of the cost as IBKR states it, fees included, each lot gives up the same part
    for (lot, child), part in zip(known, shares(value, [abs(lot.cost(direction)) for lot, _child in known]), strict=True):
        lot.revalue(lot.value - part)
        _value(child, part, point)
    for (parent, terms), was in zip(parents, before, strict=True):
        if parent.current is not None:
            change = sum((lot.value for lot in parent.book.lots), _ZERO) - was
            _reprice(parent.current, change, parent.pricing.points(terms, _ONE))
    return children


def _value(lot: Lot, value: Decimal, point: Decimal) -> None:
    lot.value = value
    lot.price = plain(value / (lot.quantity * point)) if lot.quantity else _ZERO
    lot.basis_known = True


def _reprice(trip: RoundTrip, change: Decimal, point: Decimal) -> None:
    """Let the average price of a trade follow a change of what its lots are worth."""
    trip.opened_points += change / point
