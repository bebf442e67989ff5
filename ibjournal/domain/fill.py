"""What a fill is worth: its money at the price, its fees in the trade's currency, its rate, and IBKR's own figure for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from ibjournal.domain.depot import AccountId
from ibjournal.domain.execution import Execution, ExecutionId, ExecutionStatus
from ibjournal.domain.instrument import AssetClass, InstrumentId, point_value
from ibjournal.domain.money import plain, rounded

RateLookup = Callable[[str, date], Decimal | None]
"""Currency and day to the rate into the base currency, None where it is not known."""

_ZERO = Decimal(0)
_ONE = Decimal(1)
_ROUNDING = Decimal("0.01")
"""How far IBKR's proceeds may lie from quantity × price before it is told: reports round both."""
_RELATIVE_ROUNDING = Decimal("1E-6")
_HALF_A_CENT = Decimal("0.005")
_OPTION_CLASSES = frozenset({AssetClass.OPT, AssetClass.FOP, AssetClass.WAR, AssetClass.IOPT})
_EXERCISE_CODES = frozenset({"A", "Ex", "AEx", "MEx", "GEA"})
DAILY_SETTLED = frozenset({AssetClass.FUT, AssetClass.CFD})
"""Settled day by day: nothing is invested, and what IBKR writes as their cost proves nothing."""
_COST_PROVES_NOTHING = DAILY_SETTLED | {AssetClass.BOND, AssetClass.BILL}
"""With accrued interest the cost of a bond is more than was paid for it at its price."""


class FillFacts(NamedTuple):
    """What matching needs of an `Execution`, field by field the same: a tuple, because a rebuild makes one for every fill."""

    id: ExecutionId
    account: AccountId
    instrument: InstrumentId
    asset_class: AssetClass
    currency: str
    quantity: Decimal
    price: Decimal
    multiplier: Decimal
    executed_at: datetime
    trade_date: date
    report_date: date | None
    provisional: bool
    proceeds: Decimal | None
    commission: Decimal | None
    commission_currency: str
    taxes: Decimal | None
    cost: Decimal | None
    realized: Decimal | None
    fx_rate_to_base: Decimal | None
    open_close: str
    codes: tuple[str, ...]
    trade_id: str
    transaction_id: str
    exec_id: str
    status: ExecutionStatus


class Terms(NamedTuple):
    """What of an instrument is needed to value units of it where there is no fill to look at."""

    asset_class: AssetClass
    multiplier: Decimal
    currency: str

    @classmethod
    def unknown(cls, currency: str) -> Terms:
        """Return the terms of something that no report describes: it counts by the unit."""
        return cls(AssetClass.OTHER, _ONE, currency)


Matchable = Execution | FillFacts
"""What the engine takes."""


def only_closes(execution: Matchable) -> bool:
    """Return whether IBKR flags the whole of a fill as a close."""
    return "C" in execution.open_close and "O" not in execution.open_close


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchingProblem:
    """Something the engine had to leave open.

    Codes: ``zero_quantity`` (a fill of nothing), ``entry_unknown`` (closes more than we saw opened), ``basis_unknown`` (and IBKR's
    figure is missing too), ``flip_without_position`` (a ``C;O`` fill whose closing part cannot be told),
    ``flag_contradicts_position`` (flagged as an opening, yet it closes what is there, and no figure of IBKR says that it does),
    ``cancelled_fill_cost`` (commission and taxes of a cancelled fill that no re-booking takes over: in no trade),
    ``commission_missing`` (once an instrument, ``n`` fills), ``commission_currency`` (a commission in another currency without a
    rate: left out of the fees), ``proceeds_differ`` (IBKR's money is not quantity × price; IBKR's is taken).
    Of events, with the ``event``'s id, its ``type`` and the ``quantity`` among the values: ``unknown_event`` (it is not applied),
    ``split_without_position``, ``event_against_position`` (it would turn or meet a position of the other direction: not applied),
    ``event_currency`` (its money is in a currency without a rate: not applied), ``basis_asked`` (what its units had cost is not
    known), ``exchange_cash_unclear`` (cash that came with an exchange lowers the cost of what came: no result is invented).
    Of a report of positions: ``position_contradicts`` (it says ``reported`` where we know of ``quantity``: it proves nothing).
    """

    code: str
    execution: ExecutionId | None = None
    values: tuple[tuple[str, object], ...] = ()


