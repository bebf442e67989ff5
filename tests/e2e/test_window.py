"""The program from the checkout, on a display: it shows its window and leaves when that is closed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.display import close_and_wait, virtual_display

pytestmark = pytest.mark.e2e
ROOT = Path(__file__).resolve().parents[2]


def test_the_demo_opens_its_window_and_ends_when_it_is_closed(tmp_path: Path) -> None:
    with virtual_display() as display:
        environment = display.environment(XDG_DATA_HOME=str(tmp_path))
        with subprocess.Popen(
            [sys.executable, "-m", "ibjournal", "demo"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as program:
            try:
                window = display.wait_for_window("ibjournal", program)
                assert window.title
                assert window.width >= 900
                status = close_and_wait(display, window, program)
            finally:
                program.kill()
            said = program.stdout.read().decode() if program.stdout else ""
    assert status == 0, said
    assert "Traceback" not in said
