"""Tokens in a real keyring: gnome-keyring's Secret Service on a bus of the test's own."""

from __future__ import annotations

import gc
import time

import pytest

from ibjournal.domain.depot import DepotId
from ibjournal.domain.errors import CredentialError
from ibjournal.flex.secret import Secret
from ibjournal.services.credentials import KeyringCredentials

pytestmark = [pytest.mark.e2e, pytest.mark.keyring, pytest.mark.usefixtures("secret_service")]
TOKEN = "123456789012345678901234"
secretstorage = pytest.importorskip("secretstorage")


def test_a_token_is_kept_found_again_and_forgotten() -> None:
    credentials = KeyringCredentials("journal")
    assert credentials.get(DepotId(1)) is None
    assert credentials.set(DepotId(1), Secret(TOKEN))
    again = KeyringCredentials("journal")
    assert again.get(DepotId(1)) == Secret(TOKEN)
    assert again.keeps(DepotId(1))
    again.delete(DepotId(1))
    assert credentials.get(DepotId(1)) is None


def test_depots_and_journals_do_not_see_each_others_tokens() -> None:
    KeyringCredentials("mine").set(DepotId(1), Secret(TOKEN))
    assert KeyringCredentials("mine").get(DepotId(2)) is None
    assert KeyringCredentials("other").get(DepotId(1)) is None


def test_forgetting_what_is_not_there_is_no_error() -> None:
    KeyringCredentials("journal").delete(DepotId(7))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # keyring leaves its connection open then
def test_a_keyring_that_is_locked_is_told_within_seconds() -> None:
    credentials = KeyringCredentials("journal", patience=5)
    assert credentials.trouble() == ""
    credentials.set(DepotId(1), Secret(TOKEN))
    bus = secretstorage.dbus_init()
    try:
        secretstorage.get_default_collection(bus).lock()
        began = time.monotonic()
        # Without a desktop nobody can be asked for the password: the service says so, or waits for ever.
        with pytest.raises(CredentialError) as caught:
            credentials.get(DepotId(1))
        assert caught.value.code in {"keyring_locked", "keyring_slow"}
        assert time.monotonic() - began < 8
        assert TOKEN not in repr(caught.value.values)
        del caught
    finally:
        bus.close()
        gc.collect()
