"""Exercise, assignment and expiry: which share fill came of which option, and the cash where options are settled in cash.

Positions come of fills alone. IBKR's section of option events only names what happened, where a template leaves the codes of
fills out, and tells the cash of a settlement, which fills do not hold.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from ibjournal.domain.depot import AccountId
from ibjournal.domain.execution import ExecutionId
from ibjournal.domain.instrument import AssetClass, InstrumentId
from ibjournal.domain.position_event import ExerciseLink, Place
from ibjournal.domain.provenance import RowRef

OPTION_CLASSES = frozenset({AssetClass.OPT, AssetClass.FOP, AssetClass.WAR, AssetClass.IOPT})
EXERCISE_CODES = frozenset({"A", "Ex", "AEx", "MEx", "GEA"})
EXPIRY_CODES = frozenset({"Ep"})

_ZERO = Decimal(0)
_CENT = Decimal("0.01")
_HALF_A_CENT = Decimal("0.005")
_CODES = {"assignment": "A", "exercise": "Ex", "expiration": "Ep"}
_SETTLEMENT = "cash settlement"
_SETTLED = re.compile(r"Option Cash Settlement for:\s*(\w+)\s*\(\s*(.*?)\s*\)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedFill:
    """A booking without an exchange: an option that ended, or what was delivered for it. Terms are those of its contract."""

    place: Place
    id: ExecutionId
    asset_class: AssetClass
    quantity: Decimal
    price: Decimal
    currency: str
    multiplier: Decimal
    executed_at: datetime
    trade_date: date
    report_date: date | None = None
    proceeds: Decimal | None = None
    rate: Decimal | None = None
    """Into the account's base currency."""
    trade_id: str = ""
    position_action: str = ""
    codes: tuple[str, ...] = ()
    underlying: InstrumentId | None = None
    underlying_symbol: str = ""
    symbol: str = ""
    description: str = ""
    strike: Decimal | None = None
    right: str = ""
    realized: Decimal | None = None
    """IBKR's own result of the row."""
    cost: Decimal | None = None
    """The basis that the row takes out, signed so that proceeds, fees and cost make its result."""
    fees: Decimal | None = None
    """Commission and taxes in ``currency``, None where they are in another one."""

    @property
    def is_option(self) -> bool:
        """Whether it is an option and not what came of one."""
        return self.asset_class in OPTION_CLASSES


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionEvent:
    """A row of IBKR's exercises, assignments and expirations; ``cash`` is what a settlement paid (received positive)."""

    place: Place
    type: str
    """IBKR's word: ``Assignment``, ``Exercise``, ``Expiration``, ``Cash Settlement``, ``Buy``, ``Sell``."""
    day: date
    quantity: Decimal
    trade_id: str = ""
    cash: Decimal | None = None
    currency: str = ""
    row: RowRef | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementLine:
    """A line of the statement of funds that pays an option in cash. ``instrument`` is None where the template leaves it out."""

    account: AccountId
    instrument: InstrumentId | None
    day: date
    description: str
    amount: Decimal
    currency: str
    in_base: bool
    """Whether the amount is in the account's base currency, whatever the option's is."""
    row: RowRef | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """The cash of one option fill that was settled in cash, in the option's currency, and the rows that tell it."""

    fill: tuple[Place, ExecutionId]
    amount: Decimal
    source: str
    """``OptionEAE``, ``StmtFunds``, or ``Trades`` where the fill's own result is all that tells."""
    rows: tuple[RowRef, ...] = ()


def named_by(fills: Iterable[BookedFill], events: Iterable[OptionEvent]) -> dict[tuple[Place, ExecutionId], str]:
    """Return the codes of option fills whose rows have none, from IBKR's section: ``A``, ``Ex``, ``Ep``."""
    by_trade: dict[tuple[Place, str], str] = {}
    by_day: dict[tuple[Place, date, Decimal], str] = {}
    for event in events:
        code = _CODES.get(event.type.casefold())
        if code is None:
            continue
        if event.trade_id:
            by_trade[event.place, event.trade_id] = code
        by_day[event.place, event.day, event.quantity] = code
    found = {}
    for fill in fills:
        if not fill.is_option or set(fill.codes) & (EXERCISE_CODES | EXPIRY_CODES):
            continue
        code = by_trade.get((fill.place, fill.trade_id)) if fill.trade_id else None
        days = {fill.trade_date, fill.report_date or fill.trade_date}
        code = code or next(
            (by_day[fill.place, day, fill.quantity] for day in days if (fill.place, day, fill.quantity) in by_day), None
        )
        if code is not None and not fill.price:
            found[fill.place, fill.id] = code
    return found


