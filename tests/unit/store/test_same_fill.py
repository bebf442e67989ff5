"""One fill is one row whatever ids a query leaves out: none is doubled, none is lost, in any order of reports."""

from __future__ import annotations

import itertools
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
    ("first", "second"), list(itertools.product(TEMPLATES, TEMPLATES)), ids=lambda ids: "+".join(ids) or "none"
)
def test_two_queries_that_name_different_ids(first: frozenset[str], second: frozenset[str]) -> None:
    wanted = held([write(DAY, "AF", frozenset(IDS), 0)])
    assert sum(wanted.values()) == len(DAY)
    assert held([write(DAY, "AF", first, 0), write(list(reversed(DAY)), "AF", second, 1)]) == wanted


drawn = st.tuples(st.integers(0, 3), st.sampled_from([100, -40]), st.booleans())
template = st.tuples(st.sampled_from(["AF", "TCF"]), st.sampled_from(TEMPLATES))


def fills_of(rows: list[tuple[int, int, bool]]) -> list[Fill]:
    return [Fill(number, minute, quantity, booked) for number, (minute, quantity, booked) in enumerate(rows, 1)]


def agree(day: list[Fill], templates: list[tuple[str, frozenset[str]]], dice: Random) -> None:
    contents = []
    for hour, (kind, ids) in enumerate(templates):
        dice.shuffle(day)
        contents.append(write(day, kind, ids, hour))
    found = held(contents)
    assert sum(found.values()) == len(day)
    dice.shuffle(contents)
    assert held(contents) == found


@settings(max_examples=30)
@given(
    st.lists(drawn, min_size=1, max_size=6),
    st.lists(template, min_size=2, max_size=2),
    st.lists(st.booleans(), max_size=2),
    st.randoms(use_true_random=False),
)
def test_fills_that_are_alike_are_as_many_as_any_of_two_queries_tells(
    rows: list[tuple[int, int, bool]], templates: list[tuple[str, frozenset[str]]], again: list[bool], dice: Random
) -> None:
    agree(fills_of(rows), [*templates, *(templates[each] for each in again)], dice)


@settings(max_examples=30)
@given(
    st.lists(drawn, min_size=1, max_size=6, unique_by=lambda row: row[:2]),
    st.lists(template, min_size=1, max_size=4),
    st.randoms(use_true_random=False),
)
def test_whatever_many_queries_leave_out_nothing_is_doubled_or_lost(
    rows: list[tuple[int, int, bool]], templates: list[tuple[str, frozenset[str]]], dice: Random
) -> None:
    agree(fills_of(rows), templates, dice)
