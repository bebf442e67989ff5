"""Which shares a dividend was paid on: those held when it went ex, not those held when it was paid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from ibjournal.domain.cash import CashEntry, CashKind
from ibjournal.domain.trade import Trade, TradeKey

_LONGEST_LAG = timedelta(days=45)
_SHORTEST_LAG = timedelta(days=10)
"""From ex date to payment, as it is usual; asked only where no report tells the ex date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """A dividend, payment in lieu or tax, and the trade of shares that it belongs to."""

    entry: CashEntry
    trade: TradeKey
    ex_date: date | None
    """None where no report tells it: then the day of payment decided."""

    def amount_in(self, currency: str, rates: tuple[Decimal | None, Decimal | None]) -> Decimal | None:
        """Return the amount in another currency, by the rates into the base currency of its own and of the other."""
        own, other = rates
        if self.entry.currency == currency:
            return self.entry.amount
        return self.entry.amount * own / other if own is not None and other else None


def is_income(entry: CashEntry) -> bool:
    """Return whether a cash entry is a dividend, payment in lieu or tax on an instrument."""
    return entry.instrument is not None and entry.kind in {CashKind.DIVIDEND, CashKind.WITHHOLDING_TAX}


def book_dividends(entries: Sequence[CashEntry], shares: Sequence[Trade], ex_dates: Mapping[str, date]) -> tuple[Booking, ...]:
    """Put each dividend to the trade that held the shares.

    With an ex date it is the trade that was open at the close of the day before. Without one, it is the trade that was open ten
    days before the payment, else the one that ended last in the 45 days before it, else the one open on the day itself. All
    trades of the shares have to be given, so that a dividend goes to the right one and to one alone.

    Args:
        entries: bookings of one account.
        shares: all trades of the same account's shares, in any order.
        ex_dates: ex dates by the ids of the entries, where a report tells them.
    """
    found = []
    for entry in entries:
        if not is_income(entry):
            continue
        mine = [trade for trade in shares if trade.instrument == entry.instrument and trade.account == entry.account]
        ex_date = ex_dates.get(entry.id)
        trade = _held_before(mine, ex_date) if ex_date is not None else _held_about(mine, entry.value_date)
        if trade is not None:
            found.append(Booking(entry=entry, trade=trade.key, ex_date=ex_date))
    return tuple(found)


def _held_before(trades: Sequence[Trade], day: date) -> Trade | None:
    """Return the trade whose shares were there at the close of the day before."""
    held = [trade for trade in trades if trade.opened_on < day and (trade.closed_on is None or trade.closed_on >= day)]
    return max(held, key=lambda trade: (trade.opened_at, trade.key), default=None)


def _held_about(trades: Sequence[Trade], paid: date) -> Trade | None:
    then = _held_before(trades, paid - _SHORTEST_LAG)
    if then is not None:
        return then
    ended = [trade for trade in trades if trade.closed_on is not None and paid - _LONGEST_LAG <= trade.closed_on < paid]
    return max(ended, key=lambda trade: (trade.opened_at, trade.key), default=None) or _held_before(trades, paid)
