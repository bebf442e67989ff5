"""Options and what they are written on: exercises and assignments, and options covered by shares."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

from ibjournal.domain.campaign import Link, LinkKind, LinkReason
from ibjournal.domain.campaign_fills import CampaignFill, Family, FillGroup
from ibjournal.domain.campaign_rolls import ROLL_WINDOW, order_marks
from ibjournal.domain.execution import ExecutionId
from ibjournal.domain.exercise import BookedFill, exercise_links
from ibjournal.domain.instrument import Instrument
from ibjournal.domain.position_event import Place
from ibjournal.domain.trade import Role, Side, Trade, TradeKey

_ZERO = Decimal(0)


def exercised(family: Family) -> tuple[Link, ...]:
    """Link options with what came of them by exercise or assignment, as the engine links their fills."""
    places: dict[tuple[Place, ExecutionId], tuple[list[Trade], CampaignFill]] = {}
    bookings: dict[tuple[Place, ExecutionId], BookedFill] = {}
    for trade in family.trades:
        if not family.is_option(trade) and not family.is_share(trade):
            continue
        for piece in trade.pieces:
            fill = family.fill_of(trade, piece)
            if fill is None or not (fill.kind == "BookTrade" or fill.ends_an_option):
                continue
            place = Place(piece.account or trade.account, fill.instrument)
            places.setdefault((place, fill.id), ([], fill))[0].append(trade)
            contract = family.instruments.get(fill.instrument) or family.instrument_of(trade)
            bookings[place, fill.id] = _booking(place, fill, contract, trade.currency)
    found: list[Link] = []
    for link in exercise_links(list(bookings.values())):
        options, option = places[link.option]
        shares, share = places[link.underlying]
        found.extend(_exercise(one, other, option, share) for one in options for other in shares if one.currency == other.currency)
    return tuple(found)


def _booking(place: Place, fill: CampaignFill, contract: Instrument, currency: str) -> BookedFill:
    return BookedFill(
        place=place,
        id=fill.id,
        asset_class=contract.asset_class,
        quantity=fill.quantity,
        price=fill.price,
        currency=currency,
        multiplier=fill.multiplier,
        executed_at=fill.executed_at,
        trade_date=fill.trade_date,
        trade_id=fill.trade_id,
        position_action=fill.position_action_id,
        codes=fill.codes,
        underlying=contract.underlying_id,
        underlying_symbol=contract.underlying_symbol,
        symbol=contract.symbol,
        strike=contract.strike,
        right=contract.right,
    )


def _exercise(option: Trade, shares: Trade, fill: CampaignFill, share: CampaignFill) -> Link:
    same_action = fill.position_action_id and fill.position_action_id == share.position_action_id
    ids = (fill.trade_id, share.trade_id)
    neighbours = all(each.isdecimal() for each in ids) and abs(int(ids[0]) - int(ids[1])) == 1
    reason = LinkReason.TRADE_IDS if neighbours else LinkReason.STRIKE
    return Link(
        earlier=option.key,
        later=shares.key,
        kind=LinkKind.EXERCISE,
        reason=LinkReason.POSITION_ACTION if same_action else reason,
        quantity=abs(fill.quantity),
        closing=(fill.id,),
        opening=(share.id,),
    )


# --- options written on shares -----------------------------------------------------------------------------------


@dataclass(slots=True)
class _Written:
    """A short option, or the part of one, that no shares cover yet."""

    group: FillGroup
    units: Decimal


class _Cover:
    """Goes through time with the shares of one side and the options written on them (calls on long, puts on short shares)."""

    def __init__(self, *, long: bool) -> None:
        self._side = Side.LONG if long else Side.SHORT
        self._shares: dict[TradeKey, Decimal] = defaultdict(lambda: _ZERO)
        self._written: dict[TradeKey, Decimal] = defaultdict(lambda: _ZERO)
        self._bare: list[_Written] = []
        self.found: list[Link] = []

    def move_shares(self, trade: TradeKey, quantity: Decimal) -> None:
        """Add to the shares of a trade; ``quantity`` counts towards the side."""
        self._shares[trade] += quantity
        if self._shares[trade] <= 0:
            self._shares.pop(trade)
        elif quantity > 0:
            for each in list(self._bare):
                free = self._free + each.units  # it was counted as written all the time
                if each.units <= free:
                    self._bare.remove(each)
                    self._found(trade, each, LinkReason.COVERED_LATER, free)

    def write(self, group: FillGroup, units: Decimal, *, spread: bool) -> None:
        """Open a short option of so many shares; one that a bought option covers needs no shares."""
        if not spread:
            free = self._free
            written = _Written(group, units)
            holder = max(self._shares, key=lambda key: self._shares[key], default=None)
            if holder is None or free <= 0:
                self._bare.append(written)
            else:
                self._found(holder, written, LinkReason.COVERED if units <= free else LinkReason.PARTLY_COVERED, free)
        self._written[group.trade.key] += units

    def buy_back(self, trade: TradeKey, units: Decimal) -> None:
        """Close so much of a short option, however it was closed."""
        self._written[trade] -= units
        if self._written[trade] <= 0:
            self._written.pop(trade)
            self._bare = [each for each in self._bare if each.group.trade.key != trade]

    @property
    def _free(self) -> Decimal:
        return sum(self._shares.values(), _ZERO) - sum(self._written.values(), _ZERO)

    def _found(self, shares: TradeKey, written: _Written, reason: LinkReason, free: Decimal) -> None:
        self.found.append(
            Link(
                earlier=shares,
                later=written.group.trade.key,
                kind=LinkKind.COVER,
                reason=reason,
                certain=reason is LinkReason.COVERED,
                quantity=written.group.size,
                opening=written.group.executions,
                values=(("shares", _text(free)), ("needed", _text(written.units))),
            )
        )


def cover_links(family: Family, *, window: timedelta = ROLL_WINDOW) -> tuple[Link, ...]:
    """Find short options that were written on shares which were held, however the shares had come.

    Shares cover as many options as they are enough for, the first written first. Shares bought within ``window`` after an
    option was sold were bought for it. Splits change the shares. A short option opened with a bought one of the same right is
    a spread, and needs no shares. An option that some shares are missing for, or whose shares came later, is not certain.
    """
    found: list[Link] = []
    spreads = _bought_with(family, window)
    for long in (True, False):
        cover = _Cover(long=long)
        for _at, _order, _name, act in sorted(_acts(family, cover, spreads, window, long=long), key=lambda each: each[:3]):
            act()
        found.extend(cover.found)
    return tuple(found)


_Act = tuple[datetime, int, str, Callable[[], None]]
_GAIN, _EARLY, _LOSS, _WRITE, _LATE = range(5)
"""What comes first within one instant."""


def _acts(family: Family, cover: _Cover, spreads: set[int], window: timedelta, *, long: bool) -> Iterator[_Act]:
    side, right, sign = (Side.LONG, "C", 1) if long else (Side.SHORT, "P", -1)
    held: dict[str, list[Trade]] = defaultdict(list)
    for trade in family.trades:
        if not family.is_share(trade) or trade.side is not side:
            continue
        for place in {trade.instrument, *(piece.instrument or trade.instrument for piece in trade.pieces)}:
            held[place].append(trade)
        for piece in trade.pieces:
            fill = family.fill_of(trade, piece)
            units = piece.quantity * sign * family.instrument_of(trade).multiplier
            at = fill.executed_at if fill is not None else trade.opened_at
            when = (at - window, _GAIN) if units > 0 else (at, _LOSS)
            yield *when, piece.execution, partial(cover.move_shares, trade.key, units)
    for change in family.changes:
        for trade in held.get(change.instrument, ()):
            if trade.opened_at < change.at and (trade.closed_at is None or trade.closed_at >= change.at):
                yield change.at, _GAIN, trade.key, partial(cover.move_shares, trade.key, change.quantity * sign)
    for index, group in enumerate(family.groups):
        if not group.is_option or group.trade.side is not Side.SHORT or group.instrument.right != right:
            continue
        units = group.size * group.instrument.multiplier
        if group.role is Role.OPENING:
            yield group.first, _WRITE, group.trade.key, partial(cover.write, group, units, spread=index in spreads)
        else:  # a roll may open the new one a moment before it closes the old one
            at = max(group.last - window, group.trade.opened_at)
            order = _LATE if at == group.trade.opened_at else _EARLY
            yield at, order, group.trade.key, partial(cover.buy_back, group.trade.key, units)


def _bought_with(family: Family, window: timedelta) -> set[int]:
    """Return which groups are openings of short options that came with a bought option of the same right."""
    marks: set[tuple[str, tuple[LinkReason, str]]] = set()
    bought: dict[str, list[tuple[datetime, Decimal]]] = defaultdict(list)
    for group in family.groups:
        if group.is_option and group.role is Role.OPENING and group.trade.side is Side.LONG:
            marks.update((group.instrument.right, mark) for mark in order_marks(group))
            bought[group.instrument.right].append((group.first, group.size))
    found = set()
    for index, group in enumerate(family.groups):
        if not group.is_option or group.role is not Role.OPENING or group.trade.side is not Side.SHORT:
            continue
        right, near = group.instrument.right, bought[group.instrument.right]
        start = bisect_left(near, (group.first - window, _ZERO))
        end = bisect_left(near, (group.first + window, group.size))
        if any((right, mark) in marks for mark in order_marks(group)) or any(size >= group.size for _at, size in near[start:end]):
            found.add(index)
    return found


def _text(number: Decimal) -> str:
    return format(number.normalize(), "f")
