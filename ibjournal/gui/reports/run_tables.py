"""The tables of one run: its steps, its reports, and the sections of a report."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QHeaderView, QWidget

from ibjournal.gui import theme
from ibjournal.gui.errors import describe_code
from ibjournal.gui.reports.words import count, outcome_of, report_outcome, step_name, type_name
from ibjournal.gui.theme import Space, Type
from ibjournal.gui.widgets import formats
from ibjournal.gui.widgets.delegates import StateIconDelegate
from ibjournal.gui.widgets.table_model import Column, RowsModel
from ibjournal.gui.widgets.table_view import TableView
from ibjournal.services.reports import ReportEntry, RunStep

_FILE_WIDTHS = {2: 164, 3: 56, 4: 64, 5: 56, 6: 76}

_SPARE = (6, 5, 4)
"""Columns that go first in a narrow pane: size, same, updated."""

Section = tuple[str, int]


class FittedTable(TableView):
    """A table that is as tall as its rows, up to ``most`` of them; more scroll."""

    def __init__(self, most: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._most = most
        self.setSelectionMode(TableView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def fit(self) -> None:
        """Take the height of head and rows."""
        rows = max(1, min(self._most, self.model().rowCount()))
        self.setFixedHeight(self.horizontalHeader().height() + rows * self.verticalHeader().defaultSectionSize() + 1)


class StepsTable(FittedTable):
    """The steps of a run with their time and result."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(6, parent)
        translate = QCoreApplication.translate
        self.setAccessibleName(translate("Reports", "Steps"))
        self.steps: RowsModel[RunStep] = RowsModel(
            (
                Column(key="icon", title="", text=lambda _step: "", icon=_step_icon),
                Column(key="name", title=translate("Reports", "Step"), text=lambda step: step_name(step.name)),
                Column(
                    key="result", title=translate("Reports", "Result"), text=_step_result, tone=_step_tone, tooltip=_step_result
                ),
                Column(
                    key="seconds",
                    title=translate("Reports", "Took"),
                    text=lambda step: formats.seconds(step.seconds) if step.seconds else formats.DASH,
                    value=lambda step: Decimal(str(step.seconds)),
                    tone=lambda step: "" if step.seconds else "text_muted",
                    right=True,
                ),
            ),
            self,
        )
        self.setModel(self.steps)
        self.set_delegate(0, StateIconDelegate())
        self.setSelectionMode(TableView.SelectionMode.NoSelection)
        head = self.horizontalHeader()
        head.setSectionsClickable(False)
        for position, width in enumerate((32, 160, 200, 90)):
            head.resizeSection(position, width)
        head.setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)

    def show_steps(self, steps: tuple[RunStep, ...]) -> None:
        """Show these steps."""
        self.steps.set_rows(steps)
        self.fit()


