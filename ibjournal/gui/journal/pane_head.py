"""The head of a pane: what is shown, its one figure, and chips that say how it stands."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ibjournal.gui.theme import Space, Type
from ibjournal.gui.widgets import formats
from ibjournal.gui.widgets.labels import ElidedLabel, label, set_tone, tool_button
from ibjournal.gui.widgets.panel import Chip

_TONES = {1: "positive", -1: "negative", 0: "muted"}


class PaneHead(QWidget):
    """Symbol and title, muted terms, the figure with its arrow, chips; buttons for back, forth and close."""

    close_wanted = Signal()
    step_wanted = Signal(int)

    def __init__(self, *, back: str, forth: str, parent: QWidget | None = None) -> None:
        """Build it; ``back`` and ``forth`` are the words of the buttons to the rows before and behind."""
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.PADDING, 10, 8, 10)
        column.setSpacing(0)
        self.symbol = label(role=Type.TITLE, tone="strong")
        self.title = ElidedLabel(role=Type.SUBHEAD, tone="strong")
        font = self.title.font()
        font.setWeight(font.Weight.Normal)
        self.title.setFont(font)
        tools = (
            tool_button("chevron-left", back),
            tool_button("chevron-right", forth),
            tool_button("x", self.tr("Close the pane")),
        )
        tools[0].clicked.connect(lambda: self.step_wanted.emit(-1))
        tools[1].clicked.connect(lambda: self.step_wanted.emit(1))
        tools[2].clicked.connect(self.close_wanted)
        top = QHBoxLayout()
        top.setSpacing(2)
        top.addWidget(self.symbol)
        top.addSpacing(6)
        top.addWidget(self.title, 1)
        for tool in tools:
            tool.setProperty("small", True)
            top.addWidget(tool)
        self.terms = ElidedLabel(role=Type.SECONDARY, tone="muted")
        self.arrow = label(role=Type.SECONDARY)
        self.figure = label(role=Type.FIGURE)
        self.note = ElidedLabel(role=Type.SECONDARY, tone="muted")
        money = QHBoxLayout()
        money.setSpacing(6)
        money.addWidget(self.arrow)
        money.addWidget(self.figure)
        money.addWidget(self.note, 1)
        self._chips = QHBoxLayout()
        self._chips.setSpacing(6)
        column.addLayout(top)
        column.addWidget(self.terms)
        column.addSpacing(6)
        column.addLayout(money)
        column.addSpacing(8)
        column.addLayout(self._chips)

    def set_words(self, symbol: str, title: str, terms: Sequence[str]) -> None:
        """Show what it is; empty terms and those said twice are left out."""
        self.symbol.setText(symbol)
        self.title.setText(title)
        self.terms.setText(" · ".join(dict.fromkeys(part for part in terms if part)))

    def set_figure(self, value: Decimal | None, currency: str, note: str, *, masked: bool) -> None:
        """Show the one figure, signed, and in muted words what it is."""
        hidden = masked and value is not None
        sign = 0 if hidden else formats.sign_of(value)
        self.figure.setText(formats.MASK if hidden else formats.amount(value, currency, signed=True))
        self.arrow.setText({1: "▲", -1: "▼"}.get(sign, ""))
        self.arrow.setVisible(bool(self.arrow.text()))
        for widget in (self.figure, self.arrow):
            set_tone(widget, _TONES[sign])
        self.note.setText(note)

    def set_chips(self, chips: Sequence[Chip]) -> None:
        """Show these chips in place of the ones before."""
        while (item := self._chips.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for chip in chips:
            self._chips.addWidget(chip)
        self._chips.addStretch(1)
