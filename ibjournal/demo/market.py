"""Prices: seeded daily paths that only grow at their end, and option prices by Black and Scholes.

A path is a smooth invented trend with one bad spring in its second year, a shared random part and one of each symbol's own. Every
day is drawn from what came before it, so a history that ends later begins with the same days. The random parts are
floating point; what leaves this module is rounded to ticks and `Decimal`.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from ibjournal.demo.business_days import is_american_session, is_european_session
from ibjournal.demo.chance import seeded
from ibjournal.demo.contracts import Contract
from ibjournal.demo.listings import BY_SYMBOL, LISTINGS

CENT = Decimal("0.01")
_RATE_TICK = Decimal("0.00001")
_FUTURE_TICK = Decimal("0.25")
_YEAR = 365.25
_INTEREST = 0.035
_FUTURE_PER_SPY = 10.13
_PULL = 0.03
"""How strongly a random part returns to its trend, a day."""

_MARKET_SHAPE: tuple[tuple[float, float], ...] = (
    (0.00, 0.000), (0.22, 0.045), (0.30, 0.005), (0.54, 0.060), (0.60, -0.005), (0.92, 0.065), (1.00, 0.030),
    (1.10, 0.055), (1.19, -0.010), (1.265, -0.095), (1.36, -0.040), (1.55, 0.010), (1.80, 0.040), (2.00, 0.030),
    (2.15, 0.050), (2.23, -0.025), (2.40, 0.030), (2.60, 0.045), (2.75, 0.015), (3.00, 0.040), (3.30, 0.020), (3.60, 0.050),
)  # fmt: skip
"""Years since the beginning, deviation of the market from its trend (log)."""

_EURO_SHAPE: tuple[tuple[float, float], ...] = (
    (0.0, 1.098), (0.30, 1.068), (0.70, 1.110), (1.05, 1.035), (1.30, 1.130), (1.55, 1.172), (2.00, 1.168),
    (2.25, 1.146), (2.60, 1.163), (2.90, 1.157), (3.60, 1.160),
)  # fmt: skip


def _interpolate(shape: Sequence[tuple[float, float]], at: float) -> float:
    if at >= shape[-1][0]:
        return shape[-1][1]
    right = bisect_right(shape, (at, math.inf))
    (x0, y0), (x1, y1) = shape[right - 1], shape[right]
    return y0 + (y1 - y0) * (at - x0) / (x1 - x0)


def _normal(x: float) -> float:
    return 0.5 * (1.0 + math.erf(x / math.sqrt(2.0)))


def option_value(spot: float, strike: float, years: float, volatility: float, right: str) -> float:
    """Return the Black-Scholes value a share; at or after expiry what exercise would bring."""
    sign = 1.0 if right == "C" else -1.0
    if years <= 0.0:
        return max(sign * (spot - strike), 0.0)
    width = volatility * math.sqrt(years)
    d1 = (math.log(spot / strike) + (_INTEREST + volatility * volatility / 2.0) * years) / width
    discounted = strike * math.exp(-_INTEREST * years)
    return max(sign * (spot * _normal(sign * d1) - discounted * _normal(sign * (d1 - width))), sign * (spot - strike), 0.0)


def to_tick(value: float, tick: Decimal = CENT) -> Decimal:
    """Return a floating-point price as a decimal on the tick."""
    return (Decimal(repr(value)) / tick).quantize(Decimal(1)) * tick


class Market:
    """Closing prices and euro rates for consecutive days, and quotes within a day."""

    def __init__(self, days: Sequence[date], seed: int) -> None:
        self.days = tuple(days)
        self.listings = LISTINGS
        self.first = days[0]
        self._index = {day: n for n, day in enumerate(self.days)}
        self._split_index: dict[str, int] = {}
        self._marks: dict[tuple[str, date], Decimal] = {}
        market = self._wander(seeded(seed, "market"), 0.0066)
        years = [(day - self.first).days / _YEAR for day in self.days]
        shape = [_interpolate(_MARKET_SHAPE, at) for at in years]
        self._closes: dict[str, list[float]] = {}
        for listing in LISTINGS:
            contract = listing.contract
            own = self._wander(seeded(seed, contract.symbol), listing.noise)
            is_open = is_european_session if contract.currency == "EUR" else is_american_session
            closes: list[float] = []
            last = listing.start
            for n, day in enumerate(self.days):
                if is_open(day):
                    move = listing.growth * years[n] + listing.beta * (shape[n] + market[n]) + own[n]
                    last = round(listing.start * math.exp(move), 2)
                closes.append(last)
            if listing.split_after is not None:
                self._apply_split(contract.symbol, closes, self.first + timedelta(days=round(listing.split_after * _YEAR)))
            self._closes[contract.symbol] = closes
        euro = self._wander(seeded(seed, "EUR"), 0.0032)
        self._euro = [_interpolate(_EURO_SHAPE, at) * math.exp(euro[n] * 0.5) for n, at in enumerate(years)]
        self._euro_closes = [to_tick(value, _RATE_TICK) for value in self._euro]
        self._dollar_closes = [(1 / value).quantize(_RATE_TICK) for value in self._euro_closes]

    def _wander(self, random: Random, deviation: float) -> list[float]:
        value, path = 0.0, []
        for _ in self.days:
            value += random.gauss(0.0, deviation) - _PULL * value
            path.append(value)
        return path

    def _apply_split(self, symbol: str, closes: list[float], not_before: date) -> None:
        """Prices before the split are those of the old shares, twice as dear."""
        effective = next((n for n, day in enumerate(self.days) if day >= not_before and is_american_session(day)), len(closes))
        for n in range(effective):
            closes[n] = round(closes[n] * 2, 2)
        self._split_index[symbol] = effective

    # -- closing prices --------------------------------------------------------------------------------------------

    def split_on(self, symbol: str, day: date) -> bool:
        """Whether one share becomes two before the opening of ``day``."""
        return self._split_index.get(symbol) == self._index[day]

    def rate(self, currency: str, base: str, day: date) -> Decimal:
        """Return the day's rate from a currency to the base currency, five decimals as in ``fxRateToBase``."""
        if currency == base:
            return Decimal(1)
        return (self._dollar_closes if base == "EUR" else self._euro_closes)[self._index[day]]

    def euro_in_dollars(self, day: date) -> Decimal:
        """Return the day's closing price of a euro."""
        return self._euro_closes[self._index[day]]

    def spot(self, symbol: str, day: date) -> float:
        """Return the closing price of a listed share."""
        return self._closes[symbol][self._index[day]]

    def mark(self, contract: Contract, day: date) -> Decimal:
        """Return the closing price of any contract, in its currency, for one share, point or unit."""
        key = (contract.conid, day)
        known = self._marks.get(key)
        if known is None:
            known = self._marks[key] = self._mark(contract, day)
        return known

    def _mark(self, contract: Contract, day: date) -> Decimal:
        if contract.is_currency_pair:
            return self.euro_in_dollars(day)
        spot = self.spot(contract.quoted_like, day)
        if contract.is_future:
            return self._future(spot, contract, day)
        if contract.is_option:
            return (
                Decimal(0) if day > contract.expires_on else to_tick(self.option_price(contract, spot, day, 1.0), Decimal("0.0001"))
            )
        return to_tick(spot)

    def _future(self, spot: float, contract: Contract, day: date) -> Decimal:
        carry = math.exp(0.024 * (contract.expires_on - day).days / _YEAR)
        return to_tick(spot * _FUTURE_PER_SPY * carry, _FUTURE_TICK)

    # -- within the day --------------------------------------------------------------------------------------------

    def spot_at(self, symbol: str, day: date, part: float, chance: float) -> float:
        """Return a share's price within the day: ``part`` of the session has passed, ``chance`` is a standard normal draw."""
        n = self._index[day]
        closes = self._closes[symbol]
        close = closes[n]
        before = closes[n - 1] / (2 if self._split_index.get(symbol) == n else 1) if n else close
        listing = BY_SYMBOL[symbol]
        swing = (listing.noise + 0.004 * listing.beta) * math.sqrt(part * (1.0 - part))
        return before * math.exp(math.log(close / before) * part + swing * chance)

    def option_price(self, contract: Contract, spot: float, day: date, part: float) -> float:
        """Return an option's value for a price of the underlying, lower strikes with a higher volatility."""
        strike = float(contract.strike_price)
        days = (contract.expires_on - day).days
        years = (days + (1.0 - part) * 0.4) / _YEAR if days > 0 or part < 1.0 else 0.0
        volatility = BY_SYMBOL[contract.quoted_like].implied * (1.0 + 0.9 * max(math.log(spot / strike), -0.12))
        return option_value(spot, strike, years, max(volatility, 0.05), contract.right)

    def price_at(self, contract: Contract, day: date, part: float, spot: float) -> Decimal:
        """Return the middle price of a contract within the day when its underlying stands at ``spot``."""
        if contract.is_future:
            return self._future(spot, contract, day)
        if contract.is_option:
            return max(to_tick(self.option_price(contract, spot, day, part)), CENT)
        return to_tick(spot)

    def euro_at(self, day: date, part: float) -> Decimal:
        """Return the price of a euro within the day."""
        n = self._index[day]
        before = self._euro[n - 1] if n else self._euro[n]
        return to_tick(before + (self._euro[n] - before) * part, _RATE_TICK)