class FilesTable(FittedTable):
    """The reports of a run."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(8, parent)
        self._named = True
        translate = QCoreApplication.translate
        self.setAccessibleName(translate("Reports", "Reports of this run"))
        self.files: RowsModel[ReportEntry] = RowsModel(
            (
                Column(
                    key="icon", title="", text=lambda _entry: "", icon=_file_icon, tooltip=lambda entry: report_outcome(entry).word
                ),
                Column(
                    key="file",
                    title=translate("Reports", "Report"),
                    text=type_name,
                    tail=lambda entry: entry.file if self._named else "",
                    tooltip=lambda entry: entry.file,
                    sort=lambda entry: entry.file.casefold(),
                ),
                Column(
                    key="days",
                    title=translate("Reports", "Days"),
                    text=lambda entry: formats.day_range(entry.from_date, entry.to_date),
                    tone=lambda entry: "" if entry.from_date else "text_muted",
                    sort=lambda entry: entry.from_date,
                ),
                _number("new", translate("Reports", "New"), translate("Reports", "Fills that were not there before")),
                _number("updated", translate("Reports", "Updated"), translate("Reports", "Fills it changed or confirmed")),
                _number("unchanged", translate("Reports", "Same"), translate("Reports", "Fills that were there already")),
                Column(
                    key="size",
                    title=translate("Reports", "Size"),
                    text=lambda entry: formats.size(entry.size) if entry.size else formats.DASH,
                    value=lambda entry: Decimal(entry.size),
                    tone=lambda entry: "" if entry.size else "text_muted",
                    right=True,
                ),
            ),
            self,
        )
        self.setModel(self.files)
        self.set_delegate(0, StateIconDelegate())
        head = self.horizontalHeader()
        head.resizeSection(0, 32)
        head.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.setSortingEnabled(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what is told below, too, where the name of a report would be cut."""
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        for column in _SPARE:
            self.showColumn(column)
        metrics = QFontMetrics(theme.current().font(Type.TEXT))
        name = max((metrics.horizontalAdvance(type_name(entry)) for entry in self.files.rows), default=0) + 2 * Space.CELL
        needed = name + self.columnWidth(0) + sum(self.columnWidth(column) for column in _FILE_WIDTHS)
        for column in _SPARE:
            if needed > self.viewport().width():
                needed -= self.columnWidth(column)
                self.hideColumn(column)

    def show_files(self, files: tuple[ReportEntry, ...], *, named: bool = True) -> None:
        """Show these reports and choose the first, or the first that was refused; ``named`` when their names are the user's."""
        self._named = named
        self.files.set_rows(files)
        for column in _SPARE:
            self.showColumn(column)
        self.grow_columns(_FILE_WIDTHS)
        self._make_room()
        self.fit()
        if files:
            self.selectRow(next((row for row, entry in enumerate(files) if entry.error), 0))

    def current_file(self) -> ReportEntry | None:
        """Return the chosen report."""
        row = self.currentIndex().row()
        return self.files.rows[row] if 0 <= row < len(self.files.rows) else None


class SectionsTable(FittedTable):
    """How many rows of each section a report held."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(60, parent)
        translate = QCoreApplication.translate
        self.setAccessibleName(translate("Reports", "Sections"))
        self.sections: RowsModel[Section] = RowsModel(
            (
                Column(key="name", title=translate("Reports", "Section"), text=lambda section: section[0]),
                Column(
                    key="rows",
                    title=translate("Reports", "Rows"),
                    text=lambda section: count(section[1]),
                    value=lambda section: Decimal(section[1]),
                    tone=lambda section: "" if section[1] else "text_muted",
                    right=True,
                ),
            ),
            self,
        )
        self.setModel(self.sections)
        self.setSelectionMode(TableView.SelectionMode.NoSelection)
        self.horizontalHeader().setSectionsClickable(False)
        self.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.setColumnWidth(1, 80)

    def show_sections(self, sections: tuple[Section, ...]) -> None:
        """Show these sections, the longest first."""
        self.sections.set_rows(sorted(sections, key=lambda section: (-section[1], section[0])))
        self.fit()


def _number(name: str, title: str, hint: str) -> Column[ReportEntry]:
    def value(entry: ReportEntry) -> int:
        return int(getattr(entry, name))

    return Column(
        key=name,
        title=title,
        hint=hint,
        text=lambda entry: count(value(entry)),
        value=lambda entry: Decimal(value(entry)),
        tone=lambda entry: "" if value(entry) else "text_muted",
        right=True,
    )


def _step_icon(step: RunStep) -> tuple[str, str]:
    outcome = outcome_of(step.result)
    return (outcome.icon, outcome.tone)


def _step_result(step: RunStep) -> str:
    word = outcome_of(step.result).word
    return f"{word}: {describe_code(step.error.code, step.error.values).title}" if step.error else word


def _step_tone(step: RunStep) -> str:
    return outcome_of(step.result).tone if step.result != "ok" else ""


def _file_icon(entry: ReportEntry) -> tuple[str, str]:
    outcome = report_outcome(entry)
    return (outcome.icon, outcome.tone)
