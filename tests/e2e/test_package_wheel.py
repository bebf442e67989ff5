"""The wheel: complete, and sound when it is installed far from the checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the program as its wheel installs it, without its dependencies."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    for command in (
        [*pip, "wheel", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(folder), str(ROOT)],
        [*pip, "install", "--no-deps", "--no-index", "--find-links", str(folder), "--target", str(folder / "site"), "ibjournal"],
    ):
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stdout + result.stderr
    return folder / "site"


def test_the_wheel_has_all_that_the_checkout_has(installed: Path) -> None:
    for folder, within in ((ROOT / "ibjournal", "ibjournal"), (ROOT / "resources", "ibjournal/resources")):
        wanted = {path.relative_to(folder) for path in folder.rglob("*") if path.is_file() and path.suffix not in {".pyc", ".qm"}}
        there = {path.relative_to(installed / within) for path in (installed / within).rglob("*") if path.is_file()}
        assert wanted <= there
    for catalogue in (ROOT / "resources" / "translations").glob("*.ts"):
        assert (installed / "ibjournal" / "resources" / "translations" / f"{catalogue.stem}.qm").is_file()


def test_the_installed_program_finds_itself_sound(installed: Path, tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(installed), "QT_QPA_PLATFORM": "offscreen", "XDG_DATA_HOME": str(tmp_path)}
    command = [sys.executable, "-m", "ibjournal", "self-test", "--json"]
    result = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert result.returncode == 0, result.stdout + result.stderr
    assert json.loads(result.stdout)["ok"] is True
    where = subprocess.run(
        [sys.executable, "-c", "import ibjournal; print(ibjournal.__file__)"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        check=True,
    ).stdout.decode()
    assert where.startswith(str(installed))
