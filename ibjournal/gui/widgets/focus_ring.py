"""A ring around the control that has the keyboard; the pointer leaves none."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QFocusEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QAbstractScrollArea, QAbstractSpinBox, QApplication, QComboBox, QLineEdit, QWidget
from shiboken6 import isValid

from ibjournal.gui import theme

_BY_KEYBOARD = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)
_MOVED = (QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.Hide)
_WIDTH = 2
_OUTSET = 3
"""How far the ring reaches out: a pixel of ground shows between it and the control, which may have its colour."""


class FocusRing(QObject):
    """Follows the focus of the whole application. Tables draw a ring of their own around the current cell.

    Qt's own frame lives beside the control and is cut off by a parent without margins; this one lives in the window, or
    in the scrolled page that holds the control.
    """

    def __init__(self) -> None:
        super().__init__()
        self._widget: QWidget | None = None
        self._frame: _Frame | None = None

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

    def widget(self) -> QWidget | None:
        """Return the control with the ring."""
        return self._widget if self._widget is not None and isValid(self._widget) else None

    def frame(self) -> QWidget | None:
        """Return the ring itself."""
        return self._frame if self._frame is not None and isValid(self._frame) else None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Move the ring to the control that got the keyboard, or take it away."""
        kind = event.type()
        if kind == QEvent.Type.FocusIn and isinstance(event, QFocusEvent) and isinstance(watched, QWidget):
            ringed = isinstance(watched, QAbstractButton | QLineEdit | QComboBox | QAbstractSpinBox) or bool(
                watched.property("ringed")
            )
            self._surround(watched if ringed and event.reason() in _BY_KEYBOARD else None)
        elif self._widget is not None:
            if kind == QEvent.Type.MouseButtonPress:
                self._surround(None)
            elif kind in _MOVED and isinstance(watched, QWidget):
                self._follow(watched)
        return super().eventFilter(watched, event)

    def _surround(self, widget: QWidget | None) -> None:
        old = self.frame()
        if old is not None:
            old.hide()
            old.deleteLater()
        self._widget = widget
        self._frame = _Frame(_page_of(widget)) if widget is not None else None
        self._place()

    def _follow(self, watched: QWidget) -> None:
        widget = self.widget()
        if widget is not None and (watched is widget or watched.isAncestorOf(widget)):
            self._place()

    def _place(self) -> None:
        frame, widget = self.frame(), self.widget()
        page = frame.parentWidget() if frame is not None else None
        if frame is None or page is None or widget is None:
            return
        place = QRect(widget.mapTo(page, QPoint()), widget.size())
        frame.setGeometry(place.adjusted(-_OUTSET, -_OUTSET, _OUTSET, _OUTSET))
        frame.setVisible(widget.isVisible())
        frame.raise_()


class _Frame(QWidget):
    """The ring; lets the pointer through."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the ring."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.current().color("focus"), _WIDTH))
        half = _WIDTH / 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(half, half, -half, -half), 8, 8)
        painter.end()


def _page_of(widget: QWidget) -> QWidget:
    """Return the page that scrolls with the control, else its window: nothing on the way may cut the ring."""
    page = widget
    while not page.isWindow():
        above = page.parentWidget()
        if above is None:
            break
        area = above.parentWidget()
        if isinstance(area, QAbstractScrollArea) and area.viewport() is above and page is not widget:
            return page
        page = above
    return page
