"""Bookings of options that ended, and of what was delivered for them."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime
from decimal import Decimal

from ibjournal.domain.depot import AccountId
from ibjournal.domain.execution import ExecutionId
from ibjournal.domain.exercise import BookedFill
from ibjournal.domain.instrument import AssetClass, InstrumentId
from ibjournal.domain.position_event import Place

# the first condition in the very words of the index, so that SQLite takes it
_BOOKED = (
    "SELECT e.account, e.instrument, e.uid, e.category, e.quantity, e.price, e.currency, e.multiplier, e.executed_at, e.trade_date,"
    " e.report_date, e.proceeds, e.fx_rate_to_base, e.trade_id, e.position_action_id, e.codes, i.underlying, i.underlying_symbol,"
    " e.symbol, i.description, i.strike, i.put_call"
    " FROM executions e INDEXED BY executions_booked LEFT JOIN instruments i ON i.instrument=e.instrument"
    " WHERE kind<>'ExchTrade' AND (kind='BookTrade' OR codes<>'') AND e.status='active'"
    " AND (kind='BookTrade' OR instr(codes, 'A') OR instr(codes, 'Ex')) ORDER BY e.account, e.instrument, e.id"
)


def booked_fills(db: sqlite3.Connection) -> list[BookedFill]:
    """Return all active bookings that can be the end of an option, or what came of one, with the terms of their contracts."""
    seen: dict[tuple[str, str, str], int] = {}
    found = []
    for row in db.execute(_BOOKED):
        (
            account, instrument, uid, category, quantity, price, currency, multiplier, executed_at, trade_date,
            report_date, proceeds, rate, trade_id, action, codes, underlying, underlying_symbol,
            symbol, description, strike, right,
        ) = row  # fmt: skip
        count = seen[account, instrument, uid] = seen.get((account, instrument, uid), 0) + 1
        found.append(
            BookedFill(
                place=Place(AccountId(account), InstrumentId(instrument)),
                id=ExecutionId(uid if count == 1 else f"{uid}~{count}"),  # as `fills_of` numbers them
                asset_class=AssetClass.of(category),
                quantity=Decimal(quantity),
                price=Decimal(price),
                currency=currency,
                multiplier=Decimal(multiplier or 1),
                executed_at=datetime.fromtimestamp(executed_at, UTC),
                trade_date=date.fromisoformat(trade_date),
                report_date=date.fromisoformat(report_date) if report_date else None,
                proceeds=Decimal(proceeds) if proceeds else None,
                rate=Decimal(rate) if rate else None,
                trade_id=trade_id,
                position_action=action,
                codes=tuple(codes.split(";")) if codes else (),
                underlying=InstrumentId(underlying) if underlying else None,
                underlying_symbol=underlying_symbol or "",
                symbol=symbol,
                description=description or "",
                strike=Decimal(strike) if strike else None,
                right=right or "",
            )
        )
    return found


def fills_without_code(db: sqlite3.Connection, place: Place) -> list[BookedFill]:
    """Return the active fills of an option at a price of 0 whose template leaves out kind and codes: they ended somehow."""
    rows = db.execute(
        "SELECT e.uid, e.category, e.quantity, e.currency, e.multiplier, e.executed_at, e.trade_date, e.report_date, e.proceeds,"
        " e.fx_rate_to_base, e.trade_id, e.position_action_id, e.symbol, i.underlying, i.underlying_symbol, i.description, i.strike, i.put_call"
        " FROM executions e LEFT JOIN instruments i ON i.instrument=e.instrument"
        " WHERE e.account=? AND e.instrument=? AND e.status='active' AND e.price='0' AND e.codes='' AND e.kind<>'BookTrade'"
        " ORDER BY e.id",
        place,
    )
    return [
        BookedFill(
            place=place,
            id=ExecutionId(row[0]),
            asset_class=AssetClass.of(row[1]),
            quantity=Decimal(row[2]),
            price=Decimal(0),
            currency=row[3],
            multiplier=Decimal(row[4] or 1),
            executed_at=datetime.fromtimestamp(row[5], UTC),
            trade_date=date.fromisoformat(row[6]),
            report_date=date.fromisoformat(row[7]) if row[7] else None,
            proceeds=Decimal(row[8]) if row[8] else None,
            rate=Decimal(row[9]) if row[9] else None,
            trade_id=row[10],
            position_action=row[11],
            symbol=row[12],
            underlying=InstrumentId(row[13]) if row[13] else None,
            underlying_symbol=row[14] or "",
            description=row[15] or "",
            strike=Decimal(row[16]) if row[16] else None,
            right=row[17] or "",
        )
        for row in rows
    ]
