"""IBKR's clicks, numbered, in IBKR's own words for the user's language; the English ones beside them in other languages."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ibjournal.gui.depots.portal import add_steps


def query_clicks() -> list[str]:
    """Return the clicks to both queries; ``<b>`` marks IBKR's own words."""
    translate = QCoreApplication.translate
    return [
        translate("Clicks", "Log in to the <b>Client Portal</b>"),
        translate("Clicks", "Menu <b>Performance &amp; Reports</b>, then <b>Flex Queries</b>"),
        translate("Clicks", "At <b>Activity Flex Query</b> click the <b>+</b>"),
        translate("Clicks", "<b>Query Name</b>: for example “ibjournal”"),
        translate("Clicks", "<b>Sections</b>: click each one in the list, tick it as the list says, <b>Save</b>"),
        translate("Clicks", "Below: settings as the list says, above all <b>Format: XML</b>"),
        translate("Clicks", "<b>Continue</b>, then <b>Create</b>"),
        translate("Clicks", "The same at <b>Trade Confirmation Flex Query</b> with list 2"),
    ]


def token_clicks() -> list[str]:
    """Return the clicks to the token and to the ids of the queries."""
    translate = QCoreApplication.translate
    return [
        translate("Clicks", "Log in to the <b>Client Portal</b>"),
        translate("Clicks", "Menu <b>Performance &amp; Reports</b>, then <b>Flex Queries</b>"),
        translate("Clicks", "At the right, beside <b>Flex Web Service</b>, click the gear"),
        translate(
            "Clicks", "Tick <b>Flex Web Service Status</b> to enable it; under <b>Should Expire After</b> choose <b>1 Year</b>"
        ),
        translate("Clicks", "<b>Generate New Token</b>"),
        translate("Clicks", "Copy the <b>Current Token</b> and paste it here"),
        translate("Clicks", "Click the <b>info icon</b> of each query: there stands its <b>Query ID</b>"),
    ]


def click_list(clicks: Sequence[str]) -> QWidget:
    """Return the clicks as a numbered list."""
    widget = QWidget()
    column = QVBoxLayout(widget)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(10)
    add_steps(column, clicks)
    return widget
