"""The position that was held before our history starts, as far as the rows prove it.

A close of more than was seen opened shows that something was held before. First in, first out, it is the first to be closed: so it
belongs at the head of the lots from the start, and not where the shortage shows.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import Decimal

from ibjournal.domain.corporate_action import CorporateAction
from ibjournal.domain.execution import ExecutionId
from ibjournal.domain.fill import Matchable, only_closes
from ibjournal.domain.money import plain

_ZERO = Decimal(0)
_ONE = Decimal(1)
_SHRINKS = "RS"


def positions_before(
    fills: Sequence[Matchable],
    actions: Sequence[CorporateAction],
    *,
    closing: Collection[ExecutionId],
    explained: Collection[ExecutionId],
) -> dict[int, Decimal]:
    """Return what must have been held unseen: a signed position by the index of the first fill that meets it.

    Mostly that is index 0. It is a later one where the rows show that nothing was held before: the position turned from long to
    short or back, or IBKR's own figure for a close is just what the lots that we saw had earned.

    Args:
        fills: in order of time.
        actions: in order of time.
        closing: fills without a flag that are proved closes.
        explained: closes for which IBKR's figure agrees with the lots that we saw, first in, first out.
    """
    walk = _Walk()
    done = 0
    for index, fill in enumerate(fills):
        while done < len(actions) and actions[done].effective_at <= fill.executed_at:
            walk.split(actions[done])
            done += 1
        walk.fill(index, fill.quantity, closes=only_closes(fill) or fill.id in closing)
        if fill.id in explained:
            walk.begin(index + 1)
    walk.begin(len(fills))
    return walk.found


class _Walk:
    """Follows the position alone. Between two `begin` it can have started with something unseen."""

    def __init__(self) -> None:
        self.found: dict[int, Decimal] = {}
        self._start = 0
        self._position = _ZERO
        """What we know of; what was unseen is used up whenever this falls to 0 and a close wants more."""
        self._unseen = _ZERO
        self._owed = _ZERO
        """What a reverse split took beyond the known position: unseen too, once a close proves that anything was."""
        self._units = _ONE
        """Units of now for one at the start, by splits that state a ratio and no change."""
        self._side = 0

    def begin(self, index: int) -> None:
        """Settle what was unseen so far; what shows from ``index`` on was not there before."""
        if self._unseen:
            self.found[self._start] = plain(self._unseen)
        self._start = index
        self._unseen = self._owed = _ZERO
        self._units = _ONE
        self._side = _sign(self._position)

    def fill(self, index: int, quantity: Decimal, *, closes: bool) -> None:
        position = self._position
        after = position + quantity
        side = _sign(quantity)
        if closes:
            if position and _sign(position) == side:
                return  # closes the other side of what is there: a contradiction that the engine keeps apart
            if after and _sign(after) == side:
                self._prove(index, -after)
                after = _ZERO
        elif side == _sign(after) and side != _sign(position) and self._side == -side:
            self.begin(index + 1 if position else index)
            self._side = side
        self._position = after
        self._side = _sign(after) or self._side

    def _prove(self, index: int, missing: Decimal) -> None:
        if self._side and self._side != _sign(missing):
            self.begin(index)
        self._side = _sign(missing)
        self._unseen += (missing + self._owed) / self._units
        self._owed = _ZERO

    def split(self, action: CorporateAction) -> None:
        if not action.is_split:
            return
        position, change = self._position, action.quantity
        if not change:
            if action.ratio:
                self._position *= action.ratio
                self._units *= action.ratio
            return
        # a split's change is of the whole position, the unseen part included
        after = position + change
        if position and after and _sign(after) == _sign(position):
            self._position = after
        elif action.type == _SHRINKS:
            self._owed -= after
            self._position = _ZERO
        elif not position:
            self._position = change


def _sign(number: Decimal) -> int:
    return (number > 0) - (number < 0)
