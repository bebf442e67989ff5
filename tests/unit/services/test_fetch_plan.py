from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibjournal.domain.depot import DepotId
from ibjournal.services.fetch_plan import (
    EmptyDays,
    FetchedDays,
    Window,
    activity_windows,
    confirmation_window,
    confirmed_before,
    forget_fetched,
    honoured,
    range_warnings,
    read_fetched,
    write_fetched,
)
from ibjournal.services.schedule import is_report_day
from ibjournal.store.database import Database
from ibjournal.store.depots import insert_depot
from ibjournal.store.reports import insert_report

TODAY = date(2026, 9, 28)
NOTHING = FetchedDays(query="1", looked_back=date(2026, 9, 20))
NEW = FetchedDays(query="1")


def _w(start: str, end: str) -> Window:
    return Window(date.fromisoformat(start), date.fromisoformat(end))


def test_without_data_years_are_asked_for_from_the_newest_on() -> None:
    assert activity_windows(NEW, TODAY) == (
        _w("2026-01-01", "2026-09-25"),
        _w("2025-01-01", "2025-12-31"),
        _w("2024-07-01", "2024-12-31"),  # a leap year has one day more than IBKR takes
        _w("2024-01-01", "2024-06-30"),
        _w("2023-01-01", "2023-12-31"),
        _w("2022-01-01", "2022-12-31"),
    )


def test_gaps_are_filled() -> None:
    known = NOTHING.adding(_w("2022-01-01", "2024-05-31")).adding(_w("2024-07-01", "2026-09-25"))
    assert activity_windows(known, TODAY) == (_w("2026-09-12", "2026-09-25"), _w("2024-05-18", "2024-06-30"))


def test_what_came_late_before_a_gap_is_asked_for_with_it() -> None:
    """After 14 months the newest part came and the next one failed: what was booked late before the gap is still to come."""
    known = replace(NOTHING, looked_back=TODAY).adding(_w("2022-01-01", "2025-07-25")).adding(_w("2026-01-01", "2026-09-25"))
    assert activity_windows(known, TODAY) == (_w("2026-09-12", "2026-09-25"), _w("2025-07-12", "2025-12-31"))
    closed = known.adding(_w("2025-07-12", "2025-12-31"))
    assert activity_windows(closed, TODAY) == (_w("2026-09-12", "2026-09-25"),), "asked once"


def test_the_overlap_before_a_gap_crosses_the_end_of_a_year_and_stays_within_what_was_answered() -> None:
    known = replace(NOTHING, looked_back=TODAY).adding(_w("2022-01-01", "2024-12-31")).adding(_w("2025-02-01", "2026-09-25"))
    assert activity_windows(known, TODAY)[1:] == (_w("2025-01-01", "2025-01-31"), _w("2024-12-18", "2024-12-31"))
    short = replace(NOTHING, looked_back=TODAY).adding(_w("2024-05-27", "2024-05-31")).adding(_w("2024-07-01", "2026-09-25"))
    asked = short.adding_empty(_w("2022-01-01", "2024-05-26"), TODAY)
    assert activity_windows(asked, TODAY)[1:] == (_w("2024-05-27", "2024-06-30"),)


def test_holidays_and_weekends_are_no_gaps() -> None:
    known = FetchedDays(
        query="1",
        looked_back=TODAY,
        windows=(_w("2022-01-01", "2024-12-31"), _w("2025-01-02", "2025-05-02"), _w("2025-05-05", "2026-09-25")),
    )
    assert activity_windows(known, TODAY) == (_w("2026-09-12", "2026-09-25"),)


def test_the_first_answer_of_all_makes_ibkr_be_asked_again_for_what_was_empty_while_it_had_nothing_at_all() -> None:
    trouble = NEW.adding_empty(_w("2022-01-01", "2025-12-31"), TODAY)  # 1003 for everything, which is said in troubles, too
    newest = _w("2026-01-01", "2026-09-25")
    assert activity_windows(trouble, TODAY) == (newest,)

    answered = trouble.adding(newest)
    assert _w("2025-01-01", "2025-12-31") in activity_windows(answered, TODAY)

    begins = answered.adding_empty(_w("2022-01-01", "2025-12-31"), TODAY).adding(newest)
    assert activity_windows(begins, TODAY) == activity_windows(replace(begins, windows=(newest,)), TODAY)
    assert all(window.start >= newest.start for window in activity_windows(begins, TODAY))


def test_what_was_empty_while_the_clock_was_ahead_is_not_believed() -> None:
    known = NOTHING.adding_empty(_w("2026-01-01", "2026-12-31"), date(2028, 9, 1))
    assert known.known(TODAY) == []
    assert known.adding_empty(_w("2022-01-01", "2022-12-31"), TODAY).known(TODAY) == [_w("2022-01-01", "2022-12-31")]


