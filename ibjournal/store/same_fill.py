"""Which stored row is the same fill as a row of a report, where the two name different ids.

A query may leave out any of IBKR's ids, and a confirmation has no transaction id. Two rows are one fill when they share an
execution id; else a trade id, with the same quantity and price; else, where neither has an id that contradicts, the same
contract, instant, quantity and price. A stored fill is one row of a report at the most.

Fills that are alike in all of that can only be paired by guess while no two reports share an id, and a later report may show the
guess to be wrong: its ids stand on rows that are taken. They were told before all the same, so the fill is one of those that are
alike, whichever is left. Only ids that nobody told before make another fill.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from typing import Any, NamedTuple

_CANCELS = frozenset({"TradeCancel", "FracShareCancel"})
CORRECTION = "TradeCorrect"
# conids are digits; the key of a contract without one begins with a letter or a colon, which come behind them
_BEHIND_CONIDS = ":"
UNNUMBERED = "transaction_id='' OR source<>'AF'"
"""In SQL: fills that only other ids name; the words of the index in the schema."""


class FillIds(NamedTuple):
    """What tells a fill from another. ``number`` is the row's, 0 for one that is not stored."""

    number: int
    instrument: str
    symbol: str
    executed_at: int
    quantity: str
    price: str
    exec_id: str
    trade_id: str
    cancels: bool


_SELECT = "SELECT id, instrument, symbol, executed_at, quantity, price, exec_id, trade_id, kind, buy_sell, codes FROM executions"


def cancels(kind: str, buy_sell: str, codes: str) -> bool:
    """Tell whether a row takes a fill back. A correction may carry the code of a cancel, and is none."""
    if kind == CORRECTION:
        return "(Ca.)" in buy_sell
    return kind in _CANCELS or "(Ca.)" in buy_sell or ("Ca" in codes and "Ca" in codes.split(";"))


def has_conid(instrument: str) -> bool:
    """Tell whether a contract is named by IBKR's number, and not by a key of ours."""
    return instrument < _BEHIND_CONIDS


class _Pool:
    """Fills that are stored, by each of the ways to find them."""

    def __init__(self, rows: Iterable[tuple[Any, ...]]) -> None:
        self._by_exec: defaultdict[str, list[FillIds]] = defaultdict(list)
        self._by_trade: defaultdict[str, list[FillIds]] = defaultdict(list)
        self._by_content: defaultdict[tuple[int, str, str], list[FillIds]] = defaultdict(list)
        for *ids, kind, buy_sell, codes in rows:
            fill = FillIds._make((*ids, cancels(kind, buy_sell, codes)))
            if fill.exec_id:
                self._by_exec[fill.exec_id].append(fill)
            if fill.trade_id:
                self._by_trade[fill.trade_id].append(fill)
            self._by_content[fill.executed_at, fill.quantity, fill.price].append(fill)

    def find(self, wanted: FillIds, taken: AbstractSet[int]) -> int | None:
        """Return the row that names the fill, or names it by what was traded where no id says otherwise."""
        ways: list[tuple[Iterable[FillIds], Callable[[FillIds], bool]]] = []
        if wanted.exec_id:
            ways.append((self._by_exec.get(wanted.exec_id, ()), lambda _fill: True))
        if wanted.trade_id:
            shared = self._by_trade.get(wanted.trade_id, ())
            ways.append((shared, lambda fill: fill.quantity == wanted.quantity and fill.price == wanted.price))
            # a price can be corrected; a trade id is shared by re-bookings, which come later
            ways.append((shared, lambda fill: fill.quantity == wanted.quantity and fill.executed_at == wanted.executed_at))
        ways.append((self._alike(wanted), lambda fill: not _differ(fill.trade_id, wanted.trade_id)))
        for fills, fits in ways:
            for fill in fills:
                if fill.number in taken or fill.cancels is not wanted.cancels or _differ(fill.exec_id, wanted.exec_id):
                    continue
                if fits(fill):
                    return fill.number
        return None

    def left(self, wanted: FillIds, taken: AbstractSet[int]) -> int | None:
        """Return a row that is alike and was not taken, whatever its ids."""
        return next((fill.number for fill in self._alike(wanted) if fill.number not in taken), None)

    def _alike(self, wanted: FillIds) -> Iterator[FillIds]:
        for fill in self._by_content.get((wanted.executed_at, wanted.quantity, wanted.price), ()):
            if fill.cancels is wanted.cancels and _same_contract(fill, wanted):
                yield fill


