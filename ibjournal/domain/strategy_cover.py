"""Looks over time for what covers an option that was opened by itself: shares or futures held, or another option.

What was opened on another day is referred to and never merged; only legs of one trading day become one candidate. What is found
here is a guess that waits for the user, but for one thing: a single short option is covered by shares that were held when it was
sold and covered nothing else, whatever the user had in mind.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import accumulate

from ibjournal.domain.checkpoint import checkpoint
from ibjournal.domain.instrument import InstrumentId
from ibjournal.domain.strategy import Confidence, LegFill, Reason, Reference, Structure
from ibjournal.domain.strategy_grouping import Contracts, Group, amount, fill_order, is_option, net_quantities, shapes_of
from ibjournal.domain.strategy_structure import Shape, structure_of
from ibjournal.domain.trade import Side, Trade, TradeKey

_Step = tuple[datetime, Decimal]
_ZERO = Decimal(0)
_EVER = datetime.min.replace(tzinfo=UTC)
_BEFORE_SHARES = (
    Structure.LONG_CALENDAR, Structure.SHORT_CALENDAR, Structure.PMCC, Structure.PMCP,
    Structure.LONG_DIAGONAL, Structure.SHORT_DIAGONAL,
)  # fmt: skip
_COVERED = frozenset({Structure.COVERED_CALL, Structure.COVERED_PUT})
_SAME_DAY = frozenset({Structure.LONG_STRADDLE, Structure.SHORT_STRADDLE, Structure.LONG_STRANGLE, Structure.SHORT_STRANGLE})
"""Not spreads: nothing says that both belong together but that they were entered on one day in equal size."""
_AFTER_SHARES = (
    Structure.BULL_CALL_SPREAD, Structure.BEAR_CALL_SPREAD, Structure.BULL_PUT_SPREAD, Structure.BEAR_PUT_SPREAD,
    Structure.LONG_STRADDLE, Structure.SHORT_STRADDLE, Structure.LONG_STRANGLE, Structure.SHORT_STRANGLE,
)  # fmt: skip


@dataclass(slots=True)
class _Commitment:
    """Shares that cover an option until it is closed; ``units`` is signed as the shares are."""

    instrument: InstrumentId
    units: Decimal
    until: datetime | None


@dataclass(frozen=True, slots=True)
class _Summary:
    """What the search asks of a group again and again."""

    opened_at: datetime
    entered_at: datetime
    quantities: Mapping[InstrumentId, Decimal]
    ends: Mapping[InstrumentId, datetime | None]
    """When each leg, in the order of their names, was closed; None while it is open."""
    until: datetime | None
    """When its options were all closed, None while one is open."""
    sizes: frozenset[Decimal]
    """How much its options control, leg by leg, without sign."""


class CoverSearch:
    """The positions of one account and underlying over time.

    Args:
        contracts: every instrument of the underlying.
        trades: every trade of its options and shares.
        fills: every fill, opening and closing.
    """

    def __init__(
        self,
        contracts: Contracts,
        trades: Mapping[TradeKey, Trade],
        fills: Sequence[LegFill],
    ) -> None:
        self._contracts = contracts
        self._trades = trades
        self._times: dict[InstrumentId, list[datetime]] = {}
        self._held: dict[InstrumentId, list[Decimal]] = {}
        for shares, steps in _steps(contracts, trades, fills).items():
            steps.sort()
            self._times[shares] = [moment for moment, _quantity in steps]
            self._held[shares] = list(accumulate((quantity for _moment, quantity in steps), initial=_ZERO))
        self._shares = sorted(self._times)
        self._commitments: list[_Commitment] = []
        self._taken: dict[tuple[int, InstrumentId], list[datetime | None]] = {}
        """Legs that already cover another option, and until when."""
        self._summaries: dict[int, _Summary] = {}
        """By group, which `run` keeps alive; taken out where its fills become others."""

    def run(self, groups: Sequence[Group]) -> list[Group]:
        """Return the groups, in order of time, with what covers them."""
        done: list[Group] = []
        live: list[tuple[Group, datetime | None]] = []  # and until when
        for group in groups:
            checkpoint()
            now = group.opened_at
            live = [(other, until) for other, until in live if until is None or until > now]
            self._commitments = [each for each in self._commitments if each.until is None or each.until > now]
            guessed = group.structure is None and (not group.fixed or group.confirmed is not None)
            if guessed and not self._cover(group, [other for other, _until in live]):
                live = [(other, self._until(other)) for other, _until in live]
                continue  # became a part of an earlier one
            if group.confirmed is not None and group.structure is not group.confirmed:
                group.structure = group.confirmed
                group.referenced.clear()
            self._commit_own_shares(group)
            live.append((group, self._until(group)))
            done.append(group)
        return done

    def _cover(self, group: Group, earlier: Sequence[Group]) -> bool:
        """Look for cover; False where the group was merged into an earlier one."""
        quantities = net_quantities(group.fills)
        shapes = shapes_of(quantities, self._contracts)
        if not shapes or any(not shape.right for shape in shapes.values()):
            return True
        alone = next(iter(shapes)) if len(shapes) == 1 else None
        if alone is not None:
            if self._collared(group, alone, shapes[alone], earlier):
                return True
            merged = self._by_option(group, alone, earlier, _BEFORE_SHARES)
            if merged is not None:
                return not merged
        if self._by_shares(group, quantities, shapes):
            return True
        if alone is not None:
            merged = self._by_option(group, alone, earlier, _AFTER_SHARES)
            if merged is not None:
                return not merged
            if structure_of(shapes.values()) is Structure.SHORT_PUT:
                group.alternatives.append(Structure.CASH_SECURED_PUT)
        return True

    # --- shares ------------------------------------------------------------------------------------------------------

    def _by_shares(self, group: Group, quantities: Mapping[InstrumentId, Decimal], shapes: Mapping[InstrumentId, Shape]) -> bool:
        ratio = max(abs(shape.ratio) for shape in shapes.values())
        option = next(iter(shapes))
        controls = abs(amount(self._contracts[option], quantities[option])) / abs(shapes[option].ratio) * ratio
        for sign in (1, -1):
            structure = structure_of([*shapes.values(), Shape("", _ZERO, date.min, sign * ratio)])
            if structure is None:
                continue
            for shares in self._shares_for(option):
                units = sign * controls / self._contracts[shares].multiplier
                if self._free(shares, group.entered_at, sign) * sign >= abs(units):
                    self._commitments.append(_Commitment(shares, units, self._until(group)))
                    group.referenced.append(
                        Reference(instrument=shares, quantity=units, trades=self._held_by(shares, group.opened_at))
                    )
                    values = (("quantity", str(units)), ("symbol", self._contracts[shares].symbol))
                    self._guess(group, structure, Reason("shares_held", values), certain=structure in _COVERED)
                    return True
        return False

    def _shares_for(self, option: InstrumentId) -> Sequence[InstrumentId]:
        underlying = self._contracts[option].underlying_id
        return (underlying,) if underlying in self._shares and underlying is not None else self._shares

    def _free(self, shares: InstrumentId, moment: datetime, sign: int) -> Decimal:
        """Return how many units are held at a moment and cover nothing yet, signed."""
        held = self._held[shares][bisect_right(self._times[shares], moment)]
        for each in self._commitments:
            bound = each.instrument == shares and each.units * sign > 0
            if bound and (each.until is None or each.until > moment):
                held -= each.units
        return held

    def _held_by(self, shares: InstrumentId, moment: datetime) -> tuple[TradeKey, ...]:
        return tuple(
            trade.key
            for trade in self._trades.values()
            if trade.instrument == shares
            and (trade.opened_at <= moment or not trade.entry_known)
            and (trade.closed_at is None or trade.closed_at >= moment)
        )

    def _commit_own_shares(self, group: Group) -> None:
        for leg, quantity in net_quantities(group.fills).items():
            if not is_option(self._contracts[leg]):
                self._commitments.append(_Commitment(leg, quantity, self._until(group)))

    # --- options -----------------------------------------------------------------------------------------------------

    def _collared(self, group: Group, leg: InstrumentId, shape: Shape, earlier: Sequence[Group]) -> bool:
        """Name a collar where an earlier option on the same shares completes it."""
        mine = amount(self._contracts[leg], self._summary(group).quantities[leg])
        for other in reversed(earlier):
            if not other.referenced or is_option(self._contracts[other.referenced[0].instrument]):
                continue
            theirs = self._free_leg(other, group)
            if theirs is None:
                continue
            partner, size = theirs
            if size != -mine:
                continue
            shapes = shapes_of({partner: self._summary(other).quantities[partner]}, self._contracts) or {}
            sign = 1 if other.referenced[0].quantity > 0 else -1
            structure = structure_of([shape, *shapes.values(), Shape("", _ZERO, date.min, sign)])
            if structure in {Structure.COLLAR, Structure.CONVERSION, Structure.REVERSAL}:
                self._take(other, partner, group)
                group.referenced.extend((*other.referenced, self._reference(other, partner)))
                shares = other.referenced[0]
                values = (("quantity", str(shares.quantity)), ("symbol", self._contracts[shares.instrument].symbol))
                group.reasons.insert(0, Reason("option_held", (("symbol", self._contracts[partner].symbol),)))
                self._guess(group, structure, Reason("shares_held", values))
                return True
        return False

    def _by_option(self, group: Group, leg: InstrumentId, earlier: Sequence[Group], wanted: Sequence[Structure]) -> bool | None:
        """Look for an option that completes a spread; return whether the group was merged, None where there is none."""
        mine = self._summary(group).quantities[leg]
        size = abs(amount(self._contracts[leg], mine))
        found: list[tuple[int, int, int, Group, InstrumentId, Structure]] = []
        for index, other in enumerate(earlier):
            if other.referenced or size not in self._summary(other).sizes:
                continue
            theirs = self._free_leg(other, group)
            if theirs is None or abs(theirs[1]) != size:
                continue
            partner = theirs[0]
            shapes = shapes_of({leg: mine, partner: self._summary(other).quantities[partner]}, self._contracts)
            structure = structure_of(shapes.values()) if shapes and len(shapes) == 2 else None  # noqa: PLR2004 - a pair
            merges = _mergeable(other, group)
            if shapes and structure is not None and structure in wanted and (merges or structure not in _SAME_DAY):
                gap = abs((shapes[leg].expiry - shapes[partner].expiry).days)
                found.append((_rank(structure, wanted), gap, -index, other, partner, structure))
        if not found:
            return None
        *_order, other, partner, structure = min(found, key=lambda each: each[:3])
        symbol = self._contracts[partner].symbol
        if _mergeable(other, group):
            other.fills = sorted((*other.fills, *group.fills), key=fill_order)
            self._summaries.pop(id(other), None)
            other.confidence = Confidence.LOW
            other.reasons = [Reason("same_day"), Reason("named", (("structure", structure.value),))]
            other.alternatives = []
            return True
        self._take(other, partner, group)
        group.referenced.append(self._reference(other, partner))
        self._guess(group, structure, Reason("option_held", (("symbol", symbol),)))
        return False

    def _free_leg(self, other: Group, group: Group) -> tuple[InstrumentId, Decimal] | None:
        """Return the one leg of an earlier group that is open and free when the later one is opened, and what it controls."""
        mine, theirs = self._summary(group), self._summary(other)
        end = mine.entered_at
        open_legs = [leg for leg, until in theirs.ends.items() if until is None or until > end]
        if len(open_legs) != 1 or open_legs[0] in mine.ends or not is_option(self._contracts[open_legs[0]]):
            return None
        leg = open_legs[0]
        for until in self._taken.get((id(other), leg), ()):
            if until is None or until > end:
                return None
        quantity = theirs.quantities.get(leg, _ZERO)
        return (leg, amount(self._contracts[leg], quantity)) if quantity and theirs.opened_at <= mine.opened_at else None

    def _take(self, other: Group, leg: InstrumentId, group: Group) -> None:
        self._taken.setdefault((id(other), leg), []).append(self._until(group))
        self._taken.setdefault((id(group), next(iter(group.instruments))), []).append(self._leg_until(other, leg))

    def _reference(self, other: Group, leg: InstrumentId) -> Reference:
        fills = [fill for fill in other.fills if fill.instrument == leg]
        quantity = sum((fill.quantity for fill in fills), _ZERO)
        return Reference(instrument=leg, quantity=quantity, trades=tuple(dict.fromkeys(fill.trade for fill in fills)))

    # --- both --------------------------------------------------------------------------------------------------------

    def _guess(self, group: Group, structure: Structure, reason: Reason, *, certain: bool = False) -> None:
        shapes = shapes_of(net_quantities(group.fills), self._contracts) or {}
        plain = structure_of(shapes.values())
        group.structure = structure
        others = [each for each in group.reasons if each.code != "alone"]
        group.reasons = [*others, reason] if group.fixed else [reason, *others]
        if plain is not None and plain is not structure:
            group.alternatives.append(plain)
        if group.confidence is not Confidence.USER and not certain:
            group.confidence = Confidence.LOW

    def _until(self, group: Group) -> datetime | None:
        """Return when the options of a group are all closed, None while one is open."""
        return self._summary(group).until

    def _leg_until(self, group: Group, leg: InstrumentId) -> datetime | None:
        return self._summary(group).ends[leg]

    def _summary(self, group: Group) -> _Summary:
        found = self._summaries.get(id(group))
        if found is None:
            closings: dict[InstrumentId, list[datetime | None]] = {leg: [] for leg in sorted(group.instruments)}
            for fill in group.fills:
                closings[fill.instrument].append(self._trades[fill.trade].closed_at)
            ends = {leg: _latest(moments) for leg, moments in closings.items()}
            quantities = net_quantities(group.fills)
            options = [leg for leg in ends if is_option(self._contracts[leg])]
            found = self._summaries[id(group)] = _Summary(
                opened_at=group.opened_at,
                entered_at=group.entered_at,
                quantities=quantities,
                ends=ends,
                until=_latest([ends[leg] for leg in options]),
                sizes=frozenset(abs(amount(self._contracts[leg], quantities[leg])) for leg in options if leg in quantities),
            )
        return found


def _latest(moments: Sequence[datetime | None]) -> datetime | None:
    """Return the last of some moments, None where one is not known yet, and for none."""
    known = [moment for moment in moments if moment is not None]
    return max(known) if known and len(known) == len(moments) else None


def _steps(contracts: Contracts, trades: Mapping[TradeKey, Trade], fills: Sequence[LegFill]) -> dict[InstrumentId, list[_Step]]:
    """Return what changed the positions in shares and futures: fills, and what no fill tells of but the trades know."""
    steps: dict[InstrumentId, list[_Step]] = {}
    left = dict.fromkeys(trades, _ZERO)
    opened = dict.fromkeys(trades, _ZERO)
    for fill in fills:
        if not is_option(contracts[fill.instrument]):
            steps.setdefault(fill.instrument, []).append((fill.executed_at, fill.quantity))
            left[fill.trade] += fill.quantity
            opened[fill.trade] += abs(fill.quantity) if fill.opening else _ZERO
    for key, trade in trades.items():
        if is_option(contracts[trade.instrument]):
            continue
        unseen = (trade.quantity - opened[key]) * (1 if trade.side is Side.LONG else -1)
        if unseen:  # held before our history starts, or received
            steps.setdefault(trade.instrument, []).append((trade.opened_at if trade.entry_known else _EVER, unseen))
        if trade.closed_at is not None and left[key] + unseen:  # left without a fill
            steps.setdefault(trade.instrument, []).append((trade.closed_at, -left[key] - unseen))
    return steps


def _mergeable(earlier: Group, later: Group) -> bool:
    """Return whether two legs were entered on one trading day, and nobody said that they are apart."""
    alone = len(earlier.instruments) == len(later.instruments) == 1
    return alone and not earlier.fixed and not later.fixed and earlier.fills[0].trade_date == later.fills[0].trade_date


def _rank(structure: Structure | None, wanted: Sequence[Structure]) -> int:
    return next((index // 2 for index, each in enumerate(wanted) if each is structure), len(wanted))
