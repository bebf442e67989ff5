"""The months table: time-weighted returns by month and year on a heat scale of nine steps around zero."""

from __future__ import annotations

import math
from datetime import date
from decimal import Decimal
from typing import Any, TypeAlias

from PySide6.QtCore import (
    QAbstractTableModel,
    QCoreApplication,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHeaderView, QStyleOptionViewItem, QWidget

from ibjournal.gui import theme
from ibjournal.gui.theme import Theme, Type
from ibjournal.gui.widgets import figures, formats
from ibjournal.gui.widgets.delegates import CellDelegate
from ibjournal.gui.widgets.roles import Role
from ibjournal.gui.widgets.table_view import TableView
from ibjournal.services.performance import MonthReturn, PerformanceReport, YearReturn

Index: TypeAlias = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
YEAR, SUM = 0, 13
ROW = 36
_HALF = 4
"""Steps of the heat scale on either side of zero."""
_FIRST_WIDTH, _LAST_WIDTH = 62, 82


def heat_limit(months: tuple[MonthReturn, ...]) -> int:
    """Return the end of the heat scale in whole percent: the largest month, and no less than the four steps."""
    largest = max((abs(month.value) for month in months if month.value is not None), default=Decimal(0))
    return max(_HALF, math.ceil(largest * 100))


def heat_step(value: Decimal, limit: int) -> int:
    """Return the step 0 to 8 of a ratio on a scale that ends at ``limit`` percent; 4 is zero, and zero alone."""
    shown = (value * 100).quantize(Decimal("0.01"))
    if not shown:
        return _HALF
    steps = max(1, min(_HALF, math.ceil(abs(shown) / limit * _HALF)))
    return _HALF + (steps if shown > 0 else -steps)


class MonthsModel(QAbstractTableModel):
    """Years as rows, newest first; twelve months and the year as columns. Returns are percent, money is nowhere."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._years: tuple[int, ...] = ()
        self._months: dict[tuple[int, int], MonthReturn] = {}
        self._sums: dict[int, YearReturn] = {}
        self.limit = _HALF

    def set_returns(self, months: tuple[MonthReturn, ...], years: tuple[YearReturn, ...]) -> None:
        """Show these returns."""
        self.beginResetModel()
        self._months = {(month.year, month.month): month for month in months}
        self._sums = {year.year: year for year in years}
        self._years = tuple(sorted({month.year for month in months} | self._sums.keys(), reverse=True))
        self.limit = heat_limit(months)
        self.endResetModel()

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Return the number of years."""
        return 0 if parent.isValid() else len(self._years)

    def columnCount(self, parent: Index = _ROOT) -> int:
        """Return year, twelve months and sum."""
        return 0 if parent.isValid() else SUM + 1

    def value(self, row: int, column: int) -> Decimal | None:
        """Return a return as a ratio; None where there is none or none can be computed."""
        year = self._years[row]
        found = self._sums.get(year) if column == SUM else self._months.get((year, column))
        return found.value if found is not None else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the words, the colour and the exact value of a cell."""
        if not index.isValid() or index.row() >= len(self._years):
            return None
        row, column = index.row(), index.column()
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _align(column)
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(row, column)
        if role == Role.WEIGHT:
            return "strong" if column in (YEAR, SUM) else None
        if role == Role.SORT:
            return self._years[row] if column == YEAR else self.value(row, column)
        if role == Role.TONE and column == SUM:
            return theme.current().sign_tone(formats.sign_of(self.value(row, column)))
        if role == HEAT and 0 < column < SUM:
            value = self.value(row, column)
            return "sunken" if value is None else f"heat_{heat_step(value, self.limit)}"
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._spoken(row, column) or None
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the short names of the months."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section <= SUM:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            if section == SUM:
                return QCoreApplication.translate("Performance", "Year")
            return figures.short_month(section) if section else ""
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _align(section)
        return None

    def _text(self, row: int, column: int) -> str:
        if column == YEAR:
            return str(self._years[row])
        value = self.value(row, column)
        if value is not None:
            return formats.change(value * 100)
        known = column == SUM or (self._years[row], column) in self._months
        return formats.DASH if known else ""

    def _spoken(self, row: int, column: int) -> str:
        value = self.value(row, column)
        if column == YEAR or value is None:
            return ""
        year = self._years[row]
        when = str(year) if column == SUM else formats.month(date(year, column, 1))
        month = self._months.get((year, column))
        partly = month is not None and month.partial
        words = QCoreApplication.translate("Performance", "{when}: {value}, not the whole month")
        return (words if partly else "{when}: {value}").format(when=when, value=formats.percent(value, signed=True))


HEAT = int(Role.SORT) + 20
"""The role of a cell's ground: a colour token's name."""


class HeatDelegate(CellDelegate):
    """Paints a month on its heat colour with a gap around it; the text is always in ink."""

    def paint_ground(self, painter: QPainter, option: QStyleOptionViewItem, index: Index, look: Theme) -> None:
        """Paint the heat instead of the row's ground."""
        rect: QRect = option.rect
        painter.fillRect(rect, look.color("surface"))
        ground = index.data(HEAT)
        if ground:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.color(str(ground)))
            painter.drawRoundedRect(QRectF(rect).adjusted(1, 1, -1, -1), 2, 2)

    def paint_content(self, painter: QPainter, rect: QRect, index: Index, look: Theme) -> None:
        """Paint the number over the whole cell: a narrow one has no room for padding."""
        if not 0 < index.column() < SUM:
            edges = (8, 0, 0, 0) if index.column() == YEAR else (0, 0, -8, 0)
            super().paint_content(painter, rect.adjusted(*edges), index, look)
            return
        painter.setFont(look.font(Type.TEXT))
        painter.setPen(look.color("text_strong"))
        painter.drawText(rect.adjusted(-8, 0, 8, 0), int(Qt.AlignmentFlag.AlignCenter), str(index.data() or ""))


