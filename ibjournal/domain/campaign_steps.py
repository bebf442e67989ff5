"""A campaign as it went, step by step: opened, rolled, assigned, called away; what each paid, and what each realised."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal

from ibjournal.domain.campaign import CampaignStep, Chain, Link, LinkKind, Parts, StepKind, StepLeg
from ibjournal.domain.campaign_dividends import Booking
from ibjournal.domain.campaign_figures import booked_part, in_base
from ibjournal.domain.campaign_fills import EXERCISE_CODES, Family, FillGroup
from ibjournal.domain.cash import CashKind
from ibjournal.domain.execution import ExecutionId
from ibjournal.domain.fill import RateLookup
from ibjournal.domain.instrument import AssetClass, point_value
from ibjournal.domain.lots import LotMatch
from ibjournal.domain.money import plain, rounded
from ibjournal.domain.trade import Role, Side, TradeKey

_ZERO = Decimal(0)
_ENDINGS = {
    "assigned": StepKind.ASSIGNED,
    "exercised": StepKind.EXERCISED,
    "expired": StepKind.EXPIRED,
    "settled": StepKind.SETTLED,
}

_Closing = tuple[TradeKey, ExecutionId]


def steps_of(
    chain: Chain,
    family: Family,
    *,
    matches: Iterable[LotMatch],
    bookings: Sequence[Booking] = (),
    rate_to_base: RateLookup | None = None,
) -> tuple[CampaignStep, ...]:
    """Return the steps of a campaign in order of time. What they realised adds up to the campaign's result.

    Args:
        chain: who belongs to it.
        family: the trades of its account and underlying, with their fills.
        matches: the lot matches of its trades; others are passed over.
        bookings: dividends and taxes of the shares.
        rate_to_base: as for `campaign_of`.
    """
    earned: dict[_Closing, list[LotMatch]] = defaultdict(list)
    for match in matches:
        if match.trade in chain.trades:
            earned[match.trade, match.closing].append(match)
    groups = [group for group in family.groups if group.trade.key in chain.trades]
    steps = [_step(family, *each, earned) for each in _joined(groups, chain.links)]
    steps.extend(_event(family, key, found) for key, found in earned.items())  # what no fill has closed
    currency = family.by_key[chain.trades[0]].currency
    steps.extend(_income(each, currency, rate_to_base) for each in bookings if each.trade in chain.trades)
    steps.sort(key=lambda step: (step.at, step.kind.value, step.entry, [leg.executions for leg in step.legs]))
    return tuple(_with_credit(steps))


def _joined(groups: Sequence[FillGroup], links: Iterable[Link]) -> list[tuple[list[FillGroup], list[Link]]]:
    """Join the groups that a roll or an exercise links."""
    number = list(range(len(groups)))
    by_fill: dict[_Closing, list[int]] = defaultdict(list)
    for index, group in enumerate(groups):
        for execution in group.executions:
            by_fill[group.trade.key, execution].append(index)
    mine: list[tuple[int, Link]] = []
    for link in links:
        if link.kind not in {LinkKind.ROLL, LinkKind.EXERCISE}:
            continue
        sides = ((link.earlier, link.closing), (link.later, link.opening))
        ends = [index for key, fills in sides for fill in fills for index in by_fill.get((key, fill), ())]
        if not ends:
            continue
        mine.append((ends[0], link))
        root = number[ends[0]]
        for other in {number[index] for index in ends} - {root}:
            number = [root if each == other else each for each in number]
    linked = {number[index] for index, _link in mine}
    days: dict[tuple[object, ...], int] = {}
    found: dict[int, tuple[list[FillGroup], list[Link]]] = {}
    for index, group in enumerate(groups):
        if number[index] not in linked:  # what nothing is linked to is one step a day, whatever its orders
            number[index] = days.setdefault((group.trade.key, group.role, group.day, group.ends_an_option), index)
        found.setdefault(number[index], ([], []))[0].append(group)
    for index, link in mine:
        found[number[index]][1].append(link)
    return list(found.values())


def _step(
    family: Family, groups: Sequence[FillGroup], links: Sequence[Link], earned: dict[_Closing, list[LotMatch]]
) -> CampaignStep:
    ordered = sorted(groups, key=lambda group: (group.role is Role.OPENING, not group.is_option))
    found = [
        (group, match)
        for group in ordered
        if group.role is Role.CLOSING
        for execution in group.executions
        for match in earned.pop((group.trade.key, execution), ())
    ]
    options = [_cash(group) for group in groups if group.is_option]
    return CampaignStep(
        at=max(group.last for group in groups),
        day=max(group.day for group in groups),
        kind=_kind(family, ordered, links),
        legs=_legs(ordered),
        cash=sum((_cash(group) for group in groups), Parts()),
        realized=sum((_earned(family, match) for _group, match in found), Parts()),
        realized_base=_base(match for _group, match in found),
        credit=sum(((each.premium or _ZERO) + (each.fees or _ZERO) for each in options), _ZERO),
        links=tuple(links),
    )


def _kind(family: Family, groups: Sequence[FillGroup], links: Sequence[Link]) -> StepKind:
    exercises = [link for link in links if link.kind is LinkKind.EXERCISE]
    if exercises:
        return _exercise_kind(family, groups, exercises[0])
    if links:
        return StepKind.ROLLED
    group = groups[0]
    if not group.is_option:
        future = group.instrument.asset_class is AssetClass.FUT
        if future:
            return StepKind.OPENED if group.role is Role.OPENING else StepKind.CLOSED
        return StepKind.BOUGHT if group.quantity > 0 else StepKind.SOLD
    if group.role is Role.OPENING:
        return StepKind.OPENED
    codes = {code for fill in group.fills for code in fill.codes}
    last = group.trade.closed_at == group.last
    if last and group.trade.ended_by in _ENDINGS:
        return _ENDINGS[group.trade.ended_by]
    if "A" in codes:
        return StepKind.ASSIGNED
    if codes & EXERCISE_CODES:
        return StepKind.EXERCISED
    return StepKind.EXPIRED if group.ends_an_option else StepKind.CLOSED


def _exercise_kind(family: Family, groups: Sequence[FillGroup], link: Link) -> StepKind:
    option = family.by_key[link.earlier]
    if option.side is Side.LONG:
        return StepKind.EXERCISED
    took = any(not group.is_option and group.role is Role.CLOSING for group in groups)
    return StepKind.CALLED_AWAY if took and family.instrument_of(option).right == "C" else StepKind.ASSIGNED


def _legs(groups: Sequence[FillGroup]) -> tuple[StepLeg, ...]:
    """Return what the groups did to each trade; several of one role are one leg."""
    by_trade: dict[tuple[TradeKey, Role], list[FillGroup]] = {}
    for group in groups:
        by_trade.setdefault((group.trade.key, group.role), []).append(group)
    return tuple(_leg(same) for same in by_trade.values())


def _leg(groups: Sequence[FillGroup]) -> StepLeg:
    both = [each for group in groups for each in zip(group.fills, group.pieces, strict=True)]
    points = sum((abs(piece.quantity) * fill.price for fill, piece in both), _ZERO)
    quantity = sum((piece.quantity for _fill, piece in both), _ZERO)
    return StepLeg(
        trade=groups[0].trade.key,
        instrument=groups[0].instrument.id,
        role=groups[0].role,
        quantity=quantity,
        price=plain(points / abs(quantity)) if quantity else None,
        executions=tuple(fill.id for fill, _piece in both),
    )


def _cash(group: FillGroup) -> Parts:
    """Return what was paid and received; a future moves no money when it is traded, but what its fees are."""
    money = _ZERO
    for fill, piece in zip(group.fills, group.pieces, strict=True):
        if fill.proceeds and fill.quantity:
            money += fill.proceeds if piece.quantity == fill.quantity else rounded(fill.proceeds * piece.quantity / fill.quantity)
        else:
            money -= piece.quantity * fill.price * point_value(group.instrument.asset_class, fill.multiplier)
    fees = sum((piece.fees for piece in group.pieces), _ZERO)
    if group.is_option:
        return Parts(premium=money, fees=fees)
    return Parts(fees=fees) if group.instrument.asset_class is AssetClass.FUT else Parts(stock=money, fees=fees)


def _earned(family: Family, match: LotMatch) -> Parts:
    if family.is_option(family.by_key[match.trade]):
        return Parts(premium=match.gross, fees=match.fees)
    return Parts(stock=match.gross, fees=match.fees)


def _base(matches: Iterable[LotMatch]) -> Decimal | None:
    total = _ZERO
    for match in matches:
        if match.net is None or match.close_rate is None:
            return None
        total += match.net * match.close_rate
    return total


def _event(family: Family, closing: _Closing, matches: Sequence[LotMatch]) -> CampaignStep:
    trade = family.by_key[closing[0]]
    quantity = sum((match.quantity * -match.direction for match in matches), _ZERO)
    at = max(match.closed_at for match in matches)
    leg = StepLeg(
        trade=trade.key,
        instrument=trade.instrument,
        role=Role.CLOSING,
        quantity=quantity,
        price=matches[0].close_price,
        executions=(closing[1],),
    )
    return CampaignStep(
        at=at,
        day=trade.closed_on if trade.closed_at == at and trade.closed_on is not None else at.date(),
        kind=StepKind.EVENT,
        legs=(leg,),
        realized=sum((_earned(family, match) for match in matches), Parts()),
        realized_base=_base(matches),
    )


def _income(booking: Booking, currency: str, rate_to_base: RateLookup | None) -> CampaignStep:
    entry = booking.entry
    part = booked_part(booking, currency, rate_to_base)
    return CampaignStep(
        at=_evening(entry.value_date, entry.booked_at),
        day=entry.value_date,
        kind=StepKind.WITHHOLDING_TAX if entry.kind is CashKind.WITHHOLDING_TAX else StepKind.DIVIDEND,
        cash=part,
        realized=part,
        realized_base=in_base(booking, rate_to_base),
        entry=entry.id,
        ex_date=booking.ex_date,
    )


def _evening(day: date, booked_at: datetime) -> datetime:
    """Return when it was booked; where the report gives a day alone, its end, so that it comes behind the fills of the day."""
    return booked_at if booked_at.date() >= day and booked_at.time() != time(0) else datetime.combine(day, time(23, 59), UTC)


def _with_credit(steps: Iterable[CampaignStep]) -> Iterator[CampaignStep]:
    """Sum up the premium, step by step; until here each step has its own."""
    credit = _ZERO
    for step in steps:
        credit += step.credit
        yield replace(step, credit=credit)
