"""The pane beside the checks: the chosen one in a sentence, the sum that leads from our figure to IBKR's, and its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from ibjournal.analytics.reconciliation import HALF_A_CENT, Check, CheckStatus
from ibjournal.domain.provenance import RowRef
from ibjournal.gui import icons
from ibjournal.gui.check.check_table import write
from ibjournal.gui.check.lines import Line
from ibjournal.gui.check_texts import describe_check, describe_part, describe_reason, is_money, is_quantity, is_state, mark_of
from ibjournal.gui.provenance.row_words import row_facts, row_title
from ibjournal.gui.theme import Space, Type
from ibjournal.gui.widgets import formats
from ibjournal.gui.widgets.labels import ElidedLabel, button, hairline, label, set_tone, with_key
from ibjournal.gui.widgets.panel import Chip
from ibjournal.services.origins import SourceRow

MOST_ROWS = 12
"""More rows of reports than this are left to the window that shows the whole chain."""


class ExplanationPane(QFrame):
    """Explains a `Check`. The rows come later, from the archive."""

    origin_wanted = Signal(object)
    """A `Check` whose whole chain is asked for."""
    row_wanted = Signal(object)
    """The `RowRef` of a row to show as IBKR wrote it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.check: Check | None = None
        self._masked = False
        self._icon = QLabel()
        self._title = ElidedLabel(role=Type.STRONG, tone="strong")
        self._chips = QHBoxLayout()
        self.sentence = label(wrap=True)
        self.sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._sum = QFrame()
        self._sum.setObjectName("card")
        self._sum_grid = QGridLayout(self._sum)
        self._sum_grid.setContentsMargins(1, 1, 1, 1)
        self._sum_grid.setSpacing(0)
        self._rows_head = label(self.tr("Rows in the report"), role=Type.SECONDARY_STRONG, tone="strong")
        self._rows = QVBoxLayout()
        self._rows.setSpacing(0)
        self._left = label(role=Type.SECONDARY, tone="muted")
        self._left_value = label(role=Type.STRONG)
        self.origin = button(self.tr("Where from?"), icon="waypoints", small=True)
        self.origin.setToolTip(with_key(self.tr("Where does this number come from?"), "Ctrl+E"))
        self.origin.clicked.connect(self._on_origin)
        self._build()
        self.show_line(None)

    def show_line(self, line: Line | None) -> None:
        """Explain a line; sections and lines that only hold others say what is in them."""
        self.check = line.check if line is not None else None
        self._show_head(line)
        self._clear(self._rows)
        self._clear_sum()
        check = self.check
        self._sum.setVisible(check is not None)
        self._rows_head.setVisible(check is not None and bool(_refs(check)))
        self._foot.setVisible(check is not None)
        if check is not None:
            self._show_sum(check)
            self._show_left(check)

    def show_rows(self, check: Check, rows: Mapping[RowRef, SourceRow]) -> None:
        """Show the rows of reports behind a check, unless another one is shown by now."""
        if check is not self.check:
            return
        self._clear(self._rows)
        refs = _refs(check)
        for ref in refs[:MOST_ROWS]:
            if ref in rows:
                self._rows.addWidget(hairline())
                self._rows.addWidget(_RowItem(rows[ref], self._wanted, masked=self._masked))
        if len(refs) > MOST_ROWS:
            more = label(self.tr("%Ln more under “Where from?”", "", len(refs) - MOST_ROWS), role=Type.SECONDARY, tone="muted")
            more.setContentsMargins(Space.PADDING, 6, Space.PADDING, 6)
            self._rows.addWidget(hairline())
            self._rows.addWidget(more)

    def say_missing(self, check: Check, words: str) -> None:
        """Say in place of the rows why they cannot be shown."""
        if check is self.check:
            self._clear(self._rows)
            note = label(words, role=Type.SECONDARY, tone="warning", wrap=True)
            note.setContentsMargins(Space.PADDING, 4, Space.PADDING, 4)
            self._rows.addWidget(note)

    def set_masked(self, masked: bool) -> None:  # noqa: FBT001 - the slot of a toggle
        """Hide or show money; rows are loaded again by the screen."""
        self._masked = masked

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(Space.PADDING, 10, 12, 6)
        head.setSpacing(Space.ICON_GAP)
        head.addWidget(self._icon)
        head.addWidget(self._title, 1)
        head.addLayout(self._chips)
        inner = QWidget()
        inner.setObjectName("scrolled")
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, Space.CELL)
        column.setSpacing(0)
        text = QVBoxLayout()
        text.setContentsMargins(Space.PADDING, 0, Space.PADDING, 0)
        text.setSpacing(10)
        text.addWidget(self.sentence)
        text.addWidget(self._sum)
        text.addWidget(self._rows_head)
        column.addLayout(text)
        column.addSpacing(6)
        column.addLayout(self._rows)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inner)
        self._foot = QWidget()
        foot = QHBoxLayout(self._foot)
        foot.setContentsMargins(Space.PADDING, 4, 8, 4)
        foot.setSpacing(Space.CELL)
        foot.addWidget(self.origin)
        foot.addStretch(1)
        foot.addWidget(self._left)
        foot.addWidget(self._left_value)
        foot.addSpacing(4)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(1, 1, 1, 1)
        outer.setSpacing(0)
        outer.addLayout(head)
        outer.addWidget(scroll, 1)
        self._line = hairline()
        outer.addWidget(self._line)
        outer.addWidget(self._foot)

    def _show_head(self, line: Line | None) -> None:
        self._clear(self._chips)
        if line is None:
            self._title.setText(self.tr("No check selected"))
            self._icon.hide()
            self.sentence.setText(self.tr("Choose a line to see how our figure and IBKR’s go together."))
            return
        mark = mark_of(line.status)
        icons.set_icon(self._icon, mark.icon, size=16, color=mark.tone)
        self._icon.show()
        self._title.setText(line.title if line.check is None else describe_check(line.check))
        kind = {"text_muted": ""}.get(mark.tone, mark.tone)
        self._chips.addWidget(Chip(mark.word, kind=kind))
        self.sentence.setText(self._sentence(line))

    def _sentence(self, line: Line) -> str:
        if line.check is None:
            parts = [f"{line.counts[status]} {mark_of(status).word}" for status in CheckStatus if line.counts[status]]
            return self.tr("Checks below this line: {counts}.").format(counts=", ".join(parts))
        told = describe_reason(line.check, masked=self._masked)
        if told:
            return told
        if line.status is CheckStatus.OK:
            return self.tr("Our figure and IBKR’s are the same, to half a cent.")
        return self.tr("The figures differ, and nothing in the reports says why.")

    def _show_sum(self, check: Check) -> None:
        signed = not is_state(check) and not is_quantity(check)
        lines: list[tuple[str, Decimal | None]] = [(self.tr("Ours"), check.ours)]
        lines += [(describe_part(part), part.amount) for part in check.parts]
        left = left_over(check)
        if left is not None and abs(left) > HALF_A_CENT:
            lines.append((self.tr("Not explained"), -left))
        lines.append((self.tr("IBKR"), check.ibkr))
        last = len(lines) - 1
        for place, (words, value) in enumerate(lines):
            text = _write(value, check, signed=signed or 0 < place < last, masked=self._masked)
            self._sum_grid.addWidget(_SumLine(words, text, last=place == last, first=not place), place, 0)

    def _show_left(self, check: Check) -> None:
        left = left_over(check)
        self._left.setText(self.tr("Left after the explanation") if check.parts else self.tr("Difference"))
        fine = left is not None and abs(left) <= HALF_A_CENT
        self._left_value.setText(("✓ " if fine else "") + _write(left, check, signed=True, masked=self._masked and not fine))
        set_tone(self._left_value, "muted" if left is None else "positive" if fine else "warning")

    def _on_origin(self) -> None:
        if self.check is not None:
            self.origin_wanted.emit(self.check)

    def _wanted(self, ref: RowRef) -> None:
        self.row_wanted.emit(ref)

    def _clear_sum(self) -> None:
        while (item := self._sum_grid.takeAt(0)) is not None:
            _drop(item.widget())

    def _clear(self, layout: QVBoxLayout | QHBoxLayout) -> None:
        while (item := layout.takeAt(0)) is not None:
            _drop(item.widget())


