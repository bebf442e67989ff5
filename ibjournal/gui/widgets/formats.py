"""Numbers, money, dates and times in words of the user's locale.

Decimals are formatted digit by digit: no amount passes through a float on its way to the screen. Minus is U+2212. Changes
carry a sign, states do not; zero has none; what is not known is a dash.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from PySide6.QtCore import QDate, QLocale

MINUS = "\u2212"
DASH = "–"
MASK = "•••"
_NARROW_SPACE = "\u00a0"
_SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥"}


def sign_of(value: Decimal | None) -> int:
    """Return 1, -1, or 0 for zero and for what is not known."""
    return 0 if not value else 1 if value > 0 else -1


def number(value: Decimal | None, decimals: int = 2, *, signed: bool = False) -> str:
    """Return a number with fixed decimals, rounded half away from zero; a dash for None."""
    if value is None:
        return DASH
    rounded = value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    return _sign(rounded, signed=signed) + _grouped(format(abs(rounded), "f"))


def change(value: Decimal | None, decimals: int = 2) -> str:
    """Return a change: always with its sign, save zero."""
    return number(value, decimals, signed=True)


def quantity(value: Decimal | None, *, signed: bool = False) -> str:
    """Return a quantity with as many decimals as it has."""
    if value is None:
        return DASH
    digits = format(abs(value), "f")
    if "." in digits:
        digits = digits.rstrip("0").rstrip(".")
    return _sign(value, signed=signed) + _grouped(digits)


def price(value: Decimal | None, *, least: int = 2, most: int = 6) -> str:
    """Return a price with at least ``least`` and at most ``most`` decimals."""
    if value is None:
        return DASH
    rounded = value.quantize(Decimal(1).scaleb(-most), rounding=ROUND_HALF_UP)
    whole, _, fraction = format(abs(rounded), "f").partition(".")
    fraction = fraction.rstrip("0").ljust(least, "0")
    return _sign(rounded, signed=False) + _grouped(f"{whole}.{fraction}" if fraction else whole)


def percent(ratio: Decimal | None, decimals: int = 2, *, signed: bool = False) -> str:
    """Return a ratio (0.05) as a percentage; ``5.00%`` in English, ``5,00 %`` in German."""
    if ratio is None:
        return DASH
    space = "" if QLocale().language() == QLocale.Language.English else _NARROW_SPACE
    return number(ratio * 100, decimals, signed=signed) + space + "%"


def amount(value: Decimal | None, currency: str, *, signed: bool = False, decimals: int = 2) -> str:
    """Return money with its currency, for outside tables: ``€1,234.56`` or ``1.234,56 €``."""
    if value is None:
        return DASH
    text = number(value, decimals, signed=signed)
    symbol = _SYMBOLS.get(currency, currency)
    if not symbol:
        return text
    if QLocale().language() != QLocale.Language.English:
        return f"{text}{_NARROW_SPACE}{symbol}"
    sign = text[:1] if text[:1] in (MINUS, "+") else ""
    gap = "" if currency in _SYMBOLS else _NARROW_SPACE
    return f"{sign}{symbol}{gap}{text[len(sign) :]}"


def day(value: date | None, *, today: date | None = None, weekday: bool = True) -> str:
    """Return a day for a row: ``Thu 12 Nov`` or ``Do. 12.11.``; the year only when it is not the current one."""
    if value is None:
        return DASH
    german = QLocale().language() == QLocale.Language.German
    this_year = value.year == (today or date.today()).year  # noqa: DTZ011 - the user's own calendar
    pattern = ("dd.MM." if this_year else "dd.MM.yyyy") if german else ("d MMM" if this_year else "d MMM yyyy")
    return QLocale().toString(_qdate(value), f"ddd {pattern}" if weekday else pattern)


def full_day(value: date | None) -> str:
    """Return a day with its year: ``12 Nov 2026`` or ``12.11.2026``."""
    if value is None:
        return DASH
    german = QLocale().language() == QLocale.Language.German
    return QLocale().toString(_qdate(value), "dd.MM.yyyy" if german else "d MMM yyyy")


def month(value: date, *, with_year: bool = True) -> str:
    """Return a month: ``November 2026``."""
    name = QLocale().standaloneMonthName(value.month)
    return f"{name} {value.year}" if with_year else name


def moment(value: datetime | None, *, today: date | None = None) -> str:
    """Return an aware instant in the computer's time zone: ``12 Nov 16:21``."""
    if value is None:
        return DASH
    local = value.astimezone()
    return f"{day(local.date(), today=today, weekday=False)} {clock(value)}"


def clock(value: datetime | None) -> str:
    """Return the time of an aware instant in the computer's time zone: ``16:21``."""
    return DASH if value is None else value.astimezone().strftime("%H:%M")


def day_range(start: date | None, end: date | None) -> str:
    """Return ``2 Jan 2026 – 18 Nov 2026``; a single day once; a dash when neither end is known."""
    if start is None and end is None:
        return DASH
    if start == end:
        return full_day(start)
    return f"{full_day(start) if start else '…'} – {full_day(end) if end else '…'}"


def size(count: int) -> str:
    """Return a number of bytes: ``1.2 MB``."""
    return QLocale().formattedDataSize(count, 1, QLocale.DataSizeFormat.DataSizeTraditionalFormat)


def seconds(value: float) -> str:
    """Return a duration: ``1.2 s``, ``3 min 20 s``."""
    if value < 60:  # noqa: PLR2004 - a minute
        return f"{_grouped(f'{value:.1f}')} s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest} s"


def _sign(value: Decimal, *, signed: bool) -> str:
    sign = sign_of(value)
    return MINUS if sign < 0 else "+" if signed and sign > 0 else ""


def _grouped(digits: str) -> str:
    """Put the locale's separators into plain digits such as ``1234.50``."""
    locale = QLocale()
    whole, _, fraction = digits.partition(".")
    groups = [whole[max(0, end - 3) : end] for end in range(len(whole), 0, -3)][::-1]
    text = locale.groupSeparator().join(groups)
    return f"{text}{locale.decimalPoint()}{fraction}" if fraction else text


def _qdate(value: date) -> QDate:
    return QDate(value.year, value.month, value.day)