def settled_in_cash(execution: Matchable, cash: Decimal) -> Matchable:
    """Return the closing fill of an option with the cash that settled it: IBKR's row shows a price of 0.

    Args:
        execution: the exercise, assignment or expiry.
        cash: in the fill's currency, received positive.
    """
    points = execution.quantity * point_value(execution.asset_class, execution.multiplier)
    if not points or not cash:
        return execution
    price = plain(-cash / points)
    codes = ("settled", *execution.codes)
    if isinstance(execution, Execution):
        return replace(execution, price=price, proceeds=cash, codes=codes)
    return execution._replace(price=price, proceeds=cash, codes=codes)


class Fill:
    """An execution with its money. ``size`` is positive; ``value`` is what ``size`` units are worth at the price."""

    __slots__ = ("direction", "execution", "fees", "size", "value")

    def __init__(self, execution: Matchable, size: Decimal, direction: int, value: Decimal, fees: Decimal) -> None:
        self.execution = execution
        self.size = size
        self.direction = direction
        self.value = value
        self.fees = fees

    def earned(self, *, came_with: Decimal) -> Decimal | None:
        """Return what the fill earned as IBKR knows it, net of fees; None where the row does not say.

        On assignment and exercise IBKR shows 0 on the option and moves the premium into the stock's result: on both rows the
        cost that it removed tells what was earned without that.

        Args:
            came_with: the premium that our own lots of the option say was moved; IBKR's result of the stock holds it.
        """
        execution = self.execution
        realized, cost = execution.realized, execution.cost
        by_cost = cost + self.fees - self.value * self.direction if cost else None
        if _EXERCISE_CODES.isdisjoint(execution.codes):
            if realized is None:
                return by_cost
        elif execution.asset_class in _OPTION_CLASSES:
            return realized or by_cost
        elif by_cost is not None:
            return by_cost
        return None if realized is None else realized - came_with

    def agrees(self, net: Decimal) -> bool:
        """Return whether IBKR's figure is there and the same as ``net``."""
        realized = self.execution.realized
        return realized is not None and abs(realized - net) <= _HALF_A_CENT

    def proves_close(self, net: Decimal) -> bool:
        """Return whether a fill without a flag opened nothing, by IBKR's own figures.

        An opening has no result, and its cost is what it paid. A cost that was removed has the sign of the fill.

        Args:
            net: what the fill earned on lots that we saw; where that is all IBKR tells of, the rest has opened.
        """
        execution = self.execution
        if execution.realized is not None:
            return bool(execution.realized) and not self.agrees(net)
        cost = execution.cost
        if not cost or (cost > 0) != (self.direction > 0) or execution.commission is None:
            return False
        if execution.asset_class in _COST_PROVES_NOTHING:
            return False
        if not _EXERCISE_CODES.isdisjoint(execution.codes):
            return False  # the cost of an assigned share holds the premium
        paid = self.value * self.direction - self.fees
        slack = _ROUNDING + abs(paid) * _RELATIVE_ROUNDING
        if execution.commission_currency not in {"", execution.currency}:
            slack += abs(self.fees)  # converted at a rate of our own
        return abs(cost - paid) > slack

    def cost_price(self, quantity: Decimal, *, explained: Decimal) -> Decimal | None:
        """Return IBKR's cost a unit of the part that was opened unseen, in points of price; None where the row does not say.

        Args:
            quantity: of that part, positive.
            explained: the cost of the other part, signed as IBKR's.
        """
        execution = self.execution
        points = quantity * point_value(execution.asset_class, execution.multiplier)
        return plain((execution.cost - explained) * self.direction / points) if execution.cost and points else None


