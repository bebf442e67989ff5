"""Prices of the demo: repeatable, on their ticks, and never of a day to come."""

from __future__ import annotations

import math
from datetime import date, timedelta
from decimal import Decimal

from ibjournal.demo.business_days import is_american_session, report_days
from ibjournal.demo.contracts import compact, micro_future, option
from ibjournal.demo.listings import LISTINGS, share
from ibjournal.demo.market import Market, option_value

DAYS = report_days(date(2024, 1, 2), date(2026, 6, 30))
MARKET = Market(DAYS, 4)


def test_longer_market_begins_with_the_shorter_one() -> None:
    shorter = Market(DAYS[:200], 4)
    for listing in LISTINGS:
        assert [shorter.mark(listing.contract, day) for day in DAYS[:200]] == [
            MARKET.mark(listing.contract, day) for day in DAYS[:200]
        ]
    assert not any(shorter.split_on("ANET", day) for day in DAYS[:200]), "the split is still to come and changes nothing before"


def test_split_halves_the_price_on_its_day() -> None:
    day = next(day for day in DAYS if MARKET.split_on("ANET", day))
    before = DAYS[DAYS.index(day) - 1]
    assert is_american_session(day)
    assert 0.45 < MARKET.spot("ANET", day) / MARKET.spot("ANET", before) < 0.55
    opening = MARKET.spot_at("ANET", day, 0.01, 0.0)
    assert abs(opening / MARKET.spot("ANET", before) - 0.5) < 0.01


def test_prices_stand_still_while_the_exchange_is_shut() -> None:
    holiday = date(2025, 2, 17)
    assert MARKET.mark(share("SPY"), holiday) == MARKET.mark(share("SPY"), date(2025, 2, 14))
    assert MARKET.mark(share("SAP"), holiday) != MARKET.mark(share("SAP"), date(2025, 2, 14))


def test_rates_have_five_decimals_and_are_each_others_inverse() -> None:
    dollar, euro = MARKET.rate("USD", "EUR", DAYS[50]), MARKET.rate("EUR", "USD", DAYS[50])
    assert dollar == dollar.quantize(Decimal("0.00001"))
    assert abs(dollar * euro - 1) < Decimal("0.00002")
    assert MARKET.rate("EUR", "EUR", DAYS[50]) == 1


def test_put_call_parity() -> None:
    call, put = (option_value(100.0, 95.0, 0.25, 0.3, right) for right in "CP")
    assert math.isclose(call - put, 100.0 - 95.0 * math.exp(-0.035 * 0.25), abs_tol=1e-9)


def test_option_is_worth_its_exercise_at_expiry_and_nothing_afterwards() -> None:
    day = date(2026, 5, 15)
    spot = Decimal(str(MARKET.spot("SPY", day)))
    strike = Decimal(round(spot) - 10)
    call = option(share("SPY"), day, strike, "C")
    assert MARKET.mark(call, day) == spot - strike
    assert MARKET.mark(option(share("SPY"), day, strike, "P"), day) == 0
    assert MARKET.mark(call, day + timedelta(days=3)) == 0


def test_future_moves_in_quarter_points() -> None:
    future = micro_future(share("SPY"), 2026, 6)
    assert MARKET.mark(future, date(2026, 5, 15)) % Decimal("0.25") == 0
    assert (future.symbol, future.expiry) == ("MESM6", date(2026, 6, 18)), "the third Friday is a holiday"


def test_option_symbols_are_those_of_the_clearing_house() -> None:
    put = option(share("SPY"), date(2026, 11, 20), Decimal("187.5"), "P")
    assert (put.symbol, put.description) == ("SPY   261120P00187500", "SPY 20NOV26 187.5 P")
    assert put.conid == option(share("SPY"), date(2026, 11, 20), Decimal("187.5"), "P").conid


def test_compact_numbers() -> None:
    assert [compact(Decimal(text)) for text in ("1.500", "100", "-0", "0.00", "1E+3", "-2.10")] == [
        "1.5",
        "100",
        "0",
        "0",
        "1000",
        "-2.1",
    ]
