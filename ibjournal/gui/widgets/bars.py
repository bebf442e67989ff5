"""The top bar with the pickers every screen obeys, and the status bar at the foot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from ibjournal.gui import icons
from ibjournal.gui.screen import StatusPart
from ibjournal.gui.theme import Space, Type
from ibjournal.gui.widgets.labels import ElidedLabel, button, icon_label, label, repolish, set_tone, tool_button, with_key
from ibjournal.gui.widgets.pickers import DepotPicker, PeriodPicker

_FRESHNESS_ROOM = 232
"""Pixels for the words on freshness, whatever they are: the pickers beside them must not walk about."""


class _FreshnessLabel(ElidedLabel):
    """Takes the same room whatever it says."""

    def sizeHint(self) -> QSize:
        """Return the room it always has."""
        return QSize(_FRESHNESS_ROOM, super().sizeHint().height())

    def event(self, event: QEvent) -> bool:
        """Keep the tooltip it was given, whether the words are cut or not."""
        return QLabel.event(self, event)


class TopBar(QWidget):
    """Title, depot, period, freshness, privacy, sync."""

    sync_wanted = Signal()
    cancel_wanted = Signal()
    mask_toggled = Signal(bool)

    def __init__(self, *, today: Callable[[], date] = date.today, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("topBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(Space.TOP_BAR)
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.EDGE_X, 0, Space.PADDING, 0)
        row.setSpacing(8)
        self._title = label("", role=Type.TITLE, tone="strong")
        self.depots = DepotPicker()
        self.periods = PeriodPicker(today=today)
        self._freshness = _FreshnessLabel("", role=Type.SECONDARY, tone="muted")
        self._freshness.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.privacy = tool_button("eye", with_key(self.tr("Hide amounts"), "Ctrl+Shift+M"), size=17)
        self.privacy.setCheckable(True)
        self.sync: QPushButton = button("", primary=True)
        row.addWidget(self._title)
        row.addStretch(1)
        row.addWidget(self.depots)
        row.addWidget(self.periods)
        row.addSpacing(12)
        row.addWidget(self._freshness)
        row.addWidget(self.privacy)
        row.addWidget(self.sync)
        self._running = False
        self.set_running(running=False)
        self.sync.clicked.connect(self._on_sync)
        self.privacy.toggled.connect(self._on_mask)

    def set_title(self, title: str, *, uses_period: bool = True) -> None:
        """Name the screen; a screen without a period hides that picker."""
        self._title.setText(title)
        self.periods.setVisible(uses_period)

    def set_freshness(self, text: str, *, short: str = "", details: str = "", stale: bool = False) -> None:
        """Say how far the data goes; ``short`` where there is no room for ``text``, ``details`` when the mouse rests there."""
        fits = self._freshness.fontMetrics().horizontalAdvance(text) <= _FRESHNESS_ROOM
        self._freshness.setText(text if fits or not short else short)
        set_tone(self._freshness, "warning" if stale else "muted")
        self._freshness.setToolTip(details or text)

    def freshness(self) -> str:
        """Return what the bar says about the data."""
        return self._freshness.text()

    def set_running(self, *, running: bool, text: str = "") -> None:
        """Turn the sync button into "Cancel" and back; ``text`` names depot and step beside it."""
        if running != self._running or not self.sync.text():
            self._running = running
            self.sync.setText(self.tr("Cancel") if running else self.tr("Sync"))
            self.sync.setProperty("primary", not running)
            icons.set_icon(self.sync, "x" if running else "refresh-cw", color="text_muted" if running else "accent_text")
            self.sync.setToolTip(
                self.tr("Stop the fetch") if running else with_key(self.tr("Fetch the reports of all depots"), "Ctrl+R")
            )
            repolish(self.sync)
        if running:
            self.set_freshness(text)

    def _on_sync(self) -> None:
        (self.cancel_wanted if self._running else self.sync_wanted).emit()

    def _on_mask(self, masked: bool) -> None:  # noqa: FBT001 - the slot of a toggle
        icons.set_icon(self.privacy, "eye-off" if masked else "eye", size=17, color="accent" if masked else "text_muted")
        self.privacy.setToolTip(with_key(self.tr("Show amounts") if masked else self.tr("Hide amounts"), "Ctrl+Shift+M"))
        self.mask_toggled.emit(masked)


class StatusBar(QWidget):
    """State counts at the left, the selection at the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("statusBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(Space.STATUS_BAR)
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.EDGE_X, 0, Space.EDGE_X, 0)
        row.setSpacing(16)
        self._left = QHBoxLayout()
        self._left.setSpacing(16)
        self._right = ElidedLabel("", role=Type.SECONDARY, tone="muted")
        self._right.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row.addLayout(self._left)
        row.addWidget(self._right, 1)

    def show_status(self, parts: Sequence[StatusPart], right: str = "") -> None:
        """Show these statements and the selection's words."""
        while (item := self._left.takeAt(0)) is not None:
            old = item.widget()
            if old is not None:
                old.hide()
                old.deleteLater()
        for part in parts:
            holder = QWidget()
            row = QHBoxLayout(holder)
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(6)
            if part.icon:
                row.addWidget(icon_label(part.icon, size=14, color=part.tone))
            tone = part.tone.removeprefix("text_")
            row.addWidget(label(part.text, role=Type.SECONDARY, tone=tone))
            self._left.addWidget(holder)
        self._right.setText(right)
        self.setAccessibleName(" · ".join([*(part.text for part in parts), right]).strip(" ·"))


class BusyLine(QProgressBar):
    """A line of two pixels under the top bar while something loads for longer than a moment."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("busy")
        self.setRange(0, 0)
        self.setTextVisible(False)
        self.setFixedHeight(2)
        self.setAccessibleName(self.tr("Working"))
        policy = self.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.setSizePolicy(policy)
        self.hide()
