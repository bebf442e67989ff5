"""What events do to ledgers: lots are split, exchanged, spun off, issued, removed and transferred.

Nothing is invented. An event that cannot be applied is told, as is a cost that nobody knows; both leave the rest as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal

from ibjournal.domain.corporate_action import split_position
from ibjournal.domain.execution import ExecutionId, ExecutionStatus
from ibjournal.domain.fifo import Lot, scale, unseen_lot
from ibjournal.domain.fill import FillFacts, MatchingProblem, Terms
from ibjournal.domain.instrument import AssetClass
from ibjournal.domain.ledger import Ledger
from ibjournal.domain.money import plain
from ibjournal.domain.moving_lots import Source, divide, new_lot, settle_cash, spin_off
from ibjournal.domain.position_event import EVENT, EventKind, EventLeg, Place, PositionEvent, ToldBasis
from ibjournal.domain.round_trip import RoundTrip
from ibjournal.domain.trade import TradeKey

_ZERO = Decimal(0)
_ONE = Decimal(1)
_ENDED_BY = {
    "TC": "merged", "OR": "merged", "TO": "tendered", "TI": "tendered", "BM": "matured", "TM": "matured", "DW": "worthless",
    "ED": "worthless",
}  # fmt: skip
"""How a removal of a type ended a trade; ``removed`` where the type does not say."""
_MATURING = frozenset({AssetClass.BOND, AssetClass.BILL})
"""Paid back, whatever the type: a bill's maturity comes as a merger."""


