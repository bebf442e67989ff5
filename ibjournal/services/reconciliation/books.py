"""What reconciliation reads of one account: fills with IBKR's figures, our matches and lots, and the sections of its reports.

Everything is read once, when it is first asked for. For one read of the database.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property

from ibjournal.analytics.performance import EXTERNAL_FLOWS
from ibjournal.domain.cash import CashEntry, CashKind
from ibjournal.domain.checkpoint import checkpoint
from ibjournal.domain.depot import AccountId
from ibjournal.domain.instrument import AssetClass, Instrument, InstrumentId, is_trade_instrument, point_value
from ibjournal.domain.lots import LotMatch, OpenLot
from ibjournal.domain.matching import Matching
from ibjournal.domain.period import Period
from ibjournal.domain.position_event import EventKind, Place, PositionEvent
from ibjournal.domain.provenance import RowRef
from ibjournal.services.external_flows import TransferFlow, linking_adjustments, transfer_flows
from ibjournal.services.jobs import CancelToken
from ibjournal.services.reconciliation.contradictions import Contradictions
from ibjournal.store.cash import cash_with_rows
from ibjournal.store.database import Connection
from ibjournal.store.equity import EquityDay, base_currency, equity_days
from ibjournal.store.fill_figures import FillFigures, fill_figures
from ibjournal.store.instruments import all_instruments
from ibjournal.store.matching import Rates, match_stored
from ibjournal.store.position_facts import all_events, stored_facts
from ibjournal.store.rates import RateTable
from ibjournal.store.reported import ReportedRow, rate_on, reported_rows
from ibjournal.store.reports import SectionRange, covered_ranges, sections_covered
from ibjournal.store.trades import open_lots_of, problems_of

_ACTIVITY = "AF"
_RATE_DIGITS = 5
LONGEST_BREAK = timedelta(days=5)
"""How long markets are closed at most: over a long weekend with a holiday on each side."""
_SEGMENT = "F"
"""IBKR gives the futures of an account a number of their own that ends like this."""
NOT_APPLIED = frozenset({
    "unknown_event", "split_without_position", "event_without_position", "event_against_position", "exchange_cash_unclear",
    "event_currency",
})  # fmt: skip
"""Problems of matching that say that an event is not in our figures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventResult:
    """What IBKR says that an event realised in one instrument, in ``currency``."""

    day: date
    currency: str
    realized: Decimal
    row: RowRef | None


