"""The demo broker: three accounts and three years of history, the same for the same day and seed.

The history begins with the year two or three years before ``as_of`` and is told forward, day by day, without looking ahead:
the history as of the next day begins with all the rows of this one and adds to them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Protocol

from ibjournal.demo import statements
from ibjournal.demo.back_office import BackOffice
from ibjournal.demo.business_days import next_report_day, previous_report_day, report_days
from ibjournal.demo.depots import DEMO_DEPOTS, INCOME, LONG_TERM, RETIREMENT, DemoDepot
from ibjournal.demo.desk import Desk
from ibjournal.demo.income import Income
from ibjournal.demo.investors import LongTerm, Retirement
from ibjournal.demo.ledger import DayClose, Holding
from ibjournal.demo.lot_book import ClosedLot
from ibjournal.demo.market import Market
from ibjournal.demo.quotes import Quotes

DEFAULT_AS_OF = date(2026, 11, 19)
DEFAULT_SEED = 14
_SECOND_HALF = 7


class Script(Protocol):
    """What the owner of an account does."""

    def trade_day(self) -> None:
        """Trade for one day."""


_SCRIPTS: Mapping[str, tuple[Callable[[Desk, BackOffice], Script], Decimal]] = {
    INCOME.account: (Income, Decimal("3.50")),
    LONG_TERM.account: (LongTerm, Decimal(0)),
    RETIREMENT.account: (Retirement, Decimal("1.50")),
}
"""Account -> its script and its monthly fee in dollars."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BooksOfAccount:
    """The witness of one account, through the last report day before ``as_of`` unless a figure says otherwise.

    Attributes:
        account: IBKR's account number.
        currency: base currency.
        realized: IBKR's ``fifoPnlRealized`` of every execution by transaction id, in the contract's currency, zero for openings.
        holdings: open positions with quantity, cost and mark at the close.
        cash: cash by currency.
        nav: net asset value by report day, in base.
        closes: the whole picture of every report day.
        closed_lots: which piece of which opening fill a closing fill closed, first in first out, in the order of booking.
    """

    account: str
    currency: str
    realized: Mapping[str, Decimal]
    holdings: tuple[Holding, ...]
    cash: Mapping[str, Decimal]
    nav: Mapping[date, Decimal]
    closes: tuple[DayClose, ...]
    closed_lots: tuple[ClosedLot, ...]


@dataclass(frozen=True, slots=True)
class Broker:
    """A finished history. Its desks are not to be changed."""

    as_of: date
    seed: int
    first_day: date
    last_day: date
    """The last report day that Activity tells of."""
    market: Quotes
    desks: Mapping[str, Desk]

    def books(self, account: str) -> BooksOfAccount:
        """Return an account's own books as of ``last_day``."""
        desk = self.desks[account]
        closes = tuple(close for close in desk.books.closes if close.day <= self.last_day)
        published = {fill.order.transaction_id for fill in desk.fills if fill.order.report_date <= self.last_day}
        return BooksOfAccount(
            account=account,
            currency=desk.base,
            realized={key: amount for key, amount in desk.books.realized.items() if key in published},
            holdings=closes[-1].holdings,
            cash=closes[-1].cash,
            nav={close.day: close.net_asset_value for close in closes},
            closes=closes,
            closed_lots=tuple(lot for lot in desk.books.closed_lots if lot.closing in published),
        )

    def activity_xml(
        self,
        accounts: Sequence[str],
        from_date: date,
        to_date: date,
        *,
        generated_at: datetime,
        orders: bool = False,
        lots: bool = False,
        position_lots: bool = False,
        funds: bool = False,
        rates: bool = False,
    ) -> bytes | None:
        """Return an Activity report for accounts, or None when nothing is published for the window.

        The window is cut to the history and to report days. The rest adds what a query adds with more sections and levels of
        detail, see `ibjournal.demo.statements.Levels`.
        """
        last = min(to_date, self.last_day)
        days = report_days(max(from_date, self.first_day), last) if from_date <= last else []
        if not days:
            return None
        levels = statements.Levels(orders=orders, lots=lots, position_lots=position_lots, funds=funds, rates=rates)
        return statements.activity_xml(
            [self.desks[account] for account in accounts], days, generated_at=generated_at, levels=levels
        )

    def confirmation_xml(self, accounts: Sequence[str], from_date: date, to_date: date, *, generated_at: datetime) -> bytes | None:
        """Return a Trade Confirmation report; without fills in the window its section is empty."""
        if from_date > self.as_of:
            return None
        return statements.confirmation_xml(
            [self.desks[account] for account in accounts], from_date, min(to_date, self.as_of), generated_at=generated_at
        )


def first_history_day(as_of: date) -> date:
    """Return the first report day of the history: of the year two years before, three in the first half of a year."""
    year = as_of.year - (2 if as_of.month >= _SECOND_HALF else 3)
    return next_report_day(date(year, 1, 1))


@lru_cache(maxsize=4)
def build(*, as_of: date = DEFAULT_AS_OF, seed: int = DEFAULT_SEED, depots: tuple[DemoDepot, ...] = DEMO_DEPOTS) -> Broker:
    """Tell the history up to and including ``as_of``; the same arguments give the same rows, byte by byte."""
    first = first_history_day(as_of)
    days = report_days(first, as_of)
    market = Market(days, seed)
    desks: dict[str, Desk] = {}
    for number, depot in enumerate(depots):
        script_type, fee = _SCRIPTS[depot.account]
        desk = desks[depot.account] = Desk(depot.account, depot.currency, market, seed=seed, number=number)
        office = BackOffice(desk, monthly_fee=fee)
        script = script_type(desk, office)
        for day in days:
            desk.start_day(day)
            office.open_day()
            script.trade_day()
            office.expire_options()
            desk.books.close_day(day)
    return Broker(as_of=as_of, seed=seed, first_day=first, last_day=previous_report_day(as_of), market=market, desks=desks)