class EventBooking:
    """Applies events, each whole, to the ledgers of their places."""

    def __init__(
        self, ledgers: Mapping[Place, Ledger], terms: dict[Place, Terms], told: Mapping[tuple[str, Place], ToldBasis]
    ) -> None:
        self._ledgers = ledgers
        self._terms = terms
        """Of places with fills, or whose instrument is known; what events bring elsewhere is like what they took."""
        self._told = told
        self.leaving: set[tuple[str, Place]] = set()
        """Legs that took units away, by event and place."""
        self.refused: set[tuple[str, Place]] = set()
        """Legs that were not applied."""
        self.aliases: dict[TradeKey, TradeKey] = {}
        """Keys of trades that became part of an earlier one."""

    def apply(self, event: PositionEvent) -> None:
        """Take the event that is next in time."""
        legs = sorted(event.legs, key=lambda leg: (leg.place, leg.quantity))
        if event.kind is EventKind.EXCHANGE:
            self._exchange(event, legs)
        elif event.kind is EventKind.SPIN_OFF:
            self._spin_off(event, legs)
        elif event.kind is EventKind.SPLIT:
            for leg in legs:
                self._split(event, leg)
        else:
            for leg in legs:
                if leg.quantity:
                    self._apply_leg(event, leg)

    def _apply_leg(self, event: PositionEvent, leg: EventLeg) -> None:
        book = self._ledgers[leg.place].book
        brings = event.kind in {EventKind.ISSUE, EventKind.TRANSFER_IN}
        takes = event.kind in {EventKind.REMOVAL, EventKind.TRANSFER_OUT}
        if not brings and not takes:
            self._problem("unknown_event", event, leg)
        elif book.lots and (_sign(leg.quantity) == book.direction) != brings:
            self._refuse_leg("event_against_position", event, leg)
        elif brings:
            self._bring(event, leg)
        elif event.kind is EventKind.REMOVAL:
            self._remove(event, leg)
        else:
            self._take_away(event, leg)

    def _split(self, event: PositionEvent, leg: EventLeg) -> None:
        ledger = self._ledgers[leg.place]
        before = ledger.book.position
        after = split_position(leg.quantity, event.ratio, before)
        if after is not None:
            ledger.book.split(before, after)
            if ledger.current is not None:
                ledger.current.split(before, after)
            return
        ledger.refused = True
        self._problem("unknown_event" if before else "split_without_position", event, leg)

    def _bring(self, event: PositionEvent, leg: EventLeg) -> None:
        """Open a lot of what an issue or a transfer brought."""
        terms = self._terms_of(leg)
        cost, opened_at = self._cost(event, leg, terms)
        points = self._ledgers[leg.place].pricing.points(terms, leg.quantity)
        rate = self._ledgers[leg.place].pricing.rate_of(terms.currency, opened_at.date())
        self._put(event, leg.place, [new_lot(event, leg, cost=cost, points=points, opened_at=opened_at, rate=rate)], terms)

    def _remove(self, event: PositionEvent, leg: EventLeg) -> None:
        """Close lots for what was paid; what there was more of earned what IBKR says."""
        ledger, terms, day = self._ledgers[leg.place], self._terms_of(leg), _day(event)
        if leg.proceeds is None:
            self._refuse_leg("unknown_event", event, leg)
            return
        currency = leg.currency or terms.currency
        proceeds = ledger.pricing.convert(leg.proceeds, currency, terms.currency, day)
        realized = ledger.pricing.convert(leg.realized, currency, terms.currency, day) if leg.realized is not None else None
        if proceeds is None or (leg.realized is not None and realized is None):
            self._refuse_leg("event_currency", event, leg)
            return
        self.leaving.add((event.id, leg.place))
        ledger.add(
            _booking(
                event,
                leg.place,
                leg.quantity,
                terms,
                points=ledger.pricing.points(terms, leg.quantity),
                proceeds=proceeds,
                realized=realized,
                codes=("matured" if terms.asset_class in _MATURING else _ENDED_BY.get(event.type, "removed"),),
            )
        )

    def _take_away(self, event: PositionEvent, leg: EventLeg) -> None:
        """Let lots leave for elsewhere with their basis."""
        ledger, terms = self._ledgers[leg.place], self._terms_of(leg)
        self.leaving.add((event.id, leg.place))
        booking = _booking(event, leg.place, leg.quantity, terms)
        if ledger.current is None and ledger.book.lots:
            ledger.start_unseen(booking)
        trip = ledger.current
        left = sum((lot.quantity for lot in ledger.book.take(abs(leg.quantity))), _ZERO)
        if left < abs(leg.quantity):
            ledger.refused = True
        if trip is None:
            return  # met again in a second run, with what was held before
        trip.add_leaving(booking, left)
        if not ledger.book.lots:
            trip.end(booking, "transferred")
            ledger.flatten()

    def _spin_off(self, event: PositionEvent, legs: Sequence[EventLeg]) -> None:
        parents = [(self._ledgers[leg.place], self._terms_of(leg)) for leg in legs if not leg.quantity]
        for leg in legs:
            if not leg.quantity:
                continue
            ledger, direction = self._ledgers[leg.place], _sign(leg.quantity)
            if ledger.book.lots and ledger.book.direction != direction:
                self._refuse_leg("event_against_position", event, leg)
                continue
            held = [(parent, terms) for parent, terms in parents if parent.book.lots and parent.book.direction == direction]
            if not held:
                self._bring(event, leg)
                continue
            terms = self._terms.setdefault(leg.place, held[0][1])
            cost, _opened_at = self._cost(event, leg, terms)
            children = spin_off(event, held, quantity=abs(leg.quantity), cost=cost, point=ledger.pricing.points(terms, _ONE))
            self._put(event, leg.place, children, terms)

    def _exchange(self, event: PositionEvent, legs: Sequence[EventLeg]) -> None:
        leaving, coming = self._sides(legs)
        direction = -_sign(leaving[0].quantity) if leaving else 0
        for leg in leaving:
            self.leaving.add((event.id, leg.place))
        against = [
            leg for leg in coming if self._ledgers[leg.place].book.lots and self._ledgers[leg.place].book.direction != direction
        ]
        against += [leg for leg in leaving if self._ledgers[leg.place].book.position * direction < 0]
        if against or not leaving or not coming:
            self._refuse("event_against_position" if against else "unknown_event", event, against or legs)
            return
        terms = self._terms_of(leaving[0])
        currencies = {self._terms[leg.place].currency for leg in legs if leg.place in self._terms} - {""}
        if len(currencies) > 1:
            self._refuse("event_currency", event, coming)
            return
        sources = [self._leave(event, leg) for leg in leaving]
        for source, leg in zip(sources, leaving, strict=True):
            if not settle_cash(source, leg, legs, _booking(event, leg.place, leg.quantity, terms)):
                self._problem("exchange_cash_unclear", event, leg)
        weights = self._weights(event, coming)
        if weights is None:
            for leg in coming:
                self._problem("basis_asked", event, leg)
        main = max(range(len(coming)), key=lambda at: (weights[at] if weights else _ZERO, -at))
        parts = divide(sources, weights, into=len(coming), main=main)
        for at in sorted(range(len(coming)), key=lambda at: at != main):
            self._arrive(event, coming[at], sources, parts[at], terms, with_trades=at == main)

    def _sides(self, legs: Sequence[EventLeg]) -> tuple[list[EventLeg], list[EventLeg]]:
        """Return the legs that lose lots and those that receive them: of a long position the negative ones leave."""
        negative = [leg for leg in legs if leg.quantity < 0]
        positive = [leg for leg in legs if leg.quantity > 0]
        for leaving, coming in ((negative, positive), (positive, negative)):
            if leaving and all(self._ledgers[leg.place].book.position == -leg.quantity for leg in leaving):
                return leaving, coming
        short = bool(positive) and all(self._ledgers[leg.place].book.position * leg.quantity < 0 for leg in positive)
        long = any(self._ledgers[leg.place].book.position > 0 for leg in negative)
        return (positive, negative) if short and not long else (negative, positive)

    def _leave(self, event: PositionEvent, leg: EventLeg) -> Source:
        """Take the lots of a leg that leaves, and the trade with them where nothing stays."""
        ledger, wanted = self._ledgers[leg.place], abs(leg.quantity)
        booking = _booking(event, leg.place, leg.quantity, self._terms_of(leg))
        if ledger.current is None and ledger.book.lots:
            ledger.start_unseen(booking)
        trip = ledger.current
        lots = ledger.book.take(wanted)
        missing = wanted - sum((lot.quantity for lot in lots), _ZERO)
        if missing:
            ledger.refused = True
            lots.insert(0, unseen_lot(missing))
        whole = trip is not None and not ledger.book.lots
        if trip is not None and whole:
            ledger.trips.remove(trip)
            ledger.flatten()
            if missing:
                trip.add_unseen(missing)
        elif trip is not None:
            trip.add_leaving(booking, wanted - missing)
        return Source(ledger=ledger, place=leg.place, terms=self._terms_of(leg), lots=lots, quantity=wanted, trip=trip, whole=whole)

    def _arrive(
        self,
        event: PositionEvent,
        leg: EventLeg,
        sources: Sequence[Source],
        parts: Sequence[list[Lot]],
        terms: Terms,
        *,
        with_trades: bool,
    ) -> None:
        """Let lots stand in the place of a leg that receives them, and the trades with them."""
        ledger = self._ledgers[leg.place]
        own = self._terms.setdefault(leg.place, terms)
        before = sum((source.quantity for source in sources), _ZERO)
        one_point = ledger.pricing.points(terms, _ONE) / ledger.pricing.points(own, _ONE)
        scale([lot for lots in parts for lot in lots], before=before, after=abs(leg.quantity), points=one_point)
        for source, lots in zip(sources, parts, strict=True):
            rebased = ledger.pricing.base != source.ledger.pricing.base
            if rebased:
                for lot in lots:
                    lot.rate = ledger.pricing.rate_of(own.currency, lot.opened_at.date()) if lot.opened_at else None
            trip = source.trip
            if not with_trades or trip is None or not source.whole:
                self._put(event, leg.place, lots, own)
                continue
            after = sum((lot.quantity for lot in lots), _ZERO)
            trip.split(source.quantity, after)
            if one_point != _ONE:
                trip.opened_points *= one_point
                trip.closed_points *= one_point
            if rebased:
                trip.change_base()
            trip.move(leg.place)
            self._join(event, leg.place, trip, own)
            ledger.book.put(lots)

    def _join(self, event: PositionEvent, place: Place, trip: RoundTrip, terms: Terms) -> None:
        """Let a trade go on in a place; with the one that is open there it becomes one."""
        ledger = self._ledgers[place]
        if ledger.current is None and ledger.book.lots:
            ledger.start_unseen(_booking(event, place, abs(ledger.book.position), terms))
        if ledger.current is not None:
            keys = {trip.key, ledger.current.key}
            ledger.current.merge(trip)
            self.aliases.update({key: ledger.current.key for key in keys if key != ledger.current.key})
            return
        ledger.current = trip
        ledger.trips.append(trip)
        ledger.book.direction = trip.direction

    def _put(self, event: PositionEvent, place: Place, lots: Sequence[Lot], terms: Terms) -> None:
        """Open what an event brought: in the trade that is open, or in one of its own that the event's id names."""
        ledger = self._ledgers[place]
        quantity = sum((lot.quantity for lot in lots), _ZERO)
        leg = next(leg for leg in event.legs if leg.place == place)
        direction = _sign(leg.quantity)
        booking = _booking(event, place, leg.quantity, terms)
        if ledger.current is None and ledger.book.lots:
            ledger.start_unseen(booking)
        trip = ledger.current
        if trip is None:
            trip = ledger.open_trip(booking, direction)
            dates = [lot.opened_at for lot in lots if lot.opened_at is not None]
            if dates and min(dates) < trip.opened_at:
                trip.opened_at = min(dates)
                trip.opened_on = trip.opened_at.date()
        ledger.book.put(lots)
        trip.add_opening(booking, quantity=quantity, price=_ZERO, fees=_ZERO)
        trip.opened_points += sum((lot.price * lot.quantity for lot in lots), _ZERO)
        if not all(lot.basis_known for lot in lots):
            trip.entry_known = False

    def _cost(self, event: PositionEvent, leg: EventLeg, terms: Terms) -> tuple[Decimal | None, datetime]:
        """Return what the units of a leg had cost, in the trade's currency, and when they were opened; what is missing is told."""
        told = self._told.get((event.id, leg.place))
        cost, currency, opened_at = leg.cost, leg.currency, event.effective_at
        if told is not None:
            cost, currency = told.cost, told.currency
            if told.opened_on is not None:
                opened_at = datetime.combine(told.opened_on, time(), tzinfo=UTC)
        if cost is None:
            self._problem("basis_asked", event, leg)
            return None, opened_at
        converted = self._ledgers[leg.place].pricing.convert(cost, currency, terms.currency or currency, opened_at.date())
        if converted is None:
            self._problem("event_currency", event, leg)
        return converted, opened_at

    def _weights(self, event: PositionEvent, legs: Sequence[EventLeg]) -> list[Decimal] | None:
        """Return how the basis of an exchange is divided among what came, None where that is not known."""
        if len(legs) == 1:
            return [_ONE]
        told = [self._told.get((event.id, leg.place)) for leg in legs]
        ways: Iterable[list[Decimal | None]] = (
            [basis.cost if basis is not None else None for basis in told],
            [leg.cost for leg in legs],
            [leg.value for leg in legs],
        )
        for way in ways:
            known = [abs(amount) for amount in way if amount is not None]
            if len(known) == len(legs) and any(known):
                return known
        return None

    def _terms_of(self, leg: EventLeg) -> Terms:
        known = self._terms.get(leg.place)
        return known if known is not None else Terms.unknown(leg.currency)

    def _refuse_leg(self, code: str, event: PositionEvent, leg: EventLeg) -> None:
        self.refused.add((event.id, leg.place))
        self._problem(code, event, leg)

    def _refuse(self, code: str, event: PositionEvent, legs: Iterable[EventLeg]) -> None:
        """Leave an event alone, whole, and tell it where it fails."""
        self.refused.update((event.id, leg.place) for leg in event.legs)
        for leg in legs:
            self._problem(code, event, leg)

    def _problem(self, code: str, event: PositionEvent, leg: EventLeg) -> None:
        if code == "unknown_event" and not leg.quantity:
            return
        values = (("type", event.type), ("quantity", leg.quantity), ("event", event.id))
        self._ledgers[leg.place].problems.append(MatchingProblem(code=code, values=values))


