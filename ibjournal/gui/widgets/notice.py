"""A line of advice in a form: icon, sentence, and one thing that can be done about it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QBoxLayout, QFrame, QWidget

from ibjournal.gui.widgets.labels import button, icon_label, label


class Notice(QFrame):
    """A line under a field or a query: icon, sentence, and one thing that can be done about it. Hidden while it says nothing."""

    acted = Signal()

    def __init__(self, parent: QWidget | None = None, *, kind: str = "warning") -> None:
        """``kind``: ``warning`` or ``info``."""
        super().__init__(parent)
        self.setObjectName(f"{kind}Box")
        row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        row.setContentsMargins(10, 7, 10, 7)
        row.setSpacing(8)
        icon = "info" if kind == "info" else "triangle-alert"
        row.addWidget(icon_label(icon, size=15, color=kind))
        self._text = label("", wrap=True)
        row.addWidget(self._text, 1)
        self.button = button("", small=True)
        row.addWidget(self.button)
        self.button.clicked.connect(self.acted)
        self.hide()

    def say(self, text: str, action: str = "") -> None:
        """Say a sentence and offer an action; nothing hides it."""
        self._text.setText(text)
        self.button.setText(action)
        self.button.setVisible(bool(action))
        self.setAccessibleName(text)
        self.setVisible(bool(text))

    def words(self) -> str:
        """Return what it says."""
        return self._text.text() if not self.isHidden() else ""
