"""What happens to an account without an order: expiries, assignments, exercises, splits, dividends, interest, fees, deposits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from ibjournal.demo.business_days import (
    is_american_session,
    is_european_session,
    next_report_day,
)
from ibjournal.demo.contracts import MONTHS, Contract, compact
from ibjournal.demo.desk import Desk
from ibjournal.demo.ledger import ZERO, CashRow, DividendAccrualRow, Fill, OptionEventRow
from ibjournal.demo.listings import Listing
from ibjournal.demo.market import CENT
from ibjournal.demo.registrar import Registrar

_CREDIT_RATES = {"EUR": Decimal("0.0182"), "USD": Decimal("0.0358")}
_DEBIT_RATES = {"EUR": Decimal("0.0345"), "USD": Decimal("0.0545")}
_WITHOUT_INTEREST = Decimal(10_000)
_YEAR_OF_INTEREST = Decimal(360)
_POSTING_DAY = 4
_EX_DAY = 12
_DAYS_TO_PAYMENT = 19
_FUNDS_CODES = {
    "Dividends": "DIV",
    "Withholding Tax": "FRTAX",
    "Broker Interest Received": "CINT",
    "Broker Interest Paid": "DINT",
    "Bond Interest Received": "INTR",
    "Bond Interest Paid": "INTP",
    "Other Fees": "OFEE",
}
"""Kind of a booking -> its code in the statement of funds."""


class BackOffice:
    """Keeps one account between the orders."""

    def __init__(self, desk: Desk, *, monthly_fee: Decimal = ZERO) -> None:
        self._desk = desk
        self.registrar = Registrar(desk)
        self._monthly_fee = monthly_fee
        self._expired: list[Contract] = []
        self._owed: list[DividendAccrualRow] = []
        self._report_day_of_month = 0

    # -- before trading --------------------------------------------------------------------------------------------

    def open_day(self) -> None:
        """Book what the night and the calendar brought."""
        desk = self._desk
        before = desk.books.closes[-1].day if desk.books.closes else None
        self._report_day_of_month = 1 if before is None or before.month != desk.day.month else self._report_day_of_month + 1
        self._book_expiries()
        self._split()
        if before is not None:
            self._announce_dividends()
            self._accrue_interest((desk.day - before).days)
        self._pay_dividends()
        if before is not None and self._report_day_of_month == _POSTING_DAY:
            self._post_interest(before)
        if before is not None and self._report_day_of_month == 2 and self._monthly_fee:  # noqa: PLR2004 - the second day
            self.book_cash(
                -self._monthly_fee, "USD", "Other Fees", f"R******{desk.account[-2:]}:US MARKET DATA", "otherFees", "otherFees"
            )

    def deposit(self, amount: Decimal, currency: str) -> None:
        """Receive (positive) or pay out money."""
        words = "CASH RECEIPTS / ELECTRONIC FUND TRANSFERS" if amount > 0 else "DISBURSEMENT INITIATED BY THE ACCOUNT HOLDER"
        self.book_cash(
            amount, currency, "Deposits/Withdrawals", words, "depositsWithdrawals", "deposits" if amount > 0 else "withdrawals"
        )

    def book_cash(  # noqa: PLR0917 - a booking's columns in their order
        self,
        amount: Decimal,
        currency: str,
        kind: str,
        description: str,
        nav_name: str,
        cash_name: str,
        *,
        contract: Contract | None = None,
        action_id: str = "",
    ) -> None:
        """Book cash with a row of CashTransactions; the names are those of ChangeInNAV and of CashReport."""
        desk = self._desk
        booked = CashRow(
            transaction_id=desk.new_transaction_id(),
            type=kind,
            currency=currency,
            amount=amount,
            moment=desk.moment(20, 20),
            report_date=desk.day,
            settle_date=desk.day,
            description=description,
            contract=contract,
            action_id=action_id,
            rate=desk.market.rate(currency, desk.base, desk.day),
        )
        code = ("DEP" if amount > 0 else "WITH") if nav_name == "depositsWithdrawals" else _FUNDS_CODES[kind]
        desk.books.add_cash(booked, nav_name=nav_name, cash_name=cash_name, code=code)
        desk.cash_rows.append(booked)

    # -- options ---------------------------------------------------------------------------------------------------

    def expire_options(self) -> None:
        """After the close: assign and exercise what is in the money; the rest is booked on the next report day."""
        desk = self._desk
        for contract in desk.books.open_contracts():
            if not contract.is_option or contract.expiry != desk.day:
                continue
            if desk.market.mark(contract, desk.day) > 0:
                self.deliver(contract)
            else:
                self._expired.append(contract)

    def deliver(self, contract: Contract, quantity: Decimal | None = None) -> None:
        """Exercise or assign an option: all of it, or ``quantity`` (signed as it is held) ahead of its expiry.

        Shares and futures are delivered: two bookings with consecutive trade ids and one action. An option on an index pays.
        """
        desk = self._desk
        held = desk.books.position(contract) if quantity is None else quantity
        code = "A" if held < 0 else "Ex"
        kind = "Assignment" if code == "A" else "Exercise"
        action = desk.new_action_id()
        option_mark = desk.market.mark(contract, desk.day)
        settlement = held * option_mark * contract.multiplier if contract.cash_settled else ZERO
        option_fill = desk.book_trade(
            contract,
            -held,
            ZERO,
            code=code,
            traded=desk.day,
            action_id=action,
            trade_id=desk.new_trade_id(),
            settlement=settlement,
        )
        self._note_event(option_fill, kind, option_mark)
        if contract.cash_settled:
            self._note_event(option_fill, "Cash Settlement", option_mark)
            return
        delivered = contract.delivers
        share_fill = desk.book_trade(
            delivered,
            # A holder of calls and a writer of puts buy.
            held * (contract.multiplier / delivered.multiplier) * (1 if contract.right == "C" else -1),
            contract.strike_price,
            code=code,
            traded=desk.day,
            action_id=action,
            trade_id=desk.new_trade_id(1),
            premium=-option_fill.cost if option_fill.order.delivered else ZERO,
        )
        self._note_event(share_fill, "Buy" if share_fill.order.quantity > 0 else "Sell", desk.market.mark(delivered, desk.day))

    def _note_event(self, fill: Fill, kind: str, mark: Decimal) -> None:
        self._desk.option_events.append(OptionEventRow(fill=fill, kind=kind, mark_price=mark))

    def _book_expiries(self) -> None:
        desk = self._desk
        for contract in self._expired:
            fill = desk.book_trade(
                contract,
                -desk.books.position(contract),
                ZERO,
                code="Ep",
                traded=contract.expires_on,
                action_id=desk.new_action_id(),
                trade_id=desk.new_trade_id(),
            )
            self._note_event(fill, "Expiration", ZERO)
        self._expired.clear()

    # -- shares ----------------------------------------------------------------------------------------------------

    def _split(self) -> None:
        desk = self._desk
        for contract in desk.books.open_contracts():
            if contract.category == "STK" and desk.market.split_on(contract.symbol, desk.day):
                self.registrar.split(contract, 2, 1, type_="FS", words=f"{contract.symbol}({contract.isin}) SPLIT 2 FOR 1")

    def _announce_dividends(self) -> None:
        """On the ex-date whoever held the share at the last close will be paid."""
        desk = self._desk
        held = {
            holding.contract.symbol: holding for holding in desk.books.closes[-1].holdings if holding.contract.category == "STK"
        }
        for listing in desk.market.listings:
            holding = held.get(listing.contract.symbol)
            if holding is None or holding.quantity < 0 or not _is_ex_date(listing, desk.day):
                continue
            years = desk.day.year - desk.market.first.year
            rate = (listing.dividend * (100 + 4 * years) / 100).quantize(CENT, ROUND_HALF_UP)
            gross = (rate * holding.quantity).quantize(CENT)
            row = DividendAccrualRow(
                contract=listing.contract,
                report_date=desk.day,
                ex_date=desk.day,
                pay_date=_first_session(listing, desk.day + timedelta(days=_DAYS_TO_PAYMENT)),
                quantity=holding.quantity,
                gross_rate=rate,
                gross=gross,
                tax=(gross * listing.withholding).quantize(CENT),
                code="Po",
                rate=desk.market.rate(listing.contract.currency, desk.base, desk.day),
            )
            desk.dividend_rows.append(row)
            desk.books.accrue_dividend(row.net, listing.contract.currency)
            self._owed.append(row)

    def _pay_dividends(self) -> None:
        desk = self._desk
        for row in [owed for owed in self._owed if owed.pay_date <= desk.day]:
            self._owed.remove(row)
            contract, action = row.contract, desk.new_action_id()
            words = f"{contract.symbol}({contract.isin}) CASH DIVIDEND {contract.currency} {compact(row.gross_rate)} PER SHARE"
            self.book_cash(
                row.gross,
                contract.currency,
                "Dividends",
                f"{words} (Ordinary Dividend)",
                "dividends",
                "dividends",
                contract=contract,
                action_id=action,
            )
            if row.tax:
                self.book_cash(
                    -row.tax,
                    contract.currency,
                    "Withholding Tax",
                    f"{words} - {contract.country} TAX",
                    "withholdingTax",
                    "withholdingTax",
                    contract=contract,
                    action_id=action,
                )
            desk.dividend_rows.append(
                DividendAccrualRow(
                    contract=contract,
                    report_date=desk.day,
                    ex_date=row.ex_date,
                    pay_date=row.pay_date,
                    quantity=row.quantity,
                    gross_rate=row.gross_rate,
                    gross=-row.gross,
                    tax=-row.tax,
                    code="Re",
                    rate=desk.market.rate(contract.currency, desk.base, desk.day),
                )
            )
            desk.books.accrue_dividend(-row.net, contract.currency)

    # -- interest --------------------------------------------------------------------------------------------------

    def _accrue_interest(self, days: int) -> None:
        desk = self._desk
        for currency, balance in desk.books.closes[-1].cash.items():
            if balance > _WITHOUT_INTEREST:
                yearly = (balance - _WITHOUT_INTEREST) * _CREDIT_RATES[currency]
            elif balance < 0:
                yearly = balance * _DEBIT_RATES[currency]
            else:
                continue
            amount = (yearly * days / _YEAR_OF_INTEREST).quantize(CENT)
            if amount:
                desk.books.accrue_interest(amount, currency)
                desk.interest_rows.append((desk.day, currency, amount, ZERO))

    def _post_interest(self, before: date) -> None:
        desk = self._desk
        month = (desk.day.replace(day=1) - timedelta(days=1)) if before.month == desk.day.month else before
        for currency in ("EUR", "USD"):
            amount = desk.books.accrued_interest(currency)
            if not amount:
                continue
            kind = "Broker Interest Received" if amount > 0 else "Broker Interest Paid"
            words = f"{currency} {'CREDIT' if amount > 0 else 'DEBIT'} INT FOR {MONTHS[month.month - 1]}-{month.year}"
            self.book_cash(amount, currency, kind, words, "interest", "brokerInterest")
            desk.books.accrue_interest(-amount, currency)
            desk.interest_rows.append((desk.day, currency, ZERO, -amount))


def _first_session(listing: Listing, day: date) -> date:
    is_open: Callable[[date], bool] = is_european_session if listing.contract.currency == "EUR" else is_american_session
    while not is_open(day):
        day = next_report_day(day)
    return day


def _is_ex_date(listing: Listing, day: date) -> bool:
    if day.month not in listing.months:
        return False
    return day == _first_session(listing, day.replace(day=_EX_DAY))
