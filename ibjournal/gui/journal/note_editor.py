"""The note of a trade: plain text that saves itself shortly after typing stops, and when it is left."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from ibjournal.domain.trade import TradeKey
from ibjournal.gui import theme
from ibjournal.gui.journal.note_keeper import NoteKeeper
from ibjournal.gui.theme import Space, Type
from ibjournal.gui.widgets import formats
from ibjournal.gui.widgets.labels import button, label, set_tone

PAUSE = 700
"""Milliseconds without typing after which a note is saved."""


class NoteEditor(QWidget):
    """Edits the note of one trade at a time; what was typed always wins over what a refresh brings."""

    def __init__(self, keeper: NoteKeeper, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keeper = keeper
        self._key: TradeKey | None = None
        self._changed_at: datetime | None = None
        self._dirty = False
        self._edits = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PAUSE)
        self.editor = QPlainTextEdit()
        self.editor.setAccessibleName(self.tr("Note"))
        self.editor.setPlaceholderText(self.tr("What did you see, plan, feel, learn?"))
        self.editor.setTabChangesFocus(True)
        self.editor.setFont(theme.current().font(Type.TEXT))
        self._state = label(role=Type.SECONDARY, tone="muted")
        self._again = button(self.tr("Save again"), small=True)
        self._again.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.PADDING, Space.GAP, Space.PADDING, Space.GAP)
        column.setSpacing(6)
        column.addWidget(self.editor, 1)
        foot = QHBoxLayout()
        foot.addWidget(self._state, 1)
        foot.addWidget(self._again)
        column.addLayout(foot)
        self._connect()

    @property
    def key(self) -> TradeKey | None:
        """The trade whose note is shown."""
        return self._key

    @property
    def state(self) -> str:
        """What is said below the text."""
        return self._state.text()

    def version(self) -> int | None:
        """Return a number that changes with every edit; None while what was typed is not on disk.

        A note that was read from disk may be shown only if this was a number before it was read, and is the same after:
        otherwise it may be older than what stands here.
        """
        on_disk = not self._dirty and (self._key is None or self._keeper.unsaved(self._key) is None)
        return self._edits if on_disk else None

    def show_note(self, key: TradeKey | None, text: str, changed_at: datetime | None) -> None:
        """Show a trade's note. The text of the same trade is replaced only where the user has nothing unsaved."""
        if key != self._key:
            self.flush()
        waiting = self._keeper.unsaved(key) if key is not None else None
        if key == self._key and (self._dirty or waiting is not None):
            return
        same = key == self._key
        self._key, self._changed_at = key, changed_at
        self.editor.setEnabled(key is not None)
        shown = waiting if waiting is not None else text
        if not same or shown != self.editor.toPlainText():
            self.editor.blockSignals(True)
            self.editor.setPlainText(shown)
            self.editor.blockSignals(False)
        self._dirty = False
        self._again.setVisible(waiting is not None)
        self._say_saved()

    def flush(self) -> None:
        """Save now what was typed."""
        self._timer.stop()
        if self._dirty and self._key is not None:
            self._dirty = False
            self._say(self.tr("Saving…"))
            self._keeper.save(self._key, self.editor.toPlainText())

    def finish(self) -> None:
        """Save now and wait until it is on disk; for the end of the program."""
        self.flush()
        self._keeper.finish()

    def hideEvent(self, event: QHideEvent) -> None:
        """Save when the note is left for another tab or screen."""
        self.flush()
        super().hideEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Save when the cursor leaves the text."""
        if watched is self.editor and event.type() == QEvent.Type.FocusOut:
            self.flush()
        return super().eventFilter(watched, event)

    def _connect(self) -> None:
        self.editor.textChanged.connect(self._on_typed)
        self.editor.installEventFilter(self)
        self._timer.timeout.connect(self.flush)
        self._again.clicked.connect(self._on_again)
        self._keeper.saved.connect(self._on_saved)
        self._keeper.failed.connect(self._on_failed)

    def _on_typed(self) -> None:
        self._dirty = True
        self._edits += 1
        self._timer.start()
        self._say("")

    def _on_again(self) -> None:
        self._dirty = True
        self.flush()

    def _on_saved(self, key: TradeKey, _changes: object) -> None:
        if key == self._key and not self._dirty:
            self._changed_at = datetime.now().astimezone()
            self._again.hide()
            self._say_saved()

    def _on_failed(self, key: TradeKey, _error: object) -> None:
        if key == self._key:
            self._say(self.tr("Not saved yet. The text stays here."), tone="negative")
            self._again.show()

    def _say_saved(self) -> None:
        if self._changed_at is None or not self.editor.toPlainText():
            self._say("")
        else:
            self._say(self.tr("Saved · {moment}").format(moment=formats.moment(self._changed_at)))

    def _say(self, text: str, *, tone: str = "muted") -> None:
        self._state.setText(text)
        set_tone(self._state, tone)
        self._state.setAlignment(Qt.AlignmentFlag.AlignLeft)
