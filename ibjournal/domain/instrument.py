"""Instruments: what is traded, keyed by IBKR's contract id and never by symbol."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import NewType

InstrumentId = NewType("InstrumentId", str)
"""IBKR's conid as text; where a report carries none, a key made of class, symbol and option terms."""


class AssetClass(str, Enum):
    """IBKR's ``assetCategory``; what IBKR invents next is `OTHER` and is matched by quantity."""

    STK = "STK"
    OPT = "OPT"
    FUT = "FUT"
    FOP = "FOP"
    WAR = "WAR"
    IOPT = "IOPT"
    CFD = "CFD"
    BOND = "BOND"
    BILL = "BILL"
    FUND = "FUND"
    CASH = "CASH"
    CMDTY = "CMDTY"
    CRYPTO = "CRYPTO"
    IND = "IND"
    OTHER = "OTHER"

    @classmethod
    def of(cls, category: str) -> AssetClass:
        """Return the class for IBKR's word, `OTHER` when we do not know it."""
        return _BY_WORD.get(category, cls.OTHER)


_BY_WORD = {each.value: each for each in AssetClass}


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """One contract. ``multiplier`` is 1 for shares, 100 for most options; bonds are quoted in percent of par."""

    id: InstrumentId
    asset_class: AssetClass
    category: str
    symbol: str
    description: str = ""
    currency: str = ""
    multiplier: Decimal = Decimal(1)
    underlying_id: InstrumentId | None = None
    underlying_symbol: str = ""
    isin: str = ""
    exchange: str = ""
    expiry: date | None = None
    strike: Decimal | None = None
    right: str = ""
    """``C`` or ``P`` for options, else empty."""


_PERCENT_OF_PAR = frozenset({AssetClass.BOND, AssetClass.BILL})
_NOT_TRADED = frozenset({AssetClass.CASH, AssetClass.IND})


def is_trade_instrument(asset_class: AssetClass) -> bool:
    """Return whether fills of this class make trades: currency conversions do not."""
    return asset_class not in _NOT_TRADED


def point_value(asset_class: AssetClass, multiplier: Decimal) -> Decimal:
    """Return the money that one point of price means for one unit: bonds and bills are quoted in percent of par."""
    return multiplier / 100 if asset_class in _PERCENT_OF_PAR else multiplier
