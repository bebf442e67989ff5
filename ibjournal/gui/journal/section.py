"""Parts of a pane: a scrolling column with sections, lists of links, and amounts that add up to a sum."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from ibjournal.gui.theme import Space, Type
from ibjournal.gui.widgets.labels import ElidedLabel, button, hairline, label

_LINE = 22


class PaneScroll(QScrollArea):
    """A column that scrolls as a whole; add sections with `add`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inner = QWidget()
        inner.setObjectName("surface")
        self._column = QVBoxLayout(inner)
        self._column.setContentsMargins(0, 12, 0, Space.PADDING)
        self._column.setSpacing(Space.GAP)
        self._column.addStretch(1)
        self.setWidget(inner)

    def add(self, part: QWidget, *, wide: bool = False) -> None:
        """Add a part below the others; a ``wide`` one (a table) goes nearly to the edges."""
        row = QHBoxLayout()
        margin = Space.CELL if wide else Space.PADDING
        row.setContentsMargins(margin, 0, margin, 0)
        row.addWidget(part)
        self._column.insertLayout(self._column.count() - 1, row)


class Section(QWidget):
    """A small head, optional words at its right, and what belongs below it."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.body = QVBoxLayout()
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(2)
        self.title = label(title, role=Type.SECONDARY_STRONG, tone="strong")
        self.aside = ElidedLabel(role=Type.SECONDARY, tone="muted")
        self.aside.setAlignment(Qt.AlignmentFlag.AlignRight)
        head = QHBoxLayout()
        head.addWidget(self.title)
        head.addWidget(self.aside, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        column.addLayout(self.body)

    def clear(self) -> None:
        """Take away what is below the head."""
        while (item := self.body.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()


def link(text: str, action: Callable[[], object]) -> QPushButton:
    """Return words that lead somewhere."""
    made = button(text, small=True)
    made.setProperty("link", True)
    made.clicked.connect(lambda: action())  # noqa: PLW0108 - clicked hands a bool over
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """One line of a sum: a name and amounts in as many columns as the sum has; ``total`` draws a line above it."""

    name: str
    values: tuple[str, ...]
    tones: tuple[str, ...] = ()
    total: bool = False
    tip: str = ""
    action: Callable[[], object] | None = None
    """Where the name leads."""


class SumTable(QWidget):
    """Lines that add up, under optional heads, with the sum below a line."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(14)
        self._grid.setVerticalSpacing(0)
        self._grid.setColumnStretch(0, 1)

    def show_amounts(self, amounts: Sequence[Amount], heads: Sequence[str] = ()) -> None:
        """Show these lines."""
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        row = 0
        for column, head in enumerate(heads, start=1):
            made = label(head, role=Type.SMALL, tone="muted")
            made.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            made.setFixedHeight(_LINE)
            self._grid.addWidget(made, row, column)
        row += bool(heads)
        for amount in amounts:
            if amount.total:
                self._grid.addWidget(hairline(), row, 0, 1, 1 + len(amount.values))
                row += 1
            self._add(row, amount)
            row += 1

    def _add(self, row: int, amount: Amount) -> None:
        role = Type.SECONDARY_STRONG if amount.total else Type.SECONDARY
        name: QWidget
        if amount.action is not None:
            name = link(amount.name, amount.action)
            self._grid.addWidget(name, row, 0, Qt.AlignmentFlag.AlignLeft)
        else:
            name = ElidedLabel(amount.name, role=role, tone="strong" if amount.total else "muted")
            self._grid.addWidget(name, row, 0)
        name.setFixedHeight(_LINE)
        name.setToolTip(amount.tip)
        for column, text in enumerate(amount.values):
            tone = amount.tones[column] if column < len(amount.tones) else "strong"
            value = label(text, role=role, tone=tone)
            value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            value.setFixedHeight(_LINE)
            value.setAccessibleName(f"{amount.name}: {text}")
            self._grid.addWidget(value, row, column + 1)
