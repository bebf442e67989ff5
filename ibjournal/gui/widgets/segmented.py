"""A row of joined buttons of which one is chosen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QWidget

from ibjournal.gui import theme
from ibjournal.gui.theme import Type


class SegmentedControl(QWidget):
    """Joined buttons, one checked. ``changed`` carries the key that the user chose."""

    changed = Signal(str)

    def __init__(
        self, options: Sequence[tuple[str, str]], *, name: str = "", small: bool = False, parent: QWidget | None = None
    ) -> None:
        """Build the buttons from ``(key, words)``; ``name`` is the accessible name of the whole."""
        super().__init__(parent)
        self.setAccessibleName(name)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._words = dict(options)
        self._buttons: dict[str, QPushButton] = {}
        for index, (key, words) in enumerate(options):
            item = QPushButton(words)
            item.setCheckable(True)
            item.setAutoDefault(False)
            item.setFont(theme.current().font(Type.SECONDARY))
            place = "only" if len(options) == 1 else "first" if index == 0 else "last" if index == len(options) - 1 else "middle"
            item.setProperty("segment", place)
            if small:
                item.setProperty("small", True)
            item.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            item.clicked.connect(lambda _checked=False, key=key: self.changed.emit(key))
            self._group.addButton(item)
            self._buttons[key] = item
            row.addWidget(item)
            self._reserve(item)
        if options:
            self._buttons[options[0][0]].setChecked(True)

    @property
    def current(self) -> str:
        """The chosen key, empty when there is none."""
        return next((key for key, item in self._buttons.items() if item.isChecked()), "")

    @property
    def keys(self) -> tuple[str, ...]:
        """All keys, in order."""
        return tuple(self._buttons)

    def set_current(self, key: str) -> None:
        """Choose without telling anybody; an unknown key leaves none chosen."""
        if key in self._buttons:
            self._buttons[key].setChecked(True)
        else:
            self._group.setExclusive(False)
            for item in self._buttons.values():
                item.setChecked(False)
            self._group.setExclusive(True)

    def set_count(self, key: str, count: int | None) -> None:
        """Show a number beside the words of one button."""
        words = self._words[key]
        self._buttons[key].setText(words if count is None else f"{words}  {count}")
        self._reserve(self._buttons[key])

    def _reserve(self, item: QPushButton) -> None:
        """Leave room for the bold words of a checked button, so that nothing moves."""
        bold = QFontMetrics(theme.current().font(Type.SECONDARY_STRONG))
        item.setMinimumWidth(bold.horizontalAdvance(item.text()) + 24)

    def button(self, key: str) -> QPushButton:
        """Return one of the buttons."""
        return self._buttons[key]
