"""The dot by which a depot is recognised, and the row of colours to choose it from."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QToolButton, QWidget

from ibjournal.gui import theme

COLORS = tuple(f"series_{number}" for number in range(1, 9))
"""The colours a depot may have."""
_SHARP = 2.0


def depot_dot(color: str, size: int = 10) -> QIcon:
    """Return a dot in a colour of the theme; an empty icon where a depot has no colour."""
    if not color:
        return QIcon()
    return QIcon(_dot(color, size))


def _dot(color: str, size: int) -> QPixmap:
    picture = QPixmap(round(size * _SHARP), round(size * _SHARP))
    picture.setDevicePixelRatio(_SHARP)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.current().color(color))
    painter.drawEllipse(QRectF(0, 0, size, size))
    painter.end()
    return picture


class ColorChoice(QWidget):
    """A row of dots of which one is chosen; the arrow keys walk."""

    changed = Signal(str)

    def __init__(self, colors: Sequence[str], *, name: str, current: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QToolButton] = {}
        for number, color in enumerate(colors, start=1):
            item = QToolButton()
            item.setObjectName("colorDot")
            item.setCheckable(True)
            item.setIconSize(QSize(14, 14))
            item.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            words = f"{name} {number}"
            item.setAccessibleName(words)
            item.setToolTip(words)
            item.clicked.connect(lambda _checked=False, color=color: self.changed.emit(color))
            self._group.addButton(item)
            self._buttons[color] = item
            row.addWidget(item)
        row.addStretch(1)
        if current in self._buttons:
            self._buttons[current].setChecked(True)
        self._draw()
        theme.notifier().changed.connect(self._draw)

    @property
    def current(self) -> str:
        """The chosen colour's name, empty when there is none."""
        return next((color for color, item in self._buttons.items() if item.isChecked()), "")

    def button(self, color: str) -> QToolButton:
        """Return the dot of a colour."""
        return self._buttons[color]

    def _draw(self) -> None:
        for color, item in self._buttons.items():
            item.setIcon(depot_dot(color, 14))
