"""The performance screen: figures, chart, months, statistics and a breakdown of one report."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QFontMetrics, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ibjournal.domain.depot import DepotId
from ibjournal.gui import theme
from ibjournal.gui.performance.chart_panel import ChartPanel
from ibjournal.gui.performance.months import HeatLegend, MonthsTable, partial_note
from ibjournal.gui.performance.strip import FigureStrip
from ibjournal.gui.performance.tables import INSET, BreakdownTable, StatisticsTable
from ibjournal.gui.performance.words import grouping_names, name_of, problem_text
from ibjournal.gui.provenance.asked import OF_VALUES, OfFigure
from ibjournal.gui.screen import Screen, StatusPart
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.theme import Space, Type
from ibjournal.gui.widgets import formats
from ibjournal.gui.widgets.labels import button, icon_label, label, tool_button
from ibjournal.gui.widgets.panel import EmptyState, Panel
from ibjournal.gui.widgets.table_export import ask_where_to_save, csv_pattern, table_as_csv, write_text
from ibjournal.gui.widgets.table_view import TableView
from ibjournal.services.changes import Changes
from ibjournal.services.performance import Convention, PerformanceReport, PerformanceService

_SIDE = 366
_TWO_COLUMNS, _THREE_COLUMNS = 1060, 1900
"""Widths from which the tables stand beside the chart, and from which they stand beside each other."""
_WIDEST = 3
_CHOICES = 4
_CHOICE_WIDTH = 140
"""Pixels of a depot's name in a button; the rest stands in its tooltip."""
"""Depots that are offered beside the sentence that asks for one."""


