"""The rows of places that belong together, in one stream: fills, events, and what a report says is held, in order of time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from operator import lt
from typing import NamedTuple

from ibjournal.domain.checkpoint import checkpoint
from ibjournal.domain.event_booking import EventBooking
from ibjournal.domain.fill import Matchable, Terms, only_closes
from ibjournal.domain.held import hold
from ibjournal.domain.ledger import Ledger
from ibjournal.domain.position_event import EventKind, ExerciseLink, HeldPosition, Place, PositionEvent, ToldBasis
from ibjournal.domain.premiums import Premiums
from ibjournal.domain.trade import TradeKey
from ibjournal.domain.unseen import Step, positions_before

_ZERO = Decimal(0)
_DEPARTURES = frozenset({EventKind.REMOVAL, EventKind.TRANSFER_OUT})
_ARRIVES, _FILLED, _CAME_OF_A_FILL, _DEPARTS, _REPORTED = range(5)
"""What comes first within an instant."""


def execution_order(execution: Matchable) -> tuple[datetime, int, int, str, str]:
    """Sort key: by time, within a second by IBKR's ids.

    The trade id comes first because a confirmation has it too: the order of fills, and with it the key of a trade, does
    not change when Activity confirms them. In reports both ids rise together.
    """
    trade_id, transaction_id = execution.trade_id, execution.transaction_id
    return (
        execution.executed_at,
        int(trade_id) if trade_id.isdecimal() else 0,
        int(transaction_id) if transaction_id.isdecimal() else 0,
        execution.exec_id,
        execution.id,
    )


def put_in_order(executions: list[Matchable]) -> None:
    """Sort by `execution_order`. Ids count only where time does not tell: most rows are in order as they are stored."""
    times = [execution.executed_at for execution in executions]
    if not all(map(lt, times, times[1:])):
        executions.sort(key=execution_order)


def step_of(fill: Matchable, ledger: Ledger) -> Step:
    """Return what a fill says of the position, once a ledger has met it."""
    closes = only_closes(fill) or fill.id in ledger.unseen
    return Step(quantity=fill.quantity, closes=closes, explained=fill.id in ledger.explained)


class _Item(NamedTuple):
    """A row in the stream of a group: a fill, an event, or what a report says is held."""

    at: datetime
    phase: int
    order: tuple[object, ...]
    place: Place | None
    what: Matchable | PositionEvent | HeldPosition

    @property
    def places(self) -> tuple[Place, ...]:
        if isinstance(self.what, PositionEvent):
            return tuple(dict.fromkeys(leg.place for leg in self.what.legs))
        return () if self.place is None else (self.place,)

    def delivers(self, *, closes: bool) -> bool:
        """Return whether it is a fill that came of an option and closes, or opens: by IBKR's flag, else by its result."""
        if self.phase != _CAME_OF_A_FILL or isinstance(self.what, (PositionEvent, HeldPosition)):
            return False
        flag = self.what.open_close or ("C" if self.what.realized else "O")
        return flag == ("C" if closes else "O")

    def change(self, place: Place) -> Decimal:
        """Return what it adds to a position."""
        if isinstance(self.what, PositionEvent):
            return sum((leg.quantity for leg in self.what.legs if leg.place == place), _ZERO)
        return self.what.quantity if self.place == place and self.phase != _REPORTED else _ZERO


def _put_openings_first(items: list[_Item]) -> None:
    """Let what one option delivers come before what another takes away in the same instant, where nothing was there before.

    Both legs of a spread that end in the money are booked at one time, and their numbers need not rise with what opens.
    """
    for index, item in enumerate(items):
        if item.place is None or not item.delivers(closes=True):
            continue
        place, quantity = item.place, item.change(item.place)
        if sum((each.change(place) for each in items[:index]), _ZERO) * quantity < 0:
            continue
        for later in range(index + 1, len(items)):
            other = items[later]
            if other.at != item.at:
                break
            if other.place == place and other.delivers(closes=False) and other.change(place) * quantity < 0:
                items.insert(index, items.pop(later))
                break


