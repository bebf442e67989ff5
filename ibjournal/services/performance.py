"""Performance: filter to report."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from ibjournal.analytics.breakdown import Group, GroupBy
from ibjournal.analytics.figures import Figure
from ibjournal.analytics.months import MonthReturn, YearReturn
from ibjournal.analytics.performance import PerformanceInput, PerformanceReport, performance_report
from ibjournal.analytics.returns import Convention
from ibjournal.domain.depot import AccountId, DepotId
from ibjournal.domain.period import ALL_TIME, Period
from ibjournal.services.external_flows import transferred_values
from ibjournal.store.cash import list_cash
from ibjournal.store.database import Database
from ibjournal.store.depots import accounts_of, base_currencies
from ibjournal.store.equity import nav_by_day
from ibjournal.store.instruments import all_instruments
from ibjournal.store.rates import RateTable
from ibjournal.store.trades import list_trades

__all__ = [
    "Convention",
    "Figure",
    "Group",
    "GroupBy",
    "MonthReturn",
    "PerformanceReport",
    "PerformanceService",
    "YearReturn",
]


class PerformanceService:
    """Measures what the journal holds. Thread-safe: each report reads one consistent state."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def report(
        self,
        *,
        depot: DepotId | None = None,
        account: AccountId | None = None,
        period: Period = ALL_TIME,
        convention: Convention = Convention.IBKR,
        group_by: str = "symbol",
    ) -> PerformanceReport:
        """Measure the accounts of the filter over a period.

        Args:
            depot: None for all depots.
            account: None for all accounts of the depot.
            period: both ends included; measured from the last close before it.
            convention: when a day's deposits and withdrawals count.
            group_by: a word of `GroupBy`: ``symbol``, ``asset_class``, ``weekday``, ``side``, ``month``.

        Raises:
            ValueError: ``group_by`` is none of these words.
            StoreError: the database cannot be read.
        """
        by = GroupBy(group_by)
        with self._database.reading() as db:
            accounts = [each for each in accounts_of(db, depot) if account is None or each == account]
            known = base_currencies(db)
            bases = {each: known.get(each, "") for each in accounts}
            tables = [RateTable(db, each, base) for each, base in bases.items() if base]

            def rate_to_base(currency: str, day: date) -> Decimal | None:
                return next((rate for table in tables if (rate := table(currency, day)) is not None), None)

            given = PerformanceInput(
                base_currencies=bases,
                nav=nav_by_day(db, accounts),
                cash=list_cash(db, accounts),
                transfers=[
                    value for each, base in bases.items() for value in transferred_values(db, each, RateTable(db, each, base))
                ],
                trades=list_trades(db, accounts),
                instruments=all_instruments(db),
                rate_to_base=rate_to_base if len(set(filter(None, bases.values()))) == 1 else None,
            )
            return performance_report(given, period=period, convention=convention, group_by=by)