class Books:
    """One account as the journal and as its reports have it.

    Args:
        db: a connection that reads one consistent state.
        account: whose.
        period: what is asked for; a section that tells of a range counts where its last day is inside.
        cancel: asked now and then.
    """

    def __init__(self, db: Connection, account: AccountId, period: Period, cancel: CancelToken | None = None) -> None:
        self.db = db
        self.account = account
        self.period = period
        self._cancel = cancel
        self._rows: dict[str, tuple[ReportedRow, ...]] = {}
        self._covered: dict[str, tuple[SectionRange, ...]] = {}
        self._matchings: dict[Place, Matching] = {}
        self.contradictions = Contradictions(db, account)

    def breathe(self) -> None:
        """Stop here when somebody asked for it.

        Raises:
            Cancelled: somebody did.
        """
        if self._cancel is not None:
            self._cancel.check()

    @cached_property
    def base(self) -> str:
        """The account's base currency, empty where no report names it."""
        return base_currency(self.db, self.account) or self._base_of_sections()

    def _base_of_sections(self) -> str:
        # a report without account information can name it beside its change in net asset value, or by a rate of 1
        found = {row.word("currency") for row in self.rows("ChangeInNAV")} - {""}
        if not found:
            rates: dict[str, set[Decimal]] = defaultdict(set)
            for fill in self.fills:
                if fill.fx_rate_to_base is not None:
                    rates[fill.currency].add(fill.fx_rate_to_base)
            for entry, _row in self.cash:
                if entry.fx_rate_to_base is not None:
                    rates[entry.currency].add(entry.fx_rate_to_base)
            found = {currency for currency, seen in rates.items() if seen == {Decimal(1)}}
        return found.pop() if len(found) == 1 else ""

    def rate_on(self, currency: str, day: date) -> Decimal | None:
        """Return the rate into the base currency that some report tells for that very day, None where none does."""
        return Decimal(1) if currency == self.base else rate_on(self.db, self.account, self.base, currency, day)

    @cached_property
    def rates(self) -> RateTable:
        """Rates into the base currency."""
        return RateTable(self.db, self.account, self.base)

    @cached_property
    def instruments(self) -> dict[InstrumentId, Instrument]:
        """Every contract that a report told of."""
        return all_instruments(self.db)

    def symbol(self, instrument: InstrumentId) -> str:
        """Return what an instrument is called."""
        known = self.instruments.get(instrument)
        return known.symbol if known is not None and known.symbol else str(instrument)

    def asset_class(self, instrument: InstrumentId) -> AssetClass:
        """Return an instrument's class, `OTHER` where nobody told of it."""
        known = self.instruments.get(instrument)
        return known.asset_class if known is not None else AssetClass.OTHER

    def currency(self, instrument: InstrumentId) -> str:
        """Return an instrument's currency, empty where nobody told of it."""
        known = self.instruments.get(instrument)
        return known.currency if known is not None else ""

    def is_traded(self, instrument: InstrumentId) -> bool:
        """Return whether an instrument makes trades: conversions of currency do where the user calls them trading."""
        place = Place(self.account, instrument)
        return is_trade_instrument(self.asset_class(instrument)) or place in self._stored_rates.traded_currencies

    @cached_property
    def covered(self) -> list[tuple[date, date]]:
        """The ranges of days that Activity reports cover."""
        return covered_ranges(self.db, (self.account,), _ACTIVITY)

    @cached_property
    def range(self) -> Period:
        """From the first to the last day that Activity covers, within the period asked for."""
        if not self.covered:
            days = [fill.day for fill in self.fills if fill.day in self.period]
            return Period(min(days), max(days)) if days else self.period
        first, last = min(start for start, _ in self.covered), max(end for _, end in self.covered)
        return Period(max(first, self.period.start or first), min(last, self.period.end or last))

    @property
    def told(self) -> bool:
        """Whether Activity tells anything of the account."""
        return bool(self.covered) or any(not fill.provisional for fill in self.fills)

    @property
    def since(self) -> date | None:
        """The first day that an Activity report covers."""
        return min((start for start, _end in self.covered), default=None)

    def sections(self, name: str) -> tuple[SectionRange, ...]:
        """Return the ranges for which Activity reports hold a section."""
        if name not in self._covered:
            found = sections_covered(self.db, self.account, name)
            self._covered[name] = tuple(each for each in found if each.type == _ACTIVITY)
        return self._covered[name]

    def holds(self, section: str, start: date, end: date) -> bool:
        """Return whether reports that hold a section cover a range together; a holiday between two of them is no gap."""
        reached = date.fromordinal(start.toordinal() - 1)
        for first, last in sorted((each.from_date, each.to_date) for each in self.sections(section)):
            if last > reached and _business_days_between(date.fromordinal(reached.toordinal() + 1), first) <= 1:
                reached = last
        return _business_days_between(date.fromordinal(reached.toordinal() + 1), date.fromordinal(end.toordinal() + 1)) <= 1

    def rows(self, section: str) -> tuple[ReportedRow, ...]:
        """Return the rows of a section that has no table of its own."""
        if section not in self._rows:
            self._rows[section] = reported_rows(self.db, self.account, section)
        return self._rows[section]

    def ranges(self, section: str) -> list[tuple[Period, list[ReportedRow]]]:
        """Return the ranges that a section tells of, in order and without overlap, each with its rows.

        From the latest day backwards, of the ranges with one last day the longest.
        """
        by_range: dict[tuple[date, date], list[ReportedRow]] = defaultdict(list)
        for row in self.rows(section):
            if row.end in self.period:
                by_range[row.start, row.end].append(row)
        chosen: list[tuple[Period, list[ReportedRow]]] = []
        limit: date | None = None
        for start, end in sorted(by_range, key=lambda each: (-each[1].toordinal(), each[0])):
            if limit is None or end < limit:
                chosen.append((Period(start, end), by_range[start, end]))
                limit = start
        return chosen[::-1]

    def rate(self, fill: FillFigures) -> Decimal | None:
        """Return the rate of a fill into the base currency: its own row's, else what other reports tell."""
        return fill.fx_rate_to_base if fill.fx_rate_to_base is not None else self.rates(fill.currency, fill.day)

    def fee_rate(self, fill: FillFigures) -> Decimal:
        """Return the rate of a fill's commission into its own currency, 0 where it is not known."""
        if fill.commission_currency in {"", fill.currency}:
            return Decimal(1)
        own, theirs = self.rate(fill), self.rates(fill.commission_currency, fill.day)
        return theirs / own if own and theirs else Decimal(0)

    @cached_property
    def rate_digits(self) -> int:
        """How many decimal places the rates in the reports have; zeros at the end are not stored, so at least IBKR's usual five."""
        exponents = [fill.fx_rate_to_base.as_tuple().exponent for fill in self.fills if fill.fx_rate_to_base is not None]
        return max((_RATE_DIGITS, *(-each for each in exponents if isinstance(each, int))))

    def rate_bound(self, amounts: Iterable[tuple[Decimal, Decimal | None]]) -> Decimal:
        """Return the most that the digits of rates can make in a sum of amounts, given with their rates."""
        half_a_digit = Decimal(5).scaleb(-self.rate_digits - 1)
        return sum((abs(amount) * half_a_digit for amount, rate in amounts if rate != 1), Decimal(0))

    @cached_property
    def event_results(self) -> dict[tuple[str, InstrumentId], EventResult]:
        """What IBKR says that a corporate action realised, by the event's id and instrument, where its rows say it."""
        found: dict[tuple[str, InstrumentId], EventResult] = {}
        for event in self.events:
            for leg in event.legs:
                if leg.place.account == self.account and leg.realized:
                    day = event.report_date or event.effective_at.date()
                    found[event.id, leg.place.instrument] = EventResult(
                        day=day, currency=leg.currency, realized=leg.realized, row=leg.row
                    )
        return found

    @cached_property
    def events(self) -> tuple[PositionEvent, ...]:
        """The events that touch the account."""
        return tuple(each for each in all_events(self.db) if any(leg.place.account == self.account for leg in each.legs))

    def spun_off_unknown(self, parent: InstrumentId, day: date) -> list[str]:
        """Return the events up to a day that took a part of the parent's cost which nobody told yet."""
        asked = {
            problem.get("event")
            for problems in self.problems.values()
            for problem in problems
            if problem.get("code") == "basis_asked"
        }
        return [
            event.id
            for event in self.events
            if event.id in asked
            and event.kind is EventKind.SPIN_OFF
            and (event.report_date or event.effective_at.date()) <= day
            and any(leg.place == Place(self.account, parent) and not leg.quantity for leg in event.legs)
        ]

    @cached_property
    def fills(self) -> tuple[FillFigures, ...]:
        """All fills, those that do not count too."""
        return tuple(fill_figures(self.db, self.account))

    @cached_property
    def fills_by_instrument(self) -> dict[InstrumentId, list[FillFigures]]:
        """The fills that count, of what makes trades."""
        found: dict[InstrumentId, list[FillFigures]] = defaultdict(list)
        for fill in self.fills:
            checkpoint()
            if fill.active and self.is_traded(fill.instrument):
                found[fill.instrument].append(fill)
        return dict(found)

    def fills_of(self, instrument: InstrumentId) -> list[FillFigures]:
        """Return all fills of an instrument, those that do not count too."""
        return self._all_by_instrument.get(instrument, [])

    @cached_property
    def all_fills(self) -> tuple[FillFigures, ...]:
        """All fills, with those of the account's futures segment where that has no cash report of its own."""
        segment = AccountId(f"{self.account}{_SEGMENT}")
        if segment not in self._stored_rates.bases or reported_rows(self.db, segment, "CashReport"):
            return self.fills
        return (*self.fills, *fill_figures(self.db, segment))

    def points(self, fill: FillFigures) -> Decimal:
        """Return the money that one point of price means for one unit of a fill."""
        return point_value(fill.asset_class, fill.multiplier)

    def settlements(self, instrument: InstrumentId) -> dict[str, tuple[Decimal, tuple[RowRef, ...]]]:
        """Return the cash of options that were settled in cash, by their closing fill, with the rows that tell it."""
        return self._settlements.get(instrument, {})

    @cached_property
    def _settlements(self) -> dict[InstrumentId, dict[str, tuple[Decimal, tuple[RowRef, ...]]]]:
        found: dict[InstrumentId, dict[str, tuple[Decimal, tuple[RowRef, ...]]]] = defaultdict(dict)
        for key, text in stored_facts(self.db).items():
            if key.kind == "settlement" and key.account == self.account:
                data = json.loads(text)
                rows = tuple(RowRef(*row) for row in data["rows"])
                found[InstrumentId(key.instrument)][key.id] = (Decimal(data["amount"]), rows)
        return dict(found)

    @cached_property
    def _all_by_instrument(self) -> dict[InstrumentId, list[FillFigures]]:
        found: dict[InstrumentId, list[FillFigures]] = defaultdict(list)
        for fill in self.fills:
            found[fill.instrument].append(fill)
        return dict(found)

    @cached_property
    def first_position_day(self) -> date | None:
        """The day of the first report of positions: what was held then may be known from nowhere else."""
        row = self.db.execute("SELECT min(day) FROM positions WHERE account=?", (self.account,)).fetchone()
        return date.fromisoformat(row[0]) if row and row[0] else None

    @cached_property
    def traded_instruments(self) -> tuple[InstrumentId, ...]:
        """Everything with fills or trades: rights and the like come and go without a fill."""
        rows = self.db.execute("SELECT DISTINCT instrument FROM trades WHERE account=?", (self.account,))
        return tuple(sorted({InstrumentId(row[0]) for row in rows} | self.fills_by_instrument.keys()))

    @cached_property
    def cash(self) -> list[tuple[CashEntry, RowRef]]:
        """All bookings of cash, with their rows."""
        return cash_with_rows(self.db, self.account)

    @cached_property
    def equity(self) -> tuple[EquityDay, ...]:
        """Net asset value by day."""
        return equity_days(self.db, self.account)

    def equity_at(self, day: date) -> EquityDay | None:
        """Return the value at a day's close; at a weekend that of the business day before."""
        known = [each for each in self.equity if each.day <= day]
        return known[-1] if known and day - known[-1].day <= LONGEST_BREAK else None

    def equity_before(self, day: date) -> EquityDay | None:
        """Return the value at the close of the business day before a day."""
        return self.equity_at(date.fromordinal(day.toordinal() - 1))

    @cached_property
    def transfers(self) -> tuple[TransferFlow, ...]:
        """What transfers moved in and out, at market value in the base currency."""
        return transfer_flows(self.db, self.account, self.rates)

    @cached_property
    def linking_adjustments(self) -> list[tuple[date, Decimal]]:
        """What IBKR moved to or from another number of the same account: what left, on the last day of its range."""
        return linking_adjustments(self.db, self.account)

    @cached_property
    def external_flows(self) -> list[tuple[date, Decimal]]:
        """Deposits, withdrawals and transfers by the report's day, in the base currency."""
        flows = [*self.linking_adjustments, *((each.day, each.total) for each in self.transfers)]
        for entry, _row in self.cash:
            if entry.kind in EXTERNAL_FLOWS and not (entry.kind is CashKind.TRANSFER and self.transfers):
                day = entry.report_date or entry.value_date
                rate = entry.fx_rate_to_base if entry.fx_rate_to_base is not None else self.rates(entry.currency, day)
                flows.append((day, entry.amount * (rate if rate is not None else Decimal(0))))
        return flows

    def points_of(self, instrument: InstrumentId) -> Decimal:
        """Return the money that one point of price means for one unit of an instrument."""
        known = self.instruments.get(instrument)
        return point_value(known.asset_class, known.multiplier) if known is not None else Decimal(1)

    @cached_property
    def problems(self) -> dict[InstrumentId, list[dict[str, str]]]:
        """What matching had to leave open, by instrument."""
        found: dict[InstrumentId, list[dict[str, str]]] = defaultdict(list)
        for _account, instrument, problem in problems_of(self.db, (self.account,)):
            found[instrument].append(problem)
        return dict(found)

    def matches(self, instrument: InstrumentId) -> tuple[LotMatch, ...]:
        """Return our lot matches of an instrument."""
        place = Place(self.account, instrument)
        if place not in self._matchings:
            self._matchings |= match_stored(self.db, place, self._stored_rates, with_matches=True)
        # one look at each is enough, and a journal can be large
        return self._matchings.pop(place).matches

    @cached_property
    def _stored_rates(self) -> Rates:
        return Rates(self.db)

    @cached_property
    def open_lots(self) -> dict[InstrumentId, list[OpenLot]]:
        """What is open now."""
        found: dict[InstrumentId, list[OpenLot]] = defaultdict(list)
        for _account, instrument, lot in open_lots_of(self.db, (self.account,)):
            found[instrument].append(lot)
        return dict(found)

    def open_lots_at(self, day: date) -> dict[InstrumentId, list[OpenLot]]:
        """Return what was open at the close of a day: where something happened later, the place is matched up to that day."""
        found = dict(self.open_lots)
        later = {fill.instrument for fill in self.fills if fill.active and fill.day > day and self.is_traded(fill.instrument)}
        later |= {
            leg.place.instrument
            for event in self.events
            if (event.report_date or event.effective_at.date()) > day
            for leg in event.legs
            if leg.place.account == self.account
        }
        for instrument in later:
            place = Place(self.account, instrument)
            found[instrument] = list(
                match_stored(self.db, place, self._stored_rates, with_matches=False, until=day)[place].open_lots
            )
        return {instrument: lots for instrument, lots in found.items() if lots}

    def fill(self, instrument: InstrumentId, execution: str) -> FillFigures | None:
        """Return a fill that counts."""
        return self._fill_index.get((instrument, execution))

    @cached_property
    def reports_without_results(self) -> frozenset[int]:
        """Reports that state no realised result other than 0 in any row: some templates blank them."""
        stated = {fill.row.report for fill in self.fills if fill.realized}
        return frozenset({fill.row.report for fill in self.fills} - stated)

    @cached_property
    def _fill_index(self) -> dict[tuple[InstrumentId, str], FillFigures]:
        return {(fill.instrument, fill.id): fill for fill in self.fills if fill.active}


def told(problem: Mapping[str, str], *names: str) -> tuple[tuple[str, object], ...]:
    """Return what a problem of matching says, of these names."""
    return tuple((name, problem[name]) for name in names if problem.get(name))


def total(amounts: Sequence[Decimal]) -> Decimal:
    """Return a sum, 0 of nothing."""
    return sum(amounts, Decimal(0))


_FRIDAY = 4


def _business_days_between(first: date, after: date) -> int:
    """Count Mondays to Fridays from a day up to, and without, another."""
    return sum(date.fromordinal(number).weekday() <= _FRIDAY for number in range(first.toordinal(), after.toordinal()))
