"""How a report's rows meet the rows that are there.

The rules (after IBKR's ways, whatever the order in which reports come):

- A fill has the key of the best id that is known of it: Activity's transaction id, else its execution id, else its trade id with
  quantity and price. Where reports name different ids, `ibjournal.store.same_fill` finds what is one fill.
- Activity's words win over a confirmation's; of two reports of one kind those of the later made. What the winner does not tell,
  because its query leaves the column out, the other's words tell.
- Nothing is deleted: cancelled, superseded and vanished fills keep their row and get a status (`ibjournal.store.status`).
- Rows without any id are told apart by their content and by how often it occurs in the report.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ibjournal.domain.depot import AccountId
from ibjournal.domain.execution import ExecutionStatus
from ibjournal.domain.instrument import InstrumentId
from ibjournal.store.fill_changes import COMPARED, ChangeKind, differences, write_changes
from ibjournal.store.fresh_fills import FreshFills
from ibjournal.store.same_fill import FillIds, SameFills, cancels, has_conid

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
_KEPT = ("row_key", "uid", "status", "report", "generated_at", "first_seen_at", "last_seen_at", "query_name")
_EXEC_ID_DOTS = 3
_ACTIVE = ExecutionStatus.ACTIVE.value
_COMPARED = tuple(_AT[name] for name in COMPARED)
# what a query can leave out; codes are not among them, since none is what most fills have
_FILLED = tuple(
    _AT[name]
    for name in (
        "report_date", "settle_date", "proceeds", "commission", "commission_currency", "taxes", "net_cash", "cost", "realized",
        "fx_rate_to_base", "kind", "buy_sell", "open_close", "order_id", "brokerage_order_id", "trade_id", "exec_id",
        "orig_trade_id", "orig_transaction_id", "orig_trade_date", "position_action_id", "order_type", "exchange",
        "order_reference", "ordered_at", "close_price", "mtm", "accrued_interest",
    )
)  # fmt: skip

FillValues = tuple[Any, ...]
"""The values of a fill in the order of `FILL_COLUMNS`."""


@dataclass(slots=True)
class Merged:
    """What became of a report's fills, and which instruments must be rebuilt."""

    new: int = 0
    updated: int = 0
    unchanged: int = 0
    confirmed: int = 0
    """Provisional fills that became final."""
    changed: int = 0
    """Those of them that Activity tells otherwise than the confirmation did."""
    touched: set[tuple[AccountId, InstrumentId]] = field(default_factory=set)
    fresh: FreshFills = field(default_factory=lambda: FreshFills((*_KEPT, *FILL_COLUMNS)))
    """The fills of accounts that had none; good as long as nobody else changes fills."""


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
    report: int
    generated_at: int
    first_seen_at: int
    last_seen_at: int
    values: FillValues

    @classmethod
    def of(cls, row: tuple[Any, ...]) -> _Stored:
        number, row_key, uid, report, generated_at, first_seen_at, last_seen_at, *values = row
        return cls(number, row_key, uid, report, generated_at, first_seen_at, last_seen_at, tuple(values))


class _Arrived(NamedTuple):
    """A fill of the report."""

    key: str
    values: FillValues
    generated_at: int
    query_name: str


