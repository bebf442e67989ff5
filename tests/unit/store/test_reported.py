"""Rows as reports wrote them: days and numbers in every spelling, and in none."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from ibjournal.domain.depot import AccountId
from ibjournal.domain.provenance import RowRef
from ibjournal.store.reported import ReportedRow


def told(text: str, *, start: date = date(2026, 3, 1), end: date = date(2026, 3, 31)) -> ReportedRow:
    return ReportedRow(
        account=AccountId("U1"), section="X", tag="x", start=start, end=end, instrument=None, values={"a": text},
        row=RowRef(1, 1), generated_at=0,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("20260304", date(2026, 3, 4)),
        ("2026-03-04", date(2026, 3, 4)),
        ("20260304;101500", date(2026, 3, 4)),
        ("04-MAR-26", date(2026, 3, 4)),
        ("4-mar-2026", date(2026, 3, 4)),
        ("03/04/26", date(2026, 3, 4)),  # April lies outside of the report
        ("04/03/2026", date(2026, 3, 4)),
        ("13/03/2026", date(2026, 3, 13)),
        ("03/13/2026", date(2026, 3, 13)),
        ("07/08/2026", date(2026, 7, 8)),  # outside either way: IBKR's default, the month first
        ("20260231", None),
        ("2026-13-01", None),
        ("31-FOO-26", None),
        ("30/02/2026", None),
        ("13/14/2026", None),
        ("02/30/2026", None),
        ("MULTI", None),
        ("", None),
        ("soon", None),
    ],
)
def test_a_day_in_any_spelling(text: str, day: date | None) -> None:
    assert told(text).day("a") == day
    assert told(text).day("b") is None


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("20260304;101500", datetime(2026, 3, 4, 15, 15, tzinfo=UTC)),
        ("2026-03-04, 10:15:00", datetime(2026, 3, 4, 15, 15, tzinfo=UTC)),
        ("04-MAR-26 10:15:00 EST", datetime(2026, 3, 4, 15, 15, tzinfo=UTC)),
        ("20260704;101500", datetime(2026, 7, 4, 14, 15, tzinfo=UTC)),
        ("20260304;256199", None),
        ("20260304", None),
        ("20260231;101500", None),
        ("", None),
    ],
)
def test_an_instant_is_new_yorks(text: str, moment: datetime | None) -> None:
    assert told(text).moment("a") == moment


@pytest.mark.parametrize(("text", "number"), [("1,234.50", "1234.50"), ("-3", "-3"), ("--", None), ("abc", None), ("", None)])
def test_a_number_or_none(text: str, number: str | None) -> None:
    assert told(text).number("a") == (None if number is None else Decimal(number))
