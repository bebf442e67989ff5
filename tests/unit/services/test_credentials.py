from __future__ import annotations

import traceback
from pathlib import Path
from typing import Any

import keyring.core
import keyring.errors
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail, null

from ibjournal.domain.depot import DepotId
from ibjournal.domain.errors import CredentialError
from ibjournal.flex.secret import Secret
from ibjournal.services.credentials import (
    CredentialStore,
    KeyringCredentials,
    MemoryCredentials,
    SessionFallback,
    backend_name,
    clean_token,
    has_keyring,
    inspect_token,
    journal_id,
)
from ibjournal.store.database import Database
from tests.fakes.credentials import (
    AlteringKeyring,
    Chain,
    DictKeyring,
    ForgettingKeyring,
    PlainFileKeyring,
    RaisingKeyring,
    ReadOnlyKeyring,
    no_keyring,
    null_keyring,
)

TOKEN = Secret("271828182845904523536028")
OTHER = Secret("141421356237309504880168")
ONE, TWO = DepotId(1), DepotId(2)


def _stores() -> dict[str, CredentialStore]:
    return {
        "memory": MemoryCredentials(),
        "keyring": KeyringCredentials("j1", backend=DictKeyring()),
        "fallback": SessionFallback(KeyringCredentials("j1", backend=DictKeyring())),
        "fallback without keyring": SessionFallback(KeyringCredentials("j1", backend=no_keyring())),
        "fallback with a forgetful keyring": SessionFallback(KeyringCredentials("j1", backend=ForgettingKeyring())),
        "fallback with a keyring that is switched off": SessionFallback(KeyringCredentials("j1", backend=null_keyring())),
        "fallback with a plain file": SessionFallback(KeyringCredentials("j1", backend=PlainFileKeyring())),
        "two keyrings": KeyringCredentials("j1", backend=Chain(DictKeyring(), DictKeyring())),
    }


@pytest.mark.parametrize("name", _stores())
def test_every_store_keeps_tokens_apart(name: str) -> None:
    store = _stores()[name]
    assert store.get(ONE) is None
    assert not store.keeps(ONE)
    kept = store.set(ONE, TOKEN)
    assert store.get(ONE) == TOKEN
    assert store.get(TWO) is None
    assert store.keeps(ONE) is kept
    store.set(ONE, OTHER)
    assert store.get(ONE) == OTHER
    store.delete(ONE)
    store.delete(ONE)
    assert store.get(ONE) is None


@pytest.mark.parametrize(
    ("name", "kept"),
    [("memory", False), ("keyring", True), ("fallback", True), ("fallback without keyring", False)],
)
def test_it_is_told_whether_a_token_outlives_the_program(name: str, kept: bool) -> None:
    assert _stores()[name].set(ONE, TOKEN) is kept


def test_the_demos_memory_counts_as_kept() -> None:
    store = MemoryCredentials(kept=True)
    assert not store.keeps(ONE)
    assert store.set(ONE, TOKEN)
    assert store.keeps(ONE)


def test_journals_do_not_see_each_others_tokens() -> None:
    ring = DictKeyring()
    KeyringCredentials("one", backend=ring).set(ONE, TOKEN)
    assert KeyringCredentials("two", backend=ring).get(ONE) is None
    assert list(ring.kept) == [("ibjournal", "one/1")]


@pytest.mark.parametrize(
    ("backend", "code"),
    [
        (no_keyring(), "no_keyring"),
        (null_keyring(), "no_keyring"),
        (PlainFileKeyring(), "keyring_refused"),
        (Chain(PlainFileKeyring(), no_keyring()), "keyring_refused"),
        (Chain(null_keyring(), no_keyring()), "no_keyring"),
        (Chain(), "no_keyring"),
        (Chain(ReadOnlyKeyring()), "no_keyring"),
        (ForgettingKeyring(), "keyring_forgets"),
        (AlteringKeyring(), "keyring_forgets"),
        (RaisingKeyring(keyring.errors.KeyringLocked), "keyring_locked"),
        (RaisingKeyring(keyring.errors.InitError), "keyring_failed"),
        (RaisingKeyring(keyring.errors.PasswordSetError), "keyring_failed"),
        (RaisingKeyring(OSError), "keyring_failed"),
        (RaisingKeyring(RuntimeError), "keyring_failed"),
    ],
)
def test_a_keyring_that_does_not_work_is_told(backend: KeyringBackend, code: str) -> None:
    with pytest.raises(CredentialError) as caught:
        KeyringCredentials("j", backend=backend).set(ONE, TOKEN)
    assert caught.value.code == code
    printed = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert TOKEN.reveal() not in printed + repr(caught.value.values)
    assert caught.value.__context__ is None


