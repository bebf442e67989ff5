"""Strategies, and what they are found in; what the user said of them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from ibjournal.domain.depot import AccountId
from ibjournal.domain.execution import ExecutionId
from ibjournal.domain.instrument import InstrumentId
from ibjournal.domain.strategy import Choice, ChoiceKind, Chosen, LegFill, Strategy, StrategyKey, Structure
from ibjournal.domain.trade import Role, Trade
from ibjournal.store.executions import day_of
from ibjournal.store.strategy_rows import decoded, encoded

_BOOKED = "BookTrade"
_BOOKED_CODES = frozenset({"A", "Ex", "AEx", "MEx", "GEA", "Ep"})
"""Of exercise, assignment and expiry, for queries that leave the kind of a fill out."""
_COLUMNS = "key, account, underlying, structure, certain, opened_at, closed_at, data"


def leg_fills(db: sqlite3.Connection, account: AccountId, trades: Iterable[Trade]) -> list[LegFill]:
    """Return the active fills of an account that are in some trades, each with its part in them; a flip is two."""
    pieces: dict[InstrumentId, dict[str, list[tuple[Trade, Role, Decimal]]]] = {}
    for trade in trades:
        for piece in trade.pieces:
            if (piece.account or trade.account) == account:
                mine = pieces.setdefault(piece.instrument or trade.instrument, {})
                mine.setdefault(piece.execution, []).append((trade, piece.role, piece.quantity))
    found: list[LegFill] = []
    for instrument, parts in pieces.items():
        found.extend(_fills_of(db, account, instrument, parts))
    return found


def _fills_of(
    db: sqlite3.Connection, account: AccountId, instrument: InstrumentId, parts: Mapping[str, list[tuple[Trade, Role, Decimal]]]
) -> Iterator[LegFill]:
    rows = db.execute(
        "SELECT uid, price, executed_at, trade_date, order_id, brokerage_order_id, exec_id, trade_id, kind, codes FROM executions"
        " WHERE account=? AND instrument=? AND status='active' ORDER BY id",
        (account, instrument),
    )
    seen: dict[str, int] = {}
    for uid, price, executed_at, trade_date, order_id, brokerage, exec_id, trade_id, kind, codes in rows:
        count = seen[uid] = seen.get(uid, 0) + 1
        number = uid if count == 1 else f"{uid}~{count}"  # as `distinct` names them
        for trade, role, quantity in parts.get(number, ()):
            yield LegFill(
                instrument=instrument,
                execution=ExecutionId(number),
                quantity=quantity,
                opening=role is Role.OPENING,
                price=Decimal(price),
                executed_at=datetime.fromtimestamp(executed_at, UTC),
                trade_date=day_of(trade_date),
                trade=trade.key,
                order_id=order_id,
                brokerage_order_id=brokerage,
                exec_id=exec_id,
                trade_id=trade_id,
                on_exchange=kind != _BOOKED and _BOOKED_CODES.isdisjoint(codes.split(";")),
            )


# --- what was found ----------------------------------------------------------------------------------------------------


def replace_strategies(
    db: sqlite3.Connection,
    account: AccountId,
    underlying: str,
    instruments: Iterable[InstrumentId],
    strategies: Sequence[Strategy],
) -> None:
    """Replace the strategies of an underlying, under whatever word it was known before."""
    db.execute("DELETE FROM strategies WHERE account=? AND underlying=?", (account, underlying))
    for instrument in instruments:
        start = f"{account}/{instrument}/"
        db.execute("DELETE FROM strategies WHERE key>=? AND key<?", (start, start[:-1] + "0"))  # 0 comes right behind the slash
    rows = [
        (
            each.key,
            each.account,
            each.underlying,
            each.structure.value,
            int(each.certain),
            int(each.opened_at.timestamp()),
            None if each.closed_at is None else int(each.closed_at.timestamp()),
            json.dumps(encoded(each)),
        )
        for each in strategies
    ]
    db.executemany(f"INSERT INTO strategies ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)  # noqa: S608 - a constant


def list_strategies(db: sqlite3.Connection, accounts: Iterable[AccountId], *, to_review: bool = False) -> tuple[Strategy, ...]:
    """Return the strategies of some accounts, the latest to begin first; ``to_review`` leaves only those that wait for the user."""
    found: list[Strategy] = []
    certain = " AND certain=0" if to_review else ""
    for account in accounts:
        rows = db.execute(f"SELECT {_COLUMNS} FROM strategies WHERE account=?{certain}", (account,))  # noqa: S608 - constants
        found.extend(_strategy(row) for row in rows)
    return tuple(sorted(found, key=lambda each: (each.opened_at, each.key), reverse=True))


def get_strategy(db: sqlite3.Connection, key: StrategyKey) -> Strategy | None:
    """Return one strategy, None when there is none of that key (any more)."""
    row = db.execute(f"SELECT {_COLUMNS} FROM strategies WHERE key=?", (key,)).fetchone()  # noqa: S608 - a constant
    return _strategy(row) if row else None


def _strategy(row: Sequence[Any]) -> Strategy:
    key, account, underlying, structure, _certain, opened_at, closed_at, data = row
    return decoded(
        json.loads(data),
        key=StrategyKey(key),
        account=AccountId(account),
        underlying=underlying,
        structure=Structure(structure),
        opened_at=datetime.fromtimestamp(opened_at, UTC),
        closed_at=None if closed_at is None else datetime.fromtimestamp(closed_at, UTC),
    )


# --- what the user said ------------------------------------------------------------------------------------------------


def add_choice(
    db: sqlite3.Connection,
    account: AccountId,
    underlying: str,
    kind: ChoiceKind,
    executions: Iterable[Chosen],
    *,
    changed_at: datetime,
    name: str = "",
    structure: Structure | None = None,
) -> int:
    """Keep what the user said; return its number. A later choice wins over an earlier one."""
    anchors = [
        [each.instrument, each.execution, each.part] if each.part else [each.instrument, each.execution] for each in executions
    ]
    cursor = db.execute(
        "INSERT INTO strategy_choices (account, underlying, kind, name, structure, executions, changed_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            account,
            underlying,
            kind.value,
            name,
            "" if structure is None else structure.value,
            json.dumps(anchors),
            int(changed_at.timestamp()),
        ),
    )
    return int(cursor.lastrowid or 0)


def choices_of(db: sqlite3.Connection, account: AccountId) -> tuple[Choice, ...]:
    """Return what the user said of an account's executions, in the order in which it was said."""
    rows = db.execute("SELECT id, kind, name, structure, executions FROM strategy_choices WHERE account=? ORDER BY id", (account,))
    return tuple(
        Choice(
            id=number,
            kind=ChoiceKind(kind),
            name=name,
            structure=Structure(structure) if structure else None,
            executions=tuple(
                Chosen(InstrumentId(each[0]), ExecutionId(each[1]), int(each[2]) if len(each) > 2 else 0)  # noqa: PLR2004 - a part
                for each in json.loads(executions)
            ),
        )
        for number, kind, name, structure, executions in rows
    )


def last_choice(db: sqlite3.Connection) -> tuple[AccountId, Choice] | None:
    """Return the last thing that the user said, None where nothing was."""
    row = db.execute("SELECT id, account FROM strategy_choices ORDER BY id DESC LIMIT 1").fetchone()
    if row is None:
        return None
    account = AccountId(row[1])
    return account, next(each for each in choices_of(db, account) if each.id == row[0])


def remove_choice(db: sqlite3.Connection, number: int) -> None:
    """Forget what the user said."""
    db.execute("DELETE FROM strategy_choices WHERE id=?", (number,))
