"""The other depots that may get the new token, too: those that held the same one are ticked, those that cannot say why."""

from __future__ import annotations

from collections.abc import Container, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from ibjournal.domain.depot import Depot, DepotId
from ibjournal.gui.theme import Space
from ibjournal.gui.widgets import formats
from ibjournal.gui.widgets.labels import label
from ibjournal.gui.widgets.pickers import short_name
from ibjournal.services.depots import DepotState

_ROWS = 6
"""More depots than this are scrolled, so that the buttons of the window stay on the screen."""
_NAME = 200
"""Pixels of a name; the rest stands in the hint."""
_PAPER = "D"
"""IBKR's accounts for practice begin with it: DU…, DF…"""


class AlsoFor(QWidget):
    """A box for each other depot."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.boxes: dict[DepotId, QCheckBox] = {}
        self.reasons: dict[DepotId, str] = {}
        inside = QWidget()
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self.area = QScrollArea()
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidget(inside)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.area)

    def show_states(self, own: DepotState, states: Sequence[DepotState]) -> None:
        """Offer all depots but ``own`` and those that are fed by files, those with the same token first; many are scrolled."""
        shared = set(own.shares_token_with)
        for state in sorted(states, key=lambda each: each.depot.id not in shared):
            if state.depot.id != own.depot.id and not state.depot.from_files:
                self._add(own, state, ticked=state.depot.id in shared)
        rows = self._column.count()
        row = max((box.sizeHint().height() for box in self.boxes.values()), default=0) + self._column.spacing()
        self.area.setFixedHeight(round(min(rows, _ROWS + 0.5) * row))  # half a row more tells that there are others

    def chosen(self) -> tuple[DepotId, ...]:
        """Return the depots that are ticked."""
        return tuple(key for key, box in self.boxes.items() if box.isChecked())

    def choose(self, depots: Container[DepotId]) -> None:
        """Tick these depots and no others; those that cannot be chosen stay as they are."""
        for depot, box in self.boxes.items():
            if box.isEnabled():
                box.setChecked(depot in depots)

    def _add(self, own: DepotState, state: DepotState, *, ticked: bool) -> None:
        box = QCheckBox()
        short = short_name(box, state.depot.name, _NAME)
        box.setText(short.replace("&", "&&"))
        box.setToolTip(state.depot.name if short != state.depot.name else "")
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
