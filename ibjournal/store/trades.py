"""Trades, open lots and problems: derived rows, replaced as a whole for each instrument that was touched."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from json.encoder import encode_basestring_ascii as _quoted
from typing import Any

from ibjournal.domain.depot import AccountId
from ibjournal.domain.execution import ExecutionId
from ibjournal.domain.instrument import InstrumentId, is_trade_instrument
from ibjournal.domain.lots import LotMatch, OpenLot
from ibjournal.domain.matching import Matching, RateLookup, match_instrument
from ibjournal.domain.trade import Piece, Role, Side, Trade, TradeKey, TradeStatus
from ibjournal.store.actions import actions_of
from ibjournal.store.depots import base_currencies
from ibjournal.store.executions import day_of, fills_of
from ibjournal.store.rates import RateTable

_COLUMNS = (
    "key, account, instrument, side, status, opened_at, closed_at, opened_on, closed_on, quantity, open_quantity, entry_price,"
    " exit_price, gross, fees, net, net_base, currency, entry_known, provisional, ended_by, pieces"
)
_INSERT = f"INSERT INTO trades ({_COLUMNS}) VALUES ({', '.join('?' * (_COLUMNS.count(',') + 1))})"  # noqa: S608


def replace_trades(db: sqlite3.Connection, account: AccountId, instrument: InstrumentId, matching: Matching) -> None:
    """Replace everything derived of one instrument by a new matching."""
    start = f"{account}/{instrument}/"  # as keys of trades begin
    db.execute(
        "DELETE FROM trades WHERE key>=? AND key<? AND +account=? AND instrument=?",  # the plus: by key, not by account
        (start, start[:-1] + "0", account, instrument),  # 0 comes right behind the slash
    )
    db.executemany(_INSERT, [_row(trade) for trade in matching.trades])
    db.execute("DELETE FROM matchings WHERE account=? AND instrument=?", (account, instrument))
    if matching.open_lots or matching.problems:
        lots = json.dumps([_lot_row(lot) for lot in matching.open_lots])
        problems = json.dumps([_problem_row(problem) for problem in matching.problems])
        db.execute("INSERT INTO matchings VALUES (?, ?, ?, ?)", (account, instrument, lots, problems))


def remove_all(db: sqlite3.Connection) -> None:
    """Drop everything derived, before a rebuild from the executions."""
    db.execute("DELETE FROM trades")
    db.execute("DELETE FROM matchings")


def _text(value: Decimal | None) -> str | None:
    if value is None:
        return None
    text = str(value)  # much quicker than format, and nearly always the same
    return format(value, "f") if "E" in text else text


def _seconds(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp())


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _row(trade: Trade) -> tuple[Any, ...]:
    return (
        trade.key,
        trade.account,
        trade.instrument,
        trade.side.value,
        trade.status.value,
        _seconds(trade.opened_at),
        _seconds(trade.closed_at),
        _iso(trade.opened_on),
        _iso(trade.closed_on),
        _text(trade.quantity),
        _text(trade.open_quantity),
        _text(trade.entry_price),
        _text(trade.exit_price),
        _text(trade.gross),
        _text(trade.fees),
        _text(trade.net),
        _text(trade.net_base),
        trade.currency,
        int(trade.entry_known),
        int(trade.provisional),
        trade.ended_by,
        # written by hand, for speed: but for the id there is nothing in it to escape
        "["
        + ",".join(
            [
                f'[{_quoted(each.execution)},"{each.role.value}","{_text(each.quantity)}","{_text(each.fees)}"]'
                for each in trade.pieces
            ]
        )
        + "]",
    )


def _lot_row(lot: OpenLot) -> tuple[Any, ...]:
    return lot.opening, _text(lot.quantity), _text(lot.price), _text(lot.cost), _seconds(lot.opened_at)


def _problem_row(problem: object) -> dict[str, str]:
    if not is_dataclass(problem):
        return {"code": str(problem)}
    return {each.name: str(getattr(problem, each.name)) for each in fields(problem)}


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _trade(row: Sequence[Any]) -> Trade:
    return Trade(
        key=TradeKey(row[0]),
        account=row[1],
        instrument=row[2],
        side=Side(row[3]),
        status=TradeStatus(row[4]),
        opened_at=datetime.fromtimestamp(row[5], UTC),
        closed_at=_moment(row[6]),
        opened_on=day_of(row[7]),
        closed_on=day_of(row[8]) if row[8] else None,
        quantity=Decimal(row[9]),
        open_quantity=Decimal(row[10]),
        entry_price=_decimal(row[11]),
        exit_price=_decimal(row[12]),
        gross=_decimal(row[13]),
        fees=Decimal(row[14]),
        net=_decimal(row[15]),
        net_base=_decimal(row[16]),
        currency=row[17],
        entry_known=bool(row[18]),
        provisional=bool(row[19]),
        ended_by=row[20],
        pieces=tuple(
            Piece(execution=ExecutionId(execution), role=Role(role), quantity=Decimal(quantity), fees=Decimal(fees))
            for execution, role, quantity, fees in json.loads(row[21])
        ),
    )


def list_trades(db: sqlite3.Connection, accounts: Iterable[AccountId]) -> tuple[Trade, ...]:
    """Return the trades of some accounts, the latest to begin first."""
    found: list[Trade] = []
    for account in accounts:
        found.extend(_trade(row) for row in db.execute(f"SELECT {_COLUMNS} FROM trades WHERE account=?", (account,)))  # noqa: S608
    return tuple(sorted(found, key=lambda trade: (trade.opened_at, trade.key), reverse=True))


def get_trade(db: sqlite3.Connection, key: TradeKey) -> Trade | None:
    """Return one trade, None when there is none of that key (any more)."""
    row = db.execute(f"SELECT {_COLUMNS} FROM trades WHERE key=?", (key,)).fetchone()  # noqa: S608
    return _trade(row) if row else None


def match_stored(
    db: sqlite3.Connection,
    account: AccountId,
    instrument: InstrumentId,
    *,
    base_currency: str,
    rate_to_base: RateLookup,
    with_matches: bool,
) -> Matching:
    """Match what the database holds of an instrument; nothing is written. Currency conversions make no trades."""
    fills = fills_of(db, account, instrument)
    if not fills or not is_trade_instrument(fills[0].asset_class):
        return Matching()
    actions = actions_of(db, account, instrument)
    return match_instrument(fills, actions, base_currency=base_currency, rate_to_base=rate_to_base, with_matches=with_matches)


def matches_of(db: sqlite3.Connection, account: AccountId, instrument: InstrumentId) -> tuple[LotMatch, ...]:
    """Return the lot matches of an instrument in order of time.

    They are not stored: matching them anew takes no longer than reading them would.
    """
    base = base_currencies(db).get(account, "")
    return match_stored(
        db, account, instrument, base_currency=base, rate_to_base=RateTable(db, account, base), with_matches=True
    ).matches


def open_lots_of(db: sqlite3.Connection, accounts: Iterable[AccountId]) -> tuple[tuple[AccountId, InstrumentId, OpenLot], ...]:
    """Return what is open, lot by lot."""
    found = []
    for account in accounts:
        for instrument, lots in db.execute(
            "SELECT instrument, open_lots FROM matchings WHERE account=? AND open_lots<>'[]' ORDER BY instrument", (account,)
        ):
            for opening, quantity, price, cost, opened_at in json.loads(lots):
                lot = OpenLot(
                    opening=opening,
                    quantity=Decimal(quantity),
                    price=Decimal(price),
                    cost=Decimal(cost),
                    opened_at=datetime.fromtimestamp(opened_at, UTC),
                )
                found.append((account, InstrumentId(instrument), lot))
    return tuple(found)


def problems_of(
    db: sqlite3.Connection, accounts: Iterable[AccountId]
) -> tuple[tuple[AccountId, InstrumentId, dict[str, str]], ...]:
    """Return what the matching could not know, instrument by instrument."""
    return tuple(
        (account, InstrumentId(instrument), problem)
        for account in accounts
        for instrument, problems in db.execute(
            "SELECT instrument, problems FROM matchings WHERE account=? AND problems<>'[]' ORDER BY instrument", (account,)
        )
        for problem in json.loads(problems)
    )
