"""A keyring without a file, for programs that a test starts: every depot's token stands in a variable of the environment."""

from __future__ import annotations

import os

import keyring.backend

VARIABLE = "IBJOURNAL_TESTS_TOKEN"
NAME = f"{__name__}.EnvironmentKeyring"


class EnvironmentKeyring(keyring.backend.KeyringBackend):
    """Gives the token of the environment to whoever asks; what is written lasts as long as the process."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._written: dict[str, str | None] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self._written.get(username, os.environ.get(VARIABLE))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._written[username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._written[username] = None
