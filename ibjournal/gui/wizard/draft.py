"""What was typed and chosen in the wizard, as text for the window's preferences: it goes on there after a restart.

The token is never in it, only whether there was one; so it has to be pasted again. No depot exists before it is saved.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from ibjournal.domain.depot import DepotId
from ibjournal.gui.widgets.depot_dot import COLORS
from ibjournal.gui.wizard.state import Feed, Step, WizardState
from ibjournal.services.credentials import holds_token

_LONGEST = 200
"""Of a word that was typed: what is longer was not written by the wizard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What was kept. ``opened``: the wizard was open when the program ended; ``token_lost``: a token has to be pasted again."""

    state: WizardState
    opened: bool = False
    token_lost: bool = False


def is_begun(state: WizardState) -> bool:
    """Tell whether anything was typed or chosen that would be missed."""
    fresh = WizardState()
    return any(
        getattr(state, name) != getattr(fresh, name)
        for name in ("feed", "ticked", "name", "token", "token_of", "activity", "confirmation", "depot")
    )


def to_text(state: WizardState, *, opened: bool) -> str:
    """Return what there is to keep; empty where nothing was begun and the wizard is closed."""
    if not (opened or is_begun(state) or state.step is not Step.WELCOME):
        return ""
    return json.dumps(
        {
            "step": int(state.step),
            "feed": state.feed.value,
            "ticked": sorted(state.ticked),
            "name": _kept(state.name),
            "color": state.color,
            "token_of": state.token_of,
            "expires": state.expires.isoformat() if state.expires else None,
            "ends": state.ends.isoformat() if state.ends else None,
            "activity": _kept(state.activity),
            "confirmation": _kept(state.confirmation),
            "depot": state.depot,
            "fetching": state.fetching,
            "token": bool(state.token),
            "open": opened,
        }
    )


def from_text(text: str) -> Draft | None:
    """Return what was kept, None where there is nothing or nothing that makes sense."""
    try:
        found = json.loads(text) if text else None
        if not isinstance(found, dict):
            return None
        state = WizardState(
            step=Step(found["step"]),
            feed=Feed(found["feed"]),
            ticked={_word(each) for each in found["ticked"]},
            name=_word(found["name"]),
            color=found["color"] if found["color"] in COLORS else COLORS[0],
            token_of=_depot(found["token_of"]),
            expires=date.fromisoformat(found["expires"]) if found["expires"] else None,
            ends=datetime.fromisoformat(found["ends"]) if found["ends"] else None,
            activity=_word(found["activity"]),
            confirmation=_word(found["confirmation"]),
            depot=_depot(found["depot"]),
            fetching=bool(found["fetching"]),
        )
    except (ValueError, TypeError, KeyError):
        return None
    return Draft(state=state, opened=bool(found.get("open")), token_lost=bool(found.get("token")))


def _kept(text: str) -> str:
    """Return what was typed, unless it is a token in the wrong field."""
    return "" if holds_token(text) else text


def _word(value: Any) -> str:
    return str(value)[:_LONGEST]


def _depot(value: Any) -> DepotId | None:
    return DepotId(int(value)) if value is not None else None
