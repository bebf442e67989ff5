"""The position that was held before our history starts, as far as the rows prove it.

A close of more than was seen opened shows that something was held before. First in, first out, it is the first to be closed: so it
belongs at the head of the lots from the start, and not where the shortage shows. A report of positions proves the same for
what was not closed yet.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from ibjournal.domain.money import plain

_ZERO = Decimal(0)
_ONE = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What a row says of a position: a change, a split, or (with ``held``) the whole of it.

    ``quantity`` is the signed change, with ``held`` the signed position.
    """

    quantity: Decimal
    closes: bool = False
    """Whether it opens nothing: IBKR's flag or figure says so, or units left."""
    explained: bool = False
    """Whether IBKR's figure agrees with the lots that we saw, first in, first out."""
    split: bool = False
    ratio: Decimal | None = None
    """Of a split: new units for one old unit, where it is stated."""
    shrinks: bool = False
    """Of a split: whether it is a reverse one."""
    held: bool = False
    complete: bool = False
    """With ``held``: whether every fill since the first step was seen: only what was there before it can be unseen."""


def positions_before(steps: Iterable[Step]) -> dict[int, Decimal]:
    """Return what must have been held unseen: a signed position by the index of the first step that meets it.

    Mostly that is index 0. It is a later one where the rows show that nothing was held before: the position turned from long to
    short or back, or IBKR's own figure for a close is just what the lots that we saw had earned.

    Args:
        steps: what happened at one place, in order of time.
    """
    walk = _Walk()
    end = 0
    for index, step in enumerate(steps):
        end = index + 1
        if step.split:
            walk.split(step)
        elif step.held:
            walk.hold(index, step)
        else:
            walk.change(index, step.quantity, closes=step.closes)
            if step.explained:
                walk.begin(end)
    walk.begin(end)
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

    def change(self, index: int, quantity: Decimal, *, closes: bool) -> None:
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

    def hold(self, index: int, step: Step) -> None:
        """Take what a report says is held: what we do not know of was there before, if it stands on the same side."""
        if step.complete and self._start:
            return  # nothing was unseen at a later step, and every fill since is known
        quantity = step.quantity
        side, missing = _sign(quantity), quantity - self._position
        if _sign(missing) == side and _sign(self._position) in {0, side} and self._side in {0, side}:
            self._prove(index, missing)
            self._position = quantity

    def _prove(self, index: int, missing: Decimal) -> None:
        if self._side and self._side != _sign(missing):
            self.begin(index)
        self._side = _sign(missing)
        self._unseen += (missing + self._owed) / self._units
        self._owed = _ZERO

    def split(self, split: Step) -> None:
        position, change = self._position, split.quantity
        if not change:
            if split.ratio:
                self._position *= split.ratio
                self._units *= split.ratio
            return
        # a split's change is of the whole position, the unseen part included
        after = position + change
        if position and after and _sign(after) == _sign(position):
            self._position = after
        elif split.shrinks:
            self._owed -= after
            self._position = _ZERO
        elif not position:
            self._position = change


def _sign(number: Decimal) -> int:
    return (number > 0) - (number < 0)
