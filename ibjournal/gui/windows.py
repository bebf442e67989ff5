"""Windows beside one another."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget


def bring_forward(window: QWidget) -> None:
    """Show a window in front of the others; a platform without windows that overlap is left alone."""
    shown = window.isVisible()
    if window.isMinimized():
        window.showNormal()
    else:
        window.show()
    if shown and QGuiApplication.platformName() != "offscreen":
        window.raise_()
        window.activateWindow()
