"""Where tokens live: in the system's keyring, or for this session only. Never in a file.

Calls to a keyring can take long (it may ask the user to unlock it), so they belong into the background.
"""

from __future__ import annotations

import contextlib
import logging
import re
import unicodedata
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

import keyring
import keyring.backend
import keyring.core
import keyring.errors
from keyring.backends import chainer, fail, null

from ibjournal.domain.depot import DepotId
from ibjournal.domain.errors import Cancelled, CredentialError, StoreError
from ibjournal.flex.pacing import Cancel
from ibjournal.flex.secret import Secret
from ibjournal.services.keyring_calls import PATIENCE, KeyringCalls, nobody
from ibjournal.store.database import Database
from ibjournal.store.settings import read_setting, write_setting

SERVICE = "ibjournal"
_USUAL_DIGITS = range(22, 25)
LONGEST_QUERY_ID = 12
"""Digits. Ids of queries have six to eight today, tokens 22 to 24: whatever is longer than this is no id."""
_MANY_DIGITS = re.compile(r"\d{18,}")
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


def is_query_id(text: str) -> bool:
    """Tell whether a text, cleaned before, can be the id of a query: digits, and fewer than a token has."""
    return text.isascii() and text.isdigit() and len(text) <= LONGEST_QUERY_ID


def holds_token(text: str) -> bool:
    """Tell whether a text that is to be kept in a file holds what may be a token: more digits than anything else has."""
    return _MANY_DIGITS.search(clean_token(text)) is not None


class CredentialStore(Protocol):
    """Keeps one token a depot. Every method may raise `CredentialError`, and `Cancelled` once it was closed."""

    def get(self, depot: DepotId, *, cancel: Cancel | None = None, waiting: Callable[[], None] = nobody) -> Secret | None:
        """Return a depot's token, None when it has none.

        Args:
            depot: whose.
            cancel: ends the wait for a slow keyring within a moment.
            waiting: called once when the keyring takes longer than a moment.
        """

    def set(self, depot: DepotId, token: Secret) -> bool:
        """Keep a token; return whether it will be there after a restart."""

    def delete(self, depot: DepotId) -> None:
        """Forget a depot's token, if there is one."""

    def keeps(self, depot: DepotId) -> bool:
        """Return whether this depot's token will be there after a restart."""

    def trouble(self) -> str:
        """Return the code of the `CredentialError` that keeps tokens from being kept just now, empty where nothing does.

        Raises nothing.
        """

    def close(self) -> None:
        """Wait for no keyring any more: the program ends, and whoever waits is let go."""


class MemoryCredentials:
    """Tokens for this session only. ``kept`` is what `keeps` says: True in the demo, which has nothing to lose."""

    def __init__(self, *, kept: bool = False) -> None:
        self._tokens: dict[DepotId, Secret] = {}
        self._kept = kept

    def get(self, depot: DepotId, *, cancel: Cancel | None = None, waiting: Callable[[], None] = nobody) -> Secret | None:  # noqa: ARG002
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

    def trouble(self) -> str:
        """Return that there is no keyring, unless there need be none."""
        return "" if self._kept else "no_keyring"

    def close(self) -> None:
        """Do nothing: nobody waits here."""


