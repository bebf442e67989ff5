"""Every way in which IBKR writes a date, a time or a number."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibjournal.domain.errors import ReportError
from ibjournal.flex.values import Values, canonical, has_slashed_dates, slashed_order, to_datetime

NEW_YORK = ZoneInfo("America/New_York")


def seconds(year: int, month: int, day: int, *clock: int) -> int:
    """Return a wall-clock time of New York as an instant."""
    hour, minute, second = (*clock, 0, 0, 0)[:3]
    return int(datetime(year, month, day, hour, minute, second, tzinfo=NEW_YORK).timestamp())


def at_utc(*moment: int) -> int:
    """Return a moment of UTC as an instant."""
    year, month, day, hour, minute = moment
    return int(datetime(year, month, day, hour, minute, tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("20260924", "2026-09-24"),
        ("2026-02-21", "2026-02-21"),
        ("02/21/2026", "2026-02-21"),
        ("02/21/26", "2026-02-21"),
        ("21/02/2026", "2026-02-21"),
        ("21/02/26", "2026-02-21"),
        ("21-FEB-26", "2026-02-21"),
        ("1-Mar-26", "2026-03-01"),
        ("21-feb-2026", "2026-02-21"),
        (" 20260924 ", "2026-09-24"),
        ("20260924;101659", "2026-09-24"),
        ("2013-03-05, 19:45:00", "2013-03-05"),
        ("20240229", "2024-02-29"),
    ],
)
def test_days(text: str, day: str) -> None:
    assert Values().day[text] == day


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("20260924;101659", seconds(2026, 9, 24, 10, 16, 59)),
        ("2026-02-21;13:31:36", seconds(2026, 2, 21, 13, 31, 36)),
        ("20260419 144528", seconds(2026, 4, 19, 14, 45, 28)),
        ("2022-02-1510:20:26", seconds(2022, 2, 15, 10, 20, 26)),
        ("20220215102026", seconds(2022, 2, 15, 10, 20, 26)),
        ("2013-03-05, 19:45:00", seconds(2013, 3, 5, 19, 45, 0)),
        ("20130102 01:25:14", seconds(2013, 1, 2, 1, 25, 14)),
        ("2017-05-10;164137", seconds(2017, 5, 10, 16, 41, 37)),
        ("2017-05-10,164137", seconds(2017, 5, 10, 16, 41, 37)),
        ("02/21/2026;133136", seconds(2026, 2, 21, 13, 31, 36)),
        ("21-FEB-26 13:31:36", seconds(2026, 2, 21, 13, 31, 36)),
        ("2026-04-09;21:23:54 EDT", seconds(2026, 4, 9, 21, 23, 54)),
        ("20250612;170000 EDT", seconds(2025, 6, 12, 17)),
        ("20250112;170000 EST", seconds(2025, 1, 12, 17)),
        ("20251102;013000", at_utc(2025, 11, 2, 5, 30)),  # the hour that comes twice: the first one
        ("20251102;013000 ET", at_utc(2025, 11, 2, 5, 30)),
        ("20251102;013000 EDT", at_utc(2025, 11, 2, 5, 30)),
        ("20251102;013000 EST", at_utc(2025, 11, 2, 6, 30)),
        ("20251102;023000 EST", at_utc(2025, 11, 2, 7, 30)),
        ("20250612;170000 EST", seconds(2025, 6, 12, 17)),  # written all year round by some: New York's wall clock
        ("20250612;170000 ET", seconds(2025, 6, 12, 17)),
        ("2025-05-22 20:41:57 AEST", int(datetime(2025, 5, 22, 10, 41, 57, tzinfo=UTC).timestamp())),
        ("20250612;170000 UTC", int(datetime(2025, 6, 12, 17, tzinfo=UTC).timestamp())),
        ("20250612;170000 CEST", int(datetime(2025, 6, 12, 15, tzinfo=UTC).timestamp())),
        ("2025-06-12T17:00:00+02:00", int(datetime(2025, 6, 12, 15, tzinfo=UTC).timestamp())),
        ("2025-06-12T17:00:00-0400", int(datetime(2025, 6, 12, 21, tzinfo=UTC).timestamp())),
        ("2025-06-12T17:00:00Z", int(datetime(2025, 6, 12, 17, tzinfo=UTC).timestamp())),
        ("2025-06-12T17:00:00.250", seconds(2025, 6, 12, 17)),
        ("20250612;1700", seconds(2025, 6, 12, 17)),
        ("20250612", seconds(2025, 6, 12)),
        ("20250612;", seconds(2025, 6, 12)),
        # both sides of the change to summer time and back (the first 01:30 of the two)
        ("20260308;015959", seconds(2026, 3, 8, 1, 59, 59)),
        ("20260308;030000", seconds(2026, 3, 8, 3)),
        ("20261101;013000", seconds(2026, 11, 1, 1, 30)),
    ],
)
def test_instants(text: str, instant: int) -> None:
    assert Values().instant[text] == instant


def test_summer_and_winter_are_told_apart() -> None:
    instants = Values().instant
    assert to_datetime(instants["20260702;093000"] or 0) == datetime(2026, 7, 2, 13, 30, tzinfo=UTC)
    assert to_datetime(instants["20260102;093000"] or 0) == datetime(2026, 1, 2, 14, 30, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "-", "--", "N/A", "MULTI", " ", " -- "])
def test_words_for_nothing(text: str) -> None:
    values = Values()
    assert (values.number[text], values.day[text], values.instant[text]) == (None, None, None)


@pytest.mark.parametrize("text", ["20261301", "20260230", "2026-13-01", "30/02/2026", "31-FOO-26", "yesterday", "2026"])
def test_a_day_that_is_none_is_an_error(text: str) -> None:
    with pytest.raises(ReportError) as caught:
        Values(day_first=True).day[text]
    assert (caught.value.code, caught.value.values["kind"]) == ("bad_value", "date")


@pytest.mark.parametrize(
    "text", ["20260302;256000", "20260302;106099", "20260302;990000", "20260302;half past ten", "20260302;25:00:00"]
)
def test_a_time_that_is_none_is_an_error(text: str) -> None:
    with pytest.raises(ReportError) as caught:
        Values().instant[text]
    assert (caught.value.code, caught.value.values["kind"]) == ("bad_value", "time")


def test_a_zone_that_nobody_knows_is_taken_for_new_york_and_told() -> None:
    values = Values()
    assert values.instant["20260302;100000 XYZ"] == seconds(2026, 3, 2, 10)
    assert values.unknown_zones == {"XYZ"}


def test_slashed_dates_follow_what_the_report_decided() -> None:
    assert Values(day_first=True).day["03/04/2026"] == "2026-04-03"
    assert Values(day_first=False).day["03/04/2026"] == "2026-03-04"
    with pytest.raises(ReportError) as caught:
        Values().day["03/04/2026"]
    assert caught.value.code == "ambiguous_dates"


def test_the_order_of_slashed_dates_is_read_off_the_report() -> None:
    assert slashed_order(b'<a d="03/04/2026" e="13/04/2026"/>') == "day"
    assert slashed_order(b'<a d="03/04/2026" e="04/13/26"/>') == "month"
    assert slashed_order(b'<a d="03/04/2026"/>') == ""
    assert slashed_order(b'<a text="13/04/2026 was a day"/>') == "day"
    assert not has_slashed_dates(b'<a d="20260304" path="a/b"/>')


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", "0"),
        ("-0", "0"),
        ("0.00", "0"),
        ("100", "100"),
        ("1200", "1200"),
        ("-12.50", "-12.5"),
        ("+3.1", "3.1"),
        (".5", "0.5"),
        ("5.", "5"),
        ("-.25", "-0.25"),
        ("0.00927925", "0.00927925"),
        ("21,792.73", "21792.73"),
        ("-1,234,567.8", "-1234567.8"),
        ("1E+3", "1000"),
        ("1.5e-7", "0.00000015"),
        ("123456789012345678901234567890.123456789", "123456789012345678901234567890.123456789"),
        (" 7 ", "7"),
        ("007", "7"),
    ],
)
def test_numbers(text: str, number: str) -> None:
    assert Values().number[text] == number


@pytest.mark.parametrize("text", ["1,2", "12,34.5", "1.2.3", "abc", "0.0 ()", "NaN", "Infinity", "1_000", "0x1F"])
def test_a_number_that_is_none_is_an_error(text: str) -> None:
    with pytest.raises(ReportError) as caught:
        Values().number[text]
    assert (caught.value.code, caught.value.values["kind"], caught.value.values["text"]) == ("bad_value", "number", text)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=9, min_value=-(10**15), max_value=10**15))
def test_no_digit_of_a_number_is_lost(number: Decimal) -> None:
    read = Values().number[str(number)]
    assert read is not None
    assert Decimal(read) == number
    assert read == canonical(number)
    assert "E" not in read
    assert read != "-0"


@given(st.dates(min_value=date(2000, 1, 1), max_value=date(2099, 12, 31)), st.times())
def test_all_formats_of_one_instant_agree(day: date, moment: object) -> None:
    clock = str(moment)[:8]
    values = Values(day_first=False)
    texts = [
        f"{day:%Y%m%d};{clock.replace(':', '')}",
        f"{day:%Y-%m-%d} {clock}",
        f"{day:%m/%d/%Y},{clock}",
        f"{day:%d-%b-%y};{clock}",
        f"{day:%Y-%m-%d}{clock}",
    ]
    assert len({values.instant[text] for text in texts}) == 1
    assert {values.day[text] for text in texts} == {day.isoformat()}


def test_memory_for_texts_is_bounded() -> None:
    values = Values()
    for number in range(120_000):
        _ = values.number[str(number)]
    assert len(values.number) <= 50_000
    assert values.number["119999"] == "119999"