class Stream:
    """All rows of a group in one line, in order of time."""

    def __init__(
        self,
        fills: Mapping[Place, Sequence[Matchable]],
        events: Sequence[PositionEvent],
        *,
        links: Sequence[ExerciseLink],
        held: Sequence[HeldPosition],
        told: Mapping[tuple[str, Place], ToldBasis],
        terms: dict[Place, Terms],
    ) -> None:
        self._told = told
        self._terms = terms
        self._premiums = Premiums(links, fills)
        self._doubted: set[Place] = set()
        """Where a report of positions contradicts itself."""
        items = [self._fill(place, row) for place, rows in fills.items() for row in rows]
        items += [
            _Item(event.effective_at, _DEPARTS if event.kind in _DEPARTURES else _ARRIVES, (event.id,), None, event)
            for event in events
        ]
        items += [_Item(each.as_of, _REPORTED, each.place, each.place, each) for each in held]
        self._items = sorted(items, key=lambda item: item[:3])
        _put_openings_first(self._items)

    def _fill(self, place: Place, row: Matchable) -> _Item:
        after = self._premiums.comes_after(place, row)
        order = (*execution_order(row), *place)
        if after is not None:
            return _Item(max(after, row.executed_at), _CAME_OF_A_FILL, order, place, row)
        return _Item(row.executed_at, _FILLED, order, place, row)

    def run(self, ledgers: Callable[[], dict[Place, Ledger]]) -> tuple[dict[Place, Ledger], Mapping[TradeKey, TradeKey]]:
        """Run once, and once more where the first run shows that something was held before.

        Args:
            ledgers: gives a new ledger for each place of the group.

        Returns:
            What stands in the ledgers at the end, and the keys of trades that became part of an earlier one.
        """
        books, booking = self._once(ledgers(), {})
        if any(ledger.unseen or ledger.refused for ledger in books.values()) or self._reported:
            before = self._before(books, booking)
            if any(before.values()):
                books, booking = self._once(ledgers(), before)
        return books, booking.aliases

    @property
    def _reported(self) -> bool:
        return any(item.phase == _REPORTED for item in self._items)

    def _once(
        self, books: dict[Place, Ledger], before: Mapping[Place, Mapping[int, Decimal]]
    ) -> tuple[dict[Place, Ledger], EventBooking]:
        booking = EventBooking(books, dict(self._terms), self._told)
        self._premiums.prepare(books)
        seen = dict.fromkeys(books, 0)
        for item in self._items:
            checkpoint()
            for place in item.places:
                missing = before.get(place, {}).get(seen[place])
                if missing is not None:
                    books[place].receive(missing)
                seen[place] += 1
            what = item.what
            if isinstance(what, PositionEvent):
                booking.apply(what)
            elif isinstance(what, HeldPosition):
                if not hold(books[what.place], what, self._terms.get(what.place) or Terms.unknown(what.currency)):
                    self._doubted.add(what.place)
            elif item.place is not None:  # pragma: no branch - only an event has none
                books[item.place].add(what)
                self._premiums.take(item.place, what, books)
        return books, booking

    def _before(self, books: Mapping[Place, Ledger], booking: EventBooking) -> dict[Place, dict[int, Decimal]]:
        steps: dict[Place, list[Step]] = {place: [] for place in books}
        for item in self._items:
            for place in item.places:
                steps[place].append(self._step(item, place, books[place], booking))
        return {place: positions_before(rows) for place, rows in steps.items()}

    def _step(self, item: _Item, place: Place, ledger: Ledger, booking: EventBooking) -> Step:
        what = item.what
        if isinstance(what, HeldPosition):
            if what.began_empty or place in self._doubted:
                return Step(quantity=_ZERO)
            since = what.complete_since
            complete = since is not None and all(since <= each.at.date() for each in self._items if place in each.places)
            return Step(quantity=what.quantity, held=True, complete=complete)
        if not isinstance(what, PositionEvent):
            return step_of(what, ledger)
        quantity = sum((leg.quantity for leg in what.legs if leg.place == place), _ZERO)
        if what.kind is EventKind.SPLIT:
            return Step(quantity=quantity, split=True, ratio=what.ratio, shrinks=what.type == "RS" or (what.ratio or 1) < 1)
        if what.kind is EventKind.UNKNOWN or (what.id, place) in booking.refused:
            return Step(quantity=_ZERO)
        return Step(quantity=quantity, closes=(what.id, place) in booking.leaving)
