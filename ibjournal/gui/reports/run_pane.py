"""One run: what was done, what came, what to do about it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from ibjournal.gui.errors import Button, ErrorText, describe_code
from ibjournal.gui.reports.change_tables import ChangesTable, MissingTable
from ibjournal.gui.reports.run_tables import FilesTable, SectionsTable, StepsTable
from ibjournal.gui.reports.words import count, depot_of, duration, grouped, kind_of, new_rows, run_outcome, type_name
from ibjournal.gui.theme import Space, Type
from ibjournal.gui.widgets import formats
from ibjournal.gui.widgets.labels import ElidedLabel, button, icon_label, label, set_tone
from ibjournal.gui.widgets.pairs import Pair, PairGrid
from ibjournal.gui.widgets.panel import Panel
from ibjournal.services.reports import ReportEntry, Run
from ibjournal.store.fill_changes import FillChange
from ibjournal.store.status import MissingFill

_INSET = 7
_WIDEST = 1160
"""A name and its value must not drift apart on a wide screen."""
_CHIPS = {"positive": "positive", "negative": "negative", "warning": "warning", "info": "info"}


class RunPane(QScrollArea):
    """Shows a `Run` with its steps and reports."""

    xml_wanted = Signal(object)
    """The user wants to see a `ReportEntry` as IBKR wrote it."""
    mend_wanted = Signal(object)
    """The user pressed the button of an error: its `Button`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run: Run | None = None
        self._masked = False
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.fault = _FaultBox()
        self.steps = StepsTable()
        self.files = FilesTable()
        self.report = _ReportBox()
        self._steps_panel = Panel(self.tr("Steps"))
        self._files_panel = Panel(self.tr("Reports"))
        self.changes = ChangesTable()
        self.changes_panel = Panel(self.tr("What changed when provisional fills became final"))
        self.missing = MissingTable()
        self.missing_panel = Panel(
            self.tr("Missing fills"), self.tr("A later report over their days leaves them out; they count in no trade")
        )
        tables = (
            (self._steps_panel, self.steps),
            (self._files_panel, self.files),
            (self.changes_panel, self.changes),
            (self.missing_panel, self.missing),
        )
        for panel, table in tables:
            panel.body.setContentsMargins(_INSET, 0, _INSET, _INSET)
            panel.set_content(table)
        self._pinned = QVBoxLayout()
        self._title = label(role=Type.SUBHEAD, tone="strong")
        self._state = label(role=Type.SYMBOL)
        self._facts = ElidedLabel(role=Type.SECONDARY, tone="muted")
        head = QHBoxLayout()
        head.setSpacing(Space.ICON_GAP)
        head.addWidget(self._title)
        head.addWidget(self._state)
        head.addWidget(self._facts, 1)
        inner = QWidget()
        inner.setObjectName("scrolled")
        inner.setMaximumWidth(_WIDEST)
        column = QVBoxLayout(inner)
        column.setContentsMargins(Space.EDGE_X, Space.EDGE_Y, Space.EDGE_X, Space.EDGE_Y)
        column.setSpacing(Space.GAP)
        column.addLayout(self._pinned)
        column.addLayout(head)
        for part in (self.fault, self._steps_panel, self._files_panel, self.changes_panel, self.report, self.missing_panel):
            column.addWidget(part)
        self.changes_panel.hide()
        self.missing_panel.hide()
        column.addStretch(1)
        self.setWidget(inner)
        self.files.selection_changed.connect(self._show_report)
        self.report.xml.clicked.connect(self._on_xml)
        self.fault.mend.clicked.connect(self._on_mend)

    def pin(self, widget: QWidget) -> None:
        """Keep a widget above every run."""
        self._pinned.addWidget(widget)

    def show_run(self, run: Run) -> None:
        """Show a run; the report that was chosen in it stays chosen over a refresh."""
        same = self._run is not None and self._run.id == run.id
        chosen = self.files.currentIndex().row() if same else -1
        self._run = run
        outcome = run_outcome(run)
        self._title.setText(f"{kind_of(run)} · {depot_of(run)}")
        self._state.setText(outcome.word)
        set_tone(self._state, _CHIPS.get(outcome.tone, "muted"))
        facts = [formats.moment(run.started_at), self.tr("took {time}").format(time=duration(run)) if run.ended_at else ""]
        if run.reports:
            facts.append(self.tr("{count} new fills").format(count=count(new_rows(run))))
        self._facts.setText(" · ".join(fact for fact in facts if fact))
        error = run.error or next((step.error for step in run.steps if step.error), None)
        self.fault.show_error(describe_code(error.code, error.values) if error else None, can_mend=run.depot is not None)
        self._steps_panel.setVisible(bool(run.steps))
        self.steps.show_steps(run.steps)
        self._files_panel.setVisible(bool(run.reports))
        self.files.show_files(run.reports, named=run.kind != "sync")
        if 0 <= chosen < len(run.reports):
            self.files.selectRow(chosen)
        if not same:
            self.changes_panel.hide()
        self._show_report()

    def show_changes(self, run: Run, changes: tuple[FillChange, ...]) -> None:
        """Show what the reports of the run that is shown changed in fills; nothing where they only confirmed them."""
        if self._run is None or self._run.id != run.id:
            return
        self.changes.show_changes(changes)
        confirmed, changed = (sum(getattr(report, name) for report in run.reports) for name in ("confirmed", "changed"))
        one, several = self.tr("1 provisional fill became final"), self.tr("%Ln provisional fills became final", "", confirmed)
        told = self.tr("{count} of them changed").format(count=count(changed))
        self.changes_panel.set_subtitle(f"{one if confirmed == 1 else several}, {told}" if confirmed else "")
        self.changes_panel.setVisible(bool(changes))

    def show_missing(self, fills: tuple[MissingFill, ...]) -> None:
        """Show the fills that later reports leave out, in whatever run they went missing."""
        self.missing.show_fills(fills)
        self.missing_panel.setVisible(bool(fills))

    def set_masked(self, masked: bool) -> None:  # noqa: FBT001 - the slot of a toggle
        """Do not offer the raw report while money is masked: it is full of amounts."""
        self._masked = masked
        self.changes.set_masked(masked)
        self._show_report()

    @property
    def run(self) -> Run | None:
        """The run that is shown."""
        return self._run

    def _show_report(self) -> None:
        entry = self.files.current_file() if self._run is not None and self._run.reports else None
        self.report.setVisible(entry is not None)
        if entry is not None:
            self.report.show_entry(entry, masked=self._masked)

    def _on_xml(self) -> None:
        entry = self.files.current_file()
        if entry is not None:
            self.xml_wanted.emit(entry)

    def _on_mend(self) -> None:
        self.mend_wanted.emit(self.fault.button)


