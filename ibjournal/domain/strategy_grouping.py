"""Groups opening fills into candidates: by order and execution ids first, then by time and a structure that has a name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import combinations

from ibjournal.domain.instrument import AssetClass, Instrument, InstrumentId
from ibjournal.domain.strategy import Confidence, LegFill, Reason, Reference, Structure
from ibjournal.domain.strategy_structure import Shape, ratios, structure_of

Contracts = Mapping[InstrumentId, Instrument]

OPTION_CLASSES = frozenset({AssetClass.OPT, AssetClass.FOP})
_COMBO_DOTS = 3
_MOST_LEGS = 4
_MOST_CANDIDATES = 8
"""In one window; more than that is no combination that somebody legged into."""
_MOST_UNEQUAL = 3
_BY_ORDER_ONLY = frozenset({Structure.STRAP, Structure.STRIP})
"""So rare that equal times prove nothing: far more often the rest of a straddle comes later."""
_ZERO = Decimal(0)


def is_option(instrument: Instrument) -> bool:
    """Return whether a contract is an option on an equity, an index or a future."""
    return instrument.asset_class in OPTION_CLASSES


def amount(instrument: Instrument, quantity: Decimal) -> Decimal:
    """Return how many units of the underlying a quantity controls, signed."""
    return quantity * instrument.multiplier


def fill_order(fill: LegFill) -> tuple[datetime, int, str, str, str]:
    """Sort key of fills: by time, within a second by IBKR's ids, as the engine does."""
    number = int(fill.trade_id) if fill.trade_id.isdecimal() else 0
    return fill.executed_at, number, fill.exec_id, fill.instrument, fill.execution


def net_quantities(fills: Iterable[LegFill]) -> dict[InstrumentId, Decimal]:
    """Return the sum of each instrument's fills, without those that are 0."""
    sums: dict[InstrumentId, Decimal] = {}
    for fill in fills:
        sums[fill.instrument] = sums.get(fill.instrument, _ZERO) + fill.quantity
    return {instrument: quantity for instrument, quantity in sums.items() if quantity}


def shapes_of(quantities: Mapping[InstrumentId, Decimal], contracts: Contracts) -> dict[InstrumentId, Shape] | None:
    """Return each leg with its ratio, None where a report does not say what an option is."""
    legs = list(quantities)
    whole = ratios([amount(contracts[leg], quantities[leg]) for leg in legs])
    shapes = {}
    for leg, ratio in zip(legs, whole, strict=True):
        contract = contracts[leg]
        if not is_option(contract):
            shapes[leg] = Shape("", _ZERO, date.min, ratio)
        elif contract.right in {"C", "P"} and contract.strike is not None and contract.expiry is not None:
            shapes[leg] = Shape(contract.right, contract.strike, contract.expiry, ratio)
        else:
            return None
    return shapes


def name_of(fills: Iterable[LegFill], contracts: Contracts) -> Structure | None:
    """Return what traders call these fills together, None where there is no name."""
    quantities = net_quantities(fills)
    shapes = shapes_of(quantities, contracts) if quantities else None
    return structure_of(shapes.values()) if shapes else None


@dataclass(slots=True)
class Group:
    """Opening fills that are taken for one strategy, while it is being looked at."""

    fills: list[LegFill]
    confidence: Confidence
    reasons: list[Reason]
    structure: Structure | None = None
    """Set by the user, or by what covers it; else by its legs."""
    alternatives: list[Structure] = field(default_factory=list)
    referenced: list[Reference] = field(default_factory=list)
    name: str = ""
    fixed: bool = False
    """Whether the user said which fills belong to it."""
    confirmed: Structure | None = None
    """What the user said that it is rightly called; what covers it is looked for all the same."""
    until: datetime | None = None
    """When the orders that opened it had done all their fills: what they closed is then closed."""
    times: int = 1
    """In how many goes it was opened."""
    grows: bool = True
    """Whether later fills of the same trades and ratio belong to it too."""

    @property
    def opened_at(self) -> datetime:
        """When its first fill was."""
        return min(fill.executed_at for fill in self.fills)

    @property
    def entered_at(self) -> datetime:
        """When the last fill of its orders was."""
        last = max(fill.executed_at for fill in self.fills)
        return last if self.until is None else max(last, self.until)

    @property
    def instruments(self) -> set[InstrumentId]:
        """What it is made of."""
        return {fill.instrument for fill in self.fills}


