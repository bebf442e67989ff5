"""Dividends of a campaign: whose they are, and what they are worth in its currency and in the account's."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from ibjournal.domain.campaign_dividends import Booking, book_dividends
from ibjournal.domain.campaign_figures import booked_part, in_base
from ibjournal.domain.cash import CashEntry, CashKind
from ibjournal.domain.trade import Trade
from tests.fakes.builders import ACCOUNT, INSTRUMENT, START, make_trade

D = Decimal
PAID = date(2026, 3, 30)


def entry(amount: str = "100", **fields: Any) -> CashEntry:
    values: dict[str, Any] = {
        "id": "1", "account": ACCOUNT, "kind": CashKind.DIVIDEND, "type": "Dividends", "currency": "USD", "amount": D(amount),
        "booked_at": START, "value_date": PAID, "instrument": INSTRUMENT,
    }  # fmt: skip
    return CashEntry(**(values | fields))


def held(number: int, since: int, until: int | None) -> Trade:
    """Return a trade that was open from one day of March to another."""
    return make_trade(
        number,
        opened_on=date(2026, 3, since),
        opened_at=START.replace(day=since),
        closed_on=None if until is None else date(2026, 3, until),
        closed_at=None if until is None else START.replace(day=until),
    )


def owner(*trades: Trade, **fields: Any) -> str:
    """Return which of some trades a dividend goes to, by its number."""
    found = book_dividends([entry(**fields)], trades, {})
    return found[0].trade.rsplit("T", maxsplit=1)[-1] if found else ""


def test_without_an_ex_date_the_trade_that_was_open_ten_days_before_has_it() -> None:
    long_ago, before, since = held(1, 2, 10), held(2, 12, 25), held(3, 26, None)
    assert owner(long_ago, before, since) == "2"  # though another is open on the day of payment
    assert owner(long_ago, since) == "1"
    assert owner(since) == "3"
    assert owner() == ""


def test_what_is_no_income_of_an_instrument_goes_to_no_trade() -> None:
    assert owner(held(1, 2, None), kind=CashKind.INTEREST) == ""
    assert owner(held(1, 2, None), instrument=None) == ""


def dividend(**fields: Any) -> Booking:
    return Booking(entry=entry(**fields), trade=held(1, 2, None).key, ex_date=None)


def rates(currency: str, day: date) -> Decimal | None:
    """Return what one unit is in euros: on the day of the report another figure than on the day of payment."""
    return {("USD", PAID): D("0.9"), ("CHF", PAID): D("1.1"), ("CHF", date(2026, 3, 31)): D("1.2")}.get((currency, day))


def test_a_dividend_in_another_currency_is_told_in_the_campaigns() -> None:
    """10 francs × 1.1 / 0.9, to the ten places that what is divided has."""
    francs = dividend(currency="CHF", amount="10")
    assert booked_part(francs, "USD", rates).dividends == D("12.2222222222")
    tax = dividend(currency="CHF", amount="-10", kind=CashKind.WITHHOLDING_TAX)
    assert booked_part(tax, "USD", rates).withholding_tax == D("-12.2222222222")
    assert booked_part(dividend(amount="0.125"), "USD", None).dividends == D("0.125")  # its own currency needs no rate


@pytest.mark.parametrize("lookup", [None, lambda _currency, _day: None], ids=["no rates", "no rate of the day"])
def test_without_a_rate_the_amount_is_not_known(lookup: Any) -> None:
    francs = dividend(currency="CHF")
    assert booked_part(francs, "USD", lookup).dividends is None
    assert booked_part(francs, "USD", lookup).total is None
    assert in_base(francs, lookup) is None


def test_the_rate_into_the_base_currency_is_the_bookings_own_else_that_of_its_day() -> None:
    assert in_base(dividend(currency="CHF", fx_rate_to_base=D(2)), rates) == D(200)
    assert in_base(dividend(currency="CHF"), rates) == D(110)
    assert in_base(dividend(currency="CHF", report_date=date(2026, 3, 31)), rates) == D(120)
