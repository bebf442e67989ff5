"""The session forgives nothing, and that is proved: tests that misbehave, run in a session of their own, fail one by one."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ibjournal.flex.answers import is_loopback
from tests.e2e.program import Program

ROOT = Path(__file__).resolve().parent.parent

MISBEHAVING = """
import logging, socket, sqlite3, threading, time, urllib.request, warnings
import pytest

def test_reaches_for_the_network():
    try:
        socket.create_connection(("192.0.2.1", 80), timeout=0.1)
    except Exception:
        pass  # code that turns every error into words

def test_looks_up_a_name():
    try:
        urllib.request.urlopen("http://example.com", timeout=0.1)
    except Exception:
        pass

def test_logs_a_warning():
    logging.getLogger("ibjournal.flex").warning("something odd")

def test_expects_a_warning_that_does_not_come(expect_log):
    expect_log("something odd")

def test_leaves_a_thread():
    threading.Thread(target=threading.Event().wait, daemon=True).start()

def test_raises_in_a_thread():
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start()
    thread.join()

def test_leaves_a_database(tmp_path, request):
    request.session.kept = sqlite3.connect(tmp_path / "a.db")

def test_leaves_a_window(qapp, request):
    from PySide6.QtWidgets import QWidget
    request.session.window = QWidget()
    request.session.window.show()

def test_leaves_a_locale(qapp):
    from PySide6.QtCore import QLocale
    QLocale.setDefault(QLocale("de_DE"))

def test_makes_qt_complain(qapp):
    from PySide6.QtCore import qWarning
    qWarning("something odd")

def test_warns():
    warnings.warn("something odd")

def test_long():
    raise AssertionError
test_long = pytest.mark.long(test_long)

def test_good_expects_its_warning(expect_log):
    expect_log("odd", logger="ibjournal")
    logging.getLogger("ibjournal.flex").warning("something odd")

def test_good_loopback():
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        pass

def test_good_lookup_that_fails():
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo("ibkr.invalid", 443)

def test_good_thread_that_ends():
    done = threading.Event()
    threading.Thread(target=done.wait).start()
    done.set()

def test_good_database(tmp_path):
    sqlite3.connect(tmp_path / "a.db").close()

def test_good_zone():
    assert time.localtime(0).tm_hour == 1

def test_good_home(tmp_path):
    import os
    from ibjournal.paths import Paths
    assert "ibjournal-tests-" in str(Paths.of_user().data)
    import keyring
    with pytest.raises(keyring.errors.NoKeyringError):
        keyring.get_password("ibjournal", "1")
"""


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Run the tests above; return what came of each: ``PASSED``, ``FAILED``, ``ERROR`` (after the test itself had passed)."""
    folder = tmp_path_factory.mktemp("misbehaving")
    (folder / "test_misbehaving.py").write_text(MISBEHAVING, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-c", str(ROOT / "pyproject.toml"), "-p", "tests.conftest", "-vv", str(folder)]
    environment = {name: value for name, value in os.environ.items() if name not in {"PYTEST_ADDOPTS", "COLUMNS"}}
    environment |= {"PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen", "COLUMNS": "300", "IBJOURNAL_TEST_PATIENCE": "0.2"}
    report = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=100).stdout
    found: dict[str, set[str]] = {}
    for name, outcome in re.findall(r"::(test_\w+)\b.*? (PASSED|FAILED|ERROR)", report):
        found.setdefault(name, set()).add(outcome)
    assert found, report
    return found


def names(pattern: str) -> list[str]:
    return re.findall(pattern, MISBEHAVING, re.MULTILINE)


@pytest.mark.parametrize("name", names(r"^def (test_(?!good|long)\w+)"))
def test_misbehaviour_fails(outcomes: dict[str, set[str]], name: str) -> None:
    assert outcomes[name] & {"FAILED", "ERROR"}


@pytest.mark.parametrize("name", names(r"^def (test_good_\w+)"))
def test_what_is_right_passes(outcomes: dict[str, set[str]], name: str) -> None:
    assert outcomes[name] == {"PASSED"}


def test_no_process_of_a_test_is_led_to_ibkr(tmp_path: Path) -> None:
    """A window fetches by itself; what is patched in the session does not hold in another process."""
    command = Program(tmp_path).command()
    assert is_loopback(command[command.index("--flex-url") + 1])


def test_long_tests_are_left_out_unless_asked_for(outcomes: dict[str, set[str]]) -> None:
    assert "test_long" not in outcomes
