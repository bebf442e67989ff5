"""One fill is one row whatever ids a query leaves out: none is doubled, none is lost, in any order of reports."""

from __future__ import annotations

import itertools
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ibjournal.store
from ibjournal.store.merge import FILL_COLUMNS, FillMerger
from tests.fakes.flex_reports import confirm, confirmation, report, section, statement, trade
from tests.fakes.journal_folder import JournalFolder

IDS = ("transactionID", "ibExecID", "tradeID")
IN_CONFIRMATION = {"ibExecID": "execID", "tradeID": "tradeID"}


@dataclass(frozen=True)
class Fill:
    """A fill as it happened: ``minute`` may be shared, and then quantity and price as well."""

    number: int
    minute: int
    quantity: int
    booked: bool = False
    """Whether it has no execution id, as expiries have none."""


def write(fills: list[Fill], kind: str, ids: frozenset[str], hour: int) -> bytes:
    """Return a report of these fills by a query that names only some ids."""
    generated = f"202603{11 + hour}:050000".replace(":", ";")
    rows = []
    for fill in fills:
        when = f"20260302;10{fill.minute:02d}00"
        names = {name: None for name in IDS if name not in ids} | ({"ibExecID": ""} if fill.booked and "ibExecID" in ids else {})
        if kind == "AF":
            rows.append(trade(fill.number, fill.quantity, 10 + fill.minute, dateTime=when, **names))
        else:
            short = {IN_CONFIRMATION[name]: value for name, value in names.items() if name in IN_CONFIRMATION}
            rows.append(confirm(fill.number, fill.quantity, 10 + fill.minute, dateTime=when, **short))
    if kind == "AF":
        return report(statement(section("Trades", *rows), generated=generated), query="+".join(sorted(ids)))
    return confirmation(*rows, generated=generated)


def held(contents: list[bytes]) -> Counter[tuple[str, str, str]]:
    """Return the stored fills by time, quantity and price, after all reports were taken."""
    with tempfile.TemporaryDirectory() as folder:
        journal = JournalFolder(Path(folder) / "data")
        for number, content in enumerate(contents):
            file = journal.take(content, f"{number}.xml")
            assert file.error is None
        active = journal.query("SELECT executed_at, quantity, price FROM executions WHERE status='active'")
        assert len(active) == len(journal.fills()), "a fill that every report tells of is never gone"
        return Counter(active)


TEMPLATES = [frozenset(chosen) for size in range(4) for chosen in itertools.combinations(IDS, size)]
DAY = [Fill(1, 0, 100), Fill(2, 0, 100), Fill(3, 1, -40), Fill(4, 2, 100), Fill(5, 3, -1, booked=True), Fill(6, 4, -40)]


@pytest.mark.parametrize(
    ("first", "second"), list(itertools.product(TEMPLATES, TEMPLATES)), ids=lambda ids: "+".join(sorted(ids)) or "none"
)
def test_two_queries_that_name_different_ids(first: frozenset[str], second: frozenset[str]) -> None:
    wanted = held([write(DAY, "AF", frozenset(IDS), 0)])
    assert sum(wanted.values()) == len(DAY)
    assert held([write(DAY, "AF", first, 0), write(list(reversed(DAY)), "AF", second, 1)]) == wanted


drawn = st.tuples(st.integers(0, 3), st.sampled_from([100, -40]), st.booleans())
template = st.tuples(st.sampled_from(["AF", "TCF"]), st.sampled_from(TEMPLATES))


def fills_of(rows: list[tuple[int, int, bool]]) -> list[Fill]:
    return [Fill(number, minute, quantity, booked) for number, (minute, quantity, booked) in enumerate(rows, 1)]


