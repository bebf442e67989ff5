"""When a depot may be asked by itself, to the minute: pure rules on the runs that were."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from ibjournal.services.autosync import LEFT_TO_USER, USER_CODES, WAY_CODES, PastRun, daily_due, may_ask, may_look_again, retry_due

NOW = datetime(2026, 9, 29, 15, 0, tzinfo=UTC)
"""Tuesday, eleven in the morning in New York: IBKR began to publish six hours ago."""


def runs(code: str, *minutes_ago: float, mended: bool = False, retry_in: float | None = None) -> list[PastRun]:
    """Return runs with one code, the newest first."""
    retry_at = None if retry_in is None else NOW + timedelta(minutes=retry_in)
    return [PastRun(started_at=NOW - timedelta(minutes=ago), code=code, mended=mended, retry_at=retry_at) for ago in minutes_ago]


@pytest.mark.parametrize(
    ("past", "may"),
    [
        ([], True),
        (runs("", 14.9), False),
        (runs("", 15), True),
        (runs("cancelled", 14.9), False),
        (runs("in_progress", 15), True),
        (runs("token_expired", 99_999), False),
        (runs("token_expired", 1, mended=True), True),
        (runs("token_expired", 1, mended=True, retry_in=60), True),  # the user's word comes first
        (runs("too_many_failures", 1, retry_in=0.1), False),
        (runs("too_many_failures", 1, retry_in=0), True),
        (runs("too_many_failures", 20 * 60 - 1), False),
        (runs("too_many_failures", 20 * 60), True),
        (runs("token_missing", 20 * 60 - 1, mended=True), False),
        (runs("wrong_report_type", 20 * 60), True),
        (runs("no_network", 4.9), False),
        (runs("no_network", 5), True),
        (runs("no_network", 9.9, 20), False),
        (runs("no_network", 10, 20), True),
        (runs("", 16) + runs("no_network", 20, 40), True),
        (runs("no_network", 5) + runs("", 6) + runs("no_network", 20, 40), True),  # a fetch that came begins the count anew
        (runs("", 14) + runs("token_expired", 60), False),
        (runs("", 15) + runs("token_expired", 60), True),
    ],
)
def test_whether_it_may_ask_at_all(past: list[PastRun], may: bool) -> None:
    assert may_ask(NOW, past) is may


@pytest.mark.parametrize(("failed", "pause"), [(1, 5), (2, 10), (3, 20), (4, 40), (5, 60), (6, 60), (12, 60), (13, 180), (40, 180)])
def test_after_a_failure_of_the_way_it_waits_longer_and_longer(failed: int, pause: int) -> None:
    assert retry_due(NOW, runs("name_lookup_failed", pause, *[999] * (failed - 1)))
    assert not retry_due(NOW, runs("name_lookup_failed", pause - 0.1, *[999] * (failed - 1)))


@pytest.mark.parametrize("code", ["", "cancelled", "token_expired", "not_available", "too_many_failures"])
def test_nothing_else_is_tried_again_as_a_failure_of_the_way(code: str) -> None:
    assert not retry_due(NOW, runs(code, 600))


@pytest.mark.parametrize(
    ("minutes_ago", "may"),
    [
        ((), True),
        ((29.9,), False),
        ((30,), True),
        ((59.9, 200), False),
        ((60, 200), True),
        ((119.9, 200, 300), False),
        ((120, 200, 300), True),
        ((239.9, 250, 260, 270), False),
        ((240, 250, 260, 270), True),
        ((300, 310, 320, 330, 340), False),  # five are enough for a day
        ((360.1,) * 5, True),  # they were before IBKR began to publish
        ((360,) * 5, False),
    ],
)
def test_how_often_it_looks_for_a_statement_that_is_late(minutes_ago: tuple[float, ...], may: bool) -> None:
    assert may_look_again(NOW, runs("", *minutes_ago)) is may
    assert may_look_again(NOW, runs("no_network", 1, 2, 3, 4, 5) + runs("", *minutes_ago)) is may, "the way's failures do not count"


@pytest.mark.parametrize(
    ("at", "done", "due"),
    [
        (None, None, False),
        (time(15, 0), None, True),
        (time(15, 1), None, False),
        (time(8, 0), date(2026, 9, 28), True),
        (time(8, 0), date(2026, 9, 29), False),
        (time(8, 0), date(2026, 9, 30), True),  # the clock was ahead
    ],
)
def test_the_daily_time(at: time | None, done: date | None, due: bool) -> None:
    assert daily_due(NOW, at, done) is due


def test_each_code_has_one_treatment() -> None:
    assert not WAY_CODES & USER_CODES
    assert LEFT_TO_USER < USER_CODES
    refused = {
        "legacy_query", "service_inactive", "token_expired", "ip_restricted", "query_invalid", "token_invalid",
        "account_invalid", "invalid_request", "locked_out",
    }  # fmt: skip
    assert refused == LEFT_TO_USER, "1010 to 1016, 1020 and 1025"
