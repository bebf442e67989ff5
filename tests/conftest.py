"""A session that forgives nothing: no network, no home of the user, no stray warning, thread, window or connection."""

from __future__ import annotations

import gc
import ipaddress
import logging
import os
import shutil
import socket
import sqlite3
import sys
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest

from tests.secret_service import secret_service as run_secret_service

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

_ROOT = Path(__file__).resolve().parent.parent
_HOME = Path(tempfile.mkdtemp(prefix="ibjournal-tests-"))

# Before a QApplication is made and before matplotlib or keyring are imported.
# The zone is not UTC on purpose: local time taken for UTC shows.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.update(
    TZ="Europe/Berlin",
    LC_ALL="C.UTF-8",
    LANGUAGE="",
    XDG_DATA_HOME=str(_HOME / "data"),
    XDG_CONFIG_HOME=str(_HOME / "config"),
    XDG_CACHE_HOME=str(_HOME / "cache"),
    XDG_STATE_HOME=str(_HOME / "state"),
    MPLCONFIGDIR=str(_ROOT / "build" / "matplotlib"),  # kept: building the font cache takes seconds
)
os.environ.setdefault("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")

time.tzset()

hypothesis.settings.register_profile("dev", max_examples=30, deadline=None)
hypothesis.settings.register_profile("ci", max_examples=60, deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.register_profile("nightly", max_examples=2000, deadline=None)
# for `make mutants`, where it counts only whether a test fails, thousands of times over: the same examples, and none made smaller
hypothesis.settings.register_profile(
    "mutants", max_examples=20, deadline=None, derandomize=True, phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate)
)
hypothesis.settings.load_profile(os.environ.get("IBJOURNAL_HYPOTHESIS", "dev"))


# --- which tests run ---------------------------------------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--run-long", action="store_true", help="run the tests marked long as well")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is marked ``long``, unless it is asked for by ``--run-long``, by ``-m`` or by its own name."""
    named = any("::" in argument for argument in config.args)
    if config.getoption("--run-long") or "long" in str(config.getoption("-m")) or named:
        return
    left_out = [item for item in items if item.get_closest_marker("long")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not item.get_closest_marker("long")]


def pytest_unconfigure() -> None:
    shutil.rmtree(_HOME, ignore_errors=True)


# --- no network but loopback -------------------------------------------------------------------------------------

_connect, _connect_ex, _getaddrinfo = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo


def _is_loopback(host: object) -> bool:
    if host is None:
        return True
    name = host.decode() if isinstance(host, bytes) else str(host)
    try:
        return name in {"", "localhost"} or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _refuse(host: object) -> None:
    """Fail the test: a BaseException, so that code which turns every error into words cannot hide it."""
    pytest.fail(f"a test reached for the network: {host}")


def _guard(target: Callable[..., Any]) -> Callable[..., Any]:
    def connect(sock: socket.socket, address: Any) -> Any:
        if sock.family in {socket.AF_INET, socket.AF_INET6} and not _is_loopback(address[0]):
            _refuse(address[0])
        return target(sock, address)

    return connect


def _guarded_getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
    name = host.decode() if isinstance(host, bytes) else host
    if isinstance(name, str) and name.endswith(".invalid"):  # RFC 6761: never resolves; tests of a failing lookup use it
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    if not _is_loopback(host):
        _refuse(host)
    return _getaddrinfo(host, *args, **kwargs)


@pytest.fixture(autouse=True, scope="session")
def _no_network() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", _guard(_connect))
        patch.setattr(socket.socket, "connect_ex", _guard(_connect_ex))
        patch.setattr(socket, "getaddrinfo", _guarded_getaddrinfo)
        yield


# --- nothing stays behind ----------------------------------------------------------------------------------------


@dataclass
class ExpectedLog:
    """Log records at WARNING or above that a test says will come; each must, and no others may."""

    parts: list[tuple[str, str]] = field(default_factory=list)
    records: list[logging.LogRecord] = field(default_factory=list)

    def __call__(self, part: str, *, logger: str = "") -> None:
        """Expect a record whose message contains ``part``, of a logger whose name starts with ``logger``."""
        self.parts.append((part, logger))

    def problems(self) -> list[str]:
        """Return a line for every record that nobody expected, and for every expectation that was not met."""
        unmet = set(self.parts)
        problems = []
        for record in self.records:
            message = record.getMessage()
            met = [(part, logger) for part, logger in self.parts if part in message and record.name.startswith(logger)]
            unmet.difference_update(met)
            if not met:
                problems.append(f"unexpected log: {record.levelname} {record.name}: {message}")
        return problems + [f"expected log did not come: {part!r} {logger}" for part, logger in unmet]


class _Collector(logging.Handler):
    def __init__(self, records: list[logging.LogRecord]) -> None:
        super().__init__(logging.WARNING)
        self._records = records

    def emit(self, record: logging.LogRecord) -> None:
        self._records.append(record)


_connections: weakref.WeakSet[_Tracked] = weakref.WeakSet()