class FillMerger:
    """Takes the fills of one report into the database, in batches. Call `finish` at the end."""

    def __init__(self, db: sqlite3.Connection, *, report: int, seen_at: int) -> None:
        self.result = Merged()
        # the pages of a large report would else be written out and read again before the commit
        db.execute(f"PRAGMA cache_size=-{_CACHE_KILOBYTES}")
        self._db = db
        self._report = report
        self._seen_at = seen_at
        self._pending: defaultdict[str, list[_Arrived]] = defaultdict(list)
        self._waiting = 0
        self._met: defaultdict[str, dict[str, int]] = defaultdict(dict)
        self._variants: dict[str, dict[int, int]] = {}
        self._accounts: dict[str, _Account] = {}

    def take(self, values: FillValues, generated_at: int, query_name: str) -> None:
        """Take one fill; ``generated_at`` is when IBKR made its statement."""
        account = values[_ACCOUNT]
        key = self._row_key(values, self._met[account])
        if key is None:
            self.result.unchanged += 1
            return
        self._pending[account].append(tuple.__new__(_Arrived, (key, values, generated_at, query_name)))  # as `_make` does
        self._waiting += 1
        if self._waiting >= _BATCH:
            self._flush()

    def finish(self) -> Merged:
        """Write what is left and return what became of all."""
        self._flush()
        return self.result

    def _row_key(self, values: FillValues, met: dict[str, int]) -> str | None:
        """Return the key of a fill, None where this report told of it before; ``met`` holds those of its account."""
        key = row_key(values)
        if key[0] == "X":
            count = met[key] = met.get(key, 0) + 1
            return key if count == 1 else f"{key}#{count}"
        content = hash((values[_INSTRUMENT], values[_SOURCE:]))
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
            if account not in self._accounts:
                self._accounts[account] = _Account(self._db, account, self._report)
                if self._accounts[account].was_empty:
                    self.result.fresh.watch(AccountId(account))
            # Activity first, so that a confirmation in the same report finds its fill
            for source in sorted({item.values[_SOURCE] for item in items}):
                part = [item for item in items if item.values[_SOURCE] == source]
                self._flush_account(self._accounts[account], part, source)

    def _flush_account(self, account: _Account, items: list[_Arrived], source: str) -> None:
        inserts: list[tuple[Any, ...]] = []
        touched: set[str] = set()
        report, seen_at = self._report, self._seen_at
        for item, there in zip(items, account.meet(items, source), strict=True):
            key, values, generated_at, query_name = item
            if there is None:
                touched.add(values[_INSTRUMENT])
                uid = stable_id(values[_EXEC_ID], values[_TRADE_ID], values[_TRANSACTION_ID], key)
                inserts.append((key, uid, _ACTIVE, report, generated_at, seen_at, generated_at, query_name, *values))
            elif self._unite(there, item, account):
                self.result.updated += 1
                touched |= {values[_INSTRUMENT], there.values[_INSTRUMENT]}
            else:
                self.result.unchanged += 1
        if inserts:
            self.result.new += len(inserts)
            self._db.executemany(_INSERT, inserts)
            self.result.fresh.add(AccountId(account.account), inserts)
            account.remember(source)
        self.result.touched |= {(AccountId(account.account), InstrumentId(instrument)) for instrument in touched}

    def _unite(self, there: _Stored, item: _Arrived, account: _Account) -> bool:
        """Let a row meet the stored row of the same fill; tell whether the stored one says something else now."""
        key, values, generated_at, query_name = item
        same_source = values[_SOURCE] == there.values[_SOURCE]
        mine = _content(values) != _content(there.values) and _rank(values, generated_at) >= _rank(there.values, there.generated_at)
        united = _united(values, there.values) if mine else _united(there.values, values)
        # a confirmed fill keeps the id it had while it was provisional, and with it the notes of its trade
        report, made_at = (self._report, generated_at) if mine else (there.report, there.generated_at)
        seen = max(there.last_seen_at, generated_at) if same_source else (generated_at if mine else there.last_seen_at)
        later = same_source and generated_at > there.last_seen_at
        if _content(united) == _content(there.values):
            if later:
                # who told of it last is the same in whatever order reports come
                self._db.execute(_SEEN, (generated_at, generated_at, query_name, there.id))
            return False
        self.result.fresh.forget(AccountId(account.account))
        if mine:
            self._note_changes(there, united, generated_at)
            account.displaced(
                values[_SOURCE], *(there.values[at] for at in (_EXEC_ID, _TRADE_ID) if there.values[at] != united[at])
            )
        by = (query_name,) if mine or later else self._query_of(there)
        self._db.execute(_UPDATE, (self._new_key(there, united, key), report, made_at, seen, *by, *united, there.id))
        return True

    def _query_of(self, there: _Stored) -> tuple[str]:
        row = self._db.execute("SELECT query_name FROM executions WHERE id=?", (there.id,)).fetchone()
        return (str(row[0]),)

    def _new_key(self, there: _Stored, united: FillValues, key: str) -> str:
        """Return the key of a row whose ids may have become more."""
        best = row_key(united)
        if there.row_key == best or there.row_key.startswith(f"{best}#"):
            return there.row_key
        query = "SELECT row_key FROM executions WHERE account=? AND row_key IN (?, ?)"
        taken = {row[0] for row in self._db.execute(query, (united[_ACCOUNT], best, key))}
        free = [each for each in (best, key) if each not in taken]
        return free[0] if free else f"{key}#{there.id}"

    def _note_changes(self, there: _Stored, united: FillValues, generated_at: int) -> None:
        final = united[_SOURCE] == "AF" and there.values[_SOURCE] == "TCF"
        self.result.confirmed += final
        found = differences([there.values[at] for at in _COMPARED], [united[at] for at in _COMPARED])
        if not found:
            return
        self.result.changed += final
        kind = ChangeKind.FINAL if final else ChangeKind.LATER
        place = (united[_ACCOUNT], united[_INSTRUMENT], there.uid, kind.value)
        write_changes(self._db, ((*place, *each, there.report, self._report, generated_at) for each in found))


