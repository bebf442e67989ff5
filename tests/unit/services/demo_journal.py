"""A journal filled from a demo broker's reports, and its figures beside the broker's own books."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from random import Random

from ibjournal.demo.broker import Broker
from ibjournal.demo.desk import Desk
from ibjournal.demo.lot_book import RoundTrip
from ibjournal.demo.variety import RENUMBERED, SECOND
from ibjournal.domain.depot import AccountId
from ibjournal.domain.execution import ExecutionId
from ibjournal.domain.instrument import InstrumentId
from ibjournal.domain.lots import LotMatch, OpenLot
from ibjournal.domain.position_event import EventKind
from ibjournal.domain.trade import Side, Trade, TradeStatus
from ibjournal.store.database import Database
from ibjournal.store.executions import executions_of, traded
from ibjournal.store.trades import list_trades, matches_of, open_lots_of
from tests.fakes.journal_folder import JournalFolder

ZERO = Decimal(0)
HALF_A_CENT = Decimal("0.005")
CENT = Decimal("0.01")
_GENERATED = datetime(2026, 6, 1, 9, tzinfo=UTC)


class DemoJournal:
    """Imports a broker's history in overlapping pieces, shuffled and partly twice, and compares.

    ``whole``: every piece has all sections and levels of detail; otherwise some have and some have not.
    """

    def __init__(self, broker: Broker, folder: Path, *, seed: int, tell_basis: bool = True, whole: bool = False) -> None:
        self.broker = broker
        self.journal = JournalFolder(folder)
        self.told = tell_basis
        self.whole = whole
        pieces = list(self._pieces(Random(seed)))
        for number, xml in enumerate(pieces):
            file = self.journal.take(xml, f"piece-{number}.xml")
            assert file.error is None, file.error
        self._say_what_no_report_says()

    def _pieces(self, random: Random) -> Iterator[bytes]:
        broker, accounts = self.broker, list(self.broker.desks)
        cuts = sorted(random.sample(range(5, 80), 2))
        bounds = [0, *cuts, (broker.last_day - broker.first_day).days]
        windows = [
            (broker.first_day + timedelta(days=start - min(start, random.randrange(12))), broker.first_day + timedelta(days=end))
            for start, end in pairwise(bounds)
        ]
        windows.append(random.choice(windows))
        random.shuffle(windows)
        early = windows.pop()
        if random.random() < 0.5:
            yield self._confirmation(early[0])
        yield from (self._activity(accounts, window, random) for window in windows)
        yield self._activity(accounts, early, random)

    def _activity(self, accounts: Sequence[str], window: tuple[date, date], random: Random) -> bytes:
        orders, lots, position_lots, rates = (self.whole or random.random() < 0.5 for _ in range(4))
        xml = self.broker.activity_xml(
            accounts,
            *window,
            generated_at=_GENERATED,
            funds=True,
            orders=orders,
            lots=lots,
            position_lots=position_lots,
            rates=rates,
        )
        assert xml is not None
        return xml

    def _confirmation(self, day: date) -> bytes:
        xml = self.broker.confirmation_xml(list(self.broker.desks), day, day + timedelta(days=9), generated_at=_GENERATED)
        assert xml is not None
        return xml

    def _say_what_no_report_says(self) -> None:
        """Link the account that got a new number; tell what shares from elsewhere had cost."""
        events = self.journal.services.events
        if RENUMBERED in self.broker.desks:
            events.link_accounts(AccountId(SECOND), AccountId(RENUMBERED))
        if self.told:
            for row in events.list_events():
                if row.kind is EventKind.TRANSFER_IN:
                    (leg,) = row.legs
                    events.tell_basis(row.id, leg.place, Decimal(4321), "USD")

    # -- figures ---------------------------------------------------------------------------------------------------

    def differences(self) -> list[str]:
        """Return everything in which the journal and the books differ, in words for a failing test."""
        accounts = [AccountId(account) for account in self.broker.desks]
        database = Database(self.journal.paths.database)
        with database.reading() as db:
            places = sorted(traded(db))
            matches = {place: matches_of(db, *place) for place in places}
            fills = {place: executions_of(db, *place) for place in places}
            trades = list_trades(db, accounts)
            lots = open_lots_of(db, accounts)
        found: list[str] = []
        for account, desk in self.broker.desks.items():
            for place in places:
                if place[0] == account:
                    ids = {fill.id: fill.transaction_id for fill in fills[place]}
                    found += _of_fills(desk, place[1], ids, matches[place])
            found += _of_trips(desk, [trade for trade in trades if trade.account == account])
            found += self._of_lots(desk, [(instrument, lot) for owner, instrument, lot in lots if owner == account])
        return found

    def _of_lots(self, desk: Desk, lots: Sequence[tuple[InstrumentId, OpenLot]]) -> Iterator[str]:
        """Compare what is open: how many units, what they cost as it was paid and as IBKR books it."""
        ours: defaultdict[str, list[Decimal]] = defaultdict(lambda: [ZERO, ZERO, ZERO])
        unknown = {instrument for instrument, lot in lots if not lot.basis_known}
        for instrument, lot in lots:
            booked = lot.cost if lot.booked_cost is None else lot.booked_cost
            for n, figure in enumerate((lot.quantity, lot.cost, booked)):
                ours[instrument][n] += figure
        theirs: defaultdict[str, list[Decimal]] = defaultdict(lambda: [ZERO, ZERO, ZERO])
        for contract in desk.books.open_contracts():
            for held in desk.books.book_of_lots.lots(contract):
                for n, figure in enumerate((held.quantity, held.earned_cost, held.cost)):
                    theirs[contract.conid][n] += figure
        for conid in sorted({*ours, *theirs}):
            for n, name in enumerate(("quantity", "cost", "booked cost")):
                if n and conid in unknown:
                    continue
                if abs(ours[conid][n] - theirs[conid][n]) > (HALF_A_CENT if n else ZERO):
                    yield f"{desk.account} {_symbol(desk, conid)} open {name}: {ours[conid][n]} books {theirs[conid][n]}"


def _symbol(desk: Desk, conid: str) -> str:
    return next((trip.contract.symbol for trip in desk.books.trips if trip.contract.conid == conid), conid)


def _of_fills(desk: Desk, instrument: str, ids: dict[ExecutionId, str], matches: Sequence[LotMatch]) -> Iterator[str]:
    """Compare the result of every closing fill, as it was earned and as IBKR books it."""
    ours: defaultdict[str, list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
    for match in matches:
        if match.closing in ids:
            assert match.net is not None
            ours[ids[match.closing]][0] += match.net
            ours[ids[match.closing]][1] += match.net if match.booked is None else match.booked
    for transaction in ids.values():
        theirs = (desk.books.earned.get(transaction, ZERO), desk.books.booked.get(transaction, ZERO))
        for name, mine, other in zip(("earned", "booked"), ours[transaction], theirs, strict=True):
            if abs(mine - other) > HALF_A_CENT:
                yield f"{desk.account} {_symbol(desk, instrument)} fill {transaction} {name}: {mine} books {other}"


def _of_trips(desk: Desk, trades: Sequence[Trade]) -> Iterator[str]:
    """Compare round trips: how they stand, when they ended, and their four results."""
    ours: defaultdict[str, list[Trade]] = defaultdict(list)
    for trade in trades:
        ours[trade.instrument].append(trade)
    theirs: defaultdict[str, list[RoundTrip]] = defaultdict(list)
    for trip in desk.books.trips:
        theirs[trip.contract.conid].append(trip)
    for conid in sorted({*ours, *theirs}):
        name = f"{desk.account} {_symbol(desk, conid)}"
        mine = sorted(ours[conid], key=lambda trade: (trade.closed_at or _LAST, trade.side is Side.LONG, trade.net or ZERO))
        other = sorted(theirs[conid], key=lambda trip: (trip.closed or _LAST, trip.side > 0, trip.earned))
        if len(mine) != len(other):
            yield f"{name}: {len(mine)} trades, books {len(other)}"
            continue
        for trade, trip in zip(mine, other, strict=True):
            if (trade.side is Side.LONG, trade.status is TradeStatus.OPEN) != (trip.side > 0, trip.closed is None):
                yield f"{name}: {trade.side} {trade.status}, books {trip.side} {trip.closed}"
            figures = (
                ("earned", trade.net, trip.earned),
                ("booked", trade.booked, trip.booked),
                ("in base", trade.net_base, trip.earned_base),
                ("currency effect", trade.currency_effect, trip.currency_effect),
            )
            for kind, figure, told in figures:
                if kind == "currency effect" and not trade.entry_known:
                    continue
                if figure is None or abs(figure - told) > HALF_A_CENT:
                    yield f"{name} trade of {trade.opened_at:%d %b %H:%M} {kind}: {figure} books {told}"


_LAST = datetime.max.replace(tzinfo=UTC)
