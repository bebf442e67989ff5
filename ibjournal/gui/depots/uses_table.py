"""The log of a token's use: when, which query, what came of it."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QHeaderView, QWidget

from ibjournal.gui.errors import describe_code
from ibjournal.gui.reports.run_tables import FittedTable
from ibjournal.gui.widgets import formats
from ibjournal.gui.widgets.delegates import StateIconDelegate
from ibjournal.gui.widgets.table_model import Column, RowsModel
from ibjournal.services.token_log import TokenUse

_ROWS = 8
_WIDTHS = (32, 112, 220)


class UsesTable(FittedTable):
    """What a token was used for, newest first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_ROWS, parent)
        translate = QCoreApplication.translate
        self.setAccessibleName(translate("TokenUses", "Use of the token"))
        self.uses: RowsModel[TokenUse] = RowsModel(
            (
                Column(key="icon", title="", text=lambda _use: "", icon=_icon),
                Column(
                    key="at", title=translate("TokenUses", "When"), text=lambda use: formats.moment(use.at), sort=lambda use: use.at
                ),
                Column(key="what", title=translate("TokenUses", "What for"), text=_what, tooltip=_days),
                Column(
                    key="result",
                    title=translate("TokenUses", "What came of it"),
                    text=result_words,
                    tooltip=_whole_result,
                    tone=_tone,
                ),
            ),
            self,
        )
        self.setModel(self.uses)
        self.set_delegate(0, StateIconDelegate())
        self.setSelectionMode(FittedTable.SelectionMode.NoSelection)
        head = self.horizontalHeader()
        for position, width in enumerate(_WIDTHS):
            head.resizeSection(position, width)
        head.setSectionResizeMode(len(_WIDTHS), QHeaderView.ResizeMode.Stretch)
        self.setSortingEnabled(False)

    def show_uses(self, uses: tuple[TokenUse, ...]) -> None:
        """Show these uses."""
        self.uses.set_rows(uses)
        self.fit()


def purpose_word(purpose: str) -> str:
    """Return what a token was used for in a word."""
    translate = QCoreApplication.translate
    words = {
        "sync": translate("TokenUses", "Fetch"),
        "test": translate("TokenUses", "Test"),
        "renewal": translate("TokenUses", "New token"),
    }
    return words.get(purpose, purpose)


def result_words(use: TokenUse) -> str:
    """Return what came of a use in a few words."""
    translate = QCoreApplication.translate
    if use.result == "ok":
        return translate("TokenUses", "Report received")
    if use.result == "cancelled":
        return translate("TokenUses", "Cancelled")
    title = describe_code(use.result, {"depot": use.depot_name, "query": use.query}).title.rstrip(".")
    return title if use.asked else translate("TokenUses", "Not asked: {reason}").format(reason=title)


def _whole_result(use: TokenUse) -> str:
    if use.result in ("ok", "cancelled"):
        return result_words(use)
    return describe_code(use.result, {"depot": use.depot_name, "query": use.query}).explanation


def _what(use: TokenUse) -> str:
    translate = QCoreApplication.translate
    words = translate("TokenUses", "Activity {id}") if use.slot == "activity" else translate("TokenUses", "Confirmation {id}")
    return f"{purpose_word(use.purpose)} · {words.format(id=use.query)}"


def _days(use: TokenUse) -> str:
    if use.from_date is None:
        return _what(use)
    days = QCoreApplication.translate("TokenUses", "Days asked for: {days}")
    return f"{_what(use)}\n{days.format(days=formats.day_range(use.from_date, use.to_date))}"


def _icon(use: TokenUse) -> tuple[str, str]:
    if use.result == "ok":
        return "circle-check", "positive"
    return ("minus", "text_muted") if use.result == "cancelled" or not use.asked else ("triangle-alert", "warning")


def _tone(use: TokenUse) -> str:
    return "" if use.result == "ok" else "text_muted" if use.result == "cancelled" else "warning"