class Pricing:
    """Values fills for one account. What it has to leave open is added to ``problems``."""

    def __init__(self, *, base_currency: str, rate_to_base: RateLookup | None, problems: list[MatchingProblem]) -> None:
        self.base = base_currency
        self._lookup = rate_to_base
        self._problems = problems
        self._factors: dict[tuple[AssetClass, Decimal], Decimal] = {}
        self.without_commission: list[ExecutionId] = []

    def fill(self, execution: Matchable) -> Fill:
        """Return the execution with its money."""
        quantity = execution.quantity
        direction = 1 if quantity > 0 else -1
        size = abs(quantity)
        commission, taxes = execution.commission, execution.taxes
        if commission is not None and execution.commission_currency == execution.currency:
            fees = commission + taxes if taxes else commission  # nearly every fill
        else:
            fees = self._fees(execution)
        return Fill(execution, size, direction, self._value(execution, size, direction), fees)

    def rate(self, execution: Matchable) -> Decimal | None:
        """Return the rate from the trade's currency into the base currency, None where nobody knows it."""
        if execution.fx_rate_to_base is not None:
            return execution.fx_rate_to_base
        return self.rate_of(execution.currency, execution.report_date or execution.trade_date)

    def convert(self, amount: Decimal, currency: str, into: str, day: date) -> Decimal | None:
        """Return an amount in another currency at the rates of a day, None where they are not known."""
        if currency == into or not amount or not currency:
            return amount
        rate, own_rate = self.rate_of(into, day), self.rate_of(currency, day)
        return rounded(amount * own_rate / rate) if rate and own_rate else None

    def rate_of(self, currency: str, day: date) -> Decimal | None:
        """Return the rate of a currency into the base currency on a day, None where nobody knows it."""
        if currency and currency == self.base:
            return _ONE
        return self._lookup(currency, day) if self._lookup is not None else None

    def points(self, terms: Terms, quantity: Decimal) -> Decimal:
        """Return the money that one point of price means for so many units."""
        return quantity * point_value(terms.asset_class, terms.multiplier)

    def _value(self, execution: Matchable, size: Decimal, direction: int) -> Decimal:
        kind = (execution.asset_class, execution.multiplier)
        factor = self._factors.get(kind)
        if factor is None:
            factor = self._factors[kind] = point_value(*kind)
        at_price = execution.price * size * factor
        proceeds = execution.proceeds
        if not proceeds:
            return at_price
        told = -proceeds if direction > 0 else proceeds
        difference = told - at_price
        if not difference:
            return at_price
        if (told < 0) != (at_price < 0) or not at_price:
            self._differ(execution, at_price)
            return at_price
        if abs(difference) > _ROUNDING and abs(difference) > abs(at_price) * _RELATIVE_ROUNDING:
            self._differ(execution, at_price)
        return told

    def _differ(self, execution: Matchable, at_price: Decimal) -> None:
        values = (("proceeds", execution.proceeds), ("at_price", at_price))
        self._problems.append(MatchingProblem(code="proceeds_differ", execution=execution.id, values=values))

    def _fees(self, execution: Matchable) -> Decimal:
        taxes = execution.taxes or _ZERO
        commission = execution.commission
        if commission is None:
            self.without_commission.append(execution.id)
            return taxes
        if not commission or not execution.commission_currency or execution.commission_currency == execution.currency:
            return commission + taxes
        day = execution.report_date or execution.trade_date
        rate = self.rate(execution)
        own_rate = self.rate_of(execution.commission_currency, day)
        if rate and own_rate:
            return rounded(commission * own_rate / rate) + taxes
        values = (("amount", commission), ("currency", execution.commission_currency))
        self._problems.append(MatchingProblem(code="commission_currency", execution=execution.id, values=values))
        return taxes
