"""What the demo's desks, offices and books ask of a market."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Protocol

from ibjournal.demo.contracts import Contract
from ibjournal.demo.listings import Listing


class Quotes(Protocol):
    """Prices and rates for consecutive report days. Prices are in the contract's currency, for one share, point or unit."""

    @property
    def days(self) -> Sequence[date]:
        """The report days, in order."""

    @property
    def first(self) -> date:
        """The first of them."""

    @property
    def listings(self) -> Sequence[Listing]:
        """The shares that may pay a dividend."""

    def split_on(self, symbol: str, day: date) -> bool:
        """Whether one share becomes two before the opening of ``day``."""

    def rate(self, currency: str, base: str, day: date) -> Decimal:
        """Return the day's rate from a currency to the base currency."""

    def euro_in_dollars(self, day: date) -> Decimal:
        """Return the day's closing price of a euro."""

    def euro_at(self, day: date, part: float) -> Decimal:
        """Return the price of a euro when ``part`` of the day has passed."""

    def spot(self, symbol: str, day: date) -> float:
        """Return the closing price that a symbol's path has."""

    def spot_at(self, symbol: str, day: date, part: float, chance: float) -> float:
        """Return a price within the day; ``chance`` is a standard normal draw."""

    def mark(self, contract: Contract, day: date) -> Decimal:
        """Return the closing price."""

    def price_at(self, contract: Contract, day: date, part: float, spot: float) -> Decimal:
        """Return the middle price within the day when the path stands at ``spot``."""