def test_what_was_empty_is_left_alone_for_a_month() -> None:
    known = (
        replace(NOTHING, looked_back=TODAY)
        .adding(_w("2024-01-01", "2026-09-25"))
        .adding_empty(_w("2022-01-01", "2023-12-31"), date(2026, 9, 1))
    )
    assert activity_windows(known, TODAY) == (_w("2026-09-12", "2026-09-25"),)
    later = activity_windows(known, date(2026, 10, 1))
    assert later[1:] == (_w("2023-01-01", "2023-12-31"), _w("2022-01-01", "2022-12-31"))
    again = known.adding_empty(_w("2022-01-01", "2023-12-31"), date(2026, 10, 1))
    assert len(again.empty) == 1


def test_a_single_day_is_asked_for_too() -> None:
    newest = NOTHING.adding_empty(_w("2022-01-01", "2026-09-24"), TODAY)
    assert activity_windows(newest, TODAY) == (_w("2026-09-25", "2026-09-25"),)
    oldest = NOTHING.adding_empty(_w("2022-01-04", "2026-09-25"), TODAY)
    assert activity_windows(oldest, TODAY) == (_w("2022-01-01", "2022-01-03"),)
    turn_of_year = NOTHING.adding_empty(_w("2022-01-01", "2024-12-30"), TODAY).adding_empty(_w("2025-01-02", "2026-09-25"), TODAY)
    assert activity_windows(turn_of_year, TODAY) == (_w("2024-12-31", "2024-12-31"),), "no statement is made on New Year's Day"


def test_once_a_month_it_looks_further_back() -> None:
    known = NEW.adding(_w("2022-01-01", "2026-09-25"))
    assert activity_windows(known, TODAY) == (_w("2026-05-29", "2026-09-25"),), "never before"
    for seen, start in (
        (TODAY, "2026-09-12"),
        (TODAY - timedelta(days=29), "2026-09-12"),
        (TODAY - timedelta(days=30), "2026-05-29"),
    ):
        assert activity_windows(replace(known, looked_back=seen), TODAY) == (_w(start, "2026-09-25"),)
    ahead = replace(known, looked_back=TODAY + timedelta(days=200))
    assert activity_windows(ahead, TODAY) == (_w("2026-05-29", "2026-09-25"),), "a clock that was wrong holds nothing up"
    winter = replace(known, looked_back=None).adding(_w("2026-09-26", "2027-01-14"))
    assert activity_windows(winter, date(2027, 1, 15)) == (_w("2027-01-01", "2027-01-14"), _w("2026-09-17", "2026-12-31"))


def test_after_years_away_it_asks_for_what_ibkr_still_has() -> None:
    known = NOTHING.adding(_w("2015-01-01", "2016-12-31"))
    assert activity_windows(known, TODAY)[-1] == _w("2022-01-01", "2022-12-31")


days = st.dates(date(2021, 6, 1), date(2026, 12, 31))


@given(windows=st.lists(st.tuples(days, st.integers(0, 500)), max_size=6), today=st.dates(date(2026, 1, 1), date(2027, 12, 31)))
def test_every_report_day_is_either_known_or_asked_for(windows: list[tuple[date, int]], today: date) -> None:
    fetched = NOTHING
    for start, length in windows:
        fetched = fetched.adding(Window(start, min(start + timedelta(days=length), today - timedelta(days=1))))
    asked = activity_windows(fetched, today)
    assert list(asked) == sorted(asked, reverse=True)
    for window in asked:
        assert timedelta(0) <= window.end - window.start <= timedelta(days=364)
        assert window.end < today
    day = date(today.year - 4, 1, 1)
    while day < today:
        inside = [window for window in asked if window.start <= day <= window.end]
        assert len(inside) <= 1, "no day is asked for twice"
        if is_report_day(day):
            assert inside or any(window.start <= day <= window.end for window in fetched.windows)
        day += timedelta(days=1)


def test_neighbours_are_joined() -> None:
    known = NOTHING.adding(_w("2025-01-01", "2025-01-31")).adding(_w("2025-03-01", "2025-03-31"))
    assert len(known.windows) == 2
    assert known.adding(_w("2025-02-01", "2025-02-28")).windows == (_w("2025-01-01", "2025-03-31"),)
    assert known.last_day == date(2025, 3, 31)
    assert NOTHING.last_day is None


@pytest.mark.parametrize(
    ("activity_to", "window"),
    [
        (date(2026, 9, 25), _w("2026-09-26", "2026-09-28")),
        (date(2026, 9, 28), _w("2026-09-28", "2026-09-28")),
        (date(2020, 1, 1), _w("2025-09-29", "2026-09-28")),
        (None, _w("2026-09-22", "2026-09-28")),
    ],
)
def test_confirmations_bridge_the_gap_to_today(activity_to: date | None, window: Window) -> None:
    assert confirmation_window(activity_to, TODAY) == window


@pytest.mark.parametrize(
    ("start", "end", "kept"),
    [
        ("2026-09-01", "2026-09-25", True),
        ("2026-09-10", "2026-09-25", True),
        ("2026-09-01", "2026-09-18", True),
        ("2026-09-01", "2026-09-01", True),
        ("2026-09-25", "2026-09-25", False),
        ("2026-01-02", "2026-09-25", False),
        ("2026-09-01", "2026-12-25", False),
    ],
)
def test_whether_an_answer_kept_to_the_window(start: str, end: str, kept: bool) -> None:
    assert honoured(_w("2026-09-01", "2026-09-25"), date.fromisoformat(start), date.fromisoformat(end)) is kept