@dataclass(slots=True)
class OrderEvent:
    """What one order did: what it opened, what it closed, and by which evidence its fills belong together."""

    opening: list[LegFill]
    closing: list[LegFill]
    by: str
    """``same_combo``, ``same_order``, empty for a fill or an order by itself."""

    @property
    def at(self) -> datetime:
        """When its first fill was."""
        return min(fill.executed_at for fill in (*self.opening, *self.closing))


def order_events(fills: Sequence[LegFill]) -> list[OrderEvent]:
    """Join fills whose ids say that they are of one order or one combination; in order of time.

    The legs of a combination have execution ids whose first two parts are equal and whose third counts from 02 (01 is an order by
    itself); each leg has an order id of its own, which its partial fills share. Confirmed by real reports.
    """
    heads = list(range(len(fills)))

    def head(index: int) -> int:
        while heads[index] != index:
            heads[index] = heads[heads[index]]
            index = heads[index]
        return index

    seen: dict[tuple[str, str], int] = {}
    for index, fill in enumerate(fills):
        for token in _tokens(fill):
            heads[head(index)] = head(seen.setdefault(token, index))
    parts: defaultdict[int, list[LegFill]] = defaultdict(list)
    for index, fill in enumerate(fills):
        parts[head(index)].append(fill)
    events = []
    for part in parts.values():
        part.sort(key=fill_order)
        by = ""
        if len({fill.instrument for fill in part}) > 1:
            by = "same_combo" if any(_combo(fill.exec_id) for fill in part) else "same_order"
        events.append(OrderEvent([fill for fill in part if fill.opening], [fill for fill in part if not fill.opening], by))
    return sorted(events, key=lambda event: fill_order((event.opening or event.closing)[0]))


def _tokens(fill: LegFill) -> list[tuple[str, str]]:
    # the opening and the closing part of one execution belong together by whatever is left
    tokens = [("execution", f"{fill.instrument}/{fill.execution}")]
    if not fill.on_exchange:
        return tokens
    if fill.order_id:
        tokens.append(("order", fill.order_id))
    if fill.brokerage_order_id:
        tokens.append(("brokerage", fill.brokerage_order_id))
    combo = _combo(fill.exec_id)
    if combo:
        tokens.append(("combo", combo))
    return tokens


def _combo(exec_id: str) -> str:
    if exec_id.count(".") != _COMBO_DOTS:
        return ""
    first, second, leg, _revision = exec_id.split(".")
    return f"{first}.{second}" if leg.isdecimal() and int(leg) > 1 else ""


def groups_of(events: Sequence[OrderEvent], contracts: Contracts, window: timedelta) -> list[Group]:
    """Return candidates for all options that were opened, the first to be opened first.

    Shares belong to one only where they were bought or sold in the same order, or within the window and the whole has a name.
    """
    found: list[Group] = []
    lone: list[Group] = []
    shares: list[Group] = []
    for event in events:
        if not event.opening:
            continue
        quantities = net_quantities(event.opening)
        options = [leg for leg in quantities if is_option(contracts[leg])]
        if not options:
            if all(fill.on_exchange for fill in event.opening):
                shares.append(Group(event.opening, Confidence.HIGH, []))
            continue
        group = Group(event.opening, Confidence.HIGH, [])
        if event.by:
            group.until = max(fill.executed_at for fill in (*event.opening, *event.closing))
        closed = sorted({contracts[fill.instrument].symbol for fill in event.closing if is_option(contracts[fill.instrument])})
        if len(quantities) > 1:
            group.reasons.append(Reason(event.by, (("legs", str(len(quantities))),)))
            found.append(group)
        else:
            lone.append(group)
        if closed:
            group.reasons.append(Reason("rolled", (("symbol", ", ".join(closed)),)))
    found.extend(_by_time(lone, shares, contracts, window))
    return sorted(found, key=lambda group: fill_order(group.fills[0]))


