"""Looks whether an installation works: run on the source, the wheel, the frozen program and the installed package alike."""

from __future__ import annotations

import os
import platform
import ssl
import tempfile
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import ibjournal
from ibjournal import assets, bootstrap
from ibjournal.domain.filters import TradeFilter, TradeState
from ibjournal.paths import Paths
from ibjournal.services.credentials import backend_name

_DAY = date(2026, 11, 19)
"""The day that the figures below belong to."""


def run(write: Callable[[object], None] | None = None) -> int:
    """Run all parts and return the exit status: 0 when all passed.

    Args:
        write: takes the result as JSON shows it; None prints nothing.
    """
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    results: dict[str, dict[str, object]] = {}
    for name, part in _PARTS.items():
        try:
            results[name] = {"ok": True, "detail": part()}
        except Exception as error:  # noqa: BLE001 - whatever breaks is what this looks for
            results[name] = {"ok": False, "detail": f"{type(error).__name__}: {error}"}
    passed = all(result["ok"] for result in results.values())
    if write is not None:
        write({"ok": passed, "version": ibjournal.__version__, "parts": results})
    return 0 if passed else 1


def _versions() -> str:
    import PySide6  # noqa: PLC0415 - each part loads what it looks at

    return f"Python {platform.python_version()}, PySide6 {PySide6.__version__}, {platform.system()} {platform.machine()}"


def _resources() -> str:
    files = [path for path in assets.resources().rglob("*") if path.is_file()]
    if not assets.asset("icons", "ibjournal.svg").is_file():
        raise FileNotFoundError("icons/ibjournal.svg")
    return f"{len(files)} files"


def _languages() -> str:
    from PySide6.QtCore import QCoreApplication  # noqa: PLC0415

    from ibjournal.gui import i18n  # noqa: PLC0415
    from ibjournal.gui.app import make_application  # noqa: PLC0415

    make_application()
    english = QCoreApplication.translate("Sidebar", "Settings")
    if not i18n.install("de"):
        raise FileNotFoundError("ibjournal_de.qm")
    i18n.install("en")
    return f"en, de ({english})"


def _journal() -> str:
    with tempfile.TemporaryDirectory(prefix="ibjournal-self-test-") as folder:
        paths = Paths.at(Path(folder) / "demo")
        with bootstrap.demo(paths, as_of=_DAY) as session:
            services = session.services
            issues = services.maintenance.check()
            if issues:
                raise ValueError(issues[0].code)
            closed = services.journal.list_trades(TradeFilter(state=TradeState.CLOSED))
            account = closed.rows[0].trade.account
            witness = sum(session.service.source.books(account).realized.values(), Decimal(0))  # type: ignore[attr-defined]
            services.maintenance.close()
    return f"{len(closed.rows)} trades, witness {witness}"


def _tls() -> str:
    context = ssl.create_default_context()
    return f"{ssl.OPENSSL_VERSION}, {len(context.get_ca_certs())} certificates"


def _window() -> str:
    from ibjournal.gui.app import main as window  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="ibjournal-self-test-") as folder:
        paths = Paths.at(Path(folder) / "journal")
        services = bootstrap.build(paths)
        os.environ["IBJOURNAL_QUIT_AFTER_START"] = "1"
        try:
            status = window(services, paths, language="en", close=services.maintenance.close)
        finally:
            del os.environ["IBJOURNAL_QUIT_AFTER_START"]
    if status:
        raise RuntimeError(f"the window ended with {status}")
    return "opened and closed"


_PARTS: dict[str, Callable[[], str]] = {
    "versions": _versions,
    "resources": _resources,
    "languages": _languages,
    "journal": _journal,
    "keyring": backend_name,
    "tls": _tls,
    "window": _window,
}
