"""What tables and charts write beyond `formats`: amounts under the mask, short months, weeks, times in New York."""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo

from PySide6.QtCore import QLocale

from ibjournal.gui.widgets import formats

NEW_YORK = ZoneInfo("America/New_York")
"""The zone of IBKR's trading days and of most of its times."""

_SMALL = Decimal(20)


def change(value: Decimal | None, *, masked: bool = False, decimals: int = 2) -> str:
    """Write a change of money with its sign; a dash when not known, dots of fixed width when money is masked."""
    return formats.MASK if masked and value is not None else formats.change(value, decimals)


def amount(value: Decimal | None, *, masked: bool = False, decimals: int = 2) -> str:
    """Write a state of money, without a plus; a dash when not known, dots of fixed width when money is masked."""
    return formats.MASK if masked and value is not None else formats.number(value, decimals)


def price(value: Decimal | None) -> str:
    """Write a price: two decimals; a small one (averages of options, currencies) with up to four where it has them."""
    if value is None:
        return formats.DASH
    return formats.price(value, most=4 if abs(value) < _SMALL else 2)


def count(number: int | None) -> str:
    """Write how many there are, with the locale's thousands; a dash when not known."""
    return formats.DASH if number is None else formats.quantity(Decimal(number))


def with_currency(text: str, currency: str) -> str:
    """Put a currency's code behind an amount."""
    return f"{text}\u00a0{currency}" if currency else text


def short_month(index: int) -> str:
    """Return the short name of a month, 1 to 12, without the point that German puts behind it."""
    return QLocale().standaloneMonthName(index, QLocale.FormatType.ShortFormat).removesuffix(".")


def day(value: date, today: date) -> str:
    """Write a day within a sentence or a muted tail: 20 Nov; with its year where it is not this year's."""
    return formats.day(value, today=today, weekday=False)


def day_with_year(value: date) -> str:
    """Write a day in full with its weekday, for heads: Wed 1 Jul 2026."""
    return formats.day(value, today=date(value.year + 1, 1, 1))


def week(first: date, last: date, today: date) -> str:
    """Write the range of a week: 16 – 20 Nov."""
    if (first.year, first.month) != (last.year, last.month):
        return f"{day(first, today)} – {day(last, today)}"
    start = f"{first.day:02}." if QLocale().language() == QLocale.Language.German else str(first.day)
    return f"{start} – {day(last, today)}"


def clock(value: datetime, zone: tzinfo | None = None) -> str:
    """Write the time of day of an instant with seconds, in ``zone`` or in that of this computer."""
    return value.astimezone(zone).strftime("%H:%M:%S")
