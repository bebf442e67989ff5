"""Transfers of positions as events: from and to other brokers, between own accounts, and an account that got a new number."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from ibjournal.domain.depot import AccountId
from ibjournal.domain.position_event import EventKind, EventLeg, Place, PositionEvent
from ibjournal.domain.provenance import RowRef

_ZERO = Decimal(0)
_APART = timedelta(days=5)
"""How far the two sides of one transfer may lie apart: each account books it on a day of its own."""
RENUMBERED = "ACCOUNT_LINK"
"""Type of the event by which an account's positions go on under a new number; IBKR has no word for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferRow:
    """A row of the sections Transfers, TransferLots or TradeTransfers that moves units; ``quantity`` is signed.

    ``peer`` is the account at the other end as IBKR writes it. Money is in ``currency``: ``value`` is the market value, ``cost``
    the basis, which only rows of trades made elsewhere state, ``proceeds`` what such a trade paid out.
    """

    place: Place
    tag: str
    """``Transfer``, ``TransferLot`` or ``TradeTransfer``."""
    type: str
    """IBKR's word: ``INTERNAL``, ``ACATS``, ``FOP``, …"""
    effective_at: datetime
    quantity: Decimal
    currency: str
    incoming: bool = True
    """Whether units come into the account; a short position that comes has a negative quantity."""
    peer: str = ""
    report_date: date | None = None
    value: Decimal | None = None
    cost: Decimal | None = None
    proceeds: Decimal | None = None
    transaction_id: str = ""
    description: str = ""
    row: RowRef | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Renumbering:
    """What an account held when it went on under a new number.

    ``at`` is an aware UTC instant; ``units`` holds quantity and currency by instrument.
    """

    old: AccountId
    new: AccountId
    at: datetime
    units: Mapping[Place, tuple[Decimal, str]]


def transfer_events(rows: Iterable[TransferRow], *, own: frozenset[AccountId]) -> tuple[PositionEvent, ...]:
    """Return the events that transfers tell of, by time.

    A transfer between two own accounts is one exchange, whether one of them reports it or both. Lots of a transfer are told
    beside it and count only where it is not told itself. A row that several reports tell counts once.

    Args:
        rows: of any accounts, in any order.
        own: the accounts that the journal knows.
    """
    moves = _without_lots(_once(rows))
    bought = [row for row in moves if row.tag == "TradeTransfer"]
    left = [row for row in moves if row.tag != "TradeTransfer"]
    numbers: Counter[str] = Counter()
    inside = [row for row in left if row.peer in own and row.peer != row.place.account]
    events = [
        *_traded_elsewhere(bought),
        *(_between(pair, numbers) for pair in _paired(inside)),
        *(_single(row, _moved(row), numbers) for row in left if row not in inside),
    ]
    return tuple(sorted(events, key=lambda event: (event.effective_at, event.id)))


def renumbering_events(renumbering: Renumbering, told: Iterable[PositionEvent]) -> tuple[PositionEvent, ...]:
    """Return one exchange for each position of an account that goes on under a new number.

    Args:
        renumbering: what was held.
        told: the events of transfers: a position that they move already is left out.
    """
    moved = {leg.place for event in told if event.kind is EventKind.EXCHANGE for leg in event.legs}
    found = []
    for place, (quantity, currency) in sorted(renumbering.units.items()):
        target = Place(renumbering.new, place.instrument)
        if quantity and not (place in moved and target in moved):
            legs = (
                EventLeg(place=place, quantity=-quantity, currency=currency),
                EventLeg(place=target, quantity=quantity, currency=currency),
            )
            event = PositionEvent(
                id=f"renumbered:{renumbering.old}:{renumbering.new}:{place.instrument}",
                kind=EventKind.EXCHANGE,
                type=RENUMBERED,
                effective_at=renumbering.at,
                legs=legs,
                ratio=Decimal(1),
            )
            found.append(event)
    return tuple(found)


def _order(row: TransferRow) -> tuple[object, ...]:
    return row.effective_at, row.place, row.quantity, row.transaction_id


def _once(rows: Iterable[TransferRow]) -> list[TransferRow]:
    """Return each row once, however many reports tell it: by IBKR's id, else as often as the report that tells it most often."""
    found: dict[tuple[object, ...], TransferRow] = {}
    counts: Counter[tuple[object, ...]] = Counter()
    for row in sorted(rows, key=lambda each: (_order(each), each.row or RowRef(0, 0))):
        if not row.quantity:
            continue
        what = (row.tag, row.place, row.effective_at.date(), row.quantity, row.type, row.peer)
        if row.transaction_id:
            found.setdefault((*what, row.transaction_id), row)
            continue
        report = row.row.report if row.row is not None else 0
        counts[*what, report] += 1
        found.setdefault((*what, counts[*what, report]), row)
    return sorted(found.values(), key=_order)


