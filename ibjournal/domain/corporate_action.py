"""Corporate actions as changes to lots: splits change quantity and price, never the result."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from ibjournal.domain.depot import AccountId
from ibjournal.domain.instrument import AssetClass, InstrumentId
from ibjournal.domain.provenance import RowRef

SPLIT_TYPES = frozenset({"FS", "RS", "SD"})
"""IBKR's types that multiply a position without a payment: forward split, reverse split, stock dividend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CorporateAction:
    """What a corporate action did to one instrument of an account.

    ``quantity`` is the change of the position that IBKR booked (signed), not the new position. ``effective_at`` is an aware
    UTC instant; IBKR books on the evening before ``report_date``. Money is in ``currency``, signed from the account's view.
    """

    id: str
    account: AccountId
    instrument: InstrumentId
    type: str
    """IBKR's code: ``FS``, ``RS``, ``TC``, ``SO``, …; empty in old reports."""
    effective_at: datetime
    quantity: Decimal
    report_date: date | None = None
    ratio: Decimal | None = None
    """New units for one old unit, where a report states it; else it follows from ``quantity`` and the position."""
    action_id: str = ""
    """Groups the rows of one event."""
    symbol: str = ""
    description: str = ""
    currency: str = ""
    proceeds: Decimal | None = None
    value: Decimal | None = None
    realized: Decimal | None = None
    transaction_id: str = ""
    codes: tuple[str, ...] = ()
    """IBKR's codes: ``Ca`` is a row that takes back another."""
    cost: Decimal | None = None
    """The basis of what came, where a report states it."""
    isin: str = ""
    asset_class: AssetClass | None = None
    row: RowRef | None = None

    @property
    def is_split(self) -> bool:
        """Whether it multiplies the position and leaves its cost alone."""
        return self.type in SPLIT_TYPES


def split_position(change: Decimal, ratio: Decimal | None, position: Decimal) -> Decimal | None:
    """Return the position after a split, None where it cannot be a split of that position.

    IBKR's change decides (it knows how it rounded); the stated ratio is used only where the change is 0.
    A split neither empties nor turns a position: such a row belongs to an exchange of one contract for another.

    Args:
        change: of the position, signed.
        ratio: new units for one old unit, where it is stated.
        position: the signed position just before.
    """
    after = position + change
    if not change and ratio is not None:
        after = position * ratio
    return after if position and after and (after > 0) == (position > 0) else None
