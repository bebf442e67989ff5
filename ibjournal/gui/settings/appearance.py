"""Language and looks: applied at once."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ibjournal.gui import i18n, theme
from ibjournal.gui.preferences import Preferences
from ibjournal.gui.theme import Mode, RowHeight, Type
from ibjournal.gui.widgets import formats
from ibjournal.gui.widgets.labels import label
from ibjournal.gui.widgets.panel import Chip
from ibjournal.gui.widgets.segmented import SegmentedControl


class AppearancePage(QWidget):
    """Choices that concern looks only; none of them touches data."""

    language_changed = Signal()
    look_changed = Signal()

    def __init__(self, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preferences = preferences
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(16)
        column.addWidget(label(self.tr("Language and appearance"), role=Type.TITLE, tone="strong"))
        self.language = SegmentedControl([("en", "English"), ("de", "Deutsch")], name=self.tr("Language"))
        self.mode = SegmentedControl(
            [
                (Mode.SYSTEM.value, self.tr("As the system")),
                (Mode.LIGHT.value, self.tr("Light")),
                (Mode.DARK.value, self.tr("Dark")),
            ],
            name=self.tr("Theme"),
        )
        self.colours = SegmentedControl(
            [("green_red", self.tr("Green and red")), ("blue_orange", self.tr("Blue and orange"))], name=self.tr("Gain and loss")
        )
        self.rows = SegmentedControl(
            [("compact", self.tr("Compact")), ("normal", self.tr("Normal")), ("roomy", self.tr("Roomy"))],
            name=self.tr("Table rows"),
        )
        self.language.set_current(i18n.spoken())
        self.mode.set_current(preferences.mode.value)
        self.colours.set_current("blue_orange" if preferences.colour_blind else "green_red")
        self.rows.set_current(preferences.row_height.name.lower())
        sample = QWidget()
        line = QHBoxLayout(sample)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(Chip(f"▲ {formats.change(Decimal('126.57'))}", kind="positive"))
        line.addWidget(Chip(f"▼ {formats.change(Decimal('-155.40'))}", kind="negative"))
        line.addStretch(1)
        self._row(column, self.tr("Language"), self.language, self.tr("The window is built again; nothing is lost."))
        self._row(column, self.tr("Theme"), self.mode)
        self._row(
            column, self.tr("Gain and loss"), self.colours, self.tr("Blue and orange can be told apart by everybody."), sample
        )
        self._row(column, self.tr("Table rows"), self.rows)
        column.addStretch(1)
        self.language.changed.connect(self._on_language)
        self.mode.changed.connect(self._on_mode)
        self.colours.changed.connect(self._on_colours)
        self.rows.changed.connect(self._on_rows)

    def _row(self, column: QVBoxLayout, words: str, control: QWidget, hint: str = "", extra: QWidget | None = None) -> None:
        box = QVBoxLayout()
        box.setSpacing(5)
        box.addWidget(label(words, role=Type.SYMBOL, tone="strong"))
        line = QHBoxLayout()
        line.addWidget(control)
        line.addStretch(1)
        box.addLayout(line)
        if extra is not None:
            box.addWidget(extra)
        if hint:
            box.addWidget(label(hint, role=Type.SECONDARY, tone="muted", wrap=True))
        column.addLayout(box)

    def _on_language(self, key: str) -> None:
        if key != i18n.spoken():
            self._preferences.language = key
            self.language_changed.emit()

    def _on_mode(self, key: str) -> None:
        self._preferences.mode = Mode(key)
        self._apply()

    def _on_colours(self, key: str) -> None:
        self._preferences.colour_blind = key == "blue_orange"
        self._apply()

    def _on_rows(self, key: str) -> None:
        self._preferences.row_height = RowHeight[key.upper()]
        self._apply()

    def _apply(self) -> None:
        theme.apply(self._preferences.look())
        self.look_changed.emit()
