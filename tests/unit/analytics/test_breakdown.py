from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from ibjournal.analytics.breakdown import ClosedResult, GroupBy, breakdown
from ibjournal.domain.instrument import AssetClass
from ibjournal.domain.trade import Side

D = Decimal


def result(net: int, day: date, symbol: str = "ACME", side: Side = Side.LONG, kind: AssetClass = AssetClass.STK) -> ClosedResult:
    return ClosedResult(net=D(net), closed_on=day, symbol=symbol, asset_class=kind, side=side)


RESULTS = (
    result(10, date(2026, 3, 6)),
    result(-30, date(2026, 3, 2), "XYZ", Side.SHORT, AssetClass.OPT),
    result(5, date(2026, 4, 6)),
    result(0, date(2026, 4, 7), "XYZ"),
)


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        (GroupBy.SYMBOL, [("ACME", 2, 2, 15), ("XYZ", 2, 0, -30)]),
        (GroupBy.ASSET_CLASS, [("STK", 3, 2, 15), ("OPT", 1, 0, -30)]),
        (GroupBy.SIDE, [("long", 3, 2, 15), ("short", 1, 0, -30)]),
        (GroupBy.WEEKDAY, [("monday", 2, 1, -25), ("tuesday", 1, 0, 0), ("friday", 1, 1, 10)]),
        (GroupBy.MONTH, [("2026-03", 2, 1, -20), ("2026-04", 2, 1, 5)]),
    ],
)
def test_groups(by: GroupBy, expected: list[tuple[str, int, int, int]]) -> None:
    assert [(group.label, group.n, group.wins, int(group.net)) for group in breakdown(RESULTS, by)] == expected


@pytest.mark.parametrize("by", GroupBy)
def test_groups_hold_everything_once(by: GroupBy) -> None:
    groups = breakdown(RESULTS, by)
    assert sum(group.n for group in groups) == len(RESULTS)
    assert sum(group.net for group in groups) == D(-15)
    assert breakdown([], by) == ()
