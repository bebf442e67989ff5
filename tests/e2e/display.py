"""A display of the test's own: Xvfb, and what one must see and do there to prove that a window lives."""

from __future__ import annotations

import ctypes
import os
import re
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest


@dataclass(frozen=True, slots=True)
class Window:
    """A top-level window as the X server tells of it; sizes in pixels."""

    id: int
    title: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Display:
    """A running X server, such as ``:99``."""

    name: str

    def environment(self, **more: str) -> dict[str, str]:
        """Return the environment for a program that shall show its windows here."""
        left_out = {"WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}
        return {name: value for name, value in os.environ.items() if name not in left_out} | {"DISPLAY": self.name} | more

    def windows(self, window_class: str) -> list[Window]:
        """Return the windows on view whose WM_CLASS names ``window_class``, the largest first."""
        tree = self._ask("xwininfo", "-root", "-tree")
        line = re.compile(rf'^\s+(0x[0-9a-f]+) "(.*)": \(.*"{re.escape(window_class)}"\)', re.MULTILINE)
        found = (self._on_view(int(number, 16), title) for number, title in line.findall(tree))
        return sorted(filter(None, found), key=lambda window: -window.width * window.height)

    def _on_view(self, number: int, title: str) -> Window | None:
        """Return a window if it is on view; whether it is and how large it is are asked in one: both change while it opens."""
        told = self._ask("xwininfo", "-id", str(number))
        width, height = (re.search(rf"{side}: (\d+)", told) for side in ("Width", "Height"))
        return Window(number, title, int(width[1]), int(height[1])) if "IsViewable" in told and width and height else None

    def wait_for_window(self, window_class: str, process: subprocess.Popen[bytes], *, seconds: float = 60) -> Window:
        """Return the first window of a program wider than a tooltip; fail when it ends first, or shows none in time."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if process.poll() is not None:
                pytest.fail(f"the program ended with status {process.returncode} before it showed a window")
            if (windows := self.windows(window_class)) and windows[0].width > 300:
                return windows[0]
            select.select([], [], [], 0.1)  # the X server tells nobody; ask again
        pytest.fail(f"no window of class {window_class} after {seconds} s; there is:\n{self._ask('xwininfo', '-root', '-tree')}")

    def close(self, window: Window) -> None:
        """Ask a window to close, as its close button does (WM_DELETE_WINDOW)."""
        x11 = ctypes.CDLL("libX11.so.6")
        x11.XOpenDisplay.restype = ctypes.c_void_p
        x11.XInternAtom.restype = ctypes.c_ulong
        connection = ctypes.c_void_p(x11.XOpenDisplay(self.name.encode()))
        assert connection
        message = (
            ctypes.c_long * 24
        )()  # XClientMessageEvent: type, serial, send_event, display, window, message_type, format, data
        message[0] = 33
        message[4] = window.id
        message[5] = x11.XInternAtom(connection, b"WM_PROTOCOLS", 0)
        message[6] = 32
        message[7] = x11.XInternAtom(connection, b"WM_DELETE_WINDOW", 0)
        x11.XSendEvent(connection, ctypes.c_ulong(window.id), 0, ctypes.c_long(0), ctypes.byref(message))
        x11.XSync(connection, 0)
        x11.XCloseDisplay(connection)

    def _ask(self, *command: str) -> str:
        return subprocess.run([*command, "-display", self.name], capture_output=True, text=True, check=False).stdout


@contextmanager
def virtual_display() -> Iterator[Display]:
    """Run an X server without a screen; skip where this machine cannot."""
    for tool in ("Xvfb", "xwininfo"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1600x1000x24", "-nolisten", "tcp", "-noreset"]
    server = subprocess.Popen(command, pass_fds=[writing], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading) as pipe:
            number = pipe.readline().strip()  # the server writes it once it takes connections
        assert number, "Xvfb did not start"
        yield Display(f":{number}")
    finally:
        server.terminate()
        server.wait(60)


def close_and_wait(display: Display, window: Window, process: subprocess.Popen[bytes], *, seconds: float = 60) -> int:
    """Close a program's main window and return the exit status of the program."""
    display.close(window)
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        pytest.fail(f"the program still ran {seconds} s after its window was closed")
