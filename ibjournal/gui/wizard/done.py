"""The last page: what was set up, and the way into the journal."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ibjournal.gui.theme import Space, Type
from ibjournal.gui.widgets import formats
from ibjournal.gui.widgets.labels import button, hairline, icon_label, label
from ibjournal.gui.widgets.panel import Panel
from ibjournal.gui.wizard.came import all_that_came, came_words
from ibjournal.gui.wizard.frame import WizardPage, help_column, note_box
from ibjournal.gui.wizard.state import Feed, Step, WizardState


class DonePage(WizardPage):
    """Sums up. ``another_wanted``: set up one more depot; ``calendar_wanted``: an entry for the token's last day."""

    step = Step.DONE
    another_wanted = Signal()
    calendar_wanted = Signal()

    def __init__(self, state: WizardState) -> None:
        super().__init__(
            state, self.tr("Done"), self.tr("The depot is set up. Everything can be changed in the settings at any time.")
        )
        self.lines = [label("", wrap=True) for _ in range(4)]
        panel = Panel()
        icons = ("wallet", "key-round", "refresh-cw", "bell")
        self._rows = [_Row(icon, text, ruled=icon != icons[0]) for icon, text in zip(icons, self.lines, strict=True)]
        for row in self._rows:
            panel.body.addWidget(row)
        self.form.addWidget(panel)
        self.another = button(self.tr("Set up &another depot"), icon="plus")
        self.entry = button(self.tr("Save a &calendar entry…"), icon="calendar-plus")
        buttons = QHBoxLayout()
        buttons.addWidget(self.entry)
        buttons.addWidget(self.another)
        buttons.addStretch(1)
        self.form.addSpacing(8)
        self.form.addLayout(buttons)
        self.another.clicked.connect(self.another_wanted)
        self.entry.clicked.connect(self.calendar_wanted)
        self.finish_form(self._help_part())

    def enter(self) -> None:
        """Sum up anew."""
        state = self.state
        found = all_that_came(state)
        self.lines[0].setText(self.tr("Depot {name}").format(name=state.name.strip()))
        if state.feed is Feed.FILES:
            self.lines[1].setText(self.tr("Fed by files; no token is needed."))
        elif state.token_of is not None:
            self.lines[1].setText(self.tr("Uses the token of another depot; a new token is taken by both."))
        elif state.ends is not None:
            words = self.tr("Token valid until {time}. Fetching stops then, until you enter a new one.")
            self.lines[1].setText(words.format(time=formats.moment(state.ends)))
        elif state.expires is not None:
            words = self.tr("Token valid until {day}. We remind you 30 days, 7 days and 1 day before.")
            self.lines[1].setText(words.format(day=formats.full_day(state.expires)))
        self.entry.setVisible(state.feed is Feed.FETCH and state.expires is not None and state.ends is None)
        if state.fetching:
            going = self.tr("The first fetch is under way; the journal fills by itself.")
            self.lines[2].setText(f"{going}\n{came_words(found)}" if found.reports else going)
        else:
            self.lines[2].setText(came_words(found) if found.reports else self.tr("No report has come yet."))
        words = self.tr("Fills of today are provisional until IBKR's Activity report confirms them the next day. They are marked.")
        if state.feed is Feed.FILES:
            words = self.tr("The journal is as recent as the files: drop newer ones on the window at any time.")
        self.lines[3].setText(words)
        for row, line in zip(self._rows, self.lines, strict=True):
            row.setVisible(bool(line.text()))
        self._synced.setVisible(state.feed is Feed.FETCH)
        self._dropped.setVisible(state.feed is Feed.FILES)
        self.told.emit("")

    def _help_part(self) -> QWidget:
        widget, column = help_column()
        column.addWidget(label(self.tr("How to go on"), role=Type.SUBHEAD, tone="strong"))
        text = self.tr("Sync at the top right, or Ctrl+R, fetches what is new. Every figure tells where it comes from: Ctrl+E.")
        self._synced = note_box("refresh-cw", self.tr("New reports"), text)
        text = self.tr("Download an XML file at IBKR and drop it on the window. Every figure tells where it comes from: Ctrl+E.")
        self._dropped = note_box("file-code", self.tr("New reports"), text)
        column.addWidget(self._synced)
        column.addWidget(self._dropped)
        text = self.tr("Check compares the journal with IBKR's own figures and gives the reason for each difference.")
        column.addWidget(note_box("scale", self.tr("Is it right?"), text))
        return widget


class _Row(QWidget):
    """An icon and words; a line above where it is ``ruled``."""

    def __init__(self, icon: str, text: QLabel, *, ruled: bool) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        if ruled:
            column.addWidget(hairline())
        row = QHBoxLayout()
        row.setContentsMargins(Space.PADDING - 1, 10, Space.PADDING - 1, 10)
        row.setSpacing(Space.GAP)
        row.addWidget(icon_label(icon), 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(text, 1)
        column.addLayout(row)
