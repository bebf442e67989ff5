"""The bar below the top bar that says what went wrong and offers one next step; never over a table."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPalette, QResizeEvent, QTextLayout, QTextOption
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from ibjournal.gui import icons, theme
from ibjournal.gui.theme import Space, Type
from ibjournal.gui.widgets.labels import ElidedLabel, button, icon_label, label, repolish, tool_button


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What the bar says. ``kind``: ``warning``, ``info`` or ``negative``; ``data`` comes back with the button.

    A message that ``waits`` has time, such as a reminder: what the user has just asked for is answered before it.
    """

    title: str
    text: str = ""
    button: str = ""
    icon: str = "triangle-alert"
    kind: str = "warning"
    data: object = None
    waits: bool = False


class TwoLineLabel(QLabel):
    """Small words on one line or two; what is longer is cut with an ellipsis, and the tooltip then tells the whole."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(theme.current().font(Type.SECONDARY))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def minimumSizeHint(self) -> QSize:
        """Return room for two lines of a few words."""
        return QSize(120, 2 * QFontMetrics(self.font()).lineSpacing())

    def sizeHint(self) -> QSize:
        """Return the same: it takes the width that is left over."""
        return self.minimumSizeHint()

    def lines(self) -> list[str]:
        """Return the text as it fits now, a line each."""
        text, width = self.text(), self.contentsRect().width()
        layout = QTextLayout(text, self.font())
        layout.setTextOption(QTextOption(Qt.AlignmentFlag.AlignLeft))
        layout.beginLayout()
        line = layout.createLine()
        if not line.isValid():
            return []
        line.setLineWidth(width)
        line.setPosition(QPointF(0, 0))
        end = line.textLength()
        layout.endLayout()
        first, rest = text[:end].rstrip(), text[end:].strip()
        return [first, QFontMetrics(self.font()).elidedText(rest, Qt.TextElideMode.ElideRight, width)] if rest else [first]

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the lines, in the middle of the height."""
        painter = QPainter(self)
        metrics = QFontMetrics(self.font())
        painter.setFont(self.font())
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        lines = self.lines()
        top = (self.height() - len(lines) * metrics.lineSpacing()) // 2
        for number, line in enumerate(lines):
            painter.drawText(0, top + number * metrics.lineSpacing() + metrics.ascent(), line)
        painter.end()

    def event(self, event: QEvent) -> bool:
        """Show the whole text as a tooltip, only when it is cut."""
        if event.type() == QEvent.Type.ToolTip:
            self.setToolTip(self.text() if "".join(self.lines()).endswith("…") else "")
        return super().event(event)


class ErrorBar(QWidget):
    """Shows one message at a time and says how many more there are; the next one comes when this one is closed."""

    acted = Signal(object)
    """The button was pressed; carries `Message.data`."""
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("errorBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(Space.ERROR_BAR)
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.EDGE_X, 0, 12, 0)
        row.setSpacing(8)
        self._icon = icon_label("triangle-alert", size=18, color="warning")
        self._title = ElidedLabel("", role=Type.STRONG, tone="strong")
        self._text = TwoLineLabel()
        self._more = label("", role=Type.SECONDARY, tone="muted")
        self._button = button("", small=True)
        self._close = tool_button("x", self.tr("Close"))
        row.addWidget(self._icon)
        row.addSpacing(2)
        row.addWidget(self._title)
        row.addWidget(self._text, 1)
        row.addWidget(self._more)
        row.addWidget(self._button)
        row.addWidget(self._close)
        self._button.clicked.connect(self._act)
        self._close.clicked.connect(self.dismiss)
        self._messages: list[Message] = []
        self.hide()

    @property
    def message(self) -> Message | None:
        """The message that is shown."""
        return self._messages[0] if self._messages else None

    def show_message(self, message: Message) -> None:
        """Show a message, or queue it; before those that wait. The same words are not queued twice."""
        if any((known.title, known.text) == (message.title, message.text) for known in self._messages):
            return
        place = next((at for at, known in enumerate(self._messages) if _rank(known) > _rank(message)), len(self._messages))
        self._messages.insert(place, message)
        self._show()

    def dismiss(self) -> None:
        """Drop the message that is shown."""
        if self._messages:
            self._messages.pop(0)
        self._show()
        self.closed.emit()

    def clear(self, data: object = None) -> None:
        """Drop all messages, or those with this ``data``."""
        self._messages = [] if data is None else [message for message in self._messages if message.data != data]
        self._show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave half of the bar to the sentence, however long the names in the title are."""
        super().resizeEvent(event)
        self._title.setMaximumWidth(self.width() // 2)

    def _act(self) -> None:
        message = self.message
        if message is not None:
            self.acted.emit(message.data)

    def _show(self) -> None:
        message = self.message
        if message is not None:
            icons.set_icon(self._icon, message.icon, size=18, color=message.kind)
            self._title.setText(message.title)
            self._text.setText(message.text)
            self._button.setText(message.button)
            self._button.setVisible(bool(message.button))
            self._count(len(self._messages) - 1)
            self.setProperty("kind", message.kind)
            self.setAccessibleName(f"{message.title} {message.text}")
            repolish(self)
        self.setVisible(message is not None)

    def _count(self, more: int) -> None:
        self._more.setText("" if not more else self.tr("1 more") if more == 1 else self.tr("%Ln more", "", more))
        self._more.setToolTip("\n".join(message.title for message in self._messages[1:]))
        self._more.setVisible(bool(more))


def _rank(message: Message) -> int:
    """Return what comes first: what endangers data, then answers to the user, then what has time; good news last of these."""
    if message.kind == "negative":
        return 0
    return 1 if not message.waits else 3 if message.kind == "info" else 2
