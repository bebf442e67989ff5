"""Which keyrings get a token, and in which order; what looks like a token, and what like a query's id."""

from __future__ import annotations

import threading
from collections.abc import Callable

import keyring.core
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail, null

from ibjournal.domain.depot import DepotId
from ibjournal.domain.errors import Cancelled, CredentialError, StoreError
from ibjournal.flex.secret import Secret
from ibjournal.services.credentials import (
    KeyringCredentials,
    MemoryCredentials,
    inspect_token,
    is_query_id,
    system_keyrings,
    usable_keyrings,
)
from ibjournal.services.jobs import CancelToken
from tests.fakes.credentials import Chain, DictKeyring, PlainFileKeyring, SlowKeyring, no_keyring

TOKEN = Secret("271828182845904523536028")
ONE = DepotId(1)


class OfAnotherPackage(DictKeyring):
    """As those of ``keyrings.alt``, most of which write into files."""


OfAnotherPackage.__module__ = "keyrings.alt.file"


class BuiltOnIt(OfAnotherPackage):
    """Comes from elsewhere, and does the same."""


class NamesItsFile(DictKeyring):
    """Names the file that it writes."""

    filename = "keyring_pass.cfg"


class FileOfAPackageWithAName(DictKeyring):
    """Its package's name only begins alike."""


FileOfAPackageWithAName.__module__ = "keyrings_of_a_firm.vault"


@pytest.mark.parametrize("kind", [OfAnotherPackage, BuiltOnIt, NamesItsFile, PlainFileKeyring])
def test_what_writes_files_of_its_own_gets_no_token(kind: type[DictKeyring]) -> None:
    ring = kind()
    with pytest.raises(CredentialError) as caught:
        KeyringCredentials("j", backend=ring).set(ONE, TOKEN)
    assert (caught.value.code, caught.value.values) == ("keyring_refused", {"name": kind.__name__})
    assert ring.kept == {}
    sound = DictKeyring()
    KeyringCredentials("j", backend=Chain(ring, sound)).set(ONE, TOKEN)
    assert ring.kept == {}
    assert list(sound.kept.values()) == [TOKEN.reveal()]


def test_a_name_that_only_begins_alike_is_none_of_them() -> None:
    ring = FileOfAPackageWithAName()
    assert usable_keyrings(ring) == [ring]


class Foremost(DictKeyring):
    """The desktop's own."""

    priority = 9


class Second(DictKeyring):
    """Another one."""

    priority = 2


class NotForUse(DictKeyring):
    """Is there, and says that it should not be chosen."""

    priority = 0


class BarelyForUse(DictKeyring):
    """The library takes whatever is above nothing."""

    priority = 1


class WritesFiles(PlainFileKeyring):
    """Would be the first."""

    priority = 8


def test_keyrings_that_come_after_the_start_are_taken_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHON_KEYRING_BACKEND")
    monkeypatch.setattr(keyring.core, "load_config", lambda: None)
    monkeypatch.setattr(keyring, "get_keyring", no_keyring)
    kinds = [BarelyForUse, Second, Chain, NotForUse, WritesFiles, Foremost, fail.Keyring, null.Keyring]
    monkeypatch.setattr(KeyringBackend, "get_viable_backends", lambda: kinds)
    assert [type(ring) for ring in system_keyrings()] == [Foremost, Second, BarelyForUse]


def test_a_keyring_that_the_user_chose_is_the_only_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHON_KEYRING_BACKEND")
    monkeypatch.setattr(keyring, "get_keyring", no_keyring)
    monkeypatch.setattr(keyring.core, "load_config", no_keyring)
    monkeypatch.setattr(KeyringBackend, "get_viable_backends", lambda: [Foremost])
    with pytest.raises(CredentialError, match="no_keyring"):
        system_keyrings()
    chosen = Second()
    monkeypatch.setattr(keyring, "get_keyring", lambda: chosen)
    assert system_keyrings() == [chosen]


def test_a_question_can_be_cancelled_and_is_told_of() -> None:
    ring = SlowKeyring()
    store = KeyringCredentials("j", backend=ring, patience=60)
    cancel = CancelToken()
    told = threading.Event()

    def waiting() -> None:
        told.set()
        cancel.cancel()

    with pytest.raises(Cancelled):
        store.get(ONE, cancel=cancel, waiting=waiting)
    assert told.is_set()
    ring.go.set()


def test_a_journal_whose_name_cannot_be_read_just_now_has_the_one_it_had() -> None:
    names: list[str | StoreError] = ["first", "second", StoreError("database_locked")]

    def name() -> str:
        told = names.pop(0)
        if isinstance(told, StoreError):
            raise told
        return told

    ring = DictKeyring()
    store = KeyringCredentials(name, backend=ring)
    store.get(ONE)
    assert store._user(ONE) == "second/1"


@pytest.mark.parametrize(
    ("text", "may"),
    [("1", True), ("9" * 12, True), ("9" * 13, False), ("", False), ("12a", False), ("١٢٣", False), ("²", False), ("-1", False)],
)
def test_what_can_be_the_id_of_a_query(text: str, may: bool) -> None:
    assert is_query_id(text) is may


@pytest.mark.parametrize(
    ("change", "usual"),
    [(str, True), (lambda text: text[:-2], True), (lambda text: text[:-3], False), (lambda text: text + "1", False)],
)
def test_how_long_a_token_is(change: Callable[[str], str], usual: bool) -> None:
    assert inspect_token(change(TOKEN.reveal())).usual is usual


def test_digits_of_another_script_are_no_token() -> None:
    assert not inspect_token("١" * 24).usual


@pytest.mark.parametrize(("kept", "code"), [(True, ""), (False, "no_keyring")])
def test_memory_says_that_it_forgets(kept: bool, code: str) -> None:
    assert MemoryCredentials(kept=kept).trouble() == code
