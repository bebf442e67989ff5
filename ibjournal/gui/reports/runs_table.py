"""The list of runs: fetches and imports under the day they happened on, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Any, TypeAlias

from PySide6.QtCore import (
    QAbstractTableModel,
    QCoreApplication,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtWidgets import QHeaderView, QWidget

from ibjournal.gui.reports.words import count, depot_of, duration, kind_of, new_rows, run_outcome, warnings_in
from ibjournal.gui.widgets import figures, formats
from ibjournal.gui.widgets.delegates import StateIconDelegate
from ibjournal.gui.widgets.roles import Role
from ibjournal.gui.widgets.table_view import TableView
from ibjournal.services.reports import Run

Index: TypeAlias = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class Column(IntEnum):
    """The columns of the list."""

    STATE = 0
    TIME = 1
    WHAT = 2
    NEW = 3
    WARNINGS = 4


@dataclass(frozen=True, slots=True)
class Day:
    """A head line over the runs of one day, by the calendar of this computer."""

    day: date
    runs: int


class RunsModel(QAbstractTableModel):
    """Runs as rows with a head line for each day."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.lines: tuple[Run | Day, ...] = ()

    def set_runs(self, runs: tuple[Run, ...]) -> None:
        """Show these runs in the order given, newest first."""
        days: dict[date, list[Run]] = {}
        for run in runs:
            days.setdefault(run.started_at.astimezone().date(), []).append(run)
        lines: list[Run | Day] = []
        for day, members in days.items():
            lines += [Day(day, len(members)), *members]
        self.beginResetModel()
        self.lines = tuple(lines)
        self.endResetModel()

    def row_of(self, run: int) -> int | None:
        """Return where a run stands, by its id."""
        return next((row for row, line in enumerate(self.lines) if isinstance(line, Run) and line.id == run), None)

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Return the number of lines."""
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: Index = _ROOT) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(Column)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a role asks of a cell."""
        if not index.isValid() or index.row() >= len(self.lines):
            return None
        line, column = self.lines[index.row()], Column(index.column())
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if isinstance(line, Day):
            return _day_data(line, column, role)
        return _run_data(line, column, role)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the heads."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(Column):
            return None
        translate = QCoreApplication.translate
        if role == Qt.ItemDataRole.DisplayRole:
            return {
                Column.STATE: "",
                Column.TIME: translate("Reports", "Time"),
                Column.WHAT: translate("Reports", "Depot"),
                Column.NEW: translate("Reports", "New"),
                Column.WARNINGS: translate("Reports", "Warnings"),
            }[Column(section)]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(Column(section))
        return None


class RunsTable(TableView):
    """Shows a `RunsModel`; ``chosen`` carries the current run or None. The selection survives a refresh."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.runs = RunsModel(self)
        self._settling = False
        self.setAccessibleName(QCoreApplication.translate("Reports", "Fetches and imports"))
        self.setModel(self.runs)
        self.set_delegate(Column.STATE, StateIconDelegate())
        self.setSelectionMode(TableView.SelectionMode.SingleSelection)
        head = self.horizontalHeader()
        head.setSectionsClickable(False)
        head.setSectionsMovable(False)
        for column, width in ((Column.STATE, 32), (Column.TIME, 58), (Column.NEW, 54), (Column.WARNINGS, 70)):
            head.resizeSection(column, width)
        head.setSectionResizeMode(Column.WHAT, QHeaderView.ResizeMode.Stretch)
        self.selection_changed.connect(self._on_selection)

    def show_runs(self, runs: tuple[Run, ...]) -> None:
        """Show these runs; the chosen one stays chosen, else the newest is."""
        current = self.current_run()
        scrolled = self.verticalScrollBar().value()
        self._settling = True
        self.runs.set_runs(runs)
        self.clearSpans()
        for row, line in enumerate(self.runs.lines):
            if isinstance(line, Day):
                self.setSpan(row, Column.TIME, 1, len(Column) - Column.TIME)
        kept = self.runs.row_of(current.id) if current else None
        if kept is None and runs:
            kept = self.runs.row_of(runs[0].id)
        if kept is not None:
            flags = QItemSelectionModel.SelectionFlag
            self.selectionModel().setCurrentIndex(self.runs.index(kept, Column.TIME), flags.ClearAndSelect | flags.Rows)
        self.verticalScrollBar().setValue(scrolled)
        self._settling = False
        self._on_selection()

    def current_run(self) -> Run | None:
        """Return the chosen run."""
        index = self.currentIndex()
        line = self.runs.lines[index.row()] if index.isValid() and index.row() < len(self.runs.lines) else None
        return line if isinstance(line, Run) else None

    def _on_selection(self) -> None:
        if not self._settling:
            self.chosen.emit(self.current_run())


def _day_data(line: Day, column: Column, role: int) -> Any:
    if role == Role.KIND:
        return "group"
    if column is Column.TIME:
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return figures.day_with_year(line.day)
        if role == Role.WEIGHT:
            return "strong"
        if role == Role.TAIL:
            return f"· {count(line.runs)}"
    return None


def _run_data(run: Run, column: Column, role: int) -> Any:
    if role == Role.OBJECT:
        return run
    outcome = run_outcome(run)
    if role == Qt.ItemDataRole.DisplayRole:
        return {
            Column.TIME: formats.clock(run.started_at),
            Column.WHAT: depot_of(run),
            Column.NEW: count(new_rows(run)),
            Column.WARNINGS: count(warnings_in(run)),
        }.get(column)
    if role == Role.ICON and column is Column.STATE:
        return (outcome.icon, outcome.tone)
    if role == Role.TAIL and column is Column.WHAT:
        return outcome.word
    if role == Role.TONE and column in (Column.NEW, Column.WARNINGS):
        number = new_rows(run) if column is Column.NEW else warnings_in(run)
        return ("warning" if column is Column.WARNINGS else "text_strong") if number else "text_muted"
    if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole) and column in (Column.STATE, Column.WHAT):
        return f"{kind_of(run)}, {depot_of(run)}: {outcome.word}, {duration(run)}"
    return None


def _alignment(column: Column) -> int:
    side = Qt.AlignmentFlag.AlignRight if column >= Column.NEW else Qt.AlignmentFlag.AlignLeft
    return int(side | Qt.AlignmentFlag.AlignVCenter)
