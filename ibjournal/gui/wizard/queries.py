"""The second page: where the reports come from, and the two queries to make at IBKR as lists to tick."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QRadioButton, QStackedWidget, QVBoxLayout, QWidget

from ibjournal.flex.query_guide import query_guide
from ibjournal.gui.portal import click_list, open_portal, query_steps
from ibjournal.gui.theme import Type
from ibjournal.gui.widgets.labels import button, label
from ibjournal.gui.widgets.segmented import SegmentedControl
from ibjournal.gui.wizard.checklist import Checklist, as_text
from ibjournal.gui.wizard.frame import WizardPage, help_column, note_box
from ibjournal.gui.wizard.state import Feed, Step, WizardState

_LIST_HEIGHT = 332


class QueriesPage(WizardPage):
    """A choice between fetching and files, and for fetching the two checklists."""

    step = Step.QUERIES

    def __init__(self, state: WizardState) -> None:
        lead = self.tr(
            "A Flex query is a list of what IBKR writes into a report. ibjournal needs two of them, made once in the client portal."
        )
        super().__init__(state, self.tr("Create the Flex queries"), lead)
        self.fetch = QRadioButton(self.tr("Fetch reports from IBKR by itself"))
        self.files = QRadioButton(self.tr("Only from files that I download myself: no token"))
        group = QButtonGroup(self)
        choice = QVBoxLayout()
        choice.setSpacing(6)
        for each in (self.fetch, self.files):
            group.addButton(each)
            choice.addWidget(each)
        (self.files if state.feed is Feed.FILES else self.fetch).setChecked(True)
        self.form.addLayout(choice)
        self._lists = QWidget()
        column = QVBoxLayout(self._lists)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(8)
        self.which = SegmentedControl(
            [("AF", self.tr("1  Activity")), ("TCF", self.tr("2  Trade Confirmation"))], name=self.tr("Flex query")
        )
        self.copy = button(self.tr("&Copy as text"), icon="copy", small=True)
        row = QHBoxLayout()
        row.addWidget(self.which)
        row.addStretch(1)
        row.addWidget(self.copy)
        column.addLayout(row)
        self._count = label("", role=Type.SECONDARY, tone="muted", wrap=True)
        column.addWidget(self._count)
        self.lists = {kind: Checklist(query_guide(kind), state.ticked) for kind in ("AF", "TCF")}
        self._stack = QStackedWidget()
        for each_list in self.lists.values():
            each_list.setMinimumHeight(_LIST_HEIGHT)
            each_list.ticks_changed.connect(self._show_count)
            each_list.ticks_changed.connect(self.edited)
            self._stack.addWidget(each_list)
        column.addWidget(self._stack, 1)
        hint = self.tr(
            "In each section “Select All” ticks every field; only “Model” has to stay unticked. The ticks here are for you alone."
        )
        column.addWidget(label(hint, role=Type.SECONDARY, tone="muted", wrap=True))
        self._for_files = note_box(
            "file-code",
            self.tr("What these files are"),
            self.tr(
                "XML files of Flex queries that you run in the client portal. If you have none yet, create the queries below and"
                " run them there. The next page asks for a name, the one after it for the files. A token can be added later."
            ),
        )
        self.form.addWidget(self._for_files)
        self.form.addWidget(self._lists, 100)
        self._fetch_help, self._clicks = self._help_part()
        self.finish_form(self._fetch_help)
        self.fetch.toggled.connect(self._on_feed)
        self.which.changed.connect(self._on_which)
        self.copy.clicked.connect(self._on_copy)
        self._show_feed()
        self._show_count()

    def enter(self) -> None:
        """Begin at the choice."""
        (self.fetch if self.fetch.isChecked() else self.files).setFocus()
        self.told.emit(self.tr("You have both queries already? Then go on."))

    def _help_part(self) -> tuple[QWidget, QWidget]:
        widget, column = help_column()
        column.addWidget(label(self.tr("Where to find this at IBKR"), role=Type.SUBHEAD, tone="strong"))
        clicks = click_list(query_steps())
        column.addWidget(clicks)
        self.portal = button(self.tr("&Open client portal"), icon="external-link")
        self.portal.clicked.connect(open_portal)
        row = QHBoxLayout()
        row.addWidget(self.portal)
        row.addStretch(1)
        column.addLayout(row)
        text = self.tr(
            "Activity holds everything up to yesterday, with IBKR's own results to check against. Trade Confirmation holds"
            " today's fills, minutes after they happen."
        )
        column.addSpacing(4)
        column.addWidget(note_box("info", self.tr("Why two?"), text))
        return widget, clicks

    def _on_feed(self, _checked: bool) -> None:  # noqa: FBT001 - the slot of a toggle
        self.state.feed = Feed.FETCH if self.fetch.isChecked() else Feed.FILES
        self._show_feed()
        self.edited.emit()

    def _show_feed(self) -> None:
        fetch = self.state.feed is Feed.FETCH
        self._for_files.setVisible(not fetch)

    def _on_which(self, kind: str) -> None:
        self._stack.setCurrentWidget(self.lists[kind])
        self.copy.setText(self.tr("&Copy as text"))
        self._show_count()

    def _show_count(self) -> None:
        ticked, total = self.lists[self.which.current].progress()
        words = self.tr("{ticked} of {total} sections and settings ticked")
        self._count.setText(words.format(ticked=ticked, total=total))

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(as_text(query_guide(self.which.current)))
        self.copy.setText(self.tr("&Copied"))