class _FaultBox(QFrame):
    """An error in words: what, why, what to do, and its one button."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("negativeBox")
        self.button = Button.NONE
        self._title = label(role=Type.STRONG, tone="negative", wrap=True)
        self._text = label(wrap=True)
        self.mend = button("", small=True)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._title)
        words.addWidget(self._text)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 10, 12, 10)
        row.setSpacing(Space.ICON_GAP)
        row.addWidget(icon_label("triangle-alert", color="negative"), 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        row.addWidget(self.mend, 0, Qt.AlignmentFlag.AlignVCenter)

    def show_error(self, words: ErrorText | None, *, can_mend: bool = False) -> None:
        """Show an error, or nothing."""
        self.setVisible(words is not None)
        if words is None:
            return
        self._title.setText(words.title)
        text = " ".join(part for part in (words.explanation, words.action) if part)
        self._text.setText(text)
        self._text.setVisible(bool(text))
        self.button = words.button if can_mend and words.button in (Button.RENEW, Button.EDIT_DEPOT) else Button.NONE
        self.mend.setText(words.button_text)
        self.mend.setVisible(self.button is not Button.NONE)


class _ReportBox(Panel):
    """One report: facts, why it was refused, warnings with how often, rows of each section."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Report"), parent=parent)
        self.xml = button(self.tr("Show XML"), icon="file-code", small=True)
        self.add_tool(self.xml)
        self.facts = PairGrid(2)
        self.fault = _FaultBox()
        self.warnings = label(wrap=True, selectable=True)
        self._warnings_head = label(role=Type.STRONG, tone="warning")
        self.sections = SectionsTable()
        upper = QVBoxLayout()
        upper.setContentsMargins(Space.PADDING - 1, 0, Space.PADDING - 1, Space.CELL)
        upper.setSpacing(Space.CELL)
        for part in (self.facts, self.fault, self._warnings_head, self.warnings):
            upper.addWidget(part)
        self.body.addLayout(upper)
        lower = QHBoxLayout()
        lower.setContentsMargins(_INSET, 0, _INSET, _INSET)
        lower.addWidget(self.sections)
        self.body.addLayout(lower)

    def show_entry(self, entry: ReportEntry, *, masked: bool) -> None:
        """Show a report."""
        self.set_title(type_name(entry), entry.file)
        self.xml.setEnabled(bool(entry.id) and not masked)
        tip = self.tr("Amounts are masked. Switch the mask off to see the raw report.") if masked else ""
        self.xml.setToolTip(tip)
        accounts = ", ".join(entry.accounts) or formats.DASH
        self.facts.set_pairs(
            (
                Pair(name=self.tr("Days"), value=formats.day_range(entry.from_date, entry.to_date)),
                Pair(name=self.tr("Accounts"), value=accounts, tip=accounts),
                Pair(name=self.tr("Made by IBKR"), value=formats.moment(entry.generated_at)),
                Pair(name=self.tr("Received"), value=formats.moment(entry.received_at)),
                Pair(name=self.tr("Size"), value=formats.size(entry.size) if entry.size else formats.DASH),
                Pair(name=self.tr("Kept as"), value=entry.archive_file or formats.DASH, tip=entry.archive_file),
            )
        )
        self.fault.show_error(describe_code(entry.error.code, entry.error.values) if entry.error else None)
        groups = grouped(entry.warnings)
        one, several = self.tr("1 warning"), self.tr("%Ln warnings", "", len(entry.warnings))
        self._warnings_head.setText(one if len(entry.warnings) == 1 else several)
        self._warnings_head.setVisible(bool(groups))
        self.warnings.setText("\n".join(f"{text} ({count(times)} ×)" if times > 1 else text for times, text in groups))
        self.warnings.setVisible(bool(groups))
        self.sections.setVisible(bool(entry.sections))
        self.sections.show_sections(entry.sections)