def _without_lots(rows: Sequence[TransferRow]) -> list[TransferRow]:
    """Leave out the lots of a transfer that is told itself; lots alone are summed."""
    whole = {(row.place, row.effective_at.date()) for row in rows if row.tag == "Transfer"}
    lots: dict[tuple[object, ...], list[TransferRow]] = defaultdict(list)
    found = []
    for row in rows:
        if row.tag != "TransferLot":
            found.append(row)
        elif (row.place, row.effective_at.date()) not in whole:
            lots[row.place, row.effective_at.date(), row.type, row.peer, row.quantity > 0].append(row)
    for same in lots.values():
        first = same[0]
        total = sum((row.quantity for row in same), _ZERO)
        found.append(
            TransferRow(
                place=first.place,
                tag=first.tag,
                type=first.type,
                effective_at=first.effective_at,
                quantity=total,
                currency=first.currency,
                incoming=first.incoming,
                peer=first.peer,
                report_date=first.report_date,
                description=first.description,
                row=first.row,
            )
        )
    return sorted(found, key=_order)


def _paired(rows: Sequence[TransferRow]) -> list[tuple[TransferRow, TransferRow | None]]:
    """Return each transfer between own accounts once: both sides, or the one that is told."""
    found: list[tuple[TransferRow, TransferRow | None]] = []
    waiting: list[TransferRow] = []
    for row in rows:
        other = next((each for each in waiting if _is_other_side(row, each)), None)
        if other is None:
            waiting.append(row)
        else:
            waiting.remove(other)
            found.append((other, row))
    return found + [(row, None) for row in waiting]


def _is_other_side(row: TransferRow, other: TransferRow) -> bool:
    return (
        row.place.account == other.peer
        and other.place.account == row.peer
        and row.place.instrument == other.place.instrument
        and row.quantity == -other.quantity
        and abs(row.effective_at - other.effective_at) <= _APART
    )


def _between(pair: tuple[TransferRow, TransferRow | None], numbers: Counter[str]) -> PositionEvent:
    one, other = pair
    sides = [one, other or one]
    # by account and not by sign: a short position that goes has a positive change
    first, second = sorted((one.place.account, AccountId(one.peer)))
    here = next((row for row in sides if row.place.account == first), None)
    there = next((row for row in sides if row.place.account == second), None)
    legs = tuple(
        _leg(row, Place(account, one.place.instrument), one.quantity if account == one.place.account else -one.quantity)
        for account, row in ((first, here), (second, there))
    )
    size = format(abs(one.quantity).normalize(), "f")
    name = f"transfer:{first}:{second}:{one.place.instrument}:{min(row.effective_at for row in sides):%Y%m}:{size}"
    return PositionEvent(
        id=_numbered(name, numbers),
        kind=EventKind.EXCHANGE,
        type=one.type,
        effective_at=min(row.effective_at for row in sides),
        legs=legs,
        report_date=one.report_date,
        ratio=Decimal(1),
        description=one.description,
    )


def _leg(row: TransferRow | None, place: Place, quantity: Decimal) -> EventLeg:
    if row is None:
        return EventLeg(place=place, quantity=quantity)
    return EventLeg(place=place, quantity=quantity, currency=row.currency, value=row.value, row=row.row)


def _single(row: TransferRow, kind: EventKind, numbers: Counter[str]) -> PositionEvent:
    leg = EventLeg(
        place=row.place,
        quantity=row.quantity,
        currency=row.currency,
        proceeds=row.proceeds if kind is EventKind.REMOVAL else None,
        cost=row.cost if kind is EventKind.ISSUE else None,
        value=row.value,
        row=row.row,
    )
    size = format(row.quantity.normalize(), "f")
    name = row.transaction_id or f"{row.effective_at:%Y%m%d}:{size}"
    return PositionEvent(
        id=_numbered(f"transfer:{row.place.account}:{row.place.instrument}:{name}", numbers),
        kind=kind,
        type=row.type if row.type and row.tag != "TradeTransfer" else row.tag,
        effective_at=row.effective_at,
        legs=(leg,),
        report_date=row.report_date,
        description=row.description,
    )


def _moved(row: TransferRow) -> EventKind:
    return EventKind.TRANSFER_IN if row.incoming else EventKind.TRANSFER_OUT


def _traded_elsewhere(rows: Sequence[TransferRow]) -> list[PositionEvent]:
    """Return trades that another broker made and delivered: their rows state what was paid."""
    numbers: Counter[str] = Counter()
    found = []
    for row in rows:
        if row.quantity > 0 and row.cost is not None:
            kind = EventKind.ISSUE
        elif row.quantity < 0 and row.proceeds is not None:
            kind = EventKind.REMOVAL
        else:
            kind = _moved(row)
        found.append(_single(row, kind, numbers))
    return found


def _numbered(name: str, numbers: Counter[str]) -> str:
    numbers[name] += 1
    return name if numbers[name] == 1 else f"{name}#{numbers[name]}"
