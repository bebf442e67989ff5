"""How a report's rows meet the rows that are there.

The rules (after IBKR's ways, whatever the order in which reports come):

- A fill of Activity is its transaction id; a fill of a confirmation is its execution id, or its trade id where IBKR gives none
  (expiries, assignments). The same fill in both is one row, and Activity's words win.
- Of two reports of one kind the one that IBKR made later wins.
- Nothing is deleted: cancelled, superseded and vanished fills keep their row and get a status (`ibjournal.store.status`).
- Rows without any id are told apart by their content and by how often it occurs in the report.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ibjournal.domain.depot import AccountId
from ibjournal.domain.instrument import InstrumentId

# Small enough that the rows are still in the processor's cache when they are written.
_BATCH = 100
_LOOKUP = 500
_CACHE_KILOBYTES = 96_000

FILL_COLUMNS = (
    "account", "instrument", "ordinal", "source", "category", "symbol", "currency", "quantity", "price", "multiplier",
    "executed_at", "trade_date", "report_date", "settle_date", "proceeds", "commission", "commission_currency", "taxes",
    "net_cash", "cost", "realized", "fx_rate_to_base", "kind", "buy_sell", "open_close", "codes", "order_id",
    "brokerage_order_id", "trade_id", "transaction_id", "exec_id", "orig_trade_id", "orig_transaction_id", "orig_trade_date",
    "position_action_id", "order_type", "exchange", "order_reference", "ordered_at", "close_price", "mtm",
    "accrued_interest", "extra",
)  # fmt: skip
_AT = {name: index for index, name in enumerate(FILL_COLUMNS)}
_ACCOUNT, _INSTRUMENT, _ORDINAL, _SOURCE = (_AT[name] for name in ("account", "instrument", "ordinal", "source"))
_QUANTITY, _PRICE, _EXECUTED = (_AT[name] for name in ("quantity", "price", "executed_at"))
_TRADE_ID, _TRANSACTION_ID, _EXEC_ID = (_AT[name] for name in ("trade_id", "transaction_id", "exec_id"))
_KEPT = ("row_key", "match_key", "uid", "report", "generated_at", "first_seen_at", "last_seen_at", "query_name")
_EXEC_ID_DOTS = 3

FillValues = tuple[Any, ...]
"""The values of a fill in the order of `FILL_COLUMNS`."""


@dataclass(slots=True)
class Merged:
    """What became of a report's fills, and which instruments must be rebuilt."""

    new: int = 0
    updated: int = 0
    unchanged: int = 0
    touched: set[tuple[AccountId, InstrumentId]] = field(default_factory=set)


def stable_id(exec_id: str, trade_id: str, transaction_id: str, content: str) -> str:
    """Return the id that a fill keeps in both reports and over corrections: IBKR's execution id without its revision."""
    if exec_id:
        return exec_id.rpartition(".")[0] if exec_id.count(".") == _EXEC_ID_DOTS else exec_id
    return trade_id or transaction_id or content


@dataclass(slots=True)
class _Stored:
    """A fill that is in the database."""

    id: int
    row_key: str
    uid: str
    generated_at: int
    first_seen_at: int
    last_seen_at: int
    values: FillValues

    @classmethod
    def of(cls, row: tuple[Any, ...]) -> _Stored:
        number, row_key, uid, generated_at, first_seen_at, last_seen_at, *values = row
        return cls(number, row_key, uid, generated_at, first_seen_at, last_seen_at, tuple(values))


