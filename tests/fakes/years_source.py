"""A source with some fills in each year since the account was opened, and one of today."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from tests.fakes import flex_reports as xml

AS_OF = date(2026, 9, 28)
PUBLISHED = date(2026, 9, 25)
FIRST_DAY = date(2024, 3, 1)
FILLS = (date(2026, 9, 8), date(2026, 3, 2), date(2025, 5, 6), date(2024, 9, 3), date(2024, 4, 8), date(2024, 3, 5))
"""When there was a fill: two in 2026, one in 2025, one in the second and two in the first half of 2024."""


class YearsSource:
    """Activity up to the last day that IBKR has published, and today's confirmation."""

    as_of = AS_OF

    def activity_xml(self, accounts: Sequence[str], from_date: date, to_date: date, *, generated_at: datetime) -> bytes | None:
        """Return the fills of these days; None where the account was not open."""
        days = (max(from_date, FIRST_DAY), min(to_date, PUBLISHED))
        if days[1] < days[0]:
            return None
        fills = [(number, day) for number, day in enumerate(FILLS, start=1) if days[0] <= day <= days[1]]
        rows = [xml.trade(number, **_told(accounts[0], number, day)) for number, day in fills]
        return _report("AF", rows, accounts[0], days, generated_at)

    def confirmation_xml(self, accounts: Sequence[str], from_date: date, to_date: date, *, generated_at: datetime) -> bytes | None:
        """Return the one fill of today."""
        rows = [xml.confirm(9, **_told(accounts[0], 9, AS_OF))] if from_date <= AS_OF <= to_date else []
        return _report("TCF", rows, accounts[0], (from_date, min(to_date, AS_OF)), generated_at)


def _told(account: str, number: int, day: date) -> dict[str, object]:
    text = f"{day:%Y%m%d}"
    return {"accountId": account, "dateTime": f"{text};10{number:02d}00", "tradeDate": text, "reportDate": text}


def _report(kind: str, rows: Sequence[str], account: str, days: tuple[date, date], made: datetime) -> bytes:
    section = "Trades" if kind == "AF" else "TradeConfirms"
    first, last = (f"{day:%Y%m%d}" for day in days)
    told = xml.statement(xml.section(section, *rows), account=account, days=(first, last), generated=f"{made:%Y%m%d;%H%M%S}")
    return xml.report(told, kind=kind)