def named_by_delivery(fills: Iterable[BookedFill], links: Iterable[ExerciseLink]) -> dict[tuple[Place, ExecutionId], str]:
    """Return the codes of option fills whose rows have none and for which something was delivered: ``A`` of a short one, ``Ex``."""
    delivered = {link.option for link in links}
    return {
        (fill.place, fill.id): "A" if fill.quantity > 0 else "Ex"
        for fill in fills
        if (fill.place, fill.id) in delivered and not set(fill.codes) & EXERCISE_CODES
    }


def exercise_links(
    fills: Sequence[BookedFill], names: Mapping[tuple[Place, ExecutionId], str] | None = None
) -> tuple[ExerciseLink, ...]:
    """Return which fills of an underlying came of which option fills.

    IBKR's action id ties them; without it the same instant, the underlying, the strike as the price, the direction and the
    number of units do, where all of it fits.

    Args:
        fills: bookings of any accounts, in any order.
        names: codes that rows leave out, as `named_by` returns them.
    """
    names = names or {}
    by_account: dict[tuple[AccountId, datetime], tuple[list[BookedFill], list[BookedFill]]] = defaultdict(lambda: ([], []))
    for fill in sorted(fills, key=_order):
        codes = {*fill.codes, names.get((fill.place, fill.id), "")}
        if fill.is_option and not fill.price and not codes & EXPIRY_CODES:
            by_account[fill.place.account, fill.executed_at][0].append(fill)
        elif not fill.is_option:
            by_account[fill.place.account, fill.executed_at][1].append(fill)
    found: list[ExerciseLink] = []
    for options, underlyings in by_account.values():
        named = {fill.position_action for fill in options} & {fill.position_action for fill in underlyings} - {""}
        for action in sorted(named):
            found += _linked(
                [fill for fill in options if fill.position_action == action],
                [fill for fill in underlyings if fill.position_action == action],
            )
        groups: dict[tuple[object, ...], list[BookedFill]] = defaultdict(list)
        for option in (fill for fill in options if fill.position_action not in named):
            groups[option.underlying, option.underlying_symbol, option.strike, _delivers(option)].append(option)
        left = [fill for fill in underlyings if fill.position_action not in named]
        for same in groups.values():
            found += _by_terms(same, left)
    return tuple(found)


def _order(fill: BookedFill) -> tuple[object, ...]:
    return fill.executed_at, int(fill.trade_id) if fill.trade_id.isdecimal() else 0, fill.place, fill.id


def _delivers(option: BookedFill) -> bool:
    """Return whether units of the underlying come: a long call or a short put. A long option's closing fill is negative."""
    return (option.quantity < 0) == (option.right == "C")


def _units(fill: BookedFill) -> Decimal:
    return abs(fill.quantity) * (fill.multiplier if fill.is_option and fill.asset_class is not AssetClass.FOP else 1)


def _by_terms(options: list[BookedFill], underlyings: list[BookedFill]) -> list[ExerciseLink]:
    first = options[0]
    fits = [
        fill
        for fill in underlyings
        if fill.price == first.strike
        and (fill.quantity > 0) == _delivers(first)
        and (fill.place.instrument == first.underlying or (fill.symbol == first.underlying_symbol and bool(fill.symbol)))
    ]
    if sum((_units(fill) for fill in fits), _ZERO) != sum((_units(fill) for fill in options), _ZERO):
        # several options of one strike may end at once, some of them without a delivery: each then needs a fill of its own size
        pairs = []
        for option in options:
            match = next((fill for fill in fits if _units(fill) == _units(option)), None)
            if match is not None:
                fits.remove(match)
                pairs += _linked([option], [match])
        return pairs
    return _linked(options, fits)


def _linked(options: Sequence[BookedFill], underlyings: Sequence[BookedFill]) -> list[ExerciseLink]:
    """Link in order of time and number: fills that meet while units are counted off on both sides."""
    found = []
    waiting = [(fill, _units(fill)) for fill in underlyings]
    for option in options:
        left = _units(option)
        while left and waiting:
            fill, units = waiting[0]
            link = ExerciseLink(option=(option.place, option.id), underlying=(fill.place, fill.id))
            found.append(link)
            taken = min(left, units)
            left -= taken
            if units > taken:
                waiting[0] = (fill, units - taken)
            else:
                waiting.pop(0)
    return found


