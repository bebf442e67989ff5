"""IBKR's clicks to the queries, to a token and to the ids: told once, for the wizard, the depot's form and the renewal window.

IBKR's own words come from the guide to both queries. In other languages than English the English word stands beside the
translated one: the client portal of an account may speak either.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import QCoreApplication, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ibjournal.flex.query_guide import Words, portal_words, query_guide
from ibjournal.gui.error_words import QT_TRANSLATE_NOOP
from ibjournal.gui.i18n import spoken
from ibjournal.gui.theme import Space, Type
from ibjournal.gui.widgets.labels import button, label, rich_label

PORTAL = "https://www.interactivebrokers.com/sso/Login"

LOG_IN = QT_TRANSLATE_NOOP("Portal", "Log in to the <b>Client Portal</b>")
WAY = QT_TRANSLATE_NOOP("Portal", "{reports} → {queries} → {service} (gear)")
SWITCH_ON = QT_TRANSLATE_NOOP("Portal", "Tick {status} and {save}: that switches the service on")
FOR_A_YEAR = QT_TRANSLATE_NOOP("Portal", "Under {expire_after} choose {one_year}; IBKR proposes 6 hours only")
NO_ADDRESS = QT_TRANSLATE_NOOP("Portal", "Leave {address} empty, or enter the address of this connection")
GENERATE = QT_TRANSLATE_NOOP("Portal", "{generate}. The old one is void at once")
COPY = QT_TRANSLATE_NOOP("Portal", "Copy the {current_token} and paste it here")
IDS = QT_TRANSLATE_NOOP("Portal", "Back at {queries} click the <b>info icon</b> of each query: there stands its {query_id}")
_MENU = QT_TRANSLATE_NOOP("Portal", "Menu {reports}, then {queries}")
_IDS_ALONE = QT_TRANSLATE_NOOP("Portal", "Click the <b>info icon</b> of each query: there stands its {query_id}")
_QUERY_STEPS = (
    LOG_IN,
    _MENU,
    QT_TRANSLATE_NOOP("Portal", "At {activity} click the <b>+</b>"),
    QT_TRANSLATE_NOOP("Portal", "{query_name}: for example “ibjournal”"),
    QT_TRANSLATE_NOOP("Portal", "{sections}: click each one of the list, tick in its window what the list says, then {save}"),
    QT_TRANSLATE_NOOP("Portal", "Below: settings as the list says, above all <b>Format: XML</b>"),
    QT_TRANSLATE_NOOP("Portal", "{continue}, then {create}"),
    QT_TRANSLATE_NOOP("Portal", "The same at {confirmation} with list 2"),
)


def token_steps() -> list[str]:
    """Return the clicks to a new token; ``<b>`` marks IBKR's own words."""
    return [step(words) for words in (LOG_IN, WAY, FOR_A_YEAR, GENERATE, COPY)]


def depot_steps() -> list[str]:
    """Return the clicks to everything a new depot needs: the service, its token, then the ids of the two queries."""
    return [step(words) for words in (LOG_IN, WAY, SWITCH_ON, FOR_A_YEAR, GENERATE, COPY, IDS)]


def id_steps() -> list[str]:
    """Return the clicks to the ids alone, for a depot whose token is there: a new one would make that void."""
    return [step(words) for words in (LOG_IN, _MENU, _IDS_ALONE)]


def query_steps() -> list[str]:
    """Return the clicks that make both queries."""
    return [step(words) for words in _QUERY_STEPS]


def older_pages() -> str:
    """Return where the token is on IBKR's older pages."""
    return step(QT_TRANSLATE_NOOP("Portal", "On older pages: {settings} → {account_reporting} → {service}"))


def step(source: str) -> str:
    """Return a step in the user's language, with IBKR's words in it in bold."""
    words = {**portal_words(), "activity": query_guide("AF").name, "confirmation": query_guide("TCF").name}
    told = QCoreApplication.translate("Portal", source)
    return told.format_map({key: marked(each) for key, each in words.items()})


def marked(words: Words) -> str:
    """Return IBKR's word in bold; the English one behind it where it is another."""
    mine = words.of(spoken())
    bold = f"<b>{escape(mine)}</b>"
    return bold if _alike(mine, words.en) else f"{bold} ({escape(words.en)})"


def _alike(one: str, other: str) -> bool:
    """Whether two words differ by hyphens alone: nobody needs both."""
    return one.replace("-", " ") == other.replace("-", " ")


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


def click_list(clicks: Sequence[str]) -> QWidget:
    """Return clicks as a numbered list of its own."""
    widget = QWidget()
    column = QVBoxLayout(widget)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(10)
    add_steps(column, clicks)
    return widget


def open_portal() -> None:
    """Open IBKR's portal in the browser."""
    QDesktopServices.openUrl(QUrl(PORTAL))


class StepList(QFrame):
    """Numbered steps in a panel, with a button that opens IBKR's portal in the browser."""

    def __init__(self, title: str, steps: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.PADDING, 10, Space.PADDING, 12)
        column.setSpacing(6)
        head = QHBoxLayout()
        head.addWidget(label(title, role=Type.STRONG, tone="strong"), 1)
        self.portal = button(self.tr("Open client portal"), icon="external-link", small=True)
        self.portal.clicked.connect(open_portal)
        head.addWidget(self.portal)
        column.addLayout(head)
        add_steps(column, steps)
