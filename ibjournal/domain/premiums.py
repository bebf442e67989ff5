"""Premiums on their way from an option to the underlying that came of it by exercise or assignment, as IBKR books them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from ibjournal.domain.execution import ExecutionId
from ibjournal.domain.fifo import shares
from ibjournal.domain.fill import Matchable
from ibjournal.domain.instrument import AssetClass
from ibjournal.domain.ledger import Ledger
from ibjournal.domain.position_event import ExerciseLink, Place

_ZERO = Decimal(0)
_At = tuple[Place, ExecutionId]


class Premiums:
    """Knows which fills of options hand their result on, and to which fills.

    IBKR's own row decides where it states a result: one that shows the premium on the option has not moved it. Where no row
    says, it moves into anything that has a cost: a future has none.
    """

    def __init__(self, links: Sequence[ExerciseLink], fills: Mapping[Place, Sequence[Matchable]]) -> None:
        wanted = {end for link in links for end in (link.option, link.underlying)}
        rows = {(place, row.id): row for place in {place for place, _id in wanted} for row in fills.get(place, ())}
        self._to: dict[_At, list[tuple[_At, Decimal]]] = {}
        self._after: dict[_At, datetime] = {}
        for option, underlying in sorted({(link.option, link.underlying) for link in links}):
            if option not in rows or underlying not in rows or not _moves(rows[option], rows[underlying]):
                continue
            self._to.setdefault(option, []).append((underlying, abs(rows[underlying].quantity)))
            done = rows[option].executed_at
            self._after[underlying] = max(done, self._after.get(underlying, done))

    def comes_after(self, place: Place, fill: Matchable) -> datetime | None:
        """Return when the last option was exercised that a fill came of, None for any other fill."""
        return self._after.get((place, fill.id)) if self._after else None

    def prepare(self, ledgers: Mapping[Place, Ledger]) -> None:
        """Tell the ledgers which options hand their premium on."""
        for place, execution in self._to:
            ledgers[place].exercised.add(execution)

    def take(self, place: Place, fill: Matchable, ledgers: Mapping[Place, Ledger]) -> None:
        """Hand on what a fill earned that was just added."""
        targets = self._to.get((place, fill.id)) if self._to else None
        earned = ledgers[place].earned if targets else None
        if not targets or not earned:
            return
        parts = shares(earned, [weight for _at, weight in targets])
        for ((target, execution), _weight), part in zip(targets, parts, strict=True):
            premiums = ledgers[target].premiums
            premiums[execution] = premiums.get(execution, _ZERO) + part


def _moves(option: Matchable, underlying: Matchable) -> bool:
    if option.realized is not None:
        return not option.realized
    return underlying.asset_class is not AssetClass.FUT
