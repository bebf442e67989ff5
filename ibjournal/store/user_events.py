"""What the user says of positions: what units had cost, which account goes on as which, which currency pairs are traded."""

from __future__ import annotations

import sqlite3
from datetime import date, datetime
from decimal import Decimal

from ibjournal.domain.depot import AccountId
from ibjournal.domain.instrument import InstrumentId
from ibjournal.domain.position_event import Place, ToldBasis


def told_bases(db: sqlite3.Connection) -> dict[tuple[str, Place], ToldBasis]:
    """Return what the user said of bases, by event and place."""
    found = {}
    for account, instrument, event, cost, currency, opened_on in db.execute(
        "SELECT account, instrument, event, cost, currency, opened_on FROM told_basis"
    ):
        place = Place(AccountId(account), InstrumentId(instrument))
        found[event, place] = ToldBasis(
            event=event,
            place=place,
            cost=Decimal(cost),
            currency=currency,
            opened_on=date.fromisoformat(opened_on) if opened_on else None,
        )
    return found


def write_told_basis(db: sqlite3.Connection, told: ToldBasis, now: datetime) -> None:
    """Keep what the user says that units had cost."""
    db.execute(
        "INSERT OR REPLACE INTO told_basis VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            told.place.account,
            told.place.instrument,
            told.event,
            format(told.cost, "f"),
            told.currency,
            told.opened_on.isoformat() if told.opened_on else None,
            int(now.timestamp()),
        ),
    )


def remove_told_basis(db: sqlite3.Connection, event: str, place: Place) -> bool:
    """Forget it; return whether there was anything."""
    cursor = db.execute("DELETE FROM told_basis WHERE account=? AND instrument=? AND event=?", (*place, event))
    return cursor.rowcount > 0


def account_links(db: sqlite3.Connection) -> dict[AccountId, AccountId]:
    """Return which account goes on under which number, the old one first."""
    return {AccountId(old): AccountId(new) for old, new in db.execute("SELECT old_account, new_account FROM account_links")}


def write_account_link(db: sqlite3.Connection, old: AccountId, new: AccountId, now: datetime) -> None:
    """Keep that an account goes on under a new number."""
    db.execute("INSERT OR REPLACE INTO account_links VALUES (?, ?, ?)", (old, new, int(now.timestamp())))


def remove_account_link(db: sqlite3.Connection, old: AccountId) -> bool:
    """Forget it; return whether there was anything."""
    return db.execute("DELETE FROM account_links WHERE old_account=?", (old,)).rowcount > 0


def traded_currencies(db: sqlite3.Connection) -> frozenset[Place]:
    """Return the currency pairs whose conversions the user calls trades."""
    rows = db.execute("SELECT account, instrument FROM traded_currencies")
    return frozenset(Place(AccountId(account), InstrumentId(instrument)) for account, instrument in rows)


def write_traded_currency(db: sqlite3.Connection, place: Place, now: datetime) -> None:
    """Call the conversions of a pair trades."""
    db.execute("INSERT OR REPLACE INTO traded_currencies VALUES (?, ?, ?)", (*place, int(now.timestamp())))


def remove_traded_currency(db: sqlite3.Connection, place: Place) -> bool:
    """Call them conversions again; return whether they were trades."""
    return db.execute("DELETE FROM traded_currencies WHERE account=? AND instrument=?", place).rowcount > 0
