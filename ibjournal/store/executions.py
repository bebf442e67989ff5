"""Executions: fills as rows, and as what the domain matches."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from ibjournal.domain.depot import AccountId
from ibjournal.domain.execution import Execution, ExecutionId, ExecutionStatus, ReportType
from ibjournal.domain.fill import FillFacts
from ibjournal.domain.instrument import AssetClass, InstrumentId
from ibjournal.store.fresh_fills import MATCHED, FreshFills

_COLUMNS = (
    "id, uid, account, instrument, category, symbol, currency, quantity, price, multiplier, executed_at, trade_date, source,"
    " report_date, settle_date, proceeds, commission, commission_currency, taxes, net_cash, cost, realized, fx_rate_to_base,"
    " kind, open_close, codes, order_id, trade_id, transaction_id, exec_id, order_type, exchange, status"
)
_FILLS = f"SELECT {', '.join(MATCHED)} FROM executions WHERE account=? AND instrument=? ORDER BY id"  # noqa: S608


class _Days(dict[str, date]):
    """Days by their stored text; remembered, because a journal has few different ones."""

    def __missing__(self, text: str) -> date:
        day = self[text] = date.fromisoformat(text)
        return day


class _Decimals(dict[str | None, Decimal | None]):
    """Decimals by their stored text; the same amounts come again and again. For one read."""

    def __missing__(self, text: str | None) -> Decimal | None:
        value = None if text is None else Decimal(text)
        if len(self) < _MOST_DECIMALS:
            self[text] = value
        return value


class _Codes(dict[str, tuple[str, ...]]):
    """Codes by their stored text. For one read."""

    def __missing__(self, text: str) -> tuple[str, ...]:
        codes = self[text] = tuple(text.split(";"))
        return codes


_MOST_DECIMALS = 10_000
_ONE = Decimal(1)
_DAYS = _Days()
_STATUSES = {status.value: status for status in ExecutionStatus}
_SOURCES = {source.value: source for source in ReportType}
_NO_CODES: tuple[str, ...] = ()
_ACTIVE = ExecutionStatus.ACTIVE.value
_PROVISIONAL = ReportType.CONFIRMATION.value


def day_of(text: str) -> date:
    """Return the day of a stored text."""
    return _DAYS[text]


def _execution(row: Sequence[Any], decimals: _Decimals) -> Execution:
    (
        _id, uid, account, instrument, category, symbol, currency, quantity, price, multiplier, executed_at, trade_date, source,
        report_date, settle_date, proceeds, commission, commission_currency, taxes, net_cash, cost, realized, fx_rate,
        kind, open_close, codes, order_id, trade_id, transaction_id, exec_id, order_type, exchange, status,
    ) = row  # fmt: skip
    return Execution(
        id=uid,
        account=account,
        instrument=instrument,
        asset_class=AssetClass.of(category),
        symbol=symbol,
        currency=currency,
        quantity=Decimal(quantity),
        price=Decimal(price),
        multiplier=decimals[multiplier] or _ONE,
        executed_at=datetime.fromtimestamp(executed_at, UTC),
        trade_date=_DAYS[trade_date],
        source=_SOURCES[source],
        report_date=_DAYS[report_date] if report_date else None,
        settle_date=_DAYS[settle_date] if settle_date else None,
        proceeds=decimals[proceeds],
        commission=decimals[commission],
        commission_currency=commission_currency,
        taxes=decimals[taxes],
        net_cash=decimals[net_cash],
        cost=decimals[cost],
        realized=decimals[realized],
        fx_rate_to_base=decimals[fx_rate],
        kind=kind,
        open_close=open_close,
        codes=tuple(codes.split(";")) if codes else _NO_CODES,
        order_id=order_id,
        trade_id=trade_id,
        transaction_id=transaction_id,
        exec_id=exec_id,
        order_type=order_type,
        exchange=exchange,
        status=_STATUSES[status],
    )


def executions_of(db: sqlite3.Connection, account: AccountId, instrument: InstrumentId) -> tuple[Execution, ...]:
    """Return all executions of one instrument in one account, cancelled ones too, in the order they were stored."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM executions WHERE account=? AND instrument=? ORDER BY id",  # noqa: S608 - a constant
        (account, instrument),
    )
    decimals = _Decimals()
    return tuple([_execution(row, decimals) for row in rows])


