"""What "where does this number come from?" is answered with: a chain of links, and rows of reports as IBKR wrote them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import TypeAlias

from ibjournal.analytics.reconciliation import Check, Part
from ibjournal.domain.cash import CashEntry
from ibjournal.domain.depot import AccountId
from ibjournal.domain.execution import Execution
from ibjournal.domain.lots import LotMatch, OpenLot
from ibjournal.domain.position_event import EventLeg, PositionEvent
from ibjournal.domain.provenance import RowRef
from ibjournal.domain.trade import Trade
from ibjournal.store.fill_changes import FillChange

_NOBODY = AccountId("")


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceReport:
    """The report a row stands in. ``type`` is ``AF``, ``TCF`` or empty; instants are UTC."""

    id: int
    name: str
    """Name of the file as it was received, else as it is archived."""
    archive_file: str
    type: str
    query_name: str
    accounts: tuple[str, ...]
    from_date: date | None
    to_date: date | None
    generated_at: datetime | None
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """One row as IBKR wrote it: ``text`` is its element letter by letter, ``attributes`` its names and values in order."""

    ref: RowRef
    report: SourceReport
    section: str
    tag: str
    account: str
    text: str
    attributes: tuple[tuple[str, str], ...]


class OriginKind(str, Enum):
    """What a link of the chain is."""

    FIGURE = "figure"
    """A figure over many trades or days; ``of`` is its name."""
    TRADE = "trade"
    MATCH = "match"
    """What one fill opened and another closed."""
    LOT = "lot"
    """What is still open of a fill."""
    EXECUTION = "execution"
    EVENT = "event"
    """A split, a merger, a transfer: it stands where a fill would."""
    CHANGE = "change"
    """What a later report changed in a fill."""
    CASH = "cash"
    EQUITY = "equity"
    """The net asset value of a day; ``of`` is the day."""
    CHECK = "check"
    PART = "part"
    """One line of the sum from our figure to IBKR's."""
    ROW = "row"
    """A row of a report; ``of`` is its tag where that is known."""


Subject: TypeAlias = (
    str | date | Trade | LotMatch | OpenLot | Execution | PositionEvent | EventLeg | FillChange | CashEntry | Check | Part | None
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """A link of the chain: a figure, what it is made of, and in the end a row of a report.

    ``amount`` is what this link adds to the one above it, in ``currency``; None where it adds nothing of its own.
    """

    kind: OriginKind
    of: Subject = None
    account: AccountId = _NOBODY
    symbol: str = ""
    amount: Decimal | None = None
    currency: str = ""
    row: RowRef | None = None
    parts: tuple[Origin, ...] = ()
    more: bool = False
    """Whether there is more below that has not been looked up: ask for the trade itself."""


def rows_in(origin: Origin) -> tuple[RowRef, ...]:
    """Return every row of a chain, each once, in order."""
    found: dict[RowRef, None] = {}
    stack = [origin]
    while stack:
        link = stack.pop()
        if link.row is not None:
            found[link.row] = None
        stack.extend(reversed(link.parts))
    return tuple(found)
