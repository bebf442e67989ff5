"""Builders of what changes a position without a fill, and one way to match any of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from ibjournal.domain.depot import AccountId
from ibjournal.domain.execution import Execution
from ibjournal.domain.instrument import InstrumentId
from ibjournal.domain.lots import LotMatch, OpenLot
from ibjournal.domain.matching import Matching, match_group
from ibjournal.domain.position_event import EventKind, EventLeg, Place, PositionEvent
from tests.fakes.builders import ACCOUNT, at, dec

OLD, NEW, OTHER = (Place(ACCOUNT, InstrumentId(name)) for name in ("OLD", "NEW", "OTHER"))
ELSEWHERE = Place(AccountId("U1000002"), InstrumentId("OLD"))
MONEY = frozenset({"proceeds", "cost", "value", "realized"})


def leg(place: Place, quantity: Decimal | int | str, **fields: Any) -> EventLeg:
    """Return a leg in USD; money may be told as numbers or texts."""
    values: dict[str, Any] = {"place": place, "quantity": dec(quantity), "currency": "USD"}
    values |= {name: dec(value) if name in MONEY and value is not None else value for name, value in fields.items()}
    return EventLeg(**values)


def event(kind: EventKind, *legs: EventLeg, minutes: int = 50, **fields: Any) -> PositionEvent:
    """Return an event some minutes after the builders' first instant: id ``V<minutes>``."""
    values: dict[str, Any] = {
        "id": f"V{minutes}",
        "kind": kind,
        "type": "TC",
        "effective_at": at(minutes),
        "legs": legs,
    }
    return PositionEvent(**(values | fields))


def in_place(place: Place, rows: Iterable[Execution]) -> list[Execution]:
    """Return fills as fills of another place."""
    return [replace(row, account=place.account, instrument=place.instrument) for row in rows]


def group(rows: Mapping[Place, Sequence[Execution]], *events: PositionEvent, **options: Any) -> dict[Place, Matching]:
    """Match fills, each made to stand in its place, with events."""
    return match_group({place: in_place(place, each) for place, each in rows.items()}, events, **options)


def codes(found: Mapping[Place, Matching], place: Place | None = None) -> list[str]:
    """Return the codes of what the engine had to leave open, in one place or in all."""
    return [problem.code for at_, each in sorted(found.items()) if place in {None, at_} for problem in each.problems]


def all_matches(found: Mapping[Place, Matching]) -> list[LotMatch]:
    """Return the lot matches of all places."""
    return [match for _place, each in sorted(found.items()) for match in each.matches]


def all_lots(found: Mapping[Place, Matching]) -> list[OpenLot]:
    """Return what is open in all places."""
    return [lot for _place, each in sorted(found.items()) for lot in each.open_lots]


def facts(lots: Iterable[OpenLot]) -> list[tuple[str, Decimal, Decimal, Decimal, datetime]]:
    """Return what matters of open lots: opening, quantity, price, cost, date."""
    return [(lot.opening, lot.quantity, lot.price, lot.cost, lot.opened_at) for lot in lots]
