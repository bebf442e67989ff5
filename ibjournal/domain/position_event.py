"""What changes a position without a fill: splits, exchanges, spin-offs, issues, removals, transfers.

One event can touch several instruments and several accounts; each that it touches is a leg. Corporate actions, transfers between
accounts and the renumbering of an account all become events before anything is matched, so that the engine knows one kind of thing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import NamedTuple

from ibjournal.domain.depot import AccountId
from ibjournal.domain.execution import ExecutionId
from ibjournal.domain.instrument import InstrumentId
from ibjournal.domain.provenance import RowRef

EVENT = "event:"
"""Where a lot match or a piece names an execution, an event stands as this and its id."""
HELD = f"{EVENT}held"
"""Stands there for the opening of what was held before history starts, where a report of positions tells of it."""


class Place(NamedTuple):
    """Where a position is: the key of the engine."""

    account: AccountId
    instrument: InstrumentId


class EventKind(str, Enum):
    """What an event does to lots."""

    SPLIT = "split"
    """One leg: units are multiplied; cost, dates and the result stay."""
    EXCHANGE = "exchange"
    """Lots leave one place and stand in another with their cost and dates: merger for shares, change of ISIN, own transfer,
    an account with a new number. Cash that comes with it is the leaving leg's ``proceeds``."""
    SPIN_OFF = "spin_off"
    """The parent's lots stay; a part of their cost goes to the units received: the leg's ``cost``, unknown when None."""
    ISSUE = "issue"
    """Units are received for the leg's ``cost`` (0 for rights)."""
    REMOVAL = "removal"
    """Lots are closed for the leg's ``proceeds``: cash merger, tender, maturity; 0 for what became worthless."""
    TRANSFER_IN = "transfer_in"
    """Units come from elsewhere: their basis and date are unknown until the user tells them."""
    TRANSFER_OUT = "transfer_out"
    """Lots leave with their basis: no result."""
    UNKNOWN = "unknown"
    """Not applied, and told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLeg:
    """What an event does at one place.

    ``quantity`` is the signed change of the position. Money is in ``currency``, signed from the account's view, None where the
    report does not say: ``proceeds`` was paid out, ``cost`` is the basis of what came, ``value`` its market value, ``realized``
    IBKR's own result.
    """

    place: Place
    quantity: Decimal
    currency: str = ""
    proceeds: Decimal | None = None
    cost: Decimal | None = None
    value: Decimal | None = None
    realized: Decimal | None = None
    row: RowRef | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionEvent:
    """One event, whole: all its legs. ``effective_at`` is an aware UTC instant.

    What brings or restates units comes before the fills of that instant (cash for a fraction is booked together with what made
    it), what takes them away comes after. A spin-off names its parent by a leg without quantity.
    """

    id: str
    """Stable over re-import: made of IBKR's own ids, never of row numbers."""
    kind: EventKind
    type: str
    """IBKR's code or word: ``TC``, ``SO``, ``INTERNAL``, …"""
    effective_at: datetime
    legs: tuple[EventLeg, ...]
    report_date: date | None = None
    ratio: Decimal | None = None
    """New units for one old unit, where a report states it."""
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldBasis:
    """What the user says that units had cost which came from elsewhere: in all, in ``currency``, fees included.

    Signed as IBKR's ``costBasisMoney``: positive for a long position.
    """

    event: str
    place: Place
    cost: Decimal
    currency: str
    opened_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExerciseLink:
    """An option's closing fill and the underlying's fill that came of it, by exercise or assignment.

    IBKR books 0 on the option and moves its premium into the underlying's basis; this link lets the engine keep both views.
    """

    option: tuple[Place, ExecutionId]
    underlying: tuple[Place, ExecutionId]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldLot:
    """One lot of a position as IBKR reports it: ``quantity`` signed, ``cost`` as `HeldPosition.cost`."""

    quantity: Decimal
    cost: Decimal | None
    opened_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPosition:
    """What the first report of open positions says was held: evidence of what was bought before history starts.

    ``quantity`` is signed; ``cost`` is IBKR's ``costBasisMoney`` in ``currency``, None where the report does not say.
    """

    place: Place
    as_of: datetime
    """The end of the report's day, an aware UTC instant."""
    quantity: Decimal
    cost: Decimal | None
    currency: str
    opened_at: datetime | None = None
    lots: tuple[HeldLot, ...] = ()
    """IBKR's own lots, where the report has them."""
    complete_since: date | None = None
    """Since when reports tell of every fill up to this one, None where that is not known."""
    began_empty: bool = False
    """Whether the account held nothing when that began: then nothing can have been held unseen."""
