"""What is known of positions beside the fills, place by place: derived, and made anew at every rebuild.

Kinds: ``event`` (a `PositionEvent`, at each place that it touches), ``link`` (an `ExerciseLink`, at both places), ``settlement``
(cash of an option fill), ``code`` (how a fill ended, where its row does not say), ``held`` (the first report of positions),
``base`` (the account's base currency, without an instrument).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from ibjournal.domain.depot import AccountId
from ibjournal.domain.execution import ExecutionId
from ibjournal.domain.exercise import Settlement
from ibjournal.domain.instrument import InstrumentId
from ibjournal.domain.position_event import EventKind, EventLeg, ExerciseLink, HeldLot, Place, PositionEvent
from ibjournal.domain.provenance import RowRef


class FactKey(NamedTuple):
    """Whose fact it is."""

    account: str
    instrument: str
    kind: str
    id: str


Facts = dict[FactKey, str]
"""JSON by key, as stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A position in the first report of positions of its account."""

    place: Place
    day: date
    currency: str
    whole: HeldLot
    lots: tuple[HeldLot, ...] = ()
    complete_since: date | None = None
    began_empty: bool = False
    """Both as in `HeldPosition`."""


@dataclass(slots=True)
class KnownFacts:
    """What is known of some places."""

    events: dict[str, PositionEvent] = field(default_factory=dict)
    links: set[ExerciseLink] = field(default_factory=set)
    settlements: dict[tuple[Place, ExecutionId], Decimal] = field(default_factory=dict)
    codes: dict[tuple[Place, ExecutionId], str] = field(default_factory=dict)
    held: list[Held] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.events or self.links or self.settlements or self.codes or self.held)


def event_facts(event: PositionEvent) -> Facts:
    """Return an event as a fact of each place that it touches."""
    data = json.dumps(
        {
            "kind": event.kind.value,
            "type": event.type,
            "at": int(event.effective_at.timestamp()),
            "day": event.report_date.isoformat() if event.report_date else None,
            "ratio": _text(event.ratio),
            "description": event.description,
            "legs": [
                [
                    *leg.place,
                    _text(leg.quantity),
                    leg.currency,
                    *map(_text, (leg.proceeds, leg.cost, leg.value, leg.realized)),
                    [leg.row.report, leg.row.ordinal] if leg.row else None,
                ]
                for leg in event.legs
            ],
        },
        ensure_ascii=False,
    )
    return {FactKey(*leg.place, "event", event.id): data for leg in event.legs}


def link_facts(link: ExerciseLink) -> Facts:
    """Return an exercise as a fact of the option and of its underlying."""
    (option, fill), (underlying, came) = link.option, link.underlying
    data = json.dumps([[*option, fill], [*underlying, came]])
    return {FactKey(*place, "link", f"{fill}>{came}"): data for place in (option, underlying)}


def settlement_fact(settlement: Settlement) -> Facts:
    """Return the cash of an option fill as a fact."""
    place, fill = settlement.fill
    rows = [[row.report, row.ordinal] for row in settlement.rows]
    data = json.dumps({"amount": _text(settlement.amount), "source": settlement.source, "rows": rows})
    return {FactKey(*place, "settlement", fill): data}


def code_fact(place: Place, fill: ExecutionId, code: str) -> Facts:
    """Return how a fill ended as a fact."""
    return {FactKey(*place, "code", fill): json.dumps(code)}


def held_fact(held: Held) -> Facts:
    """Return a reported position as a fact."""
    lots = [[_text(lot.quantity), _text(lot.cost), _seconds(lot.opened_at)] for lot in (held.whole, *held.lots)]
    data = json.dumps(
        {
            "day": held.day.isoformat(),
            "currency": held.currency,
            "lots": lots,
            "since": held.complete_since.isoformat() if held.complete_since else None,
            "empty": held.began_empty,
        }
    )
    return {FactKey(*held.place, "held", ""): data}


def base_fact(account: AccountId, currency: str) -> Facts:
    """Return an account's base currency as a fact."""
    return {FactKey(account, "", "base", ""): json.dumps(currency)}


def stored_facts(db: sqlite3.Connection) -> Facts:
    """Return all facts as the last rebuild left them."""
    rows = db.execute("SELECT account, instrument, kind, id, data FROM position_facts")
    return {FactKey(*row[:4]): row[4] for row in rows}


