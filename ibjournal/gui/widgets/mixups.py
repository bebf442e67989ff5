"""A token in the field of an id, an id in the field of the token, two ids that are swapped: noticed, and mended by one click."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from ibjournal.gui.widgets.id_field import IdField
from ibjournal.gui.widgets.notice import Notice
from ibjournal.gui.widgets.pasted import is_id
from ibjournal.gui.widgets.token_field import TokenField


class Mixups(Notice):
    """Says what was mixed up in a form with a token and two ids, and offers to put it right."""

    mended = Signal()
    """The ids were swapped."""

    def __init__(self, token: TokenField, ids: Mapping[str, IdField], parent: QWidget | None = None) -> None:
        """``ids``: the fields by slot, ``activity`` and ``confirmation``."""
        super().__init__(parent)
        self._token, self._ids = token, ids
        self._offered = ("", "")

    def watch(self) -> None:
        """Begin to look at the fields; called once whoever owns them listens to them, so that this has the last word."""
        self._token.edited.connect(self._on_token)
        for slot, field in self._ids.items():
            field.token_found.connect(partial(self._on_token_in_id, slot))
        self.acted.connect(self._on_acted)

    def say_swapped(self) -> None:
        """Say that each id brings the report of the other one: a test has shown it."""
        self.say(self.tr("The two ids are swapped: each brings the report of the other one."), self.tr("Swap the ids"))
        self._offered = ("swap", "")

    def _on_token(self) -> None:
        if is_id(self._token.token):
            empty = next((slot for slot, field in self._ids.items() if not field.id), "")
            action = self.tr("Move to the ids") if empty else ""
            self.say(self.tr("That is short for a token: it looks like a query id."), action)
            self._offered = ("to_id", empty)
        elif self._offered[0] == "to_id":
            self.say("")

    def _on_token_in_id(self, slot: str) -> None:
        action = "" if self._token.token else self.tr("Move to the token")
        self.say(self.tr("That is long for a query id: it looks like the token. It was taken out of the field."), action)
        self._offered = ("to_token", slot)

    def _on_acted(self) -> None:
        what, slot = self._offered
        self._offered = ("", "")
        self.say("")
        if what == "to_token":
            self._token.line.set_token(self._ids[slot].take_token())
            self._ids[slot].setFocus()
        elif what == "to_id" and slot:
            self._ids[slot].set_id(self._token.token)
            self._token.clear()
            self._token.line.setFocus()
        elif what == "swap":
            activity, confirmation = self._ids["activity"], self._ids["confirmation"]
            first, second = activity.id, confirmation.id
            activity.set_id(second)
            confirmation.set_id(first)
            self.mended.emit()
