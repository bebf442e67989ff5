"""The icon in the tray: how the journal is, and the few things one does without opening it."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QAction, QColor, QIcon, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from ibjournal.gui import theme
from ibjournal.gui.widgets.sidebar import program_mark

_SIZE = 64
_DOT = 26.0


class TrayState(Enum):
    """How the journal is; the value is the colour of the dot, none where all is well."""

    IDLE = ""
    SYNCING = "info"
    STALE = "warning"
    NEEDS_USER = "negative"


class Tray(QObject):
    """The icon with its menu; on a desktop without a tray it is never seen, and nothing else is missing."""

    open_wanted = Signal()
    fetch_wanted = Signal()
    cancel_wanted = Signal()
    quit_wanted = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = TrayState.IDLE
        self._words = ""
        self.menu = QMenu()
        self.open_action = QAction(self.tr("Open ibjournal"), self.menu)
        self.fetch_action = QAction(self.tr("Fetch now"), self.menu)
        self.quit_action = QAction(self.tr("Quit"), self.menu)
        self.menu.addAction(self.open_action)
        self.menu.addAction(self.fetch_action)
        self.menu.addSeparator()
        self.menu.addAction(self.quit_action)
        self.open_action.triggered.connect(self.open_wanted)
        self.fetch_action.triggered.connect(self._on_fetch)
        self.quit_action.triggered.connect(self.quit_wanted)
        self.icon = QSystemTrayIcon(self)
        self.icon.setContextMenu(self.menu)
        self.icon.activated.connect(self._on_activated)
        self.icon.messageClicked.connect(self.open_wanted)
        self.show_state(TrayState.IDLE)

    @staticmethod
    def available() -> bool:
        """Whether this desktop has a tray."""
        return QSystemTrayIcon.isSystemTrayAvailable()

    @property
    def state(self) -> TrayState:
        """What the icon shows."""
        return self._state

    @property
    def shown(self) -> bool:
        """Whether the icon is there, so that the window may be closed behind it."""
        return self.icon.isVisible() and self.available()

    def set_wanted(self, *, wanted: bool) -> None:
        """Show the icon, where there is a tray by now, or take it away."""
        self.icon.setVisible(wanted and self.available())

    def show_state(self, state: TrayState, words: str = "") -> None:
        """Show how the journal is; ``words`` follow in the tooltip."""
        self._state, self._words = state, words
        sentences = {
            TrayState.IDLE: self.tr("Up to date"),
            TrayState.SYNCING: self.tr("Fetching reports"),
            TrayState.STALE: self.tr("The figures are not up to date"),
            TrayState.NEEDS_USER: self.tr("Needs you: open ibjournal"),
        }
        self.icon.setIcon(_icon(state))
        self.icon.setToolTip("\n".join(part for part in ("ibjournal", sentences[state], words) if part))
        self.fetch_action.setText(self.tr("Stop the fetch") if state is TrayState.SYNCING else self.tr("Fetch now"))

    def tell(self, title: str, text: str) -> None:
        """Show a notification of the system, where it has such a thing."""
        if self.shown and QSystemTrayIcon.supportsMessages():
            self.icon.showMessage(title, text, self.icon.icon())

    def close(self) -> None:
        """Take the icon away for good; the desktop would keep a dead one for a while."""
        self.icon.hide()
        self.menu.deleteLater()

    def _on_fetch(self) -> None:
        (self.cancel_wanted if self._state is TrayState.SYNCING else self.fetch_wanted).emit()

    def _on_activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in (QSystemTrayIcon.ActivationReason.Trigger, QSystemTrayIcon.ActivationReason.DoubleClick):
            self.open_wanted.emit()


def _icon(state: TrayState) -> QIcon:
    pixmap: QPixmap = program_mark(_SIZE)
    if state.value:
        ratio = pixmap.devicePixelRatio()
        side = pixmap.width() / ratio
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(Qt.GlobalColor.white), 3))
        painter.setBrush(theme.current().color(state.value))
        painter.drawEllipse(QRectF(QPointF(side - _DOT - 2, side - _DOT - 2), QPointF(side - 2, side - 2)))
        painter.end()
    return QIcon(pixmap)
