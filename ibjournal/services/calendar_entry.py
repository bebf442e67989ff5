"""A calendar entry for a token's last day, as a file that every calendar takes (iCalendar, RFC 5545).

It holds neither the token nor an account number; the words come from whoever knows the user's language.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from ibjournal import log

_OCTETS = 75
"""Longest line without its end; a longer one is folded (RFC 5545, 3.1)."""

_ALARMS = ("-P29DT15H", "-P6DT15H", "-PT15H", "PT9H")
"""Nine in the morning 30, 7 and 1 days ahead and on the day itself: an all-day event begins at midnight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEntry:
    """What the calendar says.

    Attributes:
        day: the token's last day, as the user told it.
        summary: one line; account numbers in it, such as in a depot's name, are taken out.
        description: what to do then.
    """

    day: date
    summary: str
    description: str = ""


def calendar_file(entry: CalendarEntry, *, now: datetime) -> bytes:
    """Return the file: UTF-8, lines ended and folded as the standard wants them.

    An entry with the same words for the same day has the same id, so that a calendar which gets it twice shows it once.

    Args:
        entry: what it says.
        now: an aware instant, the time of writing.
    """
    summary, description = log.redact(entry.summary), log.redact(entry.description)
    uid = hashlib.sha256(f"{entry.day.isoformat()}\n{summary}".encode()).hexdigest()[:32]
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//ibjournal//token//EN",
        "CALSCALE:GREGORIAN",
        "BEGIN:VEVENT",
        f"UID:{uid}@ibjournal",
        f"DTSTAMP:{now.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"DTSTART;VALUE=DATE:{entry.day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{entry.day + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{_text(summary)}",
        *([f"DESCRIPTION:{_text(description)}"] if description else []),
        "TRANSP:TRANSPARENT",
        *(line for trigger in _ALARMS for line in _alarm(trigger, summary)),
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return b"".join(_folded(line) for line in lines)


def _alarm(trigger: str, words: str) -> list[str]:
    return ["BEGIN:VALARM", "ACTION:DISPLAY", f"DESCRIPTION:{_text(words)}", f"TRIGGER:{trigger}", "END:VALARM"]


def _text(words: str) -> str:
    plain = words.replace("\r\n", "\n").replace("\r", "\n")
    escaped = plain.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")
    return "".join(char for char in escaped if char.isprintable())


def _folded(line: str) -> bytes:
    """Return a line with its end, folded between characters: an octet more would be one too many."""
    pieces, room = [b""], _OCTETS
    for char in line:
        octets = char.encode()
        if len(pieces[-1]) + len(octets) > room:
            pieces.append(b"")
            room = _OCTETS - 1  # for the space that says that the line goes on
        pieces[-1] += octets
    return b"\r\n ".join(pieces) + b"\r\n"
