"""The Debian package: built, installed, started on a display, closed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path

import pytest

from tests.e2e.display import close_and_wait, virtual_display

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.timeout(900)]
ROOT = Path(__file__).resolve().parents[2]
APP_ID = "io.github.ibjournal.IBJournal"
PNG = b"\x89PNG\r\n\x1a\n"
WITHOUT_DISPLAY = {"QT_QPA_PLATFORM": "offscreen"}


@pytest.fixture(scope="module")
def package() -> Path:
    """Return a package built from this tree."""
    if shutil.which("dpkg-deb") is None:
        pytest.skip("dpkg-deb is not installed")
    pytest.importorskip("PyInstaller", reason="PyInstaller is not installed; make test-long does that")
    built = subprocess.run(
        [sys.executable, "packaging/build.py", "deb"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"TZ": "UTC"},
    )
    assert built.returncode == 0, built.stdout + built.stderr
    return max((ROOT / "dist").glob("ibjournal_*.deb"), key=lambda path: path.stat().st_mtime)


def is_installed() -> bool:
    answer = subprocess.run(["dpkg-query", "-W", "-f", "${Status}", "ibjournal"], capture_output=True, text=True, check=False)
    return "install ok installed" in answer.stdout


def dpkg(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin", "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(["dpkg", *arguments], capture_output=True, text=True, check=False, env=environment)


@pytest.fixture(scope="module")
def root(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return where the package's files stand: installed where that is allowed and nobody's own is in the way, else unpacked."""
    if os.geteuid() == 0 and not is_installed():
        installed = dpkg("--install", str(package))
        try:
            assert installed.returncode == 0, installed.stdout + installed.stderr
            yield Path("/")
        finally:
            removed = dpkg("--purge", "ibjournal")
        assert removed.returncode == 0, removed.stdout + removed.stderr
        assert not Path("/opt/ibjournal").exists()
    else:
        folder = tmp_path_factory.mktemp("root")
        subprocess.run(["dpkg-deb", "--extract", str(package), str(folder)], check=True)
        yield folder


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """Return the environment of somebody who has never started the program, without anything of this checkout."""
    return {"HOME": str(tmp_path), "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "XDG_RUNTIME_DIR": str(tmp_path)}


def program_in(root: Path) -> Path:
    return Path("/usr/bin/ibjournal") if root == Path("/") else root / "opt" / "ibjournal" / "ibjournal"


def test_the_package_says_what_it_is(package: Path) -> None:
    fields = subprocess.run(["dpkg-deb", "--field", str(package)], capture_output=True, text=True, check=True).stdout
    assert "Package: ibjournal\n" in fields
    assert "libc6 (>= 2." in fields
    files = subprocess.run(["dpkg-deb", "--contents", str(package)], capture_output=True, text=True, check=True).stdout.splitlines()
    assert all(" root/root " in line for line in files)
    assert not [line for line in files if line[0] != "l" and "w" in (line[5], line[8])], "writable by others than root"
    assert any(line.endswith("./usr/bin/ibjournal -> /opt/ibjournal/ibjournal") for line in files)


def test_the_menu_finds_the_program_and_its_icon(root: Path) -> None:
    share = root / "usr" / "share"
    entry = ConfigParser(interpolation=None)
    entry.read(share / "applications" / f"{APP_ID}.desktop", encoding="utf-8")
    assert entry["Desktop Entry"]["Exec"] == "ibjournal"
    assert (share / "icons" / "hicolor" / "48x48" / "apps" / f"{entry['Desktop Entry']['Icon']}.png").read_bytes().startswith(PNG)
    assert (share / "metainfo" / f"{APP_ID}.metainfo.xml").is_file()


def test_the_installed_program_finds_itself_sound(root: Path, home: dict[str, str]) -> None:
    command = [str(program_in(root)), "self-test", "--json"]
    result = subprocess.run(command, env=home | WITHOUT_DISPLAY, capture_output=True, text=True, check=False, timeout=180)
    assert result.returncode == 0, result.stdout + result.stderr
    assert json.loads(result.stdout)


def test_the_installed_program_draws_every_screen_without_a_display(root: Path, home: dict[str, str], tmp_path: Path) -> None:
    command = [str(program_in(root)), "demo", "--tour", str(tmp_path / "tour"), "--as-of", "2026-11-19", "--lang", "de"]
    result = subprocess.run(command, env=home | WITHOUT_DISPLAY, capture_output=True, text=True, check=False, timeout=180)
    assert result.returncode == 0, result.stdout + result.stderr
    pictures = sorted((tmp_path / "tour").glob("*.png"))
    assert len(pictures) >= 4
    assert all(picture.read_bytes().startswith(PNG) for picture in pictures)


def test_the_installed_program_shows_its_window_and_ends_when_it_is_closed(root: Path, home: dict[str, str]) -> None:
    entry = (root / "usr" / "share" / "applications" / f"{APP_ID}.desktop").read_text(encoding="utf-8")
    with virtual_display() as display:
        environment = home | {"DISPLAY": display.name}
        command = [str(program_in(root)), "demo"]
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as program:
            try:
                window = display.wait_for_window("ibjournal", program)
                status = close_and_wait(display, window, program)
            finally:
                program.kill()
            said = program.stdout.read().decode() if program.stdout else ""
    assert status == 0, said
    assert "Traceback" not in said
    assert "StartupWMClass=ibjournal\n" in entry  # or the task bar would show a second, nameless program
