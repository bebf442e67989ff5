"""Bookings of options that ended, and of what was delivered for them."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from ibjournal.domain.depot import AccountId
from ibjournal.domain.execution import ExecutionId
from ibjournal.domain.exercise import BookedFill
from ibjournal.domain.instrument import AssetClass, InstrumentId
from ibjournal.domain.position_event import Place

_SYMBOL = re.compile(r"[A-Z0-9.]{1,6} *\d{6}[CP](\d{8})")
"""Root, day, right and strike in thousandths, as the clearing house of the United States writes them."""
_MILLE = Decimal(1000)
_COLUMNS = (
    "e.account, e.instrument, e.uid, e.category, e.quantity, e.price, e.currency, e.multiplier, e.executed_at, e.trade_date,"
    " e.report_date, e.proceeds, e.fx_rate_to_base, e.trade_id, e.position_action_id, e.codes, i.underlying, i.underlying_symbol,"
    " e.symbol, i.description, i.strike, i.put_call, e.realized, e.cost, e.commission, e.commission_currency, e.taxes"
)
# the first condition in the very words of the index, so that SQLite takes it
_BOOKED = (
    f"SELECT {_COLUMNS} FROM executions e INDEXED BY executions_booked LEFT JOIN instruments i ON i.instrument=e.instrument"  # noqa: S608
    " WHERE kind<>'ExchTrade' AND (kind='BookTrade' OR codes<>'') AND e.status='active'"
    " AND (kind='BookTrade' OR instr(codes, 'A') OR instr(codes, 'Ex')) ORDER BY e.account, e.instrument, e.id"
)
_WITHOUT_CODE = (
    f"SELECT {_COLUMNS} FROM executions e LEFT JOIN instruments i ON i.instrument=e.instrument"  # noqa: S608
    " WHERE e.account=? AND e.instrument=? AND e.status='active' AND e.price='0' AND e.codes='' AND e.kind<>'BookTrade'"
    " ORDER BY e.id"
)


def booked_fills(db: sqlite3.Connection) -> list[BookedFill]:
    """Return all active bookings that can be the end of an option, or what came of one, with the terms of their contracts."""
    return _fills(db.execute(_BOOKED))


def fills_without_code(db: sqlite3.Connection, place: Place) -> list[BookedFill]:
    """Return the active fills of an option at a price of 0 whose template leaves out kind and codes: they ended somehow."""
    return _fills(db.execute(_WITHOUT_CODE, place))


def _fills(rows: Iterable[tuple[Any, ...]]) -> list[BookedFill]:
    seen: dict[tuple[str, str, str], int] = {}
    found = []
    for (
        account, instrument, uid, category, quantity, price, currency, multiplier, executed_at, trade_date,
        report_date, proceeds, rate, trade_id, action, codes, underlying, underlying_symbol,
        symbol, description, strike, right, realized, cost, commission, commission_currency, taxes,
    ) in rows:  # fmt: skip
        count = seen[account, instrument, uid] = seen.get((account, instrument, uid), 0) + 1
        fill = BookedFill(
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
            strike=_strike_in(symbol) or (Decimal(strike) if strike else None),
            right=right or "",
            realized=Decimal(realized) if realized else None,
            cost=Decimal(cost) if cost else None,
            fees=_fees(commission, taxes) if commission_currency in {"", currency} or not Decimal(commission or 0) else None,
        )
        found.append(fill)
    return found


def _strike_in(symbol: str) -> Decimal | None:
    """Return the strike that an option's own symbol holds: a split changes it, and a contract is known by one report alone."""
    found = _SYMBOL.fullmatch(symbol)
    return Decimal(found[1]) / _MILLE if found else None


def _fees(*amounts: str | None) -> Decimal:
    return sum((Decimal(amount) for amount in amounts if amount), Decimal(0))