@settings(max_examples=20)
@given(
    st.lists(drawn, min_size=1, max_size=6),
    st.lists(template, min_size=1, max_size=4),
    st.lists(st.integers(0, 3), max_size=2),
    st.randoms(use_true_random=False),
)
def test_whatever_queries_leave_out_nothing_is_doubled_or_lost(
    rows: list[tuple[int, int, bool]], templates: list[tuple[str, frozenset[str]]], again: list[int], dice: Random
) -> None:
    """Through the whole import, and in any order; `test_fills_that_are_alike_are_as_many_as_reports_tell` looks at many more."""
    day, contents = fills_of(rows), []
    for hour, (kind, ids) in enumerate([*templates, *(templates[each % len(templates)] for each in again)]):
        dice.shuffle(day)
        contents.append(write(day, kind, ids, hour))
    found = held(contents)
    assert sum(found.values()) == len(day)
    dice.shuffle(contents)
    assert held(contents) == found


# --- at the store itself, where thousands of histories take a second ----------------------------------------------

ALIKE = range(1, 7)
"""Fills of one contract at one instant; 4 to 6 have no execution id."""
_MONEY = ("proceeds", "commission", "taxes", "net_cash", "cost", "realized", "fx_rate_to_base", "close_price", "mtm",
          "accrued_interest", "settle_date", "report_date", "ordered_at", "orig_trade_date", "extra")  # fmt: skip


def values(account: str, number: int, kind: str, ids: frozenset[str]) -> tuple[object, ...]:
    """Return a fill as `FillMerger` takes it."""
    told: dict[str, object] = dict.fromkeys(FILL_COLUMNS, "") | dict.fromkeys(_MONEY)
    told |= {"account": account, "instrument": "111", "ordinal": number, "source": kind, "quantity": "100", "price": "10"}
    told |= {"executed_at": 1000 + number % 2, "trade_date": "2026-03-02"}
    told["trade_id"] = str(500 + number) if "tradeID" in ids else ""
    told["transaction_id"] = str(9000 + number) if "transactionID" in ids and kind == "AF" else ""
    told["exec_id"] = f"0000aaaa.{number:08d}.01.01" if "ibExecID" in ids and number <= len(ALIKE) // 2 else ""
    return tuple(told.values())


class Store:
    """A database that takes reports, each with some of the fills that are alike."""

    def __init__(self) -> None:
        self._db = sqlite3.connect(":memory:")
        for each in migrations():
            self._db.executescript(each.read_text(encoding="utf-8"))
        self._taken = 0

    def take(self, fills: Sequence[int], kind: str, ids: frozenset[str]) -> None:
        self._taken += 1
        merger = FillMerger(self._db, report=self._taken, seen_at=self._taken)
        for number in fills:
            merger.take(values("U1", number, kind, ids), generated_at=self._taken, query_name="any")
        merger.finish()

    def count(self) -> int:
        (count,) = self._db.execute("SELECT count(*) FROM executions").fetchone()
        return int(count)

    def close(self) -> None:
        self._db.close()


def migrations() -> list[Path]:
    return sorted((Path(ibjournal.store.__file__).parent / "migrations").glob("*.sql"))


@settings(max_examples=300)
@given(st.lists(st.tuples(template, st.permutations(ALIKE)), min_size=1, max_size=8), st.integers(1, len(ALIKE)))
def test_fills_that_are_alike_are_as_many_as_reports_tell(
    reports: list[tuple[tuple[str, frozenset[str]], list[int]]], last: int
) -> None:
    """Every report tells all of them, in an order of its own."""
    with closing(Store()) as store:
        for (kind, ids), order in reports:
            store.take([number for number in order if number <= last], kind, ids)
            assert store.count() == last


@settings(max_examples=300)
@given(st.data())
def test_fills_that_an_id_tells_apart_are_never_one(data: st.DataObject) -> None:
    """Reports that tell some of the fills only, all by one id at least: there are as many as were told of."""
    common = data.draw(st.sampled_from(IDS))
    fitting = [each for each in TEMPLATES if common in each]
    kinds = ["AF"] if common == "transactionID" else ["AF", "TCF"]
    some = list(ALIKE)[: 3 if common == "ibExecID" else 6]
    told: set[int] = set()
    with closing(Store()) as store:
        for _report in range(data.draw(st.integers(1, 6))):
            part = data.draw(st.lists(st.sampled_from(some), unique=True))
            store.take(part, data.draw(st.sampled_from(kinds)), data.draw(st.sampled_from(fitting)))
            told |= set(part)
            assert store.count() == len(told)
