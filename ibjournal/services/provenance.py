"""Where a figure comes from: down to the row of the report, as IBKR wrote it."""

from __future__ import annotations

import threading
import zlib
from collections import OrderedDict
from collections.abc import Iterable
from datetime import date
from pathlib import PurePath

from ibjournal.analytics.reconciliation import Check
from ibjournal.domain.cash import CashEntry
from ibjournal.domain.depot import AccountId, DepotId
from ibjournal.domain.errors import StoreError
from ibjournal.domain.execution import ExecutionId
from ibjournal.domain.instrument import InstrumentId
from ibjournal.domain.period import ALL_TIME, Period
from ibjournal.domain.position_event import EVENT
from ibjournal.domain.provenance import RowRef
from ibjournal.domain.trade import Trade, TradeKey, TradeStatus
from ibjournal.flex.source_rows import CutRow, cut_rows
from ibjournal.services.origins import Origin, OriginKind, SourceReport, SourceRow, rows_in
from ibjournal.services.trade_origins import OF_IBKR, TradeOrigins, plain_rows
from ibjournal.store.archive import Archive
from ibjournal.store.cash import list_cash
from ibjournal.store.database import Connection, Database
from ibjournal.store.depots import accounts_of, base_currencies
from ibjournal.store.equity import nav_by_day
from ibjournal.store.position_facts import all_events
from ibjournal.store.provenance import name_of_report, place_of_fill, row_of_cash, row_of_equity
from ibjournal.store.reports import get_report
from ibjournal.store.trades import get_trade, list_trades, open_lots_of

__all__ = ["Origin", "OriginKind", "ProvenanceService", "SourceReport", "SourceRow", "rows_in"]

_REMEMBERED = 2000
"""Rows that are kept in memory: going up and down a chain reads no file twice."""