class FillMerger:
    """Takes the fills of one report into the database, in batches. Call `finish` at the end."""

    def __init__(self, db: sqlite3.Connection, *, report: int, seen_at: int) -> None:
        self.result = Merged()
        # the pages of a large report would else be written out and read again before the commit
        db.execute(f"PRAGMA cache_size=-{_CACHE_KILOBYTES}")
        self._db = db
        self._report = report
        self._seen_at = seen_at
        self._pending: defaultdict[str, list[tuple[str, FillValues, int, str]]] = defaultdict(list)
        self._waiting = 0
        self._met: defaultdict[str, dict[str, int]] = defaultdict(dict)
        self._variants: dict[str, dict[int, int]] = {}
        self._others: dict[str, _Counterparts] = {}
        self._empty_accounts: dict[str, bool] = {}

    def take(self, values: FillValues, *, generated_at: int, query_name: str) -> None:
        """Take one fill; ``generated_at`` is when IBKR made its statement."""
        key = self._row_key(values)
        if key is None:
            self.result.unchanged += 1
            return
        self._pending[values[_ACCOUNT]].append((key, values, generated_at, query_name))
        self._waiting += 1
        if self._waiting >= _BATCH:
            self._flush()

    def finish(self) -> Merged:
        """Write what is left and return what became of all."""
        self._flush()
        return self.result

    def _row_key(self, values: FillValues) -> str | None:
        """Return the key of a fill, None where this report told of it before."""
        met = self._met[values[_ACCOUNT]]
        if values[_SOURCE] == "AF" and values[_TRANSACTION_ID]:
            key = f"T:{values[_TRANSACTION_ID]}"
        elif values[_EXEC_ID]:
            key = f"C:{values[_EXEC_ID]}"
        elif values[_TRADE_ID]:
            key = f"B:{values[_TRADE_ID]}"
        else:
            key = f"X:{content_key(values)}"
            count = met[key] = met.get(key, 0) + 1
            return key if count == 1 else f"{key}#{count}"
        content = hash((values[:_ORDINAL], values[_SOURCE:]))
        first = met.get(key)
        if first is None:
            met[key] = content
            return key
        return None if first == content else self._variant(key, content, first)

    def _variant(self, key: str, content: int, first: int) -> str | None:
        # one id for rows that say different things: ids are cut or made up in some templates, and no row may be lost
        variants = self._variants.setdefault(key, {first: 1})
        if content in variants:
            return None
        variants[content] = len(variants) + 1
        return f"{key}#{variants[content]}"

    def _flush(self) -> None:
        pending = dict(self._pending)
        self._pending.clear()
        self._waiting = 0
        for account, items in pending.items():
            # Activity first, so that a confirmation in the same report finds its fill
            for source in ("AF", "TCF"):
                if part := [item for item in items if item[1][_SOURCE] == source]:
                    self._flush_account(account, part, source)

    def _flush_account(self, account: str, items: list[tuple[str, FillValues, int, str]], source: str) -> None:
        if account not in self._empty_accounts:
            row = self._db.execute("SELECT 1 FROM executions WHERE account=? LIMIT 1", (account,)).fetchone()
            self._empty_accounts[account] = row is None
            self._others[account] = _Counterparts(self._db, account, empty=row is None)
        stored: dict[str, _Stored] = {}
        if not self._empty_accounts[account]:
            stored = self._stored(account, [item[0] for item in items])
        others = self._others[account]
        inserts: list[tuple[Any, ...]] = []
        touched: set[str] = set()
        find = others.find if others.worth_a_look(source) else None
        report, seen_at = self._report, self._seen_at
        for key, values, generated_at, query_name in items:
            there = stored.get(key)
            if there is None and find is not None:
                there = find(values)
            if there is None:
                touched.add(values[_INSTRUMENT])
                uid = stable_id(values[_EXEC_ID], values[_TRADE_ID], values[_TRANSACTION_ID], key)
                kept = (key, match_key(values), uid, report, generated_at, seen_at, generated_at, query_name)
                inserts.append(kept + values)
                continue
            if self._meet(there, key, values, generated_at=generated_at, query_name=query_name):
                self.result.updated += 1
                touched |= {values[_INSTRUMENT], there.values[_INSTRUMENT]}
            else:
                self.result.unchanged += 1
        if inserts:
            self.result.new += len(inserts)
            self._db.executemany(_INSERT, inserts)
            others.remember(source)
        self.result.touched |= {(AccountId(account), InstrumentId(instrument)) for instrument in touched}

    def _stored(self, account: str, keys: Sequence[str]) -> dict[str, _Stored]:
        found: dict[str, _Stored] = {}
        for start in range(0, len(keys), _LOOKUP):
            part = keys[start : start + _LOOKUP]
            marks = ",".join("?" * len(part))
            for row in self._db.execute(f"{_SELECT} WHERE account=? AND row_key IN ({marks})", (account, *part)):
                found[row[1]] = _Stored.of(row)
        return found

    def _meet(self, there: _Stored, key: str, values: FillValues, *, generated_at: int, query_name: str) -> bool:
        """Let a row meet the stored row of the same fill; tell whether the stored one says something else now."""
        mine, theirs = _rank(values, generated_at), _rank(there.values, there.generated_at)
        same = _content(values) == _content(there.values)
        if same or mine < theirs:
            if values[_SOURCE] == there.values[_SOURCE] and generated_at > there.last_seen_at:
                # who told of it last is the same in whatever order reports come
                there.last_seen_at = there.generated_at = generated_at
                self._db.execute(_SEEN, (generated_at, generated_at, query_name, there.id))
            return False
        # a confirmed fill keeps the id it had while it was provisional, and with it the notes of its trade
        last_seen_at = max(there.last_seen_at, generated_at) if values[_SOURCE] == there.values[_SOURCE] else generated_at
        self._db.execute(_UPDATE, (key, match_key(values), self._report, generated_at, last_seen_at, query_name, *values, there.id))
        return True


