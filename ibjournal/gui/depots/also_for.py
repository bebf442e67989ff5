"""The other depots that may get the new token, too: those that held the same one are ticked, those that cannot say why."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from ibjournal.domain.depot import Depot, DepotId
from ibjournal.gui.theme import Space
from ibjournal.gui.widgets import formats
from ibjournal.gui.widgets.labels import label
from ibjournal.services.depots import DepotState

_PAPER = "D"
"""IBKR's accounts for practice begin with it: DU…, DF…"""


class AlsoFor(QWidget):
    """A box for each other depot."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.boxes: dict[DepotId, QCheckBox] = {}
        self.reasons: dict[DepotId, str] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)

    def show_states(self, own: DepotState, states: Sequence[DepotState]) -> None:
        """Offer all depots but ``own`` and those that are fed by files."""
        shared = set(own.shares_token_with)
        for state in states:
            if state.depot.id != own.depot.id and not state.depot.from_files:
                self._add(own, state, ticked=state.depot.id in shared)

    def chosen(self) -> tuple[DepotId, ...]:
        """Return the depots that are ticked."""
        return tuple(key for key, box in self.boxes.items() if box.isChecked())

    def _add(self, own: DepotState, state: DepotState, *, ticked: bool) -> None:
        box = QCheckBox(state.depot.name.replace("&", "&&"))
        other_login = is_paper(state.depot) != is_paper(own.depot) and not ticked
        box.setChecked(ticked)
        box.setEnabled(not other_login)
        reason = self._reason(state, ticked=ticked, other_login=other_login)
        accounts = ", ".join(state.depot.accounts)
        row = QHBoxLayout()
        row.setSpacing(Space.ICON_GAP)
        row.addWidget(box)
        words = label(f"{accounts} · {reason}" if accounts else reason, tone="muted")
        row.addWidget(words, 1)
        self._column.addLayout(row)
        box.show()
        words.show()
        self.boxes[state.depot.id] = box
        self.reasons[state.depot.id] = reason

    def _reason(self, state: DepotState, *, ticked: bool, other_login: bool) -> str:
        if ticked:
            return self.tr("had the same token")
        if other_login:
            return self.tr("has its own login at IBKR")
        if not state.has_token:
            return self.tr("has no token")
        if state.depot.token_expires is not None:
            return self.tr("another token, until {day}").format(day=formats.full_day(state.depot.token_expires))
        return self.tr("another token")


def is_paper(depot: Depot) -> bool:
    """Whether a depot is for practice: IBKR gives such accounts a login, and so a token, of their own."""
    return bool(depot.accounts) and all(account.startswith(_PAPER) for account in depot.accounts)