class ProvenanceService:
    """Answers "where does this number come from?". Thread-safe."""

    def __init__(self, *, database: Database, archive: Archive) -> None:
        self._database = database
        self._archive = archive
        self._lock = threading.Lock()
        self._cut: OrderedDict[RowRef, CutRow] = OrderedDict()

    # --- rows

    def row(self, ref: RowRef) -> SourceRow | None:
        """Return one row as IBKR wrote it, None where the report has no such row.

        Raises:
            StoreError: ``archive_missing`` when the report's file is gone.
        """
        return self.rows((ref,)).get(ref)

    def rows(self, refs: Iterable[RowRef]) -> dict[RowRef, SourceRow]:
        """Return several rows; each report is read once.

        Raises:
            StoreError: ``archive_missing`` when the file of one of the reports is gone.
        """
        wanted = list(dict.fromkeys(refs))
        with self._database.reading() as db:
            reports = {number: _report(db, number) for number in {ref.report for ref in wanted}}
        found: dict[RowRef, SourceRow] = {}
        for number, report in reports.items():
            if report is None:
                continue
            mine = [ref for ref in wanted if ref.report == number]
            for ref, cut in self._cut_out(report, mine).items():
                found[ref] = SourceRow(
                    ref=ref,
                    report=report,
                    section=cut.section,
                    tag=cut.tag,
                    account=dict(cut.attributes).get("accountId", "").strip() or cut.account,
                    text=cut.text,
                    attributes=cut.attributes,
                )
        return {ref: found[ref] for ref in wanted if ref in found}

    def _cut_out(self, report: SourceReport, refs: list[RowRef]) -> dict[RowRef, CutRow]:
        with self._lock:
            found = {ref: self._cut[ref] for ref in refs if ref in self._cut}
        missing = [ref.ordinal for ref in refs if ref not in found]
        if missing:
            try:
                with self._archive.open(report.archive_file) as stream:
                    fresh = {RowRef(report.id, ordinal): cut for ordinal, cut in cut_rows(stream, missing).items()}
            except (OSError, EOFError, zlib.error):  # cut off or overwritten since it was archived
                raise StoreError("archive_missing", file=report.archive_file) from None
            found |= fresh
            with self._lock:
                self._cut.update(fresh)
                while len(self._cut) > _REMEMBERED:
                    self._cut.popitem(last=False)
        return found

    # --- chains

    def of_trade(self, key: TradeKey) -> Origin | None:
        """Return the chain of a trade: lot matches, fills and events, rows; None where there is no such trade (any more)."""
        with self._database.reading() as db:
            trade = get_trade(db, key)
            return None if trade is None else self._origins(db).trade(trade)

    def of_execution(self, account: AccountId, instrument: InstrumentId, uid: ExecutionId) -> Origin:
        """Return a fill with its rows and what later reports changed in it; an event by its id stands for one, too."""
        with self._database.reading() as db:
            origins = self._origins(db)
            if uid.startswith(EVENT):
                return origins.event(uid.removeprefix(EVENT), (account, instrument))
            return origins.execution(account, instrument, uid)

    def entries(self, accounts: Iterable[AccountId], period: Period = ALL_TIME) -> tuple[CashEntry, ...]:
        """Return the bookings of some accounts in a period, in order of time."""
        with self._database.reading() as db:
            return tuple(list_cash(db, accounts, period.start, period.end))

    def of_cash(self, entry: CashEntry) -> Origin:
        """Return a booking with its row."""
        with self._database.reading() as db:
            return _cash(db, entry)

    def of_equity(self, account: AccountId, day: date) -> Origin:
        """Return the net asset value of a day with its row."""
        with self._database.reading() as db:
            row = row_of_equity(db, account, day)
            value = next((total for _account, each, total in nav_by_day(db, (account,)) if each == day), None)
            currency = base_currencies(db).get(account, "")
        return Origin(kind=OriginKind.EQUITY, of=day, account=account, amount=value, currency=currency, row=row)

    def of_check(self, check: Check) -> Origin:
        """Return what our figure of a check rests on, the sum that leads to IBKR's figure, and the rows of that figure."""
        with self._database.reading() as db:
            ours = self._ours(db, check)
        parts = tuple(
            Origin(
                kind=OriginKind.PART,
                of=part,
                account=check.account,
                amount=part.amount,
                currency=check.currency,
                parts=plain_rows(part.rows, check.account),
            )
            for part in check.parts
        )
        return Origin(
            kind=OriginKind.CHECK,
            of=check,
            account=check.account,
            symbol=check.subject,
            amount=check.ours,
            currency=check.currency,
            parts=(*ours, *parts, *plain_rows(check.rows, check.account, of=OF_IBKR)),
        )

    def of_results(self, name: str, *, depot: DepotId | None = None, period: Period = ALL_TIME) -> Origin:
        """Return the trades behind a figure of closed trades; each is looked up further when it is asked for."""
        with self._database.reading() as db:
            origins = self._origins(db)
            trades = [t for t in list_trades(db, accounts_of(db, depot)) if _closed_in(t, period)]
            trades.sort(key=lambda trade: (trade.closed_on or trade.opened_on, trade.key), reverse=True)
            parts = tuple(_short(origins, trade) for trade in trades)
        return Origin(kind=OriginKind.FIGURE, of=name, parts=parts)

    def of_values(self, name: str, *, depot: DepotId | None = None, period: Period = ALL_TIME) -> Origin:
        """Return the days of net asset value behind a figure such as the time-weighted return, the last day first."""
        with self._database.reading() as db:
            accounts = accounts_of(db, depot)
            currencies = base_currencies(db)
            days = [each for each in nav_by_day(db, accounts) if each[1] in period]
            days.sort(key=lambda each: (each[1], each[0]), reverse=True)
            parts = tuple(
                Origin(
                    kind=OriginKind.EQUITY,
                    of=day,
                    account=account,
                    amount=value,
                    currency=currencies.get(account, ""),
                    row=row_of_equity(db, account, day),
                )
                for account, day, value in days
            )
        return Origin(kind=OriginKind.FIGURE, of=name, parts=parts)

    def _origins(self, db: Connection) -> TradeOrigins:
        return TradeOrigins(db, all_events(db))

    def _ours(self, db: Connection, check: Check) -> tuple[Origin, ...]:
        """Return what our side of a check is made of, as far as it is made of trades, lots or bookings."""
        origins = self._origins(db)
        if check.execution:
            uid = ExecutionId(check.execution)
            instrument = check.instrument or place_of_fill(db, check.account, uid)
            return () if instrument is None else _closed_by(origins, check.account, instrument, uid)
        if check.instrument is None:
            return ()
        if check.check.startswith("realized"):
            trades = [
                trade
                for trade in list_trades(db, (check.account,))
                if trade.instrument == check.instrument
                and (trade.status is TradeStatus.OPEN or _closed_in(trade, Period(check.period.start, None)))
            ]
            return tuple(_short(origins, trade) for trade in reversed(trades) if trade.net is not None)
        return tuple(
            Origin(
                kind=OriginKind.LOT,
                of=lot,
                account=check.account,
                symbol=origins.symbol(instrument),
                amount=lot.quantity if check.check == "positions" else lot.booked_cost or lot.cost,
                currency="" if check.check == "positions" else check.currency,
                parts=(origins.execution(account, instrument, lot.opening),)
                if not lot.opening.startswith(EVENT)
                else (origins.event(lot.opening.removeprefix(EVENT), (account, instrument)),),
            )
            for account, instrument, lot in open_lots_of(db, (check.account,))
            if instrument == check.instrument
        )


