"""Option structures the demo's traders open and look after: which strikes, when to take profit, when to give up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_FLOOR, Decimal

from ibjournal.demo.business_days import last_american_session_until
from ibjournal.demo.contracts import Contract, option
from ibjournal.demo.desk import Desk
from ibjournal.demo.ledger import ZERO, Fill
from ibjournal.demo.listings import BY_SYMBOL, share

_FRIDAY = 4
_YEAR = 365.25


@dataclass(slots=True, kw_only=True)
class Structure:
    """Legs opened together. ``received`` is the money taken in (negative when paid), before costs."""

    legs: tuple[tuple[Contract, int], ...]
    received: Decimal
    take: Decimal = Decimal("0.5")
    """Close when this part of ``received`` is earned."""
    stop: Decimal = Decimal("1.6")
    """Close when this multiple of ``received`` is lost."""
    patient: bool = False
    """Wait for the expiry instead of taking profit."""

    @property
    def expiry(self) -> date:
        """The first expiry of its legs."""
        return min(contract.expires_on for contract, _ in self.legs)


def friday(day: date, weeks: int) -> date:
    """Return the expiry in the week ``weeks`` after that of ``day``: its Friday, or the last session before it."""
    return last_american_session_until(day + timedelta(days=_FRIDAY - day.weekday() + 7 * weeks))


def strike_near(symbol: str, price: float) -> Decimal:
    """Return the listed strike at or below a price."""
    step = BY_SYMBOL[symbol].strike_step
    return (Decimal(repr(price)) / step).to_integral_value(ROUND_FLOOR) * step


def last_spot(desk: Desk, symbol: str) -> float:
    """Return the last close that is known when the day begins."""
    return desk.market.spot(symbol, desk.books.closes[-1].day)


def away(desk: Desk, symbol: str, expiry: date, widths: float) -> Decimal:
    """Return the strike that many expected moves below (negative) or above the last close."""
    years = max((expiry - desk.day).days, 1) / _YEAR
    spot = last_spot(desk, symbol)
    return strike_near(symbol, spot * (1.0 + widths * BY_SYMBOL[symbol].implied * years**0.5))


_BY_HAND = 40
"""Seconds between the legs of what is put together by hand."""


def premium(fills: list[Fill]) -> Decimal:
    """Return what fills brought before costs."""
    return sum((fill.proceeds for fill in fills), ZERO)


def put_spread(desk: Desk, symbol: str, weeks: int, contracts: int, *, widths: float, span: Decimal) -> Structure:
    """Sell a put and buy one ``span`` below."""
    expiry = friday(desk.day, weeks)
    upper = away(desk, symbol, expiry, -widths)
    stock = share(symbol)
    legs = (
        (option(stock, expiry, upper, "P"), -contracts),
        (option(stock, expiry, upper - span, "P"), contracts),
    )
    return Structure(legs=legs, received=premium(desk.combo(legs)))


def iron_condor(desk: Desk, symbol: str, weeks: int, contracts: int, *, widths: float, span: Decimal) -> Structure:
    """Sell a put spread below and a call spread above the market in one order."""
    expiry = friday(desk.day, weeks)
    put, call = away(desk, symbol, expiry, -widths), away(desk, symbol, expiry, widths)
    stock = share(symbol)
    legs = (
        (option(stock, expiry, put, "P"), -contracts),
        (option(stock, expiry, put - span, "P"), contracts),
        (option(stock, expiry, call, "C"), -contracts),
        (option(stock, expiry, call + span, "C"), contracts),
    )
    return Structure(legs=legs, received=premium(desk.combo(legs)))


def calendar_spread(desk: Desk, symbol: str) -> Structure:
    """Sell next week's call and buy the one four weeks later at the same strike, in two orders: money is paid."""
    strike = away(desk, symbol, friday(desk.day, 1), 0.2)
    stock = share(symbol)
    legs = (
        (option(stock, friday(desk.day, 1), strike, "C"), -1),
        (option(stock, friday(desk.day, 5), strike, "C"), 1),
    )
    fills = desk.combo(legs, apart=_BY_HAND)
    return Structure(legs=legs, received=premium(fills), take=Decimal("0.3"), stop=Decimal("0.4"))


def result_at_last_close(desk: Desk, structure: Structure) -> Decimal:
    """Return what closing at the last known marks would leave, before costs."""
    day = desk.books.closes[-1].day
    worth = sum((desk.market.mark(contract, day) * quantity * contract.multiplier for contract, quantity in structure.legs), ZERO)
    return structure.received + worth


def close_when_due(desk: Desk, structure: Structure) -> bool:
    """Close a structure that has earned or lost enough, or that could end between its strikes; return whether it is over.

    One that is worth nothing on its last day is left to expire, and then counts as over.
    """
    result = result_at_last_close(desk, structure)
    size = abs(structure.received)
    last_day = desk.day >= structure.expiry
    lost = result <= -structure.stop * size
    earned = result >= structure.take * size and not structure.patient
    if last_day:
        day = desk.books.closes[-1].day
        dear = any(desk.market.mark(contract, day) > Decimal("0.08") for contract, quantity in structure.legs if quantity < 0)
        two_expiries = len({contract.expiry for contract, _ in structure.legs}) > 1
        if not (dear or two_expiries):
            return True
    if not (lost or earned or last_day):
        return False
    desk.combo([(contract, -quantity) for contract, quantity in structure.legs])
    return True
