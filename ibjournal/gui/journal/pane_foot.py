"""The foot of a detail pane: what stands behind the figures in a few words, and the way to where they come from."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ibjournal.gui.theme import Space, Type
from ibjournal.gui.widgets.labels import ElidedLabel, button, icon_label, with_key


class PaneFoot(QWidget):
    """One line: an icon, ``words``, and the link ``origin``."""

    origin_wanted = Signal()
    """The user asks where the figures come from."""

    def __init__(self, icon: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.PADDING, 0, Space.PADDING, 0)
        row.setSpacing(6)
        self.mark = icon_label(icon, size=14)
        self.words = ElidedLabel(role=Type.SECONDARY, tone="muted")
        self.words.setFixedHeight(Space.SUM_ROW)
        self.origin = button(self.tr("Where from?"), small=True)
        self.origin.setProperty("link", True)
        self.origin.setToolTip(with_key(self.tr("Where does this number come from?"), "Ctrl+E"))
        self.origin.clicked.connect(self.origin_wanted)
        row.addWidget(self.mark)
        row.addWidget(self.words, 1)
        row.addWidget(self.origin)
