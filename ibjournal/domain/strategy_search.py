"""Finds the strategies of one account and underlying: what the user said first, then ids, then time, then what covers what."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from ibjournal.domain.depot import AccountId
from ibjournal.domain.execution import ExecutionId
from ibjournal.domain.instrument import AssetClass, Instrument, InstrumentId
from ibjournal.domain.money import plain
from ibjournal.domain.strategy import (
    Choice,
    ChoiceKind,
    Confidence,
    LegFill,
    Opening,
    Premium,
    Reason,
    Roll,
    Strategy,
    StrategyKey,
    StrategyLeg,
    Structure,
)
from ibjournal.domain.strategy_cover import CoverSearch
from ibjournal.domain.strategy_grouping import (
    Contracts,
    Group,
    OrderEvent,
    fill_order,
    groups_of,
    grown,
    is_option,
    net_quantities,
    order_events,
    shapes_of,
)
from ibjournal.domain.strategy_results import Attribution, LegEnd, LotSource
from ibjournal.domain.strategy_structure import outlook_of, structure_of
from ibjournal.domain.trade import Trade, TradeKey

WINDOW = timedelta(seconds=60)
"""How far apart the legs of one idea may be entered."""

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Everything known of one account and underlying.

    ``fills`` are the active executions of all its options and of the underlying, in any order, as the engine attributed them;
    ``trades`` what it made of them.
    """

    account: AccountId
    underlying: str
    symbol: str
    contracts: Contracts
    fills: Sequence[LegFill]
    trades: Mapping[TradeKey, Trade]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was found, in order of time. ``lost`` are choices that are not applied: executions of theirs are gone."""

    strategies: tuple[Strategy, ...] = ()
    rolls: tuple[Roll, ...] = ()
    lost: tuple[int, ...] = ()


def find_strategies(position: Position, *, choices: Sequence[Choice] = (), lots: LotSource, window: timedelta = WINDOW) -> Found:
    """Return the strategies of one account and underlying.

    Args:
        position: what is known.
        choices: what the user said, in the order in which it was said.
        lots: asked for the lots of a trade that several strategies share.
        window: within which legs of different orders may be one idea.
    """
    contracts = position.contracts
    openings = {(fill.instrument, fill.execution): fill for fill in position.fills if fill.opening}
    lost = tuple(choice.id for choice in choices if not _present(choice, openings))
    valid = [choice for choice in choices if choice.id not in lost]
    chosen, taken = _chosen(valid, openings)
    left = [fill for fill in position.fills if not (fill.opening and (fill.instrument, fill.execution) in taken)]
    events = order_events(left)
    groups = sorted((*chosen, *groups_of(events, contracts, window)), key=lambda group: fill_order(group.fills[0]))
    groups = grown(groups, contracts)
    groups = CoverSearch(contracts, position.trades, position.fills).run(groups)
    for choice in valid:
        if choice.kind is ChoiceKind.NAMED:
            _rename(choice, groups)
    days = {(fill.instrument, fill.execution): fill.trade_date for fill in position.fills}
    attribution = Attribution(position.trades, days, lots)
    return Found(
        strategies=tuple(_strategy(group, position, attribution) for group in groups),
        rolls=tuple(_rolls(order_events(position.fills), position, window)),
        lost=lost,
    )


def _present(choice: Choice, openings: Mapping[tuple[InstrumentId, ExecutionId], LegFill]) -> bool:
    return all((each.instrument, each.execution) in openings for each in choice.executions)


def _chosen(
    choices: Sequence[Choice], openings: Mapping[tuple[InstrumentId, ExecutionId], LegFill]
) -> tuple[list[Group], set[tuple[InstrumentId, ExecutionId]]]:
    """Return what the user put together or took apart; the later word wins for each execution."""
    said = {choice.id: choice for choice in choices if choice.kind is not ChoiceKind.NAMED}
    owner: dict[tuple[InstrumentId, ExecutionId], tuple[int, int]] = {}
    for choice in said.values():
        for each in choice.executions:
            owner[each.instrument, each.execution] = (choice.id, each.part)
    parts: dict[tuple[int, int], list[LegFill]] = {}
    for key, part in owner.items():
        parts.setdefault(part, []).append(openings[key])
    groups = []
    for (number, _part), fills in parts.items():
        choice = said[number]
        group = Group(sorted(fills, key=fill_order), Confidence.USER, [Reason(_WORDS[choice.kind])], fixed=True)
        group.grows = choice.kind is ChoiceKind.CONFIRMED
        whole = len(fills) == len(choice.executions)
        if whole:
            group.name = choice.name
            if group.grows:
                group.confirmed = choice.structure
            else:
                group.structure = choice.structure
        groups.append(group)
    return groups, set(owner)


_WORDS = {
    ChoiceKind.TOGETHER: "user_grouped",
    ChoiceKind.APART: "user_split",
    ChoiceKind.CONFIRMED: "user_confirmed",
    ChoiceKind.NAMED: "user_named",
}


def _rename(choice: Choice, groups: Sequence[Group]) -> None:
    first = choice.executions[0]
    for group in groups:
        if any((fill.instrument, fill.execution) == first[:2] for fill in group.fills):
            group.name = choice.name
            if choice.structure is not None:
                group.structure = choice.structure
                group.confidence = Confidence.USER
                group.reasons.insert(0, Reason("user_named"))


def _strategy(group: Group, position: Position, attribution: Attribution) -> Strategy:
    contracts = position.contracts
    result, ends = attribution.of(group.fills)
    quantities = {leg: Decimal(0) for leg in dict.fromkeys(fill.instrument for fill in group.fills)}
    quantities.update(net_quantities(group.fills))
    shapes = shapes_of(quantities, contracts)
    structure = group.structure or (structure_of(shapes.values()) if shapes else None) or Structure.CUSTOM
    legs = []
    cash = _ZERO
    for leg, quantity in quantities.items():
        fills = [fill for fill in group.fills if fill.instrument == leg]
        ratio = shapes[leg].ratio if shapes else 0
        legs.append(_leg(contracts[leg], fills, quantity=quantity, ratio=ratio, end=ends[leg]))
        if contracts[leg].asset_class is not AssetClass.FUT:
            cash -= sum((fill.quantity * fill.price for fill in fills), _ZERO) * contracts[leg].multiplier
    order = sorted(
        legs, key=lambda leg: (leg.expiry is None, leg.expiry or group.fills[0].trade_date, leg.strike or _ZERO, leg.right)
    )
    is_open = any(leg.is_open for leg in legs)
    first = group.fills[0]
    closings = [(end.at, end.on) for end in ends.values() if end.at is not None and end.on is not None]
    closed_at, closed_on = (None, None) if is_open or not closings else max(closings)
    return Strategy(
        key=StrategyKey(f"{position.account}/{first.instrument}/{first.execution}"),
        account=position.account,
        underlying=position.underlying,
        symbol=position.symbol,
        structure=structure,
        name=group.name,
        outlook=outlook_of(structure, shapes.values() if shapes else ()),
        premium=Premium.CREDIT if cash > 0 else Premium.DEBIT if cash < 0 else Premium.EVEN,
        opening_cash=cash,
        currency=contracts[first.instrument].currency,
        legs=tuple(order),
        opened_at=first.executed_at,
        opened_on=first.trade_date,
        closed_at=closed_at,
        closed_on=closed_on,
        confidence=group.confidence,
        reasons=tuple(group.reasons),
        alternatives=tuple(each for each in dict.fromkeys(group.alternatives) if each is not structure),
        referenced=tuple(group.referenced),
        net=result.net,
        fees=result.fees,
        booked=result.booked,
        net_base=result.net_base,
        currency_effect=result.currency_effect,
    )


def _leg(contract: Instrument, fills: Sequence[LegFill], *, quantity: Decimal, ratio: int, end: LegEnd) -> StrategyLeg:
    units = sum((abs(fill.quantity) for fill in fills), _ZERO)
    paid = sum((abs(fill.quantity) * fill.price for fill in fills), _ZERO)
    return StrategyLeg(
        instrument=contract.id,
        asset_class=contract.asset_class,
        symbol=contract.symbol,
        right=contract.right,
        strike=contract.strike,
        expiry=contract.expiry,
        multiplier=contract.multiplier,
        quantity=quantity,
        ratio=ratio,
        price=plain(paid / units) if units else _ZERO,
        openings=tuple(Opening(fill.execution, fill.quantity, fill.price) for fill in fills),
        trades=tuple(dict.fromkeys(fill.trade for fill in fills)),
        is_open=end.is_open,
    )


def _rolls(events: Sequence[OrderEvent], position: Position, window: timedelta) -> list[Roll]:
    contracts = position.contracts
    rolls = []
    closes: list[OrderEvent] = []
    opens: list[OrderEvent] = []
    for event in events:
        closed = [fill for fill in event.closing if fill.on_exchange and is_option(contracts[fill.instrument])]
        opened = [fill for fill in event.opening if fill.on_exchange and is_option(contracts[fill.instrument])]
        if closed and opened and {fill.instrument for fill in closed} != {fill.instrument for fill in opened}:
            rolls.append(_roll(position, closed, opened, Confidence.HIGH, Reason(event.by)))
        elif len(net_quantities(closed)) == 1 and not event.opening:
            closes.append(OrderEvent([], closed, ""))
        elif len(net_quantities(opened)) == 1 and not event.closing:
            opens.append(OrderEvent(opened, [], ""))
    closes.sort(key=lambda event: event.at)
    times = [event.at for event in closes]
    used: set[int] = set()
    for later in opens:
        first, last = bisect_left(times, later.at - window), bisect_right(times, later.at + window)
        for index in range(first, last):
            earlier = closes[index]
            if index in used or not _swapped(earlier.closing, later.opening, contracts):
                continue
            used.add(index)
            seconds = int(abs(later.at - earlier.at).total_seconds())
            values = (("seconds", str(seconds)), ("limit", str(int(window.total_seconds()))))
            rolls.append(_roll(position, earlier.closing, later.opening, Confidence.MEDIUM, Reason("same_window", values)))
            break
    return sorted(rolls, key=lambda roll: roll.at)


def _swapped(closed: Sequence[LegFill], opened: Sequence[LegFill], contracts: Contracts) -> bool:
    """Return whether as much of another contract of the same right was opened as was closed, on the same side."""
    (old, gone), (new, came) = next(iter(net_quantities(closed).items())), next(iter(net_quantities(opened).items()))
    return old != new and gone == -came and contracts[old].right == contracts[new].right


def _roll(position: Position, closed: Sequence[LegFill], opened: Sequence[LegFill], confidence: Confidence, reason: Reason) -> Roll:
    return Roll(
        account=position.account,
        underlying=position.underlying,
        at=max(fill.executed_at for fill in (*closed, *opened)),
        closed=tuple(dict.fromkeys((fill.instrument, fill.execution) for fill in closed)),
        opened=tuple(dict.fromkeys((fill.instrument, fill.execution) for fill in opened)),
        confidence=confidence,
        reason=reason,
    )
