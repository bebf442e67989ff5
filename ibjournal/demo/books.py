"""One account's books: lots first in, first out, cash by currency, and what moved the net asset value each day.

Written on its own, without a line of the journal's engine, so that tests have a witness who was not asked twice.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal

from ibjournal.demo.contracts import Contract
from ibjournal.demo.ledger import ZERO, CashRow, DayClose, Fill, FundsRow, HeldLot, Holding, Order
from ibjournal.demo.lot_book import Change, ClosedLot, LotBook, RoundTrip, WashSale
from ibjournal.demo.quotes import Quotes

_TRACKED = ("EUR", "USD")
_FUNDS_CODES = {"Ep": "EXP", "A": "ASSIGN", "Ex": "EXE"}


class AccountBooks:
    """The books of one account in its base currency. ``wash_sales``: kept as for a taxpayer of the United States."""

    def __init__(self, account: str, base: str, market: Quotes, *, wash_sales: bool = False) -> None:
        self.account = account
        self.base = base
        self.realized: dict[str, Decimal] = {}
        """IBKR's realised result by transaction id, in the contract's currency: every fill is here, openings with zero."""
        self.booked: dict[str, Decimal] = {}
        """The same before losses are disallowed, and of corporate actions too."""
        self.earned: dict[str, Decimal] = {}
        """The same with the premium of an option on the option."""
        self.closes: list[DayClose] = []
        self.funds: list[FundsRow] = []
        self.book_of_lots = LotBook(wash_sales=wash_sales)
        self._market = market
        self._cash: defaultdict[str, Decimal] = defaultdict(Decimal)
        self._interest: defaultdict[str, Decimal] = defaultdict(Decimal)
        self._dividends: defaultdict[str, Decimal] = defaultdict(Decimal)
        self._flows: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
        self._cash_flows: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
        self._unsettled: list[tuple[date, str, Decimal]] = []
        self._variation: defaultdict[str, Decimal] = defaultdict(Decimal)
        self._traded: defaultdict[str, Decimal] = defaultdict(Decimal)

    # -- looking ---------------------------------------------------------------------------------------------------

    @property
    def closed_lots(self) -> list[ClosedLot]:
        """Which piece of which lot a fill closed, in the order of booking."""
        return self.book_of_lots.closed

    @property
    def wash_sales(self) -> list[WashSale]:
        """The losses that were disallowed."""
        return self.book_of_lots.washed

    @property
    def trips(self) -> list[RoundTrip]:
        """All round trips."""
        return self.book_of_lots.trips

    def position(self, contract: Contract) -> Decimal:
        """Return the open quantity, signed."""
        return self.book_of_lots.position(contract)

    def open_contracts(self) -> list[Contract]:
        """Return what is held, in the order of the conids."""
        return self.book_of_lots.open_contracts()

    def cost_of(self, contract: Contract) -> Decimal:
        """Return the cost of what is held, signed like the position."""
        return self.book_of_lots.cost_of(contract)

    def cash(self, currency: str) -> Decimal:
        """Return the cash of a currency at this moment."""
        return self._cash[currency]

    # -- fills -----------------------------------------------------------------------------------------------------

    def book(self, order: Order) -> Fill:
        """Book a fill: change lots and cash, and return it with its cost and realised profit."""
        if order.contract.is_currency_pair:
            return self._book_conversion(order)
        contract = order.contract
        rate = self._market.rate(contract.currency, self.base, order.report_date)
        if order.kind == "TradeCancel":
            removed = self.book_of_lots.take_back(contract, -order.quantity, order.original_transaction_id)
            opened_cost = realized = booked = earned = ZERO
            open_close = ""
        else:
            money = -order.quantity * order.price * contract.point_value + order.commission + order.taxes + order.settlement
            outcome = self.book_of_lots.apply(
                Change(
                    contract=contract,
                    quantity=order.quantity,
                    money=money,
                    moment=order.moment,
                    id=order.transaction_id,
                    rate=rate,
                    premium=order.premium,
                    delivered=order.delivered,
                )
            )
            removed, opened_cost, realized = outcome.removed, outcome.opened_cost, outcome.realized
            booked, earned = outcome.booked, outcome.earned
            open_close = "C;O" if outcome.closed not in {ZERO, order.quantity} else "C" if outcome.closed else "O"
        close = self._market.mark(contract, order.report_date)
        fill = Fill(
            order=order,
            open_close=open_close,
            cost=opened_cost - removed,
            realized=realized,
            mark_to_market=(close - order.price) * order.quantity * contract.point_value,
            close_price=close,
            rate=rate,
        )
        self.realized[order.transaction_id] = realized
        self.booked[order.transaction_id] = booked
        self.earned[order.transaction_id] = earned
        self._move_cash(fill)
        return fill

    def _move_cash(self, fill: Fill) -> None:
        order, currency = fill.order, fill.order.contract.currency
        if order.contract.settled_daily:
            self._variation[currency] += fill.mark_to_market
            self._note(fill, fill.mark_to_market + order.commission + order.taxes)
        else:
            self._cash[currency] += fill.proceeds
            self._traded[currency] += fill.proceeds
            self._cash_flows["netTradesSales" if fill.proceeds > 0 else "netTradesPurchases", currency] += fill.proceeds
            if fill.proceeds and order.settle_date > order.report_date:
                self._unsettled.append((order.settle_date, currency, fill.proceeds))
            self._note(fill, fill.proceeds + order.commission + order.taxes)
        self._pay(order.commission, order.commission_currency or currency, "commissions")
        self._pay(order.taxes, currency, "transactionTax")
        if order.settlement:
            self.receive(
                order.settlement,
                order.contract,
                report_date=order.report_date,
                moment=order.moment,
                code="ADJ",
                words=f"Option Cash Settlement for: {'Assignment' if 'A' in order.codes else 'Exercise'} "
                f"( {order.contract.description} )",
            )

    def _note(self, fill: Fill, amount: Decimal, currency: str = "") -> None:
        order = fill.order
        side = "Buy" if order.quantity > 0 else "Sell"
        code = next((_FUNDS_CODES[each] for each in order.codes if each in _FUNDS_CODES), side.upper())
        words = f"{side} {order.quantity:f} {order.contract.description} "
        if order.contract.settled_daily:
            words += "(Trade MTM)"
        elif code in {"EXP", "ASSIGN", "EXE"}:
            words += {"EXP": "(Expired)", "ASSIGN": "(Assignment)", "EXE": "(Exercise)"}[code]
        if order.contract.is_currency_pair:
            code = "FOREX"
        self.funds.append(
            FundsRow(
                report_date=order.report_date,
                moment=order.trade_date,
                currency=currency or order.contract.currency,
                amount=amount,
                code=code,
                description=words,
                rate=self._market.rate(currency or order.contract.currency, self.base, order.report_date),
                contract=order.contract,
                fill=fill,
            )
        )

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
        fill = Fill(
            order=order,
            open_close="",
            cost=ZERO,
            realized=ZERO,
            mark_to_market=(close - order.price) * order.quantity,
            close_price=ZERO,
            rate=self._market.rate(paid, self.base, order.report_date),
        )
        for currency, amount in ((bought, order.quantity), (paid, money)):
            self._note(fill, amount + (order.commission if currency == order.commission_currency else ZERO), currency)
        return fill

    def _pay(self, amount: Decimal, currency: str, name: str) -> None:
        if amount:
            self._cash[currency] += amount
            self._flows[name, currency] += amount
            self._cash_flows[name, currency] += amount

    # -- cash, accruals --------------------------------------------------------------------------------------------

    def add_cash(self, row: CashRow, *, nav_name: str, cash_name: str, code: str) -> None:
        """Book cash from outside trading under its names in ChangeInNAV, CashReport and the statement of funds."""
        self._cash[row.currency] += row.amount
        if nav_name:
            self._flows[nav_name, row.currency] += row.amount
        self._cash_flows[cash_name, row.currency] += row.amount
        self.funds.append(
            FundsRow(
                report_date=row.report_date,
                moment=row.moment.date(),
                currency=row.currency,
                amount=row.amount,
                code=code,
                description=row.description,
                rate=row.rate,
                contract=row.contract,
            )
        )

    def receive(
        self,
        amount: Decimal,
        contract: Contract,
        *,
        report_date: date,
        moment: date,
        code: str,
        words: str,
    ) -> None:
        """Book money that a position brought without a fill: an option settled in cash, a corporate action."""
        currency = contract.currency
        self._cash[currency] += amount
        self._traded[currency] += amount
        self._cash_flows["other", currency] += amount
        self.funds.append(
            FundsRow(
                report_date=report_date,
                moment=moment,
                currency=currency,
                amount=amount,
                code=code,
                description=words,
                rate=self._market.rate(currency, self.base, report_date),
                contract=contract,
            )
        )

    def finance(self, amount: Decimal, contract: Contract, *, report_date: date) -> None:
        """Book the financing of a contract for difference."""
        currency = contract.currency
        self._cash[currency] += amount
        self._flows["other", currency] += amount
        self._cash_flows["cfdCharges", currency] += amount
        self.funds.append(
            FundsRow(
                report_date=report_date,
                moment=report_date,
                currency=currency,
                amount=amount,
                code="CFD",
                description=f"{contract.symbol} FINANCING",
                rate=self._market.rate(currency, self.base, report_date),
                contract=contract,
            )
        )

    def move_value(self, amount: Decimal, currency: str, nav_name: str) -> None:
        """Note that positions of this value came (positive) or went: neither a profit nor cash."""
        self._traded[currency] -= amount
        self._flows[nav_name, currency] += amount

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

    def hand_over_accruals(self, successor: AccountBooks, currency: str) -> None:
        """Let the account's new number earn or owe what is not paid yet."""
        for mine, other in ((self._interest, successor._interest), (self._dividends, successor._dividends)):
            amount = mine.pop(currency, ZERO)
            other[currency] += amount
            self._flows["linkingAdjustments", currency] -= amount
            successor._flows["linkingAdjustments", currency] += amount

    # -- the end of the day ----------------------------------------------------------------------------------------

    def close_day(self, day: date) -> DayClose:
        """Mark everything to market, settle what is settled daily, and keep the day's picture."""
        self._settle_daily(day)
        holdings = tuple(
            Holding(
                contract=contract,
                quantity=self.position(contract),
                cost=self.cost_of(contract),
                mark=self._market.mark(contract, day),
                lots=tuple(
                    HeldLot(lot.transaction_id, lot.opened, lot.quantity, lot.basis) for lot in self.book_of_lots.lots(contract)
                ),
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

    def _settle_daily(self, day: date) -> None:
        """Pay the day's change of what was held overnight and is settled daily, and of what was traded today."""
        for holding in self.closes[-1].holdings if self.closes else ():
            contract = holding.contract
            if not contract.settled_daily:
                continue
            change = (self._market.mark(contract, day) - holding.mark) * holding.quantity * contract.point_value
            self._variation[contract.currency] += change
            if change:
                self.funds.append(
                    FundsRow(
                        report_date=day,
                        moment=day,
                        currency=contract.currency,
                        amount=change,
                        code="",
                        description=f"{contract.description} (Position MTM)",
                        rate=self._market.rate(contract.currency, self.base, day),
                        contract=contract,
                    )
                )
        for currency, amount in self._variation.items():
            self._cash[currency] += amount
            if amount:
                self._cash_flows["cashSettlingMtm", currency] += amount