class _SumLine(QWidget):
    """One line of the sum; the last is the result."""

    def __init__(self, words: str, value: str, *, last: bool, first: bool) -> None:
        super().__init__()
        self.setObjectName("sumLine")
        role = Type.STRONG if last else Type.TEXT
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        if not first:
            column.addWidget(hairline())
        row = QHBoxLayout()
        row.setContentsMargins(12, 6, 12, 6)
        row.addWidget(ElidedLabel(words, role=role, tone="strong" if last else ""), 1)
        row.addWidget(label(value, role=role, tone="strong"))
        column.addLayout(row)
        self.setAccessibleName(f"{words}: {value}")


class _RowItem(QWidget):
    """A row of a report in two lines, with the way to its XML."""

    def __init__(self, row: SourceRow, wanted: object, *, masked: bool) -> None:
        super().__init__()
        self._ref, self._wanted = row.ref, wanted
        grid = QGridLayout(self)
        grid.setContentsMargins(Space.PADDING, 5, 10, 5)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(0)
        grid.addWidget(ElidedLabel(row_title(row), role=Type.SECONDARY_STRONG, tone="strong"), 0, 0)
        grid.addWidget(ElidedLabel(row_facts(row, masked=masked), role=Type.SECONDARY, tone="muted"), 1, 0)
        link = button("XML", small=True)
        link.setProperty("link", True)
        link.setAccessibleName(f"XML: {row_title(row)}")
        link.clicked.connect(self._on_clicked)
        grid.addWidget(link, 0, 1, 2, 1)
        grid.setColumnStretch(0, 1)

    def _on_clicked(self) -> None:
        if callable(self._wanted):
            self._wanted(self._ref)


def left_over(check: Check) -> Decimal | None:
    """Return what of the difference the parts do not explain; None where a figure is missing."""
    if check.ours is None or check.ibkr is None:
        return None
    return check.ours + sum((part.amount for part in check.parts), Decimal(0)) - check.ibkr


def _refs(check: Check) -> Sequence[RowRef]:
    return tuple(dict.fromkeys([*check.rows, *(ref for part in check.parts for ref in part.rows)]))


def _write(value: Decimal | None, check: Check, *, signed: bool, masked: bool) -> str:
    if masked and is_money(check) and value is not None:
        return formats.MASK
    return write(value, check, quantity=is_quantity(check), signed=signed)


def _drop(widget: QWidget | None) -> None:
    if widget is not None:
        widget.hide()
        widget.deleteLater()