class _Account:
    """The stored fills of one account, as far as a report asks for them."""

    def __init__(self, db: sqlite3.Connection, account: str, report: int) -> None:
        self.account = account
        self._db = db
        self._report = report
        self.was_empty = db.execute("SELECT 1 FROM executions WHERE account=? LIMIT 1", (account,)).fetchone() is None
        self._stored_here: set[str] = set()
        self._taken: defaultdict[str, set[int]] = defaultdict(set)
        self._others: dict[str, SameFills] = {}

    def remember(self, source: str) -> None:
        """Note that fills of a source were stored: those of the other source may meet them."""
        self._stored_here.add(source)
        for other, finder in self._others.items():
            if other != source:
                finder.forget()

    def displaced(self, source: str, *ids: str) -> None:
        """Note ids that stood on a stored row until a row of this report put others there."""
        if ids and source in self._others:
            self._others[source].displaced(*ids)

    def meet(self, items: list[_Arrived], source: str) -> list[_Stored | None]:
        """Return the stored row of each fill, None for those that are new."""
        if self.was_empty and self._stored_here <= {source}:
            return [None] * len(items)
        taken = self._taken[source]
        by_key = {each.row_key: each for each in self._read("row_key", [item.key for item in items]) if each.id not in taken}
        found: list[_Stored | None] = [by_key.get(item.key) for item in items]
        taken.update(each.id for each in found if each is not None)
        if source not in self._others:
            self._others[source] = SameFills(self._db, self.account, report=self._report, source=source)
        numbers: dict[int, int] = {}
        for at, item in enumerate(items):
            if found[at] is None:
                number = self._others[source].find(_ids(item.values), taken, numbered=_is_numbered(item.values))
                if number is not None:
                    taken.add(number)
                    numbers[at] = number
        if numbers:
            by_id = {each.id: each for each in self._read("id", list(numbers.values()))}
            for at, number in numbers.items():
                found[at] = by_id[number]
        return found

    def _read(self, column: str, values: Sequence[str | int]) -> Iterator[_Stored]:
        for start in range(0, len(values), _LOOKUP):
            part = values[start : start + _LOOKUP]
            marks = ",".join("?" * len(part))
            for row in self._db.execute(f"{_SELECT} WHERE account=? AND {column} IN ({marks})", (self.account, *part)):
                yield _Stored.of(row)


def _content(values: FillValues) -> FillValues:
    return values[:_ORDINAL] + values[_SOURCE:]


def _rank(values: FillValues, generated_at: int) -> tuple[bool, int, str]:
    """Return what decides between two rows of one fill: Activity over confirmation, the later made, and a fixed rule for a tie."""
    return values[_SOURCE] == "AF", generated_at, repr(_content(values))


def _united(winner: FillValues, other: FillValues) -> FillValues:
    """Return what two rows of one fill tell together."""
    found = list(winner)
    for at in _FILLED:
        if found[at] is None or found[at] == "":
            found[at] = other[at]
    if not found[_TRANSACTION_ID] and other[_SOURCE] == "AF":
        found[_TRANSACTION_ID] = other[_TRANSACTION_ID]
    if has_conid(other[_INSTRUMENT]) and not has_conid(found[_INSTRUMENT]):
        found[_INSTRUMENT] = other[_INSTRUMENT]
    return tuple(found)


def _is_numbered(values: FillValues) -> bool:
    return bool(values[_TRANSACTION_ID]) and values[_SOURCE] == "AF"


def _ids(values: FillValues) -> FillIds:
    return FillIds(
        number=0,
        instrument=values[_INSTRUMENT],
        symbol=values[_AT["symbol"]],
        executed_at=values[_EXECUTED],
        quantity=values[_QUANTITY],
        price=values[_PRICE],
        exec_id=values[_EXEC_ID],
        trade_id=values[_TRADE_ID],
        cancels=cancels(values[_AT["kind"]], values[_AT["buy_sell"]], values[_AT["codes"]]),
    )


def row_key(values: FillValues) -> str:
    """Return the key of a fill: by the best id that it has, else by what was traded, when, how much and at which price."""
    if values[_TRANSACTION_ID] and values[_SOURCE] == "AF":
        return f"T:{values[_TRANSACTION_ID]}"
    if values[_EXEC_ID]:
        return f"C:{values[_EXEC_ID]}"
    if values[_TRADE_ID]:
        # corrections that are booked anew share the trade id
        return f"B:{values[_TRADE_ID]}|{values[_QUANTITY]}|{values[_PRICE]}"
    content = (_INSTRUMENT, _EXECUTED, _QUANTITY, _PRICE, _AT["buy_sell"], _AT["kind"])
    return "X:" + "|".join(str(values[index]) for index in content)


_SELECT = (
    "SELECT id, row_key, uid, report, generated_at, first_seen_at, last_seen_at, " + ", ".join(FILL_COLUMNS) + " FROM executions"  # noqa: S608
)
_INSERT = (
    f"INSERT INTO executions ({', '.join(_KEPT + FILL_COLUMNS)})"  # noqa: S608
    f" VALUES ({', '.join('?' * (len(_KEPT) + len(FILL_COLUMNS)))})"
)
_SEEN = "UPDATE executions SET last_seen_at=?, generated_at=?, query_name=? WHERE id=?"
_UPDATE = (
    "UPDATE executions SET row_key=?, report=?, generated_at=?, last_seen_at=?, query_name=?, "  # noqa: S608
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
