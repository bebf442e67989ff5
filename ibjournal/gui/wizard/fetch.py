"""The fourth page: the first fetch, year after year back to the start of history; older years from files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from ibjournal.domain.depot import DepotId
from ibjournal.domain.errors import JournalError
from ibjournal.gui import errors, icons
from ibjournal.gui.bundle import Services
from ibjournal.gui.reports.drop_box import DropBox, paths_of
from ibjournal.gui.sync_control import SyncControl, progress_text
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.theme import Space, Type
from ibjournal.gui.widgets.labels import button, hairline, icon_label, label
from ibjournal.gui.widgets.panel import Panel
from ibjournal.gui.wizard.came import came, came_words
from ibjournal.gui.wizard.frame import WizardPage, help_column, note_box
from ibjournal.gui.wizard.state import Feed, Step, WizardState
from ibjournal.services.changes import Changes
from ibjournal.services.fetch_plan import HISTORY_YEARS
from ibjournal.services.importing import ImportedFile
from ibjournal.services.jobs import CancelToken, Progress
from ibjournal.services.sync import QuerySync, SyncReport

_TOLD = 5
"""Files that could not be taken in, of which each is told why."""


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
        self._years: dict[tuple[str, int], _YearLine] = {}
        self._now: tuple[str, int] | None = None
        self._last: dict[str, tuple[str, int]] = {}
        """The year that each query was asked for last."""
        self._taking: CancelToken | None = None
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
        self._build()
        self._connect()
        self._show_head()
        self._show_all()

    def _build(self) -> None:
        head = QVBoxLayout()
        head.setContentsMargins(Space.PADDING, 0, Space.PADDING, 10)
        head.setSpacing(6)
        for part in (self.bar, self.line, self.sum, self.fault):
            head.addWidget(part)
        self.panel.body.addLayout(head)
        self._lines = QVBoxLayout()
        self._lines.setSpacing(0)
        self._lines.setContentsMargins(0, 0, 0, 8)
        self.panel.body.addLayout(self._lines)
        self.form.addWidget(self.panel)
        self._older = label("", role=Type.SYMBOL, tone="strong", wrap=True)
        self.drop = DropBox()
        self._drop_line = label("", role=Type.STRONG, tone="strong", wrap=True)
        self._refused = label("", tone="warning", wrap=True)
        self.form.addWidget(self._older)
        self.form.addWidget(self.drop)
        self.stop_files = button(self.tr("Stop"), small=True)
        self.stop_files.hide()
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._drop_line, 1)
        row.addWidget(self.stop_files, 0, Qt.AlignmentFlag.AlignTop)
        self.form.addLayout(row)
        self.form.addWidget(self._refused)
        self._refused.hide()
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
        self.drop.dropped.connect(self.take_files)
        self.drop.choose_wanted.connect(self._ask_files)
        self.stop_files.clicked.connect(self.stop_taking)

    # --- coming and going

    def enter(self) -> None:
        """Show how far the fetch is."""
        self._show_head()
        self._show_all()
        if self.state.feed is Feed.FILES:
            self.drop.choose.setFocus()
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
        if self.state.depot is None or self.state.feed is Feed.FILES:
            return
        if self.state.report is not None:
            self.state.earlier = (*self.state.earlier, *(_good(query) for query in self.state.report.queries))
        self.state.fetching, self.state.report = True, None
        for line in self._years.values():
            line.hide()
            line.deleteLater()
        self._years, self._now, self._last = {}, None, {}
        self._show_all()
        self.line.setText(self.tr("Starting …"))
        self._tell()
        self.edited.emit()
        self._sync.fetch(self.state.depot)

    def go_on(self) -> None:
        """Go on with a fetch that ended with the window it was shown in."""
        if self.state.fetching:
            self.start()

    # --- what the sync tells

    def _on_progress(self, depot: DepotId, progress: Progress) -> None:
        if depot == self.state.depot and self.state.fetching:
            self.show_progress(progress)

    def show_progress(self, progress: Progress) -> None:
        """Show how far the fetch is."""
        if progress.total:
            self.bar.setRange(0, progress.total)
            self.bar.setValue(progress.done)
        self.line.setText(progress_text(progress))
        if progress.slot and progress.days is not None:
            key = (progress.slot, progress.days[0].year if progress.slot == "activity" else 0)
            if key != self._now:
                if self._now is not None:
                    self._years[self._now].show_state(self.tr("asked for"), "check", "positive")
                self._now = self._last[progress.slot] = key
            self._line(key).show_state(self.tr("on its way"), "hourglass", "accent")

    def _on_done(self, report: SyncReport) -> None:
        if report.depot == self.state.depot:
            self.state.fetching = False
            self.state.report = report
            self._show_all()
            self._tell()
            self.edited.emit()

    def _on_failed(self, error: Exception) -> None:
        if self.state.fetching and isinstance(error, JournalError):
            self.state.fetching = False
            self._show_all()
            self._show_error(error)

    # --- files

    def take_files(self, paths: Sequence[str | Path]) -> None:
        """Take files in for this depot."""
        if not paths:
            return
        self.stop_taking()
        self._taking = cancel = CancelToken()
        self._drop_line.setText(self.tr("Taking the files in …"))
        self._refused.hide()
        self.stop_files.show()
        self._tasks.run(
            self._services.importing.import_paths,
            tuple(Path(path) for path in paths),
            home=self.state.depot,
            cancel=cancel,
            token=cancel,
            progress=lambda step: self._tasks.call(self._on_file_step, cancel, step),
            owner=self,
            done=self._on_files,
            failed=self._on_files_failed,
        )

    def stop_taking(self) -> None:
        """End taking files in; what was taken stays."""
        if self._taking is not None:
            self._taking.cancel()
            self._taking = None
            self.stop_files.hide()
            self._show_all()
            self.changed.emit(Changes(reports=True))

    def _on_file_step(self, cancel: CancelToken, step: Progress) -> None:
        if cancel is self._taking:
            self._drop_line.setText(f"{step.subject}: {progress_text(step)}")

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files anywhere on the page."""
        if paths_of(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Take the files for this depot."""
        event.acceptProposedAction()
        self.take_files(paths_of(event.mimeData()))

    def _ask_files(self) -> None:
        dialog = QFileDialog(self, self.tr("Flex files of older years"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setNameFilters([self.tr("Flex reports (*.xml *.xml.gz *.gz)"), self.tr("All files (*)")])
        dialog.filesSelected.connect(self.take_files)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_files(self, files: tuple[ImportedFile, ...]) -> None:
        self._taking = None
        self.stop_files.hide()
        self.state.files = (*self.state.files, *files)
        changes = Changes(reports=True)
        for each in files:
            changes |= each.changes
        self._show_all()
        self.changed.emit(changes)

    def _on_files_failed(self, error: Exception) -> None:
        self._taking = None
        self.stop_files.hide()
        if isinstance(error, JournalError):
            self._drop_line.setText("")
            self._show_refused([errors.describe(error).sentence])

    # --- showing

    def _show_all(self) -> None:
        state = self.state
        files_only = state.feed is Feed.FILES
        self.panel.setVisible(not files_only)
        self._older.setText("" if files_only else self.tr("Older years from files"))
        self._older.setVisible(not files_only)
        running, report = state.fetching, state.report
        failed = report is not None and (report.error is not None or report.cancelled)
        focused = self.stop.hasFocus() or self.again.hasFocus()
        self.bar.setVisible(running)
        self.line.setVisible(running)
        self.again.setVisible(bool(failed))
        stopped = report is not None and report.cancelled and report.error is None
        self.again.setText(self.tr("&Go on") if stopped else self.tr("&Try again"))
        self.stop.setVisible(running)
        if focused and (running or failed):
            (self.stop if running else self.again).setFocus()
        elif focused:
            self.ended.emit()
        self.mend.setVisible(report is not None and report.error is not None)
        if running and self.bar.maximum() == 0 and not self._years:
            self.bar.setRange(0, 0)
        self.sum.setVisible(report is not None)
        self.fault.hide()
        if report is not None:
            files = tuple(file for query in (*state.earlier, *report.queries) for file in query.files)
            self.sum.setText(came_words(came(files)))
            self._show_report(report)
        taken = [each for each in state.files if each.error is None]
        refused = [each.error for each in state.files if each.error is not None]
        self._drop_line.setText(came_words(came(taken)) if taken else "")
        words = [errors.describe(error).sentence for error in refused[:_TOLD]]
        if len(refused) > _TOLD:
            rest = len(refused) - _TOLD
            one = self.tr("1 more file could not be taken in; the reason stands under Reports.")
            several = self.tr("%n more files could not be taken in; the reasons stand under Reports.", "", rest)
            words.append(one if rest == 1 else several)
        self._show_refused(words)

    def _show_refused(self, words: Sequence[str]) -> None:
        self._refused.setText("\n".join(words))
        self._refused.setVisible(bool(words))

    def _cut_off(self, report: SyncReport) -> set[tuple[str, int]]:
        """Return the years that were asked for and not answered: the last ones of queries that failed or were stopped."""
        found = {self._last[query.slot] for query in report.queries if query.error is not None and query.slot in self._last}
        if self._now is not None and (report.cancelled or (report.error is not None and not found)):
            found.add(self._now)
        return found

    def _show_report(self, report: SyncReport) -> None:
        cut_off = self._cut_off(report)
        for key, line in self._years.items():
            if key in cut_off:
                line.show_state(self.tr("not fetched yet"), "circle-dashed", "text_muted")
            else:
                line.show_state(self.tr("nothing there"), "minus", "text_muted")
        found: dict[tuple[str, int], list[ImportedFile]] = {}
        for query in (*self.state.earlier, *report.queries):
            for each in query.files:
                day = each.to_date
                found.setdefault((query.slot, day.year if query.slot == "activity" and day is not None else 0), []).append(each)
        for key, files in sorted(found.items(), key=lambda item: (item[0][0] != "activity", -item[0][1])):
            bad = next((each.error for each in files if each.error is not None), None)
            if bad is not None:
                self._line(key).show_state(errors.describe(bad).title, "triangle-alert", "warning")
            else:
                self._line(key).show_state(came_words(came(files), short=True), "circle-check", "positive")
        if report.error is not None:
            self._show_error(report.error)
        elif report.cancelled:
            self.fault.setText(self.tr("The fetch was stopped. What arrived is kept; it can go on at any time."))
            self.fault.show()

    def _show_error(self, error: JournalError) -> None:
        self.again.show()
        self.fault.setText(errors.describe(error, depot=self.state.name).sentence)
        self.fault.show()

    def _line(self, key: tuple[str, int]) -> _YearLine:
        line = self._years.get(key)
        if line is None:
            line = _YearLine(str(key[1]) if key[1] else self.tr("Today's fills"))
            self._years[key] = line
            self._lines.addWidget(line)
        return line

    def texts(self) -> list[str]:
        """Return the lines in words."""
        return [line.words() for line in self._years.values()]


def _good(query: QuerySync) -> QuerySync:
    """Return what a query brought, without what could not be read: that is fetched once more."""
    return replace(query, files=tuple(each for each in query.files if each.error is None))


class _YearLine(QWidget):
    """What came of one year."""

    def __init__(self, title: str) -> None:
        super().__init__()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(hairline())
        row = QHBoxLayout()
        row.setContentsMargins(Space.PADDING, 7, Space.PADDING, 7)
        row.setSpacing(12)
        self._icon = icon_label("hourglass", size=16)
        self._title = label(title, role=Type.SYMBOL, tone="strong")
        self._title.setMinimumWidth(120)
        self._text = label("", role=Type.SECONDARY, tone="muted", wrap=True)
        row.addWidget(self._icon)
        row.addWidget(self._title)
        row.addWidget(self._text, 1)
        outer.addLayout(row)

    def show_state(self, text: str, icon: str, color: str) -> None:
        """Say how it stands."""
        icons.set_icon(self._icon, icon, color=color)
        self._text.setText(text)
        self.setAccessibleName(self.words())

    def words(self) -> str:
        """Return the line in words."""
        return f"{self._title.text()}: {self._text.text()}"
