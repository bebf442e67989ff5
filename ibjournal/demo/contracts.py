"""What the demo trades: listed shares and funds, options on them, a future and a currency pair."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from zlib import crc32

from ibjournal.demo.business_days import last_american_session_until, third_friday

ONE = Decimal(1)
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_FUTURE_MONTH_CODES = {3: "H", 6: "M", 9: "U", 12: "Z"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """One instrument with the attributes that statements carry. Two contracts with the same ``conid`` are the same."""

    conid: str
    category: str
    symbol: str
    description: str
    currency: str
    multiplier: Decimal = ONE
    sub_category: str = ""
    listing: str = ""
    venue: str = ""
    isin: str = ""
    country: str = ""
    expiry: date | None = None
    strike: Decimal | None = None
    right: str = ""
    underlying: Contract | None = None
    cash_settled: bool = False
    """Whether an option ends in money instead of delivery."""

    @property
    def is_future(self) -> bool:
        """Whether it is a future."""
        return self.category == "FUT"

    @property
    def settled_daily(self) -> bool:
        """Whether its profit reaches the cash every evening and it has no value of its own."""
        return self.category in {"FUT", "CFD"}

    @property
    def point_value(self) -> Decimal:
        """The money in one point of the price of one unit: prices of bonds and bills are percent of the face value."""
        return self.multiplier / 100 if self.category in {"BOND", "BILL"} else self.multiplier

    @property
    def is_currency_pair(self) -> bool:
        """Whether trading it is a conversion."""
        return self.category == "CASH"

    @property
    def is_option(self) -> bool:
        """Whether it is an option on a share, an index or a future."""
        return self.category in {"OPT", "FOP"}

    @property
    def expires_on(self) -> date:
        """The expiry of a contract that has one; ValueError otherwise."""
        if self.expiry is None:
            raise ValueError(self.symbol)
        return self.expiry

    @property
    def strike_price(self) -> Decimal:
        """The strike of an option; ValueError otherwise."""
        if self.strike is None:
            raise ValueError(self.symbol)
        return self.strike

    @property
    def delivers(self) -> Contract:
        """What an option turns into; ValueError for what has no underlying."""
        if self.underlying is None:
            raise ValueError(self.symbol)
        return self.underlying

    @property
    def quoted_like(self) -> str:
        """The symbol whose price path decides: that of the underlying's underlying, and so on."""
        return self.underlying.quoted_like if self.underlying is not None else self.symbol


def _conid(text: str) -> str:
    return str(700_000_000 + crc32(text.encode()) % 240_000_000)


def compact(number: Decimal) -> str:
    """Return a decimal in plain digits without zeros at the end."""
    text = f"{number:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"", "-0"} else text


def day_month_year(day: date) -> str:
    """Return a date as option descriptions write it: ``20NOV26``."""
    return f"{day.day:02d}{MONTHS[day.month - 1]}{day.year % 100:02d}"


@cache
def option(underlying: Contract, expiry: date, strike: Decimal, right: str) -> Contract:
    """Return the American option of 100 shares; ``right`` is ``C`` or ``P``, ``strike`` is in the share's currency."""
    symbol = f"{underlying.symbol.replace(' ', ''):<6}{expiry:%y%m%d}{right}{int(strike * 1000):08d}"
    return Contract(
        conid=_conid(symbol),
        category="OPT",
        sub_category=right,
        symbol=symbol,
        description=f"{underlying.symbol} {day_month_year(expiry)} {compact(strike)} {right}",
        currency=underlying.currency,
        multiplier=Decimal(100),
        listing="CBOE",
        venue="CBOE",
        expiry=expiry,
        strike=strike,
        right=right,
        underlying=underlying,
    )


@cache
def micro_future(index: Contract, year: int, month: int) -> Contract:
    """Return the Micro E-mini S&P 500 future of a quarter: 5 USD a point."""
    expiry = last_american_session_until(third_friday(year, month))
    symbol = f"MES{_FUTURE_MONTH_CODES[month]}{year % 10}"
    return Contract(
        conid=_conid(f"{symbol}{year}"),
        category="FUT",
        symbol=symbol,
        description=f"MES {day_month_year(expiry)}",
        currency="USD",
        multiplier=Decimal(5),
        listing="CME",
        venue="CME",
        expiry=expiry,
        underlying=index,
    )


EUR_USD = Contract(
    conid="12087792",
    category="CASH",
    symbol="EUR.USD",
    description="EUR.USD",
    currency="USD",
    venue="IDEALFX",
)
