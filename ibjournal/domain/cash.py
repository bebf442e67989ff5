"""Cash entries: dividends, taxes, interest, fees, deposits and withdrawals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum

from ibjournal.domain.depot import AccountId
from ibjournal.domain.instrument import InstrumentId


class CashKind(str, Enum):
    """The kinds that screens tell apart; IBKR's own word stays in `CashEntry.type`."""

    DIVIDEND = "dividend"
    WITHHOLDING_TAX = "withholding_tax"
    INTEREST = "interest"
    BOND_INTEREST = "bond_interest"
    FEE = "fee"
    COMMISSION_ADJUSTMENT = "commission_adjustment"
    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    TRANSFER = "transfer"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class CashEntry:
    """One booking in ``currency``, signed from the account's view; ``booked_at`` is an aware UTC instant."""

    id: str
    account: AccountId
    kind: CashKind
    type: str
    amount: Decimal
    currency: str
    booked_at: datetime
    value_date: date
    """The day IBKR gives for the payment."""
    report_date: date | None = None
    fx_rate_to_base: Decimal | None = None
    instrument: InstrumentId | None = None
    symbol: str = ""
    description: str = ""
    transaction_id: str = ""
    action_id: str = ""
