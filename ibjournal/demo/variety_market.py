"""Prices for the depots of variety: one seeded path a symbol, and what hangs on it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from ibjournal.demo.chance import seeded
from ibjournal.demo.contracts import Contract
from ibjournal.demo.listings import Listing
from ibjournal.demo.market import CENT, option_value, to_tick

_RATE_TICK = Decimal("0.00001")
_TICKS = {
    "FUT": Decimal("0.25"),
    "BOND": Decimal("0.001"),
    "BILL": Decimal("0.001"),
    "FUND": Decimal("0.0001"),
    "WAR": Decimal("0.001"),
    "IOPT": Decimal("0.001"),
    "CFD": CENT,
}
_OPTION_TICK = Decimal("0.0001")
_YEAR = 365.25
_VOLATILITY = 0.35
_CALM = {"BOND": 0.001, "BILL": 0.0002, "FUND": 0.004}


class VarietyMarket:
    """Any symbol has a price: it begins where its name says and wanders from there."""

    def __init__(self, days: Sequence[date], seed: int) -> None:
        self.days = tuple(days)
        self.first = days[0]
        self.listings: tuple[Listing, ...] = ()
        self._seed = seed
        self._index = {day: n for n, day in enumerate(self.days)}
        self._paths: dict[str, list[float]] = {}
        self._marks: dict[tuple[str, Decimal | None, date], Decimal] = {}
        random = seeded(seed, "EUR")
        euro, rates = 1.12, []
        for _ in self.days:
            euro *= math.exp(random.gauss(0.0, 0.005))
            rates.append(to_tick(euro, _RATE_TICK))
        self._euro = rates
        self._dollar = [(1 / value).quantize(_RATE_TICK) for value in rates]

    def open(self, contract: Contract, start: float) -> Contract:
        """Begin a price path for a contract at ``start``; return the contract."""
        random = seeded(self._seed, contract.symbol)
        deviation = _CALM.get(contract.category, 0.018)
        price, path = start, []
        for _ in self.days:
            path.append(price)
            price *= math.exp(random.gauss(0.0, deviation))
        self._paths[contract.symbol] = path
        return contract

    def follow(self, contract: Contract, other: Contract) -> None:
        """Let a contract have the prices of another, which it takes the place of."""
        self._paths[contract.symbol] = self._paths[other.symbol]

    def rescale(self, contract: Contract, day: date, factor: float) -> None:
        """Let a split be seen in the price from ``day`` on."""
        path = self._paths[contract.symbol]
        for n in range(self._index[day], len(path)):
            path[n] *= factor

    def split_on(self, symbol: str, day: date) -> bool:  # noqa: ARG002 - nothing splits by itself here
        """Whether one share becomes two by itself: never."""
        return False

    def rate(self, currency: str, base: str, day: date) -> Decimal:
        """Return the day's rate into the base currency, five decimals."""
        if currency == base:
            return Decimal(1)
        return (self._dollar if base == "EUR" else self._euro)[self._index[day]]

    def euro_in_dollars(self, day: date) -> Decimal:
        """Return the day's closing price of a euro."""
        return self._euro[self._index[day]]

    def euro_at(self, day: date, part: float) -> Decimal:
        """Return the price of a euro within the day."""
        return self.euro_in_dollars(day) + Decimal(round(part * 40)) * _RATE_TICK

    def spot(self, symbol: str, day: date) -> float:
        """Return the closing price of a path."""
        return self._paths[symbol][self._index[day]]

    def spot_at(self, symbol: str, day: date, part: float, chance: float) -> float:
        """Return a price within the day, near the close."""
        return self.spot(symbol, day) * math.exp(0.004 * chance * math.sqrt(1.0 - part))

    def mark(self, contract: Contract, day: date) -> Decimal:
        """Return the closing price."""
        key = (contract.conid, contract.strike, day)
        known = self._marks.get(key)
        if known is None:
            known = self._marks[key] = self._mark(contract, day)
        return known

    def _mark(self, contract: Contract, day: date) -> Decimal:
        if contract.is_currency_pair:
            return self.euro_in_dollars(day)
        spot = self.spot(contract.quoted_like, day)
        if contract.is_option:
            return Decimal(0) if day > contract.expires_on else to_tick(self._option(contract, spot, day, 1.0), _OPTION_TICK)
        return to_tick(spot, _TICKS.get(contract.category, CENT))

    def _option(self, contract: Contract, spot: float, day: date, part: float) -> float:
        days = (contract.expires_on - day).days
        years = (days + (1.0 - part) * 0.4) / _YEAR if days > 0 or part < 1.0 else 0.0
        return option_value(spot, float(contract.strike_price), years, _VOLATILITY, contract.right)

    def price_at(self, contract: Contract, day: date, part: float, spot: float) -> Decimal:
        """Return the middle price within the day."""
        if contract.is_option:
            return max(to_tick(self._option(contract, spot, day, part)), CENT)
        return max(to_tick(spot, _TICKS.get(contract.category, CENT)), CENT)