class PerformanceScreen(Screen):
    """Shows a `PerformanceReport` for the depot and period of the window."""

    name = "performance"
    icon = "chart-line"
    reload_on = Changes(trades=True, cash=True, equity=True, depots=True)

    def __init__(self, performance: PerformanceService, tasks: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__(tasks, parent)
        self.title = self.tr("Performance")
        self._performance = performance
        self._asked = 0
        self._report: PerformanceReport | None = None
        self._group_by = "symbol"
        self._convention = Convention.IBKR
        self._columns = 0
        self.strip = FigureStrip()
        self.problems = _ProblemBox()
        self.chart = ChartPanel(tasks)
        self.months = MonthsTable()
        self.legend = HeatLegend()
        self.statistics = StatisticsTable()
        self.breakdown = BreakdownTable()
        self._empty = EmptyState()
        self._build()
        self._connect()
        self.paint_known()

    def load(self) -> None:
        """Have the report of the depot and period made in the background."""
        self._asked += 1
        self.tasks.run(
            self._performance.report,
            depot=self.depot,
            period=self.period,
            convention=self._convention,
            group_by=self._group_by,
            owner=self,
            done=partial(self._on_report, self._asked, self._group_by),
        )

    def show_report(self, report: PerformanceReport, *, group_by: str = "symbol") -> None:
        """Show a report; ``group_by`` is what its groups are."""
        self._report = report
        mixed = "mixed_base_currencies" in report.problems
        self._stack.setCurrentIndex(1 if _is_empty(report) else 0)
        for part in (self.strip, self._panels):
            part.setVisible(not mixed)  # nothing can be added up before a depot is chosen
        self.strip.show_report(report, masked=self.masked)
        self.problems.show_problems(report.problems)
        self.chart.show_report(report)
        self.months.show_returns(report.months, report.years)
        self.legend.set_limit(self.months.months.limit)
        self._month_note.setText(partial_note(report))
        self._month_note.setVisible(bool(self._month_note.text()))
        self.statistics.show_figures(report.statistics)
        net = self.tr("closed trades, net of fees")
        self._statistics_panel.set_subtitle(
            self.tr("closed trades, net, {currency}").format(currency=report.currency) if report.currency else net
        )
        self.statistics.setMinimumHeight(self.statistics.height_for_rows())
        self.breakdown.show_groups(report.groups, by=group_by, currency=report.currency)
        self._show_group_words(group_by)
        self._show_status(report)

    def paint_known(self) -> None:
        """Offer the depots that there are, and say in an empty screen what to do next."""
        self.problems.set_depots(self.known.depots)
        if self.known.depots and not self.known.reports:
            self._empty.set_words(
                self.tr("Nothing fetched yet"),
                self.tr("Your performance will stand here once the first reports have come from IBKR."),
                self.tr("Fetch reports"),
            )
        elif self.known.depots:
            self._empty.set_words(
                self.tr("No figures in this period"),
                self.tr("No trade was closed in it, and no report has a net asset value for it."),
                self.tr("Show all periods"),
            )
        else:
            self._empty.set_words(
                self.tr("Your performance will stand here"),
                self.tr("Set up a depot and its reports are fetched from IBKR, or import Flex files you already have."),
                self.tr("Set up a depot"),
            )

    def _on_empty(self) -> None:
        if not self.known.depots:
            self.settings_wanted.emit("new_depot")
        elif self.known.reports:
            self.all_time_wanted.emit()
        else:
            self.sync_wanted.emit()

    def paint_mask(self) -> None:
        """Hide or show money in figures, chart and tables."""
        self.chart.set_masked(self.masked)
        self.statistics.set_masked(self.masked)
        self.breakdown.set_masked(self.masked)
        if self._report is not None:
            self.strip.show_report(self._report, masked=self.masked)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the panels into one, two or three columns."""
        super().resizeEvent(event)
        self._arrange()

    def _build(self) -> None:
        self._group_button = QToolButton()
        self._group_button.setProperty("small", True)
        self._group_button.setFont(theme.current().font(Type.SECONDARY))
        self._group_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._group_button.setToolTip(self.tr("What results are grouped by"))
        self._group_button.setAccessibleName(self._group_button.toolTip())
        menu = QMenu(self)
        for key, words, _title in grouping_names():
            menu.addAction(words).triggered.connect(partial(self._on_group, key))
        self._group_button.setMenu(menu)
        self._statistics_panel = Panel(
            self.tr("Statistics"), self.tr("closed trades, net of fees"), [self._export_tool("statistics")]
        )
        self._statistics_panel.body.setContentsMargins(INSET, 0, INSET, INSET)
        self._statistics_panel.set_content(self.statistics)
        self._statistics_panel.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._breakdown_panel = Panel(self.tr("By symbol"), "", [self._group_button, self._export_tool("breakdown")])
        self._breakdown_panel.set_content(self.breakdown)
        self._months_panel = Panel(
            self.tr("Months"), self.tr("time-weighted return, %"), [self.legend, self._export_tool("months")]
        )
        self._month_note = label(role=Type.SMALL, tone="muted")
        self._month_note.setContentsMargins(Space.PADDING, 0, 0, Space.CELL)
        self._months_panel.body.addWidget(self.months)
        self._months_panel.body.addWidget(self._month_note)
        self._months_panel.body.addSpacing(4)
        self._months_panel.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.chart.setMinimumHeight(340)
        self._side = QWidget()
        self._tables = QBoxLayout(QBoxLayout.Direction.TopToBottom, self._side)
        self._tables.setContentsMargins(0, 0, 0, 0)
        self._tables.setSpacing(Space.GAP)
        self._tables.addWidget(self._statistics_panel)
        self._tables.addWidget(self._breakdown_panel, 1)
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(Space.GAP)
        inner = QWidget()
        inner.setObjectName("scrolled")
        column = QVBoxLayout(inner)
        column.setContentsMargins(Space.EDGE_X, Space.EDGE_Y, Space.EDGE_X, Space.EDGE_Y)
        column.setSpacing(Space.GAP)
        column.addWidget(self.strip)
        column.addWidget(self.problems)
        self._panels = QWidget()
        self._panels.setLayout(self._grid)
        column.addWidget(self._panels, 1)
        column.addStretch(0)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inner)
        self._stack = QStackedWidget()
        self._stack.addWidget(scroll)
        self._stack.addWidget(self._empty)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._stack)
        self._arrange()

    def ask_origin(self, name: str = "", title: str = "") -> None:
        """Ask where a figure comes from: the statistic that has the keyboard, the trades of the breakdown, else a tile."""
        if name:
            self.origin_wanted.emit(OfFigure(name, title, values=name in OF_VALUES, depot=self.depot, period=self.period))
        elif self.statistics.hasFocus() and (chosen := self.statistics.current_figure()) is not None:
            self.ask_origin(chosen.name, name_of(chosen))
        elif self.breakdown.table.hasFocus():
            self.ask_origin("trades", self.tr("Closed trades"))
        else:
            self.strip.ask_origin()

    def _connect(self) -> None:
        shortcut = QShortcut(QKeySequence("Ctrl+E"), self)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(self.ask_origin)
        for table in (self.statistics, self.breakdown.table):
            ask = QAction(self.tr("Where does this number come from?"), table)
            ask.triggered.connect(partial(self._ask_from, table))
            table.addAction(ask)
            table.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.strip.origin_wanted.connect(self.ask_origin)
        self.chart.convention_wanted.connect(self._on_convention)
        self._empty.clicked.connect(self._on_empty)
        self.problems.depot_wanted.connect(self.depot_wanted)

    def _ask_from(self, table: TableView) -> None:
        table.setFocus(Qt.FocusReason.OtherFocusReason)
        self.ask_origin()

    def _arrange(self) -> None:
        columns = 3 if self.width() >= _THREE_COLUMNS else 2 if self.width() >= _TWO_COLUMNS else 1
        if columns == self._columns:
            return
        self._columns = columns
        self._grid.addWidget(self.chart, 0, 0)
        self._grid.addWidget(self._months_panel, 1, 0)
        if columns == 1:
            self._grid.addWidget(self._side, 2, 0)
        else:
            self._grid.addWidget(self._side, 0, 1, 2, columns - 1)
        wide = columns == _WIDEST
        self._tables.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)
        self._tables.setAlignment(self._statistics_panel, Qt.AlignmentFlag.AlignTop if wide else Qt.AlignmentFlag(0))
        self._tables.setStretch(0, 1 if wide else 0)
        for column in range(3):
            self._grid.setColumnStretch(column, 1 if column == 0 else 0)
            self._grid.setColumnMinimumWidth(column, _SIDE if 0 < column < columns else 0)
        self._breakdown_panel.setMinimumHeight(300 if columns == 1 else 200)

    def _export_tool(self, what: str) -> QToolButton:
        tool = tool_button("download", self.tr("Save as CSV"))
        tool.setProperty("small", True)
        tool.clicked.connect(partial(self.export, what))
        return tool

    def export(self, what: str) -> None:
        """Ask where to, and save ``statistics``, ``breakdown`` or ``months`` as CSV."""
        tables: dict[str, TableView] = {"statistics": self.statistics, "breakdown": self.breakdown.table, "months": self.months}
        text = table_as_csv(tables[what])

        def save(path: Path) -> None:
            self.tasks.run(write_text, path, text, owner=self)

        ask_where_to_save(self, title=self.tr("Save as CSV"), name=f"{what}.csv", patterns=csv_pattern(), then=save)

    def _on_report(self, asked: int, group_by: str, report: PerformanceReport) -> None:
        if asked == self._asked:
            self.show_report(report, group_by=group_by)
            self.loaded.emit()

    def _on_group(self, key: str) -> None:
        if key != self._group_by:
            self._group_by = key
            self.mark_dirty()

    def _on_convention(self, convention: Convention) -> None:
        if convention is not self._convention:
            self._convention = convention
            self.mark_dirty()

    def _show_group_words(self, group_by: str) -> None:
        for key, words, title in grouping_names():
            if key == group_by:
                self._group_button.setText(words + " ▾")
                self._breakdown_panel.set_title(title)

    def _show_status(self, report: PerformanceReport) -> None:
        parts: list[StatusPart] = []
        if "mixed_base_currencies" in report.problems:
            self.status_changed.emit(parts, "")
            return
        days = len(report.returns.points)
        if days:
            one, several = self.tr("1 day of values"), self.tr("%Ln days of values", "", days)
            parts.append(StatusPart(one if days == 1 else several))
        closed = max((figure.n or 0 for figure in report.statistics), default=0)
        words = self.tr("{count} closed trades") if closed != 1 else self.tr("{count} closed trade")
        parts.append(StatusPart(words.format(count=formats.quantity(Decimal(closed)))))
        if report.provisional_left_out:
            words = self.tr("{count} provisional left out").format(count=report.provisional_left_out)
            parts.append(StatusPart(words, "circle-dashed", "info"))
        base = self.tr("Base currency {currency}").format(currency=report.currency) if report.currency else ""
        self.status_changed.emit(parts, base)


def _is_empty(report: PerformanceReport) -> bool:
    """Whether there is nothing to show, and no other reason for it than that nothing is there."""
    traded = any(figure.n for figure in report.statistics)
    return not report.equity.points and not traded and set(report.problems) <= {"no_equity"}


class _ProblemBox(QFrame):
    """Says what the report lacks; where one depot is to be chosen, the depots stand beside it."""

    depot_wanted = Signal(object)
    """A `DepotId` that was chosen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("warningBox")
        self.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 12, 8)
        row.setSpacing(Space.ICON_GAP)
        self.words = label(tone="warning", wrap=True)
        row.addWidget(icon_label("triangle-alert", color="warning"), 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.words, 1)
        self._row = row
        self._choosing = False
        self.choices: list[QPushButton] = []

    def set_depots(self, depots: Sequence[tuple[DepotId, str]]) -> None:
        """Offer these depots, with their names, where one has to be chosen; the picker above has those beyond the first few."""
        for old in self.choices:
            old.hide()
            old.deleteLater()
        self.choices = []
        for depot, name in depots[:_CHOICES]:
            choice = button("", small=True)
            short = QFontMetrics(choice.font()).elidedText(name, Qt.TextElideMode.ElideRight, _CHOICE_WIDTH)
            choice.setText(short.replace("&", "&&"))
            choice.setToolTip(name if short != name else "")
            choice.clicked.connect(partial(self.depot_wanted.emit, depot))
            choice.setVisible(self._choosing)
            self._row.addWidget(choice)
            self.choices.append(choice)

    def show_problems(self, codes: tuple[str, ...]) -> None:
        """Show the sentences for these codes; nothing without any."""
        self._choosing = "mixed_base_currencies" in codes
        for choice in self.choices:
            choice.setVisible(self._choosing)
        self.words.setText("\n".join(problem_text(code) for code in codes))
        self.setVisible(bool(codes))
