"""The witness's own arithmetic, on examples that can be done by hand."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from itertools import count

import pytest

from ibjournal.demo.books import AccountBooks
from ibjournal.demo.business_days import report_days
from ibjournal.demo.contracts import EUR_USD, Contract, micro_future, option
from ibjournal.demo.flex_answers import EASTERN
from ibjournal.demo.ledger import CashRow, Fill, Order
from ibjournal.demo.listings import share
from ibjournal.demo.market import Market

DAYS = report_days(date(2026, 1, 2), date(2026, 1, 30))
FIRST, SECOND = DAYS[0], DAYS[1]
KO = share("KO")
PUT = option(KO, date(2026, 1, 16), Decimal(70), "P")
CALL = option(KO, date(2026, 1, 16), Decimal(75), "C")


class Account:
    """Books with a short way to trade."""

    def __init__(self, base: str = "USD") -> None:
        self.market = Market(DAYS, 1)
        self.books = AccountBooks("U1", base, self.market)
        self._ids = count(1)

    def trade(
        self,
        contract: Contract,
        quantity: str,
        price: str,
        *,
        fee: str = "0",
        tax: str = "0",
        day: date = FIRST,
        kind: str = "ExchTrade",
        code: str = "",
        premium: str = "0",
    ) -> Fill:
        number = str(next(self._ids))
        return self.books.book(
            Order(
                contract=contract,
                moment=datetime(day.year, day.month, day.day, 10, tzinfo=EASTERN),
                trade_date=day,
                report_date=day,
                settle_date=SECOND,
                quantity=Decimal(quantity),
                price=Decimal(price),
                trade_id=number,
                transaction_id=number,
                order_id=number,
                commission=Decimal(fee),
                commission_currency="EUR" if contract.is_currency_pair else contract.currency,
                taxes=Decimal(tax),
                kind=kind,
                codes=(code,) if code else (),
                premium=Decimal(premium),
            )
        )


def figures(fill: Fill) -> tuple[str, Decimal, Decimal]:
    return fill.open_close, fill.cost, fill.realized


def test_first_in_first_out_with_commissions_and_taxes_of_both_sides() -> None:
    account = Account()
    assert figures(account.trade(KO, "100", "60", fee="-1", tax="-2")) == ("O", Decimal(6003), Decimal(0))
    account.trade(KO, "100", "62", fee="-1")
    sold = account.trade(KO, "-150", "65", fee="-1.5")
    # 9750 - 1.50 came in; 6003 and half of 6201 went out.
    assert figures(sold) == ("C", Decimal("-9103.5"), Decimal(645))
    assert account.books.position(KO) == 50
    assert account.books.cost_of(KO) == Decimal("3100.5")
    assert account.books.cash("USD") == Decimal(-6003 - 6201) + Decimal("9748.5")


def test_a_lot_sold_in_thirds_gives_up_its_whole_cost() -> None:
    account = Account()
    account.trade(KO, "3", "10", fee="-1")
    costs = [account.trade(KO, "-1", "10").cost for _ in range(3)]
    assert costs == [Decimal("-10.333333"), Decimal("-10.333334"), Decimal("-10.333333")]
    assert account.books.open_contracts() == []


def test_short_sale() -> None:
    account = Account()
    assert figures(account.trade(KO, "-10", "60", fee="-1")) == ("O", Decimal(-599), Decimal(0))
    assert account.books.cost_of(KO) == -599
    assert figures(account.trade(KO, "10", "55", fee="-1")) == ("C", Decimal(599), Decimal(48))


def test_flip_through_zero_closes_and_opens_in_one_row() -> None:
    account = Account()
    account.trade(KO, "10", "60")
    fill = account.trade(KO, "-25", "62", fee="-5")
    # Two fifths of the commission belong to the closing part.
    assert fill.open_close == "C;O"
    assert fill.realized == 620 - 2 - 600
    assert account.books.position(KO) == -15
    assert account.books.cost_of(KO) == -(15 * 62 - 3)
    assert fill.proceeds + fill.order.commission + fill.cost == fill.realized


def test_assigned_put_moves_its_premium_into_the_shares() -> None:
    account = Account()
    account.trade(PUT, "-1", "1.50", fee="-1")
    premium = account.books.cost_of(PUT)
    assert premium == -149
    closed = account.trade(PUT, "1", "0", kind="BookTrade", code="A")
    assert figures(closed) == ("C", Decimal(149), Decimal(0))
    shares = account.trade(KO, "100", "70", kind="BookTrade", code="A", premium=str(premium))
    assert figures(shares) == ("O", Decimal(7000 - 149), Decimal(0))


def test_called_away_shares_realise_the_premium_beside_their_own_cost() -> None:
    account = Account()
    account.trade(KO, "100", "72", fee="-1")
    account.trade(CALL, "-1", "0.80", fee="-1")
    premium = account.books.cost_of(CALL)
    account.trade(CALL, "1", "0", kind="BookTrade", code="A")
    sold = account.trade(KO, "-100", "75", kind="BookTrade", code="A", premium=str(premium))
    assert figures(sold) == ("C", Decimal(-7201), Decimal(7500 - 7201 + 79))


def test_exercised_call_makes_the_shares_dearer() -> None:
    account = Account()
    account.trade(CALL, "1", "2", fee="-1")
    account.trade(CALL, "-1", "0", kind="BookTrade", code="Ex")
    shares = account.trade(KO, "100", "75", kind="BookTrade", code="Ex", premium="201")
    assert shares.cost == 7701


@pytest.mark.parametrize(("sign", "result"), [("-1", "79"), ("1", "-81")])
def test_expiry_realises_the_whole_premium(sign: str, result: str) -> None:
    account = Account()
    account.trade(CALL, sign, "0.80", fee="-1")
    expired = account.trade(CALL, str(-int(sign)), "0", kind="BookTrade", code="Ep")
    assert expired.realized == Decimal(result)


def test_cancelled_fill_leaves_no_trace_but_its_rows() -> None:
    account = Account()
    account.trade(KO, "100", "60", fee="-1")
    account.trade(KO, "40", "60.05")
    cancelled = account.trade(KO, "-40", "60.05", kind="TradeCancel", code="Ca")
    assert (cancelled.side, *figures(cancelled)) == ("BUY (Ca.)", "", Decimal(-2402), Decimal(0))
    assert account.books.position(KO) == 100
    assert account.books.cash("USD") == -6001
    with pytest.raises(ValueError, match="still whole"):
        account.trade(KO, "-7", "60", kind="TradeCancel", code="Ca")


def test_future_pays_its_day_and_has_no_value() -> None:
    account = Account()
    mes = micro_future(share("SPY"), 2026, 3)
    first, second = account.market.mark(mes, FIRST), account.market.mark(mes, SECOND)
    account.trade(mes, "2", "5000", fee="-1.24")
    closed = account.books.close_day(FIRST)
    paid = (first - 5000) * 2 * 5
    assert closed.cash["USD"] == paid - Decimal("1.24") == closed.net_asset_value
    assert account.books.close_day(SECOND).cash["USD"] == (second - 5000) * 2 * 5 - Decimal("1.24")
    sold = account.trade(mes, "-2", "5100", fee="-1.24", day=DAYS[2])
    account.books.close_day(DAYS[2])
    assert sold.realized == 1000 - Decimal("2.48") == account.books.cash("USD")


def test_conversion_moves_two_currencies_and_charges_in_base() -> None:
    account = Account("EUR")
    moment = datetime(FIRST.year, FIRST.month, FIRST.day, 9, tzinfo=EASTERN)
    paid_in = CashRow(
        transaction_id="1",
        type="Deposits/Withdrawals",
        currency="EUR",
        amount=Decimal(10_000),
        moment=moment,
        report_date=FIRST,
        settle_date=FIRST,
        description="CASH RECEIPTS",
    )
    account.books.add_cash(paid_in, nav_name="depositsWithdrawals", cash_name="deposits", code="DEP")
    fill = account.trade(EUR_USD, "-1000", "1.16", fee="-1.7")
    assert (account.books.cash("EUR"), account.books.cash("USD")) == (Decimal("8998.3"), Decimal(1160))
    assert fill.net_cash == fill.cost == fill.realized == 0
    assert fill.open_close == ""


def test_unsettled_money_waits_for_its_day() -> None:
    account = Account()
    account.trade(KO, "10", "60")
    assert account.books.close_day(FIRST).unsettled == {"USD": Decimal(-600)}
    assert account.books.close_day(SECOND).unsettled == {}
