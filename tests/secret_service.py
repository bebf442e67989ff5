"""A real Secret Service for tests: gnome-keyring on a session bus of its own, unlocked, empty, gone afterwards."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.fakes.patience import SECONDS

_TOOLS = ("dbus-daemon", "dbus-send", "gnome-keyring-daemon")


def _owned(environment: dict[str, str]) -> bool:
    """Whether a program answers for the Secret Service on the bus."""
    question = ["dbus-send", "--session", "--print-reply", "--dest=org.freedesktop.DBus", "/org/freedesktop/DBus"]
    question += ["org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets"]
    return "boolean true" in subprocess.run(question, env=environment, capture_output=True, text=True, check=False).stdout


@contextmanager
def secret_service(home: Path) -> Iterator[dict[str, str]]:
    """Run the service with ``home`` as its home; give the variables that lead a program to it. Skip where it cannot run."""
    for tool in _TOOLS:
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")
    runtime = home / "runtime"
    runtime.mkdir(mode=0o700, parents=True)
    own = {
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(runtime),
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_CONFIG_HOME": str(home / "config"),
    }
    environment = os.environ | own
    silence = subprocess.DEVNULL
    command = ["dbus-daemon", "--session", "--nofork", "--print-address=1"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=silence, text=True) as bus:
        try:
            assert bus.stdout is not None
            address = {"DBUS_SESSION_BUS_ADDRESS": bus.stdout.readline().strip()}
            environment |= address
            daemon = ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"]
            with subprocess.Popen(daemon, env=environment, stdin=subprocess.PIPE, stdout=silence, stderr=silence) as keyring:
                try:
                    assert keyring.stdin is not None
                    keyring.stdin.write(b"\n")  # the password of a new login keyring: none
                    keyring.stdin.close()
                    until = time.monotonic() + SECONDS
                    while not _owned(environment):
                        if keyring.poll() is not None or time.monotonic() > until:
                            pytest.skip("gnome-keyring does not start on this machine")
                        select.select([], [], [], 0.05)
                    yield address
                finally:
                    keyring.terminate()
        finally:
            bus.terminate()
