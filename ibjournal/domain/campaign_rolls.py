"""Rolls: what closes one contract and opens another of the same right and side is two trades and one link."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal

from ibjournal.domain.campaign import Link, LinkKind, LinkReason
from ibjournal.domain.campaign_fills import Family, FillGroup
from ibjournal.domain.campaign_underlying import OPTIONS
from ibjournal.domain.checkpoint import checkpoint
from ibjournal.domain.instrument import AssetClass
from ibjournal.domain.trade import Role

ROLL_WINDOW = timedelta(seconds=60)
"""A close and an opening no further apart are one roll, whatever their orders."""

_Bucket = tuple[str, str, str, str, date]
_Values = tuple[tuple[str, str], ...]
_Candidate = tuple[int, Decimal, timedelta, Decimal, int, int, LinkReason, _Values]


def roll_links(family: Family, *, window: timedelta = ROLL_WINDOW) -> tuple[Link, ...]:
    """Find the rolls among the trades of one underlying.

    One order, or one combination, is evidence; so is a window of time. Each contract is rolled once: a roll with another
    quantity links the smaller one, and a part of a position can be rolled. The same quantity closed and opened later on one
    day, after it was held overnight, is a roll that is not certain. A spread is rolled leg by leg.
    """
    closings: dict[_Bucket, list[FillGroup]] = defaultdict(list)
    openings: dict[_Bucket, list[FillGroup]] = defaultdict(list)
    for group in family.groups:
        bucket = _bucket(group)
        if bucket is None or group.ends_an_option:
            continue
        (closings if group.role is Role.CLOSING else openings)[bucket].append(group)
    found: list[Link] = []
    for bucket, closed in closings.items():
        if bucket in openings:
            found.extend(_pair(closed, openings[bucket], window))
    return tuple(found)


def order_marks(group: FillGroup) -> Iterator[tuple[LinkReason, str]]:
    """Yield what ties a group's fills to those of other contracts: combination, order, order at the broker."""
    for fill in group.fills:
        if fill.combo:
            yield LinkReason.SAME_COMBO, fill.combo
        if fill.order_id:
            yield LinkReason.SAME_ORDER, fill.order_id
        if fill.brokerage_order_id:
            yield LinkReason.SAME_BROKERAGE_ORDER, fill.brokerage_order_id


def _bucket(group: FillGroup) -> _Bucket | None:
    """Only what shares class, right, side, currency and day can be a roll."""
    instrument = group.instrument
    if instrument.asset_class not in OPTIONS and instrument.asset_class is not AssetClass.FUT:
        return None
    return instrument.asset_class.value, instrument.right, group.trade.side.value, group.trade.currency, group.day


def _pair(closed: list[FillGroup], opened: list[FillGroup], window: timedelta) -> Iterator[Link]:
    candidates = [*_by_order(closed, opened), *_by_time(closed, opened, window)]
    candidates.sort(key=lambda each: each[:6])
    left_closed = [group.size for group in closed]
    left_opened = [group.size for group in opened]
    for *_rank, old, new, reason, values in candidates:
        quantity = min(left_closed[old], left_opened[new])
        if quantity <= 0:
            continue
        left_closed[old] -= quantity
        left_opened[new] -= quantity
        yield _link(closed[old], opened[new], quantity, reason, values)
    yield from _later_on_the_day(
        [
            group
            for group, left in zip(closed, left_closed, strict=True)
            if left == group.size and group.trade.opened_on < group.day
        ],
        [group for group, left in zip(opened, left_opened, strict=True) if left == group.size],
    )


def _by_order(closed: list[FillGroup], opened: list[FillGroup]) -> Iterator[_Candidate]:
    marked: dict[tuple[LinkReason, str], set[int]] = defaultdict(set)
    for index, group in enumerate(opened):
        for mark in order_marks(group):
            marked[mark].add(index)
    for old, group in enumerate(closed):
        seen: set[int] = set()
        for reason, text in sorted(set(order_marks(group)), key=lambda mark: mark[0].value):
            for new in sorted(marked.get((reason, text), set()) - seen):
                seen.add(new)
                if opened[new].instrument.id != group.instrument.id:
                    yield 0, *_distance(group, opened[new]), old, new, reason, ()


def _by_time(closed: list[FillGroup], opened: list[FillGroup], window: timedelta) -> Iterator[_Candidate]:
    starts = [group.first for group in opened]  # groups come in order of time
    longest = max((group.last - group.first for group in opened), default=timedelta())
    for old, group in enumerate(closed):
        checkpoint()
        index = bisect_left(starts, group.first - window - longest)
        while index < len(opened) and starts[index] <= group.last + window:
            gap = _gap(group, opened[index])
            if gap <= window and opened[index].instrument.id != group.instrument.id:
                values = (("seconds", str(gap // timedelta(seconds=1))),)
                yield 1, *_distance(group, opened[index]), old, index, LinkReason.WITHIN_SECONDS, values
            index += 1


def _later_on_the_day(closed: list[FillGroup], opened: list[FillGroup]) -> Iterator[Link]:
    waiting = list(opened)
    for group in closed:
        checkpoint()
        match = next(
            (
                each
                for each in waiting
                if each.first >= group.last and each.size == group.size and each.instrument.id != group.instrument.id
            ),
            None,
        )
        if match is not None:
            waiting.remove(match)
            minutes = str(_gap(group, match) // timedelta(minutes=1))
            yield _link(group, match, group.size, LinkReason.SAME_DAY, (("minutes", minutes),), certain=False)


def _distance(closed: FillGroup, opened: FillGroup) -> tuple[Decimal, timedelta, Decimal]:
    """Return how little two groups look like one roll: by quantity, time and strike."""
    strikes = (closed.instrument.strike, opened.instrument.strike)
    apart = abs(strikes[0] - strikes[1]) if strikes[0] is not None and strikes[1] is not None else Decimal(0)
    return abs(closed.size - opened.size), _gap(closed, opened), apart


def _gap(one: FillGroup, other: FillGroup) -> timedelta:
    """Return the time between two groups, 0 where they overlap."""
    return max(timedelta(), one.first - other.last, other.first - one.last)


def _link(
    closed: FillGroup,
    opened: FillGroup,
    quantity: Decimal,
    reason: LinkReason,
    values: Iterable[tuple[str, str]],
    *,
    certain: bool = True,
) -> Link:
    return Link(
        earlier=closed.trade.key,
        later=opened.trade.key,
        kind=LinkKind.ROLL,
        reason=reason,
        certain=certain,
        quantity=quantity,
        closing=closed.executions,
        opening=opened.executions,
        values=tuple(values),
    )
