"""Strategies as JSON and back: what a table's columns do not hold of them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ibjournal.domain.depot import AccountId
from ibjournal.domain.execution import ExecutionId
from ibjournal.domain.instrument import AssetClass, InstrumentId
from ibjournal.domain.strategy import (
    Confidence,
    Opening,
    Outlook,
    Premium,
    Reason,
    Reference,
    Strategy,
    StrategyKey,
    StrategyLeg,
    Structure,
)
from ibjournal.domain.trade import TradeKey


def encoded(strategy: Strategy) -> dict[str, Any]:
    """Return everything but the columns, ready for JSON: amounts as text."""
    return {
        "symbol": strategy.symbol,
        "name": strategy.name,
        "outlook": strategy.outlook.value,
        "premium": strategy.premium.value,
        "cash": _text(strategy.opening_cash),
        "currency": strategy.currency,
        "legs": [_leg(leg) for leg in strategy.legs],
        "opened_on": strategy.opened_on.isoformat(),
        "closed_on": _iso(strategy.closed_on),
        "confidence": strategy.confidence.value,
        "reasons": [[reason.code, dict(reason.values)] for reason in strategy.reasons],
        "alternatives": [each.value for each in strategy.alternatives],
        "referenced": [[each.instrument, _text(each.quantity), list(each.trades)] for each in strategy.referenced],
        "net": _text(strategy.net),
        "fees": _text(strategy.fees),
        "booked": _text(strategy.booked),
        "net_base": _text(strategy.net_base),
        "currency_effect": _text(strategy.currency_effect),
    }


def decoded(
    data: dict[str, Any],
    *,
    key: StrategyKey,
    account: AccountId,
    underlying: str,
    structure: Structure,
    opened_at: datetime,
    closed_at: datetime | None,
) -> Strategy:
    """Return the strategy of a row; the opposite of `encoded`."""
    return Strategy(
        key=key,
        account=account,
        underlying=underlying,
        symbol=data["symbol"],
        structure=structure,
        name=data["name"],
        outlook=Outlook(data["outlook"]),
        premium=Premium(data["premium"]),
        opening_cash=Decimal(data["cash"]),
        currency=data["currency"],
        legs=tuple(_leg_of(leg) for leg in data["legs"]),
        opened_at=opened_at,
        opened_on=date.fromisoformat(data["opened_on"]),
        closed_at=closed_at,
        closed_on=_day(data["closed_on"]),
        confidence=Confidence(data["confidence"]),
        reasons=tuple(Reason(code, tuple(values.items())) for code, values in data["reasons"]),
        alternatives=tuple(Structure(each) for each in data["alternatives"]),
        referenced=tuple(
            Reference(instrument=InstrumentId(instrument), quantity=Decimal(quantity), trades=tuple(map(TradeKey, trades)))
            for instrument, quantity, trades in data["referenced"]
        ),
        net=_decimal(data["net"]),
        fees=Decimal(data["fees"]),
        booked=_decimal(data["booked"]),
        net_base=_decimal(data["net_base"]),
        currency_effect=_decimal(data["currency_effect"]),
    )


def _leg(leg: StrategyLeg) -> dict[str, Any]:
    return {
        "instrument": leg.instrument,
        "class": leg.asset_class.value,
        "symbol": leg.symbol,
        "right": leg.right,
        "strike": _text(leg.strike),
        "expiry": _iso(leg.expiry),
        "multiplier": _text(leg.multiplier),
        "quantity": _text(leg.quantity),
        "ratio": leg.ratio,
        "price": _text(leg.price),
        "openings": [[each.execution, _text(each.quantity), _text(each.price)] for each in leg.openings],
        "trades": list(leg.trades),
        "open": leg.is_open,
    }


def _leg_of(data: dict[str, Any]) -> StrategyLeg:
    return StrategyLeg(
        instrument=InstrumentId(data["instrument"]),
        asset_class=AssetClass.of(data["class"]),
        symbol=data["symbol"],
        right=data["right"],
        strike=_decimal(data["strike"]),
        expiry=_day(data["expiry"]),
        multiplier=Decimal(data["multiplier"]),
        quantity=Decimal(data["quantity"]),
        ratio=data["ratio"],
        price=Decimal(data["price"]),
        openings=tuple(
            Opening(ExecutionId(execution), Decimal(quantity), Decimal(price)) for execution, quantity, price in data["openings"]
        ),
        trades=tuple(map(TradeKey, data["trades"])),
        is_open=data["open"],
    )


def _text(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