def _by_time(lone: list[Group], shares: list[Group], contracts: Contracts, window: timedelta) -> list[Group]:
    candidates = sorted((*lone, *shares), key=lambda group: fill_order(group.fills[0]))
    mine = {id(group) for group in lone}
    used: set[int] = set()
    found = []
    for index, first in enumerate(candidates):
        if id(first) in used:
            continue
        near = [first]
        for other in candidates[index + 1 :]:
            if other.opened_at - first.opened_at > window or len(near) == _MOST_CANDIDATES:
                break
            if id(other) not in used:
                near.append(other)
        possible = len(near) > 1 and any(id(part) in mine for part in near)
        parts = _named_part(near, mine, contracts) if possible else None
        if parts is not None:
            used.update(id(part) for part in parts)
            found.append(_joined(parts, contracts, window))
        elif id(first) in mine:
            used.add(id(first))
            if not first.reasons:
                first.reasons.append(Reason("alone"))
            found.append(first)
    return found


def _named_part(near: list[Group], options: set[int], contracts: Contracts) -> list[Group] | None:
    """Return the largest set with the first that has a name: all of them, or those that lie closest together."""
    if _fits(near, options, contracts):
        return near
    first, others = near[0], near[1:]
    for size in range(min(_MOST_LEGS, len(near)), 1, -1):
        fitting = [
            [first, *rest] for rest in combinations(others, size - 1) if _fits([first, *rest], options, contracts, size=size)
        ]
        if fitting:
            return min(fitting, key=lambda parts: parts[-1].opened_at - first.opened_at)
    return None


def _fits(parts: Sequence[Group], options: set[int], contracts: Contracts, *, size: int | None = None) -> bool:
    if not any(id(part) in options for part in parts):
        return False
    quantities = net_quantities(fill for part in parts for fill in part.fills)
    if not 1 < len(quantities) <= _MOST_LEGS or (size is not None and len(quantities) != size):
        return False
    shapes = shapes_of(quantities, contracts)
    if shapes is None or max(abs(shape.ratio) for shape in shapes.values()) > _MOST_UNEQUAL:
        return False
    structure = structure_of(shapes.values())
    return structure is not None and structure not in _BY_ORDER_ONLY


def _joined(parts: list[Group], contracts: Contracts, window: timedelta) -> Group:
    fills = sorted((fill for part in parts for fill in part.fills), key=fill_order)
    structure = name_of(fills, contracts)
    seconds = int((parts[-1].opened_at - parts[0].opened_at).total_seconds())
    limit = int(window.total_seconds())
    reasons = [Reason("same_window", (("seconds", str(seconds)), ("limit", str(limit))))]
    if structure is not None:  # pragma: no branch - what has no name together was not joined
        reasons.append(Reason("named", (("structure", structure.value),)))
    shapes = shapes_of(net_quantities(fills), contracts) or {}
    reasons.append(Reason("ratio", (("ratio", ":".join(str(shape.ratio) for shape in shapes.values())),)))
    reasons.extend(reason for part in parts for reason in part.reasons if reason.code == "rolled")
    return Group(fills, Confidence.MEDIUM, reasons)


def grown(groups: Sequence[Group], contracts: Contracts) -> list[Group]:
    """Join candidates that opened the same trades in the same ratio: the same position, taken in several goes."""
    kept: list[Group] = []
    by_legs: dict[tuple[object, ...], Group] = {}
    joined: dict[int, list[LegFill]] = {}
    """The fills of groups that grew, by group: sorted once, however often it grows."""
    for group in groups:
        shapes = shapes_of(net_quantities(group.fills), contracts)
        legs = tuple(sorted((fill.instrument, fill.trade) for fill in group.fills))
        key = (
            tuple(dict.fromkeys(legs)),
            tuple(sorted((leg, shape.ratio) for leg, shape in shapes.items())) if shapes else None,
        )
        first = by_legs.get(key)
        if first is None or not first.grows or group.fixed:
            kept.append(group)
            if first is None or not first.grows:
                by_legs[key] = group
            continue
        fills = joined.get(id(first))
        if fills is None:
            fills = joined[id(first)] = [*first.fills]
            first.until = first.entered_at
        fills += group.fills
        first.until = max(first.until or first.entered_at, group.entered_at)
        first.times += 1
        if _RANK[group.confidence] < _RANK[first.confidence]:
            first.confidence, first.reasons = group.confidence, group.reasons
        first.reasons = [reason for reason in first.reasons if reason.code != "scaled_in"]
        first.reasons.append(Reason("scaled_in", (("times", str(first.times)),)))
    for group in kept:
        if id(group) in joined:
            group.fills = sorted(joined[id(group)], key=fill_order)
    return kept


_RANK = {Confidence.LOW: 0, Confidence.MEDIUM: 1, Confidence.HIGH: 2, Confidence.USER: 3}
