"""The field for a token: masked in groups of four, shown only while a button is held, never kept, never dragged out."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QSize, Qt, Signal
from PySide6.QtGui import (
    QClipboard,
    QContextMenuEvent,
    QDropEvent,
    QFocusEvent,
    QFont,
    QFontMetrics,
    QGuiApplication,
    QInputMethodEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from ibjournal.gui import icons, theme
from ibjournal.gui.theme import Type
from ibjournal.gui.widgets.labels import button, label, set_tone, tool_button
from ibjournal.services.credentials import clean_token, inspect_token

_GROUP = 4
_DOT = "●"
_DOT_SIZE = 8
_LONGEST = 24
_AIR = 36
"""Padding, border and cursor of the field."""


class TokenEdit(QLineEdit):
    """A line that holds a token apart from what it shows, so that Qt's undo, drag and copy only ever see dots."""

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._token = ""
        self._shown = False
        self.setDragEnabled(False)
        self.setAcceptDrops(True)
        self.setInputMethodHints(Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText)
        self.setReadOnly(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)

    def minimumSizeHint(self) -> QSize:
        """Return room for a whole token, hidden or shown: one that is cut looks as if digits were missing."""
        digits = theme.current().font(Type.TEXT)
        groups = " ".join("0" * _GROUP for _ in range(_LONGEST // _GROUP))
        wanted = max(
            QFontMetrics(font).horizontalAdvance(text)
            for font, text in ((digits, groups), (_dots(digits), groups.replace("0", _DOT)))
        )
        return QSize(wanted + _AIR, super().minimumSizeHint().height())

    @property
    def token(self) -> str:
        """What was entered, without spaces and line ends."""
        return self._token

    def set_token(self, text: str) -> None:
        """Take a text as the token; white space is taken out."""
        token = clean_token(text)
        if token != self._token:
            self._token = token
            self._draw()
            self.edited.emit()

    def set_shown(self, *, shown: bool) -> None:
        """Show the digits, or dots."""
        self._shown = shown
        self._draw()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Type at the end, delete at the end, paste, and nothing that would copy or undo."""
        key, text = event.key(), event.text()
        if event.matches(QKeySequence.StandardKey.Paste):
            self.paste()
        elif key in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete):
            self.set_token("" if self.hasSelectedText() else self._token[:-1])
        elif event.matches(QKeySequence.StandardKey.SelectAll):
            self.selectAll()
        elif any(
            event.matches(denied)
            for denied in (
                QKeySequence.StandardKey.Copy,
                QKeySequence.StandardKey.Cut,
                QKeySequence.StandardKey.Undo,
                QKeySequence.StandardKey.Redo,
            )
        ):
            event.accept()
        elif text and text.isprintable() and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.set_token(text if self.hasSelectedText() else self._token + text)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape, Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            event.ignore()  # the dialog's

    def paste(self) -> None:
        """Take the clipboard's text as the token; the clipboard stays as it is."""
        self._take(QGuiApplication.clipboard().mimeData())

    def dropEvent(self, event: QDropEvent) -> None:
        """Take what is dropped as the token."""
        self._take(event.mimeData())
        event.acceptProposedAction()

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """Type what an input method gives, once it is sure of it; nothing is seen before."""
        text = event.commitString()
        if text:
            self.set_token(text if self.hasSelectedText() else self._token + text)
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Paste what is selected elsewhere with the middle button, where systems do so; never make a selection of digits."""
        if event.button() == Qt.MouseButton.MiddleButton:
            clipboard = QGuiApplication.clipboard()
            if clipboard.supportsSelection():
                self._take(clipboard.mimeData(QClipboard.Mode.Selection))
            event.accept()
        elif self._shown:
            event.accept()
        else:
            super().mouseReleaseEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Never start a drag."""
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer no menu: it could copy."""
        event.accept()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide the digits again."""
        super().focusOutEvent(event)
        self.set_shown(shown=False)

    def _take(self, data: QMimeData | None) -> None:
        if data is not None and data.hasText():
            self.set_token(data.text()[:200])

    def _draw(self) -> None:
        font = theme.current().font(Type.TEXT)
        self.setFont(_dots(font) if self._token and not self._shown else font)
        text = self._token if self._shown else _DOT * len(self._token)
        self.setText(" ".join(text[start : start + _GROUP] for start in range(0, len(text), _GROUP)))
        self.end(False)


def _dots(font: QFont) -> QFont:
    """Return the font in which dots stand for digits."""
    dots = QFont(font)
    dots.setPixelSize(_DOT_SIZE)
    dots.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 2)
    dots.setWordSpacing(5)
    return dots


class TokenField(QWidget):
    """The token line with *Show* (while held), *Paste*, and a line that counts the digits."""

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        row = QHBoxLayout()
        row.setSpacing(8)
        self.line = TokenEdit()
        self.line.setAccessibleName(self.tr("Token"))
        self.show_button = tool_button("eye", self.tr("Show while held"))
        self.show_button.setProperty("framed", True)
        self.paste_button = button(self.tr("Paste"), icon="clipboard-paste")
        row.addWidget(self.line, 1)
        row.addWidget(self.show_button)
        row.addWidget(self.paste_button)
        column.addLayout(row)
        self._hint_icon = QLabel()
        self._hint = label("", role=Type.SECONDARY, tone="muted")
        room = self._hint.sizePolicy()
        room.setRetainSizeWhenHidden(True)  # what stands below must not jump while one types
        self._hint.setSizePolicy(room)
        self._hint.setFixedHeight(self._hint.fontMetrics().height() + 2)
        below = QHBoxLayout()
        below.setSpacing(5)
        below.addWidget(self._hint_icon)
        below.addWidget(self._hint, 1)
        column.addLayout(below)
        self.show_button.pressed.connect(lambda: self.line.set_shown(shown=True))
        self.show_button.released.connect(lambda: self.line.set_shown(shown=False))
        self.paste_button.clicked.connect(self.line.paste)
        self.line.edited.connect(self._on_edited)
        self._empty_hint = self.tr("22 to 24 digits")
        self._on_edited()

    @property
    def token(self) -> str:
        """What was entered, without spaces."""
        return self.line.token

    def set_empty_hint(self, text: str) -> None:
        """Say below the empty field what leaving it empty means."""
        self._empty_hint = text
        self._on_edited()

    def clear(self) -> None:
        """Forget what was entered."""
        self.line.set_token("")

    def hint(self) -> str:
        """Return the words below the field."""
        return self._hint.text()

    def show_fault(self, text: str) -> None:
        """Say what is wrong with the token."""
        self._say(text, "negative", "circle-alert")

    def _on_edited(self) -> None:
        count = len(self.token)
        if not count:
            self._say(self._empty_hint, "muted", "")
        elif not self.token.isdecimal():
            self._say(self.tr("A token usually has digits only."), "warning", "triangle-alert")
        elif inspect_token(self.token).usual:
            self._say(self.tr("%n digits, the length is right", "", count), "positive", "check")
        else:
            words = self.tr("1 digit") if count == 1 else self.tr("%n digits", "", count)
            self._say(self.tr("{digits}; a token usually has 22 to 24").format(digits=words), "warning", "triangle-alert")
        self.edited.emit()

    def _say(self, text: str, tone: str, icon: str) -> None:
        self._hint.setText(text)
        self._hint.setVisible(bool(text))
        set_tone(self._hint, tone)
        self._hint_icon.setVisible(bool(icon))
        if icon:
            icons.set_icon(self._hint_icon, icon, size=14, color=tone)
