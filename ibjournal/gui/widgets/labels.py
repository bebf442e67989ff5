"""Labels and buttons in the steps of the type scale; small functions so that screens read as lists of words."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QFontMetrics, QKeyEvent, QKeySequence, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from ibjournal.gui import icons, theme
from ibjournal.gui.theme import Type


def label(text: str = "", *, role: Type = Type.TEXT, tone: str = "", wrap: bool = False, selectable: bool = False) -> QLabel:
    """Return a label in a step of the type scale and a colour (``muted``, ``strong``, ``positive``, ``warning`` …)."""
    result = QLabel(text)
    result.setTextFormat(Qt.TextFormat.PlainText)
    result.setFont(theme.current().font(role))
    result.setWordWrap(wrap)
    if tone:
        result.setProperty("tone", tone)
    if selectable:
        result.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
    return result


def rich_label(text: str = "", *, tone: str = "", wrap: bool = True) -> QLabel:
    """Return a label for text of our own with ``<b>`` in it; never for text from outside."""
    result = label("", tone=tone, wrap=wrap)
    result.setTextFormat(Qt.TextFormat.RichText)
    result.setText(text)
    return result


def set_tone(widget: QWidget, tone: str) -> None:
    """Change a label's colour name."""
    if widget.property("tone") != tone:
        widget.setProperty("tone", tone)
        repolish(widget)


def repolish(widget: QWidget) -> None:
    """Make the style sheet see a changed dynamic property."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    widget.update()


def icon_label(name: str, *, size: int = 16, color: str = "text_muted") -> QLabel:
    """Return a label that shows an icon."""
    result = QLabel()
    result.setFixedSize(size, size)
    icons.set_icon(result, name, size=size, color=color)
    return result


class PushButton(QPushButton):
    """A button that Enter presses while it has the focus. Qt does that for buttons that may become the default by themselves."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Press it; else a window would press its default button, which is another one."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)


def button(text: str, *, icon: str = "", primary: bool = False, small: bool = False, danger: bool = False) -> QPushButton:
    """Return a push button; at most one ``primary`` per window."""
    result = PushButton(text)
    result.setAutoDefault(False)
    for name, value in (("primary", primary), ("small", small), ("danger", danger)):
        if value:
            result.setProperty(name, True)
    if small:
        result.setFont(theme.current().font(Type.SECONDARY))
    if icon:
        icons.set_icon(
            result, icon, size=14 if small else 16, color="accent_text" if primary else "negative" if danger else "text_muted"
        )
    return result


def tool_button(icon: str, tooltip: str, *, size: int = 16, color: str = "text_muted") -> QToolButton:
    """Return a lone icon button; ``tooltip`` is its accessible name too."""
    result = QToolButton()
    icons.set_icon(result, icon, size=size, color=color, color_on="accent")
    result.setToolTip(tooltip)
    result.setAccessibleName(tooltip)
    result.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return result


def with_key(words: str, key: str) -> str:
    """Return the words of a hint with the keys that do the same, as the user's keyboard names them: ``Sync (Ctrl+R)``."""
    return f"{words} ({QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)})"


def hairline() -> QFrame:
    """Return a horizontal line of one pixel."""
    line = QFrame()
    line.setObjectName("hairline")
    line.setFixedHeight(1)
    return line


class ElidedLabel(QLabel):
    """A one-line label that gives way: its text is cut with an ellipsis, and the tooltip then tells the whole."""

    def __init__(
        self,
        text: str = "",
        *,
        role: Type = Type.TEXT,
        tone: str = "",
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._mode = mode
        self.setFont(theme.current().font(role))
        self.setTextFormat(Qt.TextFormat.PlainText)
        if tone:
            self.setProperty("tone", tone)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setText(text)

    def minimumSizeHint(self) -> QSize:
        """Return room for a few letters."""
        return QSize(QFontMetrics(self.font()).horizontalAdvance("…") * 2, super().minimumSizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the text, cut where it does not fit."""
        painter = QPainter(self)
        metrics = QFontMetrics(self.font())
        text = metrics.elidedText(self.text(), self._mode, self.contentsRect().width())
        self.style().drawItemText(
            painter,
            self.contentsRect(),
            int(self.alignment() | Qt.AlignmentFlag.AlignVCenter),
            self.palette(),
            self.isEnabled(),
            text,
            QPalette.ColorRole.WindowText,
        )
        painter.end()

    def event(self, event: QEvent) -> bool:
        """Show the whole text as a tooltip, only when it is cut."""
        if event.type() == QEvent.Type.ToolTip:
            cut = QFontMetrics(self.font()).horizontalAdvance(self.text()) > self.contentsRect().width()
            self.setToolTip(self.text() if cut else "")
        return super().event(event)
