"""One account's books: lots first in, first out, cash by currency, and what moved the net asset value each day.

Written on its own, without a line of the journal's engine, so that tests have a witness who was not asked twice.
Lots are kept as whole costs: a lot that is sold in part gives up cost in proportion, rounded to six decimals, and its last
part takes what is left.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from ibjournal.demo.contracts import Contract
from ibjournal.demo.ledger import ZERO, DayClose, Fill, Holding, Order
from ibjournal.demo.market import Market

MICRO = Decimal("0.000001")
_TRACKED = ("EUR", "USD")


@dataclass(slots=True, kw_only=True)
class Lot:
    """What is left of an opening fill; ``quantity`` and ``cost`` share their sign."""

    contract: Contract
    transaction_id: str
    opened: datetime
    quantity: Decimal
    cost: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedLot:
    """A piece of a lot that a fill closed. ``cost`` is signed like the lot; ``realized`` is net of both commissions."""

    lot_transaction_id: str
    opened: datetime
    quantity: Decimal
    cost: Decimal
    realized: Decimal
    closing: str
    """The closing fill's transaction id."""


class AccountBooks:
    """The books of one account in its base currency."""

    def __init__(self, account: str, base: str, market: Market) -> None:
        self.account = account
        self.base = base
        self.realized: dict[str, Decimal] = {}
        """Realised profit by transaction id, in the contract's currency: every fill is here, openings with zero."""
        self.closed_lots: list[ClosedLot] = []
        self.closes: list[DayClose] = []
        self._market = market
        self._lots: dict[str, list[Lot]] = {}
        self._cash: defaultdict[str, Decimal] = defaultdict(Decimal)
        self._interest: defaultdict[str, Decimal] = defaultdict(Decimal)
        self._dividends: defaultdict[str, Decimal] = defaultdict(Decimal)
        self._flows: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
        self._cash_flows: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
        self._unsettled: list[tuple[date, str, Decimal]] = []
        self._variation: defaultdict[str, Decimal] = defaultdict(Decimal)
        self._traded: defaultdict[str, Decimal] = defaultdict(Decimal)

    # -- looking ---------------------------------------------------------------------------------------------------

    def position(self, contract: Contract) -> Decimal:
        """Return the open quantity, signed."""
        return sum((lot.quantity for lot in self._lots.get(contract.conid, ())), ZERO)

    def open_contracts(self) -> list[Contract]:
        """Return what is held, in the order of the conids."""
        return [lots[0].contract for _, lots in sorted(self._lots.items()) if lots]

    def cost_of(self, contract: Contract) -> Decimal:
        """Return the cost of what is held, signed like the position."""
        return sum((lot.cost for lot in self._lots.get(contract.conid, ())), ZERO)

    def cash(self, currency: str) -> Decimal:
        """Return the cash of a currency at this moment."""
        return self._cash[currency]

    # -- fills -----------------------------------------------------------------------------------------------------

    def book(self, order: Order) -> Fill:
        """Book a fill: change lots and cash, and return it with its cost and realised profit."""
        if order.contract.is_currency_pair:
            return self._book_conversion(order)
        removed, opened_cost, realized, closed_quantity = self._match(order)
        opening = order.quantity - closed_quantity
        if order.kind == "TradeCancel":
            open_close = ""
        elif closed_quantity and opening:
            open_close = "C;O"
        else:
            open_close = "C" if closed_quantity else "O"
        close = self._market.mark(order.contract, order.report_date)
        fill = Fill(
            order=order,
            open_close=open_close,
            cost=opened_cost - removed,
            realized=realized,
            mark_to_market=(close - order.price) * order.quantity * order.contract.multiplier,
            close_price=close,
            rate=self._market.rate(order.contract.currency, self.base, order.report_date),
        )
        self.realized[order.transaction_id] = realized
        self._move_cash(fill)
        return fill

    def _match(self, order: Order) -> tuple[Decimal, Decimal, Decimal, Decimal]:
        """Return removed cost, cost of what was opened, realised profit and the closed quantity (signed like the order)."""
        lots = self._lots.setdefault(order.contract.conid, [])
        if order.kind == "TradeCancel":
            return self._take_back(lots, order)
        money = -order.quantity * order.price * order.contract.multiplier + order.commission + order.taxes
        left, removed, realized, used = order.quantity, ZERO, ZERO, ZERO
        while left and lots and (lots[0].quantity > 0) != (left > 0):
            lot = lots[0]
            piece = min(abs(left), abs(lot.quantity)) * (1 if left > 0 else -1)
            cost = lot.cost if -piece == lot.quantity else (lot.cost * -piece / lot.quantity).quantize(MICRO)
            left -= piece
            share = money - used if not left else (money * piece / order.quantity).quantize(MICRO)
            used += share
            # A premium carried into shares that close a position raises what they bring; an option that turned into
            # shares realises nothing itself: its cost goes with the shares.
            premium = (order.premium * piece / order.quantity).quantize(MICRO)
            gained = (
                ZERO
                if order.contract.is_option and order.kind == "BookTrade" and "Ep" not in order.codes
                else share - cost - premium
            )
            removed += cost
            realized += gained
            self.closed_lots.append(
                ClosedLot(
                    lot_transaction_id=lot.transaction_id,
                    opened=lot.opened,
                    quantity=-piece,
                    cost=cost,
                    realized=gained,
                    closing=order.transaction_id,
                )
            )
            lot.quantity += piece
            lot.cost -= cost
            if not lot.quantity:
                lots.pop(0)
        opened_cost = ZERO
        if left:
            part = ZERO if left == order.quantity else (order.premium * (order.quantity - left) / order.quantity).quantize(MICRO)
            opened_cost = -(money - used) + (order.premium - part)
            lots.append(
                Lot(
                    contract=order.contract,
                    transaction_id=order.transaction_id,
                    opened=order.moment,
                    quantity=left,
                    cost=opened_cost,
                )
            )
        return removed, opened_cost, realized, order.quantity - left

    @staticmethod
    def _take_back(lots: list[Lot], order: Order) -> tuple[Decimal, Decimal, Decimal, Decimal]:
        """Undo the newest lot: the broker cancels a fill before anything was closed against it."""
        lot = lots.pop()
        if lot.quantity != -order.quantity:
            raise ValueError("only the last opening fill can be cancelled")
        return lot.cost, ZERO, ZERO, order.quantity

    def _move_cash(self, fill: Fill) -> None:
        order, currency = fill.order, fill.order.contract.currency
        if order.contract.is_future:
            self._variation[currency] += fill.mark_to_market
        else:
            self._cash[currency] += fill.proceeds
            self._traded[currency] += fill.proceeds
            self._cash_flows["netTradesSales" if fill.proceeds > 0 else "netTradesPurchases", currency] += fill.proceeds
            if fill.proceeds and order.settle_date > order.report_date:
                self._unsettled.append((order.settle_date, currency, fill.proceeds))
        self._pay(order.commission, order.commission_currency or currency, "commissions")
        self._pay(order.taxes, currency, "transactionTax")

    def _book_conversion(self, order: Order) -> Fill:
        """A conversion moves cash in two currencies and realises nothing; its price against the day's rate is FX profit."""
        bought, paid = order.contract.symbol.split(".")
        money = -order.quantity * order.price
        for currency, amount in ((bought, order.quantity), (paid, money)):
            self._cash[currency] += amount
            self._flows["netFxTrading", currency] += amount
            self._cash_flows["netTradesSales" if amount > 0 else "netTradesPurchases", currency] += amount
        self._cash[order.commission_currency] += order.commission
        self._flows["forexCommissions", order.commission_currency] += order.commission
        self._cash_flows["commissions", order.commission_currency] += order.commission
        self.realized[order.transaction_id] = ZERO
        close = self._market.euro_in_dollars(order.report_date)
        return Fill(
            order=order,
            open_close="",
            cost=ZERO,
            realized=ZERO,
            mark_to_market=(close - order.price) * order.quantity,
            close_price=ZERO,
            rate=self._market.rate(paid, self.base, order.report_date),
        )

    def _pay(self, amount: Decimal, currency: str, name: str) -> None:
        if amount:
            self._cash[currency] += amount
            self._flows[name, currency] += amount
            self._cash_flows[name, currency] += amount

    # -- cash, accruals, splits ------------------------------------------------------------------------------------

    def add_cash(self, amount: Decimal, currency: str, *, nav_name: str, cash_name: str) -> None:
        """Book cash from outside trading under its names in ChangeInNAV and CashReport."""
        self._cash[currency] += amount
        self._flows[nav_name, currency] += amount
        self._cash_flows[cash_name, currency] += amount

    def accrue_interest(self, amount: Decimal, currency: str) -> None:
        """Change the interest that is earned or owed but not paid yet."""
        self._interest[currency] += amount
        self._flows["changeInInterestAccruals", currency] += amount

    def accrued_interest(self, currency: str) -> Decimal:
        """Return the interest not paid yet."""
        return self._interest[currency]

    def accrue_dividend(self, amount: Decimal, currency: str) -> None:
        """Change the dividends that are announced but not paid yet."""
        self._dividends[currency] += amount
        self._flows["changeInDividendAccruals", currency] += amount

    def split_in_two(self, contract: Contract) -> Decimal:
        """Double the shares of every lot at unchanged cost; return what was added."""
        added = self.position(contract)
        for lot in self._lots.get(contract.conid, ()):
            lot.quantity *= 2
        return added

    # -- the end of the day ----------------------------------------------------------------------------------------

    def close_day(self, day: date) -> DayClose:
        """Mark everything to market, settle futures, and keep the day's picture."""
        self._settle_futures(day)
        holdings = tuple(
            Holding(
                contract=contract,
                quantity=self.position(contract),
                cost=self.cost_of(contract),
                mark=self._market.mark(contract, day),
            )
            for contract in self.open_contracts()
        )
        before = self.closes[-1].holdings if self.closes else ()
        for currency in _TRACKED:
            worth = sum((holding.value for holding in holdings if holding.contract.currency == currency), ZERO)
            worth -= sum((holding.value for holding in before if holding.contract.currency == currency), ZERO)
            self._flows["mtm", currency] = worth + self._traded[currency] + self._variation[currency]
        self._unsettled = [entry for entry in self._unsettled if entry[0] > day]
        unsettled: defaultdict[str, Decimal] = defaultdict(Decimal)
        for _, currency, amount in self._unsettled:
            unsettled[currency] += amount
        closed = DayClose(
            day=day,
            rates={currency: self._market.rate(currency, self.base, day) for currency in _TRACKED},
            cash={currency: self._cash[currency] for currency in _TRACKED},
            unsettled=dict(unsettled),
            holdings=holdings,
            interest_accruals={currency: self._interest[currency] for currency in _TRACKED},
            dividend_accruals={currency: self._dividends[currency] for currency in _TRACKED},
            flows={key: amount for key, amount in self._flows.items() if amount},
            cash_flows={key: amount for key, amount in self._cash_flows.items() if amount},
        )
        self.closes.append(closed)
        for daily in (self._flows, self._cash_flows):
            daily.clear()
        for totals in (self._variation, self._traded):
            totals.clear()
        return closed

    def _settle_futures(self, day: date) -> None:
        """Pay the day's change of every future that was held overnight, and of what was traded today."""
        before = {h.contract.conid: h for h in self.closes[-1].holdings if h.contract.is_future} if self.closes else {}
        for holding in before.values():
            change = self._market.mark(holding.contract, day) - holding.mark
            self._variation[holding.contract.currency] += change * holding.quantity * holding.contract.multiplier
        for currency, amount in self._variation.items():
            self._cash[currency] += amount
            if amount:
                self._cash_flows["cashSettlingMtm", currency] += amount