def _closed_by(origins: TradeOrigins, account: AccountId, instrument: InstrumentId, uid: ExecutionId) -> tuple[Origin, ...]:
    """Return the lot matches that a fill closed, else the fill alone."""
    found = []
    for match in origins.matches(account, instrument):
        if match.closing == uid:
            ends = [match.closing] if match.opening is None else [match.opening, match.closing]
            found.append(
                Origin(
                    kind=OriginKind.MATCH,
                    of=match,
                    account=account,
                    symbol=origins.symbol(instrument),
                    amount=match.net if match.booked is None else match.booked,
                    parts=tuple(
                        origins.event(end.removeprefix(EVENT), (account, instrument))
                        if end.startswith(EVENT)
                        else origins.execution(account, instrument, end)
                        for end in ends
                    ),
                )
            )
    return tuple(found) or (origins.execution(account, instrument, uid),)


def _short(origins: TradeOrigins, trade: Trade) -> Origin:
    return Origin(
        kind=OriginKind.TRADE,
        of=trade,
        account=trade.account,
        symbol=origins.symbol(trade.instrument),
        amount=trade.net,
        currency=trade.currency,
        more=True,
    )


def _closed_in(trade: Trade, period: Period) -> bool:
    return trade.status is TradeStatus.CLOSED and (trade.closed_on or trade.opened_on) in period


def _cash(db: Connection, entry: CashEntry) -> Origin:
    row = row_of_cash(db, entry.account, entry.id)
    return Origin(
        kind=OriginKind.CASH,
        of=entry,
        account=entry.account,
        symbol=entry.symbol,
        amount=entry.amount,
        currency=entry.currency,
        row=row,
    )


def _report(db: Connection, number: int) -> SourceReport | None:
    report = get_report(db, number)
    if report is None:
        return None
    return SourceReport(
        id=report.id,
        name=PurePath(name_of_report(db, number) or report.archive_file).name,
        archive_file=report.archive_file,
        type=report.type or "",
        query_name=report.query_name,
        accounts=report.accounts,
        from_date=report.from_date,
        to_date=report.to_date,
        generated_at=report.generated_at,
        received_at=report.received_at,
    )
