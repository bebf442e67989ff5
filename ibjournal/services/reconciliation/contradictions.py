"""Two reports of one account that tell of the same days and contradict each other: edited files, or another account's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import combinations

from ibjournal.analytics.reconciliation import HALF_A_CENT
from ibjournal.analytics.reconciliation_explain import Absorber
from ibjournal.analytics.reconciliation_reasons import Reason
from ibjournal.domain.depot import AccountId
from ibjournal.domain.provenance import RowRef
from ibjournal.store.contradictions import ToldEnd, ToldFill, ToldReport, told_ends, told_fills, told_reports
from ibjournal.store.database import Connection

_FILLS = "fills"
_BALANCES = "balances"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """Two reports by the names of their files, and the days that they tell differently; ``what``: ``fills``, ``balances``."""

    first: str
    second: str
    start: date
    end: date
    what: str
    rows: tuple[RowRef, ...]


class Contradictions:
    """Finds contradicting reports of an account; looked for when it is first asked."""

    def __init__(self, db: Connection, account: AccountId) -> None:
        self._db = db
        self._account = account

    @cached_property
    def found(self) -> tuple[Contradiction, ...]:
        """All of them."""
        reports = told_reports(self._db, self._account)
        if len({each.report for each in reports}) < 2:  # noqa: PLR2004 - it takes two
            return ()
        return (*_of_fills(reports, self._fills), *_of_balances(reports, told_ends(self._db, self._account)))

    @cached_property
    def _fills(self) -> dict[int, list[ToldFill]]:
        found: dict[int, list[ToldFill]] = defaultdict(list)
        for fill in told_fills(self._db, self._account):
            found[fill.report].append(fill)
        return dict(found)

    def absorbers(self, start: date | None, end: date | None) -> Iterator[Absorber]:
        """Yield evidence that a figure of a range of days cannot be told: two reports of those days exclude each other."""
        for each in self.found:
            if (end is None or each.start <= end) and (start is None or each.end >= start):
                values = (
                    ("first", each.first),
                    ("second", each.second),
                    ("from", each.start),
                    ("to", each.end),
                    ("what", each.what),
                )
                yield Absorber(reason=Reason.REPORTS_CONTRADICT, values=values, rows=each.rows)
                return


def _of_fills(reports: Sequence[ToldReport], fills: dict[int, list[ToldFill]]) -> Iterator[Contradiction]:
    """Yield pairs that tell of other fills on the days that both cover, and know none of each other's."""
    for one, other in combinations(reports, 2):
        if one.report == other.report or not (one.has_trades and other.has_trades):
            continue
        first, second = sorted((one, other), key=lambda each: (each.generated_at, each.report))
        mine = [each for each in fills.get(first.report, ()) if second.start <= each.day <= second.end]
        theirs = [each for each in fills.get(second.report, ()) if first.start <= each.day <= first.end]
        # what a later report tells again is seen when that was made; of two made at once, the second's own are missing in the first
        known = first.generated_at < second.generated_at and any(each.last_seen_at >= second.generated_at for each in mine)
        if mine and theirs and not known:
            yield Contradiction(
                first=first.name,
                second=second.name,
                start=max(first.start, second.start),
                end=min(first.end, second.end),
                what=_FILLS,
                rows=(min(each.row for each in mine), min(each.row for each in theirs)),
            )


def _of_balances(reports: Sequence[ToldReport], ends: Sequence[ToldEnd]) -> Iterator[Contradiction]:
    """Yield pairs that give one day's close two balances."""
    names = {each.report: each.name for each in reports}
    by_day: dict[tuple[str, str, date], list[tuple[Decimal, ToldEnd]]] = defaultdict(list)
    for each in ends:
        by_day[each.section, each.currency, each.end].append((Decimal(each.last), each))
    for each in ends:
        before = date.fromordinal(each.start.toordinal() - 1)
        place = (each.section, each.currency, before)
        if place in by_day:
            by_day[place].append((Decimal(each.first), each))
    for (_section, _currency, day), told in by_day.items():
        for (amount, one), (other_amount, other) in combinations(told, 2):
            if one.row.report != other.row.report and abs(amount - other_amount) > HALF_A_CENT:
                yield Contradiction(
                    first=names.get(one.row.report, ""),
                    second=names.get(other.row.report, ""),
                    start=min(day, one.start, other.start),
                    end=max(one.end, other.end),
                    what=_BALANCES,
                    rows=(one.row, other.row),
                )
