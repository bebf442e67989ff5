"""What IBKR said to a test of a depot's queries, line by line."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from ibjournal.gui import errors
from ibjournal.gui.sync_control import progress_text
from ibjournal.gui.theme import Space, Type
from ibjournal.gui.widgets import formats
from ibjournal.gui.widgets.labels import button, hairline, icon_label, label
from ibjournal.gui.widgets.panel import Panel
from ibjournal.services.jobs import Progress
from ibjournal.services.query_test import QueryTest


class QueryResult(Panel):
    """A panel with one line per query: icon, what came, how long it took; or what is wrong, what to do, and a button for it."""

    mend_wanted = Signal(str, object)
    """The slot of a query that failed and the `Button` that mends it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent=parent)
        self.set_title(self.tr("Test with IBKR"))
        self._lines = QVBoxLayout()
        self._lines.setContentsMargins(0, 0, 0, 8)
        self._lines.setSpacing(0)
        self.body.addLayout(self._lines)

    def begin(self) -> None:
        """Say that the test runs."""
        self._clear()
        self.set_subtitle(self.tr("running…"))
        bar = QProgressBar()
        bar.setRange(0, 0)
        bar.setTextVisible(False)
        holder = QHBoxLayout()
        holder.setContentsMargins(Space.PADDING, 4, Space.PADDING, 8)
        holder.addWidget(bar)
        wrapper = QWidget()
        wrapper.setLayout(holder)
        self._lines.addWidget(wrapper)

    def show_progress(self, progress: Progress) -> None:
        """Say how far the test is."""
        self.set_subtitle(progress_text(progress))

    def show_tests(self, tests: Sequence[QueryTest], *, depot: str = "") -> None:
        """Show what came of each query of ``depot``, which may have no name yet."""
        self._clear()
        works = all(test.error is None and not test.skipped for test in tests)
        self.set_subtitle(self.tr("everything works") if works else "")
        told = ""
        for test in tests:
            again = test.error is not None and test.error.code in errors.RENEWABLE and test.error.code == told
            told = test.error.code if test.error is not None else ""
            self._add(test, depot or self.tr("this depot"), again=again)

    def texts(self) -> list[str]:
        """Return the lines in words."""
        return list(self._words)

    def _clear(self) -> None:
        self._words: list[str] = []
        while (item := self._lines.takeAt(0)) is not None:
            old = item.widget()
            if old is not None:
                old.hide()
                old.deleteLater()

    def _add(self, test: QueryTest, depot: str, *, again: bool) -> None:
        """Add a line; ``again`` when the line above has already said what is wrong with the token that both share."""
        name = self.tr("Activity query {id}") if test.slot == "activity" else self.tr("Trade Confirmation query {id}")
        title = name.format(id=test.query).strip()
        if test.error is not None:
            words = errors.describe(test.error, query=test.query, depot=depot)
            whole = f"{words.title} {words.explanation} {words.action}"
            icon, tone, detail = (
                "triangle-alert",
                "warning",
                self.tr("The same: {title}").format(title=words.title) if again else whole,
            )
        elif test.skipped:
            icon, tone, detail = "minus", "text_muted", self.tr("not asked")
        else:
            icon, tone, detail = "circle-check", "positive", self._found(test)
        line = QWidget()
        outer = QVBoxLayout(line)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(hairline())
        row = QHBoxLayout()
        row.setContentsMargins(Space.PADDING, 8, Space.PADDING, 8)
        row.setSpacing(12)
        row.addWidget(icon_label(icon, size=18, color=tone), 0, Qt.AlignmentFlag.AlignTop)
        texts = QVBoxLayout()
        texts.setSpacing(1)
        texts.addWidget(label(title, role=Type.SYMBOL, tone="strong"))
        texts.addWidget(label(detail, role=Type.SECONDARY, tone="muted" if test.error is None else "", wrap=True))
        row.addLayout(texts, 1)
        if test.seconds:
            row.addWidget(label(formats.seconds(test.seconds), role=Type.SECONDARY, tone="muted"))
        if test.error is not None and not again:
            mends = errors.describe(test.error).button
            if mends is not errors.Button.NONE:
                way_out = button(errors.button_text(mends), small=True)
                way_out.clicked.connect(lambda: self.mend_wanted.emit(test.slot, mends))
                row.addWidget(way_out, 0, Qt.AlignmentFlag.AlignTop)
        outer.addLayout(row)
        self._lines.addWidget(line)
        self._words.append(f"{title}: {detail}")

    def _found(self, test: QueryTest) -> str:
        parts = [formats.day_range(test.from_date, test.to_date)]
        if test.accounts:
            words = self.tr("account {accounts}") if len(test.accounts) == 1 else self.tr("accounts {accounts}")
            parts.append(words.format(accounts=", ".join(test.accounts)))
        rows = sum(count for _name, count in test.sections)
        parts.append(self.tr("1 section") if len(test.sections) == 1 else self.tr("%n sections", "", len(test.sections)))
        parts.append(self.tr("1 row") if rows == 1 else self.tr("%Ln rows", "", rows))
        return " · ".join(parts)
