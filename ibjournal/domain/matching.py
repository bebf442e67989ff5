"""The engine: executions of one account and instrument become lot matches, open lots and trades.

First in, first out, and from flat to flat. Pure: the same rows give the same result in whatever order they come, and a
rebuild of an instrument starts from nothing. What the engine cannot know stands in `Matching.problems`; it never bends a number.

An option that was assigned or exercised closes at its price of 0, so its trade shows what was earned; the stock's fill counts at
the strike. IBKR's booked view (0 on the option, the premium in the stock) is the sum of `Execution.realized` over the same fills.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ibjournal.domain.corporate_action import CorporateAction, split_position
from ibjournal.domain.execution import ExecutionStatus
from ibjournal.domain.fifo import Lot, LotBook, share
from ibjournal.domain.fill import Fill, Matchable, MatchingProblem, Pricing, RateLookup
from ibjournal.domain.lots import LotMatch, OpenLot
from ibjournal.domain.round_trip import RoundTrip
from ibjournal.domain.trade import Trade

__all__ = ["Matching", "MatchingProblem", "RateLookup", "execution_order", "match_instrument"]

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
    fills = [execution for execution in executions if execution.status is ExecutionStatus.ACTIVE]
    if len({(row.account, row.instrument) for row in fills} | {(row.account, row.instrument) for row in actions}) > 1:
        raise ValueError("one account and instrument at a time")
    fills.sort(key=execution_order)
    pending = sorted(actions, key=_action_order, reverse=True)
    problems: list[MatchingProblem] = []
    pricing = Pricing(base_currency=base_currency, rate_to_base=rate_to_base, problems=problems)
    engine = _Engine(pricing, problems, with_matches=with_matches)
    for fill in fills:
        while pending and pending[-1].effective_at <= fill.executed_at:
            engine.apply(pending.pop())
        engine.add(fill)
    while pending:
        engine.apply(pending.pop())
    return engine.result()


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
        """What the latest closing fill earned on lots that we saw opened."""
        self._matches: list[LotMatch] = []
        self._with_matches = with_matches

    def add(self, execution: Matchable) -> None:
        if not execution.quantity:
            self._problem("zero_quantity", execution)
            return
        fill = self._pricing.fill(execution)
        flag = execution.open_close
        trip = self._current
        if trip is not None and trip.direction != fill.direction:
            left, value, fees = self._close(fill, trip)
        else:
            trip, left, value, fees = None, fill.size, fill.value, fill.fees
        if not left:
            return
        if "C" in flag and "O" not in flag:
            self._close_unseen(fill, trip, left=left, fees=fees)
            return
        if trip is None and self._current is None and "C" in flag:
            self._problem("flip_without_position", execution, realized=execution.realized)
        self._open(fill, size=left, value=value, fees=fees)

    def apply(self, action: CorporateAction) -> None:
        trip = self._current
        before = self._book.position
        after = split_position(action, before) if action.is_split else None
        if after is not None and trip is not None:
            self._book.split(before, after)
            trip.split(before, after)
        elif action.quantity or action.is_split:
            code = "split_without_position" if action.is_split and not before else "unknown_event"
            values = (("type", action.type), ("quantity", action.quantity), ("event", action.id))
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
        trip = self._current
        if trip is None:
            trip = self._current = RoundTrip(execution, fill.direction)
            self._trips.append(trip)
            self._book.direction = fill.direction
            self._unknown = None
        price = execution.price
        self._book.add(Lot(execution.id, quantity=size, price=price, value=value, fees=fees, opened_at=execution.executed_at))
        trip.add_opening(execution, quantity=size, price=price, fees=fees)

    def _close(self, fill: Fill, trip: RoundTrip) -> tuple[Decimal, Decimal, Decimal]:
        """Consume lots of the open trade; return what is left of the fill: size, value, fees."""
        execution = fill.execution
        rate = self._pricing.rate(execution)
        long = trip.direction > 0
        left, value, fees = fill.size, fill.value, fill.fees
        self._net_of_fill = _ZERO
        for taken in self._book.take(fill.size):
            quantity = taken.quantity
            piece_value = share(value, quantity, left)
            piece_fees = share(fees, quantity, left)
            left -= quantity
            value -= piece_value
            fees -= piece_fees
            gross = piece_value - taken.value if long else taken.value - piece_value
            both_fees = taken.fees + piece_fees
            net = gross + both_fees
            self._net_of_fill += net
            trip.add_result(gross=gross, fees=both_fees, net=net, rate=rate)
            if not self._with_matches:
                continue
            lot = taken.lot
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
        trip.add_closing(execution, quantity=fill.size - left, fees=fill.fees - fees)
        if not self._book.lots:
            trip.close(execution)
            self._current = None
        return left, value, fees

    def _close_unseen(self, fill: Fill, trip: RoundTrip | None, *, left: Decimal, fees: Decimal) -> None:
        """Book the close of lots that were opened before our history starts, with IBKR's own figures.

        Args:
            fill: a fill that closes only.
            trip: the trade whose lots the same fill used up, None where it met none.
            left: how much of it met no lot.
            fees: the fees of that part.
        """
        execution = fill.execution
        booked = fill.booked()
        if trip is not None:
            # IBKR's figure is for the whole fill: what our lots do not explain was earned by the part we never saw opened.
            if booked is not None:
                booked -= self._net_of_fill
        elif self._unknown is not None and self._unknown.direction == -fill.direction:
            trip = self._unknown
        else:
            trip = RoundTrip(execution, -fill.direction)
            self._trips.append(trip)
        self._unknown = trip
        self._problem("entry_unknown" if booked is not None else "basis_unknown", execution, quantity=left)
        price = fill.cost_price() if left == fill.size else None
        gross = None if booked is None else booked - fees
        trip.add_unseen(quantity=left, price=price)
        trip.add_result(gross=gross, fees=fees, net=booked, rate=self._pricing.rate(execution))
        match = LotMatch(
            opening=None,
            closing=execution.id,
            direction=trip.direction,
            quantity=left,
            open_price=price,
            close_price=execution.price,
            opened_at=None,
            closed_at=execution.executed_at,
            gross=gross,
            fees=fees,
            net=booked,
            trade=trip.key,
        )
        if self._with_matches:
            self._matches.append(match)
        trip.add_closing(execution, quantity=left, fees=fees)
        trip.close(execution)

    def _problem(self, code: str, execution: Matchable, **values: object) -> None:
        self._problems.append(MatchingProblem(code=code, execution=execution.id, values=tuple(values.items())))
