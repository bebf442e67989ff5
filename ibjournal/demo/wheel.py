"""Short puts against cash, the shares they may bring, and covered calls until the shares are called away."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from ibjournal.demo.contracts import Contract, option
from ibjournal.demo.desk import Desk
from ibjournal.demo.listings import BY_SYMBOL, share
from ibjournal.demo.structures import away, friday, last_spot

_PUT_WIDTHS = 0.55
_CALL_WIDTHS = 0.6
_LOT = 100
_CHEAP = Decimal("0.06")


class Wheel:
    """The wheel on one symbol. ``keep_shares`` buys calls back and rolls them instead of giving the shares away."""

    def __init__(self, desk: Desk, symbol: str, *, lots: int = 1, keep_shares: bool = False) -> None:
        self.symbol = symbol
        self._desk = desk
        self._lots = lots
        self._keep_shares = keep_shares
        self._short: Contract | None = None

    @property
    def busy(self) -> bool:
        """Whether an option or shares are open."""
        return self._short is not None or self.holds_shares

    @property
    def holds_shares(self) -> bool:
        """Whether there are shares to write calls on."""
        return self._shares >= _LOT * self._lots and (self._keep_shares or self._basis_is_ours)

    @property
    def _shares(self) -> int:
        return int(self._desk.books.position(share(self.symbol)))

    @property
    def _basis_is_ours(self) -> bool:
        return self._shares == _LOT * self._lots

    def sell_put(self, *, weeks: int) -> None:
        """Begin: sell a put that the cash could pay for."""
        desk = self._desk
        if self.busy or self._shares:
            return
        expiry = friday(desk.day, weeks)
        contract = option(share(self.symbol), expiry, away(desk, self.symbol, expiry, -_PUT_WIDTHS), "P")
        desk.trade(contract, -self._lots)
        self._short = contract

    def sell_call(self, *, weeks: int) -> None:
        """Write calls on the shares that are there."""
        desk = self._desk
        if self._short is not None or not self.holds_shares:
            return
        expiry = friday(desk.day, weeks)
        strike = away(desk, self.symbol, expiry, _CALL_WIDTHS) + BY_SYMBOL[self.symbol].strike_step
        contract = option(share(self.symbol), expiry, strike, "C")
        desk.trade(contract, -self._lots)
        self._short = contract

    def look_after(self) -> None:
        """Take profit, roll, or wait; after an assignment write calls on the shares."""
        desk, short = self._desk, self._short
        if short is not None and not desk.books.position(short):
            self._short = None
            short = None
        if short is None:
            if self.holds_shares and not self._keep_shares:
                self.sell_call(weeks=1)
            return
        if desk.day > short.expires_on:
            return
        mark = desk.market.mark(short, desk.books.closes[-1].day)
        days_left = (short.expires_on - desk.day).days
        if mark <= _CHEAP and days_left >= 3:  # noqa: PLR2004 - not worth the risk of the last days
            desk.trade(short, self._lots)
            self._short = None
        elif days_left <= 1 and self._in_the_money(short) and (self._keep_shares or desk.random.random() < 0.3):  # noqa: PLR2004
            self._roll(short)

    def _in_the_money(self, contract: Contract) -> bool:
        spot = Decimal(repr(last_spot(self._desk, self.symbol)))
        return spot > contract.strike_price if contract.right == "C" else spot < contract.strike_price

    def _roll(self, short: Contract) -> None:
        """Buy back and sell a later one in one order."""
        desk = self._desk
        step = BY_SYMBOL[self.symbol].strike_step
        strike = short.strike_price + step if short.right == "C" else short.strike_price - step
        later = option(share(self.symbol), friday(short.expires_on + timedelta(days=7), 1), strike, short.right)
        desk.combo([(short, self._lots), (later, -self._lots)])
        self._short = later
