"""The bar below the top bar that says what went wrong and offers one next step; never over a table."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ibjournal.gui import icons
from ibjournal.gui.theme import Space, Type
from ibjournal.gui.widgets.labels import ElidedLabel, button, icon_label, label, repolish, tool_button


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What the bar says. ``kind``: ``warning``, ``info`` or ``negative``; ``data`` comes back with the button."""

    title: str
    text: str = ""
    button: str = ""
    icon: str = "triangle-alert"
    kind: str = "warning"
    data: object = None


class ErrorBar(QWidget):
    """Shows one message at a time; the next one waits until this one is closed or acted upon."""

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
        self._title = label("", role=Type.STRONG, tone="strong")
        self._text = ElidedLabel("")
        self._button = button("", small=True)
        self._close = tool_button("x", self.tr("Close"))
        row.addWidget(self._icon)
        row.addSpacing(2)
        row.addWidget(self._title)
        row.addWidget(self._text, 1)
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
        """Show a message, or queue it behind the one that is shown; the same words are not queued twice."""
        if any((known.title, known.text) == (message.title, message.text) for known in self._messages):
            return
        self._messages.append(message)
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
            self.setProperty("kind", message.kind)
            self.setAccessibleName(f"{message.title} {message.text}")
            repolish(self)
        self.setVisible(message is not None)
