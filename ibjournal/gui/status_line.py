"""What the status bar says: how the screen in front is, or, while a sync runs, how far each depot is."""

from __future__ import annotations

from PySide6.QtCore import QObject

from ibjournal.domain.depot import DepotId
from ibjournal.gui.screen import StatusPart
from ibjournal.gui.widgets.bars import StatusBar


class StatusLine(QObject):
    """Fills the status bar. What a screen says is kept until that screen says otherwise."""

    def __init__(self, bar: StatusBar, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bar = bar
        self._screens: dict[str, tuple[list[StatusPart], str]] = {}
        self._depots: dict[DepotId, StatusPart] = {}
        self._front = ""

    def keep(self, screen: str, parts: list[StatusPart], right: str) -> None:
        """Take what a screen says."""
        self._screens[screen] = (parts, right)
        if screen == self._front:
            self.show(screen)

    def show(self, screen: str) -> None:
        """Show what a screen says, unless a sync has the word."""
        self._front = screen
        if not self._depots:
            self._bar.show_status(*self._screens.get(screen, ([], "")))

    def tell(self, depot: DepotId, part: StatusPart) -> None:
        """Show how far a depot is beside the others."""
        if self._depots.get(depot) != part:
            self._depots[depot] = part
            self._bar.show_status(list(self._depots.values()))

    def clear(self) -> None:
        """Forget the depots: a sync begins or ends."""
        self._depots = {}
