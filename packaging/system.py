"""Sees what the system lacks and brings it in: with apt where allowed, else with one line that names the packages.

Run by the Makefile with the system's Python, before there is a virtual environment; so it needs nothing but the standard library.

    python3 packaging/system.py run     what the program needs to start and to show its window; missing: exit status 1
    python3 packaging/system.py test    that, and what some tests need; missing: those tests are skipped
    python3 packaging/system.py deb     that, and what a Debian package needs
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts")


def has_library(soname: str) -> bool:
    """Whether the dynamic linker finds a shared library."""
    try:
        ctypes.CDLL(soname)
    except OSError:
        return False
    return True


def has_command(name: str) -> bool:
    """Whether a program is on the path, or where Debian puts those that are not."""
    return shutil.which(name) is not None or shutil.which(name, path="/usr/sbin:/usr/libexec:/usr/lib") is not None


def has_font(_name: str) -> bool:
    """Whether there is a single scalable font on this machine."""
    folders = (Path(folder).expanduser() for folder in FONT_FOLDERS)
    return any(next(folder.rglob(f"*.{kind}"), None) for folder in folders if folder.is_dir() for kind in ("ttf", "otf", "ttc"))


def has_module(name: str) -> bool:
    """Whether this Python has a module of the standard library that Debian packs apart."""
    return importlib.util.find_spec(name) is not None


@dataclass(frozen=True)
class Need:
    """Something the system must have, how to see it, and the packages that bring it: the first that apt knows is taken."""

    sign: str
    has: Callable[[str], bool]
    packages: tuple[str, ...]

    def met(self) -> bool:
        """Whether it is there."""
        return self.has(self.sign)


_THIS = f"python{sys.version_info.major}.{sys.version_info.minor}"


def _libraries(table: Iterable[tuple[str, tuple[str, ...]]]) -> tuple[Need, ...]:
    return tuple(Need(soname, has_library, packages) for soname, packages in table)


# Read off the DT_NEEDED entries of PySide6's own libraries and of its plug-ins for xcb and offscreen.
RUN = (
    Need("ensurepip", has_module, (f"{_THIS}-venv", "python3-venv")),
    *_libraries(
        (
            ("libEGL.so.1", ("libegl1",)),
            ("libGL.so.1", ("libgl1",)),
            ("libX11.so.6", ("libx11-6",)),
            ("libX11-xcb.so.1", ("libx11-xcb1",)),
            ("libdbus-1.so.3", ("libdbus-1-3",)),
            ("libfontconfig.so.1", ("libfontconfig1",)),
            ("libfreetype.so.6", ("libfreetype6",)),
            ("libglib-2.0.so.0", ("libglib2.0-0t64", "libglib2.0-0")),
            ("libgssapi_krb5.so.2", ("libgssapi-krb5-2",)),
            ("libbrotlidec.so.1", ("libbrotli1",)),
            ("libzstd.so.1", ("libzstd1",)),
            ("libxkbcommon.so.0", ("libxkbcommon0",)),
            ("libxkbcommon-x11.so.0", ("libxkbcommon-x11-0",)),
            ("libxcb-cursor.so.0", ("libxcb-cursor0",)),
            ("libxcb-icccm.so.4", ("libxcb-icccm4",)),
            ("libxcb-image.so.0", ("libxcb-image0",)),
            ("libxcb-keysyms.so.1", ("libxcb-keysyms1",)),
            ("libxcb-randr.so.0", ("libxcb-randr0",)),
            ("libxcb-render-util.so.0", ("libxcb-render-util0",)),
            ("libxcb-shape.so.0", ("libxcb-shape0",)),
            ("libxcb-shm.so.0", ("libxcb-shm0",)),
            ("libxcb-sync.so.1", ("libxcb-sync1",)),
            ("libxcb-util.so.1", ("libxcb-util1",)),
            ("libxcb-xfixes.so.0", ("libxcb-xfixes0",)),
            ("libxcb-xkb.so.1", ("libxcb-xkb1",)),
        )
    ),
    Need("a font", has_font, ("fonts-dejavu-core",)),
)
TEST = (
    Need("git", has_command, ("git",)),
    Need("Xvfb", has_command, ("xvfb",)),
    Need("xwininfo", has_command, ("x11-utils",)),
    Need("dbus-daemon", has_command, ("dbus-daemon", "dbus")),
    Need("gnome-keyring-daemon", has_command, ("gnome-keyring",)),
)
DEB = (
    Need("dpkg-deb", has_command, ("dpkg",)),
    Need("objdump", has_command, ("binutils",)),
    Need("desktop-file-validate", has_command, ("desktop-file-utils",)),
    Need("appstreamcli", has_command, ("appstream",)),
)
GROUPS = {"run": RUN, "test": RUN + TEST, "deb": RUN + TEST + DEB}


def missing(needs: Iterable[Need]) -> list[Need]:
    """Return what is not there."""
    return [need for need in needs if not need.met()]


def _apt() -> list[str] | None:
    """Return how apt-get may be called here without asking anybody anything, None where it may not."""
    if shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    if shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0:
        return ["sudo", "-n", "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    return None


def _known(package: str) -> bool:
    """Whether apt can install a package of this name."""
    answer = subprocess.run(["apt-cache", "policy", package], capture_output=True, text=True, check=False).stdout
    return "Candidate:" in answer and "Candidate: (none)" not in answer


def choose(needs: Iterable[Need], known: Callable[[str], bool]) -> list[str]:
    """Return one package for each need, the first that is ``known``; where none is, the last, which is the oldest name."""
    chosen = (next((package for package in need.packages if known(package)), need.packages[-1]) for need in needs)
    return list(dict.fromkeys(chosen))


def _run(command: list[str]) -> bool:
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        print("\n".join((result.stdout + result.stderr).strip().splitlines()[-5:]), file=sys.stderr)
    return result.returncode == 0


def install(needs: list[Need]) -> None:
    """Install what is missing, as far as this user may."""
    apt = _apt()
    if apt is None:
        return
    print("Updating the list of packages …", flush=True)
    _run([*apt, "update", "-qq"])
    packages = choose(needs, _known)
    print(f"Installing {' '.join(packages)} …", flush=True)
    if not _run([*apt, "install", "-y", "-qq", "--no-install-recommends", *packages]):
        for package in packages:  # one that cannot be had must not keep the others away
            _run([*apt, "install", "-y", "-qq", "--no-install-recommends", package])


def main(arguments: list[str]) -> int:
    """Bring the system into the state that a group of needs asks for; 1 when the program itself could not run."""
    group = arguments[0] if arguments else "run"
    if group not in GROUPS:
        print(__doc__, file=sys.stderr)
        return 2
    if not sys.platform.startswith("linux"):
        return 0
    needs = missing(GROUPS[group])
    if needs:
        install(needs)
        needs = missing(needs)
    if not needs:
        return 0
    packages = choose(needs, _known) if shutil.which("apt-cache") else [need.packages[-1] for need in needs]
    print(f"This system lacks {', '.join(need.sign for need in needs)}. Please install: {' '.join(packages)}", file=sys.stderr)
    if shutil.which("apt-get"):
        print(f"  sudo apt-get install {' '.join(packages)}", file=sys.stderr)
    return 1 if any(need in RUN for need in needs) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