def _booking(
    event: PositionEvent,
    place: Place,
    quantity: Decimal,
    terms: Terms,
    *,
    points: Decimal = _ZERO,
    proceeds: Decimal | None = None,
    realized: Decimal | None = None,
    codes: tuple[str, ...] = (),
) -> FillFacts:
    """Return the fill that an event is like."""
    day = _day(event)
    return FillFacts(
        id=ExecutionId(EVENT + event.id),
        account=place.account,
        instrument=place.instrument,
        asset_class=terms.asset_class,
        currency=terms.currency,
        quantity=quantity,
        price=plain(-proceeds / points) if proceeds and points else _ZERO,
        multiplier=terms.multiplier,
        executed_at=event.effective_at,
        trade_date=day,
        report_date=day,
        provisional=False,
        proceeds=proceeds,
        commission=_ZERO,
        commission_currency=terms.currency,
        taxes=None,
        cost=None,
        realized=realized,
        fx_rate_to_base=None,
        open_close="C",
        codes=codes,
        trade_id="",
        transaction_id="",
        exec_id="",
        status=ExecutionStatus.ACTIVE,
    )


def _day(event: PositionEvent) -> date:
    return event.report_date or event.effective_at.date()


def _sign(number: Decimal) -> int:
    return (number > 0) - (number < 0)
