"""Trades, open lots and problems: derived rows, replaced as a whole for each instrument that was touched."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from json.encoder import encode_basestring_ascii as _quoted
from typing import Any

from ibjournal.domain.depot import AccountId
from ibjournal.domain.execution import ExecutionId
from ibjournal.domain.instrument import InstrumentId
from ibjournal.domain.lots import LotMatch, OpenLot
from ibjournal.domain.matching import Matching, MatchingProblem
from ibjournal.domain.position_event import Place
from ibjournal.domain.trade import Piece, Role, Side, Trade, TradeKey, TradeStatus
from ibjournal.store.executions import day_of
from ibjournal.store.matching import Rates, match_stored

_COLUMNS = (
    "key, account, instrument, side, status, opened_at, closed_at, opened_on, closed_on, quantity, open_quantity, entry_price,"
    " exit_price, gross, fees, net, net_base, currency, entry_known, provisional, ended_by, pieces, booked, currency_effect"
)
_INSERT = f"INSERT INTO trades ({_COLUMNS}) VALUES ({', '.join('?' * (_COLUMNS.count(',') + 1))})"  # noqa: S608

_LOT_COLUMNS = 9
# asking an enumeration for its value is slow, and there are as many pieces as fills
_OPENING, _CLOSING = Role.OPENING.value, Role.CLOSING.value


def replace_trades(db: sqlite3.Connection, found: Mapping[Place, Matching]) -> None:
    """Replace everything derived of some places by a new matching of all of them together."""
    for place in found:
        # a trade that moved stands in another place, but its key keeps where it began
        start = f"{place.account}/{place.instrument}/"
        db.execute("DELETE FROM trades WHERE key>=? AND key<?", (start, start[:-1] + "0"))  # 0 comes right behind the slash
        db.execute("DELETE FROM matchings WHERE account=? AND instrument=?", place)
    for place, matching in found.items():
        db.executemany(_INSERT, [_row(trade) for trade in matching.trades])
        if matching.open_lots or matching.problems:
            lots = json.dumps([_lot_row(lot) for lot in matching.open_lots])
            problems = json.dumps([_problem_row(problem) for problem in matching.problems])
            db.execute("INSERT INTO matchings VALUES (?, ?, ?, ?)", (*place, lots, problems))


def remove_all(db: sqlite3.Connection) -> None:
    """Drop everything derived, before a rebuild from the executions; facts too, so that all they concern is built anew."""
    db.execute("DELETE FROM trades")
    db.execute("DELETE FROM matchings")
    db.execute("DELETE FROM missing_rates")
    db.execute("DELETE FROM position_facts")


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
                f'[{_quoted(each.execution)},"{_OPENING if each.role is Role.OPENING else _CLOSING}",'
                f'"{_text(each.quantity)}","{_text(each.fees)}"]'
                if each.instrument is None and each.account is None
                else _moved_piece(each)
                for each in trade.pieces
            ]
        )
        + "]",
        _text(trade.booked),
        _text(trade.currency_effect),
    )


def _moved_piece(piece: Piece) -> str:
    told = [piece.execution, piece.role.value, _text(piece.quantity), _text(piece.fees), piece.account, piece.instrument]
    return json.dumps(told)


def _lot_row(lot: OpenLot) -> tuple[Any, ...]:
    return (
        lot.opening,
        _text(lot.quantity),
        _text(lot.price),
        _text(lot.cost),
        _seconds(lot.opened_at),
        lot.trade,
        _text(lot.booked_cost),
        _text(lot.rate),
        int(lot.basis_known),
    )


def _problem_row(problem: MatchingProblem) -> dict[str, Any]:
    values = {name: format(value, "f") if isinstance(value, Decimal) else str(value) for name, value in problem.values}
    return {"code": problem.code, "execution": problem.execution, "values": values}


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
            Piece(
                execution=ExecutionId(execution),
                role=Role(role),
                quantity=Decimal(quantity),
                fees=Decimal(fees),
                account=AccountId(moved[0]) if moved and moved[0] else None,
                instrument=InstrumentId(moved[1]) if moved and moved[1] else None,
            )
            for execution, role, quantity, fees, *moved in json.loads(row[21])
        ),
        booked=_decimal(row[22]),
        currency_effect=_decimal(row[23]),
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


def matches_of(db: sqlite3.Connection, account: AccountId, instrument: InstrumentId) -> tuple[LotMatch, ...]:
    """Return the lot matches of an instrument in order of time.

    They are not stored: matching them anew takes no longer than reading them would.
    """
    place = Place(account, instrument)
    return match_stored(db, place, Rates(db), with_matches=True)[place].matches


def matches_of_trade(db: sqlite3.Connection, trade: Trade) -> tuple[LotMatch, ...]:
    """Return the lot matches of a trade in order of time, wherever its lots have been."""
    return matches_by_trade(db, Place(trade.account, trade.instrument), Rates(db)).get(trade.key, ())


def matches_by_trade(db: sqlite3.Connection, place: Place, rates: Rates) -> dict[TradeKey, tuple[LotMatch, ...]]:
    """Return the lot matches of all trades of a place, and of the places tied to it, those of each trade in order of time."""
    by_trade: dict[TradeKey, list[LotMatch]] = {}
    for matching in match_stored(db, place, rates, with_matches=True).values():
        for match in matching.matches:
            by_trade.setdefault(match.trade, []).append(match)
    return {key: tuple(sorted(matches, key=lambda match: match.closed_at)) for key, matches in by_trade.items()}


def open_lots_of(db: sqlite3.Connection, accounts: Iterable[AccountId]) -> tuple[tuple[AccountId, InstrumentId, OpenLot], ...]:
    """Return what is open, lot by lot."""
    found = []
    for account in accounts:
        for instrument, lots in db.execute(
            "SELECT instrument, open_lots FROM matchings WHERE account=? AND open_lots<>'[]' ORDER BY instrument", (account,)
        ):
            found += [(account, InstrumentId(instrument), _lot(row)) for row in json.loads(lots)]
    return tuple(found)


def _lot(row: Sequence[Any]) -> OpenLot:
    # a row of an older engine is shorter, until the next start rebuilds it
    opening, quantity, price, cost, opened_at, trade, booked_cost, rate, basis_known = (*row, "", None, None, True)[:_LOT_COLUMNS]
    return OpenLot(
        opening=opening,
        quantity=Decimal(quantity),
        price=Decimal(price),
        cost=Decimal(cost),
        opened_at=datetime.fromtimestamp(opened_at, UTC),
        trade=TradeKey(trade),
        booked_cost=_decimal(booked_cost),
        rate=_decimal(rate),
        basis_known=bool(basis_known),
    )


def problems_of(
    db: sqlite3.Connection, accounts: Iterable[AccountId]
) -> tuple[tuple[AccountId, InstrumentId, dict[str, str]], ...]:
    """Return what the matching could not know, instrument by instrument: ``code``, ``execution`` and the problem's own values."""
    return tuple(
        (account, InstrumentId(instrument), _problem(problem))
        for account in accounts
        for instrument, problems in db.execute(
            "SELECT instrument, problems FROM matchings WHERE account=? AND problems<>'[]' ORDER BY instrument", (account,)
        )
        for problem in json.loads(problems)
    )


def _problem(row: dict[str, Any]) -> dict[str, str]:
    values = row.get("values")
    own = values if isinstance(values, dict) else {}  # an older engine wrote them as one text
    return {"code": row["code"], "execution": row.get("execution") or "", **own}
