"""Looks: language, theme, geometry, columns. Kept in an INI file in the data folder, so that the demo keeps its own.

What was typed into a wizard that has made no depot yet is kept here as well, without its token. Data belongs in the database and
secrets in the keyring; neither is ever written here.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings

from ibjournal.gui import i18n, theme
from ibjournal.gui.theme import Mode, RowHeight, Theme


class Preferences:
    """Typed access to the INI file. A value that makes no sense counts as not set."""

    def __init__(self, file: Path) -> None:
        self._settings = QSettings(str(file), QSettings.Format.IniFormat)

    @property
    def folder(self) -> Path:
        """The data folder, in which this file lies."""
        return Path(self._settings.fileName()).parent

    @property
    def language(self) -> str:
        """``en`` or ``de``; the system's until the user chose."""
        chosen = self._text("language")
        return chosen if chosen in i18n.LANGUAGES else i18n.system_language()

    @language.setter
    def language(self, value: str) -> None:
        self._settings.setValue("language", value)

    @property
    def mode(self) -> Mode:
        """Light, dark, or as the system is."""
        return Mode(self._one_of("theme", [mode.value for mode in Mode], Mode.SYSTEM.value))

    @mode.setter
    def mode(self, value: Mode) -> None:
        self._settings.setValue("theme", value.value)

    @property
    def colour_blind(self) -> bool:
        """Whether gain and loss are blue and orange."""
        return self._text("colours") == "blue_orange"

    @colour_blind.setter
    def colour_blind(self, value: bool) -> None:
        self._settings.setValue("colours", "blue_orange" if value else "green_red")

    @property
    def row_height(self) -> RowHeight:
        """Height of the rows of all tables."""
        name = self._one_of("rows", [row.name.lower() for row in RowHeight], RowHeight.NORMAL.name.lower())
        return RowHeight[name.upper()]

    @row_height.setter
    def row_height(self, value: RowHeight) -> None:
        self._settings.setValue("rows", value.name.lower())

    @property
    def masked(self) -> bool:
        """Whether money is hidden; kept, so that a restart in a train shows nothing."""
        return self._text("masked") == "yes"

    @masked.setter
    def masked(self, value: bool) -> None:
        self._settings.setValue("masked", "yes" if value else "no")

    @property
    def tray(self) -> bool:
        """Whether the tray shows an icon."""
        return self._text("tray") != "no"

    @tray.setter
    def tray(self, value: bool) -> None:
        self._settings.setValue("tray", "yes" if value else "no")

    @property
    def close_to_tray(self) -> bool:
        """Whether the program goes on in the tray when its window is closed."""
        return self._text("close_to_tray") == "yes"

    @close_to_tray.setter
    def close_to_tray(self, value: bool) -> None:
        self._settings.setValue("close_to_tray", "yes" if value else "no")

    def text(self, key: str, default: str = "") -> str:
        """Return a small state of the window, such as the screen that was open."""
        return self._text(f"state/{key}") or default

    def set_text(self, key: str, value: str) -> None:
        """Keep a small state of the window."""
        self._settings.setValue(f"state/{key}", value)

    def blob(self, key: str) -> QByteArray:
        """Return what Qt wrote down about a window or a table; empty when there is none."""
        value = self._settings.value(f"blob/{key}")
        return value if isinstance(value, QByteArray) else QByteArray()

    def set_blob(self, key: str, value: QByteArray) -> None:
        """Keep what Qt wrote down about a window or a table."""
        self._settings.setValue(f"blob/{key}", value)

    def look(self) -> Theme:
        """Return the look that the user chose, resolved against the desktop."""
        return theme.make_theme(dark=theme.resolve(self.mode), colour_blind=self.colour_blind, row_height=self.row_height)

    def save(self) -> None:
        """Write to disk now."""
        self._settings.sync()

    def _text(self, key: str) -> str:
        value = self._settings.value(key)
        return value if isinstance(value, str) else ""

    def _one_of(self, key: str, allowed: list[str], default: str) -> str:
        value = self._text(key)
        return value if value in allowed else default