class _Tracked(sqlite3.Connection):
    """A connection that the session knows of, so that one left open can be told."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _connections.add(self)

    def is_open(self) -> bool:
        try:
            _ = self.total_changes
        except sqlite3.ProgrammingError:
            return False
        return True


_sqlite_connect = sqlite3.connect


def _tracking_connect(*args: Any, **kwargs: Any) -> sqlite3.Connection:
    kwargs.setdefault("factory", _Tracked)
    connection: sqlite3.Connection = _sqlite_connect(*args, **kwargs)
    return connection


@pytest.fixture(autouse=True, scope="session")
def _tracked_connections() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite3, "connect", _tracking_connect)
        yield


_PATIENCE = float(os.environ.get("IBJOURNAL_TEST_PATIENCE", "30"))
"""Seconds that threads of a test may take to end, on a busy machine; waited for in full only where one never does."""


def _leaked_threads(before: set[threading.Thread], *, patience: float = _PATIENCE) -> list[str]:
    """Return the names of threads that the test started and that do not end by themselves."""
    new = [thread for thread in threading.enumerate() if thread not in before and not isinstance(thread, threading._DummyThread)]
    until = time.monotonic() + patience
    for thread in new:
        thread.join(max(0.0, until - time.monotonic()))
    return [thread.name for thread in new if thread.is_alive()]


def _visible_windows() -> set[str]:
    """Return the top-level widgets that can be seen, without loading Qt for tests that do not use it."""
    widgets = sys.modules.get("PySide6.QtWidgets")
    if widgets is None or widgets.QApplication.instance() is None:
        return set()
    return {
        f"{type(w).__name__}({w.windowTitle()!r}) at {id(w):x}" for w in widgets.QApplication.topLevelWidgets() if w.isVisible()
    }


def _locale() -> str:
    """Return the locale that numbers and dates are written in; empty for tests that do not use Qt."""
    core = sys.modules.get("PySide6.QtCore")
    return str(core.QLocale().name()) if core is not None else ""


@pytest.fixture(autouse=True)
def expect_log() -> Iterator[ExpectedLog]:
    """Check after each test that it left nothing behind; call it to expect a warning: ``expect_log("part of the message")``."""
    expected = ExpectedLog()
    collector = _Collector(expected.records)
    threads, connections, windows = set(threading.enumerate()), set(_connections), _visible_windows()
    locale = _locale()
    root = logging.getLogger()
    root.addHandler(collector)
    try:
        yield expected
    finally:
        root.removeHandler(collector)
    problems = expected.problems()
    problems += [f"thread still runs: {name}" for name in _leaked_threads(threads)]
    problems += [f"database still open: {c!r}" for c in set(_connections) - connections if c.is_open()]
    problems += [f"window still shown: {name}" for name in _visible_windows() - windows]
    problems += [f"locale left behind: {_locale()}, not {locale}"] if locale not in {"", _locale()} else []
    if problems:
        pytest.fail("\n".join(problems), pytrace=False)


@pytest.fixture(autouse=True)
def _garbage() -> Iterator[None]:
    """Look for cycles between tests, where a test before made Python stop doing so: most have no event loop of their own."""
    yield
    cycles = sys.modules.get("ibjournal.gui.cycles")
    if cycles is not None and not gc.isenabled():
        cycles.collect()


# --- what tests ask for ------------------------------------------------------------------------------------------


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """Return a data folder of the test's own; the program makes it."""
    return tmp_path / "data"


@pytest.fixture(scope="session")
def samples() -> Path:
    """Return the folder of real reports beside the checkout; skip where this machine has none."""
    folder = _ROOT.parent / "shared" / "samples"
    if not folder.is_dir():
        pytest.skip("the real reports are not on this machine (../shared/samples)")
    return folder


@pytest.fixture(scope="session")
def qapp(qapp: QApplication) -> Iterator[QApplication]:
    """Return the application with one style, font and locale, so that pictures can be compared."""
    from PySide6.QtCore import QLocale  # noqa: PLC0415 - tests below the window never load Qt
    from PySide6.QtGui import QFont, QFontDatabase  # noqa: PLC0415
    from PySide6.QtWidgets import QWidget  # noqa: PLC0415

    from ibjournal.gui.cycles import CycleCollector  # noqa: PLC0415

    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedStates))
    qapp.setStyle("Fusion")
    matplotlib = find_spec("matplotlib")
    if matplotlib and matplotlib.origin:
        QFontDatabase.addApplicationFont(str(Path(matplotlib.origin).parent / "mpl-data" / "fonts" / "ttf" / "DejaVuSans.ttf"))
        qapp.setFont(QFont("DejaVu Sans", 10))
    CycleCollector(qapp)  # as in the program
    # Tests take the style sheet off again. With its last style Qt forgets of which widgets it wants to hear the end, and those
    # that it knew without having polished them do not tell: the sheet after the next one crashes on them. So one style stays.
    keeper = QWidget()
    keeper.setStyleSheet("* {}")
    yield qapp
    keeper.deleteLater()
    qapp.clipboard().clear()  # data that Python made must not outlive Python: Qt's own clean-up would crash on it


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> QtBot:
    """Return pytest-qt's robot, with patience."""
    from tests.fakes.patient_bot import PatientBot  # noqa: PLC0415 - tests below the window never load Qt

    return PatientBot(request)


@pytest.fixture
def secret_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make ``keyring`` talk to a real, empty, unlocked Secret Service; skip where this machine has none."""
    import keyring  # noqa: PLC0415 - few tests need it
    from keyring.backend import KeyringBackend  # noqa: PLC0415
    from keyring.backends.SecretService import Keyring  # noqa: PLC0415

    with run_secret_service(tmp_path / "keyring") as variables:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        before = keyring.get_keyring()
        service: KeyringBackend = Keyring()  # type: ignore[no-untyped-call]
        keyring.set_keyring(service)
        yield
        keyring.set_keyring(before)
