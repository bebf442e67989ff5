"""Corporate actions as events: IBKR's rows, grouped by what they belong to, become what happens to lots.

The types are IBKR's own two letters. Old reports have none: there a few words in the description are sure enough. What cannot be
told becomes an event of kind `EventKind.UNKNOWN`: kept, shown, and not applied.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from ibjournal.domain.corporate_action import CorporateAction
from ibjournal.domain.depot import AccountId
from ibjournal.domain.instrument import InstrumentId
from ibjournal.domain.position_event import EventKind, EventLeg, Place, PositionEvent
from ibjournal.domain.reorganisation_rows import is_exchanged, rows_apart

FindInstrument = Callable[[AccountId, str, str], InstrumentId | None]
"""Account, symbol and ISIN to the instrument they name, None where no report tells of one."""

_ZERO = Decimal(0)

_SPLITS = frozenset({"FS", "RS", "SD", "FI", "CS", "CC"})
_EXCHANGES = frozenset({"TC", "IC", "TO", "TI", "OR", "BC", "GV", "UE", "HD", "SR", "CA", *_SPLITS})
"""Types whose rows that leave and rows that come are one exchange."""
_REMOVALS = frozenset({"TC", "TO", "OR", "BM", "TM", "CT", "DW", "ED", "GV", "UE", "BC", "CA", "SR", "HD"})
_FOR_NOTHING = frozenset({"DW", "ED"})
"""Worthless by name: without proceeds they are gone for 0."""
_AT_VALUE = frozenset({"BM", "TM", "CT"})
"""Where a row without proceeds is paid at the value that it states."""
_RIGHTS = frozenset({"RI", "DI", "CH", "HI"})
_ISSUES = frozenset({*_RIGHTS, "PI", "CI", "HD", "SR"})
_FAMILY = {"TI": "TO", "CI": "BC", "PI": "SR", "CH": "HD", "HI": "HD", "FI": "FS"}
"""Types under which IBKR books the other half of the same event."""
_SPIN_OFFS = frozenset({"SO", "CO"})

_WORDS = (
    ("REVERSE SPLIT", "RS"), ("STOCK DIVIDEND", "SD"), ("SPINOFF", "SO"), ("SPIN-OFF", "SO"), ("TENDERED TO", "TO"),
    ("MERGED(", "TC"), ("BOND MATURITY", "BM"), ("TBILL MATURITY", "TM"), ("CUSIP/ISIN CHANGE", "IC"), ("ISSUE CHANGE", "IC"),
    ("DELIST", "DW"), ("WORTHLESS", "DW"), ("EXPIRE DIVIDEND RIGHT", "ED"), ("SUBSCRIBABLE RIGHTS ISSUE", "RI"),
    ("RIGHTS ISSUE", "RI"), ("SUBSCRIBES TO", "SR"), ("CONVERSION", "BC"),
)  # fmt: skip
"""Words of old reports that are sure enough, the first that is found."""
_RATIO = re.compile(r"\bSPLIT\s+(\d+(?:\.\d+)?)\s+(?:FOR|:)\s+(\d+(?:\.\d+)?)\b", re.IGNORECASE)
_NAMED = re.compile(r"^\s*([^\s(]+)\s*\(([A-Z0-9]{9,12})\)")
_TYPE_LENGTH = 2
_APART = frozenset({"splits", "fractions"})


def position_events(actions: Iterable[CorporateAction], *, find: FindInstrument | None = None) -> tuple[PositionEvent, ...]:
    """Return the events that corporate actions tell of, by time.

    Rows of one event share IBKR's action id, else their instant and the beginning of their description. Rows that take back
    others cancel out, and a row that several reports tell counts once. Rows that change no position make no event.

    Args:
        actions: of any accounts, in any order.
        find: names the parent of a spin-off, whose row tells of the child alone.
    """
    parts = [part for rows in _groups(actions) for part in _by_instant(_without_cancels(rows))]
    events = [_event(piece, find) for part in _joined(parts) for piece in _pieces(part)]
    return tuple(sorted((event for event in events if event is not None), key=lambda event: (event.effective_at, event.id)))


def quiet_actions(actions: Iterable[CorporateAction]) -> tuple[tuple[str, tuple[CorporateAction, ...]], ...]:
    """Return what `position_events` makes no event of: payments, votes, and what was taken back; each with an id, by time."""
    found: dict[str, tuple[CorporateAction, ...]] = {}
    for rows in _groups(actions):
        parts = _by_instant(_without_cancels(rows))
        quiet = [part for part in parts if _event(part, None) is None] if parts else [_Part(tuple(rows))]
        for part in quiet:
            first = min(part.rows, key=_first)
            found.setdefault(_id(first, first.type, dated=part.dated), part.rows)
    return tuple(sorted(found.items(), key=lambda each: (each[1][0].effective_at, each[0])))


def _groups(actions: Iterable[CorporateAction]) -> list[list[CorporateAction]]:
    groups: dict[tuple[AccountId, str], list[CorporateAction]] = defaultdict(list)
    for action in _once(actions):
        typed = replace(action, type=type_of(action))
        groups[typed.account, typed.action_id or f"{typed.effective_at.isoformat()} {_stem(typed.description)}"].append(typed)
    return list(groups.values())


def _first(row: CorporateAction) -> tuple[datetime, InstrumentId, Decimal]:
    return row.effective_at, row.instrument, row.quantity


def type_of(action: CorporateAction) -> str:
    """Return IBKR's type of a row, by the words of its description where an old report has none; empty where they do not tell."""
    if len(action.type) == _TYPE_LENGTH:
        return action.type
    text = f"{action.type} {action.description}".upper()
    if (ratio := _ratio(text)) is not None:
        return "FS" if ratio >= 1 else "RS"
    return next((code for words, code in _WORDS if words in text), action.type)


