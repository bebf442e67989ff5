"""What the bars say while a sync runs: how far each depot is; at other times the status bar tells how the screen in front is.

Where the figures are not up to date, that comes first, on every screen.
"""

from __future__ import annotations

from PySide6.QtCore import QObject

from ibjournal.domain.depot import DepotId
from ibjournal.gui.progress_texts import progress_text
from ibjournal.gui.screen import StatusPart
from ibjournal.gui.sync_control import SyncControl
from ibjournal.gui.widgets.bars import StatusBar, TopBar
from ibjournal.services.jobs import Progress
from ibjournal.services.sync import SyncReport


class StatusLine(QObject):
    """Fills the status bar, and the words beside the sync button. What a screen says is kept until it says otherwise."""

    def __init__(self, bar: StatusBar, top: TopBar, sync: SyncControl, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bar, self._top, self._sync = bar, top, sync
        self._screens: dict[str, tuple[list[StatusPart], str]] = {}
        self._depots: dict[DepotId, StatusPart] = {}
        self._front = ""
        self._stale = ""
        sync.running_changed.connect(self._on_running)
        sync.progressed.connect(self._on_progress)
        sync.depot_done.connect(self._on_done)

    def keep(self, screen: str, parts: list[StatusPart], right: str) -> None:
        """Take what a screen says."""
        self._screens[screen] = (parts, right)
        if screen == self._front:
            self.show(screen)

    def show(self, screen: str) -> None:
        """Show what a screen says, unless a sync has the word."""
        self._front = screen
        if not self._depots:
            parts, right = self._screens.get(screen, ([], ""))
            stale = [StatusPart(self._stale, "triangle-alert", "warning")] if self._stale else []
            self._bar.show_status([*stale, *parts], right)

    def tell_freshness(self, _text: str, through: str, _details: str, stale: bool) -> None:  # noqa: FBT001 - the slot of a signal
        """Say on every screen that its figures are not up to date, or no longer."""
        words = self.tr("Not up to date")
        self._stale = f"{words} · {through}" if stale else ""
        self.show(self._front)

    def _on_running(self, running: bool) -> None:  # noqa: FBT001 - a signal's bool
        self._top.set_running(running=running, text=self.tr("Starting…"))
        self._depots = {}
        if not running:
            self.show(self._front)

    def _on_progress(self, depot: DepotId, progress: Progress) -> None:
        if self._sync.running:
            text = f"{progress.subject}: {progress_text(progress)}"
            self._top.set_freshness(text, short=progress_text(progress, short=True))
            self._tell(depot, StatusPart(text, "refresh-cw", "info"))

    def _on_done(self, report: SyncReport) -> None:
        if report.error is None and not report.cancelled:
            part = StatusPart(self.tr("{depot}: done").format(depot=report.depot_name), "circle-check", "positive")
        else:
            part = StatusPart(self.tr("{depot}: not fetched").format(depot=report.depot_name), "minus", "warning")
        self._tell(report.depot, part)

    def _tell(self, depot: DepotId, part: StatusPart) -> None:
        if self._sync.running and self._depots.get(depot) != part:
            self._depots[depot] = part
            self._bar.show_status(list(self._depots.values()))
