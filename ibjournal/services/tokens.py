"""What can be done with tokens beside renewing them: forget one, ask what is wrong with the keyring, how long a lock holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from ibjournal.domain.depot import Depot, DepotId
from ibjournal.domain.errors import CredentialError, FlexError, UsageError
from ibjournal.flex.client import FlexClient
from ibjournal.flex.errors import Action, action_for
from ibjournal.flex.pacing import Clock
from ibjournal.services.changes import Changes
from ibjournal.services.credentials import CredentialStore
from ibjournal.services.token_ends import write_end
from ibjournal.store.database import Database
from ibjournal.store.depots import get_depot, list_depots, update_depot


def leaves_open(error: FlexError) -> bool:
    """Tell whether the check of a token came to nothing: IBKR could not be asked, or gave an answer that is none.

    Such a token may well be right, and may be kept by whoever knows that nobody has checked it (`DepotService.renew`). IBKR
    answers the first requests with a new token with 1020 for some minutes.
    """
    return action_for(error) is not Action.ASK_USER


class TokenService:
    """The tokens of all depots. Thread-safe; every call may wait for the keyring.

    Args:
        database: the journal.
        credentials: where the tokens are.
        client: IBKR's service, which knows when a token may be used again.
        clock: where the time comes from.
    """

    def __init__(self, *, database: Database, credentials: CredentialStore, client: FlexClient, clock: Clock) -> None:
        self._database = database
        self._credentials = credentials
        self._client = client
        self._clock = clock

    def forget(self, depot: DepotId) -> Changes:
        """Take a depot's token out of the keyring, for every depot that shares it.

        Queries, accounts, trades and notes stay. At IBKR the token stays valid until it expires or a new one is made.

        Raises:
            UsageError: ``unknown_depot``.
            CredentialError: the keyring cannot be asked; depots that were reached by then have no token any more.
        """
        depots = self._list()
        if depot not in {each.id for each in depots}:
            raise UsageError("unknown_depot", depot=depot)
        token = self._credentials.get(depot)
        same = [each for each in depots if token and self._credentials.get(each.id) == token]
        for each in same or [each for each in depots if each.id == depot]:
            self._credentials.delete(each.id)
            with self._database.transaction() as db:
                known = get_depot(db, each.id)
                if known is not None:
                    update_depot(db, replace(known, token_expires=None))
                write_end(db, (each.id,), None)
        return Changes(depots=True)

    def trouble(self) -> str:
        """Return the code of the `CredentialError` that keeps tokens from being kept just now; empty where nothing does."""
        return self._credentials.trouble()

    def locked_until(self, depot: DepotId) -> datetime | None:
        """Return until when the program asks IBKR nothing with a depot's token, after a 1025 (UTC); None for no lock."""
        try:
            token = self._credentials.get(depot)
        except CredentialError:
            return None
        until = self._client.pacing.of(token).state.locked_until if token else None
        return until if until is not None and until > self._clock.now() else None

    def let_go(self) -> None:
        """Wait for no keyring any more, because the program ends; what waits for one ends as if it were cancelled."""
        self._credentials.close()

    def _list(self) -> tuple[Depot, ...]:
        with self._database.reading() as db:
            return list_depots(db)
