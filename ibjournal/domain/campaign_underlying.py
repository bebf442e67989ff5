"""Which instruments belong to one underlying: shares with their options, the months of a future with the options on them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property

from ibjournal.domain.instrument import AssetClass, Instrument, InstrumentId

OPTIONS = frozenset({AssetClass.OPT, AssetClass.FOP, AssetClass.WAR, AssetClass.IOPT})
SHARES = frozenset({AssetClass.STK, AssetClass.FUND, AssetClass.FUT})
"""What options are exercised into."""
DERIVATIVES = OPTIONS | {AssetClass.FUT}
"""What is rolled."""

FUTURES = "FUT:"
"""How the key of a futures product begins."""

_MONTH = re.compile(r"^(?P<root>[A-Z0-9.]*?[A-Z0-9.])[FGHJKMNQUVXZ]\d{1,2}$")
_MONTH_IN_WORDS = re.compile(r"^(?P<root>\S+)\s+[A-Z]{3}\s+\d{2}$")
_UNDERLYINGS = frozenset({AssetClass.STK, AssetClass.FUND, AssetClass.IND})


def futures_root(symbol: str) -> str:
    """Return the product of a futures contract: ``ES`` for ``ESZ6``, ``FDAX`` for ``FDAX DEC 18``; empty where it shows none."""
    text = symbol.strip().upper()
    found = _MONTH.match(text) or _MONTH_IN_WORDS.match(text)
    return found["root"] if found else ""


class Underlyings:
    """Names the underlying of each instrument of a journal.

    Shares are their own underlying. An option's is the contract id that its reports give; where they give a symbol alone, the share
    of that symbol and currency, if there is one. Futures of all months and the options on them are one product.
    """

    def __init__(self, instruments: Mapping[InstrumentId, Instrument]) -> None:
        self.instruments = instruments
        self._by_symbol: dict[tuple[str, str], set[str]] = {}
        for each in instruments.values():
            if each.asset_class in _UNDERLYINGS:
                self._name(each.symbol, each.currency, str(each.id))
            elif each.asset_class in OPTIONS and each.underlying_id is not None:
                self._name(each.underlying_symbol, each.currency, str(each.underlying_id))

    @cached_property
    def with_derivatives(self) -> frozenset[str]:
        """The keys of underlyings that have options or futures."""
        return frozenset(self.key_of(each.id) for each in self.instruments.values() if each.asset_class in DERIVATIVES)

    def key_of(self, instrument: InstrumentId) -> str:
        """Return the underlying's key; empty for what has none and is none, such as a bond."""
        each = self.instruments.get(instrument)
        if each is None:
            return ""
        if each.asset_class is AssetClass.FUT:
            return _product(futures_root(each.symbol) or each.underlying_symbol or each.symbol)
        if each.asset_class is AssetClass.FOP:
            return self._of_futures_option(each)
        if each.asset_class in OPTIONS:
            if each.underlying_id is not None:
                return str(each.underlying_id)
            symbol = each.underlying_symbol or each.symbol.split(" ")[0]
            found = self._by_symbol.get((symbol, each.currency), set())
            return next(iter(found)) if len(found) == 1 else symbol
        return str(each.id) if each.asset_class in SHARES else ""

    def _of_futures_option(self, option: Instrument) -> str:
        future = self.instruments.get(option.underlying_id) if option.underlying_id is not None else None
        if future is not None and future.asset_class is AssetClass.FUT:
            return self.key_of(future.id)
        symbol = option.underlying_symbol or option.symbol.split(" ")[0]
        return _product(futures_root(symbol) or symbol)

    def _name(self, symbol: str, currency: str, key: str) -> None:
        if symbol:
            self._by_symbol.setdefault((symbol, currency), set()).add(key)


def _product(root: str) -> str:
    return f"{FUTURES}{root}"
