"""Events as the window lists them: what happened, how far it was applied, what is asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from zoneinfo import ZoneInfo

from ibjournal.domain.corporate_action import CorporateAction
from ibjournal.domain.depot import AccountId
from ibjournal.domain.position_event import EventKind, EventLeg, Place, PositionEvent, ToldBasis
from ibjournal.domain.provenance import RowRef
from ibjournal.domain.reorganisation import quiet_actions
from ibjournal.services.rebuild import NOT_APPLIED
from ibjournal.store.actions import all_actions
from ibjournal.store.database import Connection
from ibjournal.store.depots import accounts_of
from ibjournal.store.held_positions import later_costs
from ibjournal.store.instruments import all_instruments
from ibjournal.store.position_facts import all_events
from ibjournal.store.trades import open_lots_of, problems_of
from ibjournal.store.user_events import told_bases

_NEW_YORK = ZoneInfo("America/New_York")
_ASKED = "basis_asked"
_BRINGS = frozenset({EventKind.TRANSFER_IN, EventKind.ISSUE, EventKind.SPIN_OFF, EventKind.EXCHANGE})


class EventState(str, Enum):
    """How far an event was applied."""

    APPLIED = "applied"
    BASIS_ASKED = "basis_asked"
    """Applied, but what its units had cost is not known."""
    NOT_APPLIED = "not_applied"
    NO_EFFECT = "no_effect"
    """It changes no position: a payment, a vote, or it was taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BasisSuggestion:
    """What IBKR says that units cost, by a later report of positions; in ``currency``, signed as `ToldBasis.cost`."""

    cost: Decimal
    currency: str
    day: date
    row: RowRef


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLegRow:
    """What an event does at one place; figures as `EventLeg`."""

    leg: EventLeg
    symbol: str
    description: str
    problem: str = ""
    """Why it was not applied or what is asked: a code of `MatchingProblem`; empty where all is well."""
    told: ToldBasis | None = None
    suggestion: BasisSuggestion | None = None

    @property
    def place(self) -> Place:
        """Account and instrument."""
        return self.leg.place

    @property
    def asks_basis(self) -> bool:
        """Whether the user can say what its units had cost."""
        return self.problem == _ASKED or self.told is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """One event. ``day`` is IBKR's report day, else the day in New York; ``rows`` are where it was told."""

    id: str
    kind: EventKind
    type: str
    """IBKR's code or word."""
    state: EventState
    effective_at: datetime
    day: date
    legs: tuple[EventLegRow, ...]
    values: tuple[tuple[str, str], ...]
    """Of the first problem: ``code``, ``type``, ``quantity``, …; empty where all is well."""
    ratio: Decimal | None
    description: str
    rows: tuple[RowRef, ...]

    @property
    def symbols(self) -> tuple[str, ...]:
        """Symbols that it touches, each once."""
        return tuple(dict.fromkeys(leg.symbol for leg in self.legs))

    @property
    def accounts(self) -> tuple[AccountId, ...]:
        """Accounts that it touches, each once."""
        return tuple(dict.fromkeys(leg.place.account for leg in self.legs))


def event_rows(db: Connection, account: AccountId | None) -> tuple[EventRow, ...]:
    """Return the events of one account, or of all, the newest first."""
    builder = _Builder(db)
    rows = [builder.row(event) for event in all_events(db)]
    rows += [builder.quiet(number, actions) for number, actions in quiet_actions(all_actions(db))]
    wanted = (row for row in rows if account is None or account in row.accounts)
    return tuple(sorted(wanted, key=lambda row: (row.effective_at, row.id), reverse=True))


