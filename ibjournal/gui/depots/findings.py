"""What the query doctor found, in a panel: a sentence each, the screen that suffers, the clicks that mend it, and a copy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ibjournal.flex.query_doctor import Finding
from ibjournal.gui.doctor_texts import FindingText, describe_finding
from ibjournal.gui.theme import Space, Type
from ibjournal.gui.widgets.labels import button, hairline, icon_label, label
from ibjournal.gui.widgets.panel import Panel
from ibjournal.services.doctor import QueryFindings

_LOOKS = {"must": ("triangle-alert", "warning"), "should": ("circle-alert", "warning"), "may": ("info", "text_muted")}
PRESSING = frozenset({"must", "should"})
"""What a figure suffers from; the rest only makes reports larger than they need be."""


def pressing(queries: Iterable[QueryFindings]) -> int:
    """Return how many findings some screen suffers from."""
    return sum(each.need in PRESSING for query in queries for each in query.findings)


class FindingsPanel(Panel):
    """Shows findings; hidden where there are none. ``least``: the needs that are shown."""

    edit_wanted = Signal(object)
    """The user wants to edit this depot: its ids are swapped."""

    def __init__(
        self, *, needs: frozenset[str] = frozenset(_LOOKS), name_depots: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__("", parent=parent)
        self._needs, self._name_depots = needs, name_depots
        self.lines: list[FindingLine] = []
        self.set_title(self.tr("Query doctor"))
        self.copy = button(self.tr("Copy"), icon="copy", small=True)
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.text()))
        self.add_tool(self.copy)
        self._column = QVBoxLayout()
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.body.addLayout(self._column)
        self.hide()

    def show_findings(self, queries: Sequence[QueryFindings]) -> None:
        """Show what was found in the last report of each query; what the user opened stays open."""
        opened = {line.key for line in self.lines if line.opened}
        self._clear()
        for query in queries:
            wanted = [each for each in query.findings if each.need in self._needs]
            if not wanted:
                continue
            self._column.addWidget(self._query_head(query))
            for each in wanted:
                line = FindingLine(query, each)
                line.set_opened(opened=line.key in opened)
                line.edit_wanted.connect(self.edit_wanted)
                self.lines.append(line)
                self._column.addWidget(line)
        count = len(self.lines)
        one, several = self.tr("1 thing to mend at IBKR"), self.tr("%Ln things to mend at IBKR", "", count)
        self.set_subtitle(one if count == 1 else several)
        self.setVisible(bool(self.lines))

    def text(self) -> str:
        """Return everything in plain words, for a clipboard; ids of queries and fields, no amounts."""
        parts, told = [], ""
        for line in self.lines:
            head = query_name(line.query)
            if head != told:
                parts.append(f"{head}\n")
                told = head
            parts.append(line.plain())
        return "\n".join(parts)

    def _query_head(self, query: QueryFindings) -> QWidget:
        words = query_name(query)
        if self._name_depots:
            words = f"{query.depot_name} · {words}"
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(Space.PADDING, 6, Space.PADDING, 4)
        row.addWidget(label(words, role=Type.SYMBOL, tone="strong"))
        row.addStretch(1)
        return holder

    def _clear(self) -> None:
        self.lines = []
        while (item := self._column.takeAt(0)) is not None:
            old = item.widget()
            if old is not None:
                old.hide()
                old.deleteLater()


class FindingLine(QWidget):
    """One finding, with its clicks behind a button."""

    edit_wanted = Signal(object)

    def __init__(self, query: QueryFindings, finding: Finding, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.query, self.finding = query, finding
        self.key = (query.depot, query.slot, finding.code, finding.section)
        self.words: FindingText = describe_finding(finding, query.report_type)
        icon, tone = _LOOKS[finding.need]
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(hairline())
        row = QHBoxLayout()
        row.setContentsMargins(Space.PADDING, 7, Space.PADDING, 7)
        row.setSpacing(10)
        row.addWidget(icon_label(icon, size=16, color=tone), 0, Qt.AlignmentFlag.AlignTop)
        texts = QVBoxLayout()
        texts.setSpacing(2)
        texts.addWidget(label(self.words.sentence, wrap=True))
        if self.words.screen:
            suffers = self.tr("What suffers: {screen}").format(screen=self.words.screen)
            texts.addWidget(label(suffers, role=Type.SECONDARY, tone="muted"))
        self._clicks = label(self._steps(), role=Type.SECONDARY, wrap=True, selectable=True)
        self._clicks.hide()
        texts.addWidget(self._clicks)
        row.addLayout(texts, 1)
        self.how = button(self.tr("How to mend it"), small=True)
        self.how.setCheckable(True)
        self.how.toggled.connect(self._clicks.setVisible)
        row.addWidget(self.how, 0, Qt.AlignmentFlag.AlignTop)
        if finding.code == "wrong_type":
            edit = button(self.tr("Edit depot"), small=True)
            edit.clicked.connect(lambda: self.edit_wanted.emit(query.depot))
            row.addWidget(edit, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(row)

    @property
    def opened(self) -> bool:
        """Whether the clicks are on show."""
        return self.how.isChecked()

    def set_opened(self, *, opened: bool) -> None:
        """Show the clicks, or not."""
        self.how.setChecked(opened)

    def plain(self) -> str:
        """Return the finding in plain words."""
        return f"{self.words.sentence}\n{self._steps()}\n"

    def _steps(self) -> str:
        return "\n".join(f"{number}. {words}" for number, words in enumerate(self.words.clicks, start=1))


def query_name(query: QueryFindings) -> str:
    """Return the words for a query: its kind and its id."""
    activity = QCoreApplication.translate("FindingsPanel", "Activity query {id}")
    confirmation = QCoreApplication.translate("FindingsPanel", "Trade Confirmation query {id}")
    return (activity if query.slot == "activity" else confirmation).format(id=query.query)
