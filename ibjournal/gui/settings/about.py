"""What this program is, whose work it builds on, and under which terms."""

from __future__ import annotations

import platform
from importlib import metadata

from PySide6.QtCore import qVersion
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

import ibjournal
from ibjournal.gui.theme import Type
from ibjournal.gui.widgets.labels import hairline, label
from ibjournal.gui.widgets.panel import Panel
from ibjournal.gui.widgets.sidebar import program_mark

LICENCES = (
    ("PySide6, Qt", "PySide6-Essentials", "LGPL-3.0"),
    ("Requests", "requests", "Apache-2.0"),
    ("lxml", "lxml", "BSD-3-Clause"),
    ("keyring", "keyring", "MIT"),
    ("Matplotlib", "matplotlib", "PSF-based"),
    ("NumPy", "numpy", "BSD-3-Clause"),
    ("appdirs", "appdirs", "MIT"),
    ("tzdata", "tzdata", "Apache-2.0"),
    ("truststore", "truststore", "MIT"),
    ("python-lucide", "python-lucide", "MIT"),
    ("Lucide icons", "", "ISC, parts MIT (Feather)"),
)
"""Name, distribution, licence of what the program is built on."""


class AboutPage(QWidget):
    """Version, a word on privacy, the licences."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(14)
        head = QHBoxLayout()
        head.setSpacing(14)
        mark = QLabel()
        mark.setPixmap(program_mark(48))
        head.addWidget(mark)
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(label("ibjournal", role=Type.TITLE, tone="strong"))
        version = self.tr("Version {version}").format(version=ibjournal.__version__)
        self.versions = f"{version} · Python {platform.python_version()} · Qt {qVersion()}"
        words.addWidget(label(self.versions, tone="muted", selectable=True))
        head.addLayout(words, 1)
        column.addLayout(head)
        promise = self.tr(
            "Your data stays on this computer. The program talks to Interactive Brokers alone and sends nothing to anyone else. "
            "It is not a product of Interactive Brokers."
        )
        column.addWidget(label(promise, wrap=True))
        panel = Panel(self.tr("Built on"), self.tr("with thanks"))
        grid = QGridLayout()
        grid.setContentsMargins(16, 8, 16, 12)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(6)
        for line, (name, distribution, licence) in enumerate(LICENCES):
            grid.addWidget(label(name), line, 0)
            grid.addWidget(label(_version(distribution), tone="muted"), line, 1)
            grid.addWidget(label(licence, tone="muted"), line, 2)
        grid.setColumnStretch(2, 1)
        panel.body.addWidget(hairline())
        panel.body.addLayout(grid)
        column.addWidget(panel)
        column.addWidget(label(self.tr("ibjournal itself is free software under the MIT licence."), tone="muted"))
        column.addStretch(1)


def _version(distribution: str) -> str:
    try:
        return metadata.version(distribution) if distribution else ""
    except metadata.PackageNotFoundError:  # a frozen build may leave the records out
        return ""