class MonthsTable(TableView):
    """The months as a table: for the keyboard and screen readers too."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.months = MonthsModel(self)
        self.setAccessibleName(QCoreApplication.translate("Performance", "Returns by month"))
        self.setModel(self.months)
        self.setItemDelegate(HeatDelegate(self))
        self.setSelectionMode(TableView.SelectionMode.NoSelection)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        head = self.horizontalHeader()
        head.setSectionsClickable(False)
        head.setSectionsMovable(False)
        head.setMinimumSectionSize(30)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        for column, width in ((YEAR, _FIRST_WIDTH), (SUM, _LAST_WIDTH)):
            head.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
            head.resizeSection(column, width)

    def set_row_height(self) -> None:
        """Keep cells tall enough to be a map, whatever the row height of tables."""
        self.verticalHeader().setMinimumSectionSize(ROW)
        self.verticalHeader().setDefaultSectionSize(ROW)

    def show_returns(self, months: tuple[MonthReturn, ...], years: tuple[YearReturn, ...]) -> None:
        """Show these returns, as tall as their years need."""
        self.months.set_returns(months, years)
        self.setFixedHeight(self.horizontalHeader().height() + ROW * max(1, self.months.rowCount()) + 2)


class HeatLegend(QWidget):
    """The heat scale with both of its ends."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._limit = _HALF
        self.setFixedSize(QSize(9 * 18 + 2 * 30, 16))

    def set_limit(self, limit: int) -> None:
        """Say where the scale ends, in percent."""
        self._limit = limit
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint nine steps between the two ends."""
        look = theme.current()
        painter = QPainter(self)
        painter.setFont(look.font(Type.SMALL))
        painter.setPen(look.color("text_muted"))
        vertical = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRect(0, 0, 26, 16), int(Qt.AlignmentFlag.AlignRight | vertical), formats.change(Decimal(-self._limit), 0))
        painter.drawText(
            QRect(34 + 9 * 18, 0, 26, 16), int(Qt.AlignmentFlag.AlignLeft | vertical), formats.change(Decimal(self._limit), 0)
        )
        for step in range(9):
            painter.fillRect(30 + step * 18, 3, 18, 10, look.color(f"heat_{step}"))
        painter.end()


def partial_note(report: PerformanceReport) -> str:
    """Say which months are not covered whole."""
    partial = [month for month in report.months if month.partial]
    if not partial:
        return ""
    parts = []
    first, last = partial[0], partial[-1]
    if report.last_day and (last.year, last.month) == (report.last_day.year, report.last_day.month):
        words = QCoreApplication.translate("Performance", "{month} runs to {day}")
        month = formats.month(date(last.year, last.month, 1))
        parts.append(words.format(month=month, day=figures.day_with_year(report.last_day)))
    if report.first_day and (first.year, first.month) == (report.first_day.year, report.first_day.month):
        words = QCoreApplication.translate("Performance", "{month} begins on {day}")
        month = formats.month(date(first.year, first.month, 1))
        parts.append(words.format(month=month, day=figures.day_with_year(report.first_day)))
    return " · ".join(parts)


def _align(column: int) -> int:
    side = {YEAR: Qt.AlignmentFlag.AlignLeft, SUM: Qt.AlignmentFlag.AlignRight}.get(column, Qt.AlignmentFlag.AlignHCenter)
    return int(side | Qt.AlignmentFlag.AlignVCenter)
