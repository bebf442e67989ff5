"""Converters for IBKR's dates, times and numbers, in every format that a Flex template can choose.

A converter belongs to one report, because two facts are the same for all of a report: how its dates are
written, and (so that it is quick) which texts it has met before. Instants are seconds since 1970-01-01 UTC; texts without
a zone are New York wall-clock time, for all venues.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import TypeVar
from zoneinfo import ZoneInfo

from ibjournal.domain.errors import ReportError

K = TypeVar("K")
V = TypeVar("V")

NEW_YORK = ZoneInfo("America/New_York")

NO_WORDS = frozenset({"", "-", "--", "N/A"})
"""What IBKR writes where a word is missing."""

_NOTHING = frozenset({"", "-", "--", "N/A", "MULTI", "n/a"})
# No possessive groups: those of Python 3.11.2, which Debian 12 has, forget to step back.
_CANONICAL = r"-?(?:[1-9][0-9]*(?:\.[0-9]*[1-9])?|0\.[0-9]*[1-9])|0"
is_canonical = re.compile(_CANONICAL).fullmatch
"""Whether a text is an exact decimal just as we keep it; IBKR nearly always writes it so."""

SEPARATOR = "\0"
"""What no attribute can hold."""

are_canonical = re.compile(rf"(?:(?:{_CANONICAL}|){SEPARATOR})*").fullmatch
"""The same for many texts at once, some of them empty: each with a `SEPARATOR` behind it."""

_PLAIN_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_GROUPED_NUMBER = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?")
_DATE = re.compile(r"(\d{8})|(\d{4}-\d{2}-\d{2})|(\d{1,2}/\d{1,2}/(?:\d{4}|\d{2}))|(\d{1,2}-[A-Za-z]{3}-\d{2,4})")
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?|(\d{2})(\d{2})(\d{2})|(\d{2})(\d{2})")
_ZONE = re.compile(r"(?<=[\d\s])\s*(?:([A-Z]{1,5})|([+-])(\d{2}):?(\d{2}))$")
_MONTHS = {name: number for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}
_SLASHED = re.compile(rb'"\s*(\d{1,2})/(\d{1,2})/\d{2,4}')
_CENTURY = 2000
_SIXTY = 60
_DEFAULT_LENGTH = len("20251231;235959")
_MONTHS_A_YEAR = 12

# Zones that IBKR writes behind a time. Eastern ones are New York's wall clock; others have a fixed offset in hours.
_EASTERN = frozenset({"EST", "EDT", "ET"})
_OFFSETS = {
    "UTC": 0.0, "GMT": 0.0, "Z": 0.0, "BST": 1.0, "WET": 0.0, "WEST": 1.0, "CET": 1.0, "CEST": 2.0, "MEZ": 1.0, "MESZ": 2.0,
    "EET": 2.0, "EEST": 3.0, "MSK": 3.0, "CST": -6.0, "CDT": -5.0, "MST": -7.0, "MDT": -6.0, "PST": -8.0, "PDT": -7.0,
    "HKT": 8.0, "SGT": 8.0, "JST": 9.0, "KST": 9.0, "AWST": 8.0, "AEST": 10.0, "AEDT": 11.0, "ACST": 9.5, "ACDT": 10.5,
    "NZST": 12.0, "NZDT": 13.0, "IST": 5.5,
}  # fmt: skip


def has_slashed_dates(report: bytes) -> bool:
    """Tell whether a report, or a part of one, writes dates with slashes."""
    return _SLASHED.search(report) is not None


def slashed_order(report: bytes) -> str:
    """Tell whether a report writes ``dd/MM`` or ``MM/dd``: ``day`` or ``month`` first, empty where no date decides.

    Args:
        report: the report's bytes, or a part of them.
    """
    for first, second in _SLASHED.findall(report):
        if int(first) > _MONTHS_A_YEAR:
            return "day"
        if int(second) > _MONTHS_A_YEAR:
            return "month"
    return ""


class _Remembered(dict[K, V]):
    """A dictionary that converts what it meets for the first time: a look-up is much quicker than a call."""

    def __init__(self, convert: Callable[[K], V], *, most: int) -> None:
        super().__init__()
        self._convert = convert
        self._most = most

    def __missing__(self, key: K) -> V:
        value = self._convert(key)
        if len(self) >= self._most:
            self.clear()  # keeps memory bounded whatever the report holds
        self[key] = value
        return value


class Values:
    """Converts the texts of one report and remembers what it met.

    Attributes:
        day_first: how dates with slashes are read; None where that could not be told: then such a date is an error.
        unknown_zones: endings of times that we do not know; they were read as New York time.
        number: an exact decimal as text by its text, None for IBKR's words for nothing.
        day: ``yyyy-mm-dd`` by its text (the time of day is left out), None for nothing.
        instant: seconds since 1970 UTC by the text of a date with a time, None for nothing; a date alone is New York's midnight.

    Raises (all look-ups):
        ReportError: ``bad_value``, ``ambiguous_dates``.
    """

    def __init__(self, *, day_first: bool | None = None) -> None:
        self.day_first = day_first
        self.unknown_zones: set[str] = set()
        self.number: _Remembered[str, str | None] = _Remembered(_number, most=50_000)
        self.day: _Remembered[str, str | None] = _Remembered(self._day, most=50_000)
        self.instant: _Remembered[str, int | None] = _Remembered(self._moment, most=2_000)
        self._hours: dict[tuple[str, int, str | None], int] = {}
        self._full_hours: dict[str, int] = {}

    def _day(self, text: str) -> str | None:
        stripped = text.strip()
        return None if stripped in _NOTHING else self._split(stripped)[0]

    def _moment(self, text: str) -> int | None:
        start = self._full_hours.get(text[:-4])
        if start is not None:  # IBKR's own format in an hour that was met before: nearly all that is asked
            clock = text[-4:]
            if clock.isdecimal() and clock[0] < "6" and clock[2] < "6":
                return start + int(clock[:2]) * 60 + int(clock[2:])
        stripped = text.strip(" ;")
        return None if stripped in _NOTHING else self._instant(stripped)

    def _instant(self, text: str) -> int:
        if len(text) == _DEFAULT_LENGTH and text[8] == ";" and text[:8].isdigit() and text[9:].isdigit():
            # IBKR's own format
            minutes, seconds = int(text[11:13]), int(text[13:15])
            if minutes < _SIXTY and seconds < _SIXTY:
                try:
                    start = self._hour(self.day[text[:8]] or "", int(text[9:11]), None)
                except ValueError:
                    raise ReportError("bad_value", kind="time", text=text) from None
                self._full_hours[text[:-4]] = start
                return start + minutes * 60 + seconds
        day, rest = self._split(text)
        zone: str | None = None
        offset: timedelta | None = None
        found = _ZONE.search(rest)
        if found:
            rest = rest[: found.start()]
            zone = found[1]
            if zone is None:
                sign = -1 if found[2] == "-" else 1
                offset = sign * timedelta(hours=int(found[3]), minutes=int(found[4]))
        rest = rest.strip(" ;,T")
        hour = minute = second = 0
        if rest:
            clock = _TIME.fullmatch(rest)
            if clock is None:
                raise ReportError("bad_value", kind="time", text=text)
            parts = [part for part in clock.groups() if part is not None]
            hour, minute, second = (*map(int, parts), 0, 0)[:3]
        if zone is not None and zone not in _EASTERN:
            if zone in _OFFSETS:
                offset = timedelta(hours=_OFFSETS[zone])
            else:
                self.unknown_zones.add(zone)
        try:
            if offset is not None:
                moment = datetime.fromisoformat(day).replace(hour=hour, minute=minute, second=second, tzinfo=timezone(offset))
                return int(moment.timestamp())
            if minute >= _SIXTY or second >= _SIXTY:
                raise ReportError("bad_value", kind="time", text=text)
            return self._hour(day, hour, zone) + minute * 60 + second
        except ValueError:
            raise ReportError("bad_value", kind="time", text=text) from None

    def _hour(self, day: str, hour: int, zone: str | None) -> int:
        # zone arithmetic is slow and a year has few hours of trading
        key = (day, hour, zone)
        start = self._hours.get(key)
        if start is None:
            moment = datetime.fromisoformat(day).replace(hour=hour, tzinfo=NEW_YORK)
            # the hour that comes twice in autumn is the first one, unless the zone names the second
            later = moment.replace(fold=1)
            if zone is not None and later.tzname() == zone != moment.tzname():
                moment = later
            start = int(moment.timestamp())
            self._hours[key] = start
        return start

    def _split(self, text: str) -> tuple[str, str]:
        found = _DATE.match(text)
        if found is None:
            raise ReportError("bad_value", kind="date", text=text)
        return self._iso(found), text[found.end() :]

    def _iso(self, found: re.Match[str]) -> str:
        text = found[0]
        try:
            if found[1]:
                return date(int(text[:4]), int(text[4:6]), int(text[6:8])).isoformat()
            if found[2]:
                return date.fromisoformat(text).isoformat()
            if found[3]:
                first, second, year = (int(part) for part in text.split("/"))
                if first > _MONTHS_A_YEAR:
                    day_first = True
                elif second > _MONTHS_A_YEAR:
                    day_first = False
                elif self.day_first is None:
                    raise ReportError("ambiguous_dates", text=text)
                else:
                    day_first = self.day_first
                month, day = (second, first) if day_first else (first, second)
                return date(year if year > 99 else _CENTURY + year, month, day).isoformat()  # noqa: PLR2004
            number, month_name, year_text = text.split("-")
            year = int(year_text)
            return date(year if year > 99 else _CENTURY + year, _MONTHS[month_name.lower()], int(number)).isoformat()  # noqa: PLR2004
        except (ValueError, KeyError):
            raise ReportError("bad_value", kind="date", text=text) from None


def _number(text: str) -> str | None:
    stripped = text.strip()
    if stripped in _NOTHING:
        return None
    if is_canonical(stripped):
        return stripped
    if _PLAIN_NUMBER.fullmatch(stripped):
        plain = stripped
    elif _GROUPED_NUMBER.fullmatch(stripped):
        plain = stripped.replace(",", "")
    else:
        raise ReportError("bad_value", kind="number", text=text)
    return canonical(Decimal(plain))


def canonical(value: Decimal) -> str:
    """Return a decimal as plain text: no exponent, no closing zeros, no minus before zero."""
    if not value:
        return "0"
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def to_datetime(instant: int) -> datetime:
    """Return an aware UTC datetime."""
    return datetime.fromtimestamp(instant, UTC)
