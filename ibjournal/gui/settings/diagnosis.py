"""The settings' page of diagnosis: a report to read and to copy; it is sent nowhere."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from ibjournal.gui.bundle import Services
from ibjournal.gui.facts import window_facts
from ibjournal.gui.settings.backups import labelled_row, say
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.theme import Type
from ibjournal.gui.widgets.labels import button, label


class DiagnosisPage(QWidget):
    """Shows exactly what would be copied."""

    def __init__(self, services: Services, tasks: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._services, self._tasks = services, tasks
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(10)
        column.addWidget(label(self.tr("Diagnosis"), role=Type.TITLE, tone="strong"))
        words = self.tr(
            "Versions, counts, the codes of the last fetches and the end of the log: what somebody needs who is to help you. "
            "It holds no tokens, no account numbers, no names of depots and no amounts, and it is sent nowhere."
        )
        column.addWidget(label(words, wrap=True))
        self.copy = button(self.tr("Copy report"), icon="copy", small=True)
        self.again = button(self.tr("Make it anew"), small=True)
        self.status = label("", tone="positive")
        column.addLayout(labelled_row(self.copy, self.again, self.status))
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setAccessibleName(self.tr("Report"))
        column.addWidget(self.text, 1)
        self.copy.setEnabled(False)
        self.copy.clicked.connect(self._copy)
        self.again.clicked.connect(self.load)

    def load(self) -> None:
        """Make the report anew."""
        say(self.status, "", "muted")
        self._tasks.run(self._services.diagnosis.report, window_facts(), owner=self, done=self._show)

    def showEvent(self, event: QShowEvent) -> None:
        """Make the report when it is looked at."""
        super().showEvent(event)
        self.load()

    def _show(self, text: str) -> None:
        self.text.setPlainText(text)
        self.copy.setEnabled(True)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())
        say(self.status, self.tr("Copied."), "positive")
