"""Bugs of ours: written to the log, and shown once each with a report that the user can read and copy.

The hooks only log and emit; the dialog opens on the GUI thread. Nothing is ever sent anywhere.
"""

from __future__ import annotations

import logging
import platform
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from types import TracebackType

from PySide6.QtCore import QObject, Qt, Signal, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

import ibjournal
from ibjournal.domain.errors import Cancelled
from ibjournal.gui.facts import window_facts
from ibjournal.gui.theme import Type
from ibjournal.gui.widgets.labels import button, label
from ibjournal.log import traceback_for_others

_log = logging.getLogger(__name__)

Names = Sequence[tuple[str, str]]


class CrashReporter(QObject):
    """Takes exceptions from every thread; shows each place once; ``names`` returns what must not be told."""

    _caught = Signal(object)

    def __init__(self, parent: QObject | None = None, *, names: Callable[[], Names] = tuple) -> None:
        super().__init__(parent)
        self._names = names
        self._seen: set[tuple[str, int, str]] = set()
        self._caught.connect(self._show, Qt.ConnectionType.QueuedConnection)
        self._before = (sys.excepthook, threading.excepthook)
        self.dialog: CrashDialog | None = None

    def install(self) -> None:
        """Take over the hooks of the interpreter."""
        self._before = (sys.excepthook, threading.excepthook)
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread

    def uninstall(self) -> None:
        """Give the hooks back."""
        sys.excepthook, threading.excepthook = self._before

    def report(self, error: BaseException) -> None:
        """Log an exception and show it, unless its place was shown before."""
        if isinstance(error, Cancelled | KeyboardInterrupt):
            return
        _log.error("bug", exc_info=(type(error), error, error.__traceback__))
        self._caught.emit(error)

    def _on_exception(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._before[0](kind, error, trace)
            return
        self.report(error)

    def _on_thread(self, caught: threading.ExceptHookArgs) -> None:
        if caught.exc_value is not None:
            self.report(caught.exc_value)

    def _show(self, error: BaseException) -> None:
        place = _place(error)
        if place in self._seen:
            return
        self._seen.add(place)
        self.dialog = CrashDialog(report_text(error, self._names()))
        self.dialog.show()


class CrashDialog(QDialog):
    """Says that something went wrong, shows what would be copied, and copies it."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Something went wrong"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(640, 440)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(10)
        column.addWidget(label(self.tr("A mistake of the program"), role=Type.TITLE, tone="strong"))
        words = self.tr(
            "Your data is safe: nothing is stored by halves. The report below is all that is copied: it holds no tokens, no "
            "account numbers and no amounts, and it is sent nowhere. Please copy it when you tell us about the mistake."
        )
        column.addWidget(label(words, wrap=True))
        self.text = QPlainTextEdit(text)
        self.text.setReadOnly(True)
        self.text.setAccessibleName(self.tr("Report"))
        column.addWidget(self.text, 1)
        row = QHBoxLayout()
        copy = button(self.tr("Copy report"), icon="copy")
        close = button(self.tr("Go on"), primary=True)
        close.setDefault(True)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.text.toPlainText()))
        close.clicked.connect(self.accept)
        row.addWidget(copy)
        row.addStretch(1)
        row.addWidget(close)
        column.addLayout(row)


def report_text(error: BaseException, names: Names = ()) -> str:
    """Return a bug as text without tokens, account numbers, amounts, names, homes, or what messages quote of the user's data."""
    head = f"ibjournal {ibjournal.__version__} · Python {platform.python_version()} · Qt {qVersion()} · {platform.system()}"
    facts = " · ".join(f"{name} {value}" for name, value in window_facts().items() if name != "qt")
    return f"{head}\n{facts}\n\n{traceback_for_others(error, names)}"


def _place(error: BaseException) -> tuple[str, int, str]:
    frames = traceback.extract_tb(error.__traceback__)
    last = frames[-1] if frames else None
    return (last.filename, last.lineno or 0, type(error).__name__) if last is not None else ("", 0, type(error).__name__)