def settlements(
    fills: Iterable[BookedFill],
    events: Iterable[OptionEvent],
    lines: Iterable[SettlementLine],
    linked: Iterable[ExerciseLink] = (),
) -> tuple[Settlement, ...]:
    """Return the cash of options that were settled in cash, by option fill.

    Fills at a price of 0 and without proceeds can have been settled so, if nothing was delivered for them. IBKR's section of option
    events comes first, the statement of funds only where that does not tell, the fill's own result last; never two of them.
    """
    delivered = {link.option for link in linked}
    ended = [
        fill
        for fill in sorted(fills, key=_order)
        if fill.is_option and not fill.price and not fill.proceeds and (fill.place, fill.id) not in delivered
    ]
    paid = [event for event in events if event.type.casefold() == _SETTLEMENT and event.cash]
    told = list(lines)
    by_option: dict[tuple[Place, date], list[BookedFill]] = defaultdict(list)
    for fill in ended:
        by_option[fill.place, fill.trade_date].append(fill)
    found: list[Settlement] = []
    for (place, day), same in sorted(by_option.items()):
        days = {day, *(fill.report_date or day for fill in same)}
        rows = [event for event in paid if event.place == place and event.day in days]
        if rows:
            found += _settled(same, sum((event.cash or _ZERO for event in rows), _ZERO), "OptionEAE", [event.row for event in rows])
            continue
        mine = [line for line in told if line.account == place.account and line.day in days and _is_of(line, same[0])]
        own = [line for line in mine if not line.in_base and line.currency == same[0].currency]
        if own:
            found += _settled(same, sum((line.amount for line in own), _ZERO), "StmtFunds", [line.row for line in own])
            continue
        in_base = [line for line in mine if line.in_base]
        rate = Decimal(1) if in_base and in_base[0].currency == same[0].currency else same[0].rate
        if in_base and rate:
            total = sum((line.amount for line in in_base), _ZERO)
            found += _settled(same, _to_the_cent(total, rate), "StmtFunds", [line.row for line in in_base])
            continue
        for fill in same:
            amount = _told_by_result(fill)
            if amount:
                found.append(Settlement(fill=(fill.place, fill.id), amount=amount, source="Trades"))
    return tuple(found)


def _told_by_result(fill: BookedFill) -> Decimal | None:
    """Return what IBKR's result of an exercise holds beyond its cost and fees: without a delivery that can only be cash.

    None where the row states no result (then a premium may have moved) or no cost.
    """
    if not fill.realized or not fill.cost or fill.fees is None or not set(fill.codes) & EXERCISE_CODES:
        return None
    return _whole_cents(fill.realized - fill.cost - fill.fees)


def _whole_cents(amount: Decimal) -> Decimal:
    cents = amount.quantize(_CENT)
    return cents if abs(cents - amount) < _HALF_A_CENT else amount


def _is_of(line: SettlementLine, fill: BookedFill) -> bool:
    if line.instrument is not None:
        return line.instrument == fill.place.instrument
    named = _SETTLED.search(line.description)
    return named is not None and _same_words(named[2]) in {_same_words(fill.description), _same_words(fill.symbol)}


def _same_words(text: str) -> str:
    """Return a contract's name without what reports write differently: spaces, and ``290.0`` for ``290``."""
    words = text.upper().split()
    return " ".join(word.rstrip("0").rstrip(".") if "." in word else word for word in words)


def _to_the_cent(amount: Decimal, rate: Decimal) -> Decimal:
    """Return an amount of the base currency in the option's, in whole cents where those give the same amount."""
    exact = amount / rate
    cents = exact.quantize(_CENT)
    return cents if abs(cents * rate - amount) < _HALF_A_CENT else exact


def _settled(fills: Sequence[BookedFill], total: Decimal, source: str, rows: Iterable[RowRef | None]) -> list[Settlement]:
    """Share the cash of one option and day among its fills by quantity; the last takes the remainder."""
    units = sum((abs(fill.quantity) for fill in fills), _ZERO)
    refs = tuple(row for row in rows if row is not None)
    found = []
    left = total
    for number, fill in enumerate(fills, 1):
        amount = left if number == len(fills) else (total * abs(fill.quantity) / units).quantize(_CENT)
        left -= amount
        found.append(Settlement(fill=(fill.place, fill.id), amount=amount, source=source, rows=refs))
    return found
