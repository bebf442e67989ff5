"""Depots and the accounts that belong to them."""

from __future__ import annotations

import json
import sqlite3
from datetime import date

from ibjournal.domain.depot import AccountId, Depot, DepotId

_COLUMNS = "id, name, activity_query, confirmation_query, token_expires, paused, position, from_files, color"


def _depot(row: tuple[object, ...], accounts: tuple[AccountId, ...]) -> Depot:
    number, name, activity, confirmation, expires, paused, position, from_files, color = row
    return Depot(
        id=DepotId(int(str(number))),
        name=str(name),
        activity_query=str(activity),
        confirmation_query=str(confirmation),
        token_expires=date.fromisoformat(str(expires)) if expires else None,
        paused=bool(paused),
        position=int(str(position)),
        from_files=bool(from_files),
        color=str(color),
        accounts=accounts,
    )


def list_depots(db: sqlite3.Connection) -> tuple[Depot, ...]:
    """Return all depots in the user's order, each with its accounts."""
    accounts: dict[int, list[AccountId]] = {}
    for account, depot in db.execute("SELECT account, depot FROM accounts WHERE depot IS NOT NULL ORDER BY account"):
        accounts.setdefault(depot, []).append(AccountId(account))
    rows = db.execute(f"SELECT {_COLUMNS} FROM depots ORDER BY position, id")  # noqa: S608 - a constant
    return tuple(_depot(row, tuple(accounts.get(row[0], ()))) for row in rows)


def get_depot(db: sqlite3.Connection, depot: DepotId) -> Depot | None:
    """Return one depot, None when there is none of that id."""
    return next((each for each in list_depots(db) if each.id == depot), None)


def find_depot(db: sqlite3.Connection, name: str) -> Depot | None:
    """Return the depot of that name (case does not matter), None when there is none."""
    wanted = name.strip().casefold()
    return next((each for each in list_depots(db) if each.name.casefold() == wanted), None)


def insert_depot(
    db: sqlite3.Connection,
    *,
    name: str,
    activity_query: str = "",
    confirmation_query: str = "",
    token_expires: date | None = None,
    from_files: bool = False,
    color: str = "",
) -> DepotId:
    """Add a depot behind the others and return its id."""
    position = db.execute("SELECT coalesce(max(position), -1) + 1 FROM depots").fetchone()[0]
    cursor = db.execute(
        "INSERT INTO depots (name, activity_query, confirmation_query, token_expires, position, from_files, color)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            name,
            activity_query,
            confirmation_query,
            token_expires.isoformat() if token_expires else None,
            position,
            int(from_files),
            color,
        ),
    )
    return DepotId(int(cursor.lastrowid or 0))


def update_depot(db: sqlite3.Connection, depot: Depot) -> None:
    """Write everything of a depot but its accounts."""
    db.execute(
        "UPDATE depots SET name=?, activity_query=?, confirmation_query=?, token_expires=?, paused=?, position=?, from_files=?,"
        " color=? WHERE id=?",
        (
            depot.name,
            depot.activity_query,
            depot.confirmation_query,
            depot.token_expires.isoformat() if depot.token_expires else None,
            int(depot.paused),
            depot.position,
            int(depot.from_files),
            depot.color,
            depot.id,
        ),
    )


def delete_depot(db: sqlite3.Connection, depot: DepotId) -> None:
    """Remove a depot; its accounts, reports and trades stay on file without one."""
    db.execute("DELETE FROM depots WHERE id=?", (depot,))


def set_order(db: sqlite3.Connection, order: tuple[DepotId, ...]) -> None:
    """Put the depots in this order."""
    db.executemany("UPDATE depots SET position=? WHERE id=?", [(position, depot) for position, depot in enumerate(order)])


def owner_of(db: sqlite3.Connection, account: AccountId) -> DepotId | None:
    """Return the depot an account belongs to, None when it belongs to none."""
    row = db.execute("SELECT depot FROM accounts WHERE account=?", (account,)).fetchone()
    return DepotId(row[0]) if row and row[0] is not None else None


def assign_account(db: sqlite3.Connection, account: AccountId, depot: DepotId | None) -> None:
    """Let an account belong to a depot."""
    db.execute(
        "INSERT INTO accounts (account, depot) VALUES (?, ?) ON CONFLICT (account) DO UPDATE SET depot=excluded.depot",
        (account, depot),
    )


def note_account(db: sqlite3.Connection, account: AccountId) -> None:
    """Make sure that an account is known; a new one belongs to no depot."""
    db.execute("INSERT INTO accounts (account) VALUES (?) ON CONFLICT DO NOTHING", (account,))


def write_account_information(
    db: sqlite3.Connection, account: AccountId, *, base_currency: str, information: dict[str, str], generated_at: int
) -> None:
    """Keep what the newest report says of an account (an older report changes nothing)."""
    db.execute(
        "UPDATE accounts SET base_currency=CASE WHEN ?<>'' THEN ? ELSE base_currency END, information=?, information_generated=?"
        " WHERE account=? AND information_generated<=?",
        (base_currency, base_currency, json.dumps(information), generated_at, account, generated_at),
    )


def base_currencies(db: sqlite3.Connection) -> dict[AccountId, str]:
    """Return the base currency of each account, empty where no report named it."""
    return {AccountId(account): currency for account, currency in db.execute("SELECT account, base_currency FROM accounts")}


def accounts_of(db: sqlite3.Connection, depot: DepotId | None) -> tuple[AccountId, ...]:
    """Return the accounts of a depot, or all accounts."""
    rows = (
        db.execute("SELECT account FROM accounts ORDER BY account")
        if depot is None
        else db.execute("SELECT account FROM accounts WHERE depot=? ORDER BY account", (depot,))
    )
    return tuple(AccountId(row[0]) for row in rows)
