"""Accounts that got a new number: what the old one held when the new one began."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal

from ibjournal.domain.depot import AccountId
from ibjournal.domain.position_event import Place, PositionEvent
from ibjournal.domain.transfer import Renumbering
from ibjournal.store.database import Connection
from ibjournal.store.executions import currencies_of, fill_times, open_quantities

_MOMENT = timedelta(seconds=1)


def renumbering_of(db: Connection, old: AccountId, new: AccountId, events: Iterable[PositionEvent]) -> Renumbering | None:
    """Return what an account held when it went on under a new number, None where it never traded.

    That is when the new one begins, but not before the old one's last fill.

    Args:
        db: a connection.
        old: the account that ends.
        new: its new number.
        events: what changed positions without a fill.
    """
    last, first = fill_times(db, old), fill_times(db, new)
    if last is None:
        return None
    at = last[1] + _MOMENT if first is None else max(last[1] + _MOMENT, first[0] - _MOMENT)
    units = {Place(old, instrument): quantity for instrument, quantity in open_quantities(db, old).items()}
    for event in events:
        for leg in event.legs:
            if leg.place.account == old and event.effective_at <= at and leg.quantity:
                units[leg.place] = units.get(leg.place, Decimal(0)) + leg.quantity
    currencies = currencies_of(db, old)
    held = {place: (quantity, currencies[place.instrument]) for place, quantity in units.items() if place.instrument in currencies}
    return Renumbering(old=old, new=new, at=at, units=held)
