"""Executions: fills as the broker reported them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import NewType

from ibjournal.domain.depot import AccountId
from ibjournal.domain.instrument import AssetClass, InstrumentId

ExecutionId = NewType("ExecutionId", str)
"""Stable id of a fill within its account: the same in a confirmation and in Activity, and over corrections.

``ibExecID`` without its revision group, else ``tradeID``, else ``transactionID``, else a digest of the content.
"""


class ReportType(str, Enum):
    """Which of the two Flex queries a report or a row came from."""

    ACTIVITY = "AF"
    CONFIRMATION = "TCF"


class ExecutionStatus(str, Enum):
    """Only `ACTIVE` executions are matched into trades; the others stay on file and can be seen."""

    ACTIVE = "active"
    CANCELLED = "cancelled"
    """Reversed by a cancel row."""
    CANCEL = "cancel"
    """The cancel row itself."""
    SUPERSEDED = "superseded"
    """Replaced by a newer revision of the same fill."""
    VANISHED = "vanished"
    """Missing in a later report that covers its day."""
    INCOMPLETE = "incomplete"
    """The query leaves out what matching needs: quantity, price or time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One fill.

    ``quantity`` is signed (bought positive). Money is in ``currency`` except ``commission``
    (``commission_currency``); costs are negative as IBKR writes them. ``None`` means that the report did not
    say, never zero. ``executed_at`` is an aware UTC instant; ``trade_date`` is the exchange's trading day.
    """

    id: ExecutionId
    account: AccountId
    instrument: InstrumentId
    asset_class: AssetClass
    symbol: str
    currency: str
    quantity: Decimal
    price: Decimal
    multiplier: Decimal
    executed_at: datetime
    trade_date: date
    source: ReportType
    report_date: date | None = None
    settle_date: date | None = None
    proceeds: Decimal | None = None
    commission: Decimal | None = None
    commission_currency: str = ""
    taxes: Decimal | None = None
    net_cash: Decimal | None = None
    cost: Decimal | None = None
    realized: Decimal | None = None
    """IBKR's ``fifoPnlRealized``: net of the commissions of both sides, in ``currency``."""
    fx_rate_to_base: Decimal | None = None
    kind: str = ""
    """IBKR's ``transactionType``: ExchTrade, BookTrade, TradeCancel, …"""
    open_close: str = ""
    """``O``, ``C``, ``C;O`` or empty, as IBKR wrote it."""
    codes: tuple[str, ...] = ()
    """IBKR's note codes such as ``A``, ``Ex``, ``Ep``, ``P``, ``AFx``."""
    order_id: str = ""
    trade_id: str = ""
    transaction_id: str = ""
    exec_id: str = ""
    order_type: str = ""
    exchange: str = ""
    status: ExecutionStatus = ExecutionStatus.ACTIVE

    @property
    def provisional(self) -> bool:
        """Whether only a confirmation told of this fill so far."""
        return self.source is ReportType.CONFIRMATION
