"""The rows of the demo broker's ledger: fills, cash, corporate actions, accruals and the closing of each day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from ibjournal.demo.contracts import Contract

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A fill before it is booked. ``quantity`` is signed; costs are negative; instants are aware, New York.

    ``commission`` is in ``commission_currency``, ``taxes`` and the price in the contract's currency. ``premium`` is the
    basis that an option brought into the shares it turned into (assignment, exercise), signed like the shares' cost.
    ``settlement`` is what an option that ends in money brought (or took); ``original_transaction_id`` names the row that a cancel
    takes back, and ``accrued_interest`` is what a bond's buyer pays beside the price.
    """

    contract: Contract
    moment: datetime
    trade_date: date
    report_date: date
    settle_date: date
    quantity: Decimal
    price: Decimal
    trade_id: str
    transaction_id: str
    order_id: str
    exec_id: str = ""
    brokerage_order_id: str = ""
    commission: Decimal = ZERO
    commission_currency: str = ""
    taxes: Decimal = ZERO
    kind: str = "ExchTrade"
    order_type: str = "LMT"
    venue: str = "--"
    codes: tuple[str, ...] = ()
    action_id: str = ""
    original_trade_id: str = ""
    original_transaction_id: str = ""
    premium: Decimal = ZERO
    settlement: Decimal = ZERO
    accrued_interest: Decimal = ZERO

    @property
    def delivered(self) -> bool:
        """Whether it is an option that turned into shares: what it had cost goes with them."""
        return (
            self.contract.category == "OPT"
            and self.kind == "BookTrade"
            and "Ep" not in self.codes
            and not self.contract.cash_settled
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """A booked fill: the order with what the books made of it, in the contract's currency."""

    order: Order
    open_close: str
    cost: Decimal
    realized: Decimal
    mark_to_market: Decimal
    close_price: Decimal
    rate: Decimal
    """The contract's currency in base on the report date."""

    @property
    def traded_money(self) -> Decimal:
        """``quantity x price x multiplier``, signed like the quantity."""
        return self.order.quantity * self.order.price * self.order.contract.point_value

    @property
    def proceeds(self) -> Decimal:
        """What the trade brought before costs."""
        return -self.traded_money

    @property
    def net_cash(self) -> Decimal:
        """What reached the cash as ``netCash`` has it: a future's day variation with its commission, nothing for a conversion."""
        if self.order.contract.is_currency_pair:
            return ZERO
        if self.order.contract.is_future:
            return self.mark_to_market + self.order.commission
        if self.order.contract.settled_daily:
            return self.order.commission
        return self.proceeds + self.order.commission + self.order.taxes

    @property
    def side(self) -> str:
        """BUY or SELL, marked when it takes a fill back."""
        if self.order.kind == "TradeCancel":
            return "BUY (Ca.)" if self.order.quantity < 0 else "SELL (Ca.)"
        return "BUY" if self.order.quantity > 0 else "SELL"


@dataclass(frozen=True, slots=True, kw_only=True)
class CashRow:
    """One booking of CashTransactions; ``type`` is the report's word, ``amount`` is in ``currency``, signed from the account."""

    transaction_id: str
    type: str
    currency: str
    amount: Decimal
    moment: datetime
    report_date: date
    settle_date: date
    description: str
    contract: Contract | None = None
    action_id: str = ""
    rate: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class FundsRow:
    """One movement of the cash, as the statement of funds tells it. ``code`` is the report's, ``amount`` is in ``currency``."""

    report_date: date
    moment: datetime | date
    currency: str
    amount: Decimal
    code: str
    description: str
    rate: Decimal
    contract: Contract | None = None
    fill: Fill | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CorporateActionRow:
    """One leg of a corporate action: ``quantity`` is the change of the position, ``type`` the report's code.

    Money is in the contract's currency: ``proceeds`` was paid out, ``value`` is the market value of what came or went,
    ``cost_basis`` the basis of what came where the report states it, ``realized`` the result.
    """

    contract: Contract
    type: str
    words: str
    transaction_id: str
    action_id: str
    moment: datetime
    report_date: date
    quantity: Decimal
    rate: Decimal
    proceeds: Decimal = ZERO
    value: Decimal = ZERO
    realized: Decimal = ZERO
    cost_basis: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferRow:
    """A position or cash that came (``IN``) or went (``OUT``). ``peer`` is the other account, ``value`` the position's."""

    contract: Contract | None
    type: str
    direction: str
    peer: str
    transaction_id: str
    moment: datetime
    report_date: date
    quantity: Decimal
    value: Decimal
    cash: Decimal
    currency: str
    rate: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CfdChargeRow:
    """A day's financing of a contract for difference; ``amount`` is in the contract's currency, negative as a cost."""

    contract: Contract
    transaction_id: str
    report_date: date
    amount: Decimal
    rate: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class DividendAccrualRow:
    """A dividend announced (``Po``) or paid out (``Re``, with signs turned round); money in the contract's currency."""

    contract: Contract
    report_date: date
    ex_date: date
    pay_date: date
    quantity: Decimal
    gross_rate: Decimal
    gross: Decimal
    tax: Decimal
    code: str
    rate: Decimal

    @property
    def net(self) -> Decimal:
        """What will arrive."""
        return self.gross - self.tax


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionEventRow:
    """One row of OptionEAE. ``kind``: Assignment, Exercise, Expiration, Buy, Sell or Cash Settlement."""

    fill: Fill
    kind: str
    mark_price: Decimal


class HeldLot(NamedTuple):
    """A lot as it stood at the close."""

    transaction_id: str
    opened: datetime
    quantity: Decimal
    cost: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """An open position at the close: ``cost`` is signed like the position and includes commissions."""

    contract: Contract
    quantity: Decimal
    cost: Decimal
    mark: Decimal
    lots: tuple[HeldLot, ...] = ()

    @property
    def notional(self) -> Decimal:
        """Quantity x price x multiplier."""
        return self.quantity * self.mark * self.contract.point_value

    @property
    def value(self) -> Decimal:
        """What it adds to the net asset value: what is settled every evening adds nothing."""
        return ZERO if self.contract.settled_daily else self.notional

    @property
    def unrealized(self) -> Decimal:
        """Notional less cost."""
        return self.notional - self.cost


Amounts = Mapping[tuple[str, str], Decimal]
"""(kind of flow, currency) -> amount in that currency."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayClose:
    """The books at the end of a report day. Amounts are in the currency that is their key; ``rates`` lead to base."""

    day: date
    rates: Mapping[str, Decimal]
    cash: Mapping[str, Decimal]
    unsettled: Mapping[str, Decimal]
    holdings: tuple[Holding, ...]
    interest_accruals: Mapping[str, Decimal]
    dividend_accruals: Mapping[str, Decimal]
    flows: Amounts
    """What moved the net asset value this day, by the names of ChangeInNAV."""
    cash_flows: Amounts
    """What moved the cash this day, by the names of CashReport."""

    def in_base(self, amounts: Mapping[str, Decimal]) -> Decimal:
        """Return the sum of amounts by currency, in base."""
        return sum((amount * self.rates[currency] for currency, amount in amounts.items()), ZERO)

    @property
    def value_by_currency(self) -> dict[str, Decimal]:
        """Everything the account is worth, by currency."""
        worth: dict[str, Decimal] = {}
        for part in (self.cash, self.interest_accruals, self.dividend_accruals):
            for currency, amount in part.items():
                worth[currency] = worth.get(currency, ZERO) + amount
        for holding in self.holdings:
            currency = holding.contract.currency
            worth[currency] = worth.get(currency, ZERO) + holding.value
        return worth

    @property
    def net_asset_value(self) -> Decimal:
        """Net asset value in base."""
        return self.in_base(self.value_by_currency)
