"""The fourth page: the first fetch, year after year back to the start of history; older years from files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from PySide6.QtCore import Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from ibjournal.domain.depot import DepotId
from ibjournal.domain.errors import JournalError
from ibjournal.gui import errors
from ibjournal.gui.bundle import Services
from ibjournal.gui.reports.drop_box import paths_of
from ibjournal.gui.sync_control import SyncControl, progress_text
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.theme import Space, Type
from ibjournal.gui.widgets.labels import button, label
from ibjournal.gui.widgets.panel import Panel
from ibjournal.gui.wizard.came import came, came_words
from ibjournal.gui.wizard.frame import WizardPage, help_column, note_box
from ibjournal.gui.wizard.older_files import OlderFiles
from ibjournal.gui.wizard.state import Feed, Step, WizardState
from ibjournal.gui.wizard.year_lines import YearLines
from ibjournal.services.fetch_plan import HISTORY_YEARS
from ibjournal.services.jobs import Arrival, Progress
from ibjournal.services.sync import SyncReport
from ibjournal.services.sync_report import arrivals


class FetchPage(WizardPage):
    """Shows the fetch, which runs in the window's own sync: leaving the page or the wizard does not end it."""

    step = Step.FETCH
    changed = Signal(object)
    """`Changes` of files that were taken in."""
    mend_wanted = Signal()
    """The user wants back to token and ids."""
    ended = Signal()
    """The fetch has come to its end while its button had the focus."""

    def __init__(
        self,
        state: WizardState,
        services: Services,
        tasks: TaskRunner,
        sync: SyncControl,
        *,
        today: Callable[[], date] = date.today,
    ) -> None:
        super().__init__(state, "", "")
        self._services, self._tasks, self._sync, self._today = services, tasks, sync, today
        self._begun = state.fetching
        self.panel = Panel(self.tr("What is fetched"))
        self.stop = button(self.tr("Sto&p"), small=True)
        self.again = button(self.tr("&Try again"), icon="refresh-cw", small=True)
        self.mend = button(self.tr("Back to token and &ids"), icon="chevron-left", small=True)
        for tool in (self.mend, self.again, self.stop):
            self.panel.add_tool(tool)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Progress of the fetch"))
        self.line = label("", role=Type.SECONDARY, tone="muted", wrap=True)
        self.sum = label("", role=Type.STRONG, tone="strong", wrap=True)
        self.fault = label("", tone="warning", wrap=True)
        self.years = YearLines()
        self.files = OlderFiles(state, services, tasks)
        self._build()
        self._connect()
        self.years.begin(state.earlier)
        self._show_head()
        self._show_all()

    def _build(self) -> None:
        head = QVBoxLayout()
        head.setContentsMargins(Space.PADDING - 1, 0, Space.PADDING - 1, 10)
        head.setSpacing(6)
        for part in (self.bar, self.line, self.sum, self.fault):
            head.addWidget(part)
        self.panel.body.addLayout(head)
        self.panel.body.addWidget(self.years)
        self.panel.body.addSpacing(8)
        self.form.addWidget(self.panel)
        self.form.addWidget(self.files)
        self.setAcceptDrops(True)  # the whole page: what is dropped beside the box is meant for this depot, too
        self.finish_form(self._help_part())

    def _help_part(self) -> QWidget:
        widget, column = help_column()
        first = self._today().year - HISTORY_YEARS
        text = self.tr(
            "IBKR answers Flex queries from {year} on. If you kept XML files of the years before, drop them here, now or at any"
            " later time."
        )
        column.addWidget(note_box("calendar-days", self.tr("Older years"), text.format(year=first)))
        text = self.tr(
            "IBKR allows ten requests a minute and takes up to a minute for a year. Nothing has to be watched: what arrived is"
            " kept, and a fetch that was stopped goes on where it ended."
        )
        self._slow = note_box("info", self.tr("Why does it take so long?"), text)
        column.addWidget(self._slow)
        return widget

    def _connect(self) -> None:
        self._sync.progressed.connect(self._on_progress)
        self._sync.depot_done.connect(self._on_done)
        self._sync.failed.connect(self._on_failed)
        self.stop.clicked.connect(self._sync.cancel)
        self.again.clicked.connect(self.start)
        self.mend.clicked.connect(self.mend_wanted)
        self.files.changed.connect(self.changed)

    # --- coming and going

    def enter(self) -> None:
        """Show how far the fetch is."""
        self._show_head()
        self._show_all()
        if self.state.feed is Feed.FILES:
            self.files.drop.choose.setFocus()
        self._tell()

    def _tell(self) -> None:
        self.told.emit(self.tr("The fetch goes on while you look around.") if self.state.fetching else "")

    def _show_head(self) -> None:
        files = self.state.feed is Feed.FILES
        self._slow.setVisible(not files)
        if files:
            lead = self.tr("Drop the XML files here, all at once or a few at a time, now or later. Each fill counts once.")
            self.set_head(self.tr("The files of this depot"), lead)
        else:
            lead = self.tr(
                "IBKR answers for this year and the four before, one year at a time. You may go on or close the wizard: the fetch"
                " runs in the background."
            )
            self.set_head(self.tr("First fetch"), lead)

    def start(self) -> None:
        """Fetch the depot now, or once the sync that is running ends."""
        state = self.state
        if state.depot is None or state.feed is Feed.FILES:
            return
        # what could not be read is fetched once more
        state.earlier, state.came = (*state.earlier, *(each for each in state.came if each.reports)), ()
        state.fetching, state.report = True, None
        self._begun = True
        self.years.begin(state.earlier)
        self._show_all()
        self.line.setText(self.tr("Starting…"))
        self._tell()
        self.edited.emit()
        self._sync.fetch(state.depot)

    def go_on(self) -> None:
        """Go on with a fetch that ended with the window it was shown in; what it brought until then is in the journal."""
        state = self.state
        if state.fetching and state.depot is not None and state.feed is Feed.FETCH:
            self._begun = False
            self._show_all()
            self.line.setText(self.tr("Starting…"))
            self._tasks.run(
                self._services.reports.arrivals,
                state.depot,
                owner=self,
                done=self._go_on_after,
                failed=lambda _: self.start(),
                reads=True,
            )

    def _go_on_after(self, earlier: tuple[Arrival, ...]) -> None:
        self.state.earlier, self.state.came = earlier, ()
        self.start()

    # --- what the sync tells

    def _on_progress(self, depot: DepotId, progress: Progress) -> None:
        if depot == self.state.depot and self.state.fetching and self._begun:
            self.show_progress(progress)

    def show_progress(self, progress: Progress) -> None:
        """Show how far the fetch is, and what came the moment it is stored."""
        if progress.total:
            self.bar.setRange(0, progress.total)
            self.bar.setValue(progress.done + (progress.arrival is not None))
        self.line.setText(progress_text(progress))
        if progress.days is None or not progress.slot:
            return
        if progress.arrival is None:
            self.years.ask(progress.slot, progress.days)
        else:
            self.state.came = (*self.state.came, progress.arrival)
            self.years.arrive(progress.days, progress.arrival)
            self._show_sum()

    def _on_done(self, report: SyncReport) -> None:
        if report.depot != self.state.depot:
            return
        state = self.state
        if state.fetching:
            self.years.end()
        else:  # it was fetched by itself meanwhile
            state.came = (*state.came, *(each for each in arrivals(report.queries) if each.reports))
            self.years.begin((*state.earlier, *state.came), whole=report.error is None and not report.cancelled)
        state.fetching, state.report = False, report
        self._show_all()
        self._tell()
        self.edited.emit()

    def _on_failed(self, error: Exception) -> None:
        if self.state.fetching and isinstance(error, JournalError):
            self.state.fetching = False
            self.years.end()
            self._show_all()
            self._show_error(error)

    # --- files

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files anywhere on the page."""
        if paths_of(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Take the files for this depot."""
        event.acceptProposedAction()
        self.files.take(paths_of(event.mimeData()))

    # --- showing

    def _show_all(self) -> None:
        state = self.state
        self.panel.setVisible(state.feed is Feed.FETCH)
        self.files.show_all()
        running, report = state.fetching, state.report
        error = report.error if report is not None else None
        failed = report is not None and (error is not None or report.cancelled)
        focused = self.stop.hasFocus() or self.again.hasFocus()
        self.bar.setVisible(running)
        self.line.setVisible(running)
        self.again.setVisible(failed)
        self.again.setText(self.tr("&Go on") if failed and error is None else self.tr("&Try again"))
        self.stop.setVisible(running and self._begun)
        if focused and (running or failed):
            (self.stop if running else self.again).setFocus()
        elif focused:
            self.ended.emit()
        self.mend.setVisible(error is not None)
        if running and not state.came:
            self.bar.setRange(0, 0)
        self._show_sum()
        self.fault.hide()
        if error is not None:
            self._show_error(error)
        elif failed:
            self.fault.setText(self.tr("The fetch was stopped. What arrived is kept; it can go on at any time."))
            self.fault.show()

    def _show_sum(self) -> None:
        found = came((*self.state.earlier, *self.state.came))
        self.sum.setText(came_words(found))
        self.sum.setVisible(self.state.report is not None or found.reports > 0)

    def _show_error(self, error: JournalError) -> None:
        self.again.show()
        self.fault.setText(errors.describe(error, depot=self.state.name).sentence)
        self.fault.show()

    def texts(self) -> list[str]:
        """Return the lines in words."""
        return self.years.texts()
