"""Starting with the user's session: one small file, or one value, that the system reads. Thin functions over a given place."""

from __future__ import annotations

import os
import plistlib
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from ibjournal.paths import Paths

NAME = "io.github.ibjournal.IBJournal"
HIDDEN = "--hidden"
"""Starts without a window, where there is a tray."""


def file_for(system: str, home: Path, *, environment: dict[str, str] | None = None) -> Path:
    """Return the file that makes a program start with the session.

    Args:
        system: ``sys.platform``.
        home: the user's home.
        environment: the process's, which may move the folder.
    """
    variables = dict(os.environ) if environment is None else environment
    if system == "darwin":
        return home / "Library" / "LaunchAgents" / f"{NAME}.plist"
    if system == "win32":
        roaming = Path(variables.get("APPDATA") or home / "AppData" / "Roaming")
        return roaming / "Microsoft" / "Windows" / "Start Menu" / "Programs" / "Startup" / "ibjournal.cmd"
    return Path(variables.get("XDG_CONFIG_HOME") or home / ".config") / "autostart" / f"{NAME}.desktop"


def is_enabled(file: Path) -> bool:
    """Tell whether the program starts with the session; a desktop may have switched it off in its own way."""
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return "Hidden=true" not in text and "X-GNOME-Autostart-enabled=false" not in text


def enable(file: Path, command: Sequence[str], *, system: str) -> None:
    """Have the command started with the session (OSError when the file cannot be written)."""
    file.parent.mkdir(parents=True, exist_ok=True)
    content = _content(command, system)
    file.write_bytes(content)


def disable(file: Path) -> None:
    """Have nothing started any more (OSError when the file cannot be removed)."""
    file.unlink(missing_ok=True)


def own_command(data: Path | None = None) -> list[str]:
    """Return what starts this program anew, hidden: the frozen program, or this Python with the package.

    Args:
        data: the data folder; the usual one is not named, so that it may move with its user.
    """
    if data == Paths.of_user().data:
        data = None
    start = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "ibjournal"]
    return [*start, *(["--data-dir", str(data)] if data is not None else []), HIDDEN]


def _content(command: Sequence[str], system: str) -> bytes:
    if system == "darwin":
        return plistlib.dumps(
            {"Label": NAME, "ProgramArguments": list(command), "RunAtLoad": True, "ProcessType": "Interactive"}, sort_keys=False
        )
    if system == "win32":
        # Read as UTF-8 from its second line on: a user's folder may be named Jürgen.
        return f'@chcp 65001 >nul\r\n@start "" {_windows_command(command)}\r\n'.encode()
    lines = (
        "[Desktop Entry]",
        "Type=Application",
        "Name=ibjournal",
        f"Exec={_desktop_command(command)}",
        f"Icon={NAME}",
        "Terminal=false",
        "X-GNOME-Autostart-Delay=10",
    )
    return "\n".join((*lines, "")).encode()


def _windows_command(command: Sequence[str]) -> str:
    # All in quotes: an ampersand or a caret in a path would otherwise be a word of the command interpreter's.
    parts = []
    for each in command:
        written = subprocess.list2cmdline([each])
        if not written.startswith('"'):
            bare = each.rstrip("\\")
            written = f'"{each}{each[len(bare) :]}"'
        parts.append(written.replace("%", "%%"))
    return " ".join(parts)


def _desktop_command(command: Sequence[str]) -> str:
    # The rules of desktop entries: double quotes, a backslash before what they leave special, and that twice in a file.
    parts = []
    for each in command:
        plain = each.replace("%", "%%")
        if shlex.quote(each) == each:
            parts.append(plain)
            continue
        for special in ("\\", '"', "`", "$"):
            plain = plain.replace(special, "\\" + special)
        parts.append('"' + plain.replace("\\", "\\\\") + '"')
    return " ".join(parts)
