"""The settings: a window of their own beside the main one; pages at the left, applied at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QListWidget, QListWidgetItem, QScrollArea, QStackedWidget, QWidget

from ibjournal.gui import icons, theme
from ibjournal.gui.bundle import Services
from ibjournal.gui.depots.page import DepotsPage
from ibjournal.gui.preferences import Preferences
from ibjournal.gui.settings.about import AboutPage
from ibjournal.gui.settings.appearance import AppearancePage
from ibjournal.gui.settings.data import DataPage
from ibjournal.gui.settings.diagnosis import DiagnosisPage
from ibjournal.gui.settings.schedule import SchedulePage
from ibjournal.gui.tasks import TaskRunner


class SettingsDialog(QDialog):
    """Non-modal, 880 × 640, resizable."""

    changed = Signal(object)
    """`Changes` to depots."""
    renewal_wanted = Signal(object)
    added = Signal(object)
    """The `DepotId` of a new depot that can be fetched."""
    wizard_wanted = Signal()
    """A depot is to be added step by step."""
    language_changed = Signal()
    look_changed = Signal()
    background_changed = Signal()
    """Tray or closing were changed."""

    def __init__(
        self,
        services: Services,
        tasks: TaskRunner,
        preferences: Preferences,
        *,
        today: Callable[[], date] = date.today,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Settings"))
        self.setModal(False)
        self.resize(880, 640)
        self.setMinimumSize(720, 480)
        self.depots = DepotsPage(services, tasks, today=today)
        self.schedule = SchedulePage(services, tasks, preferences)
        self.data = DataPage(services, tasks)
        self.diagnosis = DiagnosisPage(services, tasks)
        self.appearance = AppearancePage(preferences)
        self.about = AboutPage()
        self._list = QListWidget()
        self._list.setObjectName("pages")
        self._list.setFixedWidth(200)
        self._list.setIconSize(QSize(17, 17))
        self._list.setSpacing(1)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setAccessibleName(self.tr("Pages"))
        self._stack = QStackedWidget()
        self._names: list[tuple[str, str]] = []
        for name, words, icon, page in (
            ("depots", self.tr("Depots"), "wallet", self.depots),
            ("schedule", self.tr("Schedule"), "calendar-clock", _scrolled(self.schedule)),
            ("data", self.tr("Data"), "hard-drive", _scrolled(self.data)),
            ("appearance", self.tr("Appearance"), "palette", _scrolled(self.appearance)),
            ("diagnosis", self.tr("Diagnosis"), "stethoscope", self.diagnosis),
            ("about", self.tr("About"), "info", _scrolled(self.about)),
        ):
            self._names.append((name, icon))
            self._list.addItem(QListWidgetItem(icons.icon(icon, size=17), words))
            self._stack.addWidget(page)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._list)
        row.addWidget(self._stack, 1)
        self._list.currentRowChanged.connect(self._stack.setCurrentIndex)
        self._list.setCurrentRow(0)
        self.depots.changed.connect(self.changed)
        self.depots.renewal_wanted.connect(self.renewal_wanted)
        self.depots.added.connect(self.added)
        self.data.changed.connect(self.changed)
        self.depots.wizard_wanted.connect(self._on_wizard)
        self.appearance.language_changed.connect(self.language_changed)
        self.appearance.look_changed.connect(self.look_changed)
        self.schedule.background_changed.connect(self.background_changed)
        self._list.currentRowChanged.connect(self._on_row)
        theme.notifier().changed.connect(self._draw_icons)

    def _on_wizard(self) -> None:
        self.close()
        self.wizard_wanted.emit()

    def show_page(self, name: str) -> None:
        """Bring a page to the front; the depots are asked for anew. ``new_depot`` is the depots' page with an empty form."""
        names = [known for known, _icon in self._names]
        page = "depots" if name == "new_depot" else name
        if page in names:
            self._list.setCurrentRow(names.index(page))
        if page == "depots" and self.depots.editor is None:
            self.depots.load()
            if name == "new_depot":
                self.depots.add()

    def _on_row(self, row: int) -> None:
        if self._names[row][0] == "schedule":
            self.schedule.load()

    def _draw_icons(self) -> None:
        for row, (_name, icon) in enumerate(self._names):
            self._list.item(row).setIcon(icons.icon(icon, size=17))


def _scrolled(page: QWidget) -> QScrollArea:
    page.setMaximumWidth(728)
    page.setObjectName("scrolled")
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(page)
    return area
