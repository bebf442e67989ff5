"""Fills with IBKR's own figures and the rows that they stand in: what reconciliation reads, one account at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import NamedTuple

from ibjournal.domain.depot import AccountId
from ibjournal.domain.execution import ExecutionId, ReportType
from ibjournal.domain.instrument import AssetClass, InstrumentId
from ibjournal.domain.provenance import RowRef
from ibjournal.store.executions import day_of

_COLUMNS = (
    "uid, instrument, category, symbol, currency, quantity, price, multiplier, executed_at, trade_date, report_date, source,"
    " status, proceeds, commission, commission_currency, taxes, net_cash, cost, realized, fx_rate_to_base, codes, kind,"
    " close_price, mtm, transaction_id, accrued_interest, report, ordinal"
)
_ACTIVE = "active"


class FillFigures(NamedTuple):
    """One fill as IBKR tells of it. Money as in `ibjournal.domain.execution.Execution`; None where the report does not say."""

    id: ExecutionId
    """As matching knows it: fills that share an id are told apart by a number."""
    instrument: InstrumentId
    asset_class: AssetClass
    symbol: str
    currency: str
    quantity: Decimal
    price: Decimal
    multiplier: Decimal
    executed_at: datetime
    day: date
    """The report's day of it, which sections of a range go by; the trading day where there is none."""
    provisional: bool
    status: str
    proceeds: Decimal | None
    commission: Decimal | None
    commission_currency: str
    taxes: Decimal | None
    net_cash: Decimal | None
    cost: Decimal | None
    realized: Decimal | None
    fx_rate_to_base: Decimal | None
    codes: str
    """IBKR's codes, divided by semicolons."""
    kind: str
    close_price: Decimal | None
    mtm: Decimal | None
    transaction_id: str
    accrued_interest: Decimal | None
    row: RowRef

    @property
    def active(self) -> bool:
        """Whether it counts."""
        return self.status == _ACTIVE


def fill_figures(db: sqlite3.Connection, account: AccountId) -> Iterator[FillFigures]:
    """Yield all fills of an account in the order they were stored, those that do not count too."""
    classes: dict[str, AssetClass] = {}
    decimals: dict[str | None, Decimal | None] = {None: None}

    def decimal(text: str | None) -> Decimal | None:
        if text not in decimals:
            decimals[text] = Decimal(text or 0)
        return decimals[text]

    seen: dict[tuple[str, str], int] = {}
    for (
        uid, instrument, category, symbol, currency, quantity, price, multiplier, executed_at, trade_date, report_date, source,
        status, proceeds, commission, commission_currency, taxes, net_cash, cost, realized, fx_rate, codes, kind, close_price, mtm,
        transaction_id, accrued_interest, report, ordinal,
    ) in db.execute(f"SELECT {_COLUMNS} FROM executions WHERE account=? ORDER BY id", (account,)):  # noqa: S608 - a constant  # fmt: skip
        number = uid
        if status == _ACTIVE:
            count = seen[instrument, uid] = seen.get((instrument, uid), 0) + 1
            if count > 1:
                number = f"{uid}~{count}"
        if category not in classes:
            classes[category] = AssetClass.of(category)
        yield FillFigures(
            id=number,
            instrument=instrument,
            asset_class=classes[category],
            symbol=symbol,
            currency=currency,
            quantity=Decimal(quantity),
            price=Decimal(price),
            multiplier=decimal(multiplier) or Decimal(1),
            executed_at=datetime.fromtimestamp(executed_at, UTC),
            day=day_of(report_date or trade_date),
            provisional=source == ReportType.CONFIRMATION.value,
            status=status,
            proceeds=decimal(proceeds),
            commission=decimal(commission),
            commission_currency=commission_currency,
            taxes=decimal(taxes),
            net_cash=decimal(net_cash),
            cost=decimal(cost),
            realized=decimal(realized),
            fx_rate_to_base=decimal(fx_rate),
            codes=codes,
            kind=kind,
            close_price=decimal(close_price),
            mtm=decimal(mtm),
            transaction_id=transaction_id,
            accrued_interest=decimal(accrued_interest),
            row=RowRef(report, ordinal),
        )
