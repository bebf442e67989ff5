"""Keeps the one window that tells where a figure comes from: every screen asks here, by the same gesture."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from ibjournal.gui.provenance.asked import Asked
from ibjournal.gui.provenance.window import WhereFromWindow
from ibjournal.gui.tasks import TaskRunner
from ibjournal.services.provenance import ProvenanceService


class Origins(QObject):
    """Opens the window, or shows another figure in it."""

    report_wanted = Signal(int)
    """The id of the report to be shown among all reports."""

    def __init__(self, provenance: ProvenanceService, tasks: TaskRunner, parent: QWidget) -> None:
        super().__init__(parent)
        self._provenance, self._tasks, self._over = provenance, tasks, parent
        self._masked = False
        self.window: WhereFromWindow | None = None

    def open(self, asked: Asked) -> None:
        """Show where a figure comes from."""
        if self.window is None:
            self.window = WhereFromWindow(self._provenance, self._tasks, self._over)
            self.window.report_wanted.connect(self.report_wanted)
            self.window.finished.connect(self._on_closed)
            self.window.set_masked(self._masked)
        self.window.ask(asked)
        shown = self.window.isVisible()
        self.window.show()
        if shown and QGuiApplication.platformName() != "offscreen":
            self.window.raise_()
            self.window.activateWindow()

    def set_masked(self, masked: bool) -> None:  # noqa: FBT001 - the slot of a toggle
        """Hide or show money."""
        self._masked = masked
        if self.window is not None:
            self.window.set_masked(masked)

    def close(self) -> None:
        """Close the window."""
        if self.window is not None:
            self.window.close()

    def _on_closed(self, _result: int) -> None:
        self.window = None