def _content(values: FillValues) -> FillValues:
    return values[:_ORDINAL] + values[_SOURCE:]


def _rank(values: FillValues, generated_at: int) -> tuple[bool, int, str]:
    """Return what decides between two rows of one fill: Activity over confirmation, the later made, and a fixed rule for a tie."""
    return values[_SOURCE] == "AF", generated_at, repr(_content(values))


def match_key(values: FillValues) -> str:
    """Return what is the same for a fill in a confirmation and in Activity."""
    if values[_EXEC_ID]:
        return f"e:{values[_EXEC_ID]}"
    return f"b:{values[_TRADE_ID]}" if values[_TRADE_ID] else ""


def content_key(values: FillValues) -> str:
    """Return a key for a row without ids: what was traded, when, how much and at which price."""
    return "|".join(str(values[index]) for index in (_INSTRUMENT, _EXECUTED, _QUANTITY, _PRICE, _AT["buy_sell"], _AT["kind"]))


def _other(source: str) -> str:
    return "TCF" if source == "AF" else "AF"


class _Counterparts:
    """Finds the row of the other report for a fill: Activity's for a confirmation's, and the other way round."""

    def __init__(self, db: sqlite3.Connection, account: str, *, empty: bool) -> None:
        self._db = db
        self._account = account
        self._has = {"AF": False, "TCF": False}
        if not empty:
            for (source,) in db.execute("SELECT DISTINCT source FROM executions WHERE account=?", (account,)):
                self._has[source] = True

    def remember(self, source: str) -> None:
        self._has[source] = True

    def worth_a_look(self, source: str) -> bool:
        return self._has[_other(source)]

    def find(self, values: FillValues) -> _Stored | None:
        other = _other(values[_SOURCE])
        key = match_key(values)
        if key:
            found = self._one("match_key=? AND source=?", (key, other), values, strict=False)
            if found is not None:
                return found
        trade_id = values[_TRADE_ID]
        if trade_id:
            where = "instrument=? AND source=? AND trade_id=?"
            found = self._one(where, (values[_INSTRUMENT], other, trade_id), values, strict=True)
            if found is not None:
                return found
        if not values[_EXEC_ID] and not trade_id:
            where = "instrument=? AND source=? AND exec_id='' AND trade_id='' AND executed_at=?"
            return self._one(where, (values[_INSTRUMENT], other, values[_EXECUTED]), values, strict=True)
        return None

    def _one(self, where: str, arguments: tuple[Any, ...], values: FillValues, *, strict: bool) -> _Stored | None:
        for row in self._db.execute(f"{_SELECT} WHERE account=? AND {where} ORDER BY id", (self._account, *arguments)):
            there = _Stored.of(row)
            exec_ids_differ = values[_EXEC_ID] and there.values[_EXEC_ID] and values[_EXEC_ID] != there.values[_EXEC_ID]
            if exec_ids_differ:
                continue
            if not strict or (there.values[_QUANTITY] == values[_QUANTITY] and there.values[_PRICE] == values[_PRICE]):
                return there
        return None


_SELECT = (
    "SELECT id, row_key, uid, generated_at, first_seen_at, last_seen_at, " + ", ".join(FILL_COLUMNS) + " FROM executions"  # noqa: S608
)
_INSERT = (
    f"INSERT INTO executions ({', '.join(_KEPT + FILL_COLUMNS)})"  # noqa: S608
    f" VALUES ({', '.join('?' * (len(_KEPT) + len(FILL_COLUMNS)))})"
)
_SEEN = "UPDATE executions SET last_seen_at=?, generated_at=?, query_name=? WHERE id=?"
_UPDATE = (
    "UPDATE executions SET row_key=?, match_key=?, report=?, generated_at=?, last_seen_at=?, query_name=?, "  # noqa: S608
    + ", ".join(f"{name}=?" for name in FILL_COLUMNS)
    + " WHERE id=?"
)


class RowBuffer:
    """Collects rows and writes them with one statement a batch."""

    def __init__(self, write: Callable[[Iterable[tuple[Any, ...]]], None]) -> None:
        self._write = write
        self._rows: list[tuple[Any, ...]] = []

    def add(self, row: tuple[Any, ...]) -> None:
        """Take one row."""
        self._rows.append(row)
        if len(self._rows) >= _BATCH:
            self.flush()

    def flush(self) -> None:
        """Write what is left."""
        if self._rows:
            self._write(self._rows)
            self._rows = []
