"""Whose accounts a report tells of: accounts find their depot by themselves, and a depot takes no report of another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ibjournal.domain.depot import AccountId, Depot, DepotId
from ibjournal.domain.errors import ReportError
from ibjournal.store.database import Connection
from ibjournal.store.depots import assign_account, delete_depot, insert_depot, list_depots

_FUTURES_SEGMENT = "F"


def foreign_accounts(db: Connection, depot: DepotId | None) -> frozenset[str]:
    """Return the accounts of other depots with queries of their own: their rows come through their own depot.

    A file that the user gave (``depot`` is None) may tell of any account.
    """
    if depot is None:
        return frozenset()
    return frozenset(
        account for other in list_depots(db) if other.id != depot and not other.from_files for account in other.accounts
    )


def settle_accounts(
    db: Connection,
    accounts: Sequence[AccountId],
    depot: Depot | None,
    *,
    skipped: Sequence[str],
    home: DepotId | None = None,
) -> None:
    """Give the accounts of a report to its depot; those of a given file to the depot they have, or to one made for them.

    Args:
        db: a connection in a transaction.
        accounts: all accounts that the report tells of.
        depot: whose report it is; None for a file that the user gave.
        skipped: those among ``accounts`` whose rows were left out, since they are another depot's.
        home: the depot that gets the accounts which no depot has, instead of one made for them.

    Raises:
        ReportError: ``other_account`` when none of the accounts is the depot's.
    """
    mine = [account for account in accounts if account not in skipped]
    if depot is not None:
        if accounts and not mine:
            raise ReportError("other_account", accounts=", ".join(accounts), depot=depot.name)
        if depot.accounts and not set(mine) & set(depot.accounts):
            raise ReportError("other_account", accounts=", ".join(mine), depot=depot.name)
        adopt(db, mine, depot.id)
        return
    owned = {account for each in list_depots(db) for account in each.accounts}
    for account in mine:
        if account not in owned:
            assign_account(db, account, _depot_of_sibling(db, account) or home or _depot_for_files(db, account))


def adopt(db: Connection, accounts: Iterable[AccountId], depot: DepotId) -> None:
    """Let a depot have accounts that no other depot fetches; one that files alone had made for them goes when it is empty."""
    adopted = set(accounts)
    for other in list_depots(db):
        if other.id != depot and other.from_files and adopted & set(other.accounts):
            for account in adopted & set(other.accounts):
                assign_account(db, account, depot)
            if set(other.accounts) <= adopted:
                delete_depot(db, other.id)
    owned = {account for each in list_depots(db) for account in each.accounts}
    for account in adopted - owned:
        assign_account(db, account, depot)


def _depot_of_sibling(db: Connection, account: AccountId) -> DepotId | None:
    """Return the depot of the account whose futures segment this is: IBKR appends an F to its number."""
    main = account.removesuffix(_FUTURES_SEGMENT)
    return next((each.id for each in list_depots(db) if main in each.accounts), None) if main != account else None


def _depot_for_files(db: Connection, account: AccountId) -> DepotId:
    names = {each.name.casefold() for each in list_depots(db)}
    name, number = str(account), 2
    while name.casefold() in names:
        name, number = f"{account} ({number})", number + 1
    return insert_depot(db, name=name, from_files=True)