class KeyringCredentials:
    """Tokens in the system's keyring. Calls one after another; none is waited for longer than ``patience`` seconds.

    Several keyrings at once (KWallet and a Secret Service, say) are all read, as the desktop that a token was entered under
    may have been another one; the foremost gets what is new.

    Args:
        journal: tells this journal's depots from those of another data folder (`journal_id`); a function is asked each time, since
            the backup of another journal may be put in its place.
        backend: a keyring; by default those that the system offers.
        patience: seconds to wait for a keyring.

    Raises (all methods but `trouble`):
        CredentialError: ``no_keyring``, ``keyring_refused`` (it would write tokens into a file), ``keyring_locked``,
            ``keyring_slow``, ``keyring_forgets``, ``keyring_failed`` (with the ``kind``).
    """

    def __init__(
        self,
        journal: str | Callable[[], str],
        *,
        backend: keyring.backend.KeyringBackend | None = None,
        patience: float = PATIENCE,
    ) -> None:
        self._name = journal
        self._known = journal if isinstance(journal, str) else journal()
        self._backend = backend
        self._calls = KeyringCalls(explain=_our_error, patience=patience)

    def get(self, depot: DepotId, *, cancel: Cancel | None = None, waiting: Callable[[], None] = nobody) -> Secret | None:
        """Return a depot's token."""
        user = self._user(depot)
        return self._calls.run(lambda: _read(self._rings(), user), cancel=cancel, waiting=waiting)

    def set(self, depot: DepotId, token: Secret) -> bool:
        """Keep a token, and read it back: some backends accept everything and keep nothing."""
        user = self._user(depot)
        self._calls.run(lambda: _write(self._rings(), user, token))
        if self.get(depot) != token:
            raise CredentialError("keyring_forgets")
        return True

    def delete(self, depot: DepotId) -> None:
        """Forget a depot's token; one that is not there is no error."""
        user = self._user(depot)
        self._calls.run(lambda: _erase(self._rings(), user))

    def keeps(self, depot: DepotId) -> bool:
        """Return whether there is a token."""
        return self.get(depot) is not None

    def trouble(self) -> str:
        """Return the code of what is wrong with the keyring, as far as reading it tells."""
        try:
            self._calls.run(lambda: _read(self._rings(), f"{self._journal}/0"))
        except CredentialError as error:
            return error.code
        except Cancelled:  # the program ends
            return ""
        return ""

    def close(self) -> None:
        """Let go whoever waits."""
        self._calls.close()

    @property
    def _journal(self) -> str:
        if not isinstance(self._name, str):
            with contextlib.suppress(StoreError):  # a database that cannot be read just now has the name it had
                self._known = self._name()
        return self._known

    def _user(self, depot: DepotId) -> str:
        return f"{self._journal}/{depot}"

    def _rings(self) -> list[keyring.backend.KeyringBackend]:
        return usable_keyrings(self._backend) if self._backend is not None else system_keyrings()


def system_keyrings() -> list[keyring.backend.KeyringBackend]:
    """Return the keyrings that the system offers right now.

    The library looks for them once in the life of a process. A program that starts with the session may be there before the
    session's keyring is; so where it found none, they are looked for again, unless the user chose to have none.

    Raises:
        CredentialError: as `usable_keyrings`.
    """
    offered = keyring.get_keyring()
    if not isinstance(offered, fail.Keyring) or keyring.core.load_env() or keyring.core.load_config():
        return usable_keyrings(offered)
    kinds = [kind for kind in keyring.backend.KeyringBackend.get_viable_backends() if not issubclass(kind, chainer.ChainerBackend)]
    found = [kind() for kind in sorted(kinds, key=_priority, reverse=True) if _priority(kind) > 0]
    usable: list[keyring.backend.KeyringBackend] = []
    for each in found:
        with contextlib.suppress(CredentialError):
            usable += usable_keyrings(each)
    return usable or usable_keyrings(offered)


def _priority(kind: type[keyring.backend.KeyringBackend]) -> float:
    return float(kind.priority)


def usable_keyrings(offered: keyring.backend.KeyringBackend) -> list[keyring.backend.KeyringBackend]:
    """Return the keyrings that may be given a token, the foremost first; a chain of them is taken apart.

    Raises:
        CredentialError: ``no_keyring``; ``keyring_refused`` where there are only such as write into files of their own.
    """
    links = list(offered.backends) if isinstance(offered, chainer.ChainerBackend) else [offered]
    real = [ring for ring in links if not isinstance(ring, (fail.Keyring, null.Keyring))]
    kept = [ring for ring in real if not _writes_files(ring)]
    if not kept:
        raise CredentialError("keyring_refused", name=type(real[0]).__name__) if real else CredentialError("no_keyring")
    return kept


