"""The part of an account's history that one statement tells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal, localcontext

from ibjournal.demo.business_days import previous_report_day
from ibjournal.demo.desk import Desk
from ibjournal.demo.ledger import ZERO, Amounts, CashRow, DayClose, Fill
from ibjournal.demo.xml_rows import Value, account_attributes

_EXTERNAL = ("depositsWithdrawals", "assetTransfers", "internalCashTransfers", "linkingAdjustments")
"""What comes from outside the account and is no return."""


class StatementWindow:
    """One account and consecutive report days, with sums over them."""

    def __init__(self, desk: Desk, days: Sequence[date]) -> None:
        self.desk = desk
        self.days = tuple(days)
        first, last = days[0], days[-1]
        self.closes: tuple[DayClose, ...] = tuple(close for close in desk.books.closes if first <= close.day <= last)
        earlier = [close for close in desk.books.closes if close.day < first]
        self.before: DayClose | None = earlier[-1] if earlier else None
        self.day_before = self.before.day if self.before is not None else previous_report_day(first)

    @property
    def end(self) -> DayClose:
        """The close of the last day."""
        return self.closes[-1]

    def holds(self, day: date) -> bool:
        """Whether a report day lies in the window."""
        return self.days[0] <= day <= self.days[-1]

    @property
    def fills(self) -> list[Fill]:
        """The fills reported in the window."""
        return [fill for fill in self.desk.fills if self.holds(fill.order.report_date)]

    @property
    def cash_rows(self) -> list[CashRow]:
        """The cash bookings reported in the window."""
        return [booked for booked in self.desk.cash_rows if self.holds(booked.report_date)]

    def head(self) -> dict[str, Value]:
        """Return the attributes that rows begin with."""
        return account_attributes(self.desk.account)

    def pairs(self) -> Iterator[tuple[DayClose | None, DayClose]]:
        """Yield each close with the one before it."""
        before = self.before
        for close in self.closes:
            yield before, close
            before = close

    @property
    def starting_value(self) -> Decimal:
        """Net asset value at the close before the window, in base."""
        return self.before.net_asset_value if self.before is not None else ZERO

    def flow_in_base(self, name: str) -> Decimal:
        """Return the sum of one kind of flow, each day's at its rate."""
        return sum((_named(close.flows, name, close) for close in self.closes), ZERO)

    def fx_translation(self) -> Decimal:
        """Return what exchange rates did to everything held overnight, in base."""
        total = ZERO
        for before, close in self.pairs():
            if before is not None:
                for currency, amount in before.value_by_currency.items():
                    total += amount * (close.rates[currency] - before.rates[currency])
        return total

    def time_weighted_return(self) -> Decimal:
        """Return the window's return in percent, flows at the end of their day; nine decimals.

        The first day of an account has no value to begin with: its flow stands in for it.
        """
        with localcontext(prec=40):
            product = Decimal(1)
            for before, close in self.pairs():
                flow = sum((_named(close.flows, name, close) for name in _EXTERNAL), ZERO)
                value = close.net_asset_value
                base = before.net_asset_value if before is not None else ZERO
                if base:
                    product *= (value - flow) / base
                elif flow:
                    product *= value / flow
            return ((product - 1) * 100).quantize(Decimal("0.000000001"))


def _named(flows: Amounts, name: str, close: DayClose) -> Decimal:
    return sum((amount * close.rates[currency] for (kind, currency), amount in flows.items() if kind == name), ZERO)