def _once(actions: Iterable[CorporateAction]) -> list[CorporateAction]:
    """Return rows that several reports tell in other words once: without a transaction id only what they say tells them apart."""
    kept: dict[tuple[object, ...], list[CorporateAction]] = {}
    counts: Counter[tuple[tuple[object, ...], int]] = Counter()
    for action in sorted(actions, key=lambda each: (not each.transaction_id, _place_of(each), each.id)):
        what = (action.account, action.instrument, action.effective_at, action.quantity, action.proceeds or _ZERO)
        same = kept.setdefault(what, [])
        if not action.transaction_id:
            report = action.row.report if action.row is not None else 0
            counts[what, report] += 1
            if counts[what, report] <= len(same):
                continue
        same.append(action)
    return [action for same in kept.values() for action in same]


def _place_of(action: CorporateAction) -> tuple[int, int]:
    return (action.row.report, action.row.ordinal) if action.row is not None else (0, 0)


def _without_cancels(rows: Sequence[CorporateAction]) -> list[CorporateAction]:
    """Drop rows that take back others, and those others; a row of the opposite sign is one too, whatever its code."""
    kept: list[CorporateAction] = []
    for row in sorted(rows, key=lambda each: ("Ca" in each.codes, each.effective_at, each.report_date or each.effective_at.date())):
        original = next((each for each in reversed(kept) if _takes_back(row, each)), None)
        if original is not None:
            kept.remove(original)
        elif "Ca" not in row.codes:
            kept.append(row)
    return kept


