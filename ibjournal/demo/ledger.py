"""The rows of the demo broker's ledger: fills, cash, corporate actions, accruals and the closing of each day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from ibjournal.demo.contracts import Contract

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A fill before it is booked. ``quantity`` is signed; costs are negative; instants are aware, New York.

    ``commission`` is in ``commission_currency``, ``taxes`` and the price in the contract's currency. ``premium`` is the
    basis that an option brought into the shares it turned into (assignment, exercise), signed like the shares' cost.
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
    premium: Decimal = ZERO


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
        return self.order.quantity * self.order.price * self.order.contract.multiplier

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
class SplitRow:
    """One share became two: ``quantity`` is what was added."""

    contract: Contract
    transaction_id: str
    action_id: str
    moment: datetime
    report_date: date
    quantity: Decimal
    value: Decimal
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
    """One row of OptionEAE. ``kind``: Assignment, Exercise, Expiration, Buy or Sell."""

    fill: Fill
    kind: str
    mark_price: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """An open position at the close: ``cost`` is signed like the position and includes commissions."""

    contract: Contract
    quantity: Decimal
    cost: Decimal
    mark: Decimal

    @property
    def notional(self) -> Decimal:
        """Quantity x price x multiplier."""
        return self.quantity * self.mark * self.contract.multiplier

    @property
    def value(self) -> Decimal:
        """What it adds to the net asset value: a future is settled every evening and adds nothing."""
        return ZERO if self.contract.is_future else self.notional

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
