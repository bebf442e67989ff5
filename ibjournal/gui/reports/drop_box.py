"""The place to drop Flex files on, with a button for those who do not drag."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QRectF, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ibjournal.gui import theme
from ibjournal.gui.theme import Space, Type
from ibjournal.gui.widgets.labels import ElidedLabel, button, icon_label


class DropBox(QWidget):
    """A dashed field that takes files and folders; ``dropped`` carries their paths."""

    dropped = Signal(list)
    choose_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._over = False
        self.setAcceptDrops(True)
        self.setFixedHeight(56)
        words = ElidedLabel(self.tr("Drop Flex XML files here"), role=Type.SECONDARY, tone="muted")
        self.choose = button(self.tr("Choose files…"), small=True)
        self.choose.clicked.connect(self.choose_wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 10, 0)
        row.setSpacing(Space.ICON_GAP)
        row.addWidget(icon_label("file-code"))
        row.addWidget(words, 1)
        row.addWidget(self.choose)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files, nothing else."""
        if paths_of(event.mimeData()):
            self._set_over(over=True)
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Stop showing that files would be taken."""
        self._set_over(over=False)
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Hand the files on."""
        self._set_over(over=False)
        paths = paths_of(event.mimeData())
        if paths:
            event.acceptProposedAction()
            self.dropped.emit(paths)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the dashed field."""
        look = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(look.color("accent" if self._over else "field_border"), 1, Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(look.color("accent_soft" if self._over else "surface"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), Space.RADIUS, Space.RADIUS)
        painter.end()

    def _set_over(self, *, over: bool) -> None:
        self._over = over
        self.update()


def paths_of(data: QMimeData) -> list[Path]:
    """Return the local files and folders that are dragged."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile() and url.toLocalFile()]
