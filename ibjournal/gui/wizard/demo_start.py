"""Shows the demo depots in a window of their own: a second process with a data folder of its own."""

from __future__ import annotations

import sys

from PySide6.QtCore import QProcess


def demo_command(language: str) -> tuple[str, list[str]]:
    """Return the program and its arguments; a frozen program is its own interpreter."""
    arguments = ["demo", "--lang", language]
    if getattr(sys, "frozen", False):
        return sys.executable, arguments
    return sys.executable, ["-m", "ibjournal", *arguments]


def start_demo(language: str) -> bool:
    """Start the demo beside this program; it goes on when this one ends. Returns whether it could be started."""
    program, arguments = demo_command(language)
    started, _process = QProcess.startDetached(program, arguments)
    return bool(started)