def fills_of(
    db: sqlite3.Connection, account: AccountId, instrument: InstrumentId, *, fresh: FreshFills | None = None
) -> list[FillFacts]:
    """Return what matching needs of the executions of one instrument: the same rows as `executions_of`, made `distinct`.

    Args:
        db: a connection.
        account: whose executions.
        instrument: of what.
        fresh: fills that were just stored and need not be read; their instrument is taken out of it.
    """
    rows: Iterable[Sequence[Any]] | None = None if fresh is None else fresh.take(account, instrument)
    if rows is None:
        rows = db.execute(_FILLS, (account, instrument))
    decimals, split = _Decimals(), _Codes({"": _NO_CODES})
    seen: dict[str, int] = {}
    classes: dict[str, AssetClass] = {}
    found: list[FillFacts] = []
    for (
        uid, category, currency, quantity, price, multiplier, executed_at, trade_date, report_date, source, proceeds,
        commission, commission_currency, taxes, cost, realized, fx_rate, open_close, codes, trade_id, transaction_id,
        exec_id, status,
    ) in rows:  # fmt: skip
        number = uid
        asset_class = classes.get(category)
        if asset_class is None:
            asset_class = classes[category] = AssetClass.of(category)
        if status == _ACTIVE:
            count = seen[uid] = seen.get(uid, 0) + 1
            if count > 1:
                number = f"{uid}~{count}"
        fill = (
            number,
            account,
            instrument,
            asset_class,
            currency,
            Decimal(quantity),
            Decimal(price),
            decimals[multiplier] or _ONE,
            datetime.fromtimestamp(executed_at, UTC),
            _DAYS[trade_date],
            _DAYS[report_date] if report_date else None,
            source == _PROVISIONAL,
            None if proceeds is None else Decimal(proceeds),
            None if commission is None else Decimal(commission),
            commission_currency,
            decimals[taxes],
            None if cost is None else Decimal(cost),
            None if realized is None else Decimal(realized),
            decimals[fx_rate],
            open_close,
            split[codes],
            trade_id,
            transaction_id,
            exec_id,
            _STATUSES[status],
        )
        found.append(tuple.__new__(FillFacts, fill))  # as `_make` does, without looking at the length
    return found


def report_of(db: sqlite3.Connection, account: AccountId, instrument: InstrumentId) -> dict[ExecutionId, str]:
    """Return for each execution of an instrument the archived file that last told of it."""
    rows = db.execute(
        "SELECT executions.uid, reports.archive_file FROM executions JOIN reports ON reports.id = executions.report"
        " WHERE account=? AND instrument=? ORDER BY executions.id",
        (account, instrument),
    )
    return {ExecutionId(uid): file for uid, file in rows}


def all_executions(db: sqlite3.Connection, accounts: Sequence[AccountId]) -> Iterator[tuple[Execution, str]]:
    """Yield every execution of the accounts in order of time, with the name of the report that last told of it."""
    decimals = _Decimals()
    for account in accounts:
        columns = ", ".join(f"executions.{name.strip()}" for name in _COLUMNS.split(","))
        rows = db.execute(
            f"SELECT {columns}, reports.archive_file FROM executions LEFT JOIN reports ON reports.id = executions.report"  # noqa: S608
            " WHERE executions.account=? ORDER BY executed_at, executions.id",
            (account,),
        )
        for row in rows:
            yield _execution(row[:-1], decimals), row[-1] or ""


def open_quantities(db: sqlite3.Connection, account: AccountId) -> dict[InstrumentId, Decimal]:
    """Return the sum of all active fills of each instrument of an account."""
    sums: dict[InstrumentId, Decimal] = {}
    for instrument, quantity in db.execute(
        "SELECT instrument, quantity FROM executions WHERE account=? AND status='active'", (account,)
    ):
        sums[instrument] = sums.get(instrument, Decimal(0)) + Decimal(quantity)
    return sums


def fill_times(db: sqlite3.Connection, account: AccountId) -> tuple[datetime, datetime] | None:
    """Return when an account traded first and last, None where it never did."""
    row = db.execute(
        "SELECT min(executed_at), max(executed_at) FROM executions WHERE account=? AND status='active' AND category<>'CASH'",
        (account,),
    ).fetchone()
    return None if row[0] is None else (datetime.fromtimestamp(row[0], UTC), datetime.fromtimestamp(row[1], UTC))


def currencies_of(db: sqlite3.Connection, account: AccountId) -> dict[InstrumentId, str]:
    """Return the currency of each instrument that an account traded; conversions of currencies are left out."""
    rows = db.execute(
        "SELECT instrument, currency FROM executions WHERE account=? AND category<>'CASH' GROUP BY instrument", (account,)
    )
    return {InstrumentId(instrument): currency for instrument, currency in rows}


def distinct(executions: Sequence[Execution]) -> tuple[Execution, ...]:
    """Return the executions with ids that differ among the active ones: templates without ids can give one id twice."""
    seen: dict[ExecutionId, int] = {}
    found = []
    for execution in executions:
        each = execution
        if execution.status is ExecutionStatus.ACTIVE:
            count = seen[execution.id] = seen.get(execution.id, 0) + 1
            if count > 1:
                each = replace(execution, id=ExecutionId(f"{execution.id}~{count}"))
        found.append(each)
    return tuple(found)


def traded(db: sqlite3.Connection) -> set[tuple[AccountId, InstrumentId]]:
    """Return every account and instrument that has executions."""
    rows = db.execute("SELECT DISTINCT account, instrument FROM executions")
    return {(AccountId(account), InstrumentId(instrument)) for account, instrument in rows}
