"""The engine: executions of one account and instrument become lot matches, open lots and trades.

First in, first out, and from flat to flat. Pure: the same rows give the same result in whatever order they come, and a
rebuild of an instrument starts from nothing. What the engine cannot know stands in `Matching.problems`; it never bends a number.

Where the rows prove that something was held before our history starts, the engine runs a second time with that at the head of
the lots; the fills that close it earn what IBKR says.

An option that was assigned or exercised closes at its price of 0, so its trade shows what was earned; the stock's fill counts at
the strike. IBKR's booked view (0 on the option, the premium in the stock) is the sum of `Execution.realized` over the same fills.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType

from ibjournal.domain.corporate_action import CorporateAction, split_position
from ibjournal.domain.depot import AccountId
from ibjournal.domain.execution import ExecutionId, ExecutionStatus
from ibjournal.domain.fifo import Lot, LotBook, share
from ibjournal.domain.fill import Fill, Matchable, MatchingProblem, Pricing, RateLookup
from ibjournal.domain.instrument import Instrument, InstrumentId
from ibjournal.domain.lots import LotMatch, OpenLot
from ibjournal.domain.position_event import EventKind, ExerciseLink, HeldPosition, Place, PositionEvent, ToldBasis
from ibjournal.domain.rebooking import with_cancelled_costs
from ibjournal.domain.round_trip import RoundTrip
from ibjournal.domain.trade import Trade
from ibjournal.domain.unseen import positions_before

__all__ = ["Matching", "MatchingProblem", "RateLookup", "execution_order", "match_group", "match_instrument"]

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Matching:
    """All that follows from the executions of one account and instrument, each in order of time."""

    trades: tuple[Trade, ...] = ()
    matches: tuple[LotMatch, ...] = ()
    open_lots: tuple[OpenLot, ...] = ()
    problems: tuple[MatchingProblem, ...] = ()


def match_instrument(
    executions: Sequence[Matchable],
    actions: Sequence[CorporateAction] = (),
    *,
    base_currency: str = "",
    rate_to_base: RateLookup | None = None,
    with_matches: bool = True,
) -> Matching:
    """Match the executions of one account and instrument.

    Only active executions count. The caller leaves out what makes no trades (`is_trade_instrument`).

    Args:
        executions: in any order.
        actions: corporate actions of the same account and instrument, in any order.
        base_currency: the account's, empty where it is not known.
        rate_to_base: asked where a row carries no rate of its own, and for commissions in a third currency.
        with_matches: False leaves `Matching.matches` empty, which is quicker when only the trades are wanted.

    Raises:
        ValueError: the rows belong to more than one account or instrument.
    """
    fills: list[Matchable] = [execution for execution in executions if execution.status is ExecutionStatus.ACTIVE]
    if len({(row.account, row.instrument) for row in fills} | {(row.account, row.instrument) for row in actions}) > 1:
        raise ValueError("one account and instrument at a time")
    lost: list[MatchingProblem] = []
    if len(fills) < len(executions):
        fills = with_cancelled_costs(executions, fills, lost)
    fills.sort(key=execution_order)
    ordered = sorted(actions, key=_action_order)

    def run(before: Mapping[int, Decimal]) -> _Engine:
        problems = list(lost)
        pricing = Pricing(base_currency=base_currency, rate_to_base=rate_to_base, problems=problems)
        engine = _Engine(pricing, problems, with_matches=with_matches)
        engine.run(fills, ordered, before)
        return engine

    engine = run({})
    if engine.unseen or engine.split_refused:
        before = positions_before(fills, ordered, closing=engine.unseen, explained=engine.explained)
        if before:
            engine = run(before)
    return engine.result()


def match_group(
    fills: Mapping[Place, Sequence[Matchable]],
    events: Sequence[PositionEvent] = (),
    *,
    base_currency: Mapping[AccountId, str] = MappingProxyType({}),
    rate_to_base: Mapping[AccountId, RateLookup] = MappingProxyType({}),
    settlements: Mapping[tuple[Place, ExecutionId], Decimal] = MappingProxyType({}),
    told: Mapping[tuple[str, Place], ToldBasis] = MappingProxyType({}),
    links: Sequence[ExerciseLink] = (),
    held: Sequence[HeldPosition] = (),
    instruments: Mapping[InstrumentId, Instrument] = MappingProxyType({}),
    with_matches: bool = True,
) -> dict[Place, Matching]:
    """Match the places that events and exercises tie together, in order of time, with one book of lots for each.

    Args:
        fills: all rows of each place, in any order; a place without fills may be left out where an event names it.
        events: each whole, with all its legs, in any order.
        base_currency: of each account, left out where it is not known.
        rate_to_base: asked for each account where a row carries no rate of its own.
        settlements: cash of an exercise, assignment or expiry that was settled in cash: by the option's closing fill, in its
            currency, received positive.
        told: what the user says that units had cost which came from elsewhere, by event and place.
        links: which fill of an underlying came of which fill of an option.
        held: what the first report of open positions says, place by place.
        instruments: terms of instruments, needed where units are held of which there is no fill.
        with_matches: False leaves `Matching.matches` empty, which is quicker when only the trades are wanted.

    Returns:
        What follows for each place that ``fills``, ``events`` or ``held`` name.
    """
    places = {*fills, *(leg.place for event in events for leg in event.legs), *(each.place for each in held)}
    found: dict[Place, Matching] = {}
    for place in sorted(places):
        actions = [
            CorporateAction(
                id=event.id,
                account=place.account,
                instrument=place.instrument,
                type="FS" if event.kind is EventKind.SPLIT else event.type,
                effective_at=event.effective_at,
                quantity=leg.quantity,
                ratio=event.ratio,
            )
            for event in events
            for leg in event.legs
            if leg.place == place
        ]
        found[place] = match_instrument(
            fills.get(place, ()),
            actions,
            base_currency=base_currency.get(place.account, ""),
            rate_to_base=rate_to_base.get(place.account),
            with_matches=with_matches,
        )
    return found


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


def _action_order(action: CorporateAction) -> tuple[datetime, str, int, str]:
    return action.effective_at, action.action_id, _number(action.transaction_id), action.id


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0


class _Engine:
    """The state between two rows: the lot book and the trade that is open."""

    def __init__(self, pricing: Pricing, problems: list[MatchingProblem], *, with_matches: bool) -> None:
        self._pricing = pricing
        self._problems = problems
        self._book = LotBook()
        self._current: RoundTrip | None = None
        self._unknown: RoundTrip | None = None
        """The latest trade whose entry is not known, while further fills may still belong to it."""
        self._trips: list[RoundTrip] = []
        self._net_of_fill = _ZERO
        """What the latest fill earned on lots that we saw opened."""
        self._matches: list[LotMatch] = []
        self._with_matches = with_matches
        self.unseen: set[ExecutionId] = set()
        """Fills that closed more than there was."""
        self.split_refused = False
        """Whether a split did not fit the position: then there was more of it."""
        self.explained: set[ExecutionId] = set()
        """Fills for which IBKR's figure is what the lots that we saw had earned."""
        self._doubtful = False
        """Whether IBKR's figure was another one since nothing was open: then units of one lot can agree by chance."""

    def run(self, fills: Sequence[Matchable], actions: Sequence[CorporateAction], before: Mapping[int, Decimal]) -> None:
        """Take all rows, each in order of time; ``before`` is what was held unseen, by the index of the fill that meets it."""
        pending = list(reversed(actions))
        for index, fill in enumerate(fills):
            if before and index in before:
                self._receive(before[index])
            while pending and pending[-1].effective_at <= fill.executed_at:
                self._apply(pending.pop())
            self._add(fill)
        while pending:
            self._apply(pending.pop())

    def _receive(self, quantity: Decimal) -> None:
        self._book.direction = 1 if quantity > 0 else -1
        self._book.add_unseen(abs(quantity))
        if self._current is not None:
            self._current.add_unseen(abs(quantity))

    def _add(self, execution: Matchable) -> None:
        if not execution.quantity:
            self._problem("zero_quantity", execution)
            return
        fill = self._pricing.fill(execution)
        flag = execution.open_close
        if self._current is None and self._book.lots:
            self._start(execution, self._book.direction).add_unseen(abs(self._book.position))
        trip = self._current
        self._net_of_fill = _ZERO
        if trip is not None and trip.direction != fill.direction:
            if flag == "O" and not execution.realized:
                self._problem("flag_contradicts_position", execution, position=self._book.position)
            left, value, fees = self._close(fill, trip)
            if not left:
                return
        else:
            trip, left, value, fees = None, fill.size, fill.value, fill.fees
        if "O" not in flag and ("C" in flag or fill.proves_close(self._net_of_fill)):
            self._close_unseen(fill, trip, left=left, fees=fees)
            return
        if trip is None and self._current is None and "C" in flag:
            self._problem("flip_without_position", execution, realized=execution.realized)
        self._open(fill, size=left, value=value, fees=fees)

    def _apply(self, action: CorporateAction) -> None:
        before = self._book.position
        after = split_position(action, before) if action.is_split else None
        if after is not None:
            self._book.split(before, after)
            if self._current is not None:
                self._current.split(before, after)
        elif action.quantity or action.is_split:
            self.split_refused |= action.is_split
            code = "split_without_position" if action.is_split and not before else "unknown_event"
            values = (("type", action.type), ("quantity", action.quantity), ("event", action.action_id or action.id))
            self._problems.append(MatchingProblem(code=code, values=values))

    def result(self) -> Matching:
        missing = self._pricing.without_commission
        if missing:
            self._problems.append(MatchingProblem(code="commission_missing", execution=missing[0], values=(("n", len(missing)),)))
        current = self._current
        return Matching(
            trades=tuple(trip.to_trade() for trip in self._trips),
            matches=tuple(self._matches),
            open_lots=tuple(self._book.open_lots(current.key)) if current is not None else (),
            problems=tuple(self._problems),
        )

    def _open(self, fill: Fill, *, size: Decimal, value: Decimal, fees: Decimal) -> None:
        execution = fill.execution
        trip = self._current or self._start(execution, fill.direction)
        price = execution.price
        self._book.add(Lot(execution.id, quantity=size, price=price, value=value, fees=fees, opened_at=execution.executed_at))
        trip.add_opening(execution, quantity=size, price=price, fees=fees)

    def _start(self, execution: Matchable, direction: int) -> RoundTrip:
        trip = self._current = RoundTrip(execution, direction)
        self._trips.append(trip)
        self._book.direction = direction
        self._unknown = None
        return trip

    def _close(self, fill: Fill, trip: RoundTrip) -> tuple[Decimal, Decimal, Decimal]:
        """Consume lots of the open trade; return what is left of the fill: size, value, fees."""
        execution = fill.execution
        rate = self._pricing.rate(execution)
        long = trip.direction > 0
        left, value, fees = fill.size, fill.value, fill.fees
        first = len(self._matches)
        unseen = unseen_fees = seen_cost = _ZERO
        for taken in self._book.take(fill.size):
            quantity = taken.quantity
            piece_value = share(value, quantity, left)
            piece_fees = share(fees, quantity, left)
            left -= quantity
            value -= piece_value
            fees -= piece_fees
            lot = taken.lot
            if lot.execution is None:
                unseen += quantity
                unseen_fees += piece_fees
                continue
            gross = piece_value - taken.value if long else taken.value - piece_value
            both_fees = taken.fees + piece_fees
            net = gross + both_fees
            self._net_of_fill += net
            trip.add_result(gross=gross, fees=both_fees, net=net, rate=rate)
            if unseen:
                seen_cost += fill.direction * taken.value + taken.fees
            if not self._with_matches:
                continue
            match = LotMatch(
                opening=lot.execution,
                closing=execution.id,
                direction=trip.direction,
                quantity=quantity,
                open_price=lot.price,
                close_price=execution.price,
                opened_at=lot.opened_at,
                closed_at=execution.executed_at,
                gross=gross,
                fees=both_fees,
                net=net,
                trade=trip.key,
            )
            self._matches.append(match)
        if unseen:
            booked = fill.booked()
            price = None if left else fill.cost_price(unseen, explained=seen_cost)
            self._book_unseen(fill, trip, quantity=unseen, fees=unseen_fees, booked=booked, price=price, match_at=first)
        elif not left and execution.realized is not None:
            if not fill.agrees(self._net_of_fill):
                self._doubtful = True
            elif not self._doubtful:
                self.explained.add(execution.id)
        trip.add_closing(execution, quantity=fill.size - left, fees=fill.fees - fees)
        if not self._book.lots:
            trip.close(execution)
            self._current = None
            self._doubtful = False
        return left, value, fees

    def _close_unseen(self, fill: Fill, trip: RoundTrip | None, *, left: Decimal, fees: Decimal) -> None:
        """Book a close of more than there is, with IBKR's own figures.

        Args:
            fill: a fill that closes only.
            trip: the trade whose lots the same fill used up, None where it met none.
            left: how much of it met no lot.
            fees: the fees of that part.
        """
        execution = fill.execution
        self.unseen.add(execution.id)
        if trip is None:
            trip = self._unknown
            if trip is None or trip.direction == fill.direction:
                trip = RoundTrip(execution, -fill.direction)
                self._trips.append(trip)
        self._unknown = trip
        price = fill.cost_price(left, explained=_ZERO) if left == fill.size else None
        trip.add_unseen(left)
        self._book_unseen(fill, trip, quantity=left, fees=fees, booked=fill.booked(), price=price, match_at=len(self._matches))
        trip.add_closing(execution, quantity=left, fees=fees)
        trip.close(execution)

    def _book_unseen(
        self,
        fill: Fill,
        trip: RoundTrip,
        *,
        quantity: Decimal,
        fees: Decimal,
        booked: Decimal | None,
        price: Decimal | None,
        match_at: int,
    ) -> None:
        """Book the part of a fill that closed what was opened unseen.

        Args:
            fill: the fill.
            trip: the trade it closes.
            quantity: of that part, positive.
            fees: of that part.
            booked: IBKR's figure for the whole fill: what our lots do not explain was earned by that part.
            price: IBKR's cost a unit of that part.
            match_at: where in the matches it belongs.
        """
        execution = fill.execution
        net = None if booked is None else booked - self._net_of_fill
        gross = None if net is None else net - fees
        self._problem("entry_unknown" if net is not None else "basis_unknown", execution, quantity=quantity)
        trip.price_unseen(quantity, price)
        trip.add_result(gross=gross, fees=fees, net=net, rate=self._pricing.rate(execution))
        if not self._with_matches:
            return
        match = LotMatch(
            opening=None,
            closing=execution.id,
            direction=trip.direction,
            quantity=quantity,
            open_price=price,
            close_price=execution.price,
            opened_at=None,
            closed_at=execution.executed_at,
            gross=gross,
            fees=fees,
            net=net,
            trade=trip.key,
        )
        self._matches.insert(match_at, match)

    def _problem(self, code: str, execution: Matchable, **values: object) -> None:
        self._problems.append(MatchingProblem(code=code, execution=execution.id, values=tuple(values.items())))
