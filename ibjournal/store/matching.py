"""Matching what the database holds: the fills of a place and of all that events and exercises tie to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ibjournal.domain.depot import AccountId
from ibjournal.domain.execution import ExecutionStatus
from ibjournal.domain.fill import FillFacts
from ibjournal.domain.instrument import is_trade_instrument
from ibjournal.domain.matching import Matching, match_group, match_instrument
from ibjournal.domain.position_event import HeldPosition, Place, PositionEvent
from ibjournal.store.depots import base_currencies
from ibjournal.store.executions import fills_of
from ibjournal.store.fresh_fills import FreshFills
from ibjournal.store.instruments import get_instrument
from ibjournal.store.position_facts import Held, KnownFacts, known_facts
from ibjournal.store.rates import MissingRate, RateTable
from ibjournal.store.user_events import told_bases, traded_currencies

_NEW_YORK = ZoneInfo("America/New_York")
_END_OF_DAY = time(20, 20)
"""When IBKR closes its books on securities; corporate actions come five minutes later and count for the next day."""
_AUTOMATIC_CONVERSION = "AFx"


def match_stored(
    db: sqlite3.Connection,
    place: Place,
    rates: Rates,
    *,
    with_matches: bool,
    until: date | None = None,
    fresh: FreshFills | None = None,
) -> dict[Place, Matching]:
    """Match what the database holds of a place and of all places that events and exercises tie to it; nothing is written.

    Currency conversions make no trades unless the user calls them trading, and those that IBKR made by itself never do.

    Args:
        db: a connection.
        place: any place of the group.
        rates: of the same connection.
        with_matches: whether lot matches are wanted, too.
        until: leaves out what reports booked after that day.
        fresh: fills that were just stored and need not be read.

    Returns:
        What follows for each place of the group, also where that is nothing.
    """
    known, places = known_facts(db, place)
    account = place.account
    fills = _booked(_fills(db, place, rates, fresh), until)
    if not known:
        if not fills:
            return {place: Matching()}
        base = rates.bases.get(account, "")
        return {place: match_instrument(fills, base_currency=base, rate_to_base=rates[account], with_matches=with_matches)}
    by_place = {place: _with_codes(fills, place, known)}
    by_place |= {each: _with_codes(_booked(_fills(db, each, rates, fresh), until), each, known) for each in places if each != place}
    accounts = {each.account for each in places}
    strangers = {each.instrument for each in places if not by_place[each]}
    found = match_group(
        by_place,
        tuple(event for event in known.events.values() if until is None or _day_of(event) <= until),
        base_currency={each: rates.bases[each] for each in accounts if rates.bases.get(each)},
        rate_to_base={each: rates[each] for each in accounts},
        settlements=known.settlements,
        told=rates.told,
        links=sorted(known.links, key=lambda link: (link.option, link.underlying)),
        held=[_held(each, by_place[each.place]) for each in known.held if until is None or each.day <= until],
        instruments={each: told for each in strangers if (told := get_instrument(db, each)) is not None},
        with_matches=with_matches,
    )
    return {each: found.get(each, Matching()) for each in places}


class Rates:
    """What matching needs that is no place's own: rates and base currencies of all accounts, and what the user said."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._tables: dict[AccountId, RateTable] = {}
        self.bases = base_currencies(db)
        self.told = told_bases(db)
        self.traded_currencies = traded_currencies(db)

    def __getitem__(self, account: AccountId) -> RateTable:
        """Return the rates into the base currency of an account."""
        table = self._tables.get(account)
        if table is None:
            table = self._tables[account] = RateTable(self._db, account, self.bases.get(account, ""))
        return table

    def take_missing(self) -> dict[AccountId, set[MissingRate]]:
        """Return what was asked since the last call and had no answer of its day."""
        missing = {account: table.missing for account, table in self._tables.items() if table.missing}
        for account in missing:
            self._tables[account].missing = set()
        return missing


def _fills(db: sqlite3.Connection, place: Place, rates: Rates, fresh: FreshFills | None) -> list[FillFacts]:
    fills = fills_of(db, place.account, place.instrument, fresh=fresh)
    if not fills or is_trade_instrument(fills[0].asset_class):
        return fills
    if place not in rates.traded_currencies:
        return []
    return [fill for fill in fills if _AUTOMATIC_CONVERSION not in fill.codes]


def _booked(fills: list[FillFacts], until: date | None) -> list[FillFacts]:
    return fills if until is None else [fill for fill in fills if (fill.report_date or fill.trade_date) <= until]


def _day_of(event: PositionEvent) -> date:
    return event.report_date or event.effective_at.astimezone(_NEW_YORK).date()


def _with_codes(fills: list[FillFacts], place: Place, known: KnownFacts) -> list[FillFacts]:
    """Return the fills with the codes that their rows leave out and IBKR's section of option events tells."""
    if not known.codes:
        return fills
    return [
        fill._replace(codes=(*fill.codes, known.codes[place, fill.id])) if (place, fill.id) in known.codes else fill
        for fill in fills
    ]


def _held(held: Held, fills: Sequence[FillFacts]) -> HeldPosition:
    """Return a reported position as of an instant that parts the fills as the report does: by their report day."""
    end = datetime.combine(held.day, _END_OF_DAY, _NEW_YORK)
    told = [fill for fill in fills if (fill.report_date or fill.trade_date) <= held.day]
    # a fill that was corrected later stood in the position already, under the same number
    corrected = {fill.trade_id for fill in told if fill.status is ExecutionStatus.CANCELLED and fill.trade_id}
    active = [fill for fill in fills if fill.status is ExecutionStatus.ACTIVE]
    later = [
        fill.executed_at for fill in active if (fill.report_date or fill.trade_date) > held.day and fill.trade_id not in corrected
    ]
    earlier = [fill.executed_at for fill in active if (fill.report_date or fill.trade_date) <= held.day]
    as_of = max([end.astimezone(UTC), *earlier])
    if later:
        as_of = min(as_of, min(later) - timedelta(seconds=1))
    return HeldPosition(
        place=held.place,
        as_of=as_of,
        quantity=held.whole.quantity,
        cost=held.whole.cost,
        currency=held.currency,
        opened_at=held.whole.opened_at,
        lots=held.lots,
        complete_since=held.complete_since,
        began_empty=held.began_empty,
    )
