"""Where tokens live: in the system's keyring, or for this session only. Never in a file.

Calls to a keyring can take long (it may ask the user to unlock it), so they belong into the background.
"""

from __future__ import annotations

import logging
import threading
import unicodedata
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

import keyring
import keyring.backend
import keyring.errors

from ibjournal.domain.depot import DepotId
from ibjournal.domain.errors import CredentialError
from ibjournal.flex.secret import Secret
from ibjournal.store.database import Database
from ibjournal.store.settings import read_setting, write_setting

SERVICE = "ibjournal"
_USUAL_DIGITS = range(22, 25)
_JOURNAL_ID = "journal_id"
T = TypeVar("T")
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenCheck:
    """What can be said of a token without asking IBKR. ``usual`` False is a hint to look again, never a refusal."""

    length: int
    usual: bool


def clean_token(text: str) -> str:
    """Return a pasted token without spaces, line ends and invisible characters, its digits as plain ones."""
    plain = unicodedata.normalize("NFKC", text)
    return "".join(char for char in plain if unicodedata.category(char)[0] not in "CZ")


def inspect_token(text: str) -> TokenCheck:
    """Tell whether a pasted token looks as IBKR's do: 22 to 24 digits."""
    token = clean_token(text)
    return TokenCheck(length=len(token), usual=token.isascii() and token.isdigit() and len(token) in _USUAL_DIGITS)


class CredentialStore(Protocol):
    """Keeps one token a depot. Every method may raise `CredentialError`."""

    def get(self, depot: DepotId) -> Secret | None:
        """Return a depot's token, None when it has none."""

    def set(self, depot: DepotId, token: Secret) -> bool:
        """Keep a token; return whether it will be there after a restart."""

    def delete(self, depot: DepotId) -> None:
        """Forget a depot's token, if there is one."""

    def keeps(self, depot: DepotId) -> bool:
        """Return whether this depot's token will be there after a restart."""


class MemoryCredentials:
    """Tokens for this session only. ``kept`` is what `keeps` says: True in the demo, which has nothing to lose."""

    def __init__(self, *, kept: bool = False) -> None:
        self._tokens: dict[DepotId, Secret] = {}
        self._kept = kept

    def get(self, depot: DepotId) -> Secret | None:
        """Return a depot's token."""
        return self._tokens.get(depot)

    def set(self, depot: DepotId, token: Secret) -> bool:
        """Keep a token until the program ends."""
        self._tokens[depot] = token
        return self._kept

    def delete(self, depot: DepotId) -> None:
        """Forget a token."""
        self._tokens.pop(depot, None)

    def keeps(self, depot: DepotId) -> bool:
        """Return what was said when this was made, for depots that have a token."""
        return self._kept and depot in self._tokens


class KeyringCredentials:
    """Tokens in the system's keyring.

    Args:
        journal: tells this journal's depots from those of another data folder (`journal_id`).
        backend: a keyring; by default the one that the system offers.

    Raises (all methods):
        CredentialError: ``no_keyring``, ``keyring_locked``, ``keyring_forgets``, ``keyring_failed`` (with the ``kind``).
    """

    def __init__(self, journal: str, *, backend: keyring.backend.KeyringBackend | None = None) -> None:
        self._journal = journal
        self._backend = backend
        self._lock = threading.Lock()  # not every backend bears two threads

    def get(self, depot: DepotId) -> Secret | None:
        """Return a depot's token."""
        found = self._call(lambda ring: ring.get_password(SERVICE, self._user(depot)))
        return Secret(found) if found else None

    def set(self, depot: DepotId, token: Secret) -> bool:
        """Keep a token, and read it back: some backends accept everything and keep nothing."""
        self._call(lambda ring: ring.set_password(SERVICE, self._user(depot), token.reveal()))
        if self.get(depot) != token:
            raise CredentialError("keyring_forgets")
        return True

    def delete(self, depot: DepotId) -> None:
        """Forget a depot's token; one that is not there is no error."""
        if self.get(depot) is not None:
            self._call(lambda ring: ring.delete_password(SERVICE, self._user(depot)))

    def keeps(self, depot: DepotId) -> bool:
        """Return whether there is a token."""
        return self.get(depot) is not None

    def _user(self, depot: DepotId) -> str:
        return f"{self._journal}/{depot}"

    def _call(self, work: Callable[[keyring.backend.KeyringBackend], T]) -> T:
        try:
            with self._lock:
                return work(self._backend or keyring.get_keyring())
        except Exception as error:  # noqa: BLE001 - backends raise whatever their system raises
            failure = _our_error(error)
        raise failure  # here and not above: the original's frames hold the token


def _our_error(error: Exception) -> CredentialError:
    if isinstance(error, keyring.errors.NoKeyringError):
        return CredentialError("no_keyring")
    if isinstance(error, keyring.errors.KeyringLocked):
        return CredentialError("keyring_locked")
    _logger.info("the keyring failed: %s", type(error).__name__)
    return CredentialError("keyring_failed", kind=type(error).__name__)


class SessionFallback:
    """A keyring where there is one, else memory: a token then lives for this session, and `keeps` says so."""

    _FALL_BACK_ON = frozenset({"no_keyring", "keyring_forgets"})

    def __init__(self, store: CredentialStore) -> None:
        self._store = store
        self._session = MemoryCredentials()

    def get(self, depot: DepotId) -> Secret | None:
        """Return a depot's token, this session's first."""
        token = self._session.get(depot)
        return token if token is not None else self._if_there(lambda: self._store.get(depot), None)

    def set(self, depot: DepotId, token: Secret) -> bool:
        """Keep a token as well as can be; a locked or failing keyring is an error that can be mended."""
        kept = self._if_there(lambda: self._store.set(depot, token), False)
        if kept:
            self._session.delete(depot)
        else:
            self._session.set(depot, token)
        return kept

    def delete(self, depot: DepotId) -> None:
        """Forget a depot's token everywhere."""
        self._session.delete(depot)
        self._if_there(lambda: self._store.delete(depot), None)

    def keeps(self, depot: DepotId) -> bool:
        """Return whether a depot's token will be there after a restart."""
        return self._session.get(depot) is None and self._if_there(lambda: self._store.keeps(depot), False)

    def _if_there(self, work: Callable[[], T], otherwise: T) -> T:
        try:
            return work()
        except CredentialError as error:
            if error.code not in self._FALL_BACK_ON:
                raise
        return otherwise


def journal_id(database: Database) -> str:
    """Return the name under which this journal's tokens stand in the keyring; made once, it moves with the data folder."""
    with database.reading() as db:  # every start asks, also while another process writes or the disk is full
        known = read_setting(db, _JOURNAL_ID)
    if known:
        return known
    with database.transaction() as db:
        known = read_setting(db, _JOURNAL_ID)
        if not known:
            known = uuid.uuid4().hex
            write_setting(db, _JOURNAL_ID, known)
        return known


def backend_name() -> str:
    """Return the name of the keyring that this system offers, for diagnosis."""
    return str(keyring.get_keyring().name)
