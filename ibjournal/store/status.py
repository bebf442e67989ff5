"""Which fills count: cancels, corrections, and fills that a later report no longer tells of.

Derived from the rows of an instrument, so that the order in which reports came does not matter.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from ibjournal.domain.depot import AccountId
from ibjournal.domain.execution import ExecutionId, ExecutionStatus, ReportType
from ibjournal.domain.instrument import InstrumentId
from ibjournal.store.fill_changes import replace_corrections
from ibjournal.store.same_fill import CORRECTION, cancels

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
        return cancels(self.kind, self.buy_sell, self.codes)

    @property
    def order(self) -> tuple[int, int, int, str, int]:
        number, fill = (int(text) if text.isdecimal() else 0 for text in (self.transaction_id, self.trade_id))
        return self.executed_at, number, fill, self.exec_id, self.id


def settle(db: sqlite3.Connection, account: AccountId, instrument: InstrumentId) -> int:
    """Give the fills of one instrument their status, note what corrections changed; return how many cancels have no original."""
    rows = [_Row(row) for row in db.execute(_ROWS, (account, instrument))]
    settled = _Settled(rows)
    changed = [(status.value, row.id) for row in rows if (status := settled.statuses[row.id]).value != row.status]
    db.executemany("UPDATE executions SET status=? WHERE id=?", changed)
    replace_corrections(db, account, instrument, settled.corrections)
    return len(settled.orphans)


_ROWS = (
    "SELECT id, status, gone, kind, buy_sell, codes, quantity, price, trade_date, executed_at, trade_id, transaction_id, exec_id,"
    " orig_trade_id, orig_transaction_id, orig_trade_date, extra IS NOT NULL AND extra LIKE '%\"missing\"%'"
    " FROM executions WHERE account=? AND instrument=?"
)


UNUSUAL = (
    "status<>'active' OR gone<>0 OR extra IS NOT NULL"
    " OR kind='TradeCancel' OR kind='FracShareCancel' OR kind='TradeCorrect'"
    " OR instr(buy_sell, '(Ca.)') OR instr(codes, 'Ca') OR (exec_id<>'' AND substr(exec_id, -3)<>'.01')"
)
"""In SQL: what can be a cancel, a correction, incomplete or gone; the words of the index in the schema."""


def is_unusual(db: sqlite3.Connection, account: AccountId, instrument: InstrumentId) -> bool:
    """Tell whether an instrument has fills that `settle` must look at; nearly none has, and an index knows those that have."""
    row = db.execute(f"SELECT 1 FROM executions WHERE account=? AND instrument=? AND ({UNUSUAL}) LIMIT 1", (account, instrument))  # noqa: S608
    return row.fetchone() is not None


class _Settled:
    """What the rows of one instrument mean for each other."""

    def __init__(self, rows: list[_Row]) -> None:
        rows.sort(key=lambda row: row.order)
        self.statuses = {row.id: _alone(row) for row in rows}
        self.orphans: list[int] = []
        """Rows of cancels without an original."""
        self.corrections: list[tuple[int, int]] = []
        """Rows of fills and of what took their place."""
        self._rows = rows
        self._cancel()
        self._correct()
        self._revise()

    def _active(self) -> list[_Row]:
        return [row for row in self._rows if self.statuses[row.id] is ExecutionStatus.ACTIVE]

    def _cancel(self) -> None:
        for cancel in (row for row in self._rows if row.is_cancel):
            if self.statuses[cancel.id] is ExecutionStatus.VANISHED:
                continue
            self.statuses[cancel.id] = ExecutionStatus.CANCEL
            original = _original(cancel, [row for row in self._active() if not row.is_cancel])
            if original is None:
                self.orphans.append(cancel.id)
            else:
                self.statuses[original.id] = ExecutionStatus.CANCELLED

    def _correct(self) -> None:
        """Let a correction take the place of what it names, where no cancel took that back."""
        for correction in (row for row in self._active() if row.kind == CORRECTION):
            for row in self._active():
                if row.id != correction.id and row.kind != CORRECTION and _is_named(row, correction):
                    self._replace(row, correction)
                    break

    def _revise(self) -> None:
        """Let the newest revision of a fill stand for all; one that a later report leaves out went with its correction."""
        newest: dict[str, tuple[str, _Row]] = {}
        for row in self._active():
            fill, revision = _revision(row.exec_id)
            if fill and (fill not in newest or newest[fill][0] <= revision):
                newest[fill] = (revision, row)
        for row in self._rows:
            fill, revision = _revision(row.exec_id)
            if fill in newest and revision < newest[fill][0] and self.statuses[row.id] in _REPLACEABLE:
                self._replace(row, newest[fill][1])

    def _replace(self, older: _Row, newer: _Row) -> None:
        self.statuses[older.id] = ExecutionStatus.SUPERSEDED
        self.corrections.append((older.id, newer.id))


_REPLACEABLE = frozenset({ExecutionStatus.ACTIVE, ExecutionStatus.VANISHED})


def _alone(row: _Row) -> ExecutionStatus:
    if row.incomplete:
        return ExecutionStatus.INCOMPLETE
    return ExecutionStatus.VANISHED if row.gone else ExecutionStatus.ACTIVE


def _is_named(row: _Row, correction: _Row) -> bool:
    if (row.quantity > 0) is not (correction.quantity > 0):
        return False
    by_transaction = correction.orig_transaction_id and row.transaction_id == correction.orig_transaction_id
    return bool(by_transaction or (correction.orig_trade_id and row.trade_id == correction.orig_trade_id))


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """A fill that a report made missing, or brought back: ``number`` is its row."""

    number: int
    instrument: InstrumentId
    gone: bool


def mark_gone(db: sqlite3.Connection, account: AccountId, *, from_date: str, to_date: str) -> list[Gone]:
    """Mark the fills of some days that a later report over those days leaves out; return those that changed.

    A fill of Activity is gone when a later Activity report of the same query covers its report date without it;
    one of a confirmation when any Activity report made days later does.
    """
    rows = db.execute(
        f"SELECT id, instrument, gone, EXISTS (SELECT 1 FROM coverage c WHERE {_LEAVES_OUT})"  # noqa: S608 - a constant
        " FROM executions e WHERE e.account=? AND coalesce(e.report_date, e.trade_date) BETWEEN ? AND ?"
        " AND (e.gone OR e.last_seen_at < (SELECT max(generated_at) FROM coverage WHERE account=? AND type='AF'))",
        (_SETTLED_AFTER_SECONDS, account, from_date, to_date, account),
    ).fetchall()
    changed = [Gone(number=number, instrument=instrument, gone=bool(gone)) for number, instrument, was, gone in rows if was != gone]
    db.executemany("UPDATE executions SET gone=? WHERE id=?", [(each.gone, each.number) for each in changed])
    return changed


_LEAVES_OUT = (
    "c.account=e.account AND c.type='AF' AND c.has_trades AND c.generated_at > e.last_seen_at"
    " AND ((e.source='AF' AND c.query_name=e.query_name) OR (e.source='TCF' AND c.generated_at > e.executed_at + ?))"
    " AND coalesce(e.report_date, e.trade_date) BETWEEN c.from_date AND c.to_date"
)


def count_vanished(db: sqlite3.Connection, numbers: Sequence[int]) -> int:
    """Return how many of some rows have the status of a fill that is gone: others went with a correction."""
    vanished = ExecutionStatus.VANISHED.value
    return sum(
        db.execute("SELECT 1 FROM executions WHERE id=? AND status=?", (number, vanished)).fetchone() is not None
        for number in numbers
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingFill:
    """A fill that needs a look: a later report leaves it out, or it takes back what is not there.

    ``told_by`` is the report that told of it last, ``left_out_by`` the last that covers its day without it, None for a cancel.
    """

    account: AccountId
    instrument: InstrumentId
    execution: ExecutionId
    symbol: str
    executed_at: datetime
    trade_date: date
    quantity: Decimal
    price: Decimal
    currency: str
    provisional: bool
    told_by: int
    left_out_by: int | None


_MISSING = (
    "e.account, e.instrument, e.uid, e.symbol, e.executed_at, e.trade_date, e.quantity, e.price, e.currency, e.source, e.report"
)


def vanished(db: sqlite3.Connection, accounts: Sequence[AccountId]) -> tuple[MissingFill, ...]:
    """Return the fills of some accounts that a later report leaves out, the latest first."""
    marks = ",".join("?" * len(accounts))
    rows = db.execute(
        f"SELECT {_MISSING}, (SELECT c.report FROM coverage c WHERE {_LEAVES_OUT}"  # noqa: S608 - constants
        " ORDER BY c.generated_at DESC, c.report DESC LIMIT 1)"
        f" FROM executions e WHERE e.account IN ({marks}) AND e.status='vanished' ORDER BY e.executed_at DESC, e.id",
        (_SETTLED_AFTER_SECONDS, *accounts),
    )
    return tuple(_missing(row) for row in rows)


def orphan_cancels(db: sqlite3.Connection, accounts: Sequence[AccountId]) -> tuple[MissingFill, ...]:
    """Return the cancels of some accounts that take back nothing that is there, the latest first."""
    marks = ",".join("?" * len(accounts))
    places = db.execute(
        f"SELECT DISTINCT account, instrument FROM executions WHERE account IN ({marks}) AND status='cancel'",  # noqa: S608
        tuple(accounts),
    ).fetchall()
    found: list[MissingFill] = []
    for account, instrument in places:
        for number in _Settled([_Row(row) for row in db.execute(_ROWS, (account, instrument))]).orphans:
            row = db.execute(f"SELECT {_MISSING}, NULL FROM executions e WHERE e.id=?", (number,)).fetchone()  # noqa: S608
            found.append(_missing(row))
    return tuple(sorted(found, key=lambda each: each.executed_at, reverse=True))


def _missing(row: Sequence[Any]) -> MissingFill:
    account, instrument, uid, symbol, executed_at, trade_date, quantity, price, currency, source, told_by, left_out_by = row
    return MissingFill(
        account=account,
        instrument=instrument,
        execution=uid,
        symbol=symbol,
        executed_at=datetime.fromtimestamp(executed_at, UTC),
        trade_date=date.fromisoformat(trade_date),
        quantity=Decimal(quantity),
        price=Decimal(price),
        currency=currency,
        provisional=source == ReportType.CONFIRMATION.value,
        told_by=told_by,
        left_out_by=left_out_by,
    )
