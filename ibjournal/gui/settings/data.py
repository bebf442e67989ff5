"""The settings' page of the data: backups, check, building anew, the folder."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ibjournal.gui.bundle import Services
from ibjournal.gui.settings.backups import BackupsPanel
from ibjournal.gui.settings.folder import FolderPanel
from ibjournal.gui.settings.soundness import CheckPanel, RebuildPanel
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.theme import Type
from ibjournal.gui.widgets.labels import label


class DataPage(QWidget):
    """Everything that keeps the data safe."""

    changed = Signal(object)
    """`Changes` to the data."""

    def __init__(self, services: Services, tasks: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(18)
        column.addWidget(label(self.tr("Data and backups"), role=Type.TITLE, tone="strong"))
        self.backups = BackupsPanel(services, tasks)
        self.check = CheckPanel(services, tasks)
        self.rebuild = RebuildPanel(services, tasks)
        self.folder = FolderPanel(services, tasks)
        for each in (self.backups, self.check, self.rebuild):
            column.addWidget(each)
            each.changed.connect(self.changed)
        column.addWidget(self.folder)
        column.addStretch(1)

    def showEvent(self, event: QShowEvent) -> None:
        """Ask again for what is there."""
        super().showEvent(event)
        self.backups.load()
        self.folder.load()
