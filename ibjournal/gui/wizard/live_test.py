"""The panel of the live test: the token and both queries, line by line, with what the query doctor found under each."""

from __future__ import annotations

import time
from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from ibjournal.flex.errors import TOKEN_CODES
from ibjournal.flex.query_doctor import Finding
from ibjournal.flex.query_guide import query_guide
from ibjournal.gui import errors, icons
from ibjournal.gui.doctor_texts import describe_finding, ibkr_name
from ibjournal.gui.sync_control import progress_text
from ibjournal.gui.theme import Space, Type
from ibjournal.gui.widgets import formats
from ibjournal.gui.widgets.labels import button, hairline, icon_label, label
from ibjournal.gui.widgets.panel import Panel
from ibjournal.services.jobs import Progress
from ibjournal.services.query_test import QueryTest

_SHOWN = 3
"""Findings that are shown before the rest is asked for."""
_TICK_MS = 1000
_WORTH_TELLING = 0.1
"""Seconds below which nobody asks how long it took."""
_SLOTS = {"activity": "AF", "confirmation": "TCF"}
_ASKING = frozenset({"waiting_for_token", "pacing", "requesting", "retrying"})
"""Steps before IBKR has taken the token."""


_IDS_TO_MEND = frozenset({"query_invalid", "legacy_query", "wrong_report_type"})
"""Errors that another id mends; the rest is mended at IBKR, or passes."""
AGAIN = "again"
TOKEN = "token"  # noqa: S105 - the name of a line


