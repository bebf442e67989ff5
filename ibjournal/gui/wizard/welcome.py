"""The first page: language, colours of gain and loss, where data and tokens lie; and ways to look without setting up."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ibjournal.gui import i18n, icons, theme
from ibjournal.gui.preferences import Preferences
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.theme import Type
from ibjournal.gui.widgets import formats
from ibjournal.gui.widgets.labels import button, icon_label, label
from ibjournal.gui.widgets.panel import Chip
from ibjournal.gui.widgets.segmented import SegmentedControl
from ibjournal.gui.wizard.frame import WizardPage, help_column, note_box
from ibjournal.gui.wizard.state import Step, WizardState


class WelcomePage(WizardPage):
    """What concerns the whole program, before the first depot."""

    step = Step.WELCOME
    language_changed = Signal()
    look_changed = Signal()
    files_wanted = Signal()
    demo_wanted = Signal()

    def __init__(
        self, state: WizardState, preferences: Preferences, tasks: TaskRunner, keyring: Callable[[], bool], *, demo: bool
    ) -> None:
        lead = self.tr(
            "A trading journal for accounts at Interactive Brokers. It fetches your reports by itself and keeps them on this"
            " computer. Setting up takes about ten minutes, and you can stop at any time."
        )
        super().__init__(state, self.tr("Welcome"), lead)
        self._preferences = preferences
        self.language = SegmentedControl([("en", "English"), ("de", "Deutsch")], name=self.tr("Language"))
        self.language.set_current(i18n.spoken())
        self.colours = SegmentedControl(
            [("green_red", self.tr("Green and red")), ("blue_orange", self.tr("Blue and orange"))], name=self.tr("Gain and loss")
        )
        self.colours.set_current("blue_orange" if preferences.colour_blind else "green_red")
        sample = QHBoxLayout()
        sample.addWidget(Chip(f"▲ {formats.change(Decimal('126.57'))}", kind="positive"))
        sample.addWidget(Chip(f"▼ {formats.change(Decimal('-155.40'))}", kind="negative"))
        sample.addStretch(1)
        self._choice(self.tr("Language"), self.language)
        box = self._choice(self.tr("Gain and loss"), self.colours)
        box.addLayout(sample)
        hint = self.tr("Blue and orange can be told apart by everybody.")
        box.addWidget(label(hint, role=Type.SECONDARY, tone="muted", wrap=True))
        box = self._choice(self.tr("Where your token is kept"), None)
        row = QHBoxLayout()
        row.setSpacing(8)
        self._ring_icon = icon_label("key-round")
        self.ring = label(self.tr("Looking for the system's keyring…"), wrap=True)
        row.addWidget(self._ring_icon)
        row.addWidget(self.ring, 1)
        box.addLayout(row)
        box = self._choice(self.tr("Where your data is kept"), None)
        self.folder = label(str(preferences.folder), selectable=True, wrap=True)
        self.folder.setAccessibleName(self.tr("Where your data is kept"))
        box.addWidget(self.folder)
        hint = self.tr("Reports, trades and notes stay in this folder. Nothing is sent to anybody.")
        box.addWidget(label(hint, role=Type.SECONDARY, tone="muted", wrap=True))
        self.finish_form(self._help_part(demo=demo))
        self.language.changed.connect(self._on_language)
        self.colours.changed.connect(self._on_colours)
        tasks.run(keyring, owner=self, done=self._show_keyring)

    def enter(self) -> None:
        """Begin at the language."""
        self.language.button(self.language.current or "en").setFocus()
        self.told.emit("")

    def _choice(self, words: str, control: QWidget | None) -> QVBoxLayout:
        box = QVBoxLayout()
        box.setSpacing(6)
        box.addWidget(label(words, role=Type.SYMBOL, tone="strong"))
        if control is not None:
            row = QHBoxLayout()
            row.addWidget(control)
            row.addStretch(1)
            box.addLayout(row)
        self.form.addLayout(box)
        self.form.addSpacing(4)
        return box

    def _help_part(self, *, demo: bool) -> QWidget:
        widget, column = help_column()
        column.addWidget(label(self.tr("What you need"), role=Type.SUBHEAD, tone="strong"))
        for icon, words in (
            ("wallet", self.tr("Your login to IBKR's client portal")),
            ("list-checks", self.tr("Two Flex queries, which the next page shows click by click")),
            (
                "key-round",
                self.tr("A token for IBKR's Flex Web Service: it can read reports and nothing else, neither trade nor pay"),
            ),
        ):
            row = QHBoxLayout()
            row.setSpacing(10)
            row.addWidget(icon_label(icon), 0, Qt.AlignmentFlag.AlignTop)
            row.addWidget(label(words, wrap=True), 1)
            column.addLayout(row)
        self.open_files = button(self.tr("Open Flex files (XML)…"), icon="file-code", small=True)
        self.open_files.clicked.connect(self.files_wanted)
        parts = [self.open_files]
        self.open_demo = button(self.tr("Show demo depots"), icon="layout-dashboard", small=True)
        self.open_demo.clicked.connect(self.demo_wanted)
        if demo:
            parts.append(self.open_demo)
        else:
            self.open_demo.hide()
        text = self.tr("Open Flex files that you have, or look at the program with made-up depots in a window of their own.")
        column.addSpacing(8)
        column.addWidget(note_box("eye", self.tr("Rather look first?"), text, *parts))
        return widget

    def _show_keyring(self, there: bool) -> None:  # noqa: FBT001 - a task's result
        icons.set_icon(self._ring_icon, "circle-check" if there else "triangle-alert", color="positive" if there else "warning")
        self.ring.setText(
            self.tr("In the keyring of your system, and nowhere else.")
            if there
            else self.tr(
                "This system has no keyring: a token is kept until you quit and has to be entered again after that."
                " Everything else works as usual."
            )
        )

    def _on_language(self, key: str) -> None:
        if key != i18n.spoken():
            self._preferences.language = key
            self.language_changed.emit()

    def _on_colours(self, key: str) -> None:
        self._preferences.colour_blind = key == "blue_orange"
        theme.apply(self._preferences.look())
        self.look_changed.emit()
