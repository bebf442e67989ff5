"""What the main window asks of a screen."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from ibjournal.domain.depot import DepotId
from ibjournal.domain.period import ALL_TIME, Period
from ibjournal.gui.tasks import TaskRunner
from ibjournal.services.changes import EVERYTHING, Changes


@dataclass(frozen=True, slots=True)
class StatusPart:
    """One statement in the status bar: an icon's name (or empty), words, a colour token."""

    text: str
    icon: str = ""
    tone: str = "text_muted"


@dataclass(frozen=True, slots=True)
class Known:
    """What there is, so that an empty screen can say what to do next."""

    depots: tuple[tuple[DepotId, str], ...] = ()
    """Every depot with its name, in order."""
    reports: bool = False
    """Whether the chosen depot has any report."""


class Screen(QWidget):
    """Base of every screen. A subclass implements `load`, and `paint_mask` where it shows money outside tables.

    A hidden screen does not load: it remembers that it is out of date and loads when it is shown. A screen never calls
    a service on its own thread; it uses ``self.tasks``.
    """

    status_changed = Signal(list, str)
    """State counts for the left of the status bar (list of `StatusPart`), and the selection's words for the right."""
    loaded = Signal()
    """What was asked for is on the screen; pictures and tests wait for it."""
    depot_wanted = Signal(object)
    """A screen asks the window to switch its depot picker (a `DepotId` or None)."""
    renewal_wanted = Signal(object)
    """A screen asks for the renewal window of a depot (`DepotId`)."""
    import_wanted = Signal(list)
    """A screen asks to import files (list of `pathlib.Path`); empty means: ask the user which."""
    settings_wanted = Signal(str)
    """A screen asks for a page of the settings (``depots``, ``new_depot``, ``appearance``, ``about``)."""

    sync_wanted = Signal()
    """A screen asks to fetch all depots."""
    origin_wanted = Signal(object)
    """A screen asks where a figure comes from (an `ibjournal.gui.provenance.asked.Asked`)."""
    changed = Signal(object)
    """A screen altered data: the `Changes` that every screen must hear of."""
    badge_changed = Signal(str, str)
    """What stands beside this screen in the navigation: a count, or nothing, and its tone."""
    screen_wanted = Signal(str, str)
    """A screen asks the window to show another one: its name, and the part of it to be shown."""
    all_time_wanted = Signal()
    """A screen asks the window to switch its period picker to everything."""

    title: str = ""
    """Shown in the navigation and the top bar; set by the subclass with ``self.tr`` in ``__init__``."""
    icon: str = ""
    """Lucide's name, for the navigation."""
    name: str = ""
    """A stable word: ``journal``, ``performance``, ``reports``; names pictures and stored state."""
    uses_period: bool = True
    """Whether the period picker means anything to this screen."""
    reload_on: Changes = EVERYTHING
    """The kinds of data whose change makes this screen out of date."""

    def __init__(self, tasks: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tasks = tasks
        self.depot: DepotId | None = None
        self.period: Period = ALL_TIME
        self.masked = False
        self.known = Known()
        self._dirty = True

    def load(self) -> None:
        """Ask for the data of ``self.depot`` and ``self.period`` in the background; emit `loaded` when it is shown."""
        self.loaded.emit()

    def set_filter(self, depot: DepotId | None, period: Period) -> None:
        """Obey the window's pickers; None means all depots together."""
        if (depot, period) != (self.depot, self.period):
            self.depot, self.period = depot, period
            self.mark_dirty()

    def refresh(self, changes: Changes) -> None:
        """Load again, now or when shown, if ``changes`` concern this screen."""
        if any(getattr(changes, name) and getattr(self.reload_on, name) for name in Changes.__slots__):
            self.mark_dirty()

    def set_known(self, known: Known) -> None:
        """Take note of what there is; a subclass that shows it overrides `paint_known`."""
        if known != self.known:
            self.known = known
            self.paint_known()

    def paint_known(self) -> None:
        """Apply ``self.known`` to what this screen shows."""

    def mark_dirty(self) -> None:
        """Load now if visible, else when shown."""
        self._dirty = True
        if self.isVisible():
            self._load_if_dirty()

    def set_masked(self, masked: bool) -> None:  # noqa: FBT001 - the slot of a toggle
        """Hide or show money amounts."""
        if masked != self.masked:
            self.masked = masked
            self.paint_mask()

    def paint_mask(self) -> None:
        """Apply ``self.masked`` to what this screen shows."""
        self.update()

    def show_part(self, part: str) -> None:
        """Show a part of this screen, where it has several."""

    def focus_search(self) -> bool:
        """Put the cursor into the screen's search field (Ctrl+F); return whether there is one."""
        return False

    def focus_content(self) -> None:
        """Put the cursor where the keys of this screen work: into its table, if it has one."""
        table = self.main_table()
        if table is not None and table.isVisible():
            table.setFocus(Qt.FocusReason.OtherFocusReason)

    def main_table(self) -> QWidget | None:
        """Return the table that this screen is about."""
        found = getattr(self, "table", None)
        return found if isinstance(found, QWidget) else None

    def showEvent(self, event: QShowEvent) -> None:
        """Load what was put off while the screen was hidden."""
        super().showEvent(event)
        self._load_if_dirty()

    def _load_if_dirty(self) -> None:
        if self._dirty:
            self._dirty = False
            self.load()
