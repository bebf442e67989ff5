"""The strip above a list of strategies or campaigns: what can be done with the selected rows, always in the same place."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from ibjournal.gui.theme import Space, Type
from ibjournal.gui.widgets.labels import ElidedLabel, button, with_key


class ActionStrip(QWidget):
    """Words at the left, actions at the right; an action that is not possible now is disabled and never goes away."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("filterBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(Space.PANEL_HEAD)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 0, 12, 0)
        self._row.setSpacing(6)
        self.words = ElidedLabel(role=Type.SECONDARY, tone="muted")
        self._row.addWidget(self.words, 1)
        self.buttons: dict[str, QPushButton] = {}
        self._actions: dict[str, Callable[[], object]] = {}

    def add(self, name: str, words: str, tip: str, keys: str, action: Callable[[], object], *, icon: str = "") -> None:
        """Add an action with its key; the key works wherever the keyboard is in this part of the screen."""
        made = button(words, icon=icon, small=True)
        made.setToolTip(with_key(tip, keys) if keys else tip)
        made.setEnabled(False)
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        made.clicked.connect(lambda: self.trigger(name))
        self.buttons[name] = made
        self._actions[name] = action
        self._row.addWidget(made)

    def bind(self, name: str, keys: str, over: QWidget) -> None:
        """Let keys trigger an action while ``over`` or something in it has the keyboard."""
        shortcut = QShortcut(QKeySequence(keys), over)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(lambda: self.trigger(name))

    def enable(self, **possible: bool) -> None:
        """Say which actions are possible."""
        for name, able in possible.items():
            self.buttons[name].setEnabled(able)

    def trigger(self, name: str) -> bool:
        """Do it, if it is possible; return whether it was."""
        if not self.buttons[name].isEnabled():
            return False
        self._actions[name]()
        return True
