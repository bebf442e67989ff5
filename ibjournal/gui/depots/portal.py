"""IBKR's clicks to a new token, in IBKR's own words for the user's language."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ibjournal.gui.theme import Space, Type
from ibjournal.gui.widgets.labels import button, label, rich_label

PORTAL = "https://www.interactivebrokers.com/sso/Login"


def token_steps() -> list[str]:
    """Return the clicks to a new token; ``<b>`` marks IBKR's own words."""
    translate = QCoreApplication.translate
    return [
        translate("Portal", "Log in to the client portal"),
        translate("Portal", "<b>Performance &amp; Reports</b> → <b>Flex Queries</b> → <b>Flex Web Service</b> (gear)"),
        translate("Portal", "Choose <b>1 Year</b> under <b>Should Expire After</b>; IBKR proposes 6 hours only"),
        translate("Portal", "<b>Generate New Token</b>. The old one is void at once"),
        translate("Portal", "Copy the <b>Current Token</b> and paste it here"),
    ]


def depot_steps() -> list[str]:
    """Return the clicks to everything a depot needs: the token, then the ids of the two queries."""
    translate = QCoreApplication.translate
    return [
        *token_steps(),
        translate("Portal", "Click the <b>info icon</b> of each Flex Query: there stands its <b>Query ID</b>"),
    ]


def add_steps(column: QVBoxLayout, steps: Sequence[str]) -> None:
    """Add the steps to a column, each with its number; ``<b>`` marks IBKR's own words."""
    for number, words in enumerate(steps, start=1):
        row = QHBoxLayout()
        row.setSpacing(10)
        badge = QLabel(str(number))
        badge.setObjectName("stepNumber")
        badge.setFont(label("", role=Type.SMALL).font())
        badge.setFixedSize(20, 20)
        badge.setAlignment(Qt.AlignmentFlag.AlignCenter)
        row.addWidget(badge, 0, Qt.AlignmentFlag.AlignTop)
        text = rich_label(words)
        text.setMinimumHeight(20)
        row.addWidget(text, 1)
        column.addLayout(row)


class StepList(QFrame):
    """Numbered steps in a panel, with a button that opens IBKR's portal in the browser."""

    def __init__(self, title: str, steps: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.PADDING, 10, Space.PADDING, 12)
        column.setSpacing(4)
        head = QHBoxLayout()
        head.addWidget(label(title, role=Type.STRONG, tone="strong"), 1)
        self.portal = button(self.tr("Open client portal"), icon="external-link", small=True)
        self.portal.clicked.connect(lambda: QDesktopServices.openUrl(QUrl(PORTAL)))
        head.addWidget(self.portal)
        column.addLayout(head)
        add_steps(column, steps)