def _takes_back(row: CorporateAction, other: CorporateAction) -> bool:
    return (
        row.instrument == other.instrument
        and bool(row.quantity or row.proceeds)
        and row.quantity == -other.quantity
        and (row.proceeds or _ZERO) == -(other.proceeds or _ZERO)
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """The rows of one event; ``dated`` where it is not the first of its action id, so that each has an id of its own."""

    rows: tuple[CorporateAction, ...]
    dated: bool = False
    piece: str = ""
    """``fractions`` or ``splits`` where the rest of its action is another event."""

    @property
    def signs(self) -> set[bool]:
        return {row.quantity > 0 for row in self.rows if row.quantity}


def _pieces(part: _Part) -> list[_Part]:
    """Return the events of one action: cash for fractions and options that split stand apart."""
    apart = rows_apart(part.rows, _SPLITS, _stated_ratio(part.rows))
    found = [replace(part, rows=apart.main)] if apart.main else []
    if apart.splits:
        found.append(replace(part, rows=apart.splits, piece="splits"))
    if apart.fractions:
        found.append(replace(part, rows=apart.fractions, piece="fractions" if apart.main else "fraction"))
    return found


def _by_instant(rows: Sequence[CorporateAction]) -> list[_Part]:
    """Split the rows of one action where they happened at several instants and each time a whole event."""
    by_instant: dict[datetime, list[CorporateAction]] = defaultdict(list)
    for row in rows:
        by_instant[row.effective_at].append(row)
    # the first keeps the action's plain id, so that one that follows later takes nothing from what the user said of it
    parts = [_Part(tuple(by_instant[instant]), dated=number > 0) for number, instant in enumerate(sorted(by_instant))]
    moving = [part for part in parts if part.signs]
    halves = len({frozenset(part.signs) for part in moving}) > 1 and all(len(part.signs) == 1 for part in moving)
    if len(parts) < 2 or (halves and {row.type for row in rows} & _EXCHANGES):  # noqa: PLR2004
        return [_Part(tuple(rows))] if rows else []
    return parts


def _joined(parts: Sequence[_Part]) -> list[_Part]:
    """Join two halves of an exchange that no action id ties together: the only two of their family and instant."""
    open_halves: dict[tuple[object, ...], list[_Part]] = defaultdict(list)
    found: list[_Part] = []
    for part in parts:
        first = part.rows[0]
        family = _FAMILY.get(first.type, first.type)
        paid = any((row.proceeds or _ZERO) > 0 for row in part.rows)
        if first.action_id or len(part.signs) != 1 or paid or family not in _EXCHANGES:
            found.append(part)
        else:
            open_halves[first.account, first.effective_at, family].append(part)
    for halves in open_halves.values():
        instruments = [row.instrument for part in halves for row in part.rows]
        pair = len(halves) == 2 and halves[0].signs != halves[1].signs and len(set(instruments)) == len(instruments)  # noqa: PLR2004
        found.extend([_Part(halves[0].rows + halves[1].rows)] if pair else halves)
    return found


def _event(part: _Part, find: FindInstrument | None) -> PositionEvent | None:
    rows = sorted(part.rows, key=lambda row: (row.instrument, _place_of(row), row.id))
    legs = _legs(rows)
    ratio = _stated_ratio(rows)
    type_ = _main_type(rows)
    moving = [leg for leg in legs if leg.quantity]
    if not moving and not (type_ in _SPLITS and ratio is not None and len(legs) == 1):
        return None
    first = min(rows, key=_first)
    if part.piece.startswith("fraction"):
        kind, done = EventKind.REMOVAL, tuple(legs)
    elif type_ in _SPLITS and not _is_exchange(rows, ratio):
        kind, done = EventKind.SPLIT, tuple(moving or legs)  # the share, and its options with it
    else:
        kind, done = _classified(type_, moving or legs, {row.type for row in rows})
    if kind is EventKind.SPIN_OFF:
        beside = tuple(leg for leg in legs if not leg.quantity)
        done = (*(beside or _parent(rows, find)), *done)
    if kind is EventKind.EXCHANGE and ratio is None:
        ratio = _exchanged(done)
    return PositionEvent(
        id=_id(first, type_, dated=part.dated) + (f":{part.piece}" if part.piece in _APART else ""),
        kind=kind,
        type=type_,
        effective_at=max(row.effective_at for row in rows if row.quantity or not moving),
        legs=done,
        report_date=first.report_date,
        ratio=ratio,
        description=first.description,
    )


def _main_type(rows: Sequence[CorporateAction]) -> str:
    """Return the type that names the event: the head of a family before its other halves."""
    types = [row.type for row in rows if row.quantity] or [row.type for row in rows]
    heads = [each for each in types if each not in _FAMILY and each in _EXCHANGES | _REMOVALS | _SPIN_OFFS]
    return min(heads or types)


def _legs(rows: Sequence[CorporateAction]) -> list[EventLeg]:
    """Return one leg an instrument: what its rows change in all."""
    by_instrument: dict[InstrumentId, list[CorporateAction]] = defaultdict(list)
    for row in rows:
        by_instrument[row.instrument].append(row)
    return [
        EventLeg(
            place=Place(same[0].account, instrument),
            quantity=sum((row.quantity for row in same), _ZERO),
            currency=next((row.currency for row in same if row.currency), ""),
            proceeds=_total(row.proceeds for row in same),
            cost=_total(row.cost for row in same),
            value=_total(row.value for row in same),
            realized=_total(row.realized for row in same),
            row=same[0].row,
        )
        for instrument, same in by_instrument.items()
    ]


def _classified(type_: str, legs: Sequence[EventLeg], types: set[str]) -> tuple[EventKind, tuple[EventLeg, ...]]:
    leaving = [leg for leg in legs if leg.quantity < 0]
    coming = [leg for leg in legs if leg.quantity > 0]
    one = legs[0]
    if type_ in _SPIN_OFFS:
        return (EventKind.SPIN_OFF, tuple(replace(leg, cost=leg.cost or None) if leg.quantity else leg for leg in legs))
    if leaving and coming and (types & _EXCHANGES or types & _SPLITS):
        return EventKind.EXCHANGE, _cash_with_what_leaves(leaving, coming, paid_for=bool(types & {"SR", "PI"}))
    if type_ in _ISSUES and coming and not leaving:
        return EventKind.ISSUE, tuple(_issued(leg, type_) for leg in coming)
    proceeds = _proceeds(one, type_)
    fits = proceeds is not None and (not proceeds or (one.quantity > 0) != (proceeds > 0))
    if len(legs) == 1 and type_ in _REMOVALS and fits:
        return EventKind.REMOVAL, (replace(one, proceeds=proceeds),)
    return EventKind.UNKNOWN, tuple(legs)


def _proceeds(leg: EventLeg, type_: str) -> Decimal | None:
    """Return what was paid for units that leave; None where that cannot be told."""
    if leg.proceeds:
        return leg.proceeds
    if type_ in _FOR_NOTHING:
        return _ZERO
    if type_ in _AT_VALUE and leg.value:
        return abs(leg.value) if leg.quantity < 0 else -abs(leg.value)
    return None


def _issued(leg: EventLeg, type_: str) -> EventLeg:
    """Return the leg with what its units cost: what was paid, what the report states, nothing for rights."""
    if leg.proceeds is not None and leg.proceeds < 0:
        return replace(leg, cost=-leg.proceeds)
    if leg.cost is None and type_ in _RIGHTS:
        return replace(leg, cost=_ZERO)
    return leg


def _cash_with_what_leaves(leaving: list[EventLeg], coming: list[EventLeg], *, paid_for: bool) -> tuple[EventLeg, ...]:
    """Return the legs of an exchange with its cash at the one that leaves.

    IBKR writes the price of a subscription beside the shares that come; a long position that receives cash has it beside either.
    """
    beside = [leg for leg in coming if leg.proceeds and (paid_for or leg.proceeds > 0)]
    if len(leaving) != 1 or not beside:
        return (*leaving, *coming)
    cash = sum((leg.proceeds or _ZERO for leg in beside), leaving[0].proceeds or _ZERO)
    return (replace(leaving[0], proceeds=cash), *(replace(leg, proceeds=_ZERO) if leg in beside else leg for leg in coming))


def _parent(rows: Sequence[CorporateAction], find: FindInstrument | None) -> tuple[EventLeg, ...]:
    """Return a leg without quantity for the parent that a spin-off's description begins with, nothing where it is not known."""
    for row in rows:
        named = _NAMED.match(row.description)
        if named is None or find is None:
            continue
        parent = find(row.account, named[1], named[2])
        if parent is not None and parent != row.instrument:
            return (EventLeg(place=Place(row.account, parent), quantity=_ZERO, currency=row.currency),)
    return ()


def _is_exchange(rows: Sequence[CorporateAction], ratio: Decimal | None) -> bool:
    by_class: dict[object, list[CorporateAction]] = defaultdict(list)
    for row in rows:
        by_class[row.asset_class].append(row)
    return any(is_exchanged(same, ratio) for same in by_class.values())


def _stated_ratio(rows: Iterable[CorporateAction]) -> Decimal | None:
    return next((found for row in rows if (found := _ratio(row.description)) is not None), None)


def _exchanged(legs: Sequence[EventLeg]) -> Decimal | None:
    if len(legs) != 2:  # noqa: PLR2004
        return None
    leaving, coming = sorted(legs, key=lambda leg: leg.quantity)
    return coming.quantity / -leaving.quantity


def _ratio(text: str) -> Decimal | None:
    found = _RATIO.search(text)
    return Decimal(found[1]) / Decimal(found[2]) if found and Decimal(found[2]) else None


def _total(amounts: Iterable[Decimal | None]) -> Decimal | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known, _ZERO) if known else None


def _stem(description: str) -> str:
    """Return the part of a description that the rows of one event share: before the contract in brackets at its end."""
    return description.rsplit(" (", 1)[0].strip()


def _id(row: CorporateAction, type_: str, *, dated: bool) -> str:
    if row.action_id:
        instant = f":{row.effective_at:%Y%m%dT%H%M}" if dated else ""
        return f"action:{row.account}:{row.action_id}{instant}"
    text = f"{type_} {row.effective_at.isoformat()} {_stem(row.description)} {row.instrument}"
    return f"action:{row.account}:x{hashlib.blake2b(text.encode(), digest_size=8).hexdigest()}"
