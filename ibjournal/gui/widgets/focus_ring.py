"""A ring around the control that has the keyboard; the pointer leaves none."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QFocusEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QApplication, QComboBox, QFocusFrame, QLineEdit, QWidget

from ibjournal.gui import theme

_BY_KEYBOARD = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)
_WIDTH = 2


class FocusRing(QFocusFrame):
    """Follows the focus of the whole application. Tables draw a ring of their own around the current cell."""

    def __init__(self) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def install(self) -> None:
        """Watch the application."""
        app = QApplication.instance()
        if app is not None:
            app.installEventFilter(self)

    def remove(self) -> None:
        """Watch no longer."""
        app = QApplication.instance()
        if app is not None:
            app.removeEventFilter(self)
        self._surround(None)

    def _surround(self, widget: QWidget | None) -> None:
        self.setWidget(widget)  # type: ignore[arg-type]  # Qt takes none, too

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Move the ring to the control that got the keyboard, or take it away."""
        if event.type() == QEvent.Type.FocusIn and isinstance(event, QFocusEvent) and isinstance(watched, QWidget):
            ringed = isinstance(watched, QAbstractButton | QLineEdit | QComboBox | QAbstractSpinBox)
            self._surround(watched if ringed and event.reason() in _BY_KEYBOARD else None)
        elif event.type() == QEvent.Type.MouseButtonPress and self.widget() is not None:
            self._surround(None)
        return super().eventFilter(watched, event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the ring."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.current().color("focus"), _WIDTH))
        half = _WIDTH / 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(half, half, -half, -half), 7, 7)
        painter.end()
