"""Gathers what is known of positions beside the fills.

It comes from corporate actions, transfers, option events, the statement of funds, the first report of positions, and from what the
user said. What differs from before tells which places must be matched again.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TypeVar

from ibjournal.domain.depot import AccountId
from ibjournal.domain.errors import ReportError
from ibjournal.domain.exercise import (
    OPTION_CLASSES,
    OptionEvent,
    SettlementLine,
    exercise_links,
    named_by,
    named_by_delivery,
    settlements,
)
from ibjournal.domain.instrument import AssetClass, InstrumentId, is_trade_instrument
from ibjournal.domain.position_event import HeldLot, Place
from ibjournal.domain.provenance import RowRef
from ibjournal.domain.reorganisation import position_events
from ibjournal.domain.transfer import TransferRow, renumbering_events, transfer_events
from ibjournal.flex.values import NO_WORDS, Values, slashed_order
from ibjournal.services.history_start import HistoryStart, history_start
from ibjournal.services.renumbering import renumbering_of
from ibjournal.store.actions import all_actions
from ibjournal.store.database import Connection
from ibjournal.store.depots import base_currencies
from ibjournal.store.executions import traded
from ibjournal.store.held_positions import first_positions
from ibjournal.store.instruments import find_instruments
from ibjournal.store.option_events import booked_fills, fills_without_code
from ibjournal.store.position_facts import (
    Facts,
    Held,
    base_fact,
    code_fact,
    event_facts,
    held_fact,
    link_facts,
    settlement_fact,
    stored_facts,
    tied_places,
    write_facts,
)
from ibjournal.store.told_rows import ToldRow, told_rows
from ibjournal.store.user_events import account_links

Row = TypeVar("Row")
_ZERO = Decimal(0)
_INCOMING = frozenset({"IN", "FROM"})
_OUTGOING = frozenset({"OUT", "TO"})
_TRANSFERS = {"Transfer": ("Transfers",), "TransferLot": ("Transfers", "TransferLots"), "TradeTransfer": ("TradeTransfers",)}
"""Rows that move positions, and the sections that hold them."""


def refresh_facts(db: Connection) -> set[Place]:
    """Gather all facts anew and store them; return the places for which something came, went or changed."""
    before = stored_facts(db)
    after = gather_facts(db)
    changed = write_facts(db, before, after)
    touched: set[Place] = set()
    for facts in (before, after):
        touched |= tied_places((key, facts[key]) for key in changed & facts.keys())
    renamed = {key.account for key in changed if key.kind == "base"}
    if renamed:
        touched |= {Place(account, instrument) for account, instrument in traded(db) if account in renamed}
    return touched


def gather_facts(db: Connection) -> Facts:
    """Return everything that is known of positions beside the fills; pure reading."""
    facts: Facts = {}
    for account, currency in base_currencies(db).items():
        if currency:
            facts |= base_fact(account, currency)
    readers = _Readers(db)
    events = [*position_events(all_actions(db), find=_finder(db))]
    transfers = transfer_events(_transfers(db, readers), own=frozenset(base_currencies(db)))
    events += transfers
    for old, new in sorted(account_links(db).items()):
        renumbering = renumbering_of(db, old, new, events)
        if renumbering is not None:
            events += renumbering_events(renumbering, transfers)
    for event in events:
        facts |= event_facts(event)
    facts |= _option_facts(db, readers)
    for held in _held(db, readers):
        facts |= held_fact(held)
    return facts


class _Readers:
    """Converters for the texts of each report: dates are written as its template says."""

    def __init__(self, db: Connection) -> None:
        self._db = db
        self._by_report: dict[int, Values] = {}

    def of(self, report: int, text: str) -> Values:
        """Return the converter for a report; ``text`` is a row of it, for telling in which order it writes dates."""
        values = self._by_report.get(report)
        if values is None or (values.day_first is None and "/" in text):
            order = slashed_order(text.encode())
            values = self._by_report[report] = Values(day_first=order == "day" if order else None)
        return values


class _Cells:
    """The attributes of one row, converted."""

    def __init__(self, told: ToldRow, readers: _Readers) -> None:
        self._attributes = told.attributes
        self._values = readers.of(told.row.report, told.data)
        self._to_day = told.to_day

    def text(self, *names: str) -> str:
        """Return the first of some attributes that says something."""
        found = (self._attributes.get(name, "").strip() for name in names)
        return next((text for text in found if text not in NO_WORDS), "")

    def number(self, *names: str) -> Decimal | None:
        """Return the first of some attributes that is a number."""
        try:
            text = self._values.number[self.text(*names)]
        except ReportError:
            return None
        return None if text is None else Decimal(text)

    def instant(self, *names: str) -> datetime:
        """Return the instant of the first of some attributes that is there; a day alone is its beginning in New York."""
        try:
            seconds = self._values.instant[self.text(*names)]
        except ReportError:
            seconds = None  # written in an order that this row does not tell: the statement's last day must do
        return datetime.fromtimestamp(self._values.instant[self._to_day] or 0 if seconds is None else seconds, UTC)

    def day(self, *names: str) -> date | None:
        """Return the day of the first of some attributes that is there."""
        try:
            text = self._values.day[self.text(*names)]
        except ReportError:
            text = self._to_day
        return date.fromisoformat(text) if text else None


def _finder(db: Connection) -> Callable[[AccountId, str, str], InstrumentId | None]:
    """Return a way to find an instrument by its symbol and ISIN, one that the account traded before others."""
    places = traded(db)

    def find(account: AccountId, symbol: str, isin: str) -> InstrumentId | None:
        found = find_instruments(db, symbol=symbol, isin=isin)
        mine = [each for each in found if (account, each) in places]
        return next(iter([*mine, *found]), None)

    return find


def _transfers(db: Connection, readers: _Readers) -> list[TransferRow]:
    found = []
    for tag, sections in _TRANSFERS.items():
        for told in told_rows(db, tag, *sections):
            if told.instrument is None:
                continue
            cells = _Cells(told, readers)
            quantity = cells.number("quantity")
            if not quantity or not is_trade_instrument(AssetClass.of(cells.text("assetCategory"))):
                continue
            found.append(_transfer(told, told.instrument, cells, quantity))
    return found


def _transfer(told: ToldRow, instrument: InstrumentId, cells: _Cells, quantity: Decimal) -> TransferRow:
    way = cells.text("direction").upper() or {"R": "IN", "D": "OUT"}.get(cells.text("deliveredReceived")[:1].upper(), "")
    incoming = way in _INCOMING or (way not in _OUTGOING and quantity > 0)
    return TransferRow(
        place=Place(told.account, instrument),
        tag="TransferLot" if "LOT" in cells.text("levelOfDetail").upper() else told.tag,
        type=cells.text("type", "transactionType"),
        effective_at=cells.instant("dateTime", "date", "tradeDate", "reportDate"),
        quantity=quantity,
        currency=cells.text("currency"),
        incoming=incoming,
        peer=cells.text("account", "brokerAccount"),
        report_date=cells.day("reportDate", "date"),
        value=cells.number("positionAmount"),
        cost=cells.number("cost", "netTradeMoney") if told.tag == "TradeTransfer" else None,
        proceeds=cells.number("netCash", "proceeds") if told.tag == "TradeTransfer" else None,
        transaction_id=cells.text("transactionID", "tradeID"),
        description=cells.text("description"),
        row=told.row,
    )


def _option_facts(db: Connection, readers: _Readers) -> Facts:
    events = _most_often(
        _option_events(db, readers),
        key=lambda event: (event.place, event.type, event.day, event.quantity, event.trade_id, event.cash),
        row=lambda event: event.row,
    )
    fills = booked_fills(db)
    for place in sorted({event.place for event in events}):
        fills += [fill for fill in fills_without_code(db, place) if fill.asset_class in OPTION_CLASSES]
    if not fills:
        return {}
    names = named_by(fills, events)
    links = exercise_links(fills, names)
    names = named_by_delivery(fills, links) | names
    lines = _most_often(
        _settlement_lines(db, readers),
        key=lambda line: (line.account, line.instrument, line.day, line.description, line.amount, line.currency, line.in_base),
        row=lambda line: line.row,
    )
    facts: Facts = {}
    for link in links:
        facts |= link_facts(link)
    for settlement in settlements(fills, events, lines, links):
        facts |= settlement_fact(settlement)
    for (place, fill), code in names.items():
        facts |= code_fact(place, fill, code)
    return facts


def _option_events(db: Connection, readers: _Readers) -> list[OptionEvent]:
    found = []
    for told in told_rows(db, "OptionEAE"):
        if told.instrument is None:
            continue
        cells = _Cells(told, readers)
        day = cells.day("date", "reportDate")
        if day is None:
            continue
        event = OptionEvent(
            place=Place(told.account, told.instrument),
            type=cells.text("transactionType", "type"),
            day=day,
            quantity=cells.number("quantity") or _ZERO,
            trade_id=cells.text("tradeID"),
            cash=cells.number("proceeds"),
            currency=cells.text("currency"),
            row=told.row,
        )
        found.append(event)
    return found


def _settlement_lines(db: Connection, readers: _Readers) -> list[SettlementLine]:
    found = []
    bases = base_currencies(db)
    for told in told_rows(db, "StatementOfFundsLine", "StmtFunds", containing="Option Cash Settlement"):
        cells = _Cells(told, readers)
        day, amount = cells.day("date", "reportDate"), cells.number("amount")
        if day is None or not amount:
            continue
        level, currency = cells.text("levelOfDetail"), cells.text("currency")
        line = SettlementLine(
            account=told.account,
            instrument=told.instrument,
            day=day,
            description=cells.text("activityDescription"),
            amount=amount,
            currency=currency,
            in_base=level == "BaseCurrency" or (not level and currency == bases.get(told.account)),
            row=told.row,
        )
        found.append(line)
    return found


def _most_often(rows: Iterable[Row], *, key: Callable[[Row], Hashable], row: Callable[[Row], RowRef | None]) -> list[Row]:
    """Return rows that several reports tell as often as the one that tells them most often."""
    found: dict[tuple[Hashable, int], Row] = {}
    counts: Counter[tuple[Hashable, int]] = Counter()
    for each in rows:
        place = row(each)
        told = (key(each), place.report if place is not None else 0)
        counts[told] += 1
        found.setdefault((told[0], counts[told]), each)
    return list(found.values())


def _held(db: Connection, readers: _Readers) -> list[Held]:
    """Return the positions of the first day on which a report tells of them, account by account."""
    found: list[Held] = []
    by_place: dict[Place, list[tuple[str, HeldLot, str, date]]] = defaultdict(list)
    for position in first_positions(db):
        values = readers.of(position.report, position.data)
        opened = _opened(values, position.opened)
        lot = HeldLot(quantity=position.quantity, cost=position.cost or None, opened_at=opened)
        place = Place(position.account, position.instrument)
        by_place[place].append((position.level, lot, position.currency, position.day))
    starts: dict[AccountId, HistoryStart] = {}
    for place, rows in sorted(by_place.items()):
        start = starts.get(place.account)
        if start is None:
            start = starts[place.account] = history_start(db, place.account, rows[0][3])
        lots = tuple(lot for level, lot, _currency, _day in rows if level == "LOT")
        wholes = [lot for level, lot, _currency, _day in rows if level != "LOT"] or list(lots)
        costs = [lot.cost for lot in wholes]
        whole = HeldLot(
            quantity=sum((lot.quantity for lot in wholes), _ZERO),
            cost=None if None in costs else sum((cost for cost in costs if cost is not None), _ZERO),
            opened_at=wholes[0].opened_at if len(wholes) == 1 else None,
        )
        found.append(
            Held(
                place=place,
                day=rows[0][3],
                currency=rows[0][2],
                whole=whole,
                lots=lots,
                complete_since=start.since,
                began_empty=start.empty,
            )
        )
    return found


def _opened(values: Values, text: str) -> datetime | None:
    try:
        seconds = values.instant[text]
    except ReportError:
        return None
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