class _Builder:
    """What the rows of all events need."""

    def __init__(self, db: Connection) -> None:
        self._db = db
        self._instruments = all_instruments(db)
        self._told = told_bases(db)
        self._problems: dict[tuple[str, Place], dict[str, str]] = {}
        for account, instrument, problem in problems_of(db, accounts_of(db, None)):
            event = problem.get("event")
            if event and (problem["code"] in NOT_APPLIED or problem["code"] == _ASKED):
                self._problems.setdefault((event, Place(account, instrument)), problem)
        self._asking: dict[Place, int] = defaultdict(int)
        for (_event, place), problem in self._problems.items():
            self._asking[place] += problem["code"] == _ASKED

    def row(self, event: PositionEvent) -> EventRow:
        legs = tuple(self._leg(event, leg) for leg in event.legs)
        problems = [problem for leg in event.legs if (problem := self._problems.get((event.id, leg.place))) is not None]
        codes = {problem["code"] for problem in problems}
        state = EventState.BASIS_ASKED if _ASKED in codes else EventState.APPLIED
        if codes & NOT_APPLIED or event.kind is EventKind.UNKNOWN:
            state = EventState.NOT_APPLIED
        return EventRow(
            id=event.id,
            kind=event.kind,
            type=event.type,
            state=state,
            effective_at=event.effective_at,
            day=event.report_date or event.effective_at.astimezone(_NEW_YORK).date(),
            legs=legs,
            values=tuple((name, text) for name, text in problems[0].items() if text) if problems else (),
            ratio=event.ratio,
            description=event.description,
            rows=tuple(leg.row for leg in event.legs if leg.row is not None),
        )

    def quiet(self, number: str, actions: tuple[CorporateAction, ...]) -> EventRow:
        first = actions[0]
        legs = tuple(
            EventLeg(
                place=Place(action.account, action.instrument),
                quantity=action.quantity,
                currency=action.currency,
                proceeds=action.proceeds,
                value=action.value,
                realized=action.realized,
                row=action.row,
            )
            for action in actions
        )
        return EventRow(
            id=number,
            kind=EventKind.UNKNOWN,
            type=first.type,
            state=EventState.NO_EFFECT,
            effective_at=first.effective_at,
            day=first.report_date or first.effective_at.astimezone(_NEW_YORK).date(),
            legs=tuple(self._named(leg) for leg in legs),
            values=(),
            ratio=None,
            description=first.description,
            rows=tuple(leg.row for leg in legs if leg.row is not None),
        )

    def _leg(self, event: PositionEvent, leg: EventLeg) -> EventLegRow:
        problem = self._problems.get((event.id, leg.place), {}).get("code", "")
        told = self._told.get((event.id, leg.place))
        suggestion = self._suggestion(event, leg) if problem == _ASKED and event.kind in _BRINGS else None
        return self._named(leg, problem=problem, told=told, suggestion=suggestion)

    def _named(
        self,
        leg: EventLeg,
        *,
        problem: str = "",
        told: ToldBasis | None = None,
        suggestion: BasisSuggestion | None = None,
    ) -> EventLegRow:
        known = self._instruments.get(leg.place.instrument)
        return EventLegRow(
            leg=leg,
            symbol=known.symbol if known is not None else leg.place.instrument,
            description=known.description if known is not None else "",
            problem=problem,
            told=told,
            suggestion=suggestion,
        )

    def _suggestion(self, event: PositionEvent, leg: EventLeg) -> BasisSuggestion | None:
        """Return IBKR's cost of a position that holds, besides these units, only what we know the cost of.

        Only a position that has not changed since can tell: then what our own lots do not explain is what these units had cost.
        """
        if self._asking[leg.place] != 1:
            return None
        since = event.report_date or event.effective_at.astimezone(_NEW_YORK).date()
        lots = [
            lot for _account, instrument, lot in open_lots_of(self._db, (leg.place.account,)) if instrument == leg.place.instrument
        ]
        if sum((lot.quantity for lot in lots if not lot.basis_known), Decimal(0)) != leg.quantity:
            return None
        known = [lot for lot in lots if lot.basis_known]
        for day, quantity, cost, currency, row in self._costs(leg.place, since):
            mine = [lot for lot in known if lot.opened_at.astimezone(UTC).date() <= day]
            if cost and quantity == leg.quantity + sum((lot.quantity for lot in mine), Decimal(0)):
                explained = sum((lot.cost if lot.booked_cost is None else lot.booked_cost for lot in mine), Decimal(0))
                return BasisSuggestion(cost=cost - explained, currency=currency, day=day, row=row)
        return None

    def _costs(self, place: Place, since: date) -> Iterator[tuple[date, Decimal, Decimal, str, RowRef]]:
        return later_costs(self._db, place.account, place.instrument, since)
