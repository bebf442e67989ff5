"""The reports screen: every fetch and import, what it brought, and the raw report one click away."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from ibjournal.gui.depots.findings import PRESSING, FindingsPanel, pressing
from ibjournal.gui.errors import Button
from ibjournal.gui.reports.drop_box import DropBox
from ibjournal.gui.reports.run_pane import RunPane
from ibjournal.gui.reports.runs_table import RunsTable
from ibjournal.gui.reports.words import count
from ibjournal.gui.reports.xml_viewer import XmlViewer
from ibjournal.gui.screen import Screen, StatusPart
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.theme import Space
from ibjournal.gui.widgets.panel import EmptyState
from ibjournal.services.changes import Changes
from ibjournal.services.doctor import DoctorService, QueryFindings
from ibjournal.services.reports import ReportEntry, ReportsService, Run
from ibjournal.store.status import MissingFill

_LIST = 400


class ReportsScreen(Screen):
    """Shows the runs of the chosen depot; the period means nothing here."""

    name = "reports"
    icon = "list-checks"
    uses_period = False
    reload_on = Changes(reports=True, depots=True)

    def __init__(
        self, reports: ReportsService, tasks: TaskRunner, parent: QWidget | None = None, *, doctor: DoctorService | None = None
    ) -> None:
        super().__init__(tasks, parent)
        self._doctor = doctor
        self.title = self.tr("Reports")
        self._reports = reports
        self._asked = 0
        self._wanted = 0
        self.drop = DropBox()
        self.table = RunsTable()
        self.pane = RunPane()
        self.findings = FindingsPanel(needs=PRESSING, name_depots=True)
        """Stays above whatever run is chosen until the queries are mended."""
        self._empty = EmptyState(
            self.tr("Every fetch and import will stand here"),
            self.tr("With what it brought, its warnings, and the report as IBKR wrote it."),
            self.tr("Import files…"),
        )
        self.pane.pin(self.findings)
        self._build()
        self._connect()

    def load(self) -> None:
        """Read the log in the background."""
        self._asked += 1
        self.tasks.run(self._reports.list_runs, depot=self.depot, owner=self, done=partial(self._on_runs, self._asked))
        self.tasks.run(self._reports.vanished, self.depot, owner=self, done=partial(self._on_missing, self._asked))
        if self._doctor is not None:
            self.tasks.run(self._doctor.findings, self.depot, owner=self, done=partial(self._on_findings, self._asked))

    def show_runs(self, runs: tuple[Run, ...]) -> None:
        """Show these runs."""
        self._stack.setCurrentWidget(self.pane if runs else self._empty)
        self.table.show_runs(runs)
        parts = [StatusPart(self.tr("1 run") if len(runs) == 1 else self.tr("%Ln runs", "", len(runs)))] if runs else []
        failed = sum(run.result == "failed" for run in runs)
        if failed:
            parts.append(StatusPart(self.tr("{count} failed").format(count=count(failed)), "triangle-alert", "negative"))
        self.status_changed.emit(parts, "")

    def open_report(self, report: int) -> None:
        """Choose a report and the run that brought it: at once, or when the log of all depots has been read."""
        self._wanted = report
        if not self._choose_wanted() and self.depot is not None:
            self.depot_wanted.emit(None)

    def _choose_wanted(self) -> bool:
        lines = enumerate(self.table.runs.lines)
        runs = [(row, line) for row, line in lines if isinstance(line, Run) and any(e.id == self._wanted for e in line.reports)]
        if not self._wanted or not runs:
            return False
        row, run = runs[0]
        self.table.selectRow(row)
        self.pane.files.selectRow(self.pane.files.files.row_of(lambda entry: entry.id == self._wanted))
        self._wanted = 0
        return run.id > 0

    def paint_mask(self) -> None:
        """Keep the raw report closed while money is masked."""
        self.pane.set_masked(self.masked)
        if self.masked:
            for viewer in self.findChildren(XmlViewer):
                viewer.close()

    def _build(self) -> None:
        side = QWidget()
        side.setObjectName("surface")
        side.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        side.setMinimumWidth(320)
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        above = QVBoxLayout()
        above.setContentsMargins(Space.GAP, Space.GAP, Space.GAP, Space.CELL)
        above.addWidget(self.drop)
        column.addLayout(above)
        column.addWidget(self.table, 1)
        self._stack = QStackedWidget()
        self._stack.addWidget(QWidget())  # nothing is said before it is known whether there are any
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.pane)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setHandleWidth(1)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(side)
        splitter.addWidget(self._stack)
        splitter.setStretchFactor(0, 0)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([_LIST, 10_000])
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(splitter)

    def _connect(self) -> None:
        self.drop.dropped.connect(self.import_wanted)
        self.drop.choose_wanted.connect(self._on_choose)
        self._empty.clicked.connect(self._on_choose)
        self.table.chosen.connect(self._on_chosen)
        self.pane.xml_wanted.connect(self._on_xml)
        self.pane.mend_wanted.connect(self._on_mend)
        self.findings.edit_wanted.connect(lambda _depot: self.settings_wanted.emit("depots"))

    def _on_runs(self, asked: int, runs: tuple[Run, ...]) -> None:
        if asked == self._asked:
            self.show_runs(runs)
            self._choose_wanted()
            self.loaded.emit()

    def _on_choose(self) -> None:
        self.import_wanted.emit([])

    def _on_chosen(self, run: Run | None) -> None:
        if run is not None:
            self.pane.show_run(run)
            self.tasks.run(self._reports.fill_changes, run, owner=self, done=partial(self.pane.show_changes, run))

    def _on_missing(self, asked: int, fills: tuple[MissingFill, ...]) -> None:
        if asked == self._asked:
            self.pane.show_missing(fills)

    def _on_findings(self, asked: int, queries: tuple[QueryFindings, ...]) -> None:
        if asked == self._asked:
            self.findings.show_findings(queries)
            count = pressing(queries)
            self.badge_changed.emit(str(count) if count else "", "warning")

    def _on_xml(self, entry: ReportEntry) -> None:
        self.tasks.run(self._reports.read_xml, entry.id, owner=self, done=partial(self._show_xml, entry))

    def _show_xml(self, entry: ReportEntry, data: bytes) -> None:
        if not self.masked:
            XmlViewer(entry.archive_file or entry.file, data, self.tasks, self).show()

    def _on_mend(self, button: Button) -> None:
        run = self.pane.run
        if run is None or run.depot is None:
            return
        if button is Button.RENEW:
            self.renewal_wanted.emit(run.depot)
        elif button is Button.EDIT_DEPOT:
            self.settings_wanted.emit("depots")
