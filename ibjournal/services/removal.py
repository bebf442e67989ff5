"""What removing a depot takes away and what stays, told before anybody says yes."""

from __future__ import annotations

from dataclasses import dataclass

from ibjournal.domain.depot import AccountId, DepotId
from ibjournal.domain.errors import CredentialError, UsageError
from ibjournal.services.credentials import CredentialStore
from ibjournal.store.database import Database
from ibjournal.store.depot_contents import count_depot
from ibjournal.store.depots import get_depot, list_depots


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovalPlan:
    """What `DepotService.remove` will do to a depot.

    Goes: its token (``token``; None where the keyring cannot be asked), its ``queries``, and without accounts the depot itself.
    Stays: everything that is counted here, and the other depots, of which ``shared_with`` keep the same token.
    """

    depot: DepotId
    name: str
    token: bool | None
    queries: tuple[str, ...]
    accounts: tuple[AccountId, ...]
    reports: int
    fills: int
    trades: int
    notes: int
    others: int
    shared_with: tuple[str, ...] = ()


class RemovalService:
    """Says what removing a depot means. Thread-safe; asks the keyring, so call it in the background."""

    def __init__(self, *, database: Database, credentials: CredentialStore) -> None:
        self._database = database
        self._credentials = credentials

    def plan(self, depot: DepotId) -> RemovalPlan:
        """Count what goes and what stays (UsageError ``unknown_depot``); nothing is changed."""
        with self._database.reading() as db:
            known = get_depot(db, depot)
            if known is None:
                raise UsageError("unknown_depot", depot=depot)
            others = [each for each in list_depots(db) if each.id != depot]
            counts = count_depot(db, depot, known.accounts)
        token: bool | None
        shared: list[str] = []
        try:
            secret = self._credentials.get(depot)
            token = bool(secret)
            if secret:
                shared = [each.name for each in others if self._credentials.get(each.id) == secret]
        except CredentialError:
            token = None
        return RemovalPlan(
            depot=depot,
            name=known.name,
            token=token,
            queries=tuple(query for query in (known.activity_query, known.confirmation_query) if query),
            accounts=known.accounts,
            reports=counts.reports,
            fills=counts.fills,
            trades=counts.trades,
            notes=counts.trades_with_notes,
            others=len(others),
            shared_with=tuple(shared),
        )