def test_a_plain_file_never_gets_a_token() -> None:
    plain, real = PlainFileKeyring(), DictKeyring()
    assert KeyringCredentials("j", backend=Chain(plain, ReadOnlyKeyring(), real)).set(ONE, TOKEN)
    assert plain.kept == {}
    assert real.kept == {("ibjournal", "j/1"): TOKEN.reveal()}


def test_a_token_is_found_in_whatever_keyring_it_was_put_under_another_desktop() -> None:
    wallet, service = DictKeyring(), DictKeyring()
    KeyringCredentials("j", backend=wallet).set(ONE, TOKEN)
    both = KeyringCredentials("j", backend=Chain(service, wallet))
    assert both.get(ONE) == TOKEN
    both.set(ONE, OTHER)  # the old one must not come back when the other desktop is used again
    assert KeyringCredentials("j", backend=wallet).get(ONE) == OTHER
    both.delete(ONE)
    assert service.kept == wallet.kept == {}


def test_two_backends_of_one_and_the_same_keyring_keep_what_they_got() -> None:
    ring = DictKeyring()
    both = KeyringCredentials("j", backend=Chain(ring, ring))
    assert both.set(ONE, TOKEN)
    assert both.get(ONE) == TOKEN
    both.delete(ONE)
    assert ring.kept == {}


def test_a_wallet_whose_question_was_closed_counts_as_locked() -> None:
    class Closed(DictKeyring):
        def set_password(self, service: str, username: str, password: str) -> None:
            raise keyring.errors.PasswordSetError("Cancelled by user")

    with pytest.raises(CredentialError) as caught:
        KeyringCredentials("j", backend=Closed()).set(ONE, TOKEN)
    assert caught.value.code == "keyring_locked"


@pytest.mark.parametrize(
    ("backend", "code"),
    [
        (DictKeyring(), ""),
        (no_keyring(), "no_keyring"),
        (PlainFileKeyring(), "keyring_refused"),
        (RaisingKeyring(keyring.errors.KeyringLocked), "keyring_locked"),
    ],
)
def test_it_can_be_asked_what_is_wrong_with_the_keyring(backend: KeyringBackend, code: str) -> None:
    assert KeyringCredentials("j", backend=backend).trouble() == code
    assert SessionFallback(KeyringCredentials("j", backend=backend)).trouble() == code


def test_a_keyring_that_forgets_is_told_once_it_has_forgotten() -> None:
    store = SessionFallback(KeyringCredentials("j", backend=ForgettingKeyring()))
    assert store.trouble() == ""
    store.set(ONE, TOKEN)
    assert store.trouble() == "keyring_forgets"


def test_a_locked_keyring_is_not_passed_by() -> None:
    store = SessionFallback(KeyringCredentials("j", backend=RaisingKeyring(keyring.errors.KeyringLocked)))
    for ask in (lambda: store.get(ONE), lambda: store.set(ONE, TOKEN), lambda: store.delete(ONE)):
        with pytest.raises(CredentialError) as caught:
            ask()
        assert caught.value.code == "keyring_locked"


def test_a_keyring_that_comes_back_takes_the_token_over() -> None:
    ring = RaisingKeyring(keyring.errors.NoKeyringError)
    store = SessionFallback(KeyringCredentials("j", backend=ring))
    assert not store.set(ONE, TOKEN)
    ring.when = ()
    assert store.set(ONE, OTHER)
    assert store.get(ONE) == OTHER
    assert store.keeps(ONE)


def test_the_systems_own_keyring_is_used_by_default() -> None:
    with pytest.raises(CredentialError) as caught:  # the tests' environment has the one that always fails
        KeyringCredentials("j").get(ONE)
    assert caught.value.code == "no_keyring"


