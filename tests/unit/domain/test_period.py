from __future__ import annotations

from datetime import date

import pytest

from ibjournal.domain.period import (
    ALL_TIME,
    Bucket,
    Period,
    Preset,
    bucket_period,
    buckets,
    next_period,
    preset_period,
    previous_period,
)

TODAY = date(2026, 3, 17)


@pytest.mark.parametrize(
    ("preset", "start", "end"),
    [
        (Preset.THIS_MONTH, date(2026, 3, 1), date(2026, 3, 31)),
        (Preset.LAST_MONTH, date(2026, 2, 1), date(2026, 2, 28)),
        (Preset.THIS_YEAR, date(2026, 1, 1), date(2026, 12, 31)),
        (Preset.LAST_YEAR, date(2025, 1, 1), date(2025, 12, 31)),
        (Preset.LAST_30_DAYS, date(2026, 2, 16), TODAY),
        (Preset.LAST_90_DAYS, date(2025, 12, 18), TODAY),
        (Preset.LAST_365_DAYS, date(2025, 3, 18), TODAY),
        (Preset.ALL, None, None),
    ],
)
def test_presets(preset: Preset, start: date | None, end: date | None) -> None:
    assert preset_period(preset, TODAY) == Period(start, end)


def test_custom_has_no_days_of_its_own() -> None:
    with pytest.raises(ValueError, match="custom"):
        preset_period(Preset.CUSTOM, TODAY)


def test_last_month_in_january_is_december() -> None:
    assert preset_period(Preset.LAST_MONTH, date(2026, 1, 31)) == Period(date(2025, 12, 1), date(2025, 12, 31))


@pytest.mark.parametrize(
    ("period", "before", "after"),
    [
        (
            Period(date(2024, 2, 1), date(2024, 2, 29)),
            Period(date(2024, 1, 1), date(2024, 1, 31)),
            Period(date(2024, 3, 1), date(2024, 3, 31)),
        ),
        (
            Period(date(2025, 1, 1), date(2025, 12, 31)),
            Period(date(2024, 1, 1), date(2024, 12, 31)),
            Period(date(2026, 1, 1), date(2026, 12, 31)),
        ),
        (
            Period(date(2026, 1, 5), date(2026, 1, 11)),
            Period(date(2025, 12, 29), date(2026, 1, 4)),
            Period(date(2026, 1, 12), date(2026, 1, 18)),
        ),
    ],
)
def test_neighbours_are_of_the_same_kind(period: Period, before: Period, after: Period) -> None:
    assert previous_period(period) == before
    assert next_period(period) == after


def test_no_neighbours_of_an_open_end() -> None:
    assert previous_period(ALL_TIME) is None
    assert next_period(Period(TODAY, None)) is None
    assert previous_period(Period(date(1, 1, 1), date(1, 12, 31))) is None


def test_week_starts_on_monday() -> None:
    assert bucket_period(date(2026, 3, 15), Bucket.WEEK) == Period(date(2026, 3, 9), date(2026, 3, 15))


def test_buckets_cover_the_period_once() -> None:
    period = Period(date(2025, 12, 30), date(2026, 2, 2))
    for bucket in Bucket:
        parts = list(buckets(period, bucket))
        assert parts[0].start == period.start
        assert parts[-1].end == period.end
        days = [
            part.start.toordinal() + n for part in parts if part.start and part.end for n in range((part.end - part.start).days + 1)
        ]
        assert days == list(range(date(2025, 12, 30).toordinal(), date(2026, 2, 2).toordinal() + 1))
    assert [part.start for part in buckets(period, Bucket.MONTH)] == [date(2025, 12, 30), date(2026, 1, 1), date(2026, 2, 1)]


def test_open_end_has_no_buckets() -> None:
    with pytest.raises(ValueError, match="open-ended"):
        list(buckets(ALL_TIME, Bucket.DAY))


def test_both_ends_belong() -> None:
    period = Period(date(2026, 1, 1), date(2026, 1, 31))
    assert date(2026, 1, 1) in period
    assert date(2026, 1, 31) in period
    assert date(2026, 2, 1) not in period
    assert date(2025, 12, 31) not in period