def _writes_files(ring: keyring.backend.KeyringBackend) -> bool:
    """Whether a backend is none of a system's: those of the ``keyrings`` packages, and whatever names a file of its own."""
    foreign = any(kind.__module__.partition(".")[0] == "keyrings" for kind in type(ring).__mro__)
    return foreign or hasattr(type(ring), "file_path") or hasattr(type(ring), "filename")


def _read(rings: list[keyring.backend.KeyringBackend], user: str) -> Secret | None:
    for ring in rings:
        found = ring.get_password(SERVICE, user)
        if found:
            if not isinstance(found, str):
                raise CredentialError("keyring_failed", kind=type(found).__name__)
            return Secret(found)
    return None


def _write(rings: list[keyring.backend.KeyringBackend], user: str, token: Secret) -> None:
    for ring in rings:
        try:
            ring.set_password(SERVICE, user, token.reveal())
        except RuntimeError as error:
            if type(error) is RuntimeError:
                raise
            continue  # by a subclass of it a backend says that it can be read only
        break
    else:
        raise CredentialError("no_keyring")
    for other in rings[rings.index(ring) + 1 :]:
        # Not taken out but replaced: two backends may well speak to one and the same keyring.
        if other.get_password(SERVICE, user) not in (None, token.reveal()):
            other.set_password(SERVICE, user, token.reveal())


def _erase(rings: list[keyring.backend.KeyringBackend], user: str) -> None:
    for ring in rings:
        if ring.get_password(SERVICE, user) is not None:
            ring.delete_password(SERVICE, user)


_CANCELLED = "Cancelled by user"
"""What the backend of KWallet says where its question for the password was closed."""
_DISMISSED = frozenset({"LockedException", "PromptDismissedException"})
"""What the Secret Service's library raises where it stays locked, or where the question for the password was closed."""


def _our_error(error: BaseException) -> CredentialError:
    if isinstance(error, CredentialError):
        return error
    if isinstance(error, keyring.errors.NoKeyringError):
        return CredentialError("no_keyring")
    names = {type(each).__name__ for each in (error, error.__cause__, error.__context__)}
    if isinstance(error, keyring.errors.KeyringLocked) or names & _DISMISSED or _CANCELLED in error.args:
        return CredentialError("keyring_locked")
    _logger.info("the keyring failed: %s", type(error).__name__)
    return CredentialError("keyring_failed", kind=type(error).__name__)


class SessionFallback:
    """A keyring where there is one, else memory: a token then lives for this session, and `keeps` says so."""

    _FALL_BACK_ON = frozenset({"no_keyring", "keyring_refused", "keyring_forgets"})

    def __init__(self, store: CredentialStore) -> None:
        self._store = store
        self._session = MemoryCredentials()
        self._forgets = False

    def get(self, depot: DepotId, *, cancel: Cancel | None = None, waiting: Callable[[], None] = nobody) -> Secret | None:
        """Return a depot's token, this session's first."""
        token = self._session.get(depot)
        if token is not None:
            return token
        return self._if_there(lambda: self._store.get(depot, cancel=cancel, waiting=waiting), None)

    def set(self, depot: DepotId, token: Secret) -> bool:
        """Keep a token as well as can be; a locked or failing keyring is an error that can be mended."""
        kept = self._if_there(lambda: self._store.set(depot, token), False)
        self._forgets = not kept
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

    def trouble(self) -> str:
        """Return why tokens live for this session only, or cannot be had at all; empty where all is well."""
        return self._store.trouble() or ("keyring_forgets" if self._forgets else "")

    def close(self) -> None:
        """Let go whoever waits for the keyring."""
        self._store.close()

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
    """Return the names of the keyrings that this system offers, for diagnosis; the code of the error where none can be used."""
    try:
        return ", ".join(str(ring.name) for ring in system_keyrings())
    except CredentialError as error:
        return error.code
    except Exception as error:  # noqa: BLE001 - a backend that cannot even be loaded raises whatever it likes
        return _our_error(error).code


def has_keyring() -> bool:
    """Return whether this system offers a keyring that may be given a token; it may still be locked."""
    try:
        system_keyrings()
    except Exception:  # noqa: BLE001 - as above
        return False
    return True
