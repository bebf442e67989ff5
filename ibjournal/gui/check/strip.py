"""The strip above the checks: how many agree, are explained, differ, cannot be made; each count is a filter."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from ibjournal.analytics.reconciliation import CheckStatus
from ibjournal.gui import icons, theme
from ibjournal.gui.check_texts import mark_of
from ibjournal.gui.theme import Type
from ibjournal.gui.widgets import figures
from ibjournal.gui.widgets.labels import ElidedLabel, tool_button, with_key

_HEIGHT, _ICON, _GAP, _SIDE = 54, 17, 9, 10


class CountButton(QPushButton):
    """One count with its icon and words; checked while only these checks are shown."""

    def __init__(self, status: CheckStatus, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.status = status
        self.words = words
        self.count = 0
        self.setCheckable(True)
        self.setProperty("flat", True)
        self.setFixedHeight(36)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.set_count(0)

    def set_count(self, count: int) -> None:
        """Show a number; there is nothing to filter by zero."""
        self.count = count
        self.setAccessibleName(f"{figures.count(count)} {self.words}")
        self.setEnabled(count > 0 or self.isChecked())
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return room for icon, number and words."""
        look = theme.current()
        number = QFontMetrics(look.font(Type.TITLE)).horizontalAdvance(figures.count(self.count))
        words = QFontMetrics(look.font(Type.SECONDARY)).horizontalAdvance(self.words)
        return QSize(2 * _SIDE + _ICON + _GAP + number + _GAP + words, 36)

    def minimumSizeHint(self) -> QSize:
        """Give no way: a number is never cut."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint ground, icon, number, words."""
        super().paintEvent(event)
        look = theme.current()
        mark = mark_of(self.status)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.isChecked():
            painter.setPen(QPen(look.color("accent"), 1))
            painter.setBrush(look.color("selection"))
            painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 6, 6)
        tone = mark.tone if self.count else "text_muted"
        pix = icons.pixmap(mark.icon, size=_ICON, color=tone, dpr=self.devicePixelRatioF())
        painter.drawPixmap(_SIDE, (self.height() - _ICON) // 2, pix)
        left = _SIDE + _ICON + _GAP
        number, ink = look.font(Type.TITLE), QColor(look.color("text_strong" if self.count else "text_muted"))
        painter.setFont(number)
        painter.setPen(ink)
        metrics = QFontMetrics(number)
        base = (self.height() + metrics.ascent() - metrics.descent()) // 2
        painter.drawText(left, base, figures.count(self.count))
        left += metrics.horizontalAdvance(figures.count(self.count)) + _GAP
        painter.setFont(look.font(Type.SECONDARY))
        painter.setPen(look.color("text_muted"))
        painter.drawText(left, base, self.words)
        painter.end()


class _WholeLabel(ElidedLabel):
    """Shows its words whole or not at all: the status bar says the same."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the words where they fit."""
        if QFontMetrics(self.font()).horizontalAdvance(self.text()) <= self.contentsRect().width():
            super().paintEvent(event)


class CountStrip(QFrame):
    """The four counts, what they were compared with, and the tools."""

    filter_wanted = Signal(object)
    """A `CheckStatus` to show alone, or None for all."""
    export_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setFixedHeight(_HEIGHT)
        words = {
            CheckStatus.OK: self.tr("agree"),
            CheckStatus.EXPLAINED: self.tr("explained"),
            CheckStatus.DIFFERS: self.tr("differ, not explained"),
            CheckStatus.NOT_IN_REPORT: self.tr("not in the report"),
        }
        self.counts = {status: CountButton(status, text) for status, text in words.items()}
        self.about = _WholeLabel(role=Type.SECONDARY, tone="muted")
        self.about.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.save = tool_button("download", with_key(self.tr("Save the checks as CSV"), "Ctrl+Shift+E"))
        self.save.clicked.connect(self.export_wanted)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(8, 0, 8, 0)
        self.row.setSpacing(6)
        for button in self.counts.values():
            self.row.addWidget(button)
            button.clicked.connect(lambda _checked=False, button=button: self._on_clicked(button))
        self.row.addWidget(self.about, 1)
        self.row.addWidget(self.save)
        self._filler = QWidget()
        self._filler.hide()
        self.row.addWidget(self._filler, 1)

    def show_counts(self, counts: Mapping[CheckStatus, int], about: str) -> None:
        """Show how many checks came to what."""
        for status, button in self.counts.items():
            button.set_count(counts.get(status, 0))
        self.about.setText(about)

    def show_tools(self, *, shown: bool) -> None:
        """Show or hide what belongs to the figures alone."""
        for part in (*self.counts.values(), self.about, self.save):
            part.setVisible(shown)
        self._filler.setVisible(not shown)

    def set_only(self, status: CheckStatus | None) -> None:
        """Show by which result is filtered."""
        for each, button in self.counts.items():
            button.setChecked(each is status)
            button.set_count(button.count)

    def _on_clicked(self, button: CountButton) -> None:
        wanted = button.status if button.isChecked() else None
        self.set_only(wanted)
        self.filter_wanted.emit(wanted)