@pytest.mark.parametrize("days", [None, "2026-09-01", "2026-09-25"])
def test_an_answer_that_did_not_keep_to_the_window_is_told_with_both(days: str | None) -> None:
    asked = _w("2026-09-01", "2026-09-25")
    day = date.fromisoformat(days) if days else None
    warnings = range_warnings("activity", asked, day, day)
    if days != "2026-09-25":
        assert warnings == ()
        return
    (warning,) = warnings
    assert warning.code == "range_not_honoured"
    assert dict(warning.values) == {"slot": "activity", "asked_from": asked.start, "asked_to": asked.end, "from": day, "to": day}
    assert range_warnings("activity", asked, None, day) == range_warnings("activity", asked, day, None) == ()


@pytest.mark.parametrize(
    ("last", "before"),
    [
        (None, None),
        ("2026-09-28", "2026-09-21"),
        ("2026-09-23", "2026-09-21"),
        ("2026-09-20", "2026-09-19"),
        ("2026-01-05", "2026-01-04"),
    ],
)
def test_confirmations_of_a_week_are_wanted_and_all_since_the_last(last: str | None, before: str | None) -> None:
    found = confirmed_before(date.fromisoformat(last) if last else None, TODAY)
    assert found == (date.fromisoformat(before) if before else None)


def test_a_weekend_that_falls_to_its_monday_is_no_collapse() -> None:
    assert honoured(_w("2026-09-26", "2026-09-28"), date(2026, 9, 28), date(2026, 9, 28))


def test_a_window_can_lose_its_last_report_day() -> None:
    assert _w("2026-09-21", "2026-09-28").shortened() == _w("2026-09-21", "2026-09-25")
    assert _w("2026-09-25", "2026-09-28").shortened() == _w("2026-09-25", "2026-09-25")
    assert _w("2026-09-28", "2026-09-28").shortened() is None


def test_what_was_fetched_is_kept_for_its_query_and_depot(tmp_path: Path) -> None:
    database = Database(tmp_path / "journal.db")
    known = FetchedDays(
        query="1",
        windows=(_w("2025-01-01", "2025-01-31"),),
        empty=(EmptyDays(_w("2024-01-01", "2024-12-31"), TODAY),),
        looked_back=TODAY,
    )
    write_fetched(database, DepotId(1), "activity", known)
    assert read_fetched(database, DepotId(1), "activity", "1") == known
    assert read_fetched(database, DepotId(1), "activity", "2") == FetchedDays(query="2")
    assert read_fetched(database, DepotId(1), "confirmation", "1") == NEW
    assert read_fetched(database, DepotId(2), "activity", "1") == NEW
    write_fetched(database, DepotId(1), "confirmation", replace(known, looked_back=None))
    assert read_fetched(database, DepotId(1), "confirmation", "1") == replace(known, looked_back=None)
    forget_fetched(database, DepotId(1))
    for slot in ("activity", "confirmation"):
        assert read_fetched(database, DepotId(1), slot, "1") == NEW


def test_a_depot_that_was_given_files_goes_on_from_them(tmp_path: Path) -> None:
    database = Database(tmp_path / "journal.db")
    with database.transaction() as db:
        depot = insert_depot(db, name="One")
        other = insert_depot(db, name="Two")
        for number, (owner, kind, start, end) in enumerate(
            [
                (depot, "AF", "2022-01-03", "2022-12-30"),
                (depot, "AF", "2023-01-02", "2023-06-14"),
                (depot, "AF", "2023-06-16", "2023-12-29"),
                (depot, "AF", "2024-06-03", "2024-12-31"),
                (depot, "TCF", "2025-01-02", "2025-12-31"),
                (other, "AF", "2025-01-02", "2025-12-31"),
                (depot, "AF", "2026-01-02", None),
                (depot, "AF", None, "2026-09-25"),
                (depot, "AF", "2026-01-02", "2026-09-25"),
            ]
        ):
            report = insert_report(db, sha256=str(number), archive_file="", size=1, received_at=0, depot=owner, reader_version=1)
            db.execute("UPDATE reports SET type=?, from_date=?, to_date=? WHERE id=?", (kind, start, end, report))
        db.execute("UPDATE reports SET error=? WHERE id=?", (json.dumps({"code": "x"}), report))  # the last one could not be read
    given = read_fetched(database, depot, "activity", "1")
    assert activity_windows(replace(given, looked_back=TODAY), TODAY) == (
        _w("2026-01-01", "2026-09-25"),
        _w("2025-01-01", "2025-12-31"),
        _w("2024-12-18", "2024-12-31"),
        _w("2024-01-01", "2024-06-02"),
        _w("2023-12-16", "2023-12-31"),
        _w("2023-06-01", "2023-06-15"),
    ), "a day whose file was forgotten is asked for"
    assert read_fetched(database, depot, "confirmation", "2").windows == (_w("2025-01-02", "2025-12-31"),)
    write_fetched(database, depot, "activity", given)
    assert read_fetched(database, depot, "activity", "2").windows == ()
