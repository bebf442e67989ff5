"""The trading desk of one account: gives orders their time, price, ids and commission, and hands them to the books."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from ibjournal.demo.books import AccountBooks
from ibjournal.demo.business_days import is_american_session, is_european_session, next_report_day
from ibjournal.demo.chance import seeded
from ibjournal.demo.charges import commission, conversion_commission, transaction_tax
from ibjournal.demo.contracts import EUR_USD, Contract
from ibjournal.demo.ledger import (
    ZERO,
    CashRow,
    CfdChargeRow,
    CorporateActionRow,
    DividendAccrualRow,
    Fill,
    OptionEventRow,
    Order,
    TransferRow,
)
from ibjournal.demo.market import CENT
from ibjournal.demo.quotes import Quotes

EASTERN = ZoneInfo("America/New_York")
_AMERICAN_HOURS = (571, 957)
_EUROPEAN_HOURS = (182, 688)
"""Minutes after midnight in New York."""
_VENUES = ("NASDAQ", "ARCA", "IEX", "BATS", "DARK")
_OPTION_VENUES = ("CBOE", "ISE", "PHLX", "AMEX", "MIAX")
_FUTURE_TICK = Decimal("0.25")


class Desk:
    """One account's desk. Instants are aware and in New York, as IBKR's are."""

    def __init__(self, account: str, base: str, market: Quotes, *, seed: int, number: int, wash_sales: bool = False) -> None:
        self.account = account
        self.base = base
        self.market = market
        self.books = AccountBooks(account, base, market, wash_sales=wash_sales)
        self.random = seeded(seed, account)
        self.fills: list[Fill] = []
        self.cash_rows: list[CashRow] = []
        self.corporate_actions: list[CorporateActionRow] = []
        self.transfers: list[TransferRow] = []
        self.cfd_charges: list[CfdChargeRow] = []
        self.dividend_rows: list[DividendAccrualRow] = []
        self.option_events: list[OptionEventRow] = []
        self.interest_rows: list[tuple[date, str, Decimal, Decimal]] = []
        """(report date, currency, accrued, reversed)."""
        self.day = market.first
        self._seconds = 0
        self._trade_id = 1_100_000_000 + number * 200_000_000
        self._transaction_id = 10_100_000_000 + number * 2_000_000_000
        self._order_id = 510_000_000 + number * 90_000_000
        self._execution = 0x65A00000 + number * 0x04000000
        self._action_id = 81_000_000 + number * 10_000_000

    # -- the day ---------------------------------------------------------------------------------------------------

    def start_day(self, day: date) -> None:
        """Turn to the next report day."""
        self.day = day
        self._seconds = 0

    @property
    def america_open(self) -> bool:
        """Whether American shares, options and futures trade today."""
        return is_american_session(self.day)

    @property
    def europe_open(self) -> bool:
        """Whether European shares trade today."""
        return is_european_session(self.day)

    @property
    def traded_today(self) -> bool:
        """Whether an order was filled on an exchange today."""
        return bool(self.fills) and self.fills[-1].order.trade_date == self.day and self.fills[-1].order.kind == "ExchTrade"

    def moment(self, hour: int, minute: int, second: int = 0, *, day: date | None = None) -> datetime:
        """Return an instant in New York, today unless told otherwise."""
        return datetime.combine(self.day if day is None else day, time(hour, minute, second), EASTERN)

    def _next_moment(self, contract: Contract) -> tuple[datetime, float]:
        """Return the time of the next order and the part of the session that has passed."""
        opens, closes = _EUROPEAN_HOURS if contract.currency == "EUR" and not contract.is_currency_pair else _AMERICAN_HOURS
        earliest = max(self._seconds, opens * 60)
        latest = closes * 60
        wanted = earliest + self.random.randrange(120, 4200)
        self._seconds = wanted if wanted < latest else min(earliest + self.random.randrange(5, 40), latest + 300)
        part = min(max((self._seconds - opens * 60) / (latest - opens * 60), 0.02), 0.98)
        return datetime.combine(self.day, time(0), EASTERN) + timedelta(seconds=self._seconds), part

    def _evening_moment(self) -> tuple[datetime, float]:
        """Return a time between six and midnight of the evening before."""
        seconds = 18 * 3600 + self.random.randrange(60, 20_000)
        return datetime.combine(self.day - timedelta(days=1), time(0), EASTERN) + timedelta(seconds=seconds), 0.02

    # -- numbers ---------------------------------------------------------------------------------------------------

    def new_trade_id(self, step: int | None = None) -> str:
        """Return the next trade id."""
        self._trade_id += self.random.randrange(40, 9000) if step is None else step
        return str(self._trade_id)

    def new_transaction_id(self) -> str:
        """Return the next row id."""
        self._transaction_id += self.random.randrange(30, 90_000)
        return str(self._transaction_id)

    def new_action_id(self) -> str:
        """Return the next id of a dividend, an assignment or a corporate action."""
        self._action_id += self.random.randrange(3, 900)
        return str(self._action_id)

    def _new_order_id(self) -> str:
        self._order_id += self.random.randrange(5, 4000)
        return str(self._order_id)

    def _new_execution(self) -> str:
        self._execution += self.random.randrange(1, 300)
        return f"0000e183.{self._execution:08x}"

    def settle_date(self, contract: Contract) -> date:
        """Return the settlement date of a trade made today: one day in America, two elsewhere and for conversions."""
        day = next_report_day(self.day)
        slow = contract.currency == "EUR" or contract.is_currency_pair
        return next_report_day(day) if slow else day

    # -- orders ----------------------------------------------------------------------------------------------------

    def trade(
        self,
        contract: Contract,
        quantity: Decimal | int,
        *,
        parts: Sequence[Decimal | int] = (),
        order_type: str = "LMT",
        rebook_last: bool = False,
        evening: bool = False,
        pause: int = 1,
        codes: tuple[str, ...] = (),
    ) -> list[Fill]:
        """Trade at the market of this moment; ``quantity`` is signed.

        ``evening``: in the session that began the evening before and belongs to today; only as the first order of the day.

        ``parts`` splits the order into partial fills. With ``rebook_last`` the last of them is cancelled at once and booked
        again a cent better under the same trade id, as the next revision of the same execution. ``pause`` is the time between
        partial fills in seconds, 0 for fills of one instant; ``codes`` are noted on every fill.
        """
        moment, part = self._evening_moment() if evening else self._next_moment(contract)
        spot = self.market.spot_at(contract.quoted_like, self.day, part, self.random.gauss(0.0, 1.0))
        price = self._fill_price(contract, quantity, part, spot)
        sign = 1 if quantity > 0 else -1
        sizes = [sign * abs(Decimal(size)) for size in parts] if parts else [Decimal(quantity)]
        order_id, brokerage = self._new_order_id(), self._brokerage_order_id()
        done, paid, fills = ZERO, ZERO, []
        for n, filled in enumerate(sizes):
            fee = commission(contract, filled, price, order_so_far=done, paid_so_far=paid)
            order = self._order(
                contract,
                filled,
                price,
                moment=moment + timedelta(seconds=n * pause),
                order_id=order_id,
                brokerage=brokerage,
                execution=f"{self._new_execution()}.01.01",
                fee=fee,
                codes=(*codes, "P") if len(sizes) > 1 else codes,
                order_type=order_type,
            )
            fills.append(self._book(order))
            done, paid = done + filled, paid + fee
        if rebook_last:
            fills.extend(self._rebook(fills[-1].order))
        return fills

    def combo(self, legs: Sequence[tuple[Contract, int]], *, apart: int = 0) -> list[Fill]:
        """Trade several legs on one underlying at once: every leg has its order, all share one execution.

        ``apart``: legs are orders of their own, so many seconds after one another, and nothing in the report ties them together.
        """
        first = legs[0][0]
        moment, part = self._next_moment(first)
        spot = self.market.spot_at(first.quoted_like, self.day, part, self.random.gauss(0.0, 1.0))
        execution, brokerage = self._new_execution(), self._brokerage_order_id()
        fills = []
        for number, (contract, quantity) in enumerate(legs, start=2):
            size = Decimal(quantity)
            price = self._fill_price(contract, quantity, part, spot)
            alone = f"0000e18{number + 2}.{execution.partition('.')[2]}.01.01"
            order = self._order(
                contract,
                size,
                price,
                moment=moment + timedelta(seconds=apart * (number - 2)),
                order_id=self._new_order_id(),
                brokerage=f"000{number}{brokerage[4:]}" if apart else brokerage,
                execution=alone if apart else f"{execution}.{number:02d}.01",
                fee=commission(contract, size, price, order_so_far=ZERO, paid_so_far=ZERO),
            )
            fills.append(self._book(order))
        return fills

    def convert(self, euros: Decimal, *, automatic: bool = False) -> Fill:
        """Buy (positive) or sell euros for dollars; ``automatic`` marks a conversion that a purchase made necessary."""
        moment, part = self._next_moment(EUR_USD)
        price = self.market.euro_at(self.day, part)
        order = self._order(
            EUR_USD,
            euros,
            price,
            moment=moment,
            order_id=self._new_order_id(),
            brokerage=self._brokerage_order_id(),
            execution=f"{self._new_execution()}.01.01",
            fee=ZERO if automatic else conversion_commission(self.base, price),
            codes=("AFx",) if automatic else (),
            order_type="MKT",
        )
        return self._book(order)

    def book_trade(
        self,
        contract: Contract,
        quantity: Decimal,
        price: Decimal,
        *,
        code: str,
        traded: date,
        action_id: str,
        trade_id: str,
        premium: Decimal = ZERO,
        settlement: Decimal = ZERO,
    ) -> Fill:
        """Book what no exchange traded: an expiry, an exercise or an assignment of 16:20 on ``traded``."""
        transaction_id = self.new_transaction_id()
        return self._book(
            Order(
                contract=contract,
                moment=self.moment(16, 20, day=traded),
                trade_date=traded,
                report_date=self.day,
                settle_date=next_report_day(traded),
                quantity=quantity,
                price=price,
                trade_id=trade_id,
                transaction_id=transaction_id,
                order_id=transaction_id,
                commission_currency=contract.currency,
                kind="BookTrade",
                order_type="",
                codes=(code,),
                action_id=action_id,
                premium=premium,
                settlement=settlement,
            )
        )

    # -- parts of an order -----------------------------------------------------------------------------------------

    def _book(self, order: Order) -> Fill:
        fill = self.books.book(order)
        self.fills.append(fill)
        return fill

    def _brokerage_order_id(self) -> str:
        return f"0001{self.random.randrange(16**4):04x}.0001{self.random.randrange(16**4):04x}.{self._execution:08x}.0001"

    def _fill_price(self, contract: Contract, quantity: Decimal | int, part: float, spot: float) -> Decimal:
        """The middle price, a little worse."""
        middle = self.market.price_at(contract, self.day, part, spot)
        if contract.is_future:
            worse = _FUTURE_TICK
        elif contract.is_option:
            worse = max(CENT, (middle * Decimal("0.008")).quantize(CENT))
        else:
            worse = CENT
        return max(middle + worse if quantity > 0 else middle - worse, CENT)

    def _order(
        self,
        contract: Contract,
        quantity: Decimal,
        price: Decimal,
        *,
        moment: datetime,
        order_id: str,
        brokerage: str,
        execution: str,
        fee: Decimal,
        codes: tuple[str, ...] = (),
        order_type: str = "LMT",
    ) -> Order:
        venue = contract.venue
        if contract.is_option:
            venue = self.random.choice(_OPTION_VENUES)
        elif contract.category == "STK" and contract.currency == "USD":
            venue = self.random.choice(_VENUES)
        return Order(
            contract=contract,
            moment=moment,
            trade_date=self.day,
            report_date=self.day,
            settle_date=self.settle_date(contract),
            quantity=quantity,
            price=price,
            trade_id=self.new_trade_id(),
            transaction_id=self.new_transaction_id(),
            order_id=order_id,
            exec_id=execution,
            brokerage_order_id=brokerage,
            commission=fee,
            commission_currency=self.base if contract.is_currency_pair else contract.currency,
            taxes=transaction_tax(contract, quantity, price),
            order_type=order_type,
            venue=venue,
            codes=codes,
        )

    def sell_fraction(self, contract: Contract, quantity: Decimal, price: Decimal) -> Fill:
        """Sell (negative) what is less than a share: a row without ids of a trade."""
        transaction_id = self.new_transaction_id()
        return self._book(
            Order(
                contract=contract,
                moment=self.moment(16, 20),
                trade_date=self.day,
                report_date=self.day,
                settle_date=next_report_day(self.day),
                quantity=quantity,
                price=price,
                trade_id="",
                transaction_id=transaction_id,
                order_id=transaction_id,
                commission_currency=contract.currency,
                kind="FracShare",
                order_type="",
            )
        )

    def correct(self, wrong: Fill) -> list[Fill]:
        """Take a fill of an earlier day back and book it again a cent better, today; nothing may be closed against it yet."""
        return self._rebook(wrong.order, report_date=self.day)

    def _rebook(self, wrong: Order, *, report_date: date | None = None) -> list[Fill]:
        cancel = Order(
            contract=wrong.contract,
            moment=wrong.moment,
            trade_date=wrong.trade_date,
            report_date=report_date or wrong.report_date,
            settle_date=wrong.settle_date,
            quantity=-wrong.quantity,
            price=wrong.price,
            trade_id="",
            transaction_id=self.new_transaction_id(),
            order_id=wrong.order_id,
            brokerage_order_id=wrong.brokerage_order_id,
            commission=-wrong.commission,
            commission_currency=wrong.commission_currency,
            taxes=-wrong.taxes,
            kind="TradeCancel",
            order_type=wrong.order_type,
            venue=wrong.venue,
            codes=("Ca",),
            original_trade_id=wrong.trade_id,
            original_transaction_id=wrong.transaction_id,
        )
        better = wrong.price - CENT if wrong.quantity > 0 else wrong.price + CENT
        again = Order(
            contract=wrong.contract,
            moment=wrong.moment,
            trade_date=wrong.trade_date,
            report_date=report_date or wrong.report_date,
            settle_date=wrong.settle_date,
            quantity=wrong.quantity,
            price=better,
            trade_id=wrong.trade_id,
            transaction_id=self.new_transaction_id(),
            order_id=wrong.order_id,
            exec_id=f"{wrong.exec_id[:-2]}02",
            brokerage_order_id=wrong.brokerage_order_id,
            commission=wrong.commission,
            commission_currency=wrong.commission_currency,
            taxes=transaction_tax(wrong.contract, wrong.quantity, better),
            order_type=wrong.order_type,
            venue=wrong.venue,
            codes=wrong.codes,
        )
        return [self._book(cancel), self._book(again)]