def _differ(one: str, other: str) -> bool:
    return bool(one) and bool(other) and one != other


def _same_contract(one: FillIds, other: FillIds) -> bool:
    if one.instrument == other.instrument:
        return True
    return not (has_conid(one.instrument) and has_conid(other.instrument)) and one.symbol == other.symbol


class SameFills:
    """Finds the stored rows of one account's fills. What it reads it keeps: call `forget` when rows of others were added.

    Args:
        db: the database.
        account: whose fills.
        report: the report that is taken in.
        source: which of its rows look for others, ``AF`` or ``TCF``; rows that this report itself stored from there are no others.
    """

    def __init__(self, db: sqlite3.Connection, account: str, *, report: int, source: str) -> None:
        self._db = db
        self._account = account
        self._mine = (report, source)
        self._unnumbered: _Pool | None = None
        self._pools: dict[str, _Pool] = {}
        self._all_have_conids = True
        self._displaced: set[str] = set()
        self.forget()

    def forget(self) -> None:
        """Read anew what is asked for next."""
        self._unnumbered = None
        self._pools = {}
        row = self._db.execute(
            "SELECT 1 FROM executions WHERE account=? AND instrument>=? LIMIT 1", (self._account, _BEHIND_CONIDS)
        ).fetchone()
        self._all_have_conids = row is None

    def displaced(self, *ids: str) -> None:
        """Note ids that stood on a stored row until this report put others there: they were told."""
        self._displaced.update(ids)

    def find(self, wanted: FillIds, taken: AbstractSet[int], *, numbered: bool) -> int | None:
        """Return the number of the row of the same fill, None where there is none.

        Args:
            wanted: the fill.
            taken: rows that are other fills of the same report.
            numbered: whether the fill has a transaction id: then it can only be a row without one.
        """
        if numbered:
            if self._unnumbered is None:
                self._unnumbered = self._read(f"({UNNUMBERED})")
            return self._find_in(self._unnumbered, wanted, taken)
        instrument = wanted.instrument if self._all_have_conids and has_conid(wanted.instrument) else ""
        pool = self._pools.get(instrument)
        if pool is None:
            pool = self._pools[instrument] = self._read("instrument=?", instrument) if instrument else self._read("1")
        return self._find_in(pool, wanted, taken)

    def _find_in(self, pool: _Pool, wanted: FillIds, taken: AbstractSet[int]) -> int | None:
        found = pool.find(wanted, taken)
        if found is None and (left := pool.left(wanted, taken)) is not None and self._is_on_a_taken_row(wanted, taken):
            return left
        return found

    def _is_on_a_taken_row(self, wanted: FillIds, taken: AbstractSet[int]) -> bool:
        """Tell whether an id of a fill stands on a row that another fill of the report took, or stood there before."""
        if not self._displaced.isdisjoint({wanted.exec_id, wanted.trade_id} - {""}):
            return True
        rows = self._db.execute(
            f"{_SELECT} WHERE account=? AND executed_at=? AND quantity=? AND price=?"
            " AND ((exec_id<>'' AND exec_id=?) OR (trade_id<>'' AND trade_id=?))",
            (self._account, wanted.executed_at, wanted.quantity, wanted.price, wanted.exec_id, wanted.trade_id),
        )
        return any(row[0] in taken for row in rows)

    def _read(self, where: str, *arguments: str) -> _Pool:
        return _Pool(
            self._db.execute(
                f"{_SELECT} WHERE account=? AND {where} AND NOT (report=? AND source=?) ORDER BY id",
                (self._account, *arguments, *self._mine),
            )
        )
