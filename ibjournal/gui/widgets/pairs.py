"""Names and values in two columns, as the summary of a trade or of a report shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from ibjournal.gui.theme import Type
from ibjournal.gui.widgets.labels import ElidedLabel, label

_LINE = 22


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A name and its value; ``tone`` is a label tone such as ``positive``."""

    name: str
    value: str
    tone: str = "strong"
    strong: bool = False
    tip: str = ""


class PairGrid(QWidget):
    """Lines of pairs, ``columns`` beside each other, filled line by line; values at the right."""

    def __init__(self, columns: int = 2, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._columns = columns
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(0)
        for column in range(columns):
            self._grid.setColumnStretch(3 * column + 1, 1)
            if column:
                self._grid.setColumnMinimumWidth(3 * column - 1, 12)

    def set_pairs(self, pairs: Sequence[Pair | None]) -> None:
        """Show pairs in reading order; None leaves a place empty."""
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for place, pair in enumerate(pairs):
            if pair is None:
                continue
            row, column = divmod(place, self._columns)
            name = label(pair.name, role=Type.SECONDARY, tone="muted")
            value = ElidedLabel(pair.value, role=Type.SECONDARY_STRONG if pair.strong else Type.SECONDARY, tone=pair.tone)
            value.setAlignment(Qt.AlignmentFlag.AlignRight)
            name.setFixedHeight(_LINE)
            value.setFixedHeight(_LINE)
            value.setToolTip(pair.tip)
            value.setAccessibleName(f"{pair.name}: {pair.value}")
            self._grid.addWidget(name, row, 3 * column)
            self._grid.addWidget(value, row, 3 * column + 1)
