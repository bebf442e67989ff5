"""A window that shows a report as IBKR wrote it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.theme import Space, Type
from ibjournal.gui.widgets import formats
from ibjournal.gui.widgets.labels import ElidedLabel, button, label
from ibjournal.gui.widgets.table_export import ask_where_to_save

SHOWN = 1_000_000
"""Bytes that are shown; the rest can be saved to a file."""


class XmlViewer(QDialog):
    """Shows the beginning of a report, read-only; not modal."""

    def __init__(self, name: str, data: bytes, tasks: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._data, self._tasks = name, data, tasks
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(False)
        self.setWindowTitle(name)
        self.resize(980, 680)
        self.text = QPlainTextEdit(data[:SHOWN].decode("utf-8", errors="replace"))
        self.text.setReadOnly(True)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setAccessibleName(self.tr("Report as IBKR wrote it"))
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPixelSize(12)
        self.text.setFont(font)
        whole = formats.size(len(data))
        if len(data) > SHOWN:
            words = self.tr("The first {shown} of {size}. Save the file to see all of it.").format(
                shown=formats.size(SHOWN), size=whole
            )
        else:
            words = whole
        self.note = label(words, role=Type.SECONDARY, tone="muted")
        save = button(self.tr("Save as…"), icon="download")
        close = button(self.tr("Close"))
        save.clicked.connect(self._on_save)
        close.clicked.connect(self.close)
        head = QHBoxLayout()
        head.addWidget(ElidedLabel(name, role=Type.STRONG, tone="strong", mode=Qt.TextElideMode.ElideMiddle), 1)
        foot = QHBoxLayout()
        foot.addWidget(self.note, 1)
        foot.addWidget(save)
        foot.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.PADDING, Space.GAP, Space.PADDING, Space.GAP)
        column.setSpacing(Space.CELL)
        column.addLayout(head)
        column.addWidget(self.text, 1)
        column.addLayout(foot)

    def _on_save(self) -> None:
        data, tasks = self._data, self._tasks
        name = Path(self._name).name.removesuffix(".gz")
        name = name if name.lower().endswith(".xml") else f"{name}.xml"

        def save(path: Path) -> None:
            tasks.run(path.write_bytes, data)

        ask_where_to_save(self, title=self.tr("Save the report"), name=name, patterns=self.tr("XML files (*.xml)"), then=save)
