"""Reconciliation: our figure, IBKR's figure, the difference, and the reason with its evidence.

What is compared stands in `ibjournal.analytics.reconciliation.Check`; the parts are in the modules beside this one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from threading import Lock

from ibjournal.analytics.reconciliation import Check, CheckStatus
from ibjournal.analytics.reconciliation_explain import Question
from ibjournal.analytics.reconciliation_reasons import Reason
from ibjournal.domain.depot import AccountId
from ibjournal.domain.period import ALL_TIME, Period
from ibjournal.services.jobs import CancelToken
from ibjournal.services.reconciliation.books import Books
from ibjournal.services.reconciliation.cash import cash_checks
from ibjournal.services.reconciliation.nav import nav_checks
from ibjournal.services.reconciliation.positions import position_checks
from ibjournal.services.reconciliation.realized import realized_checks
from ibjournal.store.database import Database
from ibjournal.store.depots import accounts_of
from ibjournal.store.reported import state_of_reports

__all__ = ["Check", "CheckStatus", "ReconciliationService"]

CHECKS = (
    "realized", "realized_instrument", "realized_total", "positions", "cost", "cash", "cash_walk", "nav_walk", "nav_day", "twr",
    "dividends", "withholding_tax", "interest", "fees", "commissions",
)  # fmt: skip
"""Every kind of check."""
_INCOME = CHECKS[-5:]
_PARTS: tuple[Callable[[Books], Iterator[Check]], ...] = (realized_checks, position_checks, cash_checks, nav_checks)


def _all_checks(books: Books) -> Iterator[Check]:
    seen: set[str] = set()
    for part in _PARTS:
        for check in part(books):
            seen.add(check.check)
            yield check
    for name in _INCOME:
        if name not in seen:
            question = Question(account=books.account, check=name, period=books.range)
            yield question.not_in_report(Reason.SECTION_MISSING, sections=("ChangeInNAV", "CashReport"))


def _nothing_told(books: Books) -> Iterator[Check]:
    for name in CHECKS:
        yield Question(account=books.account, check=name, period=books.range).not_in_report(Reason.NO_ACTIVITY)


class ReconciliationService:
    """Compares. Thread-safe. What was compared is kept until a report comes or the user says something new of a position."""

    def __init__(self, *, database: Database) -> None:
        self._database = database
        self._lock = Lock()
        self._state: object = None
        self._made: dict[tuple[AccountId, Period], tuple[Check, ...]] = {}

    def checks(
        self, *, account: AccountId | None = None, period: Period | None = None, cancel: CancelToken | None = None
    ) -> tuple[Check, ...]:
        """Return the comparisons of one account, or of all.

        Args:
            account: None for all.
            period: fills and days inside it; a statement of a range counts where its last day is inside. None for all time.
            cancel: asked between instruments.

        Raises:
            Cancelled: somebody asked.
            StoreError: the database cannot be read.
        """
        asked = period or ALL_TIME
        with self._database.reading() as db:
            self._forget_what_is_stale(state_of_reports(db))
            found: list[Check] = []
            for each in accounts_of(db, None) if account is None else (account,):
                made = self._made.get((each, asked))
                if made is None:
                    books = Books(db, each, asked, cancel)
                    made = tuple(_all_checks(books) if books.told else _nothing_told(books))
                    with self._lock:
                        self._made[each, asked] = made
                found.extend(made)
        return tuple(found)

    def summary(self) -> dict[CheckStatus, int]:
        """Return how many checks of all accounts came to what; cheap as long as nothing new came."""
        return dict(Counter(check.status for check in self.checks()))

    def _forget_what_is_stale(self, state: object) -> None:
        with self._lock:
            if state != self._state:
                self._made.clear()
                self._state = state
