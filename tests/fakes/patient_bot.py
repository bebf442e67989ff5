"""pytest-qt's robot with the patience that a busy machine needs: what comes at last comes as soon as it is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pytestqt.qtbot import QtBot

from tests.fakes.patience import SECONDS

_MILLISECONDS = int(SECONDS * 1000)


class PatientBot(QtBot):
    """Waits for a minute where nothing else is said; nobody may take five seconds for a proof that nothing comes."""

    def waitUntil(self, callback: Callable[[], bool | None], *, timeout: int = _MILLISECONDS) -> None:  # noqa: N802 - pytest-qt's name
        """Wait until a condition holds."""
        super().waitUntil(callback, timeout=timeout)

    def waitSignal(self, signal: Any, *, timeout: int = _MILLISECONDS, **more: Any) -> Any:  # noqa: N802
        """Wait until a signal comes."""
        return super().waitSignal(signal, timeout=timeout, **more)

    def waitSignals(self, signals: list[Any], *, timeout: int = _MILLISECONDS, **more: Any) -> Any:  # noqa: N802
        """Wait until all of them have come."""
        return super().waitSignals(signals, timeout=timeout, **more)

    def waitExposed(self, widget: Any, *, timeout: int = _MILLISECONDS) -> Any:  # noqa: N802
        """Wait until a window is on view."""
        return super().waitExposed(widget, timeout=timeout)

    def waitActive(self, widget: Any, *, timeout: int = _MILLISECONDS) -> Any:  # noqa: N802
        """Wait until a window has the keyboard."""
        return super().waitActive(widget, timeout=timeout)
