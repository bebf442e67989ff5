"""Invented instruments of every kind. No company, index or coin of these names exists."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from zlib import crc32

from ibjournal.demo.contracts import MONTHS, Contract, compact, day_month_year

_MONTH_CODES = "FGHJKMNQUVXZ"


def _number(text: str) -> str:
    return str(600_000_000 + crc32(text.encode()) % 99_000_000)


def _isin(country: str, symbol: str) -> str:
    return f"{country}{crc32(symbol.encode()) % 10**10:010d}"


def asset(symbol: str, category: str = "STK", *, currency: str = "USD", country: str = "US", kind: str = "") -> Contract:
    """Return an instrument that hangs on nothing else."""
    names = {"STK": "COMMON", "CFD": "", "BOND": "Corp", "BILL": "Govt"}
    return Contract(
        conid=_number(f"{category}:{symbol}"),
        category=category,
        sub_category=kind or names.get(category, ""),
        symbol=symbol,
        description=f"INVENTED {symbol} {category}",
        currency=currency,
        listing="INVENTED",
        venue="INVENTED",
        isin=_isin(country, symbol) if category not in {"FUT", "CRYPTO", "CMDTY", "IND"} else "",
        country=country,
    )


def renamed(contract: Contract, symbol: str) -> Contract:
    """Return what a share becomes when it gets another symbol, ISIN and contract number."""
    other = asset(symbol, contract.category)
    return replace(contract, conid=other.conid, symbol=symbol, description=other.description, isin=_isin(contract.country, symbol))


def option_on(
    underlying: Contract, expiry: date, strike: Decimal, right: str, *, multiplier: int = 100, cash_settled: bool = False
) -> Contract:
    """Return an option on a share, an index (``cash_settled``) or a future."""
    root = underlying.symbol.replace(" ", "")
    symbol = f"{root:<6}{expiry:%y%m%d}{right}{int(strike * 1000):08d}"
    return Contract(
        conid=_number(f"{underlying.category}:{symbol}"),
        category="FOP" if underlying.is_future else "OPT",
        sub_category=right,
        symbol=symbol,
        description=f"{underlying.symbol} {day_month_year(expiry)} {compact(strike)} {right}",
        currency=underlying.currency,
        multiplier=Decimal(multiplier),
        listing="INVENTED",
        venue="INVENTED",
        expiry=expiry,
        strike=strike,
        right=right,
        underlying=underlying,
        cash_settled=cash_settled,
    )


def after_split(contract: Contract, new: int, old: int) -> Contract:
    """Return an option as it stands after a split of its share: the same contract with another strike and symbol."""
    strike = (contract.strike_price * old / new).quantize(Decimal("0.001"))
    changed = option_on(contract.delivers, contract.expires_on, strike, contract.right)
    return replace(changed, conid=contract.conid)


def future_on(index: Contract, expiry: date, *, multiplier: int) -> Contract:
    """Return the future of a month."""
    symbol = f"{index.symbol}{_MONTH_CODES[expiry.month - 1]}{expiry.year % 10}"
    return Contract(
        conid=_number(f"FUT:{symbol}:{expiry}"),
        category="FUT",
        symbol=symbol,
        description=f"{index.symbol} {expiry.day:02d}{MONTHS[expiry.month - 1]}{expiry.year % 100:02d}",
        currency=index.currency,
        multiplier=Decimal(multiplier),
        listing="INVENTED",
        venue="INVENTED",
        expiry=expiry,
        underlying=index,
    )


def difference_on(share: Contract) -> Contract:
    """Return the contract for difference on a share."""
    return replace(
        asset(f"{share.symbol}n", "CFD", currency=share.currency, country=share.country), underlying=share, listing="", isin=""
    )
