"""Keyrings of all tempers, for `KeyringCredentials`, and a store that counts."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import keyring.backend
import keyring.errors
from keyring.backends import chainer, fail, null

from tests.fakes.patience import FOREVER


def no_keyring() -> keyring.backend.KeyringBackend:
    """Return what keyring offers where there is none."""
    return fail.Keyring()  # type: ignore[no-untyped-call]


def null_keyring() -> keyring.backend.KeyringBackend:
    """Return the backend that users choose to switch keyring off."""
    return null.Keyring()  # type: ignore[no-untyped-call]


class DictKeyring(keyring.backend.KeyringBackend):
    """A keyring that works."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        try:
            del self.kept[service, username]
        except KeyError:
            raise keyring.errors.PasswordDeleteError("not found") from None


class ForgettingKeyring(DictKeyring):
    """Accepts everything and keeps nothing, as keyring's null backend does."""

    def set_password(self, service: str, username: str, password: str) -> None:
        pass


class AlteringKeyring(DictKeyring):
    """Gives back something else than it got."""

    def set_password(self, service: str, username: str, password: str) -> None:
        super().set_password(service, username, password[:10])


class RaisingKeyring(DictKeyring):
    """Raises what a test gives it, with the password in the text as some backends do; ``when`` names the calls that fail."""

    def __init__(self, error: type[Exception], *, when: tuple[str, ...] = ("get", "set", "delete")) -> None:
        super().__init__()
        self.error = error
        self.when = when

    def get_password(self, service: str, username: str) -> str | None:
        self._raise("get", "")
        return super().get_password(service, username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self._raise("set", password)
        super().set_password(service, username, password)

    def delete_password(self, service: str, username: str) -> None:
        self._raise("delete", "")
        super().delete_password(service, username)

    def _raise(self, call: str, password: str) -> None:
        if call in self.when:
            raise self.error(f"cannot {call} {password}")


class PlainFileKeyring(DictKeyring):
    """As `keyrings.alt` writes passwords into a file of its own."""

    file_path = "/somewhere/keyring_pass.cfg"


class ReadOnlyKeyring(DictKeyring):
    """Offers no writing, as keyrings of cloud services do."""

    def set_password(self, service: str, username: str, password: str) -> None:
        raise NotImplementedError


class SlowKeyring(DictKeyring):
    """Answers when a test lets it; counts the calls that are under way."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()
        self.waiting = 0
        self.most = 0

    def get_password(self, service: str, username: str) -> str | None:
        self._wait()
        return super().get_password(service, username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self._wait()
        super().set_password(service, username, password)

    def _wait(self) -> None:
        self.waiting += 1
        self.most = max(self.most, self.waiting)
        self.go.wait(FOREVER)
        self.waiting -= 1


class Chain(chainer.ChainerBackend):
    """Several keyrings at once, as keyring offers them where it finds more than one."""

    priority = 10
    backends: Sequence[keyring.backend.KeyringBackend] = ()

    def __init__(self, *links: keyring.backend.KeyringBackend) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.backends = links