def test_the_journals_name_is_made_once(tmp_path: Path) -> None:
    database = Database(tmp_path / "journal.db")
    name = journal_id(database)
    assert len(name) == 32
    assert journal_id(Database(tmp_path / "journal.db")) == name
    assert journal_id(Database(tmp_path / "other.db")) != name


@pytest.mark.parametrize(
    "pasted",
    [
        "271828182845904523536028",
        " 271828182845904523536028\r\n",
        "271828 182845 904523 536028",
        "271828\u00a0182845\u2009904523\u200b536028\ufeff",
        "\u202a271828182845904523536028\u202c",
        "２７1828182845904523536028",
    ],
)
def test_a_pasted_token_is_cleaned(pasted: str) -> None:
    assert clean_token(pasted) == TOKEN.reveal()
    assert inspect_token(pasted).usual


@pytest.mark.parametrize(
    ("pasted", "length"), [("", 0), ("12345", 5), ("2718281828459045235360287", 25), ("27182818284590452353602x", 24)]
)
def test_an_unusual_token_is_noticed(pasted: str, length: int) -> None:
    check = inspect_token(pasted)
    assert (check.usual, check.length) == (False, length)


class OddKeyring(DictKeyring):
    """Answers with what is no text."""

    def __init__(self, answer: object) -> None:
        super().__init__()
        self.answer = answer

    def get_password(self, service: str, username: str) -> Any:
        return self.answer


@pytest.mark.parametrize("answer", [TOKEN.reveal().encode(), 7, object(), [TOKEN.reveal()]])
def test_an_answer_that_is_no_text_is_a_failure_of_the_keyring(answer: object) -> None:
    store = KeyringCredentials("j", backend=OddKeyring(answer))
    with pytest.raises(CredentialError) as caught:
        store.get(DepotId(1))
    assert (caught.value.code, caught.value.values) == ("keyring_failed", {"kind": type(answer).__name__})
    assert store.trouble() == "keyring_failed"


@pytest.mark.parametrize("answer", [None, ""])
def test_no_answer_is_no_token(answer: object) -> None:
    assert KeyringCredentials("j", backend=OddKeyring(answer)).get(DepotId(1)) is None


class LockedException(Exception):  # noqa: N818 - its name is what counts
    """As the library of the Secret Service names it."""


class PromptDismissedException(Exception):  # noqa: N818 - as above
    """As above."""


class DismissingKeyring(DictKeyring):
    """Asks for a password; the question is closed."""

    def __init__(self, cause: type[Exception]) -> None:
        super().__init__()
        self.cause = cause

    def get_password(self, service: str, username: str) -> str | None:
        raise keyring.errors.InitError("Failed to create the collection") from self.cause()

    def set_password(self, service: str, username: str, password: str) -> None:
        raise self.cause


@pytest.mark.parametrize("cause", [LockedException, PromptDismissedException])
def test_a_question_that_was_closed_leaves_the_keyring_locked(cause: type[Exception]) -> None:
    store = SessionFallback(KeyringCredentials("j", backend=DismissingKeyring(cause)))
    for work in (lambda: store.get(DepotId(1)), lambda: store.set(DepotId(1), TOKEN)):
        with pytest.raises(CredentialError) as caught:
            work()
        assert caught.value.code == "keyring_locked"


class LateKeyring(DictKeyring):
    """Was not there when the program began."""

    priority = 5


def test_a_keyring_that_comes_after_the_start_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHON_KEYRING_BACKEND")
    monkeypatch.setattr(keyring.core, "load_config", lambda: None)
    monkeypatch.setattr(keyring, "get_keyring", no_keyring)
    kinds: list[type] = [fail.Keyring, null.Keyring]
    monkeypatch.setattr(KeyringBackend, "get_viable_backends", lambda: kinds)
    assert KeyringCredentials("j").trouble() == "no_keyring"
    assert not has_keyring()
    kinds.append(LateKeyring)
    assert KeyringCredentials("j").trouble() == ""
    assert has_keyring()
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    assert KeyringCredentials("j").trouble() == "no_keyring", "the user chose to have none"


def test_a_keyring_that_cannot_even_be_loaded_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> object:
        raise ModuleNotFoundError("keyrings.nowhere")

    monkeypatch.setattr(keyring, "get_keyring", broken)
    assert KeyringCredentials("j").trouble() == "keyring_failed"
    assert backend_name() == "keyring_failed"
    assert not has_keyring()
