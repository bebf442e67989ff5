"""Executions: fills as rows, and as what the domain matches."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from ibjournal.domain.depot import AccountId
from ibjournal.domain.execution import Execution, ExecutionId, ExecutionStatus, ReportType
from ibjournal.domain.instrument import AssetClass, InstrumentId

_COLUMNS = (
    "id, uid, account, instrument, category, symbol, currency, quantity, price, multiplier, executed_at, trade_date, source,"
    " report_date, settle_date, proceeds, commission, commission_currency, taxes, net_cash, cost, realized, fx_rate_to_base,"
    " kind, open_close, codes, order_id, trade_id, transaction_id, exec_id, order_type, exchange, status"
)

_DATES: dict[str, date] = {}


def day_of(text: str) -> date:
    """Return the day of a stored text; remembered, because a journal has few different days."""
    day = _DATES.get(text)
    if day is None:
        day = _DATES[text] = date.fromisoformat(text)
    return day


def _execution(row: Sequence[Any]) -> Execution:
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
        multiplier=Decimal(multiplier),
        executed_at=datetime.fromtimestamp(executed_at, UTC),
        trade_date=day_of(trade_date),
        source=ReportType.ACTIVITY if source == "AF" else ReportType.CONFIRMATION,
        report_date=day_of(report_date) if report_date else None,
        settle_date=day_of(settle_date) if settle_date else None,
        proceeds=_decimal(proceeds),
        commission=_decimal(commission),
        commission_currency=commission_currency,
        taxes=_decimal(taxes),
        net_cash=_decimal(net_cash),
        cost=_decimal(cost),
        realized=_decimal(realized),
        fx_rate_to_base=_decimal(fx_rate),
        kind=kind,
        open_close=open_close,
        codes=tuple(codes.split(";")) if codes else (),
        order_id=order_id,
        trade_id=trade_id,
        transaction_id=transaction_id,
        exec_id=exec_id,
        order_type=order_type,
        exchange=exchange,
        status=ExecutionStatus(status),
    )


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def executions_of(db: sqlite3.Connection, account: AccountId, instrument: InstrumentId) -> tuple[Execution, ...]:
    """Return all executions of one instrument in one account, cancelled ones too, in the order they were stored."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM executions WHERE account=? AND instrument=? ORDER BY id",  # noqa: S608 - a constant
        (account, instrument),
    )
    return tuple(_execution(row) for row in rows)


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
    for account in accounts:
        columns = ", ".join(f"executions.{name.strip()}" for name in _COLUMNS.split(","))
        rows = db.execute(
            f"SELECT {columns}, reports.archive_file FROM executions LEFT JOIN reports ON reports.id = executions.report"  # noqa: S608
            " WHERE executions.account=? ORDER BY executed_at, executions.id",
            (account,),
        )
        for row in rows:
            yield _execution(row[:-1]), row[-1] or ""


def open_quantities(db: sqlite3.Connection, account: AccountId) -> dict[InstrumentId, Decimal]:
    """Return the sum of all active fills of each instrument of an account."""
    sums: dict[InstrumentId, Decimal] = {}
    for instrument, quantity in db.execute(
        "SELECT instrument, quantity FROM executions WHERE account=? AND status='active'", (account,)
    ):
        sums[instrument] = sums.get(instrument, Decimal(0)) + Decimal(quantity)
    return sums


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
