"""What a report of a fault tells of the window's surroundings: versions, platform, screens; English and the same everywhere."""

from __future__ import annotations

from PySide6.QtCore import QLocale, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from ibjournal.gui import i18n, theme


def window_facts() -> dict[str, str]:
    """Return them by name; to be called on the window's thread."""
    found = {"qt": qVersion(), "platform": QGuiApplication.platformName() or "none", "language": i18n.spoken()}
    found["formats"] = QLocale().name()
    if QApplication.instance() is not None:
        look = theme.current()
        found["look"] = "dark" if look.dark else "light"  # the style is always ours, and has no name
        for number, screen in enumerate(QGuiApplication.screens(), 1):
            size = screen.size()
            found[f"screen {number}"] = (
                f"{size.width()}x{size.height()} at {screen.devicePixelRatio():g}, {screen.logicalDotsPerInch():.0f} dpi"
            )
    return found