class LiveTest(Panel):
    """Shows a test while it runs and what came of it. ``stop_wanted``: the user has waited enough."""

    stop_wanted = Signal()
    mend_wanted = Signal(str)
    """What the user wants to mend: `TOKEN`, the id of a slot, or nothing but to try `AGAIN`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self.stop = button("", small=True)
        super().__init__("", tools=[self.stop], parent=parent)
        self.set_title(self.tr("Test with IBKR"))
        self.stop.setText(self.tr("Sto&p"))
        self.stop.clicked.connect(self.stop_wanted)
        self.lines = {key: _Line() for key in ("token", *_SLOTS)}
        for line in self.lines.values():
            line.mend_wanted.connect(self.mend_wanted)
            self.body.addWidget(line)
        self._began = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._show_time)
        self._shown: dict[str, QueryTest] = {}

    def begin(self, ids: dict[str, str]) -> None:
        """Show a test that has just begun, with the id of each slot."""
        self._began = time.monotonic()
        self._shown = {}
        self.lines["token"].show_state(self.tr("Token"), self.tr("asking IBKR"), "hourglass", "accent", running=True)
        for slot, number in ids.items():
            line = self.lines[slot]
            line.setVisible(bool(number))
            line.show_state(self._query_title(slot, number), self.tr("waiting"), "hourglass", "text_muted")
        self.stop.show()
        self._timer.start()
        self._show_time()
        self.show()

    def show_progress(self, progress: Progress, number: str) -> None:
        """Say how far the query of a slot is."""
        if progress.slot not in self.lines:
            return
        if progress.step not in _ASKING:
            self._accept()
        detail = progress_text(progress)
        self.lines[progress.slot].show_state(self._query_title(progress.slot, number), detail, "hourglass", "accent", running=True)

    def show_result(self, test: QueryTest) -> None:
        """Show what came of one query; what is shown already stays as it is, with what the user unfolded."""
        if self._shown.get(test.slot) == test:
            return
        self._shown[test.slot] = test
        line = self.lines[test.slot]
        title = self._query_title(test.slot, test.query)
        line.setVisible(bool(test.query))
        if test.error is not None and test.error.code in TOKEN_CODES:
            self._refuse(errors.describe(test.error, query=test.query, depot=self.tr("this depot")))
            line.show_state(title, self.tr("not asked: the token comes first"), "minus", "text_muted")
        elif test.error is not None:
            self._accept()
            words = errors.describe(test.error, query=test.query, depot=self.tr("this depot"))
            line.show_state(title, words.sentence, "triangle-alert", "warning", seconds=test.seconds)
            if test.error.code in _IDS_TO_MEND:
                line.offer(test.slot, self.tr("Correct the id"))
            else:
                line.offer(AGAIN, self.tr("Try again"))
        elif test.skipped:
            line.show_state(title, self.tr("not asked"), "minus", "text_muted")
        else:
            self._accept()
            line.show_state(title, self._found(test), "circle-check", "positive", seconds=test.seconds)
            line.show_findings(test.findings, _SLOTS[test.slot])

    def show_failure(self, words: errors.ErrorText) -> None:
        """Say why there was no test."""
        self.finish()
        self._refuse(words)

    def _refuse(self, words: errors.ErrorText) -> None:
        line = self.lines["token"]
        line.show_state(self.tr("Token"), words.sentence, "triangle-alert", "warning")
        passing = words.button is errors.Button.TRY_AGAIN or words.code == "too_many_troubles"  # no other token helps
        if passing or words.code not in TOKEN_CODES | errors.RENEWABLE:
            line.offer(AGAIN, self.tr("Try again"))
        else:
            line.offer(TOKEN, self.tr("Enter another token"))

    def finish(self) -> None:
        """The test has ended, or somebody stopped it."""
        self._timer.stop()
        self.stop.hide()
        self.set_subtitle("")
        for line in self.lines.values():
            if line.running:
                line.show_state(line.title(), self.tr("stopped"), "minus", "text_muted")

    def show_all(self, tests: Sequence[QueryTest]) -> None:
        """Show results that are there already."""
        self.begin({test.slot: test.query for test in tests})
        for test in tests:
            self.show_result(test)
        self.finish()

    def texts(self) -> list[str]:
        """Return the lines in words."""
        return [line.words() for line in self.lines.values() if not line.isHidden()]

    def hideEvent(self, event: object) -> None:
        """Let no clock run for what nobody sees."""
        self._timer.stop()
        super().hideEvent(event)  # type: ignore[arg-type]

    def _accept(self) -> None:
        if self.lines["token"].running:
            took = time.monotonic() - self._began
            words = self.tr("IBKR has taken it")
            self.lines["token"].show_state(self.tr("Token"), words, "circle-check", "positive", seconds=took)

    def _query_title(self, slot: str, number: str) -> str:
        return f"{ibkr_name(query_guide(_SLOTS[slot]).name)} {number}".strip()

    def _found(self, test: QueryTest) -> str:
        parts = [formats.day_range(test.from_date, test.to_date)]
        if test.accounts:
            words = self.tr("account {accounts}") if len(test.accounts) == 1 else self.tr("accounts {accounts}")
            parts.append(words.format(accounts=", ".join(test.accounts)))
        parts.append(self.tr("1 fill") if test.fills == 1 else self.tr("%Ln fills", "", test.fills))
        return " · ".join(parts)

    def _show_time(self) -> None:
        seconds = round(time.monotonic() - self._began)
        self.set_subtitle(self.tr("running for {seconds} s").format(seconds=seconds))


class _Line(QWidget):
    """One line: icon, title, sentence, time; a way out and findings below."""

    mend_wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._mends = ""
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(hairline())
        row = QHBoxLayout()
        row.setContentsMargins(Space.PADDING, 8, Space.PADDING, 8)
        row.setSpacing(12)
        self._icon = icon_label("hourglass", size=18)
        self._title = label("", role=Type.SYMBOL, tone="strong", wrap=True)
        self._detail = label("", role=Type.SECONDARY, tone="muted", wrap=True)
        self._time = label("", role=Type.SECONDARY, tone="muted")
        self._bar = QProgressBar()
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._findings = QVBoxLayout()
        self._findings.setSpacing(6)
        texts = QVBoxLayout()
        texts.setSpacing(2)
        for part in (self._title, self._detail, self._bar):
            texts.addWidget(part)
        self.way_out = button("", small=True)
        self.way_out.clicked.connect(lambda: self.mend_wanted.emit(self._mends))
        self.way_out.hide()
        texts.addWidget(self.way_out, 0, Qt.AlignmentFlag.AlignLeft)
        texts.addLayout(self._findings)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(texts, 1)
        row.addWidget(self._time, 0, Qt.AlignmentFlag.AlignTop)
        outer.addLayout(row)
        self.running = False

    def show_state(self, title: str, detail: str, icon: str, color: str, *, running: bool = False, seconds: float = 0.0) -> None:
        """Show how things stand; findings of before go."""
        self.running = running
        icons.set_icon(self._icon, icon, size=18, color=color)
        self._title.setText(title)
        self._detail.setText(detail)
        self._bar.setVisible(running)
        self._time.setText(formats.seconds(seconds) if seconds >= _WORTH_TELLING else "")
        self.setAccessibleName(f"{title}: {detail}")
        self.way_out.hide()
        _clear(self._findings)

    def offer(self, what: str, words: str) -> None:
        """Offer a way out below the sentence."""
        self._mends = what
        self.way_out.setText(words)
        self.way_out.show()

    def show_findings(self, findings: Sequence[Finding], kind: str) -> None:
        """Show what the doctor found, the first ones at once."""
        for finding in findings[:_SHOWN]:
            self._findings.addWidget(FindingBox(finding, kind))
        rest = findings[_SHOWN:]
        if rest:
            words = self.tr("1 more finding") if len(rest) == 1 else self.tr("%Ln more findings", "", len(rest))
            more = button(words, small=True)
            more.clicked.connect(lambda: self._show_rest(more, rest, kind))
            self._findings.addWidget(more)

    def title(self) -> str:
        """Return the title."""
        return self._title.text()

    def words(self) -> str:
        """Return the line in words."""
        return f"{self._title.text()}: {self._detail.text()}"

    def _show_rest(self, more: QWidget, rest: Sequence[Finding], kind: str) -> None:
        more.hide()
        boxes = [FindingBox(finding, kind) for finding in rest]
        for box in boxes:
            self._findings.addWidget(box)
            box.show()
        boxes[0].how.setFocus()


class FindingBox(QFrame):
    """One finding: a sentence, the screen that suffers, and behind a button the clicks that mend it."""

    def __init__(self, finding: Finding, kind: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("warningBox")
        words = describe_finding(finding, kind)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 7, 10, 7)
        column.setSpacing(4)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(icon_label("triangle-alert", size=15, color="warning"))
        sentence = words.sentence
        if words.screen:
            sentence += " " + self.tr("It is missed in: {screen}.").format(screen=words.screen)
        row.addWidget(label(sentence, role=Type.SECONDARY, wrap=True), 1)
        self.how = button(self.tr("How to mend it"), small=True)
        row.addWidget(self.how)
        column.addLayout(row)
        steps = "\n".join(f"{number}. {step}" for number, step in enumerate(words.clicks, start=1))
        self.clicks = label(steps, role=Type.SECONDARY, wrap=True, selectable=True)
        self.clicks.setContentsMargins(23, 0, 0, 0)
        self.clicks.hide()
        column.addWidget(self.clicks)
        self.setAccessibleName(sentence)
        self.how.setAccessibleDescription(steps)
        self.how.setVisible(bool(words.clicks))
        self.how.clicked.connect(self._toggle)

    def _toggle(self) -> None:
        shown = self.clicks.isHidden()
        self.clicks.setVisible(shown)
        self.how.setText(self.tr("Fold") if shown else self.tr("How to mend it"))


def _clear(box: QVBoxLayout) -> None:
    while (item := box.takeAt(0)) is not None:
        old = item.widget()
        if old is not None:
            old.hide()
            old.deleteLater()
