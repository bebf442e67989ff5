"""The engine's state for one place: its book of lots, the trade that is open there, and what came of both so far.

First in, first out, and from flat to flat. What a ledger cannot know is told as a problem; it never bends a number.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from ibjournal.domain.execution import ExecutionId
from ibjournal.domain.fifo import Lot, LotBook, share, shares, unseen_lot
from ibjournal.domain.fill import DAILY_SETTLED, Fill, Matchable, MatchingProblem, Pricing
from ibjournal.domain.lots import LotMatch, OpenLot
from ibjournal.domain.position_event import HELD
from ibjournal.domain.round_trip import RoundTrip
from ibjournal.domain.trade import Trade, TradeKey

_ZERO = Decimal(0)


class _Unknown(NamedTuple):
    """A lot of unknown cost that a fill closes."""

    at: int
    """Where it stands among the matches."""
    lot: Lot
    fees: Decimal
    """Its share of the fill's."""
    came: Decimal
    """Its share of the premium that came with the fill."""


class Ledger:
    """Mutable; fills and events are taken in order of time."""

    def __init__(self, pricing: Pricing, problems: list[MatchingProblem], *, with_matches: bool) -> None:
        self.pricing = pricing
        self.problems = problems
        self.book = LotBook()
        self.current: RoundTrip | None = None
        self.trips: list[RoundTrip] = []
        self.matches: list[LotMatch] = []
        self.with_matches = with_matches
        self.unseen: set[ExecutionId] = set()
        """Fills that closed more than there was."""
        self.refused = False
        """Whether a split or an event did not fit the position: then there was more of it."""
        self.explained: set[ExecutionId] = set()
        """Fills for which IBKR's figure is what the lots that we saw had earned."""
        self.exercised: set[ExecutionId] = set()
        """Fills of options whose premium IBKR moves to the underlying."""
        self.premiums: dict[ExecutionId, Decimal] = {}
        """What such options had earned, by the fill of the underlying that came of them."""
        self.earned: Decimal | None = None
        """What the latest fill of `exercised` earned; None where that is not known."""
        self._unknown: RoundTrip | None = None
        """The latest trade whose entry is not known, while further fills may still belong to it."""
        self._net: Decimal | None = _ZERO
        """What the latest fill earned so far; None where that is not known."""
        self._premium = _ZERO
        """What IBKR adds to that, as part of the lots' cost."""
        self._incoming = _ZERO
        """What is left of the premium that came with the latest fill."""
        self._doubtful = False
        """Whether IBKR's figure was another one since nothing was open: then units of one lot can agree by chance."""

    def receive(self, quantity: Decimal) -> None:
        """Put what was held unseen, signed, at the head of the lots: it is older than all others."""
        self.book.direction = 1 if quantity > 0 else -1
        self.book.lots.appendleft(unseen_lot(abs(quantity)))
        if self.current is not None:
            self.current.add_unseen(abs(quantity))

    def add(self, execution: Matchable) -> None:
        """Take a fill."""
        if not execution.quantity:
            self._problem("zero_quantity", execution)
            return
        fill = self.pricing.fill(execution)
        flag = execution.open_close
        trip = self.current
        if trip is None and self.book.lots:
            trip = self.start_unseen(execution)
        self._net = self._premium = _ZERO
        came = self._incoming = self.premiums.get(execution.id, _ZERO) if self.premiums else _ZERO
        if trip is not None and trip.direction != fill.direction:
            if flag == "O" and not execution.realized:
                self._problem("flag_contradicts_position", execution, position=self.book.position)
            left, value, fees = self._close(fill, trip)
            if not left:
                return
        else:
            trip, left, value, fees = None, fill.size, fill.value, fill.fees
        if "O" not in flag and ("C" in flag or fill.proves_close((self._net or _ZERO) + self._premium + came - self._incoming)):
            self._close_unseen(fill, trip, left=left, fees=fees)
            return
        if trip is None and self.current is None and "C" in flag:
            self._problem("flip_without_position", execution, realized=execution.realized)
        self._open(fill, left, value, fees)

    def open_trip(self, first: Matchable, direction: int) -> RoundTrip:
        """Begin a trade."""
        trip = self.current = RoundTrip(first, direction)
        if self.trips and self.trips[-1].key == trip.key:
            self._give_key(self.trips[-1])
        self.trips.append(trip)
        self.book.direction = direction
        self._unknown = None
        return trip

    def _give_key(self, before: RoundTrip) -> None:
        """Leave a key to the trade that its fill opens: the fill met first what was held unseen, and turned it over."""
        old = before.key
        account, instrument, execution = old.split("/", 2)
        before.key = TradeKey(f"{account}/{instrument}/{HELD}:{execution}")
        self.matches[:] = [replace(match, trade=before.key) if match.trade == old else match for match in self.matches]

    def start_unseen(self, first: Matchable) -> RoundTrip:
        """Begin the trade of lots that were opened unseen, with what meets them first."""
        trip = self.open_trip(first, self.book.direction)
        trip.add_unseen(abs(self.book.position))
        return trip

    def flatten(self) -> None:
        """Leave the trade: nothing is open any more."""
        self.current = None
        self._doubtful = False

    def open_lots(self) -> Iterable[OpenLot]:
        """Tell what is open."""
        if self.current is None:
            return ()
        return self.book.open_lots(self.current.key, unseen=ExecutionId(HELD), since=self.current.opened_at)

    def trades(self) -> tuple[Trade, ...]:
        """Return the trades as they stand."""
        if self.current is not None and not all(lot.basis_known for lot in self.book.lots):
            self.current.entry_priced = False
        return tuple(trip.to_trade() for trip in self.trips)

    def _open(self, fill: Fill, size: Decimal, value: Decimal, fees: Decimal) -> None:
        execution = fill.execution
        trip = self.current or self.open_trip(execution, fill.direction)
        price = execution.price
        rate = execution.fx_rate_to_base
        if rate is None:
            rate = self.pricing.rate(execution)
        lot = Lot(execution.id, size, price, value, fees, execution.executed_at, rate)
        if self._incoming:
            lot.premium = self._incoming
        self.book.lots.append(lot)
        trip.add_opening(execution, quantity=size, price=price, fees=fees)

    def _close(self, fill: Fill, trip: RoundTrip) -> tuple[Decimal, Decimal, Decimal]:
        """Consume lots of the open trade; return what is left of the fill: size, value, fees."""
        execution = fill.execution
        rate = execution.fx_rate_to_base
        if rate is None:
            rate = self.pricing.rate(execution)
        direction = trip.direction
        left, value, fees = fill.size, fill.value, fill.fees
        all_gross = all_fees = all_effects = premiums = came = unknown_value = unknown_fees = _ZERO
        effects_known = True
        exercised = execution.id in self.exercised
        unknown: list[_Unknown] = []
        for lot in self.book.take(left):
            quantity = lot.quantity
            piece_came = _ZERO
            if self._incoming:
                piece_came = share(self._incoming, quantity, left)
                self._incoming -= piece_came
                came += piece_came
            if quantity == left:
                piece_value, piece_fees = value, fees
                left = value = fees = _ZERO
            else:
                piece_value = share(value, quantity, left)
                piece_fees = share(fees, quantity, left)
                left -= quantity
                value -= piece_value
                fees -= piece_fees
            if not lot.basis_known:
                unknown.append(_Unknown(len(self.matches), lot, piece_fees, piece_came))
                unknown_value += piece_value
                unknown_fees += piece_fees
                continue
            gross = piece_value - lot.value if direction > 0 else lot.value - piece_value
            both_fees = lot.fees + piece_fees
            all_gross += gross
            all_fees += both_fees
            opened = lot.rate
            effect: Decimal | None = _ZERO
            if opened is not rate or rate is None:
                effect = self._effect(execution, lot.cost(direction), opened, rate)
                if effect is None:
                    effects_known = False
                else:
                    all_effects += effect
            if lot.premium:
                premiums += lot.premium
            if not self.with_matches:
                continue
            net = gross + both_fees
            moved = -net if exercised else lot.premium + piece_came
            match = LotMatch(
                opening=lot.execution,
                closing=execution.id,
                direction=direction,
                quantity=quantity,
                open_price=lot.price,
                close_price=execution.price,
                opened_at=lot.opened_at,
                closed_at=execution.executed_at,
                gross=gross,
                fees=both_fees,
                net=net,
                trade=trip.key,
                booked=net + moved if moved else None,
                open_rate=opened,
                close_rate=rate,
                currency_effect=effect,
            )
            self.matches.append(match)
        self._net = net = all_gross + all_fees
        self._premium = premiums
        trip.add_result(all_gross, all_fees, net, rate)
        if not effects_known or all_effects:
            trip.add_currency_effect(all_effects if effects_known else None)
        if unknown:
            own = fill.value - value - unknown_value
            self._close_unknown(fill, trip, unknown, left=left, value=own, fees=fill.fees - fees - unknown_fees)
        elif not left and execution.realized is not None and not exercised:
            if not fill.agrees(net + premiums + came):
                self._doubtful = True
            elif not self._doubtful:
                self.explained.add(execution.id)
        if exercised:
            self._tell_earned(trip, self._net)
        elif premiums or came:
            trip.premium += premiums + came
        trip.add_closing(execution, quantity=fill.size - left, fees=fill.fees - fees)
        if not self.book.lots:
            trip.close(execution)
            self.flatten()
        return left, value, fees

    def _effect(self, execution: Matchable, cost: Decimal, opened: Decimal | None, rate: Decimal | None) -> Decimal | None:
        if execution.asset_class in DAILY_SETTLED:
            return _ZERO
        return None if opened is None or rate is None else cost * (rate - opened)

    def _close_unknown(
        self, fill: Fill, trip: RoundTrip, unknown: Sequence[_Unknown], *, left: Decimal, value: Decimal, fees: Decimal
    ) -> None:
        """Book the lots of unknown cost that a fill closed.

        Args:
            fill: the fill.
            trip: the trade it closes.
            unknown: those lots.
            left: what of the fill met no lot.
            value: what the lots of known cost were closed for.
            fees: the fill's own fees for those.
        """
        quantity = sum((each.lot.quantity for each in unknown), _ZERO)
        explained = (self._net or _ZERO) + self._premium + fill.direction * value - fees
        price = None if left else fill.cost_price(quantity, explained=explained)
        net = self._not_explained(fill)
        self._tell_unknown(fill.execution, quantity, net=net)
        trip.price_unseen(quantity, price)
        self._book_unknown(fill.execution, trip, unknown, net=net, price=price)

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
                self.trips.append(trip)
        self._unknown = trip
        price = fill.cost_price(left, explained=_ZERO) if left == fill.size else None
        trip.add_unseen(left)
        net = self._not_explained(fill)
        self._tell_unknown(execution, left, net=net)
        trip.price_unseen(left, price)
        self._book_unknown(
            execution, trip, [_Unknown(len(self.matches), unseen_lot(left), fees, self._incoming)], net=net, price=price
        )
        if execution.id in self.exercised:
            self._tell_earned(trip, net)
        elif self._incoming:
            trip.premium += self._incoming
        trip.add_closing(execution, quantity=left, fees=fees)
        trip.close(execution)

    def _not_explained(self, fill: Fill) -> Decimal | None:
        """Return what IBKR's figure for a fill holds beyond what the lots of known cost had earned, as far as it is known."""
        if self._net is None:
            return None
        earned = fill.earned(came_with=self.premiums.get(fill.execution.id, _ZERO))
        return None if earned is None else earned - self._net - self._premium

    def _book_unknown(
        self, execution: Matchable, trip: RoundTrip, unknown: Sequence[_Unknown], *, net: Decimal | None, price: Decimal | None
    ) -> None:
        """Add the results of lots of unknown cost: each its share of what IBKR says that all had earned."""
        rate = self.pricing.rate(execution)
        nets: list[Decimal | None] = [None] * len(unknown)
        if net is not None:
            nets = [*shares(net, [each.lot.quantity for each in unknown])]
        effect = self._effect(execution, _ZERO, None, rate)
        trip.add_currency_effect(effect)
        exercised = execution.id in self.exercised
        for number, (each, own) in enumerate(zip(unknown, nets, strict=True)):
            gross = None if own is None else own - each.fees
            trip.add_result(gross, each.fees, own, rate)
            if not self.with_matches:
                continue
            moved = _ZERO if own is None else -own if exercised else each.came
            match = LotMatch(
                opening=each.lot.execution,
                closing=execution.id,
                direction=trip.direction,
                quantity=each.lot.quantity,
                open_price=price,
                close_price=execution.price,
                opened_at=each.lot.opened_at,
                closed_at=execution.executed_at,
                gross=gross,
                fees=each.fees,
                net=own,
                trade=trip.key,
                booked=own + moved if own is not None and moved else None,
                close_rate=rate,
                currency_effect=effect,
            )
            self.matches.insert(each.at + number, match)
        self._net = None if net is None or self._net is None else self._net + net

    def _tell_earned(self, trip: RoundTrip, net: Decimal | None) -> None:
        """Tell what an exercised option earned: IBKR books ``net``, which this trade earned of it, in the underlying."""
        self.earned = self._net
        if net is not None:
            trip.premium -= net

    def _tell_unknown(self, execution: Matchable, quantity: Decimal, *, net: Decimal | None) -> None:
        self._problem("entry_unknown" if net is not None else "basis_unknown", execution, quantity=quantity)

    def _problem(self, code: str, execution: Matchable, **values: object) -> None:
        self.problems.append(MatchingProblem(code=code, execution=execution.id, values=tuple(values.items())))
