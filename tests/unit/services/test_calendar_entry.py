"""A file that every calendar takes: the lines as RFC 5545 wants them, and nothing secret in them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibjournal.services.calendar_entry import CalendarEntry, calendar_file

NOW = datetime(2026, 11, 19, 23, 30, tzinfo=timezone(timedelta(hours=-5)))
ENTRY = CalendarEntry(day=date(2026, 12, 31), summary="Token of Income, Anna; expires", description="One\nTwo \\ three")


def unfolded(data: bytes) -> list[str]:
    return data.decode().replace("\r\n ", "").removesuffix("\r\n").split("\r\n")


def value(data: bytes, name: str) -> str:
    return next(line for line in unfolded(data) if line.startswith(name)).removeprefix(name)


def test_an_all_day_event_on_the_tokens_last_day() -> None:
    data = calendar_file(ENTRY, now=NOW)
    lines = unfolded(data)
    assert lines[:3] == ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//ibjournal//token//EN"]
    assert lines[-2:] == ["END:VEVENT", "END:VCALENDAR"]
    assert value(data, "DTSTART;VALUE=DATE:") == "20261231"
    assert value(data, "DTEND;VALUE=DATE:") == "20270101"  # the end of an all-day event is the first day without it
    assert value(data, "DTSTAMP:") == "20261120T043000Z"
    assert value(data, "SUMMARY:") == "Token of Income\\, Anna\\; expires"
    assert value(data, "DESCRIPTION:") == "One\\nTwo \\\\ three"


def test_it_reminds_at_nine_in_the_morning_30_7_and_1_days_ahead_and_on_the_day() -> None:
    triggers = [line.removeprefix("TRIGGER:") for line in unfolded(calendar_file(ENTRY, now=NOW)) if line.startswith("TRIGGER:")]
    assert triggers == ["-P29DT15H", "-P6DT15H", "-PT15H", "PT9H"]
    nine, midnight = timedelta(hours=9), timedelta()
    hours = [(29, 15), (6, 15), (0, 15)]
    assert [midnight - timedelta(days=days, hours=h) for days, h in hours] == [nine - timedelta(days=n) for n in (30, 7, 1)]


def test_every_begin_has_its_end() -> None:
    opened: list[str] = []
    for line in unfolded(calendar_file(ENTRY, now=NOW)):
        if line.startswith("BEGIN:"):
            opened.append(line.removeprefix("BEGIN:"))
        elif line.startswith("END:"):
            assert opened.pop() == line.removeprefix("END:")
    assert opened == []


def test_the_same_entry_has_the_same_id_and_another_day_another() -> None:
    later = datetime(2027, 1, 1, tzinfo=UTC)
    other = CalendarEntry(day=date(2027, 12, 31), summary=ENTRY.summary)
    assert value(calendar_file(ENTRY, now=NOW), "UID:") == value(calendar_file(ENTRY, now=later), "UID:")
    assert value(calendar_file(ENTRY, now=NOW), "UID:") != value(calendar_file(other, now=NOW), "UID:")


def test_neither_a_token_nor_an_account_number_gets_into_it() -> None:
    entry = CalendarEntry(
        day=ENTRY.day, summary="Token of U1234567", description="271828182845904523536028 for U1234567F and DU7654321"
    )
    text = calendar_file(entry, now=NOW).decode()
    for secret in ("1234567", "7654321", "271828182845904523536028"):
        assert secret not in text.replace("\r\n ", "")


@pytest.mark.parametrize(("letters", "lines"), [(67, [75]), (68, [75, 2]), (67 + 74, [75, 75]), (68 + 74, [75, 75, 2])])
def test_a_line_is_folded_where_it_must_be_and_not_before(letters: int, lines: list[int]) -> None:
    data = calendar_file(CalendarEntry(day=ENTRY.day, summary="x" * letters), now=NOW).split(b"\r\n")
    first = next(number for number, line in enumerate(data) if line.startswith(b"SUMMARY:"))
    assert [len(line) for line in data[first : first + len(lines)]] == lines
    assert not data[first + len(lines)].startswith(b" ")
    assert all(line.startswith(b" x") for line in data[first + 1 : first + len(lines)])


@given(st.text(max_size=400), st.text(max_size=400))
def test_no_text_breaks_the_lines(summary: str, description: str) -> None:
    data = calendar_file(CalendarEntry(day=ENTRY.day, summary=summary, description=description), now=NOW)
    lines = data.split(b"\r\n")
    assert lines[-1] == b""
    for line in lines:
        assert len(line) <= 75
        assert b"\n" not in line
        assert b"\r" not in line
        line.decode()  # a fold never cuts a character
    names = {line.partition(":")[0].partition(";")[0] for line in unfolded(data)}
    assert names <= {
        "BEGIN", "END", "VERSION", "PRODID", "CALSCALE", "UID", "DTSTAMP", "DTSTART", "DTEND",
        "SUMMARY", "DESCRIPTION", "TRANSP", "ACTION", "TRIGGER",
    }  # fmt: skip