def write_facts(db: sqlite3.Connection, before: Mapping[FactKey, str], after: Mapping[FactKey, str]) -> set[FactKey]:
    """Replace the stored facts; return those that came, went or changed."""
    changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    db.executemany(
        "DELETE FROM position_facts WHERE account=? AND instrument=? AND kind=? AND id=?",
        sorted(changed & before.keys()),
    )
    db.executemany(
        "INSERT INTO position_facts VALUES (?, ?, ?, ?, ?)", [(*key, after[key]) for key in sorted(changed & after.keys())]
    )
    return changed


def all_events(db: sqlite3.Connection) -> tuple[PositionEvent, ...]:
    """Return every event once, by time."""
    rows = db.execute("SELECT id, min(data) FROM position_facts WHERE kind='event' GROUP BY id")
    events = [_event(number, data) for number, data in rows]
    return tuple(sorted(events, key=lambda event: (event.effective_at, event.id)))


def known_facts(db: sqlite3.Connection, place: Place) -> tuple[KnownFacts, tuple[Place, ...]]:
    """Return what is known of a place and of all places that events and exercises tie to it, and those places in order."""
    found = KnownFacts()
    group = {place}
    waiting = [place]
    while waiting:
        here = waiting.pop()
        for kind, number, data in db.execute("SELECT kind, id, data FROM position_facts WHERE account=? AND instrument=?", here):
            for other in _add(found, here, kind, number, data) - group:
                group.add(other)
                waiting.append(other)
    return found, tuple(sorted(group))


def _add(found: KnownFacts, place: Place, kind: str, number: str, data: str) -> set[Place]:
    """Add one fact; return the places that it ties together."""
    match kind:
        case "event":
            if number not in found.events:
                found.events[number] = _event(number, data)
            return {leg.place for leg in found.events[number].legs}
        case "link":
            link = _link(data)
            found.links.add(link)
            return {link.option[0], link.underlying[0]}
        case "settlement":
            found.settlements[place, ExecutionId(number)] = Decimal(json.loads(data)["amount"])
        case "code":
            found.codes[place, ExecutionId(number)] = json.loads(data)
        case "held":
            found.held.append(_held(place, data))
        case _:
            pass
    return set()


def held_day(db: sqlite3.Connection, place: Place) -> date | None:
    """Return the day of the first report of positions of an account, None where none is on file."""
    row = db.execute("SELECT min(day) FROM positions WHERE account=?", (place.account,)).fetchone()
    return date.fromisoformat(row[0]) if row[0] else None


def _event(number: str, data: str) -> PositionEvent:
    told: dict[str, Any] = json.loads(data)
    return PositionEvent(
        id=number,
        kind=EventKind(told["kind"]),
        type=told["type"],
        effective_at=datetime.fromtimestamp(told["at"], UTC),
        legs=tuple(
            EventLeg(
                place=Place(AccountId(account), InstrumentId(instrument)),
                quantity=Decimal(quantity),
                currency=currency,
                proceeds=_decimal(proceeds),
                cost=_decimal(cost),
                value=_decimal(value),
                realized=_decimal(realized),
                row=RowRef(*row) if row else None,
            )
            for account, instrument, quantity, currency, proceeds, cost, value, realized, row in told["legs"]
        ),
        report_date=date.fromisoformat(told["day"]) if told["day"] else None,
        ratio=_decimal(told["ratio"]),
        description=told["description"],
    )


def _link(data: str) -> ExerciseLink:
    option, underlying = json.loads(data)
    return ExerciseLink(
        option=(Place(AccountId(option[0]), InstrumentId(option[1])), ExecutionId(option[2])),
        underlying=(Place(AccountId(underlying[0]), InstrumentId(underlying[1])), ExecutionId(underlying[2])),
    )


def _held(place: Place, data: str) -> Held:
    told: dict[str, Any] = json.loads(data)
    whole, *lots = (
        HeldLot(quantity=Decimal(quantity), cost=_decimal(cost), opened_at=datetime.fromtimestamp(opened, UTC) if opened else None)
        for quantity, cost, opened in told["lots"]
    )
    since = told.get("since")
    return Held(
        place=place,
        day=date.fromisoformat(told["day"]),
        currency=told["currency"],
        whole=whole,
        lots=tuple(lots),
        complete_since=date.fromisoformat(since) if since else None,
        began_empty=told.get("empty", False),
    )


def tied_places(facts: Iterable[tuple[FactKey, str]]) -> set[Place]:
    """Return every place that some facts tie together, and the one that each belongs to."""
    found: set[Place] = set()
    for key, data in facts:
        place = Place(AccountId(key.account), InstrumentId(key.instrument))
        if key.instrument:
            found.add(place)
        found |= _add(KnownFacts(), place, key.kind, key.id, data)
    return found


def _text(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _seconds(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp())
