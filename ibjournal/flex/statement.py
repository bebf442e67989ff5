"""What the reader hands out: the frame of a report, and its rows.

Rows are named tuples and not dataclasses because a year of trading holds hundreds of thousands of them, and the store
takes them as they are. Money and quantities are exact decimals as text; days are ``yyyy-mm-dd``; instants are seconds since
1970-01-01 UTC. None means that the report did not say.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


@dataclass(slots=True)
class Finding:
    """Something in a report that the user should know: a code, facts, and how often it was met."""

    code: str
    values: dict[str, object]
    count: int = 1


class StatementHead(NamedTuple):
    """The frame of one FlexStatement: one account, one range of report dates."""

    number: int
    account: str
    from_date: str | None
    to_date: str | None
    generated_at: int | None
    period: str


@dataclass(slots=True)
class ReportHead:
    """What is known of a report while and after it is read. ``type`` is ``AF``, ``TCF`` or empty where it does not say."""

    type: str = ""
    query_name: str = ""
    statements: list[StatementHead] = field(default_factory=list)
    sections: dict[str, int] = field(default_factory=dict)
    """Rows a section, of whatever level; 0 for a section that is there and empty."""
    present: dict[int, set[str]] = field(default_factory=dict)
    """The sections of each statement by its number, empty ones too."""
    dropped: int = 0
    """Cross-account summary rows (``accountId="-"``)."""
    findings: list[Finding] = field(default_factory=list)

    def accounts(self) -> tuple[str, ...]:
        """Return the accounts of the statements, each once, in order."""
        return tuple(dict.fromkeys(head.account for head in self.statements if head.account not in {"", "-"}))

    @property
    def kind(self) -> str:
        """``AF`` or ``TCF``, by the sections where the report does not say."""
        if self.type in {"AF", "TCF"}:
            return self.type
        return "TCF" if "TradeConfirms" in self.sections and "Trades" not in self.sections else "AF"

    @property
    def from_date(self) -> str | None:
        """First day that a statement covers."""
        return min((head.from_date for head in self.statements if head.from_date), default=None)

    @property
    def to_date(self) -> str | None:
        """Last day that a statement covers."""
        return max((head.to_date for head in self.statements if head.to_date), default=None)

    @property
    def generated_at(self) -> int | None:
        """When IBKR made the report: the latest of its statements."""
        return max((head.generated_at for head in self.statements if head.generated_at is not None), default=None)


class RowPlace(NamedTuple):
    """Where a row stands: ``ordinal`` is its number among all rows of the report, from 0."""

    statement: int
    account: str
    section: str
    tag: str
    ordinal: int


class RawRow(NamedTuple):
    """A row as IBKR wrote it."""

    place: RowPlace
    attributes: dict[str, str]


class InstrumentRow(NamedTuple):
    """What a row says of its contract. ``instrument`` is the conid, or a key made of class, symbol and terms."""

    instrument: str
    category: str
    symbol: str
    description: str
    currency: str
    multiplier: str
    underlying: str | None
    underlying_symbol: str
    isin: str
    exchange: str
    expiry: str | None
    strike: str | None
    put_call: str


class FillRow(NamedTuple):
    """A fill at execution level: a Trade of Activity or a TradeConfirm of a confirmation."""

    account: str
    instrument: str
    ordinal: int
    source: str
    category: str
    symbol: str
    currency: str
    quantity: str
    price: str
    multiplier: str
    executed_at: int
    trade_date: str
    report_date: str | None
    settle_date: str | None
    proceeds: str | None
    commission: str | None
    commission_currency: str
    taxes: str | None
    net_cash: str | None
    cost: str | None
    realized: str | None
    fx_rate_to_base: str | None
    kind: str
    buy_sell: str
    open_close: str
    codes: str
    order_id: str
    brokerage_order_id: str
    trade_id: str
    transaction_id: str
    exec_id: str
    orig_trade_id: str
    orig_transaction_id: str
    orig_trade_date: str | None
    position_action_id: str
    order_type: str
    exchange: str
    order_reference: str
    ordered_at: int | None
    close_price: str | None
    mtm: str | None
    accrued_interest: str | None
    extra: str | None
    """What we do not know yet, as JSON; ``missing`` lists fields without which the fill cannot be matched."""


class CashRow(NamedTuple):
    """A cash transaction at detail level."""

    account: str
    ordinal: int
    type: str
    amount: str
    currency: str
    fx_rate_to_base: str | None
    booked_at: int
    value_date: str
    report_date: str | None
    instrument: str | None
    symbol: str
    description: str
    transaction_id: str
    action_id: str
    extra: str | None


class ActionRow(NamedTuple):
    """A corporate action; ``quantity`` is the change of the position."""

    account: str
    instrument: str
    ordinal: int
    type: str
    effective_at: int
    report_date: str | None
    quantity: str | None
    proceeds: str | None
    value: str | None
    realized: str | None
    currency: str
    symbol: str
    description: str
    action_id: str
    transaction_id: str
    data: str


class EquityRow(NamedTuple):
    """Net asset value of an account at the close of a day, in its base currency."""

    account: str
    day: str
    total: str
    cash: str | None
    stock: str | None
    options: str | None
    ordinal: int
    data: str


class PositionRow(NamedTuple):
    """An open position, or one lot of it (``level``), at the close of a day."""

    account: str
    day: str
    instrument: str
    level: str
    quantity: str
    mark_price: str | None
    value: str | None
    cost_price: str | None
    cost_money: str | None
    unrealized: str | None
    currency: str
    fx_rate_to_base: str | None
    ordinal: int
    data: str


class RateRow(NamedTuple):
    """A conversion rate: one unit of ``from_currency`` in ``to_currency``."""

    day: str
    from_currency: str
    to_currency: str
    rate: str


class AccountRow(NamedTuple):
    """What a report says of an account."""

    account: str
    base_currency: str
    data: str


class OtherRow(NamedTuple):
    """Any other row, known to us or not, as IBKR wrote it (``data`` is JSON)."""

    account: str
    section: str
    tag: str
    from_date: str
    to_date: str
    instrument: str | None
    ordinal: int
    data: str


Row = FillRow | CashRow | ActionRow | EquityRow | PositionRow | RateRow | AccountRow | InstrumentRow | OtherRow
