"""Builders: domain values with sound defaults, so that a test names only what it is about."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from ibjournal.domain.corporate_action import CorporateAction
from ibjournal.domain.depot import AccountId
from ibjournal.domain.execution import Execution, ExecutionId, ReportType
from ibjournal.domain.instrument import AssetClass, InstrumentId
from ibjournal.domain.trade import Side, Trade, TradeKey, TradeStatus

ACCOUNT = AccountId("U1000001")
INSTRUMENT = InstrumentId("265598")
START = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


def dec(number: Decimal | int | str) -> Decimal:
    """Return an exact decimal; a float is refused."""
    return number if isinstance(number, Decimal) else Decimal(number)


def at(minutes: int) -> datetime:
    """Return an instant some minutes after the builders' first one."""
    return START + timedelta(minutes=minutes)


def make_execution(
    number: int = 1, quantity: Decimal | int | str = 100, price: Decimal | int | str = 10, **fields: Any
) -> Execution:
    """Return the ``number``-th fill of a share: id ``E<number>``, ``number`` minutes after the start, commission 0, in USD."""
    values: dict[str, Any] = {
        "id": ExecutionId(f"E{number}"),
        "account": ACCOUNT,
        "instrument": INSTRUMENT,
        "asset_class": AssetClass.STK,
        "symbol": "ACME",
        "currency": "USD",
        "quantity": dec(quantity),
        "price": dec(price),
        "multiplier": Decimal(1),
        "executed_at": at(number),
        "source": ReportType.ACTIVITY,
        "commission": Decimal(0),
        "trade_id": str(number),
        "transaction_id": str(1000 + number),
    }
    for name, value in fields.items():
        money = name in {"commission", "taxes", "realized", "cost", "proceeds", "multiplier", "fx_rate_to_base", "net_cash"}
        values[name] = dec(value) if money and isinstance(value, int | str) else value
    values.setdefault("trade_date", values["executed_at"].date())
    return Execution(**values)


def make_action(type: str, quantity: Decimal | int | str, *, minutes: int = 100, **fields: Any) -> CorporateAction:  # noqa: A002
    """Return a corporate action on the builders' instrument."""
    values: dict[str, Any] = {
        "id": f"{type}{minutes}",
        "account": ACCOUNT,
        "instrument": INSTRUMENT,
        "type": type,
        "effective_at": at(minutes),
        "quantity": dec(quantity),
    }
    return CorporateAction(**(values | fields))


def make_trade(number: int = 1, net: Decimal | int | str | None = 100, **fields: Any) -> Trade:
    """Return a closed long trade of 100 shares that ended on day ``number`` of March 2026 (USD, no fees, base USD)."""
    opened_on = date(2026, 3, 1)
    closed_on = opened_on + timedelta(days=number - 1)
    result = None if net is None else dec(net)
    values: dict[str, Any] = {
        "key": TradeKey(f"{ACCOUNT}/{INSTRUMENT}/T{number}"),
        "account": ACCOUNT,
        "instrument": INSTRUMENT,
        "side": Side.LONG,
        "status": TradeStatus.CLOSED,
        "opened_at": datetime(2026, 3, 1, 15, tzinfo=UTC),
        "closed_at": datetime(2026, 3, 1, 18, tzinfo=UTC) + timedelta(days=number - 1),
        "opened_on": opened_on,
        "closed_on": closed_on,
        "quantity": Decimal(100),
        "open_quantity": Decimal(0),
        "entry_price": Decimal(10),
        "exit_price": Decimal(11),
        "gross": result,
        "fees": Decimal(0),
        "net": result,
        "net_base": result,
        "currency": "USD",
    }
    return Trade(**(values | fields))
