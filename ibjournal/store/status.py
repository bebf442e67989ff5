"""Which fills count: cancels, corrections, and fills that a later report no longer tells of.

Derived from the rows of an instrument, so that the order in which reports came does not matter.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from ibjournal.domain.depot import AccountId
from ibjournal.domain.execution import ExecutionStatus
from ibjournal.domain.instrument import InstrumentId

_CANCEL_KINDS = frozenset({"TradeCancel", "FracShareCancel"})
_EXEC_ID_GROUPS = 4
# Activity of a day is complete two business days later at the latest; four days hold any weekend.
_SETTLED_AFTER_SECONDS = 4 * 86400


class _Row:
    """What decides about a fill."""

    def __init__(self, row: tuple[Any, ...]) -> None:
        self.id: int = row[0]
        self.status: str = row[1]
        self.gone = bool(row[2])
        self.kind: str = row[3]
        self.buy_sell: str = row[4]
        self.codes: str = row[5]
        self.quantity = Decimal(row[6])
        self.price = Decimal(row[7])
        self.trade_date: str = row[8]
        self.executed_at: int = row[9]
        self.trade_id: str = row[10]
        self.transaction_id: str = row[11]
        self.exec_id: str = row[12]
        self.orig_trade_id: str = row[13]
        self.orig_transaction_id: str = row[14]
        self.orig_trade_date: str | None = row[15]
        self.incomplete = bool(row[16])

    @property
    def is_cancel(self) -> bool:
        return self.kind in _CANCEL_KINDS or "(Ca.)" in self.buy_sell or "Ca" in self.codes.split(";")

    @property
    def order(self) -> tuple[int, int, int, str, int]:
        number, fill = (int(text) if text.isdecimal() else 0 for text in (self.transaction_id, self.trade_id))
        return self.executed_at, number, fill, self.exec_id, self.id


def settle(db: sqlite3.Connection, account: AccountId, instrument: InstrumentId) -> int:
    """Give the fills of one instrument their status; return how many cancels have no original."""
    if not _worth_a_look(db, account, instrument):
        return 0
    rows = [_Row(row) for row in db.execute(_ROWS, (account, instrument))]
    statuses, orphans = _statuses(rows)
    changed = [(statuses[row.id].value, row.id) for row in rows if statuses[row.id].value != row.status]
    db.executemany("UPDATE executions SET status=? WHERE id=?", changed)
    return orphans


_ROWS = (
    "SELECT id, status, gone, kind, buy_sell, codes, quantity, price, trade_date, executed_at, trade_id, transaction_id, exec_id,"
    " orig_trade_id, orig_transaction_id, orig_trade_date, extra IS NOT NULL AND extra LIKE '%\"missing\"%'"
    " FROM executions WHERE account=? AND instrument=?"
)


_UNUSUAL = (
    "status<>'active' OR gone<>0 OR extra IS NOT NULL OR kind IN ('TradeCancel', 'FracShareCancel', 'TradeCorrect')"
    " OR instr(buy_sell, '(Ca.)') OR instr(codes, 'Ca') OR (exec_id<>'' AND substr(exec_id, -3)<>'.01')"
)


def _worth_a_look(db: sqlite3.Connection, account: AccountId, instrument: InstrumentId) -> bool:
    # nearly all instruments have neither cancels nor corrections, and an index knows those that have
    row = db.execute(f"SELECT 1 FROM executions WHERE account=? AND instrument=? AND ({_UNUSUAL}) LIMIT 1", (account, instrument))  # noqa: S608
    return row.fetchone() is not None


def _statuses(rows: list[_Row]) -> tuple[dict[int, ExecutionStatus], int]:
    statuses = {row.id: ExecutionStatus.ACTIVE for row in rows}
    rows.sort(key=lambda row: row.order)
    orphans = 0
    for row in rows:
        if row.incomplete:
            statuses[row.id] = ExecutionStatus.INCOMPLETE
        elif row.gone:
            statuses[row.id] = ExecutionStatus.VANISHED
    for cancel in (row for row in rows if row.is_cancel):
        if statuses[cancel.id] is ExecutionStatus.VANISHED:
            continue
        statuses[cancel.id] = ExecutionStatus.CANCEL
        original = _original(cancel, [row for row in rows if statuses[row.id] is ExecutionStatus.ACTIVE and not row.is_cancel])
        if original is None:
            orphans += 1
        else:
            statuses[original.id] = ExecutionStatus.CANCELLED
    latest: dict[str, _Row] = {}
    for row in rows:
        fill, revision = _revision(row.exec_id)
        if not fill or statuses[row.id] is not ExecutionStatus.ACTIVE:
            continue
        before = latest.get(fill)
        if before is not None and _revision(before.exec_id)[1] != revision:
            older = min(before, row, key=lambda each: _revision(each.exec_id)[1])
            statuses[older.id] = ExecutionStatus.SUPERSEDED
            latest[fill] = row if older is before else before
        else:
            latest[fill] = row
    return statuses, orphans


def _original(cancel: _Row, candidates: Iterable[_Row]) -> _Row | None:
    """Find what a cancel reverses: by the ids it names, else by price and day."""
    reversed_ = [row for row in candidates if row.quantity == -cancel.quantity]
    if cancel.orig_transaction_id:
        named = [row for row in reversed_ if row.transaction_id == cancel.orig_transaction_id]
        if named:
            return named[0]
    if cancel.orig_trade_id:
        # a corrected re-booking shares the trade id, and it comes after the original
        named = [row for row in reversed_ if row.trade_id == cancel.orig_trade_id]
        if named:
            return min(named, key=lambda row: (_revision(row.exec_id)[1], row.order))
    day = cancel.orig_trade_date or cancel.trade_date
    alike = [row for row in reversed_ if row.price == cancel.price and row.trade_date == day]
    return alike[0] if alike else None


def _revision(exec_id: str) -> tuple[str, str]:
    parts = exec_id.split(".")
    return (".".join(parts[:-1]), parts[-1]) if len(parts) == _EXEC_ID_GROUPS else ("", "")


def mark_gone(db: sqlite3.Connection, account: AccountId, *, from_date: str, to_date: str) -> list[tuple[InstrumentId, bool]]:
    """Mark the fills of some days that a later report over those days leaves out.

    Returns an entry for each fill that changed: its instrument, and whether it is gone now.

    A fill of Activity is gone when a later Activity report of the same query covers its report date without it;
    one of a confirmation when any Activity report made days later does.
    """
    rows = db.execute(
        "SELECT id, instrument, gone, EXISTS (SELECT 1 FROM coverage c WHERE c.account=e.account AND c.type='AF' AND c.has_trades"
        " AND c.generated_at > e.last_seen_at AND ((e.source='AF' AND c.query_name=e.query_name)"
        " OR (e.source='TCF' AND c.generated_at > e.executed_at + ?))"
        " AND coalesce(e.report_date, e.trade_date) BETWEEN c.from_date AND c.to_date)"
        " FROM executions e WHERE e.account=? AND coalesce(e.report_date, e.trade_date) BETWEEN ? AND ?"
        " AND (e.gone OR e.last_seen_at < (SELECT max(generated_at) FROM coverage WHERE account=? AND type='AF'))",
        (_SETTLED_AFTER_SECONDS, account, from_date, to_date, account),
    ).fetchall()
    changed = [(gone, number, instrument) for number, instrument, was, gone in rows if bool(was) != bool(gone)]
    db.executemany("UPDATE executions SET gone=? WHERE id=?", [(gone, number) for gone, number, _instrument in changed])
    return [(InstrumentId(instrument), bool(gone)) for gone, _number, instrument in changed]
