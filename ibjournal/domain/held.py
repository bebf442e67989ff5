"""What the first report of positions says of lots that were opened before our history starts: IBKR's cost of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from ibjournal.domain.execution import ExecutionId, ExecutionStatus
from ibjournal.domain.fifo import Lot
from ibjournal.domain.fill import DAILY_SETTLED, FillFacts, MatchingProblem, Terms
from ibjournal.domain.ledger import Ledger
from ibjournal.domain.money import plain
from ibjournal.domain.position_event import HELD, HeldLot, HeldPosition

_ZERO = Decimal(0)
_HALF_A_CENT = Decimal("0.005")


def hold(ledger: Ledger, held: HeldPosition, terms: Terms) -> bool:
    """Let a ledger meet what a report says is held at that moment.

    Where the position is the one reported, lots that were opened unseen get the part of IBKR's cost that our own lots do not
    explain. Futures and CFDs have no cost: of them the report proves the quantity alone.

    Returns:
        Whether the report can be believed: not where it tells of another quantity at the very cost of our own lots. Then nothing
        is left that other units could have cost.
    """
    book = ledger.book
    if book.position != held.quantity:
        values = (("reported", held.quantity), ("quantity", book.position), ("as_of", held.as_of.date()))
        ledger.problems.append(MatchingProblem(code="position_contradicts", values=values))
        return not _explains(ledger, held, terms)
    unseen = [lot for lot in book.lots if lot.execution is None]
    if not unseen:
        return True
    if ledger.current is None:
        ledger.start_unseen(_first(held, terms))
    priced = _priced(ledger, held, terms, unseen)
    trip = ledger.current
    if priced is None or trip is None:
        return True
    known = [lot for lot in book.lots if lot.execution is not None]
    book.lots.clear()
    book.lots.extend([*priced, *known])
    for lot in priced:
        trip.price_unseen(lot.quantity, lot.price)
    return True


def _explains(ledger: Ledger, held: HeldPosition, terms: Terms) -> bool:
    """Return whether our own lots had cost just what the report says."""
    lots = ledger.book.lots
    if not held.cost or not lots or terms.asset_class in DAILY_SETTLED or not all(lot.basis_known for lot in lots):
        return False
    own = sum((lot.cost(ledger.book.direction) - lot.premium for lot in lots), _ZERO)
    cost = ledger.pricing.convert(own, terms.currency, held.currency or terms.currency, held.as_of.date())
    return cost is not None and abs(cost - held.cost) <= _HALF_A_CENT


def _priced(ledger: Ledger, held: HeldPosition, terms: Terms, unseen: Sequence[Lot]) -> list[Lot] | None:
    """Return the unseen lots with IBKR's cost and dates, None where the report does not tell them."""
    others = [lot for lot in ledger.book.lots if lot.execution is not None]
    if held.cost is None or terms.asset_class in DAILY_SETTLED or not all(lot.basis_known for lot in others):
        return None
    direction = ledger.book.direction
    day = held.as_of.date()
    quantity = sum((lot.quantity for lot in unseen), _ZERO)
    own = sum((lot.cost(direction) - lot.premium for lot in others), _ZERO)
    lots = _oldest(held, quantity) or [HeldLot(quantity=held.quantity, cost=held.cost - own, opened_at=held.opened_at)]
    found = []
    for each in lots:
        cost = ledger.pricing.convert(each.cost or _ZERO, held.currency, terms.currency or held.currency, day)
        units = abs(each.quantity) if len(lots) > 1 else quantity
        points = ledger.pricing.points(terms, units)
        if cost is None or not points or cost * direction <= 0:
            return None  # some reports write 0 for every cost
        rate = ledger.pricing.rate_of(terms.currency, each.opened_at.date()) if each.opened_at is not None else None
        value = cost * direction
        found.append(Lot(ExecutionId(HELD), units, plain(value / points), value, opened_at=each.opened_at, rate=rate))
    return found


def _oldest(held: HeldPosition, quantity: Decimal) -> list[HeldLot]:
    """Return IBKR's own lots that make up the oldest units, the last in part; nothing where the report has none."""
    if not held.lots or any(lot.cost is None or lot.opened_at is None for lot in held.lots):
        return []
    if sum((lot.quantity for lot in held.lots), _ZERO) != held.quantity:
        return []
    found, left = [], quantity
    for lot in sorted(held.lots, key=_opened):
        units = min(abs(lot.quantity), left)
        if not units:
            break
        part = units / abs(lot.quantity)
        found.append(
            HeldLot(quantity=units.copy_sign(lot.quantity), cost=plain((lot.cost or _ZERO) * part), opened_at=lot.opened_at)
        )
        left -= units
    return found


def _opened(lot: HeldLot) -> datetime:
    assert lot.opened_at is not None  # noqa: S101 - the caller looked
    return lot.opened_at


def _first(held: HeldPosition, terms: Terms) -> FillFacts:
    """Return what stands for the fill that opened what was held."""
    dates = [lot.opened_at for lot in held.lots if lot.opened_at is not None]
    opened_at = held.opened_at or min(dates, default=held.as_of)
    return FillFacts(
        id=ExecutionId(HELD),
        account=held.place.account,
        instrument=held.place.instrument,
        asset_class=terms.asset_class,
        currency=terms.currency or held.currency,
        quantity=held.quantity,
        price=_ZERO,
        multiplier=terms.multiplier,
        executed_at=opened_at,
        trade_date=opened_at.date(),
        report_date=None,
        provisional=False,
        proceeds=None,
        commission=_ZERO,
        commission_currency="",
        taxes=None,
        cost=None,
        realized=None,
        fx_rate_to_base=None,
        open_close="O",
        codes=(),
        trade_id="",
        transaction_id="",
        exec_id="",
        status=ExecutionStatus.ACTIVE,
    )
