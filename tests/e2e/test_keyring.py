"""Tokens in a real keyring: gnome-keyring's Secret Service on a bus of the test's own."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ibjournal.domain.depot import DepotId
from ibjournal.domain.errors import CredentialError
from ibjournal.flex.secret import Secret
from ibjournal.services.credentials import KeyringCredentials, SessionFallback
from tests.e2e.program import ROOT
from tests.fakes.patience import SECONDS
from tests.fakes.planted_token import PLANTED, leaks

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
def test_a_keyring_that_is_locked_is_told() -> None:
    credentials = KeyringCredentials("journal", patience=SECONDS)
    assert credentials.trouble() == ""
    credentials.set(DepotId(1), Secret(TOKEN))
    bus = secretstorage.dbus_init()
    try:
        secretstorage.get_default_collection(bus).lock()
        # Without a desktop nobody can be asked for the password: the service says so, or waits for ever.
        with pytest.raises(CredentialError) as caught:
            credentials.get(DepotId(1))
        assert caught.value.code in {"keyring_locked", "keyring_slow"}
        assert TOKEN not in repr(caught.value.values)
        del caught
    finally:
        bus.close()
        gc.collect()


def _unlock(bus: Any) -> None:
    """Unlock the login keyring as a user does who types the password, which is a line end here."""
    from secretstorage.util import DBusAddressWrapper, format_secret, open_session  # noqa: PLC0415 - it may be missing

    service = DBusAddressWrapper("/org/freedesktop/secrets", "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface", bus)
    password = format_secret(open_session(bus), b"\n", "text/plain")
    service.call("UnlockWithMasterPassword", "o(oayays)", "/org/freedesktop/secrets/aliases/default", password)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # as above
def test_once_it_is_unlocked_the_token_is_there_without_a_restart() -> None:
    credentials = SessionFallback(KeyringCredentials("journal", patience=SECONDS))
    credentials.set(DepotId(1), Secret(TOKEN))
    bus = secretstorage.dbus_init()
    try:
        secretstorage.get_default_collection(bus).lock()
        for work in (
            lambda: credentials.get(DepotId(1)),
            lambda: credentials.set(DepotId(1), Secret("9" * 24)),
            lambda: credentials.delete(DepotId(1)),
        ):
            with pytest.raises(CredentialError) as caught:
                work()
            assert caught.value.code == "keyring_locked", "a locked keyring is no missing one: nothing is kept beside it"
            del caught
        assert credentials.trouble() == "keyring_locked"
        _unlock(bus)
        assert credentials.get(DepotId(1)) == Secret(TOKEN)
        assert credentials.keeps(DepotId(1))
        assert credentials.trouble() == ""
    finally:
        bus.close()
        gc.collect()


_EARLY = """
import os, sys
from ibjournal.domain.depot import DepotId
from ibjournal.domain.errors import CredentialError
from ibjournal.flex.secret import Secret
from ibjournal.services.credentials import KeyringCredentials, SessionFallback

credentials = SessionFallback(KeyringCredentials("journal"))
print(credentials.trouble(), credentials.get(DepotId(1)), flush=True)
os.environ["DBUS_SESSION_BUS_ADDRESS"] = sys.stdin.readline().strip()
print(credentials.trouble() or "-", credentials.set(DepotId(1), Secret(sys.stdin.readline().strip())), flush=True)
print(len(credentials.get(DepotId(1))), credentials.keeps(DepotId(1)), flush=True)
"""


def test_a_keyring_that_comes_after_the_program_is_found(tmp_path: Path) -> None:
    address = os.environ["DBUS_SESSION_BUS_ADDRESS"]
    left_out = {"DBUS_SESSION_BUS_ADDRESS", "PYTHON_KEYRING_BACKEND", "DISPLAY", "WAYLAND_DISPLAY"}
    environment = {name: value for name, value in os.environ.items() if name not in left_out}
    environment |= {
        "PYTHONPATH": str(ROOT),
        "HOME": str(tmp_path),
        "XDG_RUNTIME_DIR": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path),
    }
    early = subprocess.run(
        [sys.executable, "-c", _EARLY],
        input=f"{address}\n{PLANTED}\n",
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert early.stdout.splitlines() == ["no_keyring None", "- True", "24 True"], early.stderr
    assert leaks(tmp_path / "keyring", early.stdout, early.stderr) == []
